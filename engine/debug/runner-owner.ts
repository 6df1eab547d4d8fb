/**
 * What the runner asks of the debugger around it: whether a place, a call, a throw or a trap is a stop, and what is whose code.
 */

import type { Fault } from '../base/errors.ts';
import type { WasmFrame } from '../exec/frame.ts';
import type { Thrown } from '../exec/outcome.ts';
import type { Thread } from '../exec/threads.ts';
import type { WatchHit } from '../exec/watch.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Value } from '../runtime/values.ts';
import type { EnterAs, Here, Stop } from './runner.ts';
import type { WasiError } from './wasi-errors.ts';
import type { WireDataHit } from './wire.ts';

export interface RunnerOwner {
  /** True when there is a breakpoint of the user's here, whatever its condition. */
  isBreakpoint(here: Here): boolean;
  /** A breakpoint of the user's is reached: counts it, and says whether it stops the program. */
  reaches(frame: WasmFrame): boolean;
  /** A host function with a breakpoint is about to be called by `caller`: counts it, and says whether it stops the program. */
  reachesCall(func: FuncInst, caller: WasmFrame): boolean;
  /** Something watched was touched by what the thread did last: what of that the user is to see. */
  touched(hits: readonly WatchHit[], frame: WasmFrame | undefined): readonly WireDataHit[];
  /** The user wants the program to pause. */
  wantsPause(): boolean;
  /** Something has arrived that is to be served. Absent: nobody can tell without giving the event loop back. */
  readonly isAsked: (() => boolean) | undefined;
  /** Whether the program is to stop at a throw. */
  stopsAtThrow(thread: Thread, thrown: Thrown): boolean;
  /** The error that a host function has answered with, if the program is to stop behind it. */
  stopsAtResult(func: FuncInst, results: readonly Value[]): WasiError | undefined;
  /** A trap ended a nested call, or one of JavaScript's own: whether to stop there. */
  stopsAtTrap(fault: Fault): boolean;
  /** A thread stands at a mark of its program: a stop, a place where steps end, nothing of interest, or before an entry. */
  marked(thread: Thread, mark: unknown): Stop | 'place' | 'pass' | 'enter' | 'over' | EnterAs;
  /** Code that is nobody's: steps go through it. */
  isHidden(func: FuncInst): boolean;
  /** A thread has ended; true: so has the program. */
  ended(thread: Thread): boolean;
  /** Blocks at a stop inside a host call until the user goes on. Undefined: the host cannot block. */
  readonly block: ((stop: Stop) => void) | undefined;
  /** Serves what arrived, without waiting, from inside a host call. */
  poll(): void;
  /** A stop inside a host call cannot be shown: it is taken when the call returns. */
  deferred(): void;
}
