/**
 * What a branch takes along: the types of its label, which only the state at that place knows.
 */

import { I32, type ValType } from '../../engine/isa/types.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { instrOfWord } from '../../engine/text/words.ts';
import type { FuncValidator } from '../../engine/valid/func.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { significant } from './forms.ts';
import type { Operand, Operands } from './operands.ts';
import { labelsBefore } from './typed.ts';

/** Of `br`, `br_if`, `br_table` and `return`; undefined for others, and for labels that are not there. */
export function branchOperands(
  module: ModuleAnalysis,
  field: Field,
  keyword: number,
  state: FuncValidator,
): Operands | undefined {
  const { tree } = module;
  const name = instrOfWord(tree.tokens.words[keyword])?.name;
  const operands = (types: readonly ValType[], last?: Operand): Operands => {
    const all: Operand[] = types.map((type) => ({ type }));
    return { operands: last ? [...all, last] : all, results: [] };
  };
  if (name === 'return') return operands(state.controls[0].results);
  if (name !== 'br' && name !== 'br_if' && name !== 'br_table') return undefined;
  const depth = depthOf(module, field, keyword);
  if (depth < 0 || depth >= state.depth) return undefined;
  const types = state.labelTypes(depth);
  if (name === 'br') return operands(types);
  const all = operands(types, { type: I32, name: name === 'br_if' ? 'condition' : 'index' });
  return name === 'br_if' ? { ...all, results: types } : all;
}

/** How many labels out the first label of a branch is; -1 if there is none. */
function depthOf({ tree }: ModuleAnalysis, field: Field, keyword: number): number {
  const { tokens } = tree;
  const label = significant(tree, keyword + 1);
  const text = tokenText(tokens, label);
  if (tokens.kinds[label] === Tok.Int) return Number(text.replaceAll('_', ''));
  if (tokens.kinds[label] !== Tok.Id) return -1;
  return labelsBefore(tree, field, keyword).findIndex(({ id }) => id >= 0 && tokenText(tokens, id) === text);
}
