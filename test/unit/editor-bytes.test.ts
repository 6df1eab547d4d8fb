/** The module editor's bytes: the piece table, what changed between two builds, copies, and values of any bytes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COPY_FORMATS, copied } from '../../extension/editor/copy.ts';
import { changedRange, PieceTable } from '../../extension/editor/piece-table.ts';
import { inspected, lebValues } from '../../extension/editor/webview/inspector.ts';
import { randomFrom } from '../fuzz/random.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

test('a piece table is what its bytes would be', () => {
  const random = randomFrom(7);
  const some = (length: number) => Uint8Array.from({ length }, () => random.below(256));
  let plain = [...some(500)];
  const table = new PieceTable(Uint8Array.from(plain));
  for (let turn = 0; turn < 400; turn++) {
    const start = random.below(plain.length + 1);
    const end = Math.min(plain.length, start + random.below(20));
    const inserted = some(random.below(24));
    table.replace(start, end, inserted);
    plain = [...plain.slice(0, start), ...inserted, ...plain.slice(end)];
    assert.equal(table.length, plain.length);
    const from = random.below(plain.length + 1);
    assert.deepEqual([...table.read(from, from + 40)], plain.slice(from, from + 40));
  }
  assert.deepEqual([...table.read(0, table.length)], plain);
});

test('a piece table reads no further than it goes, and refuses other ranges', () => {
  const table = new PieceTable(bytes(1, 2, 3));
  assert.deepEqual([...table.read(-5, 99)], [1, 2, 3]);
  assert.deepEqual([...table.read(3, 9)], []);
  for (const [start, end] of [
    [-1, 1],
    [2, 1],
    [0, 4],
    [Number.NaN, 2],
  ])
    assert.throws(() => table.replace(start, end, bytes()), RangeError);
});

test('many small changes and large ones that are gone do not stay in memory', () => {
  const table = new PieceTable(new Uint8Array(4000));
  for (let i = 0; i < 3000; i++) table.replace(i % 3000, (i % 3000) + 1, bytes(i & 255));
  table.replace(0, 0, new Uint8Array(1 << 20));
  table.replace(0, 1 << 20, bytes());
  const kept = table.read(0, table.length).buffer.byteLength;
  assert.ok(kept < 20_000, `${kept} bytes are kept for 4000`);
});

test('the range that differs is the smallest', () => {
  const cases: readonly (readonly [number[], number[], unknown])[] = [
    [[1, 2, 3], [1, 2, 3], undefined],
    [[], [], undefined],
    [
      [1, 2, 3],
      [1, 9, 3],
      [1, 2, [9]],
    ],
    [
      [1, 2],
      [1, 2, 3],
      [2, 2, [3]],
    ],
    [[1, 2, 3], [3], [0, 2, []]],
    [
      [1, 1, 1],
      [1, 1],
      [2, 3, []],
    ],
    [[], [5], [0, 0, [5]]],
  ];
  for (const [before, after, expected] of cases) {
    const found = changedRange(bytes(...before), bytes(...after));
    assert.deepEqual(
      found && [found.start, found.end, [...found.inserted]],
      expected,
      `${before} → ${after}`,
    );
    if (!found) continue;
    const table = new PieceTable(bytes(...before));
    table.replace(found.start, found.end, found.inserted);
    assert.deepEqual([...table.read(0, 99)], after);
  }
});

test('copies in every format', () => {
  const some = bytes(0x00, 0x61, 0x22, 0x5c, 0x7f, 0xc3, 0xa9);
  const expected: Record<string, string> = {
    hex: '00 61 22 5c 7f c3 a9',
    c: 'const unsigned char bytes[7] = { 0x00, 0x61, 0x22, 0x5c, 0x7f, 0xc3, 0xa9 };',
    rust: 'const BYTES: [u8; 7] = [ 0x00, 0x61, 0x22, 0x5c, 0x7f, 0xc3, 0xa9 ];',
    base64: 'AGEiXH/DqQ==',
    wat: '"\\00a\\22\\5c\\7f\\c3\\a9"',
    text: '\0a"\\\x7fé',
    offset: '0x1f3-0x1f9',
  };
  assert.deepEqual(
    Object.fromEntries(COPY_FORMATS.map((format) => [format, copied(format, some, 0x1f3)])),
    expected,
  );
  assert.equal(copied('offset', bytes(1), 16), '0x10');
  assert.equal(copied('c', bytes(), 0), 'const unsigned char bytes[0] = {};');
  const lines = copied('rust', new Uint8Array(25), 0).split('\n');
  assert.equal(lines.length, 5);
  assert.equal(lines[3], '    0x00,');
});

test('bytes are read as every number, in both orders', () => {
  const values = (...given: number[]) =>
    Object.fromEntries(inspected(bytes(...given)).map((v) => [v.name, v]));
  assert.deepEqual(inspected(bytes()), []);
  const one = values(0xff);
  assert.deepEqual(one.u8, { name: 'u8', little: '255 (-1)' });
  assert.equal(one.binary.little, '11111111');
  assert.equal(one.u16, undefined);
  assert.equal(one['UTF-8'], undefined);
  const eight = values(0, 0, 0, 0, 0, 0, 0xf8, 0x3f);
  assert.equal(eight.f64.little, '1.5');
  assert.equal(eight.u64.little, '4609434218613702656');
  assert.equal(values(0x3f, 0xc0, 0, 0).f32.big, '1.5');
  assert.equal(values(0x3d, 0xcc, 0xcc, 0xcd).f32.big, '0.1');
  assert.equal(values(0, 0, 0, 0x80).f32.little, '-0');
  assert.equal(values(0xe5, 0x8e, 0x26)['LEB128 (3)'].little, '624485');
  assert.equal(values(0xc3, 0xa9)['UTF-8'].little, 'U+00E9 é');
  assert.equal(values(0x0a)['UTF-8'].little, 'U+000A');
});

test('a LEB128 ends within ten bytes or is none', () => {
  assert.deepEqual(lebValues(bytes(0x7f)), { length: 1, unsigned: 127n, signed: -1n });
  assert.deepEqual(lebValues(bytes(0x80, 0x7f)), { length: 2, unsigned: 16256n, signed: -128n });
  assert.equal(lebValues(bytes(0x80)), undefined);
  assert.equal(lebValues(new Uint8Array(16).fill(0x80)), undefined);
});
