/**
 * NaNs: tier 0 makes the results of float arithmetic the positive canonical NaN, the host makes them any. So a result of
 * arithmetic is *raw* until it leaves arithmetic: where it goes into a local, a memory, a call or a vector's lane it is made
 * canonical, by a branch that is never taken unless it is a NaN (a select for vectors).
 */

import type { ByteWriter } from '../../base/writer.ts';
import { writeOp } from '../../binary/instr-write.ts';
import { Op } from '../../isa/op.gen.ts';
import { F32, F64, type ValType } from '../../isa/types.ts';

/** What may hold a NaN that is not canonical. Also the kinds of insertions that make it canonical (body.ts). */
export const enum Raw {
  none = 0,
  f32 = 1,
  f64 = 2,
  f32x4 = 3,
  f64x2 = 4,
  /** It is none, or the canonical one. */
  clean = 5,
}

/** How a value of a float type in a local can be raw. */
export function rawOf(type: ValType): Raw {
  return type === F32 ? Raw.f32 : type === F64 ? Raw.f64 : Raw.none;
}

/** How the result of an instruction is raw. */
export function rawResult(code: number): Raw {
  if (code < 0x100) {
    if (code >= Op.f32_convert_i32_s && code <= Op.f64_convert_i64_u && code !== Op.f32_demote_f64)
      return Raw.clean;
    if ((code >= Op.f32_ceil && code < Op.f32_copysign) || code === Op.f32_demote_f64) return Raw.f32;
    if ((code >= Op.f64_ceil && code < Op.f64_copysign) || code === Op.f64_promote_f32) return Raw.f64;
    return Raw.none;
  }
  return VECTORS.get(code) ?? Raw.none;
}

/** True if it makes no difference to the instruction which NaN an operand is; vectors: one that is raw as `top`. */
export function consumesRaw(code: number, top: Raw): boolean {
  if (code < 0x100) {
    switch (code) {
      case Op.f32_abs:
      case Op.f32_neg:
      case Op.f32_copysign:
      case Op.f64_abs:
      case Op.f64_neg:
      case Op.f64_copysign:
      case Op.i32_reinterpret_f32:
      case Op.i64_reinterpret_f64:
        return false;
      default:
        return true;
    }
  }
  return top !== Raw.none && COMPARISONS.get(code) === top;
}

/** True for a constant that is a NaN. */
export function isNaNBits({ code, lo, hi }: { code: number; lo: number; hi: number }): boolean {
  const high = code === Op.f32_const ? lo : hi;
  const low = code === Op.f32_const ? 0 : lo;
  const infinity = code === Op.f32_const ? 0x7f800000 : 0x7ff00000;
  const magnitude = high & 0x7fffffff;
  return magnitude > infinity || (magnitude === infinity && low !== 0);
}

const VECTORS = new Map<number, Raw>([
  [Op.f32x4_ceil, Raw.f32x4],
  [Op.f32x4_floor, Raw.f32x4],
  [Op.f32x4_trunc, Raw.f32x4],
  [Op.f32x4_nearest, Raw.f32x4],
  [Op.f32x4_sqrt, Raw.f32x4],
  [Op.f32x4_add, Raw.f32x4],
  [Op.f32x4_sub, Raw.f32x4],
  [Op.f32x4_mul, Raw.f32x4],
  [Op.f32x4_div, Raw.f32x4],
  [Op.f32x4_min, Raw.f32x4],
  [Op.f32x4_max, Raw.f32x4],
  [Op.f32x4_demote_f64x2_zero, Raw.f32x4],
  [Op.f64x2_ceil, Raw.f64x2],
  [Op.f64x2_floor, Raw.f64x2],
  [Op.f64x2_trunc, Raw.f64x2],
  [Op.f64x2_nearest, Raw.f64x2],
  [Op.f64x2_sqrt, Raw.f64x2],
  [Op.f64x2_add, Raw.f64x2],
  [Op.f64x2_sub, Raw.f64x2],
  [Op.f64x2_mul, Raw.f64x2],
  [Op.f64x2_div, Raw.f64x2],
  [Op.f64x2_min, Raw.f64x2],
  [Op.f64x2_max, Raw.f64x2],
  [Op.f64x2_promote_low_f32x4, Raw.f64x2],
]);

const COMPARISONS = new Map<number, Raw>([
  [Op.f32x4_eq, Raw.f32x4],
  [Op.f32x4_ne, Raw.f32x4],
  [Op.f32x4_lt, Raw.f32x4],
  [Op.f32x4_gt, Raw.f32x4],
  [Op.f32x4_le, Raw.f32x4],
  [Op.f32x4_ge, Raw.f32x4],
  [Op.f64x2_eq, Raw.f64x2],
  [Op.f64x2_ne, Raw.f64x2],
  [Op.f64x2_lt, Raw.f64x2],
  [Op.f64x2_gt, Raw.f64x2],
  [Op.f64x2_le, Raw.f64x2],
  [Op.f64x2_ge, Raw.f64x2],
]);

type Writer = (out: ByteWriter, local: number) => void;

/** By `Raw`: makes what is on top canonical, with a local of its type to keep it in. */
export const CANONICAL: readonly Writer[] = [
  () => {},
  (out, local) => scalar(out, local, Op.f32_ge, [Op.f32_const, 0, 0, 0xc0, 0x7f]),
  (out, local) => scalar(out, local, Op.f64_ge, [Op.f64_const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]),
  (out, local) => lanes(out, local, Op.f32x4_eq, [0, 0, 0xc0, 0x7f]),
  (out, local) => lanes(out, local, Op.f64x2_eq, [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]),
];

/** tee x; unless x ≥ x: x := the canonical NaN; get x. On x64 that is one branch, and x ≠ x would be two. */
function scalar(out: ByteWriter, local: number, atLeast: number, nan: readonly number[]): void {
  out.u8(Op.local_tee);
  out.u32(local);
  out.u8(Op.local_get);
  out.u32(local);
  out.u8(atLeast);
  out.u8(Op.i32_eqz);
  out.u8(Op.if);
  out.u8(0x40);
  out.bytes(nan);
  out.u8(Op.local_set);
  out.u32(local);
  out.u8(Op.end);
  out.u8(Op.local_get);
  out.u32(local);
}

/** bitselect of x and canonical NaNs by x = x. */
function lanes(out: ByteWriter, local: number, equal: number, nan: readonly number[]): void {
  out.u8(Op.local_tee);
  out.u32(local);
  writeOp(out, Op.v128_const);
  for (let n = 16 / nan.length; n > 0; n--) out.bytes(nan);
  out.u8(Op.local_get);
  out.u32(local);
  out.u8(Op.local_get);
  out.u32(local);
  writeOp(out, equal);
  writeOp(out, Op.v128_bitselect);
}
