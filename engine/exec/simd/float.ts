/**
 * Arithmetic on float lanes (spec 4.3.4 over 4.3.3).
 *
 * A NaN that comes out of arithmetic is the positive canonical one, as in the loop (interp.ts says why). abs, neg,
 * pmin and pmax are no arithmetic: they keep or flip bits. An f32 result is a double's, rounded once: for these
 * operators that is the result that the spec wants (53 bits are more than twice 24 and two).
 */

import { Op } from '../../isa/op.gen.ts';
import { nearest } from '../numerics.ts';
import { canonical32, canonical64, type Vectors } from './vectors.ts';

/** In place on slot `s`. */
export function floatUnary(v: Vectors, op: number, s: number): void {
  const { I32, F32, F64 } = v;
  const c = 4 * s;
  const d = 2 * s;
  switch (op) {
    case Op.f32x4_abs:
      for (let k = c; k < c + 4; k++) I32[k] &= 0x7fffffff;
      return;
    case Op.f32x4_neg:
      for (let k = c; k < c + 4; k++) I32[k] ^= -0x80000000;
      return;
    case Op.f64x2_abs:
      for (let k = c + 1; k < c + 4; k += 2) I32[k] &= 0x7fffffff;
      return;
    case Op.f64x2_neg:
      for (let k = c + 1; k < c + 4; k += 2) I32[k] ^= -0x80000000;
      return;
    case Op.f32x4_sqrt:
      for (let k = c; k < c + 4; k++) F32[k] = Math.sqrt(F32[k]);
      break;
    case Op.f32x4_ceil:
      for (let k = c; k < c + 4; k++) F32[k] = Math.ceil(F32[k]);
      break;
    case Op.f32x4_floor:
      for (let k = c; k < c + 4; k++) F32[k] = Math.floor(F32[k]);
      break;
    case Op.f32x4_trunc:
      for (let k = c; k < c + 4; k++) F32[k] = Math.trunc(F32[k]);
      break;
    case Op.f32x4_nearest:
      for (let k = c; k < c + 4; k++) F32[k] = nearest(F32[k]);
      break;
    case Op.f64x2_sqrt:
      for (let k = d; k < d + 2; k++) F64[k] = Math.sqrt(F64[k]);
      break;
    case Op.f64x2_ceil:
      for (let k = d; k < d + 2; k++) F64[k] = Math.ceil(F64[k]);
      break;
    case Op.f64x2_floor:
      for (let k = d; k < d + 2; k++) F64[k] = Math.floor(F64[k]);
      break;
    case Op.f64x2_trunc:
      for (let k = d; k < d + 2; k++) F64[k] = Math.trunc(F64[k]);
      break;
    case Op.f64x2_nearest:
      for (let k = d; k < d + 2; k++) F64[k] = nearest(F64[k]);
      break;
    default:
      throw new Error(`no float instruction 0x${op.toString(16)}`);
  }
  settle(v, isWide(op), s);
}

/** Operands in the slots `s` and `s + 1`, result in `s`. */
export function floatBinary(v: Vectors, op: number, s: number): void {
  const { I32, F32, F64 } = v;
  const c = 4 * s;
  const d = 2 * s;
  switch (op) {
    case Op.f32x4_pmin:
      for (let k = c; k < c + 4; k++) if (F32[k + 4] < F32[k]) I32[k] = I32[k + 4];
      return;
    case Op.f32x4_pmax:
      for (let k = c; k < c + 4; k++) if (F32[k] < F32[k + 4]) I32[k] = I32[k + 4];
      return;
    case Op.f64x2_pmin:
      for (let k = d; k < d + 2; k++) if (F64[k + 2] < F64[k]) F64[k] = F64[k + 2];
      return;
    case Op.f64x2_pmax:
      for (let k = d; k < d + 2; k++) if (F64[k] < F64[k + 2]) F64[k] = F64[k + 2];
      return;
    case Op.f32x4_add:
      for (let k = c; k < c + 4; k++) F32[k] += F32[k + 4];
      break;
    case Op.f32x4_sub:
      for (let k = c; k < c + 4; k++) F32[k] -= F32[k + 4];
      break;
    case Op.f32x4_mul:
      for (let k = c; k < c + 4; k++) F32[k] *= F32[k + 4];
      break;
    case Op.f32x4_div:
      for (let k = c; k < c + 4; k++) F32[k] /= F32[k + 4];
      break;
    case Op.f32x4_min:
      for (let k = c; k < c + 4; k++) F32[k] = Math.min(F32[k], F32[k + 4]);
      break;
    case Op.f32x4_max:
      for (let k = c; k < c + 4; k++) F32[k] = Math.max(F32[k], F32[k + 4]);
      break;
    case Op.f64x2_add:
      for (let k = d; k < d + 2; k++) F64[k] += F64[k + 2];
      break;
    case Op.f64x2_sub:
      for (let k = d; k < d + 2; k++) F64[k] -= F64[k + 2];
      break;
    case Op.f64x2_mul:
      for (let k = d; k < d + 2; k++) F64[k] *= F64[k + 2];
      break;
    case Op.f64x2_div:
      for (let k = d; k < d + 2; k++) F64[k] /= F64[k + 2];
      break;
    case Op.f64x2_min:
      for (let k = d; k < d + 2; k++) F64[k] = Math.min(F64[k], F64[k + 2]);
      break;
    case Op.f64x2_max:
      for (let k = d; k < d + 2; k++) F64[k] = Math.max(F64[k], F64[k + 2]);
      break;
    default:
      throw new Error(`no float instruction 0x${op.toString(16)}`);
  }
  settle(v, isWide(op), s);
}

/** The f64x2 instructions among those above. */
function isWide(op: number): boolean {
  switch (op) {
    case Op.f64x2_ceil:
    case Op.f64x2_floor:
    case Op.f64x2_trunc:
    case Op.f64x2_nearest:
      return true;
    default:
      return op >= Op.f64x2_abs;
  }
}

/** Makes the NaNs of slot `s` canonical. */
function settle(v: Vectors, wide: boolean, s: number): void {
  if (wide) for (let k = 2 * s; k < 2 * s + 2; k++) canonical64(v, k);
  else for (let k = 4 * s; k < 4 * s + 4; k++) canonical32(v, k);
}
