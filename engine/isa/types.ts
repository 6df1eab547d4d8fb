/**
 * Value types as numbers, and the types that are made of them (spec 2.3, 5.3).
 *
 * A value type is one small integer, so that types live in typed arrays and compare with `===`:
 *
 *   number and vector types   the byte of the binary format: 0x7f i32 … 0x7b v128
 *   packed types (storage)    0x78 i8, 0x77 i16: only in fields, never on the stack
 *   reference types           bit 8 set (REF), bit 9 = nullable (NULL), then either an abstract heap type's
 *                             byte in bits 0-6, or bit 10 (CONCRETE) and the type index from bit 11
 *
 * Knows nothing of subtyping (valid/), of names, or of bytes.
 */

export type ValType = number;
/** A heap type: an abstract one's byte (0x69-0x74), or `CONCRETE | typeIdx << 11`. */
export type HeapType = number;

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const I8 = 0x78;
export const I16 = 0x77;
/** The type of an operand below an `unreachable`: matches every type; never appears in a module. */
export const BOT = 0;

export const REF = 0x100;
export const NULL = 0x200;
export const CONCRETE = 0x400;
const INDEX_SHIFT = 11;

/** Abstract heap types by name: their bytes in the binary format (spec 5.3.3). */
export const HEAP = {
  noexn: 0x74,
  nofunc: 0x73,
  noextern: 0x72,
  none: 0x71,
  func: 0x70,
  extern: 0x6f,
  any: 0x6e,
  eq: 0x6d,
  i31: 0x6c,
  struct: 0x6b,
  array: 0x6a,
  exn: 0x69,
} as const;

export const FUNCREF = REF | NULL | HEAP.func;
export const EXTERNREF = REF | NULL | HEAP.extern;

/** A reference type from its parts. */
export function refType(nullable: boolean, heap: HeapType): ValType {
  return REF | (nullable ? NULL : 0) | heap;
}

/** A heap type that is a type index. */
export function concreteHeap(typeIdx: number): HeapType {
  return CONCRETE | (typeIdx << INDEX_SHIFT);
}

export function isRef(t: ValType): boolean {
  return (t & REF) !== 0;
}

export function isNum(t: ValType): boolean {
  return t >= F64 && t <= I32;
}

export function isNullable(t: ValType): boolean {
  return (t & NULL) !== 0;
}

/** The heap type of a reference type. */
export function heapOf(t: ValType): HeapType {
  return t & ~(REF | NULL);
}

/** The type index of a concrete heap type or of a reference to one; -1 if it is abstract. */
export function typeIdxOf(t: ValType | HeapType): number {
  return t & CONCRETE ? t >>> INDEX_SHIFT : -1;
}

/** True for types that have a default value: numbers, vectors, nullable references (spec 3.2.10). */
export function isDefaultable(t: ValType): boolean {
  return !isRef(t) || isNullable(t);
}

export interface FuncType {
  readonly kind: 'func';
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

export interface FieldType {
  /** A value type, or I8 or I16. */
  readonly storage: ValType;
  readonly mutable: boolean;
}

export interface StructType {
  readonly kind: 'struct';
  readonly fields: readonly FieldType[];
}

export interface ArrayType {
  readonly kind: 'array';
  readonly field: FieldType;
}

export type CompositeType = FuncType | StructType | ArrayType;

/** One defined type: a member of a recursion group (spec 2.3.11). */
export interface TypeDef {
  readonly composite: CompositeType;
  readonly final: boolean;
  readonly supers: readonly number[];
  /** Index of the first type of its recursion group, and how many types that group has. */
  readonly groupStart: number;
  readonly groupSize: number;
}

/** Limits of a memory (in pages) or a table (in elements); whole numbers up to 2^64, as JavaScript numbers. */
export interface Limits {
  readonly min: number;
  readonly max?: number;
}

export interface MemoryType {
  readonly limits: Limits;
  /** Address type i64 (memory64). */
  readonly is64: boolean;
  readonly shared: boolean;
  /** log2 of the page size in bytes: 16 unless custom page sizes say otherwise. */
  readonly pageSizeLog2: number;
}

export interface TableType {
  readonly limits: Limits;
  readonly is64: boolean;
  readonly element: ValType;
}

export interface GlobalType {
  readonly type: ValType;
  readonly mutable: boolean;
}

export interface TagType {
  /** Index of a function type; its parameters are the exception's arguments. */
  readonly typeIdx: number;
}

const SIMPLE: Readonly<Record<number, string>> = {
  [I32]: 'i32',
  [I64]: 'i64',
  [F32]: 'f32',
  [F64]: 'f64',
  [V128]: 'v128',
  [I8]: 'i8',
  [I16]: 'i16',
  [BOT]: 'bot',
};

const HEAP_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(HEAP).map(([name, code]) => [code, name]),
);

const SHORT_REFS: Readonly<Record<number, string>> = {
  [HEAP.func]: 'funcref',
  [HEAP.extern]: 'externref',
  [HEAP.any]: 'anyref',
  [HEAP.eq]: 'eqref',
  [HEAP.i31]: 'i31ref',
  [HEAP.struct]: 'structref',
  [HEAP.array]: 'arrayref',
  [HEAP.exn]: 'exnref',
  [HEAP.none]: 'nullref',
  [HEAP.nofunc]: 'nullfuncref',
  [HEAP.noextern]: 'nullexternref',
  [HEAP.noexn]: 'nullexnref',
};

/** A heap type as the text format writes it; a concrete one as its index, or as `name(index)` gives it. */
export function heapName(heap: HeapType, name: (typeIdx: number) => string = String): string {
  const idx = typeIdxOf(heap);
  return idx >= 0 ? name(idx) : (HEAP_NAMES[heap] ?? `heap(0x${heap.toString(16)})`);
}

/** A value or storage type as the text format writes it: `i32`, `funcref`, `(ref null 3)`. */
export function typeName(t: ValType, name?: (typeIdx: number) => string): string {
  if (!isRef(t)) return SIMPLE[t] ?? `type(0x${t.toString(16)})`;
  const heap = heapOf(t);
  if (isNullable(t) && SHORT_REFS[heap]) return SHORT_REFS[heap];
  return `(ref ${isNullable(t) ? 'null ' : ''}${heapName(heap, name)})`;
}

/** A list of types as the suite's messages write them: `[i32 i64]`. */
export function typesName(types: readonly ValType[], name?: (typeIdx: number) => string): string {
  return `[${types.map((t) => typeName(t, name)).join(' ')}]`;
}
