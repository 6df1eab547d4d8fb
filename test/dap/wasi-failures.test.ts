/**
 * Programs of WASI under the debugger when something is wrong with them or around them: what cannot be loaded or linked is refused,
 * bad pointers are stops, and a client that does not read has the program wait, not the adapter's memory grow.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { endsHere, within } from '../bounded.ts';
import { flood, LINE, standstill } from '../flood.ts';
import { CLI, type Conversation, converse } from './harness.ts';

const PLAIN = '(module (func (export "f")))';
const BOTH = '(module (func (export "_start")) (func (export "_initialize")))';
const needs = (from: string, name = 'f') =>
  `(module (import "${from}" "${name}" (func)) (func (export "f")) (func (export "_start")))`;

/** A program and what is preloaded for it, by name, as texts; and the refusal. */
const REFUSED: readonly [what: string, program: string, preload: Record<string, string>, why: RegExp][] = [
  ['both entry points', needs('a'), { a: BOTH }, /a exports both "_start" and "_initialize"/],
  [
    'a cycle',
    needs('a'),
    {
      a: '(module (import "b" "f" (func)) (func (export "f")))',
      b: '(module (import "a" "f" (func)) (func (export "f")))',
    },
    /a and b import from each other/,
  ],
  [
    'a module that comes later',
    needs('a'),
    { a: '(module (import "b" "f" (func)) (func (export "f")))', b: PLAIN },
    /b is preloaded after a: give it before/,
  ],
  ['an import from itself', needs('a'), { a: needs('a') }, /a cannot import from itself/],
  ['a name that is missing', needs('a', 'g'), { a: PLAIN }, /a exports no func of that name/],
  ['a module that is missing', needs('b'), { a: PLAIN }, /unknown import "b" "f": \(func \[\] -> \[\]\)/],
  [
    'a module that is none',
    needs('a'),
    { a: '(module (func' },
    /a\.wat:1:\d+: preload a: unexpected token: unclosed/,
  ],
];

test('preloaded modules that cannot be linked are refused', () =>
  converse(async (c) => {
    await c.initialize();
    for (const [what, program, modules, why] of REFUSED) {
      const preload = Object.fromEntries(
        Object.entries(modules).map(([name, text]) => [name, c.file(`${name}.wat`, text)]),
      );
      const refusal = await c.refusal('launch', { program: c.file('main.wat', program), preload });
      assert.match(refusal, why, what);
      assert.ok(!/\n {4}at /.test(refusal), what);
    }
  }));

test('an import of another type than what is preloaded ends the program when it is instantiated', () =>
  converse(async (c) => {
    const preload = { a: c.file('a.wat', '(module (func (export "f") (param i32)))') };
    await c.launch({ program: c.file('main.wat', needs('a')), preload });
    const { body } = await c.stopped();
    assert.match(
      String(body.text),
      /^incompatible import type "a" "f": \(func \[\] -> \[\]\) wanted, \(func \[i32\] -> \[\]\) given/,
    );
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
  }));

const CALLS = (name: string, params: string, args: string, memory = '(memory (export "memory") 1)') =>
  `(module
  (import "wasi_snapshot_preview1" "${name}" (func $f (param ${params}) (result i32)))
  ${memory}
  (func $main (export "_start")
    (drop (call $f ${args}))))`;

for (const [what, text, why] of [
  [
    'no exported memory',
    CALLS('args_sizes_get', 'i32 i32', '(i32.const 0) (i32.const 4)', '(memory 1)'),
    /^missing required memory export: WASI reads and writes/,
  ],
  [
    'a pointer out of bounds',
    CALLS('fd_write', 'i32 i32 i32 i32', '(i32.const 1) (i32.const 65532) (i32.const 1) (i32.const 0)'),
    /^out of bounds memory access: 8 bytes at 65532 in 65536/,
  ],
  [
    'a length out of bounds',
    CALLS('random_get', 'i32 i32', '(i32.const 1) (i32.const -1)'),
    /^out of bounds memory access: 4294967295 bytes at 1 in 65536/,
  ],
] as const) {
  test(`${what} stops the program at the call`, () =>
    converse(async (c) => {
      await c.launch({ program: c.file('main.wat', text) });
      const stop = await c.stopped();
      assert.equal(stop.reason, 'exception');
      assert.match(String(stop.body.text), why);
      assert.match(stop.stack.find((name) => name.startsWith('$main')) ?? '', /^\$main 5:/);
      await c.request('continue', { threadId: 1 });
      assert.equal(await c.exited(), 1);
    }));
}

/** A client of which the tests decide when it reads: what it has read so far, by events. */
class SlowClient {
  readonly #child = endsHere(spawn(process.execPath, [CLI, 'dap'], { stdio: ['pipe', 'pipe', 'inherit'] }));
  readonly #ended = new Promise((resolve) => this.#child.on('close', resolve));
  #isOver = false;
  #rest = Buffer.alloc(0);
  #seq = 0;
  #wake = () => {};
  readonly seen = new Set<string>();
  readonly output: string[] = [];

  constructor() {
    this.#child.stdout.on('data', (piece: Buffer) => this.#take(piece));
    void this.#ended.then(() => {
      this.#isOver = true;
      this.#wake();
    });
  }

  send(command: string, args?: object): void {
    const message = JSON.stringify({ seq: ++this.#seq, type: 'request', command, arguments: args });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
  }

  /** Waits for an event, or the answer of a request. */
  async until(what: string): Promise<void> {
    const came = async (): Promise<void> => {
      while (!this.seen.has(what)) {
        assert.ok(!this.#isOver, `the adapter ended without ${what}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    await within(came(), what, () => `; what came: ${[...this.seen].join(', ')}`);
  }

  reads(does: boolean): void {
    if (does) this.#child.stdout.resume();
    else this.#child.stdout.pause();
  }

  async close(): Promise<void> {
    this.send('disconnect');
    await within(this.#ended, 'the adapter to end');
  }

  #take(piece: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, piece]);
    for (;;) {
      const head = this.#rest.indexOf('\r\n\r\n');
      if (head < 0) break;
      const length = Number(/Content-Length: (\d+)/.exec(this.#rest.toString('latin1', 0, head))?.[1]);
      if (this.#rest.length < head + 4 + length) break;
      const message = JSON.parse(this.#rest.toString('utf8', head + 4, head + 4 + length));
      this.#rest = this.#rest.subarray(head + 4 + length);
      this.seen.add(message.event ?? message.command);
      if (message.event === 'output' && message.body.category === 'stdout')
        this.output.push(message.body.output);
    }
    this.#wake();
  }
}

test('a client that does not read has the program wait; then nothing is lost, and requests are answered', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope slow #'));
  const client = new SlowClient();
  try {
    const lines = 20_000;
    const program = path.join(folder, 'flood.wat');
    writeFileSync(program, flood(lines));
    client.send('initialize', { adapterID: 'wasmscope', pathFormat: 'path' });
    await client.until('initialize');
    client.send('launch', { program, dirs: { '/': folder } });
    await client.until('initialized');
    client.reads(false);
    client.send('configurationDone');
    const written = await standstill(path.join(folder, 'written'));
    assert.ok(written < lines && written * LINE < 6_000_000, `${written} lines ahead of the client`);
    client.reads(true);
    client.send('threads');
    await client.until('threads');
    await client.until('exited');
    assert.equal(client.output.join(''), `${'a'.repeat(LINE - 1)}\n`.repeat(lines));
  } finally {
    client.reads(true);
    await client.close();
    rmSync(folder, { recursive: true });
  }
});

test('10,000 open files under the debugger, or as many as the system has', () =>
  converse(async (c: Conversation) => {
    const program = c.file(
      'opener.wat',
      `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "opener.wat")
  (func (export "_start") (local $n i32) (local $errno i32)
    (loop $again
      (local.set $errno (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 10) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))
      (if (i32.eqz (local.get $errno))
        (then (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10000))))))
    (call $exit (local.get $errno))))`,
    );
    await c.launch({ program, dirs: { '/': c.dir } });
    const code = await c.exited();
    assert.ok(code === 0 || code === 33, `errno ${code}`);
  }));
