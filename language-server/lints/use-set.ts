/**
 * A `local.tee` whose value is dropped: `local.tee $x  drop` → `local.set $x`.
 */

import type { Node } from '../facts/code.ts';
import type { Edit } from '../facts/edits.ts';
import type { FunctionView } from './function-view.ts';
import type { Fix, FunctionLint } from './lint.ts';
import { keywordEdit, pairs, replacement } from './pairs.ts';

export const useSet: FunctionLint = {
  code: 'use-set',
  severity: 'hint',
  *check(fn) {
    for (const [before, node] of pairs(fn)) {
      if (before.instr.name !== 'local.tee' || node.instr.name !== 'drop') continue;
      yield {
        span: fn.head(before),
        message: 'the value is dropped: local.set is enough',
        fix: setFix(fn, before, node),
      };
    }
  },
};

function setFix(fn: FunctionView, tee: Node, drop: Node): Fix | undefined {
  const title = 'Write local.set';
  if (tee.list === drop.list && drop.operands.length === 0)
    return replacement(fn, title, drop, tee, 'local.set');
  // `(drop (local.tee $x A))` → `(local.set $x A)`
  if (drop.operands.length !== 1 || drop.operands[0] !== tee) return undefined;
  const { starts } = fn.tree.tokens;
  const edits: Edit[] = [
    { span: { start: starts[drop.open], end: starts[tee.open] }, text: '' },
    keywordEdit(fn, tee, 'local.set'),
    { span: { start: starts[tee.end], end: starts[drop.end] }, text: '' },
  ];
  return { title, edits };
}
