/**
 * Numeric operators that JavaScript does not have (spec 4.3.2, 4.3.3): i32, f32 and f64, and conversions to i32.
 *
 * Pure functions of JavaScript numbers; an i32 is a signed int32. The interpreter calls them from its loop, where
 * small ones cost nothing (V8 inlines them). They throw a `Signal` for a trap. 64-bit integers are int64.ts's.
 */

/**
 * What the loop throws for a trap: made once, without a stack. trap.ts turns it into a fault with notes.
 */
export class Signal {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export const DIVIDE_BY_ZERO = new Signal('integer divide by zero');
export const INTEGER_OVERFLOW = new Signal('integer overflow');
export const INVALID_CONVERSION = new Signal('invalid conversion to integer');

export function divS(a: number, b: number): number {
  if (b === 0) throw DIVIDE_BY_ZERO;
  if (b === -1 && a === -0x80000000) throw INTEGER_OVERFLOW;
  return (a / b) | 0;
}

export function divU(a: number, b: number): number {
  if (b === 0) throw DIVIDE_BY_ZERO;
  return ((a >>> 0) / (b >>> 0)) | 0;
}

export function remS(a: number, b: number): number {
  if (b === 0) throw DIVIDE_BY_ZERO;
  return b === -1 ? 0 : (a % b) | 0;
}

export function remU(a: number, b: number): number {
  if (b === 0) throw DIVIDE_BY_ZERO;
  return ((a >>> 0) % (b >>> 0)) | 0;
}

export function ctz(a: number): number {
  return a === 0 ? 32 : 31 - Math.clz32(a & -a);
}

export function popcnt(a: number): number {
  a -= (a >>> 1) & 0x55555555;
  a = (a & 0x33333333) + ((a >>> 2) & 0x33333333);
  return Math.imul((a + (a >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const TWO_52 = 0x10000000000000;

/**
 * Round to the nearest integer, ties to even (fnearest). Adding and taking away 2^52 makes the hardware round at the
 * units. Exact for f32 too: such a value is a double, and so is its nearest integer.
 */
export function nearest(x: number): number {
  if (x > 0) return x < TWO_52 ? x + TWO_52 - TWO_52 : x;
  if (x < 0) {
    if (x <= -TWO_52) return x;
    const r = x - TWO_52 + TWO_52;
    return r === 0 ? -0 : r;
  }
  return x;
}

/** trunc_s to 32 bits. An f32 is a double, so the same bounds serve both widths. */
export function truncS(x: number): number {
  if (x > -2147483649 && x < 2147483648) return x | 0;
  throw x === x ? INTEGER_OVERFLOW : INVALID_CONVERSION;
}

export function truncU(x: number): number {
  if (x > -1 && x < 4294967296) return (x >>> 0) | 0;
  throw x === x ? INTEGER_OVERFLOW : INVALID_CONVERSION;
}

export function truncSatS(x: number): number {
  if (x > -2147483649 && x < 2147483648) return x | 0;
  return x !== x ? 0 : x < 0 ? -0x80000000 : 0x7fffffff;
}

export function truncSatU(x: number): number {
  if (x > -1 && x < 4294967296) return (x >>> 0) | 0;
  return x > 0 ? -1 : 0;
}
