/**
 * Looking before an instruction whether it would trap. Traps of the host's code are found again by going back to a
 * snapshot (replay/rewind.ts); where there is no way back, as with garbage-collected objects, code is *checked*: an
 * instruction that would trap is left to the interpreter, which traps with all frames.
 *
 * Each of these writes a condition (an i32) over operands that are kept in locals.
 */

import type { ByteWriter } from '../../base/writer.ts';
import { Op } from '../../isa/op.gen.ts';

/** Which of the checks below an instruction of numbers needs. */
export function canTrap(code: number): 'division' | 'truncation' | undefined {
  if (code >= Op.i32_div_s && code <= Op.i32_rem_u) return 'division';
  if (code >= Op.i64_div_s && code <= Op.i64_rem_u) return 'division';
  if (code >= Op.i32_trunc_f32_s && code <= Op.i32_trunc_f64_u) return 'truncation';
  return code >= Op.i64_trunc_f32_s && code <= Op.i64_trunc_f64_u ? 'truncation' : undefined;
}

/** Division by zero, or a quotient that is too large. `a` and `b`: locals of the operands. */
export function divisionTraps(out: ByteWriter, code: number, a: number, b: number): void {
  const is64 = code >= Op.i64_div_s;
  get(out, b);
  out.u8(is64 ? Op.i64_eqz : Op.i32_eqz);
  if (code !== Op.i32_div_s && code !== Op.i64_div_s) return;
  get(out, a);
  if (is64) int64(out, -(2n ** 63n));
  else int32(out, -0x8000_0000);
  out.u8(is64 ? Op.i64_eq : Op.i32_eq);
  get(out, b);
  if (is64) int64(out, -1n);
  else int32(out, -1);
  out.u8(is64 ? Op.i64_eq : Op.i32_eq);
  out.u8(Op.i32_and);
  out.u8(Op.i32_or);
}

/** What the smallest and the largest float are that can be truncated: below or at, and above. */
const BOUNDS = new Map<number, readonly [lowest: number, inclusive: boolean, above: number]>([
  [Op.i32_trunc_f32_s, [-(2 ** 31), true, 2 ** 31]],
  [Op.i32_trunc_f32_u, [-1, false, 2 ** 32]],
  [Op.i32_trunc_f64_s, [-(2 ** 31) - 1, false, 2 ** 31]],
  [Op.i32_trunc_f64_u, [-1, false, 2 ** 32]],
  [Op.i64_trunc_f32_s, [-(2 ** 63), true, 2 ** 63]],
  [Op.i64_trunc_f32_u, [-1, false, 2 ** 64]],
  [Op.i64_trunc_f64_s, [-(2 ** 63), true, 2 ** 63]],
  [Op.i64_trunc_f64_u, [-1, false, 2 ** 64]],
]);

/** A float that no integer of that size is near to. */
export function truncationTraps(out: ByteWriter, code: number, x: number): void {
  const [lowest, inclusive, above] = BOUNDS.get(code)!;
  const is32 =
    code === Op.i32_trunc_f32_s ||
    code === Op.i32_trunc_f32_u ||
    code === Op.i64_trunc_f32_s ||
    code === Op.i64_trunc_f32_u;
  get(out, x);
  float(out, is32, lowest);
  if (is32) out.u8(inclusive ? Op.f32_ge : Op.f32_gt);
  else out.u8(inclusive ? Op.f64_ge : Op.f64_gt);
  get(out, x);
  float(out, is32, above);
  out.u8(is32 ? Op.f32_lt : Op.f64_lt);
  out.u8(Op.i32_and);
  out.u8(Op.i32_eqz);
}

/** An access of a memory. */
export interface Access {
  readonly memory: number;
  readonly is64: boolean;
  /** Local of the address. */
  readonly address: number;
  /** Its immediate offset, below 2^53. */
  readonly offset: number;
  readonly width: number;
  /** It must be aligned (atomic instructions). */
  readonly aligned: boolean;
}

/** Bytes that are not all in the memory: the address is above its size less what is read. */
export function accessTraps(
  out: ByteWriter,
  { memory, is64, address, offset, width, aligned }: Access,
): void {
  const size = () => {
    out.u8(Op.memory_size);
    out.u32(memory);
    if (!is64) out.u8(Op.i64_extend_i32_u);
    int64(out, 16n);
    out.u8(Op.i64_shl);
  };
  const end = BigInt(offset) + BigInt(width);
  size();
  int64(out, end);
  out.u8(Op.i64_lt_u);
  get(out, address);
  if (!is64) out.u8(Op.i64_extend_i32_u);
  size();
  int64(out, end);
  out.u8(Op.i64_sub);
  out.u8(Op.i64_gt_u);
  out.u8(Op.i32_or);
  if (!aligned || width === 1) return;
  get(out, address);
  if (is64) out.u8(Op.i32_wrap_i64);
  int32(out, offset | 0);
  out.u8(Op.i32_add);
  int32(out, width - 1);
  out.u8(Op.i32_and);
  out.u8(Op.i32_or);
}

function get(out: ByteWriter, local: number): void {
  out.u8(Op.local_get);
  out.u32(local);
}

function int32(out: ByteWriter, value: number): void {
  out.u8(Op.i32_const);
  out.s32(value);
}

function int64(out: ByteWriter, value: bigint): void {
  out.u8(Op.i64_const);
  out.s64(value);
}

const FLOATS = new DataView(new ArrayBuffer(8));

function float(out: ByteWriter, is32: boolean, value: number): void {
  if (is32) {
    FLOATS.setFloat32(0, value, true);
    out.u8(Op.f32_const);
    out.f32(FLOATS.getInt32(0, true));
    return;
  }
  FLOATS.setFloat64(0, value, true);
  out.u8(Op.f64_const);
  out.f64Halves(FLOATS.getInt32(0, true), FLOATS.getInt32(4, true));
}
