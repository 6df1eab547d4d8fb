/**
 * Feature gates and the validity of types (spec 3.2): is this value type known, and may this module use it?
 *
 * What the spec allows and the given features do not contain is `unsupported`, never `invalid`: a runner of the
 * suite's older folders, where later features are errors, can tell the two apart. Where those folders have words of
 * their own ("multiple memories", "i32 constant out of range") the fault is theirs.
 */

import { invalid, unsupported } from '../base/errors.ts';
import { FEATURE_NAMES } from '../isa/features.ts';
import type { Feature } from '../isa/row.ts';
import {
  HEAP,
  type HeapType,
  heapOf,
  isNullable,
  isRef,
  typeIdxOf,
  V128,
  type ValType,
} from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';

/** Throws `not supported yet: <feature>` at `offset` unless the set has it. */
export function need(features: FeatureSet, feature: Feature, offset: number): void {
  if (!features.has(feature)) unsupported(offset, FEATURE_NAMES[feature]);
}

/** Throws unless the type index exists. Says how many there are. */
export function checkTypeIdx(module: Module, typeIdx: number, offset: number): void {
  if (typeIdx < module.types.length) return;
  const count = module.types.length;
  invalid(offset, `unknown type ${typeIdx}`, [
    { message: `the module has ${count} type${count === 1 ? '' : 's'}` },
  ]);
}

/** Throws unless the heap type exists and its proposal is in the set. */
export function checkHeapType(module: Module, features: FeatureSet, heap: HeapType, offset: number): void {
  const idx = typeIdxOf(heap);
  if (idx >= 0) {
    need(features, 'function-references', offset);
    checkTypeIdx(module, idx, offset);
  } else need(features, heapFeature(heap), offset);
}

/** Throws unless the value or storage type exists and its proposal is in the set. */
export function checkValType(module: Module, features: FeatureSet, type: ValType, offset: number): void {
  if (!isRef(type)) {
    if (type === V128) need(features, 'simd', offset);
    return;
  }
  checkHeapType(module, features, heapOf(type), offset);
  if (!isNullable(type)) need(features, 'function-references', offset);
}

/** The proposal that brought an abstract heap type. */
export function heapFeature(heap: HeapType): Feature {
  switch (heap) {
    case HEAP.func:
    case HEAP.extern:
      return 'reference-types';
    case HEAP.exn:
    case HEAP.noexn:
      return 'exceptions';
    default:
      return 'gc';
  }
}
