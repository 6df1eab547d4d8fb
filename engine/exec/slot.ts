/**
 * Slots as values and back: the edge between the machine's words and exact values (interp.ts draws the layout).
 */

import { F32, I32, isRef, type ValType } from '../isa/types.ts';
import { isRefValue, type Ref, type Value } from '../runtime/values.ts';

/** The two arrays in which slots are. */
export interface Slots {
  readonly I: Int32Array;
  readonly R: Ref[];
}

/** The value of `type` in the slot at word `w`. */
export function readSlot({ I, R }: Slots, type: ValType, w: number): Value {
  if (isRef(type)) return { type, ref: R[w >> 1] };
  const lo = BigInt(I[w] >>> 0);
  return { type, bits: type === I32 || type === F32 ? lo : (BigInt(I[w + 1] >>> 0) << 32n) | lo };
}

export function writeSlot({ I, R }: Slots, w: number, value: Value): void {
  if (isRefValue(value)) {
    R[w >> 1] = value.ref;
    return;
  }
  I[w] = Number(BigInt.asIntN(32, value.bits));
  I[w + 1] = Number(BigInt.asIntN(32, value.bits >> 32n));
}
