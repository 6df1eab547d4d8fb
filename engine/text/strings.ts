/**
 * What string tokens and identifiers stand for: bytes and names (spec 6.3.3, 6.3.5).
 *
 * The lexer has checked escapes; what it complained about is taken as it stands, so nothing here throws. Knows
 * nothing about where strings are used: whether bytes must be UTF-8 is the caller's question.
 */

import { encodeUtf8, tryDecodeUtf8 } from '../base/utf8.ts';
import type { ByteWriter } from '../base/writer.ts';
import { hexDigit, type Tokens, tokenText } from './lexer.ts';

/** The bytes of the string literal `text[start, end)`, quotes included; a missing closing quote is forgiven. */
export function stringBytes(text: string, start: number, end: number): Uint8Array {
  const out: number[] = [];
  const stop = end > start + 1 && text.charCodeAt(end - 1) === 0x22 ? end - 1 : end;
  let pos = start + 1;
  while (pos < stop) {
    const char = text.charCodeAt(pos);
    if (char === 0x5c) {
      pos = readEscape(text, pos, stop, out);
    } else if (char < 0x80) {
      out.push(char);
      pos++;
    } else {
      const point = text.codePointAt(pos)!;
      pushUtf8(out, point);
      pos += point > 0xffff ? 2 : 1;
    }
  }
  return Uint8Array.from(out);
}

/** Writes a string token's bytes. */
export function writeString(out: ByteWriter, tokens: Tokens, token: number): void {
  const { text, starts } = tokens;
  const start = starts[token];
  const end = starts[token + 1];
  for (let i = start + 1; i < end - 1; i++) {
    const char = text.charCodeAt(i);
    if (char >= 0x80 || char === 0x5c) {
      out.bytes(stringBytes(text, start, end));
      return;
    }
  }
  for (let i = start + 1; i < end; i++)
    if (i < end - 1 || text.charCodeAt(i) !== 0x22) out.u8(text.charCodeAt(i));
}

/** The text that a string token stands for; undefined if its bytes are not UTF-8. */
export function stringName(tokens: Tokens, token: number): string | undefined {
  const { text, starts } = tokens;
  const start = starts[token];
  const end = starts[token + 1];
  return decoded(text, start, end);
}

/** The name of an identifier token without its `$`; undefined if it is quoted and not UTF-8. */
export function idName(tokens: Tokens, token: number): string | undefined {
  const { text, starts } = tokens;
  const start = starts[token] + 1;
  return text.charCodeAt(start) === 0x22
    ? decoded(text, start, starts[token + 1])
    : text.slice(start, starts[token + 1]);
}

/** The same string, which does not keep the text alive that it was cut from, as V8's slices do. */
export function detached(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}

/** Text as bytes: a string's inverse. */
export function nameBytes(name: string): Uint8Array {
  return encodeUtf8(name);
}

/** The id of an annotation token: `custom` for `(@custom`; undefined if it is quoted and not UTF-8. */
export function annotationId(tokens: Tokens, token: number): string | undefined {
  const text = tokenText(tokens, token);
  return text.startsWith('(@"') ? decoded(text, 2, text.length) : text.slice(2);
}

/** True for characters of identifiers that need no quotes. */
export function isPlainId(name: string): boolean {
  return /^[!#$%&'*+\-./:<=>?@\\^_`|~0-9A-Za-z]+$/.test(name);
}

/** `$name`, quoted where the name has characters that a plain identifier may not have. */
export function writtenId(name: string): string {
  return isPlainId(name) ? `$${name}` : `$"${escaped(encodeUtf8(name), true)}"`;
}

/** A string literal's inside for bytes. UTF-8 text stays readable with `text`; otherwise only ASCII does. */
export function escaped(bytes: Uint8Array, text = false): string {
  const name = text ? tryDecodeUtf8(bytes) : undefined;
  let out = '';
  if (name !== undefined) {
    for (const char of name) out += escapedChar(char);
    return out;
  }
  for (const byte of bytes) out += byte < 0x80 ? escapedChar(String.fromCharCode(byte)) : hexEscape(byte);
  return out;
}

function escapedChar(char: string): string {
  switch (char) {
    case '\n':
      return '\\n';
    case '\t':
      return '\\t';
    case '\r':
      return '\\r';
    case '"':
      return '\\"';
    case '\\':
      return '\\\\';
  }
  const code = char.codePointAt(0)!;
  if (code < 0x20 || code === 0x7f) return hexEscape(code);
  // Characters that do not show, or that turn the reading direction around, are written by number.
  return /[\p{Cf}\p{Zl}\p{Zp}\p{Cc}\p{Co}\p{Cn}]/u.test(char) ? `\\u{${code.toString(16)}}` : char;
}

function hexEscape(byte: number): string {
  return `\\${byte.toString(16).padStart(2, '0')}`;
}

function decoded(text: string, start: number, end: number): string | undefined {
  const stop = end > start + 1 && text.charCodeAt(end - 1) === 0x22 ? end - 1 : end;
  const inside = text.slice(start + 1, stop);
  return inside.includes('\\') ? tryDecodeUtf8(stringBytes(text, start, end)) : inside;
}

function readEscape(text: string, pos: number, stop: number, out: number[]): number {
  const char = text.charCodeAt(pos + 1);
  switch (char) {
    case 0x74:
      out.push(0x09);
      return pos + 2;
    case 0x6e:
      out.push(0x0a);
      return pos + 2;
    case 0x72:
      out.push(0x0d);
      return pos + 2;
    case 0x75: {
      const close = text.indexOf('}', pos);
      if (close < 0 || close >= stop || text.charCodeAt(pos + 2) !== 0x7b) return pos + 2;
      const point = Number(`0x${text.slice(pos + 3, close).replaceAll('_', '')}`);
      if (point <= 0x10ffff) pushUtf8(out, point);
      return close + 1;
    }
  }
  const high = hexDigit(char);
  const low = hexDigit(text.charCodeAt(pos + 2));
  if (high >= 0 && low >= 0 && pos + 2 < stop) {
    out.push(high * 16 + low);
    return pos + 3;
  }
  if (pos + 1 < stop && char < 0x80) out.push(char);
  return pos + 2;
}

function pushUtf8(out: number[], point: number): void {
  if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
  if (point < 0x80) out.push(point);
  else if (point < 0x800) out.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
  else if (point < 0x10000) {
    out.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  } else {
    out.push(
      0xf0 | (point >> 18),
      0x80 | ((point >> 12) & 0x3f),
      0x80 | ((point >> 6) & 0x3f),
      0x80 | (point & 0x3f),
    );
  }
}
