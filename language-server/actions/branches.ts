/**
 * `br_if` as an `if` around a `br`, and the other way round. Only for branches without operands beside the condition:
 * `br_if` also passes on what is below, and an `if` would hide it.
 */

import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { immediates, type Node, nodeSpan } from '../facts/code.ts';
import { type Edit, lineBreakOf } from '../facts/edits.ts';
import { type BranchTarget, viewFunction } from '../lints/function-view.ts';
import type { Action, Selection } from './action.ts';

export const branches: Action = {
  kinds: ['refactor.rewrite'],
  *offers(at) {
    const node = at.instruction;
    if (!node || !at.module) return;
    if (node.instr.name === 'br_if' && carriesNothing(at, node)) {
      yield { title: 'Write if instead of br_if', kind: 'refactor.rewrite', edits: () => [toIf(at, node)] };
    }
    const branch = node.instr.name === 'if' ? loneBranch(at, node) : undefined;
    if (branch) {
      yield {
        title: 'Write br_if instead of if',
        kind: 'refactor.rewrite',
        edits: () => [toBrIf(at, node, branch)],
      };
    }
  },
};

function targetOf(
  at: Selection,
  node: Node,
): { readonly token: number; readonly target: BranchTarget } | undefined {
  const { module, field } = at;
  const view = module && field && viewFunction(module.tree, field, 0, { memories: false, tables: false });
  const [token] = immediates(at.analysis.tree, node);
  const target = view?.branchTargets.get(token);
  return target && { token, target };
}

/** True if the label takes no values, so that the branch carries none. */
function carriesNothing(at: Selection, node: Node): boolean {
  const target = blockOf(at, node);
  if (!target || node.operands.length > 1) return false;
  const { kinds } = at.analysis.tree.tokens;
  // Parameters of a loop and results of other blocks: without parentheses in the head it has neither.
  return immediates(at.analysis.tree, target).every((token) => kinds[token] !== Tok.Open);
}

/** The block that a branch leads to; undefined for the function itself. */
function blockOf(at: Selection, node: Node): Node | undefined {
  const found = targetOf(at, node);
  if (!found) return undefined;
  let depth = found.target.depth;
  for (let inside: Node = node, around = node.parent; around; inside = around, around = around.parent) {
    if (around.parts.length === 0 || around.operands.includes(inside)) continue;
    if (depth-- === 0) return around;
  }
  return undefined;
}

function toIf(at: Selection, node: Node): Edit {
  const { tree } = at.analysis;
  const { text } = tree.tokens;
  const { token, target } = targetOf(at, node)!;
  const written = tokenText(tree.tokens, token);
  // By number it is one label further out from inside of the `if`.
  const label = written.startsWith('$') ? written : String(target.depth + 1);
  const span = nodeSpan(tree, node);
  if (node.open < 0) return { span, text: `if br ${label} end` };
  const [condition] = node.operands;
  const inside = condition
    ? ` ${text.slice(nodeSpan(tree, condition).start, nodeSpan(tree, condition).end)}`
    : '';
  const gap = /;;[^\n\r]*$/.test(inside) ? lineBreakOf(text) : ' ';
  return { span, text: `(if${inside}${gap}(then (br ${label})))` };
}

/** The `br` that is all there is in an `if`, and does not lead to that `if`. */
function loneBranch(at: Selection, node: Node): Node | undefined {
  const { tree } = at.analysis;
  const { kinds } = tree.tokens;
  if (node.parts.length !== 1 || node.parts[0].body.length !== 1 || node.operands.length > 1)
    return undefined;
  if (immediates(tree, node).some((token) => kinds[token] === Tok.Open)) return undefined;
  const [branch] = node.parts[0].body;
  if (branch.instr.name !== 'br' || branch.operands.length > 0) return undefined;
  const target = blockOf(at, branch);
  if (!target || target === node || targetOf(at, branch)!.target.depth === 0) return undefined;
  if (immediates(tree, target).some((token) => kinds[token] === Tok.Open)) return undefined;
  // Comments inside would be lost.
  for (let token = node.keyword; token < node.end; token++) {
    const isComment = kinds[token] === Tok.LineComment || kinds[token] === Tok.BlockComment;
    if (isComment && !isIn(token, node.operands)) return undefined;
  }
  return branch;
}

function isIn(token: number, nodes: readonly Node[]): boolean {
  return nodes.some(({ keyword, end }) => token > keyword && token < end);
}

function toBrIf(at: Selection, node: Node, branch: Node): Edit {
  const { tree } = at.analysis;
  const { text } = tree.tokens;
  const { token, target } = targetOf(at, branch)!;
  const written = tokenText(tree.tokens, token);
  const label = written.startsWith('$') ? written : String(target.depth - 1);
  const span = nodeSpan(tree, node);
  if (node.open < 0) return { span, text: `br_if ${label}` };
  const [condition] = node.operands;
  if (!condition) return { span, text: `(br_if ${label})` };
  const { start, end } = nodeSpan(tree, condition);
  return { span, text: `(br_if ${label} ${text.slice(start, end)})` };
}
