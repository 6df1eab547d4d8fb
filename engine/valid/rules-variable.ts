/**
 * Typing rules of parametric, variable, table and memory instructions (spec 3.4), as far as a row cannot say them.
 */

import { invalid } from '../base/errors.ts';
import { BOT, I32, I64, isRef, type ValType } from '../isa/types.ts';
import type { ElemSegment, Memory, Table } from '../module/module.ts';
import { checkValType, need } from './gate.ts';
import { name, unknown } from './mismatch.ts';
import type { Typing } from './typing.ts';

export function drop(v: Typing): void {
  v.poppedType = v.popAny();
}

/** Both rows of `select`: without a type it takes numbers and vectors only. */
export function select(v: Typing): void {
  v.pop(I32);
  const second = v.popAny();
  const first = v.popAny();
  if (isRef(first) || isRef(second) || (first !== second && first !== BOT && second !== BOT)) {
    const found = `[${name(v.module, first)} ${name(v.module, second)}]`;
    const notes = [0, 1].map((i) => ({ message: 'operand', offset: v.pushedAt(v.height + i) }));
    invalid(
      v.instr.offset,
      `type mismatch: select needs two numbers or two vectors of one type, not ${found}`,
      notes,
    );
  }
  v.poppedType = first === BOT ? second : first;
  v.push(v.poppedType);
}

export function selectTyped(v: Typing): void {
  const { list, offset } = v.instr;
  if (list.length !== 1) invalid(offset, `invalid result arity: select takes one type, not ${list.length}`);
  const type = list[0];
  checkValType(v.module, v.features, type, offset);
  v.pop(I32);
  v.pop(type);
  v.pop(type);
  v.poppedType = type;
  v.push(type);
}

export function localGet(v: Typing): void {
  const idx = v.instr.a;
  if (idx >= v.localCount) unknown(v, 'local', idx, v.localCount);
  v.requireSet(idx);
  v.push(v.localTypes[idx]);
}

export function localSet(v: Typing): void {
  const idx = v.instr.a;
  if (idx >= v.localCount) unknown(v, 'local', idx, v.localCount);
  v.pop(v.localTypes[idx]);
  v.markSet(idx);
}

export function localTee(v: Typing): void {
  const idx = v.instr.a;
  if (idx >= v.localCount) unknown(v, 'local', idx, v.localCount);
  const type = v.localTypes[idx];
  v.pop(type);
  v.markSet(idx);
  v.push(type);
}

export function globalGet(v: Typing): void {
  const { globals } = v.module;
  const idx = v.instr.a;
  if (idx >= globals.length) unknown(v, 'global', idx, globals.length);
  v.push(globals[idx].type.type);
}

export function globalSet(v: Typing): void {
  const { globals } = v.module;
  const idx = v.instr.a;
  if (idx >= globals.length) unknown(v, 'global', idx, globals.length);
  const { type, mutable } = globals[idx].type;
  if (!mutable) {
    invalid(v.instr.offset, `immutable global ${idx}`, [
      { message: 'it is declared here', offset: globals[idx].offset },
    ]);
  }
  v.pop(type);
}

export function tableGet(v: Typing): void {
  const { element, is64 } = tableAt(v, v.instr.a).type;
  v.pop(is64 ? I64 : I32);
  v.push(element);
}

export function tableSet(v: Typing): void {
  const { element, is64 } = tableAt(v, v.instr.a).type;
  v.pop(element);
  v.pop(is64 ? I64 : I32);
}

export function tableGrow(v: Typing): void {
  const { element, is64 } = tableAt(v, v.instr.a).type;
  const addr = is64 ? I64 : I32;
  v.pop(addr);
  v.pop(element);
  v.push(addr);
}

export function tableFill(v: Typing): void {
  const { element, is64 } = tableAt(v, v.instr.a).type;
  const addr = is64 ? I64 : I32;
  v.pop(addr);
  v.pop(element);
  v.pop(addr);
}

export function tableCopy(v: Typing): void {
  const to = tableAt(v, v.instr.a).type;
  const from = tableAt(v, v.instr.b).type;
  requireMatch(v, from.element, to.element);
  copyOperands(v, to.is64, from.is64);
}

export function tableInit(v: Typing): void {
  const { element, is64 } = tableAt(v, v.instr.b).type;
  requireMatch(v, elemAt(v, v.instr.a).type, element);
  v.pop(I32);
  v.pop(I32);
  v.pop(is64 ? I64 : I32);
}

export function memoryCopy(v: Typing): void {
  const to = memoryAt(v, v.instr.a).type;
  const from = memoryAt(v, v.instr.b).type;
  copyOperands(v, to.is64, from.is64);
}

/** Table `idx`, or "unknown table". */
export function tableAt(v: Typing, idx: number): Table {
  const { tables } = v.module;
  if (idx >= tables.length) unknown(v, 'table', idx, tables.length);
  if (idx > 0) need(v.features, 'reference-types', v.instr.offset);
  return tables[idx];
}

/** Memory `idx`, or "unknown memory". */
export function memoryAt(v: Typing, idx: number): Memory {
  const { memories } = v.module;
  if (idx >= memories.length) unknown(v, 'memory', idx, memories.length);
  return memories[idx];
}

export function elemAt(v: Typing, idx: number): ElemSegment {
  const { elems } = v.module;
  if (idx >= elems.length) unknown(v, 'elem segment', idx, elems.length);
  return elems[idx];
}

/** The data segment must exist. While the data section is still to come, its count section speaks for it. */
export function requireData(v: Typing, idx: number): void {
  const count = v.module.dataCount ?? v.module.datas.length;
  if (idx >= count) unknown(v, 'data segment', idx, count);
}

/** Throws unless elements of type `from` may be written where `to` is declared. */
export function requireMatch(v: Typing, from: ValType, to: ValType): void {
  if (v.types.matches(from, to)) return;
  invalid(
    v.instr.offset,
    `type mismatch: ${name(v.module, from)} elements do not fit into ${name(v.module, to)}`,
  );
}

/** Destination, source and length: the length has the narrower of the two address types (spec 3.4, memory.copy). */
function copyOperands(v: Typing, to64: boolean, from64: boolean): void {
  v.pop(to64 && from64 ? I64 : I32);
  v.pop(from64 ? I64 : I32);
  v.pop(to64 ? I64 : I32);
}
