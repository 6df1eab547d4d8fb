/** Values as text and as JavaScript values, both ways. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, V128, type ValType } from '../../engine/isa/types.ts';
import {
  externRef,
  f32,
  f64,
  formatValue,
  fromJS,
  funcRef,
  i32,
  i64,
  otherForms,
  toJS,
} from '../../engine/runtime/values.ts';

for (const [value, text, ...others] of [
  [i32(0), '0', '0x0'],
  [i32(-1), '-1', '0xffffffff', '4294967295 unsigned'],
  [i32(0x80000000), '-2147483648', '0x80000000', '2147483648 unsigned'],
  [i64(-2n), '-2', '0xfffffffffffffffe', '18446744073709551614 unsigned'],
  [i64(2n ** 62n), '4611686018427387904', '0x4000000000000000'],
  [f32(0.1), '0.1', '0x3dcccccd'],
  [f32(-0), '-0', '0x80000000'],
  [{ type: F32, bits: 0xffa00001n }, '-nan:0x200001', '0xffa00001'],
  [{ type: F32, bits: 0x7fc00000n }, 'nan', '0x7fc00000'],
  [f64(0.1), '0.1', '0x3fb999999999999a'],
  [f64(Number.NEGATIVE_INFINITY), '-inf', '0xfff0000000000000'],
  [{ type: F64, bits: 0x7ff0000000000001n }, 'nan:0x1', '0x7ff0000000000001'],
  [
    { type: V128, bits: 255n },
    'i32x4 0x000000ff 0x00000000 0x00000000 0x00000000',
    `i8x16 -1${' 0'.repeat(15)}`,
    'i16x8 255 0 0 0 0 0 0 0',
    'i64x2 255 0',
    'f32x4 3.57e-43 0 0 0',
    'f64x2 1.26e-321 0',
  ],
  [funcRef(null), 'null'],
  [externRef('x'), '"x"'],
  [externRef(undefined), 'undefined'],
  [externRef(new Map()), 'object Map'],
  [externRef(Object.create(null)), 'object'],
] as const) {
  test(`${text} as text`, () => {
    assert.equal(formatValue(value), text);
    assert.deepEqual(otherForms(value), others);
  });
}

for (const [type, js, back] of [
  [I32, 1, 1],
  [I32, 4294967295, -1],
  [I32, 1.9, 1],
  [I32, '7', 7],
  [I32, Number.NaN, 0],
  [I32, 2 ** 53 + 2, 2],
  [I64, 2n ** 64n - 1n, -1n],
  [I64, '12', 12n],
  [I64, true, 1n],
  [F32, 0.1, Math.fround(0.1)],
  [F64, 0.1, 0.1],
  [F64, undefined, Number.NaN],
  [EXTERNREF, undefined, undefined],
  [EXTERNREF, null, null],
  [FUNCREF, null, null],
] as [ValType, unknown, unknown][]) {
  test(`${String(js)} (${typeof js}) as 0x${type.toString(16)} and back`, () =>
    assert.deepEqual(toJS(fromJS(type, js)), back));
}

for (const [type, js] of [
  [I32, 1n],
  [F64, 1n],
  [I64, 1],
  [I64, undefined],
  [FUNCREF, () => 0],
  [FUNCREF, undefined],
  [V128, 0],
] as [ValType, unknown][]) {
  test(`${String(js)} (${typeof js}) is no 0x${type.toString(16)}`, () => {
    assert.throws(() => fromJS(type, js), TypeError);
  });
}

test('a v128 has no JavaScript value', () => {
  assert.throws(() => toJS({ type: V128, bits: 0n }), TypeError);
});
