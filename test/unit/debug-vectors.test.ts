/** Vectors cut into lanes: shapes, lanes as text and back, and which shape a function's vectors have. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  lanesText,
  laneText,
  laneValue,
  parseLane,
  parseVector,
  SHAPES,
  shapeNamed,
  withLane,
} from '../../engine/debug/lanes.ts';
import { localShapes, shapeGiven, shapeTaken } from '../../engine/debug/vector-shapes.ts';
import { load } from './exec-load.ts';

const shape = (name: string) => shapeNamed(name)!;

test('every shape has 128 bits, and text that means the same vector', () => {
  const vector = 0x8000_7fff_ff80_017f_c040_0000_7f80_0001n << 0n;
  for (const one of SHAPES) {
    assert.equal(one.count * one.width, 128, one.name);
    assert.equal(parseVector(`${one.name} ${lanesText(vector, one)}`), vector, one.name);
    assert.equal(parseVector(lanesText(vector, one, true), one), vector, `${one.name} in hexadecimal`);
    for (let i = 0; i < one.count; i++) {
      const bits = parseLane(laneText(vector, one, i), one);
      assert.ok(typeof bits === 'bigint');
      assert.equal(withLane(0n, one, i, bits), vector & withLane(0n, one, i, -1n), `${one.name} lane ${i}`);
    }
  }
});

/** Shape, bits, the lane's value as a computation has it. */
const EXTENDED: [string, bigint, bigint][] = [
  ['i8x16', 0xffn, 0xffff_ffffn],
  ['u8x16', 0xffn, 0xffn],
  ['i16x8', 0x8000n, 0xffff_8000n],
  ['u16x8', 0x8000n, 0x8000n],
  ['i32x4', 0xffff_ffffn, 0xffff_ffffn],
  ['u32x4', 0xffff_ffffn, 0xffff_ffffn],
  ['i64x2', -1n & ((1n << 64n) - 1n), (1n << 64n) - 1n],
  ['f32x4', 0x7fa0_0001n, 0x7fa0_0001n],
  ['f64x2', 0x7ff0_0000_0000_0001n, 0x7ff0_0000_0000_0001n],
];

for (const [name, bits, value] of EXTENDED) {
  test(`a lane of ${name} in a computation`, () => {
    assert.equal(laneValue(withLane(0n, shape(name), 1, bits), shape(name), 1), value);
  });
}

/** What is no vector, and why. */
const BAD: [string, string][] = [
  ['', 'a shape expected, as in i32x4 1 2 3 4'],
  ['i32x5 1', 'a shape expected, as in i32x4 1 2 3 4'],
  ['i64x2 1 2 3', 'i64x2 has 2 lanes, found 3'],
  ['i16x8 1 2 3 4 5 6 7 65536', 'lane 7: expected i16, found "65536": constant out of range'],
  ['i16x8 1 2 3 4 5 6 7 -32769', 'lane 7: expected i16, found "-32769": constant out of range'],
  ['f32x4 1 2 3 x', 'lane 3: expected f32, found "x"'],
  ['0x1_00000000_00000000_00000000_00000000', 'constant out of range'],
];

for (const [text, error] of BAD) {
  test(`no vector: ${text}`, () => assert.deepEqual(parseVector(text), { error }));
}

/** An instruction, and what it gives and takes. */
const INSTRS: [string, string | undefined, string | undefined][] = [
  ['f32x4.mul', 'f32x4', 'f32x4'],
  ['i16x8.extend_low_i8x16_u', 'u16x8', 'u8x16'],
  ['i8x16.narrow_i16x8_s', 'i8x16', 'i16x8'],
  ['f32x4.convert_i32x4_s', 'f32x4', 'i32x4'],
  ['i8x16.extract_lane_u', 'u8x16', 'u8x16'],
  ['v128.and', undefined, undefined],
  ['i32.add', undefined, undefined],
];

for (const [instr, gives, takes] of INSTRS) {
  test(`${instr} gives ${gives} of ${takes}`, () => {
    assert.equal(shapeGiven(instr)?.name, gives);
    assert.equal(shapeTaken(instr)?.name, takes);
  });
}

test('locals have the shape of most instructions around them', () => {
  const { inst } = load(`(module
    (func (param $pixels v128) (param $unknown v128) (param $n i32) (local $sum v128) (local $copy v128)
      (local.set $sum (f64x2.add (local.get $sum) (local.get $sum)))
      (local.set $copy (v128.and (local.get $unknown) (local.get $sum)))
      (drop (i16x8.extend_high_i8x16_u (local.get $pixels)))
      (local.set $n (i32.add (local.get $n) (local.get $n)))))`);
  const shapes = [...localShapes(inst.module, 0)].map(([local, { name }]) => `${local} ${name}`);
  assert.deepEqual(shapes.sort(), ['0 u8x16', '3 f64x2']);
});
