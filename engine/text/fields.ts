/**
 * The first pass over a module: which fields it has, what they are called, and their indices (spec 6.6).
 *
 * Reads the beginning of each field only: keyword, name, inline exports and import. So every name is known before
 * anything that uses names is read, and a fault further inside a field costs no index.
 */

import type { Span } from '../base/errors.ts';
import { type Cursor, RECOVER } from './cursor.ts';
import { Tok } from './lexer.ts';
import { type Names, nearest } from './names.ts';
import { Sp, type SymbolList, type SymbolRange } from './symbols.ts';
import { formEnd } from './tree.ts';
import { word } from './words.ts';

/** A name in the module's bytes, with the form that says it. */
export interface ExternName {
  readonly module: string;
  readonly name: string;
}

export interface InlineExport {
  readonly name: string;
  readonly open: number;
}

/** One field of a module. */
export interface Field {
  readonly kind: FieldKind;
  readonly open: number;
  /** What is imported or defined: the space and the index; -1 for exports, start and rec. */
  space: Sp | -1;
  idx: number;
  /** The token of its name; -1 without. */
  id: number;
  /** The token behind what the first pass read. */
  at: number;
  readonly exports: InlineExport[];
  import?: ExternName;
  /** Index of the segment that is written inside of a table or memory; -1 for none. */
  segmentIdx: number;
  /** False if already its beginning had a fault. */
  ok: boolean;
  /** An import behind definitions: it has an index that no import can have, so it is written as a definition. */
  late: boolean;
  /** Keyword through name: where faults about the whole field are shown. */
  head: Span;
  /** What the first pass noted of names. */
  found: SymbolRange;
}

export type FieldKind =
  | 'type'
  | 'rec'
  | 'import'
  | 'func'
  | 'table'
  | 'memory'
  | 'global'
  | 'tag'
  | 'export'
  | 'start'
  | 'elem'
  | 'data';

const KINDS: readonly FieldKind[] = [
  'type',
  'rec',
  'import',
  'func',
  'table',
  'memory',
  'global',
  'tag',
  'export',
  'start',
  'elem',
  'data',
];
const KIND_OF = new Map<number, FieldKind>(KINDS.map((kind) => [word(kind), kind]));

const SPACE_OF: Readonly<Partial<Record<FieldKind, Sp>>> = {
  type: Sp.Type,
  func: Sp.Func,
  table: Sp.Table,
  memory: Sp.Memory,
  global: Sp.Global,
  tag: Sp.Tag,
  elem: Sp.Elem,
  data: Sp.Data,
};

const W = {
  export: word('export'),
  import: word('import'),
  type: word('type'),
  elem: word('elem'),
  data: word('data'),
};

/** What may be imported, by keyword. */
export const EXTERN_SPACES = new Map<number, Sp>(
  (['func', 'table', 'memory', 'global', 'tag'] as const).map((name) => [word(name), SPACE_OF[name]!]),
);

/** Reads the beginnings of all fields from the cursor to the end of the form it is in, in steps. */
export function collectFields(cursor: Cursor, names: Names, symbols: SymbolList): Generator<void, Field[]> {
  return new Collector(cursor, names, symbols).collect();
}

class Collector {
  private readonly fields: Field[] = [];
  private readonly cursor: Cursor;
  private readonly names: Names;
  private readonly symbols: SymbolList;
  /** What was defined first that no import may follow, in the suite's words. */
  private defined = '';

  constructor(cursor: Cursor, names: Names, symbols: SymbolList) {
    this.cursor = cursor;
    this.names = names;
    this.symbols = symbols;
  }

  *collect(): Generator<void, Field[]> {
    const cursor: Cursor = this.cursor;
    let read = 0;
    while (cursor.kind !== Tok.Close && cursor.kind !== Tok.End) {
      const start = cursor.at;
      const before = cursor.limit;
      try {
        if (cursor.kind !== Tok.Open) cursor.unexpected('a module field');
        this.field(start);
      } catch (error) {
        if (error !== RECOVER) throw error;
      }
      cursor.limit = before;
      const isForm = cursor.tokens.kinds[start] === Tok.Open;
      cursor.seek(isForm ? formEnd(cursor.tree, start) : start + 1);
      if (++read % 512 === 0) yield;
    }
    return this.fields;
  }

  private field(open: number): void {
    const cursor: Cursor = this.cursor;
    cursor.enterForm(open);
    const number = cursor.kind === Tok.Keyword ? cursor.tokens.words[cursor.at] : 0;
    const known = KIND_OF.get(number);
    const kind = known ?? this.meant(number);
    if (!kind) cursor.unexpected('a module field');
    if (!known) cursor.noteUnexpected(cursor.at, `a module field: is \`${kind}\` meant?`);
    const keyword = cursor.take();
    const field: Field = {
      kind,
      open,
      space: SPACE_OF[kind] ?? -1,
      idx: -1,
      id: -1,
      at: cursor.at,
      exports: [],
      segmentIdx: -1,
      ok: false,
      late: false,
      head: cursor.span(keyword),
      found: { firstDef: 0, endDef: 0, firstUse: 0, endUse: 0 },
    };
    this.fields.push(field);
    const { defCount: firstDef, useCount: firstUse } = this.symbols;
    try {
      if (kind === 'rec') this.recGroup();
      else if (kind === 'import') this.importField(field);
      else if (field.space >= 0) this.definition(field, keyword);
      field.ok = known !== undefined;
    } finally {
      const { defCount: endDef, useCount: endUse } = this.symbols;
      field.found = { firstDef, endDef, firstUse, endUse };
    }
  }

  /** The field that an unknown keyword is likely to stand for: it keeps its index while it is mistyped. */
  private meant(number: number): FieldKind | undefined {
    const cursor: Cursor = this.cursor;
    if (number !== 0 || cursor.kind !== Tok.Keyword) return undefined;
    return nearest(cursor.text(cursor.at), KINDS) as FieldKind | undefined;
  }

  private recGroup(): void {
    const cursor: Cursor = this.cursor;
    while (cursor.isForm(W.type)) {
      const open = cursor.open();
      this.names.define(Sp.Type, cursor.tryId(), open);
      cursor.seek(formEnd(cursor.tree, open));
    }
  }

  private definition(field: Field, keyword: number): void {
    const cursor: Cursor = this.cursor;
    field.id = cursor.tryId();
    if (field.id >= 0) field.head = cursor.spanOf(keyword, field.id);
    field.idx = this.names.define(field.space as Sp, field.id, field.open);
    const { kind } = field;
    if (kind === 'table') field.segmentIdx = this.inlineSegment(field.open, W.elem, Sp.Elem);
    if (kind === 'memory') field.segmentIdx = this.inlineSegment(field.open, W.data, Sp.Data);
    if (kind !== 'elem' && kind !== 'data' && kind !== 'type') {
      const imported = this.inlineExtern(field);
      if (!imported && !this.defined) this.defined = kind === 'func' ? 'function' : kind;
    }
    field.at = cursor.at;
  }

  /** `(export "n")* (import "m" "n")?`. Returns whether there is an import. */
  private inlineExtern(field: Field): boolean {
    const cursor: Cursor = this.cursor;
    while (cursor.isForm(W.export)) {
      const open = cursor.open();
      field.exports.push({ name: cursor.name('an export name'), open });
      cursor.close();
    }
    if (!cursor.isForm(W.import)) return false;
    const open = cursor.open();
    field.import = { module: cursor.name('a module name'), name: cursor.name('a name') };
    cursor.close();
    this.checkOrder(field, cursor.significant(open + 1));
    return true;
  }

  private importField(field: Field): void {
    const cursor: Cursor = this.cursor;
    field.head = cursor.formSpan(field.open);
    field.import = { module: cursor.name('a module name'), name: cursor.name('a name') };
    const space = EXTERN_SPACES.get(cursor.formWord());
    if (space === undefined) {
      cursor.unexpectedAt(
        cursor.kind === Tok.Open ? cursor.significant(cursor.at + 1) : cursor.at,
        'what is imported',
      );
    }
    this.checkOrder(field, cursor.significant(field.open + 1));
    const open = cursor.open();
    field.space = space;
    field.id = cursor.tryId();
    field.idx = this.names.define(space, field.id, open);
    field.at = cursor.at;
  }

  private checkOrder(field: Field, token: number): void {
    if (!this.defined) return;
    field.late = true;
    const notes = [
      { message: 'imports come before the definitions of functions, tables, memories, globals and tags' },
    ];
    this.cursor.note(`import after ${this.defined}`, token, notes);
  }

  /** A segment inside of the form takes an index too. */
  private inlineSegment(open: number, keyword: number, space: Sp): number {
    const cursor: Cursor = this.cursor;
    const { kinds, words } = cursor.tokens;
    const end = formEnd(cursor.tree, open);
    for (let token = cursor.at; token < end; token = cursor.significant(token)) {
      if (kinds[token] !== Tok.Open) {
        token++;
        continue;
      }
      if (words[cursor.significant(token + 1)] === keyword) return this.names.counts[space]++;
      token = formEnd(cursor.tree, token);
    }
    return -1;
  }
}
