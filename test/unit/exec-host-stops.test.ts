/** Stops in front of calls of host functions and behind them, and at what is watched, whatever runs the code. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine, Outcome } from '../../engine/exec/machine.ts';
import { Watches } from '../../engine/exec/watch.ts';
import { I32 } from '../../engine/isa/types.ts';
import { MemInst } from '../../engine/runtime/memory.ts';
import { Store } from '../../engine/runtime/store.ts';
import { formatValue, i32 } from '../../engine/runtime/values.ts';
import { beginExport, type Loaded, load } from './exec-load.ts';

/** Calls the host 200 times, directly and through a table, in a loop that is worth compiling. */
const PROGRAM = `(module
  (import "host" "twice" (func $twice (param i32) (result i32)))
  (memory (export "memory") 1)
  (type $f (func (param i32) (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $twice)
  (func (export "run") (result i32) (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $twice (local.get $i))))
      (local.set $sum (i32.add (local.get $sum) (call_indirect (type $f) (local.get $i) (i32.const 0))))
      (i32.store (i32.const 64) (i32.div_u (local.get $i) (i32.const 50)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (local.get $sum)))`;

function loadWith(engine: 'interpreter' | 'compiled'): Loaded {
  const store = new Store();
  const twice = store.addHostFunc({
    type: { kind: 'func', params: [I32], results: [I32] },
    name: 'host.twice',
    call: ([value]) => [i32('bits' in value! ? Number(value.bits) * 2 : 0)],
  });
  return load(PROGRAM, { store, imports: () => twice, engine });
}

/** Runs to the end; gives how often each outcome came. The results are those without any stop. */
function outcomes(machine: Machine, look?: (outcome: Outcome) => void): Record<string, number> {
  const seen: Record<string, number> = {};
  for (;;) {
    const outcome = machine.resume(10_000);
    seen[outcome.kind] = (seen[outcome.kind] ?? 0) + 1;
    look?.(outcome);
    if (outcome.kind === 'done') assert.equal(outcome.results.map(formatValue).join(), '19800');
    if (outcome.kind === 'done' || outcome.kind === 'trap') break;
  }
  delete seen.paused;
  return seen;
}

for (const engine of ['interpreter', 'compiled'] as const) {
  test(`in front of every call of a host function: ${engine}`, () => {
    const loaded = loadWith(engine);
    const { machine, store } = loaded;
    const twice = store.funcs.find(({ host }) => host)!;
    machine.space.breakCall(twice);
    beginExport(loaded, 'run');
    const tops: string[] = [];
    const seen = outcomes(machine, ({ kind }) => {
      if (kind !== 'breakpoint') return;
      assert.equal(machine.frames(0, 1)[0].kind, 'host');
      const { calling } = machine;
      tops.push(formatValue(calling!.local(0)));
    });
    assert.deepEqual(seen, { breakpoint: 200, done: 1 });
    assert.deepEqual(tops.slice(0, 4), ['0', '0', '1', '1']);
    machine.space.unbreakCall(twice);
    beginExport(loaded, 'run');
    assert.deepEqual(outcomes(machine), { done: 1 });
  });

  test(`behind calls that answer with something: ${engine}`, () => {
    const loaded = loadWith(engine);
    const { machine } = loaded;
    machine.onResult = (_, [value]) => 'bits' in value! && value.bits === 80n;
    beginExport(loaded, 'run');
    const seen = outcomes(machine, (outcome) => {
      if (outcome.kind !== 'result') return;
      const [frame] = machine.frames(0, 1);
      assert.equal(frame.kind === 'wasm' && formatValue(frame.operand(frame.operandCount - 1)), '80');
    });
    assert.deepEqual(seen, { result: 2, done: 1 });
  });

  test(`what is watched: ${engine}`, () => {
    const loaded = loadWith(engine);
    const { machine, inst } = loaded;
    const memory = inst.exports.get('memory');
    assert.ok(memory instanceof MemInst);
    const target = { kind: 'memory', memory, from: 64, count: 4 } as const;
    machine.space.watch(new Watches([{ target, reads: false, writes: true, changes: true }]));
    beginExport(loaded, 'run');
    assert.deepEqual(outcomes(machine), { watch: 1, done: 1 });
  });
}
