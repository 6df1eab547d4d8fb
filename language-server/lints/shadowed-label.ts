/**
 * Labels that hide one of the same name further outside.
 */

import type { FunctionLint } from './lint.ts';

export const shadowedLabel: FunctionLint = {
  code: 'shadowed-label',
  severity: 'information',
  *check(fn) {
    for (const { block, shadows } of fn.labels) {
      if (!shadows) continue;
      yield {
        span: fn.spanOf(block.label),
        message: `the label ${fn.text(block.label)} hides the one of a block around it`,
        related: [{ span: fn.spanOf(shadows.label), message: 'the outer label' }],
      };
    }
  },
};
