/**
 * Lifting: core values and bytes in memory become values of a component (CanonicalABI.md, Loading and Flat Lifting).
 *
 * Nothing here calls the guest. Bits of a core value that its type has no use for are cut off, which is all that the joins
 * of variants need.
 */

import { f32OfBits, f64OfHalves, halvesOfBigInt } from '../../base/numbers.ts';
import { I64 } from '../../isa/types.ts';
import {
  alignTo,
  casesOf,
  discriminantSize,
  fieldOffsets,
  flagsSize,
  flattenTypes,
  layoutOf,
  payloadOffset,
} from '../abi.ts';
import type { ResourceValue } from '../host.ts';
import type { PrimType } from '../model.ts';
import { resourceValue } from '../resources.ts';
import type { ValType } from '../types.ts';
import { type CaseValue, type ComponentValue, type HandleValue, isBytes } from '../values.ts';
import { type CanonContext, checkRange, ELEMENT_COST, memoryOf, spend } from './context.ts';
import { liftString } from './strings.ts';
import { notYet, trap } from './traps.ts';

const MAX_LIST_BYTES = 2 ** 28 - 1;

/** Core values, one after the other. */
export class FlatReader {
  private readonly bits: readonly bigint[];
  private at = 0;

  constructor(bits: readonly bigint[]) {
    this.bits = bits;
  }

  /** 32 bits, unsigned. */
  word(): number {
    return Number(BigInt.asUintN(32, this.long()));
  }

  /** 64 bits, unsigned. */
  long(): bigint {
    return this.bits[this.at++];
  }

  skipTo(at: number): void {
    this.at = at;
  }

  get place(): number {
    return this.at;
  }
}

/** Lifts the values of a list of types, which stand in memory if they are too many (`lift_flat_values`). */
export function liftValues(
  cx: CanonContext,
  types: readonly ValType[],
  most: number,
  flat: FlatReader,
): ComponentValue[] {
  const { address } = cx.opts;
  if (flattenTypes(types, address, most)) return types.map((type) => liftFlat(cx, type, flat));
  const at = readAddress(cx, flat);
  const { alignment, size } = layoutOf(tupleOf(types), address);
  checkRange(cx, 'pointer', at, size, alignment);
  memoryOf(cx).tell(at, size, false);
  return loadFields(cx, types, at);
}

const tuples = new WeakMap<readonly ValType[], ValType>();

/** The tuple type of a list of types. */
export function tupleOf(types: readonly ValType[]): ValType {
  let tuple = tuples.get(types);
  if (!tuple) tuples.set(types, (tuple = { kind: 'tuple', types }));
  return tuple;
}

const entries = new WeakMap<ValType, ValType>();

/** What a map is a list of. */
export function entryOf(type: Extract<ValType, { kind: 'map' }>): ValType {
  let entry = entries.get(type);
  if (!entry) entries.set(type, (entry = { kind: 'tuple', types: [type.key, type.value] }));
  return entry;
}

/** How many core values a type is. */
export function flatCount(cx: CanonContext, type: ValType): number {
  return flattenTypes([type], cx.opts.address, Number.POSITIVE_INFINITY)!.length;
}

function readAddress({ opts }: CanonContext, flat: FlatReader): number {
  return opts.address === I64 ? Number(flat.long()) : flat.word();
}

function liftFlat(cx: CanonContext, type: ValType, flat: FlatReader): ComponentValue {
  switch (type.kind) {
    case 'prim':
      return liftPrim(cx, type.prim, flat);
    case 'record':
      return type.fields.map((field) => liftFlat(cx, field.type, flat));
    case 'tuple':
      return type.types.map((part) => liftFlat(cx, part, flat));
    case 'list': {
      if (type.length !== undefined) {
        return Array.from({ length: type.length }, () => liftFlat(cx, type.element, flat));
      }
      const at = readAddress(cx, flat);
      return liftList(cx, type, type.element, at, readAddress(cx, flat));
    }
    case 'map': {
      const at = readAddress(cx, flat);
      return liftList(cx, type, entryOf(type), at, readAddress(cx, flat));
    }
    case 'variant':
    case 'enum':
    case 'option':
    case 'result': {
      const end = flat.place + flatCount(cx, type);
      const number = flat.word();
      const cases = casesOf(type);
      if (number >= cases.length) badCase(number, cases.length);
      const payload = cases[number].type;
      const value: CaseValue = payload
        ? { case: number, payload: liftFlat(cx, payload, flat) }
        : { case: number };
      flat.skipTo(end);
      return value;
    }
    case 'flags':
      return flagsOf(flat.word(), type.labels.length);
    case 'own':
    case 'borrow':
      return liftHandle(cx, type, flat.word());
    default:
      return notYet(`${type.kind}s`);
  }
}

function liftPrim(cx: CanonContext, prim: PrimType, flat: FlatReader): ComponentValue {
  switch (prim) {
    case 'bool':
      return flat.word() !== 0;
    case 's8':
      return (flat.word() << 24) >> 24;
    case 'u8':
      return flat.word() & 0xff;
    case 's16':
      return (flat.word() << 16) >> 16;
    case 'u16':
      return flat.word() & 0xffff;
    case 's32':
      return flat.word() | 0;
    case 'u32':
      return flat.word();
    case 's64':
      return BigInt.asIntN(64, flat.long());
    case 'u64':
      return flat.long();
    case 'f32':
      return f32OfBits(flat.word());
    case 'f64': {
      const { lo, hi } = halvesOfBigInt(flat.long());
      return f64OfHalves(lo, hi);
    }
    case 'char':
      return charOf(flat.word());
    case 'string': {
      const at = readAddress(cx, flat);
      return liftString(cx, at, cx.opts.address === I64 ? flat.long() : BigInt(flat.word()));
    }
    case 'error-context':
      return liftErrorContext(cx, flat.word());
  }
}

/** Reads a value of a place that is known to be in memory and aligned. */
export function load(cx: CanonContext, type: ValType, at: number): ComponentValue {
  const { address } = cx.opts;
  switch (type.kind) {
    case 'prim':
      return loadPrim(cx, type.prim, at);
    case 'record':
      return loadFields(
        cx,
        type.fields.map((field) => field.type),
        at,
      );
    case 'tuple':
      return loadFields(cx, type.types, at);
    case 'list':
      if (type.length !== undefined) {
        spend(cx.budget, ELEMENT_COST * type.length);
        return loadElements(cx, type, type.element, at, type.length);
      }
      return liftList(cx, type, type.element, ...loadPair(cx, at));
    case 'map':
      return liftList(cx, type, entryOf(type), ...loadPair(cx, at));
    case 'variant':
    case 'enum':
    case 'option':
    case 'result': {
      const cases = casesOf(type);
      const number = loadUnsigned(cx, at, discriminantSize(cases.length));
      if (number >= cases.length) badCase(number, cases.length);
      const payload = cases[number].type;
      if (!payload) return { case: number };
      return { case: number, payload: load(cx, payload, at + payloadOffset(cases, address)) };
    }
    case 'flags':
      return flagsOf(loadUnsigned(cx, at, flagsSize(type.labels.length)), type.labels.length);
    case 'own':
    case 'borrow':
      return liftHandle(cx, type, memoryOf(cx).view.getUint32(at, true));
    default:
      return notYet(`${type.kind}s`);
  }
}

function loadFields(cx: CanonContext, types: readonly ValType[], at: number): ComponentValue[] {
  const offsets = fieldOffsets(types, cx.opts.address);
  return types.map((type, i) => load(cx, type, at + offsets[i]));
}

function loadPair(cx: CanonContext, at: number): [at: number, length: number] {
  const { view } = memoryOf(cx);
  if (cx.opts.address !== I64) return [view.getUint32(at, true), view.getUint32(at + 4, true)];
  return [Number(view.getBigUint64(at, true)), Number(view.getBigUint64(at + 8, true))];
}

function loadUnsigned(cx: CanonContext, at: number, size: number): number {
  const { view } = memoryOf(cx);
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
}

function loadPrim(cx: CanonContext, prim: PrimType, at: number): ComponentValue {
  const { view } = memoryOf(cx);
  switch (prim) {
    case 'bool':
      return view.getUint8(at) !== 0;
    case 's8':
      return view.getInt8(at);
    case 'u8':
      return view.getUint8(at);
    case 's16':
      return view.getInt16(at, true);
    case 'u16':
      return view.getUint16(at, true);
    case 's32':
      return view.getInt32(at, true);
    case 'u32':
      return view.getUint32(at, true);
    case 's64':
      return view.getBigInt64(at, true);
    case 'u64':
      return view.getBigUint64(at, true);
    case 'f32':
      return view.getFloat32(at, true);
    case 'f64':
      return view.getFloat64(at, true);
    case 'char':
      return charOf(view.getUint32(at, true));
    case 'string':
      return cx.opts.address === I64
        ? liftString(cx, Number(view.getBigUint64(at, true)), view.getBigUint64(at + 8, true))
        : liftString(cx, view.getUint32(at, true), BigInt(view.getUint32(at + 4, true)));
    case 'error-context':
      return liftErrorContext(cx, view.getUint32(at, true));
  }
}

function liftList(
  cx: CanonContext,
  type: ValType,
  element: ValType,
  at: number,
  length: number,
): ComponentValue {
  const { alignment, size } = layoutOf(element, cx.opts.address);
  const bytes = length * size;
  if (bytes > MAX_LIST_BYTES) trap('list byte length exceeds maximum', `${length} elements of ${size} bytes`);
  checkRange(cx, 'list', at, bytes, alignment);
  spend(cx.budget, isBytes(type) ? length : ELEMENT_COST * length);
  memoryOf(cx).tell(at, bytes, false);
  return loadElements(cx, type, element, at, length);
}

function loadElements(
  cx: CanonContext,
  type: ValType,
  element: ValType,
  at: number,
  length: number,
): ComponentValue {
  if (isBytes(type)) return memoryOf(cx).bytes.slice(at, at + length);
  const { size, alignment } = layoutOf(element, cx.opts.address);
  const stride = alignTo(size, alignment);
  const out: ComponentValue[] = [];
  for (let i = 0; i < length; i++) out.push(load(cx, element, at + i * stride));
  return out;
}

function charOf(code: number): string {
  if (code >= 0x110000 || (code >= 0xd800 && code <= 0xdfff)) {
    trap('invalid `char` bit pattern', `0x${code.toString(16)} is no Unicode scalar value`);
  }
  return String.fromCodePoint(code);
}

function badCase(number: number, count: number): never {
  trap('invalid variant discriminant', `case ${number} of a type with ${count} cases`);
}

function flagsOf(word: number, count: number): number {
  return count >= 32 ? word : (word & ((1 << count) - 1)) >>> 0;
}

function liftHandle(
  cx: CanonContext,
  { kind, type }: Extract<ValType, { kind: 'own' | 'borrow' }>,
  index: number,
): ResourceValue {
  const { instance } = cx.opts;
  const resource = instance.resourceOf(type);
  const handle = instance.handles.handle(index, resource);
  if (kind === 'borrow') {
    handle.lends++;
    cx.call?.lenders.push(handle);
    return resourceValue(resource, handle.rep);
  }
  if (handle.lends > 0) trap('cannot remove owned resource while borrowed', `handle index ${index}`);
  if (!handle.own) trap('cannot lift own resource from a borrow', `handle index ${index} was only lent`);
  instance.handles.remove(index);
  return resourceValue(resource, handle.rep);
}

/** A lifted error context. */
export interface ErrorContextValue extends HandleValue {
  readonly message: string;
}

function liftErrorContext(cx: CanonContext, index: number): ErrorContextValue {
  const entry = cx.opts.instance.handles.get(index);
  if (entry.kind !== 'error context') trap(`handle index ${index} is no error context`);
  return { label: `error-context(${JSON.stringify(entry.message)})`, message: entry.message };
}
