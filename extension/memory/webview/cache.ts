/**
 * The bytes of a memory that the page knows, in pieces: as they are now, and as they were before the last change.
 *
 * A piece that may have changed keeps its bytes until the new ones are there, so that what is shown does not flicker and
 * what is different can be told.
 */

/** Bytes in one piece, which is read at once. */
const PIECE = 4096;
/** Pieces that are kept. */
const MOST_PIECES = 512;

interface Piece {
  now: Uint8Array;
  /** The bytes before; what differs is shown. */
  before: Uint8Array | undefined;
  /** The bytes may have changed since they were read. */
  stale: boolean;
  asked: boolean;
}

export class ByteCache {
  readonly #pieces = new Map<number, Piece>();
  readonly #read: (offset: number, count: number) => void;

  /** `read` asks for bytes; they come back through `put`. */
  constructor(read: (offset: number, count: number) => void) {
    this.#read = read;
  }

  /** Everything may have changed. */
  invalidate(): void {
    for (const piece of this.#pieces.values()) {
      piece.stale = true;
      piece.asked = false;
    }
  }

  /** Asks for what is missing or stale between two offsets. */
  want(from: number, to: number): void {
    for (let start = from - (from % PIECE); start < to; start += PIECE) {
      const piece = this.#pieces.get(start);
      if (piece && (!piece.stale || piece.asked)) continue;
      if (piece) piece.asked = true;
      else this.#add(start);
      this.#read(start, PIECE);
    }
  }

  put(offset: number, bytes: Uint8Array): void {
    const piece = this.#pieces.get(offset);
    if (!piece) return;
    if (piece.now.length > 0) piece.before = piece.now;
    piece.now = bytes;
    piece.stale = false;
    piece.asked = false;
  }

  /** The byte at an offset; undefined while it is not known, and behind the end. */
  at(offset: number): number | undefined {
    return this.#pieces.get(offset - (offset % PIECE))?.now[offset % PIECE];
  }

  /** True where the last change made another byte of it. */
  isChanged(offset: number): boolean {
    const piece = this.#pieces.get(offset - (offset % PIECE));
    if (!piece?.before) return false;
    const at = offset % PIECE;
    return at < piece.before.length && piece.before[at] !== piece.now[at];
  }

  #add(start: number): void {
    this.#pieces.set(start, { now: new Uint8Array(0), before: undefined, stale: true, asked: true });
    if (this.#pieces.size <= MOST_PIECES) return;
    const [oldest] = this.#pieces.keys();
    this.#pieces.delete(oldest);
  }
}
