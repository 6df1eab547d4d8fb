/**
 * Threads as coroutines: several machines over one store and one code space, of which one runs at a time (threads
 * proposal; design, section 4, rule 11).
 *
 * Who runs is decided by instruction counts alone: a thread has its turn until it has executed `quantum` instructions and
 * comes to a place where budgets are looked at, or until it waits or ends; then the next one that can run has its turn.
 * So a run is repeatable, and stops (slices, breakpoints, steps) do not change it. Time is a clock that is given;
 * without one it is a number that moves on when everybody sleeps. Knows no debugger and no host API: thread ids, names and
 * who may create threads are their callers'.
 *
 * A thread executes a program, which asks for one thing after the other: calls of functions, the end of other
 * threads, and to be looked at between them ("marks"). A program of one call is what `spawn` makes.
 */

import { usage } from '../base/errors.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import type { Wait } from '../runtime/wait.ts';
import { CodeSpace } from './code.ts';
import { Machine, type MachineOptions, type Outcome } from './machine.ts';

/** Time in nanoseconds, ascending. */
export interface Clock {
  now(): bigint;
  /** Everybody sleeps until then: moves on to it. A clock that has not got it makes `run` come back with `sleep`. */
  advanceTo?(time: bigint): void;
}

/** Time that passes only while everybody sleeps. */
export function virtualClock(): Clock {
  let now = 0n;
  return {
    now: () => now,
    advanceTo: (time) => {
      if (time > now) now = time;
    },
  };
}

export interface ThreadsOptions extends Omit<MachineOptions, 'space' | 'threads'> {
  readonly space?: CodeSpace;
  readonly clock?: Clock;
  /** Instructions of a turn. */
  readonly quantum?: number;
  /** Hears of every thread that is made, before it runs. */
  readonly started?: (thread: Thread) => void;
}

/** What a program asks for; a call is answered with how it ended, `done` or `trap`. One that cannot begin throws there. */
export type Request =
  | { readonly kind: 'call'; readonly func: FuncInst; readonly args: readonly Value[] }
  | { readonly kind: 'join'; readonly thread: Thread }
  /**
   * Nothing but to stop here: `run` comes back with `mark`, and what it runs next goes on. The frames of a call that ended
   * stay readable if they are to be kept. It is answered with the outcome of that call: another one than before if a debugger
   * has let the call go on.
   */
  | { readonly kind: 'mark'; readonly mark: unknown; readonly keepFrames: boolean };

export type Program = Generator<Request, void, Outcome | undefined>;

/** `ready` can run; the others do something else than running. */
export type ThreadState = 'ready' | 'waiting' | 'host' | 'joining' | 'ended';

export interface Thread {
  /** Counted from 1 in the order in which threads were made. */
  readonly id: number;
  readonly name: string;
  /** Its frames and counts. Run it only through its `Threads`. */
  readonly machine: Machine;
  readonly state: ThreadState;
  /** How its last call ended. */
  readonly outcome: Outcome | undefined;
  /** The address at which it waits for a notification. */
  readonly waitsAt: number | undefined;
  /** The thread for whose end it waits. */
  readonly joins: Thread | undefined;
  /** Set while it stands at a mark of its program. */
  readonly marked: object | undefined;
}

/** Why `run`, `resume` or `step` came back. */
export type ThreadsOutcome =
  /** The budget is used up. */
  | { readonly kind: 'paused'; readonly thread: Thread }
  /** A breakpoint, a throw that was asked for, or the end of a step. */
  | { readonly kind: 'stopped'; readonly thread: Thread; readonly outcome: Outcome }
  /** A thread's program asked to be looked at. */
  | { readonly kind: 'mark'; readonly thread: Thread; readonly mark: unknown }
  /** A thread came to the end of its program; `outcome` of the thread says how. */
  | { readonly kind: 'ended'; readonly thread: Thread }
  /** Nobody can run before a promise of the host settles (one that never rejects), or before `until`. */
  | { readonly kind: 'host'; readonly promise: Promise<void>; readonly until: bigint | undefined }
  /** Everybody sleeps until then, by the clock. */
  | { readonly kind: 'sleep'; readonly until: bigint }
  /** Nobody will ever run again: these threads wait for each other. */
  | { readonly kind: 'deadlock'; readonly threads: readonly Thread[] }
  /** The one thread that may run (`only`) waits for others. */
  | { readonly kind: 'held'; readonly thread: Thread }
  /** There is no thread that has not ended. */
  | { readonly kind: 'idle' };

/** As many as the machine executes between two entries of its loop: with 10,000, one thread ran 12 % slower than a machine alone. */
const QUANTUM = 50_000;
/** So many times as long is a turn that begins while nobody else can run: leaving compiled code takes time. */
const ALONE = 100;

interface Member extends Thread {
  state: ThreadState;
  outcome: Outcome | undefined;
  readonly program: Program;
  started: boolean;
  /** While `waiting`, and when the time is over: undefined for never. */
  wait: Wait | undefined;
  wakeAt: bigint | undefined;
  /** While `host`. */
  promise: Promise<void> | undefined;
  /** While `joining`. */
  joins: Thread | undefined;
  /** Its program asked to be looked at, and was not run since. */
  marked: { readonly mark: unknown; told: boolean } | undefined;
  /** Its stop here was told: `resume` passes over it. */
  seen: boolean;
  /** Where its turn ends, in what its machine has counted; undefined outside of its turn. */
  turnEnds: number | undefined;
}

export class Threads {
  readonly store: Store;
  readonly space: CodeSpace;
  /** Set: nobody else runs. */
  only: Thread | undefined;
  private readonly options: ThreadsOptions;
  private readonly clock: Clock;
  private readonly quantum: number;
  private readonly members: Member[] = [];
  private nextId = 1;
  /** Index of the thread whose turn it is. */
  private current = 0;

  constructor(store: Store, options: ThreadsOptions = {}) {
    this.store = store;
    this.space = options.space ?? new CodeSpace(store);
    this.options = options;
    this.clock = options.clock ?? virtualClock();
    this.quantum = options.quantum ?? QUANTUM;
  }

  /** All threads that were not removed, oldest first. */
  get all(): readonly Thread[] {
    return this.members;
  }

  /** The thread whose turn it is. */
  get running(): Thread | undefined {
    return this.members[this.current];
  }

  /** A machine over the same code that is no thread's: the interpreter alone, with stacks as large as a thread's. */
  machineApart(): Machine {
    const { maxDepth, maxSlots } = this.options;
    return new Machine(this.store, { space: this.space, maxDepth, maxSlots });
  }

  /** A new thread that calls one function. It begins when its turn comes, behind those that are there. */
  spawn(func: FuncInst, args: readonly Value[], name?: string): Thread {
    return this.start(
      (function* () {
        yield { kind: 'call', func, args };
      })(),
      name,
    );
  }

  /** A new thread that executes a program; `machine` is one that an ended thread has left. */
  start(program: Program, name?: string, machine?: Machine): Thread {
    const id = this.nextId++;
    const { store, space } = this;
    const member: Member = {
      id,
      name: name ?? `thread ${id}`,
      machine: machine ?? new Machine(store, { ...this.options, space, threads: true }),
      state: 'ready',
      outcome: undefined,
      program,
      started: false,
      wait: undefined,
      wakeAt: undefined,
      promise: undefined,
      joins: undefined,
      marked: undefined,
      seen: false,
      turnEnds: undefined,
      get waitsAt() {
        return this.wait?.address;
      },
    };
    this.members.push(member);
    this.options.started?.(member);
    return member;
  }

  /** Takes a thread away, whatever it does. */
  remove(thread: Thread): void {
    const member = thread as Member;
    const at = this.members.indexOf(member);
    if (at < 0) return;
    member.state = 'ended';
    this.members.splice(at, 1);
    if (at < this.current) this.current--;
    if (thread.machine.active) thread.machine.reset();
    if (this.only === thread) this.only = undefined;
  }

  /** The user has seen where a thread stands: `resume` passes over a breakpoint there. */
  see(thread: Thread): void {
    (thread as Member).seen = true;
  }

  /**
   * A debugger has changed where a thread stands (`Machine.moveTo` and the like). If its call had ended in a trap it goes on,
   * and the mark that told of the trap is answered with how it ends now.
   */
  moved(thread: Thread): void {
    const member = thread as Member;
    member.outcome = undefined;
    member.marked = undefined;
    member.seen = true;
  }

  /**
   * Throws an error into a thread's program, at what it asked for last. The program may go on and ask for something else; if
   * it does not catch the error, it is thrown here, and the thread has ended.
   */
  interrupt(thread: Thread, error: unknown): void {
    const member = thread as Member;
    if (member.machine.active) member.machine.reset();
    member.wait = undefined;
    member.wakeAt = undefined;
    member.promise = undefined;
    member.joins = undefined;
    member.marked = undefined;
    member.state = 'ended';
    this.request(member, member.program.throw(error));
  }

  /** Runs threads by turns until something is worth an outcome, or until `budget` instructions are done. */
  run(budget = Number.POSITIVE_INFINITY): ThreadsOutcome {
    return this.drive(budget, false);
  }

  /** As `run`, but passes over breakpoints at which threads stopped before. */
  resume(budget = Number.POSITIVE_INFINITY): ThreadsOutcome {
    return this.drive(budget, true);
  }

  /**
   * Executes one instruction of `thread`, of whose turn it is by default. Another thread has to wait for its turn:
   * what runs before that may stop, too, and `budget` is for that.
   */
  step(thread: Thread | undefined = this.running, budget = Number.POSITIVE_INFINITY): ThreadsOutcome {
    let left = budget;
    for (;;) {
      const member = this.next();
      if ('kind' in member) return member;
      if (member !== thread) {
        const before = member.machine.counted;
        const outcome = this.turn(member, left, true);
        if (outcome) return outcome;
        left -= member.machine.counted - before;
        if (left < 0 || this.space.interrupts.isDue()) return { kind: 'paused', thread: member };
        if (thread && !this.members.includes(thread as Member)) usage('there is no such thread');
        continue;
      }
      const { machine } = member;
      if (isBetweenCalls(member)) {
        const outcome = this.advance(member);
        if (outcome) return outcome;
        if (member.state === 'ready') return this.stopped(member, { kind: 'stepped' });
        continue;
      }
      member.turnEnds ??= this.turnEnd(member);
      const outcome = machine.step();
      member.seen = false;
      if (outcome.kind !== 'stepped') {
        const settled = this.settle(member, outcome);
        if (settled) return settled;
        continue;
      }
      if (machine.atCheck && machine.counted > member.turnEnds) this.pass(member);
      return this.stopped(member, outcome);
    }
  }

  private drive(budget: number, passing: boolean): ThreadsOutcome {
    let left = budget;
    for (;;) {
      const member = this.next();
      if ('kind' in member) return member;
      const before = member.machine.counted;
      const outcome = this.turn(member, left, passing);
      if (outcome) return outcome;
      left -= member.machine.counted - before;
      if (left < 0 || this.space.interrupts.isDue()) return { kind: 'paused', thread: member };
    }
  }

  /** The thread whose turn it is now, or why there is none. */
  private next(): Member | ThreadsOutcome {
    for (;;) {
      this.wake();
      const { members, current, only } = this;
      if (only && only.state !== 'ended') {
        const member = only as Member;
        const { state, promise, wakeAt } = member;
        this.current = members.indexOf(member);
        if (state === 'ready') return member;
        if (promise) return { kind: 'host', promise, until: undefined };
        if (wakeAt === undefined) return { kind: 'held', thread: only };
        if (!this.clock.advanceTo) return { kind: 'sleep', until: wakeAt };
        this.clock.advanceTo(wakeAt);
        continue;
      }
      for (let i = 0; i < members.length; i++) {
        const at = (current + i) % members.length;
        if (members[at].state !== 'ready') continue;
        this.current = at;
        return members[at];
      }
      const alive = members.filter(({ state }) => state !== 'ended');
      if (alive.length === 0) return { kind: 'idle' };
      const times = alive.flatMap(({ wakeAt }) => (wakeAt === undefined ? [] : [wakeAt]));
      const until = times.length > 0 ? times.reduce((a, b) => (a < b ? a : b)) : undefined;
      const promises = alive.flatMap(({ promise }) => promise ?? []);
      if (promises.length > 0) return { kind: 'host', promise: Promise.race(promises), until };
      if (until === undefined) return { kind: 'deadlock', threads: alive };
      if (!this.clock.advanceTo) return { kind: 'sleep', until };
      this.clock.advanceTo(until);
    }
  }

  /** Makes those ready that have waited long enough. */
  private wake(): void {
    for (const member of this.members) {
      if (member.wait) {
        if (
          member.wakeAt !== undefined &&
          member.wait.result === undefined &&
          member.wakeAt <= this.clock.now()
        ) {
          member.wait.expire();
        }
        if (member.wait.result === undefined) continue;
        member.wait = undefined;
        member.wakeAt = undefined;
        member.state = 'ready';
      } else if (member.joins?.state === 'ended') {
        member.joins = undefined;
        member.state = 'ready';
      }
    }
  }

  /** Lets a thread run in its turn, `budget` instructions at most. Undefined: go on. */
  private turn(member: Member, budget: number, passing: boolean): ThreadsOutcome | undefined {
    const { machine } = member;
    if (isBetweenCalls(member)) return this.advance(member);
    member.turnEnds ??= this.turnEnd(member);
    const left = Math.min(budget, member.turnEnds - machine.counted);
    const outcome = passing && member.seen ? machine.resume(left) : machine.run(left);
    member.seen = false;
    if (outcome.kind !== 'paused') return this.settle(member, outcome);
    if (machine.counted > member.turnEnds) this.pass(member);
    return undefined;
  }

  /** What comes of a thread that came to something else than the end of its turn. */
  private settle(member: Member, outcome: Outcome): ThreadsOutcome | undefined {
    switch (outcome.kind) {
      case 'done':
      case 'trap':
        member.outcome = outcome;
        return this.advance(member);
      case 'wait': {
        const { wait } = outcome;
        member.state = 'waiting';
        member.wait = wait;
        member.wakeAt = wait.timeout < 0n ? undefined : this.clock.now() + wait.timeout;
        this.pass(member);
        return undefined;
      }
      case 'host':
        member.state = 'host';
        member.promise = outcome.promise.then(() => {
          member.promise = undefined;
          member.state = 'ready';
        });
        this.pass(member);
        return undefined;
      default:
        return this.stopped(member, outcome);
    }
  }

  /** Asks a thread's program what comes next, and begins it. Gives what there is to tell of that. */
  private advance(member: Member): ThreadsOutcome | undefined {
    const { program, started, marked } = member;
    // A program that was interrupted may stand at a mark already.
    if (marked?.told === false) return this.told(member);
    const answer = member.outcome;
    member.started = true;
    member.marked = undefined;
    this.request(member, started ? program.next(answer) : program.next());
    return this.told(member);
  }

  private told(member: Member): ThreadsOutcome | undefined {
    const { marked } = member;
    if (member.state === 'ended') return { kind: 'ended', thread: member };
    if (!marked) return undefined;
    marked.told = true;
    return { kind: 'mark', thread: member, mark: marked.mark };
  }

  private request(member: Member, { done, value }: IteratorResult<Request, void>): void {
    const { machine } = member;
    if (done) {
      member.state = 'ended';
      this.pass(member);
      return;
    }
    member.state = 'ready';
    if (value.kind === 'mark') {
      if (!value.keepFrames && machine.active) machine.reset();
      member.marked = { mark: value.mark, told: false };
      return;
    }
    if (value.kind === 'join') {
      if (machine.active) machine.reset();
      member.outcome = undefined;
      member.joins = value.thread;
      member.state = 'joining';
      this.pass(member);
      return;
    }
    member.outcome = undefined;
    try {
      machine.begin(value.func, value.args);
    } catch (error) {
      // Arguments that do not fit are the program's affair.
      this.request(member, member.program.throw(error));
    }
  }

  /** Where a turn ends that begins now. */
  private turnEnd(member: Member): number {
    const isAlone = this.members.every((other) => other === member || other.state !== 'ready');
    return member.machine.counted + this.quantum * (isAlone ? ALONE : 1);
  }

  /** Ends a thread's turn. */
  private pass(member: Member): void {
    member.turnEnds = undefined;
    const at = this.members.indexOf(member);
    if (at === this.current) this.current = (at + 1) % this.members.length;
  }

  private stopped(thread: Member, outcome: Outcome): ThreadsOutcome {
    thread.seen = true;
    return { kind: 'stopped', thread, outcome };
  }
}

/** Whether it is for the thread's program to say what comes next. */
function isBetweenCalls({ machine, outcome, marked }: Member): boolean {
  return marked !== undefined || !machine.active || outcome?.kind === 'done' || outcome?.kind === 'trap';
}
