/**
 * Arithmetic on 64-bit integer lanes, in two 32-bit halves each (spec 4.3.4), without BigInt.
 *
 * A lane's low half is at word `x` of the vectors, its high half at `x + 1`; the same lane of the next slot is four
 * words further.
 */

import { Op } from '../../isa/op.gen.ts';
import type { Vectors } from './vectors.ts';

/** abs and neg, in place on slot `s`. */
export function int64Unary({ I32 }: Vectors, op: number, s: number): void {
  for (let x = 4 * s; x < 4 * s + 4; x += 2) {
    if (op === Op.i64x2_abs && I32[x + 1] >= 0) continue;
    const lo = I32[x];
    I32[x] = -lo;
    I32[x + 1] = lo === 0 ? -I32[x + 1] : ~I32[x + 1];
  }
}

/** Operands in the slots `s` and `s + 1`, result in `s`. */
export function int64Binary({ I32 }: Vectors, op: number, s: number): void {
  for (let x = 4 * s; x < 4 * s + 4; x += 2) {
    const lo = I32[x];
    const hi = I32[x + 1];
    const lo2 = I32[x + 4];
    const hi2 = I32[x + 5];
    switch (op) {
      case Op.i64x2_add:
        I32[x] = lo + lo2;
        I32[x + 1] = hi + hi2 + (I32[x] >>> 0 < lo >>> 0 ? 1 : 0);
        break;
      case Op.i64x2_sub:
        I32[x] = lo - lo2;
        I32[x + 1] = hi - hi2 - (lo >>> 0 < lo2 >>> 0 ? 1 : 0);
        break;
      case Op.i64x2_mul:
        putProduct(I32, x, lo, lo2);
        I32[x + 1] += Math.imul(lo, hi2) + Math.imul(hi, lo2);
        break;
      default:
        throw new Error(`no integer instruction 0x${op.toString(16)}`);
    }
  }
}

/** Shifts slot `s` by `count` modulo 64. */
export function int64Shift({ I32 }: Vectors, op: number, s: number, count: number): void {
  const n = count & 63;
  if (n === 0) return;
  for (let x = 4 * s; x < 4 * s + 4; x += 2) {
    const lo = I32[x];
    const hi = I32[x + 1];
    switch (op) {
      case Op.i64x2_shl:
        I32[x + 1] = n < 32 ? (hi << n) | (lo >>> (32 - n)) : lo << n;
        I32[x] = n < 32 ? lo << n : 0;
        break;
      case Op.i64x2_shr_s:
        I32[x] = n < 32 ? (lo >>> n) | (hi << (32 - n)) : hi >> n;
        I32[x + 1] = hi >> (n < 32 ? n : 31);
        break;
      default:
        I32[x] = n < 32 ? (lo >>> n) | (hi << (32 - n)) : hi >>> n;
        I32[x + 1] = n < 32 ? hi >>> n : 0;
    }
  }
}

/** Writes the 64-bit product of two unsigned 32-bit numbers. */
export function putProduct(I32: Int32Array, at: number, x: number, y: number): void {
  const xl = x & 0xffff;
  const xh = x >>> 16;
  const yl = y & 0xffff;
  const yh = y >>> 16;
  const low = Math.imul(xl, yl);
  const p = Math.imul(xl, yh);
  const q = Math.imul(xh, yl);
  const mid = (low >>> 16) + (p & 0xffff) + (q & 0xffff);
  I32[at] = (low & 0xffff) | (mid << 16);
  I32[at + 1] = Math.imul(xh, yh) + (p >>> 16) + (q >>> 16) + (mid >>> 16);
}

/** Writes the 64-bit product of two signed 32-bit numbers. */
export function putSignedProduct(I32: Int32Array, at: number, x: number, y: number): void {
  putProduct(I32, at, x, y);
  I32[at + 1] -= (x < 0 ? y : 0) + (y < 0 ? x : 0);
}
