/** What the program stops for: kinds of traps, exceptions by tag and argument, errors of WASI, exit codes; and what is said. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';

type Option = DebugProtocol.ExceptionFilterOptions;

/** Runs a program with these filters; gives each stop's text, and how it ended. */
async function run(c: Conversation, wat: string, filterOptions: Option[]): Promise<string[]> {
  const program = c.file('program.wat', wat);
  await c.initialize();
  await c.request('launch', { program });
  const { breakpoints } = await c.request('setExceptionBreakpoints', { filters: [], filterOptions });
  assert.deepEqual(
    breakpoints.filter(({ verified }: DebugProtocol.Breakpoint) => !verified),
    [],
  );
  await c.request('configurationDone');
  const told: string[] = [];
  while (await c.stopsAgain()) {
    const { body, stack } = await c.stopped();
    assert.equal(body.reason, 'exception');
    told.push(`${body.description} | ${body.text} | ${stack[0]}`);
    await c.request('continue', { threadId: 1 });
  }
  return [...told, `exit ${await c.exited()}`];
}

const DIVIDES = '(module (func (export "_start") (drop (i32.div_s (i32.const 1) (i32.const 0)))))';

/** Filters, and whether they stop at a division by zero. */
const KINDS: [option: Option, stops: boolean][] = [
  [{ filterId: 'traps' }, true],
  [{ filterId: 'traps.arithmetic' }, true],
  [{ filterId: 'traps.arithmetic', condition: 'divide' }, true],
  [{ filterId: 'traps.arithmetic', condition: 'overflow' }, false],
  [{ filterId: 'traps.memory' }, false],
  [{ filterId: 'traps', condition: 'memory, arithmetic' }, true],
  [{ filterId: 'traps', condition: 'memory, table' }, false],
];

for (const [option, stops] of KINDS) {
  test(`traps: ${JSON.stringify(option)}`, () =>
    converse(async (c) => {
      const told = await run(c, DIVIDES, [option]);
      const text = 'Paused on a trap | integer divide by zero: i32.div_s of 1 and 0 | _start 1:40';
      assert.deepEqual(told, stops ? [text, 'exit 1'] : ['exit 1']);
    }));
}

test('VS Code is offered the kinds of traps as conditions, since its list is above the breakpoints', () =>
  converse(async (c) => {
    const { exceptionBreakpointFilters } = await c.initialize({ clientID: 'vscode' });
    const names = exceptionBreakpointFilters?.map(({ filter }) => filter);
    assert.deepEqual(names, ['traps', 'uncaught', 'all', 'wasi', 'exits', 'assertions']);
  }));

const THROWS = `(module
  (tag $oops (param i32 f64))
  (tag $other)
  (func $throw (param $n i32)
    (throw $oops (local.get $n) (f64.const 1.5)))
  (func (export "_start") (local $i i32)
    (loop $again
      (block $caught
        (try_table (catch_all $caught) (call $throw (local.get $i))))
      (block $caught
        (try_table (catch_all $caught) (throw $other)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 4))))))`;

const STOP = 'Paused on an exception';

/** Conditions of the filter for all exceptions, and what it stops at. */
const CONDITIONS: [condition: string, texts: string[]][] = [
  ['$oops if thrown[0] == 2', [`${STOP} | $oops(2, 1.5), caught in _start | $throw 5:6`]],
  ['$oops if thrown[0] > $n', []],
  ['if thrown[1] == 1.5 && $n == 3', [`${STOP} | $oops(3, 1.5), caught in _start | $throw 5:6`]],
  ['$other if $i == 1', [`${STOP} | $other(), caught in _start | _start 11:41`]],
];

for (const [condition, texts] of CONDITIONS) {
  test(`exceptions: ${condition}`, () =>
    converse(async (c) => {
      assert.deepEqual(await run(c, THROWS, [{ filterId: 'all', condition }]), [...texts, 'exit 0']);
    }));
}

const WASI = `(module
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    (drop (call $close (i32.const 77)))
    (call $exit (i32.const 3))))`;

test('arguments at the throw', () =>
  converse(async (c) => {
    const program = c.file('program.wat', THROWS);
    await c.initialize();
    await c.request('launch', { program });
    await c.request('setExceptionBreakpoints', { filters: ['all'] });
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    const evaluate = { expression: 'thrown[1] * 2', frameId: frames[0].id, context: 'watch' };
    assert.equal((await c.request('evaluate', evaluate)).result, '3');
    const other = await c.step('continue');
    const gone = { expression: 'thrown[0]', frameId: other.frames[0].id, context: 'watch' };
    assert.equal(await c.refusal('evaluate', gone), '$other has 0 arguments');
    const stepped = await c.step('stepIn');
    const over = { expression: 'thrown[0]', frameId: stepped.frames[0].id, context: 'watch' };
    assert.equal(await c.refusal('evaluate', over), 'thrown[0] is for throws: nothing is thrown here');
  }));

test('errors of WASI and exit codes', () =>
  converse(async (c) => {
    const options = [{ filterId: 'wasi', condition: 'ENOENT EBADF' }, { filterId: 'exits' }];
    assert.deepEqual(await run(c, WASI, options), [
      'Paused on a WASI error | EBADF: bad file descriptor, from wasi_snapshot_preview1.fd_close | _start 8:6',
      'Paused where the program exits | exit code 3 | _start 9:6',
      'exit 3',
    ]);
  }));

test('other errors and other codes pass', () =>
  converse(async (c) => {
    const options = [
      { filterId: 'wasi', condition: 'ENOENT' },
      { filterId: 'exits', condition: '1 2' },
    ];
    assert.deepEqual(await run(c, WASI, options), ['exit 3']);
  }));

test('exceptionInfo explains traps and errors', () =>
  converse(async (c) => {
    const program = c.file('program.wat', WASI);
    await c.initialize();
    await c.request('launch', { program });
    await c.request('setExceptionBreakpoints', { filters: ['wasi', 'exits'] });
    await c.request('configurationDone');
    await c.stopped();
    const error = await c.request('exceptionInfo', { threadId: 1 });
    assert.equal(error.exceptionId, 'EBADF');
    assert.match(error.details.message, /^wasi_snapshot_preview1\.fd_close answered with 8: bad file/);
    await c.step('continue');
    const exit = await c.request('exceptionInfo', { threadId: 1 });
    assert.equal(exit.exceptionId, 'exit 3');
    assert.match(exit.details.stackTrace, /_start/);
  }));

/** Conditions that mean nothing. */
const REFUSED: [filterId: string, condition: string, message: RegExp][] = [
  ['wasi', 'EWHAT', /^unknown error EWHAT/],
  ['exits', 'three', /^an exit code is expected, found three/],
  ['all', '$nope', /^unknown tag \$nope: there are \$oops, \$other, js/],
  ['all', '$oops if thrown[', /^condition: index expected/],
  ['assertions', 'x', /take no condition/],
];

test('conditions that mean nothing; traps say what they mean', () =>
  converse(async (c) => {
    const program = c.file('program.wat', THROWS.replace('(loop $again', '(unreachable) (loop $again'));
    await c.initialize();
    await c.request('launch', { program });
    const filterOptions = REFUSED.map(([filterId, condition]) => ({ filterId, condition }));
    const { breakpoints } = await c.request('setExceptionBreakpoints', { filters: ['traps'], filterOptions });
    REFUSED.forEach(([, , message], i) => {
      assert.equal(breakpoints[i + 1].verified, false);
      assert.match(breakpoints[i + 1].message, message);
    });
    await c.request('configurationDone');
    await c.stopped();
    const { description } = await c.request('exceptionInfo', { threadId: 1 });
    assert.match(description, /^unreachable\nThe instruction unreachable was executed\./);
  }));
