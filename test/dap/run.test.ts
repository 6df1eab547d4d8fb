/** Launch, breakpoints, stepping, values, end: the whole road over stdio. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converse } from './harness.ts';
import { FIB } from './programs.ts';

test('launch, breakpoint, stack, step, continue, exit', () =>
  converse(async (c) => {
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
