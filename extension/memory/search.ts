/**
 * Looking for bytes in a memory of a debug session: piece by piece, from a place on and round to it again.
 */

/** Bytes that are read at once. */
const PIECE = 1 << 20;

export interface Search {
  readonly length: number;
  /** Bytes that must be there; undefined is any. */
  readonly pattern: readonly (number | undefined)[];
  /** Where it begins. */
  readonly from: number;
  readonly read: (offset: number, count: number) => Promise<Uint8Array>;
  /** Asked between pieces. */
  readonly cancelled: () => boolean;
}

/** The first place at or behind `from`, then before it; undefined if there is none, or if it was cancelled. */
export async function find({ length, pattern, from, read, cancelled }: Search): Promise<number | undefined> {
  if (pattern.length === 0) return undefined;
  const overlap = pattern.length - 1;
  const ranges = [
    [from, length],
    [0, Math.min(from + overlap, length)],
  ];
  for (const [start, end] of ranges) {
    for (let at = start; at < end; at += PIECE) {
      if (cancelled()) return undefined;
      const bytes = await read(at, Math.min(PIECE + overlap, end - at));
      const found = indexIn(bytes, pattern);
      if (found >= 0) return at + found;
    }
  }
  return undefined;
}

function indexIn(bytes: Uint8Array, pattern: readonly (number | undefined)[]): number {
  const fixed = pattern.findIndex((byte) => byte !== undefined);
  if (fixed < 0) return bytes.length >= pattern.length ? 0 : -1;
  const wanted = pattern[fixed] as number;
  const last = bytes.length - pattern.length;
  for (
    let at = bytes.indexOf(wanted, fixed);
    at >= 0 && at - fixed <= last;
    at = bytes.indexOf(wanted, at + 1)
  ) {
    const start = at - fixed;
    if (pattern.every((byte, k) => byte === undefined || bytes[start + k] === byte)) return start;
  }
  return -1;
}
