/**
 * The instruction table against the host's own WebAssembly: for every row a minimal module is accepted, and the
 * same module with a wrong operand or result type, alignment or lane is refused. So a wrong code, type, width or
 * shape in a row fails here. Modules are built by hand: the engine's own encoder is not trusted. The engine must
 * accept and refuse the same of them.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { ADDR, INSTRS, type Instr } from '../../engine/isa/isa.ts';
import type { Feature, Shape } from '../../engine/isa/row.ts';
import { F32, F64, FUNCREF, heapOf, I32, I64, isNullable, isRef, V128 } from '../../engine/isa/types.ts';
import { validate } from '../../engine/valid/validate.ts';
import { without } from './valid-modules.ts';

/** What the host has. */
const FEATURES = without('wide-arithmetic', 'custom-page-sizes');

/** Whether the host accepts a module. The engine must say the same. */
function verdict(bytes: Uint8Array<ArrayBuffer>): boolean {
  const host = WebAssembly.validate(bytes);
  let refused: string | undefined;
  try {
    validate(decode(bytes), FEATURES);
  } catch (error) {
    assert.ok(error instanceof WasmError, String(error));
    refused = error.message;
  }
  assert.equal(
    refused === undefined,
    host,
    `the host ${host ? 'accepts' : 'refuses'} it, the engine: ${refused ?? 'valid'}`,
  );
  return host;
}

/** Features that the host cannot judge, and why. The host must really refuse them: the list only shrinks. */
const UNJUDGEABLE: Partial<Record<Feature, string>> = {
  'wide-arithmetic': 'V8 has it behind a flag only',
};

const WRONG = new Map([
  [I32, I64],
  [I64, F64],
  [F32, I32],
  [F64, F32],
  [V128, I64],
]);

for (const instr of INSTRS) {
  test(`${instr.op} (0x${instr.code.toString(16)})`, () => {
    if (UNJUDGEABLE[instr.feature]) {
      assert.ok(!accepts(instr), 'the host knows this one now: take its feature off the list');
    } else if (instr.special) {
      checkSpecial(instr);
    } else {
      checkTyped(instr);
    }
  });
}

/** Bodies for the rows with a typing rule; OP is the row's code. See `environment` for what the indices are. */
const SPECIAL: Readonly<Record<string, string>> = {
  unreachable: 'OP',
  block: 'OP 40 0b',
  loop: 'OP 40 0b',
  if: '41 00 OP 40 0b',
  else: '41 00 04 40 OP 0b',
  end: '02 40 OP',
  try: 'OP 40 19 0b',
  catch: '06 40 OP 00 0b',
  throw: 'OP 00',
  rethrow: '06 40 19 OP 00 0b',
  throw_ref: 'd0 69 OP',
  br: 'OP 00',
  br_if: '41 00 OP 00',
  br_table: '41 00 OP 01 00 00',
  return: 'OP',
  call: 'OP 00',
  call_indirect: '41 00 OP 00 00',
  return_call: 'OP 00',
  return_call_indirect: '41 00 OP 00 00',
  call_ref: 'd2 00 OP 00',
  return_call_ref: 'd2 00 OP 00',
  delegate: '06 40 OP 00',
  catch_all: '06 40 OP 0b',
  drop: '41 00 OP',
  select: '41 00 41 00 41 00 OP 1a',
  select_t: '41 00 41 00 41 00 OP 01 7f 1a',
  try_table: 'OP 40 01 00 00 00 0b',
  local_get: 'OP 00 1a',
  local_set: '41 00 OP 00',
  local_tee: '41 00 OP 00 1a',
  global_get: 'OP 00 1a',
  global_set: '41 00 OP 00',
  table_get: '41 00 OP 00 1a',
  table_set: '41 00 d0 70 OP 00',
  ref_null: 'OP 70 1a',
  ref_is_null: 'd0 70 OP 1a',
  ref_func: 'OP 00 1a',
  ref_as_non_null: 'd0 70 OP 1a',
  br_on_null: 'd0 70 OP 00 1a',
  br_on_non_null: '02 64 70 d0 70 OP 00 00 0b 1a',
  struct_new: '41 00 41 00 OP 01 1a',
  struct_new_default: 'OP 01 1a',
  struct_get: 'd0 01 OP 01 00 1a',
  struct_get_s: 'd0 01 OP 01 01 1a',
  struct_get_u: 'd0 01 OP 01 01 1a',
  struct_set: 'd0 01 41 00 OP 01 01',
  array_new: '41 00 41 00 OP 02 1a',
  array_new_default: '41 00 OP 02 1a',
  array_new_fixed: '41 00 41 00 OP 02 02 1a',
  array_new_data: '41 00 41 00 OP 02 00 1a',
  array_new_elem: '41 00 41 00 OP 04 00 1a',
  array_get: 'd0 02 41 00 OP 02 1a',
  array_get_s: 'd0 03 41 00 OP 03 1a',
  array_get_u: 'd0 03 41 00 OP 03 1a',
  array_set: 'd0 02 41 00 41 00 OP 02',
  array_fill: 'd0 02 41 00 41 00 41 00 OP 02',
  array_copy: 'd0 02 41 00 d0 02 41 00 41 00 OP 02 02',
  array_init_data: 'd0 02 41 00 41 00 41 00 OP 02 00',
  array_init_elem: 'd0 04 41 00 41 00 41 00 OP 04 00',
  ref_test: 'd0 6e OP 6d 1a',
  ref_test_null: 'd0 6e OP 6d 1a',
  // What tells the two casts apart is whether the result may go where a non-null reference must.
  ref_cast: '02 64 6d d0 6e OP 6d 0b 1a',
  ref_cast_null: '02 6d d0 6e OP 6d 0b 1a',
  br_on_cast: '02 64 6d d0 6e OP 01 00 6e 6d 1a 00 0b 1a',
  br_on_cast_fail: '02 6e d0 6e OP 01 00 6e 6d 0b 1a',
  any_convert_extern: 'd0 6f OP 1a',
  extern_convert_any: 'd0 6e OP 1a',
  memory_copy: '41 00 41 00 41 00 OP 00 00',
  table_init: '41 00 41 00 41 00 OP 00 00',
  table_copy: '41 00 41 00 41 00 OP 00 00',
  table_grow: 'd0 70 41 00 OP 00 1a',
  table_fill: '41 00 d0 70 41 00 OP 00',
};

test('every special body belongs to a row', () => {
  const rows = new Set(INSTRS.filter((i) => i.special).map((i) => i.op));
  assert.deepEqual(
    Object.keys(SPECIAL).filter((op) => !rows.has(op)),
    [],
  );
});

function checkSpecial(instr: Instr): void {
  const body = SPECIAL[instr.op];
  assert.ok(body, 'no body for this row');
  const bytes = body.split(' ').flatMap((word) => (word === 'OP' ? opcode(instr) : [Number(`0x${word}`)]));
  assert.ok(verdict(environment([], [], bytes)), `refused: ${body}`);
}

function checkTyped(instr: Instr): void {
  assert.ok(accepts(instr), 'refused as the row types it');
  const params = instr.params.map(address);
  const results = instr.results.map(address);
  params.forEach((type, i) => {
    assert.ok(!accepts(instr, { params: params.with(i, wrong(type)) }), `operand ${i} may have another type`);
  });
  results.forEach((type, i) => {
    assert.ok(
      !accepts(instr, { results: results.with(i, wrong(type)) }),
      `result ${i} may have another type`,
    );
  });
  if (instr.width) {
    assert.ok(!accepts(instr, { align: instr.naturalAlign + 1 }), 'the width is larger than the row says');
    if (instr.naturalAlign > 0) {
      assert.equal(accepts(instr, { align: instr.naturalAlign - 1 }), !instr.exactAlign, 'smaller alignment');
    }
  }
  if (instr.lanes) assert.ok(!accepts(instr, { lane: instr.lanes }), 'it has more lanes than the row says');
}

interface Change {
  readonly params?: readonly number[];
  readonly results?: readonly number[];
  readonly align?: number;
  readonly lane?: number;
}

/** Whether the host validates a function that runs `instr` on its parameters and returns its results. */
function accepts(instr: Instr, change: Change = {}): boolean {
  const params = change.params ?? instr.params.map(address);
  const results = change.results ?? instr.results.map(address);
  const gets = params.flatMap((_, i) => [0x20, i]);
  return verdict(environment(params, results, [...gets, ...opcode(instr), ...immediates(instr, change)]));
}

function address(type: number): number {
  return type === ADDR ? I32 : type;
}

/** A type that neither matches `type` nor is matched by it. */
function wrong(type: number): number {
  return isRef(type) ? FUNCREF : WRONG.get(type)!;
}

function immediates(instr: Instr, change: Change): number[] {
  const align = change.align ?? instr.naturalAlign;
  const lane = change.lane ?? instr.lanes - 1;
  const shapes: Partial<Record<Shape, number[]>> = {
    none: [],
    memory: [0],
    table: [0],
    data: [0],
    elem: [0],
    dataMemory: [0, 0],
    memarg: [align, 1],
    memargLane: [align, 1, lane],
    lane: [lane],
    lanes: [lane, ...Array(15).fill(0)],
    i32: [0],
    i64: [0],
    f32: Array(4).fill(0),
    f64: Array(8).fill(0),
    v128: Array(16).fill(0),
    zero: [0],
  };
  const bytes = shapes[instr.shape];
  assert.ok(bytes, `no immediates for the shape ${instr.shape}`);
  return bytes;
}

function opcode({ prefix, sub }: Instr): number[] {
  return prefix ? [prefix, ...u32(sub)] : [sub];
}

/**
 * A module with one function of type 5 (`params -> results`, one more local of type i32) after function 0, and one
 * of everything to name: types 0 `[] -> []`, 1 struct (mut i32, mut i8), 2 array (mut i32), 3 array (mut i8), 4
 * array (mut funcref); table 0 of funcref, memory 0, tag 0, global 0 (mut i32), passive elem 0 and data 0.
 */
function environment(
  params: readonly number[],
  results: readonly number[],
  body: readonly number[],
): Uint8Array<ArrayBuffer> {
  const func = [0x60, ...vec(params.map(valType)), ...vec(results.map(valType))];
  const code = [...vec([[1, I32]]), ...body, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      [0x60, 0, 0],
      [0x5f, 2, I32, 1, 0x78, 1],
      [0x5e, I32, 1],
      [0x5e, 0x78, 1],
      [0x5e, 0x70, 1],
      func,
    ]),
    ...section(3, [[0], [5]]),
    ...section(4, [[0x70, 0, 1]]),
    ...section(5, [[0, 1]]),
    ...section(13, [[0, 0]]),
    ...section(6, [[I32, 1, 0x41, 0, 0x0b]]),
    ...section(9, [[1, 0, ...vec([[0]])]]),
    ...[12, 1, 1],
    ...section(10, [
      [2, 0, 0x0b],
      [...u32(code.length), ...code],
    ]),
    ...section(11, [[1, 0]]),
  ]);
}

function valType(type: number): number[] {
  return isRef(type) ? [isNullable(type) ? 0x63 : 0x64, heapOf(type)] : [type];
}

function section(id: number, entries: readonly number[][]): number[] {
  const bytes = vec(entries);
  return [id, ...u32(bytes.length), ...bytes];
}

function vec(entries: readonly number[][]): number[] {
  return [...u32(entries.length), ...entries.flat()];
}

function u32(n: number): number[] {
  return n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...u32(n >>> 7)];
}
