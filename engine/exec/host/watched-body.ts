/**
 * Looking before an instruction whether it touches what is watched (watch-plan.ts). If it may, the body is left in front of
 * it, and the interpreter, which knows exactly, executes it and tells.
 *
 * Where an address lies is known when the code is written, so an access costs a subtraction and a comparison:
 *
 *     address - (from - offset - width + 1)  ≤  to - from + width - 2        (unsigned)
 *
 * with the bounds clipped to what an address can be. With several ranges there is one such comparison for all of them, and
 * behind it one for each.
 */

import { instrByCode } from '../../isa/isa.ts';
import { Op } from '../../isa/op.gen.ts';
import type { MemInst } from '../../runtime/memory.ts';
import type { TableInst } from '../../runtime/table.ts';
import { accessDirections } from '../watch-ops.ts';
import { LeavingBody } from './leaving-body.ts';
import { SiteKind } from './sites.ts';
import type { Range } from './watch-plan.ts';

/** Values of an address, both ends included. */
interface Bounds {
  readonly first: bigint;
  readonly last: bigint;
}

/** Bytes or elements that an instruction names by two operands. */
interface Span {
  readonly ranges: readonly Range[];
  readonly is64: boolean;
  /** The local of its start. */
  readonly start: number;
  /** The local of its length, and how wide that is. */
  readonly count: number;
  readonly count64: boolean;
}

type Addressed = MemInst | TableInst;

const NO_RANGES: readonly Range[] = [];

export class WatchedBody extends LeavingBody {
  /** In front of an instruction. True if it is left to the machine in any case: then there is nothing more to write. */
  protected watch(code: number): boolean {
    const { inst, piece } = this;
    const plan = piece.watched;
    if (!plan) return false;
    const { a, b } = this.walk.instr;
    switch (code) {
      case Op.global_get:
      case Op.global_set:
        return this.leaveIf(plan.global(inst.globals[a].addr, code === Op.global_set));
      case Op.memory_grow:
        return this.leaveIf(plan.mayCome('memory', inst.mems[a].addr));
      case Op.table_grow:
        return this.leaveIf(plan.mayCome('table', inst.tables[a].addr));
      case Op.table_fill:
        return this.leaveIf(this.ofTable(inst.tables[a], false, true).length > 0);
      case Op.table_init:
        return this.leaveIf(this.ofTable(inst.tables[b], false, true).length > 0);
      case Op.table_copy: {
        const read = this.ofTable(inst.tables[b], true, false);
        return this.leaveIf(read.length > 0 || this.ofTable(inst.tables[a], false, true).length > 0);
      }
      case Op.table_get:
        this.watchElement(inst.tables[a], 1, false);
        return false;
      case Op.table_set:
        this.watchElement(inst.tables[a], 2, true);
        return false;
      case Op.call_indirect:
      case Op.return_call_indirect:
        this.watchElement(inst.tables[b], 1, false);
        return false;
      case Op.memory_fill:
        this.watchSpans([this.written(inst.mems[a], inst.mems[a].type.is64)]);
        return false;
      case Op.memory_init:
        this.watchSpans([this.written(inst.mems[b], false)]);
        return false;
      case Op.memory_copy: {
        const [to, from] = [inst.mems[a], inst.mems[b]];
        const count64 = to.type.is64 && from.type.is64;
        this.watchSpans([this.written(to, count64), () => this.span(from, false, 2, count64)]);
        return false;
      }
      default:
        this.watchAccess(code);
        return false;
    }
  }

  private leaveIf(touches: boolean): boolean {
    if (touches) {
      this.leaveHere();
    }
    return touches;
  }

  /** A load, a store or an atomic access. */
  private watchAccess(code: number): void {
    const directions = accessDirections(code);
    if (directions.length === 0) return;
    const { a, lo, hi } = this.walk.instr;
    const { addr, type } = this.inst.mems[a];
    const [reads, writes] = [directions.includes(false), directions.includes(true)];
    const ranges = this.piece.watched!.ranges('memory', addr, reads, writes);
    const { width, params } = instrByCode(code)!;
    const offset = (BigInt(type.is64 ? hi >>> 0 : 0) << 32n) | BigInt(lo >>> 0);
    this.watchIndex(ranges, type.is64, offset, width!, params.length);
  }

  private watchElement(table: TableInst, operand: number, write: boolean): void {
    this.watchIndex(this.ofTable(table, !write, write), table.type.is64, 0n, 1, operand);
  }

  private ofTable({ addr }: TableInst, reads: boolean, writes: boolean): readonly Range[] {
    return this.piece.watched!.ranges('table', addr, reads, writes);
  }

  /** `width` bytes or elements at an operand (counted from the top) and an offset. */
  private watchIndex(
    ranges: readonly Range[],
    is64: boolean,
    offset: bigint,
    width: number,
    operand: number,
  ): void {
    const bounds = ranges.flatMap((range) => boundsOf(range, is64, offset, width));
    if (bounds.length === 0) return;
    const index = this.beforeWatch()(operand);
    const { out } = this;
    const test = ({ first, last }: Bounds): void => {
      this.op(Op.local_get, index);
      if (is64) {
        this.i64(first);
        out.u8(Op.i64_sub);
        this.i64(last - first);
        out.u8(Op.i64_le_u);
        return;
      }
      this.i32(Number(first) | 0);
      out.u8(Op.i32_sub);
      this.i32(Number(last - first) | 0);
      out.u8(Op.i32_le_u);
    };
    if (bounds.length === 1) {
      test(bounds[0]);
      this.leaveOnTrue();
      return;
    }
    test({ first: bounds[0].first, last: bounds[bounds.length - 1].last });
    this.openIf();
    bounds.forEach((bound, k) => {
      test(bound);
      if (k > 0) out.u8(Op.i32_or);
    });
    this.leaveOnTrue();
    this.closeIf();
  }

  /** What a bulk instruction writes: its first operand says where, its third how much. */
  private written(mem: Addressed, count64: boolean): () => Span {
    return () => this.span(mem, true, 3, count64);
  }

  private span({ addr, type }: Addressed, write: boolean, operand: number, count64: boolean): Span {
    const ranges = this.piece.watched!.ranges('memory', addr, !write, write);
    if (ranges.length === 0) return { ranges: NO_RANGES, is64: false, start: 0, count: 0, count64 };
    const at = this.beforeWatch();
    return { ranges, is64: type.is64, start: at(operand), count: at(1), count64 };
  }

  private watchSpans(made: readonly (() => Span)[]): void {
    const { out } = this;
    const tests = made.flatMap((make) => {
      const span = make();
      return span.ranges.map((range) => () => this.spanTest(span, range));
    });
    tests.forEach((test, k) => {
      test();
      if (k > 0) out.u8(Op.i32_or);
    });
    if (tests.length > 0) this.leaveOnTrue();
  }

  /** `start < to and (start >= from or count > from - start)`: nothing of it overflows. An empty span may be left for. */
  private spanTest({ is64, start, count, count64 }: Span, { from, to }: Range): void {
    const { out } = this;
    const push = (local: number, wide: boolean): void => {
      this.op(Op.local_get, local);
      if (!wide) out.u8(Op.i64_extend_i32_u);
    };
    push(start, is64);
    this.i64(BigInt(to));
    out.u8(Op.i64_lt_u);
    push(start, is64);
    this.i64(BigInt(from));
    out.u8(Op.i64_ge_u);
    push(count, count64);
    this.i64(BigInt(from));
    push(start, is64);
    out.u8(Op.i64_sub);
    out.u8(Op.i64_gt_u);
    out.u8(Op.i32_or);
    out.u8(Op.i32_and);
  }

  /** Keeps the operands; gives the local of one, counted from the top. The fuel is seen to where the body is left. */
  private beforeWatch(): (fromTop: number) => number {
    const { heightBefore } = this.walk;
    this.save(heightBefore);
    return (fromTop) => this.keeperLocal(this.keepers[heightBefore - fromTop]);
  }

  /** Leaves in front of the instruction if what is on top is not 0. */
  private leaveOnTrue(): void {
    const { walk, pend } = this;
    this.openIf();
    this.flush(1);
    this.site(SiteKind.Step, walk.instr.offset, walk.heightBefore);
    this.toPause(Op.br);
    this.closeIf();
    // Where it is not left, nothing was taken from the fuel.
    this.pend = pend;
  }

  private openIf(): void {
    this.out.u8(Op.if);
    this.out.u8(0x40);
    this.depth++;
  }

  private closeIf(): void {
    this.out.u8(Op.end);
    this.depth--;
  }

  private i64(value: bigint): void {
    this.out.u8(Op.i64_const);
    this.out.s64(BigInt.asIntN(64, value));
  }
}

/** The addresses whose access touches a range; none if the offset alone is behind it. */
function boundsOf({ from, to }: Range, is64: boolean, offset: bigint, width: number): Bounds[] {
  const largest = is64 ? 2n ** 64n - 1n : 2n ** 32n - 1n;
  const first = BigInt(from) - BigInt(width) + 1n - offset;
  const last = BigInt(to) - 1n - offset;
  if (last < 0n || first > largest) return [];
  return [{ first: first < 0n ? 0n : first, last: last > largest ? largest : last }];
}
