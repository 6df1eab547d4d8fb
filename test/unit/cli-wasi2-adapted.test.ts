/**
 * Programs for WASI 0.1 inside of the adapter that makes commands of 0.2 of them (`jco new --wasi-command`): they print what their
 * module prints, and what the same component prints under jco.
 *
 * Go and AssemblyScript are the exception, and not ours. The adapter wants two pages for itself. It asks the module's `cabi_realloc` for
 * them, which C and Rust have; where there is none, its own function takes them with `memory.grow`. Go's heap is what lies behind its
 * last page, whoever grew it (runtime/mem_wasm.go: `sbrk` does not look at what `memory.grow` answers); AssemblyScript's heap is,
 * at its first allocation, all that there is. Both write over the adapter's pages, which it finds out by a magic number at both ends.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { adapted, commandFor, jcoMissing } from '../real/component-jco.ts';
import { builtGo } from '../toolchains.ts';

const CLI = path.resolve('dist/wasmscope.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope adapted '));
after(() => rmSync(folder, { recursive: true }));
const skip = jcoMissing('adapter');

interface Run {
  readonly args: readonly string[];
  readonly input?: string;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function node(args: readonly string[], input: string | undefined): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    input: input ?? '',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const ours = (file: string, { args, input }: Run): Ended => node([CLI, 'run', file, ...args], input);

/** Makes a command of a module. Gives the component's file, and how to run it under jco. */
async function command(core: Uint8Array, name: string) {
  const bytes = await adapted(core);
  const file = path.join(folder, `${name}.wasm`);
  writeFileSync(file, bytes);
  const script = await commandFor(bytes, name);
  return { file, underJco: ({ args, input }: Run) => node([script, ...args], input) };
}

for (const [program, runs] of [
  ['c-hello/hello', [{ args: ['Ada', 'Grace'] }, { args: [], input: 'one\ntwo\n' }]],
  [
    'c-guess/guess',
    [
      { args: ['7'], input: '5\n9\n7\n' },
      { args: ['7'], input: '1\n' },
    ],
  ],
  ['cpp-shapes/shapes', [{ args: [] }]],
  ['rust-words/words', [{ args: [], input: 'One two; TWO three, three – three!\n' }]],
] as const satisfies readonly (readonly [string, readonly Run[]])[]) {
  test(`${program}, adapted, is its module, here and under jco`, { skip }, async () => {
    const module = path.resolve('examples', `${program}.wasm`);
    const { file, underJco } = await command(readFileSync(module), path.basename(program).toLowerCase());
    for (const run of runs) {
      const wanted = ours(module, run);
      assert.notEqual(wanted.stdout + wanted.stderr, '');
      // `exit` of wasi:cli knows only whether all was well.
      const status = Math.min(wanted.status ?? 0, 1);
      assert.deepEqual(ours(file, run), { ...wanted, status });
      assert.deepEqual(underJco(run), { ...wanted, status }, 'under jco');
    }
  });
}

/** The adapter finds that its pages are not as it has left them. */
const OVERWRITTEN = /assertion failed at adapter line \d+/;

async function isOverwritten(core: Uint8Array, name: string, run: Run): Promise<void> {
  const { file, underJco } = await command(core, name);
  const here = ours(file, run);
  const there = underJco(run);
  assert.deepEqual([here.status, here.stdout], [1, '']);
  assert.deepEqual([there.status, there.stdout], [1, '']);
  const [line] = OVERWRITTEN.exec(here.stderr) ?? [];
  assert.ok(line && there.stderr.startsWith(line), `${here.stderr}\n${there.stderr}`);
  assert.match(here.stderr, /unreachable\n {2}in \S+assert_fail /);
}

/** Its heap begins behind the pages it has, and it grows them without looking where they are. */
const OWNER_OF_ALL = (realloc: string) => `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "well\\n")
  (data (i32.const 0) "\\10\\00\\00\\00\\05\\00\\00\\00")
  ${realloc}
  (func (export "_start")
    (drop (call $args (i32.const 32) (i32.const 36)))
    (drop (memory.grow (i32.const 2)))
    (memory.fill (i32.const 65536) (i32.const 0xaa) (i32.const 131072))
    (drop (call $args (i32.const 32) (i32.const 36)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

test('a program that takes the page behind its last one for its own writes over the adapter', {
  skip,
}, async () => {
  const text = OWNER_OF_ALL('');
  await isOverwritten(assemble(parseTree(text)).bytes, 'owner', { args: [] });
});

test('it is well if it has a `cabi_realloc` that gives the adapter room', { skip }, async () => {
  const text = OWNER_OF_ALL(`(global $next (mut i32) (i32.const 0x40000))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $next (i32.add (global.get $next) (i32.const 0x10000)))
    (if (i32.lt_u (memory.size) (i32.const 16)) (then (drop (memory.grow (i32.const 15)))))
    (i32.sub (global.get $next) (i32.const 0x10000)))`);
  const { file, underJco } = await command(assemble(parseTree(text)).bytes, 'provider');
  const wanted: Ended = { status: 0, stdout: 'well\n', stderr: '' };
  assert.deepEqual(ours(file, { args: [] }), wanted);
  assert.deepEqual(underJco({ args: [] }), wanted);
});

test('AssemblyScript writes over the adapter, here and under jco', { skip }, async () => {
  await isOverwritten(readFileSync('examples/as-primes/primes.wasm'), 'primes', { args: ['30'] });
});

const go = skip === false ? builtGo(folder) : { why: skip };
test('Go writes over the adapter, here and under jco', { skip: 'why' in go && go.why }, async () => {
  await isOverwritten(readFileSync((go as { file: string }).file), 'greet', { args: ['Ada'] });
});
