/**
 * The index of a module's names in its text: every definition and every use, by token.
 *
 * Both are kept flat (a large module has hundreds of thousands) and become objects on request. Knows index spaces
 * and tokens, no types and no bytes. Labels count as the name section counts them: by the order of the blocks in
 * their function; -1 is the function's own label.
 */

import type { Span } from '../base/errors.ts';
import type { Tokens } from './lexer.ts';

export const SPACES = [
  'func',
  'type',
  'table',
  'memory',
  'global',
  'tag',
  'elem',
  'data',
  'local',
  'label',
  'field',
] as const;

/** An index space that names can be in. */
export type Space = (typeof SPACES)[number];

/** Index spaces by number, in the order of SPACES. */
export const enum Sp {
  Func = 0,
  Type = 1,
  Table = 2,
  Memory = 3,
  Global = 4,
  Tag = 5,
  Elem = 6,
  Data = 7,
  Local = 8,
  Label = 9,
  Field = 10,
}

/** Where something is defined. */
export interface Def {
  readonly space: Space;
  readonly idx: number;
  /** The token of its name, or of the keyword or type that stands for it. */
  readonly token: number;
  readonly span: Span;
  /** The function of a local or label, the type of a field. */
  readonly scope?: number;
  /** Without `$`. */
  readonly name?: string;
  /** The form or instruction that defines it. */
  readonly field: Span;
}

/** Where something is used, by name or by number. */
export interface Use {
  readonly space: Space;
  readonly idx: number;
  readonly token: number;
  readonly span: Span;
  /** The function that a use of a local or label is in, the type of a field; else undefined. */
  readonly scope?: number;
}

const NONE = -1;

/** What a number of a use stands for, and of a definition up to `scope`. */
const SPACE = 0;
const IDX = 1;
const TOKEN = 2;
const SCOPE = 3;
/** Of a definition only: start and end of the form. */
const START = 4;
const END = 5;

/** Numbers a use, numbers a definition. */
const USE = 4;
const DEF = 6;

/** Definitions `[firstDef, endDef)` and uses `[firstUse, endUse)` of a list. */
export interface SymbolRange {
  readonly firstDef: number;
  readonly endDef: number;
  readonly firstUse: number;
  readonly endUse: number;
}

/** Definitions and uses as they are found. */
export class SymbolList {
  uses: Int32Array<ArrayBuffer>;
  useCount = 0;
  defs: Int32Array<ArrayBuffer>;
  defCount = 0;
  /** Names of definitions, by definition. */
  readonly names: (string | undefined)[] = [];

  /** With room for so many of each. */
  constructor(uses = 64, defs = 16) {
    this.uses = new Int32Array(uses * USE);
    this.defs = new Int32Array(defs * DEF);
  }

  use(space: Sp, idx: number, token: number, scope: number = NONE): void {
    const at = this.useCount++ * USE;
    if (at >= this.uses.length) this.uses = grown(this.uses, at + USE);
    const { uses } = this;
    uses[at + SPACE] = space;
    uses[at + IDX] = idx;
    uses[at + TOKEN] = token;
    uses[at + SCOPE] = scope;
  }

  def(
    space: Sp,
    idx: number,
    token: number,
    scope: number | undefined,
    name: string | undefined,
    form: Span,
  ): void {
    const at = this.defCount++ * DEF;
    if (at >= this.defs.length) this.defs = grown(this.defs, at + DEF);
    const { defs } = this;
    defs[at + SPACE] = space;
    defs[at + IDX] = idx;
    defs[at + TOKEN] = token;
    defs[at + SCOPE] = scope ?? NONE;
    defs[at + START] = form.start;
    defs[at + END] = form.end;
    this.names.push(name);
  }

  /** The token of the first definition of an item from definition `first` on; -1 if there is none. */
  tokenOf(space: Sp, idx: number, scope: number | undefined, first: number): number {
    const { defs } = this;
    for (let at = first * DEF; at < this.defCount * DEF; at += DEF) {
      if (defs[at + SPACE] === space && defs[at + IDX] === idx && defs[at + SCOPE] === (scope ?? NONE))
        return defs[at + TOKEN];
    }
    return NONE;
  }

  /**
   * Copies a range of another list behind what is here. Tokens and positions are moved; locals and labels are those of
   * function `scope` now, and were those of `oldScope`.
   */
  append(
    from: SymbolList,
    { firstDef, endDef, firstUse, endUse }: SymbolRange,
    movedTokens: number,
    moved: number,
    scope: number,
    oldScope: number,
  ): void {
    let at = this.useCount * USE;
    this.useCount += endUse - firstUse;
    if (this.useCount * USE > this.uses.length) this.uses = grown(this.uses, this.useCount * USE);
    const { uses } = this;
    const oldUses = from.uses;
    const isSame = movedTokens === 0 && scope === oldScope;
    if (isSame) uses.set(oldUses.subarray(firstUse * USE, endUse * USE), at);
    for (let i = isSame ? endUse * USE : firstUse * USE; i < endUse * USE; i += USE, at += USE) {
      const space = oldUses[i + SPACE];
      uses[at + SPACE] = space;
      uses[at + IDX] = oldUses[i + IDX];
      uses[at + TOKEN] = oldUses[i + TOKEN] + movedTokens;
      uses[at + SCOPE] = isInFunc(space) && oldUses[i + SCOPE] >= 0 ? scope : oldUses[i + SCOPE];
    }
    at = this.defCount * DEF;
    this.defCount += endDef - firstDef;
    if (this.defCount * DEF > this.defs.length) this.defs = grown(this.defs, this.defCount * DEF);
    const { defs } = this;
    const oldDefs = from.defs;
    for (let i = firstDef; i < endDef; i++) this.names.push(from.names[i]);
    if (isSame && moved === 0) {
      defs.set(oldDefs.subarray(firstDef * DEF, endDef * DEF), at);
      return;
    }
    for (let i = firstDef * DEF; i < endDef * DEF; i += DEF, at += DEF) {
      const space = oldDefs[i + SPACE];
      defs[at + SPACE] = space;
      defs[at + IDX] = oldDefs[i + IDX];
      defs[at + TOKEN] = oldDefs[i + TOKEN] + movedTokens;
      defs[at + SCOPE] = isInFunc(space) && oldDefs[i + SCOPE] >= 0 ? scope : oldDefs[i + SCOPE];
      defs[at + START] = oldDefs[i + START] + moved;
      defs[at + END] = oldDefs[i + END] + moved;
    }
  }

  /** Gives back the room that was taken in advance. */
  trim(): void {
    if (this.uses.length > this.useCount * USE) this.uses = this.uses.slice(0, this.useCount * USE);
    if (this.defs.length > this.defCount * DEF) this.defs = this.defs.slice(0, this.defCount * DEF);
  }
}

function isInFunc(space: number): boolean {
  return space === Sp.Local || space === Sp.Label;
}

function grown(old: Int32Array<ArrayBuffer>, atLeast: number): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(Math.max(atLeast, old.length * 2));
  bigger.set(old);
  return bigger;
}

export class SymbolIndex {
  private readonly list: SymbolList;
  private readonly tokens: Tokens;
  private madeDefs: Def[] | undefined;
  private madeUses: Use[] | undefined;
  private usesInOrder: Int32Array | undefined;
  private defsInOrder: Int32Array | undefined;
  /** The definitions of the module's own spaces, by index. */
  private items: number[][] | undefined;
  /** The first definition of each space inside of a function or type. */
  private firsts: Map<number, number> | undefined;

  constructor(tokens: Tokens, list = new SymbolList()) {
    this.tokens = tokens;
    this.list = list;
  }

  get useCount(): number {
    return this.list.useCount;
  }

  get defCount(): number {
    return this.list.defCount;
  }

  /** All definitions, by field. */
  get defs(): readonly Def[] {
    this.madeDefs ??= Array.from({ length: this.defCount }, (_, i) => this.defAt(i));
    return this.madeDefs;
  }

  /** All uses, by field. */
  get uses(): readonly Use[] {
    this.madeUses ??= Array.from({ length: this.useCount }, (_, i) => this.useAt(i));
    return this.madeUses;
  }

  /** The space of a use, without making the use: most are of locals. */
  spaceOfUse(i: number): Sp {
    return this.list.uses[i * USE + SPACE];
  }

  useAt(i: number): Use {
    const { uses } = this.list;
    const at = i * USE;
    const token = uses[at + TOKEN];
    const scope = uses[at + SCOPE];
    return {
      space: SPACES[uses[at + SPACE]],
      idx: uses[at + IDX],
      token,
      span: this.span(token),
      scope: scope === NONE ? undefined : scope,
    };
  }

  defAt(i: number): Def {
    const { defs, names } = this.list;
    const at = i * DEF;
    const token = defs[at + TOKEN];
    const scope = defs[at + SCOPE];
    return {
      space: SPACES[defs[at + SPACE]],
      idx: defs[at + IDX],
      token,
      span: this.span(token),
      scope: scope === NONE ? undefined : scope,
      name: names[i],
      field: { start: defs[at + START], end: defs[at + END] },
    };
  }

  /** The use at a token, if it is one. */
  useOf(token: number): Use | undefined {
    this.usesInOrder ??= inOrder(this.list.uses, this.useCount, USE);
    const i = found(this.list.uses, this.usesInOrder, this.useCount, USE, token);
    return i < 0 ? undefined : this.useAt(i);
  }

  /** The definition whose name (or stand-in) is this token. */
  defOf(token: number): Def | undefined {
    this.defsInOrder ??= inOrder(this.list.defs, this.defCount, DEF);
    const i = found(this.list.defs, this.defsInOrder, this.defCount, DEF, token);
    return i < 0 ? undefined : this.defAt(i);
  }

  /** The definition of an item; `scope` for locals, labels and fields. */
  definition(space: Space, idx: number, scope?: number): Def | undefined {
    const number = SPACES.indexOf(space);
    if (!this.items || !this.firsts) this.sortDefs();
    if (scope === undefined) {
      const found = this.items![number][idx];
      return found === undefined ? undefined : this.defAt(found);
    }
    const { defs } = this.list;
    const first = this.firsts!.get(scopeKey(number, scope)) ?? this.defCount;
    // Those of one scope stand by index, with nothing but their nested ones between them.
    for (let i = first; i < this.defCount; i++) {
      const at = i * DEF;
      if (defs[at + SPACE] === number && defs[at + IDX] === idx && defs[at + SCOPE] === scope)
        return this.defAt(i);
    }
    return undefined;
  }

  /** All uses of an item, by position. */
  usesOf(space: Space, idx: number, scope?: number): Use[] {
    const number = SPACES.indexOf(space);
    const wanted = scope ?? NONE;
    const { uses } = this.list;
    const out: Use[] = [];
    for (let i = 0, at = 0; i < this.useCount; i++, at += USE) {
      if (uses[at + IDX] === idx && uses[at + SPACE] === number && uses[at + SCOPE] === wanted)
        out.push(this.useAt(i));
    }
    return out.sort((a, b) => a.token - b.token);
  }

  private span(token: number): Span {
    const { starts } = this.tokens;
    return { start: starts[token], end: starts[token + 1] };
  }

  private sortDefs(): void {
    const { defs } = this.list;
    const items: number[][] = SPACES.map(() => []);
    const firsts = new Map<number, number>();
    for (let i = this.defCount - 1; i >= 0; i--) {
      const at = i * DEF;
      if (defs[at + SCOPE] === NONE) items[defs[at + SPACE]][defs[at + IDX]] = i;
      else firsts.set(scopeKey(defs[at + SPACE], defs[at + SCOPE]), i);
    }
    this.items = items;
    this.firsts = firsts;
  }
}

function scopeKey(space: number, scope: number): number {
  return scope * SPACES.length + space;
}

/** The records by token. They are, nearly, as they stand; of two with one token the last one comes last. */
function inOrder(records: Int32Array, count: number, stride: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = 1; i < count; i++) {
    if (records[i * stride + TOKEN] >= records[(i - 1) * stride + TOKEN]) continue;
    return order.sort((a, b) => records[a * stride + TOKEN] - records[b * stride + TOKEN] || a - b);
  }
  return order;
}

function found(records: Int32Array, order: Int32Array, count: number, stride: number, token: number): number {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    if (records[order[mid] * stride + TOKEN] <= token) low = mid + 1;
    else high = mid - 1;
  }
  return high >= 0 && records[order[high] * stride + TOKEN] === token ? order[high] : -1;
}
