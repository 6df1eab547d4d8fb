/**
 * Integer lanes of one width out of those of another (spec 4.3.4): extend, narrow, products and sums of twice the
 * width.
 *
 * Results overwrite operands, so the order of the lanes matters: what reads the low half of a slot goes down, what
 * reads the high half goes up, and neither meets what it has written.
 */

import { Op } from '../../isa/op.gen.ts';
import { putProduct, putSignedProduct } from './int64x2.ts';
import type { Vectors } from './vectors.ts';

/** extend and extadd_pairwise, in place on slot `s`. */
export function widenUnary({ I8, U8, I16, U16, I32 }: Vectors, op: number, s: number): void {
  const a = 16 * s;
  const b = 8 * s;
  const c = 4 * s;
  switch (op) {
    case Op.i16x8_extend_low_i8x16_s:
      for (let k = 7; k >= 0; k--) I16[b + k] = I8[a + k];
      return;
    case Op.i16x8_extend_low_i8x16_u:
      for (let k = 7; k >= 0; k--) I16[b + k] = U8[a + k];
      return;
    case Op.i16x8_extend_high_i8x16_s:
      for (let k = 0; k < 8; k++) I16[b + k] = I8[a + 8 + k];
      return;
    case Op.i16x8_extend_high_i8x16_u:
      for (let k = 0; k < 8; k++) I16[b + k] = U8[a + 8 + k];
      return;
    case Op.i32x4_extend_low_i16x8_s:
      for (let k = 3; k >= 0; k--) I32[c + k] = I16[b + k];
      return;
    case Op.i32x4_extend_low_i16x8_u:
      for (let k = 3; k >= 0; k--) I32[c + k] = U16[b + k];
      return;
    case Op.i32x4_extend_high_i16x8_s:
      for (let k = 0; k < 4; k++) I32[c + k] = I16[b + 4 + k];
      return;
    case Op.i32x4_extend_high_i16x8_u:
      for (let k = 0; k < 4; k++) I32[c + k] = U16[b + 4 + k];
      return;
    case Op.i64x2_extend_low_i32x4_s:
    case Op.i64x2_extend_low_i32x4_u:
    case Op.i64x2_extend_high_i32x4_s:
    case Op.i64x2_extend_high_i32x4_u:
      extend64(I32, op, c);
      return;
    case Op.i16x8_extadd_pairwise_i8x16_s:
      for (let k = 0; k < 8; k++) I16[b + k] = I8[a + 2 * k] + I8[a + 2 * k + 1];
      return;
    case Op.i16x8_extadd_pairwise_i8x16_u:
      for (let k = 0; k < 8; k++) I16[b + k] = U8[a + 2 * k] + U8[a + 2 * k + 1];
      return;
    case Op.i32x4_extadd_pairwise_i16x8_s:
      for (let k = 0; k < 4; k++) I32[c + k] = I16[b + 2 * k] + I16[b + 2 * k + 1];
      return;
    case Op.i32x4_extadd_pairwise_i16x8_u:
      for (let k = 0; k < 4; k++) I32[c + k] = U16[b + 2 * k] + U16[b + 2 * k + 1];
      return;
    default:
      throw new Error(`no extension 0x${op.toString(16)}`);
  }
}

function extend64(I32: Int32Array, op: number, c: number): void {
  const low = op === Op.i64x2_extend_low_i32x4_s || op === Op.i64x2_extend_low_i32x4_u;
  const signed = op === Op.i64x2_extend_low_i32x4_s || op === Op.i64x2_extend_high_i32x4_s;
  const x = low ? I32[c] : I32[c + 2];
  const y = low ? I32[c + 1] : I32[c + 3];
  I32[c] = x;
  I32[c + 1] = signed ? x >> 31 : 0;
  I32[c + 2] = y;
  I32[c + 3] = signed ? y >> 31 : 0;
}

/** narrow, extmul and dot. Operands in the slots `s` and `s + 1`, result in `s`. */
export function widenBinary({ I8, U8, I16, U16, I32 }: Vectors, op: number, s: number): void {
  const a = 16 * s;
  const b = 8 * s;
  const c = 4 * s;
  switch (op) {
    case Op.i8x16_narrow_i16x8_s:
      for (let k = 0; k < 16; k++) I8[a + k] = clamp(I16[b + k], -0x80, 0x7f);
      return;
    case Op.i8x16_narrow_i16x8_u:
      for (let k = 0; k < 16; k++) U8[a + k] = clamp(I16[b + k], 0, 0xff);
      return;
    case Op.i16x8_narrow_i32x4_s:
      for (let k = 0; k < 8; k++) I16[b + k] = clamp(I32[c + k], -0x8000, 0x7fff);
      return;
    case Op.i16x8_narrow_i32x4_u:
      for (let k = 0; k < 8; k++) U16[b + k] = clamp(I32[c + k], 0, 0xffff);
      return;
    case Op.i16x8_extmul_low_i8x16_s:
      for (let k = 7; k >= 0; k--) I16[b + k] = I8[a + k] * I8[a + 16 + k];
      return;
    case Op.i16x8_extmul_low_i8x16_u:
      for (let k = 7; k >= 0; k--) I16[b + k] = U8[a + k] * U8[a + 16 + k];
      return;
    case Op.i16x8_extmul_high_i8x16_s:
      for (let k = 0; k < 8; k++) I16[b + k] = I8[a + 8 + k] * I8[a + 24 + k];
      return;
    case Op.i16x8_extmul_high_i8x16_u:
      for (let k = 0; k < 8; k++) I16[b + k] = U8[a + 8 + k] * U8[a + 24 + k];
      return;
    case Op.i32x4_extmul_low_i16x8_s:
      for (let k = 3; k >= 0; k--) I32[c + k] = I16[b + k] * I16[b + 8 + k];
      return;
    case Op.i32x4_extmul_low_i16x8_u:
      for (let k = 3; k >= 0; k--) I32[c + k] = U16[b + k] * U16[b + 8 + k];
      return;
    case Op.i32x4_extmul_high_i16x8_s:
      for (let k = 0; k < 4; k++) I32[c + k] = I16[b + 4 + k] * I16[b + 12 + k];
      return;
    case Op.i32x4_extmul_high_i16x8_u:
      for (let k = 0; k < 4; k++) I32[c + k] = U16[b + 4 + k] * U16[b + 12 + k];
      return;
    case Op.i64x2_extmul_low_i32x4_s:
      for (let k = 1; k >= 0; k--) putSignedProduct(I32, c + 2 * k, I32[c + k], I32[c + 4 + k]);
      return;
    case Op.i64x2_extmul_low_i32x4_u:
      for (let k = 1; k >= 0; k--) putProduct(I32, c + 2 * k, I32[c + k], I32[c + 4 + k]);
      return;
    case Op.i64x2_extmul_high_i32x4_s:
      for (let k = 0; k < 2; k++) putSignedProduct(I32, c + 2 * k, I32[c + 2 + k], I32[c + 6 + k]);
      return;
    case Op.i64x2_extmul_high_i32x4_u:
      for (let k = 0; k < 2; k++) putProduct(I32, c + 2 * k, I32[c + 2 + k], I32[c + 6 + k]);
      return;
    case Op.i32x4_dot_i16x8_s:
      for (let k = 0; k < 4; k++) {
        const x = b + 2 * k;
        I32[c + k] = I16[x] * I16[x + 8] + I16[x + 1] * I16[x + 9];
      }
      return;
    default:
      throw new Error(`no instruction on widths 0x${op.toString(16)}`);
  }
}

function clamp(x: number, min: number, max: number): number {
  return x < min ? min : x > max ? max : x;
}
