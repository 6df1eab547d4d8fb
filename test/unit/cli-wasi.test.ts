/**
 * Programs of WASI on the command line: what they are given, what they say and leave behind, and how modules are linked.
 * The built file in a process of its own, on the C examples and on small modules.
 */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { UsageError } from '../../cli/failure.ts';
import { parseRunArguments } from '../../cli/run-arguments.ts';

const CLI = path.resolve('dist/wasmscope.mjs');
const HELLO = path.resolve('examples/c-hello/hello.wasm');
const HELLO_O2 = path.resolve('examples/c-hello/hello-O2.wasm');
const COUNTER = path.resolve('examples/reactor/counter.wasm');
const MAIN = path.resolve('examples/reactor/main.wasm');
const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope cli wasi #'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const at = path.join(folder, name);
  writeFileSync(at, content);
  return at;
}

function run(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'run', ...args], {
    cwd: folder,
    encoding: 'utf8',
    input,
    env: { ...process.env, WASMSCOPE_TEST_NAME: 'from outside' },
  });
  return { status, stdout, stderr };
}

test('how much objects may take', () => {
  const hoards = file(
    'hoards.wat',
    `(module (type $n (struct (field (ref null $n))))
       (global $all (mut (ref null $n)) (ref.null $n))
       (func (export "main")
         (loop (global.set $all (struct.new $n (global.get $all))) (br 0))))`,
  );
  const { status, stderr } = run(['--max-heap-size', '1M', hoards]);
  assert.equal(status, 1);
  assert.match(stderr, /heap exhausted/);
  assert.equal(run(['--max-heap-size=1M', '--dap', '0', hoards]).status, 1);
  for (const [text, bytes] of [
    ['1', 1],
    ['64k', 65536],
    ['64 KiB', 65536],
    ['2MB', 2 ** 21],
    ['1G', 2 ** 30],
  ] as const) {
    assert.equal(parseRunArguments(['--max-heap-size', text, 'x'], {}).maxHeapBytes, bytes);
  }
  for (const text of ['0', '', '1.5G', 'many', '-1', '99999999999999999G']) {
    assert.throws(() => parseRunArguments(['--max-heap-size', text, 'x'], {}), UsageError);
  }
});

/** A module that calls one function of WASI with a constant and ends with its result. */
const EXITS = (code: number) =>
  `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
     (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const ${code}))))`;

for (const [name, program] of [
  ['-O0', HELLO],
  ['-O2', HELLO_O2],
] as const) {
  test(`a C program (${name}): arguments, environment, standard input, exit code`, () => {
    assert.deepEqual(run([program, 'Ada', '--dir']), {
      status: 0,
      stdout: 'Hello, Ada!\nHello, --dir!\n',
      stderr: '',
    });
    assert.equal(run(['--env', 'GREETING=Hi', program, '--', '--env', 'x']).stdout, 'Hi, --env!\nHi, x!\n');
    assert.equal(run(['--env=GREETING=', program], 'one\ntwo').stdout, ', one!\n, two!\n');
    assert.deepEqual(run([program]), { status: 3, stdout: '', stderr: 'nobody to greet\n' });
  });
}

test('directories: granted, read-only, absent', () => {
  const dir = mkdtempSync(path.join(folder, 'data-'));
  const log = path.join(dir, 'greeted.txt');
  assert.equal(run(['--dir', `${dir}::/data`, HELLO, 'Ada', 'Bob']).status, 0);
  assert.equal(readFileSync(log, 'utf8'), 'Ada\nBob\n');
  assert.equal(run(['--dir-readonly', `${dir}::/data`, HELLO, 'Eve']).stdout, 'Hello, Eve!\n');
  assert.equal(run([HELLO, 'Eve']).stdout, 'Hello, Eve!\n');
  assert.equal(readFileSync(log, 'utf8'), 'Ada\nBob\n');
  const absent = run(['--dir', path.join(dir, 'nope'), HELLO]);
  assert.equal(absent.status, 2);
  assert.match(absent.stderr, /^there is no directory .*nope\n$/);
});

test('exit codes are the program’s; one that the system would cut to 0 stays a failure', () => {
  for (const [code, status] of [
    [0, 0],
    [7, 7],
    [255, 255],
    [256, 1],
  ]) {
    assert.deepEqual(run([file(`exit-${code}.wat`, EXITS(code))]), { status, stdout: '', stderr: '' });
  }
});

test('a reactor is initialised once, and serves; poll waits', () => {
  const answer = { status: 0, stdout: 'first: 41\nready: 0\nsecond: 42\n', stderr: '' };
  assert.deepEqual(run(['--preload', `counter=${COUNTER}`, MAIN]), answer);
  assert.deepEqual(run([MAIN, `--preload=counter=${COUNTER}`]), answer);
  assert.equal(run([COUNTER, '--invoke', 'next']).stdout, '41\n');
});

test('imports that nobody provides are listed with their types, or trap when they are called', () => {
  const program = file(
    'missing.wat',
    `(module (import "a" "f" (func $f (param i32) (result i64))) (import "b" "m" (memory 1 2))
       (func (export "_start")))`,
  );
  const missing = run([program]);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /missing\.wat:1:\d+: unknown import "a" "f": \(func \[i32\] -> \[i64\]\)/);
  assert.match(missing.stderr, /unknown import "b" "m": \(memory 1 2\)/);
  assert.equal(run(['--missing-imports', 'trap', program]).status, 2);
  const called = run(['-W', 'unknown-imports-trap', MAIN]);
  assert.equal(called.status, 1);
  assert.match(called.stderr, /unknown import "counter" "next": \(func \[\] -> \[i32\]\) was called\n.* in /);
});

test('preloads in order: cycles, names that come later, both entry points', () => {
  const a = file('a.wat', '(module (import "b" "f" (func)) (func (export "f")))');
  const b = file('b.wat', '(module (import "a" "f" (func)) (func (export "f")))');
  const plain = file('plain.wat', '(module (func (export "f")))');
  const both = file('both.wat', '(module (func (export "_start")) (func (export "_initialize")))');
  const main = file('main.wat', '(module (import "a" "f" (func $f)) (func (export "_start") (call $f)))');
  const refused = (args: readonly string[], why: RegExp) => {
    const { status, stderr } = run(args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, why);
  };
  refused(['--preload', `a=${a}`, '--preload', `b=${b}`, main], /a and b import from each other/);
  refused(['--preload', `a=${a}`, '--preload', `b=${plain}`, main], /b is preloaded after a: give it before/);
  refused(['--preload', `a=${main}`, main], /a cannot import from itself/);
  refused(['--preload', `a=${both}`, main], /a exports both "_start" and "_initialize"/);
  refused(['--preload', `a=${plain}`, '--preload', `a=${plain}`, main], /a is given twice/);
  refused(['--preload', `a=${file('empty-module.wat', '(module)')}`, main], /a exports no func of that name/);
  assert.equal(run(['--preload', `b=${plain}`, '--preload', `a=${a}`, main]).status, 0);
});

test('every call of a command gets a fresh instance, whose start function runs', () => {
  const command = file(
    'command.wat',
    `(module (global $n (mut i32) (i32.const 1)) (start $s)
       (func $s (global.set $n (i32.const 10)))
       (func (export "_start"))
       (func (export "next") (param i32) (result i32)
         (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n)))`,
  );
  const main = file(
    'calls.wat',
    `(module (import "c" "next" (func $next (param i32) (result i32))) (import "c" "" (func $run))
       (func (export "") (result i32 i32) (call $run) (call $next (i32.const 1)) (call $next (i32.const 5))))`,
  );
  assert.deepEqual(run(['--preload', `c=${command}`, main]), { status: 0, stdout: '11\n15\n', stderr: '' });
});

test('instances see what those before them have done: start functions, then _initialize, then the next', () => {
  const lib = file(
    'lib.wat',
    `(module (memory (export "memory") 1) (start $s)
       (func $s (i32.store8 (i32.const 0) (i32.const 1)))
       (func (export "_initialize")
         (i32.store8 (i32.const 1) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))))`,
  );
  const main = file(
    'sees.wat',
    `(module (memory (import "lib" "memory") 1) (data (i32.const 0) "\\09")
       (func (export "") (result i32 i32) (i32.load8_u (i32.const 0)) (i32.load8_u (i32.const 1))))`,
  );
  assert.equal(run(['--preload', `lib=${lib}`, main]).stdout, '9\n2\n');
});

test('a trap in a library names its file; one in an initialisation says where that was', () => {
  const lib = file('traps.wat', '(module (func $f (export "f") unreachable))');
  const main = file(
    'uses.wat',
    '(module (import "lib" "f" (func $f)) (func $g (export "_start") (call $f)))',
  );
  const { status, stderr } = run(['--preload', `lib=${lib}`, main]);
  assert.equal(status, 1);
  assert.match(stderr, /traps\.wat:1:\d+: unreachable executed|traps\.wat:1:\d+: unreachable/);
  assert.match(stderr, /in \$f \(.*traps\.wat:1:\d+\)\n {2}in \$g \(.*uses\.wat:1:\d+\)/);
  const early = file('early.wat', '(module (func (export "_initialize") unreachable) (func (export "f")))');
  assert.match(run(['--preload', `lib=${early}`, main]).stderr, /in lib\._initialize\n/);
});

test('clocks and random numbers that repeat', () => {
  const program = file(
    'repeat.wat',
    `(module (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
       (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
       (memory (export "memory") 1)
       (func (export "") (result i64 i64)
         (drop (call $random (i32.const 0) (i32.const 8)))
         (drop (call $time (i32.const 0) (i64.const 0) (i32.const 8)))
         (i64.load (i32.const 0)) (i64.load (i32.const 8))))`,
  );
  const again = () => run(['--clock', '2025-01-31T12:00:00Z', '--random', '7', program]).stdout;
  assert.equal(again(), again());
  assert.match(again(), /\n1738324800000\d{6}\n$/);
  assert.notEqual(run([program]).stdout, run([program]).stdout);
});

test('standard input that stays open: the program reads what comes and ends by itself', async () => {
  const child = spawn(process.execPath, [CLI, 'run', HELLO], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (piece) => {
    said += piece;
  });
  const ended = new Promise((done) => child.on('exit', done));
  child.stdin.write('first\n');
  child.stdin.end('second\n');
  assert.equal(await ended, 0);
  assert.equal(said, 'Hello, first!\nHello, second!\n');
});

test('a program that exits while it could still read lets the process end', async () => {
  const child = spawn(process.execPath, [CLI, 'run', file('exit-4.wat', EXITS(4))], { stdio: 'pipe' });
  assert.equal(await new Promise((done) => child.on('exit', done)), 4);
});

test('a listening socket that was granted is accepted at', async () => {
  const program = file(
    'accepts.wat',
    `(module (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
       (memory (export "memory") 1)
       (func (export "") (result i32) (call $accept (i32.const 3) (i32.const 0) (i32.const 0))))`,
  );
  const child = spawn(process.execPath, [CLI, 'run', '--listen', '127.0.0.1:0', program], { stdio: 'pipe' });
  const port = await new Promise<number>((done) => {
    child.stderr.on('data', (text) => done(Number(/:(\d+)/.exec(String(text))?.[1])));
  });
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  let said = '';
  child.stdout.on('data', (piece) => {
    said += piece;
  });
  const ended = new Promise((done) => child.on('exit', done));
  assert.equal(await ended, 0);
  socket.destroy();
  assert.equal(said, '0\n');
});

test('the command line of run', () => {
  const parse = (...args: string[]) => parseRunArguments(args, { HOME: '/at/home' });
  const {
    file: program,
    given,
    dirs,
    env,
  } = parse('--dir', 'a', '--dir=b::/c', '--env', 'HOME', 'p', '-x', '--dir');
  assert.deepEqual([program, given, env], ['p', ['-x', '--dir'], { HOME: '/at/home' }]);
  assert.deepEqual(dirs, [
    { host: 'a', guest: 'a', readOnly: false },
    { host: 'b', guest: '/c', readOnly: false },
  ]);
  assert.deepEqual(parse('--', '-p', '--', '-x').given, ['--', '-x']);
  assert.deepEqual(parse('p', '--', '--dir').given, ['--dir']);
  for (const wrong of [
    [],
    ['--frob', 'p'],
    ['p', '--dir'],
    ['--env', 'NOPE', 'p'],
    ['--env', '=x', 'p'],
    ['--preload', 'x', 'p'],
    ['--dir', '::x', 'p'],
    ['--clock', 'noon', 'p'],
    ['--random', '-1', 'p'],
    ['--missing-imports', 'x', 'p'],
    ['-W', 'x', 'p'],
    ['--invoke', 'a', '--invoke', 'b', 'p'],
  ]) {
    assert.throws(() => parse(...wrong), UsageError, wrong.join(' '));
  }
});
