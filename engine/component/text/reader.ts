/**
 * What all of component text is read with: the cursor, the scope, names, and references in all their forms.
 *
 * A reference is an index or a name, or a form that says its sort; a form may go on with names, which project out of an
 * instance (inline aliases, Explainer.md). A name of an outer scope stands for an outer alias. What these abbreviations
 * stand for is added to the scope as it is read.
 */

import type { Fault, Span } from '../../base/errors.ts';
import type { Assembly } from '../../text/assemble.ts';
import { Tok } from '../../text/lexer.ts';
import { nearest } from '../../text/names.ts';
import { annotationId, idName, stringName, writtenId } from '../../text/strings.ts';
import { formEnd, type Tree } from '../../text/tree.ts';
import { MOST_NESTED } from '../binary/codes.ts';
import type { Sort, SortIdx } from '../model.ts';
import { ComponentCursor } from './cursor.ts';
import { Scope, type ScopeKind } from './scope.ts';

/** Where something is defined or used in the text. */
export interface ComponentSymbol {
  /** `def`: it begins to exist here. */
  readonly role: 'def' | 'use';
  readonly sort: Sort;
  /** The number of the scope whose index it is. */
  readonly scope: number;
  readonly idx: number;
  /** Its name's token or number's, or the keyword of a definition without a name. */
  readonly token: number;
  /** Without `$`. */
  readonly name?: string;
  /** The form that defines it. */
  readonly form?: Span;
}

/** A sort that an outer alias may have. */
const OUTER_SORTS: ReadonlySet<Sort> = new Set(['core module', 'core type', 'component', 'type']);

export class Reader {
  readonly tree: Tree;
  readonly cursor: ComponentCursor;
  readonly symbols: ComponentSymbol[] = [];
  scope: Scope;
  /** Write name sections. */
  readonly names: boolean;
  /** Has the modules inside that are assembled already, by their open parentheses. */
  readonly moduleAt: ((form: number) => Assembly | undefined) | undefined;
  private scopes = 0;
  private depth = 0;

  constructor(tree: Tree, faults: Fault[], names = true, moduleAt?: (form: number) => Assembly | undefined) {
    this.tree = tree;
    this.names = names;
    this.moduleAt = moduleAt;
    this.cursor = new ComponentCursor(tree, faults);
    this.scope = new Scope('component', this.cursor, this.scopes++);
  }

  /** Reads in a scope of its own, which it returns. */
  inScope(kind: ScopeKind, id: string | undefined, read: (scope: Scope) => void): Scope {
    const outer = this.scope;
    const scope = new Scope(kind, this.cursor, this.scopes++, outer, id);
    this.scope = scope;
    try {
      read(scope);
    } finally {
      this.scope = outer;
    }
    return scope;
  }

  /** Reads something that may have the like of it inside, so deep and no deeper. */
  nested<T>(read: () => T): T {
    const cursor: ComponentCursor = this.cursor;
    if (this.depth >= MOST_NESTED) {
      cursor.fail(`nesting too deep: more than ${MOST_NESTED} components or types`, cursor.last);
    }
    this.depth++;
    try {
      return read();
    } finally {
      this.depth--;
    }
  }

  /** Begins the outermost scope again, with a name. */
  begin(id: string | undefined): Scope {
    this.scope = new Scope('component', this.cursor, this.scopes++, undefined, id);
    return this.scope;
  }

  /** A `$name` if one stands here: its token, else -1. */
  id(): number {
    return this.cursor.tryId();
  }

  /** The name of an identifier token; undefined for -1. */
  nameOf(id: number): string | undefined {
    if (id < 0) return undefined;
    const name = idName(this.cursor.tokens, id);
    if (name === undefined) this.cursor.note('malformed UTF-8 encoding', id);
    return name ?? '';
  }

  /** Takes the next index of a sort for the form at `open`; `id` is its name's token or -1. */
  define(sort: Sort, id: number, open: number): number {
    const idx = this.scope.take(sort);
    this.bind(sort, idx, id, open);
    return idx;
  }

  /** Names an index. */
  bind(sort: Sort, idx: number, id: number, open: number): void {
    const { cursor, scope } = this;
    const name = this.nameOf(id);
    if (name !== undefined) {
      const names = scope.names.get(sort)!;
      if (names.has(name)) cursor.note(`duplicate ${sort} identifier ${writtenId(name)}`, id);
      else names.set(name, idx);
    }
    if (sort !== 'core module') this.nameGiven(sort, idx, id >= 0 ? id : headEnd(cursor, open));
    const token = id >= 0 ? id : cursor.significant(open + 1);
    const form = cursor.formSpan(open);
    this.symbols.push({ role: 'def', sort, scope: scope.number, idx, token, name, form });
  }

  /** Takes the name that an annotation right behind a token says, if there is one. */
  nameGiven(sort: Sort, idx: number, token: number): void {
    const given = token < 0 ? undefined : this.givenName(token);
    if (given !== undefined) this.scope.given.get(sort)!.set(idx, given);
  }

  /** What an annotation right behind a token says that the name is: `(@name "x")`. */
  private givenName(token: number): string | undefined {
    const { cursor, tree } = this;
    const { kinds } = cursor.tokens;
    for (let at = token + 1; ; at++) {
      if (kinds[at] === Tok.Annot) {
        const isName = annotationId(cursor.tokens, at) === 'name';
        const string = isName ? at + 2 : -1;
        if (isName && kinds[string] === Tok.String) return stringName(cursor.tokens, string);
        at = formEnd(tree, at) - 1;
      } else if (kinds[at] > Tok.BlockComment) return undefined;
    }
  }

  /** The place of the form at `open`. */
  span(open: number): Span {
    return this.cursor.formSpan(open);
  }

  /** True if an index or a name stands here. */
  isIndex(): boolean {
    const { kind } = this.cursor;
    return kind === Tok.Id || kind === Tok.Int;
  }

  /** An index or a name of a sort. */
  index(sort: Sort): number {
    const { cursor } = this;
    const token = cursor.at;
    if (cursor.kind !== Tok.Id) {
      const idx = cursor.u32(`an index or name of a ${sort}`);
      this.use(sort, this.scope, idx, token);
      return idx;
    }
    cursor.take();
    return this.resolve(sort, token);
  }

  /** `idx`, or `(sort idx name*)`; core sorts may be written without `core` where that is clear. */
  ref(sort: Sort): number {
    const { cursor } = this;
    if (this.isIndex()) return this.index(sort);
    const form = cursor.form();
    if (form !== sort && `core ${form}` !== sort) cursor.unexpected(`an index or (${sort} …)`);
    return this.refForm(sort);
  }

  /** `(sort idx name*)` of any sort that the caller allows; `core` says that sorts are core without saying so. */
  sortIdx(allowed: (sort: Sort) => boolean, core = false): SortIdx {
    const cursor: ComponentCursor = this.cursor;
    const form = cursor.form();
    const sort = sortOfForm(form, core);
    if (sort === undefined || !allowed(sort)) cursor.unexpected('(func …), (instance …), or another sort');
    return { sort, idx: this.refForm(sort) };
  }

  /** The form of a reference whose sort is known: enters and leaves it. */
  private refForm(sort: Sort): number {
    const { cursor } = this;
    const open = cursor.openForm();
    const isProjection = cursor.kindBehind(cursor.at) === Tok.String;
    let idx: number;
    if (isProjection) {
      const ofCore = sort.startsWith('core ') && sort !== 'core module' && sort !== 'core type';
      idx = this.index(ofCore ? 'core instance' : 'instance');
      while (cursor.kind === Tok.String) {
        const token = cursor.at;
        const name = cursor.name('an export name');
        const isLast = !(cursor.kind === Tok.String);
        idx = this.alias(isLast ? sort : 'instance', idx, name, ofCore, cursor.spanOf(open, token));
      }
    } else idx = this.index(sort);
    cursor.close();
    return idx;
  }

  /** Adds an alias of an export. Returns its index. */
  alias(sort: Sort, instanceIdx: number, name: string, ofCore: boolean, span: Span): number {
    const idx = this.scope.take(sort);
    const kind = ofCore ? 'core export' : 'export';
    this.scope.add({ kind: 'alias', sort, idx, target: { kind, instanceIdx, name } }, span);
    return idx;
  }

  /** Adds an alias of an outer definition. Returns its index. */
  outerAlias(sort: Sort, count: number, outerIdx: number, span: Span): number {
    const { scope } = this;
    const idx = scope.take(sort);
    if (scope.kind === 'module type') {
      scope.moduleDecls.push({ kind: 'alias', count, idx: outerIdx });
    } else {
      scope.add({ kind: 'alias', sort, idx, target: { kind: 'outer', count, idx: outerIdx } }, span);
    }
    return idx;
  }

  /** The index that a name stands for, here or as an alias of an outer scope's. */
  resolve(sort: Sort, token: number): number {
    const cursor: ComponentCursor = this.cursor;
    const { scope } = this;
    const name = this.nameOf(token)!;
    const known = scope.names.get(sort)!.get(name);
    if (known !== undefined) {
      this.use(sort, scope, known, token);
      return known;
    }
    let count = 1;
    for (let outer = scope.parent; outer; outer = outer.parent, count++) {
      const idx = outer.names.get(sort)!.get(name);
      if (idx === undefined) continue;
      this.use(sort, outer, idx, token);
      if (!OUTER_SORTS.has(sort)) {
        cursor.fail(`outer item \`${name}\` is not a module, type, or component`, token);
      }
      const aliased = scope.aliased.get(sort)!;
      let local = aliased.get(name);
      if (local === undefined) {
        local = this.outerAlias(sort, count, idx, cursor.span(token));
        aliased.set(name, local);
      }
      return local;
    }
    const candidates: string[] = [];
    for (let each: Scope | undefined = scope; each; each = each.parent) {
      if (each === scope || OUTER_SORTS.has(sort)) candidates.push(...each.names.get(sort)!.keys());
    }
    const near = nearest(name, candidates);
    const notes = near === undefined ? [] : [{ message: `did you mean \`${writtenId(near)}\`?` }];
    cursor.fail(`unknown ${sort}: failed to find name \`${writtenId(name)}\``, token, notes);
  }

  /** How many scopes outwards `$name` or a number leads. */
  outerScope(): { count: number; scope: Scope | undefined } {
    const cursor: ComponentCursor = this.cursor;
    const token = cursor.at;
    if (cursor.kind !== Tok.Id) {
      const count = cursor.u32('a scope: its name, or how many scopes outwards');
      let scope: Scope | undefined = this.scope;
      for (let i = 0; i < count && scope; i++) scope = scope.parent;
      return { count, scope };
    }
    const name = this.nameOf(cursor.take());
    let count = 0;
    for (let scope: Scope | undefined = this.scope; scope; scope = scope.parent, count++) {
      if (scope.id === name) return { count, scope };
    }
    cursor.fail(`outer component \`${writtenId(name!)}\` not found`, token);
  }

  /** An index or name of a sort in a scope outwards. */
  indexIn(scope: Scope | undefined, sort: Sort): number {
    const cursor: ComponentCursor = this.cursor;
    const token = cursor.at;
    if (cursor.kind !== Tok.Id) {
      const idx = cursor.u32('an index or a name');
      if (scope) this.use(sort, scope, idx, token);
      return idx;
    }
    const name = this.nameOf(cursor.take())!;
    const idx = scope?.names.get(sort)?.get(name);
    if (scope === undefined || idx === undefined) {
      cursor.fail(`unknown ${sort}: failed to find name \`${writtenId(name)}\``, token);
    }
    this.use(sort, scope, idx, token);
    return idx;
  }

  private use(sort: Sort, scope: Scope, idx: number, token: number): void {
    this.symbols.push({ role: 'use', sort, scope: scope.number, idx, token });
  }
}

/** The last keyword of the form that opens at `open`. */
function headEnd(cursor: ComponentCursor, open: number): number {
  const first = cursor.significant(open + 1);
  return cursor.text(first) === 'core' ? cursor.significant(first + 1) : first;
}

const CORE_WORDS: ReadonlySet<string> = new Set([
  'func', 'table', 'memory', 'global', 'tag', 'type', 'module', 'instance',
]); // biome-ignore format: a list of words
const COMPONENT_WORDS: ReadonlySet<string> = new Set(['func', 'value', 'type', 'component', 'instance']);

/** The sort that a form's keyword says; undefined if it says none. */
export function sortOfForm(form: string, core = false): Sort | undefined {
  if (form.startsWith('core ')) return CORE_WORDS.has(form.slice(5)) ? (form as Sort) : undefined;
  if (core) return CORE_WORDS.has(form) ? (`core ${form}` as Sort) : undefined;
  return COMPONENT_WORDS.has(form) ? (form as Sort) : undefined;
}
