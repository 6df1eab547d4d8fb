/**
 * The values of components that scripts can write: `(u32.const 1)`, `(str.const "a")`, `(record.const (field "x" …))`.
 *
 * Arguments and expected results alike, so values inside may be patterns. Knows the values' syntax and no types of a
 * component; `f32.const` and `f64.const` are the core suite's, and are read by script.ts.
 */

import { parseInt64 } from '../base/numbers.ts';
import type { Cursor } from './cursor.ts';
import { Tok } from './lexer.ts';
import type { ResultPattern } from './script.ts';

export type ComponentInt = 's8' | 'u8' | 's16' | 'u16' | 's32' | 'u32' | 's64' | 'u64';

export type ComponentPattern =
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: ComponentInt; readonly value: bigint }
  | { readonly type: 'char' | 'string'; readonly value: string }
  | { readonly type: 'list' | 'tuple'; readonly items: readonly ResultPattern[] }
  | {
      readonly type: 'record';
      readonly fields: readonly { readonly name: string; readonly value: ResultPattern }[];
    }
  | { readonly type: 'variant'; readonly label: string; readonly value?: ResultPattern }
  | { readonly type: 'enum'; readonly label: string }
  | { readonly type: 'flags'; readonly labels: readonly string[] }
  | { readonly type: 'option'; readonly value?: ResultPattern }
  | { readonly type: 'result'; readonly isOk: boolean; readonly value?: ResultPattern };

const INT_BITS: Readonly<Record<ComponentInt, number>> = {
  s8: 8, u8: 8, s16: 16, u16: 16, s32: 32, u32: 32, s64: 64, u64: 64,
}; // biome-ignore format: a table

const KEYWORDS: ReadonlySet<string> = new Set([
  ...Object.keys(INT_BITS).map((type) => `${type}.const`),
  'bool.const', 'char.const', 'str.const', 'list.const', 'tuple.const', 'record.const', 'variant.const', 'enum.const',
  'flags.const', 'option.none', 'option.some', 'result.ok', 'result.err',
]); // biome-ignore format: a list of words

/** True for the keyword of a value that only components have. */
export function isComponentConst(keyword: string): boolean {
  return KEYWORDS.has(keyword);
}

/**
 * Reads the value of this keyword, up to its `)`. `pattern` reads one of the values inside; the value of a record's field
 * may stand there without parentheses.
 */
export function readComponentConst(
  cursor: Cursor,
  keyword: string,
  pattern: () => ResultPattern,
): ComponentPattern {
  const all = () => {
    const out: ResultPattern[] = [];
    while (!cursor.isClose()) out.push(pattern());
    return out;
  };
  const one = () => (cursor.isClose() ? undefined : pattern());
  const labels = () => {
    const out: string[] = [];
    while (!cursor.isClose()) out.push(cursor.name('a name in quotes'));
    return out;
  };
  switch (keyword) {
    case 'bool.const':
      return { type: 'bool', value: readBool(cursor) };
    case 'char.const':
      return { type: 'char', value: cursor.name('a character in quotes') };
    case 'str.const':
      return { type: 'string', value: cursor.name('a text') };
    case 'list.const':
      return { type: 'list', items: all() };
    case 'tuple.const':
      return { type: 'tuple', items: all() };
    case 'record.const':
      return { type: 'record', fields: readFields(cursor, pattern) };
    case 'variant.const':
      return { type: 'variant', label: cursor.name('the name of a case'), value: one() };
    case 'enum.const':
      return { type: 'enum', label: cursor.name('a name in quotes') };
    case 'flags.const':
      return { type: 'flags', labels: labels() };
    case 'option.none':
      return { type: 'option' };
    case 'option.some':
      return { type: 'option', value: pattern() };
    case 'result.ok':
    case 'result.err':
      return { type: 'result', isOk: keyword === 'result.ok', value: one() };
    default: {
      const type = keyword.slice(0, -'.const'.length) as ComponentInt;
      return { type, value: readInt(cursor, type) };
    }
  }
}

function readBool(cursor: Cursor): boolean {
  const text = cursor.kind === Tok.Keyword ? cursor.text(cursor.at) : '';
  if (text !== 'true' && text !== 'false') cursor.unexpected('true or false');
  cursor.take();
  return text === 'true';
}

function readFields(
  cursor: Cursor,
  pattern: () => ResultPattern,
): { readonly name: string; readonly value: ResultPattern }[] {
  const out: { name: string; value: ResultPattern }[] = [];
  while (cursor.kind === Tok.Open) {
    cursor.open();
    const name = cursor.name('the name of a field');
    out.push({ name, value: pattern() });
    cursor.close();
  }
  return out;
}

function readInt(cursor: Cursor, type: ComponentInt): bigint {
  if (cursor.kind !== Tok.Int) cursor.unexpected('a number');
  const parsed = parseInt64(cursor.text(cursor.at));
  const bits = INT_BITS[type];
  const value = parsed.ok ? BigInt.asUintN(64, parsed.value) : 0n;
  const signed = BigInt.asIntN(64, value);
  const isSigned = type.startsWith('s');
  const limit = 1n << BigInt(bits - (isSigned ? 1 : 0));
  const fits = isSigned ? signed >= -limit && signed < limit : value < limit;
  if (!parsed.ok || !fits) cursor.fail('constant out of range', cursor.at);
  cursor.take();
  return isSigned ? signed : value;
}
