/**
 * What is on the operand stack where somebody is writing, and which labels are open.
 *
 * The bytes in front of the caret are validated up to the instruction that runs last before it: in a folded form,
 * heads whose operands are being written run later. A function with a fault is cut at the fault, so there is a
 * state at the first one, and none behind it.
 */

import { WasmError } from '../../engine/base/errors.ts';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { FuncValidator } from '../../engine/valid/func.ts';
import { EVERY_FEATURE, type ModuleAnalysis } from '../module-analysis.ts';
import { bodyStart } from './forms.ts';
import { headToken, previous } from './place.ts';

/** How many tokens of a function are checked for one request: farther in, there is no state. */
const MOST = 100_000;

/**
 * The state before the token `at` of a function's body, where an instruction could stand. Undefined where there is
 * none: behind a fault, outside of the body.
 */
export function stateBefore(module: ModuleAnalysis, field: Field, at: number): FuncValidator | undefined {
  const decoded = module.module;
  if (!decoded?.funcs[field.idx]?.body || field.kind !== 'func') return undefined;
  const { tree, assembly } = module;
  const first = bodyStart(tree, field);
  if (at - first > MOST) return undefined;
  const last = lastRun(tree, previous(tree, at), first);
  const v = new FuncValidator(decoded, EVERY_FEATURE);
  try {
    v.begin(field.idx);
    if (last < 0) return v;
    const start = tree.tokens.starts[last];
    do {
      if (!v.next()) return undefined;
    } while (assembly.map.exactSpan(v.instr.offset)?.start !== start);
    return v.depth > 0 ? v : undefined;
  } catch (error) {
    if (error instanceof WasmError) return undefined;
    throw error;
  }
}

/** The token that stands in the map for the instruction which runs last before what is behind `token`; -1: none. */
function lastRun(tree: Tree, token: number, first: number): number {
  const { kinds, words } = tree.tokens;
  for (let at = token; at >= first; at = previous(tree, at)) {
    const kind = kinds[at];
    if (kind === Tok.Close) {
      const open = tree.match[at];
      if (open < 0) continue;
      const head = headToken(tree, open);
      const role = ROLES[words[head]];
      if (role === Role.Plain) return head;
      if (role === Role.Block || role === Role.If || role === Role.Try) return at;
      // A part of a block: what ran last is inside of it. A type or clause belongs to what stands before it.
      if (role === Role.None || isClause(tree, open, role)) at = open;
      continue;
    }
    if (kind !== Tok.Keyword) continue;
    const role = ROLES[words[at]];
    if (role === Role.None || role === Role.Do) continue;
    const open = tree.parent[at];
    const isHead = open >= 0 && headToken(tree, open) === at;
    if (!isHead) return at;
    if (role === Role.Then) {
      const condition = tree.parent[open];
      return condition < 0 ? -1 : headToken(tree, condition);
    }
    if (role === Role.Plain || role === Role.If) at = open;
    else return at;
  }
  return -1;
}

/** `(catch $t $l)` of a `try_table`, not the part of an old `try`. */
function isClause(tree: Tree, open: number, role: number): boolean {
  if (role !== Role.Catch && role !== Role.CatchAll) return false;
  const around = tree.parent[open];
  return around >= 0 && ROLES[tree.tokens.words[headToken(tree, around)]] === Role.Block;
}

/** A label that is open somewhere in a function. */
export interface OpenLabel {
  /** The keyword of the block; the function's own label has none: -1. */
  readonly keyword: number;
  /** The token of its name; -1 without one. */
  readonly id: number;
}

/** The labels that are open before the token `at` of a function's body, innermost first, the function's own last. */
export function labelsBefore(tree: Tree, field: Field, at: number): OpenLabel[] {
  const { kinds, words } = tree.tokens;
  const labels: (OpenLabel & { readonly close: number })[] = [{ keyword: -1, id: -1, close: -1 }];
  for (let token = bodyStart(tree, field); token < at; token++) {
    while (labels[labels.length - 1].close >= 0 && labels[labels.length - 1].close <= token) labels.pop();
    if (kinds[token] === Tok.Annot) token = formEnd(tree, token) - 1;
    if (kinds[token] !== Tok.Keyword) continue;
    const role = ROLES[words[token]];
    if (role === Role.None || role === Role.Plain) continue;
    const open = tree.parent[token];
    const isHead = open >= 0 && headToken(tree, open) === token;
    if (role === Role.Block || role === Role.Try || (role === Role.If && !isHead)) {
      const close = isHead ? formEnd(tree, open) : -1;
      labels.push({ keyword: token, id: idBehind(tree, token), close });
    } else if (role === Role.Then && open >= 0 && tree.parent[open] >= 0) {
      const head = headToken(tree, tree.parent[open]);
      labels.push({ keyword: head, id: idBehind(tree, head), close: formEnd(tree, open) });
    } else if (role === Role.Else && isHead && tree.parent[open] >= 0) {
      const head = headToken(tree, tree.parent[open]);
      labels.push({ keyword: head, id: idBehind(tree, head), close: formEnd(tree, open) });
    } else if ((role === Role.End || role === Role.Delegate) && !isHead && labels.length > 1) {
      if (labels[labels.length - 1].close < 0) labels.pop();
    }
  }
  while (labels[labels.length - 1].close >= 0 && labels[labels.length - 1].close <= at) labels.pop();
  return labels.reverse();
}

function idBehind(tree: Tree, keyword: number): number {
  const next = headToken(tree, keyword);
  return tree.tokens.kinds[next] === Tok.Id ? next : -1;
}
