/**
 * Relaxed vector instructions in the deterministic profile (spec 4.3.5, and appendix "Profiles").
 *
 * The spec lets an implementation choose, once for all, between the results that processors give; the deterministic
 * profile takes the first of every list, and so does this engine, on every host:
 *
 * | instruction | choice |
 * |---|---|
 * | relaxed_swizzle | an index of 16 or more gives 0: swizzle |
 * | relaxed_trunc… | NaN gives 0, and what is out of range saturates: trunc_sat… |
 * | relaxed_madd, relaxed_nmadd | not fused: the product is rounded, then the sum; nmadd negates the first operand |
 * | relaxed_laneselect | by bits: v128.bitselect |
 * | relaxed_min, relaxed_max | NaN and signed zeros as min and max |
 * | relaxed_q15mulr_s | -1 times -1 saturates: q15mulr_sat_s |
 * | relaxed_dot… | both operands are signed; sums of two products saturate at 16 bits |
 */

import { Op } from '../../isa/op.gen.ts';
import { canonical32, canonical64, type Vectors } from './vectors.ts';

/** Relaxed instructions that are another instruction in the deterministic profile, by wire code. */
export const DETERMINISTIC: ReadonlyMap<number, number> = new Map<number, number>([
  [Op.i8x16_relaxed_swizzle, Op.i8x16_swizzle],
  [Op.i32x4_relaxed_trunc_f32x4_s, Op.i32x4_trunc_sat_f32x4_s],
  [Op.i32x4_relaxed_trunc_f32x4_u, Op.i32x4_trunc_sat_f32x4_u],
  [Op.i32x4_relaxed_trunc_f64x2_s_zero, Op.i32x4_trunc_sat_f64x2_s_zero],
  [Op.i32x4_relaxed_trunc_f64x2_u_zero, Op.i32x4_trunc_sat_f64x2_u_zero],
  [Op.i8x16_relaxed_laneselect, Op.v128_bitselect],
  [Op.i16x8_relaxed_laneselect, Op.v128_bitselect],
  [Op.i32x4_relaxed_laneselect, Op.v128_bitselect],
  [Op.i64x2_relaxed_laneselect, Op.v128_bitselect],
  [Op.f32x4_relaxed_min, Op.f32x4_min],
  [Op.f32x4_relaxed_max, Op.f32x4_max],
  [Op.f64x2_relaxed_min, Op.f64x2_min],
  [Op.f64x2_relaxed_max, Op.f64x2_max],
  [Op.i16x8_relaxed_q15mulr_s, Op.i16x8_q15mulr_sat_s],
]);

/** The relaxed instructions of two operands that are none other. */
export function relaxedDot(v: Vectors, s: number): void {
  const { I8, I16 } = v;
  const a = 16 * s;
  for (let k = 0; k < 8; k++) I16[8 * s + k] = dot2(I8, a + 2 * k, a + 16 + 2 * k);
}

/** The relaxed instructions of three operands that are none other. */
export function relaxedTernary(v: Vectors, op: number, s: number): void {
  const { I8, I32, F32, F64 } = v;
  const a = 4 * s;
  const d = 2 * s;
  switch (op) {
    case Op.f32x4_relaxed_madd:
      for (let k = 0; k < 4; k++) {
        F32[a + k] = Math.fround(F32[a + k] * F32[a + 4 + k]) + F32[a + 8 + k];
        canonical32(v, a + k);
      }
      return;
    case Op.f32x4_relaxed_nmadd:
      for (let k = 0; k < 4; k++) {
        F32[a + k] = Math.fround(-F32[a + k] * F32[a + 4 + k]) + F32[a + 8 + k];
        canonical32(v, a + k);
      }
      return;
    case Op.f64x2_relaxed_madd:
      for (let k = 0; k < 2; k++) {
        F64[d + k] = F64[d + k] * F64[d + 2 + k] + F64[d + 4 + k];
        canonical64(v, d + k);
      }
      return;
    case Op.f64x2_relaxed_nmadd:
      for (let k = 0; k < 2; k++) {
        F64[d + k] = -F64[d + k] * F64[d + 2 + k] + F64[d + 4 + k];
        canonical64(v, d + k);
      }
      return;
    case Op.i32x4_relaxed_dot_i8x16_i7x16_add_s:
      for (let k = 0; k < 4; k++) {
        const x = 16 * s + 4 * k;
        I32[a + k] = dot2(I8, x, x + 16) + dot2(I8, x + 2, x + 18) + I32[a + 8 + k];
      }
      return;
    default:
      throw new Error(`no relaxed instruction 0x${op.toString(16)}`);
  }
}

/** The sum of two products of bytes, saturated at 16 bits: it can only be too large, by one. */
function dot2(I8: Int8Array, x: number, y: number): number {
  return Math.min(I8[x] * I8[y] + I8[x + 1] * I8[y + 1], 0x7fff);
}
