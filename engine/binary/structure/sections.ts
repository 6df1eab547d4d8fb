/**
 * The fields of a core module's sections (spec 5.5).
 *
 * Entries have the indices of their index spaces, which imports come first in. Function bodies are framed by their sizes.
 */

import { malformed, WasmError } from '../../base/errors.ts';
import { ByteReader } from '../../base/reader.ts';
import type { ExternKind } from '../../module/module.ts';
import { EXTERN_KINDS, SECTION } from '../sections.ts';
import { readValType } from '../types.ts';
import { body, expression } from './instructions.ts';
import { globalType, importedType, memoryType, recType, refType, tableType, tagType } from './types.ts';
import { faultOf, type Grammar, type Walker } from './walker.ts';

/** How many items of each kind are imported. */
export type ImportCounts = Readonly<Record<ExternKind, number>>;

/** What is in the section with this id; undefined if there is none. `imported` is asked when it is needed. */
export function sectionGrammar(id: number, imported: () => ImportCounts): Grammar | undefined {
  const entries =
    (what: string, kind: ExternKind | undefined, item: Grammar): Grammar =>
    (w) => {
      const n = w.count();
      const first = kind ? imported()[kind] : 0;
      w.items(n, (items, i) => items.group('entry', what, item, first + i));
    };
  switch (id) {
    case SECTION.type:
      return types;
    case SECTION.import:
      return entries('import', undefined, importEntry);
    case SECTION.function:
      return entries('function', 'func', (w) => w.u32('type index', 'type'));
    case SECTION.table:
      return entries('table', 'table', table);
    case SECTION.memory:
      return entries('memory', 'memory', memoryType);
    case SECTION.tag:
      return entries('tag', 'tag', tagType);
    case SECTION.global:
      return entries('global', 'global', (w) => {
        globalType(w);
        expression(w, 'initial value');
      });
    case SECTION.export:
      return entries('export', undefined, exportEntry);
    case SECTION.start:
      return (w) => w.u32('function index', 'func');
    case SECTION.element:
      return entries('element segment', undefined, elem);
    case SECTION.dataCount:
      return (w) => w.u32('count of data segments', 'count');
    case SECTION.code:
      return (w) => {
        const n = w.count();
        const first = imported().func;
        w.items(n, (items, i) => code(items, first + i));
      };
    case SECTION.data:
      return entries('data segment', undefined, data);
    default:
      return undefined;
  }
}

function types(w: Walker): void {
  const n = w.count();
  let next = 0;
  // A group with the number of its first type; what is counted before it is looked into is what it begins with.
  for (let i = 0; i < n; i++) {
    const first = next;
    const isGroup = w.r.peek() === 0x4e;
    const item: Grammar = (inner) => {
      next = first + recType(inner, first);
    };
    if (isGroup) w.group('entry', 'recursion group', item);
    else w.group('type', 'type', item, first);
  }
}

export function importEntry(w: Walker): ExternKind {
  w.name('module');
  w.name('name');
  const start = w.pos;
  const kind = EXTERN_KINDS[w.byte('kind', 'externKind')];
  const isRead = importedType(w, kind, (func) => func.u32('type index', 'type'));
  if (!isRead) malformed(start, 'malformed import kind');
  return kind;
}

function table(w: Walker): void {
  if (w.r.peek() !== 0x40) {
    tableType(w);
    return;
  }
  w.byte('with an initial element');
  const start = w.pos;
  if (w.byte('reserved') !== 0) malformed(start, 'zero byte expected');
  tableType(w);
  expression(w, 'initial element');
}

function exportEntry(w: Walker): void {
  w.name('name');
  const start = w.pos;
  const kind = EXTERN_KINDS[w.byte('kind', 'externKind')];
  if (kind === undefined) malformed(start, 'malformed export kind');
  w.u32(`${kind === 'func' ? 'function' : kind} index`, kind);
}

/** Bits of the flags: 0 not active, 1 names its table (active) or is declarative, 2 items are expressions. */
function elem(w: Walker): void {
  const start = w.pos;
  const flags = w.u32('flags', 'flags');
  if (flags > 7) malformed(start, 'malformed elements segment kind');
  const active = (flags & 1) === 0;
  if (active && (flags & 2) !== 0) w.u32('table index', 'table');
  if (active) expression(w, 'offset');
  const isExprs = (flags & 4) !== 0;
  if ((flags & 3) !== 0) {
    if (isExprs) refType(w, 'element type');
    else {
      const at = w.pos;
      if (w.byte('element kind') !== 0) malformed(at, 'malformed element kind');
    }
  }
  const n = w.count('count of elements');
  w.items(n, (items) => {
    if (isExprs) expression(items, 'element');
    else items.u32('function index', 'func');
  });
}

function data(w: Walker): void {
  const start = w.pos;
  const flags = w.u32('flags', 'flags');
  if (flags > 2) malformed(start, 'malformed data segment kind');
  if (flags === 2) w.u32('memory index', 'memory');
  if (flags !== 1) expression(w, 'offset');
  const n = w.size();
  w.bytes('data', n);
}

/** A code entry: size, local declarations, instructions. */
function code(w: Walker, funcIdx: number): void {
  const { r } = w;
  const start = r.pos;
  let n = 0;
  const fault = faultOf(() => {
    n = r.length();
  });
  const end = fault ? r.end : r.pos + n;
  r.pos = start;
  // Of a body that is cut off, what is there is read all the same.
  w.sized('func', 'func', end, funcEntry, { index: funcIdx, fault });
  if (fault) throw new WasmError(fault);
}

function funcEntry(w: Walker): void {
  w.u32('size', 'size');
  const n = w.count('count of local declarations');
  const wrongAt = tooManyLocals(w, n);
  w.items(n, (items, i) => {
    if (items.pos === wrongAt) malformed(wrongAt, 'too many locals');
    items.group('entry', 'local declaration', locals, i);
  });
  body(w);
}

function locals(w: Walker): void {
  w.u32('count of locals', 'count');
  w.valType('type');
}

/** Where the declaration stands that makes them more than 2^32 - 1; -1 if none does. */
function tooManyLocals(w: Walker, n: number): number {
  const r = new ByteReader(w.r.bytes, w.pos, w.r.end);
  let total = 0;
  let at = -1;
  faultOf(() => {
    for (let i = 0; i < n && total <= 0xffff_ffff; i++) {
      at = r.pos;
      total += r.u32();
      readValType(r);
    }
  });
  return total > 0xffff_ffff ? at : -1;
}
