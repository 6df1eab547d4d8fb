/**
 * Instantiation (spec 4.6.4) and external typing (spec 3.3.10): a valid module and its imports become an instance.
 *
 * The start function is not run: `inst.start` is for the caller, so that a debugger can stop in it. A trap of an
 * active segment leaves what was written before it.
 */

import { type Note, unlinkable, WasmError } from '../base/errors.ts';
import {
  type FuncType,
  type GlobalType,
  isRef,
  type MemoryType,
  type TableType,
  typeName,
  typesName,
} from '../isa/types.ts';
import type { ByteRange, ElemSegment, ExternKind, FeatureSet, Import, Module } from '../module/module.ts';
import { funcType } from '../module/module.ts';
import { funcMatches, globalMatches, memoryMatches, tableMatches, tagMatches } from '../valid/extern.ts';
import { evalConst } from './constexpr.ts';
import { FuncInst } from './func.ts';
import { GlobalInst } from './global.ts';
import { MemInst } from './memory.ts';
import { type Extern, externKind, ModuleInst } from './module-inst.ts';
import type { Store } from './store.ts';
import { TableInst } from './table.ts';
import { TagInst } from './tag.ts';
import { defaultValue, isRefValue, type NumValue, type Ref, type Value } from './values.ts';

/** Gives the text of a canonical type number. */
type TypeNamer = (typeId: number) => string;

/** What a module asks for; types are those of the module, canonical in the store. */
export type WantedImport = {
  readonly module: string;
  readonly name: string;
  /** Offset of the import in the module. */
  readonly offset: number;
  /** What the module calls a type, by its canonical number. */
  readonly nameOfType?: TypeNamer;
} & (
  | { readonly kind: 'func'; readonly type: FuncType; readonly typeId: number }
  | { readonly kind: 'tag'; readonly type: FuncType; readonly typeId: number }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: MemoryType }
  | { readonly kind: 'global'; readonly type: GlobalType }
);

/** Answers with the thing itself, of whatever kind, or undefined when there is none. May add to the store. */
export type Imports = (wanted: WantedImport) => Extern | undefined;

/** Imports out of instances by name: the linking of the test suite's scripts and of most programs. */
export function importsFrom(instances: ReadonlyMap<string, ReadonlyMap<string, Extern>>): Imports {
  return ({ module, name }) => instances.get(module)?.get(name);
}

/**
 * Makes an instance of `module`, which must be valid with `features`. Throws a WasmError: `unlinkable` ("unknown
 * import", "incompatible import type") with every import that is missing or does not fit, or `trap` from an active
 * segment, or `exhaustion` when the host has no room for a memory or table.
 */
export function instantiate(
  store: Store,
  module: Module,
  imports: Imports,
  features: FeatureSet,
  name = module.names.module ?? '',
): ModuleInst {
  const externs = link(store, module, imports);
  const inst = new ModuleInst(store, module, features, name);
  for (const extern of externs) adopt(inst, extern);
  allocate(inst);
  exportAll(inst);
  store.instances.push(inst);
  const elems = module.elems.map((segment) => elemRefs(inst, segment));
  for (const refs of elems) inst.elemAddrs.push(store.elems.push(refs) - 1);
  for (const { bytes } of module.datas) {
    inst.dataAddrs.push(store.datas.push(module.bytes.subarray(bytes.start, bytes.end)) - 1);
  }
  writeElems(inst);
  writeDatas(inst);
  return inst;
}

/** An import as a module writes it: `(func [i32] -> [])`, `(memory 1 2)`. */
export function describeImport(wanted: WantedImport): string {
  const name = wanted.nameOfType;
  switch (wanted.kind) {
    case 'func':
    case 'tag':
      return `(${wanted.kind} ${typesName(wanted.type.params, name)} -> ${typesName(wanted.type.results, name)})`;
    case 'table':
      return `(table ${limitsText(wanted.type)} ${typeName(wanted.type.element, name)})`;
    case 'memory':
      return `(memory ${limitsText(wanted.type)})`;
    case 'global':
      return `(global ${globalText(wanted.type, name)})`;
  }
}

/** Every import of a module with its type. */
export function wantedImports(store: Store, module: Module): WantedImport[] {
  return module.imports.map((imp) => wantedImport(store, module, imp));
}

function link(store: Store, module: Module, imports: Imports): Extern[] {
  const externs: Extern[] = [];
  const missing: Note[] = [];
  const unfit: Note[] = [];
  for (const wanted of wantedImports(store, module)) {
    const extern = imports(wanted);
    const text = describeImport(wanted);
    const what = `"${wanted.module}" "${wanted.name}": ${text}`;
    if (!extern) missing.push({ message: what, offset: wanted.offset });
    else if (!matches(store, extern, wanted)) {
      const given = describeExtern(store, extern, wanted.nameOfType);
      // Types can look the same and differ (spec 3.3.9).
      const why = given === text ? ', whose recursion group, supertype or finality differs' : '';
      unfit.push({ message: `${what} wanted, ${given} given${why}`, offset: wanted.offset });
    } else externs.push(extern);
  }
  if (missing.length > 0) unlinkable(`unknown import ${missing[0].message}`, missing);
  if (unfit.length > 0) unlinkable(`incompatible import type ${unfit[0].message}`, unfit);
  return externs;
}

function wantedImport(store: Store, module: Module, imp: Import): WantedImport {
  const { canon } = store;
  const { module: from, name, offset } = imp;
  const base = { module: from, name, offset, nameOfType: typeNamer(store, module) };
  switch (imp.kind) {
    case 'func':
      return {
        ...base,
        kind: 'func',
        ...canonicalType(store, module, module.funcs[imp.idx].typeIdx),
      };
    case 'tag': {
      return { ...base, kind: 'tag', ...canonicalType(store, module, module.tags[imp.idx].type.typeIdx) };
    }
    case 'table': {
      const { type } = module.tables[imp.idx];
      return { ...base, kind: 'table', type: { ...type, element: canon.typeOf(module, type.element) } };
    }
    case 'memory':
      return { ...base, kind: 'memory', type: module.memories[imp.idx].type };
    case 'global': {
      const { type } = module.globals[imp.idx];
      return { ...base, kind: 'global', type: { ...type, type: canon.typeOf(module, type.type) } };
    }
  }
}

/** A function type with canonical types in it, and its canonical number. */
function canonicalType({ canon }: Store, module: Module, typeIdx: number) {
  const typeId = canon.idOf(module, typeIdx);
  const composite = canon.typeAt(typeId)?.composite;
  if (composite?.kind !== 'func') throw new TypeError(`type ${typeIdx} is no function type`);
  return { type: composite, typeId };
}

function tagType(module: Module, typeIdx: number): FuncType {
  const { composite } = module.types[typeIdx];
  if (composite.kind !== 'func') throw new TypeError(`type ${typeIdx} is no function type`);
  return composite;
}

function matches({ canon }: Store, extern: Extern, wanted: WantedImport): boolean {
  switch (wanted.kind) {
    case 'func':
      return extern instanceof FuncInst && funcMatches(canon, extern.typeId, wanted.typeId);
    case 'tag':
      return extern instanceof TagInst && tagMatches(canon, extern.typeId, wanted.typeId);
    case 'table':
      return extern instanceof TableInst && tableMatches(canon, extern.typeNow, wanted.type);
    case 'memory':
      return extern instanceof MemInst && memoryMatches(extern.typeNow, wanted.type);
    case 'global':
      return extern instanceof GlobalInst && globalMatches(canon, extern.type, wanted.type);
  }
}

/** Types as the module names them; those that it does not have by their number in the store. */
function typeNamer({ canon }: Store, module: Module): TypeNamer {
  return (typeId) => {
    const idx = canon.idsOf(module).indexOf(typeId);
    const given = module.names.given('type', idx);
    if (given !== undefined) return `$${given}`;
    return idx < 0 ? `type ${typeId} of the store` : String(idx);
  };
}

function describeExtern(store: Store, extern: Extern, nameOfType?: TypeNamer): string {
  const base = { module: '', name: '', offset: 0, nameOfType };
  if (extern instanceof FuncInst || extern instanceof TagInst) {
    const kind = externKind(extern) as 'func' | 'tag';
    const { typeId } = extern;
    const type = extern instanceof FuncInst ? store.canonicalTypeOf(extern) : extern.type;
    return describeImport({ ...base, kind, type, typeId });
  }
  if (extern instanceof TableInst) return describeImport({ ...base, kind: 'table', type: extern.typeNow });
  if (extern instanceof MemInst) return describeImport({ ...base, kind: 'memory', type: extern.typeNow });
  return describeImport({ ...base, kind: 'global', type: extern.type });
}

function limitsText({ limits, is64 }: MemoryType | TableType): string {
  return `${is64 ? 'i64 ' : ''}${limits.min}${limits.max === undefined ? '' : ` ${limits.max}`}`;
}

function globalText({ type, mutable }: GlobalType, name?: TypeNamer): string {
  return mutable ? `(mut ${typeName(type, name)})` : typeName(type, name);
}

function adopt(inst: ModuleInst, extern: Extern): void {
  if (extern instanceof FuncInst) inst.funcs.push(extern);
  else if (extern instanceof TableInst) inst.tables.push(extern);
  else if (extern instanceof MemInst) inst.mems.push(extern);
  else if (extern instanceof GlobalInst) inst.globals.push(extern);
  else inst.tags.push(extern);
}

/** Allocates what the module defines (spec 4.6.3). Functions first: initial values may refer to them. */
function allocate(inst: ModuleInst): void {
  const { store, module } = inst;
  for (let i = inst.mems.length; i < module.memories.length; i++) {
    inst.mems.push(orExhausted(`memory ${i}`, () => store.addMemory(module.memories[i].type)));
  }
  const mem0 = inst.mems[0]?.addr ?? -1;
  for (let i = inst.funcs.length; i < module.funcs.length; i++) {
    const func = store.addFunc(inst, i, funcType(module, i), inst.typeIds[module.funcs[i].typeIdx]);
    func.mem0 = mem0;
    inst.funcs.push(func);
  }
  for (let i = inst.tags.length; i < module.tags.length; i++) {
    const { typeIdx } = module.tags[i].type;
    const typeId = inst.typeIds[typeIdx];
    const type = store.canon.typeAt(typeId)?.composite;
    const name = module.names.of('tag', i);
    inst.tags.push(
      store.addTag(
        type?.kind === 'func' ? type : tagType(module, typeIdx),
        typeId,
        name === undefined ? `tag[${i}]` : `$${name}`,
      ),
    );
  }
  for (let i = inst.globals.length; i < module.globals.length; i++) {
    const { type, init } = module.globals[i];
    const canonical = { ...type, type: store.canon.typeOf(module, type.type) };
    inst.globals.push(store.addGlobal(canonical, init ? evalConst(inst, init) : defaultValue(type.type)));
  }
  for (let i = inst.tables.length; i < module.tables.length; i++) {
    const { type, init } = module.tables[i];
    const canonical = { ...type, element: store.canon.typeOf(module, type.element) };
    const ref = init ? refOf(evalConst(inst, init)) : null;
    inst.tables.push(orExhausted(`table ${i}`, () => store.addTable(canonical, ref)));
  }
}

function orExhausted<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new WasmError({
      phase: 'exhaustion',
      message: `no room for ${what}`,
      notes: [{ message: error.message }],
    });
  }
}

function exportAll(inst: ModuleInst): void {
  const exports = inst.exports as Map<string, Extern>;
  for (const { name, kind, idx } of inst.module.exports) exports.set(name, externAt(inst, kind, idx));
}

function externAt(inst: ModuleInst, kind: ExternKind, idx: number): Extern {
  switch (kind) {
    case 'func':
      return inst.funcs[idx];
    case 'table':
      return inst.tables[idx];
    case 'memory':
      return inst.mems[idx];
    case 'global':
      return inst.globals[idx];
    case 'tag':
      return inst.tags[idx];
  }
}

function elemRefs(inst: ModuleInst, { items }: ElemSegment): Ref[] {
  if ('funcs' in items) return items.funcs.map((idx) => inst.funcs[idx]);
  return items.exprs.map((expr) => refOf(evalConst(inst, expr)));
}

function writeElems(inst: ModuleInst): void {
  inst.module.elems.forEach((segment, i) => {
    const refs = inst.store.elems[inst.elemAddrs[i]];
    if (segment.mode === 'active' && segment.at) {
      const { elems } = inst.tables[segment.tableIdx];
      const at = offsetOf(inst, segment.at);
      if (at + refs.length > elems.length) {
        const what = `elements ${at} to ${at + refs.length}, table has ${elems.length}`;
        segmentTrap('out of bounds table access', segment.offset, what);
      }
      for (let k = 0; k < refs.length; k++) elems[at + k] = refs[k];
      inst.store.tableVersion++;
    }
    if (segment.mode !== 'passive') inst.store.elems[inst.elemAddrs[i]] = [];
  });
}

function writeDatas(inst: ModuleInst): void {
  inst.module.datas.forEach((segment, i) => {
    if (segment.mode !== 'active' || !segment.at) return;
    const data = inst.store.datas[inst.dataAddrs[i]];
    const { bytes } = inst.mems[segment.memIdx];
    const at = offsetOf(inst, segment.at);
    if (at + data.length > bytes.length) {
      const what = `address ${at} + ${data.length} bytes, memory is ${bytes.length} bytes`;
      segmentTrap('out of bounds memory access', segment.offset, what);
    }
    bytes.set(data, at);
    inst.store.datas[inst.dataAddrs[i]] = new Uint8Array(0);
  });
}

function segmentTrap(message: string, offset: number, what: string): never {
  throw new WasmError({ phase: 'trap', message, offset, notes: [{ message: what }] });
}

/** An offset as an unsigned number: exact below 2^53, and above it no memory or table reaches. */
function offsetOf(inst: ModuleInst, at: ByteRange): number {
  return Number((evalConst(inst, at) as NumValue).bits);
}

function refOf(value: Value): Ref {
  if (!isRefValue(value) || !isRef(value.type)) throw new TypeError('a reference was expected');
  return value.ref;
}
