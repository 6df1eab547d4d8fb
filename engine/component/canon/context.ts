/**
 * What lifting and lowering need to know beside the value and its type (CanonicalABI.md, Lifting and Lowering Context):
 * whose memory it is, how strings stand in it, who makes room.
 */

import type { FuncInst } from '../../runtime/func.ts';
import type { MemInst } from '../../runtime/memory.ts';
import type { NumValue, Value } from '../../runtime/values.ts';
import type { AddressType } from '../abi.ts';
import type { ComponentInst } from '../instance.ts';
import type { StringEncoding } from '../model.ts';
import type { ComponentCall, Steps, Task } from '../task.ts';
import { exhaust, reaches, trap } from './traps.ts';

/** The canonical options of a definition, with what their indices stand for in the instance. */
export interface CanonOptions {
  readonly instance: ComponentInst;
  readonly encoding: StringEncoding;
  readonly memory: MemInst | undefined;
  readonly address: AddressType;
  readonly realloc: FuncInst | undefined;
  readonly postReturn: FuncInst | undefined;
  readonly async: boolean;
  readonly callback: FuncInst | undefined;
}

/**
 * How a string was encoded where it comes from: it decides how much room is asked for where it goes. `wide`: UTF-16 in an
 * encoding that could have been Latin-1. Strings of the host get just the room they take.
 */
export type StringSource = 'host' | 'utf8' | 'utf16' | 'latin1' | 'wide';

/** What the values of one call have taken so far, in bytes of ours, about. */
export interface Budget {
  left: number;
}

/** Lists overlap as they like, so what is lifted can be any multiple of the memory that it is in. */
const MAX_LIFTED = 2 ** 29;
/** What an element of a list takes, about. */
export const ELEMENT_COST = 16;

export function newBudget(): Budget {
  return { left: MAX_LIFTED };
}

/** Ends the program if that much is too much. */
export function spend(budget: Budget, cost: number): void {
  budget.left -= cost;
  if (budget.left < 0) exhaust('the values of one call are too large', `more than ${MAX_LIFTED} bytes`);
}

/** For one direction of one call, on one side of it. */
export interface CanonContext {
  readonly opts: CanonOptions;
  /** Whether the other side is the host. */
  readonly withHost: boolean;
  readonly budget: Budget;
  /** Where borrowed handles that are lifted are noted. */
  readonly call: ComponentCall | undefined;
  /** Whom borrowed handles that are lowered are lent to. */
  readonly task: Task | undefined;
  /** Strings that were lifted from UTF-16 where it could have been Latin-1. */
  readonly wide: Set<string>;
  /** Encoding on the side where the values come from; undefined for the host. */
  readonly from: StringEncoding | undefined;
}

/** The memory of the options, which validation has made sure of. */
export function memoryOf({ opts }: CanonContext): MemInst {
  return opts.memory!;
}

/** An address or a length in this memory, from 32 or 64 bits. */
export function addressOf(bits: bigint): number {
  return Number(bits);
}

/** A pointer as a core value. */
export function pointer({ address }: CanonOptions, n: number): NumValue {
  return { type: address, bits: BigInt(n) };
}

/** Traps unless [at, at + length) is in memory and `at` is aligned; `what` is for people. */
export function checkRange(
  cx: CanonContext,
  what: 'string' | 'list' | 'pointer',
  at: number,
  length: number,
  alignment: number,
): void {
  const { bytes } = memoryOf(cx);
  if (at % alignment !== 0) {
    const of = what === 'pointer' ? 'values' : what;
    trap('unaligned pointer', `${of} at 0x${at.toString(16)}, which is no multiple of ${alignment}`);
  }
  if (at + length <= bytes.length) return;
  const message =
    what === 'pointer'
      ? 'pointer out of bounds of memory'
      : cx.withHost
        ? `${what} pointer/length out of bounds of memory`
        : `${what} content out-of-bounds`;
  trap(message, reaches(what === 'pointer' ? 'values' : what, at, length, bytes.length));
}

/** Asks the guest for room, and checks what it gives. */
export function* allocate(
  cx: CanonContext,
  what: 'string' | 'list' | 'pointer',
  alignment: number,
  length: number,
): Steps<number> {
  return yield* reallocate(cx, what, 0, 0, alignment, length);
}

/** Asks the guest to change the room at `old`, and checks what it gives. */
export function* reallocate(
  cx: CanonContext,
  what: 'string' | 'list' | 'pointer',
  old: number,
  oldLength: number,
  alignment: number,
  length: number,
): Steps<number> {
  const { opts, withHost } = cx;
  const { instance } = opts;
  const args: Value[] = [old, oldLength, alignment, length].map((n) => pointer(opts, n));
  instance.mayLeave = false;
  instance.beginTask();
  const [result] = yield { kind: 'call', func: opts.realloc!, args };
  instance.endTask();
  instance.mayLeave = true;
  const at = addressOf((result as NumValue).bits);
  const { bytes } = memoryOf(cx);
  if (at % alignment !== 0) {
    const note = `realloc returned ${at}, which is no multiple of ${alignment}`;
    trap(withHost ? 'realloc return: result not aligned' : 'unaligned pointer', note);
  }
  if (at + length > bytes.length) {
    const beyond = withHost
      ? 'realloc return: beyond end of memory'
      : what === 'pointer'
        ? 'pointer out of bounds of memory'
        : `${what} content out-of-bounds`;
    trap(beyond, reaches('what realloc returned', at, length, bytes.length));
  }
  return at;
}
