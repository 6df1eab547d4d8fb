/**
 * Calls of host functions: their arguments and answers, and answers that come later.
 *
 * The order of things around a call (suspend, deliver, fail) is the machine's; here is what needs no machine.
 */

import { typesName } from '../isa/types.ts';
import type { FuncInst, HostSteps } from '../runtime/func.ts';
import { fitsType, type Value } from '../runtime/values.ts';
import type { TypeCanon } from '../valid/canon.ts';
import { readSlot, type Slots } from './slot.ts';

/** A host function that takes its steps: its frame stays while it calls. */
export interface SteppedCall {
  readonly func: FuncInst;
  readonly steps: HostSteps;
  /** Height of the control stack while the host function itself is the running one, and in which nested activation. */
  readonly cs: number;
  readonly nested: number;
  /** What it has called and waits for. */
  callee: FuncInst | undefined;
}

/** A host call that waits for its promise. */
export interface Pending {
  readonly promise: Promise<void>;
  readonly settled: boolean;
  readonly results?: readonly Value[];
  readonly failed?: { readonly error: unknown };
}

/** Waits for a host function's answer; the promise of the result never rejects. */
export function pendingOn(answer: Promise<readonly Value[]>): Pending {
  const pending: { -readonly [K in keyof Pending]: Pending[K] } = {
    settled: false,
    promise: answer.then(
      (results) => {
        pending.results = results;
        pending.settled = true;
      },
      (error: unknown) => {
        pending.failed = { error };
        pending.settled = true;
      },
    ),
  };
  return pending;
}

/** True for an answer that comes later. */
export function isPromise(answer: unknown): answer is Promise<readonly Value[]> {
  return typeof (answer as { then?: unknown } | undefined)?.then === 'function';
}

/** True for an answer that asks for calls first. */
export function isSteps(answer: unknown): answer is HostSteps {
  return typeof (answer as { next?: unknown } | undefined)?.next === 'function';
}

/** Throws a TypeError if a host function's results are not of the types that it has, which are canonical. */
export function checkResults(func: FuncInst, results: readonly Value[], canon: TypeCanon): void {
  const { type, host } = func;
  const fits =
    results.length === type.results.length &&
    type.results.every((t, i) => results[i] !== undefined && fitsType(canon, t, results[i]));
  if (fits) return;
  const given = results.map((value) => value?.type);
  throw new TypeError(
    `${host?.name ?? 'host function'} answered ${typesName(given)}, not ${typesName(type.results)}`,
  );
}

/** The arguments on the stack of a host function that was called. */
export function hostArgs(slots: Slots, { type }: FuncInst, fp: number): Value[] {
  return type.params.map((t, i) => readSlot(slots, t, fp + 2 * i));
}
