/**
 * Instructions that nothing reaches: behind a branch, a return, a trap, or a block that none of its ways leaves.
 *
 * A lone `unreachable` behind such a place is how compilers and people say that they know.
 */

import { DiagnosticTag } from 'vscode-languageserver';
import { everyNode, type Node } from '../facts/code.ts';
import { type FunctionView, spanOfNodes } from './function-view.ts';
import type { Found, FunctionLint } from './lint.ts';

const DIVERGES =
  /^(unreachable|br|br_table|return|return_call|return_call_indirect|return_call_ref|throw|rethrow|throw_ref)$/;

export const unreachableCode: FunctionLint = {
  code: 'unreachable-code',
  severity: 'hint',
  tag: DiagnosticTag.Unnecessary,
  *check(fn) {
    const found: Found[] = [];
    new Reach(fn, found).list(fn.body);
    yield* found;
  },
};

class Reach {
  /** Blocks that something reached branches to. */
  private readonly targets = new Set<Node>();
  private readonly branches = new Map<number, Node>();
  private readonly fn: FunctionView;
  private readonly found: Found[];

  constructor(fn: FunctionView, found: Found[]) {
    this.fn = fn;
    this.found = found;
    for (const { block, branches } of fn.labels)
      for (const token of branches) this.branches.set(token, block);
  }

  /** Whether control comes out at the end. */
  list(nodes: readonly Node[]): boolean {
    for (let i = 0; i < nodes.length; i++) {
      if (this.node(nodes[i])) continue;
      this.dead(nodes.slice(i + 1), nodes[i]);
      return false;
    }
    return true;
  }

  private node(node: Node): boolean {
    for (const operand of node.operands) if (!this.node(operand)) return false;
    this.branch(node);
    if (node.parts.length === 0) return !DIVERGES.test(node.instr.name);
    let out = node.instr.name === 'if' && node.parts.length === 1;
    for (const { body } of node.parts) if (this.list(body)) out = true;
    return out || (this.targets.has(node) && node.instr.name !== 'loop');
  }

  private branch({ keyword, headEnd, parts }: Node): void {
    for (let token = keyword; token < headEnd; token++) {
      const target = this.branches.get(token);
      if (target) this.targets.add(target);
    }
    for (const part of parts) {
      for (let token = Math.max(0, part.keyword); part.keyword >= 0 && token < part.headEnd; token++) {
        const target = this.branches.get(token);
        if (target) this.targets.add(target);
      }
    }
  }

  private dead(nodes: readonly Node[], leaves: Node): void {
    const all = [...everyNode(nodes)];
    if (all.every(({ instr }) => instr.name === 'unreachable' || instr.name === 'nop')) return;
    this.found.push({
      span: spanOfNodes(this.fn.tree, nodes),
      message: 'this code is never reached',
      related: [{ span: this.fn.head(leaves), message: 'nothing goes on behind this' }],
    });
  }
}
