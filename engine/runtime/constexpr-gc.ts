/**
 * Constant expressions that make garbage-collected values (spec 3.4.14): structs, arrays, i31, conversions.
 */

import { WasmError } from '../base/errors.ts';
import type { InstrReader } from '../binary/instr.ts';
import { Op } from '../isa/op.gen.ts';
import { concreteHeap, HEAP, refType } from '../isa/types.ts';
import {
  type ArrayInst,
  type ArrayLayout,
  i31Of,
  newArray,
  repeatElement,
  StructInst,
  type StructLayout,
  writeField,
} from './heap.ts';
import type { ModuleInst } from './module-inst.ts';
import type { NumValue, Ref, RefValue, Value } from './values.ts';

/** Executes the instruction that `reader` has read, if it is one of these. */
export function evalObject(inst: ModuleInst, reader: InstrReader, stack: Value[]): boolean {
  const { a, b } = reader;
  switch (reader.code) {
    case Op.struct_new: {
      const struct = newStruct(inst, a, reader.offset);
      const count = struct.type.fields.length;
      stack.splice(stack.length - count, count).forEach((value, i) => {
        writeField(struct, i, value);
      });
      stack.push(objectRef(struct));
      return true;
    }
    case Op.struct_new_default:
      stack.push(objectRef(newStruct(inst, a, reader.offset)));
      return true;
    case Op.array_new: {
      const array = arrayOf(inst, a, popLength(stack), reader.offset);
      const value = stack.pop()!;
      if (array.length > 0) {
        writeField(array, 0, value);
        repeatElement(array, 0, array.length);
      }
      stack.push(objectRef(array));
      return true;
    }
    case Op.array_new_default:
      stack.push(objectRef(arrayOf(inst, a, popLength(stack), reader.offset)));
      return true;
    case Op.array_new_fixed: {
      const array = arrayOf(inst, a, b, reader.offset);
      stack.splice(stack.length - b, b).forEach((value, i) => {
        writeField(array, i, value);
      });
      stack.push(objectRef(array));
      return true;
    }
    case Op.ref_i31:
      stack.push({ type: refType(false, HEAP.i31), ref: i31Of(popLength(stack)) });
      return true;
    case Op.any_convert_extern:
      stack.push({ type: refType(true, HEAP.any), ref: popRef(stack) });
      return true;
    case Op.extern_convert_any:
      stack.push({ type: refType(true, HEAP.extern), ref: popRef(stack) });
      return true;
    default:
      return false;
  }
}

/** A value of an object's own type; the type is canonical. */
export function objectRef(object: StructInst | ArrayInst): RefValue {
  return { type: refType(false, concreteHeap(object.type.id)), ref: object };
}

function newStruct({ store, module }: ModuleInst, typeIdx: number, offset: number): StructInst {
  const type = store.layoutOf(module, typeIdx) as StructLayout;
  if (!store.heap.reserve(type.bytes)) exhausted(offset);
  return new StructInst(type, type.initial.slice());
}

function arrayOf({ store, module }: ModuleInst, typeIdx: number, length: number, offset: number): ArrayInst {
  const type = store.layoutOf(module, typeIdx) as ArrayLayout;
  const bytes = type.bytes + length * type.elementBytes;
  if (length <= type.maxLength && !store.heap.reserve(bytes)) exhausted(offset);
  try {
    return newArray(type, length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = 'requested new array is too large';
    throw new WasmError({ phase: 'trap', message, offset, notes: [{ message: error.message }] });
  }
}

function exhausted(offset: number): never {
  throw new WasmError({ phase: 'exhaustion', message: 'heap exhausted', offset, notes: [] });
}

function popLength(stack: Value[]): number {
  return Number((stack.pop() as NumValue).bits);
}

function popRef(stack: Value[]): Ref {
  return (stack.pop() as RefValue).ref;
}
