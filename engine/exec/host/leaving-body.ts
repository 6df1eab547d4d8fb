/**
 * What a body leaves to the machine: instructions that only the interpreter executes, those that its functions execute for
 * compiled code (the operands go through the exchange), breakpoints, and, in checked code, those that would trap.
 */

import { instrByCode } from '../../isa/isa.ts';
import { Op } from '../../isa/op.gen.ts';
import { F32, F64, I32, I64, isRef, V128, type ValType } from '../../isa/types.ts';
import { BodyState, Kept } from './body-state.ts';
import { accessTraps, canTrap, divisionTraps, truncationTraps } from './checks.ts';
import { frameOrder, loadSlot, storeSlot } from './frame-values.ts';
import { SiteKind } from './sites.ts';
import { erased } from './types.ts';

const MAX_CHECKED_OFFSET = 2 ** 52;

export class LeavingBody extends BodyState {
  /** In front of an instruction that only the machine executes. */
  protected leaveHere(): void {
    const { walk } = this;
    this.flush(1);
    this.save(walk.heightBefore);
    this.site(SiteKind.Step, walk.instr.offset, walk.heightBefore);
    this.toPause(Op.br);
    this.pend = 0;
  }

  /** In front of an instruction that has a breakpoint: asks whether the program stops there, with the frame's values. */
  protected breakSite(): void {
    const { walk, out, piece } = this;
    const { heightBefore } = walk;
    this.flush(0);
    this.save(heightBefore);
    this.i32(this.record(SiteKind.Step, walk.instr.offset, heightBefore));
    this.op(Op.local_set, this.siteLocal);
    const keepers = Array.from(this.keepers.subarray(0, heightBefore));
    const locals = [
      ...this.locals.map((_, idx) => this.local(idx)),
      ...keepers.map((keeper) => this.keeperLocals[keeper]),
    ];
    const types = [...this.locals.map(erased), ...keepers.map((keeper) => this.keeperTypes[keeper])];
    for (const k of frameOrder(types)) this.op(Op.local_get, locals[k]);
    this.op(Op.local_get, this.siteLocal);
    if (this.siteBase !== 0) {
      this.i32(this.siteBase);
      out.u8(Op.i32_add);
    }
    this.op(Op.local_get, this.fuel);
    this.op(Op.call, piece.ask(types));
    this.toPause(Op.br_if);
  }

  /** Begins a look at whether the instruction would trap; gives the local of an operand, counted from the top. */
  protected beforeCheck(): (fromTop: number) => number {
    const { heightBefore, instr } = this.walk;
    this.flush(1);
    this.save(heightBefore);
    this.site(SiteKind.Step, instr.offset, heightBefore);
    return (fromTop) => this.keeperLocals[this.keepers[heightBefore - fromTop]];
  }

  protected checkNumber(code: number): void {
    const kind = canTrap(code);
    if (!kind) return;
    const operand = this.beforeCheck();
    if (kind === 'division') divisionTraps(this.out, code, operand(2), operand(1));
    else truncationTraps(this.out, code, operand(1));
    this.toPause(Op.br_if);
  }

  protected checkAccess(): void {
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
    this.toPause(Op.br_if);
  }

  protected asNonNull(): void {
    const { walk } = this;
    this.flush(1);
    this.save(walk.heightBefore);
    this.site(SiteKind.Step, walk.instr.offset, walk.heightBefore);
    this.op(Op.local_get, this.keeperLocals[this.keepers[walk.heightBefore - 1]]);
    this.out.u8(Op.ref_is_null);
    this.toPause(Op.br_if);
  }

  /** Executes an instruction by the machine's own code: operands and results go through the exchange. */
  protected viaMachine(words: readonly number[]): void {
    const { walk, out } = this;
    const from = this.popped();
    const operands = walk.heightBefore - from;
    const results = walk.height - from;
    this.flush(1);
    this.save(walk.heightBefore);
    this.site(SiteKind.Step, walk.instr.offset, walk.heightBefore);
    for (let k = 0; k < operands; k++) out.u8(Op.drop);
    for (let k = 0; k < operands; k++) this.toExchange(k, this.keepers[from + k]);
    this.machineOp(words, operands);
    for (let k = 0; k < results; k++) this.fromExchange(k, walk.typeAt(from + k));
  }

  protected machineOp(words: readonly number[], operands: number): void {
    this.i32(this.piece.op(words));
    this.i32(2 * operands);
    this.op(Op.local_get, this.fuel);
    this.op(Op.call, this.piece.shims.runOp);
  }

  protected toExchange(slot: number, keeper: number): void {
    storeSlot(this.out, this.piece, slot, this.keeperTypes[keeper], this.keeperLocals[keeper]);
  }

  protected fromExchange(slot: number, type: ValType): void {
    loadSlot(this.out, this.piece, slot, erased(type));
  }

  /** What cannot change is written as it is. */
  protected globalGet(): void {
    const { piece, out, inst } = this;
    const { a } = this.walk.instr;
    const { addr, type } = inst.globals[a];
    const words = inst.store.globalWords;
    const [lo, hi] = [words[2 * addr], words[2 * addr + 1]];
    if (type.mutable || isOutside(type.type)) {
      this.op(Op.global_get, piece.global(a));
      return;
    }
    out.u8(CONSTS[type.type]);
    if (type.type === I32) out.s32(lo);
    else if (type.type === I64) out.s64Halves(lo, hi);
    else if (type.type === F32) out.f32(lo);
    else out.f64Halves(lo, hi);
  }

  protected needMemory(idx: number): void {
    if (!this.inst.mems[idx].hostMemory) throw new Kept('a memory that the host cannot make');
  }
}

const CONSTS: Readonly<Record<number, number>> = {
  [I32]: Op.i32_const,
  [I64]: Op.i64_const,
  [F32]: Op.f32_const,
  [F64]: Op.f64_const,
};

/** True for types that the exchange holds outside of its words. */
function isOutside(type: ValType): boolean {
  return isRef(type) || type === V128;
}
