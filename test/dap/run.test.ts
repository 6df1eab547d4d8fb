/** Launch, breakpoints, stepping, values, end: the whole road, also over stdio. */

import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { listenDap } from '../../debug-adapter/hosts/node.ts';
import { CLI, converse, converseApart } from './harness.ts';
import { FIB, FIB_BYTES } from './programs.ts';

test('launch, breakpoint, stack, step, continue, exit', () =>
  converseApart(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.launch({ program, invoke: { function: 'fib', args: [3] } }, [{ path: program, lines: [4] }]);
    const first = await c.stopped();
    assert.equal(first.reason, 'breakpoint');
    assert.deepEqual(first.stack, ['$fib 4:33']);
    await c.variables(first.frames[0].id);
    const second = await c.step('next');
    assert.equal(second.reason, 'step');
    await c.variables(second.frames[0].id);
    await c.step('continue');
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [] });
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'fib(3) = 3 : i32\n');
    c.golden('fib');
  }));

/** Long enough to be compiled; `dot` is what the host must not choose by itself. */
const LONG = `(module
  (memory 1)
  (func $dot (param v128 v128) (result v128)
    (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1)))
  (func $main (export "main") (result i32) (local $i i32)
    (loop $on
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $on (i32.lt_u (local.get $i) (i32.const 1000000))))
    (local.get $i)))`;

for (const engine of ['auto', 'interpreter'] as const) {
  test(`the log says which functions are compiled and why others are not: ${engine}`, () =>
    converse(async (c) => {
      const program = c.file('long.wat', LONG);
      await c.launch({ program, invoke: { function: 'main' }, trace: 'tiers', engine });
      assert.equal(await c.exited(), 0);
      const log = c.printed('log');
      if (engine === 'interpreter') assert.equal(log, '');
      else {
        assert.match(log, /^tiers: functions compiled: 1; left to the interpreter: 1$/m);
        assert.match(log, /^tiers: .*func\[0\] \$dot: \S/m);
      }
    }));
}

test('where the host has no WebAssembly programs run as ever, and the log says once why none is compiled', async () => {
  const { NODE_OPTIONS } = process.env;
  process.env.NODE_OPTIONS = '--jitless';
  try {
    await converseApart(async (c) => {
      const program = c.file('long.wat', LONG.replace('1000000', '50000'));
      await c.launch({ program, invoke: { function: 'main' }, trace: 'tiers', stopOnEntry: true });
      await c.stopped();
      await c.request('setFunctionBreakpoints', { breakpoints: [{ name: '$dot' }] });
      await c.request('continue', { threadId: 1 });
      assert.equal(await c.exited(), 0);
      assert.equal(c.printed('console'), 'main() = 50000 : i32\n');
      assert.equal(
        c.printed('log'),
        'tiers: all code stays in the interpreter: the host has no WebAssembly\n',
      );
    });
  } finally {
    if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = NODE_OPTIONS;
  }
});

test('a trace tells of requests and of the engine, and of no file content', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.launch({ program, invoke: { function: 'fib', args: [3] }, trace: true });
    assert.equal(await c.exited(), 0);
    const log = c.printed('log');
    assert.match(log, /^client -> configurationDone$/m);
    assert.match(log, /^engine <- .*"command":"start"/m);
    assert.match(log, /^engine -> .*"event":"ended"/m);
    assert.doesNotMatch(log, /Fibonacci/);
  }));

test('a text that holds a binary is shown as the binary is', () =>
  converseApart(async (c) => {
    const bytes = Buffer.from(FIB_BYTES).toString('hex').replace(/../g, '\\$&');
    const program = c.file('fib.wat', `(module binary "${bytes}")`);
    await c.launch({ program, invoke: { function: 'fib', args: [3] }, stopOnEntry: true });
    assert.deepEqual((await c.stopped()).stack, ['fib 2:3']);
  }));

/** When a pause comes, told by the requests before it. */
const EARLY_PAUSES: string[][] = [[], ['setBreakpoints'], ['configurationDone']];

for (const before of EARLY_PAUSES) {
  test(`a pause behind launch ${before.join(' ')} is not lost`, () =>
    converse(async (c) => {
      const program = c.file('spin.wat', '(module (func (export "main") (loop $again (br $again))))');
      await c.initialize();
      const sent = [c.request('launch', { program })];
      if (before.length > 0) await c.event('initialized');
      const args: Record<string, object> = {
        setBreakpoints: { source: { path: program }, breakpoints: [] },
        pause: { threadId: 1 },
      };
      for (const command of [...before, 'pause', 'configurationDone'])
        sent.push(c.request(command, args[command]));
      const { reason } = await c.stopped();
      assert.equal(reason, 'pause');
      await Promise.all(sent);
    }));
}

test('a pause without a program is refused', () =>
  converseApart(async (c) => {
    await c.initialize();
    assert.equal(await c.refusal('pause', { threadId: 1 }), 'nothing is being debugged');
    const launched = c.refusal('launch', { program: c.file('empty.wat', '') });
    assert.equal(await c.refusal('pause', { threadId: 1 }), 'nothing is being debugged');
    await launched;
  }));

test('over a socket', async () => {
  const server = await listenDap(0, pathToFileURL(CLI));
  const client = new DebugClient('', '', 'wasmscope');
  try {
    await client.start((server.address() as AddressInfo).port);
    const program = path.resolve('examples/fib.wasm');
    void client.configurationSequence();
    const ended = client.waitForEvent('exited');
    await client.launch({ program, invoke: { function: 'fib', args: [10] } });
    assert.equal((await ended).body.exitCode, 0);
  } finally {
    await client.stop();
    server.close();
  }
});
