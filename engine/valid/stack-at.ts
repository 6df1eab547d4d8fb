/**
 * What is on the operand stack at a place: the answer for hovers, completion and stopped frames.
 */

import type { ValType } from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';
import { FuncValidator } from './func.ts';
import type { Control } from './typing.ts';

export interface OperandInfo {
  /** BOT where unknown: behind `unreachable`. */
  readonly type: ValType;
  /** Offset of the instruction that pushed it. */
  readonly pushedAt: number;
}

export interface StackState {
  /** Bottom first. */
  readonly operands: readonly OperandInfo[];
  /** Open labels, the function body first; copies that stay as they are. */
  readonly controls: readonly Control[];
  readonly reachable: boolean;
}

/**
 * The state before the instruction of function `funcIdx` that stands at `offset` or covers it. Behind the last
 * instruction it is the state at the function's end.
 *
 * Throws the WasmError of the first fault before that place: there is no state behind it.
 */
export function stackAt(module: Module, features: FeatureSet, funcIdx: number, offset: number): StackState {
  const v = new FuncValidator(module, features);
  v.begin(funcIdx);
  while (v.instr.pos < offset && v.next());
  if (v.instr.pos > offset && v.instr.offset > 0 && v.instr.offset < offset && v.depth > 0) {
    return stackAt(module, features, funcIdx, v.instr.offset);
  }
  const operands = Array.from({ length: v.height }, (_, slot) => ({
    type: v.typeAt(slot),
    pushedAt: v.pushedAt(slot),
  }));
  const controls = v.controls.map(({ kind, offset, params, results, height, unreachable }) => ({
    kind,
    offset,
    params,
    results,
    height,
    unreachable,
  }));
  return { operands, controls, reachable: v.depth > 0 && !v.top.unreachable };
}
