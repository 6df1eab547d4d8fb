/**
 * Lowering: values of a component become core values and bytes in memory (CanonicalABI.md, Storing and Flat Lowering).
 *
 * Strings and lists call the guest's `realloc`, in the order of the definitions; so what may hold one is lowered by steps,
 * and everything else at once. A value that the host gives may be of the wrong shape: then a TypeError says so.
 */

import { bitsOfF32, halvesOfF64 } from '../../base/numbers.ts';
import { I64 } from '../../isa/types.ts';
import type { NumValue } from '../../runtime/values.ts';
import {
  casesOf,
  discriminantSize,
  fieldOffsets,
  flagsSize,
  flattenTypes,
  hasPointer,
  layoutOf,
  payloadOffset,
} from '../abi.ts';
import type { ResourceValue } from '../host.ts';
import type { PrimType } from '../model.ts';
import type { Steps } from '../task.ts';
import { type CaseType, typeText, type ValType } from '../types.ts';
import { type CaseValue, type ComponentValue, isBytes } from '../values.ts';
import { allocate, type CanonContext, checkRange, memoryOf } from './context.ts';
import { type ErrorContextValue, entryOf, type FlatReader, flatCount, tupleOf } from './lift-values.ts';
import { lowerString } from './strings.ts';
import { notYet, trap } from './traps.ts';

/**
 * Lowers values to core values; if they are too many they go to memory (`lower_flat_values`): where `out` points, or
 * where the guest makes room.
 */
export function* lowerValues(
  cx: CanonContext,
  values: readonly ComponentValue[],
  types: readonly ValType[],
  most: number,
  out?: FlatReader,
): Steps<NumValue[]> {
  const { address } = cx.opts;
  const flat = flattenTypes(types, address, most);
  if (flat) {
    const bits: bigint[] = [];
    for (const [i, type] of types.entries()) {
      if (hasPointer(type)) yield* lowerFlat(cx, values[i], type, bits);
      else lowerPlain(cx, values[i], type, bits);
    }
    return flat.map((type, i) => ({ type, bits: bits[i] }));
  }
  const tuple = tupleOf(types);
  const { alignment, size } = layoutOf(tuple, address);
  const at = out
    ? address === I64
      ? Number(out.long())
      : out.word()
    : yield* allocate(cx, 'pointer', alignment, size);
  checkRange(cx, 'pointer', at, size, alignment);
  yield* store(cx, values, tuple, at);
  memoryOf(cx).tell(at, size, true);
  return out ? [] : [{ type: address, bits: BigInt(at) }];
}

/** Lowers what may have strings or lists in it, to core values behind those in `out`. */
function* lowerFlat(cx: CanonContext, value: ComponentValue, type: ValType, out: bigint[]): Steps<void> {
  switch (type.kind) {
    case 'prim': {
      if (type.prim !== 'string') return lowerPlain(cx, value, type, out);
      const { at, units } = yield* lowerString(cx, stringIn(value, type));
      out.push(BigInt(at), units);
      return;
    }
    case 'list':
      if (type.length !== undefined) {
        const items = itemsIn(value, type, type.length);
        for (let i = 0; i < type.length; i++) yield* lowerFlat(cx, items[i], type.element, out);
        return;
      }
      yield* lowerFlatList(cx, value, type, type.element, out);
      return;
    case 'map':
      yield* lowerFlatList(cx, value, type, entryOf(type), out);
      return;
    case 'record':
    case 'tuple': {
      const parts = type.kind === 'tuple' ? type.types : type.fields.map((field) => field.type);
      const items = itemsIn(value, type, parts.length);
      for (const [i, part] of parts.entries()) yield* lowerFlat(cx, items[i], part, out);
      return;
    }
    case 'variant':
    case 'option':
    case 'result': {
      const end = out.length + flatCount(cx, type);
      const { number, one, payload } = caseIn(value, type);
      out.push(BigInt(number));
      if (one.type) yield* lowerFlat(cx, payload!, one.type, out);
      while (out.length < end) out.push(0n);
      return;
    }
    default:
      lowerPlain(cx, value, type, out);
  }
}

function* lowerFlatList(
  cx: CanonContext,
  value: ComponentValue,
  type: ValType,
  element: ValType,
  out: bigint[],
): Steps<void> {
  const { at, length } = yield* storeList(cx, value, type, element);
  out.push(BigInt(at), BigInt(length));
}

/** Lowers what has no strings and lists in it. */
function lowerPlain(cx: CanonContext, value: ComponentValue, type: ValType, out: bigint[]): void {
  switch (type.kind) {
    case 'prim':
      out.push(primBits(cx, value, type));
      return;
    case 'record':
    case 'tuple': {
      const parts = type.kind === 'tuple' ? type.types : type.fields.map((field) => field.type);
      const items = itemsIn(value, type, parts.length);
      for (const [i, part] of parts.entries()) lowerPlain(cx, items[i], part, out);
      return;
    }
    case 'list': {
      const items = itemsIn(value, type, type.length!);
      for (let i = 0; i < type.length!; i++) lowerPlain(cx, items[i], type.element, out);
      return;
    }
    case 'variant':
    case 'enum':
    case 'option':
    case 'result': {
      const end = out.length + flatCount(cx, type);
      const { number, one, payload } = caseIn(value, type);
      out.push(BigInt(number));
      if (one.type) lowerPlain(cx, payload!, one.type, out);
      while (out.length < end) out.push(0n);
      return;
    }
    case 'flags':
      out.push(BigInt(flagsIn(value, type)));
      return;
    case 'own':
    case 'borrow':
      out.push(lowerHandle(cx, value, type));
      return;
    default:
      notYet(`${type.kind}s`);
  }
}

/** Writes a value to a place that is known to be in memory and aligned. */
export function* store(cx: CanonContext, value: ComponentValue, type: ValType, at: number): Steps<void> {
  if (!hasPointer(type)) return storePlain(cx, value, type, at);
  const { address } = cx.opts;
  switch (type.kind) {
    case 'prim': {
      const place = yield* lowerString(cx, stringIn(value, type));
      storePair(cx, at, BigInt(place.at), place.units);
      return;
    }
    case 'list': {
      if (type.length !== undefined) {
        yield* storeElements(cx, itemsIn(value, type, type.length), type.element, at);
        return;
      }
      const place = yield* storeList(cx, value, type, type.element);
      storePair(cx, at, BigInt(place.at), BigInt(place.length));
      return;
    }
    case 'map': {
      const place = yield* storeList(cx, value, type, entryOf(type));
      storePair(cx, at, BigInt(place.at), BigInt(place.length));
      return;
    }
    case 'record':
    case 'tuple': {
      const parts = type.kind === 'tuple' ? type.types : type.fields.map((field) => field.type);
      const items = itemsIn(value, type, parts.length);
      const offsets = fieldOffsets(parts, address);
      for (const [i, part] of parts.entries()) yield* store(cx, items[i], part, at + offsets[i]);
      return;
    }
    case 'variant':
    case 'option':
    case 'result': {
      const { number, one, payload } = caseIn(value, type);
      const cases = casesOf(type);
      storeUnsigned(cx, at, discriminantSize(cases.length), number);
      if (one.type) yield* store(cx, payload!, one.type, at + payloadOffset(cases, address));
    }
  }
}

/** Writes what has no strings and lists in it. */
function storePlain(cx: CanonContext, value: ComponentValue, type: ValType, at: number): void {
  const { address } = cx.opts;
  switch (type.kind) {
    case 'prim':
      storePrim(cx, value, type, at);
      return;
    case 'list': {
      const items = itemsIn(value, type, type.length!);
      storePlainElements(cx, items, type.element, at);
      return;
    }
    case 'record':
    case 'tuple': {
      const parts = type.kind === 'tuple' ? type.types : type.fields.map((field) => field.type);
      const items = itemsIn(value, type, parts.length);
      const offsets = fieldOffsets(parts, address);
      for (const [i, part] of parts.entries()) storePlain(cx, items[i], part, at + offsets[i]);
      return;
    }
    case 'variant':
    case 'enum':
    case 'option':
    case 'result': {
      const { number, one, payload } = caseIn(value, type);
      const cases = casesOf(type);
      storeUnsigned(cx, at, discriminantSize(cases.length), number);
      if (one.type) storePlain(cx, payload!, one.type, at + payloadOffset(cases, address));
      return;
    }
    case 'flags':
      storeUnsigned(cx, at, flagsSize(type.labels.length), flagsIn(value, type));
      return;
    case 'own':
    case 'borrow':
      storeUnsigned(cx, at, 4, Number(lowerHandle(cx, value, type)));
      return;
    default:
      notYet(`${type.kind}s`);
  }
}

function storePrim(
  cx: CanonContext,
  value: ComponentValue,
  type: Extract<ValType, { kind: 'prim' }>,
  at: number,
): void {
  const bits = primBits(cx, value, type);
  const { view } = memoryOf(cx);
  const { size } = layoutOf(type, cx.opts.address);
  if (size === 8) view.setBigUint64(at, bits, true);
  else storeUnsigned(cx, at, size, Number(bits));
}

function storeUnsigned(cx: CanonContext, at: number, size: number, n: number): void {
  const { view } = memoryOf(cx);
  if (size === 1) view.setUint8(at, n);
  else if (size === 2) view.setUint16(at, n, true);
  else view.setUint32(at, n, true);
}

function storePair(cx: CanonContext, at: number, first: bigint, second: bigint): void {
  const { view } = memoryOf(cx);
  if (cx.opts.address === I64) {
    view.setBigUint64(at, first, true);
    view.setBigUint64(at + 8, second, true);
  } else {
    view.setUint32(at, Number(first), true);
    view.setUint32(at + 4, Number(second), true);
  }
}

function* storeList(
  cx: CanonContext,
  value: ComponentValue,
  type: ValType,
  element: ValType,
): Steps<{ readonly at: number; readonly length: number }> {
  const items = itemsIn(value, type);
  const { length } = items;
  const { alignment, size } = layoutOf(element, cx.opts.address);
  const bytes = length * size;
  if (bytes > 0xffff_ffff) trap('list byte length exceeds maximum', `${length} elements of ${size} bytes`);
  const at = yield* allocate(cx, 'list', alignment, bytes);
  if (isBytes(type) && value instanceof Uint8Array) memoryOf(cx).bytes.set(value, at);
  else yield* storeElements(cx, items, element, at);
  memoryOf(cx).tell(at, bytes, true);
  return { at, length };
}

function* storeElements(
  cx: CanonContext,
  items: ArrayLike<ComponentValue>,
  element: ValType,
  at: number,
): Steps<void> {
  if (!hasPointer(element)) return storePlainElements(cx, items, element, at);
  const { size } = layoutOf(element, cx.opts.address);
  for (let i = 0; i < items.length; i++) yield* store(cx, items[i], element, at + i * size);
}

function storePlainElements(
  cx: CanonContext,
  items: ArrayLike<ComponentValue>,
  element: ValType,
  at: number,
): void {
  const { size } = layoutOf(element, cx.opts.address);
  for (let i = 0; i < items.length; i++) storePlain(cx, items[i], element, at + i * size);
}

/** Ranges of what is no bigint. */
const RANGES: Readonly<Partial<Record<PrimType, readonly [least: number, most: number]>>> = {
  s8: [-0x80, 0x7f],
  u8: [0, 0xff],
  s16: [-0x8000, 0x7fff],
  u16: [0, 0xffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
  u32: [0, 0xffff_ffff],
};

/** A value of a primitive type but a string as the bits of a core value, unsigned. */
function primBits(cx: CanonContext, value: ComponentValue, type: Extract<ValType, { kind: 'prim' }>): bigint {
  const { prim } = type;
  const range = RANGES[prim];
  if (range) {
    const fits =
      typeof value === 'number' && Number.isInteger(value) && value >= range[0] && value <= range[1];
    return fits ? BigInt(value >>> 0) : unfit(value, type);
  }
  switch (prim) {
    case 'bool':
      return typeof value === 'boolean' ? BigInt(value) : unfit(value, type);
    case 's64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
        ? BigInt.asUintN(64, value)
        : unfit(value, type);
    case 'u64':
      return typeof value === 'bigint' && BigInt.asUintN(64, value) === value ? value : unfit(value, type);
    case 'f32':
      return typeof value === 'number' ? BigInt(bitsOfF32(value) >>> 0) : unfit(value, type);
    case 'f64': {
      if (typeof value !== 'number') return unfit(value, type);
      const { lo, hi } = halvesOfF64(value);
      return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
    }
    case 'char': {
      const code = typeof value === 'string' ? value.codePointAt(0) : undefined;
      const isScalar = code !== undefined && (code & 0x1f_f800) !== 0xd800;
      return isScalar && String.fromCodePoint(code) === value ? BigInt(code) : unfit(value, type);
    }
    default:
      return lowerErrorContext(cx, value, type);
  }
}

function stringIn(value: ComponentValue, type: ValType): string {
  return typeof value === 'string' ? value : unfit(value, type);
}

function itemsIn(value: ComponentValue, type: ValType, length?: number): ArrayLike<ComponentValue> {
  const isList = Array.isArray(value) || value instanceof Uint8Array;
  if (!isList || (length !== undefined && value.length !== length)) return unfit(value, type);
  return value as ArrayLike<ComponentValue>;
}

function flagsIn(value: ComponentValue, type: Extract<ValType, { kind: 'flags' }>): number {
  const all = 2 ** type.labels.length - 1;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= all
    ? value
    : unfit(value, type);
}

function caseIn(
  value: ComponentValue,
  type: Extract<ValType, { kind: 'variant' | 'enum' | 'option' | 'result' }>,
): { readonly number: number; readonly one: CaseType; readonly payload: ComponentValue | undefined } {
  const { case: number, payload } = (value ?? {}) as Partial<CaseValue>;
  const one = number === undefined ? undefined : casesOf(type)[number];
  if (!one || (payload === undefined) !== (one.type === undefined)) return unfit(value, type);
  return { number: number!, one, payload };
}

function unfit(value: unknown, type: ValType): never {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new TypeError(`${text.slice(0, 80)} is no value of type ${typeText(type)}`);
}

function lowerHandle(
  cx: CanonContext,
  value: ComponentValue,
  type: Extract<ValType, { kind: 'own' | 'borrow' }>,
): bigint {
  const { instance } = cx.opts;
  const resource = instance.resourceOf(type.type);
  const given = value as Partial<ResourceValue>;
  if (given?.resource !== resource) {
    throw new TypeError(`a handle to ${resource.name} was expected, not ${given?.label ?? String(value)}`);
  }
  const { rep } = given;
  if (type.kind === 'own') {
    const own = { kind: 'handle', resource, rep, own: true, scope: undefined, lends: 0 } as const;
    return BigInt(instance.handles.add({ ...own }));
  }
  // Where a resource is defined, its representation is what is lent.
  if (resource.kind === 'guest resource' && resource.impl === instance) return rep as bigint;
  if (cx.task) cx.task.borrows++;
  return BigInt(
    instance.handles.add({ kind: 'handle', resource, rep, own: false, scope: cx.task, lends: 0 }),
  );
}

function lowerErrorContext(cx: CanonContext, value: ComponentValue, type: ValType): bigint {
  const { message } = (value ?? {}) as Partial<ErrorContextValue>;
  if (message === undefined) return unfit(value, type);
  return BigInt(cx.opts.instance.handles.add({ kind: 'error context', message }));
}
