/**
 * Locals that are set and never read. `local.tee` sets and passes its value on; it does not read.
 */

import { DiagnosticTag } from 'vscode-languageserver';
import { type Edit, removing, replacing } from '../facts/edits.ts';
import type { FunctionView, LocalDef } from './function-view.ts';
import type { Fix, FunctionLint } from './lint.ts';

export const neverReadLocal: FunctionLint = {
  code: 'never-read-local',
  severity: 'warning',
  tag: DiagnosticTag.Unnecessary,
  *check(fn) {
    const { set, read } = accesses(fn);
    for (const def of fn.locals) {
      if (!set.has(def.idx) || read.has(def.idx) || def.name?.startsWith('_')) continue;
      const { starts } = fn.tree.tokens;
      const { id, type } = def;
      const span = id >= 0 ? fn.spanOf(id) : { start: starts[type[0]], end: starts[type[1] + 1] };
      const what = def.isParam ? 'parameter' : 'local';
      yield {
        span,
        message: `the ${what} ${id >= 0 ? fn.text(id) : def.idx} is set and never read`,
        fix: fixOf(fn, def),
      };
    }
  },
};

/** The locals that are set, and those that are read. */
export function accesses(fn: FunctionView): { set: Set<number>; read: Set<number> } {
  const set = new Set<number>();
  const read = new Set<number>();
  for (const { node, idx } of fn.localUses) (node.instr.name === 'local.get' ? read : set).add(idx);
  return { set, read };
}

/** Drops what was set, and leaves `local.tee` out. The local itself is then unused. */
function fixOf(fn: FunctionView, { idx, id }: LocalDef): Fix {
  const { text, starts } = fn.tree.tokens;
  const edits: Edit[] = [];
  for (const { node, idx: used } of fn.localUses) {
    if (used !== idx) continue;
    if (node.instr.name === 'local.set') edits.push(replacing(fn.head(node), 'drop'));
    else if (node.open < 0) edits.push(removing(text, fn.head(node)));
    else if (node.operands.length === 0) edits.push(removing(text, fn.span(node)));
    else {
      // `(local.tee $x A B)` → `A B`
      const last = node.operands[node.operands.length - 1];
      const first = node.operands[0];
      edits.push({ span: { start: starts[node.open], end: fn.span(first).start }, text: '' });
      edits.push({ span: { start: fn.span(last).end, end: starts[node.end] }, text: '' });
    }
  }
  return { title: `Drop what ${id >= 0 ? fn.text(id) : `local ${idx}`} is set to`, edits };
}
