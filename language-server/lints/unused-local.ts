/**
 * Locals that no instruction names. Parameters belong to the type and are told apart (unused-parameter).
 */

import { DiagnosticTag } from 'vscode-languageserver';
import { Tok } from '../../engine/text/lexer.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { removing } from '../facts/edits.ts';
import type { FunctionView, LocalDef } from './function-view.ts';
import type { Fix, Found, FunctionLint } from './lint.ts';

export const unusedLocal: FunctionLint = {
  code: 'unused-local',
  severity: 'warning',
  tag: DiagnosticTag.Unnecessary,
  *check(fn) {
    const { kinds } = fn.tree.tokens;
    let numbered = -1;
    for (const { token, idx } of fn.localUses)
      if (kinds[token] === Tok.Int) numbered = Math.max(numbered, idx);
    const inForm = new Map<number, number>();
    for (const { open } of fn.locals) inForm.set(open, (inForm.get(open) ?? 0) + 1);
    for (const def of unusedOf(fn)) {
      if (def.isParam) continue;
      // A number that names a later local would name another one then.
      const fix = numbered > def.idx ? undefined : removal(fn, def, inForm.get(def.open) === 1);
      yield { ...unusedTold(fn, def, 'local'), fix };
    }
  },
};

/** The locals and parameters that no instruction names. */
export function unusedOf(fn: FunctionView): LocalDef[] {
  const used = new Set(fn.localUses.map(({ idx }) => idx));
  return fn.locals.filter(({ idx, name }) => !used.has(idx) && !name?.startsWith('_'));
}

export function unusedTold(fn: FunctionView, { id, idx, type }: LocalDef, what: string): Found {
  const { starts } = fn.tree.tokens;
  const span = id >= 0 ? fn.spanOf(id) : { start: starts[type[0]], end: starts[type[1] + 1] };
  return { span, message: `the ${what} ${id >= 0 ? fn.text(id) : idx} is never used` };
}

/** `isAlone`: no other local stands in the same form. */
function removal(fn: FunctionView, { idx, open, type, id }: LocalDef, isAlone: boolean): Fix {
  const { starts, text } = fn.tree.tokens;
  const span = isAlone
    ? { start: starts[open], end: starts[formEnd(fn.tree, open)] }
    : { start: starts[type[0]], end: starts[type[1] + 1] };
  return { title: `Remove the local ${id >= 0 ? fn.text(id) : idx}`, edits: [removing(text, span)] };
}
