/**
 * Comparisons of lanes (spec 4.3.4): all ones where it holds, all zeros where not; no NaN compares, but for `ne`.
 */

import { Op } from '../../isa/op.gen.ts';
import type { Vectors } from './vectors.ts';

/** Operands in the slots `s` and `s + 1`, result in `s`. */
export function compare({ I8, U8, I16, U16, I32, U32, F32, F64 }: Vectors, op: number, s: number): void {
  const a = 16 * s;
  const b = 8 * s;
  const c = 4 * s;
  const d = 2 * s;
  switch (op) {
    case Op.i8x16_eq:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] === I8[k + 16] ? -1 : 0;
      return;
    case Op.i8x16_ne:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] !== I8[k + 16] ? -1 : 0;
      return;
    case Op.i8x16_lt_s:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] < I8[k + 16] ? -1 : 0;
      return;
    case Op.i8x16_lt_u:
      for (let k = a; k < a + 16; k++) I8[k] = U8[k] < U8[k + 16] ? -1 : 0;
      return;
    case Op.i8x16_gt_s:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] > I8[k + 16] ? -1 : 0;
      return;
    case Op.i8x16_gt_u:
      for (let k = a; k < a + 16; k++) I8[k] = U8[k] > U8[k + 16] ? -1 : 0;
      return;
    case Op.i8x16_le_s:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] <= I8[k + 16] ? -1 : 0;
      return;
    case Op.i8x16_le_u:
      for (let k = a; k < a + 16; k++) I8[k] = U8[k] <= U8[k + 16] ? -1 : 0;
      return;
    case Op.i8x16_ge_s:
      for (let k = a; k < a + 16; k++) I8[k] = I8[k] >= I8[k + 16] ? -1 : 0;
      return;
    case Op.i8x16_ge_u:
      for (let k = a; k < a + 16; k++) I8[k] = U8[k] >= U8[k + 16] ? -1 : 0;
      return;
    case Op.i16x8_eq:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] === I16[k + 8] ? -1 : 0;
      return;
    case Op.i16x8_ne:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] !== I16[k + 8] ? -1 : 0;
      return;
    case Op.i16x8_lt_s:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] < I16[k + 8] ? -1 : 0;
      return;
    case Op.i16x8_lt_u:
      for (let k = b; k < b + 8; k++) I16[k] = U16[k] < U16[k + 8] ? -1 : 0;
      return;
    case Op.i16x8_gt_s:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] > I16[k + 8] ? -1 : 0;
      return;
    case Op.i16x8_gt_u:
      for (let k = b; k < b + 8; k++) I16[k] = U16[k] > U16[k + 8] ? -1 : 0;
      return;
    case Op.i16x8_le_s:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] <= I16[k + 8] ? -1 : 0;
      return;
    case Op.i16x8_le_u:
      for (let k = b; k < b + 8; k++) I16[k] = U16[k] <= U16[k + 8] ? -1 : 0;
      return;
    case Op.i16x8_ge_s:
      for (let k = b; k < b + 8; k++) I16[k] = I16[k] >= I16[k + 8] ? -1 : 0;
      return;
    case Op.i16x8_ge_u:
      for (let k = b; k < b + 8; k++) I16[k] = U16[k] >= U16[k + 8] ? -1 : 0;
      return;
    case Op.i32x4_eq:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] === I32[k + 4] ? -1 : 0;
      return;
    case Op.i32x4_ne:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] !== I32[k + 4] ? -1 : 0;
      return;
    case Op.i32x4_lt_s:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] < I32[k + 4] ? -1 : 0;
      return;
    case Op.i32x4_lt_u:
      for (let k = c; k < c + 4; k++) I32[k] = U32[k] < U32[k + 4] ? -1 : 0;
      return;
    case Op.i32x4_gt_s:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] > I32[k + 4] ? -1 : 0;
      return;
    case Op.i32x4_gt_u:
      for (let k = c; k < c + 4; k++) I32[k] = U32[k] > U32[k + 4] ? -1 : 0;
      return;
    case Op.i32x4_le_s:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] <= I32[k + 4] ? -1 : 0;
      return;
    case Op.i32x4_le_u:
      for (let k = c; k < c + 4; k++) I32[k] = U32[k] <= U32[k + 4] ? -1 : 0;
      return;
    case Op.i32x4_ge_s:
      for (let k = c; k < c + 4; k++) I32[k] = I32[k] >= I32[k + 4] ? -1 : 0;
      return;
    case Op.i32x4_ge_u:
      for (let k = c; k < c + 4; k++) I32[k] = U32[k] >= U32[k + 4] ? -1 : 0;
      return;
    case Op.f32x4_eq:
      for (let k = c; k < c + 4; k++) I32[k] = F32[k] === F32[k + 4] ? -1 : 0;
      return;
    case Op.f32x4_ne:
      for (let k = c; k < c + 4; k++) I32[k] = F32[k] !== F32[k + 4] ? -1 : 0;
      return;
    case Op.f32x4_lt:
      for (let k = c; k < c + 4; k++) I32[k] = F32[k] < F32[k + 4] ? -1 : 0;
      return;
    case Op.f32x4_gt:
      for (let k = c; k < c + 4; k++) I32[k] = F32[k] > F32[k + 4] ? -1 : 0;
      return;
    case Op.f32x4_le:
      for (let k = c; k < c + 4; k++) I32[k] = F32[k] <= F32[k + 4] ? -1 : 0;
      return;
    case Op.f32x4_ge:
      for (let k = c; k < c + 4; k++) I32[k] = F32[k] >= F32[k + 4] ? -1 : 0;
      return;
    case Op.f64x2_eq:
      for (let k = 0; k < 2; k++) put64(I32, c + 2 * k, F64[d + k] === F64[d + 2 + k]);
      return;
    case Op.f64x2_ne:
      for (let k = 0; k < 2; k++) put64(I32, c + 2 * k, F64[d + k] !== F64[d + 2 + k]);
      return;
    case Op.f64x2_lt:
      for (let k = 0; k < 2; k++) put64(I32, c + 2 * k, F64[d + k] < F64[d + 2 + k]);
      return;
    case Op.f64x2_gt:
      for (let k = 0; k < 2; k++) put64(I32, c + 2 * k, F64[d + k] > F64[d + 2 + k]);
      return;
    case Op.f64x2_le:
      for (let k = 0; k < 2; k++) put64(I32, c + 2 * k, F64[d + k] <= F64[d + 2 + k]);
      return;
    case Op.f64x2_ge:
      for (let k = 0; k < 2; k++) put64(I32, c + 2 * k, F64[d + k] >= F64[d + 2 + k]);
      return;
    case Op.i64x2_eq:
      for (let k = c; k < c + 4; k += 2) put64(I32, k, equal64(I32, k));
      return;
    case Op.i64x2_ne:
      for (let k = c; k < c + 4; k += 2) put64(I32, k, !equal64(I32, k));
      return;
    case Op.i64x2_lt_s:
      for (let k = c; k < c + 4; k += 2) put64(I32, k, less64(I32, k, k + 4));
      return;
    case Op.i64x2_gt_s:
      for (let k = c; k < c + 4; k += 2) put64(I32, k, less64(I32, k + 4, k));
      return;
    case Op.i64x2_le_s:
      for (let k = c; k < c + 4; k += 2) put64(I32, k, !less64(I32, k + 4, k));
      return;
    case Op.i64x2_ge_s:
      for (let k = c; k < c + 4; k += 2) put64(I32, k, !less64(I32, k, k + 4));
      return;
    default:
      throw new Error(`no comparison 0x${op.toString(16)}`);
  }
}

function put64(I32: Int32Array, at: number, holds: boolean): void {
  I32[at] = I32[at + 1] = holds ? -1 : 0;
}

function equal64(I32: Int32Array, k: number): boolean {
  return I32[k] === I32[k + 4] && I32[k + 1] === I32[k + 5];
}

/** Whether the signed 64 bits at word `x` are less than those at `y`. */
function less64(I32: Int32Array, x: number, y: number): boolean {
  if (I32[x + 1] !== I32[y + 1]) return I32[x + 1] < I32[y + 1];
  return I32[x] >>> 0 < I32[y] >>> 0;
}
