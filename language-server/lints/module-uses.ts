/**
 * How a module's items are used, counted once for all lints that ask: uses outside of the item itself, reads and
 * writes of globals, exports.
 */

import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { SPACES, Sp, type Space, type Use } from '../../engine/text/symbols.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { allWords, instrOfWord, wordText } from '../../engine/text/words.ts';
import { significant } from '../facts/forms.ts';
import { fieldBefore, previous } from '../facts/place.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';

const COUNTED: readonly Space[] = SPACES.slice(0, Sp.Local);

/** What an instruction may use without naming it. */
const enum Unnamed {
  Memory = 1,
  Table = 2,
  /** `ref.func` asks for an element segment somewhere that declares the function. */
  Reference = 4,
}

/** By keyword number. */
const UNNAMED = Uint8Array.from(allWords(), (_, number) => {
  const instr = instrOfWord(number);
  if (!instr) return 0;
  if (instr.name === 'ref.func') return Unnamed.Reference;
  if (/^(memory|memories|memarg|memargLane|dataMemory)$/.test(instr.shape)) return Unnamed.Memory;
  return /^(table|tables|tableType|elemTable)$/.test(instr.shape) ? Unnamed.Table : 0;
});

/** An import or a definition in one of the module's own index spaces. */
export interface ModuleItem {
  readonly space: Space;
  readonly idx: number;
  /** The field that says it; of a type in a group, the group. */
  readonly field: Field;
  /** The token of its name, or of the keyword that stands for it. */
  readonly token: number;
  /** As it is written, with `$`; undefined without. */
  readonly name: string | undefined;
}

export class ModuleUses {
  readonly module: ModuleAnalysis;
  /** What the module imports and defines. */
  readonly items: readonly ModuleItem[];
  /** By space and index: how often it is used outside of its own field. */
  readonly #used = new Map<Space, Int32Array>();
  readonly #written: Int32Array;
  readonly #exported = new Map<Space, Set<number>>();
  /** Fields by where they begin. */
  readonly #fields: readonly Field[];
  #field = 0;
  #unnamed = 0;

  constructor(module: ModuleAnalysis) {
    this.module = module;
    const { fields } = module.assembly;
    this.#fields = fields;
    this.items = itemsOf(module);
    const counts = new Map<Space, number>(COUNTED.map((space) => [space, 0]));
    for (const { space, idx } of this.items) counts.set(space, Math.max(counts.get(space) ?? 0, idx + 1));
    for (const [space, count] of counts) this.#used.set(space, new Int32Array(count));
    this.#written = new Int32Array(counts.get('global') ?? 0);
    for (const field of fields) {
      if (field.space < 0) continue;
      const space = SPACES[field.space as Sp];
      if (field.exports.length > 0) this.#export(space, field.idx);
      // A segment inside of its table or memory is in use.
      if (field.segmentIdx >= 0) this.#count(field.space === Sp.Table ? 'elem' : 'data', field.segmentIdx);
    }
  }

  /** Looks at the tokens `[from, to)` for instructions that use things without naming them. */
  scan(from: number, to: number): void {
    const { words } = this.module.tree.tokens;
    let seen = this.#unnamed;
    for (let token = from; token < to; token++) seen |= UNNAMED[words[token]];
    this.#unnamed = seen;
  }

  /** True if some instruction could mean the item without naming it. */
  isMeantSilently(space: Space, idx: number): boolean {
    if (space === 'elem') return (this.#unnamed & Unnamed.Reference) !== 0;
    if (idx !== 0) return false;
    const uses = (kind: Field['kind']) => this.#fields.some((field) => field.kind === kind);
    if (space === 'memory') return (this.#unnamed & Unnamed.Memory) !== 0 || uses('data');
    return space === 'table' && ((this.#unnamed & Unnamed.Table) !== 0 || uses('elem'));
  }

  /** Notes the use number `i` of the symbols. */
  note(i: number): void {
    const { symbols } = this.module.assembly;
    // Most uses are of locals.
    if (symbols.spaceOfUse(i) >= Sp.Local) return;
    const use = symbols.useAt(i);
    const { space, idx, token } = use;
    if (idx < 0 || !this.#used.has(space)) return;
    const field = this.#fieldAround(token);
    if (field?.kind === 'export') this.#export(space, idx);
    if (space === 'global' && this.#isWrite(use)) {
      if (idx < this.#written.length) this.#written[idx]++;
      return;
    }
    const isOwn = field !== undefined && field.idx === idx && SPACES[field.space as Sp] === space;
    if (!isOwn) this.#count(space, idx);
  }

  #export(space: Space, idx: number): void {
    let known = this.#exported.get(space);
    if (!known) this.#exported.set(space, (known = new Set()));
    known.add(idx);
  }

  isExported(space: Space, idx: number): boolean {
    return this.#exported.get(space)?.has(idx) ?? false;
  }

  /** Uses that are no `global.set`, outside of the item's own field. */
  reads(space: Space, idx: number): number {
    return this.#used.get(space)?.[idx] ?? 0;
  }

  writes(idx: number): number {
    return this.#written[idx] ?? 0;
  }

  /** True if anything at all names the item. */
  isUsed(space: Space, idx: number): boolean {
    return (
      this.isExported(space, idx) ||
      this.reads(space, idx) > 0 ||
      (space === 'global' && this.writes(idx) > 0)
    );
  }

  #count(space: Space, idx: number): void {
    const counts = this.#used.get(space);
    if (counts && idx < counts.length) counts[idx]++;
  }

  #isWrite({ token }: Use): boolean {
    const { tree } = this.module;
    const word = wordText(tree.tokens.words[previous(tree, token)] ?? 0);
    return word === 'global.set' || word === 'set_global';
  }

  /** Uses come field by field: the one before is most often the right one. */
  #fieldAround(token: number): Field | undefined {
    const fields = this.#fields;
    const known = fields[this.#field];
    const behind = fields[this.#field + 1];
    if (known && known.open <= token && (!behind || token < behind.open)) return known;
    const found = fieldBefore(fields, token);
    this.#field = Math.max(0, found);
    return fields[found];
  }
}

function itemsOf({ tree, assembly }: ModuleAnalysis): ModuleItem[] {
  const { kinds } = tree.tokens;
  const items: ModuleItem[] = [];
  const add = (space: Space, idx: number, field: Field, open: number, id: number) => {
    const token = id >= 0 ? id : significant(tree, open + 1);
    items.push({ space, idx, field, token, name: id >= 0 ? tokenText(tree.tokens, id) : undefined });
  };
  let types = 0;
  for (const field of assembly.fields) {
    if (field.kind === 'type') types = field.idx + 1;
    if (field.space >= 0) add(SPACES[field.space as Sp], field.idx, field, field.open, field.id);
    if (field.kind !== 'rec') continue;
    const end = formEnd(tree, field.open) - 1;
    for (let open = significant(tree, field.at); open < end; open = significant(tree, formEnd(tree, open))) {
      if (kinds[open] !== Tok.Open) break;
      const id = significant(tree, significant(tree, open + 1) + 1);
      add('type', types++, field, open, kinds[id] === Tok.Id ? id : -1);
    }
  }
  return items;
}
