/** Threads as coroutines: turns by instruction counts, waits, deadlocks, and stops that change nothing. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { WasmFrame } from '../../engine/exec/frame.ts';
import { runScript } from '../../engine/exec/script.ts';
import { type Clock, Threads, type ThreadsOptions, type ThreadsOutcome } from '../../engine/exec/threads.ts';
import { I32 } from '../../engine/isa/types.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32, i64, toJS, type Value } from '../../engine/runtime/values.ts';
import { parseScript } from '../../engine/text/script.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { beginExport, call, FEATURES, load, trapOf } from './exec-load.ts';

const PROGRAM = `(module
  (import "host" "log" (func $log (param i32)))
  (memory (export "mem") 1 1 shared)
  (func $one (param $id i32) (result i32) (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))) (local.get $id))
  ;; Writes its number into the next free byte, n times: the order of bytes is the order of turns.
  (func (export "race") (param $id i32) (param $n i32)
    (local $at i32) (local $r (ref null func)) (local $v v128)
    (loop $again
      (local.set $at (i32.load (i32.const 0)))
      (i32.store8 offset=8 (local.get $at) (call $one (local.get $id)))
      (local.set $r (ref.func $one))
      (local.set $v (i32x4.splat (local.get $id)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (if (i32.ne (i32x4.extract_lane 3 (local.get $v)) (local.get $id)) (then (unreachable)))
    (if (ref.is_null (local.get $r)) (then (unreachable))))
  (func (export "wait") (param $at i32) (param $timeout i64)
    (call $log (i32.add (local.get $at)
      (memory.atomic.wait32 (local.get $at) (i32.const 0) (local.get $timeout)))))
  (func (export "notify") (param $at i32) (param $n i32)
    (call $log (i32.add (i32.const 900) (memory.atomic.notify (local.get $at) (local.get $n)))))
  (func (export "trap") (unreachable))
  (elem declare func $one))`;

class Program {
  readonly log: number[] = [];
  readonly threads: Threads;
  private readonly loaded;

  constructor(options: ThreadsOptions = {}) {
    const store = new Store();
    const log = store.addHostFunc({
      type: { kind: 'func', params: [I32], results: [] },
      name: 'log',
      call: ([value]) => {
        this.log.push(Number(toJS(value)));
        return [];
      },
    });
    this.loaded = load(PROGRAM, { store, imports: () => log });
    this.threads = new Threads(store, options);
  }

  func(name: string) {
    return this.loaded.inst.exportedFunc(name)!;
  }

  spawn(name: string, ...args: Value[]) {
    return this.threads.spawn(this.func(name), args);
  }

  /** The order of turns that \`race\` has written. */
  get order(): string {
    const { bytes, view } = this.loaded.inst.mems[0];
    return String.fromCharCode(...bytes.subarray(8, 8 + view.getInt32(0, true)));
  }
}

const A = 'A'.charCodeAt(0);

function racing(options: ThreadsOptions): Program {
  const program = new Program(options);
  for (let i = 0; i < 3; i++) program.spawn('race', i32(A + i), i32(200));
  return program;
}

function runToIdle(threads: Threads, again: () => ThreadsOutcome = () => threads.resume()): string[] {
  const kinds: string[] = [];
  for (;;) {
    const outcome = again();
    if (outcome.kind === 'idle') return kinds;
    kinds.push(outcome.kind);
  }
}

test('turns end by instruction counts, the same in every run', () => {
  const first = racing({ quantum: 100 });
  assert.deepEqual(runToIdle(first.threads), ['ended', 'ended', 'ended']);
  assert.equal(first.order.length, 600);
  assert.match(first.order, /^A+B+C+A+B+C+A/);
  assert.deepEqual(
    first.threads.all.map(({ state, outcome }) => [state, outcome?.kind]),
    Array(3).fill(['ended', 'done']),
  );
  const second = racing({ quantum: 100 });
  runToIdle(second.threads);
  assert.equal(second.order, first.order);
  const coarse = racing({ quantum: 1000 });
  runToIdle(coarse.threads);
  assert.notEqual(coarse.order, first.order);
});

test('slices, breakpoints and steps do not change the order of turns', () => {
  const plain = racing({ quantum: 97 });
  runToIdle(plain.threads);
  const counts = plain.threads.all.map(({ machine }) => machine.instructions);

  const sliced = racing({ quantum: 97 });
  runToIdle(sliced.threads, () => sliced.threads.resume(13));
  assert.equal(sliced.order, plain.order);

  const stepped = racing({ quantum: 97 });
  const kinds = runToIdle(stepped.threads, () => stepped.threads.step());
  assert.equal(stepped.order, plain.order);
  assert.equal(kinds.filter((kind) => kind === 'ended').length, 3);

  const broken = racing({ quantum: 97 });
  const [{ machine }] = broken.threads.all;
  const race = broken.func('race');
  const { offsets } = machine.codeOf(race);
  for (let i = 3; i < offsets.length; i += 5) machine.setBreakpoint(race, offsets[i]);
  const stops = runToIdle(broken.threads);
  assert.equal(broken.order, plain.order);
  assert.ok(stops.length > 1000);
  for (const { threads } of [sliced, stepped, broken]) {
    assert.deepEqual(
      threads.all.map(({ machine }) => machine.instructions),
      counts,
    );
  }
});

test('a step of another thread lets those run whose turn comes first', () => {
  const { threads } = racing({ quantum: 50 });
  const [, second] = threads.all;
  for (let i = 0; i < 3; i++) {
    const outcome = threads.step(second);
    assert.equal(outcome.kind === 'stopped' && outcome.thread.id, 2);
  }
  assert.ok(threads.all[0].machine.instructions >= 50);
  assert.equal(second.machine.instructions, 2);
});

test('notify wakes in the order in which threads began to wait, and not more than it is told', () => {
  const program = new Program();
  for (const at of [16, 32, 16, 16]) program.spawn('wait', i32(at), i64(-1n));
  assert.equal(program.threads.run().kind, 'deadlock');
  program.spawn('notify', i32(16), i32(2));
  assert.equal(program.threads.run().kind, 'ended');
  const deadlock = (() => {
    for (;;) {
      const outcome = program.threads.run();
      if (outcome.kind !== 'ended') return outcome;
    }
  })();
  assert.deepEqual(program.log, [902, 16, 16]);
  assert.deepEqual(deadlock.kind === 'deadlock' && deadlock.threads.map(({ id }) => id), [2, 4]);
});

test('a thread that waits can be inspected, stepped and taken away', () => {
  const program = new Program();
  const thread = program.spawn('wait', i32(16), i64(-1n));
  let steps = 0;
  let outcome = program.threads.step();
  while (outcome.kind === 'stopped') {
    steps++;
    outcome = program.threads.step();
  }
  assert.equal(outcome.kind, 'deadlock');
  assert.equal(thread.state, 'waiting');
  // The beginning is a step of its own: then the thread stands in front of its first instruction.
  assert.equal(steps, 5);
  const [frame] = thread.machine.frames() as WasmFrame[];
  assert.equal(frame.operandCount, 4);
  assert.deepEqual(toJS(frame.operand(1)), 16);
  program.threads.remove(thread);
  program.spawn('notify', i32(16), i32(9));
  assert.equal(program.threads.run().kind, 'ended');
  assert.deepEqual(program.log, [900]);
  assert.equal(program.threads.run().kind, 'idle');
});

test('time passes while everybody sleeps, or as the clock says', () => {
  const asleep = new Program();
  asleep.spawn('wait', i32(16), i64(2000n));
  asleep.spawn('wait', i32(32), i64(1000n));
  runToIdle(asleep.threads);
  assert.deepEqual(asleep.log, [34, 18]);

  let now = 5n;
  const clock: Clock = { now: () => now };
  const timed = new Program({ clock });
  timed.spawn('wait', i32(16), i64(100n));
  assert.deepEqual(timed.threads.run(), { kind: 'sleep', until: 105n });
  now = 104n;
  assert.deepEqual(timed.threads.run(), { kind: 'sleep', until: 105n });
  now = 105n;
  assert.equal(timed.threads.run().kind, 'ended');
  assert.deepEqual(timed.log, [18]);
});

test('a trap ends its thread and leaves its frames; the others go on', () => {
  const program = new Program();
  const bad = program.spawn('trap');
  program.spawn('race', i32(A), i32(2));
  const outcome = program.threads.run();
  assert.ok(outcome.kind === 'ended' && outcome.thread === bad);
  assert.deepEqual(trapOf(bad.outcome!), ['unreachable']);
  assert.equal(bad.machine.frames().length, 1);
  runToIdle(program.threads);
  assert.equal(program.order, 'AA');
});

test('a host function that answers later stops its thread only', async () => {
  const store = new Store();
  const later = store.addHostFunc({
    type: { kind: 'func', params: [], results: [I32] },
    name: 'later',
    call: () => Promise.resolve([i32(7)]),
  });
  const { inst } = load(
    `(module (import "h" "later" (func $l (result i32))) (memory 1 1 shared)
      (func (export "f") (result i32) (call $l)) (func (export "g") (result i32) (i32.const 1)))`,
    { store, imports: () => later },
  );
  const threads = new Threads(store);
  const f = threads.spawn(inst.exportedFunc('f')!, []);
  const g = threads.spawn(inst.exportedFunc('g')!, []);
  const first = threads.run();
  assert.ok(first.kind === 'ended' && first.thread === g);
  const second = threads.run();
  assert.equal(second.kind, 'host');
  if (second.kind === 'host') await second.promise;
  const third = threads.run();
  assert.ok(third.kind === 'ended' && third.thread === f);
  assert.deepEqual(f.outcome?.kind === 'done' && f.outcome.results.map(toJS), [7]);
});

test('a machine alone: timeouts are over at once, and waiting for ever is a deadlock', () => {
  const wat = `(module (memory 1 1 shared) (func (export "wait") (param i32 i64) (result i32)
    (memory.atomic.wait32 (local.get 0) (i32.const 0) (local.get 1))))`;
  assert.deepEqual(call(load(wat), 'wait', i32(0), i64(5n)), [2]);
  for (const [args, message] of [
    [[i32(0), i64(-1n)], 'deadlock: all threads wait for ever'],
    [[i32(2), i64(5n)], 'unaligned atomic'],
    [[i32(65536), i64(5n)], 'out of bounds memory access'],
  ] as const) {
    const loaded = load(wat);
    beginExport(loaded, 'wait', args);
    const outcome = loaded.machine.run();
    assert.equal(trapOf(outcome)[0], message);
    assert.deepEqual(loaded.machine.run(), outcome);
  }
  const unshared = load(wat.replace(' shared', ''));
  beginExport(unshared, 'wait', [i32(0), i64(5n)]);
  assert.deepEqual(trapOf(unshared.machine.run()), ['expected shared memory']);
});

test('a program is looked at where it asks for it, with the frames of a call that ended or without', () => {
  const program = new Program();
  const { threads } = program;
  const seen: string[] = [];
  const thread = threads.start(
    (function* () {
      seen.push('begins');
      yield { kind: 'mark', mark: 1, keepFrames: false };
      const outcome = yield { kind: 'call', func: program.func('trap'), args: [] };
      seen.push(String(outcome?.kind));
      yield { kind: 'mark', mark: 2, keepFrames: true };
      seen.push('goes on');
      yield { kind: 'mark', mark: 3, keepFrames: false };
    })(),
  );
  const marks: unknown[] = [];
  for (;;) {
    const outcome = marks.length === 1 ? threads.step() : threads.resume();
    if (outcome.kind === 'ended') break;
    if (outcome.kind !== 'mark') continue;
    assert.ok(thread.marked);
    marks.push([outcome.mark, thread.machine.depth, [...seen]]);
  }
  assert.deepEqual(marks, [
    [1, 0, ['begins']],
    [2, 1, ['begins', 'trap']],
    [3, 0, ['begins', 'trap', 'goes on']],
  ]);
});

test('one thread alone: nobody else runs, and one that waits for others is held', () => {
  const program = racing({ quantum: 50 });
  const { threads } = program;
  const [first, second] = threads.all;
  threads.only = second;
  const outcome = threads.resume();
  assert.ok(outcome.kind === 'ended' && outcome.thread === second);
  assert.match(program.order, /^B{200}$/);
  const waiting = program.spawn('wait', i32(4), i64(-1n));
  threads.only = waiting;
  const held = threads.resume();
  assert.ok(held.kind === 'held' && held.thread === waiting);
  assert.equal(waiting.waitsAt, 4);
  // Its timeout passes without the others.
  const sleeping = program.spawn('wait', i32(4), i64(5n));
  threads.only = sleeping;
  const slept = threads.step(sleeping);
  assert.equal(slept.kind, 'stopped');
  assert.ok(threads.resume().kind === 'ended' && first.outcome === undefined);
  threads.only = undefined;
  assert.deepEqual(
    runToIdle(threads, () => {
      const next = threads.resume();
      if (next.kind === 'deadlock') threads.remove(waiting);
      return next;
    }),
    ['ended', 'ended', 'deadlock'],
  );
});

test('thread and wait of scripts', () => {
  const text = readFileSync('test/spec/threads.wast', 'utf8');
  const script = parseScript(parseTree(text));
  assert.deepEqual(script.faults, []);
  const results = [...runScript(script, { features: FEATURES })];
  assert.deepEqual(
    results.filter(({ ok }) => !ok),
    [],
  );
  // Also the commands inside of threads.
  assert.equal(results.length, 35);
});

test('threads of scripts that do not do what they should', () => {
  const run = (text: string) =>
    [...runScript(parseScript(parseTree(text)), { features: FEATURES })].map(({ message = 'ok' }) => message);
  const module = `(module $m (memory 1 1 shared) (func (export "f") (result i32) (i32.const 1)) (func (export "sleep")
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))`;
  assert.deepEqual(run(`${module} (thread $t (assert_return (invoke $m "f") (i32.const 1))) (wait $t)`), [
    'ok',
    'ok',
    'unknown module $m',
    'ok',
  ]);
  assert.deepEqual(
    run(`${module} (thread (shared (module $m)) (assert_return (invoke $m "f") (i32.const 2)))`),
    ['ok', 'ok', 'expected i32:2, got i32:1'],
  );
  assert.deepEqual(
    run(`${module} (thread $t (shared (module $m)) (invoke $m "sleep")) (wait $t) (wait $u)`),
    [
      'ok',
      'ok',
      'deadlock: all threads wait for each other',
      'deadlock: all threads wait for each other',
      'unknown thread $u',
    ],
  );
});
