/**
 * Walking a grammar in one of two ways: recording a node for each field, or only stepping over the bytes.
 *
 * A grammar is a function that reads its fields from a walker, in order. A group whose end is not written in the bytes
 * is stepped over first to find it; its fields are recorded when somebody looks inside. Numbers, names and types are read
 * by the decoder's own readers (base/reader.ts, binary/types.ts), so what is malformed for the decoder is so here.
 */

import { type Fault, faultAt, WasmError } from '../../base/errors.ts';
import { ByteReader } from '../../base/reader.ts';
import { tryDecodeUtf8 } from '../../base/utf8.ts';
import { typeIdxOf } from '../../isa/types.ts';
import { readHeapType, readValType } from '../types.ts';
import {
  ByteNode,
  type Form,
  type Inside,
  type NodeFacts,
  type NodeKind,
  type Role,
  type Value,
} from './node.ts';

export type Grammar = (w: Walker) => void;

/** How many items of a list stand in one part. */
const PART = 1024;

/** What is wrong with bytes that a grammar leaves over, unless it says otherwise. */
const LEFT_OVER = 'section size mismatch';

/** Makes the reader of a range: formats have words of their own for what is malformed. */
export type ReaderOf = (bytes: Uint8Array, start: number, end: number) => ByteReader;

const CORE: ReaderOf = (bytes, start, end) => new ByteReader(bytes, start, end);

/** Records what a grammar reads in `[start, end)`. Bytes that it cannot read, or leaves over, are malformed. */
export function record(
  bytes: Uint8Array,
  start: number,
  end: number,
  grammar: Grammar,
  leftOver = LEFT_OVER,
  readerOf = CORE,
): Inside {
  const nodes: ByteNode[] = [];
  const w = new Walker(readerOf(bytes, start, end), nodes, readerOf);
  const fault = faultOf(() => grammar(w));
  if (fault) markFaulty(nodes, fault);
  const read = nodes.at(-1)?.end ?? start;
  if (read >= end) return { nodes, fault };
  const wrong = fault ?? faultAt('malformed', read, leftOver);
  nodes.push(new ByteNode('malformed', 'malformed bytes', read, end, { form: 'bytes', fault: wrong }));
  return { nodes, fault: wrong };
}

/** A field that was read, but has a value that it must not have: the fault is at its byte, not behind it. */
function markFaulty(nodes: ByteNode[], fault: Fault): void {
  const { offset } = fault;
  const last = nodes.findLastIndex((node) => node.start <= offset! && node.end > offset!);
  const node = nodes[last];
  if (node?.kind !== 'field' || node.fault) return;
  const { label, start, end, form, value, role } = node;
  nodes[last] = new ByteNode('malformed', label, start, end, { form, value, role, fault });
}

/** The fault that `read` throws. */
export function faultOf(read: () => void): Fault | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof WasmError) return error.fault;
    throw error;
  }
}

export class Walker {
  readonly r: ByteReader;
  /** Where nodes go; undefined: only step over. */
  readonly nodes: ByteNode[] | undefined;
  readonly readerOf: ReaderOf;

  constructor(r: ByteReader, nodes: ByteNode[] | undefined, readerOf = CORE) {
    this.r = r;
    this.nodes = nodes;
    this.readerOf = readerOf;
  }

  /** One at the same place of the same bytes that only steps. */
  stepping(): Walker {
    return new Walker(this.r, undefined, this.readerOf);
  }

  get pos(): number {
    return this.r.pos;
  }

  get atEnd(): boolean {
    return this.r.atEnd;
  }

  byte(label: string, role?: Role): number {
    return this.leaf(label, 'byte', this.r.pos, this.r.u8(), role);
  }

  u32(label: string, role?: Role): number {
    return this.leaf(label, 'u32', this.r.pos, this.r.u32(), role);
  }

  s32(label: string): number {
    return this.leaf(label, 's32', this.r.pos, this.r.s32());
  }

  u64(label: string, role?: Role): void {
    this.leaf(label, 'u64', this.r.pos, this.r.u64(), role);
  }

  s64(label: string): void {
    this.leaf(label, 's64', this.r.pos, this.r.s64());
  }

  /** The number of items behind it. */
  count(label = 'count'): number {
    return this.leaf(label, 'u32', this.r.pos, this.r.count(), 'count');
  }

  /** The number of bytes behind it. */
  size(label = 'size'): number {
    return this.leaf(label, 'u32', this.r.pos, this.r.length(), 'size');
  }

  u16le(label: string, role?: Role): number {
    const { r } = this;
    const start = r.pos;
    return this.leaf(label, 'u16le', start, r.u8() | (r.u8() << 8), role);
  }

  u24le(label: string, role?: Role): number {
    const { r } = this;
    const start = r.pos;
    return this.leaf(label, 'u24le', start, r.u8() | (r.u8() << 8) | (r.u8() << 16), role);
  }

  u32le(label: string, role?: Role): number {
    const start = this.r.pos;
    return this.leaf(label, 'u32le', start, this.r.f32() >>> 0, role);
  }

  u64le(label: string, role?: Role): number {
    const { r } = this;
    const start = r.pos;
    const value = bits(r, 8);
    this.leaf(label, 'u64le', start, value, role);
    return Number(value);
  }

  f32(label: string): void {
    const { r } = this;
    const start = r.pos;
    this.leaf(label, 'f32', start, r.f32() >>> 0);
  }

  f64(label: string): void {
    const { r } = this;
    const start = r.pos;
    this.leaf(label, 'f64', start, bits(r, 8));
  }

  v128(label: string): void {
    const start = this.r.pos;
    this.leaf(label, 'v128', start, bits(this.r, 16));
  }

  /** Data: bytes that are not taken apart. No leaf for none of them. */
  bytes(label: string, n = this.r.left): void {
    const start = this.r.pos;
    this.r.skip(n);
    if (n > 0) this.add(new ByteNode('bytes', label, start, this.r.pos, { form: 'bytes' }));
  }

  /** A text without a length before it. */
  text(label: string, n = this.r.left): void {
    const { r } = this;
    const start = r.pos;
    r.skip(n);
    if (this.nodes && n > 0) this.nodes.push(textNode(label, r.bytes, start, r.pos));
  }

  /** A length and a text of that many bytes. What is no UTF-8 is malformed, and reading goes on behind it. */
  name(label: string): string {
    const { r, nodes } = this;
    const start = r.pos;
    const n = r.length();
    const from = r.pos;
    r.skip(n);
    if (!nodes) return '';
    const facts: NodeFacts = { form: 'u32', value: n, role: 'size' };
    const inside = [new ByteNode('field', 'length', start, from, facts)];
    const text = n > 0 ? textNode('text', r.bytes, from, r.pos) : undefined;
    if (text) inside.push(text);
    const value = String(text?.value ?? '');
    const fault = text?.fault;
    nodes.push(new ByteNode('name', label, start, r.pos, { value, fault }, () => ({ nodes: inside })));
    return value;
  }

  valType(label: string): void {
    const { r } = this;
    const start = r.pos;
    const value = readValType(r);
    if (r.pos - start === 1) {
      this.leaf(label, 'valtype', start, value);
      return;
    }
    // A constructor byte, and a heap type behind it.
    const facts: NodeFacts = { form: 'valtype', value };
    this.within('type', label, start, r.pos, facts, (w) => {
      w.byte('reference');
      w.heapType('heap type');
    });
  }

  heapType(label: string): void {
    const start = this.r.pos;
    const heap = readHeapType(this.r);
    this.leaf(label, 'heaptype', start, heap, typeIdxOf(heap) >= 0 ? 'type' : undefined);
  }

  s33(label: string, role?: Role): number {
    return this.leaf(label, 's33', this.r.pos, this.r.s33(), role);
  }

  /** A leaf for what was read since `start`. */
  leaf<T extends Value | undefined>(label: string, form: Form, start: number, value: T, role?: Role): T {
    this.nodes?.push(new ByteNode('field', label, start, this.r.pos, { form, value, role }));
    return value;
  }

  /** A group whose end is where its grammar ends. One that cannot be read takes all that is left. */
  group(kind: NodeKind, label: string, grammar: Grammar, index?: number, role?: Role): void {
    if (!this.nodes) {
      grammar(this);
      return;
    }
    const { r } = this;
    const start = r.pos;
    const fault = faultOf(() => grammar(this.stepping()));
    if (fault) r.pos = r.end;
    if (r.pos > start) this.within(kind, label, start, r.pos, { index, role, fault }, grammar);
    if (fault) throw new WasmError(fault);
  }

  /** A group whose end is known. It is not looked into before somebody opens it. */
  sized(
    kind: NodeKind,
    label: string,
    end: number,
    grammar: Grammar,
    facts: NodeFacts = {},
    leftOver?: string,
  ): void {
    const start = this.r.pos;
    this.r.pos = end;
    if (end > start) this.within(kind, label, start, end, facts, grammar, leftOver);
  }

  /** `n` items one after the other; of many, in parts. */
  items(n: number, item: (w: Walker, i: number) => void): void {
    if (!this.nodes || n <= PART) {
      for (let i = 0; i < n; i++) item(this, i);
      return;
    }
    for (let first = 0; first < n; first += PART) {
      const behind = Math.min(n, first + PART);
      const part: Grammar = (w) => {
        for (let i = first; i < behind; i++) item(w, i);
      };
      this.group('part', `${first} … ${behind - 1}`, part, first);
    }
  }

  add(node: ByteNode): void {
    this.nodes?.push(node);
  }

  /** A group of what was read since `start`. */
  within(
    kind: NodeKind,
    label: string,
    start: number,
    end: number,
    facts: NodeFacts,
    grammar: Grammar,
    leftOver?: string,
  ): void {
    const { readerOf } = this;
    const { bytes } = this.r;
    this.nodes?.push(
      new ByteNode(kind, label, start, end, facts, () =>
        record(bytes, start, end, grammar, leftOver, readerOf),
      ),
    );
  }
}

function textNode(label: string, bytes: Uint8Array, start: number, end: number): ByteNode {
  const value = tryDecodeUtf8(bytes.subarray(start, end));
  if (value !== undefined) return new ByteNode('field', label, start, end, { form: 'utf8', value });
  const fault = faultAt('malformed', start, 'malformed UTF-8 encoding');
  return new ByteNode('malformed', label, start, end, { form: 'bytes', fault });
}

/** The next `n` bytes as one number, the first byte lowest. */
function bits(r: ByteReader, n: number): bigint {
  const bytes = r.take(n);
  let value = 0n;
  for (let i = n - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return value;
}
