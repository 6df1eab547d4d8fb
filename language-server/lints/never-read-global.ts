/**
 * Globals of the module's own that are set and never read.
 */

import { DiagnosticTag } from 'vscode-languageserver';
import { significant } from '../facts/forms.ts';
import type { ModuleLint } from './lint.ts';
import { ownGlobals } from './needless-mut.ts';

export const neverReadGlobal: ModuleLint = {
  code: 'never-read-global',
  severity: 'hint',
  tag: DiagnosticTag.Unnecessary,
  *check(module, uses) {
    for (const field of ownGlobals(module)) {
      const { idx } = field;
      if (uses.isExported('global', idx) || uses.writes(idx) === 0 || uses.reads('global', idx) > 0) continue;
      const { starts, text } = module.tree.tokens;
      const token = field.id >= 0 ? field.id : significant(module.tree, field.open + 1);
      const span = { start: starts[token], end: starts[token + 1] };
      const name = field.id >= 0 ? text.slice(span.start, span.end) : String(idx);
      if (/^\$"?_/.test(name)) continue;
      yield { span, message: `the global ${name} is set and never read` };
    }
  },
};
