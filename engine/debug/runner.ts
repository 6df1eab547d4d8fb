/**
 * Running under control: slices, breakpoints, and steps in, over and out, by instruction or within a range, of one
 * thread among several (exec/threads.ts).
 *
 * A step is a goal: after every stop of its thread the goal says whether this is it, or how to go on. Stepping over
 * a call and out of a function put a breakpoint behind the call and run; the frame's depth is its condition, so
 * recursion does not fool it, and an exception that would pass it by is followed to its handler. Stops inside a host
 * function's synchronous call ("pinned") come through the machine's hook and obey the same rules; `block` holds the host's
 * thread until the user goes on. Knows no wire and no lines.
 */

import { type Fault, usage } from '../base/errors.ts';
import { offsetBehindCall } from '../exec/call-sites.ts';
import type { WasmFrame } from '../exec/frame.ts';
import type { Machine } from '../exec/machine.ts';
import type { Outcome, PinnedHooks, Thrown } from '../exec/outcome.ts';
import type { CommandResult } from '../exec/script.ts';
import type { Thread, Threads, ThreadsOutcome } from '../exec/threads.ts';
import { Op } from '../isa/op.gen.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Value } from '../runtime/values.ts';
import { ProgramExit } from '../wasi/exit.ts';
import { beginsDetour, isInPassage } from './passages.ts';
import type { RunnerOwner } from './runner-owner.ts';
import type { WasiError } from './wasi-errors.ts';
import type { WireDataHit } from './wire.ts';

/** Where a thread stands: function and byte offset. */
export interface Here {
  readonly func: FuncInst;
  readonly offset: number;
}

export type StepKind = 'in' | 'over' | 'out';

/** Why the program stopped for the user, and which thread it is about. */
export type Stop = { readonly thread: Thread } & (
  | { readonly reason: 'entry' | 'step' | 'breakpoint' }
  /** Behind an access to what is watched, maybe in front of a breakpoint that stops, too. */
  | { readonly reason: 'data'; readonly data: readonly WireDataHit[]; readonly isBreakpoint: boolean }
  /** The user has put it there. */
  | { readonly reason: 'goto' | 'restart' }
  /** It never ran: it is a core dump. */
  | { readonly reason: 'dump' }
  /** `held`: the only thread that may run waits for others. */
  | { readonly reason: 'pause'; readonly held?: boolean }
  | { readonly reason: 'fault'; readonly fault: Fault; readonly cause?: unknown }
  | { readonly reason: 'throw'; readonly thrown: Thrown }
  /** A function of WASI has answered with an error. */
  | { readonly reason: 'wasi'; readonly error: WasiError }
  /** The program exits with a code that is not 0. */
  | { readonly reason: 'exit'; readonly code: number }
  | { readonly reason: 'deadlock'; readonly threads: readonly Thread[] }
  | { readonly reason: 'assertion'; readonly result: CommandResult }
);

/** What is executed next is a stop, for this reason. */
export interface EnterAs {
  readonly enterAs: Stop;
}

/** What came of a slice. */
export type Progress =
  | { readonly kind: 'running' }
  | { readonly kind: 'waiting'; readonly promise: Promise<void> }
  | { readonly kind: 'stopped'; readonly stop: Stop }
  | { readonly kind: 'over' };

/** A step in progress. */
interface Goal {
  readonly thread: Thread;
  how: StepKind;
  /** Frames when it began: a step over and a step within a range stay at this depth. */
  readonly depth: number;
  /** Where it began. */
  readonly begun?: FuncInst;
  /** Code that only makes a call possible is run through: this function in a frame that so many are around, and what it calls. */
  detour?: { readonly func: FuncInst; readonly depth: number };
  /** True while the step may go on at a place of the same frame. */
  within: ((here: Here) => boolean) | undefined;
  /** The call to step into: calls before it are stepped over. */
  into?: Here;
  /** What to say on arrival, when that is not the end of a step. */
  readonly stop?: Stop;
  /** A call is being run through: stop behind it, at this depth or above; or where its program goes on. */
  until?: { readonly func: FuncInst; readonly offset: number; readonly depth: number } | 'end';
}

/** Instructions between two looks at the clock; small enough for a pause to be prompt, also in slow code. */
const CHUNK = 200_000;
/** The clock is looked at once in so many times and one. */
const LOOKS = 15;
/** In compiled code many more, as long as they take less than this many milliseconds: every look leaves that code. */
const MOST = 10_000_000;
const QUICK = 5;
const SLOW = 20;

/** The number of the thread that calls which JavaScript makes on its own are shown as. */
const ASIDE_ID = 0xffff;

export class Runner {
  readonly #owner: RunnerOwner;
  readonly #threads: Threads;
  /** The thread that runs or is looked at. */
  #current: Thread;
  #aside: (Thread & { readonly machine: Machine }) | undefined;
  #goal: Goal | undefined;
  /** Offset of the breakpoint that `onBreak` stopped at. */
  #asked: number | undefined;
  /** Instructions until the next look at the clock. */
  #chunk = CHUNK;
  /** Until when it runs, by the clock, and how often that was looked at. */
  #deadline = Number.POSITIVE_INFINITY;
  #looks = 0;
  #isLate = false;
  /** The fault that was shown already inside a host call. */
  #shown: Fault | undefined;

  /** `main`: the thread that is looked at before anything runs. */
  constructor(threads: Threads, main: Thread, owner: RunnerOwner) {
    this.#owner = owner;
    this.#threads = threads;
    this.#current = main;
    // Before the pause that is wanted nothing is begun that takes long.
    const isAsked = () => owner.wantsPause() || owner.isAsked?.() === true;
    const isLate = () => {
      if ((++this.#looks & LOOKS) === 0 && Date.now() >= this.#deadline) this.#isLate = true;
      return this.#isLate;
    };
    threads.space.interrupts = { isAsked, isDue: () => isAsked() || isLate() };
  }

  /** A thread comes under control; before it runs. */
  adopt(thread: Thread): void {
    const { machine } = thread;
    machine.pinned = this.#hooks(thread);
    machine.onResult = (func, results) => this.#owner.stopsAtResult(func, results) !== undefined;
    machine.onBreak = () => this.#stopsAtBreak(thread);
    machine.onThrow = (thrown) =>
      this.#owner.stopsAtThrow(thread, thrown) || this.#passesUntil(thread, thrown);
  }

  /** The thread of the last stop. */
  get current(): Thread {
    return this.#current;
  }

  /** Every thread that has not ended, and a call of JavaScript's own while it runs. */
  get threads(): readonly Thread[] {
    const alive = this.#threads.all.filter(({ state }) => state !== 'ended');
    return this.#aside?.machine.active ? [...alive, this.#aside] : alive;
  }

  threadOf(id: number): Thread | undefined {
    return id === ASIDE_ID ? this.#aside : this.#threads.all.find((thread) => thread.id === id);
  }

  /** A thread by its number. Throws a usage fault if there is none. */
  threadAt(id: number): Thread {
    return this.threadOf(id) ?? usage(`there is no thread ${id}`);
  }

  /** The innermost Wasm instruction of the current thread, if there is one. */
  here(): WasmFrame | undefined {
    return hereOf(this.#current);
  }

  /** Goes to the first instruction; false if there is none, because the host is called first. */
  enter(): boolean {
    for (;;) {
      const outcome = this.#threads.step(this.#current);
      // What is a stop at the first instruction anyway is passed.
      const told = outcome.kind === 'mark' && this.#owner.marked(outcome.thread, outcome.mark);
      if (told === 'pass' || (typeof told === 'object' && 'enterAs' in told)) continue;
      return this.here() !== undefined;
    }
  }

  /** The user lets it run; `only` this thread. */
  resume(only?: Thread): void {
    this.#dropGoal();
    this.#goOn(only);
  }

  /** Nobody waits for the end of a step any more; all threads may run. */
  abandon(): void {
    this.#dropGoal();
    this.#threads.only = undefined;
  }

  /**
   * The user steps a thread, alone if `alone`. `within` says at which places of the frame the step goes on; `into` is the one
   * call that a step in is meant for.
   */
  step(
    thread: Thread,
    how: StepKind,
    within?: (here: Here) => boolean,
    alone = false,
    into: Here | undefined = undefined,
  ): void {
    this.#dropGoal();
    this.#goOn(alone ? thread : undefined);
    this.#current = thread;
    // From a throw every step goes to its handler.
    const raising = thread.machine.raising;
    this.#goal = {
      thread,
      how: raising ? 'in' : into ? 'over' : how,
      depth: depthOf(thread),
      begun: this.here()?.func,
      within: raising ? undefined : within,
      into: raising ? undefined : into,
    };
    this.#reachCall(this.#goal, this.here());
    if (this.#goal.how === 'out') this.#runBehindCaller(this.#goal, 0);
  }

  /** Runs for about `milliseconds`, or less. */
  advance(milliseconds: number): Progress {
    const deadline = Date.now() + milliseconds;
    this.#deadline = deadline;
    this.#isLate = false;
    try {
      for (;;) {
        const progress = this.#judge(this.#go());
        if (progress) return progress;
        if (Date.now() >= deadline || this.#owner.isAsked?.()) return { kind: 'running' };
      }
    } finally {
      this.#deadline = Number.POSITIVE_INFINITY;
      this.#isLate = false;
    }
  }

  /** A stop while a host function's promise is awaited. */
  pauseWhileWaiting(): Stop {
    this.#dropGoal();
    const { all } = this.#threads;
    const thread = all.find(({ state }) => state === 'host') ?? this.#current;
    this.#current = thread;
    return { thread, reason: 'pause' };
  }

  /**
   * Calls a function for JavaScript that runs outside of any host call (after an `await`, in a timer): on a machine of
   * its own, at once. Throws what ends the call.
   */
  callAside(func: FuncInst, args: readonly Value[], fail: (fault: Fault) => Error): Value[] {
    const before = this.#current;
    const aside = this.#aside ?? this.#makeAside();
    const { machine } = aside;
    if (machine.active)
      throw fail({ phase: 'usage', message: 'a call of an export is running already', notes: [] });
    const goal = this.#goal;
    this.#goal = undefined;
    this.#current = aside;
    let told = false;
    try {
      machine.begin(func, args);
      for (let step = false; ; ) {
        const begun = Date.now();
        const chunk = this.#chunk;
        const outcome: Outcome = step ? machine.step() : told ? machine.resume(chunk) : machine.run(chunk);
        this.#adapt(begun, outcome.kind === 'paused');
        told = outcome.kind !== 'paused';
        if (outcome.kind === 'done') return outcome.results;
        if (outcome.kind === 'host') {
          throw fail({ phase: 'usage', message: 'an async import cannot be waited for here', notes: [] });
        }
        if (outcome.kind === 'paused') this.#owner.poll();
        step = this.#decide(aside, outcome) === 'step';
        if (outcome.kind === 'trap') throw fail(outcome.fault);
      }
    } finally {
      machine.reset();
      this.#current = before;
      this.#goal = goal;
    }
  }

  /** Ends a thread, whatever it does. */
  end(thread: Thread): void {
    if (this.#goal?.thread === thread) this.#dropGoal();
    this.#threads.remove(thread);
    if (this.#current === thread) this.#current = this.#threads.all[0];
  }

  /** A thread's machine was put somewhere else: it is what the user looks at, and it can go on there. */
  moved(thread: Thread): void {
    this.#dropGoal();
    this.#threads.moved(thread);
    this.#current = thread;
    this.#shown = undefined;
  }

  #goOn(only: Thread | undefined): void {
    this.#threads.only = only?.id === ASIDE_ID ? undefined : only;
    this.#threads.see(this.#current);
  }

  /** Forgets breakpoints of the goal's own. */
  #dropGoal(): void {
    this.#clearUntil();
    this.#goal = undefined;
  }

  #go(): ThreadsOutcome {
    const goal = this.#goal;
    if (!goal || !isStepping(goal)) return this.#resume();
    return this.#threads.step(goal.thread, CHUNK);
  }

  #resume(): ThreadsOutcome {
    const begun = Date.now();
    const outcome = this.#threads.resume(this.#chunk);
    this.#adapt(begun, outcome.kind === 'paused');
    return outcome;
  }

  /** Runs longer or shorter until the next look at the clock, as the last run shows how fast the code is. */
  #adapt(begun: number, isSpent: boolean): void {
    const elapsed = Date.now() - begun;
    if (elapsed > SLOW) this.#chunk = Math.max(CHUNK, this.#chunk >> 2);
    else if (elapsed < QUICK && isSpent) this.#chunk = Math.min(MOST, this.#chunk * 2);
  }

  /** Undefined: go on. */
  #judge(outcome: ThreadsOutcome): Progress | undefined {
    switch (outcome.kind) {
      case 'paused':
        return stopped(this.#stopAt(outcome.thread, outcome));
      case 'stopped':
        return stopped(this.#stopAt(outcome.thread, outcome.outcome));
      case 'mark':
        return this.#judgeMark(outcome.thread, outcome.mark);
      case 'ended':
        if (this.#goal?.thread === outcome.thread) this.#dropGoal();
        if (this.#threads.only === outcome.thread) this.#threads.only = undefined;
        return this.#owner.ended(outcome.thread) ? { kind: 'over' } : undefined;
      case 'host':
        return { kind: 'waiting', promise: outcome.promise };
      case 'held':
        return stopped(this.#stopFor({ thread: outcome.thread, reason: 'pause', held: true }));
      case 'deadlock': {
        const { threads } = outcome;
        const thread = threads.includes(this.#current) ? this.#current : threads[0];
        return stopped(this.#stopFor({ thread, reason: 'deadlock', threads }));
      }
      case 'idle':
        return { kind: 'over' };
      case 'sleep':
        // Time is a number here (`virtualClock`), which moves on by itself.
        throw new Error('everybody sleeps');
    }
  }

  /** Whether a thread, at a place between instructions, is to stop for the user. */
  #stopAt(thread: Thread, outcome: Outcome): Stop | undefined {
    if (outcome.kind === 'throw') return this.#stopAtThrow(thread, outcome);
    if (outcome.kind === 'breakpoint' && thread.machine.calling) return this.#stopAtCall(thread);
    const here = hereOf(thread);
    const reached = here !== undefined && outcome.kind !== 'paused' && this.#owner.isBreakpoint(here);
    const asked = outcome.kind === 'breakpoint' && outcome.asked === true && this.#asked === here?.offset;
    this.#asked = undefined;
    const stops = asked || (reached && this.#owner.reaches(here));
    const error = outcome.kind === 'result' && this.#owner.stopsAtResult(outcome.func, outcome.results);
    if (error) return this.#stopFor({ thread, reason: 'wasi', error });
    const data = outcome.kind === 'watch' ? this.#owner.touched(outcome.hits, here) : [];
    if (data.length > 0) return this.#stopFor({ thread, reason: 'data', data, isBreakpoint: stops });
    if (stops) return this.#stopFor({ thread, reason: 'breakpoint' });
    if (this.#goal?.thread === thread && outcome.kind !== 'paused') {
      const { stop = { thread, reason: 'step' } } = this.#goal;
      if (this.#arrived(this.#goal, here)) return this.#stopFor(stop);
    }
    return this.#owner.wantsPause() ? this.#stopFor({ thread, reason: 'pause' }) : undefined;
  }

  /** At a breakpoint, with its frame alone in sight: counts it. Whatever needs more than that frame stops. */
  #stopsAtBreak(thread: Thread): boolean {
    const here = hereOf(thread);
    if (!here || this.#goal || !this.#owner.isBreakpoint(here) || this.#owner.wantsPause()) return true;
    // It is counted when its frames are looked at outside of compiled code.
    if (this.#threads.space.interrupts.isDue()) return true;
    if (!this.#owner.reaches(here)) return false;
    this.#asked = here.offset;
    return true;
  }

  /** In front of a host function's call. */
  #stopAtCall(thread: Thread): Stop | undefined {
    const { machine } = thread;
    const [{ func }] = machine.frames(0, 1);
    if (this.#owner.reachesCall(func, machine.calling!))
      return this.#stopFor({ thread, reason: 'breakpoint' });
    return this.#owner.wantsPause() ? this.#stopFor({ thread, reason: 'pause' }) : undefined;
  }

  #stopAtThrow(thread: Thread, thrown: Thrown): Stop | undefined {
    if (this.#owner.stopsAtThrow(thread, thrown)) return this.#stopFor({ thread, reason: 'throw', thrown });
    // A step over or out that the exception ends: its next instruction is the handler's first.
    this.#clearUntil();
    if (this.#goal) Object.assign(this.#goal, { how: 'over', within: undefined });
    return undefined;
  }

  #judgeMark(thread: Thread, mark: unknown): Progress | undefined {
    const told = this.#owner.marked(thread, mark);
    if (told === 'over') return { kind: 'over' };
    if (told === 'pass') return undefined;
    if (told === 'enter' || (typeof told === 'object' && 'enterAs' in told)) {
      this.#dropGoal();
      const stop: Stop = told === 'enter' ? { thread, reason: 'entry' } : told.enterAs;
      this.#goal = { thread, how: 'in', depth: 0, within: undefined, stop };
      return undefined;
    }
    return stopped(typeof told === 'object' ? this.#stopFor(told) : this.#stopAtPlace(thread));
  }

  /** Whether to stop at a place of a thread's program, which ends steps of what is before it. */
  #stopAtPlace(thread: Thread): Stop | undefined {
    const goal = this.#goal?.thread === thread ? this.#goal : undefined;
    // Out of a program's own place is to its end.
    if (goal && !(goal.how === 'out' && goal.depth === 0)) return this.#stopFor({ thread, reason: 'step' });
    return this.#owner.wantsPause() ? this.#stopFor({ thread, reason: 'pause' }) : undefined;
  }

  #stopFor(stop: Stop): Stop {
    this.#dropGoal();
    stop.thread.machine.rewind?.renew();
    this.#current = stop.thread;
    return stop;
  }

  /** Whether a step ends here; if not, the goal is set for going on. */
  #arrived(goal: Goal, here: Here | undefined): boolean {
    const { depth } = goal.thread.machine;
    if (goal.until) {
      const { until } = goal;
      if (until === 'end') return false;
      if (here?.offset !== until.offset || here.func !== until.func || depth > until.depth) return false;
      this.#clearUntil();
      if (goal.how === 'out') return true;
    }
    const { detour } = goal;
    if (detour && (depth > detour.depth || (depth === detour.depth && here?.func === detour.func)))
      return false;
    goal.detour = undefined;
    if (isInPassage(goal.thread.machine)) return false;
    if (!here) return true;
    if (goal.how !== 'out' && this.#owner.isHidden(here.func)) return false;
    const isBegun = depth === goal.depth && here.func === goal.begun;
    if (!isBegun && beginsDetour(goal.thread.machine)) {
      goal.detour = { func: here.func, depth };
      return false;
    }
    if (depth === goal.depth && this.#reachCall(goal, here)) return false;
    if (depth > goal.depth) {
      if (goal.how === 'in') return true;
      this.#runBehindCaller(goal, depth - goal.depth - 1);
      return false;
    }
    // An `else` ends the branch before it: in the text it is no place where anything happens.
    if (here.func.inst?.module.bytes[here.offset] === Op.else) return false;
    return depth < goal.depth || !goal.within?.(here);
  }

  /** At the call that a step is to go into, it becomes a step of one instruction. */
  #reachCall(goal: Goal, here: Here | undefined): boolean {
    const { into } = goal;
    if (!into || here?.offset !== into.offset || here.func !== into.func) return false;
    Object.assign(goal, { how: 'in', into: undefined, within: undefined });
    return true;
  }

  /** Runs until the next Wasm frame outside of frame `level` goes on behind its call. None: until the end. */
  #runBehindCaller(goal: Goal, level: number): void {
    const { machine } = goal.thread;
    const total = machine.depth;
    for (let i = level + 1; i < total; i++) {
      const [frame] = machine.frames(i, 1);
      if (frame?.kind !== 'wasm') continue;
      const offset = offsetBehindCall(machine.space, machine.codeOf(frame.func), frame.offset);
      machine.setBreakpoint(frame.func, offset);
      goal.until = { func: frame.func, offset, depth: total - i };
      return;
    }
    goal.until = 'end';
  }

  /** Whether a step waits behind a call that an exception leaves in another way. */
  #passesUntil(thread: Thread, { caught }: Thrown): boolean {
    const goal = this.#goal;
    if (goal?.thread !== thread || !caught || !goal.until || goal.until === 'end') return false;
    return thread.machine.depth - caught.level <= goal.until.depth;
  }

  #clearUntil(): void {
    const { until, thread } = this.#goal ?? {};
    if (!until || !this.#goal) return;
    this.#goal.until = undefined;
    if (until !== 'end' && !this.#owner.isBreakpoint(until))
      thread!.machine.clearBreakpoint(until.func, until.offset);
  }

  #hooks(thread: Thread): PinnedHooks {
    return {
      onStop: (outcome) => {
        const before = this.#current;
        this.#current = thread;
        const answer = this.#decide(thread, outcome);
        this.#current = before;
        return answer;
      },
      onSlice: () => {
        this.#owner.poll();
        return this.#owner.wantsPause();
      },
    };
  }

  /** A stop with JavaScript below on the host's stack: blocks if the user is to see it, and says how to go on. */
  #decide(thread: Thread, outcome: Outcome): 'run' | 'step' {
    const stop = this.#pinnedStop(thread, outcome);
    if (stop) {
      const { block } = this.#owner;
      if (block) block(stop);
      else if (stop.reason !== 'fault' && stop.reason !== 'throw') this.#defer(stop);
    }
    const goal = this.#goal;
    return goal?.thread === thread && isStepping(goal) ? 'step' : 'run';
  }

  #pinnedStop(thread: Thread, outcome: Outcome): Stop | undefined {
    if (outcome.kind !== 'trap') return this.#stopAt(thread, outcome);
    this.#dropGoal();
    const { fault, cause } = outcome;
    if (cause instanceof ProgramExit || this.#shown === fault) return undefined;
    if (!this.#owner.stopsAtTrap(fault)) return undefined;
    this.#shown = fault;
    return { thread, reason: 'fault', fault, cause };
  }

  /** True for a fault that the user has seen inside of a host call. */
  wasShown(fault: Fault): boolean {
    return this.#shown === fault;
  }

  /** Stops behind the outermost host call instead. */
  #defer(stop: Stop): void {
    this.#owner.deferred();
    const { thread } = stop;
    const host = thread.machine.frames().findLastIndex((frame) => frame.kind === 'host');
    if (host < 0) return;
    this.#goal = { thread, how: 'out', depth: thread.machine.depth, within: undefined, stop };
    this.#runBehindCaller(this.#goal, host);
  }

  #makeAside(): Thread {
    const thread: Thread = {
      id: ASIDE_ID,
      name: 'call from JavaScript',
      machine: this.#threads.machineApart(),
      state: 'ready',
      outcome: undefined,
      waitsAt: undefined,
      joins: undefined,
      marked: undefined,
    };
    this.adopt(thread);
    this.#aside = thread;
    return thread;
  }
}

/** The innermost Wasm instruction of a thread that is in a call. */
function hereOf({ machine, marked }: Thread): WasmFrame | undefined {
  if (marked) return undefined;
  const [first] = machine.frames(0, 1);
  if (first?.kind === 'wasm') return first;
  const [, second] = machine.frames(0, 2);
  return second?.kind === 'wasm' ? second : undefined;
}

/** At a mark of its program a thread is in no call, also while the frames of one that ended are there. */
function depthOf({ machine, marked }: Thread): number {
  return marked ? 0 : machine.depth;
}

function isStepping(goal: Goal): boolean {
  return !goal.until && goal.how !== 'out';
}

function stopped(stop: Stop | undefined): Progress | undefined {
  return stop && { kind: 'stopped', stop };
}
