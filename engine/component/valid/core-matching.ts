/**
 * Core modules and their items as components see them: which module may stand for which, and why not.
 *
 * Types are canonical (engine/valid/canon.ts), so that those of different modules compare. The reasons are in the
 * component suite's words.
 */

import {
  type FuncType as CoreFuncType,
  type Limits,
  type TypeDef,
  typeName,
  type ValType,
} from '../../isa/types.ts';
import type { Module } from '../../module/module.ts';
import { type CanonIds, canonical, type TypeCanon } from '../../valid/canon.ts';
import {
  funcMatches,
  globalMatches,
  limitsMatch,
  memoryMatches,
  tableMatches,
  tagMatches,
} from '../../valid/extern.ts';
import type { CoreExternType } from '../model.ts';
import type { CoreEntity, CoreImport, ModuleType } from '../types.ts';

/** The canonical number of a function type of numbers only. */
export function funcId(canon: TypeCanon, params: readonly ValType[], results: readonly ValType[]): number {
  const ids: number[] = [];
  const composite: CoreFuncType = { kind: 'func', params, results };
  const def: TypeDef = { composite, final: true, supers: [], groupStart: 0, groupSize: 1 };
  canon.intern([def], ids, 0);
  return ids[0];
}

/** An item's type with its indices looked up in `ids`. */
export function coreEntity(type: CoreExternType, ids: CanonIds): CoreEntity {
  switch (type.kind) {
    case 'func':
      return { kind: 'func', id: ids[type.typeIdx] };
    case 'tag':
      return { kind: 'tag', id: ids[type.type.typeIdx] };
    case 'table':
      return { kind: 'table', type: { ...type.type, element: canonical(ids, type.type.element) } };
    case 'global':
      return { kind: 'global', type: { ...type.type, type: canonical(ids, type.type.type) } };
    case 'memory':
      return type;
  }
}

/** The name under which an import of a module is unique: `module:name`. */
export function importKey(module: string, name: string): string {
  return `${module}:${name}`;
}

/** The type of a module. Of two imports with one name the first is taken. */
export function moduleTypeOf(module: Module, canon: TypeCanon): ModuleType {
  const ids = canon.idsOf(module);
  const item = (kind: CoreEntity['kind'], idx: number): CoreEntity => {
    switch (kind) {
      case 'func':
        return { kind, id: ids[module.funcs[idx].typeIdx] };
      case 'tag':
        return { kind, id: ids[module.tags[idx].type.typeIdx] };
      case 'table':
        return coreEntity({ kind, type: module.tables[idx].type }, ids);
      case 'memory':
        return coreEntity({ kind, type: module.memories[idx].type }, ids);
      case 'global':
        return coreEntity({ kind, type: module.globals[idx].type }, ids);
    }
  };
  const imports = new Map<string, CoreImport>();
  for (const { module: from, name, kind, idx } of module.imports) {
    const key = importKey(from, name);
    if (!imports.has(key)) imports.set(key, { module: from, name, type: item(kind, idx) });
  }
  const exports = new Map(module.exports.map(({ name, kind, idx }) => [name, item(kind, idx)]));
  return { kind: 'module', imports, exports };
}

/** Why a module of type `given` cannot stand for one of type `wanted`; undefined if it can. */
export function moduleMismatch(canon: TypeCanon, given: ModuleType, wanted: ModuleType): string | undefined {
  for (const [key, { module, name, type }] of given.imports) {
    const supplied = wanted.imports.get(key);
    if (!supplied) return `missing expected import \`${module}::${name}\``;
    const why = coreMismatch(canon, supplied.type, type);
    if (why !== undefined) return `type mismatch in import \`${module}::${name}\`: ${why}`;
  }
  for (const [name, type] of wanted.exports) {
    const supplied = given.exports.get(name);
    if (!supplied) return `missing expected export \`${name}\``;
    const why = coreMismatch(canon, supplied, type);
    if (why !== undefined) return `type mismatch in export \`${name}\`: ${why}`;
  }
  return undefined;
}

/** Why one core item cannot stand for another; undefined if it can. */
export function coreMismatch(canon: TypeCanon, given: CoreEntity, wanted: CoreEntity): string | undefined {
  if (given.kind === 'func' && wanted.kind === 'func') {
    if (funcMatches(canon, given.id, wanted.id)) return undefined;
    return `expected: ${funcText(canon, wanted.id)}, found: ${funcText(canon, given.id)}`;
  }
  if (given.kind === 'tag' && wanted.kind === 'tag') {
    if (tagMatches(canon, given.id, wanted.id)) return undefined;
    return `expected: ${funcText(canon, wanted.id)}, found: ${funcText(canon, given.id)}`;
  }
  if (given.kind === 'table' && wanted.kind === 'table') {
    if (tableMatches(canon, given.type, wanted.type)) return undefined;
    if (given.type.element !== wanted.type.element) {
      return `expected table element type ${typeName(wanted.type.element)}, found ${typeName(given.type.element)}`;
    }
    return limitsMatch(given.type.limits, wanted.type.limits)
      ? 'mismatch in index type used for tables'
      : `mismatch in table limits: expected ${limitsText(wanted.type.limits)}, found ${limitsText(given.type.limits)}`;
  }
  if (given.kind === 'memory' && wanted.kind === 'memory') {
    if (memoryMatches(given.type, wanted.type)) return undefined;
    if (given.type.shared !== wanted.type.shared) return 'mismatch in the shared flag for memories';
    if (given.type.is64 !== wanted.type.is64) return 'mismatch in index type used for memories';
    if (given.type.pageSizeLog2 !== wanted.type.pageSizeLog2) return 'mismatch in page size for memories';
    return `mismatch in memory limits: expected ${limitsText(wanted.type.limits)}, found ${limitsText(given.type.limits)}`;
  }
  if (given.kind === 'global' && wanted.kind === 'global') {
    if (globalMatches(canon, given.type, wanted.type)) return undefined;
    if (given.type.mutable !== wanted.type.mutable) return 'global types differ in mutability';
    return `expected global type ${typeName(wanted.type.type)}, found ${typeName(given.type.type)}`;
  }
  return `expected ${wanted.kind}, found ${given.kind}`;
}

function limitsText({ min, max }: Limits): string {
  return max === undefined ? `${min} or more` : `${min} to ${max}`;
}

/** A function type as the text format writes it. */
export function funcText(canon: TypeCanon, id: number): string {
  const composite = canon.typeAt(id)?.composite;
  if (composite?.kind !== 'func') return '(func)';
  const list = (word: string, types: readonly ValType[]) =>
    types.length > 0 ? ` (${word} ${types.map((type) => typeName(type)).join(' ')})` : '';
  return `(func${list('param', composite.params)}${list('result', composite.results)})`;
}
