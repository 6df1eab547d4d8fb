/**
 * Globals that are mutable and never set. What is exported or imported belongs to others too: nothing is said of it.
 */

import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { headWord, significant } from '../facts/forms.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { Fix, ModuleLint } from './lint.ts';

export const needlessMut: ModuleLint = {
  code: 'needless-mut',
  severity: 'hint',
  *check(module, uses) {
    const { tree } = module;
    const { starts } = tree.tokens;
    for (const field of ownGlobals(module)) {
      const open = mutForm(module, field);
      if (open < 0 || uses.isExported('global', field.idx) || uses.writes(field.idx) > 0) continue;
      if (!uses.isUsed('global', field.idx)) continue;
      const keyword = significant(tree, open + 1);
      yield {
        span: { start: starts[keyword], end: starts[keyword + 1] },
        message: 'this global is never set: it need not be mutable',
        fix: withoutMut(module, open),
      };
    }
  },
};

/** The globals that the module defines itself. */
export function ownGlobals({ assembly }: ModuleAnalysis): Field[] {
  return assembly.fields.filter(({ kind, ok, import: imported }) => kind === 'global' && ok && !imported);
}

/** The parenthesis of `(mut t)`; -1 if the global is constant. */
function mutForm({ tree }: ModuleAnalysis, field: Field): number {
  const token = significant(tree, field.at);
  return tree.tokens.kinds[token] === Tok.Open && headWord(tree, token) === 'mut' ? token : -1;
}

function withoutMut({ tree }: ModuleAnalysis, open: number): Fix {
  const { starts } = tree.tokens;
  const type = significant(tree, significant(tree, open + 1) + 1);
  const close = formEnd(tree, open) - 1;
  return {
    title: 'Make the global constant',
    edits: [
      { span: { start: starts[open], end: starts[type] }, text: '' },
      { span: { start: starts[close], end: starts[close + 1] }, text: '' },
    ],
  };
}
