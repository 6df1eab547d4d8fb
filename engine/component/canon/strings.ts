/**
 * Strings in memory (CanonicalABI.md, load_string and store_string): three encodings, and the way from each to each.
 *
 * How often `realloc` is called, and for how much, follows the definitions, which let a copying implementation guess: so
 * it depends on the encoding that a string comes from.
 */

import { encodeUtf8, encodeUtf8Into, tryDecodeUtf8, utf8Fault, utf8Length } from '../../base/utf8.ts';
import { I64 } from '../../isa/types.ts';
import type { Steps } from '../task.ts';
import {
  allocate,
  type CanonContext,
  checkRange,
  memoryOf,
  reallocate,
  type StringSource,
  spend,
} from './context.ts';
import { hex, trap } from './traps.ts';

const MAX_STRING_BYTES = 2 ** 28 - 1;
/** `String.fromCharCode` gets its arguments on the host's stack. */
const PIECE = 4096;

/** Address and length of a string, the length in code units and with the tag of latin1+utf16. */
export interface StringPlace {
  readonly at: number;
  readonly units: bigint;
}

function utf16Tag({ opts }: CanonContext): bigint {
  return opts.address === I64 ? 1n << 63n : 1n << 31n;
}

/** Reads a string. Traps if it is outside of memory, not aligned, or not well-formed. */
export function liftString(cx: CanonContext, at: number, units: bigint): string {
  const { encoding } = cx.opts;
  if (encoding === 'utf8') return liftUtf8(cx, at, Number(units));
  if (encoding === 'utf16') return liftUtf16(cx, at, Number(units));
  const tag = utf16Tag(cx);
  if ((units & tag) === 0n) return liftLatin1(cx, at, Number(units));
  const text = liftUtf16(cx, at, Number(units ^ tag));
  if (isLatin1(text)) cx.wide.add(text);
  return text;
}

function checkString(cx: CanonContext, at: number, length: number, alignment: number): void {
  if (length > MAX_STRING_BYTES) trap('string byte length exceeds maximum', `${length} bytes`);
  checkRange(cx, 'string', at, length, alignment);
  spend(cx.budget, 2 * length);
  memoryOf(cx).tell(at, length, false);
}

function liftUtf8(cx: CanonContext, at: number, length: number): string {
  checkString(cx, at, length, 1);
  const { bytes } = memoryOf(cx);
  const text = tryDecodeUtf8(bytes, at, at + length);
  if (text !== undefined) return text;
  const fault = utf8Fault(bytes, at, at + length);
  if (fault === at + length)
    trap('incomplete utf-8 byte sequence', `the string at ${hex(at)}+${length} ends in it`);
  trap('invalid utf-8', `byte ${hex(bytes[fault])} at ${hex(fault)}, in the string at ${hex(at)}+${length}`);
}

function liftUtf16(cx: CanonContext, at: number, units: number): string {
  checkString(cx, at, 2 * units, 2);
  const text = unitsText(units, (i, piece) => {
    const { view } = memoryOf(cx);
    for (let k = 0; k < piece.length; k++) piece[k] = view.getUint16(at + 2 * (i + k), true);
  });
  const lone = loneSurrogate(text);
  if (lone >= 0)
    trap('unpaired surrogate found', `at ${hex(at + 2 * lone)}, in the string at ${hex(at)}+${2 * units}`);
  return text;
}

function liftLatin1(cx: CanonContext, at: number, units: number): string {
  checkString(cx, at, units, 2);
  const { bytes } = memoryOf(cx);
  return unitsText(units, (i, piece) => piece.set(bytes.subarray(at + i, at + i + piece.length)));
}

function unitsText(count: number, read: (from: number, piece: Uint16Array) => void): string {
  let text = '';
  const piece = new Uint16Array(Math.min(PIECE, count));
  for (let i = 0; i < count; i += PIECE) {
    const part = piece.subarray(0, Math.min(PIECE, count - i));
    read(i, part);
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text;
}

/** Index of the first surrogate without the other half, -1 if there is none. */
function loneSurrogate(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const kind = text.charCodeAt(i) & 0xfc00;
    if (kind === 0xdc00) return i;
    if (kind !== 0xd800) continue;
    if ((text.charCodeAt(i + 1) & 0xfc00) !== 0xdc00) return i;
    i++;
  }
  return -1;
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}

/** Writes a string where the guest makes room for it. */
export function* lowerString(cx: CanonContext, text: string): Steps<StringPlace> {
  const source = sourceOf(cx, text);
  if (source === 'host' && text.length > MAX_STRING_BYTES) {
    trap('string byte length exceeds maximum', `${text.length} characters`);
  }
  switch (cx.opts.encoding) {
    case 'utf8':
      return yield* storeUtf8(cx, text, source);
    case 'utf16':
      return yield* storeUtf16(cx, text, source);
    case 'latin1+utf16':
      return yield* storeLatin1OrUtf16(cx, text, source);
  }
}

/** The encoding that a string comes from, and which of two. */
function sourceOf({ from, wide }: CanonContext, text: string): StringSource {
  if (from === undefined) return 'host';
  if (from !== 'latin1+utf16') return from;
  return wide.has(text) || !isLatin1(text) ? 'wide' : 'latin1';
}

/** How many code units it was, in the encoding that it comes from. */
function sourceUnits(text: string, source: StringSource): number {
  return source === 'utf8' ? utf8Length(text) : text.length;
}

function* storeUtf8(cx: CanonContext, text: string, source: StringSource): Steps<StringPlace> {
  const length = utf8Length(text);
  if (source === 'utf8' || source === 'host') {
    const at = yield* allocate(cx, 'string', 1, length);
    encodeUtf8Into(text, memoryOf(cx).bytes, at);
    memoryOf(cx).tell(at, length, true);
    return { at, units: BigInt(length) };
  }
  const units = sourceUnits(text, source);
  const at = yield* allocate(cx, 'string', 1, units);
  const ascii = asciiLength(text);
  const { bytes } = memoryOf(cx);
  for (let i = 0; i < ascii; i++) bytes[at + i] = text.charCodeAt(i);
  memoryOf(cx).tell(at, ascii, true);
  if (ascii === text.length) return { at, units: BigInt(length) };
  const worst = units * (source === 'latin1' ? 2 : 3);
  const larger = yield* reallocate(cx, 'string', at, units, 1, worst);
  write(cx, larger, encodeUtf8(text), ascii);
  if (worst === length) return { at: larger, units: BigInt(length) };
  const exact = yield* reallocate(cx, 'string', larger, worst, 1, length);
  return { at: exact, units: BigInt(length) };
}

function* storeUtf16(cx: CanonContext, text: string, source: StringSource): Steps<StringPlace> {
  const length = 2 * text.length;
  const worst = source === 'utf8' ? 2 * sourceUnits(text, source) : length;
  let at = yield* allocate(cx, 'string', 2, worst);
  write(cx, at, utf16Bytes(text));
  if (length < worst) at = yield* reallocate(cx, 'string', at, worst, 2, length);
  return { at, units: BigInt(text.length) };
}

function* storeLatin1OrUtf16(cx: CanonContext, text: string, source: StringSource): Steps<StringPlace> {
  const latin1 = latin1Length(text);
  const wide = (): bigint => BigInt(text.length) | utf16Tag(cx);
  if (source === 'wide' || (source === 'host' && latin1 < text.length)) {
    const length = 2 * text.length;
    const at = yield* allocate(cx, 'string', 2, length);
    write(cx, at, utf16Bytes(text));
    if (latin1 < text.length) return { at, units: wide() };
    write(cx, at, latin1Bytes(text, latin1));
    const exact = yield* reallocate(cx, 'string', at, length, 1, latin1);
    return { at: exact, units: BigInt(latin1) };
  }
  const units = source === 'latin1' || source === 'host' ? text.length : sourceUnits(text, source);
  let at = yield* allocate(cx, 'string', 2, units);
  write(cx, at, latin1Bytes(text, latin1));
  if (latin1 === text.length) {
    if (latin1 < units) at = yield* reallocate(cx, 'string', at, units, 2, latin1);
    return { at, units: BigInt(latin1) };
  }
  const worst = 2 * units;
  at = yield* reallocate(cx, 'string', at, units, 2, worst);
  write(cx, at, utf16Bytes(text));
  const length = 2 * text.length;
  if (worst > length) at = yield* reallocate(cx, 'string', at, worst, 2, length);
  return { at, units: wide() };
}

/** Writes bytes from their index `from` on. */
function write(cx: CanonContext, at: number, bytes: Uint8Array, from = 0): void {
  const memory = memoryOf(cx);
  memory.bytes.set(from === 0 ? bytes : bytes.subarray(from), at + from);
  memory.tell(at + from, bytes.length - from, true);
}

/** How many characters at the beginning are ASCII. */
function asciiLength(text: string): number {
  let i = 0;
  while (i < text.length && text.charCodeAt(i) < 0x80) i++;
  return i;
}

/** How many code units at the beginning are Latin-1. */
function latin1Length(text: string): number {
  let i = 0;
  while (i < text.length && text.charCodeAt(i) <= 0xff) i++;
  return i;
}

function latin1Bytes(text: string, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Little endian; a surrogate alone, which only the host can have, becomes U+FFFD. */
function utf16Bytes(text: string): Uint8Array {
  const whole = loneSurrogate(text) < 0 ? text : wellFormed(text);
  const out = new Uint8Array(2 * whole.length);
  for (let i = 0; i < whole.length; i++) {
    const unit = whole.charCodeAt(i);
    out[2 * i] = unit;
    out[2 * i + 1] = unit >> 8;
  }
  return out;
}

function wellFormed(text: string): string {
  let out = '';
  for (const char of text) out += /^[\ud800-\udfff]$/.test(char) ? '\ufffd' : char;
  return out;
}
