/**
 * One instruction on a stack of its own: what it would give, without doing it.
 *
 * The loop executes it on copies of its operands, so numerics, loads and traps are the real ones. Only for instructions
 * without effects on anything else and without locals: which those are is for the caller to know (debug/next-effect.ts).
 */

import type { Fault } from '../base/errors.ts';
import { V128, type ValType } from '../isa/types.ts';
import type { Store } from '../runtime/store.ts';
import type { Ref, Value } from '../runtime/values.ts';
import type { CodeSpace } from './code.ts';
import { siteAt } from './code.ts';
import type { WasmFrame } from './frame.ts';
import { type Core, interpret } from './interp.ts';
import { Exit, IOp } from './iop.ts';
import { NO_VECTORS, newVectors } from './simd/vectors.ts';
import { readSlot, writeSlot } from './slot.ts';
import { faultOf } from './trap.ts';

export type DryRun = { readonly results: readonly Value[] } | { readonly fault: Fault };

/** The most words that an instruction without effects has. */
const MOST_WORDS = 16;

/** Executes the instruction that comes next in a frame on its operands, bottom first; `results` are its types. */
export function dryRun(
  store: Store,
  space: CodeSpace,
  frame: WasmFrame,
  operands: readonly Value[],
  results: readonly ValType[],
): DryRun | undefined {
  const code = space.codeAt(frame.pc);
  if (!code) return undefined;
  const site = siteAt(code, frame.pc);
  const end = Math.min(site + 1 < code.pcs.length ? code.pcs[site + 1] : code.end, frame.pc + MOST_WORDS);
  const image = new Int32Array(end - frame.pc + 1);
  image.set(space.code.subarray(frame.pc, end));
  image[0] = space.opAt(frame.pc);
  image[end - frame.pc] = IOp.Halt;
  const slots = operands.length + results.length + 2;
  const core = coreFor(store, space, slots, frame, [...operands.map(({ type }) => type), ...results]);
  operands.forEach((value, i) => {
    writeSlot(core, 2 * i, value);
  });
  core.sp = 2 * operands.length;
  const exit = interpret(core, image);
  if (exit === Exit.Thrown) return { fault: faultOf({ store }, frame, core.thrown) };
  if (exit !== Exit.Halt) return undefined;
  const first = core.sp - 2 * results.length;
  return { results: results.map((type, i) => readSlot(core, type, first + 2 * i)) };
}

function coreFor(
  store: Store,
  { entry }: CodeSpace,
  slots: number,
  { func }: WasmFrame,
  types: readonly ValType[],
): Core {
  const buffer = new ArrayBuffer(8 * slots);
  return {
    I: new Int32Array(buffer),
    F32: new Float32Array(buffer),
    F64: new Float64Array(buffer),
    R: new Array<Ref>(slots).fill(null),
    V: types.includes(V128) ? newVectors(slots) : NO_VECTORS,
    CS: new Int32Array(8),
    entry,
    store,
    pc: 0,
    fp: 0,
    sp: 0,
    cs: 2,
    mem: func.mem0,
    csLimit: 4,
    weight: 0,
    stackLimit: 2 * slots,
    fuel: 1,
    thrown: undefined,
    watches: undefined,
  };
}
