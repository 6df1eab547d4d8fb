/**
 * Runs the lints over a document in short turns, function by function.
 *
 * What was found in a function is kept as long as its text stands: of the next version of a document only the
 * functions between the first and the last changed character are looked at again. Lints of modules count every use, so
 * they run anew. Documents that were printed for reading have no lints.
 */

import { funcTypeAt } from '../../engine/module/module.ts';
import { changeBetween, unchangedAt } from '../../engine/text/change.ts';
import type { Field } from '../../engine/text/fields.ts';
import { tokenAt } from '../../engine/text/lexer.ts';
import { formEnd } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { atOnce, inTurns, type Turns } from '../facts/turns.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { type Several, viewFunction } from './function-view.ts';
import type { Levels } from './levels.ts';
import type { Lint } from './lint.ts';
import { ModuleUses } from './module-uses.ts';
import { suppressionsOf } from './suppression.ts';
import { FUNCTION_LINTS, lintOf, MODULE_LINTS, unknownSuppression } from './table.ts';

/** What the lints of functions find in one field. */
export function lintField(module: ModuleAnalysis, field: Field, levels: Levels): Lint[] {
  return atOnce(inField(module, field, levels, severalOf(module)));
}

/** What the lints of modules find; yields so that the caller may pause. */
export function* lintModule(module: ModuleAnalysis, levels: Levels): Generator<void, Lint[]> {
  const lints = MODULE_LINTS.filter(({ code }) => levels.isOn(code));
  if (lints.length === 0 || module.assembly.fields.length === 0) return [];
  const { useCount } = module.assembly.symbols;
  const uses = new ModuleUses(module);
  for (let i = 0; i < useCount; i++) {
    uses.note(i);
    if (i % 2000 === 1999) yield;
  }
  const { tokens } = module.tree;
  const last = tokenAt(tokens, module.span.end);
  for (let token = tokenAt(tokens, module.span.start); token <= last; token += 20_000) {
    uses.scan(token, Math.min(last + 1, token + 20_000));
    yield;
  }
  const found: Lint[] = [];
  for (const { code, check } of lints) {
    yield;
    let count = 0;
    for (const one of check(module, uses)) {
      found.push({ ...one, code });
      if (++count % 500 === 0) yield;
    }
  }
  return found;
}

interface KnownField {
  readonly start: number;
  readonly end: number;
  readonly typeParams: number;
  readonly several: Several;
  readonly broken: boolean;
  readonly found: readonly Lint[];
}

interface Known {
  readonly text: string;
  readonly key: string;
  readonly fields: ReadonlyMap<number, KnownField>;
}

export class LintRuns {
  readonly #done = new WeakMap<Analysis, Map<string, readonly Lint[]>>();
  readonly #last = new Map<string, Known>();
  readonly #isOpen: (uri: string) => boolean;

  /** `isOpen`: of a document that is closed while the lints run, nothing is kept. */
  constructor(isOpen: (uri: string) => boolean = () => true) {
    this.#isOpen = isOpen;
  }

  /** Everything the lints find, by position. */
  async of(analysis: Analysis, levels: Levels, turns: Turns): Promise<readonly Lint[]> {
    const { document } = analysis;
    if (document.uri.startsWith('wasmscope:')) return [];
    let done = this.#done.get(analysis);
    if (!done) this.#done.set(analysis, (done = new Map()));
    const known = done.get(levels.key);
    if (known) return known;
    const found = await this.#run(analysis, levels, turns);
    done.set(levels.key, found);
    return found;
  }

  /** The document was closed. */
  forget(uri: string): void {
    this.#last.delete(uri);
  }

  async #run(analysis: Analysis, levels: Levels, turns: Turns): Promise<readonly Lint[]> {
    const { tree, document } = analysis;
    const { text } = tree.tokens;
    const last = this.#last.get(document.uri);
    const reuse = reuser(last?.key === levels.key ? last : undefined, text);
    const fields = new Map<number, KnownField>();
    const found: Lint[] = [];
    for (const module of analysis.modules) {
      const several = severalOf(module);
      for (const field of module.assembly.fields) {
        await turns.pause();
        if (field.kind !== 'func') continue;
        const start = tree.tokens.starts[field.open];
        const end = tree.tokens.starts[formEnd(tree, field.open)];
        const known = reuse(start, end);
        const typeParams = typeParamsOf(module, field);
        const broken = module.assembly.broken.has(field.idx);
        const same =
          known?.typeParams === typeParams &&
          known.broken === broken &&
          known.several.memories === several.memories &&
          known.several.tables === several.tables;
        const inside = same
          ? shifted(known, start)
          : await inTurns(inField(module, field, levels, several), turns);
        fields.set(start, { start, end, typeParams, several, broken, found: inside });
        for (const lint of inside) found.push(lint);
      }
      for (const lint of await inTurns(lintModule(module, levels), turns)) found.push(lint);
    }
    if (this.#isOpen(document.uri)) this.#last.set(document.uri, { text, key: levels.key, fields });
    const suppressions = suppressionsOf(tree, (code) => lintOf(code) !== undefined);
    await turns.pause();
    const loud = found.filter((lint) => !suppressions.silences(lint));
    if (levels.isOn(unknownSuppression.code)) {
      for (const { code, span } of suppressions.unknown) {
        loud.push({ code: unknownSuppression.code, span, message: `there is no lint ${code}` });
      }
    }
    return loud.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  }
}

function* inField(
  module: ModuleAnalysis,
  field: Field,
  levels: Levels,
  several: Several,
): Generator<void, Lint[]> {
  const { assembly, tree } = module;
  if (field.kind !== 'func' || assembly.broken.has(field.idx)) return [];
  const view = viewFunction(tree, field, typeParamsOf(module, field), several);
  if (!view) return [];
  // Each of these takes as long as a lint.
  yield;
  void view.flow;
  yield;
  void view.labels;
  yield;
  const found: Lint[] = [];
  for (const { code, check } of FUNCTION_LINTS) {
    if (!levels.isOn(code)) continue;
    for (const one of check(view)) found.push({ ...one, code });
    yield;
  }
  return found;
}

function severalOf({ module }: ModuleAnalysis): Several {
  return { memories: (module?.memories.length ?? 0) > 1, tables: (module?.tables.length ?? 0) > 1 };
}

function typeParamsOf({ module }: ModuleAnalysis, { idx }: Field): number {
  const typeIdx = module?.funcs[idx]?.typeIdx;
  return (typeIdx !== undefined && funcTypeAt(module!, typeIdx)?.params.length) || 0;
}

/** Finds what is known of the field at a place of the new text: only if its text is wholly in an unchanged part. */
function reuser(
  last: Known | undefined,
  text: string,
): (start: number, end: number) => KnownField | undefined {
  if (!last) return () => undefined;
  const change = changeBetween(last.text, text);
  return (start, end) => {
    const known = last.fields.get(unchangedAt(change, start, end));
    return known && known.end - known.start === end - start ? known : undefined;
  };
}

/** The findings of a field that moved. */
function shifted({ start: old, found }: KnownField, start: number): readonly Lint[] {
  const delta = start - old;
  if (delta === 0) return found;
  const move = <T extends { readonly span: { readonly start: number; readonly end: number } }>(
    item: T,
  ): T => ({
    ...item,
    span: { start: item.span.start + delta, end: item.span.end + delta },
  });
  return found.map((lint) => ({
    ...move(lint),
    ...(lint.related && { related: lint.related.map(move) }),
    ...(lint.fix && { fix: { ...lint.fix, edits: lint.fix.edits.map(move) } }),
  }));
}
