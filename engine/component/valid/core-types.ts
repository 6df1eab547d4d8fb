/**
 * Validation of core types in components: function, struct and array types, and module types (Binary.md, Type Definitions).
 */

import { invalid } from '../../base/errors.ts';
import {
  type CompositeType,
  type ValType as CoreValType,
  isRef,
  type TypeDef,
  typeIdxOf,
} from '../../isa/types.ts';
import type { CanonIds } from '../../valid/canon.ts';
import { checkMemoryType, checkTableLimits } from '../../valid/limits.ts';
import type { CoreExternType, CoreTypeDef, ModuleDecl } from '../model.ts';
import type { CoreEntity, CoreImport, ModuleType } from '../types.ts';
import { coreEntity, importKey } from './core-matching.ts';
import type { CoreType, Scope } from './scope.ts';

/** Validates a core type definition and takes its indices. */
export function checkCoreType(scope: Scope, { type, offset }: CoreTypeDef): void {
  if (type.kind === 'module') {
    scope.push('core type', checkModuleType(scope, type.decls));
    return;
  }
  const ids = scope.spaces['core type'].map((one) => (one.kind === 'type' ? one.id : NO_TYPE));
  checkGroup(type.types, ids, scope, offset);
  for (const id of ids.slice(-type.types.length || ids.length)) scope.push('core type', { kind: 'type', id });
}

/** The number of what is no type that core types may refer to. */
const NO_TYPE = -1;

/** Checks a recursion group and appends its canonical numbers. */
function checkGroup(group: readonly TypeDef[], ids: number[], scope: Scope, offset: number): void {
  const start = ids.length;
  const end = start + group.length;
  for (const { composite, supers } of group) {
    for (const idx of [...mentioned(composite), ...supers]) {
      if (idx >= end) invalid(offset, `unknown type ${idx}: type index out of bounds`);
      if (idx < start && ids[idx] === NO_TYPE) invalid(offset, `type index ${idx} is a module type`);
    }
  }
  if (group.length === 0) return;
  // The group counts from where it stands among the types in front of it.
  const types: TypeDef[] = new Array(start);
  for (const def of group) types.push({ ...def, groupStart: start, groupSize: group.length });
  scope.shared.canon.intern(types, ids, start);
}

function mentioned(composite: CompositeType): number[] {
  const types: CoreValType[] = [];
  if (composite.kind === 'func') types.push(...composite.params, ...composite.results);
  else if (composite.kind === 'struct') types.push(...composite.fields.map((field) => field.storage));
  else types.push(composite.field.storage);
  return types.filter((type) => isRef(type) && typeIdxOf(type) >= 0).map(typeIdxOf);
}

function checkModuleType(scope: Scope, decls: readonly ModuleDecl[]): ModuleType {
  const ids: number[] = [];
  const imports = new Map<string, CoreImport>();
  const exports = new Map<string, CoreEntity>();
  for (const decl of decls) {
    const { offset } = decl;
    switch (decl.kind) {
      case 'type':
        checkGroup(decl.types, ids, scope, offset);
        break;
      case 'module type':
        invalid(offset, 'invalid leading byte (0x50) for type definition: no module types in module types');
        break;
      case 'alias':
        ids.push(outerTypeId(scope, decl.count, decl.idx, offset));
        break;
      case 'import': {
        const key = importKey(decl.module, decl.name);
        if (imports.has(key)) invalid(offset, `duplicate import name \`${key}\``);
        const type = checkExtern(decl.type, ids, scope, offset);
        imports.set(key, { module: decl.module, name: decl.name, type });
        break;
      }
      case 'export':
        if (exports.has(decl.name)) invalid(offset, `export name \`${decl.name}\` already defined`);
        exports.set(decl.name, checkExtern(decl.type, ids, scope, offset));
    }
  }
  return { kind: 'module', imports, exports };
}

/** The canonical number of a core type outwards; 0 is the module type itself, whose types are in no scope. */
function outerTypeId(scope: Scope, count: number, idx: number, offset: number): number {
  if (count === 0) invalid(offset, 'outer type aliases of a module type refer to enclosing scopes');
  let outer: Scope | undefined = scope;
  for (let i = 1; i < count && outer; i++) outer = outer.parent;
  if (!outer) invalid(offset, `invalid outer alias count of ${count}`);
  const type: CoreType = outer.at('core type', idx, offset);
  if (type.kind === 'module') invalid(offset, `outer alias of a module type in a module type`);
  return type.id;
}

function checkExtern(type: CoreExternType, ids: CanonIds, scope: Scope, offset: number): CoreEntity {
  const { features } = scope.shared;
  const known = (idx: number) => {
    if (idx >= ids.length) invalid(offset, `unknown type ${idx}: type index out of bounds`);
  };
  const value = (of: CoreValType) => {
    if (isRef(of) && typeIdxOf(of) >= 0) known(typeIdxOf(of));
  };
  switch (type.kind) {
    case 'func':
      known(type.typeIdx);
      break;
    case 'tag':
      known(type.type.typeIdx);
      break;
    case 'table':
      value(type.type.element);
      checkTableLimits(features, type.type, offset);
      break;
    case 'memory':
      checkMemoryType(features, type.type, offset);
      break;
    case 'global':
      value(type.type.type);
  }
  return coreEntity(type, ids);
}
