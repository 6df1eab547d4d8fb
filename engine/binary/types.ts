/**
 * The binary format of types, both ways (spec 5.3).
 *
 * Value types, heap types, recursion groups, limits, and the types of memories, tables, globals and tags. Readers
 * throw malformed faults in the suite's wording. Whether a type index exists is validation's question.
 */

import { malformed } from '../base/errors.ts';
import type { ByteReader } from '../base/reader.ts';
import type { ByteWriter } from '../base/writer.ts';
import {
  type ArrayType,
  type CompositeType,
  concreteHeap,
  type FieldType,
  type FuncType,
  type GlobalType,
  HEAP,
  type HeapType,
  heapOf,
  I8,
  I16,
  I32,
  isNullable,
  isRef,
  type Limits,
  type MemoryType,
  refType,
  type StructType,
  type TableType,
  type TagType,
  type TypeDef,
  typeIdxOf,
  V128,
  type ValType,
} from '../isa/types.ts';
import { checkLimit } from './limits.ts';

/** Bytes that start a type. */
export const TYPE_BYTE = {
  ref: 0x64,
  refNull: 0x63,
  func: 0x60,
  struct: 0x5f,
  array: 0x5e,
  sub: 0x50,
  subFinal: 0x4f,
  rec: 0x4e,
  /** A block type without a result. */
  empty: 0x40,
} as const;

/** Type indices above this one exist in no module (LIMITS.types is below), so they all stand for "unknown type". */
const LAST_INDEX = 0xfffff;

/** True for the byte of an abstract heap type. */
export function isHeapByte(byte: number): boolean {
  return byte >= HEAP.exn && byte <= HEAP.noexn;
}

/** A value type (spec 5.3.4). */
export function readValType(r: ByteReader): ValType {
  const start = r.pos;
  const byte = r.u8();
  if (byte <= I32 && byte >= V128) return byte;
  if (isHeapByte(byte)) return refType(true, byte);
  if (byte === TYPE_BYTE.refNull) return refType(true, readHeapType(r));
  if (byte === TYPE_BYTE.ref) return refType(false, readHeapType(r));
  badTypeByte(start, byte, 'malformed value type');
}

/** What starts a type is one byte by definition: a longer LEB128 of the same value is too long. */
export function badTypeByte(offset: number, byte: number, message: string): never {
  malformed(offset, byte >= 0x80 ? 'integer representation too long' : message);
}

/** A reference type (spec 5.3.3). */
export function readRefType(r: ByteReader): ValType {
  const start = r.pos;
  const byte = r.peek();
  if (byte >= 0 && !isHeapByte(byte) && byte !== TYPE_BYTE.refNull && byte !== TYPE_BYTE.ref) {
    badTypeByte(start, byte, 'malformed reference type');
  }
  return readValType(r);
}

/** A heap type (spec 5.3.2): one byte for an abstract one, else a type index as s33. */
export function readHeapType(r: ByteReader): HeapType {
  const start = r.pos;
  const byte = r.peek();
  if (isHeapByte(byte)) return r.u8();
  const idx = r.s33();
  if (idx < 0) malformed(start, 'malformed heap type');
  return concreteHeap(Math.min(idx, LAST_INDEX));
}

/** A vector of value types. */
export function readResultType(r: ByteReader): ValType[] {
  const n = r.count();
  const types: ValType[] = [];
  for (let i = 0; i < n; i++) types.push(readValType(r));
  return types;
}

/** One entry of the type section: a recursion group, or a single type (spec 5.3.9). Appends to `types`. */
export function readRecType(r: ByteReader, types: TypeDef[]): void {
  const groupStart = types.length;
  if (r.peek() !== TYPE_BYTE.rec) {
    types.push(readSubType(r, groupStart, 1));
    return;
  }
  r.u8();
  const start = r.pos;
  const groupSize = r.count();
  checkLimit(start, 'types', groupStart + groupSize);
  for (let i = 0; i < groupSize; i++) types.push(readSubType(r, groupStart, groupSize));
}

function readSubType(r: ByteReader, groupStart: number, groupSize: number): TypeDef {
  const byte = r.peek();
  if (byte !== TYPE_BYTE.sub && byte !== TYPE_BYTE.subFinal) {
    return { composite: readCompositeType(r), final: true, supers: NONE, groupStart, groupSize };
  }
  r.u8();
  const supers: number[] = [];
  for (let n = r.count(); n > 0; n--) supers.push(r.u32());
  return {
    composite: readCompositeType(r),
    final: byte === TYPE_BYTE.subFinal,
    supers,
    groupStart,
    groupSize,
  };
}

const NONE: readonly number[] = Object.freeze([]);

function readCompositeType(r: ByteReader): CompositeType {
  const start = r.pos;
  const byte = r.u8();
  switch (byte) {
    case TYPE_BYTE.func: {
      const params = readResultType(r);
      checkLimit(start, 'parameters', params.length);
      const results = readResultType(r);
      checkLimit(start, 'results', results.length);
      return { kind: 'func', params, results } satisfies FuncType;
    }
    case TYPE_BYTE.struct: {
      const n = r.count();
      checkLimit(start, 'fields', n);
      const fields: FieldType[] = [];
      for (let i = 0; i < n; i++) fields.push(readFieldType(r));
      return { kind: 'struct', fields } satisfies StructType;
    }
    case TYPE_BYTE.array:
      return { kind: 'array', field: readFieldType(r) } satisfies ArrayType;
    default:
      badTypeByte(start, byte, 'malformed definition type');
  }
}

function readFieldType(r: ByteReader): FieldType {
  const byte = r.peek();
  const storage = byte === I8 || byte === I16 ? r.u8() : readValType(r);
  return { storage, mutable: readMutability(r) };
}

function readMutability(r: ByteReader): boolean {
  const start = r.pos;
  const byte = r.u8();
  if (byte > 1) malformed(start, 'malformed mutability');
  return byte === 1;
}

const HAS_MAX = 1;
const SHARED = 2;
const IS_64 = 4;
const HAS_PAGE_SIZE = 8;

/** A memory type (spec 5.3.12, with shared memories of threads and page sizes of custom-page-sizes). */
export function readMemoryType(r: ByteReader): MemoryType {
  const start = r.pos;
  const flags = r.u8();
  if (flags > 15) malformed(start, 'malformed limits flags');
  const hasPageSize = (flags & HAS_PAGE_SIZE) !== 0;
  // The suite knows flag 8 as malformed; it gives nothing behind it, so both readings agree.
  if (hasPageSize && r.left < 2) malformed(start, 'malformed limits flags');
  const limits = readLimits(r, flags);
  const pageSizeAt = r.pos;
  const pageSizeLog2 = hasPageSize ? r.u32() : 16;
  if (pageSizeLog2 > 63) malformed(pageSizeAt, 'invalid custom page size');
  return { limits, is64: (flags & IS_64) !== 0, shared: (flags & SHARED) !== 0, pageSizeLog2 };
}

/** A table type (spec 5.3.13). */
export function readTableType(r: ByteReader): TableType {
  const element = readRefType(r);
  const start = r.pos;
  const flags = r.u8();
  if ((flags & ~(HAS_MAX | IS_64)) !== 0) malformed(start, 'malformed limits flags');
  return { limits: readLimits(r, flags), is64: (flags & IS_64) !== 0, element };
}

function readLimits(r: ByteReader, flags: number): Limits {
  const min = r.u64Number();
  return flags & HAS_MAX ? { min, max: r.u64Number() } : { min };
}

/** A global type (spec 5.3.14). */
export function readGlobalType(r: ByteReader): GlobalType {
  const type = readValType(r);
  return { type, mutable: readMutability(r) };
}

/** A tag type (spec 5.3.15). */
export function readTagType(r: ByteReader): TagType {
  readZero(r);
  return { typeIdx: r.u32() };
}

/** A byte that must be zero. */
export function readZero(r: ByteReader): void {
  const start = r.pos;
  if (r.u8() !== 0) malformed(start, 'zero byte expected');
}

export function writeValType(w: ByteWriter, type: ValType): void {
  if (!isRef(type)) {
    w.u8(type);
    return;
  }
  const heap = heapOf(type);
  const short = isNullable(type) && typeIdxOf(heap) < 0;
  if (!short) w.u8(isNullable(type) ? TYPE_BYTE.refNull : TYPE_BYTE.ref);
  writeHeapType(w, heap);
}

export function writeHeapType(w: ByteWriter, heap: HeapType): void {
  const idx = typeIdxOf(heap);
  if (idx >= 0) w.s33(idx);
  else w.u8(heap);
}

export function writeResultType(w: ByteWriter, types: readonly ValType[]): void {
  w.u32(types.length);
  for (const type of types) writeValType(w, type);
}

/**
 * One entry of the type section: a whole recursion group. A group of one is written without `rec`, unless
 * `explicit` says that the text had one; both mean the same.
 */
export function writeRecType(w: ByteWriter, group: readonly TypeDef[], explicit = group.length !== 1): void {
  if (explicit) {
    w.u8(TYPE_BYTE.rec);
    w.u32(group.length);
  }
  for (const type of group) writeSubType(w, type);
}

function writeSubType(w: ByteWriter, { composite, final, supers }: TypeDef): void {
  if (!final || supers.length > 0) {
    w.u8(final ? TYPE_BYTE.subFinal : TYPE_BYTE.sub);
    w.u32(supers.length);
    for (const idx of supers) w.u32(idx);
  }
  writeCompositeType(w, composite);
}

export function writeCompositeType(w: ByteWriter, type: CompositeType): void {
  w.u8(TYPE_BYTE[type.kind]);
  switch (type.kind) {
    case 'func':
      writeResultType(w, type.params);
      writeResultType(w, type.results);
      break;
    case 'struct':
      w.u32(type.fields.length);
      for (const field of type.fields) writeFieldType(w, field);
      break;
    case 'array':
      writeFieldType(w, type.field);
  }
}

function writeFieldType(w: ByteWriter, { storage, mutable }: FieldType): void {
  writeValType(w, storage);
  w.u8(mutable ? 1 : 0);
}

export function writeMemoryType(w: ByteWriter, { limits, is64, shared, pageSizeLog2 }: MemoryType): void {
  const flags = (shared ? SHARED : 0) | (pageSizeLog2 === 16 ? 0 : HAS_PAGE_SIZE);
  writeLimits(w, limits, flags | (is64 ? IS_64 : 0));
  if (flags & HAS_PAGE_SIZE) w.u32(pageSizeLog2);
}

export function writeTableType(w: ByteWriter, { element, limits, is64 }: TableType): void {
  writeValType(w, element);
  writeLimits(w, limits, is64 ? IS_64 : 0);
}

function writeLimits(w: ByteWriter, { min, max }: Limits, flags: number): void {
  w.u8(flags | (max === undefined ? 0 : HAS_MAX));
  writeLimit(w, min);
  if (max !== undefined) writeLimit(w, max);
}

/** 2^64 - 1 is 2^64 as a JavaScript number; it is written as what it was. */
function writeLimit(w: ByteWriter, value: number): void {
  w.u64(value >= 2 ** 64 ? 0xffff_ffff_ffff_ffffn : value);
}

export function writeGlobalType(w: ByteWriter, { type, mutable }: GlobalType): void {
  writeValType(w, type);
  w.u8(mutable ? 1 : 0);
}

export function writeTagType(w: ByteWriter, { typeIdx }: TagType): void {
  w.u8(0);
  w.u32(typeIdx);
}
