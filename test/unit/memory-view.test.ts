/** The parts of the memory view's page that know no page: which bytes are kept, which are new, what they mean. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find } from '../../extension/memory/search.ts';
import { ByteCache } from '../../extension/memory/webview/cache.ts';
import { type CellKind, FORMATS, parsePattern } from '../../extension/memory/webview/cells.ts';
import { valuesAt } from '../../extension/memory/webview/values.ts';

test('bytes are read once, again after a change, and told apart', () => {
  const asked: number[] = [];
  const cache = new ByteCache((offset) => asked.push(offset));
  cache.want(4090, 4100);
  cache.want(4090, 4100);
  assert.deepEqual(asked, [0, 4096]);
  assert.equal(cache.at(4096), undefined);
  cache.put(4096, Uint8Array.of(1, 2, 3));
  assert.deepEqual([cache.at(4097), cache.at(4099), cache.isChanged(4097)], [2, undefined, false]);
  cache.invalidate();
  assert.equal(cache.at(4097), 2, 'what was read stays until it is read again');
  cache.want(4096, 4097);
  assert.deepEqual(asked, [0, 4096, 4096]);
  cache.put(4096, Uint8Array.of(1, 9, 3));
  assert.deepEqual(
    [cache.isChanged(4096), cache.isChanged(4097), cache.isChanged(4098)],
    [false, true, false],
  );
  cache.invalidate();
  cache.put(4096, Uint8Array.of(1, 9, 3));
  assert.equal(cache.isChanged(4097), false);
});

test('values are little-endian, with and without sign', () => {
  const text = (bytes: number[]) => valuesAt(bytes).map((value) => value.join(' '));
  assert.deepEqual(text([]), []);
  assert.deepEqual(text([0xff]), ['u8 255 (-1)']);
  assert.deepEqual(text([1, 2, 3]), ['u8 1', 'u16 513']);
  assert.deepEqual(text([0, 0, 0x80, 0xbf]), ['u8 0', 'u16 0', 'u32 3212836864 (-1082130432)', 'f32 -1']);
  assert.deepEqual(text([0, 0, 0, 0, 0, 0, 0xf8, 0x3f]).slice(-2), ['u64 4609434218613702656', 'f64 1.5']);
});

const CELLS: readonly (readonly [CellKind, bytes: readonly number[], text: string])[] = [
  ['hex', [0x0a], '0a'],
  ['u8', [0xff], '255'],
  ['i8', [0xff], '-1'],
  ['u16', [0x34, 0x12], '4660'],
  ['i32', [0xfe, 0xff, 0xff, 0xff], '-2'],
  ['u64', [0, 0, 0, 0, 0, 0, 0, 0x80], '9223372036854775808'],
  ['i64', [0, 0, 0, 0, 0, 0, 0, 0x80], '-9223372036854775808'],
  ['f32', [0, 0, 0xc0, 0x3f], '1.5'],
  ['f64', [0, 0, 0, 0, 0, 0, 0, 0x80], '-0'],
  ['f64', [0, 0, 0, 0, 0, 0, 0xf0, 0xff], '-inf'],
  ['f32', [0, 0, 0xc0, 0x7f], 'nan'],
];

for (const [kind, bytes, text] of CELLS) {
  test(`a cell of ${kind}: ${text}`, () => {
    const format = FORMATS[kind];
    assert.equal(format.size, bytes.length);
    assert.equal(format.show(new DataView(Uint8Array.from(bytes).buffer)), text);
    assert.deepEqual(format.read(text), Uint8Array.from(bytes));
    assert.ok(text.length <= format.width, 'it fits into its column');
  });
}

test('what is no value of a type is not written', () => {
  const refused: readonly (readonly [CellKind, string])[] = [
    ['hex', '100'],
    ['hex', 'g'],
    ['u8', '256'],
    ['i8', '-129'],
    ['u16', '1.5'],
    ['i32', ''],
    ['f64', 'one'],
    ['f32', ''],
  ];
  for (const [kind, text] of refused) assert.equal(FORMATS[kind].read(text), undefined, `${kind} ${text}`);
  assert.deepEqual(FORMATS.u8.read('-1'), Uint8Array.of(255), 'a sign is another way to say the same bits');
  assert.deepEqual(FORMATS.u16.read('0xBEEF'), Uint8Array.of(0xef, 0xbe));
});

test('what is looked for is text, or bytes of which some may be any', () => {
  assert.deepEqual(parsePattern('00 ff ?? 1'), [...new TextEncoder().encode('00 ff ?? 1')]);
  assert.deepEqual(parsePattern('00ff ?? 10'), [0, 255, undefined, 16]);
  assert.deepEqual(parsePattern('"be"'), [0x62, 0x65]);
  assert.deepEqual(parsePattern('é'), [0xc3, 0xa9]);
  assert.deepEqual(parsePattern('  '), []);
});

test('a search goes from a place to the end and round, also over the seams of its pieces', async () => {
  const bytes = new Uint8Array(3 << 20);
  bytes.set([1, 2, 3], (1 << 20) - 1);
  bytes.set([1, 9, 3], 40);
  const asked: number[] = [];
  const looking = (pattern: readonly (number | undefined)[], from: number, cancelled = () => false) =>
    find({
      length: bytes.length,
      pattern,
      from,
      cancelled,
      read: async (at, count) => {
        asked.push(count);
        return bytes.slice(at, at + count);
      },
    });
  assert.equal(await looking([1, 2, 3], 0), (1 << 20) - 1);
  assert.equal(await looking([1, undefined, 3], 41), (1 << 20) - 1);
  assert.equal(await looking([1, undefined, 3], 1 << 20), 40);
  assert.equal(await looking([7], 5), undefined);
  assert.equal(await looking([1], 0, () => true), undefined);
  assert.ok(Math.max(...asked) < 1.1 * (1 << 20), 'no piece is large');
});
