/**
 * The operand stack before and after one instruction, as text.
 */

import { WasmError } from '../../engine/base/errors.ts';
import { FuncValidator } from '../../engine/valid/func.ts';
import { name } from '../../engine/valid/mismatch.ts';
import { EVERY_FEATURE, type ModuleAnalysis } from '../module-analysis.ts';

export interface StackAround {
  /** `[i32 i64]`, the top last; `[… i32]` where more lies below. */
  readonly before: string;
  /** Undefined if nothing ever comes behind it, or if the instruction itself has a fault. */
  readonly after: string | undefined;
  readonly reachable: boolean;
}

/** How many operands are shown. */
const SHOWN = 8;

/** Undefined where there is no such state: the function has a fault before that place. */
export function stackAround(analysis: ModuleAnalysis, offset: number): StackAround | undefined {
  const { module } = analysis;
  const funcIdx = analysis.funcAt(offset);
  if (!module || funcIdx < 0) return undefined;
  const v = new FuncValidator(module, EVERY_FEATURE);
  try {
    v.begin(funcIdx);
    while (v.instr.pos < offset && v.next());
  } catch (error) {
    if (error instanceof WasmError) return undefined;
    throw error;
  }
  if (v.instr.pos !== offset) return undefined;
  const before = operands(v);
  const reachable = !v.top.unreachable;
  try {
    v.next();
    const ends = v.depth > 0 && v.top.unreachable && reachable;
    return { before, after: ends ? undefined : operands(v), reachable };
  } catch (error) {
    if (error instanceof WasmError) return { before, after: undefined, reachable };
    throw error;
  }
}

function operands(v: FuncValidator): string {
  const first = Math.max(0, v.height - SHOWN);
  const shown = Array.from({ length: v.height - first }, (_, i) => name(v.module, v.typeAt(first + i)));
  return `[${[...(first > 0 ? ['…'] : []), ...shown].join(' ')}]`;
}
