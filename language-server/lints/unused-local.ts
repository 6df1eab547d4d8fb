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
    for (const def of unusedOf(fn)) {
      if (def.isParam) continue;
      yield { ...unusedTold(fn, def, 'local'), fix: removal(fn, def) };
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

/** Only where no number names a later local: it would name another one then. */
function removal(fn: FunctionView, { idx, open, type, id }: LocalDef): Fix | undefined {
  const { kinds, starts, text } = fn.tree.tokens;
  if (fn.localUses.some((use) => use.idx > idx && kinds[use.token] === Tok.Int)) return undefined;
  const inForm = fn.locals.filter((def) => def.open === open).length;
  const span =
    inForm === 1
      ? { start: starts[open], end: starts[formEnd(fn.tree, open)] }
      : { start: starts[type[0]], end: starts[type[1] + 1] };
  return { title: `Remove the local ${id >= 0 ? fn.text(id) : idx}`, edits: [removing(text, span)] };
}
