/**
 * Immediates in the text format: one reader a shape of the instruction table (spec 6.5).
 *
 * A reader stands behind the keyword, reads the immediates and writes the whole instruction, code first. Blocks'
 * types and labels are here too; how blocks nest, folded or flat, is body.ts's business. No instruction is known by
 * name: what a reader does follows from the row's shape.
 */

import {
  type Parsed,
  parseFloat32,
  parseFloat64,
  parseInt32,
  parseInt64,
  parseIntN,
} from '../base/numbers.ts';
import { CATCH } from '../binary/instr.ts';
import {
  writeBlockType,
  writeCastBranch,
  writeCatches,
  writeLabels,
  writeMemarg,
  writeOp,
} from '../binary/instr-write.ts';
import { writeHeapType, writeResultType } from '../binary/types.ts';
import type { Instr } from '../isa/isa.ts';
import type { Shape } from '../isa/row.ts';
import { heapOf, isNullable, type ValType } from '../isa/types.ts';
import type { Body } from './body.ts';
import type { Cursor } from './cursor.ts';
import { Tok } from './lexer.ts';
import { Sp } from './symbols.ts';
import { allWords, instrOfWord, word } from './words.ts';

export type Reader = (body: Body, instr: Instr) => void;

const index =
  (space: Sp): Reader =>
  (body, instr) => {
    writeOp(body.out, instr.code);
    body.out.u32(body.index(space));
  };

/** The two indices stand in the text as they stand in the bytes; the second one may be left out if `optional`. */
const typeAnd =
  (space: Sp): Reader =>
  (body, instr) => {
    writeOp(body.out, instr.code);
    body.out.u32(body.index(Sp.Type));
    body.out.u32(body.index(space));
  };

/** `table? elem` and `memory? data`: the last index stands first in the bytes. */
const containerAnd =
  (container: Sp, segment: Sp): Reader =>
  (body, instr) => {
    const { names } = body;
    const two = names.isIndex() && body.secondIsIndex();
    const into = two ? body.index(container) : 0;
    const from = body.index(segment);
    writeOp(body.out, instr.code);
    body.out.u32(from);
    body.out.u32(into);
  };

const optional =
  (space: Sp): Reader =>
  (body, instr) => {
    writeOp(body.out, instr.code);
    body.out.u32(body.names.isIndex() ? body.index(space) : 0);
  };

const both =
  (space: Sp): Reader =>
  (body, instr) => {
    writeOp(body.out, instr.code);
    const given = body.names.isIndex();
    body.out.u32(given ? body.index(space) : 0);
    body.out.u32(given ? body.index(space) : 0);
  };

const READERS: Readonly<Record<Shape, Reader>> = {
  none: (body, instr) => writeOp(body.out, instr.code),
  zero: (body, instr) => {
    writeOp(body.out, instr.code);
    body.out.u8(0);
  },
  block: (body, instr) => {
    body.readLabel();
    const { typeIdx, results } = body.types.blockType();
    writeOp(body.out, instr.code);
    writeBlockType(body.out, typeIdx, results[0]);
  },
  catches: (body, instr) => {
    body.readLabel();
    const { typeIdx, results } = body.types.blockType();
    writeOp(body.out, instr.code);
    writeBlockType(body.out, typeIdx, results[0]);
    writeCatches(body.out, readCatches(body));
  },
  label: (body, instr) => {
    writeOp(body.out, instr.code);
    body.out.u32(body.label());
  },
  labels: (body, instr) => {
    const labels = [body.label()];
    while (body.names.isIndex()) labels.push(body.label());
    writeOp(body.out, instr.code);
    writeLabels(body.out, labels);
  },
  func: index(Sp.Func),
  local: (body, instr) => {
    writeOp(body.out, instr.code);
    body.out.u32(body.local());
  },
  global: index(Sp.Global),
  table: optional(Sp.Table),
  memory: optional(Sp.Memory),
  tag: index(Sp.Tag),
  type: index(Sp.Type),
  elem: index(Sp.Elem),
  data: (body, instr) => {
    body.usesData = true;
    writeOp(body.out, instr.code);
    body.out.u32(body.index(Sp.Data));
  },
  tableType: (body, instr) => {
    const table = body.names.isIndex() ? body.index(Sp.Table) : 0;
    const { typeIdx } = body.types.typeUse(false);
    writeOp(body.out, instr.code);
    body.out.u32(typeIdx);
    body.out.u32(table);
  },
  elemTable: containerAnd(Sp.Table, Sp.Elem),
  dataMemory: (body, instr) => {
    body.usesData = true;
    containerAnd(Sp.Memory, Sp.Data)(body, instr);
  },
  tables: both(Sp.Table),
  memories: both(Sp.Memory),
  types: readTypes,
  heap: (body, instr) => {
    const heap = body.types.heapType();
    writeOp(body.out, instr.code);
    writeHeapType(body.out, heap);
  },
  refType: (body, instr) => {
    const type = body.types.refType();
    writeOp(body.out, nullabilityOf(instr, type).code);
    writeHeapType(body.out, heapOf(type));
  },
  typeField: (body, instr) => {
    const typeIdx = body.index(Sp.Type);
    const field = body.names.indexIn(Sp.Field, body.names.fields.get(typeIdx), typeIdx);
    if (field < 0) body.spoil();
    writeOp(body.out, instr.code);
    body.out.u32(typeIdx);
    body.out.u32(Math.max(0, field));
  },
  typeSize: (body, instr) => {
    writeOp(body.out, instr.code);
    body.out.u32(body.index(Sp.Type));
    body.out.u32(body.cursor.u32('a number of elements'));
  },
  typeData: (body, instr) => {
    body.usesData = true;
    typeAnd(Sp.Data)(body, instr);
  },
  typeElem: typeAnd(Sp.Elem),
  typeType: typeAnd(Sp.Type),
  castBranch: (body, instr) => {
    const label = body.label();
    const source = body.types.refType();
    const target = body.types.refType();
    writeOp(body.out, instr.code);
    writeCastBranch(body.out, label, source, target);
  },
  memarg: readMemarg,
  memargLane: (body, instr) => {
    // `v128.load8_lane 1`: a lone number is the lane, not the memory.
    const cursor: Cursor = body.cursor;
    const lone = cursor.kind === Tok.Int && !body.secondIsMemargOrLane();
    if (lone) {
      writeOp(body.out, instr.code);
      writeMemarg(body.out, 0, instr.naturalAlign, 0);
    } else {
      readMemarg(body, instr);
    }
    body.out.u8(readLane(body));
  },
  lane: (body, instr) => {
    const lane = readLane(body);
    writeOp(body.out, instr.code);
    body.out.u8(lane);
  },
  lanes: (body, instr) => {
    const cursor: Cursor = body.cursor;
    const head = cursor.last;
    const lanes: number[] = [];
    while (cursor.kind === Tok.Int || cursor.kind === Tok.Float) {
      const token = cursor.take();
      const parsed = parseIntN(cursor.text(token), 8);
      const text = cursor.text(token);
      if (!parsed.ok || !/^[0-9]/.test(text)) cursor.fail('i8 constant out of range', token);
      lanes.push(parsed.value & 0xff);
    }
    if (lanes.length !== 16) {
      cursor.fail('invalid lane length', head, [
        { message: `expected 16 lane numbers, found ${lanes.length}` },
      ]);
    }
    writeOp(body.out, instr.code);
    body.out.bytes(lanes);
  },
  i32: (body, instr) => {
    const value = integer(body);
    writeOp(body.out, instr.code);
    body.out.s32(value);
  },
  i64: (body, instr) => {
    const cursor: Cursor = body.cursor;
    writeOp(body.out, instr.code);
    if (
      cursor.kind === Tok.Int &&
      cursor.tokens.starts[cursor.at + 1] - cursor.tokens.starts[cursor.at] < 9
    ) {
      body.out.s32(integer(body));
      return;
    }
    body.out.s64(literal(body, parseInt64, false));
  },
  f32: (body, instr) => {
    const bits = literal(body, parseFloat32, true);
    writeOp(body.out, instr.code);
    body.out.f32(bits);
  },
  f64: (body, instr) => {
    const { lo, hi } = literal(body, parseFloat64, true);
    writeOp(body.out, instr.code);
    body.out.f64Halves(lo, hi);
  },
  v128: (body, instr) => {
    const bytes = readV128(body);
    writeOp(body.out, instr.code);
    body.out.bytes(bytes);
  },
};

/** By keyword number: how its immediates are read. */
const BY_WORD: readonly (Reader | undefined)[] = allWords().map((_, number) => {
  const instr = instrOfWord(number);
  if (!instr) return undefined;
  return instr.variant?.shape === 'types' ? readTypes : READERS[instr.shape];
});

/** The reader of the instruction with this keyword. */
export function readerOfWord(number: number): Reader | undefined {
  return BY_WORD[number];
}

/** `(result t)*` where the plain instruction has none: both forms have one keyword. */
function readTypes(body: Body, instr: Instr): void {
  const cursor: Cursor = body.cursor;
  if (!cursor.isForm(RESULT)) {
    writeOp(body.out, instr.code);
    return;
  }
  const types: ValType[] = [];
  while (cursor.isForm(RESULT)) {
    cursor.open();
    while (!cursor.isClose()) types.push(body.types.valType());
    cursor.close();
  }
  writeOp(body.out, (instr.variant ?? instr).code);
  writeResultType(body.out, types);
}

/** Of two rows with one keyword: the one for references that may be null has the higher code. */
function nullabilityOf(instr: Instr, type: ValType): Instr {
  const other = instr.variant ?? instr;
  const [low, high] = instr.code < other.code ? [instr, other] : [other, instr];
  return isNullable(type) ? high : low;
}

function readMemarg(body: Body, instr: Instr): void {
  const { cursor, out } = body;
  writeOp(out, instr.code);
  const memIdx = body.names.isIndex() ? body.index(Sp.Memory) : 0;
  const isKeyword = cursor.kind === Tok.Keyword;
  const offset = isKeyword ? memargValue(body, 'offset=') : undefined;
  const alignToken = cursor.at;
  const align = isKeyword ? memargValue(body, 'align=') : undefined;
  let log2 = instr.naturalAlign;
  if (align !== undefined) {
    if (align === 0n || (align & (align - 1n)) !== 0n) {
      cursor.fail('alignment must be a power of two', alignToken);
    }
    log2 = align.toString(2).length - 1;
  }
  if (offset === undefined || offset <= 0x7fff_ffffn) {
    writeMemarg(out, memIdx, log2, offset === undefined ? 0 : Number(offset));
  } else {
    const lo = Number(BigInt.asIntN(32, offset));
    writeMemarg(out, memIdx, log2, lo, Number(BigInt.asIntN(32, offset >> 32n)));
  }
}

/** `offset=n` or `align=n`, one token; undefined if the current one is something else. */
function memargValue(body: Body, prefix: string): bigint | undefined {
  const cursor: Cursor = body.cursor;
  if (cursor.kind !== Tok.Keyword || cursor.tokens.words[cursor.at] !== 0) return undefined;
  const { text, starts } = cursor.tokens;
  const start = starts[cursor.at];
  if (!text.startsWith(prefix, start)) return undefined;
  const digits = text.slice(start + prefix.length, starts[cursor.at + 1]);
  const value = parseUnsigned(digits);
  if (value === undefined) cursor.unexpected(`${prefix}number`);
  if (value >= 1n << 64n) cursor.fail('i64 constant out of range', cursor.at);
  cursor.take();
  return value;
}

function parseUnsigned(digits: string): bigint | undefined {
  if (!/^(0x[0-9a-fA-F]+(_[0-9a-fA-F]+)*|[0-9]+(_[0-9]+)*)$/.test(digits)) return undefined;
  return BigInt(digits.replaceAll('_', ''));
}

function readLane(body: Body): number {
  const cursor: Cursor = body.cursor;
  const token = cursor.at;
  const lane = cursor.u32('a lane number');
  if (lane > 255) cursor.fail('i8 constant out of range', token);
  return lane;
}

/** An i32; the common short decimals without a string. */
function integer(body: Body): number {
  const cursor: Cursor = body.cursor;
  const { text, starts } = cursor.tokens;
  if (cursor.kind === Tok.Int) {
    let pos = starts[cursor.at];
    const end = starts[cursor.at + 1];
    if (end - pos < 9) {
      const negative = text.charCodeAt(pos) === 0x2d;
      if (negative) pos++;
      let value = 0;
      for (; pos < end; pos++) {
        const digit = text.charCodeAt(pos) - 0x30;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      if (pos === end) {
        cursor.take();
        return negative ? -value : value;
      }
    }
  }
  return literal(body, parseInt32, false);
}

function literal<T>(body: Body, parse: (text: string) => Parsed<T>, float: boolean): T {
  const cursor: Cursor = body.cursor;
  const { kind } = cursor;
  if (kind !== Tok.Int && !(float && kind === Tok.Float)) {
    cursor.unexpected(float ? 'a number' : 'an integer');
  }
  const parsed = parse(cursor.text(cursor.at));
  if (!parsed.ok) cursor.fail(parsed.error, cursor.at);
  cursor.take();
  return parsed.value;
}

const RESULT = word('result');

/** Shapes of v128 literals: lanes, bytes a lane, floats or not. */
const LANES = new Map<number, readonly [count: number, width: number, float: boolean]>([
  [word('i8x16'), [16, 1, false]],
  [word('i16x8'), [8, 2, false]],
  [word('i32x4'), [4, 4, false]],
  [word('i64x2'), [2, 8, false]],
  [word('f32x4'), [4, 4, true]],
  [word('f64x2'), [2, 8, true]],
]);

function readV128(body: Body): Uint8Array {
  const cursor: Cursor = body.cursor;
  const shape = cursor.kind === Tok.Keyword ? LANES.get(cursor.tokens.words[cursor.at]) : undefined;
  if (!shape) cursor.unexpected('i8x16, i16x8, i32x4, i64x2, f32x4 or f64x2');
  const [count, width, float] = shape;
  const shapeToken = cursor.take();
  const tokens: number[] = [];
  while (cursor.kind === Tok.Int || cursor.kind === Tok.Float) tokens.push(cursor.take());
  if (tokens.length !== count) {
    // Something that is no number where a lane should be says more than the count does.
    if (tokens.length < count && cursor.kind !== Tok.Close && cursor.kind !== Tok.Keyword)
      cursor.unexpected();
    const notes = [{ message: `expected ${count}, found ${tokens.length}` }];
    cursor.fail('wrong number of lane literals', shapeToken, notes);
  }
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) {
    const text = cursor.text(tokens[i]);
    const at = i * width;
    const fail = (): never => cursor.fail('constant out of range', tokens[i]);
    if (!float && cursor.tokens.kinds[tokens[i]] !== Tok.Int) cursor.unexpectedAt(tokens[i], 'an integer');
    if (width === 8) {
      const parsed = float ? parseFloat64(text) : parseInt64(text);
      if (!parsed.ok) fail();
      else if (typeof parsed.value === 'bigint') view.setBigInt64(at, parsed.value, true);
      else {
        view.setInt32(at, parsed.value.lo, true);
        view.setInt32(at + 4, parsed.value.hi, true);
      }
      continue;
    }
    const parsed = float ? parseFloat32(text) : parseIntN(text, (width * 8) as 8 | 16 | 32);
    if (!parsed.ok) fail();
    else if (width === 4) view.setInt32(at, parsed.value, true);
    else if (width === 2) view.setInt16(at, parsed.value, true);
    else view.setInt8(at, parsed.value);
  }
  return bytes;
}

const CATCHES = new Map<number, number>([
  [word('catch'), CATCH.catch],
  [word('catch_ref'), CATCH.catchRef],
  [word('catch_all'), CATCH.catchAll],
  [word('catch_all_ref'), CATCH.catchAllRef],
]);

/** try_table's clauses; their labels are those around the block. */
function readCatches(body: Body): number[] {
  const cursor: Cursor = body.cursor;
  const clauses: number[] = [];
  for (;;) {
    const kind = CATCHES.get(cursor.formWord());
    if (kind === undefined) return clauses;
    cursor.open();
    const tag = kind < CATCH.catchAll ? body.index(Sp.Tag) : -1;
    clauses.push(kind, tag, body.label());
    cursor.close();
  }
}
