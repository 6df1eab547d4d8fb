/**
 * Running a module: what is called before its main function (linkage.ts), that function, and threads that it spawns.
 *
 * The program is over when the main function returns, whatever its threads do, when it exits by itself (`proc_exit`), or
 * when anything ends in a fault.
 */

import { usage, WasmError } from '../base/errors.ts';
import { callToEnd } from '../exec/call-to-end.ts';
import type { Program, Request, Thread, Threads } from '../exec/threads.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { i32, type Value } from '../runtime/values.ts';
import { ProgramExit } from '../wasi/exit.ts';
import { type EndMark, type EndOwner, markedEnd } from './end-marks.ts';
import type { Invocation } from './invocation.ts';
import type { Linkage, Phase, PhaseKind } from './linkage.ts';
import { Refusal } from './load.ts';
import type { Caller, Run } from './run.ts';
import type { EnterAs, Stop } from './runner.ts';

/** More threads at once than any program needs; each has stacks of its own. */
const MOST_THREADS = 512;

/** Where threads begin, as WASI has it: with their number and what was given to `thread-spawn`. */
const THREAD_START = 'wasi_thread_start';

/** What a run of a module reports, and asks. */
export interface ModuleRunOwner extends EndOwner {
  /** The main function has returned. */
  returned(label: string, results: readonly Value[]): void;
  /** Instances that were made since this was asked last. */
  newInstances(): readonly ModuleInst[];
  /** Whether to stop because a module was instantiated, before its code runs. */
  stopsAtInstantiation(inst: ModuleInst): boolean;
}

/** Marks of this run: a call ended without returning; the phase to stop in begins; modules were instantiated. */
type Mark = EndMark | { readonly instantiated: readonly ModuleInst[] } | 'enter';

export class ModuleRun implements Run {
  readonly main: Thread;
  readonly label: string;
  readonly #threads: Threads;
  readonly #owner: ModuleRunOwner;
  /** Whether frames say in which phase they are even in the main function. */
  readonly #tellsMain: boolean;
  /** The phase to stop in that has not come yet. */
  #stopIn: PhaseKind | undefined;
  #phase: Phase | undefined;
  exitCode = 0;

  /** `stopIn`: stop at the first instruction of the first phase of this kind. */
  constructor(
    threads: Threads,
    linkage: Linkage,
    invocation: Invocation,
    owner: ModuleRunOwner,
    stopIn?: PhaseKind,
  ) {
    this.#threads = threads;
    this.#owner = owner;
    this.#stopIn = stopIn;
    this.#tellsMain = linkage.preloads.length > 0;
    this.label = invocation.label;
    this.main = threads.start(this.#program(linkage, invocation), 'main');
  }

  /**
   * A new thread, which calls an export of `inst` with its number and `arg`, behind the start function. Gives its number; a
   * negative one if there are too many threads. Throws a usage fault if there is no such function.
   */
  spawn(inst: ModuleInst, arg: number): number {
    const func = inst.exportedFunc(THREAD_START);
    if (!func) {
      return usage(`thread-spawn: the module exports no function "${THREAD_START}"`);
    }
    if (this.#threads.all.filter(({ state }) => state !== 'ended').length >= MOST_THREADS) return -1;
    const args: Value[] = [];
    const thread = this.#threads.start(this.#threadProgram(inst, func, args));
    args.push(i32(thread.id), i32(arg));
    return thread.id;
  }

  marked(thread: Thread, told: unknown): Stop | 'pass' | 'enter' | EnterAs {
    const mark = told as Mark;
    if (mark === 'enter') return 'enter';
    if ('instantiated' in mark) {
      // All are asked: each counts.
      const stops = mark.instantiated.filter((inst) => this.#owner.stopsAtInstantiation(inst));
      return stops.length > 0 ? { enterAs: { thread, reason: 'breakpoint' } } : 'pass';
    }
    return markedEnd(this, this.#owner, thread, mark);
  }

  ended(thread: Thread): boolean {
    return thread === this.main || thread.outcome?.kind === 'trap';
  }

  deadlocked(): boolean {
    this.exitCode = 1;
    return true;
  }

  callersOf(thread: Thread): Caller[] {
    const phase = thread === this.main ? this.#phase : undefined;
    return phase && (this.#tellsMain || phase.kind !== 'main') ? [{ label: phase.label }] : [];
  }

  expects(): undefined {
    return undefined;
  }

  *#program(linkage: Linkage, invocation: Invocation): Program {
    const phases = linkage.phases(invocation);
    for (;;) {
      const phase = yield* this.#next(phases);
      if (!phase) return;
      this.#phase = phase;
      const instantiated = this.#owner.newInstances();
      if (instantiated.length > 0) {
        yield { kind: 'mark', mark: { instantiated } satisfies Mark, keepFrames: false };
      }
      if (phase.kind === this.#stopIn) {
        this.#stopIn = undefined;
        yield { kind: 'mark', mark: 'enter' satisfies Mark, keepFrames: false };
      }
      const isMain = phase.kind === 'main';
      const results = yield* this.#call(phase.func, phase.args, isMain ? invocation.label : phase.label);
      if (!results) return;
      if (isMain) this.#owner.returned(invocation.label, results);
    }
  }

  /** The next phase, if there is one and nothing is wrong with the instances that it needs. */
  *#next(phases: Iterator<Phase, void>): Generator<Request, Phase | undefined, Thread['outcome']> {
    try {
      const next = phases.next();
      return next.done ? undefined : next.value;
    } catch (error) {
      if (!(error instanceof WasmError || error instanceof Refusal)) throw error;
      const fault = error instanceof Refusal ? error.faults[0] : error.fault;
      const mark: Mark = { label: 'instantiation', fault, cause: error };
      yield { kind: 'mark', mark, keepFrames: false };
      return undefined;
    }
  }

  *#threadProgram(inst: ModuleInst, func: FuncInst, args: readonly Value[]): Program {
    if (inst.start && !(yield* this.#call(inst.start, [], ''))) return;
    yield* this.#call(func, args, '');
  }

  /** The results; undefined if that is the end of the program. */
  *#call(
    func: FuncInst,
    args: readonly Value[],
    label: string,
  ): Generator<Request, readonly Value[] | undefined, Thread['outcome']> {
    const outcome = yield* callToEnd(func, args, ({ fault, cause }) => {
      if (cause instanceof ProgramExit) return undefined;
      return { kind: 'mark', mark: { label, fault, cause } satisfies Mark, keepFrames: true };
    });
    if (outcome?.kind === 'done') {
      // A trap that the debugger has let it go on from does not count.
      this.exitCode = 0;
      return outcome.results;
    }
    if (outcome?.kind !== 'trap') throw new WasmError({ phase: 'crash', message: 'no result', notes: [] });
    const { cause } = outcome;
    if (cause instanceof ProgramExit) {
      this.exitCode = cause.code;
      if (this.#owner.stopsAtExit(cause.code)) {
        yield { kind: 'mark', mark: { exit: cause.code } satisfies Mark, keepFrames: true };
      }
    }
    return undefined;
  }
}
