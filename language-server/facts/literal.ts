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
  return ['i32', ...integer(BigInt(parsed.value | 0), BigInt(bits)), ...character(bits)];
}

function int64(text: string): string[] | undefined {
  const parsed = parseInt64(text);
  if (!parsed.ok) return undefined;
  return ['i64', ...integer(BigInt.asIntN(64, parsed.value), BigInt.asUintN(64, parsed.value))];
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

function character(bits: number): string[] {
  return bits > 0x20 && bits < 0x7f ? [`'${String.fromCharCode(bits)}'`] : [];
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
