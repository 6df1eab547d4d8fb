/**
 * Frames of compiled code that were left, on their way from the exchange onto the machine's stacks.
 *
 * Frames come one by one, the innermost first, and are laid out when all are there, the outermost first: only then it is
 * known where each begins. On top of them may come a call that the machine has to make, or the machine's own frames that
 * were over the compiled ones.
 */

import { isRef, V128 } from '../../isa/types.ts';
import type { FuncInst } from '../../runtime/func.ts';
import type { Ref } from '../../runtime/values.ts';
import { returnPc } from '../call-sites.ts';
import { ENTER_WORDS, type FuncCode, siteFrom } from '../code.ts';
import { Pc } from '../iop.ts';
import type { Machine } from '../machine.ts';
import type { Exchange } from './exchange.ts';
import { Raw, rawOf } from './nan.ts';
import { type Site, SiteKind } from './sites.ts';
import type { CompiledBody, FrameShape } from './tier.ts';

const EXTERN_BYTE = 0x6f;
export const NAN_32 = 0x7fc00000;
export const NAN_64_HIGH = 0x7ff80000;

/** A compiled frame that was left: its values are in the activation's buffers. */
export interface LeftFrame {
  readonly body: CompiledBody;
  readonly shape: FrameShape;
  readonly site: Site;
  readonly slots: number;
  readonly refs: number;
  readonly vectors: number;
}

/** A call that the machine has to make when the frames are in place. */
export interface LeftCall {
  readonly func: FuncInst;
  /** The host function has been called: the machine goes on with its answer. */
  readonly done: boolean;
  readonly slots: number;
  readonly refs: number;
  readonly vectors: number;
}

/** Frames of the machine that were over compiled ones. */
export interface LeftOver {
  readonly func: FuncInst;
  readonly pc: number;
  /** Where the first of these frames was. */
  readonly from: number;
  /** How far fp is above that, and sp. */
  readonly fp: number;
  readonly sp: number;
  readonly mem: number;
  /** Their slots from the first one on, and what is on the control stack above the first one's caller. */
  readonly words: Int32Array;
  readonly refs: readonly Ref[];
  readonly vectors: Int32Array;
  readonly calls: Int32Array;
}

/** What an activation has left: its frames, the innermost first, and what is on top of them. */
export interface Left {
  readonly frames: readonly LeftFrame[];
  readonly call: LeftCall | undefined;
  readonly over: LeftOver | undefined;
  /** Instructions executed in all. */
  readonly executed: number;
}

export class LeftFrames {
  private readonly exchange: Exchange;
  // Values of frames that were left, one after the other.
  private words = new Int32Array(1 << 12);
  private used = 0;
  private readonly refs: Ref[] = [];
  private readonly vectors: number[] = [];

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  /** Forgets the values: the frames are in place, or there is no use for them. */
  clear(): void {
    this.used = 0;
    this.refs.length = 0;
    this.vectors.length = 0;
  }

  /** Copies what is in the exchange to the end of the buffers. */
  take(slots: number, refs: readonly number[], vectors: readonly number[]) {
    const { exchange } = this;
    const at = { slots: this.used, refs: this.refs.length, vectors: this.vectors.length };
    const need = this.used + 2 * slots;
    if (need > this.words.length) {
      const words = new Int32Array(2 * need);
      words.set(this.words);
      this.words = words;
    }
    this.words.set(exchange.I.subarray(0, 2 * slots), this.used);
    this.used = need;
    for (const slot of refs) this.refs.push(exchange.takeRef(slot));
    for (const slot of vectors) for (let k = 0; k < 4; k++) this.vectors.push(exchange.V.I32[4 * slot + k]);
    return at;
  }

  /** Lays the frames that were left out on the machine's stacks, the outermost one in the place of the one that was entered. */
  layOut(m: Machine, { frames, call, over, executed }: Left): void {
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = frames[i];
      const { body, site } = frame;
      const { func } = body;
      const code = m.codeOf(func);
      m.switchMemory(func, i === frames.length - 1);
      this.layFrame(m, code, frame);
      const end = m.fp + 2 * (code.slots + site.operands.length);
      if (i > 0 || call || over) m.pushFrame(returnPc(m.space, code, site.offset), end);
      else {
        const at = site.kind === SiteKind.Entry ? 0 : siteFrom(code, site.offset);
        m.pc = code.pcs[at];
        m.sp = end;
        m.executedTo(executed, at);
      }
    }
    if (over) this.layOver(m, over, frames.length === 0);
    if (!call) return;
    const { func, slots } = call;
    let { refs, vectors } = call;
    m.switchMemory(func, frames.length === 0);
    func.type.params.forEach((type, i) => {
      const w = m.fp + 2 * i;
      if (isRef(type)) m.R[w >> 1] = this.refs[refs++];
      else if (type === V128) for (let k = 0; k < 4; k++) m.V.I32[2 * w + k] = this.vectors[vectors++];
      else {
        m.I[w] = this.words[slots + 2 * i];
        m.I[w + 1] = this.words[slots + 2 * i + 1];
      }
    });
    m.sp = m.fp + 2 * func.type.params.length;
    m.pc = m.space.entry[func.addr] - (call.done ? 0 : ENTER_WORDS);
    m.executedTo(executed);
  }

  /** Puts the machine's own frames on top of those that were laid out. */
  private layOver(m: Machine, over: LeftOver, tail: boolean): void {
    m.switchMemory(over.func, tail);
    const { fp, CS } = m;
    m.I.set(over.words, fp);
    over.refs.forEach((ref, k) => {
      m.R[(fp >> 1) + k] = ref;
    });
    if (m.V.slots > 0) m.V.I32.set(over.vectors, 2 * fp);
    const moved = fp - over.from;
    for (let k = 0; k < over.calls.length; k += 2) {
      const isMark = over.calls[k] === Pc.Mark;
      CS[m.cs] = over.calls[k];
      CS[m.cs + 1] = over.calls[k + 1] + (isMark ? 0 : moved);
      m.cs += 2;
      if (isMark) m.csLimit += 2;
    }
    m.pc = over.pc;
    m.fp = fp + over.fp;
    m.sp = fp + over.sp;
    m.mem = over.mem;
  }

  private layFrame(m: Machine, code: FuncCode, { shape, site, slots, refs, vectors }: LeftFrame): void {
    const { fp } = m;
    const { layout } = shape;
    const base = fp + 2 * code.slots;
    const put = (slot: number, w: number) => {
      const type = layout.types[slot];
      if (type === EXTERN_BYTE) m.R[w >> 1] = this.refs[refs + shape.refs.indexOf(slot)];
      else if (type === V128) {
        const at = vectors + 4 * shape.vectors.indexOf(slot);
        for (let k = 0; k < 4; k++) m.V.I32[2 * w + k] = this.vectors[at + k];
      } else {
        m.I[w] = this.words[slots + 2 * slot];
        m.I[w + 1] = this.words[slots + 2 * slot + 1];
      }
    };
    layout.locals.forEach((slot, k) => {
      put(slot, fp + 2 * k);
    });
    for (let k = code.localTypes.length; k < code.slots; k++) m.R[(fp >> 1) + k] = null;
    site.operands.forEach((keeper, h) => {
      put(layout.keepers[keeper], base + 2 * h);
    });
    for (const k of layout.lazy) canonical(m, rawOf(code.localTypes[k]), fp + 2 * k);
    for (const { h, kind } of site.raw) canonical(m, kind, base + 2 * h);
  }
}

/** Makes the float at word `w`, or each lane of the vector there, the canonical NaN if it is a NaN. */
export function canonical(m: Machine, kind: Raw, w: number): void {
  switch (kind) {
    case Raw.f32:
      canonical32(m, w);
      return;
    case Raw.f64:
      canonical64(m, w);
      return;
    case Raw.f32x4:
      for (let lane = 0; lane < 4; lane++) canonical32(vectorWords(m), 2 * w + lane);
      return;
    case Raw.f64x2:
      for (let lane = 0; lane < 4; lane += 2) canonical64(vectorWords(m), 2 * w + lane);
  }
}

/** One buffer, word by word. */
interface Words {
  readonly I: Int32Array;
  readonly F32: Float32Array;
  readonly F64: Float64Array;
}

function vectorWords({ V }: Machine): Words {
  return { I: V.I32, F32: V.F32, F64: V.F64 };
}

function canonical32({ I, F32 }: Words, w: number): void {
  if (F32[w] !== F32[w]) I[w] = NAN_32;
}

function canonical64({ I, F64 }: Words, w: number): void {
  if (F64[w >> 1] === F64[w >> 1]) return;
  I[w] = 0;
  I[w + 1] = NAN_64_HIGH;
}
