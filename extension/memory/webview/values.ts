/**
 * What a few bytes of memory mean, read as WebAssembly does: little-endian. As many as there are bytes for.
 */

export type Value = readonly [name: string, value: string];

/** The values of up to eight bytes at an address: `u8`, `i16`, `i32`, `i64`, `f32`, `f64` and the unsigned ones. */
export function valuesAt(bytes: readonly number[]): Value[] {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const values: Value[] = [];
  if (bytes.length >= 1) values.push(['u8', both(view.getUint8(0), view.getInt8(0))]);
  if (bytes.length >= 2) values.push(['u16', both(view.getUint16(0, true), view.getInt16(0, true))]);
  if (bytes.length >= 4) {
    values.push(['u32', both(view.getUint32(0, true), view.getInt32(0, true))]);
    values.push(['f32', float(view.getFloat32(0, true), 7)]);
  }
  if (bytes.length >= 8) {
    values.push(['u64', both(view.getBigUint64(0, true), view.getBigInt64(0, true))]);
    values.push(['f64', float(view.getFloat64(0, true), 15)]);
  }
  return values;
}

/** A negative number stands behind what it is without a sign. */
function both(unsigned: number | bigint, signed: number | bigint): string {
  return signed < 0 ? `${unsigned} (${signed})` : String(unsigned);
}

function float(value: number, digits: number): string {
  return Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(digits)));
}
