/** Breakpoints on what is called, executed and instantiated: imports, instructions, modules; and commands with conditions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';

const WRITES = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 4)
  (data (i32.const 64) "\\48\\00\\00\\00\\02\\00\\00\\00hi")
  (table 1 funcref)
  (type $write (func (param i32 i32 i32 i32) (result i32)))
  (elem (i32.const 0) $fd_write)
  (func $say (param $fd i32)
    (drop (call $fd_write (local.get $fd) (i32.const 64) (i32.const 1) (i32.const 0))))
  (func (export "_start")
    (call $say (i32.const 1))
    (call $say (i32.const 2))
    (drop (memory.grow (i32.const 1)))
    (drop (call_indirect (type $write) (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 0) (i32.const 0)))
    (drop (memory.grow (i32.const 1)))))
`;

type Rule = Partial<DebugProtocol.FunctionBreakpoint>;

async function setFunctions(c: Conversation, ...breakpoints: Rule[]): Promise<DebugProtocol.Breakpoint[]> {
  return (await c.request('setFunctionBreakpoints', { breakpoints })).breakpoints;
}

/** Stops at entry with these breakpoints set, runs on; gives the places of all stops. */
async function stops(
  c: Conversation,
  args: Record<string, unknown>,
  ...breakpoints: Rule[]
): Promise<string[]> {
  await c.initialize();
  await c.request('launch', { stopOnEntry: true, ...args });
  const set = await setFunctions(c, ...breakpoints);
  assert.deepEqual(
    set.filter(({ verified }) => !verified),
    [],
  );
  await c.request('configurationDone');
  await c.stopped();
  const told: string[] = [];
  for (;;) {
    await c.request('continue', { threadId: 1 });
    if (!(await c.stopsAgain())) return told;
    const { stack, reason, body } = await c.stopped();
    assert.equal(reason, 'function breakpoint');
    assert.equal(body.hitBreakpointIds?.length, 1);
    told.push(stack.slice(0, 2).join(' < '));
  }
}

test('a function of the host, called directly and through a table', () =>
  converse(async (c) => {
    const program = c.file('writes.wat', WRITES);
    assert.deepEqual(await stops(c, { program }, { name: 'import wasi_snapshot_preview1.fd_write' }), [
      'wasi_snapshot_preview1.fd_write < $say 9:12',
      'wasi_snapshot_preview1.fd_write < $say 9:12',
      'wasi_snapshot_preview1.fd_write < _start 14:12',
    ]);
    assert.equal(c.printed('stdout'), 'hihi');
  }));

test('by its plain name, with a condition on the arguments and a hit count', () =>
  converse(async (c) => {
    const program = c.file('writes.wat', WRITES);
    const condition = 'stack[3] == 1 && $fd == 1';
    assert.deepEqual(await stops(c, { program }, { name: 'fd_write', condition }), [
      'wasi_snapshot_preview1.fd_write < $say 9:12',
      // Where it is called through the table there is no $fd: the condition cannot be computed.
      'wasi_snapshot_preview1.fd_write < _start 14:12',
    ]);
    assert.match(c.printed('stderr'), /condition .*: unknown local \$fd/);
  }));

test('hit counts and log messages at calls', () =>
  converse(async (c) => {
    const program = c.file('writes.wat', WRITES);
    const told = await stops(c, { program }, { name: '/fd_/', hitCondition: '2' });
    assert.deepEqual(told, ['wasi_snapshot_preview1.fd_write < $say 9:12']);
  }));

test('every instruction of a kind', () =>
  converse(async (c) => {
    const program = c.file('writes.wat', WRITES);
    assert.deepEqual(await stops(c, { program }, { name: 'memory.grow' }), ['_start 13:12', '_start 15:12']);
  }));

const LIB = `(module
  (global $ready (export "ready") (mut i32) (i32.const 0))
  (func $start (global.set $ready (i32.const 1)))
  (start $start)
  (func $twice (export "twice") (param $x i32) (result i32) (i32.mul (local.get $x) (i32.const 2))))`;

const MAIN = `(module
  (import "lib" "twice" (func $twice (param i32) (result i32)))
  (func (export "_start") (drop (call $twice (i32.const 5)))))`;

test('instantiation of modules, and an import that another module provides', () =>
  converse(async (c) => {
    const program = c.file('main.wat', MAIN);
    const lib = c.file('lib.wat', LIB);
    await c.initialize();
    await c.request('launch', { program, preload: { lib } });
    const set = await setFunctions(
      c,
      { name: 'instantiate lib' },
      { name: 'instantiate main' },
      { name: 'import lib.twice', condition: '$x == 5' },
      { name: 'instantiate nope' },
    );
    assert.deepEqual(
      set.map(({ verified, message }) => [verified, message]),
      [
        [true, 'stops when lib is instantiated'],
        [true, 'stops when main is instantiated'],
        [true, 'stops when lib.twice is called'],
        [false, 'no module is called nope: there are main, lib'],
      ],
    );
    await c.request('configurationDone');
    const told: string[] = [];
    for (;;) {
      if (!(await c.stopsAgain())) break;
      const { stack, body } = await c.stopped();
      told.push(`${body.hitBreakpointIds} ${stack[0]}`);
      await c.request('continue', { threadId: 1 });
    }
    const [lib1, main1, call] = set.map(({ id }) => id);
    assert.deepEqual(told, [`${lib1} $start 3:36`, `${main1} _start 3:47`, `${call} $twice 5:71`]);
  }));

const COMMAND = `(module
  (global $runs (mut i32) (i32.const 0))
  (func $run (export "run") (param $x i32) (global.set $runs (local.get $x)))
  (func (export "_start")))`;

const CALLER = `(module
  (import "cmd" "run" (func $run (param i32)))
  (func (export "_start") (call $run (i32.const 5)) (call $run (i32.const 6))))`;

test('an import that a command provides', () =>
  converse(async (c) => {
    const program = c.file('caller.wat', CALLER);
    const cmd = c.file('cmd.wat', COMMAND);
    await c.initialize();
    await c.request('launch', { program, preload: { cmd } });
    const set = await setFunctions(
      c,
      { name: 'import cmd.run', hitCondition: '2' },
      { name: 'run', hitCondition: '3' },
    );
    await c.request('configurationDone');
    const told: string[] = [];
    while (await c.stopsAgain()) {
      const { body, stack } = await c.stopped();
      told.push(`${body.hitBreakpointIds} ${stack.find((frame) => / \d+:\d+$/.test(frame))}`);
      await c.request('continue', { threadId: 1 });
    }
    // By its plain name it is the import and the function itself: each counts.
    assert.deepEqual(told, [`${set[0].id} _start 3:54`]);
    assert.equal(await c.exited(), 0);
  }));

const SCRIPT = `(module $m
  (global $calls (mut i32) (i32.const 0))
  (func (export "next") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.get $calls)))
(assert_return (invoke "next") (i32.const 1))
(assert_return (invoke "next") (i32.const 2))
(assert_return (invoke "next") (i32.const 3))
(module $other)
`;

test('commands of a script have conditions, hit counts and messages', () =>
  converse(async (c) => {
    const program = c.file('script.wast', SCRIPT);
    await c.initialize();
    await c.request('launch', { program });
    await c.request('setBreakpoints', {
      source: { path: program },
      breakpoints: [
        { line: 6, condition: '$calls == 1' },
        { line: 7, condition: '$calls == 1' },
        { line: 8, logMessage: 'calls {$calls}' },
      ],
    });
    const [made] = await setFunctions(c, { name: 'instantiate $other' });
    assert.equal(made.line, 9);
    await c.request('configurationDone');
    assert.equal((await c.stopped()).frames[0].line, 7);
    assert.equal((await c.step('continue')).frames[0].line, 9);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.match(c.printed('console'), /^calls 2$/m);
  }));
