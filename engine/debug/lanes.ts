/**
 * Lanes of a v128 for people: the same 128 bits cut in every way, shown, typed and set lane by lane.
 *
 * A shape is one of the specification's (6.3.5), or one with `u` for integers without a sign (`u8x16`), as views of
 * memory are named. Lane 0 holds the lowest bits. Knows no places that hold vectors.
 */

import { F32, F64, I32, I64, type ValType } from '../isa/types.ts';
import { formatValue } from '../runtime/values.ts';
import { type Parsed, parseNarrow, parseNumber } from './number-text.ts';

export interface LaneShape {
  readonly name: string;
  readonly count: number;
  /** Bits of a lane. */
  readonly width: number;
  readonly kind: 'i' | 'u' | 'f';
  /** A lane's type as people read it: `i8`, `u32`, `f64`. */
  readonly lane: string;
  /** The type that a lane has in a computation. */
  readonly type: ValType;
}

/** Every shape, in the order in which they are shown. */
export const SHAPES: readonly LaneShape[] = [8, 16, 32, 64].flatMap((width) =>
  (width < 32 ? ['i', 'u'] : ['i', 'u', 'f']).map((kind): LaneShape => {
    const count = 128 / width;
    const wide = width === 64 || (width === 32 && kind === 'u');
    const type = kind === 'f' ? (width === 32 ? F32 : F64) : wide ? I64 : I32;
    return {
      name: `${kind}${width}x${count}`,
      count,
      width,
      kind: kind as LaneShape['kind'],
      lane: `${kind}${width}`,
      type,
    };
  }),
);

/** The shape of this name: `i32x4`. */
export function shapeNamed(name: string): LaneShape | undefined {
  return SHAPES.find((shape) => shape.name === name);
}

/** The bits of a lane, unsigned. */
export function laneBits(vector: bigint, { width }: LaneShape, idx: number): bigint {
  return BigInt.asUintN(width, vector >> BigInt(idx * width));
}

/** The vector with other bits in one lane. */
export function withLane(vector: bigint, { width }: LaneShape, idx: number, bits: bigint): bigint {
  const at = BigInt(idx * width);
  const mask = ((1n << BigInt(width)) - 1n) << at;
  return (vector & ~mask) | (BigInt.asUintN(width, bits) << at);
}

/** A lane as the bits of a value of the shape's `type`: extended to it by its sign. */
export function laneValue(vector: bigint, shape: LaneShape, idx: number): bigint {
  const bits = laneBits(vector, shape, idx);
  const size = shape.type === I64 || shape.type === F64 ? 64 : 32;
  return shape.kind === 'i' ? BigInt.asUintN(size, BigInt.asIntN(shape.width, bits)) : bits;
}

/** A lane as `v128.const` takes it: `-1`, `1.5`; integers as `0x00ff` if that is wanted. */
export function laneText(vector: bigint, shape: LaneShape, idx: number, hex = false): string {
  const bits = laneBits(vector, shape, idx);
  if (shape.kind === 'f') return formatValue({ type: shape.type, bits });
  if (hex) return `0x${bits.toString(16).padStart(shape.width / 4, '0')}`;
  return String(shape.kind === 'i' ? BigInt.asIntN(shape.width, bits) : bits);
}

/** All lanes, lane 0 first: `1 2 3 4`. */
export function lanesText(vector: bigint, shape: LaneShape, hex = false): string {
  return Array.from({ length: shape.count }, (_, i) => laneText(vector, shape, i, hex)).join(' ');
}

/** The bits that a text means in a lane. Either sign is accepted, as the text format does. */
export function parseLane(text: string, { kind, width, type }: LaneShape): Parsed {
  if (kind === 'f') return parseNumber(text, type);
  return width === 64 ? parseNumber(text, I64) : parseNarrow(text, width);
}

/** What is wrong with a lane that could not be read. */
export function laneFault(text: string, { lane }: LaneShape, { error }: { readonly error: string }): string {
  const why = error === 'unknown operator' ? '' : `: ${error}`;
  return `expected ${lane}, found ${JSON.stringify(text)}${why}`;
}

/**
 * The vector that a text means: `i16x8 1 2 3 …`, with `v128.const` before it or not, or all bits as one hexadecimal
 * number. Lanes alone have the shape `given`.
 */
export function parseVector(text: string, given?: LaneShape): Parsed {
  if (/^0x[0-9a-f_]{1,40}$/i.test(text)) {
    const bits = BigInt(text.replaceAll('_', ''));
    return bits === BigInt.asUintN(128, bits) ? bits : { error: 'constant out of range' };
  }
  const words = text.replace(/^\(?\s*v128\.const\s+(.*?)\s*\)?$/s, '$1').split(/[\s,]+/);
  const named = shapeNamed(words[0]);
  const shape = named ?? given;
  if (!shape) return { error: 'a shape expected, as in i32x4 1 2 3 4' };
  const lanes = named ? words.slice(1) : words;
  if (lanes.length !== shape.count) {
    return { error: `${shape.name} has ${shape.count} lanes, found ${lanes.length}` };
  }
  let vector = 0n;
  for (const [i, lane] of lanes.entries()) {
    const bits = parseLane(lane, shape);
    if (typeof bits !== 'bigint') return { error: `lane ${i}: ${laneFault(lane, shape, bits)}` };
    vector = withLane(vector, shape, i, bits);
  }
  return vector;
}
