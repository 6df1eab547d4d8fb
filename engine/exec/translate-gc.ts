/**
 * Translation of the instructions of garbage-collected values: their words behind `IOp.Gc` (gc.ts draws them).
 */

import type { InstrReader } from '../binary/instr.ts';
import { Op } from '../isa/op.gen.ts';
import { concreteHeap, heapOf, isNullable, typeIdxOf, type ValType } from '../isa/types.ts';
import type { ArrayLayout, StructLayout } from '../runtime/heap.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { GcOp } from './gc.ts';

/** GcOp and three words of the instruction that `instr` has read; undefined if it is none of these. */
export function gcWords(inst: ModuleInst, instr: InstrReader): readonly number[] | undefined {
  const { code, a, b } = instr;
  const op = code === Op.ref_eq ? GcOp.RefEq : code - Op.struct_new;
  switch (code) {
    case Op.struct_new:
    case Op.struct_new_default:
    case Op.array_new:
    case Op.array_new_default:
      return [op, layout(inst, a).id, 0, 0];
    case Op.struct_get:
    case Op.struct_get_s:
    case Op.struct_get_u:
    case Op.struct_set: {
      const { at, storage } = (layout(inst, a) as StructLayout).fields[b];
      return [op, at, storage, 0];
    }
    case Op.array_new_fixed:
      return [op, layout(inst, a).id, b, 0];
    case Op.array_new_data:
      return [op, layout(inst, a).id, inst.dataAddrs[b], 0];
    case Op.array_new_elem:
      return [op, layout(inst, a).id, inst.elemAddrs[b], 0];
    case Op.array_get:
    case Op.array_get_s:
    case Op.array_get_u:
    case Op.array_set:
    case Op.array_fill:
    case Op.array_copy:
      return [op, elementStorage(inst, a), 0, 0];
    case Op.array_init_data:
      return [op, elementStorage(inst, a), inst.dataAddrs[b], 0];
    case Op.array_init_elem:
      return [op, elementStorage(inst, a), inst.elemAddrs[b], 0];
    case Op.ref_test:
    case Op.ref_test_null:
    case Op.ref_cast:
    case Op.ref_cast_null:
      return [op, ...castWords(inst, a), 0];
    case Op.array_len:
    case Op.any_convert_extern:
    case Op.extern_convert_any:
    case Op.ref_i31:
    case Op.i31_get_s:
    case Op.i31_get_u:
    case Op.ref_eq:
      return [op, 0, 0, 0];
    default:
      return undefined;
  }
}

/** A reference type as a cast has it: the canonical heap type, and whether null is of it. */
export function castWords(inst: ModuleInst, type: ValType): readonly [heap: number, nullable: number] {
  const idx = typeIdxOf(type);
  return [idx < 0 ? heapOf(type) : concreteHeap(inst.typeIds[idx]), isNullable(type) ? 1 : 0];
}

function layout({ store, module }: ModuleInst, typeIdx: number) {
  return store.layoutOf(module, typeIdx);
}

function elementStorage(inst: ModuleInst, typeIdx: number): number {
  return (layout(inst, typeIdx) as ArrayLayout).field.storage;
}
