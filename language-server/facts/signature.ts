/**
 * Types of a decoded module's items, as the text format writes them.
 */

import { type FuncType, type Limits, typeName, type ValType } from '../../engine/isa/types.ts';
import { type ExternKind, funcTypeAt, type Module } from '../../engine/module/module.ts';

/** A value type with the names that the module gives to types. */
export function valTypeText(module: Module, type: ValType): string {
  return typeName(type, (idx) => {
    const name = module.names.given('type', idx);
    return name === undefined ? String(idx) : `$${name}`;
  });
}

/** `(param i32 i32) (result i32)`; empty for a function that takes and returns nothing. */
export function funcTypeText(module: Module, { params, results }: FuncType): string {
  const part = (word: string, types: readonly ValType[]) =>
    types.length > 0 ? [`(${word} ${types.map((t) => valTypeText(module, t)).join(' ')})`] : [];
  return [...part('param', params), ...part('result', results)].join(' ');
}

/** The kind and type of an item: `memory 1 2`. Items that are not there have their kind and index. */
export function externText(module: Module, kind: ExternKind, idx: number): string {
  switch (kind) {
    case 'func':
    case 'tag': {
      const item = kind === 'func' ? module.funcs[idx] : module.tags[idx];
      const typeIdx = item && ('typeIdx' in item ? item.typeIdx : item.type.typeIdx);
      const type = typeIdx === undefined ? undefined : funcTypeAt(module, typeIdx);
      if (!type) return `${kind} ${idx}`;
      return `${kind} ${funcTypeText(module, type)}`.trimEnd();
    }
    case 'table': {
      const type = module.tables[idx]?.type;
      if (!type) return `table ${idx}`;
      return `table ${type.is64 ? 'i64 ' : ''}${limitsText(type.limits)} ${valTypeText(module, type.element)}`;
    }
    case 'memory': {
      const type = module.memories[idx]?.type;
      if (!type) return `memory ${idx}`;
      const shared = type.shared ? ' shared' : '';
      return `memory ${type.is64 ? 'i64 ' : ''}${limitsText(type.limits)}${shared}`;
    }
    default: {
      const type = module.globals[idx]?.type;
      if (!type) return `global ${idx}`;
      const value = valTypeText(module, type.type);
      return `global ${type.mutable ? `(mut ${value})` : value}`;
    }
  }
}

function limitsText({ min, max }: Limits): string {
  return max === undefined ? `${min}` : `${min} ${max}`;
}
