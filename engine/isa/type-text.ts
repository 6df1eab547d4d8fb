/**
 * Reads the type column of the instruction table: `addr i32 ->`, `(ref i31) -> i32` … into value types. Knows the
 * words that rows use and nothing else of the text format.
 */

import { EXTERNREF, F32, F64, FUNCREF, HEAP, I32, I64, refType, V128, type ValType } from './types.ts';

/**
 * Stands for the address type of the memory or table that an instruction's immediate names: the validator puts I32
 * or I64 in its place (spec 2.3.12). No real value type is negative.
 */
export const ADDR = -1;

const WORDS: Readonly<Record<string, ValType>> = {
  addr: ADDR,
  i32: I32,
  i64: I64,
  f32: F32,
  f64: F64,
  v128: V128,
  funcref: FUNCREF,
  externref: EXTERNREF,
  eqref: refType(true, HEAP.eq),
  i31ref: refType(true, HEAP.i31),
  arrayref: refType(true, HEAP.array),
  '(ref i31)': refType(false, HEAP.i31),
};

/** Operand and result types of a row; both empty for `special`. Throws for a word that no row may use. */
export function parseType(type: string): readonly [params: ValType[], results: ValType[]] {
  if (type === 'special') return [[], []];
  const [params, results] = type.split('->').map(parseTypes);
  if (!params || !results) throw new Error(`instruction table: no arrow in type "${type}"`);
  return [params, results];
}

function parseTypes(text: string): ValType[] {
  return (text.match(/\([^)]*\)|\S+/g) ?? []).map((word) => {
    const type = WORDS[word];
    if (type === undefined) throw new Error(`instruction table: unknown type "${word}"`);
    return type;
  });
}
