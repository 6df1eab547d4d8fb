/**
 * The names of one module's index spaces while it is assembled: defining, looking up, suggesting.
 *
 * Names of locals and labels live in the function being read; this file knows the module's own spaces and the
 * fields of structs. Every "unknown x" and "duplicate x" of the text format is built here (spec 6.1, 6.6.1).
 */

import type { Note, Span } from '../base/errors.ts';
import type { Annotations } from './annotations.ts';
import type { Cursor } from './cursor.ts';
import type { DependencyLog } from './dependencies.ts';
import { Tok } from './lexer.ts';
import { detached, idName, writtenId } from './strings.ts';
import { SPACES, Sp, type SymbolList } from './symbols.ts';

/** What the suite's messages call an item of a space. */
const CALLED: readonly string[] = [
  'func',
  'type',
  'table',
  'memory',
  'global',
  'tag',
  'elem segment',
  'data segment',
  'local',
  'label',
  'field',
];

const UNKNOWN: readonly string[] = ['function', ...CALLED.slice(1)];

/** One space's names: raw name to index. */
export type NameTable = Map<string, number>;

export class Names {
  /** The module's own spaces, by number (symbols.ts). */
  readonly tables: readonly NameTable[] = SPACES.map(() => new Map());
  /** How many items each space has so far. */
  readonly counts: number[] = SPACES.map(() => 0);
  /** Names of fields by type index. */
  readonly fields = new Map<number, NameTable>();
  /** Where what is read is noted that other fields decide. */
  log: DependencyLog | undefined;
  /** Faults about names of the module that nobody has, of the field being read: who is meant is told in the end. */
  unknowns: Unknown[] = [];
  private readonly cursor: Cursor;
  private readonly symbols: SymbolList;
  /** The first definition in `symbols` that is of this module. */
  private readonly firstDef: number;
  /** What the text says beside the grammar; undefined if nothing. */
  readonly annotations: Annotations | undefined;

  constructor(cursor: Cursor, symbols: SymbolList, annotations?: Annotations) {
    this.cursor = cursor;
    this.symbols = symbols;
    this.firstDef = symbols.defCount;
    this.annotations = annotations;
  }

  /** Takes the next index of a space for the form that opens at `open`; `id` is its name's token or -1. */
  define(space: Sp, id: number, open: number): number {
    const idx = this.counts[space]++;
    this.defineAs(space, idx, id, open, this.tables[space]);
    return idx;
  }

  /** Notes a definition with a given index. */
  defineAs(space: Sp, idx: number, id: number, open: number, table: NameTable, scope?: number): void {
    const { cursor } = this;
    const field = cursor.formSpan(open);
    // A form without a name is found at its keyword, a lone type (an unnamed parameter) at itself.
    const isForm = cursor.tokens.kinds[open] === Tok.Open;
    const token = id >= 0 ? id : isForm ? cursor.significant(open + 1) : open;
    this.add(space, idx, token, id >= 0 ? this.bind(space, idx, id, table, scope) : undefined, field, scope);
  }

  /** Notes a definition whose range is known. */
  add(space: Sp, idx: number, token: number, name: string | undefined, field: Span, scope?: number): void {
    if (this.annotations) {
      const isType = name === undefined && (space === Sp.Local || space === Sp.Field);
      this.annotations.name(space, idx, token, isType, scope);
    }
    this.symbols.def(space, idx, token, scope, name === undefined ? name : detached(name), field);
  }

  /** Gives an index the name at `id`. Returns the name. */
  bind(space: Sp, idx: number, id: number, table: NameTable, scope?: number): string {
    const name = this.idName(id);
    if (table.has(name)) {
      const first = hasFew(this.cursor)
        ? this.symbols.tokenOf(space, table.get(name)!, scope, this.firstDef)
        : -1;
      const notes = first < 0 ? [] : [{ message: 'first defined here', span: this.cursor.span(first) }];
      this.cursor.note(`duplicate ${CALLED[space]} ${writtenId(name)}`, id, notes);
    } else {
      table.set(name, idx);
    }
    return name;
  }

  /** The name of an identifier token. */
  idName(id: number): string {
    const name = idName(this.cursor.tokens, id);
    if (name === undefined) this.cursor.note('malformed UTF-8 encoding', id);
    return name ?? '';
  }

  /** True if an index (a number or a name) stands at the cursor. */
  isIndex(): boolean {
    const kind = this.cursor.kind;
    return kind === Tok.Id || kind === Tok.Int;
  }

  /** Reads an index of one of the module's own spaces and notes its use. -1 for a name that nobody has. */
  index(space: Sp): number {
    return this.indexIn(space, this.tables[space]);
  }

  /** Reads an index by the names in `table`. -1, with a fault noted, for a name that nobody has. */
  indexIn(space: Sp, table: NameTable | undefined, scope?: number): number {
    const { cursor } = this;
    let idx: number;
    const token = cursor.at;
    if (cursor.kind === Tok.Id) {
      const name = this.idName(token);
      idx = table?.get(name) ?? -1;
      if (space !== Sp.Local) this.log?.name(space, name, scope ?? -1, idx);
      if (idx < 0) this.unknown(space, name, token, table, scope);
      cursor.take();
    } else {
      idx = cursor.u32(`an index or name of a ${CALLED[space]}`);
    }
    this.symbols.use(space, idx, token, scope);
    return idx;
  }

  /** Notes that no item of the space has the name at `token`. */
  unknown(space: Sp, name: string, token: number, table: NameTable | undefined, scope?: number): void {
    const { cursor } = this;
    const own = space === Sp.Local || space === Sp.Label;
    const notes = own && hasFew(cursor) ? meant(name, table) : [];
    cursor.note(`unknown ${UNKNOWN[space]} ${writtenId(name)}`, token, notes);
    if (!own && hasFew(cursor))
      this.unknowns.push({ fault: cursor.faults.length - 1, space, name: detached(name), scope });
  }

  /** The name that one which nobody has may stand for. */
  suggestion({ space, name, scope = -1 }: Unknown): Note[] {
    return meant(name, space === Sp.Field ? this.fields.get(scope) : this.tables[space]);
  }
}

/** A name that nobody has: the number of its fault among the field's, and where it was looked for. */
export interface Unknown {
  readonly fault: number;
  readonly space: Sp;
  readonly name: string;
  readonly scope?: number;
}

function meant(name: string, table: NameTable | undefined): Note[] {
  const near = table && nearest(name, table.keys());
  return near === undefined ? [] : [{ message: `did you mean \`${writtenId(near)}\`?` }];
}

/** Looking for the first definition or a near name costs a walk over all names: only a field's first faults get it. */
function hasFew({ faults }: Cursor): boolean {
  return faults.length < 100;
}

/** How many candidates a suggestion looks at: faults must stay cheap in large modules. */
const CANDIDATES = 5000;

/** The candidate that is closest to `name`, if it is close at all. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.ceil(name.length / 3) + 1);
  let seen = 0;
  for (const candidate of candidates) {
    if (++seen > CANDIDATES) break;
    if (candidate === '' || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance; anything at or above `limit` may come back as `limit`. Long names are not compared. */
function editDistance(a: string, b: string, limit: number): number {
  if (a.length > 64 || b.length > 64) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1] + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      next.push(Math.min(change, row[j] + 1, next[j - 1] + 1));
      least = Math.min(least, next[j]);
    }
    if (least >= limit) return limit;
    row = next;
  }
  return row[b.length];
}
