/** Vectors at a stop: every interpretation, lane by lane, shown and set. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';

const PROGRAM = `(module
  (memory 1)
  (type $pair (struct (field $lo (mut v128)) (field $hi v128)))
  (type $row (array (mut v128)))
  (global $g (mut v128) (v128.const i32x4 1 2 3 4))
  (global $k v128 (v128.const i64x2 -1 1))
  (func (export "main") (result v128)
    (local $v v128) (local $p (ref null $pair)) (local $r (ref null $row))
    (local.set $p (struct.new $pair (global.get $g) (global.get $k)))
    (local.set $r (array.new $row (global.get $g) (i32.const 3)))
    (v128.store (i32.const 16) (global.get $g))
    (local.set $v (f32x4.mul (v128.const f32x4 1 -2 0.5 nan) (v128.const f32x4 2 2 2 2)))
    (f32x4.add (local.get $v) (local.get $v))
    (drop)
    (local.get $v)))
`;

async function stopped(c: Conversation): Promise<number> {
  const program = c.file('vectors.wat', PROGRAM);
  await c.launch({ program, invoke: { function: 'main' } }, [{ path: program, lines: [14] }]);
  return (await c.stopped()).frames[0].id;
}

async function variable(
  c: Conversation,
  expression: string,
  frameId: number,
): Promise<DebugProtocol.Variable> {
  return c.request('evaluate', { expression, frameId });
}

test('a vector in every shape, and its lanes', () =>
  converse(async (c) => {
    const frameId = await stopped(c);
    const shown = await c.variables(frameId);
    assert.deepEqual(shown['Value stack'], [
      'stack[0] = f32x4 4 -8 2 nan : v128, pushed by f32x4.add in line 13',
    ]);
    assert.equal(shown.Locals[0], '$v = f32x4 2 -4 1 nan : v128');
    assert.equal(
      shown.Locals[1],
      '$p = $pair @1 {lo: i32x4 1 2 3 4, hi: i32x4 -1 -1 1 0} : (ref null $pair)',
    );
    const { variablesReference } = await variable(c, '$k', frameId);
    assert.deepEqual(await c.children(variablesReference), [
      'i8x16 = -1 -1 -1 -1 -1 -1 -1 -1 1 0 0 0 0 0 0 0 : v128',
      'u8x16 = 255 255 255 255 255 255 255 255 1 0 0 0 0 0 0 0 : v128',
      'i16x8 = -1 -1 -1 -1 1 0 0 0 : v128',
      'u16x8 = 65535 65535 65535 65535 1 0 0 0 : v128',
      'i32x4 = -1 -1 1 0 : v128',
      'u32x4 = 4294967295 4294967295 1 0 : v128',
      'f32x4 = -nan:0x7fffff -nan:0x7fffff 1e-45 0 : v128',
      'i64x2 = -1 1 : v128',
      'u64x2 = 18446744073709551615 1 : v128',
      'f64x2 = -nan:0xfffffffffffff 5e-324 : v128',
      'bits = 0x0000000000000001ffffffffffffffff',
    ]);
    const lanes = async (expression: string): Promise<string[]> =>
      c.children((await variable(c, expression, frameId)).variablesReference);
    assert.deepEqual(await lanes('$k.i16x8'), [
      ...[0, 1, 2, 3].map((i) => `[${i}] = -1 (0xffff, unsigned 65535) : i16`),
      '[4] = 1 (0x1) : i16',
      ...[5, 6, 7].map((i) => `[${i}] = 0 (0x0) : i16`),
    ]);
    assert.deepEqual((await lanes('$v.f32x4')).slice(0, 2), ['[0] = 2 : f32', '[1] = -4 : f32']);
    assert.deepEqual(await lanes('$p.hi.u64x2'), [
      '[0] = 18446744073709551615 (0xffffffffffffffff) : u64',
      '[1] = 1 (0x1) : u64',
    ]);
    const computed = await variable(c, 'i32x4.add($g, $g)', frameId);
    assert.match(
      await c.refusal('evaluate', { expression: 'i32x4.ad($g, $g)', frameId }),
      /unknown operator/,
    );
    assert.equal((computed as unknown as { result: string }).result, 'i32x4 2 4 6 8');
    assert.equal((await c.children(computed.variablesReference))[2], 'i16x8 = 2 0 4 0 6 0 8 0 : v128');
    assert.deepEqual(await lanes('mem[16].v128.i64x2').catch(String), [
      '[0] = 8589934593 (0x200000001) : i64',
      '[1] = 17179869187 (0x400000003) : i64',
    ]);
  }));

/** Expressions and what they give. */
const GIVES: [string, string][] = [
  ['$g.i32x4[2]', '3 (0x3)'],
  ['$g.i32x4[$g.i32x4[1]]', '3 (0x3)'],
  ['$g.i32x4[2] + 1', '4 (0x4)'],
  ['$k.i8x16[0] + 0', '-1 (0xffffffff, unsigned 4294967295)'],
  ['$k.u8x16[0] + 0', '255 (0xff)'],
  ['$k.u32x4[0] + 1', '4294967296 (0x100000000)'],
  ['$v.f32x4[1] < 0', '1 (0x1)'],
  ['$v.f32x4[0] * 1.5', '3'],
  [
    'i32x4.extract_lane(1, $g)',
    'refused: i32x4.extract_lane cannot be used in an expression: only what computes one value from operands',
  ],
  ['stack[0].f32x4[1]', '-8'],
  ['$r[1].i32x4[3] + $p.lo.i32x4[0]', '5 (0x5)'],
  ['mem[16].v128.i32x4[3] + 0', '4 (0x4)'],
  ['mem[16].v128', 'i32x4 1 2 3 4'],
  ['i8x16.all_true($g)', '0 (0x0)'],
  ['$g.i32x4', '1 2 3 4'],
  [
    '$g[2]',
    'refused: a shape expected before [, as in $v.i32x4[2]: i8x16, u8x16, i16x8, u16x8, i32x4, u32x4, f32x4, i64x2, u64x2, f64x2',
  ],
  [
    '$g.i32x2',
    'refused: unknown shape i32x2: expected i8x16, u8x16, i16x8, u16x8, i32x4, u32x4, f32x4, i64x2, u64x2, f64x2',
  ],
  ['$g.i32x4[4]', 'refused: unknown lane 4: i32x4 has 4 lanes'],
  ['$g.i32x4[4] + 1', 'refused: unknown lane 4: i32x4 has 4 lanes'],
  ['$g + 1', 'refused: type mismatch: + takes numbers, found v128'],
];

/** What is set, to what, and what it is then, or why not. */
const SETS: [string, string, string][] = [
  ['$v', 'i32x4 1 2 3 4', 'f32x4 1e-45 3e-45 4e-45 6e-45'],
  ['$v', '(v128.const i16x8 1 0 2 0 3 0 0xffff 0xffff)', 'f32x4 1e-45 3e-45 4e-45 -nan:0x7fffff'],
  ['$v', '0x00000004_00000003_00000002_00000001', 'f32x4 1e-45 3e-45 4e-45 6e-45'],
  ['$v', 'u8x16 255 0 0 0  0 0 0 0  0 0 0 0  0 0 0 0', 'f32x4 3.57e-43 0 0 0'],
  [
    '$v',
    'i32x4 1 2',
    'refused: $v: expected v128 (lanes, as in i32x4 1 2 3 4), found "i32x4 1 2": i32x4 has 4 lanes, found 2',
  ],
  [
    '$v',
    '7',
    'refused: $v: expected v128 (lanes, as in i32x4 1 2 3 4), found "7": a shape expected, as in i32x4 1 2 3 4',
  ],
  ['$v.i32x4[2]', '9', '9 (0x9)'],
  ['$v.i32x4[2]', '4294967296', 'refused: expected i32, found "4294967296": constant out of range'],
  ['$v.i8x16[1]', '-1', '-1 (0xff, unsigned 255)'],
  ['$v.u8x16[1]', '256', 'refused: expected u8, found "256": constant out of range'],
  [
    '$v.u8x16[1]',
    '18446744073709551615',
    'refused: expected u8, found "18446744073709551615": constant out of range',
  ],
  ['$v.f64x2[1]', '-0.5', '-0.5'],
  ['$v.f32x4[0]', 'nan:0x1', 'nan:0x1'],
  ['$v.f32x4', '1 2 3 4', '1 2 3 4'],
  ['$v.f32x4', 'i32x4 1 2 3 4', '1e-45 3e-45 4e-45 6e-45'],
  ['$v.i64x2', '1', 'refused: expected i64x2, found "1": i64x2 has 2 lanes, found 1'],
  ['stack[0].f32x4[0]', '7', '7'],
  ['$g.i32x4[0]', '-1', '-1 (0xffffffff, unsigned 4294967295)'],
  ['$k.i32x4[0]', '1', 'refused: $k is immutable'],
  ['$p.lo.i32x4[3]', '8', '8 (0x8)'],
  ['$p.hi.i32x4[3]', '8', 'refused: field hi of $pair is immutable'],
  ['$r[2].u16x8[7]', '0xffff', '65535 (0xffff)'],
  ['mem[16].v128', 'i64x2 1 2', 'i32x4 1 0 2 0'],
];

test('lanes in expressions; lanes and vectors are set', () =>
  converse(async (c) => {
    const frameId = await stopped(c);
    const attempt = async (command: string, args: object, key: string): Promise<string> => {
      try {
        return (await c.request(command, { ...args, frameId }))[key];
      } catch (error) {
        return `refused: ${(error as Error).message}`;
      }
    };
    const given: [string, string][] = [];
    for (const [expression] of GIVES)
      given.push([expression, await attempt('evaluate', { expression }, 'result')]);
    assert.deepEqual(given, GIVES);
    const done: [string, string, string][] = [];
    for (const [expression, value] of SETS) {
      done.push([expression, value, await attempt('setExpression', { expression, value }, 'value')]);
    }
    assert.deepEqual(done, SETS);
    assert.equal((await c.variables(frameId)).Globals[0], '$g = i32x4 -1 2 3 4 : (mut v128)');
  }));

test('lanes are set in the lists; hexadecimal', () =>
  converse(async (c) => {
    const frameId = await stopped(c);
    const { variablesReference: shapes } = await variable(c, '$g', frameId);
    const { variables } = await c.request('variables', { variablesReference: shapes });
    const bits = { variablesReference: shapes, name: 'bits', value: '0x10' };
    assert.equal((await c.request('setVariable', bits)).value, `0x${'10'.padStart(32, '0')}`);
    const i16x8 = variables.find(({ name }: DebugProtocol.Variable) => name === 'i16x8');
    const lane = { variablesReference: i16x8.variablesReference, name: '[7]', value: '-2' };
    assert.equal((await c.request('setVariable', lane)).value, '-2 (0xfffe, unsigned 65534)');
    const shape = { variablesReference: shapes, name: 'i64x2', value: '1 2' };
    assert.equal((await c.request('setVariable', shape)).value, '1 2');
    const { result } = await c.request('evaluate', { expression: '$g', frameId, format: { hex: true } });
    assert.equal(result, 'i32x4 0x00000001 0x00000000 0x00000002 0x00000000');
  }));
