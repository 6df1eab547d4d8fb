/**
 * Why a machine came back, and what it asks when it cannot come back (stops inside a pinned activation).
 */

import type { Fault } from '../base/errors.ts';
import type { ExnInst } from '../runtime/exn.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Value } from '../runtime/values.ts';
import type { Wait } from '../runtime/wait.ts';
import type { CatchPlace } from './handler.ts';
import type { WatchHit } from './watch.ts';

/** An exception that was thrown, before anything is unwound. */
export interface Thrown {
  readonly exn: ExnInst;
  /** Where it is caught; undefined if nothing in this activation does. */
  readonly caught: CatchPlace | undefined;
  /** In a nested activation: what is not caught goes to the host function that called in, and may go on from there. */
  readonly nested: boolean;
  /** The name of the host function that threw something of its own. */
  readonly thrower: string | undefined;
}

/** Why `run`, `resume` or `step` came back. */
export type Outcome =
  | { readonly kind: 'done'; readonly results: Value[] }
  /** The budget is used up. */
  | { readonly kind: 'paused' }
  /** In front of an instruction that has a breakpoint; `asked`: `onBreak` said that it stops. */
  | { readonly kind: 'breakpoint'; readonly asked?: boolean }
  | { readonly kind: 'stepped' }
  /** Behind a host call, where `onResult` asked for it. */
  | { readonly kind: 'result'; readonly func: FuncInst; readonly results: readonly Value[] }
  /** Behind an instruction, or a host call, that touched what is watched (watch.ts). */
  | { readonly kind: 'watch'; readonly hits: readonly WatchHit[] }
  /** In front of an instruction that throws, or that called a host function which threw: `onThrow` asked for it. */
  | ({ readonly kind: 'throw' } & Thrown)
  /** At memory.atomic.wait, where `MachineOptions.threads` says that others run: run again when `wait` has a result. */
  | { readonly kind: 'wait'; readonly wait: Wait }
  /** A host function's promise: run again when `promise` (which never rejects) is settled. */
  | { readonly kind: 'host'; readonly promise: Promise<void> }
  /**
   * Over: a trap, exhaustion, an exception of the host, or a crash of ours, as `fault.phase` says. Frames stay
   * readable. `cause` is what a host function threw, or the `ThrownException` that nothing caught.
   */
  | { readonly kind: 'trap'; readonly fault: Fault; readonly cause?: unknown };

/** Stops and slices inside a nested activation: the debugger may block in them and inspect the machine. */
export interface PinnedHooks {
  /** A breakpoint, a step's end, or a trap (then the answer does not matter). May throw to end the program. */
  onStop(outcome: Outcome): 'run' | 'step';
  /** Between slices: answers whether to stop here. */
  onSlice?(): boolean;
}

/** The end of a program for which a stack is too small; `depth`: how many frames there were. */
export function exhausted(depth: number): Extract<Outcome, { kind: 'trap' }> {
  const message = depth === 0 ? 'the first frame does not fit' : `${depth} frame${depth === 1 ? '' : 's'}`;
  const notes = [{ message }];
  return { kind: 'trap', fault: { phase: 'exhaustion', message: 'call stack exhausted', notes } };
}

/** The end of a program when an exception comes to a host function that has called in: it passes no such boundary. */
export function trapAtHost(end: Outcome): Outcome {
  if (end.kind !== 'trap' || end.fault.phase !== 'exception') return end;
  const { message, offset } = end.fault;
  const notes = [{ message }];
  return { kind: 'trap', fault: { phase: 'trap', message: 'exception leaves a component', offset, notes } };
}
