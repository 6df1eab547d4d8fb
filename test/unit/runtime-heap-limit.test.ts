/** Programs that make objects for ever end with a fault of ours; those whose objects die go on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { beginExport, call, load, trapOf } from './exec-load.ts';

const MIB = 2 ** 20;

const TEXT = `(module
  (rec (type $node (struct (field $next (mut (ref null $node))) (field $value (mut i64)))))
  (type $bytes (array (mut i8)))
  (type $refs (array (mut anyref)))
  (tag $e (param exnref i32))
  (global $keep (mut (ref null any)) (ref.null none))
  (table $t 10 anyref)
  ;; A list of n nodes that lives, in a local.
  (func (export "list") (param $n i32) (result i32) (local $head (ref null $node))
    (loop $more
      (local.set $head (struct.new $node (local.get $head) (i64.const 1)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.const 1))
  ;; n nodes, of which one lives at a time.
  (func (export "garbage") (param $n i32) (result i32)
    (loop $more
      (global.set $keep (struct.new_default $node))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.const 2))
  (func (export "bytes") (param $n i32) (result i32)
    (global.set $keep (array.new_default $refs (local.get $n)))
    (loop $more
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (array.set $refs (ref.cast (ref $refs) (global.get $keep)) (local.get $n) (array.new $bytes (i32.const 1) (i32.const 100000)))
      (br_if $more (local.get $n)))
    (i32.const 3))
  (func (export "kept in a table") (param $n i32) (result i32)
    (table.set $t (i32.const 3) (array.new_default $bytes (local.get $n)))
    (array.len (ref.cast (ref $bytes) (table.get $t (i32.const 3)))))
  ;; Exceptions that hold the one before.
  (func (export "exceptions") (param $n i32) (result i32) (local $last exnref)
    (loop $more
      (block $h (result exnref i32 exnref)
        (try_table (catch_ref $e $h) (throw $e (local.get $last) (i32.const 1)))
        (unreachable))
      (local.set $last) (drop) (drop)
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.const 4))
)`;

const loaded = () => load(TEXT, { store: new Store({ maxHeapBytes: 8 * MIB }) });

for (const [name, n] of [
  ['list', 100_000],
  ['bytes', 100],
  ['exceptions', 100_000],
  ['kept in a table', 9 * MIB],
] as const) {
  test(`${name}: too much ends with a fault, in the state that it stopped in`, () => {
    const program = loaded();
    beginExport(program, name, [i32(n)]);
    const outcome = program.machine.run();
    const [message, note] = trapOf(outcome);
    assert.equal(message, 'heap exhausted');
    assert.equal(outcome.kind === 'trap' && outcome.fault.phase, 'exhaustion');
    assert.match(note, /^the program's objects take \d (MiB|bytes), 8 MiB are allowed$/);
    assert.equal(program.machine.frames().length, 1);
  });
}

test('little of the same is let through, and so is much that dies', () => {
  const program = loaded();
  for (let k = 0; k < 20; k++) assert.deepEqual(call(program, 'list', i32(10_000)), [1]);
  assert.deepEqual(call(program, 'garbage', i32(500_000)), [2]);
  assert.deepEqual(call(program, 'bytes', i32(30)), [3]);
  assert.deepEqual(call(program, 'exceptions', i32(10_000)), [4]);
  assert.deepEqual(call(program, 'kept in a table', i32(MIB)), [MIB]);
});

test('objects that a module makes at its start count, too', () => {
  const globals = Array.from(
    { length: 10 },
    () => `(global (ref $bytes) (array.new_default $bytes (i32.const ${MIB})))`,
  );
  const text = `(module (type $bytes (array (mut i8))) ${globals.join('')})`;
  assert.throws(
    () => load(text, { store: new Store({ maxHeapBytes: 8 * MIB }) }),
    (error) => error instanceof WasmError && error.phase === 'exhaustion',
  );
  load(text);
});

test('tables have a limit together', () => {
  const text = `(module (table $a 400 funcref) (table $b 500 funcref)
    (func (export "grow") (param i32) (result i32) (table.grow $a (ref.null func) (local.get 0))))`;
  const program = load(text, { store: new Store({ maxTableElements: 1000 }) });
  assert.deepEqual(call(program, 'grow', i32(101)), [-1]);
  assert.deepEqual(call(program, 'grow', i32(100)), [400]);
  assert.deepEqual(call(program, 'grow', i32(1)), [-1]);
  assert.throws(
    () => load(text, { store: new Store({ maxTableElements: 899 }) }),
    (error) => error instanceof WasmError && error.phase === 'exhaustion',
  );
});
