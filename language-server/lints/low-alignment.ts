/**
 * `align=` below the natural alignment: slower on some machines, and seldom needed.
 */

import type { FunctionLint } from './lint.ts';

export const lowAlignment: FunctionLint = {
  code: 'low-alignment',
  severity: 'off',
  *check(fn) {
    for (const { node } of fn.flow) {
      if (!node.instr.shape.startsWith('memarg') || node.instr.exactAlign) continue;
      for (let token = node.keyword + 1; token < node.headEnd; token++) {
        const found = /^align=(.+)$/.exec(fn.text(token));
        if (!found || Number(found[1].replaceAll('_', '')) >= node.instr.width) continue;
        yield {
          span: fn.spanOf(token),
          message: `less than the natural alignment, which is ${node.instr.width}`,
        };
      }
    }
  },
};
