/**
 * Checks of immediates for instructions whose operands the row types: indices, alignment, offsets, lanes.
 *
 * One check a shape; each gives back whether the memory or table that the immediate names has 64-bit addresses, so
 * that ADDR in the row's type gets its meaning (spec 3.4, memory and vector instructions).
 */

import { invalid } from '../base/errors.ts';
import type { Instr } from '../isa/isa.ts';
import type { Shape } from '../isa/row.ts';
import { elemAt, memoryAt, requireData, tableAt } from './rules-variable.ts';
import type { Typing } from './typing.ts';

export type ImmediateCheck = (v: Typing, instr: Instr) => boolean;

/** The largest offset of an access to a memory with 32-bit addresses. */
const MAX_OFFSET_32 = 0xffff_ffff;

/** Shapes without an entry have nothing that could be wrong, or belong to special rules. */
export const IMMEDIATE_CHECKS: Readonly<Partial<Record<Shape, ImmediateCheck>>> = {
  memory: (v) => memoryAt(v, v.instr.a).type.is64,
  table: (v) => tableAt(v, v.instr.a).type.is64,
  elem: (v) => {
    elemAt(v, v.instr.a);
    return false;
  },
  data: (v) => {
    requireData(v, v.instr.a);
    return false;
  },
  dataMemory: (v) => {
    const { is64 } = memoryAt(v, v.instr.b).type;
    requireData(v, v.instr.a);
    return is64;
  },
  memarg,
  memargLane: (v, instr) => {
    const is64 = memarg(v, instr);
    requireLane(v, v.instr.c, 16 / instr.width);
    return is64;
  },
  lane: (v, instr) => {
    requireLane(v, v.instr.a, laneCount(instr.name));
    return false;
  },
  lanes: (v) => {
    for (const lane of v.instr.lanes) requireLane(v, lane, 32);
    return false;
  },
};

/** The memory, alignment and offset of an access. Throws the suite's three faults. */
export function memarg(v: Typing, instr: Instr): boolean {
  const { a: memIdx, b: align, memOffset } = v.instr;
  const { is64 } = memoryAt(v, memIdx).type;
  if (align !== instr.naturalAlign && (instr.exactAlign || align > instr.naturalAlign)) badAlign(v, instr);
  if (memOffset > MAX_OFFSET_32 && !is64) {
    invalid(v.instr.offset, `offset out of range: ${memOffset} does not fit into the 32-bit address`);
  }
  return is64;
}

function badAlign(v: Typing, instr: Instr): never {
  const given = 2 ** v.instr.b;
  const what = instr.exactAlign ? 'alignment must be natural' : 'alignment must not be larger than natural';
  invalid(
    v.instr.offset,
    `${what}: ${instr.name} reads or writes ${instr.width} bytes, the alignment is ${given}`,
  );
}

function requireLane(v: Typing, lane: number, count: number): void {
  if (lane >= count) invalid(v.instr.offset, `invalid lane index ${lane}: there are ${count} lanes`);
}

/** `i8x16.extract_lane_s` has 16 lanes: its name says so. */
function laneCount(name: string): number {
  return Number(/x(\d+)\./.exec(name)?.[1]);
}
