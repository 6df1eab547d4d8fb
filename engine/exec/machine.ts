/**
 * The machine: one thread of execution over a store, in both tiers.
 *
 * Drives the interpreter's loop (interp.ts) in slices and does what the loop leaves for: it translates functions, calls the
 * host, grows memories, and turns what was thrown into faults. Between slices it lets compiled code go on, where that is worth it
 * (host/activation.ts); what compiled code cannot do comes back here. It stops between any two Wasm instructions with its whole
 * state in its own stacks (machine-state.ts), never on the host's; the one exception is a nested activation, when a host function
 * calls back synchronously (design, section 4, rule 1): that one is *pinned*, so no slice ends in it, and stops in it go to a
 * hook. A trap of compiled code is found again by running once more from a snapshot (replay/rewind.ts): then it repeats, and
 * nobody is asked or told. Knows no debugger; places are functions and byte offsets.
 *
 * It is one class above 600 lines: a slice, a step, a run over compiled code and a replay all come to the same host calls, throws,
 * breakpoints and limits, and each of these may have to wait until all frames are on the machine's stacks (`later`). What that
 * is, is a dozen flags that every part sets and reads; apart they would be a door as wide as the house.
 */

import { usage, WasmError } from '../base/errors.ts';
import { ExnInst } from '../runtime/exn.ts';
import type { FuncInst, HostContext, HostRequest, HostSteps } from '../runtime/func.ts';
import { exnBytes } from '../runtime/heap-limit.ts';
import type { Store } from '../runtime/store.ts';
import { ThrownException } from '../runtime/thrown.ts';
import { checkArgs, externRef, type Value } from '../runtime/values.ts';
import { type Wait, WaitResult } from '../runtime/wait.ts';
import { beginWait, DEADLOCK } from './atomic.ts';
import { DEFAULT_DEPTH, slotsFor } from './call-depth.ts';
import { NULL_EXCEPTION } from './callee.ts';
import { CodeSpace, ENTER_WORDS, siteAt } from './code.ts';
import { FAR_WORDS, putSize, unsignedAt } from './far-access.ts';
import { WasmFrame } from './frame.ts';
import { HEAP_EXHAUSTED } from './gc.ts';
import { findCatch, placeOf } from './handler.ts';
import { Activations, type Ended, MAX_FUEL } from './host/activation.ts';
import { hasHostStack } from './host/host-stack.ts';
import { hostFault } from './host/host-trap.ts';
import { canCompile } from './host/probe.ts';
import { Profile } from './host/profile.ts';
import { checkResults, hostArgs, isPromise, isSteps, pendingOn, type SteppedCall } from './host-call.ts';
import { interpret } from './interp.ts';
import { Exit, IOp, Pc } from './iop.ts';
import { MAX_NESTED, MachineState } from './machine-state.ts';
import { exhausted, type Outcome, type PinnedHooks, type Thrown, trapAtHost } from './outcome.ts';
import { Diverged, type HostAnswer } from './replay/host-log.ts';
import type { Rewind } from './replay/rewind.ts';
import { clearBeside, moveBeside, writeSlot } from './slot.ts';
import { exceptionAtPc, goToHandler, type Raised, unhandled } from './throw.ts';
import { faultOf } from './trap.ts';
import type { Watches, WatchHit } from './watch.ts';

export type { Outcome, PinnedHooks };

export interface MachineOptions {
  /** Frames that may be active at once: `DEFAULT_DEPTH` if absent. */
  readonly maxDepth?: number;
  /** Slots of all frames together: if absent so many that they are enough for usual ones. */
  readonly maxSlots?: number;
  /** Code shared with other machines over the same store. */
  readonly space?: CodeSpace;
  /**
   * Other machines run over the store, and somebody keeps time (threads.ts): waits come back as outcomes. Without it a wait
   * with a timeout is over at once, and one for ever is a deadlock, which traps.
   */
  readonly threads?: boolean;
  /**
   * Which tier runs code: `interpreter` (if absent), or compiled code as soon as that pays (`auto`) or at once
   * (`compiled`), where the host has WebAssembly. All machines over one code space share what is compiled.
   */
  readonly engine?: 'interpreter' | 'auto' | 'compiled';
  /** Count the instructions of each function (`CodeSpace.profile`): what is not compiled is slow then. */
  readonly profile?: boolean;
}

/**
 * More nested activations than these only if the host's stack has so many bytes: the machine takes 3 KB of it, and what
 * JavaScript takes nobody knows.
 */
const FEW_NESTED = 16;
const NESTED_BYTES = 60_000;
/**
 * Instructions between two entries of the loop. V8 should enter it often at first, or it stays in the slower code of
 * on-stack replacement: fib(31) took 190 ms for up to twelve runs with 10^6, and 139 ms from the second run on with
 * 10^5 and less (Node 24); the entries themselves cost nothing that could be measured.
 */
const SLICE = 50_000;
const STEP_FUEL = 1 << 30;
const STEPPED = 'a host function called the program';
const DIVERGED = 'the program did not run the same way again';
/** Instructions that the interpreter executes before it looks whether compiled code can go on: at a loop, say. */
const LOOK = 5_000;
/** What a call into compiled code counts as, towards that: a loop full of short ones should be compiled itself. */
const ENTRY = 500;
/** Instructions that a replay leaves to the interpreter in any case: compiled code stops behind what it is told to. */
const MARGIN = 200_000;
/**
 * Instructions of a function's code at most, between two looks at the budget: V8 takes no body of more bytes. Behind the last
 * known place compiled code has run for its fuel and this at most, so a replay that comes further is not what the program did.
 */
const LONGEST = 7_654_321;

export class Machine extends MachineState {
  /** Asked when something stops inside a host function's synchronous call. Without it, breakpoints there are passed. */
  pinned: PinnedHooks | undefined;

  /**
   * Asked at every throw, before anything is unwound: true stops there, with all frames (outcome `throw`); what runs
   * next goes on with the exception. It may inspect the machine, and nothing else.
   */
  onThrow: ((thrown: Thrown) => boolean) | undefined;

  /**
   * Asked at a breakpoint, with the innermost frame alone in sight: false goes on. Without it breakpoints stop. A stop that
   * was asked for says so (`asked`).
   */
  onBreak: (() => boolean) | undefined;

  /** Asked when a host function has returned: true stops behind its call (outcome `result`). */
  onResult: ((func: FuncInst, results: readonly Value[]) => boolean) | undefined;

  /** Where calls of host functions are recorded, and repeated, for compiled code that traps. */
  rewind: Rewind | undefined;
  private readonly threads: boolean;
  private checked = false;
  /** A single step in the middle of a run came by such a place. */
  private passedCheck = false;
  private driving = false;
  private inHost = false;
  /** A step ended inside a host call: stop at the first instruction behind it. */
  private stopBehindHost = false;
  /** Compiled frames of this activation are on the host's stack, below what runs. */
  private overCompiled = false;
  /** The host function that runs was called by compiled code. */
  private hostIsCompiled = false;
  /** Count of instructions at which `onBreak` said to stop, and at which it said to go on, asked by compiled code. */
  private askedAt: number | undefined;
  private passedAt: number | undefined;
  /** What waits until all frames are on the machine's stacks: something to do, or an outcome. */
  private later: ((spent: boolean) => Outcome | undefined) | undefined;
  private outcome: Outcome | undefined;
  /** A trap of compiled code is found again: the interpreter alone runs. */
  private replaying = false;
  /** What was run is run again: nobody is asked or told. */
  private repeating = false;
  /** Compiled code may be asked to go on here. */
  private mayEnter = false;
  /** What a host function has returned, to be told. */
  private hostAnswer: { readonly func: FuncInst; readonly results: readonly Value[] } | undefined;
  /** What was touched of what is watched, not told yet. */
  private hits: WatchHit[] = [];
  /** The host function that was called last, while what it did to what is watched was not looked at. */
  private hostName: string | undefined;

  constructor(store: Store, options: MachineOptions = {}) {
    const depth = options.maxDepth ?? DEFAULT_DEPTH;
    super(store, options.space ?? new CodeSpace(store), depth, options.maxSlots ?? slotsFor(depth));
    this.threads = options.threads ?? false;
    const { engine = 'interpreter' } = options;
    if (options.profile) this.space.profile ??= new Profile();
    if (engine !== 'interpreter' && canCompile()) {
      this.space.tier ??= new Activations(this.space, engine === 'compiled');
    }
    this.rewind = this.space.tier?.rewind;
  }

  /** True if the last run or step ended where the budget is looked at: the places where threads may be switched. */
  get atCheck(): boolean {
    return this.checked;
  }

  /**
   * Sets out to call `func`; stops in front of its first instruction. What was active before is forgotten. Throws a
   * `usage` fault if the arguments do not fit.
   */
  begin(func: FuncInst, args: readonly Value[]): void {
    if (this.driving) usage('the machine is running');
    checkArgs(this.store.canonicalTypeOf(func).params, args, this.store.canon);
    this.reset();
    this.func = func;
    this.firstArgs = args;
    this.csLimit = this.maxCs;
    this.CS[0] = Pc.Halt;
    this.CS[1] = 0;
    this.cs = 2;
    this.space.sync();
    if (func.type.params.length * 2 > this.stackLimit) {
      this.over = exhausted(0);
      return;
    }
    this.needRoomFor(args);
    for (let i = 0; i < args.length; i++) writeSlot(this, 2 * i, args[i]);
    this.mem = func.mem0;
    this.pc = this.space.entry[func.addr];
    if (!func.host) this.enterFirst(func);
  }

  /** Forgets what was active. */
  override reset(): void {
    this.hits = [];
    this.hostAnswer = undefined;
    super.reset();
  }

  /**
   * Runs until the end, a breakpoint (also one on the very next instruction), a host function's promise, a trap, or
   * until `budget` instructions are done. The budget is looked at when jumping back and calling, so it is overrun by
   * what a function does without either.
   */
  run(budget = Number.POSITIVE_INFINITY): Outcome {
    return this.guarded(() => this.drive(budget, false));
  }

  /** As `run`, but passes over a breakpoint on the next instruction: the user has seen that stop. */
  resume(budget = Number.POSITIVE_INFINITY): Outcome {
    return this.guarded(() => this.driveOn(budget));
  }

  /** Executes exactly one instruction: into calls, out of functions. Passes breakpoints. */
  step(): Outcome {
    return this.guarded(() => this.drive(Number.POSITIVE_INFINITY, true));
  }

  /**
   * Calls a function from inside a host function and waits for its results: a nested, pinned activation. Throws a
   * `WasmError` if it traps. Host functions get it as `HostContext.invoke`.
   */
  invokeNested(func: FuncInst, args: readonly Value[]): Value[] {
    if (!this.inHost) usage('only a host function that has not returned may call in');
    checkArgs(this.store.canonicalTypeOf(func).params, args, this.store.canon);
    if (this.nested === MAX_NESTED || (this.nested >= FEW_NESTED && !hasHostStack(NESTED_BYTES)))
      throw new WasmError(exhausted(this.depth).fault);
    const { pc, fp, cs, mem, csLimit, stackLimit, overCompiled, hostIsCompiled } = this;
    const saved = { pc, fp, cs, mem, csLimit, stackLimit, overCompiled, hostIsCompiled };
    // Frames of compiled code are on the host's stack: nothing of them is in the machine's, but they count. The host function is shown.
    const compiled = hostIsCompiled ? this.space.tier!.callsBack() : undefined;
    if (compiled) {
      this.csLimit -= 2 * compiled.frames;
      this.stackLimit -= compiled.words;
    }
    const host = compiled?.func ?? this.space.stubbedAt(pc);
    this.space.tier?.callsIn(host);
    const base = fp + 2 * Math.max(host.type.params.length, host.type.results.length);
    const room = 2 * Math.max(func.type.params.length, func.type.results.length);
    if (base + room > this.stackLimit) {
      Object.assign(this, saved);
      throw new WasmError(exhausted(this.depth).fault);
    }
    this.space.sync();
    this.needRoomFor([...args, ...(compiled?.args ?? [])]);
    compiled?.args.forEach((arg, i) => {
      writeSlot(this, fp + 2 * i, arg);
    });
    this.CS[cs] = compiled ? this.space.entry[host.addr] : pc;
    this.CS[cs + 1] = fp;
    this.CS[cs + 2] = Pc.Halt;
    this.cs += 4;
    this.csLimit += 4;
    for (let i = 0; i < args.length; i++) writeSlot(this, base + 2 * i, args[i]);
    this.fp = base;
    this.sp = base + 2 * args.length;
    this.mem = func.mem0;
    this.pc = this.space.entry[func.addr] - ENTER_WORDS;
    this.nested++;
    this.rewind?.forget(STEPPED);
    const outer = this.stepped.length;
    this.inHost = false;
    this.overCompiled = false;
    this.hostIsCompiled = false;
    try {
      const outcome = this.pin();
      if (outcome.kind === 'done') return this.resultsOf(func);
      if (outcome.kind === 'trap' && outcome.fault.phase === 'exception') {
        // What throws has been executed, and now nothing stands in front of it any more.
        if (this.space.codeAt(this.pc)) this.base++;
        throw outcome.cause;
      }
      const { fault, cause } = outcome as Extract<Outcome, { kind: 'trap' }>;
      // An error that says more than the fault (a program's exit, say) stays what it is.
      throw cause instanceof WasmError ? cause : new WasmError(fault);
    } finally {
      // A trap leaves frames above: their instructions are counted, then they are gone.
      this.base = this.instructions;
      Object.assign(this, saved);
      this.watches?.prune(this, this.cs);
      // A snapshot of what was inside is no way back any more.
      this.rewind?.forget(STEPPED);
      this.missing.clear();
      this.over = undefined;
      this.stepped.length = outer;
      this.nested--;
      this.inHost = true;
    }
  }

  private guarded(drive: () => Outcome): Outcome {
    if (this.driving) usage('the machine is running');
    if (!this.func) usage('nothing to run');
    if (this.over) return this.over;
    this.driving = true;
    try {
      const outcome = drive();
      if (outcome.kind === 'trap' || outcome.kind === 'done') this.over = outcome;
      return outcome;
    } finally {
      this.driving = false;
    }
  }

  /**
   * For compiled code: calls a host function. Undefined if its answer has to be gone on with when all frames are on the
   * machine's stacks: `goOn` does that.
   */
  callHostCompiled(
    func: FuncInst,
    args: Value[],
    caller: HostContext['caller'],
  ): readonly Value[] | undefined {
    const context: HostContext = {
      store: this.store,
      caller,
      invoke: (callee, values) => this.invokeNested(callee, values),
    };
    const outer = this.hostIsCompiled;
    this.hostIsCompiled = true;
    this.inHost = true;
    this.hostName = func.host!.name;
    try {
      const answer = this.rewind?.repeated(func, args) ?? func.host!.call(args, context);
      if (isPromise(answer)) this.later = (spent) => this.suspend(func, answer, false, spent);
      else if (isSteps(answer)) this.later = (spent) => this.beginSteps(func, answer, false, spent);
      else {
        checkResults(func, answer, this.store.canon);
        if (this.watches) this.lookBehindHost(this.watches);
        // A caller that does not look for what is watched now must not go on.
        const goesOn = this.hits.length === 0 && !this.space.tier!.watched.changed;
        if (goesOn && (this.repeating || !this.onResult?.(func, answer))) {
          this.rewind?.record(func, args, { kind: 'results', results: answer });
          return answer;
        }
        this.later = () => this.hostReturned(func, answer);
      }
    } catch (error) {
      this.later = (spent) => this.hostFailed(func, error, false, spent);
    } finally {
      this.inHost = false;
      this.hostIsCompiled = outer;
    }
    return undefined;
  }

  /**
   * For compiled code: runs a function that was called from there, with its arguments in the slots at fp, until it
   * returns (true), or until something needs all frames on the machine's stacks. `end`: what `counted` may come to.
   */
  runOverCompiled(func: FuncInst, end: number): boolean {
    this.CS[this.cs] = Pc.Halt;
    this.CS[this.cs + 1] = this.fp;
    this.cs += 2;
    this.csLimit += 2;
    if (func.mem0 >= 0) this.mem = func.mem0;
    this.sp = this.fp + 2 * func.type.params.length;
    this.pc = this.space.entry[func.addr] - ENTER_WORDS;
    const outer = this.overCompiled;
    this.overCompiled = true;
    this.mayEnter = false;
    try {
      let look = LOOK;
      for (;;) {
        if (this.watches && this.hostName !== undefined) {
          this.lookBehindHost(this.watches);
          if (this.hits.length > 0) return false;
        }
        const before = this.base;
        const left = this.isDue ? -1 : end - before;
        if (this.mayEnter) {
          this.mayEnter = false;
          const ended = this.space.tier!.run(this, left);
          if (ended) {
            look = ended.kind === 'machine' && ended.touched ? 0 : look - ENTRY;
            if (!this.settled(this.afterCompiled(ended, left < this.base - before))) return false;
            continue;
          }
          if (this.space.opAt(this.pc) === IOp.Native && !this.settled(this.translateCallee())) return false;
        }
        if (this.space.profile && this.pc !== Pc.Halt) {
          if (!this.settled(this.stepProfiled(this.space.profile, left))) return false;
          continue;
        }
        const exit = this.slice(this.space.code, Math.max(-1, Math.min(left, look, SLICE)));
        if (exit === Exit.Halt) return true;
        const outcome = this.after(exit, false, left < this.base - before);
        const reached = outcome ?? (this.passedCheck ? this.lookAgain(left - this.base + before) : undefined);
        if (!this.settled(reached)) return false;
        look -= this.base - before;
        if (look < 0 && exit === Exit.Fuel && !this.space.tier!.isEntry(this.pc)) look = LOOK;
      }
    } finally {
      this.overCompiled = outer;
    }
  }

  /** Whether a run over compiled code can go on behind an outcome. */
  private settled(outcome: Outcome | undefined): boolean {
    if (outcome) this.outcome = outcome;
    return !this.outcome && !this.later && !this.hostAnswer && this.hits.length === 0;
  }

  /** Goes on with what had to wait until all frames were on the machine's stacks. */
  private goOn(spent: boolean): Outcome | undefined {
    const { later, outcome } = this;
    this.later = undefined;
    this.outcome = undefined;
    return later ? later(spent) : outcome;
  }

  /** Runs a nested activation to its end, whatever stops inside. */
  private pin(): Outcome {
    let stepping = false;
    for (;;) {
      const outcome: Outcome = stepping
        ? this.drive(Number.POSITIVE_INFINITY, true)
        : this.driveOn(Number.POSITIVE_INFINITY);
      if (outcome.kind === 'done') {
        if (stepping) this.stopBehindHost = true;
        return outcome;
      }
      if (outcome.kind === 'trap' && outcome.fault.phase === 'exception') {
        // The host function may catch it: no stop.
        this.stopBehindHost ||= stepping;
        return outcome;
      }
      const answer: 'run' | 'step' = this.pinned?.onStop(outcome) ?? 'run';
      if (outcome.kind === 'trap') return outcome;
      stepping = answer === 'step';
    }
  }

  private driveOn(budget: number): Outcome {
    if (!this.space.hasBreak(this.pc)) return this.drive(budget, false);
    const before = this.base;
    const stepped = this.drive(Number.POSITIVE_INFINITY, true);
    if (stepped.kind !== 'stepped') return stepped;
    const left = budget - (this.base - before);
    return this.checked && left < 0 ? { kind: 'paused' } : this.drive(left, false);
  }

  /** Somebody wants this to come back: whatever budget is left, it is used up. */
  get isDue(): boolean {
    return !this.repeating && this.space.interrupts.isDue();
  }

  /** Runs slices, and what stands between them, until something is worth an outcome. */
  private drive(budget: number, stepping: boolean): Outcome {
    this.checked = false;
    this.passedCheck = false;
    if (this.pending || this.raised) {
      const outcome = this.raised ? this.unwind(this.raised, stepping, budget < 0) : this.deliver(stepping);
      if (outcome) return outcome;
    } else if (this.waiting) {
      const outcome = this.awake(this.waiting);
      if (outcome) return outcome;
    } else if (stepping && this.space.codeAt(this.pc)) {
      const outcome = this.space.isWatched(this.pc) ? this.stepWatched(true) : this.stepOne();
      if (outcome) return this.told(outcome);
    }
    let left = budget;
    const tier = this.replaying ? undefined : this.space.tier;
    let look = tier ? LOOK : Number.POSITIVE_INFINITY;
    if (this.nested === 0) tier?.runs(this);
    this.mayEnter = true;
    for (;;) {
      if (this.watches) this.lookBehindHost(this.watches);
      stepping ||= this.stopBehindHost || this.hits.length > 0 || this.hostAnswer !== undefined;
      this.stopBehindHost = false;
      const before = this.base;
      const now = this.isDue ? -1 : left;
      if (tier && this.mayEnter && !stepping) {
        this.mayEnter = false;
        if (!this.repeating && now >= 0 && tier.isWorth(this, now))
          this.rewind?.between(this, this.space.interrupts.isAsked);
        const ended = tier.run(this, now);
        if (ended) {
          look = ended.kind === 'machine' && ended.touched ? 0 : look - ENTRY;
          const outcome = this.afterCompiled(ended, now < this.base - before);
          left -= this.base - before;
          if (outcome) return this.told(outcome);
          continue;
        }
        const outcome = this.space.opAt(this.pc) === IOp.Native ? this.translateCallee() : undefined;
        if (outcome) return this.told(outcome);
      }
      if (this.space.profile && !stepping) {
        const outcome = this.stepProfiled(this.space.profile, now);
        left -= this.base - before;
        if (outcome) return this.told(outcome);
        continue;
      }
      const exit = stepping
        ? this.slice(this.space.shadow, STEP_FUEL)
        : this.slice(this.space.code, Math.max(-1, Math.min(now, look, SLICE)));
      const outcome = this.after(exit, stepping, now < this.base - before);
      left -= this.base - before;
      look -= this.base - before;
      // Until it comes to a loop: a function that is called from one is compiled, but that helps little.
      if (look < 0 && exit === Exit.Fuel && !tier?.isEntry(this.pc)) look = LOOK;
      const reached = outcome ?? (this.passedCheck ? this.lookAgain(Math.min(now, left)) : undefined);
      if (reached) return this.told(reached);
    }
  }

  /**
   * Executes the instruction at pc, which may touch what is watched. What it did is told at the next instruction, which it
   * may not have come to (memory.grow, a call): undefined then.
   */
  private stepWatched(stepping: boolean): Outcome | undefined {
    const watches = this.watches!;
    const { pc, space } = this;
    if (this.repeating) return this.passing(this.stepOne());
    const code = space.codeAt(pc)!;
    const { func } = code;
    const touched = watches.touchedAt(this, func, space.code, space.opAt(pc));
    const outcome = this.stepOne();
    if (outcome && outcome.kind !== 'stepped') return outcome;
    this.hits.push(...watches.hits(touched, { func, offset: code.offsets[siteAt(code, pc)] }));
    return stepping || this.hits.length > 0 ? outcome : this.passing(outcome);
  }

  /** Finds what the host has done to what is watched. */
  private lookBehindHost(watches: Watches): void {
    if (this.repeating) return;
    this.hits.push(...watches.hostHits(this.hostName));
    this.hostName = undefined;
  }

  /** An outcome, or instead of a stop at an instruction that something watched was touched before it. */
  private told(outcome: Outcome): Outcome {
    if (outcome.kind !== 'stepped' && outcome.kind !== 'breakpoint') return outcome;
    const { hits, hostAnswer } = this;
    this.hits = [];
    this.hostAnswer = undefined;
    if (hits.length > 0) return { kind: 'watch', hits };
    return hostAnswer ? { kind: 'result', ...hostAnswer } : outcome;
  }

  /**
   * Executes the one instruction at pc. It runs in the shadow image, where everything else is a Break. What could
   * come back to the very same pc would run twice: calls and jumps back are stopped by their look at the fuel, and
   * returns (into a caller that stands at the same `end`) are done here.
   */
  private stepOne(): Outcome | undefined {
    const { pc, space } = this;
    const op = space.opAt(pc);
    if (op >= IOp.Return0 && op <= IOp.ReturnN) {
      this.returnHere(op);
      return undefined;
    }
    const { shadow } = space;
    this.checked = false;
    shadow[pc] = op;
    const exit = this.slice(shadow, 0);
    shadow[pc] = IOp.Break;
    return this.after(exit, true, true);
  }

  /** Executes one instruction and counts it for its function, or goes where the next one is. */
  private stepProfiled(profile: Profile, left: number): Outcome | undefined {
    if (!this.space.codeAt(this.pc)) {
      // Between functions: on to the next place in one.
      const exit = this.slice(this.space.shadow, -1);
      return exit === Exit.Break ? undefined : this.after(exit, false, left < 0);
    }
    if (this.space.hasBreak(this.pc)) {
      const reached = this.breakHere();
      if (reached) return reached;
    }
    const { func } = this.space.codeAt(this.pc)!;
    const { base, instructions } = this;
    this.checked = false;
    const outcome = this.stepOne();
    profile.add(func, this.instructions - instructions);
    if (outcome && outcome.kind !== 'stepped') return outcome;
    return this.checked && left < this.base - base ? { kind: 'paused' } : undefined;
  }

  /** What the loop does for a Return op. */
  private returnHere(op: number): void {
    const { I, CS, pc, fp, sp } = this;
    const { code } = this.space;
    const kept = op === IOp.ReturnN ? code[pc + 1] : op === IOp.Return0 ? 0 : 1;
    const slots = kept < 0 ? ~kept : kept;
    I.copyWithin(fp, sp - 2 * slots, sp);
    if (kept < 0) moveBeside(this, fp >> 1, (sp >> 1) - slots, slots);
    this.base += code[op === IOp.ReturnN ? pc + 2 : pc + 1];
    this.sp = fp + 2 * slots;
    this.cs -= 2;
    this.pc = CS[this.cs];
    this.fp = CS[this.cs + 1];
    this.base -= code[this.pc - 1];
  }

  private slice(image: Int32Array, fuel: number): Exit {
    // Whoever had control since the last slice may have added functions and grown memories.
    this.space.sync();
    for (const mem of this.store.mems) mem.refresh();
    if (this.space.usesRefs) this.needRefs();
    if (this.space.usesVectors) this.needVectors();
    this.entry = this.space.entry;
    this.fuel = fuel;
    this.weight = 0;
    const exit = interpret(this, image);
    this.base += fuel - this.fuel - this.weight;
    this.space.executed += fuel - this.fuel;
    return exit;
  }

  /** Does what the loop came back for. Undefined: go on. */
  private after(exit: Exit, stepping: boolean, spent: boolean): Outcome | undefined {
    switch (exit) {
      case Exit.Halt:
        return { kind: 'done', results: this.nested > 0 ? [] : this.resultsOf(this.func!) };
      case Exit.Break:
        if (this.isBackInHost) return this.callHost(stepping, spent);
        return stepping ? { kind: 'stepped' } : this.breakHere();
      case Exit.Fuel:
        return this.fuelOut(stepping, spent);
      case Exit.Translate:
        return this.translateCallee();
      case Exit.Native:
        return this.calledCompiled(stepping);
      case Exit.Host:
        return this.callHost(stepping, spent);
      case Exit.Grow:
        this.growMemory();
        return undefined;
      case Exit.Wait:
        return this.wait();
      case Exit.Watch:
        return this.stepWatched(stepping);
      case Exit.Exhausted:
        if (this.overCompiled) return this.enterAgain();
        this.leaveCallee();
        return exhausted(this.depth);
      case Exit.Throw:
        return this.throwHere(stepping, spent);
      case Exit.Thrown: {
        const { thrown } = this;
        this.thrown = undefined;
        return this.failed(thrown);
      }
    }
  }

  /** Does what compiled code came back for. Undefined: go on. */
  private afterCompiled(ended: Ended, spent: boolean): Outcome | undefined {
    if (ended.kind === 'error') {
      if (!this.overCompiled) return this.compiledFailed(ended.error);
      this.later = () => this.compiledFailed(ended.error);
      return undefined;
    }
    if (this.later || this.outcome) return this.overCompiled ? undefined : this.goOn(spent);
    return ended.atCheck ? this.fuelOut(false, spent) : undefined;
  }

  /** Compiled code trapped: the interpreter finds the trap again, with all frames, if there is a way back. */
  private compiledFailed(error: unknown): Outcome | undefined {
    const { rewind } = this;
    const why = rewind ? rewind.whyNot() : 'what the host did was not recorded';
    if (this.repeating) return { kind: 'trap', fault: hostFault(error, 'it is being looked for') };
    if (rewind && why === undefined) {
      const known = this.base;
      if (error instanceof RangeError) {
        this.space.tier?.stackWasFull();
        const isThere = rewind.goOnFromThere(this, (isDone) => this.repeat(isDone, known));
        this.watches?.refresh();
        if (isThere) return undefined;
      } else if (error instanceof WebAssembly.RuntimeError) {
        const found = rewind.again(this, () => this.replay(known));
        if (found) return found;
      }
    }
    const fault = hostFault(error, why ?? DIVERGED);
    // What is there is what compiled code began with.
    const all = { has: () => true };
    this.missing.set(this.fp, { locals: all, operands: all, why: why ?? DIVERGED });
    return fault.phase === 'crash' ? { kind: 'trap', fault, cause: error } : { kind: 'trap', fault };
  }

  /**
   * Runs to the next trap: compiled code to somewhere before `known`, as far as it is known to have come, then the interpreter.
   * Undefined if it comes to anything else, or runs for longer than compiled code can have.
   */
  private replay(known: number): Outcome | undefined {
    this.repeating = true;
    try {
      const sure = known - this.base - MARGIN;
      if (sure > MARGIN && this.drive(sure, false).kind !== 'paused') return undefined;
      this.replaying = true;
      const outcome = this.drive(known + MAX_FUEL + LONGEST - this.base, false);
      return outcome.kind === 'trap' ? outcome : undefined;
    } finally {
      this.replaying = false;
      this.repeating = false;
    }
  }

  /** Runs in the interpreter until `isDone`; false if it comes to anything else, or further than `known`. */
  private repeat(isDone: () => boolean, known: number): boolean {
    this.repeating = true;
    this.replaying = true;
    try {
      while (!isDone())
        if (this.base > known + LONGEST || this.after(this.slice(this.space.code, SLICE), false, false))
          return false;
      return true;
    } finally {
      this.replaying = false;
      this.repeating = false;
    }
  }

  private fuelOut(stepping: boolean, spent: boolean): Outcome | undefined {
    this.mayEnter = true;
    const op = this.space.opAt(this.pc);
    if (op === IOp.Native && !stepping && !spent && !this.replaying) return undefined;
    if (op === IOp.Translate || op === IOp.Native) return this.translateCallee();
    if (op === IOp.Host) {
      const isBreak = !stepping && !this.repeating && this.space.hasBreak(this.pc);
      return isBreak ? { kind: 'breakpoint' } : this.callHost(stepping, spent);
    }
    this.checked = true;
    if (stepping) return { kind: 'stepped' };
    if (this.nested > 0 && !this.repeating) return this.pinned?.onSlice?.() ? { kind: 'paused' } : undefined;
    return spent ? { kind: 'paused' } : undefined;
  }

  /** Over compiled code the limits are smaller than they have to be: the call is tried again without it. */
  private enterAgain(): undefined {
    this.pc -= ENTER_WORDS;
    this.later = () => undefined;
  }

  private breakHere(): Outcome | undefined {
    const { onBreak, instructions } = this;
    if (this.repeating || this.passedAt === instructions) return this.passBreak();
    if (!onBreak || this.nested > 0 || this.space.hostAt(this.pc)) return { kind: 'breakpoint' };
    if (this.askedAt === instructions || onBreak()) {
      this.askedAt = undefined;
      return { kind: 'breakpoint', asked: true };
    }
    return this.passBreak();
  }

  private passBreak(): Outcome | undefined {
    if (this.space.hostAt(this.pc)) return this.callHost(false, false);
    return this.space.isWatched(this.pc) ? this.stepWatched(false) : this.passing(this.stepOne());
  }

  /** The outcome of a step in the middle of a run. */
  private passing(outcome: Outcome | undefined): Outcome | undefined {
    if (outcome?.kind !== 'stepped') return outcome;
    this.passedCheck = this.checked;
    return undefined;
  }

  /** Behind what was passed in a single step: what a look at the budget there would have said. */
  private lookAgain(left: number): Outcome | undefined {
    const isSpent = this.passedCheck && left < 0 && (this.nested === 0 || this.repeating);
    this.passedCheck = false;
    return isSpent ? { kind: 'paused' } : undefined;
  }

  /**
   * For compiled code: at a breakpoint, with the frame in place. True if the program stops there; it is not asked again when
   * the machine comes to it.
   */
  stopsHere(): boolean {
    if (this.repeating) return false;
    if (!this.onBreak || this.nested > 0) return true;
    if (!this.onBreak()) {
      this.passedAt = this.instructions;
      return false;
    }
    this.askedAt = this.instructions;
    return true;
  }

  /** A function was called that is compiled: compiled code goes on if it can, else the interpreter. */
  private calledCompiled(stepping: boolean): Outcome | undefined {
    if (stepping || this.replaying) return this.translateCallee();
    this.mayEnter = true;
    return undefined;
  }

  private translateCallee(): Outcome | undefined {
    const func = this.space.stubbedAt(this.pc);
    try {
      this.pc = this.codeOf(func).start - ENTER_WORDS;
      // Its Enter looks at the budget.
      this.checked = true;
      return undefined;
    } catch (error) {
      this.leaveCallee();
      return this.failed(error);
    }
  }

  /** Executes memory.grow: here, because the views of the memory change. */
  private growMemory(): void {
    const code = this.space.codeAt(this.pc)!;
    const site = siteAt(code, this.pc);
    this.sp = this.fp + 2 * (code.slots + code.heights[site]);
    const mem = this.store.mems[this.space.code[this.pc + 1]];
    const { is64 } = mem.type;
    putSize(this.I, this.sp - 2, mem.grow(unsignedAt(this.I, this.sp - 2, is64)), is64);
    this.pc += 2;
  }

  /** Executes memory.atomic.wait: its answer may come later. */
  private wait(): Outcome | undefined {
    let wait: Wait | WaitResult.notEqual;
    try {
      wait = beginWait(this, this.space.code, this.pc, this.sp);
    } catch (error) {
      return this.failed(error);
    }
    if (wait === WaitResult.notEqual) return this.waited(wait);
    if (this.threads && this.nested === 0) {
      this.waiting = wait;
      return { kind: 'wait', wait };
    }
    if (wait.timeout >= 0n) {
      wait.expire();
      return this.waited(WaitResult.timedOut);
    }
    wait.cancel();
    return this.failed(DEADLOCK);
  }

  /** Goes on behind a wait that is over. */
  private awake(wait: Wait): Outcome | undefined {
    if (wait.result === undefined) return { kind: 'wait', wait };
    this.waiting = undefined;
    return this.waited(wait.result);
  }

  private waited(result: WaitResult): undefined {
    this.sp -= 4;
    this.I[this.sp - 2] = result;
    this.pc += FAR_WORDS;
  }

  private callHost(stepping: boolean, spent: boolean): Outcome | undefined {
    if (this.isBackInHost) {
      const waiting = this.stepped.at(-1)!;
      const results = this.resultsOf(waiting.callee!);
      return this.takeStep(waiting, () => waiting.steps.next(results), stepping, spent);
    }
    const func = this.space.stubbedAt(this.pc);
    const args = hostArgs(this, func, this.fp);
    const context: HostContext = {
      store: this.store,
      caller: this.callerInst(),
      invoke: (callee, values) => this.invokeNested(callee, values),
    };
    this.inHost = true;
    this.hostName = func.host!.name;
    try {
      const answer = this.rewind?.repeated(func, args) ?? func.host!.call(args, context);
      if (isPromise(answer)) return this.suspend(func, answer, stepping, spent);
      if (isSteps(answer)) return this.beginSteps(func, answer, stepping, spent);
      return this.hostReturned(func, answer);
    } catch (error) {
      return this.hostFailed(func, error, stepping, spent);
    } finally {
      this.inHost = false;
    }
  }

  /** What the innermost host function has called has returned to it. */
  private get isBackInHost(): boolean {
    const waiting = this.stepped.at(-1);
    return waiting !== undefined && waiting.cs === this.cs && waiting.nested === this.nested;
  }

  /** A host function answered that it wants to call first. */
  private beginSteps(
    func: FuncInst,
    steps: HostSteps,
    stepping: boolean,
    spent: boolean,
  ): Outcome | undefined {
    if (this.overCompiled) {
      this.later = (isSpent) => this.beginSteps(func, steps, false, isSpent);
      return undefined;
    }
    const call: SteppedCall = { func, steps, cs: this.cs, nested: this.nested, callee: undefined };
    this.stepped.push(call);
    return this.takeStep(call, () => call.steps.next([]), stepping, spent);
  }

  /** Lets the innermost host function that has called go on: to its next call, a promise, or its end. */
  private takeStep(
    call: SteppedCall,
    next: () => IteratorResult<HostRequest, readonly Value[]>,
    stepping: boolean,
    spent: boolean,
  ): Outcome | undefined {
    const { func } = call;
    // What it does by steps cannot be repeated.
    if (call.callee) this.rewind?.forget(STEPPED);
    call.callee = undefined;
    this.hostName = func.host!.name;
    this.inHost = true;
    try {
      const step = next();
      if (step.done) {
        this.stepped.pop();
        return this.hostReturned(func, step.value);
      }
      if (step.value.kind === 'wait') {
        const settled = step.value.promise.then(() => []);
        return this.suspend(func, settled, stepping, spent);
      }
      this.rewind?.forget(STEPPED);
      return this.callFrom(call, step.value.func, step.value.args);
    } catch (error) {
      if (this.stepped.at(-1) === call) this.stepped.pop();
      return this.hostFailed(func, error, stepping, spent);
    } finally {
      this.inHost = false;
    }
  }

  /** Stands in front of what a host function calls, whose frame stays below. */
  private callFrom(call: SteppedCall, callee: FuncInst, args: readonly Value[]): Outcome | undefined {
    checkArgs(this.store.canonicalTypeOf(callee).params, args, this.store.canon);
    const { params, results } = call.func.type;
    const base = this.fp + 2 * Math.max(params.length, results.length);
    const room = 2 * Math.max(callee.type.params.length, callee.type.results.length);
    if (base + room > this.stackLimit || this.cs > this.csLimit) return exhausted(this.depth);
    this.space.sync();
    this.needRoomFor(args);
    call.callee = callee;
    this.pushFrame(this.pc, base);
    this.switchMemory(callee, false);
    for (let i = 0; i < args.length; i++) writeSlot(this, base + 2 * i, args[i]);
    this.sp = base + 2 * args.length;
    this.pc = this.space.entry[callee.addr] - ENTER_WORDS;
    return undefined;
  }

  private suspend(
    func: FuncInst,
    answer: Promise<readonly Value[]>,
    stepping: boolean,
    spent: boolean,
  ): Outcome | undefined {
    if (this.nested > 0) {
      answer.then(undefined, () => {});
      const why = 'it answered with a promise, but was called inside a synchronous call of a host function';
      return this.hostFailed(func, new Error(why), stepping, spent);
    }
    const pending = pendingOn(answer);
    this.pending = pending;
    return { kind: 'host', promise: pending.promise };
  }

  /** Goes on behind a host function that had answered with a promise. */
  private deliver(stepping: boolean): Outcome | undefined {
    const pending = this.pending!;
    if (!pending.settled) return { kind: 'host', promise: pending.promise };
    this.pending = undefined;
    const func = this.space.stubbedAt(this.pc);
    const call = this.stepped.at(-1);
    if (call && call.cs === this.cs && call.nested === this.nested) {
      const { failed } = pending;
      const next = () => (failed ? call.steps.throw(failed.error) : call.steps.next([]));
      return this.takeStep(call, next, stepping, false);
    }
    if (pending.failed) return this.hostFailed(func, pending.failed.error, stepping, false);
    try {
      return this.hostReturned(func, pending.results ?? []);
    } catch (error) {
      return this.hostFailed(func, error, stepping, false);
    }
  }

  private hostReturned(func: FuncInst, results: readonly Value[]): undefined {
    const wanted = func.type.results;
    this.hostName = func.host!.name;
    checkResults(func, results, this.store.canon);
    this.recordHost(func, { kind: 'results', results });
    this.needRoomFor(results);
    if (!this.repeating && this.onResult?.(func, results)) this.hostAnswer = { func, results };
    for (let i = 0; i < wanted.length; i++) writeSlot(this, this.fp + 2 * i, results[i]);
    this.sp = this.fp + 2 * wanted.length;
    this.cs -= 2;
    this.pc = this.CS[this.cs];
    this.fp = this.CS[this.cs + 1];
    this.base -= this.space.code[this.pc - 1];
  }

  /**
   * A host function threw: an exception of Wasm, which is raised at its call; a fault, which ends the program whatever
   * handlers there are; or anything else, which handlers for all tags catch (JS API, "call an exported function").
   */
  private hostFailed(func: FuncInst, error: unknown, stepping: boolean, spent: boolean): Outcome | undefined {
    if (error instanceof Diverged) return { kind: 'trap', fault: hostFault(error, DIVERGED), cause: error };
    this.recordHost(func, { kind: 'thrown', error });
    this.leaveCallee();
    this.hostName = func.host!.name;
    if (error instanceof ThrownException) return this.raise(error.exn, stepping, spent);
    if (error instanceof WasmError) return { kind: 'trap', fault: error.fault, cause: error };
    const exn = new ExnInst(this.store.hostTag, [externRef(error)]);
    const name = func.host?.name ?? 'host function';
    return this.raise(exn, stepping, spent, name);
  }

  private recordHost(func: FuncInst, answer: HostAnswer): void {
    this.rewind?.record(func, hostArgs(this, func, this.fp), answer);
  }

  /** Executes throw, throw_ref or rethrow. */
  private throwHere(stepping: boolean, spent: boolean): Outcome | undefined {
    const exn = exceptionAtPc(this);
    if (!exn) return this.failed(NULL_EXCEPTION);
    return this.store.heap.reserve(exnBytes(exn))
      ? this.raise(exn, stepping, spent)
      : this.failed(HEAP_EXHAUSTED);
  }

  /** Raises an exception at the instruction at pc. The handler is known before anything is unwound. */
  private raise(exn: ExnInst, stepping: boolean, spent: boolean, thrower?: string): Outcome | undefined {
    if (this.overCompiled) {
      this.later = (isSpent) => this.raise(exn, false, isSpent, thrower);
      return undefined;
    }
    const found = findCatch(this, exn.tag);
    const raised: Raised = { exn, found, thrower };
    if (!this.onThrow || this.repeating) return this.unwind(raised, stepping, spent);
    const thrown: Thrown = { exn, caught: found && placeOf(found), nested: this.nested > 0, thrower };
    if (!this.onThrow(thrown)) return this.unwind(raised, stepping, spent);
    this.raised = raised;
    return { kind: 'throw', ...thrown };
  }

  /** Goes on with an exception: in its handler, or not at all. */
  private unwind(raised: Raised, stepping: boolean, spent: boolean): Outcome | undefined {
    const { exn, found } = raised;
    this.raised = undefined;
    if (!found) {
      const frame = this.frames(0, 1)[0];
      const end = unhandled(this.store, raised, frame instanceof WasmFrame ? frame.offset : undefined);
      return this.stepped.at(-1)?.nested === this.nested ? trapAtHost(end) : end;
    }
    // What throws is executed now; what is before the handler in its function does not count again.
    this.base = this.instructions + 1 - found.count;
    goToHandler(this, found, exn);
    if (!this.repeating) this.watches?.prune(this, this.cs);
    return this.fuelOut(stepping, spent);
  }

  /** Takes the callee's frame away again: the machine stands in front of the call. */
  private leaveCallee(): void {
    const back = this.popCaller();
    this.base -= this.space.code[back - 1];
    const code = this.space.codeAt(back - 1);
    this.pc = code ? code.pcs[siteAt(code, back - 1)] : back;
  }

  private failed(thrown: unknown): Outcome {
    if (thrown instanceof WasmError) return { kind: 'trap', fault: thrown.fault, cause: thrown };
    const frame = this.frames(0, 1)[0];
    const fault = faultOf(this, frame instanceof WasmFrame ? frame : undefined, thrown);
    return fault.phase === 'crash' ? { kind: 'trap', fault, cause: thrown } : { kind: 'trap', fault };
  }

  private callerInst(): HostContext['caller'] {
    const caller = this.frames(1, 1)[0];
    return caller instanceof WasmFrame ? caller.func.inst : undefined;
  }

  private enterFirst(func: FuncInst): void {
    const code = this.codeOf(func);
    const words = this.space.code.subarray(code.start - ENTER_WORDS, code.start);
    if (words[1] > this.stackLimit) {
      this.over = exhausted(0);
      return;
    }
    this.pc = code.start;
    this.I.fill(0, words[2], words[3]);
    clearBeside(this, words[2] >> 1, words[3] >> 1);
    this.sp = words[3];
  }
}
