/**
 * Notes of the traps of garbage-collected values: which reference was null, which index against which length, and
 * what a cast found. Reads the state that the instruction left untouched.
 */

import type { InstrReader } from '../binary/instr.ts';
import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import { isRef, typeName, type ValType } from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { ArrayInst, type ArrayLayout } from '../runtime/heap.ts';
import { layoutName } from '../runtime/ref-text.ts';
import { formatValue, isRefValue, type NumValue, type Value } from '../runtime/values.ts';
import type { WasmFrame } from './frame.ts';

/** Texts of the notes for a trap of the instruction that `instr` has read; undefined if it is of another kind. */
export function gcNotes(frame: WasmFrame, instr: InstrReader, message: string): string[] | undefined {
  switch (message) {
    case 'null structure reference':
    case 'null array reference':
    case 'null i31 reference':
      return [nullNote(frame, instr)];
    case 'cast failure':
      return [castNote(frame, instr)];
    case 'out of bounds array access':
    case 'out of bounds memory access':
    case 'out of bounds table access':
      return boundsNotes(frame, instr);
    case 'requested new array is too large':
      return [sizeNote(frame, instr)];
    default:
      return undefined;
  }
}

function nullNote(frame: WasmFrame, { code }: InstrReader): string {
  const name = instrByCode(code)?.name;
  for (let i = 1; i <= frame.operandCount; i++) {
    const value = operand(frame, i);
    if (isRefValue(value) && value.ref === null && takesReference(code, i)) {
      return `${name} of null, where ${nameIn(frame, frame.operandType(frame.operandCount - i))} is allowed`;
    }
  }
  return `${name} of null`;
}

/** Is operand `i` from the top one that must not be null? */
function takesReference(code: number, i: number): boolean {
  switch (code) {
    case Op.struct_set:
      return i === 2;
    case Op.array_get:
    case Op.array_get_s:
    case Op.array_get_u:
      return i === 2;
    case Op.array_set:
      return i === 3;
    case Op.array_fill:
    case Op.array_init_data:
    case Op.array_init_elem:
      return i === 4;
    case Op.array_copy:
      return i === 3 || i === 5;
    default:
      return i === 1;
  }
}

function castNote(frame: WasmFrame, { a: target }: InstrReader): string {
  return `${nameIn(frame, target)} is expected, ${formatValue(operand(frame, 1))} found`;
}

function boundsNotes(frame: WasmFrame, { code, b }: InstrReader): string[] | undefined {
  const { elemAddrs, dataAddrs, store } = frame.func.inst!;
  const n = number(frame, 1);
  const segment = () =>
    code === Op.array_new_data || code === Op.array_init_data
      ? `segment is ${store.datas[dataAddrs[b]].length} bytes`
      : `segment has ${elements(store.elems[elemAddrs[b]].length)}`;
  switch (code) {
    case Op.array_get:
    case Op.array_get_s:
    case Op.array_get_u:
      return [`index ${n}, ${lengthOf(frame, 2)}`];
    case Op.array_set:
      return [`index ${number(frame, 2)}, ${lengthOf(frame, 3)}`];
    case Op.array_fill:
      return [`destination ${number(frame, 3)} + ${n}, ${lengthOf(frame, 4)}`];
    case Op.array_copy:
      return [
        `destination ${number(frame, 4)} + ${n}, ${lengthOf(frame, 5)}`,
        `source ${number(frame, 2)} + ${n}, ${lengthOf(frame, 3)}`,
      ];
    case Op.array_init_data:
    case Op.array_init_elem:
      return [
        `destination ${number(frame, 3)} + ${n}, ${lengthOf(frame, 4)}`,
        `source ${number(frame, 2)} + ${n} elements, ${segment()}`,
      ];
    case Op.array_new_data:
    case Op.array_new_elem:
      return [`source ${number(frame, 2)} + ${n} elements, ${segment()}`];
    default:
      return undefined;
  }
}

function sizeNote(frame: WasmFrame, { code, a, b }: InstrReader): string {
  const { store, module } = frame.func.inst!;
  const { field, maxLength } = store.layoutOf(module, a) as ArrayLayout;
  const length = code === Op.array_new_fixed ? b : number(frame, 1);
  return `${length} elements of ${typeName(field.type)}, at most ${maxLength} fit`;
}

function lengthOf(frame: WasmFrame, fromTop: number): string {
  const value = operand(frame, fromTop);
  const array = isRefValue(value) ? value.ref : undefined;
  if (!(array instanceof ArrayInst)) return 'array is null';
  return `array ${layoutName(array.type)} has ${elements(array.length)}`;
}

function elements(n: number): string {
  return n === 1 ? '1 element' : `${n} elements`;
}

function operand(frame: WasmFrame, fromTop: number): Value {
  return frame.operand(frame.operandCount - fromTop);
}

/** An i32 operand, unsigned. */
function number(frame: WasmFrame, fromTop: number): number {
  return Number((operand(frame, fromTop) as NumValue).bits);
}

function nameIn(frame: WasmFrame, type: ValType): string {
  const module: Module = frame.func.inst!.module;
  const named = (idx: number) => {
    const given = module.names.given('type', idx);
    return given === undefined ? String(idx) : `$${given}`;
  };
  return isRef(type) ? typeName(type, named) : typeName(type);
}
