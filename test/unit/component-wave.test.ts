/** WAVE: values of component types as text, both ways, and what is said of wrong ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import type { PrimType } from '../../engine/component/model.ts';
import { primType, type ValType } from '../../engine/component/types.ts';
import type { ComponentValue } from '../../engine/component/values.ts';
import { parseWave, parseWaveArgs, parseWaveCall } from '../../engine/component/wave.ts';
import { printWave } from '../../engine/component/wave-print.ts';

const p = (prim: PrimType) => primType(prim);
const list = (element: ValType): ValType => ({ kind: 'list', element });
const option = (type: ValType): ValType => ({ kind: 'option', type });
const POINT: ValType = {
  kind: 'record',
  fields: [
    { label: 'x', type: p('s32') },
    { label: 'name', type: option(p('string')) },
  ],
};
const SHAPE: ValType = {
  kind: 'variant',
  cases: [{ label: 'circle', type: p('f32') }, { label: 'none' }, { label: 'at', type: POINT }],
};
const PERMS: ValType = { kind: 'flags', labels: ['read', 'write', 'true'] };
const RESULT: ValType = { kind: 'result', ok: p('u8'), error: p('string') };

/** Text, type, value, and the text that is printed if it is another one. */
const VALUES: readonly [text: string, type: ValType, value: ComponentValue, printed?: string][] = [
  ['true', p('bool'), true],
  ['-128', p('s8'), -128],
  ['18446744073709551615', p('u64'), 18446744073709551615n],
  ['-9223372036854775808', p('s64'), -9223372036854775808n],
  ['0.1', p('f32'), Math.fround(0.1)],
  ['1e3', p('f64'), 1000, '1000'],
  ['-inf', p('f64'), Number.NEGATIVE_INFINITY],
  ['nan', p('f32'), Number.NaN],
  ['-0', p('f64'), -0],
  ["'☃'", p('char'), '☃'],
  ["'\\u{1F600}'", p('char'), '😀', "'😀'"],
  ['"a\\n\\"\\u{0}"', p('string'), 'a\n"\0'],
  ['"""\n  a "b"\n    c\n  """', p('string'), 'a "b"\n  c', '"a \\"b\\"\\n  c"'],
  ['[]', list(p('string')), []],
  ['["a", "b",]', list(p('string')), ['a', 'b'], '["a", "b"]'],
  ['[1, 2, 255]', list(p('u8')), Uint8Array.of(1, 2, 255)],
  ['(1, "x")', { kind: 'tuple', types: [p('u8'), p('string')] }, [1, 'x']],
  ['{x: 1, name: "n"}', POINT, [1, { case: 1, payload: 'n' }], '{x: 1, name: some("n")}'],
  ['{ name: none, x: -1 } // done', POINT, [-1, { case: 0 }], '{x: -1}'],
  ['{:}', { kind: 'record', fields: [{ label: 'a', type: option(p('u8')) }] }, [{ case: 0 }]],
  ['circle(0.5)', SHAPE, { case: 0, payload: 0.5 }],
  ['%none', SHAPE, { case: 1 }],
  ['none', SHAPE, { case: 1 }, '%none'],
  ['at({x: 3})', SHAPE, { case: 2, payload: [3, { case: 0 }] }],
  ['{write, %true}', PERMS, 6],
  ['{}', PERMS, 0],
  ['red', { kind: 'enum', labels: ['green', 'red'] }, { case: 1 }],
  ['some(none)', option(option(p('u8'))), { case: 1, payload: { case: 0 } }],
  ['7', option(p('u8')), { case: 1, payload: 7 }, 'some(7)'],
  ['ok(3)', RESULT, { case: 0, payload: 3 }],
  ['3', RESULT, { case: 0, payload: 3 }, 'ok(3)'],
  ['err("no")', RESULT, { case: 1, payload: 'no' }],
  ['ok', { kind: 'result' }, { case: 0 }],
  ['{1: "a", 2: "b"}', { kind: 'map', key: p('u8'), value: p('string') }, [[1, 'a'], [2, 'b']]],
  ['[1, 2]', { kind: 'list', element: p('s16'), length: 2 }, [1, 2]],
]; // biome-ignore format: a table

for (const [text, type, value, printed = text] of VALUES) {
  test(`${JSON.stringify(text)} is read and printed`, () => {
    assert.deepEqual(parseWave(text, type), value);
    assert.equal(printWave(value, type), printed);
    assert.deepEqual(parseWave(printed, type), value);
  });
}

/** Text, type, message, and where it is. */
const WRONG: readonly [text: string, type: ValType, message: string, start: number][] = [
  ['256', p('u8'), '256 is no u8: it must be between 0 and 255', 0],
  ['1.5', p('s32'), 'expected a number of type s32, found `1.5`', 0],
  ['maybe', p('bool'), 'expected true or false, found `maybe`', 0],
  ["'ab'", p('char'), 'a char is one character', 0],
  ['"abc', p('string'), 'this string does not end', 0],
  ['"\\q"', p('string'), 'unknown escape', 1],
  ['[1, x]', list(p('u8')), 'expected a number of type u8, found `x`', 4],
  ['{x: 1, y: 2}', POINT, 'unknown field `y`: there are x, name', 7],
  ['{name: "a"}', POINT, 'missing field `x`: s32', 0],
  ['{x: 1, x: 2}', POINT, 'field `x` is there twice', 7],
  ['square', SHAPE, 'unknown case `square`: there are circle, none, at', 0],
  ['circle', SHAPE, 'expected the payload of `circle`, found the end', 6],
  ['%none(1)', SHAPE, 'case `none` has no payload', 5],
  ['{fly}', PERMS, 'unknown flag `fly`: there are read, write, true', 1],
  ['1 2', p('u8'), 'expected the end, found `2`', 2],
  ['', p('u8'), 'expected a number of type u8, found the end', 0],
  ['[1]', { kind: 'list', element: p('s16'), length: 2 }, 'expected 2 elements, found 1', 0],
  ['-129', p('s8'), '-129 is no s8: it must be between -128 and 127', 0],
  ['65536', p('u16'), '65536 is no u16: it must be between 0 and 65535', 0],
  ['0x10', p('u32'), 'expected the end, found `x10`', 1],
  ['9223372036854775808', p('s64'), '9223372036854775808 is no s64: it must be between -9223372036854775808 and 9223372036854775807', 0],
  ['-1', p('u64'), '-1 is no u64: it must be between 0 and 18446744073709551615', 0],
  ['1e', p('f32'), 'expected the end, found `e`', 1],
  ['"1"', p('f64'), 'expected a number, found `"`', 0],
  ['x', p('char'), "expected a character: 'a', found `x`", 0],
  ["'\\u{d800}'", p('char'), 'not a Unicode character', 1],
  ['abc', p('string'), 'expected a string: "…", found `abc`', 0],
  ['(1)', { kind: 'tuple', types: [p('u8'), p('u8')] }, 'expected `,`, found `)`', 2],
  ['(1, 2, 3)', { kind: 'tuple', types: [p('u8'), p('u8')] }, 'expected `)`, found `3`', 7],
  ['[1, 2', list(p('u8')), 'expected `]`, found the end', 5],
  ['some()', option(p('u8')), 'expected a number of type u8, found `)`', 5],
  ['ok(1)', { kind: 'result' }, 'case `ok` has no payload', 2],
  ['yes', { kind: 'result' }, 'expected ok or err, found `yes`', 0],
  ['{"a" 1}', { kind: 'map', key: p('string'), value: p('u8') }, 'expected `:`, found `1`', 5],
  ['blue', { kind: 'enum', labels: ['red', 'green'] }, 'unknown case `blue`: there are red, green', 0],
  ['7', { kind: 'own', type: { kind: 'resource', resource: { number: 0 } } }, 'a value of type own<resource 0> cannot be written', 0],
  ['['.repeat(300), Array.from({ length: 400 }).reduce<ValType>((type) => list(type), p('u8')), 'values are nested too deep', 200],
]; // biome-ignore format: a table

for (const [text, type, message, start] of WRONG) {
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(
      () => parseWave(text, type),
      (error) => {
        assert.ok(error instanceof WasmError);
        assert.deepEqual([error.message, error.fault.span?.start], [message, start]);
        return true;
      },
    );
  });
}

test('a value that is longer than anybody reads is not written', () => {
  const shared = Array.from({ length: 10_000 }, () => 'x'.repeat(1000));
  const value = Array.from({ length: 10_000 }, () => shared);
  assert.throws(() => printWave(value, list(list(p('string')))), {
    message: 'the value is too long to be written',
  });
});

const PARAMS = [
  { label: 'p', type: POINT },
  { label: 'n', type: option(p('u8')) },
];

test('a call takes its arguments by the types of the parameters', () => {
  const paramsOf = (name: string) => (name === 'f' ? PARAMS : undefined);
  assert.deepEqual(parseWaveCall('f({x: 1}, 2)', paramsOf), {
    name: 'f',
    args: [[1, { case: 0 }], { case: 1, payload: 2 }],
  });
  assert.deepEqual(parseWaveArgs('({x: 1})', PARAMS), [[1, { case: 0 }], { case: 0 }]);
  assert.throws(() => parseWaveCall('g()', paramsOf), /unknown function `g`/);
  assert.throws(() => parseWaveCall('f', paramsOf), /missing argument `p`/);
  assert.throws(() => parseWaveArgs('({x: 1}, 2, 3)', PARAMS), /too many arguments: 2 arguments expected/);
});
