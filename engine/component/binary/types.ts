/**
 * Reading types of the component binary format (Binary.md, Type Definitions): value types, functions, resources, component
 * and instance types with their declarations, core types, and the types of imports and exports. Whether an index exists
 * is validation's question.
 */

import { faultAt, malformed, WasmError } from '../../base/errors.ts';
import {
  readGlobalType,
  readMemoryType,
  readRecType,
  readTableType,
  readTagType,
  readValType,
  TYPE_BYTE,
} from '../../binary/types.ts';
import type { TypeDef } from '../../isa/types.ts';
import {
  type AliasTarget,
  type Attribute,
  type Case,
  type CoreDefType,
  type CoreExternType,
  type CoreTypeDef,
  type Declaration,
  type DefType,
  type ExternName,
  type ExternType,
  indexCount,
  type Labelled,
  type ModuleDecl,
  SORTS,
  type Sort,
  type SortIdx,
  sortOf,
  type TypeDefinition,
  type ValTypeRef,
} from '../model.ts';
import { COMPONENT_SORTS, CORE_SORTS, MOST_NESTED, PRIMS, TYPE_CODE } from './codes.ts';
import { badByte, type ComponentReader } from './reader.ts';

const EXTERNAL_KIND = 'component external kind';
const OUTER_KIND = 'component outer alias kind';

/** Counts the indices of a scope while its definitions are read. */
export class IndexCounter {
  private readonly counts = new Map<Sort, number>(SORTS.map((sort) => [sort, 0]));

  /** The next index of a sort; `n` of them are taken. */
  take(sort: Sort, n = 1): number {
    const idx = this.counts.get(sort)!;
    this.counts.set(sort, idx + n);
    return idx;
  }
}

/** Throws `unsupported` when something is nested deeper than this implementation goes. */
export function checkNesting(offset: number, depth: number): void {
  if (depth <= MOST_NESTED) return;
  throw new WasmError(
    faultAt('unsupported', offset, `nesting too deep: more than ${MOST_NESTED} components or types`),
  );
}

/** A value type: a primitive one's byte, or a type index. */
export function readValTypeRef(r: ComponentReader): ValTypeRef {
  const at = r.pos;
  const byte = r.peek();
  const prim = PRIMS.get(byte);
  if (prim !== undefined) {
    r.u8();
    return prim;
  }
  const idx = r.s33();
  if (idx < 0) badByte(at, byte, 'component value type');
  return idx;
}

/** A definition of the type section. */
export function readTypeDefinition(r: ComponentReader, counter: IndexCounter, depth: number): TypeDefinition {
  const offset = r.pos;
  const type = readDefType(r, depth);
  return Object.freeze({ kind: 'type', idx: counter.take('type'), type, offset, end: r.pos });
}

/** A definition of the core type section. */
export function readCoreTypeDefinition(r: ComponentReader, counter: IndexCounter): CoreTypeDef {
  const offset = r.pos;
  const type = readCoreDefType(r);
  const def: CoreTypeDef = { kind: 'core type', idx: 0, type, offset, end: offset };
  return Object.freeze({ ...def, idx: counter.take('core type', indexCount(def)), end: r.pos });
}

function readDefType(r: ComponentReader, depth: number): DefType {
  const at = r.pos;
  const byte = r.u8();
  const prim = PRIMS.get(byte);
  if (prim !== undefined) return { kind: 'prim', prim };
  switch (byte) {
    case TYPE_CODE.record:
      return { kind: 'record', fields: r.vec(() => readLabelled(r)) };
    case TYPE_CODE.variant:
      return { kind: 'variant', cases: r.vec(() => readCase(r)) };
    case TYPE_CODE.list:
      return { kind: 'list', element: readValTypeRef(r) };
    case TYPE_CODE.fixedList:
      return { kind: 'list', element: readValTypeRef(r), length: r.u32() };
    case TYPE_CODE.map:
      return { kind: 'map', key: readValTypeRef(r), value: readValTypeRef(r) };
    case TYPE_CODE.tuple:
      return { kind: 'tuple', types: r.vec(() => readValTypeRef(r)) };
    case TYPE_CODE.flags:
      return { kind: 'flags', labels: r.vec(() => r.name()) };
    case TYPE_CODE.enum:
      return { kind: 'enum', labels: r.vec(() => r.name()) };
    case TYPE_CODE.option:
      return { kind: 'option', type: readValTypeRef(r) };
    case TYPE_CODE.result: {
      const ok = readOptionalType(r);
      return { kind: 'result', ok, error: readOptionalType(r) };
    }
    case TYPE_CODE.own:
      return { kind: 'own', typeIdx: r.u32() };
    case TYPE_CODE.borrow:
      return { kind: 'borrow', typeIdx: r.u32() };
    case TYPE_CODE.stream:
      return { kind: 'stream', type: readOptionalType(r) };
    case TYPE_CODE.future:
      return { kind: 'future', type: readOptionalType(r) };
    case TYPE_CODE.func:
    case TYPE_CODE.asyncFunc: {
      const params = r.vec(() => readLabelled(r));
      return { kind: 'func', async: byte === TYPE_CODE.asyncFunc, params, result: readResultList(r) };
    }
    case TYPE_CODE.resource: {
      const rep = readValType(r);
      return { kind: 'resource', rep, dtor: r.optional(() => r.u32(), 'resource destructor') };
    }
    case TYPE_CODE.component:
      checkNesting(at, depth);
      return { kind: 'component', decls: readDeclarations(r, depth + 1, true) };
    case TYPE_CODE.instance:
      checkNesting(at, depth);
      return { kind: 'instance', decls: readDeclarations(r, depth + 1, false) };
    default:
      badByte(at, byte, 'component defined type');
  }
}

function readLabelled(r: ComponentReader): Labelled {
  return { label: r.name(), type: readValTypeRef(r) };
}

function readCase(r: ComponentReader): Case {
  const label = r.name();
  const type = readOptionalType(r);
  r.expect(0, 'zero byte required');
  return { label, type };
}

function readOptionalType(r: ComponentReader): ValTypeRef | undefined {
  return r.optional(() => readValTypeRef(r), 'optional component value type');
}

/** What a function returns, if it returns anything. */
export function readResultList(r: ComponentReader): ValTypeRef | undefined {
  const at = r.pos;
  const byte = r.u8();
  if (byte === 0) return readValTypeRef(r);
  if (byte !== 1) badByte(at, byte, 'component function results');
  r.expect(0, 'number of results');
  return undefined;
}

function readDeclarations(r: ComponentReader, depth: number, imports: boolean): readonly Declaration[] {
  const counter = new IndexCounter();
  return r.vec(() => readDeclaration(r, counter, depth, imports));
}

function readDeclaration(
  r: ComponentReader,
  counter: IndexCounter,
  depth: number,
  imports: boolean,
): Declaration {
  const at = r.pos;
  const byte = r.u8();
  const offset = r.pos;
  switch (byte) {
    case 0x00:
      return readCoreTypeDefinition(r, counter);
    case 0x01:
      return readTypeDefinition(r, counter, depth);
    case 0x02: {
      const { sort, target } = readAlias(r);
      return Object.freeze({ kind: 'alias', sort, idx: counter.take(sort), target, offset, end: r.pos });
    }
    case 0x03:
    case 0x04: {
      if (byte === 0x03 && !imports) break;
      const kind = byte === 0x03 ? 'import' : 'export decl';
      const name = readExternName(r);
      const type = readExternType(r);
      return Object.freeze({ kind, name, type, idx: counter.take(type.kind), offset, end: r.pos });
    }
  }
  badByte(at, byte, 'component or instance type declaration');
}

function readCoreDefType(r: ComponentReader): CoreDefType {
  const at = r.pos;
  const byte = r.peek();
  if (byte === TYPE_CODE.module) {
    r.u8();
    return { kind: 'module', decls: readModuleDecls(r) };
  }
  if (byte === 0) {
    r.u8();
    if (r.peek() !== TYPE_BYTE.sub) badByte(at, byte, 'type definition');
  }
  return { kind: 'rec', types: readRec(r, at) };
}

function readRec(r: ComponentReader, at: number): readonly TypeDef[] {
  const byte = r.peek();
  const types: TypeDef[] = [];
  const known = [TYPE_BYTE.rec, TYPE_BYTE.sub, TYPE_BYTE.subFinal, TYPE_BYTE.func, TYPE_BYTE.struct];
  if (byte >= 0 && byte !== TYPE_BYTE.array && !known.includes(byte as never)) {
    badByte(at, byte, 'type definition');
  }
  readRecType(r, types);
  return Object.freeze(types);
}

function readModuleDecls(r: ComponentReader): readonly ModuleDecl[] {
  return r.vec(() => readModuleDecl(r));
}

function readModuleDecl(r: ComponentReader): ModuleDecl {
  const at = r.pos;
  const byte = r.u8();
  const offset = r.pos;
  switch (byte) {
    case 0x00: {
      const module = r.name();
      return { kind: 'import', module, name: r.name(), type: readCoreExternType(r), offset };
    }
    case 0x01:
      // A module type in a module type decodes, and is refused by validation.
      if (r.peek() === TYPE_CODE.module) {
        r.u8();
        return { kind: 'module type', decls: r.vec(() => badNesting(offset)), offset };
      }
      return { kind: 'type', types: readRec(r, offset), offset };
    case 0x02: {
      r.expect(0x10, 'outer alias kind');
      r.expect(0x01, 'outer alias target');
      return { kind: 'alias', count: r.u32(), idx: r.u32(), offset };
    }
    case 0x03:
      return { kind: 'export', name: r.name(), type: readCoreExternType(r), offset };
    default:
      badByte(at, byte, 'type definition');
  }
}

/** Nothing in a module type that stands where none may stand is read. */
function badNesting(offset: number): never {
  badByte(offset, TYPE_CODE.module, 'type definition');
}

function readCoreExternType(r: ComponentReader): CoreExternType {
  const at = r.pos;
  const kind = CORE_SORTS.get(r.u8());
  switch (kind) {
    case 'func':
      return { kind, typeIdx: r.u32() };
    case 'table':
      return { kind, type: readTableType(r) };
    case 'memory':
      return { kind, type: readMemoryType(r) };
    case 'global':
      return { kind, type: readGlobalType(r) };
    case 'tag':
      return { kind, type: readTagType(r) };
    default:
      badByte(at, r.bytes[at], 'external kind');
  }
}

/** The name of an import or export, with its attributes. */
export function readExternName(r: ComponentReader): ExternName {
  const at = r.pos;
  const byte = r.u8();
  if (byte > 2) badByte(at, byte, 'component name');
  const offset = r.pos;
  const text = r.name();
  return { text, offset, attributes: byte === 2 ? r.vec(() => readAttribute(r)) : NO_ATTRIBUTES };
}

const NO_ATTRIBUTES: readonly Attribute[] = Object.freeze([]);
const ATTRIBUTES: readonly Attribute['kind'][] = ['implements', 'versionsuffix', 'external-id'];

function readAttribute(r: ComponentReader): Attribute {
  const at = r.pos;
  const byte = r.u8();
  const kind = ATTRIBUTES[byte];
  if (kind === undefined) badByte(at, byte, 'name option');
  const offset = r.pos;
  return { kind, value: r.name(), offset };
}

export function readExternType(r: ComponentReader): ExternType {
  const at = r.pos;
  const byte = r.u8();
  if (byte === 0) {
    r.expect(0x11, EXTERNAL_KIND);
    return { kind: 'core module', typeIdx: r.u32() };
  }
  const kind = COMPONENT_SORTS.get(byte);
  switch (kind) {
    case 'func':
    case 'component':
    case 'instance':
      return { kind, typeIdx: r.u32() };
    case 'value': {
      const boundAt = r.pos;
      const bound = r.u8();
      if (bound > 1) badByte(boundAt, bound, 'value bound');
      return { kind, bound: bound === 0 ? { eq: r.u32() } : { type: readValTypeRef(r) } };
    }
    case 'type': {
      const boundAt = r.pos;
      const bound = r.u8();
      if (bound > 1) badByte(boundAt, bound, 'type bound');
      return { kind, bound: bound === 0 ? { eq: r.u32() } : 'resource' };
    }
    default:
      badByte(at, byte, EXTERNAL_KIND);
  }
}

/** A sort and an index. */
export function readSortIdx(r: ComponentReader): SortIdx {
  return { sort: readSort(r, EXTERNAL_KIND), idx: r.u32() };
}

/** A core sort and an index. */
export function readCoreSortIdx(r: ComponentReader): SortIdx {
  const at = r.pos;
  const byte = r.u8();
  const sort = CORE_SORTS.get(byte);
  if (sort === undefined) badByte(at, byte, 'external kind');
  return { sort: `core ${sort}`, idx: r.u32() };
}

function readSort(r: ComponentReader, what: string): Sort {
  const at = r.pos;
  const sort = sortByBytes(r.u8(), () => r.u8());
  if (typeof sort === 'number') badByte(at, sort, what);
  return sort;
}

/** The sort of a byte and, for a core one, the next; the byte that is none. */
function sortByBytes(byte: number, next: () => number): Sort | number {
  if (byte !== 0) return COMPONENT_SORTS.get(byte) ?? byte;
  const core = next();
  const sort = CORE_SORTS.get(core);
  return sort === undefined ? core : `core ${sort}`;
}

const OUTER_SORTS: ReadonlySet<Sort> = new Set(['core module', 'core type', 'component', 'type']);

/** An alias: its sort comes first, and what is wrong with it depends on the target. */
export function readAlias(r: ComponentReader): { sort: Sort; target: AliasTarget } {
  const at = r.pos;
  const sort = sortByBytes(r.u8(), () => r.u8());
  const sortByte = r.bytes[r.pos - 1];
  const targetAt = r.pos;
  const kind = r.u8();
  switch (kind) {
    case 0x00: {
      if (typeof sort === 'number') badByte(at, sort, EXTERNAL_KIND);
      return { sort, target: { kind: 'export', instanceIdx: r.u32(), name: r.name() } };
    }
    case 0x01: {
      if (typeof sort === 'number' || !sort.startsWith('core ')) badByte(at, sortByte, 'external kind');
      return { sort, target: { kind: 'core export', instanceIdx: r.u32(), name: r.name() } };
    }
    case 0x02: {
      if (typeof sort === 'number' || !OUTER_SORTS.has(sort)) badByte(at, sortByte, OUTER_KIND);
      return { sort, target: { kind: 'outer', count: r.u32(), idx: r.u32() } };
    }
    default:
      malformed(targetAt, `invalid leading byte (0x${kind.toString(16)}) for alias`);
  }
}

/** The index that a declaration or a definition takes. */
export function takeIndex(counter: IndexCounter, def: Parameters<typeof sortOf>[0]): number {
  return counter.take(sortOf(def), indexCount(def));
}
