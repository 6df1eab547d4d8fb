/**
 * The bytes of value definitions (Binary.md, Value Definitions) as values, by their types.
 *
 * Types are validation's, so it is validation that reads them first; running reads the same bytes again. A map stands as the
 * list of pairs that it is short for. Handles, streams, futures and error contexts have no bytes.
 */

import { invalid, malformed } from '../../base/errors.ts';
import { f32OfBits, f64OfHalves } from '../../base/numbers.ts';
import { tryDecodeUtf8 } from '../../base/utf8.ts';
import type { ByteRange } from '../../module/module.ts';
import { casesOf } from '../abi.ts';
import type { PrimType } from '../model.ts';
import { typeText, type ValType } from '../types.ts';
import { type ComponentValue, isBytes } from '../values.ts';
import { badByte, ComponentReader } from './reader.ts';

/** The value in a range of bytes, which it must fill. Throws a fault: malformed, or invalid for a type without values. */
export function decodeValue(bytes: Uint8Array, { start, end }: ByteRange, type: ValType): ComponentValue {
  const r = new ComponentReader(bytes, start, end);
  const value = readValue(r, type);
  if (!r.atEnd) malformed(r.pos, `trailing bytes at end of value of type ${typeText(type)}`);
  return value;
}

function readValue(r: ComponentReader, type: ValType): ComponentValue {
  const at = r.pos;
  switch (type.kind) {
    case 'prim':
      return readPrim(r, type.prim);
    case 'record':
      return type.fields.map((field) => readValue(r, field.type));
    case 'tuple':
      return type.types.map((one) => readValue(r, one));
    case 'list': {
      const items: ComponentValue[] = [];
      // A value takes a byte at least, so a count that is too large ends with the bytes.
      for (let n = type.length ?? r.count(); n > 0; n--) items.push(readValue(r, type.element));
      return isBytes(type) ? Uint8Array.from(items as number[]) : items;
    }
    case 'map': {
      const pairs: ComponentValue[] = [];
      for (let n = r.count(); n > 0; n--) pairs.push([readValue(r, type.key), readValue(r, type.value)]);
      return pairs;
    }
    case 'flags': {
      const read = r.take(Math.ceil(type.labels.length / 8));
      return type.labels.reduce((sum, _, i) => sum + ((read[i >> 3] >> (i & 7)) & 1) * 2 ** i, 0);
    }
    case 'variant':
    case 'enum':
      return readCase(r, type, r.u32(), at);
    case 'option':
    case 'result': {
      const byte = r.u8();
      if (byte > 1) badByte(at, byte, `a value of type ${typeText(type)}`);
      return readCase(r, type, byte, at);
    }
    default:
      return invalid(at, `a value of type ${typeText(type)} cannot be defined`);
  }
}

function readCase(
  r: ComponentReader,
  type: Parameters<typeof casesOf>[0],
  number: number,
  at: number,
): ComponentValue {
  const cases = casesOf(type);
  if (number >= cases.length) {
    malformed(at, `invalid case ${number} for ${typeText(type)}: it has ${cases.length}`);
  }
  const { type: payload } = cases[number];
  return payload ? { case: number, payload: readValue(r, payload) } : { case: number };
}

function readPrim(r: ComponentReader, prim: PrimType): ComponentValue {
  const at = r.pos;
  switch (prim) {
    case 'bool':
      return r.flag();
    case 'u8':
      return r.u8();
    case 's8':
      return (r.u8() << 24) >> 24;
    case 'u16':
      return within(r.u32(), 0, 0xffff, at);
    case 's16':
      return within(r.s32(), -0x8000, 0x7fff, at);
    case 'u32':
      return r.u32();
    case 's32':
      return r.s32();
    case 'u64':
      return r.u64();
    case 's64':
      return r.s64();
    case 'f32': {
      const bits = r.f32();
      const value = f32OfBits(bits);
      if (Number.isNaN(value) && bits !== 0x7fc0_0000) malformed(at, NOT_CANONICAL);
      return value;
    }
    case 'f64': {
      r.f64Halves();
      const value = f64OfHalves(r.lo, r.hi);
      if (Number.isNaN(value) && (r.lo !== 0 || r.hi !== 0x7ff8_0000)) malformed(at, NOT_CANONICAL);
      return value;
    }
    case 'char':
      return readChar(r);
    case 'string':
      return r.name();
    case 'error-context':
      return invalid(at, 'a value of type error-context cannot be defined');
  }
}

const NOT_CANONICAL = 'a NaN that is not the canonical one';

function within(n: number, low: number, high: number, at: number): number {
  if (n < low || n > high) malformed(at, 'integer too large');
  return n;
}

/** One character in UTF-8: its first byte says how long it is. */
function readChar(r: ComponentReader): string {
  const at = r.pos;
  const first = r.peek();
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return tryDecodeUtf8(r.take(length)) ?? malformed(at, 'malformed UTF-8 encoding');
}
