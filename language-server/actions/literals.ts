/**
 * Number literals in another form: decimal, hexadecimal, with groups of digits; floats decimal and hexadecimal.
 */

import {
  parseFloat32,
  parseFloat64,
  printFloat32,
  printFloat64,
  printHexFloat32,
  printHexFloat64,
} from '../../engine/base/numbers.ts';
import { Tok, tokenSpan, tokenText } from '../../engine/text/lexer.ts';
import { wordText } from '../../engine/text/words.ts';
import type { Action, Selection } from './action.ts';

export const literals: Action = {
  kinds: ['refactor.rewrite'],
  *offers(at) {
    const { token } = at;
    const { tokens } = at.analysis.tree;
    if (token < 0 || (tokens.kinds[token] !== Tok.Int && tokens.kinds[token] !== Tok.Float)) return;
    const text = tokenText(tokens, token);
    const forms = formsOf(text, typeInFront(at));
    const seen = new Set([text]);
    for (const form of forms) {
      if (seen.has(form)) continue;
      seen.add(form);
      yield {
        title: `Write ${form}`,
        kind: 'refactor.rewrite',
        edits: () => [{ span: tokenSpan(tokens, token), text: form }],
      };
    }
  },
};

/** The literal in its other forms; none for what is no constant: indices, memory arguments, sizes stay decimal or hex. */
function formsOf(text: string, type: string): string[] {
  if (/^f32/.test(type)) return float32(text);
  if (/^f64/.test(type)) return float64(text);
  if (!/^[+-]?(0x[0-9a-fA-F_]+|[0-9_]+)$/.test(text)) return [];
  return integer(
    text,
    /^i64/.test(type) ? 64 : /^i16x8/.test(type) ? 16 : /^i8x16/.test(type) ? 8 : 32,
    type !== '',
  );
}

function integer(text: string, bits: number, isConstant: boolean): string[] {
  const plain = text.replaceAll('_', '').replace(/^\+/, '');
  const size = BigInt(plain.replace('-', ''));
  const value = plain.startsWith('-') ? -size : size;
  const hex = (n: bigint) => (n < 0n ? `-0x${(-n).toString(16)}` : `0x${n.toString(16)}`);
  const forms = [`${value}`, hex(value), grouped(`${value}`, 3), grouped(hex(value), 4)];
  if (!isConstant) return forms.slice(0, 2);
  const unsigned = BigInt.asUintN(bits, value);
  const signed = BigInt.asIntN(bits, value);
  return [...forms, `${signed}`, hex(unsigned)];
}

/** Digits in groups from the right: `1_000_000`, `0xdead_beef`. */
function grouped(text: string, size: number): string {
  const [, sign, digits] = /^(-?(?:0x)?)(.*)$/.exec(text)!;
  return sign + digits.replace(new RegExp(`(?!^)(?=(?:.{${size}})+$)`, 'g'), '_');
}

function float32(text: string): string[] {
  const parsed = parseFloat32(text);
  if (!parsed.ok || /nan|inf/.test(text)) return [];
  return [printFloat32(parsed.value), printHexFloat32(parsed.value)];
}

function float64(text: string): string[] {
  const parsed = parseFloat64(text);
  if (!parsed.ok || /nan|inf/.test(text)) return [];
  const { lo, hi } = parsed.value;
  return [printFloat64(lo, hi), printHexFloat64(lo, hi)];
}

/** `i32.const`, or `f32x4` in front of the lanes of a vector; empty for other numbers. */
function typeInFront({ analysis, token }: Selection): string {
  const { kinds, words } = analysis.tree.tokens;
  for (let i = token - 1; i >= 0; i--) {
    const kind = kinds[i];
    if (kind === Tok.Open || kind === Tok.Close) return '';
    if (kind !== Tok.Keyword) continue;
    const word = wordText(words[i]);
    return /\.const$|^[if]\d+x\d+$/.test(word) ? word : '';
  }
  return '';
}
