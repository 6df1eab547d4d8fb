/**
 * What a function leaves on the stack and does not declare: adds the results that are missing.
 */

import { WasmError } from '../../engine/base/errors.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { FuncValidator } from '../../engine/valid/func.ts';
import { name } from '../../engine/valid/mismatch.ts';
import type { Edit } from '../facts/edits.ts';
import { headWord, signatureEnd, significant } from '../facts/forms.ts';
import { EVERY_FEATURE, type ModuleAnalysis } from '../module-analysis.ts';
import type { Action, Selection } from './action.ts';
import { diagnosticsFrom, faultsAt } from './faults.ts';

export const addResults: Action = {
  kinds: ['quickfix'],
  *offers(at) {
    const { field, module } = at;
    if (field?.kind !== 'func' || !module) return;
    for (const fault of faultsAt(at)) {
      if (!/^type mismatch: .*\(end of function body\)$/.test(fault.message)) continue;
      const left = leftAtEnd(module, field.idx);
      const edit = left && declared(at, left);
      if (!edit) continue;
      yield {
        title: `Declare the result${left.length === 1 ? '' : 's'} ${left.join(' ')}`,
        kind: 'quickfix',
        isPreferred: true,
        diagnostics: diagnosticsFrom(at, fault.span),
        edits: () => [edit],
      };
    }
  },
};

/** The operands in front of the function's last `end`, as types; undefined if the fault is elsewhere. */
function leftAtEnd({ module, assembly }: ModuleAnalysis, funcIdx: number): string[] | undefined {
  const body = module?.funcs[funcIdx]?.body;
  if (!module || !body || assembly.broken.has(funcIdx)) return undefined;
  const v = new FuncValidator(module, EVERY_FEATURE);
  try {
    v.begin(funcIdx);
    while (v.instr.pos < body.range.end - 1 && v.next());
  } catch (error) {
    if (error instanceof WasmError) return undefined;
    throw error;
  }
  if (v.top.unreachable) return undefined;
  return Array.from({ length: v.height }, (_, i) => name(module, v.typeAt(i)));
}

function declared({ field, module }: Selection, types: readonly string[]): Edit | undefined {
  const { tree } = module!;
  const { starts } = tree.tokens;
  const end = signatureEnd(tree, field!);
  let behind = -1;
  const results: number[] = [];
  for (let open = significant(tree, field!.at); open < end; open = significant(tree, formEnd(tree, open))) {
    const word = headWord(tree, open);
    // A type that is only named says its results elsewhere.
    if (word === 'type') return undefined;
    if (word === 'result') results.push(open);
    behind = formEnd(tree, open);
  }
  const text = types.length > 0 ? `(result ${types.join(' ')})` : '';
  if (results.length > 0) {
    const span = { start: starts[results[0]], end: starts[formEnd(tree, results[results.length - 1])] };
    return { span, text };
  }
  if (behind < 0) {
    const last = field!.exports.at(-1);
    behind = last
      ? formEnd(tree, last.open)
      : (field!.id >= 0 ? field!.id : significant(tree, field!.open + 1)) + 1;
  }
  const pos = starts[behind];
  return { span: { start: pos, end: pos }, text: ` ${text}` };
}
