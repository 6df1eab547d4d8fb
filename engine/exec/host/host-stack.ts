/**
 * How much of the host's stack is left. The host says it only by a RangeError, which in the middle of our code, or thrown
 * through compiled code, would leave a state behind that is nobody's; so it is asked for beforehand, where it does no harm.
 */

/** Arguments of one call: these lie on the stack, whatever the host makes of the code. */
const FILLER = new Array(8192).fill(0);
const BLOCK = 8 * FILLER.length;

/**
 * Room that one activation of compiled code gets at most, in words: frames on the host's stack. It is halved until the stack
 * has what that may take there.
 */
const MOST_ROOM = 60_000;
/** Bytes of the host's stack that a word of room takes at most, and what else is to be left there. */
const WORD_BYTES = 10;
const SPARE_BYTES = 100_000;

let left = 0;

/** How much room compiled code has, by how many host functions that have called in are below it on the host's stack. */
export class HostRooms {
  readonly #least: number;
  readonly #rooms: number[] = [];

  /** Less than `least` is of no use. */
  constructor(least: number) {
    this.#least = least;
  }

  /** In words. Measured once for each `nested`. */
  at(nested: number): number {
    let room = this.#rooms[nested];
    if (room === undefined) {
      room = MOST_ROOM;
      while (room >= this.#least && !hasHostStack(room * WORD_BYTES + SPARE_BYTES)) room >>= 1;
      this.#rooms[nested] = room;
    }
    return room;
  }

  /** It was too much after all. */
  shrink(): void {
    this.#rooms.forEach((room, nested) => {
      this.#rooms[nested] = room >> 1;
    });
  }
}

/** True if so many bytes are left. Costs microseconds: 16 for 64 KB (Node 24). */
export function hasHostStack(bytes: number): boolean {
  left = Math.ceil(bytes / BLOCK);
  try {
    reach.apply(undefined, FILLER as []);
    return true;
  } catch {
    return false;
  }
}

function reach(): void {
  if (--left > 0) reach.apply(undefined, FILLER as []);
}
