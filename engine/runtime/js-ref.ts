/**
 * References at the JavaScript edge (WebAssembly JavaScript API, ToJSValue and ToWebAssemblyValue).
 *
 * Structs and arrays are opaque to JavaScript: each has one frozen object without properties that stands for it. An
 * i31 is its number. Functions stay `FuncInst`s: who embeds the engine decides what JavaScript calls.
 */

import { HEAP, heapOf, isNullable, typeName, type ValType } from '../isa/types.ts';
import type { TypeCanon } from '../valid/canon.ts';
import { FuncInst } from './func.ts';
import { ArrayInst, refFits, StructInst } from './heap.ts';
import type { Ref } from './values.ts';

const HANDLES = new WeakMap<object, object>();
const OBJECTS = new WeakMap<object, StructInst | ArrayInst>();

/** What JavaScript gets for a reference. Throws a TypeError for an exception. */
export function refToJS(type: ValType, ref: Ref): unknown {
  if (isException(type)) throw new TypeError(`a ${typeName(type)} has no JavaScript value`);
  if (!(ref instanceof StructInst || ref instanceof ArrayInst)) return ref;
  let handle = HANDLES.get(ref);
  if (!handle) {
    handle = Object.freeze(Object.create(null) as object);
    HANDLES.set(ref, handle);
    OBJECTS.set(handle, ref);
  }
  return handle;
}

/**
 * The reference of `type` that a JavaScript value stands for. Throws a TypeError if there is none. `type` is
 * canonical; without `canon` only null stands for a type below func, extern and any.
 */
export function refFromJS(type: ValType, value: unknown, canon?: TypeCanon): Ref {
  if (value === null && isNullable(type) && !isException(type)) return null;
  const ref = (typeof value === 'object' && value !== null && OBJECTS.get(value)) || value;
  if (ref !== null && !isException(type) && fits(type, ref, canon)) return ref;
  throw new TypeError(`this is no ${typeName(type)}`);
}

function fits(type: ValType, ref: Ref, canon: TypeCanon | undefined): boolean {
  if (canon) return refFits(canon, type, ref);
  const heap = heapOf(type);
  if (heap === HEAP.func) return ref instanceof FuncInst;
  return heap === HEAP.extern || heap === HEAP.any;
}

function isException(type: ValType): boolean {
  const heap = heapOf(type);
  return heap === HEAP.exn || heap === HEAP.noexn;
}
