/**
 * Memory and table instructions as internal ops: which op, and the words behind it (iop.ts, bulk.ts, far-access.ts, atomic.ts).
 *
 * Pure functions of an instance and an instruction of a valid body. Memory 0 with 32-bit addresses is what the loop
 * has a view of; every other memory takes the far op.
 */

import type { InstrReader } from '../binary/instr.ts';
import { Op } from '../isa/op.gen.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { Wide } from './bulk.ts';
import { IOp } from './iop.ts';

type Words = [op: IOp, ...number[]];

const PAGE_LOG2 = 16;

/** A load, a store (0x28 to 0x3e) or memory.size. */
export function accessWords(inst: ModuleInst, { code, a, lo, hi }: InstrReader): Words {
  const { addr, type } = inst.mems[a];
  const isSize = code === Op.memory_size;
  const near = a === 0 && !type.is64 && !(isSize && type.pageSizeLog2 !== PAGE_LOG2);
  if (!near) return [IOp.FarAccess, addr, code, isSize ? 0 : lo, isSize ? 0 : hi, type.is64 ? 1 : 0];
  return isSize ? [IOp.MemorySize] : [code, lo];
}

/** An instruction of 0xfe. */
export function atomicWords(inst: ModuleInst, { code, a, lo, hi }: InstrReader): Words {
  // Between coroutines every order is sequential.
  if (code === Op.atomic_fence) return [IOp.Nop];
  const { addr, type } = inst.mems[a];
  const isWait = code === Op.memory_atomic_wait32 || code === Op.memory_atomic_wait64;
  return [isWait ? IOp.AtomicWait : IOp.Atomic, addr, code, lo, hi, type.is64 ? 1 : 0];
}

/** The instructions of bulk.ts. Throws an Error for any other. */
export function bulkWords(inst: ModuleInst, { code, a, b, offset }: InstrReader): Words {
  const { tables, mems, elemAddrs, dataAddrs } = inst;
  switch (code) {
    case Op.table_get:
      return [IOp.TableGet, tables[a].addr, 0, width(tables[a], Wide.to)];
    case Op.table_set:
      return [IOp.TableSet, tables[a].addr, 0, width(tables[a], Wide.to)];
    case Op.table_size:
      return [IOp.TableSize, tables[a].addr, 0, width(tables[a], Wide.to)];
    case Op.table_grow:
      return [IOp.TableGrow, tables[a].addr, 0, width(tables[a], Wide.to)];
    case Op.table_fill:
      return [IOp.TableFill, tables[a].addr, 0, width(tables[a], Wide.to | Wide.length)];
    case Op.table_copy:
      return [IOp.TableCopy, tables[a].addr, tables[b].addr, copyWidths(tables[a], tables[b])];
    case Op.table_init:
      return [IOp.TableInit, tables[b].addr, elemAddrs[a], width(tables[b], Wide.to)];
    case Op.elem_drop:
      return [IOp.ElemDrop, elemAddrs[a], 0, 0];
    case Op.memory_init:
      return [IOp.MemoryInit, mems[b].addr, dataAddrs[a], width(mems[b], Wide.to)];
    case Op.data_drop:
      return [IOp.DataDrop, dataAddrs[a], 0, 0];
    case Op.memory_copy:
      return [IOp.MemoryCopy, mems[a].addr, mems[b].addr, copyWidths(mems[a], mems[b])];
    case Op.memory_fill:
      return [IOp.MemoryFill, mems[a].addr, 0, width(mems[a], Wide.to | Wide.length)];
    default:
      throw new Error(`no translation for code 0x${code.toString(16)} at offset ${offset}`);
  }
}

interface Addressed {
  readonly type: { readonly is64: boolean };
}

function width({ type }: Addressed, wide: number): number {
  return type.is64 ? wide : 0;
}

/** The length has the narrower of the two address types (spec 3.4, memory.copy). */
function copyWidths(to: Addressed, from: Addressed): number {
  return width(to, Wide.to) | width(from, Wide.from) | (from.type.is64 ? width(to, Wide.length) : 0);
}
