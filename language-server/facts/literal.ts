/**
 * A number literal in its other forms: decimal, hexadecimal, unsigned, bits of a float.
 *
 * What type a literal has is told by the word in front of it; other numbers (indices, sizes) count as integers.
 */

import {
  bigIntOf,
  f32OfBits,
  parseFloat32,
  parseFloat64,
  parseInt32,
  parseInt64,
  parseIntN,
  parseUint64,
  printFloat32,
  printFloat64,
  printHexFloat32,
  printHexFloat64,
} from '../../engine/base/numbers.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import type { Tree } from '../../engine/text/tree.ts';
import { wordText } from '../../engine/text/words.ts';

/** Lines such as `unsigned 4294967295`; undefined if the literal is out of range for its type. */
export function literalForms(tree: Tree, token: number): string[] | undefined {
  const text = tokenText(tree.tokens, token);
  switch (typeInFront(tree, token)) {
    case 'i32.const':
    case 'i32x4':
      return int32(text);
    case 'i64.const':
    case 'i64x2':
      return int64(text);
    case 'f32.const':
    case 'f32x4':
      return float32(text);
    case 'f64.const':
    case 'f64x2':
      return float64(text);
    case 'i8x16':
      return small(text, 8);
    case 'i16x8':
      return small(text, 16);
    default: {
      const parsed = parseUint64(text);
      return parsed.ok ? [`${parsed.value}`, hex(parsed.value)] : undefined;
    }
  }
}

function int32(text: string): string[] | undefined {
  const parsed = parseInt32(text);
  if (!parsed.ok) return undefined;
  const bits = parsed.value >>> 0;
  return [
    'i32',
    ...integer(BigInt(parsed.value | 0), BigInt(bits)),
    binary(BigInt(bits)),
    ...character(bits),
    ...(isPlausible32(bits) ? [`f32 ${printFloat32(bits)}`] : []),
  ];
}

function int64(text: string): string[] | undefined {
  const parsed = parseInt64(text);
  if (!parsed.ok) return undefined;
  const bits = BigInt.asUintN(64, parsed.value);
  const [lo, hi] = [Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n))];
  return [
    'i64',
    ...integer(BigInt.asIntN(64, bits), bits),
    binary(bits),
    ...(isPlausible64(hi) ? [`f64 ${printFloat64(lo, hi)}`] : []),
  ];
}

function small(text: string, bits: 8 | 16): string[] | undefined {
  const parsed = parseIntN(text, bits);
  if (!parsed.ok) return undefined;
  const value = BigInt(parsed.value);
  return [`i${bits}`, ...integer(BigInt.asIntN(bits, value), BigInt.asUintN(bits, value))];
}

function float32(text: string): string[] | undefined {
  const parsed = parseFloat32(text);
  if (!parsed.ok) return undefined;
  const bits = parsed.value >>> 0;
  const exact = Number.isFinite(f32OfBits(bits)) ? [printHexFloat32(bits)] : [];
  return ['f32', printFloat32(bits), ...exact, `bits ${hex(BigInt(bits), 8)}`];
}

function float64(text: string): string[] | undefined {
  const parsed = parseFloat64(text);
  if (!parsed.ok) return undefined;
  const { lo, hi } = parsed.value;
  const finite = (hi & 0x7ff0_0000) !== 0x7ff0_0000;
  const exact = finite ? [printHexFloat64(lo, hi)] : [];
  return ['f64', printFloat64(lo, hi), ...exact, `bits ${hex(BigInt.asUintN(64, bigIntOf(lo, hi)), 16)}`];
}

function integer(signed: bigint, unsigned: bigint): string[] {
  const second = signed === unsigned ? [] : [`unsigned ${unsigned}`];
  return [`${signed}`, ...second, hex(unsigned)];
}

function hex(value: bigint, digits = 0): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** In groups of eight digits, from the lowest; as many groups as the value needs. */
function binary(unsigned: bigint): string {
  const digits = unsigned.toString(2);
  if (digits.length <= 8) return `0b${digits}`;
  const padded = digits.padStart(Math.ceil(digits.length / 8) * 8, '0');
  return `0b${padded
    .match(/.{8}/g)!
    .join('_')
    .replace(/^0+(?=[01])/, '')}`;
}

/** Small integers and addresses are no floats; what has an exponent near zero may be one. */
function isPlausible32(bits: number): boolean {
  const exponent = (bits >>> 23) & 0xff;
  return exponent > 64 && exponent < 192;
}

function isPlausible64(hi: number): boolean {
  const exponent = (hi >>> 20) & 0x7ff;
  return exponent > 896 && exponent < 1152;
}

/** What a number is as a character: printable ones of all of Unicode. */
function character(bits: number): string[] {
  if (bits <= 0x20 || bits > 0x10ffff) return [];
  const char = String.fromCodePoint(bits);
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(char) ? [`'${char}'`] : [];
}

/** The keyword that the numbers at `token` belong to. */
function typeInFront(tree: Tree, token: number): string {
  const { kinds, words } = tree.tokens;
  for (let i = token - 1; i >= 0; i--) {
    const kind = kinds[i];
    if (kind === Tok.Keyword) return wordText(words[i]);
    if (kind === Tok.Open || kind === Tok.Close) return '';
  }
  return '';
}
