/**
 * A comparison with zero by `eq`: `i32.const 0  i32.eq` → `i32.eqz`.
 */

import type { FunctionLint } from './lint.ts';
import { pairs, replacement } from './pairs.ts';

export const useEqz: FunctionLint = {
  code: 'use-eqz',
  severity: 'hint',
  *check(fn) {
    for (const [before, node] of pairs(fn)) {
      const found = /^(i32|i64)\.eq$/.exec(node.instr.name);
      if (!found || fn.constant(before) !== 0n || before.instr.name !== `${found[1]}.const`) continue;
      const name = `${found[1]}.eqz`;
      yield {
        span: fn.head(node),
        message: `a comparison with zero: ${name} says it`,
        fix: replacement(fn, `Write ${name}`, before, node, name),
      };
    }
  },
};
