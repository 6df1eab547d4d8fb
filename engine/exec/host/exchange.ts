/**
 * The exchange: where values cross between compiled code and the machine, laid out as the machine's own slots.
 *
 *     memory   0: low and high word of each slot      VECTORS_AT: sixteen bytes of each slot
 *     table    the reference of each slot
 *
 * Bits go through a memory of the host, so NaN payloads and 64-bit integers are as they are and nothing is boxed.
 * Both sides copy at once what they find, so one exchange serves all activations.
 */

import type { Ref } from '../../runtime/values.ts';
import type { Vectors } from '../simd/vectors.ts';

export const EXCHANGE_SLOTS = 1 << 14;
export const VECTORS_AT = 8 * EXCHANGE_SLOTS;
const PAGES = (24 * EXCHANGE_SLOTS) / 0x1_0000;

export class Exchange {
  readonly memory: WebAssembly.Memory;
  readonly refs: WebAssembly.Table;
  readonly I: Int32Array;
  readonly F32: Float32Array;
  readonly F64: Float64Array;
  readonly V: Vectors;

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    this.refs = new WebAssembly.Table({ element: 'externref', initial: EXCHANGE_SLOTS });
    const { buffer } = this.memory;
    this.I = new Int32Array(buffer, 0, 2 * EXCHANGE_SLOTS);
    this.F32 = new Float32Array(buffer, 0, 2 * EXCHANGE_SLOTS);
    this.F64 = new Float64Array(buffer, 0, EXCHANGE_SLOTS);
    this.V = {
      slots: EXCHANGE_SLOTS,
      I8: new Int8Array(buffer, VECTORS_AT),
      U8: new Uint8Array(buffer, VECTORS_AT),
      I16: new Int16Array(buffer, VECTORS_AT),
      U16: new Uint16Array(buffer, VECTORS_AT),
      I32: new Int32Array(buffer, VECTORS_AT),
      U32: new Uint32Array(buffer, VECTORS_AT),
      F32: new Float32Array(buffer, VECTORS_AT),
      F64: new Float64Array(buffer, VECTORS_AT),
    };
  }

  /** Takes the reference in a slot out of it. */
  takeRef(slot: number): Ref {
    const ref = this.refs.get(slot);
    if (ref !== null) this.refs.set(slot, null);
    return ref;
  }
}
