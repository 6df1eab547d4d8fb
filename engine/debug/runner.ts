/**
 * Running under control: slices, breakpoints, and steps in, over and out, by instruction or within a range.
 *
 * A step is a goal: after every stop of the machine the goal says whether this is it, or how to go on. Stepping over
 * a call and out of a function put a breakpoint behind the call and run; the frame's depth is its condition, so
 * recursion does not fool it. Stops inside a host function's synchronous call ("pinned") come through the machine's
 * hook and obey the same rules; `block` holds the thread until the user goes on. Knows no wire and no lines.
 */

import type { Fault } from '../base/errors.ts';
import type { WasmFrame } from '../exec/frame.ts';
import { Machine, type Outcome, type PinnedHooks } from '../exec/machine.ts';
import { Op } from '../isa/op.gen.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Value } from '../runtime/values.ts';

/** Where the machine stands: function and byte offset. */
export interface Here {
  readonly func: FuncInst;
  readonly offset: number;
}

export type StepKind = 'in' | 'over' | 'out';

/** Why the machine stopped for the user. */
export type Stop =
  | { readonly reason: 'entry' | 'step' | 'pause' }
  | { readonly reason: 'breakpoint'; readonly offset: number }
  | { readonly reason: 'exception'; readonly fault: Fault; readonly cause?: unknown };

/** What came of a slice. */
export type Progress =
  | { readonly kind: 'running' }
  | { readonly kind: 'waiting'; readonly promise: Promise<void> }
  | { readonly kind: 'stopped'; readonly stop: Stop }
  | { readonly kind: 'done'; readonly results: readonly Value[] }
  | { readonly kind: 'failed'; readonly fault: Fault; readonly cause?: unknown };

/** A step in progress. */
interface Goal {
  readonly how: StepKind;
  /** Frames when it began: a step over and a step within a range stay at this depth. */
  readonly depth: number;
  /** True while the step may go on at a place of the same frame. */
  readonly within: ((here: Here) => boolean) | undefined;
  /** What to say on arrival, when that is not the end of a step. */
  readonly stop?: Stop;
  /** A call is being run through: stop behind it, at this depth or above. */
  until?: { readonly func: FuncInst; readonly offset: number; readonly depth: number };
}

/** What the runner asks of the debugger around it. */
export interface RunnerOwner {
  /** True when there is a breakpoint of the user's at this offset, whatever its condition. */
  isBreakpoint(offset: number): boolean;
  /** A breakpoint of the user's is reached: counts it, and says whether it stops the program. */
  reaches(frame: WasmFrame): boolean;
  /** The user wants the program to pause. */
  wantsPause(): boolean;
  /** Traps stop for inspection; else they end the program at once. */
  stopsOnTraps(): boolean;
  /** Blocks at a stop inside a host call until the user goes on. Undefined: the host cannot block. */
  readonly block: ((stop: Stop) => void) | undefined;
  /** Serves what arrived, without waiting, from inside a host call. */
  poll(): void;
  /** A stop inside a host call cannot be shown: it is taken when the call returns. */
  deferred(): void;
}

/** Between two looks at the clock; small enough for a pause to be prompt, also in slow code. */
const CHUNK = 200_000;

export class Runner {
  readonly #owner: RunnerOwner;
  readonly #main: Machine;
  /** The machine that runs or is looked at: the main one, or one for calls that JavaScript makes on its own. */
  #machine: Machine;
  #aside: Machine | undefined;
  #goal: Goal | undefined;
  /** The user has seen the place where the machine stands: its breakpoint is not to stop it again. */
  #seen = false;
  /** The fault that was shown already inside a host call. */
  #shown: Fault | undefined;

  constructor(main: Machine, owner: RunnerOwner) {
    this.#owner = owner;
    this.#main = main;
    this.#machine = main;
    main.pinned = this.#hooks(main);
  }

  get machine(): Machine {
    return this.#machine;
  }

  /** The innermost Wasm instruction, if there is one. */
  here(): WasmFrame | undefined {
    const [first] = this.#machine.frames(0, 1);
    if (first?.kind === 'wasm') return first;
    const [, second] = this.#machine.frames(0, 2);
    return second?.kind === 'wasm' ? second : undefined;
  }

  begin(func: FuncInst, args: readonly Value[]): void {
    this.#dropGoal();
    this.#main.begin(func, args);
    this.#seen = false;
    this.#shown = undefined;
  }

  /** The user lets it run. */
  resume(): void {
    this.#dropGoal();
    this.#seen = true;
  }

  /** The user steps. `within` says at which places of the frame the step goes on. */
  step(how: StepKind, within?: (here: Here) => boolean): void {
    this.#dropGoal();
    this.#seen = true;
    this.#goal = { how, depth: this.#machine.depth, within };
    if (how === 'out') this.#runBehindCaller(this.#goal, 0);
  }

  /** Runs for about `milliseconds`, or less. */
  advance(milliseconds: number): Progress {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const outcome = this.#go(CHUNK);
      const progress = this.#judge(outcome);
      if (progress) return progress;
      if (Date.now() >= deadline) return { kind: 'running' };
    }
  }

  /** A stop while a host function's promise is awaited. */
  pauseWhileWaiting(): Stop {
    this.#dropGoal();
    return { reason: 'pause' };
  }

  /**
   * Calls a function for JavaScript that runs outside of any host call (after an `await`, in a timer): on a machine of
   * its own, at once. Throws what ends the call.
   */
  callAside(func: FuncInst, args: readonly Value[], fail: (fault: Fault) => Error): Value[] {
    const before = this.#machine;
    const machine = this.#aside ?? this.#makeAside();
    if (machine.active)
      throw fail({ phase: 'usage', message: 'a call of an export is running already', notes: [] });
    const goal = this.#goal;
    const seen = this.#seen;
    this.#goal = undefined;
    this.#seen = false;
    this.#machine = machine;
    try {
      machine.begin(func, args);
      for (let step = false; ; ) {
        const outcome: Outcome = step
          ? machine.step()
          : this.#seen
            ? machine.resume(CHUNK)
            : machine.run(CHUNK);
        if (outcome.kind === 'done') return outcome.results;
        if (outcome.kind === 'host') {
          throw fail({ phase: 'usage', message: 'an async import cannot be waited for here', notes: [] });
        }
        if (outcome.kind === 'paused') this.#owner.poll();
        step = this.#decide(outcome) === 'step';
        if (outcome.kind === 'trap') throw fail(outcome.fault);
      }
    } finally {
      machine.reset();
      this.#machine = before;
      this.#goal = goal;
      this.#seen = seen;
    }
  }

  /** Forgets breakpoints of the goal's own. */
  #dropGoal(): void {
    this.#clearUntil();
    this.#goal = undefined;
  }

  #go(budget: number): Outcome {
    const goal = this.#goal;
    if (goal && !goal.until && goal.how !== 'out') return this.#machine.step();
    if (!this.#seen) return this.#machine.run(budget);
    this.#seen = false;
    return this.#machine.resume(budget);
  }

  /** Undefined: go on. */
  #judge(outcome: Outcome): Progress | undefined {
    switch (outcome.kind) {
      case 'done':
        this.#dropGoal();
        return { kind: 'done', results: outcome.results };
      case 'host':
        return { kind: 'waiting', promise: outcome.promise };
      case 'trap': {
        this.#dropGoal();
        const { fault, cause } = outcome;
        if (!this.#owner.stopsOnTraps() || this.#shown === fault) return { kind: 'failed', fault, cause };
        this.#shown = fault;
        return { kind: 'stopped', stop: { reason: 'exception', fault, cause } };
      }
      default: {
        const stop = this.#stopAt(outcome);
        return stop && { kind: 'stopped', stop };
      }
    }
  }

  /** Whether the machine, at a place between instructions, is to stop for the user. */
  #stopAt(outcome: Outcome): Stop | undefined {
    const here = this.here();
    const reached = here !== undefined && outcome.kind !== 'paused' && this.#owner.isBreakpoint(here.offset);
    if (reached && this.#owner.reaches(here)) {
      this.#dropGoal();
      return { reason: 'breakpoint', offset: here.offset };
    }
    if (this.#goal && outcome.kind !== 'paused') {
      const { stop = { reason: 'step' } } = this.#goal;
      if (this.#arrived(this.#goal, here)) {
        this.#dropGoal();
        return stop;
      }
    }
    if (this.#owner.wantsPause()) {
      this.#dropGoal();
      return { reason: 'pause' };
    }
    // A breakpoint that did not stop it must be passed, and not be counted again.
    this.#seen = reached || outcome.kind === 'breakpoint';
    return undefined;
  }

  /** Whether a step ends here; if not, the goal is set for going on. */
  #arrived(goal: Goal, here: Here | undefined): boolean {
    const { depth } = this.#machine;
    if (goal.until) {
      const { until } = goal;
      if (here?.offset !== until.offset || depth > until.depth) return false;
      this.#clearUntil();
      if (goal.how === 'out') return true;
    }
    if (!here) return true;
    if (depth > goal.depth) {
      if (goal.how === 'in') return true;
      this.#runBehindCaller(goal, depth - goal.depth - 1);
      return false;
    }
    // An `else` ends the branch before it: in the text it is no place where anything happens.
    if (here.func.inst?.module.bytes[here.offset] === Op.else) return false;
    return depth < goal.depth || !goal.within?.(here);
  }

  /** Runs until the next Wasm frame outside of frame `level` goes on behind its call. None: until the end. */
  #runBehindCaller(goal: Goal, level: number): void {
    const machine = this.#machine;
    const total = machine.depth;
    for (let i = level + 1; i < total; i++) {
      const [frame] = machine.frames(i, 1);
      if (frame?.kind !== 'wasm') continue;
      const { offsets } = machine.codeOf(frame.func);
      const offset = offsets[offsets.indexOf(frame.offset) + 1];
      machine.setBreakpoint(frame.func, offset);
      goal.until = { func: frame.func, offset, depth: total - i };
      return;
    }
  }

  #clearUntil(): void {
    const until = this.#goal?.until;
    if (!until || !this.#goal) return;
    this.#goal.until = undefined;
    if (!this.#owner.isBreakpoint(until.offset)) this.#machine.clearBreakpoint(until.func, until.offset);
  }

  #hooks(machine: Machine): PinnedHooks {
    return {
      onStop: (outcome) => {
        const before = this.#machine;
        this.#machine = machine;
        const answer = this.#decide(outcome);
        this.#machine = before;
        return answer;
      },
      onSlice: () => {
        this.#owner.poll();
        return this.#owner.wantsPause();
      },
    };
  }

  /** A stop with JavaScript below on the host's stack: blocks if the user is to see it, and says how to go on. */
  #decide(outcome: Outcome): 'run' | 'step' {
    const stop = this.#pinnedStop(outcome);
    if (stop) {
      const { block } = this.#owner;
      if (block) block(stop);
      else if (stop.reason !== 'exception') this.#defer(stop);
    }
    const goal = this.#goal;
    return goal && !goal.until && goal.how !== 'out' ? 'step' : 'run';
  }

  #pinnedStop(outcome: Outcome): Stop | undefined {
    if (outcome.kind !== 'trap') return this.#stopAt(outcome);
    this.#dropGoal();
    if (!this.#owner.stopsOnTraps() || this.#shown === outcome.fault) return undefined;
    this.#shown = outcome.fault;
    return { reason: 'exception', fault: outcome.fault, cause: outcome.cause };
  }

  /** Stops behind the outermost host call instead. */
  #defer(stop: Stop): void {
    this.#owner.deferred();
    const frames = this.#machine.frames();
    const host = frames.findLastIndex((frame) => frame.kind === 'host');
    if (host < 0) return;
    this.#goal = { how: 'out', depth: this.#machine.depth, within: undefined, stop };
    this.#runBehindCaller(this.#goal, host);
  }

  #makeAside(): Machine {
    this.#aside = new Machine(this.#main.store, { space: this.#main.space });
    this.#aside.pinned = this.#hooks(this.#aside);
    return this.#aside;
  }
}
