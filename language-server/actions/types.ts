/**
 * A function's type written out, or named: `(type $t)` ↔ `(param i32) (result i32)`.
 */

import type { FuncType } from '../../engine/isa/types.ts';
import { funcTypeAt } from '../../engine/module/module.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { Sp } from '../../engine/text/symbols.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { immediates } from '../facts/code.ts';
import { behindComment, type Edit, indentAt, inserting, lineBreakOf, removing } from '../facts/edits.ts';
import { headWord, signatureEnd, significant } from '../facts/forms.ts';
import { funcTypeText } from '../facts/signature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { Action, Offer, Selection } from './action.ts';

export const types: Action = {
  kinds: ['refactor.extract', 'refactor.inline'],
  *offers(at) {
    const { module, field, token } = at;
    if (!module?.module || !field?.ok || field.late || field.space !== Sp.Func) return;
    yield* ofInstruction(at, module);
    const end = signatureEnd(module.tree, field);
    if (token >= end) return;
    const forms = signatureForms(module.tree, field, end);
    const type = funcTypeAt(module.module, module.module.funcs[field.idx]?.typeIdx ?? -1);
    if (!type) return;
    const named = forms.find(({ word }) => word === 'type');
    const written = forms.filter(({ word }) => word !== 'type');
    if (named) {
      // Written out, a type means a plain one: no group, no subtyping.
      if (!isPlain(module, module.module.funcs[field.idx].typeIdx)) return;
      const edits = inlineType(module, named.open, written.length > 0, type);
      yield { title: 'Write the type out', kind: 'refactor.inline', edits: () => edits };
      return;
    }
    if (written.length === 0) return;
    const edits = nameType(module, field, written, type);
    if (edits) yield { title: 'Name the type', kind: 'refactor.extract', edits: () => edits };
  },
};

/** `call_indirect (type $t)` and blocks whose type is named. */
function* ofInstruction({ instruction }: Selection, module: ModuleAnalysis): Generator<Offer> {
  const { tree, assembly } = module;
  const shape = instruction?.instr.shape;
  if (!instruction || (shape !== 'tableType' && shape !== 'block' && shape !== 'catches')) return;
  const forms = immediates(tree, instruction).filter((token) => tree.tokens.kinds[token] === Tok.Open);
  const open = forms.find((token) => headWord(tree, token) === 'type');
  if (open === undefined) return;
  const use = assembly.symbols.useOf(significant(tree, significant(tree, open + 1) + 1));
  const type = use && isPlain(module, use.idx) ? funcTypeAt(module.module!, use.idx) : undefined;
  if (!type) return;
  const isWritten = forms.some((token) => /^(param|result)$/.test(headWord(tree, token)));
  const edits = inlineType(module, open, isWritten, type);
  yield { title: 'Write the type out', kind: 'refactor.inline', edits: () => edits };
}

/** `(type $t (func …))`, in no group. */
function isPlain({ tree, assembly }: ModuleAnalysis, typeIdx: number): boolean {
  const field = assembly.fields.find(({ kind, idx }) => kind === 'type' && idx === typeIdx);
  return field !== undefined && headWord(tree, significant(tree, field.at)) === 'func';
}

/** A number of a type that has no field of its own: a new type in front of it would change what it means. */
function namesHiddenType({ assembly }: ModuleAnalysis): boolean {
  const { symbols } = assembly;
  const explicit = symbols.defs.filter(({ space }) => space === 'type').length;
  return symbols.uses.some(({ space, idx }) => space === 'type' && idx >= explicit);
}

interface Form {
  readonly word: string;
  readonly open: number;
}

function signatureForms(tree: Tree, field: Field, end: number): Form[] {
  const forms: Form[] = [];
  for (let open = significant(tree, field.at); open < end; open = significant(tree, formEnd(tree, open))) {
    const word = headWord(tree, open);
    if (word === 'type' || word === 'param' || word === 'result') forms.push({ word, open });
  }
  return forms;
}

function inlineType(module: ModuleAnalysis, open: number, isWritten: boolean, type: FuncType): Edit[] {
  const { tree } = module;
  const { starts, text } = tree.tokens;
  const span = { start: starts[open], end: starts[formEnd(tree, open)] };
  const written = isWritten ? '' : funcTypeText(module.module!, type);
  return [written === '' ? removing(text, span) : { span, text: written }];
}

/** By a type that is there already; else by a new one, if the function can be called by what it is named. */
function nameType(
  module: ModuleAnalysis,
  field: Field,
  forms: readonly Form[],
  type: FuncType,
): Edit[] | undefined {
  const { tree, assembly } = module;
  const { starts, text } = tree.tokens;
  const at = starts[forms[0].open];
  const typeIdx = module.module!.funcs[field.idx].typeIdx;
  const def = assembly.symbols.definition('type', typeIdx);
  // Parameters with names stay written: the names are theirs.
  const keep = forms.some(
    ({ open }) => tree.tokens.kinds[significant(tree, significant(tree, open + 1) + 1)] === Tok.Id,
  );
  const written = keep
    ? []
    : forms.map(({ open }) => removing(text, { start: starts[open], end: starts[formEnd(tree, open)] }));
  const use = (name: string): Edit[] => {
    if (keep) return [inserting(at, `(type ${name}) `)];
    const [first, ...rest] = forms;
    const span = { start: starts[first.open], end: starts[formEnd(tree, first.open)] };
    return [
      { span, text: `(type ${name})` },
      ...rest.map(({ open }) => written[forms.findIndex((form) => form.open === open)]),
    ];
  };
  if (def) return use(def.name !== undefined ? text.slice(def.span.start, def.span.end) : String(typeIdx));
  if (namesHiddenType(module)) return undefined;
  const name = freeName(module);
  const first = assembly.fields[0];
  const field0 = starts[first.open];
  // In front of all: types that are there have numbers, which would shift.
  if (assembly.fields.some(({ kind }) => kind === 'type' || kind === 'rec'))
    return lastType(module, name, type, use);
  const line = lineBreakOf(text) + indentAt(text, field0);
  return [
    inserting(field0, `(type $${name} (func${spaced(funcTypeText(module.module!, type))}))${line}`),
    ...use(`$${name}`),
  ];
}

function lastType(
  module: ModuleAnalysis,
  name: string,
  type: FuncType,
  use: (name: string) => Edit[],
): Edit[] {
  const { tree, assembly } = module;
  const { starts, text } = tree.tokens;
  const last = assembly.fields.findLast(({ kind }) => kind === 'type' || kind === 'rec')!;
  const line = lineBreakOf(text) + indentAt(text, starts[last.open]);
  const written = `${line}(type $${name} (func${spaced(funcTypeText(module.module!, type))}))`;
  return [inserting(behindComment(text, starts[formEnd(tree, last.open)]), written), ...use(`$${name}`)];
}

function spaced(text: string): string {
  return text === '' ? '' : ` ${text}`;
}

function freeName({ assembly }: ModuleAnalysis): string {
  const taken = new Set(
    assembly.symbols.defs.filter(({ space }) => space === 'type').map(({ name }) => name),
  );
  for (let i = 0; ; i++) {
    const name = i === 0 ? 'type' : `type${i}`;
    if (!taken.has(name)) return name;
  }
}
