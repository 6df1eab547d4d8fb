/**
 * How a memory view shows bytes: one cell for each, or numbers of a type, read and written as WebAssembly does
 * (little-endian).
 */

export const CELL_KINDS = [
  'hex',
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'u64',
  'i64',
  'f32',
  'f64',
] as const;

export type CellKind = (typeof CELL_KINDS)[number];

export interface CellFormat {
  /** Bytes of a cell. */
  readonly size: number;
  /** Characters that the longest value takes. */
  readonly width: number;
  show(view: DataView): string;
  /** The bytes of what somebody typed; undefined if that is no such number. */
  read(text: string): Uint8Array | undefined;
}

const LONG_FLOAT = 24;
const SHORT_FLOAT = 14;

export const FORMATS: Readonly<Record<CellKind, CellFormat>> = {
  hex: {
    size: 1,
    width: 2,
    show: (view) => view.getUint8(0).toString(16).padStart(2, '0'),
    read: (text) => (/^[\da-f]{1,2}$/i.test(text) ? Uint8Array.of(Number.parseInt(text, 16)) : undefined),
  },
  u8: integer(1, 3, (view) => BigInt(view.getUint8(0))),
  i8: integer(1, 4, (view) => BigInt(view.getInt8(0))),
  u16: integer(2, 5, (view) => BigInt(view.getUint16(0, true))),
  i16: integer(2, 6, (view) => BigInt(view.getInt16(0, true))),
  u32: integer(4, 10, (view) => BigInt(view.getUint32(0, true))),
  i32: integer(4, 11, (view) => BigInt(view.getInt32(0, true))),
  u64: integer(8, 20, (view) => view.getBigUint64(0, true)),
  i64: integer(8, 20, (view) => view.getBigInt64(0, true)),
  f32: {
    size: 4,
    width: SHORT_FLOAT,
    show: (view) => float(view.getFloat32(0, true), 7),
    read: (text) => floatBytes(text, 4),
  },
  f64: {
    size: 8,
    width: LONG_FLOAT,
    show: (view) => float(view.getFloat64(0, true), 17),
    read: (text) => floatBytes(text, 8),
  },
};

function integer(size: number, width: number, value: (view: DataView) => bigint): CellFormat {
  return {
    size,
    width,
    show: (view) => String(value(view)),
    read: (text) => integerBytes(text, size),
  };
}

/** Decimal or `0x…`, with a sign; what fits with or without sign into so many bytes. */
function integerBytes(text: string, size: number): Uint8Array | undefined {
  const [, sign, digits] = /^([+-]?)(0x[\da-f]+|\d+)$/i.exec(text.trim().replaceAll('_', '')) ?? [];
  if (digits === undefined) return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  const bits = BigInt(8 * size);
  if (value >= 1n << bits || value < -(1n << (bits - 1n))) return undefined;
  const bytes = new Uint8Array(size);
  for (let k = 0; k < size; k++) bytes[k] = Number((value >> BigInt(8 * k)) & 0xffn);
  return bytes;
}

function floatBytes(text: string, size: 4 | 8): Uint8Array | undefined {
  const plain = text.trim().toLowerCase();
  const special: Record<string, number> = {
    nan: Number.NaN,
    inf: Infinity,
    '+inf': Infinity,
    '-inf': -Infinity,
  };
  const value = Object.hasOwn(special, plain) ? special[plain] : Number(plain);
  if (plain === '' || (Number.isNaN(value) && plain !== 'nan')) return undefined;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return bytes;
}

/** As WebAssembly's text says floats. */
function float(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(digits)));
}

/** What somebody looks for: text in quotes or as it is, or bytes in hexadecimal, of which `??` may be any. */
export function parsePattern(text: string): readonly (number | undefined)[] {
  const wanted = text.trim();
  if (/^(?:(?:[\da-f]{2}|\?\?)\s*)+$/i.test(wanted) && !/^\?+$/.test(wanted)) {
    return (wanted.match(/[\da-f]{2}|\?\?/gi) ?? []).map((byte) =>
      byte === '??' ? undefined : Number.parseInt(byte, 16),
    );
  }
  const [, quoted = wanted] = /^"(.*)"$/s.exec(wanted) ?? [];
  return [...new TextEncoder().encode(quoted)];
}
