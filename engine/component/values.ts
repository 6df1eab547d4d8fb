/**
 * Values of component types, as plain data: what is lifted, lowered, written in WAVE and shown.
 *
 *   bool                       boolean
 *   s8 … u32                   number
 *   s64, u64                   bigint
 *   f32, f64                   number
 *   char, string               string; a char is one Unicode scalar value
 *   list<u8>                   Uint8Array
 *   list, tuple, record        array: elements, or fields in the order of the type
 *   map                        array of pairs
 *   variant, enum, option, result   the number of the case, and its payload if it has one
 *   flags                      number: bit i is flag i
 *   own, borrow, stream, future, error-context   an object of whoever runs components
 */

import type { ValType } from './types.ts';

/** A variant's case, by number, with its payload. */
export interface CaseValue {
  readonly case: number;
  readonly payload?: ComponentValue;
}

/** Something that only a run knows: a handle, an end of a stream. */
export interface HandleValue {
  /** How people see it: `blob#3`. */
  readonly label: string;
}

export type ComponentValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly ComponentValue[]
  | CaseValue
  | HandleValue;

/** True for lists whose values are bytes. */
export function isBytes(type: ValType): boolean {
  return type.kind === 'list' && type.element.kind === 'prim' && type.element.prim === 'u8';
}
