/**
 * UTF-8, strictly: names of modules, imports, exports and custom sections (spec 5.2.4).
 *
 * Decoding refuses what the spec refuses: overlong forms, surrogates, code points above U+10FFFF, stray and missing
 * continuation bytes. It is written out because the engine has no TextDecoder, and because a fault has an offset.
 *
 * Encoding takes any JavaScript string. A lone surrogate has no UTF-8 form; it is written as U+FFFD, as
 * `TextEncoder` does. Text strings of the text format that hold arbitrary bytes never pass through here.
 */

import { malformed } from './errors.ts';

const REPLACEMENT = 0xfffd;
/** `String.fromCharCode` gets its arguments on the host's stack: pieces keep that bounded. */
const PIECE = 4096;

/** Decodes `bytes[start, end)`. Throws malformed "malformed UTF-8 encoding" at the faulty byte. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const text = tryDecodeUtf8(bytes, start, end);
  if (text === undefined) malformed(utf8Fault(bytes, start, end), 'malformed UTF-8 encoding');
  return text;
}

/** Decodes `bytes[start, end)`; undefined when it is not UTF-8. */
export function tryDecodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  let ascii = start;
  while (ascii < end && bytes[ascii] < 0x80) ascii++;
  if (ascii === end) return asciiText(bytes, start, end);
  if (utf8Fault(bytes, ascii, end) >= 0) return undefined;
  return asciiText(bytes, start, ascii) + wideText(bytes, ascii, end);
}

/** Offset of the first byte in `bytes[start, end)` that is no UTF-8 (or `end` if it is cut off); -1 if all is well. */
export function utf8Fault(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let pos = start;
  while (pos < end) {
    const lead = bytes[pos];
    if (lead < 0x80) {
      pos++;
      continue;
    }
    const more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (more === 0) return pos;
    // The first continuation byte carries what excludes overlong forms, surrogates and > U+10FFFF.
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    for (let i = 1; i <= more; i++) {
      if (pos + i >= end) return end;
      const next = bytes[pos + i];
      if (i === 1 ? next < low || next > high : (next & 0xc0) !== 0x80) return pos + i;
    }
    pos += more + 1;
  }
  return -1;
}

/** How many bytes `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) n += 1;
    else if (unit < 0x800) n += 2;
    else if (isPair(text, i)) {
      n += 4;
      i++;
    } else n += 3;
  }
  return n;
}

/** Writes `text` into `out` from `at`; the caller has made room for `utf8Length(text)` bytes. Returns the end. */
export function encodeUtf8Into(text: string, out: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      out[at++] = code;
      continue;
    }
    if (code < 0x800) {
      out[at++] = 0xc0 | (code >> 6);
      out[at++] = 0x80 | (code & 0x3f);
      continue;
    }
    if (isPair(text, i)) {
      code = 0x10000 + ((code & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff);
      out[at++] = 0xf0 | (code >> 18);
      out[at++] = 0x80 | ((code >> 12) & 0x3f);
    } else {
      if ((code & 0xf800) === 0xd800) code = REPLACEMENT;
      out[at++] = 0xe0 | (code >> 12);
    }
    out[at++] = 0x80 | ((code >> 6) & 0x3f);
    out[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}

/** `text` in UTF-8; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const out = new Uint8Array(utf8Length(text));
  encodeUtf8Into(text, out, 0);
  return out;
}

function isPair(text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += PIECE) {
    text += String.fromCharCode.apply(
      null,
      bytes.subarray(at, Math.min(at + PIECE, end)) as unknown as number[],
    );
  }
  return text;
}

/** Decodes what `utf8Fault` has found well-formed. */
function wideText(bytes: Uint8Array, start: number, end: number): string {
  const units: number[] = [];
  let text = '';
  for (let pos = start; pos < end; ) {
    const lead = bytes[pos++];
    if (lead < 0x80) units.push(lead);
    else if (lead < 0xe0) units.push(((lead & 0x1f) << 6) | (bytes[pos++] & 0x3f));
    else if (lead < 0xf0) {
      units.push(((lead & 0x0f) << 12) | ((bytes[pos++] & 0x3f) << 6) | (bytes[pos++] & 0x3f));
    } else {
      const code =
        ((lead & 7) << 18) |
        ((bytes[pos++] & 0x3f) << 12) |
        ((bytes[pos++] & 0x3f) << 6) |
        (bytes[pos++] & 0x3f);
      units.push(0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
    }
    if (units.length >= PIECE) {
      text += String.fromCharCode.apply(null, units);
      units.length = 0;
    }
  }
  return text + String.fromCharCode.apply(null, units);
}
