/**
 * How a vector is best cut: a v128 says nothing of its lanes, but the instructions around it do.
 *
 * What `f32x4.mul` gives are four floats, and what `i16x8.extend_low_i8x16_u` takes are sixteen bytes without a sign.
 * A local is cut as most instructions that it comes from or goes to have it. A guess for display, and nothing more.
 */

import { instrReader } from '../binary/instr.ts';
import { instrByCode } from '../isa/isa.ts';
import { V128 } from '../isa/types.ts';
import { localTypes, type Module } from '../module/module.ts';
import { type LaneShape, shapeNamed } from './lanes.ts';

/** The shape of the vector that an instruction gives: `f32x4.mul`. */
export function shapeGiven(instr: string): LaneShape | undefined {
  const shape = /^([if])(\d+x\d+)\./.exec(instr);
  return shape ? signed(shape[1], shape[2], instr) : undefined;
}

/** The shape of the vector that an instruction takes: `f32x4.convert_i32x4_s` takes i32x4. */
export function shapeTaken(instr: string): LaneShape | undefined {
  const shape = /\..*_([if])(\d+x\d+)/.exec(instr);
  return shape ? signed(shape[1], shape[2], instr) : shapeGiven(instr);
}

/** The shapes of a function's vector locals, by their index; none where no instruction says anything. */
export function localShapes(module: Module, funcIdx: number): ReadonlyMap<number, LaneShape> {
  const types = localTypes(module, funcIdx);
  const votes = new Map<number, Map<LaneShape, number>>();
  const vote = (local: number, shape: LaneShape | undefined): void => {
    if (!shape || types[local] !== V128) return;
    const of = votes.get(local) ?? new Map<LaneShape, number>();
    votes.set(local, of.set(shape, (of.get(shape) ?? 0) + 1));
  };
  if (!types.includes(V128)) return new Map();
  const { codeStart, range } = module.funcs[funcIdx].body!;
  const reader = instrReader(module);
  reader.startBody(codeStart, range.end);
  let before = '';
  let read = -1;
  while (reader.next()) {
    const { name, params, results } = instrByCode(reader.code)!;
    if (read >= 0 && params.includes(V128)) vote(read, shapeTaken(name));
    read = name === 'local.get' ? reader.a : -1;
    if (name === 'local.set' || name === 'local.tee') vote(reader.a, shapeGiven(before));
    before = results.at(-1) === V128 ? name : '';
  }
  return new Map([...votes].map(([local, of]) => [local, most(of)]));
}

function most(votes: ReadonlyMap<LaneShape, number>): LaneShape {
  return [...votes].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/** Integers have no sign where the instruction says so. */
function signed(kind: string, lanes: string, instr: string): LaneShape | undefined {
  return shapeNamed(`${kind === 'i' && instr.endsWith('_u') ? 'u' : kind}${lanes}`);
}
