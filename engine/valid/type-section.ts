/**
 * The type section (spec 3.2.5 to 3.2.9, 3.5.1): known references, features, declared supertypes.
 */

import { invalid, unsupported, WasmError } from '../base/errors.ts';
import { ByteReader } from '../base/reader.ts';
import { SECTION } from '../binary/sections.ts';
import { readRecType } from '../binary/types.ts';
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
import { MAX_SUBTYPE_DEPTH } from './canon.ts';
import { checkValType, need } from './gate.ts';
import { typesOf } from './subtype.ts';

/** Checks every type; `guard` decides whether a fault ends the check. */
export function checkTypes(module: Module, features: FeatureSet, guard: (check: () => void) => void): void {
  let offsets: readonly number[] | undefined;
  for (const [typeIdx, def] of module.types.entries()) {
    guard(() => {
      try {
        checkType(module, features, def, typeIdx);
      } catch (error) {
        if (!(error instanceof WasmError)) throw error;
        offsets ??= typeOffsets(module);
        throw new WasmError({ ...error.fault, offset: offsets[typeIdx] });
      }
    });
  }
}

/** Checks that throw here do so without a place: `TypeDef`s have none, and only a faulty one needs it. */
const NOWHERE = 0;

/** For each type the offset of the type section's entry (a type or its recursion group) that defines it. */
function typeOffsets(module: Module): readonly number[] {
  const offsets: number[] = [];
  const section = module.sections.find(({ id }) => id === SECTION.type);
  if (!section) return offsets;
  const reader = new ByteReader(module.bytes, section.range.start, section.range.end);
  const types: TypeDef[] = [];
  for (let entries = reader.u32(); entries > 0; entries--) {
    const start = reader.pos;
    readRecType(reader, types);
    while (offsets.length < types.length) offsets.push(start);
  }
  return offsets;
}

function checkType(module: Module, features: FeatureSet, def: TypeDef, typeIdx: number): void {
  const { composite, final, supers, groupStart, groupSize } = def;
  if (!final || supers.length > 0 || groupSize > 1 || composite.kind !== 'func')
    need(features, 'gc', NOWHERE);
  if (composite.kind === 'func' && composite.results.length > 1) need(features, 'multi-value', NOWHERE);
  for (const type of mentioned(composite)) checkMention(module, features, type, groupStart + groupSize);
  if (supers.length > 1) invalid(NOWHERE, `sub type ${typeIdx} has more than one super type`);
  for (const superIdx of supers) checkSuper(module, def, typeIdx, superIdx);
}

/** A type may mention those before it, and those of its own recursion group. */
function checkMention(module: Module, features: FeatureSet, type: ValType, end: number): void {
  if (type === I8 || type === I16) return;
  checkValType(module, features, type, NOWHERE);
  const idx = isRef(type) ? typeIdxOf(heapOf(type)) : -1;
  if (idx >= end) invalid(NOWHERE, `unknown type ${idx}: it comes later, in another recursion group`);
}

function checkSuper(module: Module, def: TypeDef, typeIdx: number, superIdx: number): void {
  if (superIdx >= typeIdx)
    invalid(NOWHERE, `unknown type ${superIdx}: a super type must come before its sub type`);
  const parent = module.types[superIdx];
  if (parent.final)
    invalid(NOWHERE, `sub type ${typeIdx} does not match super type ${superIdx}, which is final`);
  const types = typesOf(module);
  const depth = types.canon.typeAt(types.canon.idOf(module, typeIdx))?.depth ?? 0;
  if (depth > MAX_SUBTYPE_DEPTH)
    unsupported(NOWHERE, `more than ${MAX_SUBTYPE_DEPTH} super types above a type`);
  if (!types.compositeMatches(def.composite, parent.composite)) {
    invalid(NOWHERE, `sub type ${typeIdx} does not match super type ${superIdx}`);
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
