/**
 * Loads and stores of vectors (spec 4.4.8), on memories of 32- and 64-bit addresses.
 *
 * A DataView's RangeError is the trap, as in the loop; a store writes its last bytes first, so that it writes all or
 * nothing. Operands stay in place when it throws.
 */

import { Op } from '../../isa/op.gen.ts';
import type { Core } from '../interp.ts';
import { copyWords } from './vectors.ts';

/** Executes the load or store at `pc` (translate.ts says its words) and returns the new sp. */
export function memory(m: Core, code: Int32Array, pc: number, sp: number): number {
  const op = code[pc + 1];
  const hasVector = takesVector(op);
  const w = hasVector ? sp - 4 : sp - 2;
  const mem = m.store.mems[code[pc + 2]];
  const ea = address(m.I, w, mem.type.is64, code[pc + 3], code[pc + 4]);
  if (!hasVector) {
    load(m, mem.view, op, ea, w >> 1);
    return sp;
  }
  if (op >= Op.v128_load8_lane && op <= Op.v128_load64_lane) {
    loadLane(m, mem.view, op, ea, w >> 1, code[pc + 5]);
    return sp - 2;
  }
  store(m, mem.view, op, ea, (w >> 1) + 1, code[pc + 5]);
  return sp - 4;
}

/** The effective address of the load or store at `pc`, in front of it. */
export function vectorAddress(
  I: Int32Array,
  sp: number,
  code: Int32Array,
  pc: number,
  is64: boolean,
): number {
  return address(I, takesVector(code[pc + 1]) ? sp - 4 : sp - 2, is64, code[pc + 3], code[pc + 4]);
}

/** Whether a vector is on top of the address. */
function takesVector(op: number): boolean {
  return op === Op.v128_store || (op >= Op.v128_load8_lane && op <= Op.v128_store64_lane);
}

/** The effective address: inexact above 2^53, where no memory is. */
function address(I: Int32Array, w: number, is64: boolean, lo: number, hi: number): number {
  const low = (I[w] >>> 0) + (lo >>> 0);
  return is64 ? low + ((I[w + 1] >>> 0) + (hi >>> 0)) * 0x1_0000_0000 : low;
}

function load({ V }: Core, view: DataView, op: number, ea: number, s: number): void {
  const { I16, I32 } = V;
  const b = 8 * s;
  const a = 4 * s;
  switch (op) {
    case Op.v128_load:
      I32[a + 3] = view.getInt32(ea + 12, true);
      I32[a + 2] = view.getInt32(ea + 8, true);
      I32[a + 1] = view.getInt32(ea + 4, true);
      I32[a] = view.getInt32(ea, true);
      return;
    case Op.v128_load8x8_s:
      for (let k = 0; k < 8; k++) I16[b + k] = view.getInt8(ea + k);
      return;
    case Op.v128_load8x8_u:
      for (let k = 0; k < 8; k++) I16[b + k] = view.getUint8(ea + k);
      return;
    case Op.v128_load16x4_s:
      for (let k = 0; k < 4; k++) I32[a + k] = view.getInt16(ea + 2 * k, true);
      return;
    case Op.v128_load16x4_u:
      for (let k = 0; k < 4; k++) I32[a + k] = view.getUint16(ea + 2 * k, true);
      return;
    case Op.v128_load32x2_s:
      for (let k = 0; k < 2; k++) {
        I32[a + 2 * k] = view.getInt32(ea + 4 * k, true);
        I32[a + 2 * k + 1] = I32[a + 2 * k] >> 31;
      }
      return;
    case Op.v128_load32x2_u:
      for (let k = 0; k < 2; k++) {
        I32[a + 2 * k] = view.getInt32(ea + 4 * k, true);
        I32[a + 2 * k + 1] = 0;
      }
      return;
    case Op.v128_load8_splat:
      I32.fill(Math.imul(view.getUint8(ea), 0x01010101), a, a + 4);
      return;
    case Op.v128_load16_splat:
      I32.fill(Math.imul(view.getUint16(ea, true), 0x00010001), a, a + 4);
      return;
    case Op.v128_load32_splat:
      I32.fill(view.getInt32(ea, true), a, a + 4);
      return;
    case Op.v128_load64_splat:
      I32[a + 1] = view.getInt32(ea + 4, true);
      I32[a] = view.getInt32(ea, true);
      I32[a + 2] = I32[a];
      I32[a + 3] = I32[a + 1];
      return;
    case Op.v128_load32_zero:
      I32[a] = view.getInt32(ea, true);
      I32.fill(0, a + 1, a + 4);
      return;
    case Op.v128_load64_zero:
      I32[a + 1] = view.getInt32(ea + 4, true);
      I32[a] = view.getInt32(ea, true);
      I32.fill(0, a + 2, a + 4);
      return;
    default:
      throw unknown(op);
  }
}

/** Slot `s` has the address, the one above it the vector; the result is in `s`. */
function loadLane({ V }: Core, view: DataView, op: number, ea: number, s: number, lane: number): void {
  const { U8, U16, I32 } = V;
  const a = 4 * s;
  copyWords(I32, a, I32, a + 4);
  switch (op) {
    case Op.v128_load8_lane:
      U8[16 * s + lane] = view.getUint8(ea);
      return;
    case Op.v128_load16_lane:
      U16[8 * s + lane] = view.getUint16(ea, true);
      return;
    case Op.v128_load32_lane:
      I32[a + lane] = view.getInt32(ea, true);
      return;
    case Op.v128_load64_lane:
      I32[a + 2 * lane + 1] = view.getInt32(ea + 4, true);
      I32[a + 2 * lane] = view.getInt32(ea, true);
      return;
    default:
      throw unknown(op);
  }
}

function store({ V }: Core, view: DataView, op: number, ea: number, s: number, lane: number): void {
  const { U8, U16, I32 } = V;
  const a = 4 * s;
  switch (op) {
    case Op.v128_store:
      for (let k = 3; k >= 0; k--) view.setInt32(ea + 4 * k, I32[a + k], true);
      return;
    case Op.v128_store8_lane:
      view.setUint8(ea, U8[16 * s + lane]);
      return;
    case Op.v128_store16_lane:
      view.setUint16(ea, U16[8 * s + lane], true);
      return;
    case Op.v128_store32_lane:
      view.setInt32(ea, I32[a + lane], true);
      return;
    case Op.v128_store64_lane:
      view.setInt32(ea + 4, I32[a + 2 * lane + 1], true);
      view.setInt32(ea, I32[a + 2 * lane], true);
      return;
    default:
      throw unknown(op);
  }
}

function unknown(op: number): Error {
  return new Error(`no vector access 0x${op.toString(16)}`);
}
