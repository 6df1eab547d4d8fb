/**
 * Names for indices and indices for names: one use, or all uses of the document's module.
 */

import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import type { Use } from '../../engine/text/symbols.ts';
import type { Edit } from '../facts/edits.ts';
import { type BranchTarget, type FunctionView, viewFunction } from '../lints/function-view.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { Action, Offer } from './action.ts';

export const indices: Action = {
  kinds: ['refactor.rewrite'],
  *offers(at) {
    const { module, token } = at;
    if (!module || token < 0) return;
    const kind = module.tree.tokens.kinds[token];
    if (kind !== Tok.Id && kind !== Tok.Int) return;
    const use = module.assembly.symbols.useOf(token);
    if (!use) return;
    const targets = (at.field && viewOf(module, at.field)?.branchTargets) ?? NOTHING;
    const edit = (kind === Tok.Int ? nameFor : indexFor)(module, use, targets);
    if (edit) {
      const title = kind === Tok.Int ? `Write the name ${edit.text}` : `Write the index ${edit.text}`;
      yield { title, kind: 'refactor.rewrite', edits: () => [edit] };
    }
    yield* everywhere(module);
  },
};

function* everywhere(module: ModuleAnalysis): Generator<Offer> {
  yield {
    title: 'Write names for all indices of the module',
    kind: 'refactor.rewrite',
    costly: true,
    edits: () => all(module, Tok.Int),
  };
  yield {
    title: 'Write indices for all names of the module',
    kind: 'refactor.rewrite',
    costly: true,
    edits: () => all(module, Tok.Id),
  };
}

function* all(module: ModuleAnalysis, kind: Tok): Generator<void, Edit[] | undefined> {
  const { symbols, fields } = module.assembly;
  const { kinds } = module.tree.tokens;
  const edits = new Map<number, Edit>();
  const change = kind === Tok.Int ? nameFor : indexFor;
  const targets = new Map<number, BranchTarget>();
  for (const field of fields) {
    for (const [token, target] of viewOf(module, field)?.branchTargets ?? []) targets.set(token, target);
    yield;
  }
  for (let i = 0; i < symbols.useCount; i++) {
    const use = symbols.useAt(i);
    if (i % 1000 === 999) yield;
    if (kinds[use.token] !== kind) continue;
    const edit = change(module, use, targets);
    if (edit) edits.set(use.token, edit);
  }
  return edits.size > 0 ? [...edits.values()] : undefined;
}

type Targets = ReadonlyMap<number, BranchTarget>;

/** Undefined if the item has no name, or if the name means another item here. */
function nameFor(module: ModuleAnalysis, use: Use, targets: Targets): Edit | undefined {
  const { symbols } = module.assembly;
  const { text, starts } = module.tree.tokens;
  let id = -1;
  if (use.space === 'label') id = targets.get(use.token)?.id ?? -1;
  else {
    const def = symbols.definition(use.space, use.idx, use.scope);
    if (def?.name !== undefined) id = def.token;
  }
  return id < 0 ? undefined : { span: use.span, text: text.slice(starts[id], starts[id + 1]) };
}

/** Undefined for labels that `else` and `end` repeat: they have no index. */
function indexFor(_module: ModuleAnalysis, use: Use, targets: Targets): Edit | undefined {
  const idx = use.space === 'label' ? targets.get(use.token)?.depth : use.idx;
  return idx === undefined || idx < 0 ? undefined : { span: use.span, text: String(idx) };
}

const NOTHING: Targets = new Map();

function viewOf(module: ModuleAnalysis, field: Field): FunctionView | undefined {
  return viewFunction(module.tree, field, 0, { memories: false, tables: false });
}
