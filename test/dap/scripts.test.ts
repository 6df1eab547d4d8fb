/** A `.wast` under the debugger: its commands as places, assertions that fail, modules in every form, one command alone. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Conversation, converse } from './harness.ts';

const TESTS = readFileSync('examples/tests.wast', 'utf8');

/** What the Debug Console has, but for its end. */
function consoleOf(c: Conversation): string {
  return `${c.printed('stderr')}${c.printed('console')}`;
}

test('a script runs to its end, prints what fails with its place, and counts', () =>
  converse(async (c) => {
    const program = c.file('tests.wast', TESTS);
    await c.launch({ program });
    const { output, line, source } = await c.event('output');
    assert.equal(output, 'assert_return gcd(40, 25): expected i32:10, got i32:5\n');
    assert.equal(line, 20);
    assert.equal(source.name, 'tests.wast');
    assert.equal(await c.exited(), 1);
    assert.equal(c.printed('console'), '5 assertions passed, 1 failed\n');
  }));

test('stops in a function that an assertion calls: the assertion is the outermost frame', () =>
  converse(async (c) => {
    const program = c.file('tests.wast', TESTS);
    await c.launch({ program, stopOnEntry: true }, [{ path: program, lines: [12, 18] }]);
    assert.deepEqual((await c.stopped()).stack, ['module $numbers 7:1']);
    const first = await c.step('continue');
    assert.equal(first.reason, 'breakpoint');
    assert.deepEqual(first.stack, ['assert_return gcd(12, 18) 18:1']);
    assert.deepEqual((await c.step('stepIn')).stack, ['$gcd 9:32', 'assert_return gcd(12, 18) 18:1']);
    const call = await c.step('continue');
    assert.deepEqual(call.stack, ['$gcd 12:10', 'assert_return gcd(12, 18) 18:1']);
    await c.variables(call.frames[0].id);
    // Out of the function that the command called is in front of the next command.
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [] });
    assert.deepEqual((await c.step('stepOut')).stack, ['assert_return gcd(7, 0) 19:1']);
    // A step over a command runs it as a whole.
    const next = await c.step('next');
    assert.deepEqual(next.stack, ['assert_return gcd(40, 25) 20:1']);
    assert.deepEqual(await c.variables(next.frames[0].id), {});
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
    c.golden('script');
  }));

test('one command alone: what is before it is done without a stop and counts for nothing', () =>
  converse(async (c) => {
    const program = c.file('tests.wast', TESTS);
    await c.launch({ program, line: 32, stopOnEntry: true }, [{ path: program, lines: [9, 12] }]);
    assert.deepEqual((await c.stopped()).stack, ['assert_return lcm(4, 6) 32:1']);
    // Its module was given as a string.
    const inside = await c.step('stepIn');
    assert.deepEqual(inside.stack, ['lcm 2:3', 'assert_return lcm(4, 6) 32:1']);
    const { source } = inside.frames[0];
    assert.equal(source!.name, 'lcm (module 2 of tests.wast)');
    const { content } = await c.request('source', { source, sourceReference: source!.sourceReference });
    assert.match(content.split('\n')[3], /local\.get/);
    const { breakpoints } = await c.request('setBreakpoints', { source, breakpoints: [{ line: 8 }] });
    assert.equal(breakpoints[0].source.sourceReference, source!.sourceReference);
    const called = await c.step('continue');
    assert.equal(called.reason, 'breakpoint');
    assert.deepEqual(called.stack, ['$gcd 9:32', 'lcm 6:3', 'assert_return lcm(4, 6) 32:1']);
    await c.request('setBreakpoints', { source, breakpoints: [] });
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [] });
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(consoleOf(c), '1 assertion passed\n');
  }));

test('stops at failed assertions, when that is wanted; a trap that is expected stops nothing', () =>
  converse(async (c) => {
    const program = c.file(
      'fails.wast',
      `(module (func (export "f") (result i32) i32.const 1) (func (export "trap") unreachable))
(assert_return (invoke "f") (i32.const 2))
(assert_trap (invoke "trap") "unreachable")
(assert_trap (invoke "trap") "integer overflow")
(assert_return (invoke "trap"))
(assert_malformed (module quote "(func") "anything")
`,
    );
    await c.initialize();
    await c.request('launch', { program });
    await c.event('initialized');
    await c.request('setExceptionBreakpoints', { filters: ['assertions', 'traps'] });
    await c.request('configurationDone');
    const failed = await c.stopped();
    assert.deepEqual(
      [failed.reason, failed.body.description, failed.body.text, failed.stack],
      ['exception', 'Paused on a failed assertion', 'expected i32:2, got i32:1', ['assert_return f() 2:1']],
    );
    const info = await c.request('exceptionInfo', { threadId: 1 });
    assert.equal(info.description, 'expected i32:2, got i32:1');
    // The wrong trap is none that is expected, and stops where it happens.
    for (const line of [4, 5]) {
      const trap = await c.step('continue');
      assert.equal(trap.body.text, 'unreachable');
      assert.deepEqual(trap.stack.slice(0, 1), ['trap 1:76']);
      assert.equal(trap.frames[1].line, line);
    }
    const last = await c.step('continue');
    assert.equal(last.frames[0].line, 6);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
    c.golden('failed-assertions');
  }));

/** Scripts that are not right, and what is said of them. */
const BAD: [name: string, text: string, code: number, printed: string][] = [
  [
    'a fault in the middle',
    '(module (func (export "f")))\n(assert_retrun (invoke "f"))\n(assert_return (invoke "f"))\n',
    1,
    'unknown operator assert_retrun',
  ],
  ['a parenthesis that is left open', '(module (func (export "f")))\n(assert_return (invoke "f"\n', 1, ''],
  [
    'a module that is not right',
    '(module\n  (func (export "f") (result i32)\n    (i64.const 1)))\n(assert_return (invoke "f"))\n',
    1,
    'module: invalid: type mismatch',
  ],
  ['an export that is not there', '(module)\n(invoke "f")\n', 1, 'f(): unknown function "f"'],
];

for (const [name, text, code, printed] of BAD) {
  test(`bad scripts: ${name}`, () =>
    converse(async (c) => {
      await c.launch({ program: c.file('bad.wast', text) });
      assert.equal(await c.exited(), code);
      assert.ok(consoleOf(c).includes(printed), consoleOf(c));
      assert.match(c.printed('console'), /, \d failed\n$/);
    }));
}

test('scripts with nothing in them, and what is for modules only', () =>
  converse(async (c) => {
    await c.initialize();
    const refused = (more: object) => c.refusal('launch', more);
    assert.equal(
      await refused({ program: c.file('a.wast', '  ') }),
      '<dir>/a.wast is empty: there is nothing to run',
    );
    assert.equal(
      await refused({ program: c.file('b.wast', ';; later') }),
      'the script has no commands: there is nothing to run',
    );
    const program = c.file('c.wast', '(module)\n\n\n(module)');
    assert.match(await refused({ program, invoke: { function: 'f' } }), /"invoke" is for modules/);
    assert.match(await refused({ program, line: 3 }), /there is no command in this line/);
    assert.match(await refused({ program, line: 'x' }), /"line" must be a number/);
  }));

test('an assertion that never ends can be paused, and its script goes on from there', () =>
  converse(async (c) => {
    const program = c.file(
      'endless.wast',
      '(module (func (export "spin") (loop $again (br $again))))\n(assert_return (invoke "spin"))\n',
    );
    await c.launch({ program });
    // The first pause may come before the first command.
    for (;;) {
      await c.request('pause', { threadId: 1 });
      const { reason, stack } = await c.stopped();
      assert.equal(reason, 'pause');
      if (stack.length === 2) return assert.equal(stack[1], 'assert_return spin() 2:1');
      await c.request('continue', { threadId: 1 });
    }
  }));

test('several modules: breakpoints by name and by offset, and memories of each', () =>
  converse(async (c) => {
    const program = c.file(
      'two.wast',
      `(module $a (memory 1) (data (i32.const 0) "A") (func $f (export "f") nop))
(module $b (memory 1) (data (i32.const 0) "B") (func $f (export "f") nop))
(invoke $a "f")
(invoke $b "f")
`,
    );
    await c.initialize();
    await c.request('launch', { program });
    await c.event('initialized');
    const { breakpoints } = await c.request('setFunctionBreakpoints', { breakpoints: [{ name: '$f' }] });
    assert.equal(breakpoints[0].message, 'stops in 2 functions');
    await c.request('configurationDone');
    for (const [line, byte] of [
      [1, 'A'],
      [2, 'B'],
    ] as const) {
      const { reason, frames } = line === 1 ? await c.stopped() : await c.step('continue');
      assert.equal(reason, 'function breakpoint');
      assert.equal(frames[0].line, line);
      const { result, memoryReference } = await c.request('evaluate', {
        expression: 'memory[0]',
        frameId: frames[0].id,
      });
      assert.match(result, /1 page/);
      const { data } = await c.request('readMemory', { memoryReference, offset: 0, count: 1 });
      assert.equal(atob(data), byte);
      const address = Number(frames[0].instructionPointerReference);
      assert.equal(Math.floor(address / 2 ** 32), line);
    }
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));
