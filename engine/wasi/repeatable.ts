/**
 * Clocks and random numbers that are the same in every run (`clock: fixed`, `random: seeded`).
 */

import type { Clocks, RandomSource, Time, Waiting } from './host.ts';

/**
 * Clocks that stand at `start` (nanoseconds since 1970) and move on only when somebody looks, by a microsecond, and
 * when somebody sleeps, at once to where they wanted to wake up.
 */
export function fixedClocks(start: Time): Clocks {
  const step = 1000n;
  let passed = 0n;
  const look = () => {
    passed += step;
    return passed;
  };
  return {
    realtime: () => start + look(),
    monotonic: look,
    processor: look,
    resolution: step,
    at(time): Waiting {
      if (time > passed) passed = time;
      return { promise: Promise.resolve(), cancel: () => {} };
    },
  };
}

/** The same numbers for the same seed (xorshift64*): good enough for programs, not for secrets. */
export function seededRandom(seed: bigint): RandomSource {
  const mask = (1n << 64n) - 1n;
  // A state of zero would stay there.
  let state = (seed ^ 0x9e37_79b9_7f4a_7c15n) & mask || 1n;
  let word = 0n;
  let left = 0;
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) {
      if (left === 0) {
        state ^= state >> 12n;
        state = (state ^ (state << 25n)) & mask;
        state ^= state >> 27n;
        word = (state * 0x2545_f491_4f6c_dd1dn) & mask;
        left = 8;
      }
      bytes[i] = Number(word & 0xffn);
      word >>= 8n;
      left--;
    }
  };
}
