/**
 * The annotations that mean something (spec appendix A.6): `(@custom …)`, `(@name …)`, `(@metadata.code.branch_hint …)`,
 * and one of our own: `(@datacount)` in a module gives it a data count section also where no instruction needs one.
 *
 * All annotations of one module form are found first; whoever reads the thing that one belongs to claims it. What nobody
 * has claimed in the end is misplaced. Other annotations are ignored. Knows tokens and places, no fields and no bytes'
 * layout.
 */

import type { Span } from '../base/errors.ts';
import { ByteWriter } from '../base/writer.ts';
import { SECTION } from '../binary/sections.ts';
import { BRANCH_HINT } from '../module/branch-hints.ts';
import type { Cursor } from './cursor.ts';
import { isTrivia, Tok } from './lexer.ts';
import { Entry, type MapBuilder } from './map.ts';
import { annotationId, stringName, writeString } from './strings.ts';
import type { Sp } from './symbols.ts';
import { formEnd } from './tree.ts';
import { word } from './words.ts';

/** A custom section, and where it stands among the others. */
export interface PlacedSection {
  readonly name: string;
  readonly content: Uint8Array;
  readonly place: Place;
  /** Its annotation; absent for what comes from many. */
  readonly span?: Span;
}

/** Before or after the section with this id, whether or not the module has one; or at one of the ends. */
export type Place = 'first' | 'last' | { readonly side: 'before' | 'after'; readonly section: number };

/** Names by index. */
type NameMap = Map<number, string>;

/** The kinds of sections as `(before …)` and `(after …)` write them. */
export const SECTION_WORDS: Readonly<Record<string, number>> = {
  type: SECTION.type,
  import: SECTION.import,
  func: SECTION.function,
  table: SECTION.table,
  memory: SECTION.memory,
  tag: SECTION.tag,
  global: SECTION.global,
  export: SECTION.export,
  start: SECTION.start,
  elem: SECTION.element,
  datacount: SECTION.dataCount,
  code: SECTION.code,
  data: SECTION.data,
};

/** The annotation that stands for a data count section which nothing needs. */
export const DATA_COUNT = 'datacount';

const W = { param: word('param'), local: word('local'), field: word('field') };

/** A hint that was read: its place in a function's body, in bytes from the local declarations. */
interface Hint {
  readonly offset: number;
  readonly likely: boolean;
}

/**
 * The annotations of the module that the cursor has entered; undefined if it has none. `form` is its `(module`, -1 for a
 * file of fields.
 */
export function annotationsOf(cursor: Cursor, form: number): Annotations | undefined {
  const { tokens, annotations } = cursor.tree;
  const inside = annotations.slice(
    firstAtOrBehind(annotations, form),
    firstAtOrBehind(annotations, cursor.limit),
  );
  const known = inside.filter((token) => {
    const id = annotationId(tokens, token);
    return id === 'custom' || id === 'name' || id === BRANCH_HINT || id === DATA_COUNT;
  });
  return known.length > 0 ? new Annotations(cursor, form, known) : undefined;
}

export class Annotations {
  /** The module's name. */
  moduleName: string | undefined;
  /** The module has a data count section in any case. */
  dataCount = false;
  /** Names of items by space. */
  readonly names = new Map<Sp, NameMap>();
  /** Names of locals and labels by function, of fields by type. */
  readonly inner = new Map<Sp, Map<number, NameMap>>();
  private readonly customs: PlacedSection[] = [];
  private readonly hints = new Map<number, Hint[]>();
  private readonly cursor: Cursor;
  /** Tokens of annotations that nobody has claimed. */
  private readonly open: Set<number>;
  private readonly tokens: readonly number[];
  /** Tokens of branch hints, ascending. */
  private readonly hintTokens: readonly number[];

  constructor(cursor: Cursor, form: number, tokens: readonly number[]) {
    this.cursor = cursor;
    this.tokens = tokens;
    this.open = new Set(tokens);
    this.hintTokens = tokens.filter((token) => annotationId(cursor.tokens, token) === BRANCH_HINT);
    for (const token of tokens) {
      if (cursor.tree.parent[token] !== form) continue;
      const id = annotationId(cursor.tokens, token);
      if (id === 'custom') this.custom(token);
      else if (id === 'name' && token < cursor.at) this.module(token);
      else if (id === DATA_COUNT) this.counted(token);
    }
  }

  /**
   * Claims the `@name` of a definition: behind its name or keyword at `token`, or before the type at `token` that stands for an
   * unnamed local or field.
   */
  name(space: Sp, idx: number, token: number, isType: boolean, scope: number | undefined): void {
    const found = isType ? this.before(token) : this.between(token + 1);
    if (found < 0) return;
    const name = this.nameIn(found);
    if (name === undefined) return;
    let map = this.names;
    let key: number = space;
    if (scope !== undefined) {
      const spaces = this.inner.get(space) ?? new Map<number, NameMap>();
      this.inner.set(space, spaces);
      map = spaces;
      key = scope;
    }
    let names = map.get(key);
    if (!names) map.set(key, (names = new Map()));
    names.set(idx, name);
  }

  /**
   * Claims the branch hints inside of the function at `[open, end)`, whose instructions are the map's entries from `entry` on
   * and whose local declarations begin at `start`. A function with faults keeps none.
   */
  func(
    funcIdx: number,
    open: number,
    end: number,
    map: MapBuilder,
    entry: number,
    start: number,
    ok: boolean,
  ): void {
    const { hintTokens } = this;
    const mine = hintTokens.slice(firstAtOrBehind(hintTokens, open), firstAtOrBehind(hintTokens, end));
    if (mine.length === 0) return;
    const { cursor } = this;
    const offsets = new Map<number, number>();
    for (let i = entry; i < map.length; i++) {
      if (map.kinds[i] === Entry.Instruction) offsets.set(map.starts[i], map.offsets[i] - start);
    }
    const hints = new Map<number, Hint>();
    for (const token of mine) {
      this.open.delete(token);
      const likely = this.hint(token);
      let target = cursor.significant(token);
      if (cursor.tokens.kinds[target] === Tok.Open) target = cursor.significant(target + 1);
      const offset = offsets.get(cursor.tokens.starts[target]);
      if (hints.has(target)) this.fault(token, 'duplicate annotation');
      else if (likely !== undefined && ok && offset === undefined) this.fault(token, 'invalid target');
      else if (likely !== undefined && ok) hints.set(target, { offset: offset!, likely });
    }
    const sorted = [...hints.values()].sort((a, b) => a.offset - b.offset);
    if (sorted.length > 0) this.hints.set(funcIdx, sorted);
  }

  /** True if an annotation that means something stands between two tokens. */
  hasAny(first: number, end: number): boolean {
    return firstAtOrBehind(this.tokens, first) < firstAtOrBehind(this.tokens, end);
  }

  /** Says of every annotation that nobody has claimed that it is misplaced. */
  finish(): void {
    for (const token of this.open) {
      const id = annotationId(this.cursor.tokens, token);
      if (id === BRANCH_HINT) this.fault(token, 'not in a function');
      else this.cursor.noteIn(`misplaced @${id} annotation`, this.cursor.formSpan(token));
    }
    this.open.clear();
  }

  /** The custom sections that come of it. */
  get sections(): readonly PlacedSection[] {
    if (this.hints.size === 0) return this.customs;
    const out = new ByteWriter();
    out.u32(this.hints.size);
    for (const [funcIdx, hints] of [...this.hints].sort(([a], [b]) => a - b)) {
      out.u32(funcIdx);
      out.u32(hints.length);
      for (const { offset, likely } of hints) {
        out.u32(offset);
        out.u32(1);
        out.u8(likely ? 1 : 0);
      }
    }
    const place = { side: 'before', section: SECTION.code } as const;
    return [...this.customs, { name: BRANCH_HINT, content: out.toBytes(), place }];
  }

  private module(token: number): void {
    this.open.delete(token);
    const name = this.nameIn(token);
    if (this.moduleName !== undefined) this.fault(token, 'multiple module');
    this.moduleName ??= name;
  }

  private counted(token: number): void {
    this.open.delete(token);
    const [more] = this.inside(token);
    if (more !== undefined) this.fault(token, `unexpected token ${this.cursor.text(more)}`);
    this.dataCount = true;
  }

  /** `(@custom "name" (before func)? "bytes"*)`. */
  private custom(token: number): void {
    this.open.delete(token);
    const { tokens } = this.cursor;
    const inside = this.inside(token);
    const first = inside[0];
    if (tokens.kinds[first] !== Tok.String) {
      this.fault(token, 'missing section name');
      return;
    }
    const name = stringName(tokens, first);
    if (name === undefined) {
      this.fault(token, 'malformed UTF-8 encoding');
      return;
    }
    let at = 1;
    let place: Place = 'last';
    if (tokens.kinds[inside[at]] === Tok.Open) {
      const read = this.place(inside, at);
      if (typeof read === 'string' && read.startsWith('malformed')) {
        this.fault(token, read);
        return;
      }
      place = read as Place;
      at += 4;
    }
    const content = new ByteWriter();
    for (; tokens.kinds[inside[at]] === Tok.String; at++) writeString(content, tokens, inside[at]);
    if (at < inside.length) {
      this.fault(token, `unexpected token ${this.cursor.text(inside[at])}`);
      return;
    }
    this.customs.push({ name, content: content.toBytes(), place, span: this.cursor.formSpan(token) });
  }

  /** `(before type)`: four tokens from `at` on. What is wrong with it otherwise. */
  private place(
    inside: readonly number[],
    at: number,
  ): Place | 'malformed placement' | 'malformed section kind' {
    const text = (i: number) => (i < inside.length ? this.cursor.text(inside[i]) : '');
    const side = text(at + 1);
    if (side !== 'before' && side !== 'after') return 'malformed placement';
    const kind = text(at + 2);
    if (text(at + 3) !== ')')
      return kind === ')' || kind === '' ? 'malformed section kind' : 'malformed placement';
    if (side === 'before' && kind === 'first') return 'first';
    if (side === 'after' && kind === 'last') return 'last';
    const section = Object.hasOwn(SECTION_WORDS, kind) ? SECTION_WORDS[kind] : undefined;
    return section === undefined ? 'malformed section kind' : { side, section };
  }

  private nameIn(token: number): string | undefined {
    const { tokens } = this.cursor;
    const [string, more] = this.inside(token);
    if (string === undefined || tokens.kinds[string] !== Tok.String || more !== undefined) {
      const bad = string === undefined || tokens.kinds[string] === Tok.String ? (more ?? string) : string;
      this.fault(token, bad === undefined ? 'missing name' : `unexpected token ${this.cursor.text(bad)}`);
      return undefined;
    }
    const name = stringName(tokens, string);
    if (name === undefined) this.fault(token, 'malformed UTF-8 encoding');
    return name;
  }

  private hint(token: number): boolean | undefined {
    const { tokens } = this.cursor;
    const bytes = new ByteWriter();
    for (const string of this.inside(token)) {
      if (tokens.kinds[string] !== Tok.String) {
        this.fault(token, `unexpected token ${this.cursor.text(string)}`);
        return undefined;
      }
      writeString(bytes, tokens, string);
    }
    const view = bytes.view();
    if (view.length === 1 && view[0] <= 1) return view[0] === 1;
    this.fault(token, 'malformed hint: it is "\\00" (unlikely) or "\\01" (likely)');
    return undefined;
  }

  /** The tokens inside of an annotation but for trivia. */
  private inside(token: number): number[] {
    const { kinds } = this.cursor.tokens;
    const end = formEnd(this.cursor.tree, token);
    const out: number[] = [];
    for (let i = token + 1; i < end; i++) if (!isTrivia(kinds[i])) out.push(i);
    if (this.cursor.tree.match[token] >= 0) out.pop();
    return out;
  }

  /** Claims the name annotation between `from` and the next thing that means something; -1 if there is none. */
  private between(from: number): number {
    const end = this.cursor.significant(from);
    let found = -1;
    for (let i = from; i < end; i++) {
      if (!this.open.has(i) || annotationId(this.cursor.tokens, i) !== 'name') continue;
      this.open.delete(i);
      if (found >= 0) this.fault(i, 'multiple names');
      else found = i;
    }
    return found;
  }

  /** The same for what stands before a type and behind `param`, `local` or `field`. */
  private before(type: number): number {
    const { kinds, words } = this.cursor.tokens;
    const { match } = this.cursor.tree;
    let at = type - 1;
    // The type may be a form: its keyword is what stands for it.
    if (kinds[at] === Tok.Open) at--;
    for (; at >= 0; at--) {
      if (kinds[at] === Tok.Close && kinds[match[at]] === Tok.Annot) at = match[at];
      else if (!isTrivia(kinds[at])) break;
    }
    const isFirst = at >= 0 && (words[at] === W.param || words[at] === W.local || words[at] === W.field);
    return isFirst ? this.between(at + 1) : -1;
  }

  private fault(token: number, message: string): void {
    const id = annotationId(this.cursor.tokens, token);
    this.cursor.noteIn(`@${id} annotation: ${message}`, this.cursor.formSpan(token));
  }
}

/** Where in an ascending list the first number is that is not below `token`. */
function firstAtOrBehind(tokens: readonly number[], token: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (tokens[mid] < token) low = mid + 1;
    else high = mid;
  }
  return low;
}
