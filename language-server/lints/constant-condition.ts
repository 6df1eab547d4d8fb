/**
 * `br_if`, `if` and `select` on a constant: always taken, or never.
 */

import { isAnnotated } from '../facts/code.ts';
import { removing, replacing } from '../facts/edits.ts';
import { type FunctionView, spanOfNodes } from './function-view.ts';
import type { Fix, FunctionLint } from './lint.ts';

export const constantCondition: FunctionLint = {
  code: 'constant-condition',
  severity: 'information',
  *check(fn) {
    const { flow } = fn;
    for (let i = 1; i < flow.length; i++) {
      const { node, at } = flow[i];
      const { name } = node.instr;
      if (at !== 'head' || (name !== 'br_if' && name !== 'if' && name !== 'select')) continue;
      const before = flow[i - 1];
      const value = before.at === 'head' ? fn.constant(before.node) : undefined;
      if (value === undefined || before.node.instr.name !== 'i32.const') continue;
      const taken = value !== 0n;
      const message =
        name === 'select'
          ? `this condition is constant: always the ${taken ? 'first' : 'second'} value`
          : `this condition is constant: ${taken ? 'always' : 'never'} taken`;
      yield {
        span: fn.head(before.node),
        message,
        related: [{ span: fn.head(node), message: 'the condition of this' }],
        fix: name === 'br_if' ? fixOf(fn, i, taken) : undefined,
      };
    }
  },
};

/** `br` for what is always taken; nothing for what never is. */
function fixOf(fn: FunctionView, i: number, taken: boolean): Fix | undefined {
  const { flow, tree } = fn;
  const { node } = flow[i];
  const { text } = tree.tokens;
  // A branch hint would be left behind.
  if (isAnnotated(tree, node)) return undefined;
  if (taken) {
    const constant = flow[i - 1].node;
    if (constant.parent !== node && constant.list !== node.list) return undefined;
    const { starts } = tree.tokens;
    const keyword = { start: starts[node.keyword], end: starts[node.keyword + 1] };
    return {
      title: 'Branch always',
      edits: [removing(text, fn.span(constant)), replacing(keyword, 'br')],
    };
  }
  // `(br_if $l A (i32.const 0))` also passes A on.
  if (node.operands.length > 1) return undefined;
  const nodes = node.operands.length === 1 ? [node] : [flow[i - 1].node, node];
  if (nodes.some(({ list }) => list !== node.list)) return undefined;
  return { title: 'Remove the branch', edits: [removing(text, spanOfNodes(tree, nodes))] };
}
