/**
 * The shape of values in the canonical ABI (CanonicalABI.md): alignment, size, and flattening into core values.
 *
 * Sizes depend on the type of addresses, i32 or i64. Knows no values: lifting and lowering are done elsewhere.
 */

import { type ValType as CoreValType, F32, F64, I32, I64 } from '../isa/types.ts';
import type { PrimType } from './model.ts';
import type { CaseType, FuncType, ValType } from './types.ts';

/** The type of addresses: I32 or I64. */
export type AddressType = typeof I32 | typeof I64;

export const MAX_FLAT_PARAMS = 16;
export const MAX_FLAT_ASYNC_PARAMS = 4;
export const MAX_FLAT_RESULTS = 1;

/** No value type may take as many bytes as this (with addresses of 64 bits). */
export const MAX_VALUE_SIZE = 2 ** 28;

/** Bytes of an address. */
export function addressSize(address: AddressType): number {
  return address === I64 ? 8 : 4;
}

const PRIM_SIZES: Readonly<Partial<Record<PrimType, number>>> = {
  bool: 1, s8: 1, u8: 1, s16: 2, u16: 2, s32: 4, u32: 4, s64: 8, u64: 8, f32: 4, f64: 8, char: 4, 'error-context': 4,
}; // biome-ignore format: a table

/** Alignment and size of a type's values in memory, in bytes. */
export interface Layout {
  readonly alignment: number;
  readonly size: number;
}

const layouts: Readonly<Record<AddressType, WeakMap<ValType, Layout>>> = {
  [I32]: new WeakMap(),
  [I64]: new WeakMap(),
};

/** How values of a type stand in memory (`alignment` and `elem_size`). */
export function layoutOf(type: ValType, address: AddressType): Layout {
  let layout = layouts[address].get(type);
  if (!layout) layouts[address].set(type, (layout = makeLayout(type, address)));
  return layout;
}

function makeLayout(type: ValType, address: AddressType): Layout {
  const pointer = addressSize(address);
  const pair: Layout = { alignment: pointer, size: 2 * pointer };
  switch (type.kind) {
    case 'prim': {
      const size = PRIM_SIZES[type.prim];
      return size === undefined ? pair : { alignment: size, size };
    }
    case 'list': {
      if (type.length === undefined) return pair;
      const { alignment, size } = layoutOf(type.element, address);
      return { alignment, size: size * type.length };
    }
    case 'map':
      return pair;
    case 'record':
      return sequence(
        type.fields.map((field) => field.type),
        address,
      );
    case 'tuple':
      return sequence(type.types, address);
    case 'variant':
    case 'enum':
    case 'option':
    case 'result':
      return union(casesOf(type), address);
    case 'flags': {
      const size = flagsSize(type.labels.length);
      return { alignment: size, size };
    }
    default:
      return { alignment: 4, size: 4 };
  }
}

/** Bytes of a set of flags. */
export function flagsSize(count: number): number {
  return count <= 8 ? 1 : count <= 16 ? 2 : 4;
}

/** `offset` moved up to a multiple of `alignment`. */
export function alignTo(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

function sequence(types: readonly ValType[], address: AddressType): Layout {
  let alignment = 1;
  let size = 0;
  for (const type of types) {
    const layout = layoutOf(type, address);
    alignment = Math.max(alignment, layout.alignment);
    size = alignTo(size, layout.alignment) + layout.size;
  }
  return { alignment, size: alignTo(size, alignment) };
}

/** The offsets of the parts of a record or a tuple. */
export function fieldOffsets(types: readonly ValType[], address: AddressType): number[] {
  let size = 0;
  return types.map((type) => {
    const layout = layoutOf(type, address);
    const offset = alignTo(size, layout.alignment);
    size = offset + layout.size;
    return offset;
  });
}

/** Bytes of the number of a case. */
export function discriminantSize(count: number): number {
  return count <= 0x100 ? 1 : count <= 0x1_0000 ? 2 : 4;
}

function union(cases: readonly CaseType[], address: AddressType): Layout {
  const discriminant = discriminantSize(cases.length);
  let alignment = discriminant;
  let size = 0;
  for (const { type } of cases) {
    if (!type) continue;
    const layout = layoutOf(type, address);
    alignment = Math.max(alignment, layout.alignment);
    size = Math.max(size, layout.size);
  }
  return { alignment, size: alignTo(payloadOffset(cases, address) + size, alignment) };
}

/** Where the payload of a variant stands. */
export function payloadOffset(cases: readonly CaseType[], address: AddressType): number {
  let alignment = 1;
  for (const { type } of cases) if (type) alignment = Math.max(alignment, layoutOf(type, address).alignment);
  return alignTo(discriminantSize(cases.length), alignment);
}

/** The cases of a variant and of what is short for one. */
export function casesOf(
  type: Extract<ValType, { kind: 'variant' | 'enum' | 'option' | 'result' }>,
): readonly CaseType[] {
  switch (type.kind) {
    case 'variant':
      return type.cases;
    case 'enum':
      return type.labels.map((label) => ({ label }));
    case 'option':
      return [{ label: 'none' }, { label: 'some', type: type.type }];
    case 'result':
      return [
        { label: 'ok', type: type.ok },
        { label: 'error', type: type.error },
      ];
  }
}

const PRIM_FLAT: Readonly<Partial<Record<PrimType, CoreValType>>> = {
  s64: I64,
  u64: I64,
  f32: F32,
  f64: F64,
};

/** Core values that stand for values of these types; undefined if they would be more than `most`. */
export function flattenTypes(
  types: readonly ValType[],
  address: AddressType,
  most: number,
): readonly CoreValType[] | undefined {
  const out: CoreValType[] = [];
  for (const type of types) {
    const flat = flattenType(type, address, most - out.length);
    if (!flat) return undefined;
    for (const one of flat) out.push(one);
  }
  return out.length > most ? undefined : out;
}

function flattenType(type: ValType, address: AddressType, most: number): readonly CoreValType[] | undefined {
  switch (type.kind) {
    case 'prim':
      return type.prim === 'string' ? [address, address] : [PRIM_FLAT[type.prim] ?? I32];
    case 'list': {
      const { length, element } = type;
      if (length === undefined) return [address, address];
      // Every value is one core value at least.
      if (length > most) return undefined;
      return flattenTypes(new Array<ValType>(length).fill(element), address, most);
    }
    case 'map':
      return [address, address];
    case 'record':
      return flattenTypes(
        type.fields.map((field) => field.type),
        address,
        most,
      );
    case 'tuple':
      return flattenTypes(type.types, address, most);
    case 'variant':
    case 'enum':
    case 'option':
    case 'result':
      return flattenCases(casesOf(type), address, most);
    default:
      return [I32];
  }
}

function flattenCases(
  cases: readonly CaseType[],
  address: AddressType,
  most: number,
): readonly CoreValType[] | undefined {
  const out: CoreValType[] = [I32];
  for (const { type } of cases) {
    const flat = type ? flattenType(type, address, most - 1) : [];
    if (!flat) return undefined;
    flat.forEach((one, i) => {
      out[i + 1] = i + 1 < out.length ? join(out[i + 1], one) : one;
    });
  }
  return out.length > most ? undefined : out;
}

/** The tightest core type that has room for the bits of both. */
function join(a: CoreValType, b: CoreValType): CoreValType {
  if (a === b) return a;
  return (a === I32 && b === F32) || (a === F32 && b === I32) ? I32 : I64;
}

/** A core function's type. */
export interface FlatFunc {
  readonly params: readonly CoreValType[];
  readonly results: readonly CoreValType[];
}

/** What of a canonical definition's options decides its core type. */
export interface FlatOptions {
  readonly address: AddressType;
  readonly async: boolean;
  readonly callback: boolean;
}

/** The core function type of a lifted or lowered function (`flatten_functype`). */
export function flattenFunc(type: FuncType, context: 'lift' | 'lower', options: FlatOptions): FlatFunc {
  const { address, async, callback } = options;
  const mostParams = async && context === 'lower' ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS;
  const types = type.params.map((param) => param.type);
  const params = [...(flattenTypes(types, address, mostParams) ?? [address])];
  const resultTypes = type.result ? [type.result] : [];
  if (!async) {
    const results = flattenTypes(resultTypes, address, MAX_FLAT_RESULTS);
    if (results) return { params, results };
    return context === 'lift'
      ? { params, results: [address] }
      : { params: [...params, address], results: [] };
  }
  if (context === 'lift') return { params, results: callback ? [I32] : [] };
  if (type.result) params.push(address);
  return { params, results: [I32] };
}

/** True if a value of this type has something in memory: a string, a list or a map. */
export function hasPointer(type: ValType): boolean {
  switch (type.kind) {
    case 'prim':
      return type.prim === 'string';
    case 'map':
      return true;
    case 'list':
      return type.length === undefined || hasPointer(type.element);
    case 'record':
      return type.fields.some((field) => hasPointer(field.type));
    case 'tuple':
      return type.types.some(hasPointer);
    case 'variant':
    case 'option':
    case 'result':
      return casesOf(type).some((one) => one.type !== undefined && hasPointer(one.type));
    default:
      return false;
  }
}
