/**
 * A local that is set and then set again, or left at the end, with nothing in between that could read it.
 *
 * Looks along straight code only: at every place where control flow joins or may leave, all stores count as read.
 */

import { DiagnosticTag } from 'vscode-languageserver';
import type { Node } from '../facts/code.ts';
import { replacing } from '../facts/edits.ts';
import type { FunctionView } from './function-view.ts';
import type { Found, FunctionLint } from './lint.ts';
import { accesses } from './never-read-local.ts';

const LEAVES: ReadonlySet<string> = new Set([
  'return',
  'unreachable',
  'return_call',
  'return_call_indirect',
  'return_call_ref',
]);
const MAY_THROW = /^(call|return_call|throw)/;

export const deadStore: FunctionLint = {
  code: 'dead-store',
  severity: 'warning',
  tag: DiagnosticTag.Unnecessary,
  *check(fn) {
    const { read } = accesses(fn);
    const pending = new Map<number, Node>();
    let tries = 0;
    for (const { node, at } of fn.flow) {
      const { name, shape } = node.instr;
      const isTry = name === 'try' || name === 'try_table';
      if (at === 'head' && isTry) tries++;
      if (at === 'end' && isTry) tries--;
      if (at !== 'head' || node.parts.length > 0 || /^label|^castBranch$/.test(shape)) {
        pending.clear();
        continue;
      }
      if (LEAVES.has(name) && tries === 0) {
        for (const store of pending.values()) yield told(fn, store, 'the function ends before it is read');
        pending.clear();
        continue;
      }
      if (tries > 0 && (MAY_THROW.test(name) || LEAVES.has(name))) pending.clear();
      const idx = fn.localOf(node);
      if (idx < 0) continue;
      if (name === 'local.get') pending.delete(idx);
      else {
        const before = pending.get(idx);
        if (before) yield told(fn, before, 'it is set again before it is read', node);
        pending.delete(idx);
        // What is never read at all is told at its declaration.
        if (name === 'local.set' && read.has(idx)) pending.set(idx, node);
      }
    }
    for (const store of pending.values()) yield told(fn, store, 'the function ends before it is read');
  },
};

function told(fn: FunctionView, store: Node, why: string, again?: Node): Found {
  const span = fn.head(store);
  return {
    span,
    message: `this value is never read: ${why}`,
    ...(again && { related: [{ span: fn.head(again), message: 'set again here' }] }),
    fix: { title: 'Drop the value instead', edits: [replacing(span, 'drop')] },
  };
}
