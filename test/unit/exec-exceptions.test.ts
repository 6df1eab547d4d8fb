/**
 * Exceptions beyond the public suite: what a debugger sees of them, throws of and through the host, other instances,
 * exact counts, and programs that do nothing but throw.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { WasmFrame } from '../../engine/exec/frame.ts';
import type { Outcome, Thrown } from '../../engine/exec/outcome.ts';
import { EXTERNREF, I32 } from '../../engine/isa/types.ts';
import { ExnInst } from '../../engine/runtime/exn.ts';
import type { HostContext, HostFunc } from '../../engine/runtime/func.ts';
import type { Imports } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { ThrownException } from '../../engine/runtime/thrown.ts';
import { formatValue, i32, type NumValue, toJS, type Value } from '../../engine/runtime/values.ts';
import { beginExport, type Loaded, load, resultsOf } from './exec-load.ts';

/** Runs an export at once, by steps and in the smallest slices; all must agree. Gives the result. */
function everyWay(loaded: Loaded, name: string, ...args: Value[]): unknown {
  const { machine } = loaded;
  const counted = (go: () => Outcome): [string, unknown, number] => {
    const before = machine.instructions;
    beginExport(loaded, name, args);
    let outcome = go();
    while (outcome.kind === 'stepped' || outcome.kind === 'paused') outcome = go();
    const said =
      outcome.kind === 'done'
        ? outcome.results.map(formatValue).join()
        : (outcome as { fault: { message: string } }).fault.message;
    return [outcome.kind, said, machine.instructions - before];
  };
  const ran = counted(() => machine.run());
  assert.deepEqual(
    counted(() => machine.step()),
    ran,
    `${name} by steps`,
  );
  assert.deepEqual(
    counted(() => machine.run(1)),
    ran,
    `${name} in slices`,
  );
  return ran[1];
}

const TOWER = `(module
  (tag $e (export "e") (param i32 i64)) (tag $f)
  (func $throw (param $x i32) (i32.const 99) (throw $e (local.get $x) (i64.const -7)))
  (func $middle (param i32) (local $l i64) (local.set $l (i64.const 3))
    (block $h (try_table (catch $f $h) (call $throw (local.get 0)))))
  (func (export "uncaught") (param i32) (call $middle (local.get 0)))
  (func (export "caught") (param i32) (result i32 i64)
    (i32.const 1000)
    (block $h (result i32 i64) (i32.const 5) (try_table (catch $e $h) (call $middle (local.get 0))) (unreachable))
    (i64.const 1) (i64.add) (drop) (i32.add) (i64.const 0))
  (func (export "same") (result i32)
    (block $h (result exnref) (try_table (catch_all_ref $h) (call $middle (i32.const 2))) (unreachable))
    (ref.is_null))
  (func (export "again") (param i32) (result i32)
    (block $h (result i32 i64)
      (block $r (result exnref) (try_table (catch_all_ref $r) (call $middle (local.get 0))) (unreachable))
      (try_table (param exnref) (catch $e $h) (throw_ref)) (unreachable))
    (drop)))`;

test('an uncaught exception ends at the throw, with all frames, tag and arguments', () => {
  const loaded = load(TOWER);
  beginExport(loaded, 'uncaught', [i32(42)]);
  const outcome = loaded.machine.run();
  assert.ok(outcome.kind === 'trap' && outcome.cause instanceof ThrownException);
  const { exn } = outcome.cause;
  assert.equal(outcome.fault.phase, 'exception');
  assert.equal(outcome.fault.message, 'unhandled exception: $e(42, -7)');
  assert.equal(exn.tag, loaded.inst.exports.get('e'));
  assert.deepEqual(exn.args.map(toJS), [42, -7n]);
  const frames = loaded.machine.frames() as WasmFrame[];
  assert.deepEqual(
    frames.map(({ func }) => func.idx),
    [0, 1, 2],
  );
  assert.equal(outcome.fault.offset, frames[0].offset);
  assert.deepEqual(
    Array.from({ length: frames[0].operandCount }, (_, i) => toJS(frames[0].operand(i))),
    [99, 42, -7n],
  );
  assert.equal(toJS(frames[1].local(1)), 3n);
});

test('catching: results and counts by running, stepping and slices', () => {
  const loaded = load(TOWER);
  assert.equal(everyWay(loaded, 'caught', i32(42)), '1042,0');
  assert.equal(everyWay(loaded, 'same'), '0');
  assert.equal(everyWay(loaded, 'again', i32(8)), '8');
  assert.equal(everyWay(loaded, 'uncaught', i32(1)), 'unhandled exception: $e(1, -7)');
});

test('a stop at the throw knows the handler, and what runs next goes there', () => {
  for (const go of ['run', 'step', 'resume'] as const) {
    const loaded = load(TOWER);
    const { machine } = loaded;
    const seen: Thrown[] = [];
    machine.onThrow = (thrown) => seen.push(thrown) > 0;
    beginExport(loaded, 'caught', [i32(5)]);
    const stopped = machine.run();
    assert.ok(stopped.kind === 'throw');
    assert.equal(machine.depth, 3);
    assert.equal(machine.frames()[0].func.idx, 0);
    assert.deepEqual([stopped.caught?.level, stopped.caught?.func.idx, stopped.nested], [2, 3, false]);
    const before = machine.instructions;
    const next = machine[go]();
    assert.equal(seen.length, 1);
    if (go !== 'step') {
      assert.deepEqual(resultsOf(next), [1005, 0n]);
      continue;
    }
    assert.equal(next.kind, 'stepped');
    const [frame] = machine.frames() as WasmFrame[];
    assert.equal(frame.offset, stopped.caught?.offset);
    assert.equal(machine.depth, 1);
    assert.equal(machine.instructions - before, 1);
    assert.deepEqual(
      Array.from({ length: frame.operandCount }, (_, i) => toJS(frame.operand(i))),
      [1000, 5, -7n],
    );
    assert.deepEqual(resultsOf(machine.run()), [1005, 0n]);
  }
});

test('a stop at an uncaught throw, then its end', () => {
  const loaded = load(TOWER);
  loaded.machine.onThrow = ({ caught }) => caught === undefined;
  beginExport(loaded, 'caught', [i32(5)]);
  assert.equal(loaded.machine.run().kind, 'done');
  beginExport(loaded, 'uncaught', [i32(5)]);
  assert.equal(loaded.machine.run().kind, 'throw');
  assert.equal(loaded.machine.run().kind, 'trap');
  assert.equal(loaded.machine.depth, 3);
});

const LEGACY = `(module
  (tag $a (param i32)) (tag $b)
  (func $throw (param i32) (if (local.get 0) (then (throw $a (local.get 0))) (else (throw $b))))
  (func (export "nested") (param i32 i32) (result i32)
    (try (result i32)
      (do
        (try (result i32)
          (do (call $throw (local.get 0)) (i32.const -1))
          (catch $a
            (try
              (do (call $throw (local.get 1)))
              (catch $a (drop) (rethrow 1))
              (catch_all (rethrow 0)))
            (unreachable))))
      (catch $a (i32.const 100) (i32.add))
      (catch_all (i32.const -2))))
  (func (export "delegate") (param i32) (result i32)
    (try $outer (result i32)
      (do
        (try (result i32)
          (do (try (do (call $throw (local.get 0))) (delegate $outer)) (i32.const 1))
          (catch_all (i32.const 2))))
      (catch $a (i32.const 10) (i32.add))
      (catch_all (i32.const 20))))
  (func (export "branch") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (try (result i32) (do (call $throw (local.get 0)) (i32.const 3)) (catch $a)))
      (else (i32.const 4)))))`;

test('legacy exceptions: what is thrown again is the one of its catch', () => {
  const loaded = load(LEGACY);
  assert.equal(everyWay(loaded, 'nested', i32(7), i32(9)), '107');
  assert.equal(everyWay(loaded, 'nested', i32(7), i32(0)), '-2');
  assert.equal(everyWay(loaded, 'nested', i32(0), i32(0)), '-2');
  assert.equal(everyWay(loaded, 'delegate', i32(7)), '17');
  assert.equal(everyWay(loaded, 'delegate', i32(0)), '20');
  assert.equal(everyWay(loaded, 'branch', i32(7)), '7');
  assert.equal(everyWay(loaded, 'branch', i32(0)), '4');
});

test('a frame shows what its legacy catches have caught', () => {
  const loaded = load(LEGACY);
  const { machine } = loaded;
  beginExport(loaded, 'nested', [i32(7), i32(9)]);
  let most: string[] = [];
  for (let outcome = machine.step(); outcome.kind === 'stepped'; outcome = machine.step()) {
    const [frame] = machine.frames(0, 1);
    if (!(frame instanceof WasmFrame) || frame.func.idx !== 1) continue;
    const caught = frame.caught.map(({ args }) => args.map(formatValue).join());
    assert.equal(frame.localTypes.length, 2);
    if (caught.length > most.length) most = caught;
  }
  assert.deepEqual(most, ['7', '9']);
});

test('a program that does nothing but throw can be paused', () => {
  const loaded = load(`(module (tag $e)
    (func $thrower (throw $e))
    (func (export "here") (loop $l (try_table (catch $e $l) (throw $e)) (unreachable)))
    (func (export "callee") (loop $l (try_table (catch $e $l) (call $thrower)) (unreachable)))
    (func (export "legacy") (loop $l (try (do (throw $e)) (catch $e (br $l))))))`);
  for (const name of ['here', 'callee', 'legacy']) {
    beginExport(loaded, name);
    for (let slice = 0; slice < 3; slice++) {
      const before = loaded.machine.instructions;
      assert.equal(loaded.machine.run(1000).kind, 'paused', name);
      const spent = loaded.machine.instructions - before;
      assert.ok(spent >= 1000 && spent < 1010, `${name}: ${spent}`);
    }
  }
});

test('unwinding through another instance brings back the memory and the depth', () => {
  const store = new Store();
  const inner = load(
    `(module (memory 1) (data (i32.const 0) "inner") (tag $e (export "e"))
      (func $deep (export "deep") (param i32)
        (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (throw $e)))))`,
    { store },
  );
  const imports: Imports = ({ name }) => inner.inst.exports.get(name);
  const outer = load(
    `(module (import "i" "e" (tag $e)) (import "i" "deep" (func $deep (param i32)))
      (memory 1) (data (i32.const 0) "outer")
      (func (export "peek") (result i32)
        (block $h (try_table (catch $e $h) (call $deep (i32.const 30))))
        (i32.load8_u (i32.const 0)))
      (func (export "tail") (result i32)
        (block $h (try_table (catch $e $h) (call $t)))
        (i32.load8_u (i32.const 0)))
      (func $t (return_call $deep (i32.const 3)))
      (func (export "throwThenDown") (param $n i32) (result i32) (local $i i32)
        (loop $l
          (block $h (try_table (catch $e $h) (call $deep (i32.const 30))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
        (call $down (local.get $n)))
      (func $down (export "down") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1)))))`,
    { store, imports, maxDepth: 60 },
  );
  assert.equal(everyWay(outer, 'peek'), String('o'.charCodeAt(0)));
  assert.equal(everyWay(outer, 'tail'), String('o'.charCodeAt(0)));
  // A hundred throws later there is as much room as before.
  const deepest = (name: string): number => {
    for (let n = 0; ; n++) {
      beginExport(outer, name, [i32(n)]);
      const outcome = outer.machine.run();
      if (outcome.kind === 'done') continue;
      assert.ok(outcome.kind === 'trap' && outcome.fault.phase === 'exhaustion');
      return n - 1;
    }
  };
  assert.ok(deepest('down') > 50);
  assert.equal(deepest('throwThenDown'), deepest('down') - 1);
});

const CALLS = `(module
  (import "host" "f" (func $f (param i32) (result i32)))
  (tag $e (export "e") (param i32))
  (func (export "throw") (param i32) (result i32) (throw $e (local.get 0)))
  (func (export "plain") (param i32) (result i32) (call $f (local.get 0)))
  (func (export "byTag") (param i32) (result i32)
    (block $h (result i32) (try_table (catch $e $h) (return (call $f (local.get 0)))) (unreachable))
    (i32.const 100) (i32.add))
  (func (export "all") (param i32) (result i32)
    (block $h (try_table (catch_all $h) (return (call $f (local.get 0)))))
    (i32.const 7))
  (func (export "pass") (param i32) (result i32)
    (block $h (result exnref) (try_table (catch_all_ref $h) (return (call $f (local.get 0)))) (unreachable))
    (throw_ref))
  (func (export "tail") (param i32) (result i32)
    (block $h (result i32) (try_table (catch $e $h) (return_call $f (local.get 0))) (unreachable)))
  (func (export "endless") (loop $l (try_table (catch_all $l) (drop (call $f (i32.const 0)))) (unreachable))))`;

function withHost(
  fn: (loaded: Loaded, args: Value[], context: HostContext) => ReturnType<HostFunc['call']>,
): Loaded {
  const store = new Store();
  const host: HostFunc = {
    type: { kind: 'func', params: [I32], results: [I32] },
    name: 'host.f',
    call: (args, context) => fn(loaded, args, context),
  };
  const func = store.addHostFunc(host);
  const loaded: Loaded = load(CALLS, { store, imports: () => func });
  return loaded;
}

function thrownBy({ inst }: Loaded, arg: Value): ThrownException {
  const tag = inst.exports.get('e');
  assert.ok(tag && 'name' in tag);
  return new ThrownException(new ExnInst(tag, [arg]));
}

test('a host function throws an exception of Wasm, at once and by promise', async () => {
  const loaded = withHost((self, [arg]) => {
    throw thrownBy(self, arg);
  });
  assert.equal(everyWay(loaded, 'byTag', i32(5)), '105');
  assert.equal(everyWay(loaded, 'all', i32(5)), '7');
  assert.equal(everyWay(loaded, 'plain', i32(5)), 'unhandled exception: $e(5)');
  assert.equal(everyWay(loaded, 'tail', i32(5)), 'unhandled exception: $e(5)');

  const later = withHost((self, [arg]) => Promise.reject(thrownBy(self, arg)));
  for (const step of [false, true]) {
    beginExport(later, 'byTag', [i32(5)]);
    for (;;) {
      const outcome = step ? later.machine.step() : later.machine.run();
      if (outcome.kind === 'host') await outcome.promise;
      else if (outcome.kind !== 'stepped') {
        assert.deepEqual(resultsOf(outcome), [105]);
        break;
      }
    }
  }
});

test('an error of the host is caught by handlers for everything, and comes out as it was', () => {
  const error = new Error('disk full');
  const loaded = withHost(() => {
    throw error;
  });
  assert.equal(everyWay(loaded, 'all', i32(5)), '7');
  assert.equal(everyWay(loaded, 'plain', i32(5)), 'host.f: disk full');
  assert.equal(everyWay(loaded, 'byTag', i32(5)), 'host.f: disk full');
  assert.equal(everyWay(loaded, 'pass', i32(5)), 'unhandled exception: disk full');
  beginExport(loaded, 'pass', [i32(5)]);
  const outcome = loaded.machine.run();
  assert.ok(outcome.kind === 'trap' && outcome.cause === error && outcome.fault.phase === 'exception');
  assert.deepEqual(loaded.store.hostTag.type.params, [EXTERNREF]);
  beginExport(loaded, 'endless');
  assert.equal(loaded.machine.run(1000).kind, 'paused');
});

test('a fault of the host ends the program whatever handlers there are', () => {
  const loaded = withHost(() => {
    throw new WasmError({ phase: 'trap', message: 'exit', notes: [] });
  });
  assert.equal(everyWay(loaded, 'all', i32(5)), 'exit');
});

test('exceptions go through host functions that call back', () => {
  const callThrow = ({ inst }: Loaded, args: Value[], context: HostContext) =>
    context.invoke(inst.exportedFunc('throw')!, args);
  const through = withHost(callThrow);
  assert.equal(everyWay(through, 'byTag', i32(5)), '105');
  assert.equal(everyWay(through, 'plain', i32(5)), 'unhandled exception: $e(5)');

  const caught = withHost((self, args, context) => {
    try {
      return callThrow(self, args, context);
    } catch (error) {
      assert.ok(error instanceof ThrownException);
      return [i32(Number((error.exn.args[0] as NumValue).bits) + 1)];
    }
  });
  assert.equal(everyWay(caught, 'plain', i32(5)), '6');
  assert.equal(everyWay(caught, 'byTag', i32(5)), '6');

  const error = new Error('from below');
  const below = withHost(({ inst }, args, context) => {
    if ((args[0] as NumValue).bits === 0n) throw error;
    return context.invoke(inst.exportedFunc('plain')!, [i32(0)]);
  });
  beginExport(below, 'plain', [i32(1)]);
  const outcome = below.machine.run();
  assert.ok(outcome.kind === 'trap' && outcome.cause === error);
  assert.equal(everyWay(below, 'all', i32(1)), '7');
});

test('a stop at a throw in a pinned activation', () => {
  const loaded = withHost(({ inst }, args, context) => context.invoke(inst.exportedFunc('throw')!, args));
  const stops: string[] = [];
  loaded.machine.onThrow = () => true;
  loaded.machine.pinned = {
    onStop: (outcome) => {
      stops.push(`${outcome.kind} ${loaded.machine.depth} ${outcome.kind === 'throw' ? outcome.nested : ''}`);
      return 'run';
    },
  };
  beginExport(loaded, 'byTag', [i32(5)]);
  const outer = loaded.machine.run();
  assert.equal(outer.kind, 'throw');
  assert.deepEqual(stops, ['throw 3 true']);
  assert.equal(loaded.machine.depth, 1);
  assert.deepEqual(resultsOf(loaded.machine.run()), [105]);
});

test('references and vectors travel as arguments', () => {
  const loaded = load(`(module
    (tag $e (param funcref v128 externref))
    (func $f (export "f")) (elem declare func $f)
    (func $throw (param externref) (throw $e (ref.func $f) (v128.const i64x2 1 -2) (local.get 0)))
    (func (export "go") (param externref) (result funcref v128 externref)
      (block $h (result funcref v128 externref) (try_table (catch $e $h) (call $throw (local.get 0))) (unreachable))))`);
  const value = { type: EXTERNREF, ref: 'here' };
  assert.equal(
    everyWay(loaded, 'go', value),
    'func[0],i32x4 0x00000001 0x00000000 0xfffffffe 0xffffffff,"here"',
  );
});

test('a null exception reference traps', () => {
  const loaded = load('(module (func (export "go") (throw_ref (ref.null exn))))');
  assert.equal(everyWay(loaded, 'go'), 'null exception reference');
});
