/**
 * What the bytes at a place are worth, whatever they are: integers and floats of both byte orders, LEB128, a character.
 *
 * WebAssembly's own order, little-endian, comes first. As many rows as there are bytes for.
 */

export interface InspectedValue {
  readonly name: string;
  readonly little: string;
  /** Absent where the order of bytes makes no difference. */
  readonly big?: string;
}

/** Bytes that the longest value needs. */
export const INSPECTED_BYTES = 16;

export function inspected(bytes: Uint8Array): InspectedValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: InspectedValue[] = [];
  if (bytes.length === 0) return rows;
  const byte = bytes[0];
  rows.push({ name: 'binary', little: byte.toString(2).padStart(8, '0') });
  rows.push({ name: 'u8', little: both(byte, view.getInt8(0)) });
  const both16 = (little: boolean) => both(view.getUint16(0, little), view.getInt16(0, little));
  const both32 = (little: boolean) => both(view.getUint32(0, little), view.getInt32(0, little));
  const both64 = (little: boolean) => both(view.getBigUint64(0, little), view.getBigInt64(0, little));
  const row = (name: string, needs: number, read: (little: boolean) => string) => {
    if (bytes.length >= needs) rows.push({ name, little: read(true), big: read(false) });
  };
  row('u16', 2, both16);
  row('u32', 4, both32);
  row('u64', 8, both64);
  row('f32', 4, (little) => float(view.getFloat32(0, little), 9));
  row('f64', 8, (little) => float(view.getFloat64(0, little), 17));
  const leb = lebValues(bytes);
  if (leb) rows.push({ name: `LEB128 (${leb.length})`, little: both(leb.unsigned, leb.signed) });
  const character = characterAt(bytes);
  if (character) rows.push({ name: 'UTF-8', little: character });
  return rows;
}

/** The LEB128 at the start, of at most ten bytes; undefined if none ends there. */
export function lebValues(
  bytes: Uint8Array,
): { readonly length: number; readonly unsigned: bigint; readonly signed: bigint } | undefined {
  let value = 0n;
  for (let i = 0; i < Math.min(bytes.length, 10); i++) {
    value |= BigInt(bytes[i] & 0x7f) << BigInt(7 * i);
    if (bytes[i] & 0x80) continue;
    const bits = 7 * (i + 1);
    return { length: i + 1, unsigned: value, signed: BigInt.asIntN(bits, value) };
  }
  return undefined;
}

/** `U+00E9 é`; undefined where no character begins. */
function characterAt(bytes: Uint8Array): string | undefined {
  const first = bytes[0];
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || bytes.length < length) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.slice(0, length));
    const code = text.codePointAt(0)!;
    const shown = code < 0x20 || (code >= 0x7f && code < 0xa0) ? '' : ` ${text}`;
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}${shown}`;
  } catch {
    return undefined;
  }
}

/** A negative number stands behind what it is without a sign. */
function both(unsigned: number | bigint, signed: number | bigint): string {
  return signed < 0 ? `${unsigned} (${signed})` : String(unsigned);
}

function float(value: number, digits: number): string {
  if (Object.is(value, -0)) return '-0';
  const short = Number(value.toPrecision(digits));
  return String(
    digits === 9 && Math.fround(Number(value.toPrecision(7))) === value
      ? Number(value.toPrecision(7))
      : short,
  );
}
