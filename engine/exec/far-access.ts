/**
 * Loads, stores and memory.size where the interpreter's cached view does not reach (spec 4.6.5): another memory than
 * memory 0, one with 64-bit addresses, one with pages of another size.
 *
 * Words behind the op: memory address, wire code, offset low and high, 1 if addresses are 64 bits wide. An effective
 * address is a double: exact below 2^53, and above it is out of bounds however it is rounded. As in the loop, the
 * DataView's RangeError is the trap, and an access of eight bytes reads or writes its end first.
 */

import type { Core } from './interp.ts';

/** Words of the op with what is behind it. */
export const FAR_WORDS = 6;

const MEMORY_SIZE = 0x3f;
const TWO_32 = 0x1_0000_0000;

/** Executes the instruction at `pc` and returns the new sp. Operands stay in place when it throws. */
export function farAccess(m: Core, code: Int32Array, pc: number, sp: number): number {
  const { I } = m;
  const mem = m.store.mems[code[pc + 1]];
  const wire = code[pc + 2];
  const is64 = code[pc + 5] === 1;
  if (wire === MEMORY_SIZE) {
    putSize(I, sp, mem.pages, is64);
    return sp + 2;
  }
  if (wire >= 0x36) {
    storeNumber(mem.view, wire, addressAt(I, sp - 4, code, pc), I, sp - 2);
    return sp - 4;
  }
  loadNumber(mem.view, wire, addressAt(I, sp - 2, code, pc), I, sp - 2);
  return sp;
}

/** The effective address of the access at `pc` with its base at word `w`. */
export function addressAt(I: Int32Array, w: number, code: Int32Array, pc: number): number {
  return unsignedAt(I, w, code[pc + 5] === 1) + (code[pc + 4] >>> 0) * TWO_32 + (code[pc + 3] >>> 0);
}

/** The unsigned operand at word `w`: 64 bits of it (rounded above 2^53), or the low 32. */
export function unsignedAt(I: Int32Array, w: number, is64: boolean): number {
  const lo = I[w] >>> 0;
  return is64 ? (I[w + 1] >>> 0) * TWO_32 + lo : lo;
}

/** Writes a size or a count (-1 for "not possible") as an i64, or as an i32. */
export function putSize(I: Int32Array, w: number, size: number, is64: boolean): void {
  I[w] = size;
  if (is64) I[w + 1] = Math.floor(size / TWO_32);
}

/** Executes a load by its wire code, into the slot at word `w`. */
export function loadNumber(view: DataView, wire: number, ea: number, I: Int32Array, w: number): void {
  switch (wire) {
    case 0x28: // i32.load
    case 0x2a: // f32.load
      I[w] = view.getInt32(ea, true);
      return;
    case 0x29: // i64.load
    case 0x2b: // f64.load
      I[w + 1] = view.getInt32(ea + 4, true);
      I[w] = view.getInt32(ea, true);
      return;
    case 0x2c: // i32.load8_s
      I[w] = view.getInt8(ea);
      return;
    case 0x2d: // i32.load8_u
      I[w] = view.getUint8(ea);
      return;
    case 0x2e: // i32.load16_s
      I[w] = view.getInt16(ea, true);
      return;
    case 0x2f: // i32.load16_u
      I[w] = view.getUint16(ea, true);
      return;
    case 0x30: // i64.load8_s
      I[w] = view.getInt8(ea);
      I[w + 1] = I[w] >> 31;
      return;
    case 0x31: // i64.load8_u
      I[w] = view.getUint8(ea);
      I[w + 1] = 0;
      return;
    case 0x32: // i64.load16_s
      I[w] = view.getInt16(ea, true);
      I[w + 1] = I[w] >> 31;
      return;
    case 0x33: // i64.load16_u
      I[w] = view.getUint16(ea, true);
      I[w + 1] = 0;
      return;
    case 0x34: // i64.load32_s
      I[w] = view.getInt32(ea, true);
      I[w + 1] = I[w] >> 31;
      return;
    case 0x35: // i64.load32_u
      I[w] = view.getInt32(ea, true);
      I[w + 1] = 0;
      return;
  }
}

/** Executes a store by its wire code, from the slot at word `w`. */
export function storeNumber(view: DataView, wire: number, ea: number, I: Int32Array, w: number): void {
  switch (wire) {
    case 0x37: // i64.store
    case 0x39: // f64.store
      view.setInt32(ea + 4, I[w + 1], true);
      view.setInt32(ea, I[w], true);
      return;
    case 0x36: // i32.store
    case 0x38: // f32.store
    case 0x3e: // i64.store32
      view.setInt32(ea, I[w], true);
      return;
    case 0x3a: // i32.store8
    case 0x3c: // i64.store8
      view.setInt8(ea, I[w]);
      return;
    case 0x3b: // i32.store16
    case 0x3d: // i64.store16
      view.setInt16(ea, I[w], true);
      return;
  }
}
