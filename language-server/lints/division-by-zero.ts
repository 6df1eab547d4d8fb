/**
 * Divisions by a constant zero, which always trap.
 */

import type { FunctionLint } from './lint.ts';
import { pairs } from './pairs.ts';

export const divisionByZero: FunctionLint = {
  code: 'division-by-zero',
  severity: 'warning',
  *check(fn) {
    for (const [before, node] of pairs(fn)) {
      if (!/^(i32|i64)\.(div|rem)_[su]$/.test(node.instr.name) || fn.constant(before) !== 0n) continue;
      yield { span: fn.head(node), message: 'the divisor is zero: this always traps' };
    }
  },
};
