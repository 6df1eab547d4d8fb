/**
 * Who is called: call_ref, and call_indirect through a table with 64-bit indices (spec 4.6.10), out of the loop.
 *
 * Words behind the op: table address (-1: the operand is the function reference itself), type id, … (iop.ts).
 */

import type { FuncInst } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import type { Core } from './interp.ts';
import { Signal } from './numerics.ts';

export const UNDEFINED_ELEMENT = new Signal('undefined element');
export const UNINITIALIZED_ELEMENT = new Signal('uninitialized element');
export const TYPE_MISMATCH = new Signal('indirect call type mismatch');
export const NULL_FUNCTION = new Signal('null function reference');
export const NULL_EXCEPTION = new Signal('null exception reference');
export const NULL_REFERENCE = new Signal('null reference');

/** The function that the operand on top names. Throws a `Signal` where the instruction traps. */
export function calleeOnTop({ I, R, store }: Core, code: Int32Array, pc: number, sp: number): FuncInst {
  const table = code[pc + 1];
  if (table < 0) {
    const f = R[(sp - 2) >> 1] as FuncInst | null;
    if (f === null) throw NULL_FUNCTION;
    return f;
  }
  const elems = store.tableElems[table];
  const k = I[sp - 2] >>> 0;
  if (I[sp - 1] !== 0 || k >= elems.length) throw UNDEFINED_ELEMENT;
  const f = elems[k] as FuncInst | null;
  if (f === null) throw UNINITIALIZED_ELEMENT;
  if (f.typeId !== code[pc + 2]) requireSubtype(store, f, code[pc + 2]);
  return f;
}

/** An element of another type than the call's may still be of a subtype. */
export function requireSubtype({ canon }: Store, f: FuncInst, typeId: number): void {
  if (!canon.isSubId(f.typeId, typeId)) throw TYPE_MISMATCH;
}
