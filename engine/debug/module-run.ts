/**
 * Running a module: its start function, then the function that the user chose; and threads that it spawns.
 *
 * The program is over when the chosen function returns, whatever its threads do, or when anything ends in a fault.
 */

import { type Fault, usage, WasmError } from '../base/errors.ts';
import type { Program, Request, Thread, Threads } from '../exec/threads.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { i32, type Value } from '../runtime/values.ts';
import { type Invocation, resultsText } from './invocation.ts';
import type { Run, RunOwner } from './run.ts';
import type { Stop } from './runner.ts';

/** More threads at once than any program needs; each has stacks of its own. */
const MOST_THREADS = 512;

/** Where threads begin, as WASI has it: with their number and what was given to `thread-spawn`. */
const THREAD_START = 'wasi_thread_start';

interface FaultMark {
  readonly label: string;
  readonly fault: Fault;
  readonly cause: unknown;
}

export class ModuleRun implements Run {
  readonly main: Thread;
  readonly label: string;
  readonly #threads: Threads;
  readonly #owner: RunOwner;
  exitCode = 0;

  constructor(threads: Threads, inst: ModuleInst, { funcIdx, args, label }: Invocation, owner: RunOwner) {
    this.#threads = threads;
    this.#owner = owner;
    this.label = label;
    this.main = threads.start(this.#calls(inst, inst.funcs[funcIdx], args, label), 'main');
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
    const thread = this.#threads.start(this.#calls(inst, func, args));
    args.push(i32(thread.id), i32(arg));
    return thread.id;
  }

  marked(thread: Thread, mark: unknown): Stop | 'pass' {
    const { label, fault, cause } = mark as FaultMark;
    this.exitCode = 1;
    this.#owner.failed(thread, label || thread.name, fault, cause);
    return this.#owner.stopsAtFault(fault) ? { thread, reason: 'fault', fault, cause } : 'pass';
  }

  ended(thread: Thread): boolean {
    return thread === this.main || thread.outcome?.kind === 'trap';
  }

  deadlocked(): boolean {
    this.exitCode = 1;
    return true;
  }

  callerOf(): undefined {
    return undefined;
  }

  expects(): undefined {
    return undefined;
  }

  /** With a label the results are printed. */
  *#calls(inst: ModuleInst, func: FuncInst, args: readonly Value[], label = ''): Program {
    if (inst.start && !(yield* this.#call(inst.start, [], label && 'the start function'))) return;
    const results = yield* this.#call(func, args, label);
    if (results && label) this.#owner.print('console', `${label}${resultsText(results)}\n`);
  }

  *#call(
    func: FuncInst,
    args: readonly Value[],
    label: string,
  ): Generator<Request, readonly Value[] | undefined, Thread['outcome']> {
    const outcome = yield { kind: 'call', func, args };
    if (outcome?.kind === 'done') return outcome.results;
    if (outcome?.kind !== 'trap') throw new WasmError({ phase: 'crash', message: 'no result', notes: [] });
    const mark: FaultMark = { label, fault: outcome.fault, cause: outcome.cause };
    yield { kind: 'mark', mark, keepFrames: true };
    return undefined;
  }
}
