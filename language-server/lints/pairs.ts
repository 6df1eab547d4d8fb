/**
 * Two neighbouring instructions, in the order of execution: what many lints look at, and how their fixes join them.
 */

import type { Node } from '../facts/code.ts';
import { type Edit, removing, replacing } from '../facts/edits.ts';
import type { FunctionView } from './function-view.ts';
import type { Fix } from './lint.ts';

/** Each instruction with its predecessor in the order of execution, where nothing but these two is in between. */
export function* pairs(fn: FunctionView): Generator<readonly [Node, Node]> {
  const { flow } = fn;
  for (let i = 1; i < flow.length; i++) {
    const before = flow[i - 1];
    const { node, at } = flow[i];
    if (at !== 'head' || before.at !== 'head' || before.node.parts.length > 0 || node.parts.length > 0)
      continue;
    yield [before.node, node];
  }
}

/** Renames one instruction and takes the other out. */
export function replacement(
  fn: FunctionView,
  title: string,
  removed: Node,
  renamed: Node,
  name: string,
): Fix | undefined {
  const isOwnOperand = renamed.operands.includes(removed);
  if (!isOwnOperand && removed.list !== renamed.list) return undefined;
  if (removed.operands.length > 0) return undefined;
  const { text } = fn.tree.tokens;
  return { title, edits: [keywordEdit(fn, renamed, name), removing(text, fn.span(removed))] };
}

export function keywordEdit({ tree }: FunctionView, { keyword }: Node, name: string): Edit {
  const { starts } = tree.tokens;
  return replacing({ start: starts[keyword], end: starts[keyword + 1] }, name);
}
