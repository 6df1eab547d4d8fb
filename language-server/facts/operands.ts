/**
 * What one instruction of a text takes and gives: with the types of the function, label, type or local that it names.
 *
 * The instruction is known by its keyword's token; its immediates are looked up among the uses of names. Instructions
 * whose types cannot be told from the text alone (`drop`, `select`, `br_on_cast` …) have none here.
 */

import { ADDR, type Instr } from '../../engine/isa/isa.ts';
import {
  concreteHeap,
  type FieldType,
  type FuncType,
  I8,
  I16,
  I32,
  I64,
  refType,
  type ValType,
} from '../../engine/isa/types.ts';
import { funcTypeAt, localTypes, type Module } from '../../engine/module/module.ts';
import { Tok } from '../../engine/text/lexer.ts';
import type { Space, Use } from '../../engine/text/symbols.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { instrOfWord } from '../../engine/text/words.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { headWord, significant } from './forms.ts';

export interface Operand {
  readonly type: ValType;
  /** What the text calls it, without `$`. */
  readonly name?: string;
}

export interface Operands {
  readonly operands: readonly Operand[];
  readonly results: readonly ValType[];
  /** What is called, branched to or made: a use of a name. */
  readonly target?: Use;
}

/** Undefined where the token is no instruction, or its types cannot be told. */
export function operandsOf(module: ModuleAnalysis, keyword: number): Operands | undefined {
  const { tree, module: decoded } = module;
  const instr = instrOfWord(tree.tokens.words[keyword]);
  if (!instr || !decoded) return undefined;
  if (instr.special) return special(module, decoded, instr, keyword);
  const address = addressType(module, decoded, instr, keyword);
  const plain = (type: ValType) => (type === ADDR ? address : type);
  return {
    operands: instr.params.map((type) => ({ type: plain(type), name: roleOf(instr, type) })),
    results: instr.results.map(plain),
  };
}

/** The first use of a space among an instruction's immediates. */
export function immediate(module: ModuleAnalysis, keyword: number, ...spaces: Space[]): Use | undefined {
  const { symbols } = module.assembly;
  for (const token of immediateTokens(module, keyword)) {
    const use = symbols.useOf(token);
    if (use && spaces.includes(use.space)) return use;
  }
  return undefined;
}

/** Names and numbers behind a keyword, those in `(type $t)` too. */
export function* immediateTokens({ tree }: ModuleAnalysis, keyword: number): Generator<number> {
  const { kinds, count } = tree.tokens;
  for (let at = significant(tree, keyword + 1); at < count; at = significant(tree, at + 1)) {
    if (kinds[at] === Tok.Id || kinds[at] === Tok.Int) {
      yield at;
      continue;
    }
    if (kinds[at] !== Tok.Open) return;
    if (headWord(tree, at) !== 'type') return;
    const inside = significant(tree, significant(tree, at + 1) + 1);
    if (kinds[inside] === Tok.Id || kinds[inside] === Tok.Int) yield inside;
    at = formEnd(tree, at) - 1;
  }
}

function special(
  module: ModuleAnalysis,
  decoded: Module,
  instr: Instr,
  keyword: number,
): Operands | undefined {
  const find = (...spaces: Space[]) => immediate(module, keyword, ...spaces);
  switch (instr.name) {
    case 'call':
    case 'return_call': {
      const target = find('func');
      const type = target && funcTypeAt(decoded, decoded.funcs[target.idx]?.typeIdx);
      return target && type && called(type, target, (i) => decoded.names.local(target.idx, i));
    }
    case 'call_ref':
    case 'return_call_ref': {
      const target = find('type');
      const type = target && funcTypeAt(decoded, target.idx);
      if (!target || !type) return undefined;
      const callee = { type: refType(true, concreteHeap(target.idx)), name: 'callee' };
      return called(type, target, () => undefined, callee);
    }
    case 'call_indirect':
    case 'return_call_indirect': {
      const target = find('type');
      const type = target && funcTypeAt(decoded, target.idx);
      if (!target || !type) return undefined;
      const table = find('table');
      const is64 = decoded.tables[table?.idx ?? 0]?.type.is64;
      const index = { type: is64 ? I64 : I32, name: 'index' };
      return called(type, target, () => undefined, index);
    }
    case 'throw': {
      const target = find('tag');
      const type = target && funcTypeAt(decoded, decoded.tags[target.idx]?.type.typeIdx);
      return target && type && { ...called(type, target, () => undefined), results: [] };
    }
    case 'struct.new': {
      const target = find('type');
      const composite = target && decoded.types[target.idx]?.composite;
      if (!target || composite?.kind !== 'struct') return undefined;
      const operands = composite.fields.map((field, i) => ({
        type: unpacked(field),
        name: decoded.names.field(target.idx, i),
      }));
      return { operands, results: [refType(false, concreteHeap(target.idx))], target };
    }
    case 'struct.set':
    case 'struct.get':
    case 'struct.get_s':
    case 'struct.get_u': {
      const target = find('type');
      const composite = target && decoded.types[target.idx]?.composite;
      const field = find('field');
      if (!target || composite?.kind !== 'struct' || !field || !composite.fields[field.idx]) return undefined;
      const type = unpacked(composite.fields[field.idx]);
      const struct = { type: refType(true, concreteHeap(target.idx)), name: 'struct' };
      if (instr.name !== 'struct.set') return { operands: [struct], results: [type], target };
      const name = decoded.names.field(target.idx, field.idx) ?? 'value';
      return { operands: [struct, { type, name }], results: [], target };
    }
    case 'array.new':
    case 'array.new_default':
    case 'array.get':
    case 'array.get_s':
    case 'array.get_u':
    case 'array.set':
    case 'array.fill':
      return arrayOperands(decoded, instr, find('type'));
    case 'local.get':
    case 'local.set':
    case 'local.tee':
    case 'global.get':
    case 'global.set':
      return variable(decoded, instr, find('local', 'global'));
    case 'if':
      return { operands: [{ type: I32, name: 'condition' }], results: [] };
    case 'table.get':
    case 'table.set': {
      const table = decoded.tables[find('table')?.idx ?? 0];
      if (!table) return undefined;
      const index = { type: table.type.is64 ? I64 : I32, name: 'index' };
      if (instr.name === 'table.get') return { operands: [index], results: [table.type.element] };
      return { operands: [index, { type: table.type.element, name: 'value' }], results: [] };
    }
    case 'ref.func': {
      const target = find('func');
      const func = target && decoded.funcs[target.idx];
      return func && { operands: [], results: [refType(false, concreteHeap(func.typeIdx))], target };
    }
    default:
      return undefined;
  }
}

function called(
  { params, results }: FuncType,
  target: Use,
  name: (idx: number) => string | undefined,
  last?: Operand,
): Operands {
  const operands: Operand[] = params.map((type, i) => ({ type, name: name(i) }));
  return { operands: last ? [...operands, last] : operands, results, target };
}

function arrayOperands(decoded: Module, { name }: Instr, target: Use | undefined): Operands | undefined {
  const composite = target && decoded.types[target.idx]?.composite;
  if (!target || composite?.kind !== 'array') return undefined;
  const self = refType(name !== 'array.new' && name !== 'array.new_default', concreteHeap(target.idx));
  const array = { type: self, name: 'array' };
  const index = { type: I32, name: 'index' };
  const length = { type: I32, name: 'length' };
  const value = { type: unpacked(composite.field), name: 'value' };
  if (name === 'array.new') return { operands: [value, length], results: [self], target };
  if (name === 'array.new_default') return { operands: [length], results: [self], target };
  if (name === 'array.set') return { operands: [array, index, value], results: [], target };
  if (name === 'array.fill') return { operands: [array, index, value, length], results: [], target };
  return { operands: [array, index], results: [value.type], target };
}

function variable(decoded: Module, { name }: Instr, target: Use | undefined): Operands | undefined {
  const type = target && typeOfVariable(decoded, target);
  if (type === undefined) return undefined;
  const operands = name.endsWith('.get') ? [] : [{ type }];
  return { operands, results: name.endsWith('.set') ? [] : [type], target };
}

/** The type of a local or global. */
export function typeOfVariable(
  decoded: Module,
  { space, idx, scope }: Pick<Use, 'space' | 'idx' | 'scope'>,
): ValType | undefined {
  if (space === 'global') return decoded.globals[idx]?.type.type;
  if (scope === undefined || !funcTypeAt(decoded, decoded.funcs[scope]?.typeIdx)) return undefined;
  return localTypes(decoded, scope)[idx];
}

/** What a field is on the stack. */
export function unpacked({ storage }: FieldType): ValType {
  return storage === I8 || storage === I16 ? I32 : storage;
}

function roleOf({ name, width }: Instr, type: ValType): string | undefined {
  if (type === ADDR) return /\.(grow|fill|init)$/.test(name) ? undefined : 'address';
  return width > 0 ? 'value' : undefined;
}

function addressType(module: ModuleAnalysis, decoded: Module, instr: Instr, keyword: number): ValType {
  if (!instr.addr) return I32;
  const idx = immediate(module, keyword, instr.addr)?.idx ?? 0;
  const types = instr.addr === 'table' ? decoded.tables : decoded.memories;
  return types[idx]?.type.is64 ? I64 : I32;
}
