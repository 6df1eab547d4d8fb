/**
 * Programs of WASI on the command line when things go wrong around them: nobody reads what they write, the disk is full, files are
 * too large or too many, they name memory that they do not have. They are told by an errno, or end as other programs do; nothing
 * hangs, and no stack of ours is shown.
 */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { errnoOf } from '../../engine/wasi/errors.ts';
import { flood, LINE, standstill } from '../flood.ts';

const CLI = path.resolve('dist/wasmscope.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope failures #'));
after(() => rmSync(folder, { recursive: true }));
/** What shells say of a program that is ended by SIGPIPE. */
const BROKEN_PIPE = 141;
const noShell = process.platform === 'win32' ? 'there is no POSIX shell' : false;
const noFullDevice = existsSync('/dev/full') ? false : 'there is no /dev/full';

function file(name: string, content: string): string {
  const at = path.join(folder, name);
  writeFileSync(at, content);
  return at;
}

const FOREVER = file('forever.wat', flood(-1));
const DIR = ['--dir', `${folder}::/`];

function run(args: readonly string[], stdout: number | 'pipe' = 'pipe') {
  const {
    status,
    stdout: said,
    stderr,
  } = spawnSync(process.execPath, [CLI, 'run', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'pipe'],
  });
  return { status, stdout: said ?? '', stderr };
}

for (const [name, stream, args] of [
  ['standard output of a program', 'stdout', ['run', ...DIR, FOREVER]],
  [
    'standard error of a program',
    'stderr',
    [
      'run',
      ...DIR,
      file('errors.wat', flood(-1).replace('(i32.const 1) (i32.const 0)', '(i32.const 2) (i32.const 0)')),
    ],
  ],
  [
    'standard output of another command',
    'stdout',
    ['print', path.resolve('examples/cpp-shapes/shapes.wasm')],
  ],
] as const) {
  test(`whoever reads goes away: ${name}`, async () => {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const other = stream === 'stdout' ? child.stderr : child.stdout;
    let said = '';
    other.on('data', (piece) => {
      said += piece;
    });
    child[stream].once('data', () => child[stream].destroy());
    assert.equal(await new Promise((done) => child.on('close', done)), BROKEN_PIPE);
    assert.equal(said, '');
  });
}

test('a program waits for whoever reads slowly, and nothing is lost', async () => {
  const lines = 20_000;
  const child = spawn(process.execPath, [CLI, 'run', ...DIR, file('flood.wat', flood(lines))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.on('close', done));
  const written = await standstill(path.join(folder, 'written'));
  assert.ok(written * LINE < 2_000_000, `${written} lines ahead`);
  let length = 0;
  for await (const piece of child.stdout) length += piece.length;
  assert.equal(length, lines * LINE);
  assert.equal(await ended, 5);
});

test('a device that is full: the program is told', { skip: noFullDevice }, () => {
  const full = openSync('/dev/full', 'w');
  try {
    assert.deepEqual(run([...DIR, FOREVER], full), { status: errnoOf('nospc'), stdout: '', stderr: '' });
    const { status, stderr } = run([path.resolve('examples/fib.wasm'), '--invoke', 'fib', '10'], full);
    assert.equal(status, 1);
    assert.match(stderr, /^wasmscope: standard output: ENOSPC: [^\n]*\n$/);
  } finally {
    closeSync(full);
  }
});

/** Runs under a limit of the shell's. */
function limited(limit: string, command: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `ulimit ${limit} && exec ${command}`], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE: process.execPath, CLI },
  });
  return { status, stdout, stderr };
}

/** Writes 1,000 bytes again and again to a file; its results are how often that went well and the errno that ended it. */
const WRITER = `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "large")
  (func (export "") (result i32 i32) (local $n i32) (local $errno i32)
    (if (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 5) (i32.const 9)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)) (then unreachable))
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.const 1000))
    (loop $again
      (local.set $errno (call $write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.eqz (local.get $errno))
        (then
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $n) (i32.const 10000))))))
    (local.get $n) (local.get $errno)))`;

test('a file that gets too large: a part is written, then the errno', { skip: noShell }, () => {
  // Blocks of 512 bytes, or of 1,024 in other shells.
  file('writer.wat', WRITER);
  const { status, stdout, stderr } = limited('-f 8', `"$NODE" "$CLI" run --dir .::/ writer.wat`);
  const { size } = statSync(path.join(folder, 'large'));
  assert.ok(size === 4096 || size === 8192, `${size} bytes`);
  assert.deepEqual(
    { status, stdout, stderr },
    {
      status: 0,
      stdout: `${Math.ceil(size / 1000)}\n${errnoOf('fbig')}\n`,
      stderr: '',
    },
  );
});

/** Opens a file 10,000 times; its results are how often that went well and the errno that ended it. */
const OPENER = `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "opener.wat")
  (func (export "") (result i32 i32) (local $n i32) (local $errno i32)
    (loop $again
      (local.set $errno (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 10) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))
      (if (i32.eqz (local.get $errno))
        (then
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $n) (i32.const 10000))))))
    (local.get $n) (local.get $errno)))`;

test('10,000 open files, or as many as the system lets the process have', { skip: noShell }, () => {
  const opener = file('opener.wat', OPENER);
  const { status, stdout, stderr } = run([...DIR, opener]);
  assert.deepEqual([status, stderr], [0, '']);
  const [opened, errno] = stdout.split('\n').map(Number);
  assert.equal(errno, opened === 10_000 ? 0 : errnoOf('mfile'));
  const few = limited('-n 150', `"$NODE" "$CLI" run --dir .::/ opener.wat`);
  assert.deepEqual([few.status, few.stderr], [0, '']);
  assert.match(few.stdout, new RegExp(`^1?[0-9]{2}\\n${errnoOf('mfile')}\\n$`));
});

const CALLS = (name: string, params: string, args: string, memory = '(memory (export "memory") 1)') =>
  `(module (import "wasi_snapshot_preview1" "${name}" (func $f (param ${params}) (result i32))) ${memory}
     (func $main (export "_start") (drop (call $f ${args}))))`;

test('memory that is not there ends the program with a trap, whose place is said', () => {
  for (const [name, text, message] of [
    [
      'hidden',
      CALLS('args_sizes_get', 'i32 i32', '(i32.const 0) (i32.const 4)', '(memory 1)'),
      /missing required memory export\n {2}note: WASI reads and writes the exported memory "memory"/,
    ],
    [
      'pointer',
      CALLS('args_sizes_get', 'i32 i32', '(i32.const 0) (i32.const 65536)'),
      /out of bounds memory access\n {2}note: 4 bytes at 65536 in 65536/,
    ],
    [
      'list',
      CALLS('fd_write', 'i32 i32 i32 i32', '(i32.const 1) (i32.const 65532) (i32.const 1) (i32.const 0)'),
      /out of bounds memory access\n {2}note: 8 bytes at 65532 in 65536/,
    ],
    [
      'length',
      CALLS('random_get', 'i32 i32', '(i32.const 1) (i32.const -1)'),
      /out of bounds memory access\n {2}note: 4294967295 bytes at 1 in 65536/,
    ],
    [
      'alignment',
      CALLS('clock_time_get', 'i32 i64 i32', '(i32.const 0) (i64.const 0) (i32.const 4)'),
      /unaligned pointer\n {2}note: 4 is no multiple of 8/,
    ],
  ] as const) {
    const { status, stdout, stderr } = run([file(`${name}.wat`, text)]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, message);
    assert.match(stderr, new RegExp(`  in \\$main \\(.*${name}\\.wat:2:\\d+\\)\\n$`));
  }
});

test('what is given to the program cannot be had', () => {
  for (const [args, message] of [
    [['--dir', 'nowhere', FOREVER], /^there is no directory nowhere\n$/],
    [['--listen', '127.0.0.1:65536', FOREVER], /^listen: 127\.0\.0\.1:65536: ports end at 65535\n$/],
    [['--dir', FOREVER, FOREVER], /forever\.wat is no directory\n$/],
    [['--preload', 'lib=nowhere.wasm', FOREVER], /^nowhere\.wasm: no such file\n$/],
    [['--preload', `lib=${file('nothing.wasm', '')}`, FOREVER], /nothing\.wasm: the file is empty\n$/],
    [['--preload', `lib=${file('half.wat', '(module (func')}`, FOREVER], /half\.wat:1:\d+: /],
  ] as const) {
    const { status, stdout, stderr } = run(args);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, message);
  }
});
