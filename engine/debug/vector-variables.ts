/**
 * The variables inside of a vector: its 128 bits in every shape, and the lanes of one shape.
 *
 * Knows no places: who asks says which bits they are and how they are written back.
 */

import { usage } from '../base/errors.ts';
import { V128 } from '../isa/types.ts';
import type { Value } from '../runtime/values.ts';
import {
  type LaneShape,
  laneBits,
  laneFault,
  lanesText,
  laneText,
  parseLane,
  parseVector,
  SHAPES,
  shapeNamed,
  withLane,
} from './lanes.ts';
import { asTyped, integerText } from './number-text.ts';
import type { Variable } from './variables.ts';
import type { Container } from './wire.ts';

/** A vector, the expression that gives it, and how it is set; `fixed` says why it cannot be. */
export interface HeldVector {
  readonly bits: bigint;
  readonly expression: string;
  readonly fixed?: string;
  write?(value: Value): void;
}

/** The vector in the shape of this number; all its bits behind the last one. */
export function shapeOf(
  { bits, expression, write, fixed }: HeldVector,
  { frame, of }: Extract<Container, { kind: 'shapes' }>,
  idx: number,
): Variable {
  const shape: LaneShape | undefined = SHAPES[idx];
  const set = (text: string): void => {
    const to = parseVector(asTyped(text.trim(), 'v128'), shape);
    if (typeof to !== 'bigint') {
      usage(`expected ${shape?.name ?? '128 bits'}, found ${JSON.stringify(text)}: ${to.error}`);
    }
    write!({ type: V128, bits: to });
  };
  const settable = { set: write && set, fixed };
  if (!shape) return { name: 'bits', text: () => `0x${bits.toString(16).padStart(32, '0')}`, ...settable };
  const container = { kind: 'lanes', frame, of, shape: shape.name } as const;
  return {
    name: shape.name,
    expression: `${expression}.${shape.name}`,
    value: { type: V128, bits },
    text: ({ hex }) => lanesText(bits, shape, hex),
    type: 'v128',
    inside: { container, count: shape.count, paged: true },
    ...settable,
  };
}

/** One lane of the vector in the container's shape. Throws a usage fault where there is none. */
export function laneOf(
  { bits, expression, write, fixed }: HeldVector,
  container: Extract<Container, { kind: 'lanes' }>,
  idx: number,
): Variable {
  const shape = shapeMeant(container.shape);
  if (!(idx < shape.count)) usage(`unknown lane ${idx}: ${shape.name} has ${shape.count} lanes`);
  const set = (text: string): void => {
    const to = parseLane(asTyped(text.trim(), shape.lane), shape);
    if (typeof to !== 'bigint') {
      usage(laneFault(text, shape, to));
    }
    write!({ type: V128, bits: withLane(bits, shape, idx, to) });
  };
  return {
    name: `[${idx}]`,
    expression: `${expression}.${shape.name}[${idx}]`,
    text: ({ hex }) =>
      shape.kind === 'f'
        ? laneText(bits, shape, idx)
        : integerText(laneBits(bits, shape, idx), shape.width, hex, shape.kind === 'i'),
    type: shape.lane,
    set: write && set,
    fixed,
  };
}

/** The shape of this name. Throws a usage fault. */
export function shapeMeant(name: string): LaneShape {
  return shapeNamed(name) ?? usage(`unknown shape ${name}: ${SHAPES.map((shape) => shape.name).join(', ')}`);
}
