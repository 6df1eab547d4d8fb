/**
 * What is known while a body is emitted, and what its parts are written with: operands and the locals that keep them,
 * sites, the code with its insertions, and what stands around the guest's code. body.ts draws the whole and emits it.
 *
 * A tee is found to be needed only behind the place where it stands, so code is written with a list of insertions, which are
 * merged at the end. Knows no instruction.
 */

import { ByteWriter } from '../../base/writer.ts';
import { Op } from '../../isa/op.gen.ts';
import { I32, type ValType } from '../../isa/types.ts';
import { localTypes } from '../../module/module.ts';
import type { FuncInst } from '../../runtime/func.ts';
import type { ModuleInst } from '../../runtime/module-inst.ts';
import { FuncValidator } from '../../valid/func.ts';
import { type FrameLayout, frameOrder } from './frame-values.ts';
import { CANONICAL, Raw, rawOf } from './nan.ts';
import type { PieceIndex } from './piece-index.ts';
import type { RawOperand, SiteKind, SiteList } from './sites.ts';
import { erased } from './types.ts';

/** Why a function stays in tier 0. */
export class Kept {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Room that a frame costs beside its slots, in words: what the host's own frame needs. */
export const FRAME_ROOM = 16;

/** What a finished body is. */
export interface Body {
  /** The code entry behind its size. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many sites it has. */
  readonly sites: number;
}

/** Parameters of a function of the host at most, less those that we add. */
export const MAX_PARAMS = 900;
const MAX_ROUNDS = 4;

/** Kind of an insertion beside the `Raw` numbers, which make a value canonical. */
const TEE = 0;

export class BodyState {
  protected readonly piece: PieceIndex;
  protected readonly inst: ModuleInst;
  protected walk: FuncValidator;
  protected readonly out = new ByteWriter(1 << 12);
  /** The code with its insertions, and what becomes the code entry. */
  protected readonly whole = new ByteWriter(1 << 12);
  protected readonly entry = new ByteWriter(1 << 12);
  protected func!: FuncInst;
  protected locals: readonly ValType[] = [];
  /** Labels that are open in the copy. */
  protected depth = 0;
  /** By guest label: which label of the copy it is, from the outermost; -1 for those that are not in the copy. */
  protected readonly levels: number[] = [];
  /** Guest label behind whose end code is written again (the handlers of a legacy try are not); -1. */
  protected muted = -1;
  /** Static count of instructions from the function's start, as in translated code. */
  protected count = 0;
  /** Of them those that are not taken from `fuel` yet. */
  protected pend = 0;

  // What is known of each operand, from the bottom.
  protected types = new Uint8Array(64);
  protected positions = new Int32Array(64);
  /** Number of the local that keeps it, -1 for none. */
  protected keepers = new Int32Array(64);
  protected raws = new Uint8Array(64);
  protected rawSeen = false;
  /** By guest local: 1 if it is lazy; and those that turned out not to be. */
  protected lazy = new Uint8Array(0);
  protected readonly unlazy: number[] = [];
  /** How the instruction's result is raw. */
  protected pushedRaw = Raw.none;
  /** All operands below are kept. */
  protected savedTo = 0;

  // Locals behind the guest's, by the order in which they came to be needed.
  protected readonly extras: number[] = [];
  protected firstExtra = 0;
  protected readonly keeperOf = new Map<number, number>();
  protected readonly keeperLocals: number[] = [];
  protected readonly keeperTypes: number[] = [];
  protected readonly scratch = new Map<number, number>();

  protected insertions: number[] = [];
  protected insertionKinds: number[] = [];
  protected insertionArgs: number[] = [];

  protected siteCount = 0;
  protected siteBase = 0;
  /** Offsets of instructions with breakpoints. */
  protected breaks: ReadonlySet<number> | undefined;
  protected sites: SiteList | undefined;
  protected siteLocal = 0;
  protected roomLocal = 0;
  protected maxHeight = 0;
  protected isRest = false;

  constructor(piece: PieceIndex) {
    this.piece = piece;
    this.inst = piece.inst;
    this.walk = new FuncValidator(this.inst.module, this.inst.features);
  }

  /** How the last body's frames lie in the exchange: slots by type, locals before what keeps operands. */
  get frameLayout(): FrameLayout {
    const types = [...this.locals.map(erased), ...this.keeperTypes];
    const order = frameOrder(types);
    const slotOf = new Array<number>(types.length);
    order.forEach((k, slot) => {
      slotOf[k] = slot;
    });
    const n = this.locals.length;
    const lazy = this.locals.flatMap((_, idx) => (this.lazy[idx] === 1 ? [idx] : []));
    return { types: order.map((k) => types[k]), locals: slotOf.slice(0, n), keepers: slotOf.slice(n), lazy };
  }

  /** Emits a body, again and again until it is known which locals are lazy: all that can be are, to begin with. */
  protected settle(func: FuncInst, emit: () => void): void {
    const types = localTypes(this.inst.module, func.idx);
    const first = func.type.params.length;
    this.lazy = Uint8Array.from(types, (type, idx) => (idx >= first && rawOf(type) !== Raw.none ? 1 : 0));
    for (let round = 1; ; round++) {
      this.unlazy.length = 0;
      emit();
      if (this.unlazy.length === 0) return;
      if (round === MAX_ROUNDS) this.lazy.fill(0);
      else for (const idx of this.unlazy) this.lazy[idx] = 0;
    }
  }

  protected begin(func: FuncInst, sites: SiteList | undefined): void {
    this.func = func;
    this.locals = localTypes(this.inst.module, func.idx);
    if (this.locals.length > MAX_PARAMS) throw new Kept('too many locals');
    this.out.clear();
    this.muted = -1;
    this.count = 0;
    this.pend = 0;
    this.rawSeen = false;
    this.savedTo = 0;
    this.extras.length = 0;
    this.keeperOf.clear();
    this.keeperLocals.length = 0;
    this.keeperTypes.length = 0;
    this.scratch.clear();
    this.insertions.length = 0;
    this.insertionKinds.length = 0;
    this.insertionArgs.length = 0;
    this.siteCount = 0;
    this.sites = sites;
    if (sites) sites.length = 0;
    this.maxHeight = 0;
  }

  // --- sites ---

  /** Begins a site: sets the local that names it. */
  protected site(kind: SiteKind, offset: number, operands: number): void {
    this.i32(this.record(kind, offset, operands));
    this.op(Op.local_set, this.siteLocal);
  }

  protected record(kind: SiteKind, offset: number, operands: number): number {
    if (this.sites) {
      const raw: RawOperand[] = [];
      for (let h = 0; h < operands; h++) {
        const kind: Raw = this.raws[h];
        if (kind !== Raw.none && kind !== Raw.clean) raw.push({ h, kind });
      }
      this.sites.push({ kind, offset, operands: Array.from(this.keepers.subarray(0, operands)), raw });
    }
    return this.siteCount++;
  }

  /** Leaves: label 1 of the copy is `$pause`. */
  protected toPause(opcode: number): void {
    this.op(opcode, this.depth - 2);
  }

  // --- operands ---

  /** Index of the first operand that the instruction has taken or made. */
  protected popped(): number {
    const { walk } = this;
    const { offset } = walk.instr;
    let h = walk.height;
    while (h > 0 && walk.pushedAt(h - 1) === offset) h--;
    return Math.min(h, walk.heightBefore);
  }

  /** Takes note of what the instruction has pushed. */
  protected pushed(): void {
    const { walk } = this;
    const from = this.popped();
    const n = walk.height - from;
    if (n <= 0) {
      if (this.savedTo > walk.height) this.savedTo = walk.height;
      return;
    }
    // A loop with parameters has seen to them.
    if (walk.instr.code === Op.loop) return;
    this.learn(from);
    if (n > 1) this.keepNow(from, true);
  }

  /** The operands from `from` on are new, and on top in the copy. */
  protected learn(from: number): void {
    const { walk, out } = this;
    if (walk.height >= this.types.length) this.growOperands();
    for (let h = from; h < walk.height; h++) {
      this.types[h] = erased(walk.typeAt(h));
      this.positions[h] = out.length;
      this.keepers[h] = -1;
      this.raws[h] = Raw.none;
    }
    if (this.savedTo > from) this.savedTo = from;
  }

  /** Keeps the operands from `from` on at once; `stay`: they are still on the stack behind it. */
  protected keepNow(from: number, stay: boolean): void {
    const { height } = this.walk;
    for (let h = height - 1; h >= from; h--) {
      this.keepers[h] = this.keeper(h, this.types[h]);
      this.op(Op.local_set, this.keeperLocals[this.keepers[h]]);
    }
    if (stay) for (let h = from; h < height; h++) this.op(Op.local_get, this.keeperLocals[this.keepers[h]]);
  }

  /** Keeps all operands below `n`. */
  protected save(n: number): void {
    for (let h = this.savedTo; h < n; h++) {
      if (this.keepers[h] >= 0) continue;
      this.keepers[h] = this.keeper(h, this.types[h]);
      this.insert(this.positions[h], TEE, this.keeperLocals[this.keepers[h]]);
    }
    if (n > this.savedTo) this.savedTo = n;
  }

  /** The number of the local that keeps an operand of this type at this height. */
  protected keeper(height: number, type: number): number {
    const key = height * 0x100 + type;
    let keeper = this.keeperOf.get(key);
    if (keeper === undefined) {
      keeper = this.keeperLocals.length;
      if (this.locals.length + keeper >= MAX_PARAMS) throw new Kept('too many operands');
      this.keeperOf.set(key, keeper);
      this.keeperLocals.push(this.extra(type));
      this.keeperTypes.push(type);
    }
    return keeper;
  }

  protected keeperType(keeper: number): number {
    return this.keeperTypes[keeper];
  }

  protected keeperLocal(keeper: number): number {
    return this.keeperLocals[keeper];
  }

  /** From now on it is known that a local keeps this operand. */
  protected setKept(height: number, keeper: number): void {
    this.keepers[height] = keeper;
  }

  protected growOperands(): void {
    const size = 2 * Math.max(this.types.length, this.walk.height);
    const grown = <T extends Uint8Array | Int32Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    this.types = grown(this.types, new Uint8Array(size));
    this.raws = grown(this.raws, new Uint8Array(size));
    this.positions = grown(this.positions, new Int32Array(size));
    this.keepers = grown(this.keepers, new Int32Array(size));
  }

  protected canon(h: number): void {
    const raw: Raw = this.raws[h];
    if (raw === Raw.none || raw === Raw.clean) return;
    this.raws[h] = Raw.clean;
    this.insert(this.positions[h], raw, this.scratchOf(this.types[h]));
  }

  protected canonPopped(): void {
    if (!this.rawSeen) return;
    for (let h = this.popped(); h < this.walk.heightBefore; h++) this.canon(h);
  }

  protected canonAll(height: number): void {
    if (!this.rawSeen) return;
    for (let h = 0; h < height; h++) this.canon(h);
  }

  // --- writing ---

  /** Takes the instructions since the last time from the fuel, but for the last `keep`. */
  protected flush(keep: number): void {
    const n = this.pend - keep;
    if (n > 0) {
      this.op(Op.local_get, this.fuel);
      this.i32(n);
      this.out.u8(Op.i32_sub);
      this.op(Op.local_set, this.fuel);
      this.profile(n);
      this.pend = keep;
    }
  }

  /** Adds to the count of the function's instructions, where they are counted. */
  protected profile(n: number): void {
    const { out, piece, func } = this;
    if (!piece.profiled || n === 0) return;
    const access = (opcode: number) => {
      out.u8(opcode);
      out.u8(0x43);
      out.u32(piece.counts);
      out.u32(8 * func.addr);
    };
    this.i32(0);
    this.i32(0);
    access(Op.i64_load);
    out.u8(Op.i64_const);
    out.s64Halves(n, 0);
    out.u8(Op.i64_add);
    access(Op.i64_store);
  }

  /** Copies the instruction as it is. */
  protected raw(): void {
    const { out } = this;
    const { offset, pos } = this.walk.instr;
    const { bytes } = this.inst.module;
    for (let p = offset; p < pos; p++) out.u8(bytes[p]);
  }

  protected op(opcode: number, immediate: number): void {
    this.out.u8(opcode);
    this.out.u32(immediate);
  }

  protected i32(value: number): void {
    this.out.u8(Op.i32_const);
    this.out.s32(value);
  }

  /** Index in the copy of a guest's local. */
  protected local(idx: number): number {
    return this.isRest || idx >= this.func.type.params.length ? idx + 2 : idx;
  }

  /** Index of the local that holds the fuel; that of the room is the one before. */
  protected get fuel(): number {
    return this.isRest ? 1 : this.func.type.params.length + 1;
  }

  protected extra(type: number): number {
    return this.firstExtra + this.extras.push(type) - 1;
  }

  /** A local for what is put away for a moment; the `n`th of its type. */
  protected scratchOf(type: number, n = 0): number {
    const key = type + 0x100 * n;
    let local = this.scratch.get(key);
    if (local === undefined) {
      local = this.extra(type);
      this.scratch.set(key, local);
    }
    return local;
  }

  protected insert(position: number, kind: number, arg: number): void {
    this.insertions.push(position);
    this.insertionKinds.push(kind);
    this.insertionArgs.push(arg);
  }

  // --- putting it together ---

  /** Words that the frame takes on the machine at most, and what the host's frame needs. */
  protected get cost(): number {
    return 2 * (this.locals.length + this.maxHeight + 1) + FRAME_ROOM;
  }

  protected finish(): Uint8Array<ArrayBuffer> {
    const { results } = this.func.type;
    const { entry: to } = this;
    to.clear();
    const body = this.merged();
    this.declareLocals(to);
    to.u8(Op.try);
    this.piece.types.block(to, [], [...results, I32]);
    to.u8(Op.block);
    to.u8(0x40);
    this.lookAtBudget(to);
    to.u8(Op.block);
    this.piece.types.block(to, [], results);
    to.bytes(body);
    to.u8(Op.local_get);
    to.u32(this.fuel);
    to.u8(Op.br);
    to.u8(1);
    to.u8(Op.end);
    this.epilogue(to);
    return to.toBytes();
  }

  protected declareLocals(to: ByteWriter): void {
    const types: number[] = [];
    for (let i = this.isRest ? 0 : this.func.type.params.length; i < this.locals.length; i++)
      types.push(erased(this.locals[i]));
    for (const type of this.extras) types.push(type);
    const runs: number[] = [];
    for (const type of types) {
      if (runs.length > 0 && runs[runs.length - 1] === type) runs[runs.length - 2]++;
      else runs.push(1, type);
    }
    to.u32(runs.length / 2);
    for (let i = 0; i < runs.length; i += 2) {
      to.u32(runs[i]);
      to.u8(runs[i + 1]);
    }
  }

  protected lookAtBudget(to: ByteWriter): void {
    to.u8(Op.local_get);
    to.u32(this.fuel - 1);
    to.u8(Op.i32_const);
    to.s32(this.cost);
    to.u8(Op.i32_sub);
    to.u8(Op.local_tee);
    to.u32(this.roomLocal);
    to.u8(Op.local_get);
    to.u32(this.fuel);
    to.u8(Op.i32_or);
    to.u8(Op.i32_const);
    to.s32(0);
    to.u8(Op.i32_lt_s);
    to.u8(Op.br_if);
    to.u8(0);
  }

  /** What is behind the guest's code: leaving, and writing down the frame. */
  protected epilogue(to: ByteWriter): void {
    const { piece, siteBase } = this;
    to.u8(Op.local_get);
    to.u32(this.fuel);
    to.u8(Op.call);
    to.u32(piece.shims.leave);
    to.u8(0x00);
    to.u8(Op.catch_all);
    const locals = [...this.locals.map((_, idx) => this.local(idx)), ...this.keeperLocals];
    const types = [...this.locals.map(erased), ...this.keeperTypes];
    for (const k of frameOrder(types)) {
      to.u8(Op.local_get);
      to.u32(locals[k]);
    }
    to.u8(Op.local_get);
    to.u32(this.siteLocal);
    if (siteBase !== 0) {
      to.u8(Op.i32_const);
      to.s32(siteBase);
      to.u8(Op.i32_add);
    }
    to.u8(Op.call);
    to.u32(piece.spill(types));
    to.u8(Op.rethrow);
    to.u8(0);
    to.u8(Op.end);
    to.u8(Op.end);
  }

  /** The code with its insertions. */
  protected merged(): Uint8Array {
    const { insertions } = this;
    const code = this.out.view();
    const n = insertions.length;
    if (n === 0) return code;
    const order = new Float64Array(n);
    // What keeps a value is behind what makes it canonical: then the frame has no other.
    for (let i = 0; i < n; i++)
      order[i] = insertions[i] * 0x80_0000 + (this.insertionKinds[i] === TEE ? 0x40_0000 : 0) + i;
    order.sort();
    const { whole: to } = this;
    to.clear();
    let from = 0;
    for (const key of order) {
      const i = key % 0x40_0000;
      const at = insertions[i];
      to.bytes(code.subarray(from, at));
      from = at;
      const kind = this.insertionKinds[i];
      if (kind === TEE) {
        to.u8(Op.local_tee);
        to.u32(this.insertionArgs[i]);
      } else CANONICAL[kind](to, this.insertionArgs[i]);
    }
    to.bytes(code.subarray(from));
    return to.view();
  }
}
