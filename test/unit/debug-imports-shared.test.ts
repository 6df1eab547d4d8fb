/** Shared memories that a user's JavaScript gives: the host's own and ours, and one that is not shared. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readJsImports } from '../../engine/debug/imports.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { call, load } from './exec-load.ts';

const WAT = `(module (import "env" "memory" (memory 1 2 shared))
  (func (export "add") (param i32) (result i32) (i32.atomic.rmw.add (i32.const 8) (local.get 0))))`;

async function loaded(given: unknown) {
  const store = new Store();
  const js = await readJsImports(store, given, () => []);
  return load(WAT, { store, imports: js.lookup });
}

test('a shared memory of the host', async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  const ours = await loaded({ env: { memory } });
  new Int32Array(memory.buffer)[2] = 40;
  assert.deepEqual(call(ours, 'add', i32(2)), [40]);
  assert.equal(Atomics.load(new Int32Array(memory.buffer), 2), 42);
});

test('a shared memory that the tools make', async () => {
  let made: { buffer: ArrayBuffer } | undefined;
  const ours = await loaded((tools: { memory(descriptor: object): { buffer: ArrayBuffer } }) => {
    assert.throws(() => tools.memory({ initial: 1, shared: true }), /needs \{maximum\}/);
    made = tools.memory({ initial: 1, maximum: 2, shared: true });
    return { env: { memory: made } };
  });
  assert.deepEqual(call(ours, 'add', i32(5)), [0]);
  assert.equal(new Int32Array(made!.buffer)[2], 5);
});

test('a memory that is not shared is none', async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  await assert.rejects(loaded({ env: { memory } }), /incompatible import type/);
});
