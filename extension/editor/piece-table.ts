/**
 * The bytes of a document as a list of pieces: parts of the file as it was read, and parts that came later.
 *
 * Replacing a range moves no bytes and copies none, so a change in the middle of a large file costs the same as in a
 * small one. Knows no files and no meaning.
 */

interface Piece {
  readonly bytes: Uint8Array;
  /** Where it begins in the document. */
  readonly start: number;
}

/** Beyond this many pieces, all of them are copied into one. */
const MOST_PIECES = 1000;

export class PieceTable {
  #pieces: readonly Piece[];
  #length: number;

  /** `bytes` must not change any more. */
  constructor(bytes: Uint8Array) {
    this.#pieces = placed([bytes]);
    this.#length = bytes.length;
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes of `[start, end)`, fewer at the end of the document. Not a copy where one piece has them all. */
  read(start: number, end: number): Uint8Array {
    const from = Math.min(Math.max(start, 0), this.#length);
    const to = Math.min(Math.max(end, from), this.#length);
    const parts = this.#parts(from, to);
    return parts.length === 1 ? parts[0] : joined(parts, to - from);
  }

  /** Puts `bytes` in place of `[start, end)`. Throws a RangeError if there is no such range. */
  replace(start: number, end: number, bytes: Uint8Array): void {
    if (!(start >= 0 && start <= end && end <= this.#length)) {
      throw new RangeError(`no range of ${this.#length} bytes: ${start} to ${end}`);
    }
    const parts = [...this.#parts(0, start), bytes, ...this.#parts(end, this.#length)];
    this.#length += bytes.length - (end - start);
    this.#pieces = placed(this.#isWasteful(parts) ? [joined(parts, this.#length)] : parts);
  }

  #parts(start: number, end: number): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let i = this.#indexAt(start); i < this.#pieces.length; i++) {
      const piece = this.#pieces[i];
      if (piece.start >= end) break;
      parts.push(piece.bytes.subarray(Math.max(0, start - piece.start), end - piece.start));
    }
    return parts;
  }

  /** The piece that has the byte at an offset, or the first one. */
  #indexAt(offset: number): number {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#pieces[middle].start <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Many small pieces, or pieces that keep much more alive than they show. */
  #isWasteful(parts: readonly Uint8Array[]): boolean {
    if (parts.length > MOST_PIECES) return true;
    const buffers = new Set(parts.map(({ buffer }) => buffer));
    const kept = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
    return kept > 2 * this.#length + 4096;
  }
}

/** The first range in which two byte strings differ: what has to be replaced in `before` to get `after`. */
export function changedRange(
  before: Uint8Array,
  after: Uint8Array,
): { readonly start: number; readonly end: number; readonly inserted: Uint8Array } | undefined {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  if (start === before.length && start === after.length) return undefined;
  let same = 0;
  const most = shorter - start;
  while (same < most && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { start, end: before.length - same, inserted: after.subarray(start, after.length - same) };
}

function placed(parts: readonly Uint8Array[]): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (const bytes of parts) {
    if (bytes.length > 0) pieces.push({ bytes, start });
    start += bytes.length;
  }
  return pieces;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
