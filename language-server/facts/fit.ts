/**
 * How well an instruction fits where somebody is writing: on the operand stack, or as an operand of a folded form.
 *
 * A judgement for the order of suggestions, not for validity: instructions whose types depend on what they name are
 * judged by what is sure.
 */

import { ADDR, type Instr } from '../../engine/isa/isa.ts';
import { BOT, I32, I64, isRef, type ValType } from '../../engine/isa/types.ts';
import type { FuncValidator } from '../../engine/valid/func.ts';
import { matches } from '../../engine/valid/subtype.ts';

/** From the best to the worst; a digit of `sortText`. */
export const enum Fit {
  /** Takes what is there, or gives what is wanted. */
  Best = 1,
  /** Takes nothing, or nothing is known. */
  Fair = 2,
  /** Cannot stand here as things are. */
  Not = 4,
}

/** Of an instruction behind the operands of a state. */
export function fitOnStack(v: FuncValidator, instr: Instr): Fit {
  if (instr.addr === 'memory' && v.module.memories.length === 0) return Fit.Not;
  if (!instr.special) return takes(v, instr.params, addressOf(v, instr));
  const depth = v.height - v.top.height;
  const top = depth > 0 ? v.typeAt(v.height - 1) : BOT;
  const open = v.top.unreachable;
  const needs = (count: number, fits = true) => (open || (depth >= count && fits) ? Fit.Best : Fit.Not);
  switch (instr.name) {
    case 'drop':
      return needs(1);
    case 'local.set':
    case 'local.tee':
      return needs(1, hasLocal(v, top));
    case 'global.set':
      return needs(
        1,
        v.module.globals.some(({ type }) => type.mutable && type.type === top),
      );
    case 'select':
      return needs(3, top === I32 && v.typeAt(v.height - 2) === v.typeAt(v.height - 3));
    case 'if':
    case 'br_if':
    case 'br_table':
      return needs(1, top === I32 || top === BOT);
    case 'end':
      return depth === v.top.results.length && v.top.kind !== 'func' ? Fit.Best : Fit.Not;
    case 'else':
      return v.top.kind === 'if' && (open || depth === v.top.results.length) ? Fit.Best : Fit.Not;
    case 'return':
      return takes(v, v.controls[0].results, I32);
    case 'call':
    case 'return_call':
      return v.module.funcs.length > 0 ? Fit.Fair : Fit.Not;
    case 'local.get':
      return v.localCount > 0 ? Fit.Fair : Fit.Not;
    case 'global.get':
      return v.module.globals.length > 0 ? Fit.Fair : Fit.Not;
    case 'call_indirect':
    case 'return_call_indirect':
    case 'table.get':
      return v.module.tables.length > 0 ? needs(1, top === I32 || top === I64) : Fit.Not;
    case 'table.set':
      return v.module.tables.length > 0 ? needs(2, isRef(top)) : Fit.Not;
    case 'table.grow':
    case 'table.fill':
    case 'table.copy':
    case 'table.init':
      return v.module.tables.length > 0 ? needs(2, top === I32 || top === I64) : Fit.Not;
    case 'memory.copy':
      return v.module.memories.length > 0 ? takes(v, [ADDR, ADDR, ADDR], addressOf(v, instr)) : Fit.Not;
    case 'call_ref':
    case 'return_call_ref':
    case 'ref.is_null':
    case 'ref.as_non_null':
    case 'ref.test':
    case 'ref.cast':
    case 'br_on_null':
    case 'br_on_non_null':
    case 'br_on_cast':
    case 'br_on_cast_fail':
    case 'any.convert_extern':
    case 'extern.convert_any':
    case 'throw_ref':
      return needs(1, isRef(top));
    case 'struct.get':
    case 'struct.get_s':
    case 'struct.get_u':
      return needs(1, isRef(top)) === Fit.Best && hasType(v, 'struct') ? Fit.Best : Fit.Not;
    case 'struct.set':
      return depth >= 2 && isRef(v.typeAt(v.height - 2)) && hasType(v, 'struct') ? Fit.Best : Fit.Not;
    case 'array.get':
    case 'array.get_s':
    case 'array.get_u':
      return depth >= 2 && top === I32 && isRef(v.typeAt(v.height - 2)) ? Fit.Best : Fit.Not;
    case 'array.set':
      return depth >= 3 && isRef(v.typeAt(v.height - 3)) ? Fit.Best : Fit.Not;
    case 'array.fill':
    case 'array.copy':
    case 'array.init_data':
    case 'array.init_elem':
      return needs(4, top === I32);
    case 'struct.new':
    case 'struct.new_default':
      return hasType(v, 'struct') ? Fit.Fair : Fit.Not;
    case 'array.new':
    case 'array.new_default':
    case 'array.new_fixed':
    case 'array.new_data':
    case 'array.new_elem':
      return hasType(v, 'array') ? Fit.Fair : Fit.Not;
    case 'throw':
      return v.module.tags.length > 0 ? Fit.Fair : Fit.Not;
    case 'catch':
    case 'catch_all':
    case 'delegate':
    case 'rethrow':
      return v.controls.some(({ kind }) => kind === 'try' || kind === 'catch') ? Fit.Fair : Fit.Not;
    default:
      return Fit.Fair;
  }
}

/** How operands of these types fit on the stack, the last one on top. */
export function takes(v: FuncValidator, types: readonly ValType[], address: ValType = I32): Fit {
  if (types.length === 0) return Fit.Fair;
  for (let i = 0; i < types.length; i++) {
    const slot = v.height - 1 - i;
    if (slot < v.top.height) return v.top.unreachable ? Fit.Best : Fit.Not;
    const wanted = types[types.length - 1 - i];
    const found = v.typeAt(slot);
    if (found !== BOT && !matches(v.module, found, wanted === ADDR ? address : wanted)) return Fit.Not;
  }
  return Fit.Best;
}

/** Of an instruction where one value of a type is wanted. */
export function fitAsOperand(module: FuncValidator['module'], instr: Instr, wanted: ValType): Fit {
  if (instr.name === 'local.get' || instr.name === 'call') return Fit.Best;
  if (instr.special) return SOMETIMES.has(instr.name) ? Fit.Fair : Fit.Not;
  if (instr.results.length !== 1) return Fit.Not;
  if (instr.addr === 'memory' && module.memories.length === 0) return Fit.Not;
  const [result] = instr.results;
  return result === ADDR || matches(module, result, wanted) ? Fit.Best : Fit.Not;
}

/** Special instructions that leave one value of a type that they are told. */
const SOMETIMES: ReadonlySet<string> = new Set([
  'local.get', 'local.tee', 'global.get', 'call', 'call_indirect', 'call_ref', 'select', 'block', 'loop', 'if',
  'try', 'try_table', 'table.get', 'table.grow', 'ref.null', 'ref.func', 'ref.is_null', 'ref.as_non_null', 'ref.test',
  'ref.cast', 'struct.new', 'struct.new_default', 'struct.get', 'struct.get_s', 'struct.get_u', 'array.new',
  'array.new_default', 'array.new_fixed', 'array.new_data', 'array.new_elem', 'array.get', 'array.get_s',
  'array.get_u', 'any.convert_extern', 'extern.convert_any', 'unreachable', 'return', 'br',
]); // biome-ignore format: a list of words

function addressOf(v: FuncValidator, { addr }: Instr): ValType {
  const [first] = addr === 'table' ? v.module.tables : v.module.memories;
  return first?.type.is64 ? I64 : I32;
}

function hasLocal(v: FuncValidator, type: ValType): boolean {
  for (let i = 0; i < v.localCount; i++) if (matches(v.module, type, v.localTypes[i])) return true;
  return false;
}

function hasType({ module }: FuncValidator, kind: string): boolean {
  return module.types.some(({ composite }) => composite.kind === kind);
}
