/**
 * Replays: what a program did since a snapshot runs again to the same trap, with the host's answers out of the log. What
 * cannot be repeated is noticed, and the state of the trap is put back.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadProgram } from '../../engine/debug/load.ts';
import type { WasmFrame } from '../../engine/exec/frame.ts';
import { Machine, type Outcome } from '../../engine/exec/machine.ts';
import { Diverged } from '../../engine/exec/replay/host-log.ts';
import { Rewind } from '../../engine/exec/replay/rewind.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { I32 } from '../../engine/isa/types.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { formatValue, i32, type NumValue, type Value } from '../../engine/runtime/values.ts';
import { load } from './exec-load.ts';

/** Writes what the host gives into memory, a global and a table, and traps in the 2000th call of `work`. */
const TEXT = `(module
  (import "env" "next" (func $next (param i32) (result i32)))
  (memory (export "memory") 1 4)
  (table $t 4 funcref)
  (elem declare func $work)
  (global $sum (mut i64) (i64.const 0))
  (func $work (param $n i32)
    (i32.store (i32.mul (i32.and (local.get $n) (i32.const 255)) (i32.const 4)) (call $next (local.get $n)))
    (global.set $sum (i64.add (global.get $sum) (i64.load32_u (i32.const 16))))
    (table.set $t (i32.and (local.get $n) (i32.const 3)) (ref.func $work))
    (drop (i32.div_u (i32.const 7) (i32.sub (i32.const 2000) (local.get $n)))))
  (func (export "main") (local $i i32)
    (loop $on
      (call $work (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $on))))`;

type Host = (machine: Machine, n: number) => number | Promise<number>;

function started(host: Host): { machine: Machine; rewind: Rewind; store: Store; calls: () => number } {
  const { module } = loadProgram({ text: TEXT });
  const store = new Store();
  let calls = 0;
  const call = (args: Value[]): readonly Value[] | Promise<readonly Value[]> => {
    calls++;
    const [n] = args as [NumValue];
    const answer = host(machine, Number(n.bits));
    return typeof answer === 'number' ? [i32(answer)] : answer.then((value) => [i32(value)]);
  };
  const next = store.addHostFunc({ type: { kind: 'func', params: [I32], results: [I32] }, call });
  const inst = instantiate(store, module, () => next, SUPPORTED);
  const machine: Machine = new Machine(store);
  let now = 0;
  const rewind = new Rewind(store, () => now++);
  machine.rewind = rewind;
  machine.begin(inst.exportedFunc('main')!, []);
  return { machine, rewind, store, calls: () => calls };
}

/** Runs in slices to the trap, with a snapshot where one is due. */
async function trapOf({ machine, rewind }: { machine: Machine; rewind: Rewind }): Promise<Outcome> {
  for (;;) {
    rewind.between(machine);
    const outcome = machine.run(1000);
    if (outcome.kind === 'trap') return outcome;
    if (outcome.kind === 'host') await outcome.promise;
  }
}

function stateOf(machine: Machine, store: Store): string {
  const frames = (machine.frames() as WasmFrame[]).map((frame) => [
    frame.func.idx,
    frame.offset,
    frame.localTypes.map((_, i) => formatValue(frame.local(i))),
    Array.from({ length: frame.operandCount }, (_, i) => formatValue(frame.operand(i))),
  ]);
  const bytes = Array.from(store.mems[0].bytes.subarray(0, 1024));
  const globals = store.globals.map(({ value }) => formatValue(value));
  const table = store.tableElems[0]?.map((elem) => elem !== null);
  return JSON.stringify([frames, machine.instructions, globals, table, bytes]);
}

const HONEST: readonly { readonly name: string; readonly host: Host }[] = [
  { name: 'results', host: (_, n) => (n * 2654435761) | 0 },
  { name: 'results that come later', host: (_, n) => (n % 500 === 7 ? Promise.resolve(n) : n) },
  {
    name: 'bytes that the host writes and says so',
    host: (machine, n) => {
      const [mem] = machine.store.mems;
      mem.tell(2048 + n, 2, true);
      mem.view.setUint16(2048 + n, n, true);
      return mem.view.getUint8(2048 + ((n * 7) & 1023));
    },
  },
];

for (const { name, host } of HONEST) {
  test(`the same trap again, from a snapshot: ${name}`, async () => {
    const run = started(host);
    const { machine, rewind, store } = run;
    assert.equal((await trapOf(run)).kind, 'trap');
    const expected = stateOf(machine, store);
    const calls = run.calls();
    assert.equal(rewind.whyNot(), undefined);
    const outcome = rewind.again(machine, () => {
      assert.notEqual(stateOf(machine, store), expected, 'the replay begins before the trap');
      const found = machine.run();
      return found.kind === 'trap' ? found : undefined;
    });
    assert.equal(outcome?.kind === 'trap' && outcome.fault.message, 'integer divide by zero');
    assert.equal(stateOf(machine, store), expected);
    assert.equal(run.calls(), calls, 'the host is not called a second time');
  });
}

test('what the host writes without saying so is noticed, and the state of the trap put back', async () => {
  const run = started((machine, n) => {
    machine.store.mems[0].bytes[4096 + (n & 63)] = (n >> 6) + 1;
    return 1;
  });
  const { machine, rewind, store } = run;
  await trapOf(run);
  const expected = stateOf(machine, store);
  const memory = store.mems[0].bytes.slice();
  const outcome = rewind.again(machine, () => {
    machine.run();
    return true;
  });
  assert.equal(outcome, undefined);
  assert.equal(stateOf(machine, store), expected);
  assert.deepEqual(store.mems[0].bytes, memory);
});

/** Loops as long as memory says, in compiled code, then reads behind the end of the memory; a handler catches all. */
const UNSEEN = `(module
  (import "env" "next" (func $next (param i32) (result i32)))
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func $work (param $x i32) (result i32) (global.set $g (local.get $x)) (i32.load (local.get $x)))
  (func $often (param $i i32)
    (loop $on
      (drop (call $work (i32.const 8)))
      (br_if $on (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))
  (func (export "main")
    (block $caught (try_table (catch_all $caught) (call $inside)))
    (loop $ever (global.set $g (i32.add (global.get $g) (i32.const 1))) (br $ever)))
  (func $inside
    (call $often (i32.const 300000))
    (drop (call $next (i32.const 1)))
    (if (i32.eqz (i32.load (i32.const 64))) (then (loop $ever (drop (call $work (i32.const 4))) (br $ever))))
    (if (i32.eq (i32.load (i32.const 64)) (i32.const 2)) (then (drop (call $next (i32.const 2)))))
    (drop (call $work (i32.const 100)))
    (drop (call $work (i32.const -1)))))`;

/** What the host finds at 64 in a first run, it has written unseen; a replay finds what was there before, and runs another way. */
for (const { name, before } of [
  { name: 'loops for ever', before: 0 },
  { name: 'calls the host once more, in a try', before: 2 },
]) {
  test(`a replay that ${name} is no replay`, () => {
    const store = new Store();
    const call = () => {
      store.mems[0].view.setInt32(64, 1, true);
      return [i32(5)];
    };
    const next = store.addHostFunc({ type: { kind: 'func', params: [I32], results: [I32] }, call });
    const { inst, machine } = load(UNSEEN, { imports: () => next, store, engine: 'auto' });
    // One snapshot: the clock stands.
    machine.rewind = new Rewind(store, () => 0);
    store.mems[0].view.setInt32(64, before, true);
    machine.begin(inst.exportedFunc('main')!, []);
    const outcome = machine.run();
    assert.ok(outcome.kind === 'trap');
    assert.equal(outcome.fault.message, 'out of bounds memory access');
    assert.match(outcome.fault.notes[0].message, /did not run the same way again/);
    assert.equal(store.mems[0].view.getInt32(64, true), 1, 'the state of the trap');
  });
}

/** `run` and `inner` are compiled, `between` is not: its memory is none that the host can make. */
const BOTH = `(module (memory 1) (memory $odd 1 1 (pagesize 1))
  (func (export "run") (param $n i32) (result i32) (local $i i32)
    (loop $on
      (local.set $i (i32.add (local.get $i) (call $between (local.get $i))))
      (br_if $on (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $i))
  (func $between (param $i i32) (result i32) (local $odd i32)
    (local.set $odd (memory.size $odd))
    (i32.add (local.get $odd) (call $inner (local.get $i))))
  (func $inner (param $i i32) (result i32) (local $k i64)
    (local.set $k (i64.extend_i32_u (local.get $i)))
    (i32.load8_u (local.get $i))))`;

for (const engine of ['auto', 'compiled'] as const) {
  test(`a trap over interpreted frames over compiled ones is found with all of them: ${engine}`, () => {
    const [wanted, found] = (['interpreter', engine] as const).map((engine) => {
      const { inst, machine, store } = load(BOTH, { engine });
      store.mems[0].bytes.fill(0);
      machine.begin(inst.exportedFunc('run')!, [i32(1_000_000)]);
      const outcome = machine.run();
      return [outcome.kind === 'trap' && outcome.fault, stateOf(machine, store)];
    });
    assert.deepEqual(found, wanted);
  });
}

test('a trap behind very many calls of the host is found, and they are not made again', () => {
  const text = `(module (import "env" "next" (func $next (param i32) (result i32)))
    (func (export "run") (param $n i32) (local $i i32) (local $s i32)
      (loop $on
        (local.set $s (i32.xor (local.get $s) (call $next (local.get $i))))
        (br_if $on (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (drop (i32.div_u (local.get $s) (i32.const 0)))))`;
  const [wanted, found] = (['interpreter', 'auto'] as const).map((engine) => {
    const store = new Store();
    let calls = 0;
    const call = ([n]: Value[]): readonly Value[] => {
      calls++;
      return [i32(Number((n as NumValue).bits) * 7)];
    };
    const next = store.addHostFunc({ type: { kind: 'func', params: [I32], results: [I32] }, call });
    const { inst, machine } = load(text, { imports: () => next, store, engine });
    machine.begin(inst.exportedFunc('run')!, [i32(60_000)]);
    const outcome = machine.run();
    const [frame] = machine.frames() as WasmFrame[];
    const locals = frame.localTypes.map((_, i) => formatValue(frame.local(i)));
    return [outcome.kind === 'trap' && outcome.fault, calls, frame.offset, locals, machine.instructions];
  });
  assert.deepEqual(found, wanted);
});

test('where there is no way back, values are not shown as what they were before', () => {
  const text = `(module (memory 1)
    (func (export "run") (param $n i32) (local $i i32)
      (loop $on
        (if (i32.eq (local.get $i) (i32.const 200000)) (then (drop (memory.grow (i32.const 1)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $on (i32.lt_u (local.get $i) (local.get $n))))
      (drop (i32.load (i32.const -1)))))`;
  const { inst, machine, store } = load(text, { engine: 'auto' });
  machine.rewind = new Rewind(store, () => 0);
  machine.begin(inst.exportedFunc('run')!, [i32(300_000)]);
  const outcome = machine.run();
  assert.ok(outcome.kind === 'trap');
  assert.match(outcome.fault.notes[0].message, /not known: a memory has grown/);
  const [frame] = machine.frames();
  assert.ok(frame.kind === 'wasm');
  assert.throws(() => frame.local(1), /local\[1\] is not known: a memory has grown/);
  assert.throws(() => machine.moveTo(frame.offset, 0, []), /not known: a memory has grown/);
  machine.restartFrame(0, [i32(10)]);
  const [again] = machine.frames();
  assert.equal(again.kind === 'wasm' && formatValue(again.local(1)), '0');
});

test('what cannot be taken back is no replay', async () => {
  const run = started(() => 3);
  const { machine, rewind, store } = run;
  await trapOf(run);
  store.mems[0].grow(1);
  assert.equal(rewind.whyNot(), 'a memory has grown');
  rewind.forget('somebody changed it');
  assert.equal(rewind.whyNot(), 'somebody changed it');
  rewind.between(machine);
  assert.throws(() => rewind.log.repeat(store.funcs[0], []), Diverged);
});
