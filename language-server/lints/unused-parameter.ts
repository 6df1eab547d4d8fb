/**
 * Parameters that no instruction names. Often the type asks for them: off unless somebody wants it.
 */

import { DiagnosticTag } from 'vscode-languageserver';
import type { FunctionLint } from './lint.ts';
import { unusedOf, unusedTold } from './unused-local.ts';

export const unusedParameter: FunctionLint = {
  code: 'unused-parameter',
  severity: 'off',
  tag: DiagnosticTag.Unnecessary,
  *check(fn) {
    for (const def of unusedOf(fn)) if (def.isParam) yield unusedTold(fn, def, 'parameter');
  },
};
