/**
 * A local that is set and read again at once: `local.set $x  local.get $x` → `local.tee $x`.
 */

import type { FunctionLint } from './lint.ts';
import { pairs, replacement } from './pairs.ts';

export const useTee: FunctionLint = {
  code: 'use-tee',
  severity: 'hint',
  *check(fn) {
    for (const [before, node] of pairs(fn)) {
      if (before.instr.name !== 'local.set' || node.instr.name !== 'local.get') continue;
      if (fn.localOf(before) !== fn.localOf(node) || before.list !== node.list) continue;
      yield {
        span: fn.head(node),
        message: 'set and read again at once: local.tee does both',
        fix: replacement(fn, 'Write local.tee', node, before, 'local.tee'),
      };
    }
  },
};
