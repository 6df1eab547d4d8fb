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
 * Walks with the validator, as translation does (translate.ts), and counts the same way.
 */

import { Op } from '../../isa/op.gen.ts';
import { I32, I64 } from '../../isa/types.ts';
import { funcTypeAt } from '../../module/module.ts';
import type { FuncInst } from '../../runtime/func.ts';
import { IOp } from '../iop.ts';
import { castWords, gcWords } from '../translate-gc.ts';
import { atomicWords, bulkWords } from '../translate-memory.ts';
import { type Body, Kept, MAX_PARAMS } from './body-state.ts';
import { isNaNBits, Raw, rawOf } from './nan.ts';
import { NumberBody } from './number-body.ts';
import { SiteKind, type SiteList } from './sites.ts';
import { erased } from './types.ts';

const REF_BYTE = 0x6f;
/** Of a block without parameters and results. */
const EMPTY = 0x40;
/** Bytes of which a copy takes longer than a call of ours, as a power of two. */
const LONG_SHIFT = 16;

export class BodyEmitter extends NumberBody {
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
    out.u8(Op.end);
    this.depth--;
    if (at > 0) this.pushed();
  }

  private else(): void {
    const { walk, out } = this;
    const at = walk.controls.length - 1;
    if (this.levels[at] < 0 || this.muted >= 0) return;
    this.finishPart(walk.heightBefore);
    out.u8(Op.else);
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
    if (piece.watched && this.watch(code)) return;
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
        this.op(Op.local_get, this.local(instr.a));
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
        this.open(Op.block);
        return;
      case Op.loop:
        this.loop();
        return;
      case Op.if:
        this.flush(0);
        this.open(Op.if);
        return;
      case Op.br:
        this.branch(Op.br);
        return;
      case Op.br_if:
        this.branch(Op.br_if);
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
        this.op(Op.br_table, list.length - 1);
        for (const label of list) out.u32(this.jump(label));
        return;
      }
      case Op.return:
        this.flush(0);
        this.canonAll(walk.heightBefore);
        this.op(Op.br, this.depth - 1 - this.levels[0]);
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
        out.u8(Op.select_t);
        out.u8(1);
        out.u8(erased(instr.list[0]));
        return;
      case Op.global_get:
        this.globalGet();
        return;
      case Op.global_set:
        this.canonPopped();
        this.op(Op.global_set, piece.global(instr.a));
        return;
      case Op.ref_null:
        out.u8(Op.ref_null);
        out.u8(REF_BYTE);
        return;
      case Op.ref_is_null:
        out.u8(Op.ref_is_null);
        return;
      case Op.ref_func:
        piece.refFunc(this.inst.funcs[instr.a]);
        this.i32(this.inst.funcs[instr.a].addr);
        this.op(Op.table_get, piece.funcRefs);
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
        else this.maybeLong(this.inst.mems[instr.a].type.is64 && this.inst.mems[instr.b].type.is64);
        return;
      case Op.memory_fill:
        this.needMemory(instr.a);
        if (piece.checked) this.viaMachine(bulkWords(this.inst, instr));
        else this.maybeLong(this.inst.mems[instr.a].type.is64);
        return;
      case Op.br_on_cast:
      case Op.br_on_cast_fail:
        this.branchOnCast(code);
        return;
      default:
        this.prefixed(code);
    }
  }

  /** An instruction that takes long for a large count, its last operand: it asks behind that whether somebody waits. */
  private maybeLong(is64: boolean): void {
    const { out, piece } = this;
    const count = this.scratchOf(is64 ? I64 : I32);
    this.op(Op.local_tee, count);
    this.raw();
    this.op(Op.local_get, count);
    this.i32(LONG_SHIFT);
    if (is64) {
      out.u8(Op.i64_extend_i32_u);
      out.u8(Op.i64_shr_u);
      out.u8(Op.i64_eqz);
      out.u8(Op.i32_eqz);
    } else out.u8(Op.i32_shr_u);
    out.u8(Op.if);
    out.u8(EMPTY);
    this.op(Op.local_get, this.fuel);
    this.op(Op.call, piece.shims.due);
    this.op(Op.local_set, this.fuel);
    out.u8(Op.end);
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
    this.open(Op.loop);
    if (params.length > 0) {
      this.learn(below);
      this.keepNow(below, false);
    }
    // A loop without code has no place to stop at.
    const { pos } = walk.instr;
    if (this.inst.module.bytes[pos] !== Op.end) {
      this.site(SiteKind.Header, pos, walk.height);
      this.op(Op.local_get, this.fuel);
      this.i32(-this.count);
      this.out.u8(Op.i32_lt_s);
      this.toPause(Op.br_if);
    }
    for (let h = below; h < walk.height; h++) this.op(Op.local_get, this.keeperLocals[this.keepers[h]]);
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
    this.op(Op.br_if, this.jump(a));
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
    if (direct >= 0) this.op(tail ? Op.return_call : Op.call, direct);
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
    const index = this.scratchOf(I32);
    if (table.type.is64) this.narrowIndex();
    if (piece.checked) {
      const operand = table.type.is64 ? index : this.beforeCheck()(1);
      if (table.type.is64) {
        this.op(Op.local_set, index);
        this.beforeCheck();
      }
      this.i32(table.addr);
      this.op(Op.local_get, operand);
      this.i32(inst.typeIds[a]);
      this.op(Op.call, piece.shims.calleeOf);
      this.checkCallee(index);
      if (!table.type.is64) this.out.u8(Op.drop);
    } else this.op(Op.local_set, index);
    this.beforeCall(funcTypeAt(inst.module, a)!.params.length + 1, tail);
    this.passed(tail);
    this.op(Op.local_get, index);
    this.indirect(tail, piece.types.guest(inst.typeIds[a]), piece.checked ? piece.all : piece.mirror(b));
    this.afterCall(tail);
  }

  /** An index of 64 bits as one of 32: no table has an element at the largest. */
  private narrowIndex(): void {
    const { out } = this;
    const wide = this.scratchOf(I64);
    this.op(Op.local_set, wide);
    this.i32(-1);
    this.op(Op.local_get, wide);
    out.u8(Op.i32_wrap_i64);
    this.op(Op.local_get, wide);
    out.u8(Op.i64_const);
    out.s64Halves(-1, 0);
    out.u8(Op.i64_gt_u);
    out.u8(Op.select);
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
      this.op(Op.local_get, operand);
      this.op(Op.call, piece.shims.addrOf);
      this.checkCallee(index);
      this.out.u8(Op.drop);
    } else {
      this.op(Op.call, piece.shims.addrOf);
      this.op(Op.local_set, index);
    }
    this.beforeCall(funcTypeAt(inst.module, a)!.params.length + 1, tail);
    this.passed(tail);
    this.op(Op.local_get, index);
    this.indirect(tail, piece.types.guest(inst.typeIds[a]), piece.all);
    this.afterCall(tail);
  }

  /** The address of a function is on top: it goes into a local, unless there is no such function. */
  private checkCallee(index: number): void {
    this.op(Op.local_tee, index);
    this.i32(0);
    this.out.u8(Op.i32_lt_s);
    this.toPause(Op.br_if);
  }

  private indirect(tail: boolean, type: number, table: number): void {
    this.op(tail ? Op.return_call_indirect : Op.call_indirect, type);
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
    this.op(Op.local_get, tail ? this.fuel - 1 : this.roomLocal);
    this.op(Op.local_get, this.fuel);
    if (this.pend > 0) {
      this.i32(this.pend);
      this.out.u8(Op.i32_sub);
      this.profile(this.pend);
    }
    this.pend = 0;
  }

  private afterCall(tail: boolean): void {
    if (!tail) this.op(Op.local_set, this.fuel);
  }
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
