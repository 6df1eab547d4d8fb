/**
 * Instructions of garbage-collected values (spec 4.4.4, reference and aggregate instructions), out of the
 * interpreter's loop. runtime/heap.ts says how objects hold their fields.
 *
 * Words behind the op: GcOp, then up to three more, unused ones 0.
 *
 * | GcOp | words |
 * |---|---|
 * | StructNew, StructNewDefault, ArrayNew, ArrayNewDefault | canonical type id |
 * | StructGet (…S, …U), StructSet | first slot of the field, its `Storage` |
 * | ArrayNewFixed | canonical type id, length |
 * | ArrayNewData, ArrayNewElem | canonical type id, address of the segment |
 * | ArrayGet (…S, …U), ArraySet, ArrayFill, ArrayCopy | `Storage` of the elements |
 * | ArrayInitData, ArrayInitElem | `Storage`, address of the segment |
 * | RefTest, RefCast | canonical heap type, 1 if null is of the type |
 *
 * BrOnCast has the five words of BrMove, then the canonical heap type, 1 if null is of the type, and 1 to branch when
 * the cast fails. Operands stay in place when something is thrown.
 */

import type { HeapType } from '../isa/types.ts';
import {
  type ArrayInst,
  type ArrayLayout,
  bytesOf,
  type Elements,
  i31Of,
  isOfHeap,
  newArray,
  repeatElement,
  Storage,
  StructInst,
  type StructLayout,
  widthOf,
} from '../runtime/heap.ts';
import type { Ref } from '../runtime/values.ts';
import { OOB_MEMORY, OOB_TABLE } from './bulk.ts';
import type { Core } from './interp.ts';
import { Signal } from './numerics.ts';

export const NULL_STRUCT = new Signal('null structure reference');
export const NULL_ARRAY = new Signal('null array reference');
export const NULL_I31 = new Signal('null i31 reference');
export const OOB_ARRAY = new Signal('out of bounds array access');
export const CAST_FAILURE = new Signal('cast failure');
export const HEAP_EXHAUSTED = new Signal('heap exhausted');
export const ARRAY_TOO_LARGE = new Signal('requested new array is too large');

/** The instructions behind `IOp.Gc`: the sub-opcodes of prefix 0xfb, and ref.eq. */
export const enum GcOp {
  StructNew = 0x00,
  StructNewDefault = 0x01,
  StructGet = 0x02,
  StructGetS = 0x03,
  StructGetU = 0x04,
  StructSet = 0x05,
  ArrayNew = 0x06,
  ArrayNewDefault = 0x07,
  ArrayNewFixed = 0x08,
  ArrayNewData = 0x09,
  ArrayNewElem = 0x0a,
  ArrayGet = 0x0b,
  ArrayGetS = 0x0c,
  ArrayGetU = 0x0d,
  ArraySet = 0x0e,
  ArrayLen = 0x0f,
  ArrayFill = 0x10,
  ArrayCopy = 0x11,
  ArrayInitData = 0x12,
  ArrayInitElem = 0x13,
  RefTest = 0x14,
  RefTestNull = 0x15,
  RefCast = 0x16,
  RefCastNull = 0x17,
  // 0x18, 0x19: br_on_cast and br_on_cast_fail have an op of their own
  AnyConvertExtern = 0x1a,
  ExternConvertAny = 0x1b,
  RefI31 = 0x1c,
  I31GetS = 0x1d,
  I31GetU = 0x1e,
  RefEq = 0x1f,
}

/** Executes the instruction at `pc` and returns the new sp. */
export function gc(m: Core, code: Int32Array, pc: number, sp: number): number {
  const { I, R } = m;
  const op = code[pc + 1];
  const a = code[pc + 2];
  const b = code[pc + 3];
  switch (op) {
    case GcOp.StructNew:
      return structNew(m, m.store.layouts[a] as StructLayout, sp);
    case GcOp.StructNewDefault: {
      const type = m.store.layouts[a] as StructLayout;
      reserve(m, type.bytes);
      R[sp >> 1] = new StructInst(type, type.initial.slice());
      return sp + 2;
    }
    case GcOp.StructGet:
    case GcOp.StructGetU: {
      const struct = R[(sp - 2) >> 1] as StructInst | null;
      if (struct === null) throw NULL_STRUCT;
      push(m, sp - 2, b, struct.slots as Ref[], a);
      return sp;
    }
    case GcOp.StructGetS: {
      const struct = R[(sp - 2) >> 1] as StructInst | null;
      if (struct === null) throw NULL_STRUCT;
      I[sp - 2] = signed(b, struct.slots[a] as number);
      return sp;
    }
    case GcOp.StructSet: {
      const struct = R[(sp - 4) >> 1] as StructInst | null;
      if (struct === null) throw NULL_STRUCT;
      pop(m, sp - 2, b, struct.slots as Ref[], a);
      return sp - 4;
    }
    case GcOp.ArrayNew: {
      const made = sized(m, m.store.layouts[a] as ArrayLayout, I[sp - 2]);
      fill(m, sp - 4, made.type.field.storage, made, 0, made.length);
      R[(sp - 4) >> 1] = made;
      return sp - 2;
    }
    case GcOp.ArrayNewDefault:
      R[(sp - 2) >> 1] = sized(m, m.store.layouts[a] as ArrayLayout, I[sp - 2]);
      return sp;
    case GcOp.ArrayNewFixed: {
      const made = sized(m, m.store.layouts[a] as ArrayLayout, b);
      const { storage } = made.type.field;
      const base = sp - 2 * b;
      const width = widthOf(storage);
      for (let k = 0; k < b; k++) pop(m, base + 2 * k, storage, made.elems, k * width);
      R[base >> 1] = made;
      return base + 2;
    }
    case GcOp.ArrayGet:
    case GcOp.ArrayGetU: {
      const { elems } = element(m, sp - 4, I[sp - 2]);
      push(m, sp - 4, a, elems, (I[sp - 2] >>> 0) * widthOf(a));
      return sp - 2;
    }
    case GcOp.ArrayGetS: {
      const { elems } = element(m, sp - 4, I[sp - 2]);
      I[sp - 4] = signed(a, elems[I[sp - 2] >>> 0] as number);
      return sp - 2;
    }
    case GcOp.ArraySet: {
      const { elems } = element(m, sp - 6, I[sp - 4]);
      pop(m, sp - 2, a, elems, (I[sp - 4] >>> 0) * widthOf(a));
      return sp - 6;
    }
    case GcOp.ArrayLen: {
      const array = R[(sp - 2) >> 1] as ArrayInst | null;
      if (array === null) throw NULL_ARRAY;
      I[sp - 2] = array.length;
      return sp;
    }
    case GcOp.RefTest:
    case GcOp.RefTestNull:
      I[sp - 2] = isOfType(m, R[(sp - 2) >> 1], a, b) ? 1 : 0;
      return sp;
    case GcOp.RefCast:
    case GcOp.RefCastNull:
      if (!isOfType(m, R[(sp - 2) >> 1], a, b)) throw CAST_FAILURE;
      return sp;
    case GcOp.AnyConvertExtern:
    case GcOp.ExternConvertAny:
      // One representation for both hierarchies: the reference is what it was.
      return sp;
    case GcOp.RefI31:
      R[(sp - 2) >> 1] = i31Of(I[sp - 2]);
      return sp;
    case GcOp.I31GetS:
    case GcOp.I31GetU: {
      const i31 = R[(sp - 2) >> 1] as number | null;
      if (i31 === null) throw NULL_I31;
      I[sp - 2] = op === GcOp.I31GetS ? i31 : i31 & 0x7fff_ffff;
      return sp;
    }
    case GcOp.RefEq:
      I[sp - 4] = R[(sp - 4) >> 1] === R[(sp - 2) >> 1] ? 1 : 0;
      return sp - 2;
    default:
      return bulkArray(m, op, a, b, sp);
  }
}

/** True if the BrOnCast at `pc` branches. */
export function castBranches(m: Core, code: Int32Array, pc: number, sp: number): boolean {
  return isOfType(m, m.R[(sp - 2) >> 1], code[pc + 6], code[pc + 7]) !== (code[pc + 8] === 1);
}

function isOfType(m: Core, ref: Ref, heap: HeapType, nullable: number): boolean {
  return ref === null ? nullable === 1 : isOfHeap(m.store.canon, heap, ref);
}

/** The array instructions that work on many elements. */
function bulkArray(m: Core, op: number, a: number, b: number, sp: number): number {
  const { I, R, store } = m;
  switch (op) {
    case GcOp.ArrayNewData:
    case GcOp.ArrayNewElem: {
      const type = store.layouts[a] as ArrayLayout;
      const from = I[sp - 4] >>> 0;
      const n = I[sp - 2] >>> 0;
      if (op === GcOp.ArrayNewData) {
        requireData(store.datas[b], from, n, type.field.storage);
        const made = sized(m, type, n);
        copyData(made.elems, 0, store.datas[b], from, n, type.field.storage);
        R[(sp - 4) >> 1] = made;
      } else {
        requireElems(store.elems[b], from, n);
        const made = sized(m, type, n);
        copy(made.elems, 0, store.elems[b], from, n);
        R[(sp - 4) >> 1] = made;
      }
      return sp - 2;
    }
    case GcOp.ArrayFill:
      fill(m, sp - 4, a, range(m, sp - 8, I[sp - 6], I[sp - 2]), I[sp - 6] >>> 0, I[sp - 2] >>> 0);
      return sp - 8;
    case GcOp.ArrayCopy: {
      if (R[(sp - 10) >> 1] === null || R[(sp - 6) >> 1] === null) throw NULL_ARRAY;
      const to = range(m, sp - 10, I[sp - 8], I[sp - 2]);
      const from = range(m, sp - 6, I[sp - 4], I[sp - 2]);
      const width = widthOf(a);
      copy(
        to.elems,
        (I[sp - 8] >>> 0) * width,
        from.elems,
        (I[sp - 4] >>> 0) * width,
        (I[sp - 2] >>> 0) * width,
      );
      return sp - 10;
    }
    case GcOp.ArrayInitData:
    case GcOp.ArrayInitElem: {
      const to = I[sp - 6] >>> 0;
      const from = I[sp - 4] >>> 0;
      const n = I[sp - 2] >>> 0;
      const { elems } = range(m, sp - 8, to, n);
      if (op === GcOp.ArrayInitData) {
        requireData(store.datas[b], from, n, a);
        copyData(elems, to, store.datas[b], from, n, a);
      } else {
        requireElems(store.elems[b], from, n);
        copy(elems, to, store.elems[b], from, n);
      }
      return sp - 8;
    }
    default:
      throw new Error(`no instruction of garbage-collected values 0x${op.toString(16)}`);
  }
}

function structNew(m: Core, type: StructLayout, sp: number): number {
  const { fields } = type;
  reserve(m, type.bytes);
  const slots = type.initial.slice() as Ref[];
  const base = sp - 2 * fields.length;
  for (let i = 0; i < fields.length; i++) pop(m, base + 2 * i, fields[i].storage, slots, fields[i].at);
  m.R[base >> 1] = new StructInst(type, slots);
  return base + 2;
}

/** Copies a field onto the operand stack at word `w`; a packed one without its sign. */
function push(m: Core, w: number, storage: Storage, from: Elements, at: number): void {
  switch (storage) {
    case Storage.Ref:
      m.R[w >> 1] = from[at];
      return;
    case Storage.V128:
      for (let k = 0; k < 4; k++) m.V.I32[2 * w + k] = from[at + k] as number;
      return;
    case Storage.Pair:
      m.I[w + 1] = from[at + 1] as number;
      break;
  }
  m.I[w] = from[at] as number;
}

/** Copies the operand at word `w` into a field. */
function pop(m: Core, w: number, storage: Storage, to: Elements, at: number): void {
  const { I } = m;
  switch (storage) {
    case Storage.Ref:
      to[at] = m.R[w >> 1] as never;
      return;
    case Storage.I8:
      to[at] = I[w] & 0xff;
      return;
    case Storage.I16:
      to[at] = I[w] & 0xffff;
      return;
    case Storage.V128:
      for (let k = 0; k < 4; k++) to[at + k] = m.V.I32[2 * w + k];
      return;
    case Storage.Pair:
      to[at + 1] = I[w + 1];
      break;
  }
  to[at] = I[w];
}

function signed(storage: Storage, n: number): number {
  return storage === Storage.I8 ? (n << 24) >> 24 : (n << 16) >> 16;
}

/** The array whose reference is at word `w`, which must have an element `idx`. */
function element(m: Core, w: number, idx: number): ArrayInst {
  const array = m.R[w >> 1] as ArrayInst | null;
  if (array === null) throw NULL_ARRAY;
  if (idx >>> 0 >= array.length) throw OOB_ARRAY;
  return array;
}

/** The array whose reference is at word `w`, which must have `n` elements from `at` on. */
function range(m: Core, w: number, at: number, n: number): ArrayInst {
  const array = m.R[w >> 1] as ArrayInst | null;
  if (array === null) throw NULL_ARRAY;
  if ((at >>> 0) + (n >>> 0) > array.length) throw OOB_ARRAY;
  return array;
}

/** Throws unless there is room for an object. */
function reserve({ store: { heap } }: Core, bytes: number): void {
  heap.made += bytes;
  if (heap.made > heap.next && !heap.look(bytes)) throw HEAP_EXHAUSTED;
}

function sized(m: Core, type: ArrayLayout, length: number): ArrayInst {
  const count = length >>> 0;
  if (count > type.maxLength) throw ARRAY_TOO_LARGE;
  reserve(m, type.bytes + count * type.elementBytes);
  try {
    return newArray(type, count);
  } catch (error) {
    // The host has less room than our limit.
    if (error instanceof RangeError) throw ARRAY_TOO_LARGE;
    throw error;
  }
}

/** Sets `n` elements from `at` on to the operand at word `w`. */
function fill(m: Core, w: number, storage: Storage, array: ArrayInst, at: number, n: number): void {
  if (n === 0) return;
  pop(m, w, storage, array.elems, at * widthOf(storage));
  repeatElement(array, at, n);
}

function copy(to: Elements, at: number, from: Elements, start: number, n: number): void {
  if (Array.isArray(to)) {
    if (at <= start) for (let k = 0; k < n; k++) to[at + k] = from[start + k];
    else for (let k = n - 1; k >= 0; k--) to[at + k] = from[start + k];
  } else to.set((from as Int32Array).subarray(start, start + n), at);
}

function copyData(
  to: Elements,
  at: number,
  data: Uint8Array,
  from: number,
  n: number,
  storage: Storage,
): void {
  const { buffer } = to as Int32Array;
  const size = bytesOf(storage);
  new Uint8Array(buffer).set(data.subarray(from, from + n * size), at * size);
}

function requireData(data: Uint8Array, from: number, n: number, storage: Storage): void {
  if (from + n * bytesOf(storage) > data.length) throw OOB_MEMORY;
}

function requireElems(elems: readonly Ref[], from: number, n: number): void {
  if (from + n > elems.length) throw OOB_TABLE;
}
