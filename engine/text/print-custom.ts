/**
 * What of custom sections a module's text shows, as annotations: names that no `$id` can carry, branch hints at their
 * instructions, every other section as bytes (spec appendix A.6).
 *
 * Answers with pieces of text and knows no layout. Branch hints that are not as they should be are bytes like the others.
 */

import { WasmError } from '../base/errors.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { validateBranchHints } from '../binary/custom.ts';
import { BRANCH_HINT, branchHintSection, readBranchHints } from '../module/branch-hints.ts';
import type { CustomSection, Module } from '../module/module.ts';
import type { NameSpace } from '../module/names.ts';
import { SECTION_WORDS } from './annotations.ts';
import { escaped, writtenId } from './strings.ts';

export interface CustomOptions {
  /** Whether sections are written as bytes. */
  readonly customs: boolean;
  /** Whether the module's names are written. */
  readonly names: boolean;
  /** Ids are made from names and are not the names. */
  readonly renamed: boolean;
}

/** A section as text: its annotation's head without the `)`, and its content. */
export interface CustomForm {
  readonly offset: number;
  readonly head: string;
  readonly bytes: Uint8Array;
}

const WORDS = new Map(Object.entries(SECTION_WORDS).map(([name, id]) => [id, name]));

export class CustomText {
  private readonly module: Module;
  readonly options: CustomOptions;
  private readonly hints: ReadonlyMap<number, string>;

  constructor(module: Module, options: CustomOptions) {
    this.module = module;
    this.options = options;
    this.hints = hintsOf(module);
  }

  /** The name of an item as an annotation with a space behind it, where its id does not say it. */
  name(given: string | undefined, id: string | undefined): string {
    const { names, renamed } = this.options;
    if (given === undefined || !names || renamed || id === writtenId(given)) return '';
    return `(@name ${string(given)}) `;
  }

  nameOf(space: NameSpace, idx: number, id: string | undefined): string {
    return this.name(this.module.names.given(space, idx), id);
  }

  /** What the definitions of locals or fields have in front of their types: id, annotation, both or nothing. */
  definitions(
    ids: readonly (string | undefined)[],
    given: (i: number) => string | undefined,
  ): (string | undefined)[] {
    const out: (string | undefined)[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      const name = this.name(given(i), id);
      if (name === '') out.push(id);
      else out.push(`${id === undefined ? '' : `${id} `}${name.trimEnd()}`);
    }
    return out;
  }

  /** The module's name behind its id. */
  moduleName(): string {
    const { names } = this.module;
    return names.module === '' ? ` ${this.name('', undefined)}`.trimEnd() : '';
  }

  /** The branch hint in front of the instruction at `offset`, with a space behind it; empty without. */
  hint(offset: number): string {
    return this.hints.get(offset) ?? '';
  }

  /** The sections that are written as bytes, with the place that each has between the others. */
  *sections(): Generator<CustomForm> {
    const { sections, customs, bytes } = this.module;
    if (!this.options.customs) return;
    const shown = this.hints.size > 0 ? branchHintSection(this.module) : undefined;
    const nameSection = customs.find(({ name }) => name === 'name');
    let above: number | undefined;
    let left = sections.filter(({ id }) => id !== 0).length;
    let next = 0;
    for (const { id } of sections) {
      if (id !== 0) {
        above = id;
        left--;
        continue;
      }
      const custom: CustomSection = customs[next++];
      if (custom === nameSection || custom === shown) continue;
      const place =
        left === 0 ? '' : above === undefined ? ' (before first)' : ` (after ${WORDS.get(above)})`;
      const { start, end } = custom.range;
      const head = `(@custom ${string(custom.name)}${place}`;
      yield { offset: custom.offset, head, bytes: bytes.subarray(start, end) };
    }
  }
}

const read = new WeakMap<Module, ReadonlyMap<number, string>>();

/** The module's hints as text by offset, made once. */
function hintsOf(module: Module): ReadonlyMap<number, string> {
  let texts = read.get(module);
  if (!texts) read.set(module, (texts = hintTexts(module)));
  return texts;
}

function hintTexts(module: Module): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  if (!branchHintSection(module)) return texts;
  try {
    validateBranchHints(module);
    for (const hints of readBranchHints(module).values()) {
      for (const [offset, likely] of hints) texts.set(offset, `(@${BRANCH_HINT} "\\0${likely ? 1 : 0}") `);
    }
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
  return texts;
}

function string(name: string): string {
  return `"${escaped(encodeUtf8(name), true)}"`;
}
