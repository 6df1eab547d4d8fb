/**
 * Slots as values and back: the edge between the machine's words and exact values (interp.ts draws the layout).
 */

import { F32, I32, isRef, V128, type ValType } from '../isa/types.ts';
import { isRefValue, type Ref, readVector, type Value, writeVector } from '../runtime/values.ts';
import type { Vectors } from './simd/vectors.ts';

/** The arrays in which slots are. */
export interface Slots {
  readonly I: Int32Array;
  readonly R: Ref[];
  readonly V: Vectors;
}

/** True for types whose values are not in a slot's words but beside them: references and vectors. */
export function isBeside(type: ValType): boolean {
  return isRef(type) || type === V128;
}

/** Moves what is beside `n` slots down to slot `to`. */
export function moveBeside({ R, V }: Slots, to: number, from: number, n: number): void {
  if (R.length > 0) for (let k = 0; k < n; k++) R[to + k] = R[from + k];
  if (V.slots > 0) V.I32.copyWithin(4 * to, 4 * from, 4 * (from + n));
}

/** Gives the slots from `from` to `to` default values beside their words. */
export function clearBeside({ R, V }: Slots, from: number, to: number): void {
  if (R.length > 0) for (let k = from; k < to; k++) R[k] = null;
  if (V.slots > 0) V.I32.fill(0, 4 * from, 4 * to);
}

/** The value of `type` in the slot at word `w`. */
export function readSlot({ I, R, V }: Slots, type: ValType, w: number): Value {
  if (isRef(type)) return { type, ref: R[w >> 1] };
  if (type === V128) return { type, bits: readVector(V.I32, 2 * w) };
  const lo = BigInt(I[w] >>> 0);
  return { type, bits: type === I32 || type === F32 ? lo : (BigInt(I[w + 1] >>> 0) << 32n) | lo };
}

/** A vector needs room beside the slots: the machine makes it when the first one comes. */
export function writeSlot({ I, R, V }: Slots, w: number, value: Value): void {
  if (isRefValue(value)) {
    R[w >> 1] = value.ref;
    return;
  }
  if (value.type === V128) {
    writeVector(V.I32, 2 * w, value.bits);
    return;
  }
  I[w] = Number(BigInt.asIntN(32, value.bits));
  I[w + 1] = Number(BigInt.asIntN(32, value.bits >> 32n));
}
