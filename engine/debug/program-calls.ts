/**
 * Calls of the program's functions that a user asks for while the program is stopped: `!$f(1, 2)`.
 *
 * Each runs as an activation of its own, on a machine and in code of its own, so no breakpoint is hit and the stopped
 * threads stay where they are; memories, tables and globals are the program's. A call ends with its results, a trap, when
 * the user cancels it, or when it has used up its budget.
 */

import { usage, WasmError } from '../base/errors.ts';
import { Machine, type Outcome } from '../exec/machine.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import { ProgramExit } from '../wasi/exit.ts';

/** Instructions of one call: several seconds. */
const BUDGET = 1_000_000_000;
/** Between two looks at what the user wants. */
const SLICE = 1_000_000;

export class ProgramCalls {
  readonly #store: Store;
  #machine: Machine | undefined;
  #running = false;
  #cancelled = false;
  #wake: (() => void) | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Ends the call that runs, if one does. */
  cancel(): void {
    this.#cancelled = this.#running;
    this.#wake?.();
  }

  /**
   * Calls a function, giving the event loop back by `served` in between. Throws a usage fault that says how the call
   * ended, if not with its results.
   */
  async call(
    func: FuncInst,
    args: readonly Value[],
    name: string,
    served: () => Promise<void>,
  ): Promise<Value[]> {
    const machine = this.#begin(func, args);
    try {
      for (let spent = 0; ; spent += SLICE) {
        const outcome = machine.run(SLICE);
        if (outcome.kind === 'done') return outcome.results;
        if (outcome.kind === 'host') await Promise.race([outcome.promise, this.#cancellation()]);
        else this.#mustGoOn(outcome, spent);
        await served();
        if (this.#cancelled) throw CANCELLED;
      }
    } catch (error) {
      throw failed(name, error);
    } finally {
      this.#end(machine);
    }
  }

  /** As `call`, where the thread is blocked: a host function cannot be waited for. */
  callSync(func: FuncInst, args: readonly Value[], name: string, serve: () => void): Value[] {
    const machine = this.#begin(func, args);
    try {
      for (let spent = 0; ; spent += SLICE) {
        const outcome = machine.run(SLICE);
        if (outcome.kind === 'done') return outcome.results;
        if (outcome.kind === 'host') usage('it waits for the host, which waits for the program');
        this.#mustGoOn(outcome, spent);
        serve();
        if (this.#cancelled) throw CANCELLED;
      }
    } catch (error) {
      throw failed(name, error);
    } finally {
      this.#end(machine);
    }
  }

  #begin(func: FuncInst, args: readonly Value[]): Machine {
    if (this.#running) usage('another call is running');
    this.#machine ??= new Machine(this.#store);
    this.#machine.pinned = {
      onStop: () => {
        throw CANCELLED;
      },
      onSlice: () => this.#cancelled,
    };
    this.#machine.begin(func, args);
    this.#running = true;
    this.#cancelled = false;
    return this.#machine;
  }

  #end(machine: Machine): void {
    machine.reset();
    this.#running = false;
  }

  #mustGoOn(outcome: Outcome, spent: number): void {
    if (outcome.kind === 'trap')
      throw outcome.cause instanceof WasmError ? outcome.cause : new WasmError(outcome.fault);
    if (outcome.kind !== 'paused') usage(`the call came to a ${outcome.kind}`);
    if (spent >= BUDGET) usage(`stopped after ${BUDGET.toLocaleString('en')} instructions`);
  }

  #cancellation(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const CANCELLED = new WasmError({ phase: 'usage', message: 'cancelled', notes: [] });

/** How a call ended, with what explains it. */
function failed(name: string, error: unknown): unknown {
  if (!(error instanceof WasmError)) return error;
  const text =
    error instanceof ProgramExit
      ? `the program would exit with code ${error.code}`
      : [error.message, ...error.fault.notes.map(({ message }) => message)].join(': ');
  return new WasmError({ phase: 'usage', message: `${name}: ${text}`, notes: [] });
}
