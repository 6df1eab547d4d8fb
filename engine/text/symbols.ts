/**
 * The index of a module's names in its text: every definition and every use, by token.
 *
 * Uses are kept flat (a large module has hundreds of thousands) and become objects on request. Knows index spaces
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
/** Numbers a use: space, idx, token, scope. */
const STRIDE = 4;

export class SymbolIndex {
  readonly defs: Def[] = [];
  private flat = new Int32Array(1024);
  private length = 0;
  private made: Use[] | undefined;
  private order: Int32Array | undefined;
  private defsByToken: Map<number, Def> | undefined;
  private defsByItem: Map<string, Def> | undefined;
  private readonly tokens: Tokens;

  constructor(tokens: Tokens) {
    this.tokens = tokens;
  }

  get useCount(): number {
    return this.length / STRIDE;
  }

  /** All uses, in the order of assembling. */
  get uses(): readonly Use[] {
    if (!this.made) this.made = Array.from({ length: this.useCount }, (_, i) => this.useAt(i));
    return this.made;
  }

  useAt(i: number): Use {
    const { flat } = this;
    const at = i * STRIDE;
    const token = flat[at + 2];
    const scope = flat[at + 3];
    return {
      space: SPACES[flat[at]],
      idx: flat[at + 1],
      token,
      span: { start: this.tokens.starts[token], end: this.tokens.starts[token + 1] },
      scope: scope === NONE ? undefined : scope,
    };
  }

  /** The use at a token, if it is one. */
  useOf(token: number): Use | undefined {
    const order = this.byToken();
    let low = 0;
    let high = order.length - 1;
    while (low <= high) {
      const mid = (low + high) >> 1;
      const found = this.flat[order[mid] * STRIDE + 2];
      if (found === token) return this.useAt(order[mid]);
      if (found < token) low = mid + 1;
      else high = mid - 1;
    }
    return undefined;
  }

  /** The definition whose name (or stand-in) is this token. */
  defOf(token: number): Def | undefined {
    this.defsByToken ??= new Map(this.defs.map((def) => [def.token, def]));
    return this.defsByToken.get(token);
  }

  /** The definition of an item; `scope` for locals, labels and fields. */
  definition(space: Space, idx: number, scope?: number): Def | undefined {
    this.defsByItem ??= new Map(this.defs.map((def) => [`${def.space} ${def.idx} ${def.scope}`, def]));
    return this.defsByItem.get(`${space} ${idx} ${scope}`);
  }

  /** All uses of an item, by position. */
  usesOf(space: Space, idx: number, scope?: number): Use[] {
    const number = SPACES.indexOf(space);
    const wanted = scope ?? NONE;
    const out: Use[] = [];
    for (const i of this.byToken()) {
      const at = i * STRIDE;
      if (this.flat[at] === number && this.flat[at + 1] === idx && this.flat[at + 3] === wanted) {
        out.push(this.useAt(i));
      }
    }
    return out;
  }

  /** Notes a use. For the assembler. */
  use(space: Sp, idx: number, token: number, scope: number = NONE): void {
    if (this.length === this.flat.length) {
      const bigger = new Int32Array(this.flat.length * 2);
      bigger.set(this.flat);
      this.flat = bigger;
    }
    const { flat, length } = this;
    flat[length] = space;
    flat[length + 1] = idx;
    flat[length + 2] = token;
    flat[length + 3] = scope;
    this.length = length + STRIDE;
  }

  private byToken(): Int32Array {
    if (!this.order || this.order.length !== this.useCount) {
      const { flat } = this;
      this.order = Int32Array.from({ length: this.useCount }, (_, i) => i);
      this.order.sort((a, b) => flat[a * STRIDE + 2] - flat[b * STRIDE + 2]);
    }
    return this.order;
  }
}
