/** What the next instruction will do, at each step: operands, results, traps, calls and branches. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadProgram } from '../../engine/debug/load.ts';
import { nextEffect } from '../../engine/debug/next-effect.ts';
import { idsOf } from '../../engine/debug/object-ids.ts';
import { showValue } from '../../engine/debug/values.ts';
import { Machine } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32, type Value } from '../../engine/runtime/values.ts';

/** Whose result is what the engine computes, and nothing else. */
const COMPUTES =
  /^(?:[if](?:32|64|32x4|64x2|8x16|16x8)\.(?!.*(?:store|rmw|atomic))|v128\.(?!store)|select|ref\.|(?:global|table|struct|array)\.get|array\.len|memory\.size)/;

/** Steps through an export, at most so far, and holds what is said of each instruction to what it then gives. */
function hold(text: string, name: string, args: readonly Value[], most: number): number {
  const loaded = loadProgram({ text });
  const store = new Store();
  const inst = instantiate(store, loaded.module, () => undefined, SUPPORTED);
  const machine = new Machine(store);
  machine.begin(inst.exportedFunc(name)!, args);
  let held = 0;
  for (let step = 0; step < most; step++) {
    const [frame] = machine.frames(0, 1);
    if (frame?.kind !== 'wasm') return held;
    const effect = nextEffect(loaded, machine.space, frame);
    const { kind } = machine.step();
    assert.equal(kind === 'trap', effect?.traps === true, effect?.text);
    if (kind !== 'stepped') return held;
    const [after] = machine.frames(0, 1);
    const [told, result] = effect?.text.split(' → ') ?? [];
    if (after?.kind !== 'wasm' || result === undefined || !COMPUTES.test(told)) continue;
    assert.equal(result, showValue(after.operand(after.operandCount - 1), { ids: idsOf(store) }), told);
    held++;
  }
  return held;
}

test('what is said of instructions is what they give', () => {
  for (const [text, name, args, least] of [
    [NUMBERS, '_start', [], 10],
    [SORTS, 'main', [i32(7)], 400],
    [OBJECTS, 'main', [], 15],
  ] as const) {
    const held = hold(text, name, args, 5000);
    assert.ok(held >= least, `${held} of ${least}`);
  }
});

const SORTS = `(module
  (memory 1)
  (func $next (param $s i64) (result i64)
    (i64.add (i64.mul (local.get $s) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
  (func (export "main") (param $seed i32) (result i32)
    (local $i i32) (local $j i32) (local $s i64) (local $x f64)
    (local.set $s (i64.extend_i32_u (local.get $seed)))
    (loop $fill
      (local.set $s (call $next (local.get $s)))
      (f64.store (i32.shl (local.get $i) (i32.const 3))
        (f64.div (f64.convert_i64_s (local.get $s)) (f64.convert_i32_u (local.get $i))))
      (i32.store16 offset=512 (i32.mul (local.get $i) (i32.const 2)) (i32.wrap_i64 (i64.rotl (local.get $s) (i64.const 9))))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 12))))
    (loop $sum
      (local.set $x (f64.max (local.get $x) (f64.load (i32.shl (local.get $j) (i32.const 3)))))
      (local.set $seed (i32.xor (local.get $seed)
        (select (i32.load16_s offset=512 (i32.shl (local.get $j) (i32.const 1)))
          (i32.popcnt (i32.trunc_sat_f64_s (local.get $x))) (f64.gt (local.get $x) (f64.const 0)))))
      (br_if $sum (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 12))))
    (local.get $seed)))`;

const OBJECTS = `(module
  (type $p (struct (field $x (mut i32)) (field $n (ref null $p))))
  (type $a (array (mut i16)))
  (table $t 3 funcref)
  (elem (i32.const 1) $main)
  (func $main (export "main") (result i32) (local $p (ref null $p)) (local $a (ref null $a))
    (local.set $p (struct.new $p (i32.const 3) (struct.new $p (i32.const 4) (ref.null $p))))
    (local.set $a (array.new $a (i32.const -2) (i32.const 5)))
    (struct.set $p $x (local.get $p) (i32.const 9))
    (array.set $a (local.get $a) (i32.const 2) (i32.const 77))
    (drop (ref.eq (local.get $p) (struct.get $p $n (local.get $p))))
    (drop (ref.test (ref $p) (local.get $p)))
    (drop (ref.is_null (table.get $t (i32.const 0))))
    (drop (ref.is_null (table.get $t (i32.const 1))))
    (drop (i32x4.add (v128.const i32x4 1 2 3 4) (i32x4.splat (i32.const 5))))
    (drop (memory.size))
    (i32.add (array.get_s $a (local.get $a) (i32.const 2))
      (i32.add (array.len (local.get $a)) (struct.get $p $x (ref.as_non_null (struct.get $p $n (local.get $p)))))))
  (memory 2))`;

/** Steps through an export and gives what each instruction said it would do, the one that traps last. */
function story(text: string): string[] {
  const loaded = loadProgram({ text });
  const store = new Store();
  const inst = instantiate(store, loaded.module, () => undefined, SUPPORTED);
  const machine = new Machine(store);
  machine.begin(inst.exportedFunc('_start')!, []);
  const told: string[] = [];
  for (let outcome: string = 'stepped'; outcome === 'stepped'; outcome = machine.step().kind) {
    const [frame] = machine.frames(0, 1);
    const effect = frame?.kind === 'wasm' ? nextEffect(loaded, machine.space, frame) : undefined;
    if (effect) told.push(effect.text);
    if (effect?.traps) {
      assert.equal(machine.step().kind, 'trap', effect.text);
      break;
    }
  }
  return told;
}

const NUMBERS = `(module
  (memory 1)
  (data (i32.const 4) "\\2a\\00\\00\\00")
  (global $g (mut i32) (i32.const 3))
  (func (export "_start") (local $x i32)
    i32.const 7
    i32.const 4
    i32.load
    i32.add
    local.set $x
    local.get $x
    global.set $g
    (i32.store offset=4 (i32.const 4) (i32.const 300))
    (drop (memory.grow (i32.const 2)))
    (drop (i64.extend_i32_s (i32.const -1)))
    (drop (select (f32.const 1.5) (f32.const 2.5) (i32.const 0)))
    (drop (i32x4.extract_lane 2 (i32x4.splat (i32.const 9))))
    (i32.div_s (i32.const 7) (i32.const 0))
    drop))`;

test('numbers, memory, variables, and a trap before it comes', () => {
  assert.deepEqual(story(NUMBERS), [
    'i32.const 7 → 7 (0x7)',
    'i32.const 4 → 4 (0x4)',
    'i32.load 4 → 42 (0x2a)',
    'i32.add 7, 42 → 49 (0x31)',
    'local.set $x 49 → 0 (0x0) → 49 (0x31)',
    'local.get $x → 49 (0x31)',
    'global.set $g 49 → 3 (0x3) → 49 (0x31)',
    'i32.const 4 → 4 (0x4)',
    'i32.const 300 → 300 (0x12c)',
    'i32.store offset=4 4, 300 → at 0x8: 0 (0x0) → 300 (0x12c)',
    'i32.const 2 → 2 (0x2)',
    'memory.grow 2 → 1, and 3 pages then',
    'drop 1',
    'i32.const -1 → -1 (0xffffffff, unsigned 4294967295)',
    'i64.extend_i32_s -1 → -1 (0xffffffffffffffff, unsigned 18446744073709551615)',
    'drop -1',
    'f32.const 1.5 → 1.5',
    'f32.const 2.5 → 2.5',
    'i32.const 0 → 0 (0x0)',
    'select 1.5, 2.5, 0 → 2.5',
    'drop 2.5',
    'i32.const 9 → 9 (0x9)',
    'i32x4.splat 9 → i32x4 9 9 9 9',
    'i32x4.extract_lane 2 i32x4 9 9 9 9 → 9 (0x9)',
    'drop 9',
    'i32.const 7 → 7 (0x7)',
    'i32.const 0 → 0 (0x0)',
    'i32.div_s 7, 0 → will trap: integer divide by zero',
  ]);
});

const CONTROL = `(module
  (type $binary (func (param i32 i32) (result i32)))
  (table $t 3 funcref)
  (elem (i32.const 1) $add $noop)
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $noop)
  (func (export "_start") (local $i i32)
    (block $out
      (br_if $out (i32.const 0))
      (loop $again
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const 2))))
      (if (i32.const 0) (then (nop)) (else (nop)))
      (br_table 0 $out (i32.const 5)))
    (drop (call $add (i32.const 1) (i32.const 2)))
    (drop (call_indirect $t (type $binary) (i32.const 3) (i32.const 4) (i32.const 1)))
    (drop (call_indirect $t (type $binary) (i32.const 3) (i32.const 4) (i32.const 2)))))`;

test('branches, calls, and an indirect call of the wrong type', () => {
  const told = story(CONTROL);
  assert.deepEqual(
    told.filter((text) => /^(?:br|if|call|end|return)/.test(text)),
    [
      'br_if 0 0 → not taken',
      'br_if 0 1 → taken, to the start of loop $again',
      'br_if 0 0 → not taken',
      'if 0 → else',
      'br_table 5 → 0, behind block $out',
      'call $add 1, 2',
      'end 3 → returns',
      'call_indirect $t 1 → $add(3, 4)',
      'end 7 → returns',
      'call_indirect $t 2 → will trap: indirect call type mismatch: element 2 has type [] -> [], [i32 i32] -> [i32] is expected',
    ],
  );
});

/** The one instruction that matters, as the last one that runs. */
const LAST: [name: string, body: string, told: string][] = [
  [
    'a load',
    '(i32.load8_u offset=8 (i32.const 65535))',
    'i32.load8_u offset=8 65535 → will trap: out of bounds memory access: address 65543 (65535 + offset 8) + 1 byte, memory is 65536 bytes',
  ],
  [
    'a store',
    '(i64.store (i32.const 65530) (i64.const 1))',
    'i64.store 65530, 1 → will trap: out of bounds memory access: address 65530 + 8 bytes, memory is 65536 bytes',
  ],
  [
    'fill',
    '(memory.fill (i32.const 65530) (i32.const 1) (i32.const 10))',
    'memory.fill 65530, 1, 10 → will trap: out of bounds memory access: destination 65530 + 10 bytes, memory is 65536 bytes',
  ],
  [
    'init',
    '(memory.init $d (i32.const 0) (i32.const 1) (i32.const 10))',
    'memory.init 0, 1, 10 → will trap: out of bounds memory access: destination 0 + 10 bytes, memory is 65536 bytes: source 1 + 10 bytes, segment is 3 bytes',
  ],
  [
    'table.get',
    '(table.get $t (i32.const 9))',
    'table.get $t 9 → will trap: out of bounds table access: index 9, table has 2 elements',
  ],
  [
    'table.set',
    '(table.set $t (i32.const 2) (ref.null func))',
    'table.set $t 2, null → will trap: out of bounds table access: index 2, table has 2 elements',
  ],
  [
    'a null struct',
    '(struct.get $p $x (ref.null $p))',
    'struct.get $p x null → will trap: null structure reference',
  ],
  [
    'an index',
    '(array.get $a (array.new $a (i32.const 1) (i32.const 2)) (i32.const 5))',
    'array.get $a $a @1 (2) [1, 1], 5 → will trap: out of bounds array access: index 5, array $a has 2 elements',
  ],
  [
    'setting an index',
    '(array.set $a (array.new $a (i32.const 1) (i32.const 2)) (i32.const 5) (i32.const 0))',
    'array.set $a $a @1 (2) [1, 1], 5, 0 → will trap: out of bounds array access: index 5, array $a has 2 elements',
  ],
  [
    'a cast',
    '(ref.cast (ref $p) (ref.null $p))',
    'ref.cast null → will trap: cast failure: (ref $p) is expected, null found',
  ],
  [
    'a conversion',
    '(i32.trunc_f64_s (f64.const 1e20))',
    'i32.trunc_f64_s 100000000000000000000 → will trap: integer overflow',
  ],
  ['unreachable', '(unreachable)', 'unreachable → will trap: unreachable'],
  ['a null call', '(call_ref $f (ref.null $f))', 'call_ref $f null → will trap: null function reference'],
  [
    'an empty slot',
    '(call_indirect $t (type $f) (i32.const 1))',
    'call_indirect $t 1 → will trap: uninitialized element 1: element 1 of the table is null',
  ],
  [
    'atomics',
    '(i32.atomic.load (i32.const 2))',
    'i32.atomic.load 2 → will trap: unaligned atomic: address 2, which 4 bytes at a time do not reach',
  ],
];

for (const [name, body, told] of LAST) {
  test(`a trap before it comes: ${name}`, () => {
    const wat = `(module
      (type $f (func)) (type $p (struct (field $x i32))) (type $a (array (mut i32)))
      (memory 1) (data $d "abc") (table $t 2 funcref)
      (func (export "_start") ${body} unreachable))`;
    assert.equal(story(wat).at(-1), told);
  });
}
