/**
 * Host functions that call the program by steps: nothing is on the host's stack meanwhile, so the program can be paused,
 * stepped and stopped in what they call, in both tiers and with the same counts.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../engine/exec/machine.ts';
import { I32 } from '../../engine/isa/types.ts';
import type { FuncInst, HostSteps } from '../../engine/runtime/func.ts';
import { Store } from '../../engine/runtime/store.ts';
import type { NumValue, Value } from '../../engine/runtime/values.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { beginExport, type Loaded, load, resultsOf, trapOf } from './exec-load.ts';

const number = (value: Value) => Number(BigInt.asIntN(32, (value as NumValue).bits));

/** `main` calls the host function `each`, which calls `work` as often as it is told. */
const PROGRAM = `(module
  (import "host" "each" (func $each (param i32) (result i32)))
  (tag $oops (param i32))
  (memory 1)
  (func (export "work") (param $n i32) (result i32) (local $i i32)
    (loop $l
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get $i)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.load (i32.const 0)))
  (func (export "fail") (param i32) (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
  (func (export "throw") (param i32) (result i32) (throw $oops (i32.const 7)))
  (func (export "again") (param i32) (result i32) (call $each (local.get 0)))
  (func (export "main") (param i32) (result i32) (i32.add (call $each (local.get 0)) (i32.const 1000)))
  (func (export "tail") (param i32) (result i32) (return_call $each (local.get 0)))
  (func (export "guarded") (param i32) (result i32)
    (block $h (try_table (catch_all $h) (return (call $each (local.get 0)))))
    (i32.const -1)))`;

interface Wanted {
  /** The export that the host function calls. */
  readonly callee?: string;
  /** It waits for a promise before each call. */
  readonly waits?: boolean;
  readonly engine?: 'interpreter' | 'compiled';
  /** The callee is of another instance, with another memory. */
  readonly apart?: boolean;
}

/** The program, with a host function that calls `callee` n times with 10 and adds the results up. */
function program({
  callee = 'work',
  waits = false,
  engine = 'interpreter',
  apart = false,
}: Wanted = {}): Loaded {
  const store = new Store();
  let target: FuncInst | undefined;
  function* each([n]: Value[]): HostSteps {
    let sum = 0;
    for (let i = 0; i < number(n); i++) {
      if (waits) yield { kind: 'wait', promise: Promise.resolve() };
      const [result] = yield { kind: 'call', func: target!, args: [i32(10)] };
      sum += number(result);
    }
    return [i32(sum)];
  }
  const host = store.addHostFunc({
    type: { kind: 'func', params: [I32], results: [I32] },
    name: 'each',
    call: (args) => each(args),
  });
  const imports = () => host;
  const loaded = load(PROGRAM, { store, engine, imports });
  const { inst } = apart ? load(PROGRAM, { store, engine, imports }) : loaded;
  target = inst.exportedFunc(callee);
  return loaded;
}

async function toEnd({ machine }: Loaded, next: () => Outcome): Promise<Outcome> {
  for (;;) {
    const outcome = next();
    if (outcome.kind === 'host') await outcome.promise;
    else if (outcome.kind === 'done' || outcome.kind === 'trap') return outcome;
    assert.ok(machine.depth > 0);
  }
}

// Each call adds 45 more to what is in memory.
const THREE = 45 + 90 + 135;

for (const wanted of [
  {},
  { waits: true },
  { apart: true },
  { engine: 'compiled' },
  { engine: 'compiled', waits: true, apart: true },
] as const) {
  test(`run, in slices, and step by step: ${JSON.stringify(wanted)}`, async () => {
    const counts: number[] = [];
    for (const how of ['run', 'slices', 'steps'] as const) {
      const loaded = program(wanted);
      const { machine } = loaded;
      beginExport(loaded, 'main', [i32(3)]);
      const next = () =>
        how === 'steps' ? machine.step() : how === 'slices' ? machine.resume(7) : machine.run();
      assert.deepEqual(resultsOf(await toEnd(loaded, next)), [THREE + 1000]);
      counts.push(machine.instructions);
    }
    assert.equal(new Set(counts).size, 1, counts.join());
  });
}

test('a tail call of such a function, and one that comes again', async () => {
  const tail = program();
  beginExport(tail, 'tail', [i32(2)]);
  assert.deepEqual(resultsOf(tail.machine.run()), [45 + 90]);
  // It calls what calls it, until the stack is full.
  const again = program({ callee: 'again' });
  beginExport(again, 'main', [i32(1)]);
  const outcome = await toEnd(again, () => again.machine.run());
  assert.equal(trapOf(outcome)[0], 'call stack exhausted');
});

test('a trap in what it calls ends the program, with all frames', () => {
  const loaded = program({ callee: 'fail' });
  beginExport(loaded, 'guarded', [i32(1)]);
  assert.equal(trapOf(loaded.machine.run())[0], 'integer divide by zero');
  assert.deepEqual(
    loaded.machine.frames().map((frame) => frame.kind),
    ['wasm', 'host', 'wasm'],
  );
});

test('no exception passes through it', () => {
  const loaded = program({ callee: 'throw' });
  beginExport(loaded, 'guarded', [i32(1)]);
  assert.deepEqual(trapOf(loaded.machine.run()), [
    'exception leaves a component',
    'unhandled exception: $oops(7)',
  ]);
});

test('what it throws itself is the host function failing, which a handler may catch', () => {
  const store = new Store();
  let target: FuncInst | undefined;
  function* each(): HostSteps {
    yield { kind: 'call', func: target!, args: [i32(1)] };
    throw new Error('no disk');
  }
  const host = store.addHostFunc({
    type: { kind: 'func', params: [I32], results: [I32] },
    name: 'each',
    call: each,
  });
  const loaded = load(PROGRAM, { store, imports: () => host });
  target = loaded.inst.exportedFunc('work');
  beginExport(loaded, 'guarded', [i32(1)]);
  assert.deepEqual(resultsOf(loaded.machine.run()), [-1]);
});

test('a machine that begins something else has forgotten it', () => {
  const loaded = program();
  const { machine } = loaded;
  beginExport(loaded, 'main', [i32(3)]);
  while (machine.frames().length < 3) machine.step();
  beginExport(loaded, 'main', [i32(1)]);
  assert.deepEqual(resultsOf(machine.run()).length, 1);
});
