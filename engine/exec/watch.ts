/**
 * Watching: what is needed to stop behind an access to bytes of a memory, a global, a slot of a table, or a local of
 * one frame, and to say what was there before and who did it.
 *
 * While something is watched, every op of translated code that may touch it has the bit `WATCHED` (code.ts sets and
 * clears it). Such a number leads out of the loop's jump table into `passWatched`, which executes what does not touch
 * after all; what touches ends the loop, and the machine looks at what is watched, executes the instruction and looks
 * again. Without a watch no code has the bit. What the host does is heard of from memories (`MemInst.observed`) and, for
 * hosts that write by themselves, found by comparing behind host calls.
 *
 * This is what the host tier keeps to: while `CodeSpace.watches` is set, compiled code is left in front of accesses that
 * may touch (host/watched-body.ts), functions with a watched local are not compiled, and frames that end are told by `prune`.
 */

import type { FuncInst } from '../runtime/func.ts';
import type { GlobalInst } from '../runtime/global.ts';
import type { MemInst } from '../runtime/memory.ts';
import type { TableInst } from '../runtime/table.ts';
import { isRefValue, type Value } from '../runtime/values.ts';
import { atomic } from './atomic.ts';
import { bulk } from './bulk.ts';
import { FAR_WORDS, farAccess, loadNumber, storeNumber } from './far-access.ts';
import type { Core } from './interp.ts';
import { IOp } from './iop.ts';
import { simd } from './simd/simd.ts';
import { readSlot } from './slot.ts';
import { ACCESS_WIDTHS, accessesOf, isNearAccess, type OpAccess, Space } from './watch-ops.ts';

/** Beside an op in translated code: something that it may touch is watched. */
export const WATCHED = 0x100;

/** One activation of a function, from its call to its end: told by the machine, and where it is on its stacks. */
export interface Activation {
  readonly machine: Core;
  readonly func: FuncInst;
  readonly fp: number;
  /** Height of the control stack when it is the running one. */
  readonly cs: number;
}

export type WatchTarget =
  | { readonly kind: 'memory'; readonly memory: MemInst; readonly from: number; readonly count: number }
  | { readonly kind: 'global'; readonly global: GlobalInst }
  | { readonly kind: 'table'; readonly table: TableInst; readonly index: number }
  | {
      readonly kind: 'local';
      readonly frame: Activation;
      readonly idx: number;
      readonly type: Value['type'];
    };

export interface Watch {
  readonly target: WatchTarget;
  readonly reads: boolean;
  readonly writes: boolean;
  /** Writes count only if another value is there afterwards. */
  readonly changes: boolean;
}

/** What is there: bytes (fewer where the memory ends), a value; undefined for a slot behind the table's end. */
export type Held = Uint8Array | Value | undefined;

export interface WatchHit {
  readonly watch: Watch;
  readonly access: 'read' | 'write';
  readonly before: Held;
  readonly after: Held;
  /** The instruction, or the host: a function of it, undefined if it did it by itself. */
  readonly by: { readonly func: FuncInst; readonly offset: number } | { readonly host: string | undefined };
}

/** A watch that an instruction is about to touch. */
export interface Touched {
  readonly watch: Watch;
  readonly write: boolean;
  /** The frame ends with this instruction. */
  readonly ends: boolean;
}

interface HostAccess {
  readonly watch: Watch;
  readonly write: boolean;
}

type MemoryWatch = Watch & { readonly target: Extract<WatchTarget, { kind: 'memory' }> };
type LocalWatch = Watch & { readonly target: Extract<WatchTarget, { kind: 'local' }> };

/** What is watched in one store. */
export class Watches {
  /** Counts the watches that ended with their frames. */
  version = 0;
  /** Told when a frame ended of which a local is watched. The watch stays in the list until that is replaced. */
  ended: ((watch: Watch) => void) | undefined;
  readonly #all: Watch[];
  readonly #memory: readonly MemoryWatch[];
  #local: readonly LocalWatch[];
  /** What was there when it was looked at last. */
  readonly #seen = new Map<Watch, Held>();
  /** All watched bytes of memories are from here to there. */
  readonly #low: number;
  readonly #high: number;
  /** Watched ranges that the host has touched since that was asked for. */
  #byHost: HostAccess[] = [];

  constructor(all: readonly Watch[]) {
    this.#all = [...all];
    this.#memory = all.filter((watch): watch is MemoryWatch => watch.target.kind === 'memory');
    this.#local = all.filter((watch): watch is LocalWatch => watch.target.kind === 'local');
    this.#low = Math.min(...this.#memory.map(({ target }) => target.from));
    this.#high = Math.max(...this.#memory.map(({ target }) => target.from + target.count));
    this.refresh();
    for (const { target } of this.#memory) target.memory.observed = this.#observe;
  }

  get all(): readonly Watch[] {
    return this.#all;
  }

  /** Memories need not tell any more. */
  release(): void {
    for (const { target } of this.#memory) {
      if (target.memory.observed === this.#observe) target.memory.observed = undefined;
    }
  }

  /** Takes what is there now for what was there: somebody has changed it who need not be told of. */
  refresh(): void {
    for (const watch of this.#all) this.#seen.set(watch, heldBy(watch.target));
    this.#byHost = [];
  }

  /** Whether an op of a function may touch what is watched. */
  mayTouch(func: FuncInst, code: Int32Array, pc: number, op: number): boolean {
    return accessesOf(code, pc, op, func.mem0).some((access) =>
      this.#all.some((watch) => meets(watch, access, func)),
    );
  }

  /** Whether an access to a memory touches what is watched. */
  touches(memory: number, from: number, count: number, write: boolean): boolean {
    if (from >= this.#high || from + count <= this.#low || count === 0) return false;
    for (const { target, reads, writes } of this.#memory) {
      if (target.memory.addr !== memory || !(write ? writes : reads)) continue;
      if (from < target.from + target.count && target.from < from + count) return true;
    }
    return false;
  }

  /** Whether a local of the frame at `fp` is watched. */
  watchesFrame(machine: Core, fp: number): boolean {
    return this.#local.some(({ target: { frame } }) => frame.fp === fp && frame.machine === machine);
  }

  /** The watches that the instruction at `pc` of a machine is about to touch. */
  touchedAt(machine: Core, func: FuncInst, code: Int32Array, op: number): Touched[] {
    const accesses = accessesOf(code, machine.pc, op, func.mem0, machine);
    const touched: Touched[] = [];
    for (const watch of this.#all) {
      const met = accesses.filter((access) => meets(watch, access, func, machine));
      if (met.length === 0) continue;
      const ends = met.some(({ space }) => space === Space.end);
      touched.push({ watch, write: met.some(({ write }) => write), ends });
    }
    return touched;
  }

  /** What of the watches that an instruction has touched is to be told. */
  hits(touched: readonly Touched[], by: WatchHit['by']): WatchHit[] {
    const hits: WatchHit[] = [];
    for (const { watch, write, ends } of touched) {
      if (ends) this.#end(watch);
      else this.#hit(hits, watch, write && watch.writes, by);
    }
    return hits;
  }

  /** What the host has done since this was asked last; `host`: its function that was called, if one was. */
  hostHits(host: string | undefined): WatchHit[] {
    const heard = this.#byHost;
    this.#byHost = [];
    const hits: WatchHit[] = [];
    for (const watch of this.#all) {
      const own = heard.filter((access) => access.watch === watch);
      const after = heldBy(watch.target);
      const changed = !same(this.#seen.get(watch), after);
      const wrote = changed || own.some(({ write }) => write);
      if (wrote && watch.writes) this.#hit(hits, watch, true, { host });
      else if (watch.reads && own.some(({ write }) => !write)) this.#hit(hits, watch, false, { host });
      else if (changed) this.#seen.set(watch, after);
    }
    return hits;
  }

  /** The frames of a machine above a height of its control stack are gone. */
  prune(machine: Core, cs: number): void {
    for (const watch of this.#local) {
      const { frame } = watch.target;
      if (frame.machine === machine && frame.cs > cs) this.#end(watch);
    }
  }

  #hit(hits: WatchHit[], watch: Watch, write: boolean, by: WatchHit['by']): void {
    const before = this.#seen.get(watch);
    const after = heldBy(watch.target);
    this.#seen.set(watch, after);
    if (write && watch.changes && same(before, after)) return;
    hits.push({ watch, access: write ? 'write' : 'read', before, after, by });
  }

  #end(watch: Watch): void {
    const at = this.#all.indexOf(watch);
    if (at < 0) return;
    this.#all.splice(at, 1);
    this.version++;
    this.#local = this.#local.filter((other) => other !== watch);
    this.#seen.delete(watch);
    this.ended?.(watch);
  }

  readonly #observe: MemInst['observed'] = (memory, from, count, write) => {
    if (count <= 0) return;
    for (const watch of this.#memory) {
      const { target } = watch;
      if (target.memory !== memory) continue;
      if (from < target.from + target.count && target.from < from + count)
        this.#byHost.push({ watch, write });
    }
  };
}

/**
 * In the loop, at a word that is no op: executes the watched instruction at `pc` if it does not touch what is watched.
 * Gives how many words it has, and sets `m.sp`; -1: it is for the machine, nothing was done.
 */
export function passWatched(
  m: Core,
  code: Int32Array,
  pc: number,
  sp: number,
  fp: number,
  mem: number,
): number {
  const { watches, I } = m;
  const op = code[pc] & ~WATCHED;
  if (op === code[pc] || !watches) throw new Error(`no internal op ${code[pc]} at pc ${pc}`);
  if (isNearAccess(op)) {
    const write = op >= FIRST_STORE;
    const w = write ? sp - 4 : sp - 2;
    const ea = (I[w] >>> 0) + (code[pc + 1] >>> 0);
    if (watches.touches(mem, ea, ACCESS_WIDTHS[op - FIRST_LOAD], write)) return -1;
    const { view } = m.store.mems[mem];
    if (write) storeNumber(view, op, ea, I, sp - 2);
    else loadNumber(view, op, ea, I, w);
    m.sp = write ? w : sp;
    return 2;
  }
  if (op >= IOp.LocalGet32 && op <= IOp.LocalTeeRef) {
    if (watches.watchesFrame(m, fp)) return -1;
    m.sp = moveLocal(m, op, fp + code[pc + 1], sp);
    return 2;
  }
  const at = { I, sp, fp, store: m.store };
  const touched = accessesOf(code, pc, op, mem, at).some(({ space, addr, from, count, write }) => {
    if (space === Space.memory) return watches.touches(addr, from, count, write);
    return space !== Space.local || watches.watchesFrame(m, fp);
  });
  return touched ? -1 : execute(m, code, pc, sp, op);
}

const FIRST_LOAD = 0x28;
const FIRST_STORE = 0x36;

/** Moves a local as the loop does. Gives the new sp. */
function moveLocal({ I, R }: Core, op: number, w: number, sp: number): number {
  switch (op) {
    case IOp.LocalGet32:
    case IOp.LocalGet64:
      I[sp] = I[w];
      I[sp + 1] = I[w + 1];
      return sp + 2;
    case IOp.LocalGetRef:
      R[sp >> 1] = R[w >> 1];
      return sp + 2;
    case IOp.LocalSetRef:
    case IOp.LocalTeeRef:
      R[w >> 1] = R[(sp - 2) >> 1];
      return op === IOp.LocalSetRef ? sp - 2 : sp;
    default:
      I[w] = I[sp - 2];
      I[w + 1] = I[sp - 1];
      return op === IOp.LocalSet32 || op === IOp.LocalSet64 ? sp - 2 : sp;
  }
}

/** Executes what is a function outside of the loop anyway; the rest is for the machine. */
function execute(m: Core, code: Int32Array, pc: number, sp: number, op: number): number {
  switch (op) {
    case IOp.FarAccess:
      m.sp = farAccess(m, code, pc, sp);
      return FAR_WORDS;
    case IOp.Atomic:
      m.sp = atomic(m, code, pc, sp);
      return FAR_WORDS;
    case IOp.Simd:
      m.sp = simd(m, code, pc, sp);
      return 3;
    case IOp.SimdLong:
      m.sp = simd(m, code, pc, sp);
      return 6;
    default:
      if (op < IOp.TableGet || op > IOp.MemoryFill) return -1;
      m.sp = bulk(m, code, pc, sp, op);
      return 4;
  }
}

/** `machine`: one that stands in front of the op; without it, whether the op may do that at all. */
function meets(watch: Watch, access: OpAccess, func: FuncInst, machine?: Core): boolean {
  const { target, reads, writes } = watch;
  const { space, addr, from, count, write } = access;
  if (target.kind === 'local') {
    if (space !== Space.local && space !== Space.end) return false;
    const { frame, idx } = target;
    if (frame.func !== func) return false;
    if (machine && (frame.machine !== machine || frame.fp !== machine.fp || frame.cs !== machine.cs))
      return false;
    return space === Space.end || ((addr === idx || addr < 0) && (write ? writes : reads));
  }
  if (count === 0 || !(write ? writes : reads)) return false;
  switch (target.kind) {
    case 'memory':
      if (space !== Space.memory || addr !== target.memory.addr) return false;
      return from < target.from + target.count && target.from < from + count;
    case 'global':
      return space === Space.global && addr === target.global.addr;
    case 'table':
      if (space !== Space.table || addr !== target.table.addr) return false;
      return from <= target.index && target.index < from + count;
  }
}

function heldBy(target: WatchTarget): Held {
  switch (target.kind) {
    case 'memory': {
      const { memory, from, count } = target;
      memory.refresh();
      return memory.bytes.slice(from, from + count);
    }
    case 'global':
      return target.global.value;
    case 'table': {
      const { elems, type } = target.table;
      return target.index < elems.length ? { type: type.element, ref: elems[target.index] } : undefined;
    }
    case 'local': {
      const { frame, idx, type } = target;
      return readSlot(frame.machine, type, frame.fp + 2 * idx);
    }
  }
}

function same(a: Held, b: Held): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    if (!(a instanceof Uint8Array && b instanceof Uint8Array) || a.length !== b.length) return false;
    return a.every((byte, i) => byte === b[i]);
  }
  if (isRefValue(a) || isRefValue(b)) return isRefValue(a) && isRefValue(b) && a.ref === b.ref;
  return a.bits === b.bits;
}
