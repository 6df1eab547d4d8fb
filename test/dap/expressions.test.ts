/** Expressions in a stopped program: memory, texts, formats, calls, other modules, assignments; what is said of wrong ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';

const PROGRAM = `(module
  (memory (export "memory") 1)
  (data (i32.const 64) "hello\\00world\\ff\\00")
  (global $g (mut i32) (i32.const 65))
  (global $big (mut i64) (i64.const -2))
  (table $t 4 funcref)
  (elem (i32.const 1) $add)
  (tag $oops (param i32 f64))
  (func $add (param $a i32) (param $b i32) (result i32) (i32.add (local.get $a) (local.get $b)))
  (func $pair (result i32 i64) (i32.const 1) (i64.const 2))
  (func $bump (global.set $g (i32.add (global.get $g) (i32.const 1))))
  (func $trap (param $x i32) (result i32) (i32.div_s (i32.const 1) (local.get $x)))
  (func $forever (loop $l (br $l)))
  (func $main (export "_start") (local $p i32) (local $f f32) (local $e exnref)
    (local.set $p (i32.const 64))
    (local.set $f (f32.const 1.5))
    (block $b (result i32 f64 exnref)
      (try_table (catch_ref $oops $b) (throw $oops (i32.const 7) (f64.const 2.5)))
      (unreachable))
    (local.set $e)
    (drop)
    (drop)
    (call $add (i32.const 11) (i32.const 22))
    drop))
`;

/** Stops in front of the call of \`$add\`: the stack has 11 and, on top, 22. */
async function launch(c: Conversation): Promise<number> {
  const program = c.file('program.wat', PROGRAM);
  await c.initialize();
  await c.request('launch', { program });
  await c.request('setBreakpoints', { source: { path: program }, breakpoints: [{ line: 23, column: 6 }] });
  await c.request('configurationDone');
  const { stack, frames } = await c.stopped();
  assert.equal(stack[0], '$main 23:6');
  return frames[0].id;
}

function evaluate(
  c: Conversation,
  expression: string,
  frameId: number,
  context = 'watch',
): Promise<DebugProtocol.EvaluateResponse['body']> {
  return c.request('evaluate', { expression, frameId, context });
}

const GIVES: [expression: string, result: string][] = [
  ['mem[$p..+5]', '68 65 6c 6c 6f "hello"'],
  ['mem[$p..$p + 2]', '68 65 "he"'],
  ['mem[0..+20]', '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 … "................" …'],
  ['mem[$p].str', '"hello"'],
  ['mem[70].str', '"world\\ff"'],
  ['mem[$p..+8].str', '"hello\\00wo"'],
  ['mem.find("world")', '70 (0x46)'],
  ['mem.find("l", 68)', '73 (0x49)'],
  ['mem[mem.find("wor")].u8', '119 (0x77)'],
  ['memory[0].find("hello") + 1', '65 (0x41)'],
  ['$g,x', '0x41'],
  ['$g,b', '0b100_0001'],
  ['$g,o', '0o101'],
  ['$g,c', "'A'"],
  ['$big,u', '18446744073709551614'],
  ['$big,d', '-2'],
  ['$p,s', '"hello"'],
  ['$f,x', '0x3fc00000'],
  ['0x3fc00000,f', '1.5'],
  ['stack[0] + stack[1], x', '0x21'],
  ['table[0][1]', 'func[0] $add [i32 i32] -> [i32]'],
  ['local[0]', '64 (0x40)'],
  ['$e[0]', '7 (0x7)'],
  ['$e[0] * 2 + 1', '15 (0xf)'],
  ['$e[1] > 2', '1 (0x1)'],
  ['!$add(1, 2)', '3 (0x3)'],
  ['!func[0]($p, stack[0])', '86 (0x56)'],
  ['!$add(!$add(1, 2), !$add(3, 4)) * 2', '20 (0x14)'],
  ['!$add(1, 2),b', '0b11'],
  ['!$pair()', '(1, 2)'],
  ['!$bump()', 'done, without a result'],
  ['!$g', '0 (0x0)'],
];

const REFUSED: [expression: string, message: string][] = [
  ['mem[70000..+4]', 'out of bounds memory access: address 70000 + 4 bytes, memory is 65536 bytes'],
  ['mem.find("nope")', 'these bytes are not in the memory'],
  ['mem.find(5)', 'a text expected, as in mem.find("text"), found \'5\''],
  ['$g,q', 'unknown format q: x, d, u, b, o, f, c and s are known'],
  ['table[0],x', ',x writes numbers: $t is none'],
  ['!$trap(0)', '!$trap(0): integer divide by zero: i32.div_s of 1 and 0'],
  ['!$add(1)', 'the function takes 2 arguments, found 1'],
  ['!$add(1, $big)', 'type mismatch: expected i32, found i64 (i32.wrap_i64(…) converts)'],
  ['!$p(1)', 'a function expected behind !'],
  ['!$pair() + 1', 'a value expected, but this function gives 2 values'],
  ['$e[2]', 'the exception has 2 arguments, found 2'],
  ['lib.$g', 'unknown module lib: the program is one module'],
  ['mem[0..]', "expression expected, such as $name, local[0] or stack[0], found ']'"],
];

test('what expressions give', () =>
  converse(async (c) => {
    const frameId = await launch(c);
    const given: [string, string][] = [];
    for (const [expression] of GIVES)
      given.push([expression, (await evaluate(c, expression, frameId)).result]);
    assert.deepEqual(given, GIVES);
    const bytes = await evaluate(c, 'mem[$p..+3]', frameId);
    assert.deepEqual(await c.children(bytes.variablesReference), [
      "[0] = 104 (0x68) 'h' : u8",
      "[1] = 101 (0x65) 'e' : u8",
      "[2] = 108 (0x6c) 'l' : u8",
    ]);
    const help = await evaluate(c, 'help', frameId, 'repl');
    assert.match(help.result, /mem\[\$p\.\.\+32\]/);
  }));

test('completion', () =>
  converse(async (c) => {
    const frameId = await launch(c);
    const { targets } = await c.request('completions', { frameId, text: '1 + $p', column: 7 });
    assert.deepEqual(targets.slice(0, 2), [
      { label: '$p', detail: 'i32', type: 'variable', start: 5, length: 2 },
      { label: '$pair', detail: 'func [] -> [i32 i64]', type: 'function', start: 5, length: 2 },
    ]);
    const behind = await c.request('completions', { frameId, text: 'x\nmem[$p].', column: 9, line: 2 });
    assert.equal(behind.targets[0].label, 'i8');
    assert.equal(behind.targets[0].start, 9);
  }));

test('what is said of wrong ones', () =>
  converse(async (c) => {
    const frameId = await launch(c);
    for (const [expression, message] of REFUSED) {
      assert.equal(
        await c.refusal('evaluate', { expression, frameId, context: 'watch' }),
        message,
        expression,
      );
    }
    assert.equal(
      await c.refusal('evaluate', { expression: '1 + $nope * 2', frameId, context: 'repl' }),
      'unknown local $nope\n    1 + $nope * 2\n        ^^^^^',
    );
    const hover = await c.refusal('evaluate', { expression: '!$add(1, 2)', frameId, context: 'hover' });
    assert.match(hover, /functions are called in the Debug Console/);
  }));

test('assignments', () =>
  converse(async (c) => {
    const frameId = await launch(c);
    const steps: [string, string][] = [
      ['$g = 0x10', '16 (0x10)'],
      ['stack[0] = stack[1] + 1', '12 (0xc)'],
      ['mem[0x100].i32 = 7', '7 (0x7)'],
      ['mem[$p].u8 = 0x48', '72 (0x48)'],
      ['table[0][3] = $add', 'func[0] $add [i32 i32] -> [i32]'],
      ['$g = !$add($g, 4)', '20 (0x14)'],
      ['$big = i64.extend_i32_s($g)', '20 (0x14)'],
    ];
    for (const [expression, result] of steps) {
      assert.equal((await evaluate(c, expression, frameId, 'repl')).result, result, expression);
    }
    assert.equal((await evaluate(c, 'mem[$p].str', frameId)).result, '"Hello"');
    assert.equal((await evaluate(c, 'mem[0x100].i32 + $g', frameId)).result, '27 (0x1b)');
  }));

test('a call that never ends is stopped by a pause; the program goes on where it was', () =>
  converse(async (c) => {
    const frameId = await launch(c);
    const call = c.refusal('evaluate', { expression: '!$forever()', frameId, context: 'repl' });
    await c.request('pause', { threadId: 1 });
    assert.equal(await call, '!$forever(): cancelled');
    assert.equal((await evaluate(c, 'stack[0]', frameId)).result, '22 (0x16)');
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

test('breakpoints are not hit inside of calls, and conditions see the arguments of exceptions', () =>
  converse(async (c) => {
    const program = c.file('program.wat', PROGRAM);
    await c.initialize();
    await c.request('launch', { program });
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: program },
      breakpoints: [
        { line: 23, column: 6, condition: '$e[0] == 8' },
        { line: 24, column: 5, condition: '$e[0] == 7 && $e[1] == 2.5' },
        { line: 9, logMessage: 'a is {$a,x}' },
      ],
    });
    assert.deepEqual(
      breakpoints.map(({ verified }: DebugProtocol.Breakpoint) => verified),
      [true, true, true],
    );
    await c.request('configurationDone');
    const { stack, frames } = await c.stopped();
    assert.equal(stack[0], '$main 24:5');
    assert.match(c.printed('console'), /^a is 0xb$/m);
    const before = c.printed('console');
    assert.equal((await evaluate(c, '!$add(5, 6)', frames[0].id)).result, '11 (0xb)');
    assert.equal(c.printed('console'), before);
  }));

const LIB = `(module
  (memory (export "memory") 1)
  (data (i32.const 8) "lib")
  (global $count (mut i32) (i32.const 3))
  (table $jobs 2 funcref)
  (elem (i32.const 0) $twice)
  (func $twice (export "twice") (param $x i32) (result i32) (i32.mul (local.get $x) (i32.const 2))))`;

const MAIN = `(module
  (import "lib" "twice" (func $twice (param i32) (result i32)))
  (global $own (mut i32) (i32.const 4))
  (func (export "_start") (drop (call $twice (i32.const 5)))))`;

test("items of several modules, by their modules' names", () =>
  converse(async (c) => {
    const program = c.file('main.wat', MAIN);
    const lib = c.file('lib.wat', LIB);
    await c.initialize();
    await c.request('launch', { program, preload: { lib }, stopOnEntry: 'main' });
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    const frameId = frames[0].id;
    const steps: [string, string][] = [
      ['lib.$count', '3 (0x3)'],
      ['lib.$count * 2 + $own', '10 (0xa)'],
      ['lib.global[0] = 9', '9 (0x9)'],
      ['lib.mem[8].str', '"lib"'],
      ['lib.mem[8].u8', '108 (0x6c)'],
      ['lib.mem[8..+2]', '6c 69 "li"'],
      ['lib.mem.find("ib")', '9 (0x9)'],
      ['lib.$jobs[0]', 'func[0] $twice [i32] -> [i32]'],
      ['!lib.$twice(lib.$count)', '18 (0x12)'],
      ['main.$own', '4 (0x4)'],
    ];
    for (const [expression, result] of steps) {
      assert.equal((await evaluate(c, expression, frameId, 'repl')).result, result, expression);
    }
    assert.equal(
      await c.refusal('evaluate', { expression: 'nope.$g', frameId, context: 'watch' }),
      'unknown module nope: there are main, lib',
    );
    assert.equal(
      await c.refusal('evaluate', { expression: 'lib.$own', frameId, context: 'watch' }),
      'lib has nothing called $own',
    );
  }));
