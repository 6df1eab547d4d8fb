/** Objects of the heap as people and JavaScript see them, and their fields as values. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXTERNREF, FUNCREF, HEAP, I64, isRef, NULL, refType, type ValType } from '../../engine/isa/types.ts';
import {
  ArrayInst,
  fieldCount,
  i31Of,
  isI31,
  readField,
  StructInst,
  writeField,
} from '../../engine/runtime/heap.ts';
import {
  formatValue,
  fromJS,
  i32,
  i64,
  type RefValue,
  toJS,
  type Value,
} from '../../engine/runtime/values.ts';
import { load } from './exec-load.ts';

const { inst, store } = load(`(module
  (type $point (struct (field $x (mut i32)) (field $y (mut f64))))
  (type $mixed (struct (field $b (mut i8)) (field $h (mut i16)) (field $l (mut i64)) (field $v (mut v128))
    (field $f (mut f32)) (field $p (mut (ref null $point)))))
  (type $list (sub (struct (field $next (mut (ref null $list))))))
  (type $child (sub $list (struct (field (mut (ref null $list))))))
  (type $bytes (array (mut i8)))
  (type $longs (array (mut i64)))
  (type $wide (struct (field i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (type $hosts (array (mut externref)))
  (type $fn (func))
  (global (export "point") (mut (ref $point)) (struct.new $point (i32.const -3) (f64.const 0.1)))
  (global (export "mixed") (ref $mixed) (struct.new_default $mixed))
  (global (export "list") (mut (ref $list)) (struct.new_default $list))
  (global (export "child") (ref $child) (struct.new_default $child))
  (global (export "bytes") (ref $bytes) (array.new $bytes (i32.const 200) (i32.const 100)))
  (global (export "longs") (ref $longs) (array.new_default $longs (i32.const 3)))
  (global (export "empty") (ref $longs) (array.new_default $longs (i32.const 0)))
  (global (export "wide") (ref $wide) (struct.new_default $wide))
  (global (export "hosts") (ref $hosts) (array.new_default $hosts (i32.const 2)))
  (global (export "i31") (ref i31) (ref.i31 (i32.const 7)))
  (global (export "nullPoint") (ref null $point) (ref.null $point))
  (global (export "fn") (ref $fn) (ref.func $f))
  (func $f (type $fn))
  (func $g (export "g") (param i32)))`);

const exported = (name: string): RefValue => inst.exportedGlobal(name) as RefValue;
const objectOf = (name: string): StructInst | ArrayInst => {
  const { ref } = exported(name);
  assert.ok(ref instanceof StructInst || ref instanceof ArrayInst);
  return ref;
};

for (const [name, text] of [
  ['point', '(ref $point) {x: -3, y: 0.1}'],
  [
    'mixed',
    '(ref $mixed) {b: 0, h: 0, l: 0, v: i32x4 0x00000000 0x00000000 0x00000000 0x00000000, f: 0, p: null}',
  ],
  ['bytes', '(ref $bytes) [200, 200, 200, 200, 200, 200, 200, 200, … 92 more]'],
  ['empty', '(ref $longs) []'],
  ['wide', '(ref $wide) {0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0, … 2 more}'],
  ['i31', 'i31 7'],
  ['nullPoint', 'null'],
] as const) {
  test(`${name} as text`, () => assert.equal(formatValue(exported(name)), text));
}

test('a cycle as text is short', () => {
  const list = objectOf('list');
  writeField(list, 0, exported('list'));
  assert.equal(formatValue(exported('list')), '(ref $list) {next: (ref $list) {next: (ref $list) {…}}}');
  writeField(list, 0, { type: readField(list, 0).type, ref: null });
});

test("a host's number in an extern field is no i31, in an any field it is", () => {
  const hosts = objectOf('hosts');
  writeField(hosts, 0, { type: EXTERNREF, ref: 5 });
  writeField(hosts, 1, { type: EXTERNREF, ref: 'x' });
  assert.equal(formatValue(exported('hosts')), '(ref $hosts) [5, "x"]');
  assert.equal(formatValue({ type: refType(true, HEAP.any), ref: 5 }), 'i31 5');
});

test('fields are read and written with exact bits', () => {
  const mixed = objectOf('mixed');
  const written: readonly [Value, bigint?][] = [
    [i32(0x1fe), 0xfen],
    [i32(-1), 0xffffn],
    [i64(-2n)],
    [{ type: readField(mixed, 3).type, bits: 0x0123456789abcdef_fedcba9876543210n }],
    [{ type: readField(mixed, 4).type, bits: 0xffa00001n }],
  ];
  written.forEach(([value, bits], i) => {
    writeField(mixed, i, value);
    const found = readField(mixed, i);
    assert.equal(found.type, value.type);
    assert.deepEqual('bits' in found && found.bits, bits ?? ('bits' in value && value.bits));
  });
  writeField(mixed, 5, exported('point'));
  assert.equal((readField(mixed, 5) as RefValue).ref, exported('point').ref);
  assert.equal(fieldCount(mixed), 6);
  const longs = objectOf('longs');
  writeField(longs, 1, i64(-(2n ** 63n)));
  assert.deepEqual(
    [0, 1, 2].map((i) => readField(longs, i)),
    [
      { type: I64, bits: 0n },
      { type: I64, bits: 2n ** 63n },
      { type: I64, bits: 0n },
    ],
  );
});

test('i31s are the numbers of 31 bits', () => {
  assert.deepEqual(
    [0x7fff_ffff, 0x4000_0000, 0x3fff_ffff, -0x8000_0000].map(i31Of),
    [-1, -0x4000_0000, 0x3fff_ffff, 0],
  );
  for (const no of [0x4000_0000, -0x4000_0001, -0, 0.5, Number.NaN, Infinity, 1n, '1', null, undefined, true])
    assert.equal(isI31(no), false, String(no));
});

test('JavaScript gets an opaque object, always the same, and gives it back', () => {
  const handle = toJS(exported('point')) as object;
  assert.equal(toJS(exported('point')), handle);
  assert.notEqual(toJS(exported('list')), handle);
  assert.deepEqual(Reflect.ownKeys(handle), []);
  assert.equal(Object.getPrototypeOf(handle), null);
  assert.ok(Object.isFrozen(handle));
  assert.equal(toJS({ type: EXTERNREF, ref: exported('point').ref }), handle);
  assert.equal((fromJS(EXTERNREF, handle) as RefValue).ref, exported('point').ref);
  assert.equal(toJS(exported('i31')), 7);
});

test('JavaScript values become references of the types that they have', () => {
  const type = (name: string): ValType => exported(name).type;
  const [any, eq, i31, struct, array, func, none, nofunc, noextern, exn] = (
    ['any', 'eq', 'i31', 'struct', 'array', 'func', 'none', 'nofunc', 'noextern', 'exn'] as const
  ).map((name) => refType(true, HEAP[name]));
  const [point, list, child, bytes] = ['point', 'list', 'child', 'bytes'].map((name) => toJS(exported(name)));
  const g = inst.exportedFunc('g');
  const fn = exported('fn').ref;
  const cases: readonly (readonly [ValType, readonly unknown[], readonly unknown[]])[] = [
    [any, [point, bytes, 7, 2 ** 40, 'x', {}, null, undefined], []],
    [eq, [point, bytes, 7, null], ['x', {}, 2 ** 40, 0.5, -0, undefined]],
    [i31, [7, -7, null], [point, 2 ** 30, '7', 7n]],
    [struct, [point, child, null], [bytes, 7]],
    [array, [bytes, null], [point]],
    [func, [g, fn, null], [point, 7, undefined, () => 1]],
    [none, [null], [7, point]],
    [nofunc, [null], [g]],
    [noextern, [null], ['x', 7]],
    [exn, [], [null, point]],
    [type('list'), [list, child], [point, null]],
    [type('child') | NULL, [child, null], [list]],
    [type('fn'), [fn], [g, null, point]],
  ];
  for (const [wanted, good, bad] of cases) {
    for (const value of good) {
      const found = fromJS(wanted, value, store.canon);
      assert.ok(isRef(found.type));
      assert.equal(toJS(found), value);
    }
    for (const value of bad) assert.throws(() => fromJS(wanted, value, store.canon), TypeError);
  }
  assert.throws(() => fromJS(type('list'), list), TypeError, 'without a registry');
  assert.equal((fromJS(FUNCREF, g) as RefValue).ref, g);
});
