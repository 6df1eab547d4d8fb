/**
 * Instrumentation: the body of a valid function as the host shall run it, straight from bytes into bytes.
 *
 * What is added: every instruction is counted (`fuel`, which goes down, is passed into calls and comes back out of
 * them: measured with fib, 1.2 times native; a global was 3.1), every call passes the `room` that is left for frames,
 * and function entries and loop headers look at both, at the same places where the machine looks at its budget. To be
 * left, the body branches *out* of its loops and throws; its catch_all writes the locals and the operands into the
 * exchange. Operands that lie below a call or a loop are kept in locals for that, by a `local.tee` behind what pushed
 * them. NaNs are made canonical where a float leaves arithmetic.
 *
 *     try (results, fuel)
 *       block                       ;; $pause
 *         room and fuel? else br $pause
 *         block (results) … end     ;; the guest's code, its own label
 *         fuel, return
 *       end
 *       leave(fuel)                 ;; throws
 *     catch_all
 *       locals and saved operands → exchange; frame(site); rethrow
 *     end
 *
 * A tee is found to be needed only behind the place where it stands, so bodies are emitted with a list of insertions,
 * which are merged at the end. Walks with the validator, as translation does (translate.ts), and counts the same way.
 */

import { ByteWriter } from '../../base/writer.ts';
import { instrByCode } from '../../isa/isa.ts';
import { Op } from '../../isa/op.gen.ts';
import { F32, F64, I32, I64, isRef, V128, type ValType } from '../../isa/types.ts';
import { funcTypeAt, localTypes } from '../../module/module.ts';
import type { FuncInst } from '../../runtime/func.ts';
import type { ModuleInst } from '../../runtime/module-inst.ts';
import { FuncValidator } from '../../valid/func.ts';
import { IOp } from '../iop.ts';
import { DETERMINISTIC } from '../simd/relaxed.ts';
import { castWords, gcWords } from '../translate-gc.ts';
import { atomicWords, bulkWords } from '../translate-memory.ts';
import { accessTraps, canTrap, divisionTraps, truncationTraps } from './checks.ts';
import { VECTORS_AT } from './exchange.ts';
import { CANONICAL, consumesRaw, Raw, rawOf, rawResult } from './nan.ts';
import type { PieceIndex } from './piece-index.ts';
import { SiteKind, type SiteList } from './sites.ts';
import { erased } from './types.ts';

/** How a body's frames lie in the exchange. */
export interface FrameLayout {
  /** The (erased) type of each slot. */
  readonly types: readonly number[];
  /** Slot of each local, and of each keeper of operands. */
  readonly locals: readonly number[];
  readonly keepers: readonly number[];
  /** Locals in which a NaN may not be canonical. */
  readonly lazy: readonly number[];
}

/** Why a function stays in tier 0. */
export class Kept {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Room that a frame costs beside its slots, in words: what the host's own frame needs. */
export const FRAME_ROOM = 16;

const REF_BYTE = 0x6f;
const MAX_PARAMS = 900;
const MAX_ROUNDS = 4;
const MAX_CHECKED_OFFSET = 2 ** 52;

/** Bytes of opcodes that only the emitter writes. */
const enum B {
  block = 0x02,
  loop = 0x03,
  if = 0x04,
  else = 0x05,
  try = 0x06,
  rethrow = 0x09,
  end = 0x0b,
  br = 0x0c,
  br_if = 0x0d,
  br_table = 0x0e,
  return = 0x0f,
  call = 0x10,
  call_indirect = 0x11,
  return_call = 0x12,
  return_call_indirect = 0x13,
  catch_all = 0x19,
  drop = 0x1a,
  select_t = 0x1c,
  local_get = 0x20,
  local_set = 0x21,
  local_tee = 0x22,
  global_get = 0x23,
  global_set = 0x24,
  table_get = 0x25,
  table_set = 0x26,
  i32_const = 0x41,
  i32_lt_s = 0x48,
  i32_add = 0x6a,
  i32_sub = 0x6b,
  i32_or = 0x72,
  ref_null = 0xd0,
  ref_is_null = 0xd1,
}

/** What a finished body is. */
export interface Body {
  /** The code entry behind its size. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many sites it has. */
  readonly sites: number;
}

/** Kind of an insertion beside the `Raw` numbers, which make a value canonical. */
const TEE = 0;

export class BodyEmitter {
  protected readonly piece: PieceIndex;
  protected readonly inst: ModuleInst;
  protected walk: FuncValidator;
  protected readonly out = new ByteWriter(1 << 12);
  /** The code with its insertions, and what becomes the code entry. */
  private readonly whole = new ByteWriter(1 << 12);
  protected readonly entry = new ByteWriter(1 << 12);
  protected func!: FuncInst;
  protected locals: readonly ValType[] = [];
  /** Labels that are open in the copy. */
  protected depth = 0;
  /** By guest label: which label of the copy it is, from the outermost; -1 for those that are not in the copy. */
  protected readonly levels: number[] = [];
  /** Guest label behind whose end code is written again (the handlers of a legacy try are not); -1. */
  private muted = -1;
  /** Static count of instructions from the function's start, as in translated code. */
  protected count = 0;
  /** Of them those that are not taken from `fuel` yet. */
  protected pend = 0;

  // What is known of each operand, from the bottom.
  private types = new Uint8Array(64);
  private positions = new Int32Array(64);
  /** Number of the local that keeps it, -1 for none. */
  private keepers = new Int32Array(64);
  private raws = new Uint8Array(64);
  private rawSeen = false;
  /** By guest local: 1 if it is lazy; and those that turned out not to be. */
  private lazy = new Uint8Array(0);
  private readonly unlazy: number[] = [];
  /** How the instruction's result is raw. */
  private pushedRaw = Raw.none;
  /** All operands below are kept. */
  private savedTo = 0;

  // Locals behind the guest's, by the order in which they came to be needed.
  private readonly extras: number[] = [];
  protected firstExtra = 0;
  private readonly keeperOf = new Map<number, number>();
  private readonly keeperLocals: number[] = [];
  private readonly keeperTypes: number[] = [];
  private readonly scratch = new Map<number, number>();

  private insertions: number[] = [];
  private insertionKinds: number[] = [];
  private insertionArgs: number[] = [];

  protected siteCount = 0;
  protected siteBase = 0;
  /** Offsets of instructions with breakpoints. */
  protected breaks: ReadonlySet<number> | undefined;
  private sites: SiteList | undefined;
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

  /** The body of `func`, whose sites are numbered from `siteBase`. Throws a `Kept` if the host shall not run it. */
  compile(func: FuncInst, siteBase: number, breaks?: ReadonlySet<number>, sites?: SiteList): Body {
    this.siteBase = siteBase;
    this.breaks = breaks;
    if (breaks?.has(func.inst!.module.funcs[func.idx].body!.range.end - 1))
      throw new Kept('a breakpoint at its end');
    const { params, results } = func.type;
    if (params.length > MAX_PARAMS || results.length > MAX_PARAMS)
      throw new Kept('too many parameters or results');
    this.isRest = false;
    this.settle(func, () => {
      this.begin(func, sites);
      this.firstExtra = this.locals.length + 2;
      this.siteLocal = this.extra(I32);
      this.roomLocal = this.extra(I32);
      this.walk.begin(func.idx);
      this.record(SiteKind.Entry, func.inst!.module.funcs[func.idx].body!.codeStart, 0);
      this.depth = 3;
      this.levels[0] = 2;
      while (this.walk.next()) this.instruction();
    });
    return { bytes: this.finish(), sites: this.siteCount };
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

  // --- one instruction ---

  /** Walks over instructions without writing them, up to the one that ends at `pos`. */
  protected advanceTo(pos: number): void {
    const { walk } = this;
    while (walk.next()) {
      const { code } = walk.instr;
      if (walk.wasReachable && counts(code)) this.count++;
      if (walk.instr.pos === pos && code === Op.loop) return;
    }
    throw new Kept('no loop at its place');
  }

  protected instruction(): void {
    const { walk } = this;
    const { code } = walk.instr;
    if (walk.height > this.maxHeight) this.maxHeight = walk.height;
    if (code === Op.end || code === Op.delegate) this.end();
    else if (code === Op.else) this.else();
    else if (code === Op.catch || code === Op.catch_all) this.catch();
    else if (!walk.wasReachable || this.muted >= 0) {
      if (walk.wasReachable) this.count++;
      // Handlers run in tier 0, and what they leave in a local may be any NaN.
      if ((code === Op.local_set || code === Op.local_tee) && this.lazy[walk.instr.a] === 1)
        this.unlazy.push(walk.instr.a);
      if (opens(code)) {
        // Inside a block that is not reached everything counts as reached again.
        this.levels[walk.controls.length - 1] = -1;
        this.mute(walk.controls.length - 1);
      }
    } else {
      if (this.breaks?.has(walk.instr.offset)) this.breakSite();
      this.count++;
      this.pend++;
      if (walk.height >= this.types.length) this.growOperands();
      this.pushedRaw = Raw.none;
      this.reachable(code);
      this.pushed();
      if (this.pushedRaw !== Raw.none) {
        this.raws[walk.height - 1] = this.pushedRaw;
        this.rawSeen = true;
      }
    }
  }

  private end(): void {
    const { walk, out } = this;
    const at = walk.controls.length;
    if (this.levels[at] < 0) {
      if (this.muted === at) this.muted = -1;
      return;
    }
    if (this.muted === at) this.muted = -1;
    else if (this.muted >= 0) return;
    else this.finishPart(walk.ended!.height + walk.ended!.results.length);
    this.pend = 0;
    out.u8(B.end);
    this.depth--;
    if (at > 0) this.pushed();
  }

  private else(): void {
    const { walk, out } = this;
    const at = walk.controls.length - 1;
    if (this.levels[at] < 0 || this.muted >= 0) return;
    this.finishPart(walk.heightBefore);
    out.u8(B.else);
    this.pushed();
  }

  /** A legacy handler is entered in tier 0 only: from here to the end of the try there is nothing in the copy. */
  private catch(): void {
    const at = this.walk.controls.length - 1;
    if (this.levels[at] < 0 || this.muted >= 0) return;
    this.finishPart(this.walk.heightBefore);
    this.muted = at;
  }

  /** Ends a part of a block, at whose end this many operands are. False if it is not reached. */
  protected finishPart(height: number): boolean {
    const reached = this.walk.wasReachable && this.muted < 0;
    if (reached) {
      this.flush(0);
      this.canonAll(height);
    }
    this.pend = 0;
    return reached;
  }

  /** Writes nothing more before the end of this label. */
  protected mute(at: number): void {
    if (this.muted < 0) this.muted = at;
  }

  protected reachable(code: number): void {
    const { walk, out, piece } = this;
    const { instr } = walk;
    if (code >= Op.i32_eqz && code <= Op.i64_extend32_s) {
      this.numeric(code);
      return;
    }
    if (code >= Op.i32_load && code <= Op.memory_size) {
      this.needMemory(instr.a);
      if (code === Op.f32_store || code === Op.f64_store) this.canonPopped();
      if (code !== Op.memory_size) this.checkAccess();
      this.raw();
      return;
    }
    switch (code) {
      case Op.local_get:
        this.op(B.local_get, this.local(instr.a));
        if (this.lazy[instr.a] === 1) this.pushedRaw = rawOf(this.locals[instr.a]);
        return;
      case Op.local_set:
      case Op.local_tee:
        this.setLocal(code, instr.a);
        return;
      case Op.f32_const:
      case Op.f64_const:
        this.raw();
        this.pushedRaw = isNaNBits(instr) ? Raw.none : Raw.clean;
        return;
      case Op.i32_const:
      case Op.i64_const:
      case Op.drop:
        this.raw();
        return;
      case Op.nop:
        return;
      case Op.block:
      case Op.try:
      case Op.try_table:
        this.open(B.block);
        return;
      case Op.loop:
        this.loop();
        return;
      case Op.if:
        this.flush(0);
        this.open(B.if);
        return;
      case Op.br:
        this.branch(B.br);
        return;
      case Op.br_if:
        this.branch(B.br_if);
        return;
      case Op.br_on_null:
      case Op.br_on_non_null:
        this.flush(0);
        this.canonAll(walk.heightBefore);
        this.op(code, this.jump(instr.a));
        return;
      case Op.br_table: {
        this.flush(0);
        this.canonAll(walk.heightBefore);
        const { list } = instr;
        this.op(B.br_table, list.length - 1);
        for (const label of list) out.u32(this.jump(label));
        return;
      }
      case Op.return:
        this.flush(0);
        this.canonAll(walk.heightBefore);
        this.op(B.br, this.depth - 1 - this.levels[0]);
        return;
      case Op.call:
        this.call(this.inst.funcs[instr.a], false);
        return;
      case Op.return_call:
        this.call(this.inst.funcs[instr.a], true);
        return;
      case Op.call_indirect:
      case Op.return_call_indirect:
        this.callIndirect(code === Op.return_call_indirect);
        return;
      case Op.call_ref:
      case Op.return_call_ref:
        this.callRef(code === Op.return_call_ref);
        return;
      case Op.unreachable:
      case Op.throw:
      case Op.throw_ref:
      case Op.rethrow:
      case Op.memory_atomic_wait32:
      case Op.memory_atomic_wait64:
        this.leaveHere();
        return;
      case Op.select:
        this.canonPopped();
        this.raw();
        return;
      case Op.select_t:
        this.canonPopped();
        out.u8(B.select_t);
        out.u8(1);
        out.u8(erased(instr.list[0]));
        return;
      case Op.global_get:
        this.globalGet();
        return;
      case Op.global_set:
        this.canonPopped();
        this.op(B.global_set, piece.global(instr.a));
        return;
      case Op.ref_null:
        out.u8(B.ref_null);
        out.u8(REF_BYTE);
        return;
      case Op.ref_is_null:
        out.u8(B.ref_is_null);
        return;
      case Op.ref_func:
        piece.refFunc(this.inst.funcs[instr.a]);
        this.i32(this.inst.funcs[instr.a].addr);
        this.op(B.table_get, piece.funcRefs);
        return;
      case Op.ref_as_non_null:
        this.asNonNull();
        return;
      case Op.memory_grow:
        this.viaMachine([IOp.MemoryGrow, this.inst.mems[instr.a].addr]);
        return;
      case Op.memory_copy:
        this.needMemory(instr.a);
        this.needMemory(instr.b);
        if (piece.checked) this.viaMachine(bulkWords(this.inst, instr));
        else this.raw();
        return;
      case Op.memory_fill:
        this.needMemory(instr.a);
        if (piece.checked) this.viaMachine(bulkWords(this.inst, instr));
        else this.raw();
        return;
      case Op.br_on_cast:
      case Op.br_on_cast_fail:
        this.branchOnCast(code);
        return;
      default:
        this.prefixed(code);
    }
  }

  private prefixed(code: number): void {
    const { instr } = this.walk;
    const prefix = code >> 12;
    if (prefix === 0xfd) {
      this.vector(code);
      return;
    }
    if (code >= Op.i32_trunc_sat_f32_s && code <= Op.i64_trunc_sat_f64_u) {
      this.raw();
      return;
    }
    if (code >= Op.i64_add128 && code <= Op.i64_mul_wide_u) {
      this.viaMachine([IOp.Wide, code - Op.i64_add128]);
      return;
    }
    if (prefix === 0xfe) {
      if (code === Op.atomic_fence) return;
      this.needMemory(instr.a);
      if (code === Op.memory_atomic_notify) this.viaMachine(atomicWords(this.inst, instr));
      else {
        this.checkAccess();
        this.raw();
      }
      return;
    }
    const gc = gcWords(this.inst, instr);
    this.viaMachine(gc ? [IOp.Gc, ...gc] : bulkWords(this.inst, instr));
  }

  // --- numbers ---

  private numeric(code: number): void {
    const raw = rawResult(code);
    if (this.rawSeen && !consumesRaw(code, Raw.none)) this.canonPopped();
    if (this.piece.checked) this.checkNumber(code);
    this.raw();
    this.pushedRaw = raw;
  }

  /** A *lazy* local gets nothing but results of arithmetic: it may be raw, until it is used otherwise or shown. */
  private setLocal(code: number, idx: number): void {
    const raw: Raw = this.raws[this.walk.heightBefore - 1];
    if (this.lazy[idx] !== 1) this.canonPopped();
    else if (raw === Raw.none) this.unlazy.push(idx);
    else if (code === Op.local_tee) this.pushedRaw = raw;
    this.op(code, this.local(idx));
  }

  private vector(code: number): void {
    const { instr } = this.walk;
    const same = DETERMINISTIC.get(code);
    if (code >= Op.i8x16_relaxed_swizzle && same === undefined) {
      if (isMadd(code)) throw new Kept('relaxed arithmetic with its own rounding');
      throw new Kept('relaxed dot product');
    }
    if (isVectorAccess(code)) {
      this.needMemory(instr.a);
      this.checkAccess();
    }
    const plain = same ?? code;
    const raw = rawResult(plain);
    if (this.rawSeen && !(raw !== Raw.none && this.onlyRaw(raw)) && !consumesRaw(plain, this.rawOnTop()))
      this.canonPopped();
    if (same === undefined) this.raw();
    else {
      this.out.u8(0xfd);
      this.out.u32(same & 0xfff);
    }
    this.pushedRaw = raw;
  }

  private rawOnTop(): Raw {
    const { heightBefore } = this.walk;
    return heightBefore > 0 ? this.raws[heightBefore - 1] : Raw.none;
  }

  /** True if what the instruction pops is raw in this way or not at all. */
  private onlyRaw(raw: Raw): boolean {
    const { walk } = this;
    for (let h = this.popped(); h < walk.heightBefore; h++) {
      if (this.raws[h] !== Raw.none && this.raws[h] !== Raw.clean && this.raws[h] !== raw) return false;
    }
    return true;
  }

  // --- blocks and branches ---

  protected open(opcode: number): void {
    const { walk, out } = this;
    const at = walk.controls.length - 1;
    const { params, results } = walk.controls[at];
    if (params.length > 0) this.canonAll(walk.heightBefore);
    out.u8(opcode);
    this.piece.types.block(out, params, results);
    this.levels[at] = this.depth++;
  }

  protected loop(): void {
    const { walk } = this;
    const { params } = walk.top;
    const below = walk.height - params.length;
    this.flush(0);
    this.save(below);
    this.open(B.loop);
    if (params.length > 0) {
      this.learn(below);
      this.keepNow(below, false);
    }
    // A loop without code has no place to stop at.
    const { pos } = walk.instr;
    if (this.inst.module.bytes[pos] !== B.end) {
      this.site(SiteKind.Header, pos, walk.height);
      this.op(B.local_get, this.fuel);
      this.i32(-this.count);
      this.out.u8(B.i32_lt_s);
      this.toPause(B.br_if);
    }
    for (let h = below; h < walk.height; h++) this.op(B.local_get, this.keeperLocals[this.keepers[h]]);
    if (params.length > 0) for (let h = below; h < walk.height; h++) this.positions[h] = this.out.length;
  }

  private branch(opcode: number): void {
    this.flush(0);
    this.canonAll(this.walk.heightBefore);
    this.op(opcode, this.jump(this.walk.instr.a));
  }

  private branchOnCast(code: number): void {
    const { walk } = this;
    const { a, c } = walk.instr;
    this.flush(0);
    const ref = walk.heightBefore - 1;
    this.save(walk.heightBefore);
    this.site(SiteKind.Step, walk.instr.offset, walk.heightBefore);
    this.toExchange(0, this.keepers[ref]);
    const words = [
      IOp.BrOnCast,
      0,
      0,
      0,
      0,
      0,
      ...castWords(this.inst, c),
      code === Op.br_on_cast_fail ? 1 : 0,
    ];
    this.machineOp(words, 1);
    this.fromExchange(0, I32);
    this.op(B.br_if, this.jump(a));
  }

  /** Label immediate of a jump to a guest's label. */
  private jump(label: number): number {
    return this.depth - 1 - this.levels[this.labelIndex(label)];
  }

  /** Index of a label that an instruction named; what the instruction opened itself is not counted. */
  protected labelIndex(label: number): number {
    return this.walk.controls.length - 1 - label;
  }

  // --- calls ---

  private call(callee: FuncInst, tail: boolean): void {
    if (tail && this.isRest) {
      this.leaveHere();
      return;
    }
    const direct = this.isRest ? -1 : this.piece.direct(callee);
    this.beforeCall(callee.type.params.length, tail);
    this.passed(tail);
    if (direct >= 0) this.op(tail ? B.return_call : B.call, direct);
    else {
      this.i32(callee.addr);
      this.indirect(tail, this.piece.types.guest(callee.typeId), this.piece.all);
    }
    this.afterCall(tail);
  }

  private callIndirect(tail: boolean): void {
    if (tail && this.isRest) {
      this.leaveHere();
      return;
    }
    const { a, b } = this.walk.instr;
    const { piece, inst } = this;
    const table = inst.tables[b];
    if (table.type.is64) throw new Kept('an indirect call through a table with 64-bit indices');
    const index = this.scratchOf(I32);
    if (piece.checked) {
      const operand = this.beforeCheck()(1);
      this.i32(table.addr);
      this.op(B.local_get, operand);
      this.i32(inst.typeIds[a]);
      this.op(B.call, piece.shims.calleeOf);
      this.checkCallee(index);
      this.out.u8(B.drop);
    } else this.op(B.local_set, index);
    this.beforeCall(funcTypeAt(inst.module, a)!.params.length + 1, tail);
    this.passed(tail);
    this.op(B.local_get, index);
    this.indirect(tail, piece.types.guest(inst.typeIds[a]), piece.checked ? piece.all : piece.mirror(b));
    this.afterCall(tail);
  }

  private callRef(tail: boolean): void {
    if (tail && this.isRest) {
      this.leaveHere();
      return;
    }
    const { a } = this.walk.instr;
    const { piece, inst } = this;
    const index = this.scratchOf(I32);
    if (piece.checked) {
      const operand = this.beforeCheck()(1);
      this.op(B.local_get, operand);
      this.op(B.call, piece.shims.addrOf);
      this.checkCallee(index);
      this.out.u8(B.drop);
    } else {
      this.op(B.call, piece.shims.addrOf);
      this.op(B.local_set, index);
    }
    this.beforeCall(funcTypeAt(inst.module, a)!.params.length + 1, tail);
    this.passed(tail);
    this.op(B.local_get, index);
    this.indirect(tail, piece.types.guest(inst.typeIds[a]), piece.all);
    this.afterCall(tail);
  }

  /** The address of a function is on top: it goes into a local, unless there is no such function. */
  private checkCallee(index: number): void {
    this.op(B.local_tee, index);
    this.i32(0);
    this.out.u8(B.i32_lt_s);
    this.toPause(B.br_if);
  }

  private indirect(tail: boolean, type: number, table: number): void {
    this.op(tail ? B.return_call_indirect : B.call_indirect, type);
    this.out.u32(table);
  }

  /** Keeps what lies below the operands of a call; a tail call needs nothing of it any more. */
  private beforeCall(operands: number, tail: boolean): void {
    const { walk } = this;
    this.canonPopped();
    if (tail) return;
    const below = walk.heightBefore - operands;
    this.save(below);
    this.site(SiteKind.Call, walk.instr.offset, below);
  }

  /** Pushes room and fuel. A tail call's frame takes the place of this one. */
  private passed(tail: boolean): void {
    this.op(B.local_get, tail ? this.fuel - 1 : this.roomLocal);
    this.op(B.local_get, this.fuel);
    if (this.pend > 0) {
      this.i32(this.pend);
      this.out.u8(B.i32_sub);
    }
    this.pend = 0;
  }

  private afterCall(tail: boolean): void {
    if (!tail) this.op(B.local_set, this.fuel);
  }

  // --- what the machine does ---

  /** In front of an instruction that only the machine executes. */
  private leaveHere(): void {
    const { walk } = this;
    this.flush(1);
    this.save(walk.heightBefore);
    this.site(SiteKind.Step, walk.instr.offset, walk.heightBefore);
    this.toPause(B.br);
    this.pend = 0;
  }

  /** In front of an instruction that has a breakpoint: asks whether the program stops there, with the frame's values. */
  private breakSite(): void {
    const { walk, out, piece } = this;
    const { heightBefore } = walk;
    this.flush(0);
    this.save(heightBefore);
    this.i32(this.record(SiteKind.Step, walk.instr.offset, heightBefore));
    this.op(B.local_set, this.siteLocal);
    const keepers = Array.from(this.keepers.subarray(0, heightBefore));
    const locals = [
      ...this.locals.map((_, idx) => this.local(idx)),
      ...keepers.map((keeper) => this.keeperLocals[keeper]),
    ];
    const types = [...this.locals.map(erased), ...keepers.map((keeper) => this.keeperTypes[keeper])];
    for (const k of frameOrder(types)) this.op(B.local_get, locals[k]);
    this.op(B.local_get, this.siteLocal);
    if (this.siteBase !== 0) {
      this.i32(this.siteBase);
      out.u8(B.i32_add);
    }
    this.op(B.local_get, this.fuel);
    this.op(B.call, piece.ask(types));
    this.toPause(B.br_if);
  }

  /** Begins a look at whether the instruction would trap; gives the local of an operand, counted from the top. */
  private beforeCheck(): (fromTop: number) => number {
    const { heightBefore, instr } = this.walk;
    this.flush(1);
    this.save(heightBefore);
    this.site(SiteKind.Step, instr.offset, heightBefore);
    return (fromTop) => this.keeperLocals[this.keepers[heightBefore - fromTop]];
  }

  private checkNumber(code: number): void {
    const kind = canTrap(code);
    if (!kind) return;
    const operand = this.beforeCheck();
    if (kind === 'division') divisionTraps(this.out, code, operand(2), operand(1));
    else truncationTraps(this.out, code, operand(1));
    this.toPause(B.br_if);
  }

  private checkAccess(): void {
    if (!this.piece.checked) return;
    const { code, a, memOffset } = this.walk.instr;
    if (memOffset > MAX_CHECKED_OFFSET) {
      this.leaveHere();
      return;
    }
    const { width, params, exactAlign, special } = instrByCode(code)!;
    if (special) throw new Kept('an access whose operands are not in the table');
    const address = this.beforeCheck()(params.length);
    const { is64 } = this.inst.mems[a].type;
    accessTraps(this.out, { memory: a, is64, address, offset: memOffset, width, aligned: exactAlign });
    this.toPause(B.br_if);
  }

  private asNonNull(): void {
    const { walk } = this;
    this.flush(1);
    this.save(walk.heightBefore);
    this.site(SiteKind.Step, walk.instr.offset, walk.heightBefore);
    this.op(B.local_get, this.keeperLocals[this.keepers[walk.heightBefore - 1]]);
    this.out.u8(B.ref_is_null);
    this.toPause(B.br_if);
  }

  /** Executes an instruction by the machine's own code: operands and results go through the exchange. */
  private viaMachine(words: readonly number[]): void {
    const { walk, out } = this;
    const from = this.popped();
    const operands = walk.heightBefore - from;
    const results = walk.height - from;
    this.flush(1);
    this.save(walk.heightBefore);
    this.site(SiteKind.Step, walk.instr.offset, walk.heightBefore);
    for (let k = 0; k < operands; k++) out.u8(B.drop);
    for (let k = 0; k < operands; k++) this.toExchange(k, this.keepers[from + k]);
    this.machineOp(words, operands);
    for (let k = 0; k < results; k++) this.fromExchange(k, walk.typeAt(from + k));
  }

  private machineOp(words: readonly number[], operands: number): void {
    this.i32(this.piece.op(words));
    this.i32(2 * operands);
    this.op(B.local_get, this.fuel);
    this.op(B.call, this.piece.shims.runOp);
  }

  private toExchange(slot: number, keeper: number): void {
    storeSlot(this.out, this.piece, slot, this.keeperTypes[keeper], this.keeperLocals[keeper]);
  }

  protected fromExchange(slot: number, type: ValType): void {
    loadSlot(this.out, this.piece, slot, erased(type));
  }

  /** What cannot change is written as it is. */
  private globalGet(): void {
    const { piece, out, inst } = this;
    const { a } = this.walk.instr;
    const { addr, type } = inst.globals[a];
    const words = inst.store.globalWords;
    const [lo, hi] = [words[2 * addr], words[2 * addr + 1]];
    if (type.mutable || isOutside(type.type)) {
      this.op(B.global_get, piece.global(a));
      return;
    }
    out.u8(CONSTS[type.type]);
    if (type.type === I32) out.s32(lo);
    else if (type.type === I64) out.s64Halves(lo, hi);
    else if (type.type === F32) out.f32(lo);
    else out.f64Halves(lo, hi);
  }

  private needMemory(idx: number): void {
    if (!this.inst.mems[idx].hostMemory) throw new Kept('a memory that the host cannot make');
  }

  // --- sites ---

  /** Begins a site: sets the local that names it. */
  private site(kind: SiteKind, offset: number, operands: number): void {
    this.i32(this.record(kind, offset, operands));
    this.op(B.local_set, this.siteLocal);
  }

  protected record(kind: SiteKind, offset: number, operands: number): number {
    if (this.sites) {
      const raw: number[] = [];
      for (let h = 0; h < operands; h++)
        if (this.raws[h] === Raw.f32 || this.raws[h] === Raw.f64) raw.push(h);
      this.sites.push({ kind, offset, operands: Array.from(this.keepers.subarray(0, operands)), raw });
    }
    return this.siteCount++;
  }

  /** Leaves: label 1 of the copy is `$pause`. */
  private toPause(opcode: number): void {
    this.op(opcode, this.depth - 2);
  }

  // --- operands ---

  /** Index of the first operand that the instruction has taken or made. */
  private popped(): number {
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
      this.op(B.local_set, this.keeperLocals[this.keepers[h]]);
    }
    if (stay) for (let h = from; h < height; h++) this.op(B.local_get, this.keeperLocals[this.keepers[h]]);
  }

  /** Keeps all operands below `n`. */
  private save(n: number): void {
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

  private growOperands(): void {
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

  private canon(h: number): void {
    const raw: Raw = this.raws[h];
    if (raw === Raw.none || raw === Raw.clean) return;
    this.raws[h] = Raw.clean;
    this.insert(this.positions[h], raw, this.scratchOf(this.types[h]));
  }

  private canonPopped(): void {
    if (!this.rawSeen) return;
    for (let h = this.popped(); h < this.walk.heightBefore; h++) this.canon(h);
  }

  private canonAll(height: number): void {
    if (!this.rawSeen) return;
    for (let h = 0; h < height; h++) this.canon(h);
  }

  // --- writing ---

  /** Takes the instructions since the last time from the fuel, but for the last `keep`. */
  protected flush(keep: number): void {
    const n = this.pend - keep;
    if (n > 0) {
      this.op(B.local_get, this.fuel);
      this.i32(n);
      this.out.u8(B.i32_sub);
      this.op(B.local_set, this.fuel);
      this.pend = keep;
    }
  }

  /** Copies the instruction as it is. */
  private raw(): void {
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
    this.out.u8(B.i32_const);
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

  private scratchOf(type: number): number {
    let local = this.scratch.get(type);
    if (local === undefined) {
      local = this.extra(type);
      this.scratch.set(type, local);
    }
    return local;
  }

  private insert(position: number, kind: number, arg: number): void {
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
    to.u8(B.try);
    this.piece.types.block(to, [], [...results, I32]);
    to.u8(B.block);
    to.u8(0x40);
    this.lookAtBudget(to);
    to.u8(B.block);
    this.piece.types.block(to, [], results);
    to.bytes(body);
    to.u8(B.local_get);
    to.u32(this.fuel);
    to.u8(B.br);
    to.u8(1);
    to.u8(B.end);
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

  private lookAtBudget(to: ByteWriter): void {
    to.u8(B.local_get);
    to.u32(this.fuel - 1);
    to.u8(B.i32_const);
    to.s32(this.cost);
    to.u8(B.i32_sub);
    to.u8(B.local_tee);
    to.u32(this.roomLocal);
    to.u8(B.local_get);
    to.u32(this.fuel);
    to.u8(B.i32_or);
    to.u8(B.i32_const);
    to.s32(0);
    to.u8(B.i32_lt_s);
    to.u8(B.br_if);
    to.u8(0);
  }

  /** What is behind the guest's code: leaving, and writing down the frame. */
  protected epilogue(to: ByteWriter): void {
    const { piece, siteBase } = this;
    to.u8(B.local_get);
    to.u32(this.fuel);
    to.u8(B.call);
    to.u32(piece.shims.leave);
    to.u8(0x00);
    to.u8(B.catch_all);
    const locals = [...this.locals.map((_, idx) => this.local(idx)), ...this.keeperLocals];
    const types = [...this.locals.map(erased), ...this.keeperTypes];
    for (const k of frameOrder(types)) {
      to.u8(B.local_get);
      to.u32(locals[k]);
    }
    to.u8(B.local_get);
    to.u32(this.siteLocal);
    if (siteBase !== 0) {
      to.u8(B.i32_const);
      to.s32(siteBase);
      to.u8(B.i32_add);
    }
    to.u8(B.call);
    to.u32(piece.spill(types));
    to.u8(B.rethrow);
    to.u8(0);
    to.u8(B.end);
    to.u8(B.end);
  }

  /** The code with its insertions. */
  protected merged(): Uint8Array {
    const { insertions } = this;
    const code = this.out.view();
    const n = insertions.length;
    if (n === 0) return code;
    const order = new Float64Array(n);
    for (let i = 0; i < n; i++) order[i] = insertions[i] * 0x40_0000 + i;
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
        to.u8(B.local_tee);
        to.u32(this.insertionArgs[i]);
      } else CANONICAL[kind](to, this.insertionArgs[i]);
    }
    to.bytes(code.subarray(from));
    return to.view();
  }
}

/** In which order slots of these types lie in the exchange: by type, so that few orders occur. */
export function frameOrder(types: readonly number[]): number[] {
  return types.map((_, k) => k).sort((a, b) => types[b] - types[a] || a - b);
}

/** True for a constant that is a NaN. */
function isNaNBits({ code, lo, hi }: { code: number; lo: number; hi: number }): boolean {
  const high = code === Op.f32_const ? lo : hi;
  const low = code === Op.f32_const ? 0 : lo;
  const infinity = code === Op.f32_const ? 0x7f800000 : 0x7ff00000;
  const magnitude = high & 0x7fffffff;
  return magnitude > infinity || (magnitude === infinity && low !== 0);
}

/** True for instructions that count: all but those that only close or split blocks. */
function counts(code: number): boolean {
  return (
    code !== Op.end && code !== Op.else && code !== Op.catch && code !== Op.catch_all && code !== Op.delegate
  );
}

/** True for the instructions that open a label. */
export function opens(code: number): boolean {
  return code === Op.block || code === Op.loop || code === Op.if || code === Op.try || code === Op.try_table;
}

function isMadd(code: number): boolean {
  return code >= Op.f32x4_relaxed_madd && code <= Op.f64x2_relaxed_nmadd;
}

function isVectorAccess(code: number): boolean {
  const sub = code & 0xfff;
  return sub <= 11 || (sub >= 84 && sub <= 93);
}

const CONSTS: Readonly<Record<number, number>> = { [I32]: 0x41, [I64]: 0x42, [F32]: 0x43, [F64]: 0x44 };

const STORES: Readonly<Record<number, readonly [opcode: number, align: number]>> = {
  [I32]: [0x36, 2],
  [I64]: [0x37, 3],
  [F32]: [0x38, 2],
  [F64]: [0x39, 3],
};

/** Where a module has the exchange: index of its memory and of its table. */
export interface Crossing {
  readonly exchange: number;
  readonly refs: number;
}

/** Writes a local of the copy into a slot of the exchange. */
export function storeSlot(out: ByteWriter, piece: Crossing, slot: number, type: number, local: number): void {
  out.u8(B.i32_const);
  out.s32(type === REF_BYTE ? slot : 0);
  out.u8(B.local_get);
  out.u32(local);
  if (type === REF_BYTE) {
    out.u8(B.table_set);
    out.u32(piece.refs);
  } else access(out, piece, slot, type, true);
}

/** Pushes what is in a slot of the exchange. */
export function loadSlot(out: ByteWriter, piece: Crossing, slot: number, type: number): void {
  out.u8(B.i32_const);
  out.s32(type === REF_BYTE ? slot : 0);
  if (type === REF_BYTE) {
    out.u8(B.table_get);
    out.u32(piece.refs);
  } else access(out, piece, slot, type, false);
}

function access(out: ByteWriter, piece: Crossing, slot: number, type: number, isStore: boolean): void {
  let align = 4;
  if (type === V128) {
    out.u8(0xfd);
    out.u8(isStore ? 11 : 0);
  } else {
    const [opcode, log2] = STORES[type];
    align = log2;
    out.u8(isStore ? opcode : opcode - 14);
  }
  if (piece.exchange === 0) out.u8(align);
  else {
    out.u8(align | 0x40);
    out.u32(piece.exchange);
  }
  out.u32(type === V128 ? VECTORS_AT + 16 * slot : 8 * slot);
}

/** True for types that the exchange holds outside of its words. */
export function isOutside(type: ValType): boolean {
  return isRef(type) || type === V128;
}
