/**
 * An item of a module (function, local, label, type …) as its text defines it: the definition in one line, where it
 * stands, and the comment above it.
 */

import { typesName } from '../../engine/isa/types.ts';
import { type ExternKind, funcTypeAt } from '../../engine/module/module.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenAt, tokenText } from '../../engine/text/lexer.ts';
import { type Def, SPACES, type Sp, type Use } from '../../engine/text/symbols.ts';
import { formEnd } from '../../engine/text/tree.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { commentAbove } from './comment.ts';
import { bodyStart, headWord, oneLine } from './forms.ts';
import { offsetOf } from './offset.ts';

/** An item by its index space and index: what a definition and its uses have in common. */
export type Item = Pick<Def, 'space' | 'idx' | 'scope'>;

/** The item whose name or index stands at a token: defined or used there. */
export function itemAt(analysis: ModuleAnalysis, token: number): Item | undefined {
  const { symbols } = analysis.assembly;
  const { kinds } = analysis.tree.tokens;
  if (kinds[token] !== Tok.Id && kinds[token] !== Tok.Int) return undefined;
  const found: Def | Use | undefined = symbols.useOf(token) ?? symbols.defOf(token);
  return found && (found.idx >= 0 || found.space === 'label') ? found : undefined;
}

export function definitionOf(analysis: ModuleAnalysis, { space, idx, scope }: Item): Def | undefined {
  return analysis.assembly.symbols.definition(space, idx, scope);
}

/** The definition as it stands: `(func $fib (param $n i32) (result i32))`. Locals with their type alone. */
export function definitionText(analysis: ModuleAnalysis, def: Def): string {
  const { tree, assembly } = analysis;
  if (def.space === 'label') return labelText(analysis, def);
  const open = formOf(analysis, def);
  if (open < 0) return tokenText(tree.tokens, def.token);
  if (def.name === undefined && (def.space === 'local' || def.space === 'field')) {
    return unnamedText(analysis, def);
  }
  const field = def.space === 'func' ? fieldOf(assembly.fields, def) : undefined;
  if (field?.kind !== 'func') return oneLine(tree, open, formEnd(tree, open));
  return `${oneLine(tree, open, localsStart(analysis, field))})`;
}

/** What index spaces are called: `function 3`, `local 0`. */
export function itemNumber({ space, idx }: Item): string {
  const called = { func: 'function', elem: 'element segment', data: 'data segment' } as const;
  return `${space in called ? called[space as keyof typeof called] : space} ${idx}`;
}

/** The comment above the definition; empty if there is none. */
export function definitionComment(analysis: ModuleAnalysis, def: Def): string {
  const open = def.space === 'label' ? -1 : formOf(analysis, def);
  return open < 0 ? '' : commentAbove(analysis.tree, open);
}

/** Names under which the item is exported. */
export function exportNames({ module }: ModuleAnalysis, { space, idx }: Item): string[] {
  const exports = module?.exports ?? [];
  return exports
    .filter((item) => item.kind === (space as ExternKind) && item.idx === idx)
    .map(({ name }) => name);
}

/** `[i32] -> [i32]` of a function; undefined for other items and while its type cannot be read. */
export function signatureOf({ module }: ModuleAnalysis, { space, idx }: Item): string | undefined {
  const func = space === 'func' ? module?.funcs[idx] : undefined;
  const type = func && funcTypeAt(module!, func.typeIdx);
  return type && `${typesName(type.params)} -> ${typesName(type.results)}`;
}

/** The open parenthesis of the form that defines the item; -1 if it is none. */
function formOf({ tree }: ModuleAnalysis, { field }: Def): number {
  const token = tokenAt(tree.tokens, field.start);
  return tree.tokens.kinds[token] === Tok.Open ? token : -1;
}

/** The field that defines an item of the module. */
export function fieldOf(fields: readonly Field[], { space, idx }: Item): Field | undefined {
  return fields.find((field) => field.space >= 0 && SPACES[field.space as Sp] === space && field.idx === idx);
}

/** The token where the locals of a function begin, or its instructions. */
function localsStart({ tree }: ModuleAnalysis, field: Field): number {
  const end = bodyStart(tree, field);
  for (let token = field.at; token < end; token++) {
    if (tree.tokens.kinds[token] !== Tok.Open) continue;
    if (headWord(tree, token) === 'local') return token;
    token = formEnd(tree, token) - 1;
  }
  return end;
}

/** One of the types in `(param i32 i64)` or `(local (ref null func))`. */
function unnamedText({ tree }: ModuleAnalysis, def: Def): string {
  // A reference type is a form: its keyword stands for it.
  const around = tree.parent[def.token];
  const isForm = headWord(tree, around) === 'ref';
  const type = isForm ? oneLine(tree, around, formEnd(tree, around)) : tokenText(tree.tokens, def.token);
  return `(${headWord(tree, isForm ? tree.parent[around] : around)} ${type})`;
}

/** `block $l (result i32)`: the head of the instruction that opens the label. */
function labelText(module: ModuleAnalysis, { field, token }: Def): string {
  const { tree, assembly } = module;
  const { tokens } = tree;
  const first = tokenAt(tokens, field.start);
  const end = assembly.map.exactSpan(offsetOf(module, field.start))?.end ?? field.end;
  const last = Math.max(tokenAt(tokens, Math.max(field.start, end - 1)), token);
  return oneLine(tree, first, last + 1);
}
