/**
 * Writing components: definitions to bytes (Binary.md), the mirror of decode.ts and types.ts.
 *
 * `ComponentWriter` takes definitions in their order, puts neighbours of one kind into one section, and says where each of
 * them landed; so text keeps its map. Offsets in what is given are not looked at, so decoded definitions can be written as
 * well as ones that somebody made up.
 */

import { ByteWriter } from '../../base/writer.ts';
import {
  writeGlobalType,
  writeMemoryType,
  writeRecType,
  writeTableType,
  writeTagType,
  writeValType,
} from '../../binary/types.ts';
import { CANONS, canonImmediates } from '../canons.ts';
import type {
  AliasTarget,
  Canon,
  CanonOpt,
  Component,
  ComponentDef,
  CoreExternType,
  CoreModuleDef,
  CoreSort,
  CoreTypeDef,
  Declaration,
  Definition,
  DefType,
  ExternName,
  ExternType,
  ModuleDecl,
  Sort,
  SortIdx,
  ValTypeRef,
} from '../model.ts';
import { COMPONENT_SECTION, CORE_SORT_CODES, PREAMBLE, PRIM_CODES, SORT_CODES, TYPE_CODE } from './codes.ts';
import { ENCODINGS, INDEX_OPTS } from './decode.ts';
import { NAME_SECTION } from './names.ts';

/** A piece of a component that has no place yet: as in the model, without offsets. */
export type Unplaced<T> = T extends readonly (infer E)[]
  ? readonly Unplaced<E>[]
  : T extends object
    ? { readonly [K in keyof T as K extends 'offset' | 'end' ? never : K]: Unplaced<T[K]> }
    : T;

/** What can be written: modules, components, custom sections and values as bytes, everything else as in the model. */
export type Writable =
  | Unplaced<Exclude<Definition, CoreModuleDef | ComponentDef | { kind: 'value' }>>
  | { readonly kind: 'core module' | 'component'; readonly bytes: Uint8Array }
  | { readonly kind: 'value'; readonly type: ValTypeRef; readonly bytes: Uint8Array }
  | { readonly kind: 'custom'; readonly name: string; readonly bytes: Uint8Array };

const SECTION_OF: Readonly<Record<Writable['kind'], number>> = {
  custom: COMPONENT_SECTION.custom,
  'core module': COMPONENT_SECTION.coreModule,
  'core instance': COMPONENT_SECTION.coreInstance,
  'core type': COMPONENT_SECTION.coreType,
  component: COMPONENT_SECTION.component,
  instance: COMPONENT_SECTION.instance,
  alias: COMPONENT_SECTION.alias,
  type: COMPONENT_SECTION.type,
  canon: COMPONENT_SECTION.canon,
  start: COMPONENT_SECTION.start,
  import: COMPONENT_SECTION.import,
  export: COMPONENT_SECTION.export,
  value: COMPONENT_SECTION.value,
};

/** Sections that hold one thing and no vector. */
const SINGLE: ReadonlySet<Writable['kind']> = new Set(['custom', 'core module', 'component', 'start']);

/** Bytes of a component, and where each definition that was added stands in them, in the order of adding. */
export interface Encoded {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offsets: readonly number[];
}

/** Collects the definitions of one component. */
export class ComponentWriter {
  private readonly w = new ByteWriter();
  private readonly offsets: number[] = [];
  /** The kind of the open section, and the entries in it. */
  private kind: Writable['kind'] | undefined;
  private entries = new ByteWriter();
  private starts: number[] = [];

  constructor() {
    this.w.bytes(PREAMBLE);
  }

  add(item: Writable): void {
    if (item.kind !== this.kind || SINGLE.has(item.kind)) {
      this.flush();
      this.kind = item.kind;
    }
    this.starts.push(this.entries.length);
    writeItem(this.entries, item);
  }

  finish(): Encoded {
    this.flush();
    return { bytes: this.w.toBytes(), offsets: this.offsets };
  }

  private flush(): void {
    const { w, kind, entries, starts } = this;
    if (kind === undefined) return;
    w.u8(SECTION_OF[kind]);
    const mark = w.begin();
    if (!SINGLE.has(kind)) w.u32(starts.length);
    const at = w.length;
    w.bytes(entries.view());
    const moved = w.end(mark);
    for (const start of starts) this.offsets.push(at - moved + start);
    this.kind = undefined;
    entries.clear();
    this.starts = [];
  }
}

/** A component's bytes, made again from what was decoded; modules and custom sections are copied. */
export function encodeComponent(component: Component): Uint8Array<ArrayBuffer> {
  const { bytes, definitions, customs } = component;
  const out = new ComponentWriter();
  let next = 0;
  const customsUpTo = (n: number) => {
    for (; next < customs.length && customs[next].after <= n; next++) {
      const { name, range } = customs[next];
      out.add({ kind: 'custom', name, bytes: bytes.subarray(range.start, range.end) });
    }
  };
  definitions.forEach((def, i) => {
    customsUpTo(i);
    switch (def.kind) {
      case 'core module':
        out.add({ kind: def.kind, bytes: bytes.subarray(def.range.start, def.range.end) });
        break;
      case 'component':
        out.add({ kind: def.kind, bytes: encodeComponent(def.component) });
        break;
      case 'value':
        out.add({ ...def, bytes: bytes.subarray(def.value.start, def.value.end) });
        break;
      default:
        out.add(def);
    }
  });
  customsUpTo(definitions.length);
  return out.finish().bytes;
}

/** Names by sort, each list ascending by index. */
export type SortNames = readonly (readonly [sort: Sort, names: readonly (readonly [number, string])[]])[];

/** The content of the name section; undefined when there are no names. */
export function encodeNames(component: string | undefined, sorts: SortNames): Uint8Array | undefined {
  const w = new ByteWriter();
  if (component !== undefined) {
    w.u8(0);
    const mark = w.begin();
    w.name(component);
    w.end(mark);
  }
  for (const [sort, names] of sorts) {
    if (names.length === 0) continue;
    w.u8(1);
    const mark = w.begin();
    writeSort(w, sort);
    w.u32(names.length);
    for (const [idx, name] of names) {
      w.u32(idx);
      w.name(name);
    }
    w.end(mark);
  }
  return w.length > 0 ? w.toBytes() : undefined;
}

/** A name section as a definition to add at the end. */
export function nameSection(component: string | undefined, sorts: SortNames): Writable | undefined {
  const bytes = encodeNames(component, sorts);
  return bytes && { kind: 'custom', name: NAME_SECTION, bytes };
}

function writeItem(w: ByteWriter, item: Writable): void {
  switch (item.kind) {
    case 'custom':
      w.name(item.name);
      w.bytes(item.bytes);
      break;
    case 'core module':
    case 'component':
      w.bytes(item.bytes);
      break;
    case 'core instance':
      if (item.expr.kind === 'instantiate') {
        w.u8(0);
        w.u32(item.expr.moduleIdx);
        each(w, item.expr.args, ({ name, instanceIdx }) => {
          w.name(name);
          w.u8(0x12);
          w.u32(instanceIdx);
        });
      } else {
        w.u8(1);
        each(w, item.expr.exports, ({ name, item: { sort, idx } }) => {
          w.name(name);
          w.u8(CORE_SORT_CODES[sort.slice('core '.length) as CoreSort]);
          w.u32(idx);
        });
      }
      break;
    case 'instance':
      if (item.expr.kind === 'instantiate') {
        w.u8(0);
        w.u32(item.expr.componentIdx);
        each(w, item.expr.args, ({ name, item: target }) => {
          w.name(name);
          writeSortIdx(w, target);
        });
      } else {
        w.u8(1);
        each(w, item.expr.exports, ({ name, item: target }) => {
          writeExternName(w, name);
          writeSortIdx(w, target);
        });
      }
      break;
    case 'core type':
      writeCoreType(w, item.type);
      break;
    case 'alias':
      writeAlias(w, item.sort, item.target);
      break;
    case 'type':
      writeDefType(w, item.type);
      break;
    case 'canon':
      writeCanon(w, item.canon);
      break;
    case 'start':
      w.u32(item.funcIdx);
      each(w, item.args, (idx) => w.u32(idx));
      w.u32(item.results);
      break;
    case 'import':
      writeExternName(w, item.name);
      writeExternType(w, item.type);
      break;
    case 'export':
      writeExternName(w, item.name);
      writeSortIdx(w, item.item);
      optional(w, item.type, (type) => writeExternType(w, type));
      break;
    case 'value':
      writeValTypeRef(w, item.type);
      w.sized(item.bytes);
  }
}

function each<T>(w: ByteWriter, items: readonly T[], write: (item: T) => void): void {
  w.u32(items.length);
  for (const item of items) write(item);
}

function optional<T>(w: ByteWriter, value: T | undefined, write: (value: T) => void): void {
  w.u8(value === undefined ? 0 : 1);
  if (value !== undefined) write(value);
}

function writeSort(w: ByteWriter, sort: Sort): void {
  if (sort.startsWith('core ')) {
    w.u8(0);
    w.u8(CORE_SORT_CODES[sort.slice('core '.length) as CoreSort]);
  } else w.u8(SORT_CODES[sort as keyof typeof SORT_CODES]);
}

function writeSortIdx(w: ByteWriter, { sort, idx }: SortIdx): void {
  writeSort(w, sort);
  w.u32(idx);
}

function writeAlias(w: ByteWriter, sort: Sort, target: AliasTarget): void {
  writeSort(w, sort);
  switch (target.kind) {
    case 'export':
    case 'core export':
      w.u8(target.kind === 'export' ? 0 : 1);
      w.u32(target.instanceIdx);
      w.name(target.name);
      break;
    case 'outer':
      w.u8(2);
      w.u32(target.count);
      w.u32(target.idx);
  }
}

const ATTRIBUTE_CODES = { implements: 0, versionsuffix: 1, 'external-id': 2 } as const;

function writeExternName(w: ByteWriter, { text, attributes }: Unplaced<ExternName>): void {
  w.u8(attributes.length > 0 ? 2 : 0);
  w.name(text);
  if (attributes.length === 0) return;
  each(w, attributes, ({ kind, value }) => {
    w.u8(ATTRIBUTE_CODES[kind]);
    w.name(value);
  });
}

function writeExternType(w: ByteWriter, type: Unplaced<ExternType>): void {
  if (type.kind === 'core module') {
    w.u8(0);
    w.u8(0x11);
    w.u32(type.typeIdx);
    return;
  }
  w.u8(SORT_CODES[type.kind]);
  switch (type.kind) {
    case 'type':
      w.u8(type.bound === 'resource' ? 1 : 0);
      if (type.bound !== 'resource') w.u32(type.bound.eq);
      break;
    case 'value':
      if ('eq' in type.bound) {
        w.u8(0);
        w.u32(type.bound.eq);
      } else {
        w.u8(1);
        writeValTypeRef(w, type.bound.type);
      }
      break;
    default:
      w.u32(type.typeIdx);
  }
}

function writeValTypeRef(w: ByteWriter, type: ValTypeRef): void {
  if (typeof type === 'number') w.s33(type);
  else w.u8(PRIM_CODES[type]);
}

function writeDefType(w: ByteWriter, type: Unplaced<DefType>): void {
  const val = (ref: ValTypeRef) => writeValTypeRef(w, ref);
  switch (type.kind) {
    case 'prim':
      w.u8(PRIM_CODES[type.prim]);
      break;
    case 'record':
      w.u8(TYPE_CODE.record);
      each(w, type.fields, (field) => writeLabelled(w, field));
      break;
    case 'variant':
      w.u8(TYPE_CODE.variant);
      each(w, type.cases, (one) => {
        w.name(one.label);
        optional(w, one.type, val);
        w.u8(0);
      });
      break;
    case 'list':
      w.u8(type.length === undefined ? TYPE_CODE.list : TYPE_CODE.fixedList);
      val(type.element);
      if (type.length !== undefined) w.u32(type.length);
      break;
    case 'map':
      w.u8(TYPE_CODE.map);
      val(type.key);
      val(type.value);
      break;
    case 'tuple':
      w.u8(TYPE_CODE.tuple);
      each(w, type.types, val);
      break;
    case 'flags':
    case 'enum':
      w.u8(TYPE_CODE[type.kind]);
      each(w, type.labels, (label) => w.name(label));
      break;
    case 'option':
      w.u8(TYPE_CODE.option);
      val(type.type);
      break;
    case 'result':
      w.u8(TYPE_CODE.result);
      optional(w, type.ok, val);
      optional(w, type.error, val);
      break;
    case 'own':
    case 'borrow':
      w.u8(TYPE_CODE[type.kind]);
      w.u32(type.typeIdx);
      break;
    case 'stream':
    case 'future':
      w.u8(TYPE_CODE[type.kind]);
      optional(w, type.type, val);
      break;
    case 'func':
      w.u8(type.async ? TYPE_CODE.asyncFunc : TYPE_CODE.func);
      each(w, type.params, (param) => writeLabelled(w, param));
      writeResultList(w, type.result);
      break;
    case 'resource':
      w.u8(TYPE_CODE.resource);
      writeValType(w, type.rep);
      optional(w, type.dtor, (idx) => w.u32(idx));
      break;
    case 'component':
    case 'instance':
      w.u8(TYPE_CODE[type.kind]);
      each(w, type.decls, (decl) => writeDeclaration(w, decl));
  }
}

function writeLabelled(w: ByteWriter, { label, type }: { label: string; type: ValTypeRef }): void {
  w.name(label);
  writeValTypeRef(w, type);
}

function writeResultList(w: ByteWriter, result: ValTypeRef | undefined): void {
  w.u8(result === undefined ? 1 : 0);
  if (result === undefined) w.u8(0);
  else writeValTypeRef(w, result);
}

function writeDeclaration(w: ByteWriter, decl: Unplaced<Declaration>): void {
  switch (decl.kind) {
    case 'core type':
      w.u8(0);
      writeCoreType(w, decl.type);
      break;
    case 'type':
      w.u8(1);
      writeDefType(w, decl.type);
      break;
    case 'alias':
      w.u8(2);
      writeAlias(w, decl.sort, decl.target);
      break;
    case 'import':
    case 'export decl':
      w.u8(decl.kind === 'import' ? 3 : 4);
      writeExternName(w, decl.name);
      writeExternType(w, decl.type);
  }
}

function writeCoreType(w: ByteWriter, type: Unplaced<CoreTypeDef['type']>): void {
  if (type.kind === 'module') {
    w.u8(TYPE_CODE.module);
    each(w, type.decls, (decl) => writeModuleDecl(w, decl));
    return;
  }
  const [first] = type.types;
  // What starts like a module type has a zero in front.
  const isSub = type.types.length === 1 && !first.final;
  if (isSub) w.u8(0);
  writeRecType(w, type.types);
}

function writeModuleDecl(w: ByteWriter, decl: Unplaced<ModuleDecl>): void {
  switch (decl.kind) {
    case 'import':
      w.u8(0);
      w.name(decl.module);
      w.name(decl.name);
      writeCoreExternType(w, decl.type);
      break;
    case 'type':
      w.u8(1);
      writeRecType(w, decl.types);
      break;
    case 'module type':
      w.u8(1);
      writeCoreType(w, { kind: 'module', decls: decl.decls });
      break;
    case 'alias':
      w.u8(2);
      w.u8(0x10);
      w.u8(0x01);
      w.u32(decl.count);
      w.u32(decl.idx);
      break;
    case 'export':
      w.u8(3);
      w.name(decl.name);
      writeCoreExternType(w, decl.type);
  }
}

function writeCoreExternType(w: ByteWriter, type: Unplaced<CoreExternType>): void {
  w.u8(CORE_SORT_CODES[type.kind]);
  switch (type.kind) {
    case 'func':
      w.u32(type.typeIdx);
      break;
    case 'table':
      writeTableType(w, type.type);
      break;
    case 'memory':
      writeMemoryType(w, type.type);
      break;
    case 'global':
      writeGlobalType(w, type.type);
      break;
    case 'tag':
      writeTagType(w, type.type);
  }
}

function writeCanon(w: ByteWriter, canon: Unplaced<Canon>): void {
  switch (canon.kind) {
    case 'lift':
      w.u8(0);
      w.u8(0);
      w.u32(canon.funcIdx);
      writeOpts(w, canon.opts);
      w.u32(canon.typeIdx);
      break;
    case 'lower':
      w.u8(1);
      w.u8(0);
      w.u32(canon.funcIdx);
      writeOpts(w, canon.opts);
      break;
    case 'builtin':
      w.u8(CANONS[canon.name].code);
      for (const immediate of canonImmediates(canon.name)) {
        switch (immediate) {
          case 'type':
            w.u32(canon.typeIdx!);
            break;
          case 'opts':
            writeOpts(w, canon.opts ?? []);
            break;
          case 'async':
          case 'cancellable':
          case 'shared':
            w.u8(canon[immediate] ? 1 : 0);
            break;
          case 'memory':
            w.u32(canon.memoryIdx!);
            break;
          case 'result':
            writeResultList(w, canon.result);
            break;
          case 'slot':
            writeValType(w, canon.slotType!);
            w.u32(canon.slot!);
            break;
          case 'core type':
            w.u32(canon.coreTypeIdx!);
            break;
          case 'table':
            w.u32(canon.tableIdx!);
        }
      }
  }
}

const OPT_CODES = new Map([...INDEX_OPTS].map(([code, kind]) => [kind, code]));

function writeOpts(w: ByteWriter, opts: readonly Unplaced<CanonOpt>[]): void {
  each(w, opts, (opt) => {
    switch (opt.kind) {
      case 'string-encoding':
        w.u8(ENCODINGS.indexOf(opt.encoding));
        break;
      case 'async':
        w.u8(0x06);
        break;
      default:
        w.u8(OPT_CODES.get(opt.kind)!);
        w.u32(opt.idx);
    }
  });
}
