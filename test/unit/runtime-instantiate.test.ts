/**
 * Instantiation and external typing: what links, what does not and how that reads, and what segments do.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fault, WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { EXTERNREF, FUNCREF, I32, I64 } from '../../engine/isa/types.ts';
import { type Imports, instantiate } from '../../engine/runtime/instantiate.ts';
import type { Extern } from '../../engine/runtime/module-inst.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32, i64, toJS } from '../../engine/runtime/values.ts';
import { bytesOf, FEATURES } from './exec-load.ts';

function faultOf(run: () => unknown): Fault {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof WasmError, String(error));
    return error.fault;
  }
  assert.fail('nothing was thrown');
}

/** A store with one thing of each kind under the names that the texts below import. */
function world(): { store: Store; imports: Imports } {
  const store = new Store();
  const page = { is64: false, shared: false, pageSizeLog2: 16 };
  const things: Readonly<Record<string, Extern>> = {
    func: store.addHostFunc({ type: { kind: 'func', params: [I32], results: [] }, call: () => [] }),
    table: store.addTable({ limits: { min: 3, max: 5 }, is64: false, element: FUNCREF }),
    memory: store.addMemory({ limits: { min: 2 }, ...page }),
    const: store.addGlobal({ type: I32, mutable: false }, i32(7)),
    var: store.addGlobal({ type: I64, mutable: true }, i64(-1n)),
  };
  return { store, imports: ({ name }) => things[name] };
}

function make(wat: string, { store, imports } = world()) {
  return instantiate(store, decode(bytesOf(`(module ${wat})`)), imports, FEATURES);
}

for (const field of [
  '(import "m" "func" (func (param i32)))',
  '(import "m" "table" (table 2 funcref))',
  '(import "m" "table" (table 3 6 funcref))',
  '(import "m" "memory" (memory 0))',
  '(import "m" "const" (global i32))',
  '(import "m" "var" (global (mut i64)))',
]) {
  test(`links ${field}`, () => void make(field));
}

for (const [field, wanted, given] of [
  ['(import "m" "func" (func (param i64)))', '(func [i64] -> [])', '(func [i32] -> [])'],
  ['(import "m" "func" (memory 1))', '(memory 1)', '(func [i32] -> [])'],
  ['(import "m" "table" (table 4 funcref))', '(table 4 funcref)', '(table 3 5 funcref)'],
  ['(import "m" "table" (table 3 4 funcref))', '(table 3 4 funcref)', '(table 3 5 funcref)'],
  ['(import "m" "table" (table 3 externref))', '(table 3 externref)', '(table 3 5 funcref)'],
  ['(import "m" "memory" (memory 1 9))', '(memory 1 9)', '(memory 2)'],
  ['(import "m" "const" (global (mut i32)))', '(global (mut i32))', '(global i32)'],
  ['(import "m" "var" (global i64))', '(global i64)', '(global (mut i64))'],
] as const) {
  test(`refuses ${field}`, () => {
    const fault = faultOf(() => make(field));
    assert.equal(fault.phase, 'unlinkable');
    const name = /"m" "\w+"/.exec(field)![0];
    assert.equal(fault.message, `incompatible import type ${name}: ${wanted} wanted, ${given} given`);
    assert.equal(fault.notes.length, 1);
    assert.ok(fault.notes[0].offset! > 8);
  });
}

test('all missing imports are listed, with their types', () => {
  const fault = faultOf(() =>
    make(
      '(import "a" "x" (func (param i32 f64) (result i32))) (import "m" "const" (global i32)) (import "b" "y" (table 1 2 externref))',
    ),
  );
  assert.equal(fault.phase, 'unlinkable');
  assert.equal(fault.message, 'unknown import "a" "x": (func [i32 f64] -> [i32])');
  assert.deepEqual(
    fault.notes.map((n) => n.message),
    ['"a" "x": (func [i32 f64] -> [i32])', '"b" "y": (table 1 2 externref)'],
  );
});

test('constant expressions: every form, over imported and earlier globals', () => {
  const inst = make(`(import "m" "const" (global $c i32)) (func $f)
    (global (export "a") i32 (global.get $c)) (global (export "b") i64 (i64.const -9223372036854775808))
    (global (export "c") f32 (f32.const -0.5)) (global (export "d") f64 (f64.const 1e300))
    (global (export "e") i32 (i32.sub (i32.mul (global.get $c) (i32.const 6)) (i32.const 50)))
    (global (export "f") i64 (i64.add (i64.const 0x7fffffffffffffff) (i64.const 1)))
    (global (export "g") funcref (ref.func $f)) (global (export "h") externref (ref.null extern))
    (global (export "i") i32 (global.get 1))`);
  const values = [...'abcdefhi'].map((name) => toJS(inst.exportedGlobal(name)!));
  assert.deepEqual(values, [7, -(2n ** 63n), -0.5, 1e300, -8, -(2n ** 63n), null, 7]);
  assert.equal(toJS(inst.exportedGlobal('g')!), inst.funcs[0]);
  assert.equal(inst.exportedGlobal('h')!.type, EXTERNREF);
});

test('many globals keep their values', () => {
  const inst = make(
    Array.from({ length: 300 }, (_, i) => `(global (export "g${i}") (mut i64) (i64.const ${i}))`).join(' '),
  );
  for (let i = 0; i < 300; i++) assert.equal(toJS(inst.exportedGlobal(`g${i}`)!), BigInt(i));
});

test('active segments are written in order; what was written before a trap stays', () => {
  const at = world();
  const fault = faultOf(() =>
    make(
      `(import "m" "table" (table 3 funcref)) (import "m" "memory" (memory 2)) (func $f)
       (elem (i32.const 1) $f $f) (data (i32.const 5) "abc") (data (i32.const 131071) "xy") (data (i32.const 0) "never")`,
      at,
    ),
  );
  assert.equal(fault.phase, 'trap');
  assert.equal(fault.message, 'out of bounds memory access');
  assert.deepEqual(
    fault.notes.map((n) => n.message),
    ['address 131071 + 2 bytes, memory is 131072 bytes'],
  );
  const { bytes } = at.store.mems[0];
  assert.equal(new TextDecoder().decode(bytes.subarray(5, 8)), 'abc');
  assert.deepEqual([bytes[0], bytes[131071]], [0, 0]);
  assert.deepEqual(
    at.store.tables[0].elems.map((e) => e === null),
    [true, false, false],
  );
});

test('an element segment out of bounds', () => {
  const fault = faultOf(() => make('(table 2 funcref) (func $f) (elem (i32.const -1) $f)'));
  assert.equal(fault.message, 'out of bounds table access');
  assert.equal(fault.notes[0].message, 'elements 4294967295 to 4294967296, table has 2');
});

test('the start function is given, not run; exports lead to the instances', () => {
  const inst = make(`(global $g (mut i32) (i32.const 1)) (func $s (global.set $g (i32.const 2))) (start $s)
    (export "g" (global $g)) (export "s" (func $s)) (memory (export "m") 1) (table (export "t") 1 funcref)`);
  assert.equal(inst.start, inst.exportedFunc('s'));
  assert.equal(toJS(inst.exportedGlobal('g')!), 1);
  assert.equal(inst.exports.get('m'), inst.mems[0]);
  assert.equal(inst.exports.get('t'), inst.tables[0]);
  assert.equal(inst.exportedFunc('m'), undefined);
});

test('a table that no host has room for', () => {
  const fault = faultOf(() => make('(table 4000000000 funcref)'));
  assert.equal(fault.phase, 'exhaustion');
  assert.equal(fault.message, 'no room for table 0');
});

test('a memory grows to its maximum and not beyond, keeping its bytes', () => {
  const { mems } = make('(memory 1 3)');
  mems[0].bytes[65535] = 9;
  assert.deepEqual(
    [1, 0, 2, 1, 1, -1].map((n) => mems[0].grow(n)),
    [1, 2, -1, 2, -1, -1],
  );
  assert.equal(mems[0].bytes[65535], 9);
  assert.equal(mems[0].view.byteLength, 3 * 65536);
  assert.equal(mems[0].typeNow.limits.min, 3);
});

test('without the host’s WebAssembly.Memory, an ArrayBuffer does', () => {
  const { WebAssembly: host } = globalThis;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    const { mems } = make('(memory 1)');
    assert.equal(mems[0].hostMemory, undefined);
    mems[0].bytes[1] = 8;
    assert.equal(mems[0].grow(2), 1);
    assert.deepEqual([mems[0].bytes.length, mems[0].view.getUint8(1)], [3 * 65536, 8]);
    assert.equal(mems[0].grow(65536), -1);
  } finally {
    Object.assign(globalThis, { WebAssembly: host });
  }
});

test('memories made by the host are shared with it', () => {
  const store = new Store();
  const host = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  const type = { limits: { min: 1, max: 4 }, is64: false, shared: false, pageSizeLog2: 16 };
  const mem = store.addMemory(type, host);
  host.grow(1);
  mem.refresh();
  assert.equal(mem.pages, 2);
  new Uint8Array(host.buffer)[70000] = 3;
  assert.equal(mem.bytes[70000], 3);
});
