/**
 * A call whose results are at once the function's: as a tail call. The types must agree; whoever offers it where they do
 * not would make an invalid module, so the module's types are asked.
 */

import { funcTypeAt } from '../../engine/module/module.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { immediates, type Node } from '../facts/code.ts';
import { type Edit, removing } from '../facts/edits.ts';
import { headWord } from '../facts/forms.ts';
import type { Action, Selection } from './action.ts';

export const tailCall: Action = {
  kinds: ['refactor.rewrite'],
  *offers(at) {
    const node = at.instruction;
    if (!node) return;
    const call = isCall(node) ? node : node.instr.name === 'return' ? returned(node) : undefined;
    if (!call || !resultsAgree(at, call)) return;
    const edits = tailEdits(at, call);
    if (edits)
      yield { title: `Write return_${call.instr.name}`, kind: 'refactor.rewrite', edits: () => edits };
  },
};

function isCall({ instr }: Node): boolean {
  return instr.name === 'call' || instr.name === 'call_indirect' || instr.name === 'call_ref';
}

/** The call that a `return` returns. */
function returned(node: Node): Node | undefined {
  if (node.operands.length === 1) return isCall(node.operands[0]) ? node.operands[0] : undefined;
  const before = node.operands.length === 0 ? node.list[node.list.indexOf(node) - 1] : undefined;
  return before && isCall(before) ? before : undefined;
}

function tailEdits(at: Selection, call: Node): Edit[] | undefined {
  const { tree } = at.analysis;
  const { starts, text } = tree.tokens;
  const keyword = { start: starts[call.keyword], end: starts[call.keyword + 1] };
  const rename: Edit = { span: keyword, text: `return_${call.instr.name}` };
  const { parent, list } = call;
  if (parent?.instr.name === 'return' && parent.operands.length === 1) {
    // `(return (call …))` → `(return_call …)`
    return [
      { span: { start: starts[parent.open], end: starts[call.open] }, text: '' },
      rename,
      { span: { start: starts[call.end], end: starts[parent.end] }, text: '' },
    ];
  }
  const next = list[list.indexOf(call) + 1];
  if (parent?.operands.includes(call)) return undefined;
  if (next?.instr.name === 'return' && next.operands.length === 0) {
    const open = next.open >= 0 ? next.open : next.keyword;
    return [rename, removing(text, { start: starts[open], end: starts[next.end] })];
  }
  return next === undefined && parent === undefined ? [rename] : undefined;
}

/** Whether what is called returns exactly what the function returns. */
function resultsAgree(at: Selection, call: Node): boolean {
  const { module: analysis, field } = at;
  const module = analysis?.module;
  if (!analysis || !module || field?.kind !== 'func' || analysis.assembly.broken.has(field.idx)) return false;
  const own = funcTypeAt(module, module.funcs[field.idx]?.typeIdx ?? -1);
  const callee = typeOfCall(at, call);
  const other = callee === undefined ? undefined : funcTypeAt(module, callee);
  if (!own || !other || own.results.length !== other.results.length) return false;
  return own.results.every((type, i) => type === other.results[i]);
}

function typeOfCall({ module }: Selection, call: Node): number | undefined {
  const { tree, assembly, module: decoded } = module!;
  for (const token of immediates(tree, call)) {
    if (tree.tokens.kinds[token] !== Tok.Id && tree.tokens.kinds[token] !== Tok.Int) continue;
    const use = assembly.symbols.useOf(token);
    if (use?.space === 'func') return decoded!.funcs[use.idx]?.typeIdx;
    if (use?.space !== 'type') continue;
    if (call.instr.name === 'call_ref' || headWord(tree, tree.parent[token]) === 'type') return use.idx;
  }
  return undefined;
}
