/**
 * Values as people type them: arguments of an invocation, new values of variables.
 *
 * Number literals of the text format, by the type that is wanted; vectors as `i32x4 1 2 3 4`; references can only be
 * null. A wrong text comes back as a message that says what was expected. Knows no runtime: a value is its bits.
 */

import {
  F32,
  F64,
  heapName,
  heapOf,
  I32,
  I64,
  isNullable,
  isRef,
  typeName,
  V128,
  type ValType,
} from '../isa/types.ts';
import { parseScriptValue } from './script.ts';
import { parseTree } from './tree.ts';

/** A number or vector by its bits, zero-extended; a null reference. */
export type LiteralValue =
  | { readonly type: ValType; readonly bits: bigint }
  | { readonly type: ValType; readonly ref: null };

export type ParsedValue =
  | { readonly ok: true; readonly value: LiteralValue }
  | { readonly ok: false; readonly message: string };

const EXPECTED = new Map<ValType, string>([
  [I32, 'a whole number from -2147483648 to 4294967295, such as 10, -1 or 0xff'],
  [I64, 'a whole number from -9223372036854775808 to 18446744073709551615, such as 10, -1 or 0xff'],
  [F32, 'a number such as 1.5, -2e10, 0x1p-3, inf, nan or nan:0x400000'],
  [F64, 'a number such as 1.5, -2e10, 0x1p-3, inf, nan or nan:0x8000000000000'],
  [V128, 'a vector such as i32x4 1 2 3 4'],
]);

const CONST = new Map<ValType, string>([
  [I32, 'i32.const'],
  [I64, 'i64.const'],
  [F32, 'f32.const'],
  [F64, 'f64.const'],
  [V128, 'v128.const'],
]);

/**
 * The value that `text` stands for as a `type`: `10`, `-1`, `0xff`, `1.5`, `nan:0x7`, `inf`, `i8x16 …`, `null`. The
 * text format's own form with the type in front, `i32.const 10` in parentheses or without, is taken as well.
 */
export function parseValue(text: string, type: ValType): ParsedValue {
  const trimmed = text.trim();
  if (isRef(type)) return parseNull(trimmed, type);
  const keyword = CONST.get(type);
  if (keyword === undefined) return { ok: false, message: `a ${typeName(type)} cannot be written` };
  const inside = trimmed.startsWith('(') && trimmed.endsWith(')') ? trimmed.slice(1, -1).trim() : trimmed;
  const literal = inside.startsWith(`${keyword} `) ? inside.slice(keyword.length) : inside;
  const value = literal.trim() === '' ? undefined : parseScriptValue(parseTree(`(${keyword} ${literal})`));
  if (value?.kind === 'num') return { ok: true, value: { type, bits: value.bits } };
  const got = trimmed === '' ? 'nothing' : `\`${trimmed}\``;
  return { ok: false, message: `${got} is no ${typeName(type)}: expected ${EXPECTED.get(type)}` };
}

function parseNull(text: string, type: ValType): ParsedValue {
  const isNull = /^\(?\s*(ref\.)?null(\s+\S+)?\s*\)?$/.test(text);
  if (isNull && isNullable(type)) return { ok: true, value: { type, ref: null } };
  const heap = heapName(heapOf(type));
  if (isNull) return { ok: false, message: `a ${typeName(type)} cannot be null` };
  return {
    ok: false,
    message: `\`${text}\` is no ${typeName(type)}: only null can be written for a ${heap}`,
  };
}
