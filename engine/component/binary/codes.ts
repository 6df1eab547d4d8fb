/**
 * The bytes of the component binary format (Binary.md) that reading and writing share: preamble, sections, sorts, types.
 */

import type { CoreSort, PrimType, Sort } from '../model.ts';

/** `\0asm`, version 13, layer 1. */
export const PREAMBLE: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

export const COMPONENT_SECTION = {
  custom: 0,
  coreModule: 1,
  coreInstance: 2,
  coreType: 3,
  component: 4,
  instance: 5,
  alias: 6,
  type: 7,
  canon: 8,
  start: 9,
  import: 10,
  export: 11,
  value: 12,
} as const;

export const CORE_SORT_CODES: Readonly<Record<CoreSort, number>> = {
  func: 0x00,
  table: 0x01,
  memory: 0x02,
  global: 0x03,
  tag: 0x04,
  type: 0x10,
  module: 0x11,
  instance: 0x12,
};

/** Sorts that are not core; core ones are 0 and the code of the core sort. */
export const SORT_CODES: Readonly<Record<Exclude<Sort, `core ${CoreSort}`>, number>> = {
  func: 0x01,
  value: 0x02,
  type: 0x03,
  component: 0x04,
  instance: 0x05,
};

export const CORE_SORTS: ReadonlyMap<number, CoreSort> = inverse(CORE_SORT_CODES);
export const COMPONENT_SORTS = inverse(SORT_CODES);

export const PRIM_CODES: Readonly<Record<PrimType, number>> = {
  bool: 0x7f,
  s8: 0x7e,
  u8: 0x7d,
  s16: 0x7c,
  u16: 0x7b,
  s32: 0x7a,
  u32: 0x79,
  s64: 0x78,
  u64: 0x77,
  f32: 0x76,
  f64: 0x75,
  char: 0x74,
  string: 0x73,
  'error-context': 0x64,
};

export const PRIMS: ReadonlyMap<number, PrimType> = inverse(PRIM_CODES);

export const TYPE_CODE = {
  record: 0x72,
  variant: 0x71,
  list: 0x70,
  fixedList: 0x67,
  map: 0x63,
  tuple: 0x6f,
  flags: 0x6e,
  enum: 0x6d,
  option: 0x6b,
  result: 0x6a,
  own: 0x69,
  borrow: 0x68,
  stream: 0x66,
  future: 0x65,
  resource: 0x3f,
  func: 0x40,
  asyncFunc: 0x43,
  component: 0x41,
  instance: 0x42,
  /** A core module type; a core type that is not final has a zero in front, because it starts with the same byte. */
  module: 0x50,
} as const;

/** How deep components, and types in types, may be nested here. */
export const MOST_NESTED = 100;

function inverse<K extends string>(codes: Readonly<Record<K, number>>): ReadonlyMap<number, K> {
  return new Map((Object.keys(codes) as K[]).map((name) => [codes[name], name]));
}
