/**
 * 64-bit integers in two 32-bit halves (spec 4.3.2 at N = 64), in place on the slots of the interpreter.
 *
 * `I` holds the words; an i64 at word `w` has its low half at `w` and its high half at `w + 1`. A binary operator
 * has its left operand (and result) at `w`, the right one at `w + 2`. BigInt was measured 2.5 to 3 times slower, so
 * it stands only where nothing else is exact: divisions of two numbers that do not fit in a double.
 * Add, subtract, and the bitwise operators are in the loop itself.
 */

import { DIVIDE_BY_ZERO, INTEGER_OVERFLOW, INVALID_CONVERSION } from './numerics.ts';

const TWO_32 = 4294967296;
const TWO_53 = 9007199254740992;
const TWO_63 = 0x8000000000000000;
const TWO_64 = 0x10000000000000000;

/** The 64 bits at `w` as an unsigned BigInt. */
export function bigAt(I: Int32Array, w: number): bigint {
  return (BigInt(I[w + 1] >>> 0) << 32n) | BigInt(I[w] >>> 0);
}

/** Writes the low 64 bits of `bits` at `w`. */
export function putBig(I: Int32Array, w: number, bits: bigint): void {
  I[w] = Number(BigInt.asIntN(32, bits));
  I[w + 1] = Number(BigInt.asIntN(32, bits >> 32n));
}

export function mul(I: Int32Array, w: number): void {
  const x = I[w];
  const y = I[w + 2];
  const xl = x & 0xffff;
  const xh = x >>> 16;
  const yl = y & 0xffff;
  const yh = y >>> 16;
  const p0 = Math.imul(xl, yl);
  const p1 = Math.imul(xl, yh);
  const p2 = Math.imul(xh, yl);
  const mid = (p0 >>> 16) + (p1 & 0xffff) + (p2 & 0xffff);
  I[w + 1] =
    (Math.imul(xh, yh) +
      (p1 >>> 16) +
      (p2 >>> 16) +
      (mid >>> 16) +
      Math.imul(x, I[w + 3]) +
      Math.imul(I[w + 1], y)) |
    0;
  I[w] = (p0 & 0xffff) | (mid << 16);
}

export function shl(I: Int32Array, w: number): void {
  const k = I[w + 2] & 63;
  const lo = I[w];
  if (k >= 32) {
    I[w + 1] = lo << (k - 32);
    I[w] = 0;
  } else if (k > 0) {
    I[w + 1] = (I[w + 1] << k) | (lo >>> (32 - k));
    I[w] = lo << k;
  }
}

export function shrS(I: Int32Array, w: number): void {
  const k = I[w + 2] & 63;
  const hi = I[w + 1];
  if (k >= 32) {
    I[w] = hi >> (k - 32);
    I[w + 1] = hi >> 31;
  } else if (k > 0) {
    I[w] = (I[w] >>> k) | (hi << (32 - k));
    I[w + 1] = hi >> k;
  }
}

export function shrU(I: Int32Array, w: number): void {
  const k = I[w + 2] & 63;
  const hi = I[w + 1];
  if (k >= 32) {
    I[w] = hi >>> (k - 32);
    I[w + 1] = 0;
  } else if (k > 0) {
    I[w] = (I[w] >>> k) | (hi << (32 - k));
    I[w + 1] = hi >>> k;
  }
}

/** Rotates left by `count`; a rotation to the right by n is one to the left by -n. */
export function rotl(I: Int32Array, w: number, count: number): void {
  let lo = I[w];
  let hi = I[w + 1];
  if (count & 32) {
    const t = lo;
    lo = hi;
    hi = t;
  }
  const k = count & 31;
  I[w] = k === 0 ? lo : (lo << k) | (hi >>> (32 - k));
  I[w + 1] = k === 0 ? hi : (hi << k) | (lo >>> (32 - k));
}

export function divU(I: Int32Array, w: number): void {
  const b = (I[w + 3] >>> 0) * TWO_32 + (I[w + 2] >>> 0);
  if (b === 0) throw DIVIDE_BY_ZERO;
  const hi = I[w + 1] >>> 0;
  const a = hi * TWO_32 + (I[w] >>> 0);
  if (a < TWO_53 && b < TWO_53) {
    // The quotient of two integers below 2^53 never rounds up to the next integer.
    putUnsigned(I, w, Math.floor(a / b));
  } else if (b < 0x200000) {
    // Schoolbook: what is left of the high half, times 2^32, still fits in 53 bits.
    I[w] = Math.floor(((hi % b) * TWO_32 + (I[w] >>> 0)) / b) | 0;
    I[w + 1] = (hi / b) | 0;
  } else {
    putBig(I, w, bigAt(I, w) / bigAt(I, w + 2));
  }
}

export function remU(I: Int32Array, w: number): void {
  const b = (I[w + 3] >>> 0) * TWO_32 + (I[w + 2] >>> 0);
  if (b === 0) throw DIVIDE_BY_ZERO;
  const hi = I[w + 1] >>> 0;
  const a = hi * TWO_32 + (I[w] >>> 0);
  if (a < TWO_53 && b < TWO_53) {
    putUnsigned(I, w, a - Math.floor(a / b) * b);
  } else if (b < 0x200000) {
    putUnsigned(I, w, ((hi % b) * TWO_32 + (I[w] >>> 0)) % b);
  } else {
    putBig(I, w, bigAt(I, w) % bigAt(I, w + 2));
  }
}

export function divS(I: Int32Array, w: number): void {
  const a = I[w + 1] * TWO_32 + (I[w] >>> 0);
  const b = I[w + 3] * TWO_32 + (I[w + 2] >>> 0);
  if (b === 0) throw DIVIDE_BY_ZERO;
  if (a > -TWO_53 && a < TWO_53 && b > -TWO_53 && b < TWO_53) {
    putSigned(I, w, Math.trunc(a / b));
    return;
  }
  if (b === -1 && a === -TWO_63 && I[w] === 0) throw INTEGER_OVERFLOW;
  putBig(I, w, BigInt.asIntN(64, bigAt(I, w)) / BigInt.asIntN(64, bigAt(I, w + 2)));
}

export function remS(I: Int32Array, w: number): void {
  const a = I[w + 1] * TWO_32 + (I[w] >>> 0);
  const b = I[w + 3] * TWO_32 + (I[w + 2] >>> 0);
  if (b === 0) throw DIVIDE_BY_ZERO;
  if (a > -TWO_53 && a < TWO_53 && b > -TWO_53 && b < TWO_53) {
    putSigned(I, w, a - Math.trunc(a / b) * b);
    return;
  }
  putBig(I, w, BigInt.asIntN(64, bigAt(I, w)) % BigInt.asIntN(64, bigAt(I, w + 2)));
}

export function convertS(I: Int32Array, w: number): number {
  return I[w + 1] * TWO_32 + (I[w] >>> 0);
}

export function convertU(I: Int32Array, w: number): number {
  return (I[w + 1] >>> 0) * TWO_32 + (I[w] >>> 0);
}

/**
 * A double that rounds to the f32 that the i64 rounds to. Rounding twice would be wrong: where 53 bits are too few,
 * the low 12 bits are first rounded to odd, which keeps them on their side of every f32 midpoint.
 */
export function convertF32S(I: Int32Array, w: number): number {
  const hi = I[w + 1];
  return hi >= -0x200000 && hi < 0x200000 ? convertS(I, w) : hi * TWO_32 + roundToOdd(I[w]);
}

export function convertF32U(I: Int32Array, w: number): number {
  const hi = I[w + 1] >>> 0;
  return hi < 0x200000 ? convertU(I, w) : hi * TWO_32 + roundToOdd(I[w]);
}

function roundToOdd(lo: number): number {
  const low = lo & 0x7ff;
  return (low === 0 ? lo : (lo & ~0x7ff) | 0x800) >>> 0;
}

export function truncS(I: Int32Array, w: number, x: number): void {
  if (!(x >= -TWO_63 && x < TWO_63)) throw x === x ? INTEGER_OVERFLOW : INVALID_CONVERSION;
  putSigned(I, w, Math.trunc(x));
}

export function truncU(I: Int32Array, w: number, x: number): void {
  if (!(x > -1 && x < TWO_64)) throw x === x ? INTEGER_OVERFLOW : INVALID_CONVERSION;
  putUnsigned(I, w, Math.trunc(x));
}

export function truncSatS(I: Int32Array, w: number, x: number): void {
  if (x >= -TWO_63 && x < TWO_63) putSigned(I, w, Math.trunc(x));
  else putWords(I, w, x > 0 ? -1 : 0, x > 0 ? 0x7fffffff : x < 0 ? -0x80000000 : 0);
}

export function truncSatU(I: Int32Array, w: number, x: number): void {
  if (x > -1 && x < TWO_64) putUnsigned(I, w, Math.trunc(x));
  else putWords(I, w, x > 0 ? -1 : 0, x > 0 ? -1 : 0);
}

export function putWords(I: Int32Array, w: number, lo: number, hi: number): void {
  I[w] = lo;
  I[w + 1] = hi;
}

/** Writes a whole number in [-2^63, 2^63). */
function putSigned(I: Int32Array, w: number, x: number): void {
  const hi = Math.floor(x / TWO_32);
  I[w] = (x - hi * TWO_32) | 0;
  I[w + 1] = hi;
}

/** Writes a whole number in [0, 2^64). */
function putUnsigned(I: Int32Array, w: number, x: number): void {
  const hi = Math.floor(x / TWO_32);
  I[w] = (x - hi * TWO_32) | 0;
  I[w + 1] = hi | 0;
}
