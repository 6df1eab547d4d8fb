/**
 * Seeded randomness for the fuzzers: the same seed gives the same modules, inputs and damage on every machine. Knows
 * which numbers are worth trying; knows no modules.
 */

export interface Random {
  /** A whole number below `n`, which is at least 1. */
  below(n: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** An i32 that is worth trying, signed. */
  int32(): number;
  /** An i64 that is worth trying, signed. */
  int64(): bigint;
  /** Bits of a vector as four words. */
  words(): number[];
}

const EDGES_32 = [0, 1, 2, 3, 7, 8, 31, 32, 63, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7fffffff];

/** Mulberry32: good enough to choose, and the same everywhere. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (x ^ (x >>> 14)) >>> 0;
  };
  const below = (n: number) => Math.floor((next() / 2 ** 32) * n);
  const int32 = () => {
    const kind = below(8);
    if (kind === 0) return next() | 0;
    if (kind === 1) return ((1 << below(32)) + below(3) - 1) | 0;
    if (kind === 2) return ~EDGES_32[below(EDGES_32.length)];
    if (kind < 5) return EDGES_32[below(EDGES_32.length)];
    return below(64) - 8;
  };
  const int64 = () => {
    const kind = below(6);
    if (kind === 0) return BigInt.asIntN(64, (BigInt(next()) << 32n) | BigInt(next()));
    if (kind === 1) return BigInt.asIntN(64, (1n << BigInt(below(64))) + BigInt(below(3) - 1));
    if (kind === 2) return BigInt(int32()) << 32n;
    return BigInt(int32());
  };
  return {
    below,
    chance: (probability) => next() < probability * 2 ** 32,
    pick: (from) => from[below(from.length)],
    int32,
    int64,
    words: () => (below(3) === 0 ? Array.from({ length: 4 }, next) : Array.from({ length: 4 }, int32)),
  };
}
