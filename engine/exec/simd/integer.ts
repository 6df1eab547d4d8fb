/**
 * Arithmetic on integer lanes of 8, 16 and 32 bits (spec 4.3.4 over 4.3.2): modulo, saturating, shifts, extremes.
 *
 * Stores to the views wrap, so only what saturates says so. 64-bit lanes are int64x2.ts's.
 */

import { Op } from '../../isa/op.gen.ts';
import { popcnt } from '../numerics.ts';
import type { Vectors } from './vectors.ts';

/** abs, neg and popcnt, in place on slot `s`. */
export function integerUnary({ I8, U8, I16, I32 }: Vectors, op: number, s: number): void {
  const a = 16 * s;
  const b = 8 * s;
  const c = 4 * s;
  switch (op) {
    case Op.i8x16_abs:
      for (let k = a; k < a + 16; k++) I8[k] = Math.abs(I8[k]);
      return;
    case Op.i8x16_neg:
      for (let k = a; k < a + 16; k++) I8[k] = -I8[k];
      return;
    case Op.i16x8_abs:
      for (let k = b; k < b + 8; k++) I16[k] = Math.abs(I16[k]);
      return;
    case Op.i16x8_neg:
      for (let k = b; k < b + 8; k++) I16[k] = -I16[k];
      return;
    case Op.i32x4_abs:
      for (let k = c; k < c + 4; k++) I32[k] = Math.abs(I32[k]);
      return;
    case Op.i32x4_neg:
      for (let k = c; k < c + 4; k++) I32[k] = -I32[k];
      return;
    case Op.i8x16_popcnt:
      for (let k = a; k < a + 16; k++) I8[k] = popcnt(U8[k]);
      return;
    default:
      throw new Error(`no integer instruction 0x${op.toString(16)}`);
  }
}

/** Operands in the slots `s` and `s + 1`, result in `s`. */
export function integerBinary({ I8, U8, I16, U16, I32, U32 }: Vectors, op: number, s: number): void {
  const a = 16 * s;
  const b = 8 * s;
  const c = 4 * s;
  switch (op) {
    case Op.i8x16_add:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] + I8[k + 16];
      return;
    case Op.i8x16_sub:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] - I8[k + 16];
      return;
    case Op.i8x16_add_sat_s:
      for (let k = a; k < a + 16; k++) I8[k] = clamp(I8[k] + I8[k + 16], -0x80, 0x7f);
      return;
    case Op.i8x16_add_sat_u:
      for (let k = a; k < a + 16; k++) U8[k] = clamp(U8[k] + U8[k + 16], 0, 0xff);
      return;
    case Op.i8x16_sub_sat_s:
      for (let k = a; k < a + 16; k++) I8[k] = clamp(I8[k] - I8[k + 16], -0x80, 0x7f);
      return;
    case Op.i8x16_sub_sat_u:
      for (let k = a; k < a + 16; k++) U8[k] = clamp(U8[k] - U8[k + 16], 0, 0xff);
      return;
    case Op.i8x16_avgr_u:
      for (let k = a; k < a + 16; k++) U8[k] = (U8[k] + U8[k + 16] + 1) >> 1;
      return;
    case Op.i8x16_min_s:
      for (let k = a; k < a + 16; k++) I8[k] = Math.min(I8[k], I8[k + 16]);
      return;
    case Op.i8x16_min_u:
      for (let k = a; k < a + 16; k++) U8[k] = Math.min(U8[k], U8[k + 16]);
      return;
    case Op.i8x16_max_s:
      for (let k = a; k < a + 16; k++) I8[k] = Math.max(I8[k], I8[k + 16]);
      return;
    case Op.i8x16_max_u:
      for (let k = a; k < a + 16; k++) U8[k] = Math.max(U8[k], U8[k + 16]);
      return;
    case Op.i16x8_add:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] + I16[k + 8];
      return;
    case Op.i16x8_sub:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] - I16[k + 8];
      return;
    case Op.i16x8_mul:
      for (let k = b; k < b + 8; k++) I16[k] = Math.imul(I16[k], I16[k + 8]);
      return;
    case Op.i16x8_add_sat_s:
      for (let k = b; k < b + 8; k++) I16[k] = clamp(I16[k] + I16[k + 8], -0x8000, 0x7fff);
      return;
    case Op.i16x8_add_sat_u:
      for (let k = b; k < b + 8; k++) U16[k] = clamp(U16[k] + U16[k + 8], 0, 0xffff);
      return;
    case Op.i16x8_sub_sat_s:
      for (let k = b; k < b + 8; k++) I16[k] = clamp(I16[k] - I16[k + 8], -0x8000, 0x7fff);
      return;
    case Op.i16x8_sub_sat_u:
      for (let k = b; k < b + 8; k++) U16[k] = clamp(U16[k] - U16[k + 8], 0, 0xffff);
      return;
    case Op.i16x8_avgr_u:
      for (let k = b; k < b + 8; k++) U16[k] = (U16[k] + U16[k + 8] + 1) >> 1;
      return;
    case Op.i16x8_min_s:
      for (let k = b; k < b + 8; k++) I16[k] = Math.min(I16[k], I16[k + 8]);
      return;
    case Op.i16x8_min_u:
      for (let k = b; k < b + 8; k++) U16[k] = Math.min(U16[k], U16[k + 8]);
      return;
    case Op.i16x8_max_s:
      for (let k = b; k < b + 8; k++) I16[k] = Math.max(I16[k], I16[k + 8]);
      return;
    case Op.i16x8_max_u:
      for (let k = b; k < b + 8; k++) U16[k] = Math.max(U16[k], U16[k + 8]);
      return;
    case Op.i32x4_add:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] + I32[k + 4];
      return;
    case Op.i32x4_sub:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] - I32[k + 4];
      return;
    case Op.i32x4_mul:
      for (let k = c; k < c + 4; k++) I32[k] = Math.imul(I32[k], I32[k + 4]);
      return;
    case Op.i32x4_min_s:
      for (let k = c; k < c + 4; k++) I32[k] = Math.min(I32[k], I32[k + 4]);
      return;
    case Op.i32x4_min_u:
      for (let k = c; k < c + 4; k++) U32[k] = Math.min(U32[k], U32[k + 4]);
      return;
    case Op.i32x4_max_s:
      for (let k = c; k < c + 4; k++) I32[k] = Math.max(I32[k], I32[k + 4]);
      return;
    case Op.i32x4_max_u:
      for (let k = c; k < c + 4; k++) U32[k] = Math.max(U32[k], U32[k + 4]);
      return;
    case Op.i16x8_q15mulr_sat_s:
      for (let k = b; k < b + 8; k++) I16[k] = Math.min((I16[k] * I16[k + 8] + 0x4000) >> 15, 0x7fff);
      return;
    default:
      throw new Error(`no integer instruction 0x${op.toString(16)}`);
  }
}

/** Shifts slot `s` by `count` modulo the lanes' width. */
export function shift({ I8, U8, I16, U16, I32 }: Vectors, op: number, s: number, count: number): void {
  const a = 16 * s;
  const b = 8 * s;
  const c = 4 * s;
  switch (op) {
    case Op.i8x16_shl:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] << (count & 7);
      return;
    case Op.i8x16_shr_s:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] >> (count & 7);
      return;
    case Op.i8x16_shr_u:
      for (let k = a; k < a + 16; k++) U8[k] = U8[k] >>> (count & 7);
      return;
    case Op.i16x8_shl:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] << (count & 15);
      return;
    case Op.i16x8_shr_s:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] >> (count & 15);
      return;
    case Op.i16x8_shr_u:
      for (let k = b; k < b + 8; k++) U16[k] = U16[k] >>> (count & 15);
      return;
    case Op.i32x4_shl:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] << count;
      return;
    case Op.i32x4_shr_s:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] >> count;
      return;
    case Op.i32x4_shr_u:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] >>> count;
      return;
    default:
      throw new Error(`no shift 0x${op.toString(16)}`);
  }
}

function clamp(x: number, min: number, max: number): number {
  return x < min ? min : x > max ? max : x;
}
