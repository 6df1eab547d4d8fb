/**
 * The type section (spec 3.2.5 to 3.2.9, 3.5.1): known references, features, declared supertypes.
 */

import { invalid } from '../base/errors.ts';
import {
  type CompositeType,
  heapOf,
  I8,
  I16,
  isRef,
  type TypeDef,
  typeIdxOf,
  type ValType,
} from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';
import { checkValType, need } from './gate.ts';
import { typesOf } from './subtype.ts';

/** Checks every type; `guard` decides whether a fault ends the check. */
export function checkTypes(
  module: Module,
  features: FeatureSet,
  offset: number,
  guard: (check: () => void) => void,
): void {
  for (const [typeIdx, def] of module.types.entries()) {
    guard(() => checkType(module, features, def, typeIdx, offset));
  }
}

function checkType(
  module: Module,
  features: FeatureSet,
  def: TypeDef,
  typeIdx: number,
  offset: number,
): void {
  const { composite, final, supers, groupStart, groupSize } = def;
  if (!final || supers.length > 0 || groupSize > 1 || composite.kind !== 'func') need(features, 'gc', offset);
  if (composite.kind === 'func' && composite.results.length > 1) need(features, 'multi-value', offset);
  for (const type of mentioned(composite))
    checkMention(module, features, type, groupStart + groupSize, offset);
  if (supers.length > 1) invalid(offset, `sub type ${typeIdx} has more than one super type`);
  for (const superIdx of supers) checkSuper(module, def, typeIdx, superIdx, offset);
}

/** A type may mention those before it, and those of its own recursion group. */
function checkMention(
  module: Module,
  features: FeatureSet,
  type: ValType,
  end: number,
  offset: number,
): void {
  if (type === I8 || type === I16) return;
  checkValType(module, features, type, offset);
  const idx = isRef(type) ? typeIdxOf(heapOf(type)) : -1;
  if (idx >= end) invalid(offset, `unknown type ${idx}: it comes later, in another recursion group`);
}

function checkSuper(module: Module, def: TypeDef, typeIdx: number, superIdx: number, offset: number): void {
  if (superIdx >= typeIdx)
    invalid(offset, `unknown type ${superIdx}: a super type must come before its sub type`);
  const parent = module.types[superIdx];
  if (parent.final)
    invalid(offset, `sub type ${typeIdx} does not match super type ${superIdx}, which is final`);
  if (!typesOf(module).compositeMatches(def.composite, parent.composite)) {
    invalid(offset, `sub type ${typeIdx} does not match super type ${superIdx}`);
  }
}

function mentioned(composite: CompositeType): readonly ValType[] {
  switch (composite.kind) {
    case 'func':
      return [...composite.params, ...composite.results];
    case 'struct':
      return composite.fields.map(({ storage }) => storage);
    case 'array':
      return [composite.field.storage];
  }
}
