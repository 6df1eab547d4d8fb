/**
 * What an internal op reads and writes of memories, globals, tables and locals, as watch.ts asks for it.
 *
 * One function says it for every op, twice: when code is marked nothing is known but the op's words, so ranges are
 * everything; in front of the instruction its operands say them. Ranges of an access that will trap are as they are: then
 * nothing was touched. `call_indirect` reads a slot of its table; notifying reads nothing.
 */

import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import type { Store } from '../runtime/store.ts';
import { Wide } from './bulk.ts';
import { addressAt, unsignedAt } from './far-access.ts';
import { IOp } from './iop.ts';
import { vectorAddress } from './simd/memory.ts';

/** Where something can be watched; `end`: the frame that executes this is over then. */
export const enum Space {
  memory,
  global,
  table,
  local,
  end,
}

/** Bytes of a memory, elements of a table, a global or a local (`addr` is its index), all by store address. */
export interface OpAccess {
  readonly space: Space;
  readonly addr: number;
  readonly from: number;
  readonly count: number;
  readonly write: boolean;
}

/** A machine in front of an instruction. */
export interface Operands {
  readonly I: Int32Array;
  readonly sp: number;
  readonly fp: number;
  readonly store: Store;
}

const NONE: readonly OpAccess[] = [];
const EVERYTHING = Number.POSITIVE_INFINITY;

const FIRST_STORE = 0x36;
const NOTIFY = 0xfe000;
const FIRST_ATOMIC = 0xfe010;
/** Atomic instructions come in seven widths each: loads, stores, then what reads and writes. */
const ATOMIC_KINDS = 7;

const NEITHER: readonly boolean[] = [];
const READ: readonly boolean[] = [false];
const WRITE: readonly boolean[] = [true];
const READ_AND_WRITE: readonly boolean[] = [false, true];

/** Bytes of the loads and stores from 0x28 on. */
export const ACCESS_WIDTHS: readonly number[] = Array.from(
  { length: Op.i64_store32 - Op.i32_load + 1 },
  (_, i) => instrByCode(Op.i32_load + i)!.width!,
);

/** True for a load or a store of the loop, by its wire code. */
export function isNearAccess(op: number): boolean {
  return op >= Op.i32_load && op <= Op.i64_store32;
}

/** How an instruction with an immediate for a memory accesses that, by its wire code: false for a read, true for a write. */
export function accessDirections(wire: number): readonly boolean[] {
  if (isNearAccess(wire)) return wire >= FIRST_STORE ? WRITE : READ;
  if (wire >= FIRST_ATOMIC) {
    const group = Math.floor((wire - FIRST_ATOMIC) / ATOMIC_KINDS);
    return group === 0 ? READ : group === 1 ? WRITE : READ_AND_WRITE;
  }
  const row = wire >= Op.v128_load && wire < NOTIFY ? instrByCode(wire) : undefined;
  if (!row?.width) return NEITHER;
  return row.results.length === 0 ? WRITE : READ;
}

/** What the op at `pc` touches. `mem0`: address of its function's memory 0. Without `at` ranges are everything. */
export function accessesOf(
  code: Int32Array,
  pc: number,
  op: number,
  mem0: number,
  at?: Operands,
): readonly OpAccess[] {
  if (isNearAccess(op)) {
    const write = op >= FIRST_STORE;
    const from = at ? (at.I[at.sp - (write ? 4 : 2)] >>> 0) + (code[pc + 1] >>> 0) : 0;
    return [bytes(mem0, at ? from : undefined, ACCESS_WIDTHS[op - Op.i32_load], write)];
  }
  const a = code[pc + 1];
  switch (op) {
    case IOp.GlobalGet32:
    case IOp.GlobalGet64:
      return [one(Space.global, a >> 1, false)];
    case IOp.GlobalSet32:
    case IOp.GlobalSet64:
      return [one(Space.global, a >> 1, true)];
    case IOp.GlobalGetRef:
    case IOp.GlobalSetRef:
      return [one(Space.global, a, op === IOp.GlobalSetRef)];
    case IOp.LocalGet32:
    case IOp.LocalGet64:
    case IOp.LocalGetRef:
      return [one(Space.local, a >> 1, false)];
    case IOp.LocalSet32:
    case IOp.LocalSet64:
    case IOp.LocalSetRef:
    case IOp.LocalTee32:
    case IOp.LocalTee64:
    case IOp.LocalTeeRef:
      return [one(Space.local, a >> 1, true)];
    case IOp.Return0:
    case IOp.Return32:
    case IOp.Return64:
    case IOp.ReturnN:
      return [one(Space.end, 0, false)];
    case IOp.TailCall:
      return [one(Space.end, 0, false)];
    case IOp.TailCallIndirect:
    case IOp.TailCallRef:
      return [one(Space.end, 0, false), ...calleeSlot(a, at)];
    case IOp.CallIndirect:
    case IOp.CallRef:
      return calleeSlot(a, at);
    case IOp.FarAccess:
      return farAccess(code, pc, at);
    case IOp.Atomic:
      return atomic(code, pc, at);
    case IOp.Simd:
      return vectorMove(code, pc, at);
    case IOp.SimdLong:
      return vectorAccess(code, pc, at);
    case IOp.MemoryGrow:
      return [bytes(a, at ? at.store.mems[a].bytes.length : undefined, EVERYTHING, true)];
    default:
      return op >= IOp.TableGet && op <= IOp.MemoryFill ? bulk(code, pc, op, at) : NONE;
  }
}

function one(space: Space, addr: number, write: boolean): OpAccess {
  return { space, addr, from: 0, count: EVERYTHING, write };
}

/** `from` undefined: everything. */
function bytes(addr: number, from: number | undefined, count: number, write: boolean): OpAccess {
  return {
    space: Space.memory,
    addr,
    from: from ?? 0,
    count: from === undefined ? EVERYTHING : count,
    write,
  };
}

function elements(addr: number, from: number | undefined, count: number, write: boolean): OpAccess {
  return { ...bytes(addr, from, count, write), space: Space.table };
}

/** The slot that an indirect call reads; `table` is -1 where the operand is the reference itself. */
function calleeSlot(table: number, at: Operands | undefined): readonly OpAccess[] {
  if (table < 0) return NONE;
  const index = at && unsignedAt(at.I, at.sp - 2, at.store.tables[table].type.is64);
  return [elements(table, index, 1, false)];
}

function farAccess(code: Int32Array, pc: number, at: Operands | undefined): readonly OpAccess[] {
  const wire = code[pc + 2];
  if (!isNearAccess(wire)) return NONE;
  const write = wire >= FIRST_STORE;
  const from = at && addressAt(at.I, at.sp - (write ? 4 : 2), code, pc);
  return [bytes(code[pc + 1], from, ACCESS_WIDTHS[wire - Op.i32_load], write)];
}

function atomic(code: Int32Array, pc: number, at: Operands | undefined): readonly OpAccess[] {
  const wire = code[pc + 2];
  if (wire === NOTIFY) return NONE;
  const row = instrByCode(wire)!;
  const from = at && addressAt(at.I, at.sp - 2 * row.params.length, code, pc);
  return accessDirections(wire).map((write) => bytes(code[pc + 1], from, row.width!, write));
}

/** A local is given by how far below sp it is. */
function vectorMove(code: Int32Array, pc: number, at: Operands | undefined): readonly OpAccess[] {
  const wire = code[pc + 1];
  const write = wire === Op.local_set || wire === Op.local_tee || wire === Op.global_set;
  if (wire === Op.global_get || wire === Op.global_set) return [one(Space.global, code[pc + 2], write)];
  if (wire !== Op.local_get && wire !== Op.local_set && wire !== Op.local_tee) return NONE;
  // Which local it is depends on the height at this place; what is marked for nothing is only slower.
  return [one(Space.local, at ? ((at.sp - at.fp) >> 1) - code[pc + 2] : -1, write)];
}

function vectorAccess(code: Int32Array, pc: number, at: Operands | undefined): readonly OpAccess[] {
  const row = instrByCode(code[pc + 1]);
  if (!row?.width) return NONE;
  const write = row.results.length === 0;
  const addr = code[pc + 2];
  const from = at && vectorAddress(at.I, at.sp, code, pc, at.store.mems[addr].type.is64);
  return [bytes(addr, from, row.width, write)];
}

function bulk(code: Int32Array, pc: number, op: number, at: Operands | undefined): readonly OpAccess[] {
  const a = code[pc + 1];
  const b = code[pc + 2];
  const wide = code[pc + 3];
  const operand = (below: number, bit: Wide): number | undefined =>
    at && unsignedAt(at.I, at.sp - 2 * below, (wide & bit) !== 0);
  const count = (): number => operand(1, Wide.length) ?? EVERYTHING;
  switch (op) {
    case IOp.TableGet:
      return [elements(a, operand(1, Wide.to), 1, false)];
    case IOp.TableSet:
      return [elements(a, operand(2, Wide.to), 1, true)];
    case IOp.TableGrow:
      return [elements(a, at?.store.tableElems[a].length, EVERYTHING, true)];
    case IOp.TableFill:
    case IOp.TableInit:
      return [elements(a, operand(3, Wide.to), count(), true)];
    case IOp.TableCopy:
      return [
        elements(b, operand(2, Wide.from), count(), false),
        elements(a, operand(3, Wide.to), count(), true),
      ];
    case IOp.MemoryFill:
    case IOp.MemoryInit:
      return [bytes(a, operand(3, Wide.to), count(), true)];
    case IOp.MemoryCopy:
      return [bytes(b, operand(2, Wide.from), count(), false), bytes(a, operand(3, Wide.to), count(), true)];
    default:
      return NONE;
  }
}
