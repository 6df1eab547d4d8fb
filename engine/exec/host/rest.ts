/**
 * Rests: the remainder of a function from one of its loop headers on, so that a frame of the machine goes on compiled.
 *
 * The loop is peeled out of the blocks and loops around it: these become blocks that hold what is left of them. A branch
 * back to a loop around it needs its whole body again, which follows behind that loop's rest:
 *
 *     block (results)          ;; what is behind the loop
 *       block (params)         ;; the loop's header
 *         … the rest of its body …
 *         br 1
 *       end
 *       loop (params → results) … the whole body … end
 *     end
 *
 * Locals and operands come from the exchange (operands in the slots behind the locals), and results go there.
 */

import { Op } from '../../isa/op.gen.ts';
import { I32, type ValType } from '../../isa/types.ts';
import type { FuncInst } from '../../runtime/func.ts';
import { FuncValidator } from '../../valid/func.ts';
import { BodyEmitter } from './body.ts';
import { type Body, Kept } from './body-state.ts';
import { loadSlot, storeSlot } from './frame-values.ts';
import type { SiteList } from './sites.ts';
import { erased } from './types.ts';

export class RestEmitter extends BodyEmitter {
  /** By guest label around the header: whether it is a loop that is peeled. */
  private readonly peeled: boolean[] = [];
  private chain = 0;
  private readonly entryKeepers: number[] = [];
  private readonly results: number[] = [];
  /** Types of the operands at the header, from the bottom. */
  readonly operands: ValType[] = [];

  /** The rest of `func` from the loop whose first instruction is at byte `header`. Throws a `Kept`. */
  rest(
    func: FuncInst,
    header: number,
    siteBase: number,
    breaks?: ReadonlySet<number>,
    sites?: SiteList,
  ): Body {
    this.siteBase = siteBase;
    this.breaks = breaks;
    if (breaks?.has(func.inst!.module.funcs[func.idx].body!.range.end - 1))
      throw new Kept('a breakpoint at its end');
    this.isRest = true;
    this.settle(func, () => {
      this.begin(func, sites);
      this.firstExtra = this.locals.length + 2;
      this.siteLocal = this.extra(I32);
      this.roomLocal = 0;
      this.entryKeepers.length = 0;
      this.operands.length = 0;
      this.walk.begin(func.idx);
      this.advanceTo(header);
      this.enter();
      while (this.walk.next()) this.part();
    });
    for (const type of func.type.results) this.results.push(this.extra(erased(type)));
    return { bytes: this.finish(), sites: this.siteCount };
  }

  /** Opens what is around the loop, with the operands below each, and the loop. */
  private enter(): void {
    const { walk, out, piece } = this;
    const { controls } = walk;
    this.chain = controls.length - 1;
    this.depth = 3;
    this.levels[0] = 2;
    this.learn(0);
    for (let h = 0; h < walk.height; h++) {
      const keeper = this.keeper(h, erased(walk.typeAt(h)));
      this.entryKeepers.push(keeper);
      this.operands.push(walk.typeAt(h));
      this.setKept(h, keeper);
    }
    this.maxHeight = walk.height;
    let pushed = 0;
    const pushTo = (height: number) => {
      for (; pushed < height; pushed++) this.op(0x20, this.keeperLocal(this.entryKeepers[pushed]));
    };
    for (let j = 1; j < this.chain; j++) {
      const { kind, params, results, height } = controls[j];
      if (kind === 'catch' || kind === 'catch_all') throw new Kept('a loop in a legacy handler');
      pushTo(height);
      this.peeled[j] = kind === 'loop';
      out.u8(Op.block);
      piece.types.block(out, [], results);
      this.depth++;
      if (kind === 'loop') {
        out.u8(Op.block);
        piece.types.block(out, [], params);
        this.depth++;
      }
      this.levels[j] = this.depth - 1;
    }
    pushTo(walk.height);
    this.pend = 0;
    this.loop();
  }

  private part(): void {
    const { walk, chain } = this;
    const { code } = walk.instr;
    const open = walk.controls.length;
    if (code === Op.end || code === Op.delegate) {
      if (open < chain) this.chain = open;
      if (open > 0 && open < chain && this.peeled[open]) this.closePeeled(open);
      else this.instruction();
    } else if (code === Op.else && open - 1 < chain) this.cutElse(open - 1);
    else this.instruction();
  }

  /** The other part of an `if` around the header is not reached from here. */
  private cutElse(at: number): void {
    this.finishPart(this.walk.heightBefore);
    this.mute(at);
  }

  private closePeeled(at: number): void {
    const { walk, out } = this;
    const { height, results } = walk.ended!;
    if (this.finishPart(height + results.length)) this.op(0x0c, 1);
    out.u8(Op.end);
    this.depth--;
    const { count, chain } = this;
    this.again(at);
    this.walk = walk;
    this.count = count;
    this.chain = chain;
    this.pend = 0;
    out.u8(Op.end);
    this.depth--;
    this.levels[at] = -1;
    this.pushed();
  }

  /** Writes a whole loop, label `at`, whose parameters are on top. */
  private again(at: number): void {
    const start = behindLoop(this.inst.module.bytes, this.walk.ended!.offset);
    const walk = new FuncValidator(this.inst.module, this.inst.features);
    this.walk = walk;
    this.count = 0;
    this.chain = 0;
    walk.begin(this.func.idx);
    this.advanceTo(start);
    this.pend = 0;
    this.learn(walk.top.height);
    this.loop();
    while (walk.next()) {
      this.instruction();
      if (walk.controls.length === at) return;
    }
  }

  protected override finish(): Uint8Array<ArrayBuffer> {
    const { piece, func } = this;
    const { entry: to } = this;
    to.clear();
    const body = this.merged();
    this.declareLocals(to);
    this.locals.forEach((type, i) => {
      loadSlot(to, piece, i, erased(type));
      to.u8(Op.local_set);
      to.u32(this.local(i));
    });
    this.entryKeepers.forEach((keeper, h) => {
      loadSlot(to, piece, this.locals.length + h, this.keeperType(keeper));
      to.u8(Op.local_set);
      to.u32(this.keeperLocal(keeper));
    });
    to.u8(Op.try);
    to.u8(I32);
    to.u8(Op.block);
    to.u8(0x40);
    to.u8(Op.block);
    piece.types.block(to, [], func.type.results);
    to.bytes(body);
    for (let k = this.results.length - 1; k >= 0; k--) {
      to.u8(Op.local_set);
      to.u32(this.results[k]);
    }
    this.results.forEach((local, k) => {
      storeSlot(to, piece, k, erased(func.type.results[k]), local);
    });
    to.u8(Op.local_get);
    to.u32(this.fuel);
    to.u8(Op.br);
    to.u8(1);
    to.u8(Op.end);
    this.epilogue(to);
    return to.toBytes();
  }
}

/** Offset behind the `loop` at `offset` and its block type. */
function behindLoop(bytes: Uint8Array, offset: number): number {
  let p = offset + 1;
  while (bytes[p] & 0x80) p++;
  return p + 1;
}
