/**
 * Formatting that also folds or unfolds the code of functions: then a function whose form changes is replaced as a whole,
 * and everything else keeps its edits of white space.
 *
 * What can be folded is known to facts/fold.ts. A function with a fault, with annotations in its code, or nested too
 * deep, keeps its form.
 */

import type { Span } from '../../engine/base/errors.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { formEnd, parseTree, type Tree } from '../../engine/text/tree.ts';
import { firstToken, readCode } from '../facts/code.ts';
import { applied } from '../facts/edits.ts';
import { folded, unfolded } from '../facts/fold.ts';
import { bodyStart } from '../facts/forms.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { atOnce, closersBehind, formatEdits, formEdits, type GapEdit, placeOf } from './format.ts';
import type { FormatOptions } from './options.ts';

/** What becomes of code: it stays as it is, operands are nested in their instructions, or stand in front of them. */
export type Folding = 'keep' | 'fold' | 'unfold';

/** The edits of a text and its modules, or those inside of a range: whole functions, then. In steps. */
export function* refoldEdits(
  tree: Tree,
  modules: readonly ModuleAnalysis[],
  options: FormatOptions,
  folding: Folding,
  range?: Span,
): Generator<void, readonly GapEdit[]> {
  const gaps = yield* formatEdits(tree, options, range);
  if (folding === 'keep') return gaps;
  const replaced: GapEdit[] = [];
  for (const module of modules) {
    for (const field of module.assembly.fields) {
      if (field.kind !== 'func' || field.import || module.assembly.broken.has(field.idx)) continue;
      const { starts } = tree.tokens;
      const start = starts[field.open];
      const end = starts[formEnd(tree, field.open)];
      if (range && (start < range.start || end > range.end)) continue;
      yield;
      const gap = inFrontOf(gaps, start);
      const column = gap
        ? columnBehind(tree, gap, options)
        : placeOf(tree, field.open, options.tabSize).column;
      const text = refolded(module, field, folding, options, column);
      if (text !== undefined) replaced.push({ start, end, text });
    }
  }
  if (replaced.length === 0) return gaps;
  let next = 0;
  const others = gaps.filter((gap) => {
    while (next < replaced.length && replaced[next].end <= gap.start) next++;
    return next === replaced.length || gap.end <= replaced[next].start;
  });
  return [...others, ...replaced].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The edit that ends at a position; edits are in order. */
function inFrontOf(gaps: readonly GapEdit[], end: number): GapEdit | undefined {
  let low = 0;
  let high = gaps.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    if (gaps[mid].end === end) return gaps[mid];
    if (gaps[mid].end < end) low = mid + 1;
    else high = mid - 1;
  }
  return undefined;
}

/** The column that a field begins at once the gap in front of it is as it should be. */
function columnBehind(tree: Tree, { start, text }: GapEdit, { tabSize }: FormatOptions): number {
  const before = tree.tokens.text.slice(Math.max(0, start - 400), start) + text;
  const line = before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1);
  let column = 0;
  for (const char of line) {
    column += char === '\t' ? tabSize - (column % tabSize) : 1;
  }
  return column;
}

/** The function in the other form, laid out at a column; undefined if it has that form already. */
function refolded(
  module: ModuleAnalysis,
  field: Field,
  folding: Folding,
  options: FormatOptions,
  column: number,
): string | undefined {
  const { tree } = module;
  const { starts, text } = tree.tokens;
  const close = tree.match[field.open];
  if (close < 0) return undefined;
  const nodes = readCode(tree, bodyStart(tree, field), close);
  if (!nodes || nodes.length === 0) return undefined;
  const code = folding === 'fold' ? folded(module, nodes) : unfolded(tree, nodes);
  if (code === undefined) return undefined;
  const from = starts[firstToken(nodes[0])];
  const to = starts[nodes[nodes.length - 1].end];
  if (sameTokens(code, text.slice(from, to))) return undefined;
  const behind = closersBehind(tree, close + 1);
  const whole = `${text.slice(starts[field.open], from)}${code}${text.slice(to, starts[close + 1])}`;
  const margin = ' '.repeat(column);
  const alone = margin + whole + ')'.repeat(behind);
  const made = parseTree(alone);
  const open = made.tokens.kinds[0] === Tok.Open ? 0 : 1;
  const edits = atOnce(formEdits(made, options, open)) ?? [];
  const out = applied(
    alone,
    edits.map(({ start, end, text }) => ({ span: { start, end }, text })),
  );
  return out.slice(margin.length, out.length - behind);
}

/** True if two texts differ in white space only. */
function sameTokens(a: string, b: string): boolean {
  const words = (text: string) => {
    const { tokens } = parseTree(text);
    const out: string[] = [];
    for (let token = 0; token < tokens.count; token++) {
      const kind = tokens.kinds[token];
      if (kind !== Tok.Space) out.push(tokenText(tokens, token));
    }
    return out.join('\0');
  };
  return words(a) === words(b);
}
