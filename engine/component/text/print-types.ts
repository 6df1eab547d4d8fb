/**
 * Types of components as text: value types, functions, resources, and core types.
 */

import { encodeUtf8 } from '../../base/utf8.ts';
import {
  type CompositeType,
  type ValType as CoreValType,
  type FieldType,
  type Limits,
  type TypeDef,
  typeName,
} from '../../isa/types.ts';
import { escaped } from '../../text/strings.ts';
import type {
  CoreDefType,
  CoreExternType,
  DefType,
  Labelled,
  ModuleDecl,
  Sort,
  ValTypeRef,
} from '../model.ts';

/** How items of a scope are written. */
export interface Refs {
  /** Its `$id`, or its index. */
  ref(sort: Sort, idx: number): string;
  id(sort: Sort, idx: number): string | undefined;
  /** Its name, where the `$id` is another one. */
  name(sort: Sort, idx: number): string | undefined;
}

/** Indentation: what stands in front of the line, and what one level more adds. */
export interface Layout {
  readonly indent: string;
  readonly step: string;
}

function string(text: string): string {
  return `"${escaped(encodeUtf8(text), true)}"`;
}

/** A value type as it is referred to. */
export function valTypeText(type: ValTypeRef, refs: Refs): string {
  return typeof type === 'number' ? refs.ref('type', type) : type;
}

/** What stands behind `(type $t`. Component and instance types have lines of their own, and are not printed here. */
export function defTypeText(type: Exclude<DefType, { kind: 'component' | 'instance' }>, refs: Refs): string {
  const val = (ref: ValTypeRef) => valTypeText(ref, refs);
  const optional = (ref: ValTypeRef | undefined) => (ref === undefined ? '' : ` ${val(ref)}`);
  switch (type.kind) {
    case 'prim':
      return type.prim;
    case 'record':
      return `(record${type.fields.map((field) => ` (field ${labelled(field, refs)})`).join('')})`;
    case 'variant':
      return `(variant${type.cases.map((one) => ` (case ${string(one.label)}${optional(one.type)})`).join('')})`;
    case 'list':
      return `(list ${val(type.element)}${type.length === undefined ? '' : ` ${type.length}`})`;
    case 'map':
      return `(map ${val(type.key)} ${val(type.value)})`;
    case 'tuple':
      return `(tuple${type.types.map((one) => ` ${val(one)}`).join('')})`;
    case 'flags':
    case 'enum':
      return `(${type.kind}${type.labels.map((label) => ` ${string(label)}`).join('')})`;
    case 'option':
      return `(option ${val(type.type)})`;
    case 'result': {
      const error = type.error === undefined ? '' : ` (error ${val(type.error)})`;
      return `(result${optional(type.ok)}${error})`;
    }
    case 'own':
    case 'borrow':
      return `(${type.kind} ${refs.ref('type', type.typeIdx)})`;
    case 'stream':
    case 'future':
      return `(${type.kind}${optional(type.type)})`;
    case 'func': {
      const params = type.params.map((param) => ` (param ${labelled(param, refs)})`).join('');
      const result = type.result === undefined ? '' : ` (result ${val(type.result)})`;
      return `(func${type.async ? ' async' : ''}${params}${result})`;
    }
    case 'resource': {
      const dtor = type.dtor === undefined ? '' : ` (dtor (core func ${refs.ref('core func', type.dtor)}))`;
      return `(resource (rep ${typeName(type.rep)})${dtor})`;
    }
  }
}

function labelled({ label, type }: Labelled, refs: Refs): string {
  return `${string(label)} ${valTypeText(type, refs)}`;
}

/** A core type definition. `named` is what its first type binds; `memberName` what one of a group binds. */
export function coreTypeText(
  type: CoreDefType,
  named: string,
  memberName: (i: number) => string,
  refs: Refs,
  { indent, step }: Layout,
): string {
  if (type.kind === 'module') {
    if (type.decls.length === 0) return `(core type${named} (module))`;
    const inner = indent + step;
    return `(core type${named}\n${inner}(module${moduleDecls(type.decls, inner + step)}))`;
  }
  if (type.types.length === 1) return `(core type${named} ${subText(type.types[0], refs)})`;
  const members = type.types.map((one, i) => ` (type${memberName(i)} ${subText(one, refs)})`);
  return `(core rec${members.join('')})`;
}

function moduleDecls(decls: readonly ModuleDecl[], indent: string): string {
  const refs: Refs = { ref: (_sort, idx) => String(idx), id: () => undefined, name: () => undefined };
  let next = 0;
  return decls
    .map((decl) => {
      const line = `\n${indent}`;
      switch (decl.kind) {
        case 'type': {
          const first = next;
          next += decl.types.length;
          if (decl.types.length === 1) return `${line}(type (;${first};) ${subText(decl.types[0], refs)})`;
          const members = decl.types.map((one, i) => ` (type (;${first + i};) ${subText(one, refs)})`);
          return `${line}(rec${members.join('')})`;
        }
        case 'module type':
          return `${line}(type (module))`;
        case 'alias':
          return `${line}(alias outer ${decl.count} ${decl.idx} (type (;${next++};)))`;
        case 'import':
          return `${line}(import ${string(decl.module)} ${string(decl.name)} ${coreExternText(decl.type)})`;
        case 'export':
          return `${line}(export ${string(decl.name)} ${coreExternText(decl.type)})`;
      }
      return '';
    })
    .join('');
}

function coreExternText(type: CoreExternType): string {
  switch (type.kind) {
    case 'func':
      return `(func (type ${type.typeIdx}))`;
    case 'tag':
      return `(tag (type ${type.type.typeIdx}))`;
    case 'table': {
      const { is64, limits, element } = type.type;
      return `(table ${is64 ? 'i64 ' : ''}${limitsText(limits)} ${typeName(element)})`;
    }
    case 'memory': {
      const { is64, limits, shared, pageSizeLog2 } = type.type;
      const page = pageSizeLog2 === 16 ? '' : ` (pagesize ${2 ** pageSizeLog2})`;
      return `(memory ${is64 ? 'i64 ' : ''}${limitsText(limits)}${shared ? ' shared' : ''}${page})`;
    }
    case 'global': {
      const { type: value, mutable } = type.type;
      return mutable ? `(global (mut ${typeName(value)}))` : `(global ${typeName(value)})`;
    }
  }
}

function limitsText({ min, max }: Limits): string {
  // 2^64 - 1 is 2^64 as a JavaScript number.
  const size = (n: number) => (n >= 2 ** 64 ? '18446744073709551615' : String(BigInt(n)));
  return max === undefined ? size(min) : `${size(min)} ${size(max)}`;
}

function subText({ composite, final, supers }: TypeDef, refs: Refs): string {
  const text = compositeText(composite, refs);
  if (final && supers.length === 0) return text;
  const above = supers.map((idx) => ` ${refs.ref('core type', idx)}`).join('');
  return `(sub${final ? ' final' : ''}${above} ${text})`;
}

function compositeText(type: CompositeType, refs: Refs): string {
  const val = (of: CoreValType) => typeName(of, (idx) => refs.ref('core type', idx));
  const field = ({ storage, mutable }: FieldType) => (mutable ? `(mut ${val(storage)})` : val(storage));
  switch (type.kind) {
    case 'func': {
      const list = (word: string, types: readonly CoreValType[]) =>
        types.length > 0 ? ` (${word} ${types.map(val).join(' ')})` : '';
      return `(func${list('param', type.params)}${list('result', type.results)})`;
    }
    case 'struct':
      return `(struct${type.fields.map((one) => ` (field ${field(one)})`).join('')})`;
    case 'array':
      return `(array ${field(type.field)})`;
  }
}
