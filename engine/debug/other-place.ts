/**
 * Whether a stopped function can go on at another instruction than the next one, and with which operands: for "set next
 * statement", and for going on behind an instruction that trapped.
 *
 * The value stack must be what the other instruction expects. Labels are static, so leaving and entering blocks by a jump
 * is no harm; only a legacy `catch` keeps something (what it caught), and a local may have no value yet there. Knows no
 * machine: it asks the validator.
 */

import { usage } from '../base/errors.ts';
import type { WasmFrame } from '../exec/frame.ts';
import type { ValType } from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';
import { FuncValidator } from '../valid/func.ts';
import { typeText } from './ref-values.ts';

/** What the validator knows before an instruction. */
interface State {
  readonly types: readonly ValType[];
  /** Offsets of the legacy catches around it, outermost first. */
  readonly catches: readonly number[];
  readonly unset: ReadonlySet<number>;
}

/** Why the frame's function cannot go on at `offset`; undefined if it can. */
export function whyNotAt(frame: WasmFrame, offset: number): string | undefined {
  const { inst, idx } = frame.func;
  const { module, features } = inst!;
  const walk = new FuncValidator(module, features);
  const there = stateBefore(walk, idx, offset);
  if (!there) return 'that code cannot be reached';
  const types = Array.from({ length: frame.operandCount }, (_, i) => frame.operandType(i));
  const wanted = there.types;
  const text = (list: readonly ValType[]): string => `[${list.map((t) => typeText(module, t)).join(' ')}]`;
  const fits =
    types.length === wanted.length &&
    types.every((type, i) => type === wanted[i] || walk.types.matches(type, wanted[i]));
  if (!fits) return `the value stack is ${text(types)} now, and has to be ${text(wanted)} there`;
  const here = stateBefore(walk, idx, frame.offset);
  if (here && here.catches.join() !== there.catches.join()) {
    return 'it is in another catch, where another exception is caught';
  }
  const missing = here && [...here.unset].find((local) => !there.unset.has(local));
  return missing === undefined ? undefined : `local ${missing} has no value yet, and needs one there`;
}

/** How a function goes on behind an instruction that has not done its work. */
export interface Behind {
  /** How many operands stay, from the bottom. */
  readonly keep: number;
  /** What the instruction gives. */
  readonly results: readonly ValType[];
  /** The next instruction. */
  readonly next: number;
}

/** What comes behind the instruction at `offset`. Throws a usage fault where nothing does. */
export function behind(module: Module, features: FeatureSet, funcIdx: number, offset: number): Behind {
  const walk = new FuncValidator(module, features);
  walk.begin(funcIdx);
  while (walk.next()) {
    if (walk.instr.offset < offset) continue;
    if (walk.depth === 0 || walk.top.unreachable) break;
    let keep = walk.height;
    while (keep > 0 && walk.pushedAt(keep - 1) === offset) keep--;
    const results = Array.from({ length: walk.height - keep }, (_, i) => walk.typeAt(keep + i));
    return { keep, results, next: walk.instr.pos };
  }
  return usage('nothing comes behind this instruction: force the function to return instead');
}

/** The state before an instruction; undefined where it cannot be reached. */
function stateBefore(walk: FuncValidator, funcIdx: number, offset: number): State | undefined {
  const { body } = walk.module.funcs[funcIdx];
  walk.begin(funcIdx);
  while (walk.instr.pos < offset && walk.next());
  if (walk.instr.pos !== offset && offset !== body!.codeStart) return undefined;
  const catches = walk.controls.filter(({ kind }) => kind === 'catch' || kind === 'catch_all');
  const unset = new Set<number>();
  for (let i = 0; i < walk.localCount; i++) if (walk.isUnset(i)) unset.add(i);
  const state = { catches: catches.map((label) => label.offset), unset };
  // Branches come to the function's end, too, where nothing falls through.
  if (offset === body!.range.end - 1) return { ...state, types: walk.top.results };
  if (walk.top.unreachable) return undefined;
  return { ...state, types: Array.from({ length: walk.height }, (_, slot) => walk.typeAt(slot)) };
}
