/**
 * A `br` at the end of a block, to the end of that block: the code goes on there anyway.
 */

import type { Node } from '../facts/code.ts';
import type { FunctionView } from './function-view.ts';
import type { Found, FunctionLint } from './lint.ts';

export const branchToNext: FunctionLint = {
  code: 'branch-to-next',
  severity: 'hint',
  *check(fn) {
    for (const { block, branches } of fn.labels) {
      if (block.instr.name === 'loop') continue;
      const own = new Set(branches);
      for (const part of block.parts) {
        const found = lastBranch(part.body, own);
        if (found) yield told(fn, found, block);
      }
    }
  },
};

/** The `br` at the end of the list, or at the end of a block that ends it. */
function lastBranch(list: readonly Node[], own: ReadonlySet<number>): Node | undefined {
  for (let nodes = list; nodes.length > 0; ) {
    const last = nodes[nodes.length - 1];
    if (last.instr.name === 'br') {
      for (let token = last.keyword; token < last.headEnd; token++) if (own.has(token)) return last;
      return undefined;
    }
    if (last.parts.length !== 1) return undefined;
    nodes = last.parts[0].body;
  }
  return undefined;
}

function told(fn: FunctionView, branch: Node, block: Node): Found {
  return {
    span: fn.head(branch),
    message: 'this branches to where the code goes on anyway',
    related: [{ span: fn.head(block), message: 'the block that ends there' }],
  };
}
