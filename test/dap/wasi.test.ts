/**
 * Programs of WASI under the debugger: what the launch configuration grants, what the program prints and how it ends, and
 * programs of several modules.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { within } from '../bounded.ts';
import { converse } from './harness.ts';

const HELLO = path.resolve('examples/c-hello/hello.wasm');
const COUNTER = path.resolve('examples/reactor/counter.wasm');
const MAIN = path.resolve('examples/reactor/main.wasm');

test('a C program: arguments, environment, standard streams, exit code', () =>
  converse(async (c) => {
    await c.launch({ program: HELLO, args: ['Ada', 'Zoë'], env: { GREETING: 'Hi', NOT: null } });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'Hi, Ada!\nHi, Zoë!\n');
  }));

test('a C program exits with the code that it says', () =>
  converse(async (c) => {
    await c.launch({ program: HELLO });
    assert.equal(await c.exited(), 3);
    assert.equal(c.printed('stderr'), 'nobody to greet\n');
    assert.equal(c.printed('stdout'), '');
  }));

test('standard input from a text, and from a file beside the program', () =>
  converse(async (c) => {
    await c.launch({ program: HELLO, stdin: { text: 'one\ntwo\n' } });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'Hello, one!\nHello, two!\n');
  }));

test('standard input from a file, a directory, both relative to cwd', () =>
  converse(async (c) => {
    c.file('names.txt', 'Eve');
    mkdirSync(path.join(c.dir, 'data'));
    await c.launch({ program: HELLO, cwd: c.dir, stdin: 'names.txt', dirs: { '/data': 'data' } });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'Hello, Eve!\n');
    assert.equal(readFileSync(path.join(c.dir, 'data/greeted.txt'), 'utf8'), 'Eve\n');
  }));

test('a read-only directory stays as it is', () =>
  converse(async (c) => {
    const log = c.file('greeted.txt', 'before');
    const dirs = [{ guest: '/data', host: c.dir, readOnly: true }];
    await c.launch({ program: HELLO, args: ['Eve'], dirs, noDebug: true });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'Hello, Eve!\n');
    assert.equal(readFileSync(log, 'utf8'), 'before');
  }));

test('what cannot be granted is said', () =>
  converse(async (c) => {
    await c.initialize();
    assert.match(
      await c.refusal('launch', { program: HELLO, dirs: { '/x': 'nowhere' } }),
      /there is no directory .*nowhere/,
    );
    assert.match(await c.refusal('launch', { program: HELLO, stdin: 'nowhere' }), /nowhere: no such file/);
    assert.match(
      await c.refusal('launch', { program: MAIN, preload: { counter: 'nowhere' } }),
      /nowhere: no such file/,
    );
    assert.match(await c.refusal('launch', { program: HELLO, listen: ['nowhere'] }), /is no address/);
    assert.match(
      await c.refusal('launch', { program: MAIN }),
      /unknown import "counter" "next": \(func \[\] -> \[i32\]\)/,
    );
    for (const [name, value, why] of [
      ['args', 'x', /"args" must be a list of strings/],
      ['env', ['x'], /"env" must be an object/],
      ['dirs', [{}], /"dirs" must be an object/],
      ['stdin', 7, /"stdin" must be the path/],
      ['clock', 'noon', /"clock" must be "real"/],
      ['random', -1, /"random" must be "real"/],
      ['listen', '127.0.0.1:1', /"listen" must be a list/],
      ['missingImports', 'x', /"missingImports" must be/],
      ['stopOnEntry', 'end', /"stopOnEntry" must be/],
      ['preload', ['x'], /"preload" must be an object/],
    ] as const) {
      assert.match(await c.refusal('launch', { program: HELLO, [name]: value }), why);
    }
  }));

test('two modules in the call stack, a breakpoint in _initialize of the reactor, phases as frames', () =>
  converse(async (c) => {
    await c.initialize();
    await c.request('launch', { program: MAIN, preload: { counter: COUNTER } });
    await c.event('initialized');
    await c.request('setFunctionBreakpoints', {
      breakpoints: [{ name: 'counter.wasm!_initialize' }, { name: 'counter.wasm!next' }],
    });
    await c.request('configurationDone');
    const first = await c.stopped();
    assert.deepEqual(
      first.stack.map((name) => name.replace(/ .*/, '')),
      ['$_initialize', 'counter._initialize'],
    );
    assert.equal(first.frames.at(-1)?.presentationHint, 'label');
    const second = await c.step('continue');
    const names = second.frames.map(({ name, source }) => `${name} ${source?.name ?? ''}`.trim());
    assert.match(names[0], /^\$next .*\(counter\.wasm\)$/);
    assert.match(names[1], /\(main\.wasm\)$/);
    assert.equal(names.at(-1), 'main._start');
    // Values are those of the frame's own module.
    const globals = async (at: number) => (await c.variables(second.frames[at].id)).Globals?.length ?? 0;
    assert.ok((await globals(0)) <= (await globals(1)));
    await c.request('setFunctionBreakpoints', { breakpoints: [] });
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'first: 41\nready: 0\nsecond: 42\n');
  }));

const LIB = `(module
  (global $ready (mut i32) (i32.const 0))
  (start $begin)
  (func $begin
    (global.set $ready (i32.const 1)))
  (func $init (export "_initialize")
    (global.set $ready (i32.const 2)))
  (func $f (export "f") (result i32)
    (global.get $ready)))`;
const USER = `(module
  (import "lib" "f" (func $f (result i32)))
  (func $main (export "_start")
    (drop (call $f))))`;

for (const [entry, stack] of [
  ['start', ['$begin 5:25', 'instantiate lib']],
  ['initialize', ['$init 7:25', 'lib._initialize']],
  ['main', ['$main 4:12', 'main._start']],
] as const) {
  test(`stop on entry of the phase ${entry}`, () =>
    converse(async (c) => {
      const preload = { lib: c.file('lib.wat', LIB) };
      await c.launch({ program: c.file('user.wat', USER), preload, stopOnEntry: entry });
      const stop = await c.stopped();
      assert.equal(stop.reason, 'entry');
      assert.deepEqual(stop.stack, stack);
      await c.request('continue', { threadId: 1 });
      assert.equal(await c.exited(), 0);
    }));
}

test('breakpoints in the texts of both modules; steps from one into the other', () =>
  converse(async (c) => {
    const lib = c.file('lib.wat', LIB);
    const user = c.file('user.wat', USER);
    await c.launch({ program: user, preload: { lib } }, [
      { path: lib, lines: [7] },
      { path: user, lines: [4] },
    ]);
    assert.deepEqual((await c.stopped()).stack, ['$init 7:25', 'lib._initialize']);
    const main = await c.step('continue');
    assert.deepEqual(main.stack, ['$main 4:12', 'main._start']);
    assert.deepEqual((await c.variables(main.frames[0].id)).Globals ?? [], []);
    const inside = await c.step('stepIn');
    assert.deepEqual(inside.stack, ['$f 9:6', '$main 4:12', 'main._start']);
    assert.deepEqual((await c.variables(inside.frames[0].id)).Globals, ['$ready = 2 (0x2) : (mut i32)']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

test('a step into a command goes through what makes its instance', () =>
  converse(async (c) => {
    const command = c.file(
      'command.wat',
      '(module\n  (func (export "_start"))\n  (func $f (export "f")\n    (nop)))',
    );
    await c.launch({
      program: c.file(
        'user.wat',
        '(module\n  (import "c" "f" (func $f))\n  (func $g (export "")\n    (call $f)))',
      ),
      preload: { c: command },
      stopOnEntry: 'main',
    });
    assert.deepEqual((await c.stopped()).stack, ['$g 4:6', 'main.']);
    const { stack } = await c.step('stepIn');
    assert.deepEqual(stack, ['$f 4:6', '$c.f', '$g 4:6', 'main.']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

/** Writes a line of 1,000 bytes a hundred thousand times, then exits with 5. */
const FLOOD = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $i i32)
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 1000))
    (memory.fill (i32.const 16) (i32.const 0x61) (i32.const 999))
    (i32.store8 (i32.const 1015) (i32.const 10))
    (loop $again
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20000))))
    (call $exit (i32.const 5))))`;

test('a program that floods standard output loses nothing, and pauses meanwhile', () =>
  converse(async (c) => {
    await c.launch({ program: c.file('flood.wat', FLOOD) });
    await c.event('output');
    await c.request('pause', { threadId: 1 });
    await c.stopped();
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 5);
    const text = c.printed('stdout');
    assert.equal(text.length, 20_000_000);
    assert.equal(text, `${'a'.repeat(999)}\n`.repeat(20_000));
  }));

test('missing imports trap when they are called', () =>
  converse(async (c) => {
    await c.launch({ program: MAIN, missingImports: 'trap' });
    const { body } = await c.stopped();
    assert.match(String(body.text), /unknown import "counter" "next": .* was called/);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
  }));

/** Waits for ten days by poll_oneoff. */
const SLEEPS = `(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $main (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 1000000000000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))`;

test('a fixed clock does not wait', () =>
  converse(async (c) => {
    const program = c.file('sleeps.wat', SLEEPS);
    await c.launch({ program, clock: '2025-01-31T12:00:00Z' });
    assert.equal(await c.exited(), 0);
  }));

test('a program that waits for the time can be paused, and ended', () =>
  converse(async (c) => {
    await c.launch({ program: c.file('sleeps.wat', SLEEPS) });
    await c.request('pause', { threadId: 1 });
    const { stack, reason } = await c.stopped();
    assert.equal(reason, 'pause');
    assert.equal(stack.at(-1), '$main 7:12');
    await c.request('disconnect');
  }));

test('what is typed comes while the program waits; prompts are there before', () =>
  converse(async (c) => {
    await c.launch({ program: HELLO, console: 'integratedTerminal' });
    await c.request('wasmscope/input', { text: 'Ada\nB' });
    assert.equal((await c.event('output')).output, 'Hello, Ada!\n');
    await c.request('pause', { threadId: 1 });
    assert.equal((await c.stopped()).reason, 'pause');
    await c.request('wasmscope/input', { text: 'ob\n', end: true });
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'Hello, Ada!\nHello, Bob!\n');
  }));

/** Writes eight random bytes to standard output, as sixteen letters. */
const RANDOM = `(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $i i32)
    (drop (call $random (i32.const 100) (i32.const 8)))
    (loop $next
      (i32.store8 offset=200 (i32.shl (local.get $i) (i32.const 1))
        (i32.add (i32.const 0x61) (i32.and (i32.load8_u offset=100 (local.get $i)) (i32.const 15))))
      (i32.store8 offset=201 (i32.shl (local.get $i) (i32.const 1))
        (i32.add (i32.const 0x61) (i32.shr_u (i32.load8_u offset=100 (local.get $i)) (i32.const 4))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))
    (i32.store (i32.const 0) (i32.const 200))
    (i32.store (i32.const 4) (i32.const 16))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

test('the same seed gives the same random numbers', async () => {
  const printed: string[] = [];
  for (const random of [42, '0x2a', 43, undefined]) {
    await converse(async (c) => {
      await c.launch({ program: c.file('random.wat', RANDOM), random });
      assert.equal(await c.exited(), 0);
      printed.push(c.printed('stdout'));
    });
  }
  assert.match(printed[0], /^[a-p]{16}$/);
  assert.equal(printed[1], printed[0]);
  assert.equal(new Set(printed).size, 3);
});

/** Accepts one connection and sends back in capitals what comes, until the other side is done. */
const ECHO = `(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $fd i32) (local $i i32)
    (if (call $accept (i32.const 3) (i32.const 0) (i32.const 16)) (then (call $exit (i32.const 9))))
    (local.set $fd (i32.load (i32.const 16)))
    (loop $more
      (i32.store (i32.const 0) (i32.const 100))
      (i32.store (i32.const 4) (i32.const 1000))
      (if (call $read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $exit (i32.const 8))))
      (if (i32.eqz (i32.load (i32.const 8))) (then (call $exit (i32.const 0))))
      (local.set $i (i32.const 0))
      (loop $letter
        (i32.store8 offset=100 (local.get $i)
          (i32.and (i32.load8_u offset=100 (local.get $i)) (i32.const 0xdf)))
        (br_if $letter
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.load (i32.const 8)))))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (if (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $exit (i32.const 7))))
      (br $more))))`;

test('a listening socket: a connection while the program waits for it, a pause between', () =>
  converse(async (c) => {
    await c.launch({ program: c.file('echo.wat', ECHO), listen: ['127.0.0.1:0'] });
    const port = Number(/^listening on 127\.0\.0\.1:(\d+)\n$/.exec(c.printed('stderr'))?.[1]);
    await c.request('pause', { threadId: 1 });
    assert.match((await c.stopped()).stack[0], /sock_accept/);
    const socket = connect(port, '127.0.0.1');
    socket.write('hello');
    await c.request('continue', { threadId: 1 });
    const [first] = await within(once(socket, 'data'), 'an answer');
    assert.equal(String(first), 'HELLO');
    socket.end('bye');
    const [second] = await within(once(socket, 'data'), 'the last answer');
    assert.equal(String(second), 'BYE');
    assert.equal(await c.exited(), 0);
  }));

/** Makes objects and keeps all of them. */
const HOARDS = `(module
  (type $node (struct (field (ref null $node)) (field i64)))
  (global $all (mut (ref null $node)) (ref.null $node))
  (func $main (export "main")
    (loop $more
      (global.set $all (struct.new $node (global.get $all) (i64.const 0)))
      (br $more))))`;

test('objects may take so much', () =>
  converse(async (c) => {
    const program = c.file('hoards.wat', HOARDS);
    await c.initialize();
    for (const maxHeapSize of ['much', 0, '64 miles', true]) {
      assert.match(
        await c.refusal('launch', { program, maxHeapSize }),
        /"maxHeapSize" must be a number of bytes/,
      );
    }
    await c.request('launch', { program, maxHeapSize: '2M' });
    await c.request('configurationDone');
    const { reason, body, stack } = await c.stopped();
    assert.equal(reason, 'exception');
    assert.match(String(body.text), /^heap exhausted/);
    assert.equal(stack[0], '$main 6:25');
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
  }));

test('a preloaded module that is built anew is told of', () =>
  converse(async (c) => {
    const lib = c.file('lib.wat', LIB);
    await c.launch({ program: c.file('user.wat', USER), preload: { lib }, stopOnEntry: 'main' });
    await c.stopped();
    c.file('lib.wat', LIB.replace('i32.const 2', 'i32.const 3'));
    assert.match((await c.event('wasmscope/programChanged')).uri, /lib\.wat$/);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));
