/**
 * Numbers that people type: a literal of the text format as exact bits, and what is expected where it is none.
 *
 * What is shown for a number can be typed for one.
 */

import { parseFloat32, parseFloat64, parseInt32, parseInt64 } from '../base/numbers.ts';
import { F32, F64, I8, I16, I32, I64, typeName, V128, type ValType } from '../isa/types.ts';

/** Unsigned bits, or why there are none. */
export type Parsed = bigint | { readonly error: string };

/** The bits of a number of type i32, i64, f32, f64, or of a packed i8 or i16, where either sign is accepted. */
export function parseNumber(text: string, type: ValType): Parsed {
  switch (type) {
    case I32: {
      const parsed = parseInt32(text);
      return parsed.ok ? BigInt(parsed.value >>> 0) : { error: parsed.error };
    }
    case I64: {
      const parsed = parseInt64(text);
      return parsed.ok ? BigInt.asUintN(64, parsed.value) : { error: parsed.error };
    }
    case F32: {
      const parsed = parseFloat32(text);
      return parsed.ok ? BigInt(parsed.value >>> 0) : { error: parsed.error };
    }
    case F64: {
      const parsed = parseFloat64(text);
      if (!parsed.ok) return { error: parsed.error };
      return (BigInt(parsed.value.hi >>> 0) << 32n) | BigInt(parsed.value.lo >>> 0);
    }
    case I8:
      return parseNarrow(text, 8);
    case I16:
      return parseNarrow(text, 16);
    default:
      return { error: `a ${typeName(type)} cannot be written as one literal` };
  }
}

/** The bits of an integer of 8, 16 or 32 bits, unsigned. Either sign is accepted, as the text format does. */
export function parseNarrow(text: string, width: number): Parsed {
  const parsed = parseInt64(text);
  if (!parsed.ok) return { error: parsed.error };
  const { value } = parsed;
  const wrapped = value < 0n && !text.startsWith('-');
  const fits = !wrapped && value >= -(1n << BigInt(width - 1)) && value < 1n << BigInt(width);
  return fits ? BigInt.asUintN(width, value) : { error: 'constant out of range' };
}

/** A number of `width` bits: `-1 (0xff, unsigned 255)`, `89 (0x59)`; in hexadecimal `0xff (-1)`. */
export function integerText(bits: bigint, width: number, hex = false, signed = true): string {
  const value = signed ? BigInt.asIntN(width, bits) : bits;
  const digits = `0x${bits.toString(16)}`;
  if (hex) return `0x${bits.toString(16).padStart(width / 4, '0')} (${value})`;
  return value < 0n ? `${value} (${digits}, unsigned ${bits})` : `${value} (${digits})`;
}

/** What is shown for a number, without the type before it and the other forms behind it. */
export function asTyped(text: string, type: string): string {
  const shown = new RegExp(`^(?:${type}\\s+)?(.*?)(?:\\s+\\([^()]*\\))?$`, 's').exec(text);
  return shown?.[1] ?? text;
}

const EXPECTED: Readonly<Record<number, string>> = {
  [I8]: 'i8 (a whole number from -128 to 255)',
  [I16]: 'i16 (a whole number from -32768 to 65535)',
  [I32]: 'i32 (a whole number from -2147483648 to 4294967295)',
  [I64]: 'i64 (a whole number from -9223372036854775808 to 18446744073709551615)',
  [F32]: 'f32 (a number, inf or nan)',
  [F64]: 'f64 (a number, inf or nan)',
  [V128]: 'v128 (lanes, as in i32x4 1 2 3 4)',
};

/** What can be typed for a number of this type. */
export function expectation(type: ValType): string {
  return EXPECTED[type] ?? typeName(type);
}

/** JavaScript writes large and special numbers in ways that the text format does not have. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0';
  return Number.isInteger(value) ? String(BigInt(value)) : String(value);
}
