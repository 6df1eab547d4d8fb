/** How many calls may be active at once: what a user chooses holds in both tiers, whatever the host's stack is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../cli/failure.ts';
import { parseRunArguments } from '../../cli/run-arguments.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { load } from './exec-load.ts';

const MODULE = `(module
  (func $down (export "down") (param $n i32) (result i32) (local $kept i64)
    (local.set $kept (i64.extend_i32_u (local.get $n)))
    (if (result i32) (local.get $n)
      (then (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))
      (else (i32.wrap_i64 (local.get $kept))))))`;

function run(engine: 'interpreter' | 'compiled', maxDepth: number | undefined, calls: number): string {
  const { inst, machine } = load(MODULE, { engine, maxDepth });
  machine.begin(inst.exportedFunc('down')!, [i32(calls - 1)]);
  for (;;) {
    const outcome = machine.run(50_000);
    if (outcome.kind === 'paused') continue;
    const { depth, instructions } = machine;
    const [innermost] = depth > 0 ? machine.frames(0, 1) : [];
    const kept = innermost?.kind === 'wasm' ? innermost.local(0) : undefined;
    const left = kept && 'bits' in kept ? `, $n = ${kept.bits}` : '';
    const end = outcome.kind === 'trap' ? outcome.fault.message : outcome.kind;
    return `${end} after ${instructions} instructions in ${depth} frames${left}`;
  }
}

for (const [maxDepth, calls] of [
  [undefined, 20_000],
  [undefined, 20_001],
  [100, 100],
  [100, 101],
  [100_000, 100_000],
  [100_000, 100_001],
] as const) {
  test(`${calls} calls where ${maxDepth ?? 'nothing'} is said`, () => {
    const expected = run('interpreter', maxDepth, calls);
    const fits = calls <= (maxDepth ?? 20_000);
    assert.match(expected, fits ? /^done / : new RegExp(`^call stack exhausted .* in ${calls - 1} frames`));
    assert.equal(run('compiled', maxDepth, calls), expected);
  });
}

test('on the command line', () => {
  const depth = (...args: string[]) => parseRunArguments([...args, 'x.wat'], {}).maxCallDepth;
  assert.equal(depth(), undefined);
  assert.equal(depth('--max-call-depth', '100000'), 100_000);
  for (const text of ['0', '-1', '1.5', '1000001', 'deep', '']) {
    assert.throws(() => depth(`--max-call-depth=${text}`), UsageError, text);
  }
});
