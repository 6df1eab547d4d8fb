/**
 * Conversions between integer and float lanes, and between f32 and f64 (spec 4.3.4 over 4.3.3).
 */

import { Op } from '../../isa/op.gen.ts';
import { truncSatS, truncSatU } from '../numerics.ts';
import { canonical32, canonical64, type Vectors } from './vectors.ts';

/** In place on slot `s`. */
export function convert(v: Vectors, op: number, s: number): void {
  const { I32, U32, F32, F64 } = v;
  const c = 4 * s;
  const d = 2 * s;
  let x = 0;
  let y = 0;
  switch (op) {
    case Op.i32x4_trunc_sat_f32x4_s:
      for (let k = c; k < c + 4; k++) I32[k] = truncSatS(F32[k]);
      return;
    case Op.i32x4_trunc_sat_f32x4_u:
      for (let k = c; k < c + 4; k++) I32[k] = truncSatU(F32[k]);
      return;
    case Op.f32x4_convert_i32x4_s:
      for (let k = c; k < c + 4; k++) F32[k] = I32[k];
      return;
    case Op.f32x4_convert_i32x4_u:
      for (let k = c; k < c + 4; k++) F32[k] = U32[k];
      return;
    case Op.i32x4_trunc_sat_f64x2_s_zero:
      x = truncSatS(F64[d]);
      y = truncSatS(F64[d + 1]);
      break;
    case Op.i32x4_trunc_sat_f64x2_u_zero:
      x = truncSatU(F64[d]);
      y = truncSatU(F64[d + 1]);
      break;
    case Op.f64x2_convert_low_i32x4_s:
      x = I32[c];
      y = I32[c + 1];
      F64[d] = x;
      F64[d + 1] = y;
      return;
    case Op.f64x2_convert_low_i32x4_u:
      x = U32[c];
      y = U32[c + 1];
      F64[d] = x;
      F64[d + 1] = y;
      return;
    case Op.f64x2_promote_low_f32x4:
      x = F32[c];
      y = F32[c + 1];
      F64[d] = x;
      F64[d + 1] = y;
      canonical64(v, d);
      canonical64(v, d + 1);
      return;
    case Op.f32x4_demote_f64x2_zero:
      x = F64[d];
      y = F64[d + 1];
      F32[c] = x;
      F32[c + 1] = y;
      canonical32(v, c);
      canonical32(v, c + 1);
      I32[c + 2] = I32[c + 3] = 0;
      return;
    default:
      throw new Error(`no conversion 0x${op.toString(16)}`);
  }
  I32[c] = x;
  I32[c + 1] = y;
  I32[c + 2] = I32[c + 3] = 0;
}
