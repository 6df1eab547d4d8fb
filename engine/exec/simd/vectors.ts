/**
 * Where vectors are: sixteen bytes beside each slot, seen at every lane width (spec 4.3.4, lanes are little-endian).
 *
 *     slot s      I8 U8 [16 s …]   I16 U16 [8 s …]   I32 U32 F32 [4 s …]   F64 [2 s …]
 *
 * A machine makes the room when the first vector comes; until then it holds NO_VECTORS. Instructions work in place on
 * these views, so they allocate nothing; an f32 or f64 lane is read as a number only where arithmetic wants one, and
 * moves go by words, which keeps signalling NaNs.
 */

export interface Vectors {
  readonly slots: number;
  readonly I8: Int8Array;
  readonly U8: Uint8Array;
  readonly I16: Int16Array;
  readonly U16: Uint16Array;
  readonly I32: Int32Array;
  readonly U32: Uint32Array;
  readonly F32: Float32Array;
  readonly F64: Float64Array;
}

/** Room for a vector beside each of so many slots, all zero. */
export function newVectors(slots: number): Vectors {
  const buffer = new ArrayBuffer(16 * slots);
  return {
    slots,
    I8: new Int8Array(buffer),
    U8: new Uint8Array(buffer),
    I16: new Int16Array(buffer),
    U16: new Uint16Array(buffer),
    I32: new Int32Array(buffer),
    U32: new Uint32Array(buffer),
    F32: new Float32Array(buffer),
    F64: new Float64Array(buffer),
  };
}

export const NO_VECTORS: Vectors = newVectors(0);

/** Copies the four words of a vector. */
export function copyWords(to: Int32Array, at: number, from: Int32Array, start: number): void {
  to[at] = from[start];
  to[at + 1] = from[start + 1];
  to[at + 2] = from[start + 2];
  to[at + 3] = from[start + 3];
}

export const NAN_32 = 0x7fc00000;

/** Makes the f32 lane at `k` the canonical NaN if it is a NaN. */
export function canonical32({ F32, I32 }: Vectors, k: number): void {
  if (F32[k] !== F32[k]) I32[k] = NAN_32;
}

/** Makes the f64 lane at `k` the canonical NaN if it is a NaN. */
export function canonical64({ F64, I32 }: Vectors, k: number): void {
  if (F64[k] !== F64[k]) {
    I32[2 * k] = 0;
    I32[2 * k + 1] = 0x7ff80000;
  }
}
