/**
 * Types in the text format: value types, type definitions, type uses, limits (spec 6.4, 6.6.1-6.6.5).
 *
 * Holds the module's list of types, which grows while it is assembled: a type use without an index takes the first
 * equal function type or appends one (spec 6.6.3, abbreviations). Knows no index space but that of types.
 */

import type { Span } from '../base/errors.ts';
import {
  type CompositeType,
  concreteHeap,
  F32,
  F64,
  type FieldType,
  type FuncType,
  type GlobalType,
  HEAP,
  type HeapType,
  I8,
  I16,
  I32,
  I64,
  type Limits,
  type MemoryType,
  refType,
  type TableType,
  type TypeDef,
  V128,
  type ValType,
} from '../isa/types.ts';
import type { Cursor } from './cursor.ts';
import type { DependencyLog } from './dependencies.ts';
import { Tok } from './lexer.ts';
import type { Names } from './names.ts';
import { Sp } from './symbols.ts';
import { word } from './words.ts';

const W = {
  ref: word('ref'),
  null: word('null'),
  mut: word('mut'),
  field: word('field'),
  param: word('param'),
  result: word('result'),
  type: word('type'),
  func: word('func'),
  struct: word('struct'),
  array: word('array'),
  sub: word('sub'),
  final: word('final'),
  shared: word('shared'),
  pagesize: word('pagesize'),
  i64: word('i64'),
  i32: word('i32'),
};

const VAL_TYPES = new Map<number, ValType>([
  [word('i32'), I32],
  [word('i64'), I64],
  [word('f32'), F32],
  [word('f64'), F64],
  [word('v128'), V128],
]);
const PACKED = new Map<number, ValType>([
  [word('i8'), I8],
  [word('i16'), I16],
]);
const HEAPS = new Map<number, HeapType>(
  (Object.keys(HEAP) as (keyof typeof HEAP)[]).map((name) => [word(name), HEAP[name]]),
);
const SHORT_REFS = new Map<number, ValType>(
  (
    [
      ['funcref', 'func'],
      ['externref', 'extern'],
      ['anyref', 'any'],
      ['eqref', 'eq'],
      ['i31ref', 'i31'],
      ['structref', 'struct'],
      ['arrayref', 'array'],
      ['exnref', 'exn'],
      ['nullref', 'none'],
      ['nullfuncref', 'nofunc'],
      ['nullexternref', 'noextern'],
      ['nullexnref', 'noexn'],
    ] as const
  ).map(([short, heap]) => [word(short), refType(true, HEAP[heap])]),
);

/** What stands for a type that could not be read. */
export const EMPTY_FUNC: FuncType = { kind: 'func', params: [], results: [] };

/** A signature as it was written. */
export interface Signature {
  readonly params: ValType[];
  readonly results: ValType[];
  /** One a parameter: its name's token, or ~token of its type when it has no name. */
  readonly paramTokens: number[];
}

/** A type use: the index it comes to, and what was written inline. */
export interface TypeUse extends Signature {
  readonly typeIdx: number;
}

/** The module's types while it is assembled, and the reading of everything that is a type. */
export class Types {
  readonly defs: TypeDef[] = [];
  /** What a type that nobody wrote was appended for, by index: the parameters and results that need it. */
  readonly origins = new Map<number, Span>();
  /** Where what is read is noted that other fields decide. */
  log: DependencyLog | undefined;
  private readonly funcTypes = new Map<string, number>();
  private readonly cursor: Cursor;
  private readonly names: Names;

  constructor(cursor: Cursor, names: Names) {
    this.cursor = cursor;
    this.names = names;
  }

  /** A value type if one stands here, else undefined. */
  tryValType(): ValType | undefined {
    const cursor: Cursor = this.cursor;
    if (cursor.kind === Tok.Keyword) {
      const number = cursor.tokens.words[cursor.at];
      const type = VAL_TYPES.get(number) ?? SHORT_REFS.get(number);
      if (type !== undefined) cursor.take();
      return type;
    }
    return cursor.isForm(W.ref) ? this.refForm() : undefined;
  }

  valType(): ValType {
    return this.tryValType() ?? this.cursor.unexpected('a value type');
  }

  isRefType(): boolean {
    const cursor: Cursor = this.cursor;
    if (cursor.kind === Tok.Keyword) return SHORT_REFS.has(cursor.tokens.words[cursor.at]);
    return cursor.isForm(W.ref);
  }

  refType(): ValType {
    if (!this.isRefType()) this.cursor.unexpected('a reference type');
    return this.valType();
  }

  heapType(): HeapType {
    const cursor: Cursor = this.cursor;
    if (cursor.kind === Tok.Keyword) {
      const heap = HEAPS.get(cursor.tokens.words[cursor.at]);
      if (heap === undefined) cursor.unexpected('a heap type');
      cursor.take();
      return heap;
    }
    if (!this.names.isIndex()) cursor.unexpected('a heap type');
    return concreteHeap(Math.max(0, this.names.index(Sp.Type)));
  }

  private refForm(): ValType {
    const cursor: Cursor = this.cursor;
    cursor.open();
    const nullable = cursor.tryWord(W.null);
    const heap = this.heapType();
    cursor.close();
    return refType(nullable, heap);
  }

  globalType(): GlobalType {
    const cursor: Cursor = this.cursor;
    if (!cursor.isForm(W.mut)) return { type: this.valType(), mutable: false };
    cursor.open();
    const type = this.valType();
    cursor.close();
    return { type, mutable: true };
  }

  /** `i32` or `i64` in front of limits; i32 if neither stands here. Returns whether it is i64. */
  addressType(): boolean {
    const cursor: Cursor = this.cursor;
    if (cursor.tryWord(W.i64)) return true;
    cursor.tryWord(W.i32);
    return false;
  }

  /** Sizes of 64 bits whatever the address type is (spec 6.4.10): which are too large is validation's question. */
  limits(): Limits {
    const cursor: Cursor = this.cursor;
    const bound = () => Number(cursor.u64('a size'));
    const min = bound();
    return cursor.kind === Tok.Int ? { min, max: bound() } : { min };
  }

  /** `(pagesize n)` if it stands here: log2 of n; else 16. */
  pageSize(): number {
    const cursor: Cursor = this.cursor;
    if (!cursor.isForm(W.pagesize)) return 16;
    cursor.open();
    const token = cursor.at;
    const size = cursor.u32('a page size');
    if (size === 0 || (size & (size - 1)) !== 0) cursor.note('invalid custom page size', token);
    cursor.close();
    return size === 0 ? 0 : 31 - Math.clz32(size);
  }

  /** What stands behind `(memory $m`: address type, limits, shared, page size. */
  memoryType(): MemoryType {
    const is64 = this.addressType();
    const limits = this.limits();
    const shared = this.cursor.tryWord(W.shared);
    return { is64, limits, shared, pageSizeLog2: this.pageSize() };
  }

  tableType(): TableType {
    const is64 = this.addressType();
    const limits = this.limits();
    return { is64, limits, element: this.refType() };
  }

  /** `(type x)? (param …)* (result …)*`. Parameters may have names only where `named` says so. */
  typeUse(named: boolean): TypeUse {
    const first = this.cursor.at;
    const use = this.writtenTypeUse(named);
    return use.typeIdx < 0 ? { ...use, typeIdx: this.intern(use, first) } : use;
  }

  /** A block's type: index -1 for what needs none, no parameters and at most one result (spec 6.5.1). */
  blockType(): TypeUse {
    const first = this.cursor.at;
    const use = this.writtenTypeUse(false);
    const short = use.params.length === 0 && use.results.length <= 1;
    return use.typeIdx < 0 && !short ? { ...use, typeIdx: this.intern(use, first) } : use;
  }

  /** A type use as it stands there: index -1 without `(type x)`. */
  private writtenTypeUse(named: boolean): TypeUse {
    const cursor: Cursor = this.cursor;
    let typeIdx = -1;
    let typeToken = -1;
    if (cursor.isForm(W.type)) {
      cursor.open();
      typeToken = cursor.at;
      typeIdx = this.names.index(Sp.Type);
      cursor.close();
    }
    const inline = this.signature(named);
    const empty = inline.params.length === 0 && inline.results.length === 0;
    if (typeIdx >= 0 && !empty) this.checkInline(typeIdx, typeToken, inline);
    return { ...inline, typeIdx: typeToken < 0 ? -1 : Math.max(0, typeIdx) };
  }

  /** The function type at an index, if there is one. */
  funcType(typeIdx: number): FuncType | undefined {
    this.log?.type(typeIdx, this.signatureAt(typeIdx));
    const composite = this.defs[typeIdx]?.composite;
    return composite?.kind === 'func' ? composite : undefined;
  }

  /** What tells the function type at an index from others; undefined if there is no type, empty if it is another kind. */
  signatureAt(typeIdx: number): string | undefined {
    const composite = this.defs[typeIdx]?.composite;
    return composite?.kind === 'func' ? funcKey(composite) : composite && '';
  }

  /** The index of the first type equal to this one; appended if there is none. `first`: the token it begins with. */
  intern(signature: { params: readonly ValType[]; results: readonly ValType[] }, first?: number): number {
    const { last, tokens } = this.cursor;
    // A signature of nothing has no tokens: what stands before it is the place.
    const from = first === undefined || first > last ? last : first;
    const span = { start: tokens.starts[from], end: tokens.starts[last + 1] };
    const typeIdx = this.indexOf(signature, span);
    this.log?.signature(signature.params, signature.results, typeIdx, span);
    return typeIdx;
  }

  /** The same for a signature that stands at `span`. */
  indexOf(
    { params, results }: { params: readonly ValType[]; results: readonly ValType[] },
    span: Span,
  ): number {
    const known = this.funcTypes.get(funcKey({ params, results }));
    if (known !== undefined) return known;
    const idx = this.defs.length;
    this.origins.set(idx, span);
    const composite: FuncType = { kind: 'func', params, results };
    this.add({ composite, final: true, supers: [], groupStart: idx, groupSize: 1 });
    return idx;
  }

  /** Appends a type definition. */
  add(def: TypeDef): void {
    const { composite } = def;
    if (composite.kind === 'func' && def.final && def.supers.length === 0 && def.groupSize === 1) {
      const key = funcKey(composite);
      if (!this.funcTypes.has(key)) this.funcTypes.set(key, this.defs.length);
    }
    this.defs.push(def);
  }

  /** What stands behind `(type $t`: `(sub final? x* (struct …))` or a composite type. */
  subType(typeIdx: number): { composite: CompositeType; final: boolean; supers: number[] } {
    const cursor: Cursor = this.cursor;
    if (!cursor.isForm(W.sub)) return { composite: this.composite(typeIdx), final: true, supers: [] };
    cursor.open();
    const final = cursor.tryWord(W.final);
    const supers: number[] = [];
    while (this.names.isIndex()) supers.push(Math.max(0, this.names.index(Sp.Type)));
    const composite = this.composite(typeIdx);
    cursor.close();
    return { composite, final, supers };
  }

  private composite(typeIdx: number): CompositeType {
    const cursor: Cursor = this.cursor;
    const kind = cursor.formWord();
    if (kind !== W.func && kind !== W.struct && kind !== W.array) {
      const inside = cursor.kind === Tok.Open ? cursor.significant(cursor.at + 1) : cursor.at;
      cursor.unexpectedAt(inside, 'func, struct, array or sub');
    }
    cursor.open();
    let composite: CompositeType;
    if (kind === W.func) {
      const { params, results } = this.signature(true);
      composite = { kind: 'func', params, results };
    } else if (kind === W.struct) {
      composite = { kind: 'struct', fields: this.fields(typeIdx) };
    } else {
      composite = { kind: 'array', field: this.fieldType() };
    }
    cursor.close();
    return composite;
  }

  private fields(typeIdx: number): FieldType[] {
    const { cursor, names } = this;
    const fields: FieldType[] = [];
    const table = new Map<string, number>();
    names.fields.set(typeIdx, table);
    while (cursor.isForm(W.field)) {
      const open = cursor.open();
      const id = cursor.tryId();
      if (id >= 0) {
        names.defineAs(Sp.Field, fields.length, id, open, table, typeIdx);
        fields.push(this.fieldType());
      } else {
        while (!cursor.isClose()) {
          names.defineAs(Sp.Field, fields.length, -1, this.typeToken(), table, typeIdx);
          fields.push(this.fieldType());
        }
      }
      cursor.close();
    }
    return fields;
  }

  /** The token that stands for the type that begins here: of a form its keyword's, so that it is no form. */
  private typeToken(): number {
    const cursor: Cursor = this.cursor;
    return cursor.kind === Tok.Open ? cursor.significant(cursor.at + 1) : cursor.at;
  }

  private fieldType(): FieldType {
    const cursor: Cursor = this.cursor;
    if (!cursor.isForm(W.mut)) return { storage: this.storage(), mutable: false };
    cursor.open();
    const storage = this.storage();
    cursor.close();
    return { storage, mutable: true };
  }

  private storage(): ValType {
    const cursor: Cursor = this.cursor;
    const packed = cursor.kind === Tok.Keyword ? PACKED.get(cursor.tokens.words[cursor.at]) : undefined;
    if (packed === undefined) return this.valType();
    cursor.take();
    return packed;
  }

  private signature(named: boolean): Signature {
    const cursor: Cursor = this.cursor;
    const params: ValType[] = [];
    const paramTokens: number[] = [];
    const results: ValType[] = [];
    while (cursor.isForm(W.param)) {
      cursor.open();
      if (cursor.kind === Tok.Id) {
        if (!named) cursor.unexpected('a type: parameters have no names here');
        paramTokens.push(cursor.take());
        params.push(this.valType());
      } else {
        while (!cursor.isClose()) {
          paramTokens.push(~this.typeToken());
          params.push(this.valType());
        }
      }
      cursor.close();
    }
    while (cursor.isForm(W.result)) {
      cursor.open();
      while (!cursor.isClose()) results.push(this.valType());
      cursor.close();
    }
    // A second (type …) or (param …) here is out of order, whatever may follow.
    const next = cursor.formWord();
    if (next === W.param || next === W.type) {
      cursor.unexpectedAt(cursor.significant(cursor.at + 1), 'type, parameters and results in this order');
    }
    return { params, results, paramTokens };
  }

  private checkInline(typeIdx: number, token: number, inline: Signature): void {
    const cursor: Cursor = this.cursor;
    const type = this.funcType(typeIdx);
    if (typeIdx >= this.defs.length) {
      cursor.note(`unknown type ${typeIdx}`, token);
      return;
    }
    if (type && funcKey(type) === funcKey(inline)) return;
    cursor.note('inline function type does not match', token, [
      { message: type ? 'the type that is named has other parameters or results' : 'it is no function type' },
    ]);
  }
}

function funcKey({ params, results }: { params: readonly ValType[]; results: readonly ValType[] }): string {
  return `${params.join()}>${results.join()}`;
}
