/**
 * Formatting that also folds or unfolds the code of functions: a function whose form changes is replaced as a whole, and
 * everything else keeps its edits of white space.
 *
 * What can be folded is known to facts/fold.ts. A function with a fault, with annotations in its code, or nested too
 * deep, keeps its form. The text is laid out behind the folding: what fits on a line is another thing then.
 */

import type { Span } from '../../engine/base/errors.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { formEnd, parseTree, parsingTree, type Tree } from '../../engine/text/tree.ts';
import { firstToken, readCode } from '../facts/code.ts';
import { applied, type Edit } from '../facts/edits.ts';
import { folded, unfolded } from '../facts/fold.ts';
import { bodyStart } from '../facts/forms.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { formatEdits, type GapEdit } from './format.ts';
import type { FormatOptions } from './options.ts';

/** What becomes of code: it stays as it is, operands are nested in their instructions, or stand in front of them. */
export type Folding = 'keep' | 'fold' | 'unfold';

/** A function in another form: its place, and that of its code. */
interface Refolded {
  readonly start: number;
  readonly end: number;
  readonly code: Edit;
}

/**
 * The edits of a text and its modules by position, or those inside of a range: there whole functions are folded only.
 * In steps.
 */
export function* refoldEdits(
  tree: Tree,
  modules: readonly ModuleAnalysis[],
  options: FormatOptions,
  folding: Folding,
  range?: Span,
): Generator<void, readonly GapEdit[]> {
  const found = folding === 'keep' ? [] : yield* refolding(tree, modules, folding, range);
  if (found.length === 0) return yield* formatEdits(tree, options, range);
  const { text } = tree.tokens;
  const code = found.map((one) => one.code);
  const middle = applied(text, code);
  const moved = new Moved(code);
  const last = range && { start: moved.to(range.start), end: moved.to(range.end) };
  const gaps = yield* formatEdits(yield* parsingTree(middle), options, last);
  const edits: GapEdit[] = [];
  let next = 0;
  for (const { start, end } of found) {
    const [from, to] = [moved.to(start), moved.to(end)];
    for (; next < gaps.length && gaps[next].end <= from; next++) edits.push(moved.back(gaps[next]));
    const inside: Edit[] = [];
    for (; next < gaps.length && gaps[next].start < to; next++) {
      inside.push({
        span: { start: gaps[next].start - from, end: gaps[next].end - from },
        text: gaps[next].text,
      });
    }
    edits.push({ start, end, text: applied(middle.slice(from, to), inside) });
  }
  for (; next < gaps.length; next++) edits.push(moved.back(gaps[next]));
  return edits;
}

/** The functions whose form changes, in the order of the text. */
function* refolding(
  tree: Tree,
  modules: readonly ModuleAnalysis[],
  folding: Folding,
  range: Span | undefined,
): Generator<void, Refolded[]> {
  const { starts } = tree.tokens;
  const found: Refolded[] = [];
  for (const module of modules) {
    for (const field of module.assembly.fields) {
      if (field.kind !== 'func' || field.import || module.assembly.broken.has(field.idx)) continue;
      const start = starts[field.open];
      const end = starts[formEnd(tree, field.open)];
      if (range && (start < range.start || end > range.end)) continue;
      const code = refolded(module, field, folding);
      if (code) found.push({ start, end, code });
      yield;
    }
  }
  return found;
}

/** The code of a function in the other form; undefined if it has that form already, or keeps its own. */
function refolded(module: ModuleAnalysis, field: Field, folding: Folding): Edit | undefined {
  const { tree } = module;
  const { starts, text } = tree.tokens;
  const close = tree.match[field.open];
  const nodes = close < 0 ? undefined : readCode(tree, bodyStart(tree, field), close);
  if (!nodes || nodes.length === 0) return undefined;
  const code = folding === 'fold' ? folded(module, nodes) : unfolded(tree, nodes);
  if (code === undefined) return undefined;
  const span = { start: starts[firstToken(nodes[0])], end: starts[nodes[nodes.length - 1].end] };
  return words(code) === words(text.slice(span.start, span.end)) ? undefined : { span, text: code };
}

/** A text without its white space. */
function words(text: string): string {
  const { tokens } = parseTree(text);
  const out: string[] = [];
  for (let token = 0; token < tokens.count; token++) {
    if (tokens.kinds[token] !== Tok.Space) out.push(tokenText(tokens, token));
  }
  return out.join('\0');
}

/** Positions outside of edits, in the text in front of them and in the one behind. */
class Moved {
  private readonly edits: readonly Edit[];
  /** By how much what stands behind each edit is moved. */
  private readonly by: readonly number[];

  constructor(edits: readonly Edit[]) {
    let sum = 0;
    this.edits = edits;
    this.by = edits.map(({ span, text }) => (sum += text.length - (span.end - span.start)));
  }

  to(pos: number): number {
    const before = this.count((i) => this.edits[i].span.end <= pos);
    return pos + (this.by[before - 1] ?? 0);
  }

  back({ start, end, text }: GapEdit): GapEdit {
    const before = this.count((i) => this.edits[i].span.end + this.by[i] <= start);
    const by = this.by[before - 1] ?? 0;
    return { start: start - by, end: end - by, text };
  }

  /** How many edits, from the first on, something holds for. */
  private count(holds: (edit: number) => boolean): number {
    let low = 0;
    let high = this.edits.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (holds(mid)) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}
