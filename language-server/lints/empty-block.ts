/**
 * Blocks with nothing inside.
 */

import type { FunctionLint } from './lint.ts';

export const emptyBlock: FunctionLint = {
  code: 'empty-block',
  severity: 'hint',
  *check(fn) {
    for (const { block } of fn.labels) {
      if (block.parts.some(({ body }) => body.length > 0)) continue;
      yield { span: fn.head(block), message: `this ${block.instr.name} has nothing in it` };
    }
  },
};
