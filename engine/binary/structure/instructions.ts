/**
 * Instructions: bodies and expressions one by one, and the fields of each (spec 5.4).
 *
 * Where an instruction ends is the decoder's InstrReader's say; which fields it has follows from the shape of its row, one
 * case a shape. Long bodies are in parts, which are walked when they are opened.
 */

import { type Fault, WasmError } from '../../base/errors.ts';
import { ByteReader } from '../../base/reader.ts';
import { type Instr, instrByCode, instrByPrefix, isPrefix } from '../../isa/isa.ts';
import type { Shape } from '../../isa/row.ts';
import { CATCH, InstrReader } from '../instr.ts';
import { TYPE_BYTE } from '../types.ts';
import { ByteNode } from './node.ts';
import { zero } from './types.ts';
import { faultOf, Walker } from './walker.ts';

/** How many instructions stand in one part of a body. A screen of bytes opens all parts that it touches. */
const PART = 256;

/** The instructions of a function's body, up to its last byte. Records what is malformed in there. */
export function body(w: Walker): void {
  const { r } = w;
  if (!w.nodes) {
    r.pos = r.end;
    return;
  }
  const { bytes, end } = r;
  const reader = new InstrReader(bytes);
  reader.startBody(r.pos, end);
  const parts: number[] = [];
  let good = r.pos;
  let n = 0;
  const fault = faultOf(() => {
    for (;;) {
      if (!reader.next()) return;
      if (n % PART === 0) parts.push(good);
      n++;
      good = reader.pos;
    }
  });
  parts.push(good);
  if (parts.length === 2) instructions(w, good, reader);
  for (let i = 0; parts.length > 2 && i + 1 < parts.length; i++) part(w, parts[i], parts[i + 1], i * PART);
  r.pos = good;
  if (!fault) return;
  if (good < end) damaged(w, fault);
  r.pos = end;
  throw new WasmError(fault);
}

function part(w: Walker, start: number, end: number, first: number): void {
  w.r.pos = end;
  w.within('part', `instructions ${first} …`, start, end, { index: first }, (inner) =>
    instructions(inner, end, new InstrReader(inner.r.bytes)),
  );
}

/** The instruction that cannot be read, as far as it can, and what is behind it. */
function damaged(w: Walker, fault: Fault): void {
  const { bytes, end, pos: start } = w.r;
  const nodes: ByteNode[] = [];
  const inner = new Walker(new ByteReader(bytes, start, end), nodes);
  const instr = instrAt(bytes, start);
  faultOf(() => fields(inner));
  const read = nodes.at(-1)?.end ?? start;
  if (instr && read > start) {
    w.add(new ByteNode('instruction', instr.name, start, read, { fault }, () => ({ nodes })));
  }
  const from = instr ? read : start;
  if (from < end) w.add(new ByteNode('malformed', 'malformed bytes', from, end, { form: 'bytes', fault }));
}

/** Instructions that were read before and are well-formed, up to `end`. */
function instructions(w: Walker, end: number, reader: InstrReader): void {
  const { r } = w;
  while (r.pos < end) {
    const start = r.pos;
    reader.readAt(start, end);
    r.pos = reader.pos;
    instruction(w, start);
  }
}

function instruction(w: Walker, start: number): void {
  const label = instrAt(w.r.bytes, start)?.name ?? 'instruction';
  w.within('instruction', label, start, w.r.pos, {}, fields);
}

/** The expression at the walker's place, with its `end`. */
export function expression(w: Walker, label: string): void {
  w.group('expr', label, constant);
}

function constant(w: Walker): void {
  const { r } = w;
  const reader = new InstrReader(r.bytes);
  reader.startExpr(r.pos, r.end);
  for (;;) {
    const start = reader.pos;
    const fault = faultOf(() => reader.next());
    if (fault) {
      if (w.nodes) damaged(w, fault);
      r.pos = r.end;
      throw new WasmError(fault);
    }
    if (reader.pos === start) return;
    r.pos = reader.pos;
    instruction(w, start);
    if (reader.depth === 0) return;
  }
}

/** The instruction whose code stands at `start`; undefined if it is none. */
export function instrAt(bytes: Uint8Array, start: number): Instr | undefined {
  const byte = bytes[start];
  if (byte === undefined) return undefined;
  if (!isPrefix(byte)) return instrByCode(byte);
  const r = new ByteReader(bytes, start + 1);
  let sub = -1;
  faultOf(() => {
    sub = r.u32();
  });
  return instrByPrefix(byte, sub);
}

/** Code and immediates of one instruction. */
function fields(w: Walker): void {
  const { r } = w;
  const start = r.pos;
  const instr = instrAt(r.bytes, start);
  const byte = r.u8();
  if (isPrefix(byte)) {
    w.leaf('prefix', 'opcode', start, byte);
    const at = r.pos;
    w.leaf('opcode', 'subopcode', at, r.u32());
  } else w.leaf('opcode', 'opcode', start, byte);
  if (instr) IMMEDIATES[instr.shape](w);
}

const IMMEDIATES: Readonly<Record<Shape, (w: Walker) => void>> = {
  none: () => {},
  block: blockType,
  label: (w) => w.u32('label', 'label'),
  labels: (w) => {
    const n = w.count('count of labels');
    w.items(n, (items) => items.u32('label', 'label'));
    w.u32('default label', 'label');
  },
  func: (w) => w.u32('function index', 'func'),
  local: (w) => w.u32('local index', 'local'),
  global: (w) => w.u32('global index', 'global'),
  table: (w) => w.u32('table index', 'table'),
  memory: (w) => w.u32('memory index', 'memory'),
  tag: (w) => w.u32('tag index', 'tag'),
  type: (w) => w.u32('type index', 'type'),
  elem: (w) => w.u32('element segment index', 'elem'),
  data: (w) => w.u32('data segment index', 'data'),
  tableType: (w) => {
    w.u32('type index', 'type');
    w.u32('table index', 'table');
  },
  elemTable: (w) => {
    w.u32('element segment index', 'elem');
    w.u32('table index', 'table');
  },
  dataMemory: (w) => {
    w.u32('data segment index', 'data');
    w.u32('memory index', 'memory');
  },
  tables: (w) => {
    w.u32('destination table index', 'table');
    w.u32('source table index', 'table');
  },
  memories: (w) => {
    w.u32('destination memory index', 'memory');
    w.u32('source memory index', 'memory');
  },
  types: (w) => {
    const n = w.count('count of types');
    w.items(n, (items) => items.valType('type'));
  },
  heap: (w) => w.heapType('heap type'),
  refType: (w) => w.heapType('heap type'),
  typeField: (w) => {
    w.u32('type index', 'type');
    w.u32('field index', 'field');
  },
  typeSize: (w) => {
    w.u32('type index', 'type');
    w.u32('count of operands');
  },
  typeData: (w) => {
    w.u32('type index', 'type');
    w.u32('data segment index', 'data');
  },
  typeElem: (w) => {
    w.u32('type index', 'type');
    w.u32('element segment index', 'elem');
  },
  typeType: (w) => {
    w.u32('destination type index', 'type');
    w.u32('source type index', 'type');
  },
  castBranch: (w) => {
    w.byte('nullability flags', 'flags');
    w.u32('label', 'label');
    w.heapType('source heap type');
    w.heapType('target heap type');
  },
  catches: (w) => {
    blockType(w);
    const n = w.count('count of catch clauses');
    w.items(n, (items, i) => items.group('entry', 'catch clause', catchClause, i));
  },
  memarg,
  memargLane: (w) => {
    memarg(w);
    w.byte('lane');
  },
  lane: (w) => w.byte('lane'),
  lanes: (w) => {
    for (let i = 0; i < 16; i++) w.byte(`lane ${i}`);
  },
  i32: (w) => w.s32('value'),
  i64: (w) => w.s64('value'),
  f32: (w) => w.f32('value'),
  f64: (w) => w.f64('value'),
  v128: (w) => w.v128('value'),
  zero: (w) => zero(w, 'reserved'),
};

function blockType(w: Walker): void {
  const { r } = w;
  const byte = r.peek();
  if (byte === TYPE_BYTE.empty) w.byte('block type');
  else if (byte >= 0x40 && byte < 0x80) w.valType('block type');
  else w.s33('block type', 'type');
}

function catchClause(w: Walker): void {
  if (w.byte('kind of catch clause') < CATCH.catchAll) w.u32('tag index', 'tag');
  w.u32('label', 'label');
}

/** Bit 6 of the alignment says that a memory index follows (spec 5.4.6). */
function memarg(w: Walker): void {
  const flags = w.u32('alignment', 'alignment');
  if (flags & 0x40) w.u32('memory index', 'memory');
  w.u64('offset');
}
