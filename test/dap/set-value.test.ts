/** Changing values: what is accepted for each place and type, what is refused and how that is said. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';

const PROGRAM = `(module
  (type $none (func))
  (memory 1)
  (table $t 4 funcref)
  (table $typed 2 (ref null $none))
  (global $count (mut i32) (i32.const 1))
  (global $fixed i32 (i32.const 7))
  (global $f (mut funcref) (ref.null func))
  (func $nop)
  (func $add (param i32) (result i32) (local.get 0))
  (elem declare func $nop $add)
  (func (export "f") (param $a i32) (result i32)
    (local $l i64) (local $s f32) (local $d f64) (local $r funcref) (local $v v128)
    (i32.add (local.get $a) (i32.const 1))))
`;

const I32 = 'i32 (a whole number from -2147483648 to 4294967295)';

async function stopped(c: Conversation): Promise<DebugProtocol.StackFrame> {
  const program = c.file('values.wat', PROGRAM);
  await c.launch({ program, invoke: { function: 'f', args: [5] }, stopOnEntry: true });
  const { frames } = await c.stopped();
  return frames[0];
}

test('values by expression: accepted, or refused with what was expected', () =>
  converse(async (c) => {
    const { id: frameId } = await stopped(c);
    const set = async (expression: string, value: string): Promise<string> => {
      try {
        const { value: now, type } = await c.request('setExpression', { expression, value, frameId });
        return `${now} : ${type}`;
      } catch (error) {
        return `refused: ${(error as Error).message}`;
      }
    };
    const check = async (expression: string, value: string, expected: string): Promise<void> =>
      assert.equal(await set(expression, value), expected, `${expression} := ${value}`);
    await check('$a', '-1', '-1 (0xffffffff, unsigned 4294967295) : i32');
    await check('$a', '0xff', '255 (0xff) : i32');
    await check('$a', ' 1_000 ', '1000 (0x3e8) : i32');
    await check(
      '$a',
      '4294967296',
      `refused: $a: expected ${I32}, found "4294967296": constant out of range`,
    );
    await check('$a', '1.5', `refused: $a: expected ${I32}, found "1.5"`);
    await check(
      '$l',
      '-0x8000000000000000',
      '-9223372036854775808 (0x8000000000000000, unsigned 9223372036854775808) : i64',
    );
    await check('$s', 'nan:0x7', 'nan:0x7 : f32');
    await check('$s', '-inf', '-inf : f32');
    await check('$d', '0x1p-3', '0.125 : f64');
    await check('$r', 'func[1]', 'func[1] $add [i32] -> [i32] : funcref');
    await check('$r', '$nop', 'func[0] $nop [] -> [] : funcref');
    await check('$r', 'ref.null func', 'null : funcref');
    await check('$r', 'func[99]', 'refused: $r: expected funcref (null, func[3], $name), found "func[99]"');
    await check('$v', 'i32x4 1 -1 0xff 0', 'i32x4 1 -1 255 0 : v128');
    await check(
      '$v',
      'i32x4 1 2',
      'refused: $v: expected v128 (lanes, as in i32x4 1 2 3 4), found "i32x4 1 2": i32x4 has 4 lanes, found 2',
    );
    await check('$count', '7', '7 (0x7) : (mut i32)');
    await check('$fixed', '8', 'refused: $fixed is immutable');
    await check('$f', '$add', 'func[1] $add [i32] -> [i32] : (mut funcref)');
    await check('table[0][3]', 'func[0]', 'func[0] $nop [] -> [] : funcref');
    await check('$t[1]', '$add', 'func[1] $add [i32] -> [i32] : funcref');
    await check('$t[4]', '$add', 'refused: undefined element: index 4, table has 4 elements');
    await check('$typed[0]', '$nop', 'func[0] $nop [] -> [] : (ref null $none)');
    await check(
      '$typed[0]',
      '$add',
      'refused: $typed[0]: type mismatch: (ref null $none) expected, found func[1] $add [i32] -> [i32]',
    );
    await check('mem[0x10].u8', '255', '255 (0xff) : i32');
    await check('mem[0x10].u8', '256', 'refused: expected u8 (a whole number from -128 to 255), found "256"');
    await check('mem[0x10].i16', '-2', '-2 (0xfffffffe, unsigned 4294967294) : i32');
    await check('mem[$count+1].f64', '-1.5', '-1.5 : f64');
    await check(
      'mem[65533].i32',
      '1',
      'refused: out of bounds memory access: address 65533 + 4 bytes, memory is 65536 bytes',
    );
    await check('$a + 1', '1', 'refused: this cannot be set: it is computed, no place that holds a value');
    await check('$nop', '1', 'refused: a function cannot be set');
  }));

test('values in the lists: stack, locals, globals, table slots; the result follows', () =>
  converse(async (c) => {
    const frame = await stopped(c);
    await c.step('next');
    const { frames } = await (async () => c.step('next'))();
    const list = async (name: string): Promise<number> => {
      const { scopes } = await c.request('scopes', { frameId: frames[0].id });
      return scopes.find((scope: DebugProtocol.Scope) => scope.name === name).variablesReference;
    };
    assert.notEqual(frame.id, frames[0].id);
    const stack = await list('Value stack');
    assert.equal(
      (await c.request('setVariable', { variablesReference: stack, name: 'stack[1]', value: '40' })).value,
      '40 (0x28)',
    );
    const globals = await list('Globals');
    assert.match(
      await c.refusal('setVariable', { variablesReference: globals, name: '$fixed', value: '1' }),
      /^\$fixed is immutable/,
    );
    const { variables } = await c.request('variables', { variablesReference: await list('Tables') });
    const table = variables[0].variablesReference;
    const slot = { variablesReference: table, name: '[2]', value: 'func[1]' };
    assert.equal((await c.request('setVariable', slot)).value, 'func[1] $add [i32] -> [i32]');
    assert.deepEqual(await c.children(table), [
      '[0] = null : funcref',
      '[1] = null : funcref',
      '[2] = func[1] $add [i32] -> [i32] : funcref',
      '[3] = null : funcref',
    ]);
    assert.match(await c.refusal('setVariable', { ...slot, name: '[9]' }), /undefined element: index 9/);
    assert.match(await c.refusal('setVariable', { ...slot, name: 'x' }), /there is no x here/);
    await c.request('continue', { threadId: 1 });
    await c.exited();
    assert.match(c.printed('console'), /f\(5\) = 41 : i32/);
  }));

/** What is typed into the Debug Console, and the answer. */
const ASSIGNED: [string, string][] = [
  ['$a = 7', '7 (0x7)'],
  ['$a=$a*2', '14 (0xe)'],
  ['local[0] = i32.rotl($a, 4)', '224 (0xe0)'],
  ['$l = $a', 'refused: type mismatch: expected i64, found i32 (i64.extend_i32_s(…) converts)'],
  ['$l = i64.extend_i32_s($a) - 225', '-1 (0xffffffffffffffff, unsigned 18446744073709551615)'],
  ['$d = -inf', '-inf'],
  ['$d = $d / 0', '-inf'],
  ['$v = i32x4 1 2 3 4', 'i32x4 1 2 3 4'],
  ['$v = i32x4.splat($a)', 'i32x4 224 224 224 224'],
  ['$v.i32x4[2] = 9', '9 (0x9)'],
  ['$v.i8x16[0] = $v.i32x4[2] + 1', '10 (0xa)'],
  ['$v.i8x16[0] = $v.i32x4[2] * 100', 'refused: expected i8, found "900": constant out of range'],
  ['$r = $add', 'func[1] $add [i32] -> [i32]'],
  ['$f = $r', 'func[1] $add [i32] -> [i32]'],
  ['$t[$a - 224] = $f', 'func[1] $add [i32] -> [i32]'],
  [
    '$typed[0] = $f',
    'refused: $typed[0]: type mismatch: (ref null $none) expected, found func[1] $add [i32] -> [i32]',
  ],
  [
    '$typed[0] = $add',
    'refused: $typed[0]: type mismatch: (ref null $none) expected, found func[1] $add [i32] -> [i32]',
  ],
  ['mem[8].u16 = $a + 1', '225 (0xe1)'],
  ['mem[8].u8 = mem[8].u16 * 2', 'refused: expected u8 (a whole number from -128 to 255), found "450"'],
  ['$count = $nope', 'refused: unknown local $nope'],
  ['$fixed = $a', 'refused: $fixed is immutable'],
  ['$a == 224', '1 (0x1)'],
  ['$a <= 224', '1 (0x1)'],
  ['$a = ', "refused: unexpected token, found '='\n    $a = \n       ^"],
  ['1 = 2', 'refused: this cannot be set: it is computed, no place that holds a value'],
];

test('assignments in the Debug Console, and nowhere else', () =>
  converse(async (c) => {
    const { id: frameId } = await stopped(c);
    const answer = async (expression: string, context: string): Promise<string> => {
      try {
        return (await c.request('evaluate', { expression, frameId, context })).result;
      } catch (error) {
        return `refused: ${(error as Error).message}`;
      }
    };
    const answers: [string, string][] = [];
    for (const [text] of ASSIGNED) answers.push([text, await answer(text, 'repl')]);
    assert.deepEqual(answers, ASSIGNED);
    for (const context of ['watch', 'hover', 'clipboard']) {
      assert.equal(await answer('$a = 1', context), "refused: unexpected token, found '='");
    }
    assert.equal(await answer('$a', 'watch'), '224 (0xe0)');
    const set = await c.request('setExpression', { expression: '$a', value: '$a + 1', frameId });
    assert.equal(set.value, '225 (0xe1)');
  }));
