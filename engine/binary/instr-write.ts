/**
 * Writing instructions: the mirror of instr.ts (spec 5.4).
 *
 * `writeOp` writes the code, then the caller writes the immediates with the function of the row's shape. Shapes that
 * are plain indices (see isa/row.ts) need no function of their own: `w.u32(index)`, twice where the shape has two.
 * `writeInstr` writes what an `InstrReader` has just read, so that code can be copied with changes.
 */

import type { ByteWriter } from '../base/writer.ts';
import { instrByCode } from '../isa/isa.ts';
import type { InstrCode } from '../isa/row.ts';
import { BOT, heapOf, isNullable, type ValType } from '../isa/types.ts';
import { CATCH, type InstrReader } from './instr.ts';
import { TYPE_BYTE, writeHeapType, writeResultType, writeValType } from './types.ts';

/** The opcode: one byte, or prefix and sub-opcode. */
export function writeOp(w: ByteWriter, code: InstrCode): void {
  if (code < 0x100) {
    w.u8(code);
    return;
  }
  w.u8(code >> 12);
  w.u32(code & 0xfff);
}

/** A block type: a type index if `typeIdx` is at least 0, else one result, or BOT for none. */
export function writeBlockType(w: ByteWriter, typeIdx: number, result: ValType = BOT): void {
  if (typeIdx >= 0) w.s33(typeIdx);
  else if (result === BOT) w.u8(TYPE_BYTE.empty);
  else writeValType(w, result);
}

/** br_table: all labels, the default one last. */
export function writeLabels(w: ByteWriter, labels: readonly number[]): void {
  w.u32(labels.length - 1);
  for (const label of labels) w.u32(label);
}

/** A memarg: memory index, log2 of the alignment, the offset's halves. Memory 0 takes the short form. */
export function writeMemarg(
  w: ByteWriter,
  memIdx: number,
  align: number,
  offsetLo: number,
  offsetHi = 0,
): void {
  w.u32(memIdx === 0 ? align : align | 0x40);
  if (memIdx !== 0) w.u32(memIdx);
  w.u64Halves(offsetLo, offsetHi);
}

/** br_on_cast, br_on_cast_fail: label, source and target reference type. */
export function writeCastBranch(w: ByteWriter, label: number, source: ValType, target: ValType): void {
  w.u8((isNullable(source) ? 1 : 0) | (isNullable(target) ? 2 : 0));
  w.u32(label);
  writeHeapType(w, heapOf(source));
  writeHeapType(w, heapOf(target));
}

/** try_table's clauses, three numbers a clause: CATCH kind, tag (-1 for the catch_all kinds), label. */
export function writeCatches(w: ByteWriter, clauses: readonly number[]): void {
  w.u32(clauses.length / 3);
  for (let i = 0; i < clauses.length; i += 3) {
    w.u8(clauses[i]);
    if (clauses[i] < CATCH.catchAll) w.u32(clauses[i + 1]);
    w.u32(clauses[i + 2]);
  }
}

/** The instruction that `r` has just read. Integers come out in their shortest form. */
export function writeInstr(w: ByteWriter, r: InstrReader): void {
  writeOp(w, r.code);
  const shape = instrByCode(r.code)!.shape;
  switch (shape) {
    case 'none':
      break;
    case 'zero':
      w.u8(0);
      break;
    case 'block':
      writeBlockType(w, r.blockTypeIdx, r.blockType);
      break;
    case 'catches':
      writeBlockType(w, r.blockTypeIdx, r.blockType);
      writeCatches(w, r.list);
      break;
    case 'label':
    case 'func':
    case 'local':
    case 'global':
    case 'table':
    case 'memory':
    case 'tag':
    case 'type':
    case 'elem':
    case 'data':
      w.u32(r.a);
      break;
    case 'tableType':
    case 'elemTable':
    case 'dataMemory':
    case 'tables':
    case 'memories':
    case 'typeField':
    case 'typeSize':
    case 'typeData':
    case 'typeElem':
    case 'typeType':
      w.u32(r.a);
      w.u32(r.b);
      break;
    case 'labels':
      writeLabels(w, r.list);
      break;
    case 'types':
      writeResultType(w, r.list);
      break;
    case 'heap':
      writeHeapType(w, r.a);
      break;
    case 'refType':
      writeHeapType(w, heapOf(r.a));
      break;
    case 'castBranch':
      writeCastBranch(w, r.a, r.b, r.c);
      break;
    case 'memarg':
      writeMemarg(w, r.a, r.b, r.lo, r.hi);
      break;
    case 'memargLane':
      writeMemarg(w, r.a, r.b, r.lo, r.hi);
      w.u8(r.c);
      break;
    case 'lane':
      w.u8(r.a);
      break;
    case 'lanes':
    case 'v128':
      w.bytes(r.lanes);
      break;
    case 'i32':
      w.s32(r.lo);
      break;
    case 'i64':
      w.s64Halves(r.lo, r.hi);
      break;
    case 'f32':
      w.f32(r.lo);
      break;
    case 'f64':
      w.f64Halves(r.lo, r.hi);
      break;
    default:
      shape satisfies never;
  }
}
