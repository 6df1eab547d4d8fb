/**
 * Element and data segments in the text format, on their own and inside of tables and memories (spec 6.6.9, 6.6.10).
 *
 * The text says what is in a segment; which of the binary format's eight forms that needs is decided here.
 */

import type { ByteWriter } from '../base/writer.ts';
import { writeOp } from '../binary/instr-write.ts';
import { SECTION } from '../binary/sections.ts';
import { writeValType } from '../binary/types.ts';
import { instrByName } from '../isa/isa.ts';
import { FUNCREF, type ValType } from '../isa/types.ts';
import type { Body } from './body.ts';
import { type Cursor, RECOVER } from './cursor.ts';
import type { Field } from './fields.ts';
import { Tok } from './lexer.ts';
import { Entry, type MapBuilder } from './map.ts';
import type { Names } from './names.ts';
import type { Output } from './output.ts';
import { writeString } from './strings.ts';
import { Sp } from './symbols.ts';
import { formEnd } from './tree.ts';
import type { Types } from './types.ts';
import { word } from './words.ts';

const W = {
  table: word('table'),
  memory: word('memory'),
  offset: word('offset'),
  item: word('item'),
  declare: word('declare'),
  func: word('func'),
  ref: word('ref'),
};

const I32_CONST = instrByName('i32.const')!.code;
const I64_CONST = instrByName('i64.const')!.code;
const REF_FUNC = instrByName('ref.func')!.code;
const END = instrByName('end')!.code;

export class Segments {
  private readonly out: ByteWriter;
  private readonly map: MapBuilder;
  private readonly output: Output;
  private readonly cursor: Cursor;
  private readonly names: Names;
  private readonly types: Types;
  private readonly body: Body;

  constructor(output: Output, cursor: Cursor, names: Names, types: Types, body: Body) {
    this.output = output;
    this.out = output.out;
    this.map = output.map;
    this.cursor = cursor;
    this.names = names;
    this.types = types;
    this.body = body;
  }

  /** `(elem …)` inside of a table; returns how many elements it has. */
  inlineElem(field: Field, element: ValType, is64: boolean): number {
    const { cursor, out } = this;
    const start = out.length;
    const entry = this.map.length;
    const open = cursor.open();
    const span = cursor.formSpan(open);
    this.map.add(Entry.Item, start, span.start, span.end);
    const asFuncs = cursor.kind !== Tok.Open && element === FUNCREF;
    // Bit 1: a table index follows; bit 2: expressions.
    const plain = field.idx === 0 && element === FUNCREF;
    out.u32((plain ? 0 : 2) | (asFuncs ? 0 : 4));
    if (!plain) out.u32(field.idx);
    this.zero(is64);
    if (asFuncs) {
      if (!plain) out.u8(0);
      const n = this.funcList();
      this.output.item(SECTION.element, start, entry);
      return n;
    }
    if (!plain) writeValType(out, element);
    const n = cursor.kind === Tok.Open ? this.exprList() : this.funcExprs();
    cursor.close();
    this.output.item(SECTION.element, start, entry);
    return n;
  }

  /** The offset that is not written: a constant 0 of the address type. */
  zero(is64: boolean): void {
    writeOp(this.out, is64 ? I64_CONST : I32_CONST);
    this.out.s32(0);
    writeOp(this.out, END);
  }

  /** `(data …)` inside of a memory; returns how many bytes it has. */
  inlineData(field: Field, is64: boolean): number {
    const { cursor, out } = this;
    const start = out.length;
    const entry = this.map.length;
    const open = cursor.open();
    const span = cursor.formSpan(open);
    this.map.add(Entry.Item, start, span.start, span.end);
    out.u32(field.idx === 0 ? 0 : 2);
    if (field.idx !== 0) out.u32(field.idx);
    this.zero(is64);
    const length = this.strings();
    cursor.close();
    this.output.item(SECTION.data, start, entry);
    return length;
  }

  /** What stands behind `(elem $e`. */
  elem(field: Field): void {
    const { cursor, out } = this;
    const start = out.length;
    const entry = this.map.length;
    this.map.add(Entry.Item, start, field.head.start, field.head.end);
    const declared = cursor.tryWord(W.declare);
    let table = 0;
    let named = false;
    if (!declared && this.isBareIndex()) {
      table = this.indexOrFail(Sp.Table);
      named = true;
    } else if (!declared && cursor.isForm(W.table)) {
      cursor.open();
      table = this.indexOrFail(Sp.Table);
      cursor.close();
      named = true;
    }
    const active = !declared && cursor.kind === Tok.Open && cursor.formWord() !== W.ref;
    if (named && !active) cursor.unexpected('an offset');
    const mode = active ? 0 : declared ? 3 : 1;
    // The offset comes before the kind in the text and behind the flags in the bytes, which depend on the kind.
    const flagsAt = out.length;
    out.u8(0);
    const tableAt = out.length;
    if (active) this.offset();
    const kind = this.elemKind(active);
    const isExprs = kind !== undefined;
    const short = active && table === 0 && (!isExprs || kind === FUNCREF);
    const flags = (active && !short ? 2 : mode) | (isExprs ? 4 : 0);
    if (active && !short) this.insertIndex(tableAt, table, entry);
    this.patch(flagsAt, flags);
    if (!short) {
      if (isExprs) writeValType(out, kind);
      else out.u8(0);
    }
    if (isExprs) this.exprList();
    else this.funcList(false);
    cursor.close();
    this.output.item(SECTION.element, start, entry);
  }

  /** `func`, or a reference type, or nothing where that may be: undefined for function indices. */
  private elemKind(mayLackKind: boolean): ValType | undefined {
    const { cursor, types } = this;
    if (cursor.tryWord(W.func)) return undefined;
    if (types.isRefType()) return types.refType();
    if (mayLackKind && (this.names.isIndex() || cursor.isClose())) return undefined;
    return cursor.unexpected('func or a reference type');
  }

  private insertIndex(at: number, idx: number, firstEntry: number): void {
    const { out, map } = this;
    const tail = out.view().slice(at);
    out.length = at;
    out.u32(idx);
    const moved = out.length - at;
    out.bytes(tail);
    for (let i = firstEntry; i < map.length; i++) if (map.offsets[i] >= at) map.offsets[i] += moved;
  }

  private patch(at: number, byte: number): void {
    this.out.view()[at] = byte;
  }

  /** `(offset expr)` or one folded instruction. */
  private offset(): void {
    const { cursor, body } = this;
    if (!cursor.isForm(W.offset)) {
      body.foldedExpr();
      return;
    }
    cursor.open();
    body.expr();
    cursor.close();
  }

  /** Function indices up to the `)`, behind their number; with `close` the `)` too. */
  private funcList(close = true): number {
    const { cursor, out } = this;
    const indices: number[] = [];
    while (this.names.isIndex()) indices.push(Math.max(0, this.names.index(Sp.Func)));
    out.u32(indices.length);
    for (const idx of indices) out.u32(idx);
    if (!cursor.isClose()) cursor.unexpected('an index or name of a function');
    if (close) cursor.close();
    return indices.length;
  }

  /** Function indices as expressions, for tables whose type is not funcref. */
  private funcExprs(): number {
    const { out, names } = this;
    const indices: number[] = [];
    while (names.isIndex()) indices.push(Math.max(0, names.index(Sp.Func)));
    out.u32(indices.length);
    for (const idx of indices) {
      writeOp(out, REF_FUNC);
      out.u32(idx);
      writeOp(out, END);
    }
    return indices.length;
  }

  /** `(item expr)` or folded instructions up to the `)`, behind their number. */
  private exprList(): number {
    const { cursor, out, body } = this;
    let n = 0;
    const children = cursor.at;
    while (cursor.kind === Tok.Open) {
      n++;
      cursor.seek(formEnd(cursor.tree, cursor.at));
    }
    if (!cursor.isClose()) cursor.unexpected('(item …) or )');
    out.u32(n);
    cursor.seek(children);
    while (!cursor.isClose()) {
      const first = cursor.at;
      const start = out.length;
      const span = cursor.formSpan(first);
      this.map.add(Entry.Item, start, span.start, span.end);
      if (cursor.isForm(W.item)) {
        cursor.open();
        body.expr();
        cursor.close();
      } else {
        body.foldedExpr();
      }
    }
    return n;
  }

  /** What stands behind `(data $d`. */
  data(field: Field): void {
    const { cursor, out } = this;
    const start = out.length;
    const entry = this.map.length;
    this.map.add(Entry.Item, start, field.head.start, field.head.end);
    let memory = 0;
    let named = false;
    if (this.isBareIndex()) {
      memory = this.indexOrFail(Sp.Memory);
      named = true;
    } else if (cursor.isForm(W.memory)) {
      cursor.open();
      memory = this.indexOrFail(Sp.Memory);
      cursor.close();
      named = true;
    }
    if (cursor.kind === Tok.Open) {
      out.u32(memory === 0 ? 0 : 2);
      if (memory !== 0) out.u32(memory);
      this.offset();
    } else {
      if (named) cursor.unexpected('an offset');
      out.u32(1);
    }
    this.strings();
    cursor.close();
    this.output.item(SECTION.data, start, entry);
  }

  /** String tokens up to the `)`, behind their length. */
  private strings(): number {
    const { cursor, out } = this;
    const mark = out.begin();
    while (cursor.kind === Tok.String) writeString(out, cursor.tokens, cursor.take());
    if (!cursor.isClose()) cursor.unexpected('a string or )');
    const length = out.length - mark;
    out.end(mark);
    return length;
  }

  /** `(elem 0 (i32.const 7) …)`: how Wasm 1.0 named a table or memory. */
  private isBareIndex(): boolean {
    const { cursor } = this;
    if (cursor.kind !== Tok.Int) return false;
    return cursor.tokens.kinds[cursor.significant(cursor.at + 1)] === Tok.Open;
  }

  private indexOrFail(space: Sp): number {
    const idx = this.names.index(space);
    if (idx < 0) throw RECOVER;
    return idx;
  }
}
