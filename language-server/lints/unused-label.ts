/**
 * Labels that no branch names.
 */

import { DiagnosticTag } from 'vscode-languageserver';
import { Tok } from '../../engine/text/lexer.ts';
import { idName } from '../../engine/text/strings.ts';
import type { Node } from '../facts/code.ts';
import { type Edit, removing } from '../facts/edits.ts';
import { significant } from '../facts/forms.ts';
import type { FunctionView } from './function-view.ts';
import type { FunctionLint } from './lint.ts';

export const unusedLabel: FunctionLint = {
  code: 'unused-label',
  severity: 'hint',
  tag: DiagnosticTag.Unnecessary,
  *check(fn) {
    for (const { block, name, branches } of fn.labels) {
      if (block.label < 0 || branches.length > 0 || name?.startsWith('_')) continue;
      const { text } = fn.tree.tokens;
      const edits = labelNames(fn, block).map((token): Edit => removing(text, fn.spanOf(token)));
      const written = fn.text(block.label);
      yield {
        span: fn.spanOf(block.label),
        message: `nothing branches to the label ${written}`,
        fix: { title: `Remove the label ${written}`, edits },
      };
    }
  },
};

/** The label's name at the block, and where `else` and `end` repeat it. */
export function labelNames(fn: FunctionView, block: Node): number[] {
  const { kinds } = fn.tree.tokens;
  const tokens = [block.label];
  const { tokens: all } = fn.tree;
  const own = idName(all, block.label);
  for (const { keyword, open, headEnd } of block.parts) {
    if (keyword < 0 || open >= 0) continue;
    const repeated = significant(fn.tree, keyword + 1);
    if (repeated < headEnd && kinds[repeated] === Tok.Id && idName(all, repeated) === own)
      tokens.push(repeated);
  }
  const last = block.end - 1;
  if (block.open < 0 && kinds[last] === Tok.Id && last > block.label && idName(all, last) === own)
    tokens.push(last);
  return tokens;
}
