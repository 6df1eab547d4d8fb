/** Traps, exhaustion and failing imports: a stop at the instruction, its cause, and exit code 1. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { converse } from './harness.ts';
import { LOOPS } from './programs.ts';

const HOST = 'export default { env: { log() { throw new TypeError("no log today"); } } };';

interface Trap {
  readonly invoke: { function: string; args: (string | number)[] };
  /** The innermost frame. */
  readonly at: string;
  readonly exception: string;
  readonly details: string;
  readonly printed: string;
}

const TRAPS: Trap[] = [
  {
    invoke: { function: 'divide', args: [7, 0] },
    at: '$divide 33:6',
    exception: 'integer divide by zero',
    details: 'integer divide by zero\ni32.div_s of 7 and 0',
    printed: 'divide(7, 0): integer divide by zero: i32.div_s of 7 and 0\n',
  },
  {
    invoke: { function: 'divide', args: ['0x80000000', -1] },
    at: '$divide 33:6',
    exception: 'integer overflow',
    details: 'integer overflow\ni32.div_s of -2147483648 and -1',
    printed: 'divide(-2147483648, -1): integer overflow: i32.div_s of -2147483648 and -1\n',
  },
  {
    invoke: { function: 'peek', args: [70000] },
    at: '$peek 36:6',
    exception: 'out of bounds memory access',
    details: 'out of bounds memory access\naddress 70000 + 4 bytes, memory is 65536 bytes',
    printed: 'peek(70000): out of bounds memory access: address 70000 + 4 bytes, memory is 65536 bytes\n',
  },
  {
    invoke: { function: 'sum', args: [2] },
    at: '$sum 23:6',
    exception: 'env.log',
    details: 'env.log: no log today',
    printed: 'sum(2): env.log: no log today\n',
  },
];

for (const { invoke, at, exception, details, printed } of TRAPS) {
  test(`${invoke.function}(${invoke.args}): ${exception}`, () =>
    converse(async (c) => {
      const program = c.file('loops.wat', LOOPS);
      c.file('host.mjs', HOST);
      await c.launch({ program, invoke, imports: './host.mjs' });
      const { reason, stack } = await c.stopped();
      assert.equal(reason, 'exception');
      assert.equal(stack[0], at);
      const info = await c.request('exceptionInfo', { threadId: 1 });
      assert.equal(info.details.message, details);
      const [line, explanation] = info.description!.split('\n');
      assert.equal(line, details.replaceAll('\n', ': '));
      assert.equal(explanation !== undefined, exception !== 'env.log', 'says what a trap means');
      assert.equal(info.exceptionId, exception);
      await c.request('continue', { threadId: 1 });
      assert.equal(await c.exited(), 1);
      assert.ok(c.printed('stderr').startsWith(printed), c.printed('stderr'));
    }));
}

test('endless recursion stops as exhaustion, with a call stack that is read in pieces', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', HOST);
    await c.launch({ program, invoke: { function: 'deep', args: [1] }, imports: './host.mjs' });
    const { reason, body, frames } = await c.stopped();
    assert.equal(reason, 'exception');
    assert.equal(frames.length, 20);
    const { stackFrames, totalFrames } = await c.request('stackTrace', {
      threadId: 1,
      startFrame: 5000,
      levels: 2,
    });
    assert.ok(totalFrames > 10_000);
    assert.equal(body.text, `call stack exhausted: ${totalFrames} frames`);
    const { description } = await c.request('exceptionInfo', { threadId: 1 });
    assert.equal(description.split('\n')[0], body.text);
    assert.deepEqual(
      stackFrames.map((f: { name: string; line: number }) => `${f.name} ${f.line}`),
      ['$deep 30', '$deep 30'],
    );
    assert.deepEqual((await c.variables(stackFrames[0].id)).Locals, ['$n = 1 (0x1) : i32']);
    const last = await c.request('stackTrace', { threadId: 1, startFrame: totalFrames - 1, levels: 5 });
    assert.equal(last.stackFrames.length, 1);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
  }));

test('as many calls as are wanted may be active', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', HOST);
    const launch = { program, invoke: { function: 'deep', args: [1] }, imports: './host.mjs' };
    await c.initialize();
    for (const maxCallDepth of ['much', 0, 1.5, 1_000_001, true]) {
      assert.match(await c.refusal('launch', { ...launch, maxCallDepth }), /"maxCallDepth" must be a whole/);
    }
    await c.request('launch', { ...launch, maxCallDepth: 100_000 });
    await c.request('configurationDone');
    const { body, frames } = await c.stopped();
    assert.equal(body.text, 'call stack exhausted: 100000 frames');
    assert.deepEqual((await c.variables(frames[0].id)).Locals, ['$n = 1 (0x1) : i32']);
    const last = { threadId: 1, startFrame: 99_999, levels: 5 };
    assert.equal((await c.request('stackTrace', last)).stackFrames.length, 1);
  }));

test('without debugging a trap ends the program, and says where', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', HOST);
    await c.launch({ program, invoke: TRAPS[0].invoke, imports: './host.mjs', noDebug: true }, [
      { path: program, lines: [33] },
    ]);
    assert.equal(await c.exited(), 1);
    assert.equal(c.printed('stderr'), `${TRAPS[0].printed}    at $divide\n`);
  }));

/** A module whose start function traps, as text and as a binary. */
const START = `(module
  (func $check (param $x i32)
    (drop (i32.div_u (i32.const 1) (local.get $x))))
  (func $begin (call $check (i32.const 0)))
  (func $main (export "main"))
  (start $begin))
`;

for (const [form, stack] of [
  ['text', ['$check 3:12', '$begin 4:17', 'instantiate main']],
  ['binary', ['$check 4:3', '$begin 3:3', 'instantiate main']],
] as const) {
  test(`a trap in the start function of a ${form} stops with its frames`, () =>
    converse(async (c) => {
      const program =
        form === 'text' ? c.file('start.wat', START) : c.file('start.wasm', assemble(parseTree(START)).bytes);
      await c.launch({ program });
      const { reason, body, ...stop } = await c.stopped();
      assert.equal(reason, 'exception');
      assert.equal(body.text, 'integer divide by zero: i32.div_u of 1 and 0');
      assert.deepEqual(stop.stack, stack);
      assert.deepEqual((await c.variables(stop.frames[0].id)).Locals, ['$x = 0 (0x0) : i32']);
      await c.request('continue', { threadId: 1 });
      assert.equal(await c.exited(), 1);
      assert.match(c.printed('stderr'), /^instantiate main: integer divide by zero/);
      assert.equal(c.printed('console'), '', 'main was not called');
    }));
}

test('without debugging a trap in the start function ends the program, too', () =>
  converse(async (c) => {
    await c.launch({ program: c.file('start.wat', START), noDebug: true });
    assert.equal(await c.exited(), 1);
    assert.match(
      c.printed('stderr'),
      /^instantiate main: .*\n {4}at \$check\n {4}at \$begin\n {4}at instantiate main\n$/,
    );
  }));
