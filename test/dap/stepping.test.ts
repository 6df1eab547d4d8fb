/** Steps in, over and out, by instruction and by line; pause; stops in deep recursion. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Conversation, converse } from './harness.ts';
import { FIB, LOOPS } from './programs.ts';

async function stopOnEntry(c: Conversation, more: object = {}): Promise<void> {
  const program = c.file('fib.wat', FIB);
  await c.launch({ program, invoke: { function: 'fib', args: [2] }, stopOnEntry: true, ...more });
  const { body, stack } = await c.stopped();
  assert.equal(body.reason, 'entry');
  assert.deepEqual(stack, ['$fib 4:33']);
}

test('step in: every instruction, operands first', () =>
  converse(async (c) => {
    await stopOnEntry(c);
    const places: string[] = [];
    for (let i = 0; i < 9; i++) places.push((await c.step('stepIn')).stack.join(' < '));
    assert.deepEqual(places, [
      '$fib 4:48',
      '$fib 4:23',
      '$fib 4:6',
      '$fib 8:32',
      '$fib 8:47',
      '$fib 8:23',
      '$fib 8:12',
      '$fib 4:33 < $fib 8:12',
      '$fib 4:48 < $fib 8:12',
    ]);
  }));

test('step over calls, out of functions, and to the end', () =>
  converse(async (c) => {
    await stopOnEntry(c);
    for (let i = 0; i < 7; i++) await c.step('next');
    const call = await c.step('next');
    assert.deepEqual(call.stack, ['$fib 9:32'], 'behind the call of fib(0)');
    assert.deepEqual((await c.variables(call.frames[0].id))['Value stack'], [
      'stack[0] = 1 (0x1) : i32, pushed by call in line 8',
    ]);
    for (let i = 0; i < 3; i++) await c.step('next');
    const inner = await c.step('stepIn');
    assert.deepEqual(inner.stack, ['$fib 4:33', '$fib 9:12']);
    const out = await c.step('stepOut');
    assert.deepEqual(out.stack, ['$fib 7:10']);
    await c.request('stepOut', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

for (const [around, before, behind] of [
  ['if', '(if (i32.const 1) (then', ') (else nop))'],
  ['an inner if', '(if (i32.const 1) (then (if (i32.const 1) (then', ') (else nop))) (else nop))'],
  ['try', '(try (do', ') (catch_all nop))'],
])
  test(`a call that ends a branch of ${around} can be stepped over, and out of`, () =>
    converse(async (c) => {
      const program = c.file(
        'branches.wat',
        `(module
  (func $leaf nop)
  (func $main (export "main")
    ${before}
      (call $leaf)${behind}
    nop))`,
      );
      await c.launch({ program }, [{ path: program, lines: [5] }]);
      assert.deepEqual((await c.stopped()).stack, ['$main 5:8']);
      await c.request('setBreakpoints', { source: { path: program }, breakpoints: [] });
      const inside = await c.step('stepIn');
      assert.deepEqual(inside.stack, ['$leaf 2:15', '$main 5:8']);
      const out = await c.step('stepOut');
      assert.deepEqual(out.stack, ['$main 6:5']);
      await c.request('restartFrame', { frameId: out.frames[0].id });
      await c.stopped();
      await c.request('setBreakpoints', { source: { path: program }, breakpoints: [{ line: 5 }] });
      assert.deepEqual((await c.step('continue')).stack, ['$main 5:8']);
      assert.deepEqual((await c.step('next')).stack, ['$main 6:5']);
      await c.request('continue', { threadId: 1 });
      assert.equal(await c.exited(), 0);
    }));

test('step by line', () =>
  converse(async (c) => {
    await stopOnEntry(c, { stepBy: 'line' });
    assert.deepEqual(await c.stepToEnd('next'), ['$fib 8:32', '$fib 9:32', '$fib 7:10', '$fib 9:64']);
  }));

test('a step over a call that runs into a breakpoint stops there', () =>
  converse(async (c) => {
    await stopOnEntry(c);
    for (let i = 0; i < 7; i++) await c.step('next');
    await c.request('setFunctionBreakpoints', { breakpoints: [{ name: '$fib' }] });
    const stop = await c.step('next');
    assert.equal(stop.reason, 'function breakpoint');
    assert.deepEqual(stop.stack, ['$fib 4:33', '$fib 8:12']);
  }));

test('an endless loop pauses at once, and steps, and is ended', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', 'export const env = { log() {} };');
    await c.launch({ program, invoke: { function: 'spin' }, imports: './host.mjs' });
    await c.request('pause', { threadId: 1 });
    const { reason, stack } = await c.stopped();
    assert.equal(reason, 'pause');
    assert.match(stack[0], /^\$spin 27:/);
    const step = await c.step('next');
    assert.equal(step.reason, 'step');
    await c.request('continue', { threadId: 1 });
    await c.request('terminate');
    await c.event('terminated');
  }));

test('a step out of an endless loop can be paused', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', 'export const env = { log() {} };');
    await c.launch({ program, invoke: { function: 'spin' }, imports: './host.mjs', stopOnEntry: true });
    await c.stopped();
    await c.request('stepOut', { threadId: 1 });
    await c.request('pause', { threadId: 1 });
    assert.equal((await c.stopped()).reason, 'pause');
    await c.request('next', { threadId: 1, granularity: 'line' });
    await c.request('pause', { threadId: 1 });
    assert.equal((await c.stopped()).reason, 'pause');
  }));

test('disconnect ends an endless loop', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', 'export const env = { log() {} };');
    await c.launch({ program, invoke: { function: 'spin' }, imports: './host.mjs' });
  }));
