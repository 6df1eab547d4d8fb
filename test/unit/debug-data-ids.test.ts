/** Data ids, which clients keep: what they mean, and that they say again what they were made of. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { type DataRef, dataIdOf, parseDataId } from '../../engine/debug/data-ids.ts';
import { bytesOf } from './exec-load.ts';

const MODULE = decode(
  bytesOf(`(module
  (global $count (mut i32) (i32.const 0))
  (global (mut i32) (i32.const 0))
  (global $"a\\00b" (mut i32) (i32.const 0)))`),
);

const IDS: [ref: DataRef, instance: number, id: string][] = [
  [{ kind: 'memory', idx: 0, from: 256, count: 8 }, 0, 'memory[0][0x100..+8]'],
  [{ kind: 'memory', idx: 1, from: 0, count: 8, view: 'f64' }, 0, 'memory[1][0x0..+8].f64'],
  [{ kind: 'memory', idx: 0, from: 2 ** 40, count: 1, view: 'u8' }, 3, 'memory[0]@3[0x10000000000..+1].u8'],
  [{ kind: 'global', idx: 1 }, 0, 'global[1]'],
  [{ kind: 'global', idx: 1 }, 2, 'global[1]@2'],
  [{ kind: 'table', idx: 2, index: 7 }, 0, 'table[2][7]'],
  [{ kind: 'table', idx: 2, index: 7 }, 1, 'table[2]@1[7]'],
  [{ kind: 'local', idx: 4, activation: 2 }, 0, 'local[4]#2'],
];

for (const [ref, instance, id] of IDS) {
  test(id, () => {
    assert.equal(dataIdOf(ref, instance, MODULE), id);
    const parsed = parseDataId(id);
    const expected = ref.kind === 'memory' ? { ...ref, view: ref.view } : ref;
    assert.deepEqual(parsed, { ref: expected, instance: ref.kind === 'local' ? 0 : instance });
    assert.equal(dataIdOf(parsed.ref as DataRef, parsed.instance, MODULE), id);
  });
}

test('globals go by their names', () => {
  assert.equal(dataIdOf({ kind: 'global', idx: 0 }, 0, MODULE), '$count');
  assert.deepEqual(parseDataId('$count'), { ref: { kind: 'name', name: 'count' }, instance: 0 });
  const other = dataIdOf({ kind: 'global', idx: 0 }, 2, MODULE);
  assert.deepEqual(parseDataId(other), { ref: { kind: 'name', name: 'count' }, instance: 2 });
  const odd = parseDataId(dataIdOf({ kind: 'global', idx: 2 }, 0, MODULE));
  assert.deepEqual(odd, { ref: { kind: 'name', name: 'a\0b' }, instance: 0 });
});

const REFUSED = [
  '',
  'mem[0]',
  'memory[0]',
  'memory[0][0x0..+0]',
  'memory[0][0x0..+1048577]',
  'memory[0][0x20000000000000..+1]',
  'table[0]',
  'global[0][1]',
  'local[0]',
  '$',
];

for (const id of REFUSED) {
  test(`no data id: ${JSON.stringify(id)}`, () => {
    assert.throws(() => parseDataId(id), { name: 'WasmError' });
  });
}
