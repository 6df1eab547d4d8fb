/**
 * Reading instructions, one after the other, without an object an instruction (spec 5.4).
 *
 * `InstrReader` is the hot loop of validation and translation, so what it reads lands in its own fields. Each shape of
 * immediates (isa/row.ts) has one case; which instruction has which shape comes from the table. The reader also knows
 * how blocks nest, because the binary grammar does: a stray `else` or a missing `end` is malformed.
 * It knows nothing of index spaces or operand types.
 *
 * | shape | fields |
 * |---|---|
 * | block | blockTypeIdx, blockType |
 * | label func local global table memory tag type elem data | a |
 * | labels (br_table) | list: the labels, the default one last |
 * | tableType (call_indirect) | a type, b table |
 * | elemTable, dataMemory | a element or data segment, b table or memory |
 * | tables, memories | a destination, b source |
 * | types (select t) | list: value types |
 * | heap | a heap type |
 * | refType (ref.test, ref.cast) | a reference type, with the nullability that the code says |
 * | typeField typeSize typeData typeElem typeType | a type, b field, size, segment or source type |
 * | castBranch | a label, b source and c target reference type |
 * | catches (try_table) | blockTypeIdx, blockType; list: CATCH kind, tag or -1, label, … |
 * | memarg, memargLane | a memory, b log2 of the alignment, lo hi memOffset; c lane |
 * | lane | a |
 * | lanes, v128 | lanes: the sixteen bytes; v: the same as four little-endian words |
 * | i32; i64; f32; f64 | lo; lo hi; lo (bits); lo hi (bits) |
 */

import { malformed } from '../base/errors.ts';
import { ByteReader } from '../base/reader.ts';
import { INSTRS } from '../isa/isa.ts';
import type { InstrCode, Shape } from '../isa/row.ts';
import { BOT, type HeapType, I32, refType, V128, type ValType } from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { checkLimit } from './limits.ts';
import { readHeapType, readValType, readZero, TYPE_BYTE } from './types.ts';

/** Kinds of catch clauses in `list` of a try_table: their bytes (spec 5.4.2). */
export const CATCH = { catch: 0, catchRef: 1, catchAll: 2, catchAllRef: 3 } as const;

/** Shapes as numbers, for the switch; the last ones are for instructions that open, split or close blocks. */
const enum S {
  illegal,
  none,
  index,
  index2,
  labels,
  types,
  heap,
  refType,
  castBranch,
  memarg,
  memargLane,
  lane,
  lanes,
  i32,
  i64,
  f32,
  f64,
  zero,
  needsData,
  needsData2,
  prefix,
  block,
  if,
  try,
  catches,
  else,
  catch,
  catchAll,
  delegate,
  end,
}

const SHAPES: Readonly<Record<Shape, S>> = {
  none: S.none,
  block: S.block,
  label: S.index,
  labels: S.labels,
  func: S.index,
  local: S.index,
  global: S.index,
  table: S.index,
  memory: S.index,
  tag: S.index,
  type: S.index,
  elem: S.index,
  data: S.needsData,
  tableType: S.index2,
  elemTable: S.index2,
  dataMemory: S.needsData2,
  tables: S.index2,
  memories: S.index2,
  types: S.types,
  heap: S.heap,
  refType: S.refType,
  typeField: S.index2,
  typeSize: S.index2,
  typeData: S.needsData2,
  typeElem: S.index2,
  typeType: S.index2,
  castBranch: S.castBranch,
  catches: S.catches,
  memarg: S.memarg,
  memargLane: S.memargLane,
  lane: S.lane,
  lanes: S.lanes,
  i32: S.i32,
  i64: S.i64,
  f32: S.f32,
  f64: S.f64,
  v128: S.lanes,
  zero: S.zero,
};

/** By keyword, the instructions whose place among blocks matters. */
const STRUCTURE: Readonly<Record<string, S>> = {
  if: S.if,
  else: S.else,
  try: S.try,
  catch: S.catch,
  catch_all: S.catchAll,
  delegate: S.delegate,
  end: S.end,
};

const FIRST_PREFIX = 0xfb;
const ONE_BYTE = new Uint8Array(256);
const BY_PREFIX = Array.from({ length: 0xff - FIRST_PREFIX }, () => new Uint8Array(0x200));
for (const { code, name, shape, prefix, sub } of INSTRS) {
  if (prefix === 0) ONE_BYTE[code] = STRUCTURE[name] ?? SHAPES[shape];
  else {
    ONE_BYTE[prefix] = S.prefix;
    BY_PREFIX[prefix - FIRST_PREFIX][sub] = SHAPES[shape];
  }
}

/** What may come in an open block beside `end`: nothing, `else`, catches or `delegate`, more catches. */
const enum Open {
  plain,
  if,
  try,
  catch,
}

export class InstrReader extends ByteReader {
  /** Wire code of the instruction just read: the opcode, or `prefix << 12 | sub`. */
  code: InstrCode = 0;
  /** Module offset of its first byte; it ends at `pos`. */
  offset = 0;
  a = 0;
  b = 0;
  c = 0;
  /** The static offset of a memarg as a number: exact below 2^53 (`lo` and `hi` have every bit). */
  memOffset = 0;
  /** Type index of a block type; -1 when it is none or one value type. */
  blockTypeIdx = -1;
  /** The one result of a block whose type is a value type; BOT (0) when it has none or `blockTypeIdx` says more. */
  blockType: ValType = BOT;
  /** Refilled by each instruction that has a list; copy what should stay. */
  readonly list: number[] = [];
  readonly lanes = new Uint8Array(16);
  readonly v = new Int32Array(4);
  /** How many blocks are open behind the instruction just read; the function body is one. 0 behind the last `end`. */
  depth = 0;

  private open = new Uint8Array(64);
  private readonly hasDataCount: boolean;
  private isBody = false;
  /** Where a body must end. `end` is the end of the file meanwhile, see `startBody`. */
  private border = 0;

  /** `hasDataCount`: without a data count section, instructions that name data segments are malformed. */
  constructor(bytes: Uint8Array, hasDataCount = true) {
    super(bytes, 0, 0);
    this.hasDataCount = hasDataCount;
  }

  /**
   * Sets out to read a function's instructions, which must fill `[start, end)`. An instruction that crosses the end
   * is read to its own end first, as the spec's decoder does: the suite wants to hear what is wrong with it.
   */
  startBody(start: number, end: number): void {
    this.start(start, this.bytes.length);
    this.border = end;
    this.isBody = true;
  }

  /** Sets out to read an expression that starts at `start`; its `end` decides where it stops, at `limit` at most. */
  startExpr(start: number, limit: number): void {
    this.start(start, limit);
    this.isBody = false;
  }

  /**
   * Reads the one instruction at `offset`, whatever blocks it is in: for a look at a place. Throws as `next` does, but
   * for nesting.
   */
  readAt(offset: number, limit: number): void {
    this.start(offset, limit);
    this.isBody = false;
    const byte = this.bytes[offset];
    this.open[0] = byte === 0x05 ? Open.if : Open.try;
    this.next();
  }

  /**
   * Reads the next instruction into the fields. False when the last `end` was already read. Throws malformed faults
   * in the suite's wording.
   */
  next(): boolean {
    if (this.depth === 0) return false;
    const at = this.pos;
    if (at >= this.border) this.missingEnd();
    const byte = this.bytes[at];
    this.offset = at;
    this.code = byte;
    this.pos = at + 1;
    const shape = ONE_BYTE[byte];
    switch (shape) {
      case S.none:
        break;
      case S.index:
        this.a = this.u32();
        break;
      case S.i32:
        this.lo = this.s32();
        break;
      case S.memarg:
        this.memarg();
        break;
      case S.end:
        this.depth--;
        if (this.depth === 0 && this.isBody && this.pos !== this.border) this.pastEnd();
        break;
      case S.block:
        this.readBlockType();
        this.push(Open.plain);
        break;
      case S.if:
        this.readBlockType();
        this.push(Open.if);
        break;
      case S.else:
        this.split(Open.if, Open.plain);
        break;
      case S.index2:
        this.a = this.u32();
        this.b = this.u32();
        break;
      case S.i64:
        this.s64Halves();
        break;
      case S.f32:
        this.lo = this.f32();
        break;
      case S.f64:
        this.f64Halves();
        break;
      case S.prefix:
        this.prefixed(byte);
        break;
      default:
        this.rare(shape);
    }
    if (this.pos > this.border) this.crossed();
    return true;
  }

  private start(start: number, end: number): void {
    this.pos = start;
    this.end = end;
    this.border = end;
    this.depth = 1;
    this.open[0] = Open.plain;
  }

  private prefixed(prefix: number): void {
    const sub = this.u32();
    this.code = (prefix << 12) | (sub & 0xfff);
    const shapes = BY_PREFIX[prefix - FIRST_PREFIX];
    const shape = sub < shapes.length ? shapes[sub] : S.illegal;
    switch (shape) {
      case S.none:
        break;
      case S.index:
        this.a = this.u32();
        break;
      case S.index2:
        this.a = this.u32();
        this.b = this.u32();
        break;
      case S.memarg:
        this.memarg();
        break;
      case S.lane:
        this.a = this.u8();
        break;
      case S.lanes:
        this.sixteen();
        break;
      case S.illegal:
        malformed(this.offset, `illegal opcode ${hex(prefix)} ${hex(sub)}`);
        break;
      default:
        this.rare(shape);
    }
  }

  /** The shapes that are too seldom, or too long, for the hot switch. */
  private rare(shape: S): void {
    switch (shape) {
      case S.labels:
        this.labels();
        break;
      case S.types:
        this.list.length = 0;
        for (let n = this.count(); n > 0; n--) this.list.push(readValType(this));
        break;
      case S.heap:
        this.a = readHeapType(this);
        break;
      case S.refType:
        // The odd codes are the nullable ones (spec 5.4.4).
        this.a = refType((this.code & 1) === 1, readHeapType(this));
        break;
      case S.castBranch:
        this.castBranch();
        break;
      case S.memargLane:
        this.memarg();
        this.c = this.u8();
        break;
      case S.zero:
        readZero(this);
        break;
      case S.needsData:
        this.a = this.u32();
        this.requireDataCount();
        break;
      case S.needsData2:
        this.a = this.u32();
        this.b = this.u32();
        this.requireDataCount();
        break;
      case S.catches:
        this.readBlockType();
        this.catches();
        this.push(Open.plain);
        break;
      case S.try:
        this.readBlockType();
        this.push(Open.try);
        break;
      case S.catch:
        this.a = this.u32();
        this.startCatch(Open.catch);
        break;
      case S.catchAll:
        this.startCatch(Open.plain);
        break;
      case S.delegate:
        this.a = this.u32();
        this.split(Open.try, Open.plain);
        this.depth--;
        break;
      default:
        malformed(this.offset, `illegal opcode ${hex(this.code)}`);
    }
  }

  /** Alignment and flags, memory index, 64-bit offset (spec 5.4.6). */
  private memarg(): void {
    const start = this.pos;
    const flags = this.u32();
    if (flags >= 0x80) malformed(start, 'malformed memop flags');
    this.b = flags & 0x3f;
    this.a = flags & 0x40 ? this.u32() : 0;
    this.u64Halves();
    this.memOffset = (this.hi >>> 0) * 0x1_0000_0000 + (this.lo >>> 0);
  }

  private readBlockType(): void {
    const byte = this.peek();
    this.blockTypeIdx = -1;
    this.blockType = BOT;
    if (byte === TYPE_BYTE.empty) {
      this.pos++;
      return;
    }
    // Value types are single bytes with bit 6 set; what else there is, is a type index as s33.
    if (byte >= 0x40 && byte < 0x80) {
      this.blockType = byte <= I32 && byte >= V128 ? this.u8() : readValType(this);
      return;
    }
    const start = this.pos;
    const idx = this.s33();
    if (idx < 0) malformed(start, 'malformed value type');
    this.blockTypeIdx = idx;
  }

  private labels(): void {
    const { list } = this;
    const start = this.pos;
    const n = this.count();
    checkLimit(start, 'labels of br_table', n);
    list.length = 0;
    for (let i = 0; i <= n; i++) list.push(this.u32());
  }

  private castBranch(): void {
    const start = this.pos;
    const flags = this.u8();
    if (flags > 3) malformed(start, 'malformed br_on_cast flags');
    this.a = this.u32();
    const source: HeapType = readHeapType(this);
    const target: HeapType = readHeapType(this);
    this.b = refType((flags & 1) !== 0, source);
    this.c = refType((flags & 2) !== 0, target);
  }

  private catches(): void {
    const { list } = this;
    list.length = 0;
    for (let n = this.count(); n > 0; n--) {
      const start = this.pos;
      const kind = this.u8();
      if (kind > CATCH.catchAllRef) malformed(start, 'malformed catch clause');
      list.push(kind, kind < CATCH.catchAll ? this.u32() : -1, this.u32());
    }
  }

  private sixteen(): void {
    const { bytes, pos, lanes, v } = this;
    this.skip(16);
    for (let i = 0; i < 16; i++) lanes[i] = bytes[pos + i];
    for (let i = 0; i < 4; i++) {
      const at = pos + i * 4;
      v[i] = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    }
  }

  private requireDataCount(): void {
    if (!this.hasDataCount) malformed(this.offset, 'data count section required');
  }

  private push(kind: Open): void {
    if (this.depth === this.open.length) {
      const bigger = new Uint8Array(this.open.length * 2);
      bigger.set(this.open);
      this.open = bigger;
    }
    this.open[this.depth++] = kind;
  }

  /** `else` and `delegate` end one part of the innermost block; what they start may hold `to`. */
  private split(from: Open, to: Open): void {
    if (this.open[this.depth - 1] !== from) malformed(this.offset, 'END opcode expected');
    this.open[this.depth - 1] = to;
  }

  private startCatch(to: Open): void {
    const from = this.open[this.depth - 1];
    this.split(from === Open.catch ? Open.catch : Open.try, to);
  }

  /**
   * The bytes are out before the last `end`. The suite judges by the byte that comes next in the file, as a decoder
   * that reads on across the border would: an 0x0b there is taken for the `end`, and then the size is wrong.
   */
  private missingEnd(): never {
    const { border } = this;
    const next = this.isBody ? this.bytes[border] : undefined;
    if (next === undefined) malformed(border, 'unexpected end of section or function');
    malformed(border, next === 0x0b ? 'section size mismatch' : 'END opcode expected', [
      { message: 'the function ends here, and not all of its blocks are closed', offset: border },
    ]);
  }

  private crossed(): never {
    malformed(this.border, 'unexpected end of section or function', [
      { message: 'the function ends inside of this instruction', offset: this.offset },
    ]);
  }

  private pastEnd(): never {
    malformed(this.pos, 'section size mismatch', [
      { message: 'the function has bytes behind its last end', offset: this.pos },
    ]);
  }
}

/** A reader for the bodies and constant expressions of a module. */
export function instrReader(module: Module): InstrReader {
  return new InstrReader(module.bytes, module.dataCount !== undefined);
}

/** Offset behind the expression at `start`; throws as `InstrReader.next` does. */
export function skipExpr(reader: InstrReader, start: number, limit: number): number {
  reader.startExpr(start, limit);
  while (reader.next());
  return reader.pos;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
