/** What becomes of each command of a script, for a client that asked for it: the Testing view. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converse } from './harness.ts';

const SCRIPT = `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
(assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 3))
  (assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 4))
(assert_trap (invoke "add" (i32.const 1) (i32.const 2)) "unreachable")
(assert_invalid (module (func (result i32))) "type mismatch")
(invoke "nothing")
`;

interface Verdict {
  readonly line: number;
  readonly column: number;
  readonly ok: boolean;
  readonly message?: string;
  readonly expected?: string;
  readonly got?: string;
}

async function verdicts(more: object, count: number): Promise<string[]> {
  const found: string[] = [];
  await converse(async (c) => {
    const program = c.file('script.wast', SCRIPT);
    await c.initialize();
    await c.request('launch', { program, noDebug: true, verdicts: true, ...more });
    await c.event('initialized');
    await c.request('configurationDone');
    for (let i = 0; i < count; i++) {
      const { line, column, ok, expected, got, message } = await c.event<Verdict>('wasmscope/verdict');
      const what = ok ? 'ok' : expected === undefined ? message : `${expected} | ${got ?? 'nothing'}`;
      found.push(`${line}:${column} ${what}`);
    }
    await c.exited();
  });
  return found;
}

test('a script tells what became of each command, at its place', async () => {
  assert.deepEqual(await verdicts({}, 6), [
    '1:1 ok',
    '2:1 ok',
    '3:3 i32:4 | i32:3',
    '4:1 trap "unreachable" | nothing',
    '5:1 ok',
    '6:1 unknown function "nothing"',
  ]);
});

test('of one command alone, those before it are quiet', async () => {
  assert.deepEqual(await verdicts({ line: 3 }, 1), ['3:3 i32:4 | i32:3']);
});
