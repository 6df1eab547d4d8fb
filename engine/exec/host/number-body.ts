/**
 * Instructions on numbers and vectors in a body: copied as they are, with an eye on NaNs (nan.ts), or written as what tier 0
 * makes of them where the host may do otherwise (relaxed SIMD).
 */

import { writeOp } from '../../binary/instr-write.ts';
import { Op } from '../../isa/op.gen.ts';
import { V128 } from '../../isa/types.ts';
import { DETERMINISTIC } from '../simd/relaxed.ts';
import { Kept } from './body-state.ts';
import { consumesRaw, Raw, rawResult } from './nan.ts';
import { WatchedBody } from './watched-body.ts';

export class NumberBody extends WatchedBody {
  protected numeric(code: number): void {
    const raw = rawResult(code);
    if (this.rawSeen && !consumesRaw(code, Raw.none)) this.canonPopped();
    if (this.piece.checked) this.checkNumber(code);
    this.raw();
    this.pushedRaw = raw;
  }

  /** A *lazy* local gets nothing but results of arithmetic: it may be raw, until it is used otherwise or shown. */
  protected setLocal(code: number, idx: number): void {
    const raw: Raw = this.raws[this.walk.heightBefore - 1];
    if (this.lazy[idx] !== 1) this.canonPopped();
    else if (raw === Raw.none) this.unlazy.push(idx);
    else if (code === Op.local_tee) this.pushedRaw = raw;
    this.op(code, this.local(idx));
  }

  protected vector(code: number): void {
    const { instr } = this.walk;
    const same = DETERMINISTIC.get(code);
    if (code >= Op.i8x16_relaxed_swizzle && same === undefined) {
      if (!isMadd(code)) throw new Kept('relaxed dot product');
      this.multiplyAndAdd(code);
      return;
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
    else this.simd(same);
    this.pushedRaw = raw;
  }

  /** relaxed_madd and relaxed_nmadd as the interpreter has them: the product is rounded, then the sum. */
  protected multiplyAndAdd(code: number): void {
    const is32 = code === Op.f32x4_relaxed_madd || code === Op.f32x4_relaxed_nmadd;
    const isNegated = code === Op.f32x4_relaxed_nmadd || code === Op.f64x2_relaxed_nmadd;
    const [b, c] = [this.scratchOf(V128), this.scratchOf(V128, 1)];
    this.canonPopped();
    this.op(Op.local_set, c);
    this.op(Op.local_set, b);
    if (isNegated) this.simd(is32 ? Op.f32x4_neg : Op.f64x2_neg);
    this.op(Op.local_get, b);
    this.simd(is32 ? Op.f32x4_mul : Op.f64x2_mul);
    this.op(Op.local_get, c);
    this.simd(is32 ? Op.f32x4_add : Op.f64x2_add);
    this.pushedRaw = is32 ? Raw.f32x4 : Raw.f64x2;
  }

  protected simd(code: number): void {
    writeOp(this.out, code);
  }

  protected rawOnTop(): Raw {
    const { heightBefore } = this.walk;
    return heightBefore > 0 ? this.raws[heightBefore - 1] : Raw.none;
  }

  /** True if what the instruction pops is raw in this way or not at all. */
  protected onlyRaw(raw: Raw): boolean {
    const { walk } = this;
    for (let h = this.popped(); h < walk.heightBefore; h++) {
      if (this.raws[h] !== Raw.none && this.raws[h] !== Raw.clean && this.raws[h] !== raw) return false;
    }
    return true;
  }
}

function isMadd(code: number): boolean {
  return code >= Op.f32x4_relaxed_madd && code <= Op.f64x2_relaxed_nmadd;
}

function isVectorAccess(code: number): boolean {
  const sub = code & 0xfff;
  return sub <= 11 || (sub >= 84 && sub <= 93);
}
