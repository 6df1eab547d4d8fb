/**
 * Fields without a `(module …)` around them.
 */

import { inserting, lineBreakOf } from '../facts/edits.ts';
import { headWord } from '../facts/forms.ts';
import type { ModuleLint } from './lint.ts';

export const implicitModule: ModuleLint = {
  code: 'implicit-module',
  severity: 'off',
  *check({ tree, assembly }) {
    const first = assembly.fields[0];
    if (!first || tree.parent[first.open] >= 0 || headWord(tree, first.open) === 'module') return;
    const { text, starts } = tree.tokens;
    const line = lineBreakOf(text);
    yield {
      span: first.head,
      message: 'these fields have no (module …) around them',
      fix: {
        title: 'Write (module …)',
        edits: [
          inserting(starts[first.open], `(module${line}`),
          inserting(text.trimEnd().length, `${line})`),
        ],
      },
    };
  },
};
