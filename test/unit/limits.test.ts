/**
 * Every limit of docs/limits.md: what is as large as allowed passes, one more is refused with an error of ours, and the page
 * has the number.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { ByteWriter } from '../../engine/base/writer.ts';
import { decode } from '../../engine/binary/decode.ts';
import { writeHeader, writeSection } from '../../engine/binary/encode.ts';
import { LIMITS } from '../../engine/binary/limits.ts';
import { SECTION } from '../../engine/binary/sections.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { validate } from '../../engine/valid/validate.ts';
import { bytesOf, call, FEATURES, load } from './exec-load.ts';

/** A module with one section that announces `n` entries of `entry`. */
const section =
  (id: number, ...entry: number[]) =>
  (n: number): Uint8Array => {
    const content = new ByteWriter(n * entry.length + 16);
    content.u32(n);
    const row = Uint8Array.from(entry);
    for (let i = 0; i < n; i++) content.bytes(row);
    const w = new ByteWriter(content.length + 32);
    writeHeader(w);
    writeSection(w, id, content.view());
    return w.toBytes();
  };

const text = (make: (n: number) => string) => (n: number) => bytesOf(`(module ${make(n)})`);

/** A module with one function, whose code is made here because an assembler has limits of its own. */
function withBody(size: number): Uint8Array {
  const code = new ByteWriter(size + 16);
  code.u32(1);
  const body = new Uint8Array(size).fill(0x01);
  body[0] = 0;
  body[size - 1] = 0x0b;
  code.sized(body);
  const w = new ByteWriter(size + 64);
  writeHeader(w);
  writeSection(w, SECTION.type, Uint8Array.of(1, 0x60, 0, 0));
  writeSection(w, SECTION.function, Uint8Array.of(1, 0));
  writeSection(w, SECTION.code, code.view());
  return w.toBytes();
}

/** For each limit a module that has `n` of it. Those that are cut off behind the count fail there, if it is allowed. */
const MODULES: Readonly<Record<keyof typeof LIMITS, (n: number) => Uint8Array>> = {
  types: section(SECTION.type, 0x60, 0, 0),
  functions: section(SECTION.function, 0),
  imports: section(SECTION.import, 0, 0, 3, 0x7f, 0),
  exports: section(SECTION.export, 0, 0, 0),
  globals: section(SECTION.global, 0x7f, 0, 0x41, 0, 0x0b),
  tags: section(SECTION.tag, 0, 0),
  memories: section(SECTION.memory, 0, 0),
  tables: section(SECTION.table, 0x70, 0, 0),
  'data segments': section(SECTION.data, 1, 0),
  'element segments': section(SECTION.element, 1, 0, 0),
  parameters: text((n) => `(type (func (param ${'i32 '.repeat(n)})))`),
  results: text((n) => `(type (func (result ${'i32 '.repeat(n)})))`),
  fields: text((n) => `(type (struct ${'(field i32) '.repeat(n)}))`),
  locals: text((n) => `(func (param i32) (local ${'i64 '.repeat(n - 1)}))`),
  'bytes of a function': withBody,
  'elements of array.new_fixed': text(
    (n) => `(type $a (array i32)) (func ${'i32.const 0 '.repeat(n)} (array.new_fixed $a ${n}) drop)`,
  ),
  'labels of br_table': text((n) => `(func (br_table ${'0 '.repeat(n + 1)} (i32.const 0)))`),
};

/** What decoding and validating refuse a module for, for its size. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    validate(decode(bytes), FEATURES);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof WasmError, String(error));
    // Functions without code, for example: they are not what is tested here.
    return error.phase === 'unsupported' ? error.message : undefined;
  }
}

const page = readFileSync('docs/limits.md', 'utf8');

for (const [what, limit] of Object.entries(LIMITS)) {
  const make = MODULES[what as keyof typeof LIMITS];
  test(`${what}: at most ${limit}`, () => {
    // Ten million segments are 30 MB, and are only counted.
    if (limit <= 1_000_000) assert.equal(refusal(make(limit)), undefined);
    assert.equal(refusal(make(limit + 1)), `too many ${what}: ${limit + 1}, the limit is ${limit}`);
    assert.ok(page.includes(`| ${limit.toLocaleString('en-US')} |`), 'docs/limits.md has the number');
  });
}

test('super types above a type', () => {
  const chain = (n: number) =>
    Array.from({ length: n + 1 }, (_, k) => `(type $t${k} (sub ${k ? `$t${k - 1}` : ''} (struct)))`).join('');
  assert.equal(refusal(bytesOf(`(module ${chain(63)})`)), undefined);
  assert.match(refusal(bytesOf(`(module ${chain(64)})`))!, /more than 63 super types above a type/);
});

test('sizes of memories and tables', () => {
  const exhausted = (wat: string) =>
    assert.throws(
      () => load(wat),
      (error) => error instanceof WasmError && error.phase === 'exhaustion',
      wat,
    );
  exhausted('(module (table 10000001 funcref))');
  exhausted('(module (memory i64 262145))');
  const program = load(`(module (memory 0) (table 0 funcref)
    (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))`);
  assert.deepEqual(call(program, 'memory', i32(65_537)), [-1]);
  assert.deepEqual(call(program, 'memory', i32(-1)), [-1]);
  assert.deepEqual(call(program, 'table', i32(10_000_001)), [-1]);
  assert.deepEqual(call(program, 'table', i32(-1)), [-1]);
});
