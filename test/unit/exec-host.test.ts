/**
 * Host functions: results at once and by promise, failures, calls back into Wasm, and instances that call each other.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import type { WasmFrame } from '../../engine/exec/frame.ts';
import { EXTERNREF, FUNCREF, I32, I64, type ValType } from '../../engine/isa/types.ts';
import type { HostFunc } from '../../engine/runtime/func.ts';
import type { Imports } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import {
  externRef,
  funcRef,
  i32,
  i64,
  type NumValue,
  toJS,
  type Value,
} from '../../engine/runtime/values.ts';
import { beginExport, call, type Loaded, load, resultsOf, trapOf } from './exec-load.ts';

function hostFunc(params: ValType[], results: ValType[], fn: HostFunc['call']): HostFunc {
  return { type: { kind: 'func', params, results }, name: 'host.f', call: fn };
}

/** A module whose only import is this function. */
function loadWith(wat: string, host: HostFunc): Loaded {
  const store = new Store();
  const func = store.addHostFunc(host);
  return load(wat, { store, imports: () => func });
}

function int(value: Value): number {
  return Number(BigInt.asIntN(32, (value as NumValue).bits));
}

const ADD = `(module (import "host" "f" (func $f (param i32 i32) (result i32)))
  (table funcref (elem $f)) (type $t (func (param i32 i32) (result i32)))
  (export "f" (func $f))
  (func (export "direct") (result i32) (i32.add (i32.const 100) (call $f (i32.const 1) (i32.const 2))))
  (func (export "indirect") (result i32) (i32.add (i32.const 100) (call_indirect (type $t) (i32.const 1) (i32.const 2) (i32.const 0))))
  (func (export "tail") (result i32) (return_call $f (i32.const 1) (i32.const 102)))
  (func (export "branch") (result i32) (if (result i32) (i32.const 1) (then (call $f (i32.const 1) (i32.const 102))) (else (i32.const 0)))))`;

const sum: HostFunc['call'] = ([a, b]) => [i32(int(a) + int(b))];

for (const name of ['direct', 'indirect', 'tail', 'branch']) {
  test(`${name} call of a host function, at once and by promise`, async () => {
    assert.deepEqual(call(loadWith(ADD, hostFunc([I32, I32], [I32], sum)), name), [103]);

    const later = loadWith(
      ADD,
      hostFunc([I32, I32], [I32], (args, context) => Promise.resolve(sum(args, context) as Value[])),
    );
    for (const step of [false, true]) {
      beginExport(later, name);
      let outcome = step ? later.machine.step() : later.machine.run();
      while (outcome.kind === 'stepped') outcome = later.machine.step();
      assert.equal(outcome.kind, 'host');
      assert.deepEqual(
        later.machine.frames().map((frame) => frame.kind),
        name === 'tail' ? ['host'] : ['host', 'wasm'],
      );
      assert.equal(later.machine.run().kind, 'host');
      if (outcome.kind === 'host') await outcome.promise;
      const before = later.machine.instructions;
      if (step && name !== 'tail') {
        assert.equal(later.machine.step().kind, 'stepped');
        assert.equal(later.machine.instructions, before, 'the call was counted when it was made');
      }
      assert.deepEqual(resultsOf(later.machine.run()), [103]);
    }
  });
}

test('stepping over a host call is one instruction', () => {
  const loaded = loadWith(ADD, hostFunc([I32, I32], [I32], sum));
  beginExport(loaded, 'direct');
  let steps = 0;
  while (loaded.machine.step().kind === 'stepped') steps++;
  assert.equal(steps, 5);
  assert.equal(loaded.machine.instructions, 5);
});

test('an exported import runs by itself', () => {
  const loaded = loadWith(ADD, hostFunc([I32, I32], [I32], sum));
  assert.deepEqual(call(loaded, 'f', i32(3), i32(4)), [7]);
});

for (const [what, fn] of [
  [
    'throws',
    () => {
      throw new Error('no disk');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no disk'))],
] as [string, HostFunc['call']][]) {
  test(`a host function that ${what} ends the program at the call, frames intact`, async () => {
    const loaded = loadWith(ADD, hostFunc([I32, I32], [I32], fn));
    beginExport(loaded, 'direct');
    let outcome = loaded.machine.run();
    if (outcome.kind === 'host') {
      await outcome.promise;
      outcome = loaded.machine.run();
    }
    assert.deepEqual(trapOf(outcome), ['host.f: no disk']);
    assert.equal(outcome.kind === 'trap' && outcome.fault.phase, 'exception');
    assert.match(String(outcome.kind === 'trap' && outcome.cause), /no disk/);
    const [frame] = loaded.machine.frames() as WasmFrame[];
    assert.equal(frame.func.inst!.module.bytes[frame.offset], 0x10);
    assert.equal(frame.operandCount, 3);
    assert.deepEqual(
      [0, 1, 2].map((i) => toJS(frame.operand(i))),
      [100, 1, 2],
    );
    assert.equal(loaded.machine.instructions, 3);
  });
}

test('a host function must answer with the types that it has', () => {
  const loaded = loadWith(
    ADD,
    hostFunc([I32, I32], [I32], () => [i64(1n)]),
  );
  beginExport(loaded, 'direct');
  assert.match(trapOf(loaded.machine.run())[0], /host\.f answered \[i64\], not \[i32\]/);
});

const BACK = `(module (import "host" "f" (func $f (param i32) (result i32))) (memory 1)
  (func (export "main") (param i32) (result i32) (i32.add (i32.const 1000) (call $f (local.get 0))))
  (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func (export "again") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func (export "trap") (param i32) (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
  (func (export "spin") (param i32) (result i32)
    (loop $l (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 200000)))) (local.get 0)))`;

/** The module BACK with a host function that calls one of its exports. */
function loadBack(name: string): Loaded {
  const loaded: Loaded = loadWith(
    BACK,
    hostFunc([I32], [I32], (args, context) => context.invoke(context.caller!.exportedFunc(name)!, args)),
  );
  return loaded;
}

test('a host function may call exports, also recursively', () => {
  assert.deepEqual(call(loadBack('twice'), 'main', i32(21)), [1042]);
  assert.deepEqual(call(loadBack('again'), 'main', i32(50)), [1050]);
  const deep = loadBack('again');
  beginExport(deep, 'main', [i32(100_000)]);
  assert.match(trapOf(deep.machine.run()).join(': '), /^call stack exhausted: \d{2,} frames$/);
});

test('nothing pauses inside a nested activation', () => {
  const loaded = loadBack('spin');
  beginExport(loaded, 'main', [i32(0)]);
  const outcomes: string[] = [];
  for (let outcome = loaded.machine.run(10); ; outcome = loaded.machine.run(10)) {
    outcomes.push(outcome.kind);
    if (outcome.kind === 'done') {
      assert.deepEqual(resultsOf(outcome), [201_000]);
      break;
    }
  }
  assert.ok(outcomes.length < 5);
  assert.equal(loaded.machine.instructions, 4 + 2 + 7 * 200_000);
});

test('a trap inside a nested activation goes through the host function', () => {
  const loaded = loadBack('trap');
  beginExport(loaded, 'main', [i32(1)]);
  const outcome = loaded.machine.run();
  assert.deepEqual(trapOf(outcome), ['integer divide by zero', 'i32.div_u of 1 and 0']);
  const [frame, ...more] = loaded.machine.frames() as WasmFrame[];
  assert.equal(more.length, 0);
  assert.equal(frame.func.inst!.module.bytes[frame.offset], 0x10);
});

test('a host function may catch that trap and go on', () => {
  const loaded = loadWith(
    BACK,
    hostFunc([I32], [I32], (args, { invoke, caller }) => {
      assert.throws(() => invoke(caller!.exportedFunc('trap')!, args), WasmError);
      return invoke(caller!.exportedFunc('twice')!, args);
    }),
  );
  assert.deepEqual(call(loaded, 'main', i32(4)), [1008]);
});

test('stops inside a nested activation go to the hook, with all frames', () => {
  const loaded = loadBack('twice');
  const { machine, inst } = loaded;
  const twice = inst.exportedFunc('twice')!;
  beginExport(loaded, 'main', [i32(21)]);
  machine.setBreakpoint(twice, 0);
  const seen: string[] = [];
  machine.pinned = {
    onStop(outcome) {
      seen.push(
        `${outcome.kind} ${machine
          .frames()
          .map((f) => `${f.kind} ${f.func.idx}`)
          .join(', ')}`,
      );
      if (seen.length === 1) (machine.frames()[0] as WasmFrame).setLocal(0, i32(5));
      return 'step';
    },
  };
  const outcome = machine.run();
  assert.deepEqual(seen, [
    'breakpoint wasm 2, host -1, wasm 1',
    'stepped wasm 2, host -1, wasm 1',
    'stepped wasm 2, host -1, wasm 1',
    'stepped wasm 2, host -1, wasm 1',
  ]);
  // The last step left the nested activation: it ends behind the host call.
  assert.equal(outcome.kind, 'stepped');
  const [frame] = machine.frames() as WasmFrame[];
  assert.deepEqual(
    [0, 1].map((i) => toJS(frame.operand(i))),
    [1000, 10],
  );
  assert.deepEqual(resultsOf(machine.run()), [1010]);
});

test('the hook sees a nested trap while its frames are there', () => {
  const loaded = loadBack('trap');
  const { machine } = loaded;
  let frames: number[] = [];
  machine.pinned = {
    onStop(outcome) {
      assert.equal(outcome.kind, 'trap');
      frames = machine.frames().map((f) => f.func.idx);
      return 'run';
    },
  };
  beginExport(loaded, 'main', [i32(1)]);
  trapOf(machine.run());
  assert.deepEqual(frames, [4, -1, 1]);
});

test('a promise inside a nested activation is an error', () => {
  const loaded: Loaded = loadWith(
    BACK,
    hostFunc([I32], [I32], (args, { invoke, caller }) =>
      int(args[0]) > 1 ? invoke(caller!.exportedFunc('again')!, args) : Promise.resolve([i32(1)]),
    ),
  );
  beginExport(loaded, 'main', [i32(2)]);
  assert.match(trapOf(loaded.machine.run())[0], /promise/);
});

test('a host function cannot run the machine that called it', () => {
  const loaded: Loaded = loadWith(
    BACK,
    hostFunc([I32], [I32], () => resultsOf(loaded.machine.run()) as never),
  );
  beginExport(loaded, 'main', [i32(2)]);
  assert.deepEqual(trapOf(loaded.machine.run()), ['the machine is running']);
});

test('each instance works on its own memory, whoever calls', () => {
  const store = new Store();
  const peek = `(func (export "peek") (result i32) (i32.load (i32.const 0)))`;
  const b = load(`(module (memory 1) (data (i32.const 0) "\\02") ${peek})`, { store });
  const none = load(
    `(module (import "b" "peek" (func $p (result i32))) (func (export "via") (result i32) (call $p)))`,
    { store, imports: ({ name }) => b.inst.exports.get(name) },
  );
  const imports: Imports = ({ name }) => b.inst.exports.get(name) ?? none.inst.exports.get(name);
  const a = load(
    `(module (import "b" "peek" (func $p (result i32))) (import "n" "via" (func $v (result i32)))
      (memory 1) (data (i32.const 0) "\\01") (table funcref (elem $p $v $own $tail $tailTable)) (type $t (func (result i32)))
      (func $own (type $t) (i32.load (i32.const 0)))
      (func $tail (type $t) (return_call $p))
      (func $tailTable (type $t) (return_call_indirect (type $t) (i32.const 3)))
      (func (export "main") (param i32) (result i32)
        (i32.add (i32.mul (call_indirect (type $t) (local.get 0)) (i32.const 10)) (call $own)))
      (func (export "direct") (result i32) (i32.add (i32.mul (i32.add (call $p) (call $v)) (i32.const 10)) (call $own))))`,
    { store, imports },
  );
  for (const [k, wanted] of [
    [0, 21],
    [1, 21],
    [2, 11],
    [3, 21],
    [4, 21],
  ]) {
    assert.deepEqual(call(a, 'main', i32(k)), [wanted], `element ${k}`);
    beginExport(a, 'main', [i32(k)]);
    let outcome = a.machine.step();
    while (outcome.kind === 'stepped') outcome = a.machine.step();
    assert.deepEqual(resultsOf(outcome), [wanted]);
  }
  assert.deepEqual(call(a, 'direct'), [41]);
  beginExport(a, 'main', [i32(1)]);
  a.machine.setBreakpoint(b.inst.funcs[0], 0);
  assert.equal(a.machine.run().kind, 'breakpoint');
  assert.deepEqual(
    a.machine.frames().map((f) => f.func),
    [b.inst.funcs[0], none.inst.funcs[1], a.inst.exportedFunc('main')],
  );
});

test('exhaustion across instances counts frames, not markers', () => {
  const store = new Store();
  const callee = `(module (memory 1) (table (export "t") 2 funcref) (type $t (func)) (func (export "f") (call_indirect (type $t) (i32.const 1))))`;
  const a = load(callee, { store });
  const b = load(
    `(module (import "a" "t" (table 2 funcref)) (import "a" "f" (func $f)) (memory 1) (func $g (call $f)) (elem (i32.const 1) $g))`,
    { store, maxDepth: 99, imports: ({ name }) => a.inst.exports.get(name) },
  );
  b.machine.begin(a.inst.exportedFunc('f')!, []);
  assert.deepEqual(trapOf(b.machine.run()), ['call stack exhausted', '99 frames']);
  assert.equal(b.machine.depth, 99);
  assert.equal(b.machine.frames().length, 99);
});

test('references pass through locals, tables, globals, and the host', () => {
  const object = { name: 'thing' };
  const loaded = loadWith(
    `(module (import "host" "f" (func $f (param externref) (result externref))) (table $t 1 externref) (table $fs 4 funcref)
      (global $g (mut externref) (ref.null extern)) (elem declare func $seven)
      (func $seven (result i32) (i32.const 7))
      (func (export "keep") (param externref i32) (result externref i32) (local externref)
        (local.set 2 (call $f (local.get 0))) (table.set $t (i32.const 0) (local.get 2)) (global.set $g (table.get $t (i32.const 0)))
        (block (result externref i32) (i32.const 9) (global.get $g) (local.get 1) (br 0)))
      (func (export "seven") (result i32 funcref)
        (table.set $fs (i32.const 2) (ref.func $seven)) (call_indirect $fs (result i32) (i32.const 2)) (table.get $fs (i32.const 2)))
      (func (export "null") (param funcref) (result i32) (ref.is_null (local.get 0)))
      (func (export "grow") (result i32 i32) (table.grow $t (ref.null extern) (i32.const 5)) (table.size $t)))`,
    hostFunc([EXTERNREF], [EXTERNREF], (args) => args as Value[]),
  );
  assert.deepEqual(call(loaded, 'keep', externRef(object), i32(3)), [object, 3]);
  assert.deepEqual(call(loaded, 'seven'), [7, loaded.inst.funcs[1]]);
  assert.deepEqual(call(loaded, 'null', funcRef(null)), [1]);
  assert.deepEqual(call(loaded, 'null', funcRef(loaded.inst.funcs[1])), [0]);
  assert.deepEqual(call(loaded, 'grow'), [1, 6]);
  assert.equal(FUNCREF, funcRef(null).type);
});

test('memory grows under running code, and the host sees the same bytes', () => {
  const loaded = load(`(module (memory (export "m") 1 3)
    (func (export "main") (result i32 i32 i32 i64)
      (memory.grow (i32.const 1)) (i32.store (i32.const 131068) (i32.const 77))
      (memory.grow (i32.const 5)) (i32.load (i32.const 131068)) (i64.load (i32.const 131064)))
    (func (export "bulk") (result i32)
      (memory.fill (i32.const 10) (i32.const 0x1ff) (i32.const 4)) (memory.copy (i32.const 12) (i32.const 10) (i32.const 4))
      (i32.load (i32.const 12))))`);
  assert.deepEqual(call(loaded, 'main'), [1, -1, 77, 77n << 32n]);
  assert.equal(loaded.store.mems[0].bytes[131068], 77);
  assert.deepEqual(call(loaded, 'bulk'), [-1]);
  assert.equal(loaded.store.mems[0].hostMemory!.buffer.byteLength, 131072);
  beginExport(loaded, 'main');
  while (loaded.machine.step().kind === 'stepped');
  assert.equal(I64, i64(0n).type);
});
