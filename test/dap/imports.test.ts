/** Imports in JavaScript: values, memories, globals, tables, promises, calls back into the program. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converse } from './harness.ts';

const PROGRAM = `(module
  (import "env" "mem" (memory 1 2))
  (import "env" "counter" (global $counter (mut i32)))
  (import "env" "scale" (global $scale i64))
  (import "env" "t" (table 2 funcref))
  (import "env" "show" (func $show (param i32 i64 f32 f64)))
  (import "env" "later" (func $later (param i32) (result i32)))
  (import "env" "back" (func $back (param i32) (result i32)))
  (elem (i32.const 0) $double)
  (export "memory" (memory 0))

  (func $double (export "double") (param $x i32) (result i32)
    (i32.mul (local.get $x) (i32.const 2)))

  (func (export "values")
    (call $show (i32.const -1) (global.get $scale) (f32.const 1.5) (f64.const -0.25))
    (i32.store (i32.const 8) (i32.const 0x64636261))
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (call $show (i32.const 0) (i64.const 0) (f32.const 0) (f64.const 0)))

  (func (export "wait") (result i32)
    (call $later (i32.const 20)))

  (func (export "nested") (param $n i32) (result i32)
    (i32.add (call $back (local.get $n)) (i32.const 1)))

  (func $fail (export "fail") (result i32) unreachable))
`;

const HOST = `export default ({ instance, memory, global, table }) => {
  const mem = memory({ initial: 1, maximum: 2 });
  const counter = global('i32', 41, { mutable: true });
  let shown = 0;
  return {
    env: {
      mem,
      counter,
      scale: 2n ** 40n,
      t: table({ initial: 2, element: 'funcref' }),
      show(...values) {
        const text = new TextDecoder().decode(new Uint8Array(instance.exports.memory.buffer, 8, 4));
        if (shown++) console.log(counter.value, text, mem === instance.exports.memory);
        else console.log(...values.map((v) => typeof v + ' ' + v));
      },
      async later(n) {
        await new Promise((resolve) => setTimeout(resolve, n));
        return instance.exports.double(n) + 2;
      },
      back: (n) => (n < 0 ? instance.exports.fail() : instance.exports.double(n)),
    },
  };
};
`;

test('values, memories, globals and tables', () =>
  converse(async (c) => {
    const program = c.file('imports.wat', PROGRAM);
    c.file('host.mjs', HOST);
    await c.launch({ program, invoke: { function: 'values' }, imports: './host.mjs' });
    assert.equal(await c.exited(), 0);
    assert.equal(
      c.printed('stdout'),
      'number -1 bigint 1099511627776 number 1.5 number -0.25\n42 abcd true\n',
    );
    assert.equal(c.printed('console'), 'values() returned\n');
  }));

test('a promise is waited for, exports are called behind it, and both can be stopped', () =>
  converse(async (c) => {
    const program = c.file('imports.wat', PROGRAM);
    c.file('host.mjs', HOST);
    await c.launch({ program, invoke: { function: 'wait' }, imports: './host.mjs' }, [
      { path: program, lines: [13] },
    ]);
    const inside = await c.stopped();
    assert.deepEqual(inside.stack, ['$double 13:15']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'wait() = 42 : i32\n');
  }));

test('a pause while a promise is awaited', () =>
  converse(async (c) => {
    const program = c.file('imports.wat', PROGRAM);
    c.file('host.mjs', HOST.replace('setTimeout(resolve, n)', 'setTimeout(resolve, 1e6)'));
    await c.launch({ program, invoke: { function: 'wait' }, imports: './host.mjs' });
    await c.request('pause', { threadId: 1 });
    const { reason, stack } = await c.stopped();
    assert.equal(reason, 'pause');
    assert.deepEqual(stack, ['env.later', 'wait 22:6']);
  }));

test('a stop inside a call from an import: frames of both sides, steps, values', () =>
  converse(async (c) => {
    const program = c.file('imports.wat', PROGRAM);
    c.file('host.mjs', HOST);
    await c.launch({ program, invoke: { function: 'nested', args: [5] }, imports: './host.mjs' }, [
      { path: program, lines: [13] },
    ]);
    const inside = await c.stopped();
    assert.deepEqual(inside.stack, ['$double 13:15', 'env.back', 'nested 25:15']);
    assert.deepEqual((await c.variables(inside.frames[0].id)).Locals, ['$x = 5 (0x5) : i32']);
    assert.deepEqual(Object.keys(await c.variables(inside.frames[1].id)), ['Globals', 'Memory', 'Tables']);
    await c.request('setExpression', { expression: '$x', value: '7', frameId: inside.frames[0].id });
    const step = await c.step('next');
    assert.deepEqual(step.stack, ['$double 13:30', 'env.back', 'nested 25:15']);
    const out = await c.step('stepOut');
    assert.deepEqual(out.stack, ['nested 25:43']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'nested(5) = 15 : i32\n');
    c.golden('nested');
  }));

const MAIN_HOST = `${HOST}
export async function main(instance) {
  console.log(instance instanceof WebAssembly.Instance, instance.exports.double(4));
  await new Promise((resolve) => setTimeout(resolve, 5));
  console.log(instance.exports.double(5));
}
`;

test('a main function of the imports runs instead of an export; what it calls can be stopped', () =>
  converse(async (c) => {
    const program = c.file('imports.wat', PROGRAM);
    c.file('host.mjs', MAIN_HOST);
    await c.launch({ program, imports: './host.mjs', stopOnEntry: true });
    const entry = await c.stopped();
    assert.equal(entry.reason, 'entry');
    assert.deepEqual(entry.stack, ['$double 13:15', 'imports.main']);
    assert.deepEqual((await c.variables(entry.frames[0].id)).Locals, ['$x = 4 (0x4) : i32']);
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [{ line: 13 }] });
    await c.request('continue', { threadId: 1 });
    const behind = await c.stopped();
    assert.deepEqual(behind.stack, ['$double 13:15']);
    assert.deepEqual((await c.variables(behind.frames[0].id)).Locals, ['$x = 5 (0x5) : i32']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'true 8\n10\n');
    assert.equal(c.printed('console'), 'main() returned\n');
  }));

test('an export that is named runs in spite of a main function of the imports', () =>
  converse(async (c) => {
    const program = c.file('imports.wat', PROGRAM);
    c.file('host.mjs', MAIN_HOST);
    await c.launch({ program, imports: './host.mjs', invoke: { function: 'double', args: [3] } });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'double(3) = 6 : i32\n');
  }));

test('a trap inside a call from an import stops there once', () =>
  converse(async (c) => {
    const program = c.file('imports.wat', PROGRAM);
    c.file('host.mjs', HOST);
    await c.launch({ program, invoke: { function: 'nested', args: [-1] }, imports: './host.mjs' });
    const { reason, stack } = await c.stopped();
    assert.equal(reason, 'exception');
    assert.deepEqual(stack, ['$fail 27:44', 'env.back', 'nested 25:15']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
    assert.equal(c.printed('stderr'), 'nested(-1): unreachable\n');
  }));
