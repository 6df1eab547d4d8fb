/**
 * `textDocument/inlineValue`: which locals and globals of the lines in sight the debugger should be asked for, and what comes next.
 *
 * Only of the function that execution stopped in, up to the stopped line, each once a line. Expressions are those of
 * the debugger (docs/expressions.md): `$name`, or `local[2]` where there is no name or the text says a number.
 */

import type { InlineValue, InlineValueParams } from 'vscode-languageserver';
import { Tok, tokenAt } from '../../engine/text/lexer.ts';
import { writtenId } from '../../engine/text/strings.ts';
import type { Def, Use } from '../../engine/text/symbols.ts';
import { formEnd } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { definitionOf } from '../facts/item.ts';
import { fieldAt } from '../facts/place.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';

export const inlineValueFeature: Feature = {
  capabilities: () => ({ inlineValueProvider: true }),
  register({ connection, about }) {
    connection.languages.inlineValue.on(
      about('inline values', 'symbols', [], (analysis, { range, context }: InlineValueParams) => {
        const { document } = analysis;
        const stopped = context.stoppedLocation;
        const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
        return inlineValues(analysis, start, end, {
          start: document.offsetAt(stopped.start),
          end: document.offsetAt({ line: stopped.end.line + 1, character: 0 }),
        });
      }),
    );
  },
};

/** What the debugger gives for this: the operands of the instruction that comes next, and what it will do. */
const NEXT = 'next';

/** For `[start, end)` of the text, stopped at a range of it. */
export function inlineValues(
  analysis: Analysis,
  start: number,
  end: number,
  stopped: { readonly start: number; readonly end: number },
): InlineValue[] {
  const { tree, document } = analysis;
  const { tokens } = tree;
  const module = analysis.moduleAt(stopped.start);
  const field = module && fieldAt(tree, module.assembly.fields, stopped.start);
  if (!module || field?.kind !== 'func') return [];
  const from = Math.max(start, tokens.starts[field.open]);
  const to = Math.min(end, stopped.end, tokens.starts[formEnd(tree, field.open)]);
  const values: InlineValue[] = [];
  const seen = new Set<string>();
  const locals = localNames(module, field.open, formEnd(tree, field.open));
  for (let token = Math.max(0, tokenAt(tokens, from)); token < tokens.count; token++) {
    const pos = tokens.starts[token];
    if (pos >= to) break;
    if (pos < from || (tokens.kinds[token] !== Tok.Id && tokens.kinds[token] !== Tok.Int)) continue;
    const expression = expressionAt(module, token, locals);
    if (expression === undefined) continue;
    const range = { start: document.positionAt(pos), end: document.positionAt(tokens.starts[token + 1]) };
    const key = `${range.start.line} ${expression}`;
    if (seen.has(key)) continue;
    seen.add(key);
    values.push({ range, expression });
  }
  const at = tokenAt(tokens, stopped.start);
  if (at >= 0 && stopped.start >= start && stopped.start < end) {
    const range = {
      start: document.positionAt(tokens.starts[at]),
      end: document.positionAt(tokens.starts[at + 1] ?? tokens.starts[at]),
    };
    values.push({ range, expression: NEXT });
  }
  return values;
}

/** The names of the locals that a function defines, which hide globals. */
function localNames({ assembly: { symbols } }: ModuleAnalysis, open: number, end: number): Set<string> {
  const names = new Set<string>();
  for (let token = open; token < end; token++) {
    const def = symbols.defOf(token);
    if (def?.space === 'local' && def.name !== undefined) names.add(def.name);
  }
  return names;
}

/** What the debugger is asked: undefined for what is no local or global. */
function expressionAt(
  module: ModuleAnalysis,
  token: number,
  locals: ReadonlySet<string>,
): string | undefined {
  const { symbols } = module.assembly;
  const item: Def | Use | undefined = symbols.useOf(token) ?? symbols.defOf(token);
  if (!item || item.idx < 0 || (item.space !== 'local' && item.space !== 'global')) return undefined;
  const name = definitionOf(module, item)?.name;
  if (name === undefined || (item.space === 'global' && locals.has(name)))
    return `${item.space}[${item.idx}]`;
  return writtenId(name);
}
