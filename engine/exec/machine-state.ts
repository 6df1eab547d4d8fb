/**
 * What a machine is between two instructions: registers and stacks, the frames on them, and what is due before the next
 * instruction. All that looks at it or changes it without running: frames, a debugger's moves, the state as it is saved for
 * replays, the frames of a core dump.
 *
 * Knows nothing of how code runs (machine.ts). Places are functions and byte offsets; the stacks' layout is slot.ts and code.ts.
 */

import { usage } from '../base/errors.ts';
import { V128 } from '../isa/types.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import { isRefValue, type Ref, type Value } from '../runtime/values.ts';
import type { Wait } from '../runtime/wait.ts';
import { type CodeSpace, ENTER_WORDS, type FuncCode, siteAt, siteFrom } from './code.ts';
import { type Frame, fill, HostFrame, type MissingValues, type RestoredFrame, WasmFrame } from './frame.ts';
import type { Pending, SteppedCall } from './host-call.ts';
import type { Core } from './interp.ts';
import { Pc } from './iop.ts';
import type { Outcome } from './outcome.ts';
import type { Saved } from './replay/rewind.ts';
import { NO_VECTORS, newVectors, type Vectors } from './simd/vectors.ts';
import { clearBeside, readSlot, writeSlot } from './slot.ts';
import type { Raised } from './throw.ts';
import type { Activation, Watches } from './watch.ts';

/** Of nested activations, which use the host's stack: they are few. */
export const MAX_NESTED = 200;

export class MachineState implements Core {
  readonly store: Store;
  readonly space: CodeSpace;
  readonly I: Int32Array;
  readonly F32: Float32Array;
  readonly F64: Float64Array;
  readonly R: Ref[] = [];
  V: Vectors = NO_VECTORS;
  readonly CS: Int32Array;
  entry: Int32Array;
  pc: number = Pc.Halt;
  fp = 0;
  sp = 0;
  cs = 0;
  mem = -1;
  csLimit: number;
  stackLimit: number;
  fuel = 0;
  weight = 0;
  thrown: unknown;

  /** Nested activations on the host's stack: host functions that have called in. */
  nested = 0;

  protected readonly maxCs: number;
  /** Instructions executed but for those before pc in the running function. */
  protected base = 0;
  protected func: FuncInst | undefined;
  protected firstArgs: readonly Value[] = [];
  /** By fp. */
  protected readonly missing = new Map<number, MissingValues>();
  protected over: Outcome | undefined;
  protected pending: Pending | undefined;
  /** Host functions that have called, outermost first. */
  protected readonly stepped: SteppedCall[] = [];
  protected waiting: Wait | undefined;
  /** Thrown, and stopped before it was unwound. */
  protected raised: Raised | undefined;

  /** `depth`: frames that may be active at once. `slots`: of all of them together. */
  constructor(store: Store, space: CodeSpace, depth: number, slots: number) {
    const buffer = new ArrayBuffer(8 * slots);
    this.store = store;
    this.space = space;
    store.heap.watch(this.R);
    this.I = new Int32Array(buffer);
    this.F32 = new Float32Array(buffer);
    this.F64 = new Float64Array(buffer);
    this.entry = this.space.entry;
    this.stackLimit = 2 * slots;
    this.maxCs = 2 * depth;
    this.csLimit = this.maxCs;
    // Markers and nested activations raise the limit: a frame has one marker at most.
    this.CS = new Int32Array(2 * this.maxCs + 8 * MAX_NESTED + 16);
  }

  /** Instructions executed since the machine was made, exact at every stop. The one at which it stopped is not in it. */
  get instructions(): number {
    const code = this.space.codeAt(this.pc);
    return this.base + (code ? siteAt(code, this.pc) : 0);
  }

  /** Instructions executed, as budgets count them: those since the last jump, call or return are not in it. */
  get counted(): number {
    return this.base;
  }

  /** True at a stop at a throw: what runs next goes to the handler. */
  get raising(): boolean {
    return this.raised !== undefined;
  }

  /** The arguments of the outermost function, as it was called with them. */
  get begunWith(): readonly Value[] {
    return this.firstArgs;
  }

  /** True while an answer of the host, a notification or a handler is due before the next instruction. */
  get suspended(): boolean {
    return this.pending !== undefined || this.waiting !== undefined || this.raised !== undefined;
  }

  /** True while there is something to run or to inspect. */
  get active(): boolean {
    return this.func !== undefined;
  }

  /** What is watched in the code that it runs. */
  get watches(): Watches | undefined {
    return this.space.watches;
  }

  /** In front of a host function's call: its caller with the arguments still on its stack. */
  get calling(): WasmFrame | undefined {
    if (!this.space.hostAt(this.pc)) return undefined;
    const back = this.CS[this.cs - 2] === Pc.Mark ? this.cs - 4 : this.cs - 2;
    const code = this.space.codeAt(this.CS[back] - 1);
    if (!code) return undefined;
    const site = siteAt(code, this.CS[back] - 1);
    return new WasmFrame(this, code, site, this.CS[back + 1], code.heights[site]);
  }

  /** Which activation frame `level` is, for watching its locals; undefined for one that is not Wasm's. */
  activationAt(level: number): Activation | undefined {
    let found = 0;
    let { pc, fp } = this;
    for (let at = this.cs, top = -1; ; ) {
      const frame = this.frameAt(pc, fp, top);
      if (frame && found++ === level) {
        return frame instanceof WasmFrame ? { machine: this, func: frame.func, fp, cs: at } : undefined;
      }
      if (frame) top = fp;
      if (at === 0) return undefined;
      at -= 2;
      pc = this.CS[at];
      fp = this.CS[at + 1];
    }
  }

  /** For compiled code: this many instructions are executed in all, `behind` of them in the running function's code before pc. */
  executedTo(executed: number, behind = 0): void {
    this.base = executed - behind;
  }

  /** For compiled code: the function at fp has returned, with `n` results in its first slots. */
  returned(n: number): void {
    this.sp = this.fp + 2 * n;
    this.cs -= 2;
    this.pc = this.CS[this.cs];
    this.fp = this.CS[this.cs + 1];
    this.base -= this.space.code[this.pc - 1];
  }

  /** For compiled code: the frame at fp has called, and is to go on at `back`; the callee's frame is at `fp`. */
  pushFrame(back: number, fp: number): void {
    this.CS[this.cs] = back;
    this.CS[this.cs + 1] = this.fp;
    this.cs += 2;
    this.fp = fp;
  }

  /** For compiled code: `func` runs in the frame at fp, as its caller's callee or (`tail`) maybe in the place of another one. */
  switchMemory(func: FuncInst, tail: boolean): void {
    if (func.mem0 < 0 || func.mem0 === this.mem) return;
    if (!tail || this.CS[this.cs - 2] !== Pc.Mark) {
      this.CS[this.cs] = Pc.Mark;
      this.CS[this.cs + 1] = this.mem;
      this.cs += 2;
      this.csLimit += 2;
    }
    this.mem = func.mem0;
  }

  /** Forgets what was active. */
  reset(): void {
    this.watches?.prune(this, 0);
    this.missing.clear();
    this.base = this.instructions;
    this.func = undefined;
    this.over = undefined;
    this.pending = undefined;
    this.raised = undefined;
    this.stepped.length = 0;
    this.waiting?.cancel();
    this.waiting = undefined;
    this.pc = Pc.Halt;
    this.fp = 0;
    this.sp = 0;
    this.cs = 0;
    this.mem = -1;
  }

  /**
   * The frames, innermost first, `count` of them from `start`. Callers stand at their call instruction. They are
   * views of the machine: valid until it runs on.
   */
  frames(start = 0, count = Number.POSITIVE_INFINITY): Frame[] {
    const frames: Frame[] = [];
    if (!this.func) return frames;
    let level = 0;
    let { pc, fp } = this;
    let top = -1;
    for (let at = this.cs; level < start + count; ) {
      const frame = this.frameAt(pc, fp, top);
      if (frame) {
        if (level >= start) frames.push(frame);
        level++;
        top = fp;
      }
      if (at === 0) break;
      at -= 2;
      pc = this.CS[at];
      fp = this.CS[at + 1];
    }
    return frames;
  }

  /** How many frames there are. */
  get depth(): number {
    let depth = 0;
    if (!this.func) return depth;
    if (this.frameAt(this.pc, this.fp, -1)) depth++;
    for (let at = 0; at < this.cs; at += 2) if (this.CS[at] !== Pc.Mark && this.CS[at] !== Pc.Halt) depth++;
    return depth;
  }

  /**
   * For a debugger: the innermost function goes on at the instruction at `offset`, with the lowest `keep` of its operands
   * and `pushed` above them. A trap, an exception or a host's promise that it stood at is forgotten; counts stay what
   * they are. Whether the instruction takes such a stack is for the caller to know. Throws a usage fault.
   */
  moveTo(offset: number, keep: number, pushed: readonly Value[]): void {
    const [frame] = this.frames(0, 1);
    const func = frame?.kind === 'wasm' ? frame.func : usage('no instruction of WebAssembly comes next here');
    const why = this.missing.get(this.fp)?.why;
    if (why !== undefined) usage(`the values of this function are not known: ${why}`);
    const code = this.codeOf(func);
    const site = siteFrom(code, offset);
    if (code.offsets[site] !== offset) usage('that instruction cannot be reached');
    this.needRoomFor(pushed);
    const base = this.fp + 2 * (code.slots + keep);
    for (let i = 0; i < pushed.length; i++) writeSlot(this, base + 2 * i, pushed[i]);
    this.sp = base + 2 * pushed.length;
    this.standAt(code.pcs[site]);
  }

  /** For a debugger: frame `level` begins again with these arguments; the frames above it are forgotten. */
  restartFrame(level: number, args: readonly Value[]): void {
    const { func } = this.dropTo(level);
    const code = this.codeOf(func);
    const words = this.space.code.subarray(code.start - ENTER_WORDS, code.start);
    this.needRoomFor(args);
    for (let i = 0; i < args.length; i++) writeSlot(this, this.fp + 2 * i, args[i]);
    const from = this.fp + words[2];
    const to = this.fp + words[3];
    this.I.fill(0, from, to);
    clearBeside(this, from >> 1, to >> 1);
    this.sp = to;
    this.standAt(code.start);
  }

  /** For a debugger: frame `level` returns these values at once; the frames above it are forgotten. */
  returnFrame(level: number, results: readonly Value[]): void {
    this.dropTo(level);
    this.needRoomFor(results);
    for (let i = 0; i < results.length; i++) writeSlot(this, this.fp + 2 * i, results[i]);
    this.sp = this.fp + 2 * results.length;
    this.standAt(this.popCaller());
  }

  /**
   * Stands as if these functions, outermost first, had been called. It can be looked at, and not run. Throws a usage fault
   * if there are more frames than fit.
   */
  restore(frames: readonly RestoredFrame[]): void {
    this.reset();
    this.func = frames[0]?.func;
    this.CS[0] = Pc.Halt;
    this.CS[1] = 0;
    this.cs = 2;
    for (const [i, frame] of frames.entries()) {
      const code = this.codeOf(frame.func);
      const site = Math.max(0, siteFrom(code, frame.offset + 1) - 1);
      const isLast = i === frames.length - 1;
      const operands = isLast ? code.heights[site] : frame.operands;
      const end = this.fp + 2 * (code.slots + operands);
      if (end > this.stackLimit || this.cs > this.maxCs) usage(`only ${i} of ${frames.length} frames fit`);
      this.missing.set(
        this.fp,
        fill(frame, code, operands, (slot, value) => {
          this.needRoomFor([value]);
          writeSlot(this, this.fp + 2 * slot, value);
        }),
      );
      this.pc = code.pcs[site];
      if (isLast) {
        this.sp = end;
        return;
      }
      this.CS[this.cs] = this.pc + 1;
      this.CS[this.cs + 1] = this.fp;
      this.cs += 2;
      this.fp = end;
    }
  }

  /**
   * Sets a breakpoint on the first reachable instruction of `func` at or behind byte `offset`. Returns its offset,
   * undefined if there is none.
   */
  setBreakpoint(func: FuncInst, offset: number): number | undefined {
    const code = this.codeOf(func);
    const site = siteFrom(code, offset);
    if (site === code.pcs.length) return undefined;
    this.space.setBreak(code.pcs[site]);
    return code.offsets[site];
  }

  /** Takes away the breakpoint on the instruction at exactly this offset. */
  clearBreakpoint(func: FuncInst, offset: number): void {
    const code = this.codeOf(func);
    const site = siteFrom(code, offset);
    if (code.offsets[site] === offset) this.space.clearBreak(code.pcs[site]);
  }

  /** The translated code of a function: its reachable instructions by offset. */
  codeOf(func: FuncInst): FuncCode {
    const code = this.space.codeOf(func);
    if (code.usesRefs) this.needRefs();
    if (code.usesVectors) this.needVectors();
    return code;
  }

  /**
   * The state of the machine, to come back to while the store's code is still the same: for replays (replay/rewind.ts).
   * Only where nothing of it is on the host's stack.
   */
  save(): Saved {
    const { pc, fp, sp, cs, mem, csLimit, stackLimit, base, func, over, pending, waiting, raised } = this;
    // Stubs leave sp where the arguments begin.
    const end = Math.max(sp, fp + this.space.frameWords(pc));
    const I = this.I.slice(0, end);
    const R = this.R.slice(0, end >> 1);
    const V = this.V.I32.slice(0, 2 * end);
    const CS = this.CS.slice(0, cs);
    const stepped = this.stepped.slice();
    return {
      restore: () => {
        Object.assign(this, { pc, fp, sp, cs, mem, csLimit, stackLimit, base, func, over });
        Object.assign(this, { pending, waiting, raised });
        this.I.set(I);
        this.CS.set(CS);
        this.stepped.splice(0, this.stepped.length, ...stepped);
        for (let k = 0; k < R.length; k++) this.R[k] = R[k];
        this.V.I32.set(V);
      },
    };
  }

  /** Goes on at `pc`, as if nothing had happened since the last instruction. */
  protected standAt(pc: number): void {
    const done = this.instructions;
    const code = this.space.codeAt(pc);
    this.pc = pc;
    this.watches?.prune(this, this.cs);
    this.missing.clear();
    this.base = done - (code ? siteAt(code, pc) : 0);
    this.over = undefined;
    this.raised = undefined;
    this.pending = undefined;
  }

  /** Makes frame `level` the innermost one. Not beyond a host function that called in: that is on the host's stack. */
  protected dropTo(level: number): WasmFrame {
    const frames = this.frames(0, level + 1);
    const frame = frames[level];
    if (frame?.kind !== 'wasm') return usage('this frame is not WebAssembly');
    const isPinned = frames.some(({ kind }, i) => kind === 'host' && (i > 0 || !this.pending));
    if (isPinned) usage('a host function that called in stands above this frame');
    const done = this.instructions;
    for (let i = 0; i < level; i++) this.pc = this.popCaller();
    // What ran above is counted; the call that it came from is not done yet.
    this.base = done;
    const code = this.space.codeAt(this.pc);
    if (code) this.base -= siteAt(code, this.pc);
    return frame;
  }

  /** Takes the innermost frame away; gives where its caller goes on. */
  protected popCaller(): number {
    const { CS } = this;
    this.cs -= 2;
    if (CS[this.cs] === Pc.Mark) {
      this.mem = CS[this.cs + 1];
      this.csLimit -= 2;
      this.cs -= 2;
    }
    this.fp = CS[this.cs + 1];
    return CS[this.cs];
  }

  protected resultsOf(func: FuncInst): Value[] {
    const { results } = func.type;
    const at = this.sp - 2 * results.length;
    return results.map((type, i) => readSlot(this, type, at + 2 * i));
  }

  /** The frame that runs at `pc`; `above` is the fp of the frame it called, -1 if it is the innermost. */
  protected frameAt(pc: number, fp: number, above: number): Frame | undefined {
    if (pc === Pc.Mark || pc === Pc.Halt) return undefined;
    const host = this.space.hostAt(pc);
    if (host) return new HostFrame(this, host, fp);
    const code = this.space.codeAt(above < 0 ? pc : pc - 1);
    if (!code) {
      // A callee that is not translated yet has no frame of its own so far.
      return undefined;
    }
    const site = siteAt(code, above < 0 ? pc : pc - 1);
    const height = above < 0 ? code.heights[site] : ((above - fp) >> 1) - code.slots;
    const frame = new WasmFrame(this, code, site, fp, height);
    frame.missing = this.missing.get(fp);
    return frame;
  }

  protected needRoomFor(values: readonly Value[]): void {
    if (values.some(isRefValue)) this.needRefs();
    if (values.some(({ type }) => type === V128)) this.needVectors();
  }

  protected needRefs(): void {
    const slots = this.I.length >> 1;
    while (this.R.length < slots) this.R.push(null);
  }

  protected needVectors(): void {
    if (this.V.slots === 0) this.V = newVectors(this.I.length >> 1);
  }
}
