/**
 * Vectors to try SIMD instructions on: lanes of edge values of every type, mixed with seeded random bits.
 */

import { F32, F64, I32, I64, V128, type ValType } from '../../engine/isa/types.ts';

const MANY = ~0n;

/** Numbers that both float types round to something worth trying. */
const NUMBERS = [
  0,
  0.5,
  1,
  1.5,
  2.5,
  3.5,
  0.1,
  2 ** 23 + 0.5,
  2 ** 31,
  2 ** 31 - 1,
  2 ** 32,
  2 ** 32 - 1,
  2 ** 63,
  2 ** 64,
  Number.POSITIVE_INFINITY,
  1e-310,
  5e-324,
  1.7976931348623157e308,
];

/** Edge values of lanes by width: integers, and the bits of floats where there are such. */
const EDGES: ReadonlyMap<number, readonly bigint[]> = new Map([
  [8, integers(8)],
  [16, [...integers(16), 0x4000n, 0xc000n]],
  [32, [...integers(32), ...floats32()]],
  [64, [...integers(64), ...floats64()]],
]);

/** A sequence of numbers below 2^32 that a seed determines. */
export function randoms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return (x ^ (x >>> 15)) >>> 0;
  };
}

/** A vector; `width` is the lane width that the instruction is about, which half of the vectors are made for. */
export function vector(next: () => number, width: number): bigint {
  const chosen = next() & 1 ? width : [8, 16, 32, 64][next() & 3];
  let bits = 0n;
  for (let at = 0; at < 128; at += chosen) bits |= lane(next, chosen) << BigInt(at);
  return bits;
}

/** A number or a vector for an operand of `type`. */
export function operand(next: () => number, type: ValType, width: number): bigint {
  switch (type) {
    case V128:
      return vector(next, width);
    case I32:
    case F32:
      return lane(next, 32);
    case I64:
    case F64:
      return lane(next, 64);
    default:
      throw new Error(`no operand of type ${type}`);
  }
}

function lane(next: () => number, width: number): bigint {
  const edges = EDGES.get(width)!;
  if (next() % 10 < 7) return edges[next() % edges.length];
  return BigInt.asUintN(width, (BigInt(next()) << 32n) | BigInt(next()));
}

function integers(width: number): bigint[] {
  const top = 1n << BigInt(width - 1);
  const values = [
    0n,
    1n,
    2n,
    7n,
    15n,
    16n,
    31n,
    127n,
    128n,
    MANY,
    -2n,
    -127n,
    top,
    top - 1n,
    top + 1n,
    top >> 1n,
  ];
  return values.map((value) => BigInt.asUintN(width, value));
}

function floats32(): bigint[] {
  const numbers = [...NUMBERS, 3.4028234663852886e38, 1e-45, 1.1754943508222875e-38, 8388607.5, 2147483520];
  const bits = [...new Uint32Array(Float32Array.from(numbers).buffer)].map(BigInt);
  const nans = [0x7fc00000n, 0x7f800001n, 0x7fa00000n, 0x7fffffffn];
  return [...bits, ...nans].flatMap((one) => [one, one | 0x80000000n]);
}

function floats64(): bigint[] {
  const numbers = [...NUMBERS, 2 ** 52 - 0.5, 3.4028235677973366e38, 2.2250738585072014e-308, 1e-45];
  const bits = [...new BigUint64Array(Float64Array.from(numbers).buffer)];
  const nans = [0x7ff8000000000000n, 0x7ff0000000000001n, 0x7ff4000000000000n, 0x7fffffffffffffffn];
  return [...bits, ...nans].flatMap((one) => [one, one | (1n << 63n)]);
}
