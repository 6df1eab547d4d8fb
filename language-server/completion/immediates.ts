/**
 * Immediates as suggestions: what the shape of an instruction wants behind what stands there already.
 */

import { CompletionItemKind } from 'vscode-languageserver';
import type { Instr } from '../../engine/isa/isa.ts';
import { KEYWORDS } from '../../engine/isa/keywords.ts';
import { typeIdxOf, type ValType } from '../../engine/isa/types.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import type { FuncValidator } from '../../engine/valid/func.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { HEAP_TYPES, LANE_SHAPES, REF_TYPES } from './forms.ts';
import { addFields, addItems, addLabels, addLocals } from './names.ts';
import type { Suggestions } from './suggestion.ts';

/** An instruction that is being written. */
export interface Written {
  readonly instr: Instr;
  readonly keyword: number;
  /** The immediates in front of the caret: tokens, or the open parentheses of forms. */
  readonly given: readonly number[];
}

export interface Immediates extends Written {
  readonly module: ModuleAnalysis;
  readonly field: Field | undefined;
  /** The token that is being written, or the one behind the caret. */
  readonly at: number;
  /** What is on the stack before the instruction. */
  state(): FuncValidator | undefined;
  /** What the form around wants of it. */
  readonly operand?: ValType;
  /** Only labels are wanted: the clause of a `try_table`. */
  readonly labels?: boolean;
}

/** Adds what may come next; false if something must, so that no other instruction can begin here. */
export function addImmediates(to: Suggestions, where: Immediates): boolean {
  const { instr, given, module, field, keyword, operand } = where;
  const count = given.length;
  const items = (space: Parameters<typeof addItems>[2], use = {}) => addItems(to, module, space, use);
  const labels = () => field && addLabels(to, module, field, keyword);
  if (where.labels) {
    labels();
    return false;
  }
  switch (instr.shape) {
    case 'func':
      if (count > 0) return true;
      items('func', { state: where.state(), operand, how: 'call' });
      return false;
    case 'local':
      if (count > 0) return true;
      if (field) {
        const state = isWrite(instr) ? where.state() : undefined;
        addLocals(to, module, field, { state, operand, how: isWrite(instr) ? 'set' : 'get' });
      }
      return false;
    case 'global':
      if (count > 0) return true;
      items('global', {
        state: isWrite(instr) ? where.state() : undefined,
        operand,
        how: isWrite(instr) ? 'set' : 'get',
        accepts: isWrite(instr) ? (m, idx) => m.globals[idx]?.type.mutable === true : undefined,
      } satisfies Parameters<typeof addItems>[3]);
      return false;
    case 'tag':
    case 'elem':
    case 'data':
      if (count > 0) return true;
      items(instr.shape);
      return false;
    case 'type':
    case 'typeField':
    case 'typeSize':
    case 'typeData':
    case 'typeElem':
    case 'typeType':
      return typeImmediates(to, where);
    case 'label':
      if (count > 0) return true;
      labels();
      return false;
    case 'labels':
      labels();
      return count > 0;
    case 'castBranch':
      if (count === 0) labels();
      else if (count < 3) types(to, REF_TYPES);
      return count >= 3;
    case 'table':
    case 'memory':
      if (count === 0) items(instr.shape, { optional: true });
      return true;
    case 'tables':
    case 'memories':
      if (count < 2) items(instr.shape === 'tables' ? 'table' : 'memory', { optional: true });
      return count !== 1;
    case 'tableType':
      if (count === 0) items('table');
      return count > 0;
    case 'elemTable':
    case 'dataMemory':
      if (count < 2) items(instr.shape === 'elemTable' ? 'elem' : 'data');
      if (count === 0) items(instr.shape === 'elemTable' ? 'table' : 'memory');
      return count > 0;
    case 'heap':
      if (count > 0) return true;
      types(to, HEAP_TYPES);
      items('type');
      return false;
    case 'refType':
      if (count === 0) types(to, REF_TYPES);
      return count > 0;
    case 'memarg':
    case 'memargLane':
      memarg(to, where);
      return true;
    case 'f32':
    case 'f64':
      if (count === 0) words(to, ['nan', 'inf']);
      return count > 0;
    case 'v128':
      if (count === 0) words(to, LANE_SHAPES);
      return count > 1;
    case 'i32':
    case 'i64':
      return count > 0;
    default:
      return true;
  }
}

function typeImmediates(to: Suggestions, { instr, given, module, state: stateOf }: Immediates): boolean {
  const { symbols } = module.assembly;
  if (given.length === 0) {
    const kind = instr.name.startsWith('struct.')
      ? 'struct'
      : instr.name.startsWith('array.')
        ? 'array'
        : 'func';
    const state = stateOf();
    const onStack = state && topTypes(state);
    addItems(to, module, 'type', {
      only: (m, idx) => m.types[idx]?.composite.kind === kind,
      accepts: (_, idx) => !onStack || onStack.size === 0 || onStack.has(idx),
    });
    return false;
  }
  const type = symbols.useOf(given[0]);
  if (instr.shape === 'typeField' && given.length === 1) {
    if (type) addFields(to, module, type.idx, instr.name === 'struct.set');
    return false;
  }
  if (given.length > 1 || instr.shape === 'type') return true;
  if (instr.shape === 'typeData') addItems(to, module, 'data');
  if (instr.shape === 'typeElem') addItems(to, module, 'elem');
  if (instr.shape === 'typeType') addItems(to, module, 'type');
  return false;
}

/** The concrete types among the operands on top. */
function topTypes(v: FuncValidator): ReadonlySet<number> {
  const found = new Set<number>();
  for (let slot = Math.max(v.top.height, v.height - 3); slot < v.height; slot++) {
    const idx = typeIdxOf(v.typeAt(slot));
    if (idx >= 0) found.add(idx);
  }
  return found;
}

/** `offset=` before `align=`, each once; a memory's name in front of both. */
function memarg(to: Suggestions, { instr, given, module }: Immediates): void {
  const { tokens } = module.tree;
  const has = (prefix: string) => given.some((token) => tokenText(tokens, token).startsWith(prefix));
  if (given.some((token) => tokens.kinds[token] === Tok.Int) && instr.shape === 'memargLane') return;
  const add = (label: string, detail: string, prefix: string) =>
    to.add({
      label,
      kind: CompletionItemKind.Property,
      rank: 8,
      detail,
      subject: { kind: 'keyword', word: prefix },
    });
  if (given.length === 0) addItems(to, module, 'memory', { optional: true });
  if (has('align=')) return;
  if (!has('offset=')) add('offset=', ' bytes', 'offset=');
  for (let align = instr.width; align >= 1; align /= 2) {
    add(`align=${align}`, align === instr.width ? ' natural' : '', 'align=');
    if (instr.exactAlign) break;
  }
}

function types(to: Suggestions, list: readonly string[]): void {
  for (const [order, word] of list.entries()) {
    to.add({
      label: word,
      kind: CompletionItemKind.TypeParameter,
      rank: 10 + order / 100,
      subject: { kind: 'keyword', word },
    });
  }
}

function words(to: Suggestions, list: readonly string[]): void {
  for (const word of list) {
    const subject = KEYWORDS.has(word) ? ({ kind: 'keyword', word } as const) : undefined;
    to.add({ label: word, kind: CompletionItemKind.Keyword, rank: 20, subject });
  }
}

function isWrite({ name }: Instr): boolean {
  return name.endsWith('.set') || name.endsWith('.tee');
}
