/**
 * Writing modules: sections from entries that are already bytes, the entries themselves, and a whole Module again
 * (spec 5.5). The assembler and the rewriting of code share these writers.
 *
 * Section writers say where each entry landed, so that a map from offsets to text can be kept. Integers are written
 * in their shortest form; custom sections keep their place between the others.
 */

import { ByteWriter } from '../base/writer.ts';
import { HEAP, refType, type ValType } from '../isa/types.ts';
import type { ByteRange, DataSegment, ElemSegment, ExternKind, Module } from '../module/module.ts';
import { NAME_SUBSECTION } from '../module/name-section.ts';
import type { NameSpace } from '../module/names.ts';
import { EXTERN_KINDS, HEADER, SECTION } from './sections.ts';
import {
  writeGlobalType,
  writeMemoryType,
  writeRecType,
  writeTableType,
  writeTagType,
  writeValType,
} from './types.ts';

/** Bytes that stand for an entry, an expression, or a part of them. */
export type Encoded = Uint8Array;

/** `\0asm`, version 1. */
export function writeHeader(w: ByteWriter): void {
  w.bytes(HEADER);
}

/** A section with any content. Returns the offset of the content. */
export function writeSection(w: ByteWriter, id: number, content: Encoded): number {
  w.u8(id);
  w.u32(content.length);
  w.bytes(content);
  return w.length - content.length;
}

/** A section that is a vector of entries. Returns the offset of each entry. */
export function writeEntries(w: ByteWriter, id: number, entries: readonly Encoded[]): number[] {
  w.u8(id);
  const mark = w.begin();
  w.u32(entries.length);
  const offsets = entries.map((entry) => {
    w.bytes(entry);
    return w.length - entry.length;
  });
  const moved = w.end(mark);
  return offsets.map((offset) => offset - moved);
}

/** The code section from bodies (locals and instructions). Returns the offset of each body, behind its size. */
export function writeCode(w: ByteWriter, bodies: readonly Encoded[]): number[] {
  w.u8(SECTION.code);
  const mark = w.begin();
  w.u32(bodies.length);
  const offsets = bodies.map((body) => {
    w.sized(body);
    return w.length - body.length;
  });
  const moved = w.end(mark);
  return offsets.map((offset) => offset - moved);
}

/** A custom section. Returns the offset of the content behind its name. */
export function writeCustom(w: ByteWriter, name: string, content: Encoded): number {
  w.u8(SECTION.custom);
  const mark = w.begin();
  w.name(name);
  w.bytes(content);
  w.end(mark);
  return w.length - content.length;
}

/** The local declarations of a body: runs of count and type, count and type, … */
export function writeLocals(w: ByteWriter, runs: readonly number[]): void {
  w.u32(runs.length / 2);
  for (let i = 0; i < runs.length; i += 2) {
    w.u32(runs[i]);
    writeValType(w, runs[i + 1]);
  }
}

/** Runs of equal types from a list of locals. */
export function localRuns(types: readonly ValType[]): number[] {
  const runs: number[] = [];
  for (const type of types) {
    if (runs.length > 0 && runs[runs.length - 1] === type) runs[runs.length - 2]++;
    else runs.push(1, type);
  }
  return runs;
}

/** An import up to its kind; the type follows: a type index for functions, else a type of types.ts. */
export function writeImportHead(w: ByteWriter, module: string, name: string, kind: ExternKind): void {
  w.name(module);
  w.name(name);
  w.u8(EXTERN_KINDS.indexOf(kind));
}

export function writeExport(w: ByteWriter, name: string, kind: ExternKind, idx: number): void {
  w.name(name);
  w.u8(EXTERN_KINDS.indexOf(kind));
  w.u32(idx);
}

/** Starts a table entry with an initial value: its type and an expression follow. */
export function writeTableInitHead(w: ByteWriter): void {
  w.u8(0x40);
  w.u8(0);
}

/** An element segment whose expressions are bytes, each with its `end`. */
export interface EncodedElem {
  readonly type: ValType;
  readonly mode: ElemSegment['mode'];
  readonly tableIdx: number;
  readonly at?: Encoded;
  readonly items: { readonly funcs: readonly number[] } | { readonly exprs: readonly Encoded[] };
}

/** An element segment, in the shortest of its eight forms (spec 5.5.12). */
export function writeElem(w: ByteWriter, { type, mode, tableIdx, at, items }: EncodedElem): void {
  const isExprs = 'exprs' in items;
  const plain = type === refType(isExprs, HEAP.func);
  const named = mode === 'active' && (tableIdx !== 0 || !plain);
  const kind = mode === 'active' ? (named ? 2 : 0) : mode === 'passive' ? 1 : 3;
  w.u32(kind | (isExprs ? 4 : 0));
  if (named) w.u32(tableIdx);
  if (at) w.bytes(at);
  if (kind !== 0) {
    if (isExprs) writeValType(w, type);
    else w.u8(0);
  }
  if (isExprs) {
    w.u32(items.exprs.length);
    for (const expr of items.exprs) w.bytes(expr);
  } else {
    w.u32(items.funcs.length);
    for (const idx of items.funcs) w.u32(idx);
  }
}

/** A data segment; `at` is the offset expression of an active one, with its `end`. */
export function writeData(
  w: ByteWriter,
  mode: DataSegment['mode'],
  memIdx: number,
  at: Encoded | undefined,
  bytes: Encoded,
): void {
  const flags = mode === 'passive' ? 1 : memIdx === 0 ? 0 : 2;
  w.u32(flags);
  if (flags === 2) w.u32(memIdx);
  if (at) w.bytes(at);
  w.sized(bytes);
}

/** Names to be written: index and name, ascending by index. */
export type NameList = readonly (readonly [idx: number, name: string])[];

/** The content of a name section. */
export interface NameSectionContent {
  readonly module?: string;
  readonly names?: Readonly<Partial<Record<NameSpace, NameList>>>;
  /** By function (locals, labels) or by type (fields), ascending. */
  readonly locals?: readonly (readonly [funcIdx: number, names: NameList])[];
  readonly labels?: readonly (readonly [funcIdx: number, names: NameList])[];
  readonly fields?: readonly (readonly [typeIdx: number, names: NameList])[];
}

/** The name section, when there is anything to write in it. */
export function writeNames(w: ByteWriter, content: NameSectionContent): void {
  const out = new ByteWriter();
  const subsection = (id: number, write: () => void) => {
    out.u8(id);
    const mark = out.begin();
    write();
    out.end(mark);
  };
  const list = (names: NameList) => {
    out.u32(names.length);
    for (const [idx, name] of names) {
      out.u32(idx);
      out.name(name);
    }
  };
  const nested = { local: content.locals, label: content.labels, field: content.fields };
  for (const [what, id] of Object.entries(NAME_SUBSECTION)) {
    if (what === 'module') {
      const { module } = content;
      if (module !== undefined) subsection(id, () => out.name(module));
      continue;
    }
    if (what === 'local' || what === 'label' || what === 'field') {
      const groups = nested[what];
      if (!groups?.length) continue;
      subsection(id, () => {
        out.u32(groups.length);
        for (const [idx, names] of groups) {
          out.u32(idx);
          list(names);
        }
      });
      continue;
    }
    const names = content.names?.[what as NameSpace];
    if (names?.length) subsection(id, () => list(names));
  }
  if (out.length > 0) writeCustom(w, 'name', out.view());
}

/** A module's bytes, made again from what was decoded. Code and custom sections are copied. */
export function encode(module: Module): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(module.bytes.length + 64);
  writeHeader(w);
  let custom = 0;
  for (const { id } of module.sections) {
    if (id === SECTION.custom) {
      const { name, range } = module.customs[custom++];
      writeCustom(w, name, slice(module, range));
    } else {
      w.u8(id);
      const mark = w.begin();
      encodeContent(w, module, id);
      w.end(mark);
    }
  }
  return w.toBytes();
}

function slice({ bytes }: Module, { start, end }: ByteRange): Encoded {
  return bytes.subarray(start, end);
}

function encodeContent(w: ByteWriter, module: Module, id: number): void {
  const defined = <T extends { import?: unknown }>(items: readonly T[]) =>
    items.filter((item) => !item.import);
  const each = <T>(items: readonly T[], write: (item: T) => void) => {
    w.u32(items.length);
    for (const item of items) write(item);
  };
  const expr = (range: ByteRange) => w.bytes(slice(module, range));
  switch (id) {
    case SECTION.type:
      encodeTypes(w, module);
      break;
    case SECTION.import:
      encodeImports(w, module);
      break;
    case SECTION.function:
      each(defined(module.funcs), ({ typeIdx }) => w.u32(typeIdx));
      break;
    case SECTION.table:
      each(defined(module.tables), ({ type, init }) => {
        if (init) writeTableInitHead(w);
        writeTableType(w, type);
        if (init) expr(init);
      });
      break;
    case SECTION.memory:
      each(defined(module.memories), ({ type }) => writeMemoryType(w, type));
      break;
    case SECTION.tag:
      each(defined(module.tags), ({ type }) => writeTagType(w, type));
      break;
    case SECTION.global:
      each(defined(module.globals), ({ type, init }) => {
        writeGlobalType(w, type);
        expr(init!);
      });
      break;
    case SECTION.export:
      each(module.exports, ({ name, kind, idx }) => writeExport(w, name, kind, idx));
      break;
    case SECTION.start:
      w.u32(module.start!.funcIdx);
      break;
    case SECTION.element:
      each(module.elems, (elem) => writeElem(w, encodedElem(module, elem)));
      break;
    case SECTION.dataCount:
      w.u32(module.dataCount!);
      break;
    case SECTION.code:
      each(defined(module.funcs), ({ body }) => {
        const mark = w.begin();
        writeLocals(w, body!.locals);
        expr({ start: body!.codeStart, end: body!.range.end });
        w.end(mark);
      });
      break;
    case SECTION.data:
      each(module.datas, ({ mode, memIdx, at, bytes }) =>
        writeData(w, mode, memIdx, at && slice(module, at), slice(module, bytes)),
      );
  }
}

function encodeTypes(w: ByteWriter, { types }: Module): void {
  const groups = [];
  // Empty groups leave no trace in the types.
  for (let i = 0; i < types.length; i += types[i].groupSize)
    groups.push(types.slice(i, i + types[i].groupSize));
  w.u32(groups.length);
  for (const group of groups) writeRecType(w, group);
}

function encodeImports(w: ByteWriter, module: Module): void {
  w.u32(module.imports.length);
  for (const { module: from, name, kind, idx } of module.imports) {
    writeImportHead(w, from, name, kind);
    switch (kind) {
      case 'func':
        w.u32(module.funcs[idx].typeIdx);
        break;
      case 'table':
        writeTableType(w, module.tables[idx].type);
        break;
      case 'memory':
        writeMemoryType(w, module.memories[idx].type);
        break;
      case 'global':
        writeGlobalType(w, module.globals[idx].type);
        break;
      case 'tag':
        writeTagType(w, module.tags[idx].type);
    }
  }
}

function encodedElem(module: Module, { type, mode, tableIdx, at, items }: ElemSegment): EncodedElem {
  const encoded = 'exprs' in items ? { exprs: items.exprs.map((range) => slice(module, range)) } : items;
  return { type, mode, tableIdx, at: at && slice(module, at), items: encoded };
}
