/**
 * The heap of garbage-collected objects (spec 4.2.16): structs and arrays, how their fields are held, and what
 * references are of which type.
 *
 * Objects are JavaScript objects, so the host collects them. A struct has one plain array of slots; an array a typed
 * array, or a plain one of references. Numbers are exact bits in 32-bit words, as on the operand stack:
 *
 *   i8 i16 i32 f32   one word        i64 f64   low word, high word        v128   four words, lowest first
 *   references       one slot
 *
 * Measured for a struct of three slots (Node 24): 10 ns to make with a plain array, 35 ns with an Int32Array and an
 * array of references beside it, 36 ns to store one i64 as a BigInt.
 * An i31 is the JavaScript number of its signed value, so identity is `===`; a host's number in that range is the
 * same reference, as the JavaScript API has it. Knows nothing of how code runs.
 */

import {
  type ArrayType,
  CONCRETE,
  F32,
  HEAP,
  type HeapType,
  heapOf,
  I8,
  I16,
  I32,
  isNullable,
  isRef,
  type StructType,
  typeIdxOf,
  V128,
  type ValType,
} from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import type { TypeCanon } from '../valid/canon.ts';
import { FuncInst } from './func.ts';
import type { Ref, Value } from './values.ts';

/** How a field is held. */
export const enum Storage {
  I8 = 0,
  I16 = 1,
  /** i32 and f32. */
  Word = 2,
  /** i64 and f64. */
  Pair = 3,
  V128 = 4,
  Ref = 5,
}

/** Slots (or words) that a field takes, by `Storage`. */
const WIDTHS = [1, 1, 1, 2, 4, 1];

/** Bytes that a number takes in a data segment, by `Storage`. */
const BYTES = [1, 2, 4, 8, 16, 0];

/** What objects take in the host without their slots and elements, and what a slot takes: measured on Node 24. */
const STRUCT_BYTES = 104;
const REFS_BYTES = 112;
const NUMBERS_BYTES = 280;
const SLOT_BYTES = 8;

/** Bytes of an array of numbers, and elements of one of references, that the host still holds well. */
const MAX_ARRAY_BYTES = 2 ** 30;
const MAX_ARRAY_REFS = 2 ** 25 - 1;

export interface FieldLayout {
  /** Canonical; I8 and I16 for packed ones. */
  readonly type: ValType;
  readonly mutable: boolean;
  readonly storage: Storage;
  /** Its first slot in a struct; 0 in an array. */
  readonly at: number;
}

/** A struct or array type of the store, with the module that made the first object of it: that one has its names. */
interface Defined {
  /** Canonical number. */
  readonly id: number;
  readonly module: Module;
  readonly typeIdx: number;
  /** What an object takes in the host, by estimate; an array without its elements. */
  readonly bytes: number;
}

export interface StructLayout extends Defined {
  readonly kind: 'struct';
  readonly fields: readonly FieldLayout[];
  /** The slots of a struct of default values. */
  readonly initial: readonly unknown[];
}

export interface ArrayLayout extends Defined {
  readonly kind: 'array';
  readonly field: FieldLayout;
  readonly maxLength: number;
  /** What an element takes in the host. */
  readonly elementBytes: number;
}

export type Layout = StructLayout | ArrayLayout;

export class StructInst {
  readonly type: StructLayout;
  readonly slots: unknown[];
  /** The look at what lives (heap-limit.ts) that has seen it last. */
  seen = 0;

  constructor(type: StructLayout, slots: unknown[]) {
    this.type = type;
    this.slots = slots;
  }
}

/** The elements of an array, by its `Storage`. */
export type Elements = Uint8Array | Uint16Array | Int32Array | Ref[];

export class ArrayInst {
  readonly type: ArrayLayout;
  readonly elems: Elements;
  readonly length: number;
  /** As in a struct. */
  seen = 0;

  constructor(type: ArrayLayout, elems: Elements, length: number) {
    this.type = type;
    this.elems = elems;
    this.length = length;
  }
}

/** The layout of the struct or array type `typeIdx` of a valid module; `id` is its canonical number. */
export function layoutFor(canon: TypeCanon, id: number, module: Module, typeIdx: number): Layout {
  const composite = canon.typeAt(id)?.composite;
  if (composite?.kind === 'struct') return structLayout(composite, { id, module, typeIdx });
  if (composite?.kind === 'array') return arrayLayout(composite, { id, module, typeIdx });
  throw new TypeError(`type ${typeIdx} is no struct and no array`);
}

/** An array of default values. Throws a RangeError if the host has no room for it. */
export function newArray(type: ArrayLayout, length: number): ArrayInst {
  if (length > type.maxLength) throw new RangeError(`${length} elements, at most ${type.maxLength} fit`);
  return new ArrayInst(type, newElements(type.field.storage, length), length);
}

/** Copies the element at `at` to the `n - 1` behind it. */
export function repeatElement({ elems, type }: ArrayInst, at: number, n: number): void {
  const width = WIDTHS[type.field.storage];
  if (width === 1) {
    elems.fill(elems[at] as never, at, at + n);
    return;
  }
  // Doubles what is there: the elements are in a typed array.
  const words = elems as Int32Array;
  const start = at * width;
  const end = start + n * width;
  for (let done = width; start + done < end; done *= 2) {
    words.copyWithin(start + done, start, Math.min(start + done, end - done));
  }
}

function newElements(storage: Storage, length: number): Elements {
  switch (storage) {
    case Storage.I8:
      return new Uint8Array(length);
    case Storage.I16:
      return new Uint16Array(length);
    case Storage.Ref:
      return new Array<Ref>(length).fill(null);
    default:
      return new Int32Array(length * WIDTHS[storage]);
  }
}

/** Bytes of one element in a data segment; 0 for references. */
export function bytesOf(storage: Storage): number {
  return BYTES[storage];
}

/** Words of one element in an array, or slots of a field. */
export function widthOf(storage: Storage): number {
  return WIDTHS[storage];
}

/** The i31 reference of an i32: its low 31 bits. */
export function i31Of(n: number): number {
  return (n << 1) >> 1;
}

/** True for a JavaScript value that is an i31 reference. */
export function isI31(ref: Ref): ref is number {
  return typeof ref === 'number' && ref === (ref << 1) >> 1 && !Object.is(ref, -0);
}

/**
 * Is a reference, which is not null, of heap type `heap`? It must be of the same hierarchy; `heap` is canonical
 * (spec 4.2.1, reference typing).
 */
export function isOfHeap(canon: TypeCanon, heap: HeapType, ref: Ref): boolean {
  if (heap & CONCRETE) {
    const id = typeIdxOf(heap);
    if (ref instanceof StructInst || ref instanceof ArrayInst) return canon.isSubId(ref.type.id, id);
    return ref instanceof FuncInst && canon.isSubId(ref.typeId, id);
  }
  switch (heap) {
    case HEAP.any:
    case HEAP.func:
    case HEAP.extern:
    case HEAP.exn:
      return true;
    case HEAP.eq:
      return ref instanceof StructInst || ref instanceof ArrayInst || isI31(ref);
    case HEAP.i31:
      return isI31(ref);
    case HEAP.struct:
      return ref instanceof StructInst;
    case HEAP.array:
      return ref instanceof ArrayInst;
    default:
      return false;
  }
}

/** May a reference stand where the canonical reference type `type` is wanted? Null too (spec 4.2.1). */
export function refFits(canon: TypeCanon, type: ValType, ref: Ref): boolean {
  if (ref === null) return isNullable(type);
  const heap = heapOf(type);
  return heap === HEAP.func ? ref instanceof FuncInst : isOfHeap(canon, heap, ref);
}

/** The value of a field of a struct, or of an element of an array; a packed one as an unsigned i32. */
export function readField(of: StructInst | ArrayInst, idx: number): Value {
  const { field, from, at } = placeOf(of, idx);
  if (field.storage === Storage.Ref) return { type: field.type, ref: from[at] };
  let bits = 0n;
  for (let k = WIDTHS[field.storage] - 1; k >= 0; k--) {
    bits = (bits << 32n) | BigInt((from[at + k] as number) >>> 0);
  }
  return { type: field.storage <= Storage.I16 ? I32 : field.type, bits };
}

/** Sets a field of a struct or an element of an array, whether mutable or not: the caller knows if it may. */
export function writeField(of: StructInst | ArrayInst, idx: number, value: Value): void {
  const { field, from, at } = placeOf(of, idx);
  if ('ref' in value) {
    (from as Ref[])[at] = value.ref;
    return;
  }
  const mask = field.storage === Storage.I8 ? 0xff : field.storage === Storage.I16 ? 0xffff : -1;
  const words = from as number[];
  for (let k = 0; k < WIDTHS[field.storage]; k++) {
    words[at + k] = Number(BigInt.asIntN(32, value.bits >> BigInt(32 * k))) & mask;
  }
}

/** How many fields or elements it has. */
export function fieldCount(of: StructInst | ArrayInst): number {
  return of instanceof StructInst ? of.type.fields.length : of.length;
}

function placeOf(of: StructInst | ArrayInst, idx: number) {
  if (of instanceof StructInst) {
    const field = of.type.fields[idx];
    return { field, from: of.slots, at: field.at };
  }
  const { field } = of.type;
  return { field, from: of.elems, at: idx * WIDTHS[field.storage] };
}

function structLayout({ fields }: StructType, defined: Omit<Defined, 'bytes'>): StructLayout {
  const layouts: FieldLayout[] = [];
  const initial: unknown[] = [];
  for (const { storage: type, mutable } of fields) {
    const storage = storageOf(type);
    layouts.push({ type, mutable, storage, at: initial.length });
    for (let k = 0; k < WIDTHS[storage]; k++) initial.push(storage === Storage.Ref ? null : 0);
  }
  const bytes = STRUCT_BYTES + SLOT_BYTES * initial.length;
  return { ...defined, bytes, kind: 'struct', fields: layouts, initial };
}

function arrayLayout(
  { field: { storage: type, mutable } }: ArrayType,
  defined: Omit<Defined, 'bytes'>,
): ArrayLayout {
  const storage = storageOf(type);
  const maxLength = storage === Storage.Ref ? MAX_ARRAY_REFS : Math.floor(MAX_ARRAY_BYTES / BYTES[storage]);
  const isRefs = storage === Storage.Ref;
  const bytes = isRefs ? REFS_BYTES : NUMBERS_BYTES;
  const elementBytes = isRefs ? SLOT_BYTES : BYTES[storage];
  return {
    ...defined,
    bytes,
    elementBytes,
    kind: 'array',
    field: { type, mutable, storage, at: 0 },
    maxLength,
  };
}

function storageOf(type: ValType): Storage {
  if (isRef(type)) return Storage.Ref;
  switch (type) {
    case I8:
      return Storage.I8;
    case I16:
      return Storage.I16;
    case I32:
    case F32:
      return Storage.Word;
    case V128:
      return Storage.V128;
    default:
      return Storage.Pair;
  }
}
