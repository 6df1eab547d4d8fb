/**
 * Vectors where they live: locals, operands, globals, calls, branches, host functions, frames, and stops between any
 * two instructions. What the instructions compute is exec-simd-host.test.ts's.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmFrame } from '../../engine/exec/frame.ts';
import { I32, V128 } from '../../engine/isa/types.ts';
import { Store } from '../../engine/runtime/store.ts';
import {
  formatLanes,
  formatValue,
  type NumValue,
  otherForms,
  type Value,
} from '../../engine/runtime/values.ts';
import { beginExport, type Loaded, load, trapOf } from './exec-load.ts';

const A = 0x0f0e0d0c0b0a09080706050403020100n;
const B = 0xffeeddccbbaa99887766554433221100n;

function v128(bits: bigint): Value {
  return { type: V128, bits };
}

function bitsOf(values: readonly Value[]): bigint[] {
  return values.map((value) => (value as NumValue).bits);
}

/** The results of an export, run at once and one instruction at a time: both must be the same. */
function bothWays(make: () => Loaded, name: string, args: readonly Value[]): bigint[] {
  const results = [false, true].map((stepping) => {
    const { inst, machine } = make();
    machine.begin(inst.exportedFunc(name)!, args);
    let outcome = stepping ? machine.step() : machine.run();
    while (outcome.kind === 'stepped') outcome = machine.step();
    assert.equal(outcome.kind, 'done', outcome.kind === 'trap' ? outcome.fault.message : undefined);
    return outcome.kind === 'done' ? bitsOf(outcome.results) : [];
  });
  assert.deepEqual(results[0], results[1]);
  return results[0];
}

/** Each function takes two vectors, as `(param $a v128) (param $b v128)`. */
const CASES: readonly (readonly [name: string, rest: string, results: readonly bigint[]])[] = [
  ['locals begin as zero', '(result v128) (local i32 v128) (local.get 3)', [0n]],
  [
    'locals of a second call are zero again',
    '(result v128) (drop (call $dirty (local.get $a))) (call $dirty (local.get $b))',
    [0n],
  ],
  ['local.tee and local.set', '(result v128 v128) (local.tee $a (local.get $b)) (local.get $a)', [B, B]],
  ['select takes the first', '(result v128) (select (local.get $a) (local.get $b) (i32.const 1))', [A]],
  ['select takes the second', '(result v128) (select (local.get $a) (local.get $b) (i32.const 0))', [B]],
  [
    'select with a type',
    '(result v128) (select (result v128) (local.get $a) (local.get $b) (i32.const 0))',
    [B],
  ],
  ['globals', '(result v128 v128) (global.set $g (local.get $b)) (global.get $g) (global.get $c)', [B, A]],
  ['calls with several results', '(result v128 v128) (call $swap (local.get $a) (local.get $b))', [B, A]],
  [
    'a tail call',
    '(result v128 v128) (i32.const 7) (return_call $swap (local.get $a) (local.get $b))',
    [B, A],
  ],
  [
    'an indirect call',
    '(result v128 v128) (call_indirect (type $two) (local.get $a) (local.get $b) (i32.const 0))',
    [B, A],
  ],
  [
    'a branch that drops operands below',
    '(result v128) (block (result v128) (i32.const 1) (local.get $b) (local.get $a) (br 0))',
    [A],
  ],
  [
    'a conditional branch that drops operands below',
    '(result v128) (block (result v128) (local.get $b) (local.get $a) (br_if 0 (i32.const 1)) (drop))',
    [A],
  ],
  [
    'br_table with two vectors',
    `(result v128 v128) (block (result v128 v128) (i64.const 1)
      (local.get $b) (local.get $a) (br_table 0 0 (i32.const 3)))`,
    [B, A],
  ],
  [
    'a loop that takes vectors',
    `(result v128) (local $n i32) (local.get $a) (loop (param v128) (result v128)
      (v128.xor (local.get $b))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get $n) (i32.const 3))))`,
    [A ^ B],
  ],
  ['return from inside', '(result v128) (i32.const 1) (local.get $b) (return (local.get $a))', [A]],
  [
    'a host function',
    '(result v128 i32) (call $host (local.get $a) (i32.const 5))',
    [~A & ((1n << 128n) - 1n), 6n],
  ],
];

const MODULE = `(module
  (type $two (func (param v128 v128) (result v128 v128)))
  (import "host" "f" (func $host (param v128 i32) (result v128 i32)))
  (memory 1)
  (table funcref (elem $swap))
  (global $g (mut v128) (v128.const i64x2 1 2))
  (global $c v128 (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
  (export "g" (global $g))
  (func $dirty (param v128) (result v128) (local v128)
    (local.get 1) (local.set 1 (local.get 0)))
  (func $swap (param v128 v128) (result v128 v128) (local.get 1) (local.get 0))
  (func (export "load") (param i32) (result v128) (v128.load offset=4 (local.get 0)))
  (func (export "lane") (param i32 v128) (result v128) (v128.load32_lane 1 (local.get 0) (local.get 1)))
  (func (export "far") (param v128) (result v128) (local i64)
    (i32.const 3) (call $deep (local.get 0)) (v128.xor (local.get 0)) (return))
  (func $deep (param v128) (result v128) (v128.not (local.get 0)))
  ${CASES.map(([name, rest]) => `(func (export "${name}") (param $a v128) (param $b v128) ${rest})`).join('\n')})`;

function make(): Loaded {
  const store = new Store();
  const host = store.addHostFunc({
    type: { kind: 'func', params: [V128, I32], results: [V128, I32] },
    name: 'host.f',
    call: ([vector, n]) => {
      const { bits } = vector as NumValue;
      return [v128(BigInt.asUintN(128, ~bits)), { type: I32, bits: (n as NumValue).bits + 1n }];
    },
  });
  return load(MODULE, { store, imports: () => host });
}

for (const [name, , expected] of CASES) {
  test(name, () => {
    assert.deepEqual(bothWays(make, name, [v128(A), v128(B)]), expected);
  });
}

test('a vector out of a field reaches a function that no vector reached before', () => {
  const wat = `(module (type $v (array v128)) (data $d "${'\\01'.repeat(16)}")
    (func $low (param v128) (result i64) (i64x2.extract_lane 1 (local.get 0)))
    (func (export "f") (result i64)
      (call $low (array.get $v (array.new_data $v $d (i32.const 0) (i32.const 1)) (i32.const 0)))))`;
  assert.deepEqual(
    bothWays(() => load(wat), 'f', []),
    [0x0101010101010101n],
  );
});

test('a global of the instance is readable and writable from outside', () => {
  const { inst } = make();
  assert.deepEqual(inst.exportedGlobal('g'), v128((2n << 64n) | 1n));
});

test('frames show vectors in locals and on the stack, and take new ones', () => {
  const { inst, machine } = make();
  machine.begin(inst.exportedFunc('far')!, [v128(A)]);
  for (let i = 0; i < 3; i++) assert.equal(machine.step().kind, 'stepped');
  const [callee, caller] = machine.frames();
  assert.ok(callee instanceof WasmFrame && caller instanceof WasmFrame);
  assert.deepEqual(callee.local(0), v128(A));
  assert.deepEqual(caller.local(0), v128(A));
  callee.setLocal(0, v128(B));
  assert.equal(machine.step().kind, 'stepped');
  const [frame] = machine.frames();
  assert.ok(frame instanceof WasmFrame);
  assert.deepEqual(frame.operand(0), v128(B));
  frame.setOperand(0, v128(0n));
  const outcome = machine.run();
  assert.deepEqual(outcome.kind === 'done' && bitsOf(outcome.results), [((1n << 128n) - 1n) ^ A]);
});

test('a vector access out of bounds says where it was', () => {
  const loaded = make();
  beginExport(loaded, 'load', [{ type: I32, bits: 65530n }]);
  assert.deepEqual(trapOf(loaded.machine.run()), [
    'out of bounds memory access',
    'address 65534 (65530 + offset 4) + 16 bytes, memory is 65536 bytes',
  ]);
  beginExport(loaded, 'lane', [{ type: I32, bits: 65533n }, v128(A)]);
  assert.deepEqual(trapOf(loaded.machine.run()), [
    'out of bounds memory access',
    'address 65533 + 4 bytes, memory is 65536 bytes',
  ]);
});

test('a vector as text, by all its lanes', () => {
  const bits = (0x7fc00000n << 96n) | (0x80000000n << 64n) | (0xffffffffn << 32n) | 0x3f800000n;
  assert.equal(formatValue(v128(bits)), 'i32x4 0x3f800000 0xffffffff 0x80000000 0x7fc00000');
  assert.equal(formatLanes(bits, 'f32x4'), 'f32x4 1 -nan:0x7fffff -0 nan');
  assert.deepEqual(otherForms(v128(bits)), [
    'i8x16 0 0 -128 63 -1 -1 -1 -1 0 0 0 -128 0 0 -64 127',
    'i16x8 0 16256 -1 -1 0 -32768 0 32704',
    'i64x2 -3229614080 9205357640492777472',
    'f32x4 1 -nan:0x7fffff -0 nan',
    'f64x2 -nan:0xfffff3f800000 2.247117490086502e+307',
  ]);
});
