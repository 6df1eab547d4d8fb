/**
 * Punycode (RFC 3492) as Rust's v0 mangling uses it: the delimiter is an underscore, and names are short. Only
 * decoding.
 */

import { malformed } from './limits.ts';

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 0x80;
/** Insertion takes linear time, so names beyond it are not decoded. */
const MAX_CHARACTERS = 256;

/** `text` is the basic characters, the last underscore, and the deltas. @throws MALFORMED */
export function decodePunycode(text: string): string {
  const delimiter = text.lastIndexOf('_');
  const output = [...text.slice(0, Math.max(delimiter, 0))];
  const deltas = text.slice(delimiter + 1);
  if (deltas === '') malformed();
  let n = INITIAL_N;
  let i = 0;
  let bias = INITIAL_BIAS;
  for (let pos = 0; pos < deltas.length; ) {
    const before = i;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(deltas[pos++] ?? malformed());
      i += digit * weight;
      if (i > 0x7fffffff) malformed();
      const threshold = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (weight > 0x7fffffff) malformed();
    }
    const count = output.length + 1;
    if (count > MAX_CHARACTERS) malformed();
    bias = adapt(i - before, count, before === 0);
    n += Math.floor(i / count);
    i %= count;
    if (n > 0x10ffff || (n >= 0xd800 && n < 0xe000)) malformed();
    output.splice(i++, 0, String.fromCodePoint(n));
  }
  return output.join('');
}

function digitOf(c: string): number {
  if (c >= 'a' && c <= 'z') return c.charCodeAt(0) - 97;
  if (c >= '0' && c <= '9') return c.charCodeAt(0) - 48 + 26;
  return malformed();
}

function adapt(delta: number, count: number, first: boolean): number {
  delta = Math.floor(delta / (first ? DAMP : 2));
  delta += Math.floor(delta / count);
  let k = 0;
  while (delta > ((BASE - T_MIN) * T_MAX) / 2) {
    delta = Math.floor(delta / (BASE - T_MIN));
    k += BASE;
  }
  return k + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + SKEW));
}
