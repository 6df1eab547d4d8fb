/**
 * Values of a compiled frame on their way into the exchange and out of it: in which order they lie there, and the code
 * that moves one of them.
 */

import type { ByteWriter } from '../../base/writer.ts';
import { writeOp } from '../../binary/instr-write.ts';
import { Op } from '../../isa/op.gen.ts';
import { F32, F64, I32, I64, V128 } from '../../isa/types.ts';
import { VECTORS_AT } from './exchange.ts';

const REF_BYTE = 0x6f;

/** How a body's frames lie in the exchange. */
export interface FrameLayout {
  /** The (erased) type of each slot. */
  readonly types: readonly number[];
  /** Slot of each local, and of each keeper of operands. */
  readonly locals: readonly number[];
  readonly keepers: readonly number[];
  /** Locals in which a NaN may not be canonical. */
  readonly lazy: readonly number[];
}

/** In which order slots of these types lie in the exchange: by type, so that few orders occur. */
export function frameOrder(types: readonly number[]): number[] {
  return types.map((_, k) => k).sort((a, b) => types[b] - types[a] || a - b);
}

/** Where a module has the exchange: index of its memory and of its table. */
export interface Crossing {
  readonly exchange: number;
  readonly refs: number;
}

/** Writes a local of the copy into a slot of the exchange. */
export function storeSlot(out: ByteWriter, piece: Crossing, slot: number, type: number, local: number): void {
  out.u8(Op.i32_const);
  out.s32(type === REF_BYTE ? slot : 0);
  out.u8(Op.local_get);
  out.u32(local);
  if (type === REF_BYTE) {
    out.u8(Op.table_set);
    out.u32(piece.refs);
  } else access(out, piece, slot, type, true);
}

/** Pushes what is in a slot of the exchange. */
export function loadSlot(out: ByteWriter, piece: Crossing, slot: number, type: number): void {
  out.u8(Op.i32_const);
  out.s32(type === REF_BYTE ? slot : 0);
  if (type === REF_BYTE) {
    out.u8(Op.table_get);
    out.u32(piece.refs);
  } else access(out, piece, slot, type, false);
}

function access(out: ByteWriter, piece: Crossing, slot: number, type: number, isStore: boolean): void {
  let align = 4;
  if (type === V128) {
    writeOp(out, isStore ? Op.v128_store : Op.v128_load);
  } else {
    const [store, load, log2] = ACCESSES[type];
    align = log2;
    out.u8(isStore ? store : load);
  }
  if (piece.exchange === 0) out.u8(align);
  else {
    out.u8(align | 0x40);
    out.u32(piece.exchange);
  }
  out.u32(type === V128 ? VECTORS_AT + 16 * slot : 8 * slot);
}

const ACCESSES: Readonly<Record<number, readonly [store: Op, load: Op, align: number]>> = {
  [I32]: [Op.i32_store, Op.i32_load, 2],
  [I64]: [Op.i64_store, Op.i64_load, 3],
  [F32]: [Op.f32_store, Op.f32_load, 2],
  [F64]: [Op.f64_store, Op.f64_load, 3],
};
