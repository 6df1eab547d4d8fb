/**
 * The types that values have in an expression's own module: it does not know the program's types, so a reference has the
 * one at the top of its hierarchy.
 */

import { usage } from '../base/errors.ts';
import {
  HEAP,
  heapOf,
  I8,
  I16,
  I32,
  isRef,
  refType,
  typeIdxOf,
  typeName,
  type ValType,
} from '../isa/types.ts';
import type { Module } from '../module/module.ts';

/** What every struct, array and i31 is. */
export const ANYREF = refType(true, HEAP.any);

/** The type that a value has in the expression's own module, which does not know the program's types. */
export function topType(module: Module, type: ValType): ValType {
  if (!isRef(type)) return type;
  const idx = typeIdxOf(heapOf(type));
  if (idx >= 0) return refType(true, module.types[idx].composite.kind === 'func' ? HEAP.func : HEAP.any);
  switch (heapOf(type)) {
    case HEAP.func:
    case HEAP.nofunc:
      return refType(true, HEAP.func);
    case HEAP.extern:
    case HEAP.noextern:
      return refType(true, HEAP.extern);
    case HEAP.exn:
    case HEAP.noexn:
      return refType(true, HEAP.exn);
    default:
      return refType(true, HEAP.any);
  }
}

/** The name of an abstract heap type: `any`. */
export function heapName(type: ValType): string {
  const found = Object.entries(HEAP).find(([, heap]) => heap === heapOf(type));
  return found ? found[0] : usage('a concrete type has no name here');
}

/** A type as the expression's module writes it. */
export function watType(type: ValType): string {
  return isRef(type) ? `(ref null ${heapName(type)})` : typeName(type);
}

/** The type that the value of a field or an element has. */
export function unpacked(storage: ValType): ValType {
  return storage === I8 || storage === I16 ? I32 : storage;
}
