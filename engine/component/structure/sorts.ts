/**
 * Sorts, names and value types in the byte structure of components (Binary.md): what definitions of every kind are made of.
 *
 * The grammars in this folder read what binary/ decodes, in the same words, and make nodes of it. The index that a definition
 * introduces is known before its node is made: its entries are stepped over once to count.
 */

import { malformed } from '../../base/errors.ts';
import type { Walker } from '../../binary/structure/walker.ts';
import { COMPONENT_SORTS, CORE_SORTS, PRIMS } from '../binary/codes.ts';
import { badByte } from '../binary/reader.ts';
import { SORTS, type Sort } from '../model.ts';

/** The indices that a definition introduces. */
export interface Introduced {
  readonly sort: Sort;
  readonly n: number;
}

/** A grammar that knows what it introduces. `idx` is the first index, which is not known while it only steps. */
export type Definition = (w: Walker, idx: number) => Introduced;

/** How many indices of each sort there are. */
export class Counts {
  readonly #counts: Map<Sort, number>;

  constructor(from?: Counts) {
    this.#counts = new Map(from ? from.#counts : SORTS.map((sort) => [sort, 0]));
  }

  /** The next index; counts on. */
  take({ sort, n }: Introduced): number {
    const idx = this.#counts.get(sort)!;
    this.#counts.set(sort, idx + n);
    return idx;
  }
}

/**
 * `n` definitions one after the other, as entries with their indices. `counts`: those in front of them; they are counted on.
 */
export function definitions(w: Walker, n: number, counts: Counts, define: Definition): void {
  const introduced: { readonly idx: number | undefined; readonly sort: Sort }[] = [];
  const { r } = w;
  const start = r.pos;
  const stepping = w.stepping();
  try {
    for (let i = 0; i < n; i++) {
      const taken = define(stepping, 0);
      introduced.push({ sort: taken.sort, idx: taken.n > 0 ? counts.take(taken) : undefined });
    }
  } catch (error) {
    // The one that cannot be read is made a node of, so that it says why.
    if (!w.nodes) throw error;
  }
  if (!w.nodes) return;
  r.pos = start;
  w.items(n, (items, i) => {
    const { sort, idx } = introduced[i] ?? { sort: undefined, idx: undefined };
    items.group('entry', sort ?? 'definition', (entry) => void define(entry, idx ?? 0), idx, sort);
  });
}

/** A byte that must be this one. */
export function expect(w: Walker, label: string, byte: number, what: string): void {
  const at = w.pos;
  const got = w.byte(label);
  if (got !== byte) badByte(at, got, what);
}

/** A byte that is 0 or 1, and something behind a 1. */
export function optional(w: Walker, label: string, what: string, read: () => void): void {
  const at = w.pos;
  const byte = w.byte(label, 'flags');
  if (byte > 1) badByte(at, byte, what);
  if (byte === 1) read();
}

export function flag(w: Walker, label: string): void {
  const at = w.pos;
  const byte = w.byte(label, 'flags');
  if (byte > 1) malformed(at, `invalid boolean value (0x${byte.toString(16)})`);
}

/** A sort of one byte, or of two for a core one; the byte that is none. */
export function anySort(w: Walker): Sort | number {
  const byte = w.byte('sort', 'externKind');
  if (byte !== 0) return COMPONENT_SORTS.get(byte) ?? byte;
  const core = w.byte('core sort', 'externKind');
  const sort = CORE_SORTS.get(core);
  return sort === undefined ? core : `core ${sort}`;
}

export function sortIdx(w: Walker): Sort {
  const at = w.pos;
  const sort = anySort(w);
  if (typeof sort === 'number') badByte(at, sort, 'component external kind');
  w.u32(`${sort} index`, sort);
  return sort;
}

export function coreSortIdx(w: Walker): Sort {
  const at = w.pos;
  const byte = w.byte('core sort', 'externKind');
  const core = CORE_SORTS.get(byte);
  if (core === undefined) badByte(at, byte, 'external kind');
  const sort: Sort = `core ${core}`;
  w.u32(`${sort} index`, sort);
  return sort;
}

/** A primitive type, or the index of a type. */
export function valTypeRef(w: Walker, label: string): void {
  const at = w.pos;
  const byte = w.r.peek();
  if (PRIMS.has(byte)) {
    w.leaf(label, 'primtype', at, w.r.u8());
    return;
  }
  const idx = w.s33(label, 'type');
  if (idx < 0) badByte(at, byte, 'component value type');
}

const ATTRIBUTES: readonly string[] = ['implements', 'version suffix', 'external id'];

/** The name of an import or export, with its attributes. */
export function externName(w: Walker): void {
  const at = w.pos;
  const byte = w.byte('kind of name', 'flags');
  if (byte > 2) badByte(at, byte, 'component name');
  w.name('name');
  if (byte !== 2) return;
  const n = w.count('count of attributes');
  w.items(n, (items, i) => items.group('entry', 'attribute', attribute, i));
}

function attribute(w: Walker): void {
  const at = w.pos;
  const byte = w.byte('kind of attribute', 'flags');
  if (ATTRIBUTES[byte] === undefined) badByte(at, byte, 'name option');
  w.name(ATTRIBUTES[byte]);
}
