/** The parts of the memory view's page that know no page: which bytes are kept, which are new, what they mean. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteCache } from '../../extension/memory/webview/cache.ts';
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
