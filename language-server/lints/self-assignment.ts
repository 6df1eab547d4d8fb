/**
 * A local that is set to itself: `local.get $x  local.set $x`.
 */

import { removing } from '../facts/edits.ts';
import type { FunctionLint } from './lint.ts';
import { pairs } from './pairs.ts';

export const selfAssignment: FunctionLint = {
  code: 'self-assignment',
  severity: 'warning',
  *check(fn) {
    const { text } = fn.tree.tokens;
    for (const [before, node] of pairs(fn)) {
      if (before.instr.name !== 'local.get' || node.instr.name !== 'local.set') continue;
      if (fn.localOf(before) !== fn.localOf(node)) continue;
      const nested = node.operands.length === 1 && node.operands[0] === before;
      const beside = before.list === node.list && node.operands.length === 0;
      const edits = nested
        ? [removing(text, fn.span(node))]
        : [removing(text, { start: fn.span(before).start, end: fn.span(node).end })];
      yield {
        span: fn.head(node),
        message: 'the local is set to itself',
        fix: nested || beside ? { title: 'Remove the assignment', edits } : undefined,
      };
    }
  },
};
