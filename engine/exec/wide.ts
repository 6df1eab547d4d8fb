/**
 * Wide arithmetic (proposal wide-arithmetic): sums, differences and products of 128 bits, in place on the slots.
 *
 * A 128-bit number is two i64: four words, the lowest first. Knows no instructions but these four.
 */

const enum Sub {
  add128 = 0,
  sub128 = 1,
  mulWideS = 2,
  mulWideU = 3,
}

const TWO_32 = 0x1_0000_0000;

/** Executes the instruction with this number (add128, sub128, mul_wide_s, mul_wide_u) and returns the new sp. */
export function wide(I: Int32Array, sp: number, sub: number): number {
  switch (sub) {
    case Sub.add128:
      add(I, sp - 8, 1);
      return sp - 4;
    case Sub.sub128:
      add(I, sp - 8, -1);
      return sp - 4;
    default:
      multiply(I, sp - 4, sub === Sub.mulWideS);
      return sp;
  }
}

/** Adds the four words at `w + 4` to those at `w`, or subtracts them. */
function add(I: Int32Array, w: number, sign: 1 | -1): void {
  let carry = 0;
  for (let k = w; k < w + 4; k++) {
    const sum = (I[k] >>> 0) + sign * (I[k + 4] >>> 0) + carry;
    I[k] = sum;
    carry = Math.floor(sum / TWO_32);
  }
}

/** Multiplies the i64 at `w` and the one at `w + 2` into the four words at `w`. */
function multiply(I: Int32Array, w: number, signed: boolean): void {
  const [a0, a1, b0, b1] = [I[w], I[w + 1], I[w + 2], I[w + 3]];
  I.fill(0, w, w + 4);
  addProduct(I, w, a0, b0);
  addProduct(I, w + 1, a0, b1);
  addProduct(I, w + 1, a1, b0);
  addProduct(I, w + 2, a1, b1);
  if (!signed) return;
  // A negative factor was taken for itself plus 2^64: subtract the other factor from the high half.
  if (a1 < 0) subtractHigh(I, w, b0, b1);
  if (b1 < 0) subtractHigh(I, w, a0, a1);
}

function subtractHigh(I: Int32Array, w: number, lo: number, hi: number): void {
  const low = (I[w + 2] >>> 0) - (lo >>> 0);
  I[w + 2] = low;
  I[w + 3] = I[w + 3] - hi - (low < 0 ? 1 : 0);
}

/** Adds the 64-bit product of two words at `w`; the carry goes on to the fourth word at most, so none is lost. */
function addProduct(I: Int32Array, w: number, x: number, y: number): void {
  const xl = x & 0xffff;
  const xh = x >>> 16;
  const yl = y & 0xffff;
  const yh = y >>> 16;
  const low = xl * yl;
  const mid = xh * yl + xl * yh;
  const sum = low + (mid % 0x10000) * 0x10000;
  let carry = addWord(I, w, sum);
  carry += xh * yh + Math.floor(mid / 0x10000);
  for (let k = w + 1; carry > 0; k++) carry = addWord(I, k, carry);
}

/** Adds a number of at most 50 bits to a word and returns what is above it. */
function addWord(I: Int32Array, w: number, n: number): number {
  const sum = (I[w] >>> 0) + n;
  I[w] = sum % TWO_32;
  return Math.floor(sum / TWO_32);
}
