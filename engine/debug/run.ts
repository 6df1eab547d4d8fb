/**
 * What a program does from its start to its end, as its threads' programs (exec/threads.ts) say it: calls of a module's
 * functions, or a script's commands. The runner asks here what a mark means and when the program is over.
 */

import type { Fault, Phase, Span } from '../base/errors.ts';
import type { Thread } from '../exec/threads.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import type { EnterAs, Stop } from './runner.ts';
import type { Spot } from './wire.ts';

/** What a run reports, and asks, while it goes on. */
export interface RunOwner {
  /** A line for the Debug Console. */
  print(category: 'console' | 'stdout' | 'stderr', text: string, place?: Spot): void;
  /** A thread's call ended in a fault; its frames are there. */
  failed(thread: Thread, label: string, fault: Fault, cause: unknown): void;
  /** An instance is there whose code has not run yet. */
  instantiated(inst: ModuleInst): void;
  /** Whether to stop at a fault that ended a call. */
  stopsAtFault(fault: Fault): boolean;
  /** Whether to stop at an assertion that failed. */
  stopsAtAssertions(): boolean;
}

/** What is around all calls of a thread. */
export interface Caller {
  readonly label: string;
  readonly span?: Span;
}

export interface Run {
  readonly main: Thread;
  /** What it runs, for people. */
  readonly label: string;
  readonly exitCode: number;
  /** A thread stands at a mark: a stop, a place, nothing of interest, the end; `enter`: stop at what it executes next. */
  marked(thread: Thread, mark: unknown): Stop | 'place' | 'pass' | 'enter' | 'over' | EnterAs;
  /** A thread has ended; true: so has the program. */
  ended(thread: Thread): boolean;
  /** The user has seen that these threads wait for each other; true: that is the end. */
  deadlocked(threads: readonly Thread[]): boolean;
  /** What calls a thread's outermost function, innermost first: a command of a script and where it stands, a phase of a program's start. */
  callersOf(thread: Thread): readonly Caller[];
  /** How the present call of a thread is expected to end, if not well. */
  expects(thread: Thread): Phase | undefined;
}
