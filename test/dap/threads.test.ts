/** Several threads: listed, stopped, stepped alone, started by scripts and by programs; and deadlocks. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Conversation, converse } from './harness.ts';

const EXAMPLE = readFileSync('examples/threads.wast', 'utf8');

function lineOf(text: string, source = EXAMPLE): number {
  return source.slice(0, source.indexOf(text)).split('\n').length;
}

async function threadNames(c: Conversation): Promise<string[]> {
  const { threads } = await c.request('threads');
  return threads.map(({ name }: { name: string }) => name);
}

test('threads of a script: listed with what they wait for, stopped together, gone when they end', () =>
  converse(async (c) => {
    const program = c.file('threads.wast', EXAMPLE);
    const store = lineOf('(i32.atomic.store');
    await c.launch({ program }, [{ path: program, lines: [store] }]);
    assert.deepEqual(await c.event('thread'), { reason: 'started', threadId: 2 });
    const { reason, body, stack } = await c.stopped();
    assert.deepEqual([reason, body.threadId, body.allThreadsStopped], ['breakpoint', 2, true]);
    assert.equal(stack[0].split(' ')[0], '$work');
    assert.deepEqual(await threadNames(c), ['threads.wast: waits at address 0x8', 'worker']);
    // The frames of the one that waits can be looked at, too.
    const main = await c.request('stackTrace', { threadId: 1 });
    assert.equal(main.stackFrames[0].line, lineOf('(drop (memory.atomic.wait32'));
    assert.equal(main.stackFrames[1].name, 'assert_return result()');
    const waiting = await c.variables(main.stackFrames[0].id);
    assert.deepEqual(
      waiting['Value stack'].map((text) => text.split(' ')[2]),
      ['-1', '0', '8'],
    );
    await c.request('continue', { threadId: 2 });
    assert.deepEqual(await c.event('thread'), { reason: 'exited', threadId: 2 });
    const deadlock = await c.stopped();
    assert.equal(deadlock.reason, 'exception');
    assert.equal(deadlock.body.text, 'deadlock: all threads wait for each other');
    assert.equal(deadlock.stack[0].split(' ')[0], '$forever');
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
    assert.equal(
      c.printed('stderr'),
      'deadlock: all threads wait for each other\n    main waits at address 0x10\n' +
        'forever(): deadlock: all threads wait for each other\n',
    );
    c.golden('threads');
  }));

const SPAWN = `(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (global $mine (mut i32) (i32.const 0))
  (func $worker (export "wasi_thread_start") (param $tid i32) (param $arg i32)
    (global.set $mine (local.get $arg))
    (drop (i32.atomic.rmw.add (i32.const 0) (global.get $mine)))
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
  (func (export "run") (result i32)
    (drop (call $spawn (i32.const 10)))
    (drop (call $spawn (i32.const 20)))
    (loop $again
      (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const 1000)))
      (br_if $again (i32.lt_u (i32.atomic.load (i32.const 4)) (i32.const 2))))
    (i32.add (i32.atomic.load (i32.const 0)) (global.get $mine)))
  (func (export "sleep") (result i32)
    (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const 3600_000_000_000)))
  (func (export "stuck") (result i32)
    (drop (call $spawn (i32.const 1)))
    (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const -1))))`;

test('a program spawns threads: breakpoints in each, each with globals of its own', () =>
  converse(async (c) => {
    const program = c.file('spawn.wat', SPAWN);
    await c.launch({ program, invoke: { function: 'run' } }, [{ path: program, lines: [7] }]);
    for (const [thread, value] of [
      [2, 10],
      [3, 20],
    ]) {
      const { body, frames } = thread === 2 ? await c.stopped() : await c.step('continue');
      assert.equal(body.threadId, thread);
      assert.deepEqual(
        frames.map(({ name }) => name),
        ['$worker'],
      );
      const { Globals, Locals } = await c.variables(frames[0].id);
      assert.match(Globals[0], new RegExp(`^\\$mine = ${value} `));
      assert.match(Locals[0], new RegExp(`^\\$tid = ${thread} `));
    }
    assert.deepEqual(await threadNames(c), ['spawn.wat', 'thread 3']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'run() = 30 : i32\n');
  }));

test('a wait with a timeout is over when nobody else runs; one without is a deadlock', async () => {
  await converse(async (c) => {
    const program = c.file('spawn.wat', SPAWN);
    await c.launch({ program, invoke: { function: 'sleep' } });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'sleep() = 2 : i32\n');
  });
  await converse(async (c) => {
    const program = c.file('spawn.wat', SPAWN);
    await c.launch({ program, invoke: { function: 'stuck' }, noDebug: true });
    assert.equal(await c.exited(), 1);
    assert.equal(
      c.printed('stderr'),
      'deadlock: all threads wait for each other\n    main waits at address 0x8\n',
    );
  });
});

/** Programs whose threads do what they should not, and how that ends. */
const BAD: [name: string, body: string, thread: number, text: string, printed: string][] = [
  [
    'a trap in a thread',
    '(func (export "wasi_thread_start") (param i32 i32) unreachable)',
    2,
    'unreachable',
    'thread 2: unreachable\n',
  ],
  [
    'no function to begin with',
    '',
    1,
    'thread-spawn: the module exports no function "wasi_thread_start"',
    'run(): thread-spawn: the module exports no function "wasi_thread_start"\n',
  ],
];

for (const [name, body, thread, text, printed] of BAD) {
  test(`${name} stops, and ends the program`, () =>
    converse(async (c) => {
      const program = c.file(
        'bad.wat',
        `(module (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
          (import "env" "memory" (memory 1 1 shared)) ${body}
          (func (export "run") (drop (call $spawn (i32.const 1))) (loop $again (br $again))))`,
      );
      await c.launch({ program, invoke: { function: 'run' } });
      const { reason, body: stop } = await c.stopped();
      assert.deepEqual([reason, stop.threadId, stop.text], ['exception', thread, text]);
      await c.request('continue', { threadId: thread });
      assert.equal(await c.exited(), 1);
      assert.equal(c.printed('stderr'), printed);
    }));
}

const RACE = `(module $m (memory (export "memory") 1 1 shared)
  (func (export "count") (param $at i32)
    (loop $again
      (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))
      (br $again))))
(thread $a (shared (module $m)) (invoke $m "count" (i32.const 0)))
(thread $b (shared (module $m)) (invoke $m "count" (i32.const 4)))
(wait $a)
`;

test('one thread alone: steps and continue leave the others where they are', () =>
  converse(async (c) => {
    const program = c.file('race.wast', RACE);
    await c.launch({ program }, [{ path: program, lines: [4] }]);
    const { body, frames } = await c.stopped();
    assert.deepEqual([body.threadId, frames.at(-1)!.name], [2, '$m.count(0)']);
    // The other one was not begun.
    assert.equal((await c.request('stackTrace', { threadId: 3 })).totalFrames, 0);
    // Its turns come as long as the others stand still.
    for (let i = 0; i < 3; i++) {
      await c.request('continue', { threadId: 2, singleThread: true });
      assert.equal((await c.stopped()).body.threadId, 2);
    }
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [] });
    await c.request('next', { threadId: 2, singleThread: true });
    assert.equal((await c.stopped()).reason, 'step');
    await c.request('continue', { threadId: 2, singleThread: true });
    await c.request('pause', { threadId: 2 });
    const paused = await c.stopped();
    assert.deepEqual([paused.reason, paused.body.threadId], ['pause', 2]);
    const { data } = await c.request('readMemory', { memoryReference: 'memory[0]', offset: 0, count: 8 });
    assert.match(Buffer.from(data, 'base64').toString('hex'), /00000000$/);
    // The main thread waits for one that stands still: that is told.
    await c.request('continue', { threadId: 1, singleThread: true });
    const held = await c.stopped();
    assert.deepEqual(
      [held.reason, held.body.threadId, held.body.text],
      ['pause', 1, 'waits for a, and no other thread runs'],
    );
  }));

test('a breakpoint that another thread reaches ends a step', () =>
  converse(async (c) => {
    const program = c.file('race.wast', RACE);
    await c.launch({ program, stopOnEntry: true });
    await c.stopped();
    // Over the command that waits for ever: the others run meanwhile.
    for (const line of [6, 7, 8]) assert.equal((await c.step('next')).frames[0].line, line);
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [{ line: 5 }] });
    const { reason, body } = await c.step('next');
    assert.equal(reason, 'breakpoint');
    assert.ok(body.threadId! > 1);
  }));
