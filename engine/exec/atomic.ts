/**
 * Atomic instructions (threads proposal, 0xfe), out of the interpreter's loop.
 *
 * Words behind the op are those of far-access.ts: memory address, wire code, offset low and high, 1 for 64-bit addresses.
 * Threads are coroutines that switch between instructions, so reading and writing in one instruction is atomic as it is.
 * Accesses must be aligned; that is looked at before the bounds, which the DataView's RangeError stands for. Loads,
 * stores, six operators and compare-exchange come in seven widths each, in the same order.
 */

import type { MemInst } from '../runtime/memory.ts';
import type { Wait } from '../runtime/wait.ts';
import { WaitResult } from '../runtime/wait.ts';
import { addressAt } from './far-access.ts';
import type { Core } from './interp.ts';
import { Signal } from './numerics.ts';

export const UNALIGNED = new Signal('unaligned atomic');
export const DEADLOCK = new Signal('deadlock: all threads wait for ever');
export const NOT_SHARED = new Signal('expected shared memory');

const NOTIFY = 0xfe000;
const WAIT_64 = 0xfe002;
const FIRST = 0xfe010;
/** Bytes by the place in a group: i32, i64, i32 8, i32 16, i64 8, i64 16, i64 32. */
const WIDTHS = [4, 8, 1, 2, 1, 2, 4] as const;
const KINDS = WIDTHS.length;

const enum Group {
  load,
  store,
  add,
  sub,
  and,
  or,
  xor,
  xchg,
  cmpxchg,
}

/** Low and high word of what was read, or is to be written. */
const old = new Int32Array(2);
const next = new Int32Array(2);

/** Executes the instruction at `pc`, any but wait and fence, and returns the new sp. Operands stay when it throws. */
export function atomic({ I, store: { mems } }: Core, code: Int32Array, pc: number, sp: number): number {
  const mem = mems[code[pc + 1]];
  const wire = code[pc + 2];
  if (wire === NOTIFY) {
    const ea = aligned(addressAt(I, sp - 4, code, pc), 4);
    mem.view.getInt32(ea, true);
    I[sp - 4] = mem.waits.notify(ea, I[sp - 2] >>> 0);
    return sp - 2;
  }
  const group: Group = Math.floor((wire - FIRST) / KINDS);
  const kind = (wire - FIRST) % KINDS;
  const width = WIDTHS[kind];
  const is64 = kind === 1 || kind > 3;
  const base = sp - (group === Group.load ? 2 : group === Group.cmpxchg ? 6 : 4);
  const ea = aligned(addressAt(I, base, code, pc), width);
  if (group === Group.store) {
    write(mem.view, ea, width, I[sp - 2], I[sp - 1]);
    return base;
  }
  read(mem.view, ea, width);
  if (group === Group.cmpxchg) {
    // The expected value is cut off to the width of the access.
    const differ = old[0] ^ I[sp - 4];
    const same = width === 8 ? differ === 0 && old[1] === I[sp - 3] : differ << (32 - 8 * width) === 0;
    if (same) write(mem.view, ea, width, I[sp - 2], I[sp - 1]);
  } else if (group !== Group.load) {
    operate(group, I[sp - 2], I[sp - 1]);
    write(mem.view, ea, width, next[0], next[1]);
  }
  I[base] = old[0];
  if (is64) I[base + 1] = old[1];
  return base + 2;
}

/**
 * Begins the memory.atomic.wait32 or wait64 at `pc`: a wait that lasts, or `notEqual`. Throws a `Signal` or a RangeError where
 * it traps.
 */
export function beginWait(
  { I, store: { mems } }: Core,
  code: Int32Array,
  pc: number,
  sp: number,
): Wait | WaitResult.notEqual {
  const mem: MemInst = mems[code[pc + 1]];
  const is64 = code[pc + 2] === WAIT_64;
  const ea = aligned(addressAt(I, sp - 6, code, pc), is64 ? 8 : 4);
  read(mem.view, ea, is64 ? 8 : 4);
  if (!mem.type.shared) throw NOT_SHARED;
  if (old[0] !== I[sp - 4] || (is64 && old[1] !== I[sp - 3])) return WaitResult.notEqual;
  return mem.waits.enter(ea, (BigInt(I[sp - 1]) << 32n) | BigInt(I[sp - 2] >>> 0));
}

function aligned(ea: number, width: number): number {
  if (ea % width !== 0) throw UNALIGNED;
  return ea;
}

/** Reads zero-extended into `old`. */
function read(view: DataView, ea: number, width: number): void {
  old[1] = width === 8 ? view.getInt32(ea + 4, true) : 0;
  if (width >= 4) old[0] = view.getInt32(ea, true);
  else old[0] = width === 2 ? view.getUint16(ea, true) : view.getUint8(ea);
}

function write(view: DataView, ea: number, width: number, lo: number, hi: number): void {
  if (width === 8) view.setInt32(ea + 4, hi, true);
  if (width >= 4) view.setInt32(ea, lo, true);
  else if (width === 2) view.setInt16(ea, lo, true);
  else view.setInt8(ea, lo);
}

/** Puts `old` and the operand together in `next`; what is too wide is cut off when it is written. */
function operate(group: Group, lo: number, hi: number): void {
  switch (group) {
    case Group.add:
      next[0] = old[0] + lo;
      next[1] = old[1] + hi + (next[0] >>> 0 < lo >>> 0 ? 1 : 0);
      return;
    case Group.sub:
      next[0] = old[0] - lo;
      next[1] = old[1] - hi - (old[0] >>> 0 < lo >>> 0 ? 1 : 0);
      return;
    case Group.and:
      next[0] = old[0] & lo;
      next[1] = old[1] & hi;
      return;
    case Group.or:
      next[0] = old[0] | lo;
      next[1] = old[1] | hi;
      return;
    case Group.xor:
      next[0] = old[0] ^ lo;
      next[1] = old[1] ^ hi;
      return;
    default:
      next[0] = lo;
      next[1] = hi;
  }
}
