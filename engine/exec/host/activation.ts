/**
 * Going into compiled code from the machine's state, and coming out of it into the machine's state.
 *
 * The machine stands in front of a compiled function (its frame pushed, arguments in their slots) or at a loop header of
 * one. Compiled code runs on the host's stack until it returns, or until it is left: then `PAUSE` unwinds it, every frame
 * hands over its values (`frame`, the innermost one first), and they are laid out on the machine's stacks as the
 * interpreter would have them. Instructions: `known - fuel` is how many were executed, at any time.
 */

import { F32, isRef, V128, type ValType } from '../../isa/types.ts';
import type { FuncInst } from '../../runtime/func.ts';
import { isRefValue, type Value } from '../../runtime/values.ts';
import { type CodeSpace, type FuncCode, siteAt, siteFrom } from '../code.ts';
import type { Core } from '../interp.ts';
import { IOp } from '../iop.ts';
import type { Machine } from '../machine.ts';
import { Signal } from '../numerics.ts';
import { Rewind } from '../replay/rewind.ts';
import { copyWords } from '../simd/vectors.ts';
import { readSlot, writeSlot } from '../slot.ts';
import { FRAME_ROOM } from './body-state.ts';
import { BreaksChange } from './breaks-change.ts';
import { Callers } from './callers.ts';
import { frameOrder } from './frame-values.ts';
import { Growth } from './growth.ts';
import { HostRooms } from './host-stack.ts';
import {
  canonical,
  type LeftCall,
  type LeftFrame,
  LeftFrames,
  type LeftOver,
  NAN_32,
  NAN_64_HIGH,
} from './left-frames.ts';
import { type Raw, rawOf } from './nan.ts';
import { coreOf, execute } from './run-op.ts';
import { SiteKind } from './sites.ts';
import { HostTier } from './tier.ts';
import { tiersLog } from './tiers-log.ts';
import { WatchedCode } from './watched.ts';
import { HOT, PER_BYTE, Worth } from './worth.ts';

/** What unwinds compiled code. Made once: that it is thrown again costs nothing but the unwinding. */
const PAUSE = makePause();

/** Fuel that compiled code gets at most: after a trap, that much is run again by the interpreter. */
export const MAX_FUEL = 20_000_000;
/** With a smaller budget than this, the interpreter goes on. */
const MIN_BUDGET = 2_000;
/** With less than this, the interpreter goes on. */
const MIN_ROOM = 2_000;
/** Room that a call of the host or of tier 0 must find. */
const CALL_ROOM = 8_000;
/** Room that an interpreter over compiled code costs: its own frames take 2.4 KB of the host's stack (Node 24). */
const OVER_ROOM = 400;

const EXTERN_BYTE = 0x6f;

interface Activation {
  readonly machine: Machine;
  /** Instructions executed and `fuel` together. */
  known: number;
  fuel: number;
  readonly frames: LeftFrame[];
  call: LeftCall | undefined;
  /** The machine's frames over the compiled ones, when these are left under them. */
  over: LeftOver | undefined;
  /** What the machine may count to. */
  readonly end: number;
  /** Room that it began with, and at the call out that runs now. */
  readonly room: number;
  roomNow: number;
  /** The host function that runs. */
  calling: HostCall | undefined;
}

/** A call of a host function by compiled code. */
interface HostCall {
  readonly func: FuncInst;
  readonly args: readonly Value[];
}

/** How a frame at a breakpoint is shown. */
interface Shown {
  readonly pc: number;
  /** Static count there. */
  readonly count: number;
  /** Words from fp to sp. */
  readonly height: number;
  /** For each slot of the exchange the type of its value, and where it goes, in words from fp. */
  readonly moves: readonly number[];
  /** Words, from fp, of what may be any NaN. */
  readonly lazy: readonly { readonly kind: Raw; readonly at: number }[];
}

/** Where the machine stands, if compiled code can go on there. */
interface Place {
  readonly func: FuncInst;
  /** Byte offset of the loop header; -1 at the beginning. */
  readonly header: number;
  /** Static count there. */
  readonly count: number;
}

/** How compiled code came back. */
export type Ended =
  /** It returned or was left: the machine goes on where it stands now. */
  | {
      readonly kind: 'machine';
      /** It was left at a function's entry or a loop's header: the machine stands where it looks at its budget. */
      readonly atCheck: boolean;
      /** It was left for what is watched: it may go on at the next loop. */
      readonly touched: boolean;
    }
  /** The host threw: a trap, or its stack was full. The machine stands where it stood before. */
  | { readonly kind: 'error'; readonly error: unknown };

export class Activations {
  readonly tier: HostTier;
  /** The way back to before a trap. */
  readonly rewind: Rewind;
  readonly watched: WatchedCode;
  private readonly space: CodeSpace;
  private readonly always: boolean;
  private readonly worth: Worth;
  private readonly growth: Growth;
  private breakVersion = -1;
  private readonly change: BreaksChange;
  private owner: Machine | undefined;
  private readonly shown = new Map<number, Shown>();
  /** Compiled code on the host's stack, the innermost last. */
  private readonly stack: Activation[] = [];
  private readonly callers = new Callers();
  private readonly core: Core;
  private readonly rooms = new HostRooms(MIN_ROOM);
  private readonly left: LeftFrames;

  /** `always`: compile at once, and go into compiled code whenever that is possible. */
  constructor(space: CodeSpace, always: boolean) {
    const { store } = space;
    this.space = space;
    this.always = always;
    this.rewind = new Rewind(store, () => Date.now());
    this.rewind.everywhere = always;
    const shims = {
      leave: (fuel: number) => this.leave(fuel),
      frame: (site: number) => this.frame(site),
      runOp: (op: number, sp: number, fuel: number) => this.runOp(op, sp, fuel),
      callOut: (addr: number, room: number, fuel: number) => this.callOut(addr, room, fuel),
      ask: (site: number, fuel: number) => this.ask(site, fuel),
      due: (fuel: number) => this.due(fuel),
    };
    this.tier = new HostTier(store, shims, space.profile);
    this.worth = new Worth(store, this.tier);
    this.change = new BreaksChange(this.worth);
    this.growth = always ? new Growth(space, this.tier, 0, 0) : new Growth(space, this.tier, HOT, PER_BYTE);
    this.watched = new WatchedCode(space, this.tier, !always);
    this.core = coreOf(store, this.tier);
    this.left = new LeftFrames(this.tier.exchange);
  }

  /** True while compiled code is on the host's stack. */
  get inside(): boolean {
    return this.stack.length > 0;
  }

  /** The host's stack was full: frames of compiled code take more of it than was thought. */
  stackWasFull(): void {
    this.rooms.shrink();
  }

  /** A machine is about to run: what another one has done since the snapshot is in no log. */
  runs(m: Machine): void {
    if (this.owner !== m && this.owner) this.rewind.forget('another thread ran');
    this.owner = m;
  }

  /** Whether compiled code is to run, where it can. */
  isWorth(m: Machine, budget: number): boolean {
    return this.always || (budget >= MIN_BUDGET && m.counted >= this.worth.instructions);
  }

  /** Lets compiled code go on where the machine stands, `budget` instructions at most. Undefined: it cannot. */
  run(m: Machine, budget: number): Ended | undefined {
    if (!this.isWorth(m, budget) || !this.isUpToDate(m) || this.watched.rests()) return undefined;
    const place = this.placeOf(m);
    return place && this.enter(m, place, budget);
  }

  /** Whether the entry of a compiled function is at `pc`. */
  isEntry(pc: number): boolean {
    const { space, tier } = this;
    if (this.watched.resting || this.change.waits) return false;
    if (space.code[pc] === IOp.Native) return true;
    const code = space.codeAt(pc);
    return code !== undefined && pc === code.start && tier.runs(code.func);
  }

  /** Compiles what there is to compile, if that is possible now. */
  private isUpToDate(m: Machine): boolean {
    const { space, tier, change, watched } = this;
    const isNew = space.breakVersion !== this.breakVersion;
    if (this.inside && (isNew || watched.changed || tier.isStale)) return false;
    const waited = change.waits;
    if (isNew && !this.always && change.isFor(m, space, tier)) {
      if (!waited) space.enterNative([]);
      return false;
    }
    if (watched.changed) watched.follow();
    if (isNew) {
      this.breakVersion = space.breakVersion;
      tier.breakAt(space.broken);
    }
    const built = tier.build(space.interrupts.isAsked);
    if (built === 'interrupted') return false;
    if (built === 'done') this.enterCompiled();
    else if (waited) space.enterNative(tier.functions());
    return this.grow();
  }

  /** Calls go to what is compiled now. */
  private enterCompiled(): void {
    const { space, tier } = this;
    space.enterNative(tier.functions());
    if (space.tiersLog) for (const line of tiersLog(tier)) space.tiersLog(line);
  }

  /** Compiles more of large modules, if it is time for that. False if it was interrupted. */
  private grow(): boolean {
    const { space, tier, growth } = this;
    if (!growth.isNear || tier.isStale || this.watched.resting || this.change.waits) return true;
    const due = growth.due();
    if (due.size === 0) return true;
    let isDone = true;
    for (const [inst, funcs] of due) isDone = tier.grow(inst, funcs, space.interrupts.isAsked) && isDone;
    this.enterCompiled();
    return isDone;
  }

  /** Where the machine stands, if compiled code can go on from there. */
  placeOf(m: Machine): Place | undefined {
    const { space, pc } = m;
    const op = space.code[pc];
    if (op === IOp.Native) return { func: space.stubbedAt(pc), header: -1, count: 0 };
    const code = space.codeAt(pc);
    if (!code || !this.tier.runs(code.func) || space.hasBreak(pc)) return undefined;
    if (pc === code.start) return zeroLocals(m, code) ? { func: code.func, header: -1, count: 0 } : undefined;
    const header = headerAt(code, pc);
    return header < 0 ? undefined : { func: code.func, header, count: siteAt(code, pc) };
  }

  /** Lets compiled code go on, `budget` instructions at most as the machine counts them. Undefined: it cannot. */
  enter(m: Machine, place: Place, budget: number): Ended | undefined {
    const { tier } = this;
    const { func, header, count } = place;
    const fuel = Math.floor(Math.min(budget, MAX_FUEL)) - count;
    const frames = (m.csLimit - m.cs) >> 1;
    if (fuel <= 0) return undefined;
    const room = Math.min(this.rooms.at(m.nested), m.stackLimit - m.fp, frames * FRAME_ROOM);
    if (room < MIN_ROOM) return undefined;
    const rest = header < 0 ? undefined : tier.rest(func, header);
    if (header >= 0 && !rest) return undefined;
    if (rest?.lazy.some((k) => holdsOtherNaN(m, func, k))) return undefined;
    const activation: Activation = {
      machine: m,
      known: m.counted + count + fuel,
      fuel,
      frames: [],
      call: undefined,
      over: undefined,
      end: m.counted + budget,
      room,
      roomNow: room,
      calling: undefined,
    };
    const before = m.counted;
    const { pc, fp, sp, cs, mem, csLimit, stackLimit } = m;
    this.stack.push(activation);
    tier.load();
    try {
      let left: number;
      if (rest) {
        this.giveFrame(m, m.space.codeOf(func), rest.operands);
        left = rest.go(room, fuel);
      } else {
        this.give(m, func.type.params, m.fp, 0);
        left = tier.wayIn(func.typeId)(func.addr, room, fuel);
      }
      tier.save();
      m.executedTo(activation.known - left);
      this.watched.came(m.counted - before, undefined);
      this.take(m, func.type.results, m.fp);
      m.returned(func.type.results.length);
    } catch (error) {
      tier.save();
      if (error === PAUSE) {
        this.left.layOut(m, { ...activation, executed: activation.known - activation.fuel });
      }
      this.left.clear();
      if (error !== PAUSE) {
        // What was going to be called may have been half begun.
        Object.assign(m, { pc, fp, sp, cs, mem, csLimit, stackLimit });
        return { kind: 'error', error };
      }
      const top = activation.call || activation.over ? undefined : activation.frames[0].site.kind;
      const touched = this.watched.came(m.counted - before, top);
      const atCheck = top === SiteKind.Entry || top === SiteKind.Header;
      return { kind: 'machine', atCheck, touched };
    } finally {
      this.stack.pop();
    }
    return { kind: 'machine', atCheck: false, touched: false };
  }

  // --- what compiled code calls ---

  private get active(): Activation {
    return this.stack[this.stack.length - 1];
  }

  private leave(fuel: number): never {
    this.active.fuel = fuel;
    throw PAUSE;
  }

  /** Takes the values of a frame out of the exchange. */
  private frame(number: number): void {
    const { tier } = this;
    const body = tier.bodyOf(number);
    const shape = tier.shapeOf(body);
    const site = shape.sites[number - body.siteBase];
    this.active.frames.push({
      body,
      shape,
      site,
      ...this.left.take(shape.layout.types.length, shape.refs, shape.vectors),
    });
  }

  /** Executes an instruction by the interpreter's own functions. If it traps, the interpreter shall do it again. */
  private runOp(op: number, sp: number, fuel: number): void {
    const { tier, core } = this;
    const words = tier.ops[op];
    this.active.fuel = fuel;
    // The interpreter does it then: large copies take their time.
    if (this.active.machine.isDue) throw PAUSE;
    try {
      execute(core, tier, words, sp);
    } catch (error) {
      if (error instanceof Signal || error instanceof RangeError) throw PAUSE;
      throw error;
    }
  }

  /** Behind what takes long for one instruction: gives the fuel that is left, none if somebody waits. */
  private due(fuel: number): number {
    const { active } = this;
    if (!active.machine.isDue) return fuel;
    active.known -= fuel;
    return 0;
  }

  /** At a breakpoint: 1 if the program stops there. The frame is shown where the one was that was entered. */
  private ask(number: number, fuel: number): number {
    const { active, tier } = this;
    const { machine: m } = active;
    const { count, pc, height, moves, lazy } = this.shownAt(m, number);
    const stood = { pc: m.pc, sp: m.sp };
    active.fuel = fuel;
    tier.save();
    const { I, V } = tier.exchange;
    for (let slot = 0; slot < moves.length; slot += 2) {
      const type = moves[slot];
      const w = m.fp + moves[slot + 1];
      if (type === EXTERN_BYTE) m.R[w >> 1] = tier.exchange.takeRef(slot >> 1);
      else if (type === V128) copyWords(m.V.I32, 2 * w, V.I32, 2 * slot);
      else {
        m.I[w] = I[slot];
        m.I[w + 1] = I[slot + 1];
      }
    }
    for (const { kind, at } of lazy) canonical(m, kind, m.fp + at);
    m.pc = pc;
    m.sp = m.fp + height;
    m.executedTo(active.known - fuel, count);
    const stops = m.stopsHere();
    m.pc = stood.pc;
    m.sp = stood.sp;
    return stops ? 1 : 0;
  }

  /** How the values at a breakpoint's site, which are in the exchange, become a frame. */
  private shownAt(m: Machine, number: number): Shown {
    const known = this.shown.get(number);
    if (known) return known;
    const body = this.tier.bodyOf(number);
    const { layout, sites } = this.tier.shapeOf(body);
    const site = sites[number - body.siteBase];
    const code = m.codeOf(body.func);
    const n = code.localTypes.length;
    const keepers = site.operands.map((keeper) => layout.types[layout.keepers[keeper]]);
    const types = [...layout.locals.map((slot) => layout.types[slot]), ...keepers];
    const wordOf = (k: number) => 2 * (k < n ? k : code.slots + k - n);
    const count = siteFrom(code, site.offset);
    const made: Shown = {
      count,
      pc: code.pcs[count],
      height: 2 * (code.slots + site.operands.length),
      moves: frameOrder(types).flatMap((k) => [types[k], wordOf(k)]),
      lazy: [
        ...layout.lazy.map((k) => ({ kind: rawOf(code.localTypes[k]), at: 2 * k })),
        ...site.raw.map(({ h, kind }) => ({ kind, at: 2 * (code.slots + h) })),
      ],
    };
    this.shown.set(number, made);
    return made;
  }

  private callOut(addr: number, room: number, fuel: number): number {
    const { active, tier } = this;
    const { machine: m } = active;
    const func = tier.store.funcs[addr];
    active.fuel = fuel;
    active.roomNow = room;
    m.executedTo(active.known - fuel);
    // This takes more of the host's stack than compiled frames do.
    const isBroken = func.host !== undefined && m.space.hasBreak(m.space.entry[addr]);
    const isLeft = func.host && (this.rewind.log.isAtLength || this.callers.callsIn(func, m.counted));
    if (room < CALL_ROOM || isBroken || isLeft) return this.leaveForCall(active, func, false);
    tier.save();
    try {
      const went = func.host ? this.callHost(active, func) : this.callTier0(active, func, room);
      if (!went) throw PAUSE;
    } finally {
      // Also when it is left: what is taken back then is what is given here.
      tier.load();
    }
    if (m.isDue) active.known = m.counted;
    return active.known - m.counted;
  }

  /** The machine makes the call, or goes on behind it if it is done, when all frames are on its stacks. */
  private leaveForCall(active: Activation, func: FuncInst, done: boolean): never {
    // What it called in for has been executed.
    if (done) active.fuel = active.known - active.machine.counted;
    const { params } = func.type;
    const slotsOf = (is: (type: number) => boolean) => params.flatMap((type, i) => (is(type) ? [i] : []));
    const isVector = (type: number) => type === V128;
    active.call = { func, done, ...this.left.take(params.length, slotsOf(isRef), slotsOf(isVector)) };
    throw PAUSE;
  }

  private callHost(active: Activation, func: FuncInst): boolean {
    const { params } = func.type;
    const args = params.map((type, i) => this.takeValue(type, i));
    const outer = active.calling;
    active.calling = { func, args };
    const answer = active.machine.callHostCompiled(func, args.slice(), this.tier.importerOf(func));
    active.calling = outer;
    (answer ?? args).forEach((value, i) => {
      this.putValue(i, value);
    });
    return answer ? true : this.leaveForCall(active, func, true);
  }

  /** Runs a function that is not compiled over the compiled frames. False if these have to be left. */
  private callTier0(active: Activation, func: FuncInst, room: number): boolean {
    const { machine: m } = active;
    this.grow();
    const { pc, fp, sp, cs, mem, csLimit, stackLimit } = m;
    const saved = { pc, fp, sp, cs, mem, csLimit, stackLimit };
    const used = this.usedBy(active);
    m.csLimit -= 2 * used.frames;
    m.stackLimit = Math.min(stackLimit - used.words, fp + room - OVER_ROOM);
    m.codeOf(func);
    this.take(m, func.type.params, fp);
    if (m.runOverCompiled(func, active.end)) {
      const { results } = func.type;
      this.give(m, results, m.sp - 2 * results.length, 0);
      Object.assign(m, saved);
      return true;
    }
    const top = Math.min(m.I.length, Math.max(m.sp, m.fp + m.space.frameWords(m.pc)));
    active.over = {
      func,
      from: fp,
      pc: m.pc,
      fp: m.fp - fp,
      sp: m.sp - fp,
      mem: m.mem,
      words: m.I.slice(fp, top),
      refs: m.R.slice(fp >> 1, top >> 1),
      vectors: m.V.I32.slice(2 * fp, 2 * top),
      calls: m.CS.slice(cs + 2, m.cs),
    };
    Object.assign(m, saved);
    return false;
  }

  /** What the compiled frames of an activation take on the machine, at most. */
  private usedBy({ room, roomNow }: Activation): { readonly frames: number; readonly words: number } {
    return { frames: Math.ceil((room - roomNow) / FRAME_ROOM), words: room - roomNow };
  }

  /** A host function calls in: from now on the machine calls it. */
  callsIn(func: FuncInst): void {
    this.callers.add(func);
  }

  /** The host function that compiled code has called calls in. Gives it, and what is below it on the host's stack. */
  callsBack(): HostCall & { readonly frames: number; readonly words: number } {
    const { active } = this;
    const calling = active.calling!;
    this.callsIn(calling.func);
    return { ...calling, ...this.usedBy(active) };
  }

  // --- values ---

  /** Puts values that are in the machine's slots from word `w` on into the exchange. */
  private give(m: Machine, types: readonly number[], w: number, slot: number): void {
    const { I, V, refs } = this.tier.exchange;
    types.forEach((type, i) => {
      if (isRef(type)) refs.set(slot + i, m.R[(w >> 1) + i]);
      else if (type === V128) copyWords(V.I32, 4 * (slot + i), m.V.I32, 2 * w + 4 * i);
      else {
        I[2 * (slot + i)] = m.I[w + 2 * i];
        I[2 * (slot + i) + 1] = m.I[w + 2 * i + 1];
      }
    });
  }

  private takeValue(type: ValType, slot: number): Value {
    const { exchange } = this.tier;
    if (isRef(type)) return { type, ref: exchange.takeRef(slot) };
    return readSlot({ I: exchange.I, V: exchange.V, R: [] }, type, 2 * slot);
  }

  private putValue(slot: number, value: Value): void {
    const { exchange } = this.tier;
    if (isRefValue(value)) exchange.refs.set(slot, value.ref);
    else writeSlot({ I: exchange.I, V: exchange.V, R: [] }, 2 * slot, value);
  }

  private giveFrame(m: Machine, code: FuncCode, operands: readonly number[]): void {
    const { localTypes, slots } = code;
    this.give(m, localTypes, m.fp, 0);
    this.give(m, operands, m.fp + 2 * slots, localTypes.length);
  }

  /** Takes values out of the exchange into the machine's slots from word `w` on. */
  private take(m: Machine, types: readonly number[], w: number, slot = 0): void {
    const { exchange } = this.tier;
    types.forEach((type, i) => {
      if (isRef(type)) m.R[(w >> 1) + i] = exchange.takeRef(slot + i);
      else if (type === V128) copyWords(m.V.I32, 2 * w + 4 * i, exchange.V.I32, 4 * (slot + i));
      else {
        m.I[w + 2 * i] = exchange.I[2 * (slot + i)];
        m.I[w + 2 * i + 1] = exchange.I[2 * (slot + i) + 1];
      }
    });
  }
}

/** True if a float local has a NaN that is not the canonical one: a person can write it there. */
function holdsOtherNaN(m: Machine, func: FuncInst, k: number): boolean {
  const w = m.fp + 2 * k;
  if (m.space.codeOf(func).localTypes[k] === F32) return m.F32[w] !== m.F32[w] && m.I[w] !== NAN_32;
  const x = m.F64[w >> 1];
  return x !== x && (m.I[w] !== 0 || m.I[w + 1] !== NAN_64_HIGH);
}

/** Offset of the loop header at `pc`, -1 if there is none. */
function headerAt(code: FuncCode, pc: number): number {
  return code.headers.has(pc) ? code.offsets[siteAt(code, pc)] : -1;
}

function zeroLocals(m: Machine, code: FuncCode): boolean {
  const { func, localTypes } = code;
  for (let i = func.type.params.length; i < localTypes.length; i++) {
    const w = m.fp + 2 * i;
    if (
      isRef(localTypes[i]) ? m.R[w >> 1] !== null : localTypes[i] === V128 || m.I[w] !== 0 || m.I[w + 1] !== 0
    )
      return false;
  }
  return true;
}

function makePause(): unknown {
  if (typeof WebAssembly !== 'object' || !('Tag' in WebAssembly))
    return new Error('the host has no exceptions');
  return new WebAssembly.Exception(new WebAssembly.Tag({ parameters: [] }), []);
}
