/**
 * Comparisons that come out the same for all numbers: nothing is less than zero without a sign.
 */

import type { FunctionLint } from './lint.ts';
import { pairs } from './pairs.ts';

const NEVER_LESS: Readonly<Record<string, string>> = { lt_u: 'never', ge_u: 'always' };

export const uselessComparison: FunctionLint = {
  code: 'useless-comparison',
  severity: 'warning',
  *check(fn) {
    for (const [before, node] of pairs(fn)) {
      const found = /^(i32|i64)\.(lt_u|ge_u)$/.exec(node.instr.name);
      if (!found || fn.constant(before) !== 0n || before.instr.name !== `${found[1]}.const`) continue;
      yield {
        span: fn.head(node),
        message: `an unsigned number is never less than zero: this is ${NEVER_LESS[found[2]]} true`,
      };
    }
  },
};
