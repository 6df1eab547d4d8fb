/**
 * Calls that a host function makes while compiled code is below it: what stops or traps inside shows all frames with their values,
 * those below the host function too, as in the interpreter; and instructions are counted exactly.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine, MachineOptions } from '../../engine/exec/machine.ts';
import type { HostContext } from '../../engine/runtime/func.ts';
import type { Imports } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { formatValue, i32, type Value } from '../../engine/runtime/values.ts';
import { load } from './exec-load.ts';

type Engine = NonNullable<MachineOptions['engine']>;

/** `run` calls `work`, which calls the host; that calls `inner`, which comes to `inside`. */
const wat = (inside: string) => `(module
  (import "" "host" (func $host (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $g (mut i64) (i64.const 7))
  (func $work (param $x i32) (result i32) (local $k i64)
    (local.set $k (i64.extend_i32_u (local.get $x)))
    (global.set $g (i64.add (global.get $g) (local.get $k)))
    (i32.add (local.get $x) (call $host (local.get $x))))
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (call $work (local.get $i))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $s))
  (func $inner (export "inner") (param $n i32) (result i32) (local $i i32) (local $t f64)
    (loop $l
      (local.set $t (f64.add (local.get $t) (f64.const 0.5)))
      (call $leaf (local.get $i))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60000))))
    ${inside}
    (local.get $i))
  (func $leaf (param $i i32) (i32.store (i32.and (local.get $i) (i32.const 0xfffc)) (local.get $i))))`;

/** A breakpoint behind the loop. */
const STOP = 'nop';

function framesOf(machine: Machine): string[] {
  return machine.frames().map((frame) => {
    if (frame.kind !== 'wasm') return 'host';
    const locals = frame.localTypes.map((_, i) => formatValue(frame.local(i)));
    const operands = Array.from({ length: frame.operandCount }, (_, i) => formatValue(frame.operand(i)));
    return `func ${frame.func.idx} at ${frame.offset}: ${locals.join(' ')} | ${operands.join(' ')}`;
  });
}

/** Runs it; what was seen at stops inside of the host's calls, and the end. The host calls in at these of its calls. */
function seen(inside: string, engine: Engine, callsIn: readonly number[], fails = false): unknown[] {
  const all: unknown[] = [];
  const store = new Store();
  let calls = 0;
  const call = (args: Value[], context: HostContext): Value[] => {
    if (!callsIn.includes(calls++)) return [i32(1)];
    const results = context.invoke(inst.exportedFunc('inner')!, args);
    if (fails) throw new Error('no');
    return results;
  };
  const imports: Imports = (wanted) =>
    wanted.kind === 'func' ? store.addHostFunc({ type: wanted.type, name: 'host', call }) : undefined;
  const { inst, machine } = load(wat(inside), { imports, store, engine });
  machine.pinned = {
    onStop: (outcome) => {
      const what = outcome.kind === 'trap' ? outcome.fault : outcome.kind;
      all.push(what, machine.instructions, machine.depth, framesOf(machine), calls);
      return 'run';
    },
  };
  const inner = inst.exportedFunc('inner')!;
  const { offsets } = machine.codeOf(inner);
  if (inside === STOP) machine.setBreakpoint(inner, offsets[offsets.length - 3]);
  machine.begin(inst.exportedFunc('run')!, [i32(callsIn[callsIn.length - 1] + 3)]);
  const outcome = machine.run();
  all.push(
    outcome.kind === 'done' ? outcome.results.map(formatValue) : outcome.kind === 'trap' ? outcome.fault : '',
  );
  all.push(framesOf(machine), machine.instructions);
  return all;
}

const TRAPS = {
  'a division': '(drop (i32.div_u (i32.const 1) (i32.sub (local.get $n) (local.get $n))))',
  'an access': '(drop (i32.load (i32.add (local.get $i) (i32.const 60000))))',
  'an instruction that is made for it': 'unreachable',
};

for (const [what, inside] of Object.entries(TRAPS)) {
  for (const engine of ['auto', 'compiled'] as const) {
    test(`a trap inside of a call that the host makes shows all frames with values: ${what}, ${engine}`, () => {
      const wanted = seen(inside, 'interpreter', [20]);
      assert.equal((wanted[3] as string[]).length, 4);
      assert.deepEqual(seen(inside, engine, [20]), wanted);
    });
  }
}

for (const [when, callsIn] of [
  ['its first call', [0, 1, 5]],
  ['a later call', [12, 13]],
] as const) {
  test(`a stop below ${when} of a host function that calls in shows all frames with values`, () => {
    const stops = (engine: Engine) => seen(STOP, engine, callsIn);
    const wanted = stops('interpreter');
    assert.equal(wanted.length, 5 * callsIn.length + 3);
    assert.deepEqual(stops('compiled'), wanted);
    assert.deepEqual(stops('auto'), wanted);
  });
}

test('a stop below the first call that a host function makes after many without shows it, and what is not compiled code', () => {
  const stops = (engine: Engine) => seen(STOP, engine, [200, 201]);
  const wanted = stops('interpreter');
  const found = stops('compiled');
  assert.deepEqual(found.slice(0, 2), wanted.slice(0, 2));
  assert.deepEqual(found[3], (wanted[3] as string[]).slice(0, 2));
  assert.deepEqual(found.slice(4), wanted.slice(4), 'the next one shows all');
});

for (const at of [0, 500]) {
  test(`what a call of the host executed counts when the host fails behind it, in its call ${at}`, () => {
    const wanted = seen('', 'interpreter', [at], true);
    assert.deepEqual(seen('', 'compiled', [at], true), wanted);
  });
}
