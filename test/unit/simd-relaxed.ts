/**
 * What the spec allows relaxed instructions to give (4.3.5): every choice that an implementation may have made, lane by
 * lane. Both the engine and the host must give one of these.
 */

import { parseFloat32, parseFloat64 } from '../../engine/base/numbers.ts';

/** Lane `k` of the operands, from 0 or the width of the lanes that the instruction is about. */
type Lane = (operand: number, k: number, width: number) => bigint;

/** Allowed bits of a lane; `nan` allows any NaN. */
export type Allowed = readonly (bigint | 'nan')[];

export interface Relaxed {
  /** Width of the result's lanes. */
  readonly width: number;
  readonly allowed: (lane: Lane, k: number) => Allowed;
}

const MIN_32 = 1n << 31n;
const ONES_32 = (1n << 32n) - 1n;

/** By name. */
export const RELAXED: Readonly<Record<string, Relaxed>> = {
  'i8x16.relaxed_swizzle': {
    width: 8,
    allowed: (lane, k) => {
      const index = Number(lane(1, k, 8));
      if (index < 16) return [lane(0, index, 8)];
      return index < 128 ? [0n, lane(0, index & 15, 8)] : [0n];
    },
  },
  'i32x4.relaxed_trunc_f32x4_s': {
    width: 32,
    allowed: (lane, k) => truncS(f32(lane(0, k, 32))),
  },
  'i32x4.relaxed_trunc_f32x4_u': {
    width: 32,
    allowed: (lane, k) => truncU(f32(lane(0, k, 32))),
  },
  'i32x4.relaxed_trunc_f64x2_s_zero': {
    width: 32,
    allowed: (lane, k) => (k < 2 ? truncS(f64(lane(0, k, 64))) : [0n]),
  },
  'i32x4.relaxed_trunc_f64x2_u_zero': {
    width: 32,
    allowed: (lane, k) => (k < 2 ? truncU(f64(lane(0, k, 64))) : [0n]),
  },
  'f32x4.relaxed_madd': multiplyAdd(32, 0n),
  'f32x4.relaxed_nmadd': multiplyAdd(32, 1n << 31n),
  'f64x2.relaxed_madd': multiplyAdd(64, 0n),
  'f64x2.relaxed_nmadd': multiplyAdd(64, 1n << 63n),
  'i8x16.relaxed_laneselect': laneSelect(8),
  'i16x8.relaxed_laneselect': laneSelect(16),
  'i32x4.relaxed_laneselect': laneSelect(32),
  'i64x2.relaxed_laneselect': laneSelect(64),
  'f32x4.relaxed_min': extreme(32, Math.min),
  'f32x4.relaxed_max': extreme(32, Math.max),
  'f64x2.relaxed_min': extreme(64, Math.min),
  'f64x2.relaxed_max': extreme(64, Math.max),
  'i16x8.relaxed_q15mulr_s': {
    width: 16,
    allowed: (lane, k) => {
      const product = BigInt.asIntN(16, lane(0, k, 16)) * BigInt.asIntN(16, lane(1, k, 16));
      const rounded = (product + 0x4000n) >> 15n;
      return rounded === 0x8000n ? [0x7fffn, 0x8000n] : [BigInt.asUintN(16, rounded)];
    },
  },
  'i16x8.relaxed_dot_i8x16_i7x16_s': {
    width: 16,
    allowed: (lane, k) => SECOND.map((as) => BigInt.asUintN(16, saturated(dot(lane, 2 * k, 2, as)))),
  },
  'i32x4.relaxed_dot_i8x16_i7x16_add_s': {
    width: 32,
    allowed: (lane, k) =>
      SECOND.flatMap((as) => {
        const steps = saturated(dot(lane, 4 * k, 2, as)) + saturated(dot(lane, 4 * k + 2, 2, as));
        // Processors that add four products at once have no sums of 16 bits between: the suite allows it.
        return [steps, dot(lane, 4 * k, 4, as)].map((sum) => BigInt.asUintN(32, sum + lane(2, k, 32)));
      }),
  },
};

/** The second operand of a dot product may be taken as signed or as unsigned. */
const SECOND = [(bits: bigint) => BigInt.asIntN(8, bits), (bits: bigint) => bits];

function dot(lane: Lane, from: number, count: number, as: (bits: bigint) => bigint): bigint {
  let sum = 0n;
  for (let k = from; k < from + count; k++) sum += BigInt.asIntN(8, lane(0, k, 8)) * as(lane(1, k, 8));
  return sum;
}

function saturated(sum: bigint): bigint {
  return sum > 0x7fffn ? 0x7fffn : sum < -0x8000n ? -0x8000n : sum;
}

function truncS(x: number): Allowed {
  const whole = Math.trunc(x);
  if (whole >= -(2 ** 31) && whole < 2 ** 31) return [BigInt.asUintN(32, BigInt(whole))];
  const saturates = Number.isNaN(x) ? 0n : x < 0 ? MIN_32 : MIN_32 - 1n;
  return [saturates, MIN_32];
}

function truncU(x: number): Allowed {
  const whole = Math.trunc(x);
  if (whole >= 0 && whole < 2 ** 32) return [BigInt(whole)];
  const saturates = x > 0 ? ONES_32 : 0n;
  return [saturates, ONES_32, ONES_32 - 1n, MIN_32];
}

function laneSelect(width: number): Relaxed {
  const allowed = (lane: Lane, k: number) => {
    const [a, b, mask] = [lane(0, k, width), lane(1, k, width), lane(2, k, width)];
    const notMask = BigInt.asUintN(width, ~mask);
    const byBits = (a & mask) | (b & notMask);
    const byTop = mask >> BigInt(width - 1) ? a : b;
    if (width !== 16) return [byBits, byTop];
    // x86 selects bytes there: the suite allows it.
    const bytes = (mask & 0x8000n ? 0xff00n : 0n) | (mask & 0x80n ? 0xffn : 0n);
    return [byBits, byTop, (a & bytes) | (b & (0xffffn ^ bytes))];
  };
  return { width, allowed };
}

function extreme(width: 32 | 64, choose: (a: number, b: number) => number): Relaxed {
  const allowed = (lane: Lane, k: number): Allowed => {
    const [a, b] = [lane(0, k, width), lane(1, k, width)];
    const [x, y] = [numberOf(a, width), numberOf(b, width)];
    if (Number.isNaN(x) || Number.isNaN(y)) return ['nan', ...(Number.isNaN(x) ? [b] : [a])];
    return x === 0 && y === 0 ? [a, b, bitsOf(choose(x, y), width)] : [bitsOf(choose(x, y), width)];
  };
  return { width, allowed };
}

/** Rounded twice or once. */
function multiplyAdd(width: 32 | 64, flip: bigint): Relaxed {
  const allowed = (lane: Lane, k: number): Allowed => {
    const x = numberOf(lane(0, k, width) ^ flip, width);
    const y = numberOf(lane(1, k, width), width);
    const z = numberOf(lane(2, k, width), width);
    const product = width === 32 ? Math.fround(x * y) : x * y;
    const twice = product + z;
    const once = fused(x, y, z, width);
    return [twice, once].map((sum) =>
      typeof sum === 'bigint' ? sum : Number.isNaN(sum) ? 'nan' : bitsOf(sum, width),
    );
  };
  return { width, allowed };
}

/** x y + z rounded once: the exact sum as a fraction of 2^-2200, written as a hexadecimal literal and parsed. */
function fused(x: number, y: number, z: number, width: 32 | 64): bigint | number {
  const sum = x * y + z;
  if (!Number.isFinite(x) || !Number.isFinite(y)) return sum;
  // The exact product of finite numbers is finite, also where the rounded one is not.
  if (!Number.isFinite(z)) return z;
  const exact = scaled(x) * scaled(y) + (scaled(z) << 1100n);
  if (exact === 0n) return x * y === 0 ? sum : x === 0 || y === 0 ? sum : 0;
  const text = `${exact < 0n ? '-' : ''}0x${(exact < 0n ? -exact : exact).toString(16)}p-2200`;
  if (width === 32) {
    const parsed = parseFloat32(text);
    return parsed.ok ? BigInt(parsed.value >>> 0) : exact < 0n ? -Infinity : Infinity;
  }
  const parsed = parseFloat64(text);
  if (!parsed.ok) return exact < 0n ? -Infinity : Infinity;
  return (BigInt(parsed.value.hi >>> 0) << 32n) | BigInt(parsed.value.lo >>> 0);
}

/** A finite number times 2^1100, which makes it whole. */
function scaled(x: number): bigint {
  const bits = bitsOf(x, 64);
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const significand = field === 0 ? fraction : fraction | (1n << 52n);
  const size = significand << BigInt(1100 - 1075 + Math.max(field, 1));
  return bits >> 63n ? -size : size;
}

const view = new DataView(new ArrayBuffer(8));

function f32(bits: bigint): number {
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
}

function f64(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function numberOf(bits: bigint, width: 32 | 64): number {
  return width === 32 ? f32(bits) : f64(bits);
}

function bitsOf(x: number, width: 32 | 64): bigint {
  if (width === 32) view.setFloat32(0, x);
  else view.setFloat64(0, x);
  return width === 32 ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
}
