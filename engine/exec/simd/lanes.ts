/**
 * Vectors as lanes: constants, splats, single lanes, shuffles, bits, and questions to all lanes (spec 4.3.4, 4.4.2).
 *
 * Also the moves of whole vectors between slots, locals and globals. Nothing here computes with numbers: floats are
 * their bits.
 */

import { Op } from '../../isa/op.gen.ts';
import type { Core } from '../interp.ts';
import { copyWords, type Vectors } from './vectors.ts';

/** local.get, .set, .tee, global.get, .set and select of vectors. Returns the new sp. */
export function move(m: Core, op: number, x: number, sp: number): number {
  const { I32 } = m.V;
  const { globalVectors } = m.store;
  const s = sp >> 1;
  switch (op) {
    case Op.local_get:
      copyWords(I32, 4 * s, I32, 4 * (s - x));
      return sp + 2;
    case Op.local_set:
      copyWords(I32, 4 * (s - x), I32, 4 * (s - 1));
      return sp - 2;
    case Op.local_tee:
      copyWords(I32, 4 * (s - x), I32, 4 * (s - 1));
      return sp;
    case Op.global_get:
      copyWords(I32, 4 * s, globalVectors, 4 * x);
      return sp + 2;
    case Op.global_set:
      copyWords(globalVectors, 4 * x, I32, 4 * (s - 1));
      return sp - 2;
    default:
      if (m.I[sp - 2] === 0) copyWords(I32, 4 * (s - 3), I32, 4 * (s - 2));
      return sp - 4;
  }
}

/** v128.const, splats, extract_lane, replace_lane and i8x16.shuffle. Returns the new sp. */
export function lanes(m: Core, code: Int32Array, pc: number, sp: number): number {
  const { I, V } = m;
  const op = code[pc + 1];
  const x = code[pc + 2];
  /** The slot on top: the operand of a splat and of extract_lane, the new lane's value for replace_lane. */
  const s = (sp >> 1) - 1;
  const w = sp - 2;
  switch (op) {
    case Op.v128_const:
      copyWords(V.I32, 4 * (s + 1), code, pc + 2);
      return sp + 2;
    case Op.i8x16_shuffle:
      shuffle(V, s - 1, code, pc + 2);
      return sp - 2;
    case Op.i8x16_splat:
      V.I8.fill(I[w], 16 * s, 16 * s + 16);
      return sp;
    case Op.i16x8_splat:
      V.I16.fill(I[w], 8 * s, 8 * s + 8);
      return sp;
    case Op.i32x4_splat:
    case Op.f32x4_splat:
      V.I32.fill(I[w], 4 * s, 4 * s + 4);
      return sp;
    case Op.i64x2_splat:
    case Op.f64x2_splat:
      V.I32[4 * s] = V.I32[4 * s + 2] = I[w];
      V.I32[4 * s + 1] = V.I32[4 * s + 3] = I[w + 1];
      return sp;
    case Op.i8x16_extract_lane_s:
      I[w] = V.I8[16 * s + x];
      return sp;
    case Op.i8x16_extract_lane_u:
      I[w] = V.U8[16 * s + x];
      return sp;
    case Op.i16x8_extract_lane_s:
      I[w] = V.I16[8 * s + x];
      return sp;
    case Op.i16x8_extract_lane_u:
      I[w] = V.U16[8 * s + x];
      return sp;
    case Op.i32x4_extract_lane:
    case Op.f32x4_extract_lane:
      I[w] = V.I32[4 * s + x];
      return sp;
    case Op.i64x2_extract_lane:
    case Op.f64x2_extract_lane:
      I[w] = V.I32[4 * s + 2 * x];
      I[w + 1] = V.I32[4 * s + 2 * x + 1];
      return sp;
    case Op.i8x16_replace_lane:
      V.I8[16 * (s - 1) + x] = I[w];
      return sp - 2;
    case Op.i16x8_replace_lane:
      V.I16[8 * (s - 1) + x] = I[w];
      return sp - 2;
    case Op.i32x4_replace_lane:
    case Op.f32x4_replace_lane:
      V.I32[4 * (s - 1) + x] = I[w];
      return sp - 2;
    case Op.i64x2_replace_lane:
    case Op.f64x2_replace_lane:
      V.I32[4 * (s - 1) + 2 * x] = I[w];
      V.I32[4 * (s - 1) + 2 * x + 1] = I[w + 1];
      return sp - 2;
    default:
      throw new Error(`no lane instruction 0x${op.toString(16)}`);
  }
}

const shuffled = new Int32Array(4);

/** The lanes to choose are in four words of the code; slots `s` and `s + 1` are thirty-two bytes in a row. */
function shuffle({ U8, I32 }: Vectors, s: number, code: Int32Array, at: number): void {
  for (let j = 0; j < 4; j++) {
    const pick = code[at + j];
    shuffled[j] =
      U8[16 * s + (pick & 31)] |
      (U8[16 * s + ((pick >> 8) & 31)] << 8) |
      (U8[16 * s + ((pick >> 16) & 31)] << 16) |
      (U8[16 * s + ((pick >> 24) & 31)] << 24);
  }
  copyWords(I32, 4 * s, shuffled, 0);
}

/** Operators of two vectors that know no numbers: bits and i8x16.swizzle. Operands in `s` and `s + 1`, result in `s`. */
export function bitsBinary({ U8, I32 }: Vectors, op: number, s: number): void {
  const a = 4 * s;
  const b = a + 4;
  switch (op) {
    case Op.v128_and:
      for (let k = 0; k < 4; k++) I32[a + k] &= I32[b + k];
      return;
    case Op.v128_andnot:
      for (let k = 0; k < 4; k++) I32[a + k] &= ~I32[b + k];
      return;
    case Op.v128_or:
      for (let k = 0; k < 4; k++) I32[a + k] |= I32[b + k];
      return;
    case Op.v128_xor:
      for (let k = 0; k < 4; k++) I32[a + k] ^= I32[b + k];
      return;
    case Op.i8x16_swizzle:
      // The indices are not needed any more: their slot takes the result until it is whole.
      for (let k = 16 * s + 16; k < 16 * s + 32; k++) U8[k] = U8[k] < 16 ? U8[16 * s + U8[k]] : 0;
      copyWords(I32, a, I32, b);
      return;
    default:
      throw new Error(`no bitwise instruction 0x${op.toString(16)}`);
  }
}

export function not({ I32 }: Vectors, s: number): void {
  for (let k = 4 * s; k < 4 * s + 4; k++) I32[k] = ~I32[k];
}

/** Bits of the first operand where the third one has ones, else of the second. */
export function bitselect({ I32 }: Vectors, s: number): void {
  for (let k = 4 * s; k < 4 * s + 4; k++) I32[k] = (I32[k] & I32[k + 8]) | (I32[k + 4] & ~I32[k + 8]);
}

/** v128.any_true, all_true and bitmask: an i32. */
export function testLanes({ I8, I16, I32 }: Vectors, op: number, s: number): number {
  const a = 4 * s;
  let bits = 0;
  switch (op) {
    case Op.v128_any_true:
      return (I32[a] | I32[a + 1] | I32[a + 2] | I32[a + 3]) !== 0 ? 1 : 0;
    case Op.i8x16_all_true:
      return noneZero(I8, 16 * s, 16);
    case Op.i16x8_all_true:
      return noneZero(I16, 8 * s, 8);
    case Op.i32x4_all_true:
      return noneZero(I32, a, 4);
    case Op.i64x2_all_true:
      return (I32[a] | I32[a + 1]) !== 0 && (I32[a + 2] | I32[a + 3]) !== 0 ? 1 : 0;
    case Op.i8x16_bitmask:
      for (let k = 0; k < 16; k++) bits |= (I8[16 * s + k] >>> 31) << k;
      return bits;
    case Op.i16x8_bitmask:
      for (let k = 0; k < 8; k++) bits |= (I16[8 * s + k] >>> 31) << k;
      return bits;
    case Op.i32x4_bitmask:
      for (let k = 0; k < 4; k++) bits |= (I32[a + k] >>> 31) << k;
      return bits;
    case Op.i64x2_bitmask:
      return (I32[a + 1] >>> 31) | ((I32[a + 3] >>> 31) << 1);
    default:
      throw new Error(`no vector test 0x${op.toString(16)}`);
  }
}

function noneZero(lanes: Int8Array | Int16Array | Int32Array, from: number, count: number): number {
  for (let k = from; k < from + count; k++) if (lanes[k] === 0) return 0;
  return 1;
}
