/**
 * Garbage-collected values in tier 0 beyond the public suite: every instruction against the host's own WebAssembly,
 * notes of traps, steps, inspection, limits, and types across modules.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import type { WasmFrame } from '../../engine/exec/frame.ts';
import { EXTERNREF, HEAP, refType } from '../../engine/isa/types.ts';
import { importsFrom } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { externRef, formatValue, fromJS, i32, i64, toJS, type Value } from '../../engine/runtime/values.ts';
import { beginExport, bytesOf, call, type Loaded, load, trapOf } from './exec-load.ts';

/** Each exported function takes two i32s and gives one number, or traps. */
const EVERY_INSTRUCTION = `
(module
  (rec
    (type $node (sub (struct (field $next (mut (ref null $node))) (field $n (mut i32)))))
    (type $leaf (sub final $node (struct (field (mut (ref null $node))) (field (mut i32)) (field $more (mut i64)))))
  )
  (type $mixed (struct (field $b (mut i8)) (field $h (mut i16)) (field $i (mut i32)) (field $l (mut i64))
    (field $f (mut f32)) (field $d (mut f64)) (field $r (mut eqref)) (field $v (mut v128))))
  (type $bytes (array (mut i8)))
  (type $shorts (array (mut i16)))
  (type $longs (array (mut i64)))
  (type $doubles (array (mut f64)))
  (type $vectors (array (mut v128)))
  (type $refs (array (mut eqref)))
  (type $funcs (array (mut funcref)))
  (data $data "\\01\\02\\83\\04\\05\\86\\07\\08\\89\\0a\\0b\\8c\\0d\\0e\\0f\\90")
  (elem $elem funcref (ref.func $one) (ref.null func) (ref.func $two))
  (elem $i31s eqref (ref.i31 (i32.const 5)) (ref.null eq) (ref.i31 (i32.const -5)))
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $of (param i32 i32) (result anyref)
    (block $default (result anyref)
      (block (block (block (block (block
        (br_table 0 1 2 3 4 (local.get 0)))
        (return (ref.null none)))
        (return (ref.i31 (local.get 1))))
        (return (struct.new $node (ref.null $node) (local.get 1))))
        (return (struct.new $leaf (ref.null $node) (local.get 1) (i64.const 7))))
      (array.new_default $bytes (i32.and (local.get 1) (i32.const 15)))))
  (func $mix (param i32 i32) (result (ref $mixed))
    (struct.new $mixed (local.get 0) (local.get 1) (local.get 0) (i64.extend_i32_s (local.get 1))
      (f32.reinterpret_i32 (local.get 0)) (f64.convert_i32_s (local.get 1)) (ref.i31 (local.get 0))
      (i32x4.splat (local.get 1))))

  (func (export "struct.get_s i8") (param i32 i32) (result i32) (struct.get_s $mixed $b (call $mix (local.get 0) (local.get 1))))
  (func (export "struct.get_u i8") (param i32 i32) (result i32) (struct.get_u $mixed $b (call $mix (local.get 0) (local.get 1))))
  (func (export "struct.get_s i16") (param i32 i32) (result i32) (struct.get_s $mixed $h (call $mix (local.get 0) (local.get 1))))
  (func (export "struct.get_u i16") (param i32 i32) (result i32) (struct.get_u $mixed $h (call $mix (local.get 0) (local.get 1))))
  (func (export "struct.get i64") (param i32 i32) (result i64) (struct.get $mixed $l (call $mix (local.get 0) (local.get 1))))
  (func (export "struct.get f32") (param i32 i32) (result i32) (i32.reinterpret_f32 (struct.get $mixed $f (call $mix (local.get 0) (local.get 1)))))
  (func (export "struct.get f64") (param i32 i32) (result f64) (struct.get $mixed $d (call $mix (local.get 0) (local.get 1))))
  (func (export "struct.get ref") (param i32 i32) (result i32) (i31.get_s (ref.cast i31ref (struct.get $mixed $r (call $mix (local.get 0) (local.get 1))))))
  (func (export "struct.get v128") (param i32 i32) (result i32) (i32x4.extract_lane 3 (struct.get $mixed $v (call $mix (local.get 0) (local.get 1)))))
  (func (export "struct.set") (param i32 i32) (result i64) (local $m (ref null $mixed))
    (local.set $m (struct.new_default $mixed))
    (struct.set $mixed $b (local.get $m) (local.get 0))
    (struct.set $mixed $h (local.get $m) (local.get 1))
    (struct.set $mixed $l (local.get $m) (i64.const 0x1234567890abcdef))
    (struct.set $mixed $r (local.get $m) (local.get $m))
    (struct.set $mixed $v (local.get $m) (i64x2.splat (struct.get $mixed $l (local.get $m))))
    (i64.add (i64x2.extract_lane 1 (struct.get $mixed $v (local.get $m)))
      (i64.extend_i32_u (i32.add (struct.get_u $mixed $b (ref.cast (ref $mixed) (struct.get $mixed $r (local.get $m))))
        (struct.get_u $mixed $h (local.get $m))))))
  (func (export "struct.get null") (param i32 i32) (result i32) (struct.get $node $n (ref.null $node)))
  (func (export "struct.set null") (param i32 i32) (result i32) (struct.set $node $n (ref.null $node) (i32.const 1)) (i32.const 0))

  (func (export "ref.test") (param i32 i32) (result i32) (local $r anyref)
    (local.set $r (call $of (local.get 0) (local.get 1)))
    (i32.or (ref.test (ref any) (local.get $r))
    (i32.or (i32.shl (ref.test anyref (local.get $r)) (i32.const 1))
    (i32.or (i32.shl (ref.test (ref eq) (local.get $r)) (i32.const 2))
    (i32.or (i32.shl (ref.test (ref i31) (local.get $r)) (i32.const 3))
    (i32.or (i32.shl (ref.test (ref struct) (local.get $r)) (i32.const 4))
    (i32.or (i32.shl (ref.test (ref array) (local.get $r)) (i32.const 5))
    (i32.or (i32.shl (ref.test (ref $node) (local.get $r)) (i32.const 6))
    (i32.or (i32.shl (ref.test (ref null $leaf) (local.get $r)) (i32.const 7))
    (i32.or (i32.shl (ref.test (ref $bytes) (local.get $r)) (i32.const 8))
    (i32.or (i32.shl (ref.test (ref none) (local.get $r)) (i32.const 9))
            (i32.shl (ref.test nullref (local.get $r)) (i32.const 10)))))))))))))
  (func (export "ref.cast") (param i32 i32) (result i32)
    (struct.get $node $n (ref.cast (ref $node) (call $of (local.get 0) (local.get 1)))))
  (func (export "ref.cast null") (param i32 i32) (result i32)
    (ref.is_null (ref.cast (ref null $leaf) (call $of (local.get 0) (local.get 1)))))
  (func (export "br_on_cast") (param i32 i32) (result i32)
    (block $node (result (ref $node))
      (block $i31 (result i31ref)
        (br_on_cast $node anyref (ref $node) (call $of (local.get 0) (local.get 1)))
        (br_on_cast $i31 anyref i31ref)
        (drop)
        (return (i32.const -1)))
      (return (i31.get_u)))
    (struct.get $node $n))
  (func (export "br_on_cast_fail") (param i32 i32) (result i32)
    (block $no (result anyref)
      (br_on_cast_fail $no anyref (ref $leaf) (call $of (local.get 0) (local.get 1)))
      (return (i32.wrap_i64 (struct.get $leaf $more))))
    (ref.is_null))
  (func (export "br_on_cast loop") (param i32 i32) (result i32) (local $r anyref) (local $count i32)
    (local.set $r (call $of (local.get 0) (local.get 1)))
    (block $out (result anyref)
      (loop $again (param) (result anyref)
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br_if 1 (local.get $r) (i32.gt_u (local.get $count) (i32.const 9)))
        (br_on_cast_fail 1 anyref (ref i31))
        (local.set $r)
        (br $again)))
    (drop)
    (local.get $count))
  (func (export "ref.eq") (param i32 i32) (result i32) (local $a eqref) (local $b eqref)
    (local.set $a (ref.cast eqref (call $of (local.get 0) (local.get 1))))
    (local.set $b (ref.cast eqref (call $of (local.get 0) (local.get 1))))
    (i32.add (ref.eq (local.get $a) (local.get $a)) (i32.shl (ref.eq (local.get $a) (local.get $b)) (i32.const 1))))
  (func (export "convert") (param i32 i32) (result i32)
    (ref.eq (ref.cast eqref (any.convert_extern (extern.convert_any (call $of (local.get 0) (local.get 1))))) (ref.i31 (local.get 1))))
  (func (export "i31.get_s") (param i32 i32) (result i32) (i31.get_s (ref.i31 (local.get 1))))
  (func (export "i31.get_u") (param i32 i32) (result i32) (i31.get_u (ref.i31 (local.get 1))))
  (func (export "i31.get null") (param i32 i32) (result i32) (i31.get_s (ref.null i31)))

  (func (export "array.new i16") (param i32 i32) (result i32)
    (array.get_s $shorts (array.new $shorts (local.get 1) (i32.const 5)) (local.get 0)))
  (func (export "array.new i64") (param i32 i32) (result i64)
    (array.get $longs (array.new $longs (i64.extend_i32_s (local.get 1)) (i32.const 7)) (local.get 0)))
  (func (export "array.new v128") (param i32 i32) (result i64)
    (i64x2.extract_lane 1 (array.get $vectors (array.new $vectors (i64x2.splat (i64.extend_i32_s (local.get 1))) (i32.const 7)) (local.get 0))))
  (func (export "array.new too large") (param i32 i32) (result i32)
    (array.len (array.new_default $vectors (i32.const -1))))
  (func (export "array.new_default ref") (param i32 i32) (result i32)
    (ref.is_null (array.get $refs (array.new_default $refs (i32.const 2)) (local.get 0))))
  (func (export "array.new_fixed") (param i32 i32) (result f64)
    (array.get $doubles (array.new_fixed $doubles 3 (f64.const 1.5) (f64.convert_i32_s (local.get 1)) (f64.const -0)) (local.get 0)))
  (func (export "array.new_data i8") (param i32 i32) (result i32)
    (array.get_s $bytes (array.new_data $bytes $data (local.get 0) (i32.const 3)) (i32.const 2)))
  (func (export "array.new_data i64") (param i32 i32) (result i64)
    (array.get $longs (array.new_data $longs $data (local.get 0) (i32.const 1)) (i32.const 0)))
  (func (export "array.new_elem") (param i32 i32) (result i32)
    (ref.is_null (array.get $funcs (array.new_elem $funcs $elem (local.get 0) (i32.const 2)) (i32.const 1))))
  (func (export "array.get_u") (param i32 i32) (result i32)
    (array.get_u $bytes (array.new $bytes (local.get 1) (i32.const 3)) (local.get 0)))
  (func (export "array.get null") (param i32 i32) (result i32) (array.get_u $bytes (ref.null $bytes) (local.get 0)))
  (func (export "array.set") (param i32 i32) (result i64) (local $a (ref null $longs))
    (local.set $a (array.new_default $longs (i32.const 3)))
    (array.set $longs (local.get $a) (local.get 0) (i64.extend_i32_s (local.get 1)))
    (i64.sub (array.get $longs (local.get $a) (i32.const 0)) (array.get $longs (local.get $a) (i32.const 2))))
  (func (export "array.len") (param i32 i32) (result i32)
    (array.len (ref.cast arrayref (call $of (local.get 0) (local.get 1)))))
  (func (export "array.fill") (param i32 i32) (result i64) (local $a (ref null $longs))
    (local.set $a (array.new $longs (i64.const 9) (i32.const 8)))
    (array.fill $longs (local.get $a) (local.get 0) (i64.const 0x0102030405060708) (local.get 1))
    (i64.xor (i64.mul (array.get $longs (local.get $a) (i32.const 1)) (i64.const 3))
      (i64.add (i64.mul (array.get $longs (local.get $a) (i32.const 4)) (i64.const 5)) (array.get $longs (local.get $a) (i32.const 7)))))
  (func (export "array.copy up") (param i32 i32) (result i64) (local $a (ref null $longs))
    (local.set $a (array.new_fixed $longs 6 (i64.const 1) (i64.const 20) (i64.const 300) (i64.const 4000) (i64.const 50000) (i64.const 600000)))
    (array.copy $longs $longs (local.get $a) (i32.const 1) (local.get $a) (i32.const 0) (local.get 0))
    (array.copy $longs $longs (local.get $a) (i32.const 0) (local.get $a) (i32.const 2) (local.get 1))
    (i64.add (array.get $longs (local.get $a) (i32.const 1)) (i64.mul (array.get $longs (local.get $a) (i32.const 3)) (i64.const 7))))
  (func (export "array.copy refs") (param i32 i32) (result i32) (local $a (ref null $refs))
    (local.set $a (array.new_fixed $refs 4 (ref.i31 (i32.const 1)) (ref.i31 (i32.const 20)) (ref.null eq) (ref.i31 (i32.const 300))))
    (array.copy $refs $refs (local.get $a) (i32.const 1) (local.get $a) (i32.const 0) (local.get 0))
    (i31.get_u (ref.cast (ref i31) (array.get $refs (local.get $a) (local.get 1)))))
  (func (export "array.copy null") (param i32 i32) (result i32)
    (array.copy $refs $refs (array.new_default $refs (i32.const 0)) (i32.const 9) (ref.null $refs) (i32.const 0) (i32.const 0)) (i32.const 0))
  (func (export "array.init_data") (param i32 i32) (result i32) (local $a (ref null $shorts))
    (local.set $a (array.new $shorts (i32.const -1) (i32.const 6)))
    (array.init_data $shorts $data (local.get $a) (local.get 0) (local.get 1) (i32.const 2))
    (i32.add (array.get_s $shorts (local.get $a) (i32.const 1)) (i32.mul (array.get_u $shorts (local.get $a) (i32.const 3)) (i32.const 3))))
  (func (export "array.init_elem") (param i32 i32) (result i32) (local $a (ref null $refs))
    (local.set $a (array.new_default $refs (i32.const 4)))
    (array.init_elem $refs $i31s (local.get $a) (local.get 0) (local.get 1) (i32.const 2))
    (i31.get_s (ref.cast i31ref (array.get $refs (local.get $a) (i32.const 1)))))
  (func (export "dropped") (param i32 i32) (result i32)
    (data.drop $data) (elem.drop $i31s)
    (array.init_elem $refs $i31s (array.new_default $refs (i32.const 0)) (i32.const 0) (i32.const 0) (i32.const 0))
    (array.len (array.new_data $bytes $data (i32.const 0) (local.get 0))))
)`;

const INPUTS = [
  0, 1, 2, 3, 4, 7, 0x7f, 0x80, 0x8000, 0x3fff_ffff, 0x4000_0000, 0x7f80_0001, -1, -0x8000_0000,
];

type Host = Record<string, (a: number, b: number) => unknown>;

/** Runs until it must stop, or one instruction after the other. */
function finish({ machine }: Loaded, stepping: boolean) {
  if (!stepping) return machine.run();
  let outcome = machine.step();
  while (outcome.kind === 'stepped') outcome = machine.step();
  return outcome;
}

for (const stepping of [false, true]) {
  test(`every instruction as the host's WebAssembly does it${stepping ? ', step by step' : ''}`, () => {
    const host = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(EVERY_INSTRUCTION))).exports as Host;
    const ours = load(EVERY_INSTRUCTION);
    for (const [name, f] of Object.entries(host)) {
      for (const a of stepping ? INPUTS.slice(0, 5) : INPUTS) {
        for (const b of INPUTS) {
          let wanted: unknown;
          try {
            wanted = f(a, b);
          } catch {
            wanted = 'trap';
          }
          beginExport(ours, name, [i32(a), i32(b)]);
          const outcome = finish(ours, stepping);
          const fault = outcome.kind === 'trap' ? outcome.fault : undefined;
          if (fault) assert.equal(fault.phase, 'trap', `${name}: ${fault.message}`);
          const found = outcome.kind === 'done' ? toJS(outcome.results[0]) : outcome.kind;
          assert.deepEqual(found, wanted, `${name} of ${a} and ${b}: ${fault?.message}`);
        }
      }
    }
  });
}

const TRAPS = `
(module
  (type $point (sub (struct (field $x i32) (field $y f64))))
  (type $far (sub $point (struct (field $x i32) (field $y f64) (field $z i64))))
  (type $bytes (array (mut i8)))
  (type $refs (array (mut anyref)))
  (data $data "abc")
  (elem $elem anyref (ref.null any))
  (func $bytes (param i32) (result (ref $bytes)) (array.new_default $bytes (local.get 0)))
  (func (export "struct") (drop (struct.get $point $x (ref.null $point))))
  (func (export "len") (drop (array.len (ref.null array))))
  (func (export "i31") (drop (i31.get_u (ref.null i31))))
  (func (export "cast") (drop (ref.cast (ref $far) (struct.new $point (i32.const 3) (f64.const 0.5)))))
  (func (export "castNull") (drop (ref.cast (ref any) (ref.null any))))
  (func (export "get") (drop (array.get_u $bytes (call $bytes (i32.const 1)) (i32.const 4))))
  (func (export "set") (array.set $bytes (call $bytes (i32.const 2)) (i32.const -1) (i32.const 4)))
  (func (export "fill") (array.fill $bytes (call $bytes (i32.const 2)) (i32.const 1) (i32.const 4) (i32.const 2)))
  (func (export "copy") (array.copy $bytes $bytes (call $bytes (i32.const 2)) (i32.const 0) (call $bytes (i32.const 3)) (i32.const 2) (i32.const 2)))
  (func (export "newData") (drop (array.new_data $bytes $data (i32.const 2) (i32.const 2))))
  (func (export "initElem") (array.init_elem $refs $elem (array.new_default $refs (i32.const 5)) (i32.const 0) (i32.const 0) (i32.const 2)))
  (func (export "large") (drop (array.new_default $refs (i32.const 0x7fffffff))))
)`;

const NOTES: Readonly<Record<string, readonly string[]>> = {
  struct: ['null structure reference', 'struct.get of null, where (ref null $point) is allowed'],
  len: ['null array reference', 'array.len of null, where arrayref is allowed'],
  i31: ['null i31 reference', 'i31.get_u of null, where i31ref is allowed'],
  cast: ['cast failure', '(ref $far) is expected, (ref $point) {x: 3, y: 0.5} found'],
  castNull: ['cast failure', '(ref any) is expected, null found'],
  get: ['out of bounds array access', 'index 4, array $bytes has 1 element'],
  set: ['out of bounds array access', 'index 4294967295, array $bytes has 2 elements'],
  fill: ['out of bounds array access', 'destination 1 + 2, array $bytes has 2 elements'],
  copy: [
    'out of bounds array access',
    'destination 0 + 2, array $bytes has 2 elements',
    'source 2 + 2, array $bytes has 3 elements',
  ],
  newData: ['out of bounds memory access', 'source 2 + 2 elements, segment is 3 bytes'],
  initElem: [
    'out of bounds table access',
    'destination 0 + 2, array $refs has 5 elements',
    'source 0 + 2 elements, segment has 1 element',
  ],
  large: ['requested new array is too large', '2147483647 elements of anyref, at most 33554431 fit'],
};

test('traps say which reference, index or type it was', () => {
  const loaded = load(TRAPS);
  for (const [name, notes] of Object.entries(NOTES)) {
    beginExport(loaded, name);
    assert.deepEqual(trapOf(loaded.machine.run()), notes, name);
  }
});

test('the operands of a trap are still there', () => {
  const loaded = load(TRAPS);
  beginExport(loaded, 'set');
  loaded.machine.run();
  const [frame] = loaded.machine.frames() as WasmFrame[];
  const operands = Array.from({ length: frame.operandCount }, (_, i) => formatValue(frame.operand(i)));
  assert.deepEqual(operands, ['(ref $bytes) [0, 0]', '-1', '4']);
});

test('a debugger may put only fitting references into locals', () => {
  const loaded = load(`(module
    (type $s (struct)) (type $t (struct (field i32)))
    (func (export "f") (param anyref) (result i32) (local (ref null $s)) (nop) (ref.is_null (local.get 1)))
    (func (export "s") (result anyref) (struct.new $s))
    (func (export "t") (result anyref) (struct.new $t (i32.const 1))))`);
  const made = (name: string): Value => {
    beginExport(loaded, name);
    const outcome = loaded.machine.run();
    assert.equal(outcome.kind, 'done');
    return outcome.kind === 'done' ? outcome.results[0] : i32(0);
  };
  const [s, t] = [made('s'), made('t')];
  beginExport(loaded, 'f', [t]);
  const [frame] = loaded.machine.frames() as WasmFrame[];
  assert.equal(formatValue(frame.local(0)), '(ref $t) {0: 1}');
  assert.throws(
    () => frame.setLocal(1, t),
    /type mismatch: \(ref null 0\) wanted, \(ref \$t\) \{0: 1\} given/,
  );
  assert.throws(() => frame.setLocal(1, i32(1)), /type mismatch/);
  frame.setLocal(1, s);
  assert.deepEqual(loaded.machine.run(), { kind: 'done', results: [i32(0)] });
});

test('hosts must answer and call with fitting references', () => {
  const store = new Store();
  const loaded = load(
    `(module (type $s (struct)) (import "h" "f" (func $f (result (ref $s))))
      (func (export "call") (result i32) (ref.is_null (call $f)))
      (func (export "take") (param (ref $s)) (result i32) (i32.const 1)))`,
    {
      imports: (wanted) =>
        wanted.kind === 'func'
          ? store.addHostFunc({ type: wanted.type, call: () => [externRef(null)] }, wanted.typeId)
          : undefined,
      store,
    },
  );
  beginExport(loaded, 'call');
  assert.match(trapOf(loaded.machine.run())[0], /host function answered/);
  assert.throws(() => beginExport(loaded, 'take', [externRef(null)]), /argument 0: .* wanted, null given/);
});

test('casts and calls know types across modules by their structure', () => {
  const types = `(rec (type $a (sub (struct (field i32)))) (type $f (func (result (ref $a)))))
    (type $b (sub $a (struct (field i32 i64))))`;
  const first = load(`(module $first ${types}
    (func (export "new") (type $f) (struct.new $b (i32.const 5) (i64.const 6)))
    (table (export "t") 1 funcref (ref.func 0))
    (global (export "g") (ref $a) (struct.new $a (i32.const 8))))`);
  const second = load(
    `(module (type $other (struct (field i32))) ${types}
      (import "first" "new" (func $new (type $f)))
      (import "first" "t" (table 1 funcref))
      (import "first" "g" (global $g (ref $a)))
      (func (export "run") (result i64)
        (i64.add (struct.get $b 1 (ref.cast (ref $b) (call_indirect (type $f) (i32.const 0))))
          (i64.extend_i32_u (i32.add (struct.get $a 0 (global.get $g)) (ref.test (ref $other) (call $new)))))))`,
    { store: first.store, imports: importsFrom(new Map([['first', first.inst.exports]])) },
  );
  assert.deepEqual(call(second, 'run'), [14n]);
});

test('constant expressions make objects, with exact bits', () => {
  const { inst } = load(`(module
    (type $s (struct (field f32 f64 i64 i16 v128 anyref)))
    (type $a (array i64)) (type $e (array (ref null $s)))
    (global $nan (export "s") (ref $s) (struct.new $s (f32.const nan:0x200001) (f64.const -nan:0x4000000000001)
      (i64.const -2) (i32.const -1) (v128.const i32x4 1 2 3 0xffffffff) (any.convert_extern (extern.convert_any (ref.i31 (i32.const -3))))))
    (global (export "a") (ref $a) (array.new $a (i64.const -1) (i32.const 3)))
    (global (export "e") (ref $e) (array.new_fixed $e 2 (global.get $nan) (ref.null $s)))
    (global (export "d") (ref $a) (array.new_default $a (i32.const 2))))`);
  const text = (name: string) => formatValue(inst.exportedGlobal(name)!);
  assert.equal(
    text('s'),
    '(ref $s) {0: nan:0x200001, 1: -nan:0x4000000000001, 2: -2, 3: 65535, ' +
      '4: i32x4 0x00000001 0x00000002 0x00000003 0xffffffff, 5: i31 -3}',
  );
  assert.equal(text('a'), '(ref $a) [-1, -1, -1]');
  assert.match(text('e'), /^\(ref \$e\) \[\(ref \$s\) \{0: nan:0x200001, .*\}, null\]$/);
  assert.equal(text('d'), '(ref $a) [0, 0]');
  assert.throws(
    () => load('(module (type $a (array i64)) (global (ref $a) (array.new_default $a (i32.const -1))))'),
    /requested new array is too large/,
  );
});

test('a number of the host is an i31 where it fits one', () => {
  const loaded = load(`(module
    (func (export "is") (param externref) (result i32) (ref.test (ref i31) (any.convert_extern (local.get 0))))
    (func (export "same") (param externref i32) (result i32)
      (ref.eq (ref.cast eqref (any.convert_extern (local.get 0))) (ref.i31 (local.get 1)))))`);
  const numbers = [
    0,
    -1,
    0x3fff_ffff,
    -0x4000_0000,
    0x4000_0000,
    -0x4000_0001,
    0.5,
    -0,
    Number.NaN,
    '1',
    null,
  ];
  const found = numbers.map((n) => call(loaded, 'is', externRef(n))[0]);
  assert.deepEqual(found, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(call(loaded, 'same', fromJS(EXTERNREF, 7), i32(7)), [1]);
});

test('null is one for all types, and arguments say their type', () => {
  const loaded = load(
    '(module (func (export "f") (param (ref i31)) (result i32) (i31.get_s (local.get 0))))',
  );
  const i31 = refType(false, HEAP.i31);
  assert.deepEqual(call(loaded, 'f', fromJS(i31, -3, loaded.store.canon)), [-3]);
  assert.throws(() => beginExport(loaded, 'f', [i64(1n)]), /argument 0: \(ref i31\) wanted, i64 given/);
  assert.throws(
    () => beginExport(loaded, 'f', [externRef('x')]),
    /argument 0: \(ref i31\) wanted, "x" given/,
  );
});

test('what does not link is told in the names of the module that imports', () => {
  const { store, inst } = load(`(module
    (type $x (struct (field i32))) (type $y (struct (field i64))) (rec (type $f (func)) (type $g (func)))
    (func (export "f") (param (ref $y)))
    (func (export "g") (type $g))
    (global (export "n") (mut (ref null $x)) (ref.null $x)))`);
  const notes = (wat: string): string => {
    try {
      load(wat, { store, imports: importsFrom(new Map([['m', inst.exports]])) });
    } catch (error) {
      assert.ok(error instanceof WasmError);
      return error.message;
    }
    return 'links';
  };
  assert.equal(
    notes('(module (type $p (struct (field i32))) (import "m" "f" (func (param (ref $p)))))'),
    'incompatible import type "m" "f": (func [(ref $p)] -> []) wanted, (func [(ref type 1 of the store)] -> []) given',
  );
  assert.equal(
    notes('(module (import "m" "g" (func)))'),
    'incompatible import type "m" "g": (func [] -> []) wanted, (func [] -> []) given, ' +
      'whose recursion group, supertype or finality differs',
  );
  assert.match(
    notes('(module (type $p (struct (field i32))) (import "m" "n" (global (mut (ref $p)))))'),
    /\(global \(mut \(ref \$p\)\)\) wanted, \(global \(mut \(ref null \$p\)\)\) given$/,
  );
});
