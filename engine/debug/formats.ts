/**
 * Formats: the letter behind an expression that says how its value is written, as in `$x,x`.
 *
 *   x hexadecimal   d signed   u unsigned   b binary   o octal   f the bits as a float   c a character   s the text that it points at
 *
 * Knows no memory: who shows a text reads it.
 */

import { usage } from '../base/errors.ts';
import { F32, F64, I32, I64, V128 } from '../isa/types.ts';
import { formatValue, isRefValue, type Value } from '../runtime/values.ts';
import { tokenize } from './expression-tokens.ts';

export type FormatLetter = 'x' | 'd' | 'u' | 'b' | 'o' | 'f' | 'c' | 's';

const LETTERS = 'xdubofcs';

/** An expression without its format, and that. Throws a usage fault for a letter that is none. */
export function formatBehind(
  text: string,
  isName?: (name: string) => boolean,
): { readonly text: string; readonly letter?: FormatLetter } {
  if (!text.includes(',')) return { text };
  const tokens = tokenize(text, isName);
  const [comma, word] = tokens.slice(-3);
  if (comma?.text !== ',' || word?.kind !== 'word' || word.text.length !== 1) return { text };
  const nesting = tokens.filter((token) => token.kind === 'sign' && token.span.start < comma.span.start);
  const depth = nesting.reduce(
    (sum, { text: sign }) => sum + ('(['.includes(sign) ? 1 : ')]'.includes(sign) ? -1 : 0),
    0,
  );
  if (depth !== 0) return { text };
  if (!LETTERS.includes(word.text)) {
    usage(`unknown format ${word.text}: x, d, u, b, o, f, c and s are known`);
  }
  return { text: text.slice(0, comma.span.start).trimEnd(), letter: word.text as FormatLetter };
}

/** A number as a format writes it; `read` gives the text at an address. Throws a usage fault for what is no number. */
export function formatted(value: Value, letter: FormatLetter, read: (address: number) => string): string {
  if (isRefValue(value)) return usage(`,${letter} writes numbers, not references`);
  const { type, bits } = value;
  const isFloat = type === F32 || type === F64;
  const width = type === V128 ? 128 : type === I32 || type === F32 ? 32 : 64;
  switch (letter) {
    case 'x':
      return `0x${bits.toString(16)}`;
    case 'b':
      return `0b${grouped(bits.toString(2), 4)}`;
    case 'o':
      return `0o${bits.toString(8)}`;
    case 'd':
      return isFloat ? formatValue(value) : String(BigInt.asIntN(width, bits));
    case 'u':
      return isFloat ? formatValue(value) : String(bits);
    case 'f': {
      if (type === V128) return usage(',f writes one number: $v.f32x4 are the floats of a vector');
      return formatValue({ type: width === 32 ? F32 : F64, bits });
    }
    case 'c':
      return character(isFloat ? undefined : bits);
    case 's':
      if (type !== I32 && type !== I64) return usage(',s wants the address of a text: an i32 or an i64');
      return read(Number(bits));
  }
}

function character(bits: bigint | undefined): string {
  if (bits === undefined) return usage(',c wants the number of a character: an i32 or an i64');
  const isPoint = bits <= 0x10ffffn && !(bits >= 0xd800n && bits < 0xe000n);
  if (!isPoint) return usage(`${bits} is the number of no character`);
  const point = Number(bits);
  const isControl = point < 0x20 || (point >= 0x7f && point < 0xa0);
  return isControl ? `'\\u{${point.toString(16)}}'` : `'${String.fromCodePoint(point)}'`;
}

/** From the right: `1010_0101`. */
function grouped(digits: string, size: number): string {
  return digits.replace(new RegExp(`\\B(?=(?:.{${size}})+$)`, 'g'), '_');
}
