/**
 * The host tier against the interpreter, in lockstep: the same calls in both, paused after the same random numbers of
 * instructions; at every pause outcome, count, frames with all values, globals and memories are the same, and values are
 * edited on both sides. Modules are those of the fuzzer, which have every instruction. Once more with random watches, whose
 * hits are the same, too.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { WasmFrame } from '../../engine/exec/frame.ts';
import { Machine, type MachineOptions, type Outcome } from '../../engine/exec/machine.ts';
import { type Held, Watches, type WatchHit, type WatchTarget } from '../../engine/exec/watch.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { F32, F64, I32, I64, isRef, V128 } from '../../engine/isa/types.ts';
import { type Imports, instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { formatValue, fromJS, i32, isRefValue, type Value } from '../../engine/runtime/values.ts';
import { bytesOfText } from '../fuzz/compare.ts';
import { generateModule } from '../fuzz/generate.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { type Plan, planFor } from '../fuzz/sides.ts';
import { load } from './exec-load.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const MODULES = process.env.WASMSCOPE_TEST_ALL ? 400 : 12;
const CALLS = 25;
const PAUSES = 40;

/** A module in one of the tiers. */
interface Side {
  readonly store: Store;
  readonly machine: Machine;
  readonly inst: ReturnType<typeof instantiate>;
  /** Calls of the host. */
  readonly log: string[];
}

function sideOf({ module }: Plan, engine: MachineOptions['engine']): Side {
  const store = new Store();
  const log: string[] = [];
  const value = (type: number): Value =>
    isRef(type) ? { type, ref: null } : { type, bits: type === I32 || type === I64 ? 7n : 0n };
  let calls = 0;
  const imports: Imports = (wanted) => {
    const { name } = wanted;
    if (wanted.kind === 'global') return store.addGlobal(wanted.type, value(wanted.type.type));
    if (wanted.kind === 'tag') return store.addTag(wanted.type, wanted.typeId, name);
    if (wanted.kind !== 'func') return undefined;
    const { type, typeId } = wanted;
    const call = (args: readonly Value[]) => {
      log.push(`${name}(${args.map(formatValue).join(', ')})`);
      if (name === 'fail' && calls++ % 3 === 0) throw new Error('host');
      return type.results.map(value);
    };
    return store.addHostFunc({ type, name, call }, typeId);
  };
  const inst = instantiate(store, module, imports, SUPPORTED);
  return { store, inst, log, machine: new Machine(store, { maxSlots: 1 << 14, maxDepth: 1000, engine }) };
}

function frameText(frame: WasmFrame): string {
  const locals = frame.localTypes.map((_, i) => formatValue(frame.local(i)));
  const operands = Array.from({ length: frame.operandCount }, (_, i) => formatValue(frame.operand(i)));
  return `func ${frame.func.idx} at ${frame.offset}: ${locals.join(' ')} | ${operands.join(' ')}`;
}

/** All that there is to see at a stop. */
function image({ machine, store, log }: Side, outcome: Outcome): string {
  const frames = machine.frames().map((frame) => (frame.kind === 'wasm' ? frameText(frame) : 'host'));
  const globals = store.globals.map(({ value }) => formatValue(value));
  const mems = store.mems.map(({ bytes }) => `${bytes.length}:${hash(bytes)}`);
  const end =
    outcome.kind === 'done'
      ? outcome.results.map(formatValue).join(' ')
      : outcome.kind === 'trap'
        ? outcome.fault.message
        : outcome.kind === 'watch'
          ? outcome.hits.map(hitText).join('; ')
          : '';
  return [outcome.kind, end, machine.instructions, log.length, ...frames, ...globals, ...mems].join('\n');
}

function hitText({ access, before, after, by }: WatchHit): string {
  const who = 'host' in by ? by.host : `${by.func.idx} at ${by.offset}`;
  return `${access} ${heldText(before)} -> ${heldText(after)} by ${who}`;
}

function heldText(held: Held): string {
  if (held === undefined) return 'nothing';
  if (held instanceof Uint8Array) return held.join();
  return isRefValue(held) ? String(held.ref === null) : `${held.type}:${held.bits}`;
}

/** Watches the same random places on both sides, with locals of frames that there are; sometimes nothing. */
function watchSomething(sides: readonly Side[], random: Random): void {
  const [one] = sides;
  const places: ((side: Side) => WatchTarget | undefined)[] = [];
  const { mems, globals, tables } = one.store;
  for (let n = random.below(5); n > 0; n--) {
    const at = random.below(1 << 16);
    const from = random.chance(0.5) ? random.below(64) : at;
    const count = random.chance(0.3) ? 1 + random.below(8) : 1 + random.below(1 << 16);
    const level = random.below(3);
    const kind = random.below(8);
    if (kind < 4 && mems.length > 0)
      places.push(({ store }) => ({ kind: 'memory', memory: store.mems[at % mems.length], from, count }));
    else if (kind < 5 && globals.length > 0)
      places.push(({ store }) => ({ kind: 'global', global: store.globals[at % globals.length] }));
    else if (kind < 6 && tables.length > 0)
      places.push(({ store }) => ({
        kind: 'table',
        table: store.tables[at % tables.length],
        index: at % 10,
      }));
    else
      places.push(({ machine }) => {
        const frame = machine.activationAt(level);
        const types = frame ? machine.codeOf(frame.func).localTypes : [];
        if (!frame || types.length === 0) return undefined;
        const idx = at % types.length;
        return { kind: 'local', frame, idx, type: types[idx] };
      });
  }
  const how = { reads: random.chance(0.4), writes: random.chance(0.8), changes: random.chance(0.3) };
  for (const side of sides) {
    const targets = places.flatMap((place) => place(side) ?? []);
    const watches = new Watches(targets.map((target) => ({ target, ...how })));
    side.machine.space.watch(places.length > 0 ? watches : undefined);
  }
}

/** Of the bytes that are not 0. */
function hash(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, 0, bytes.length >> 2);
  let sum = 0;
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) sum = Math.imul(sum ^ (words[i] + i), 16777619);
  return sum;
}

/** Puts the same number into a local and an operand of the same frame on both sides. */
function edit(sides: readonly Side[], random: Random): void {
  const level = random.below(sides[0].machine.depth);
  const bits = BigInt(random.below(1000));
  const at = random.below(1000);
  for (const { machine } of sides) {
    const [frame] = machine.frames(level, 1);
    if (frame?.kind !== 'wasm') continue;
    const { localTypes, operandCount } = frame;
    const local = at % Math.max(1, localTypes.length);
    if ([I32, I64, F32, F64].includes(localTypes[local]))
      frame.setLocal(local, { type: localTypes[local], bits });
    const operand = at % Math.max(1, operandCount);
    // An integer may be an address of a loop's end: floats change no way.
    const type = operandCount > 0 ? frame.operandType(operand) : I32;
    if (type === F32 || type === F64) frame.setOperand(operand, { type, bits });
  }
}

for (const [watching, inParts] of [
  [false, false],
  [true, false],
  [true, true],
]) {
  const what = watching ? ', and what is watched is told of at the same instructions' : '';
  const how = inParts ? ', compiled function by function' : '';
  test(`modules from seed ${SEED} are the same in both tiers at every pause${what}${how}`, (t) =>
    lockstep(t, watching, inParts));
}

function lockstep(t: TestContext, watching: boolean, inParts: boolean): void {
  const modules = Math.ceil(inParts ? MODULES / 3 : MODULES);
  let pauses = 0;
  let told = 0;
  let compiled = 0;
  for (let seed = SEED; seed < SEED + modules; seed++) {
    const plan = planFor(bytesOfText(generateModule(seed)), seed);
    const sides = [sideOf(plan, 'interpreter'), sideOf(plan, 'compiled')];
    const { tier } = sides[1].machine.space.tier!;
    if (inParts) tier.wholeUpTo = -1;
    const random = randomFrom(seed);
    for (const { name, type, args } of plan.calls.slice(0, CALLS)) {
      for (const { machine, inst, store } of sides) {
        const values = args.map((arg, i) => fromJS(type.params[i], arg, store.canon));
        machine.begin(inst.exportedFunc(name)!, values);
      }
      if (watching && random.chance(0.7)) watchSomething(sides, random);
      for (let k = 0; k < PAUSES; k++) {
        const budget = random.chance(0.4) ? 1 + random.below(5) : random.below(60);
        const outcomes = sides.map(({ machine }) => machine.run(budget));
        const [wanted, found] = sides.map((side, i) => image(side, outcomes[i]));
        assert.equal(found, wanted, `module ${seed}, ${name}, pause ${k}`);
        pauses++;
        if (outcomes[0].kind === 'watch') told++;
        else if (outcomes[0].kind !== 'paused') break;
        if (watching && random.chance(0.2)) watchSomething(sides, random);
        if (random.chance(0.2)) edit(sides, random);
      }
    }
    compiled += tier.functions().length;
  }
  assert.ok(compiled > (inParts ? 5 : 20) * modules, `${compiled} functions were compiled`);
  if (watching) assert.ok(told > modules, `${told} stops at what is watched`);
  t.diagnostic(`${pauses} pauses, ${told} of them at what is watched, ${compiled} functions compiled`);
}

const LOOP = `(module (import "" "tick" (func $tick (param i32))) (memory 1)
  (func $work (param $x i32) (result i32)
    (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (local.get $x))
    (i32.add (local.get $x) (i32.const 1)))
  (func (export "run") (param $n i32) (param $d i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (call $work (local.get $s)))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 0xffff))) (then (call $tick (local.get $i))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.div_u (local.get $s) (local.get $d)))
  (func $deep (export "deep") (param $n i32) (result i32) (local i64 i64 i64 i64)
    (if (result i32) (local.get $n)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get $n) (i32.const 1)))))
      (else (i32.const 0)))))`;

function loaded(engine: MachineOptions['engine'], tick: () => void = () => {}) {
  const store = new Store();
  const imports: Imports = (wanted) =>
    wanted.kind === 'func'
      ? store.addHostFunc({
          type: wanted.type,
          name: 'tick',
          call: () => {
            tick();
            return [];
          },
        })
      : undefined;
  const { inst, machine } = load(LOOP, { imports, store, engine });
  const begin = (name: string, ...args: number[]) => machine.begin(inst.exportedFunc(name)!, args.map(i32));
  return { inst, machine, begin };
}

test('a trap of compiled code is found again with its values, and the host does nothing twice', () => {
  let ticks = 0;
  const { machine, begin } = loaded('auto', () => {
    ticks++;
  });
  begin('run', 3_000_000, 0);
  const outcome = machine.run();
  assert.ok(outcome.kind === 'trap');
  assert.equal(outcome.fault.message, 'integer divide by zero');
  const [frame] = machine.frames();
  assert.ok(frame.kind === 'wasm');
  assert.deepEqual(
    frame.localTypes.map((_, i) => formatValue(frame.local(i))),
    ['3000000', '0', '3000000', '3000000'],
  );
  assert.equal(ticks, 46);
  const other = loaded('interpreter');
  other.begin('run', 3_000_000, 0);
  other.machine.run();
  assert.equal(machine.instructions, other.machine.instructions);
});

test('a trap behind stops at what is watched is found again, and nothing is told twice', () => {
  const [wanted, found] = (['interpreter', 'auto'] as const).map((engine) => {
    let ticks = 0;
    const { inst, machine, begin } = loaded(engine, () => {
      ticks++;
    });
    const target = { kind: 'memory', memory: inst.mems[0], from: 64, count: 4 } as const;
    machine.space.watch(new Watches([{ target, reads: false, writes: true, changes: true }]));
    begin('run', 500_000, 0);
    const stops: number[] = [];
    let outcome = machine.resume(1_000_000);
    for (; outcome.kind !== 'trap'; outcome = machine.resume(1_000_000)) {
      assert.notEqual(outcome.kind, 'done');
      if (outcome.kind === 'watch') stops.push(machine.instructions);
    }
    const [frame] = machine.frames();
    assert.ok(frame.kind === 'wasm');
    return [outcome.fault.message, ticks, ...stops, machine.instructions, frameText(frame)];
  });
  assert.deepEqual(found, wanted);
  assert.ok(found.length > 20);
});

test('the limit of frames is the same in both tiers, and the host has stack for it', () => {
  const counts = (['interpreter', 'compiled'] as const).map((engine) => {
    const { machine, begin } = loaded(engine);
    const ends = [19_000, 30_000].map((n) => {
      begin('deep', n);
      const outcome = machine.run();
      return `${outcome.kind} ${machine.depth} ${outcome.kind === 'done' && formatValue(outcome.results[0])}`;
    });
    return [...ends, machine.instructions];
  });
  assert.deepEqual(counts[1], counts[0]);
  assert.equal(counts[0][0], 'done 0 19000');
});

test('a breakpoint in compiled code is asked with its frame, and passed where the answer is no', () => {
  const { inst, machine, begin } = loaded('auto');
  const work = inst.funcs[1];
  const offset = machine.codeOf(work).offsets[1];
  machine.setBreakpoint(work, offset);
  let asked = 0;
  machine.onBreak = () => {
    asked++;
    const [frame] = machine.frames(0, 1);
    return frame.kind === 'wasm' && formatValue(frame.local(0)) === '70000';
  };
  begin('run', 100_000, 1);
  assert.deepEqual(machine.run(), { kind: 'breakpoint', asked: true });
  assert.equal(asked, 70_001);
  const frames = machine.frames();
  assert.deepEqual(
    frames.map((frame) => frame.kind === 'wasm' && frame.offset),
    [offset, frames[1].kind === 'wasm' && frames[1].offset],
  );
  assert.equal(frames[1].kind === 'wasm' && formatValue(frames[1].local(2)), '70000');
  const outcome = machine.resume();
  assert.ok(outcome.kind === 'done');
  assert.equal(asked, 100_000);
  assert.equal(formatValue(outcome.results[0]), '100000');
});

/** Infinity less itself is a NaN that the host writes otherwise; it lies on the stack at a call, a loop, a trap. */
for (const [shape, infinity, nan] of [
  ['f32x4', 0x7f800000_7f800000_7f800000_7f800000n, '0x7fc00000 0x7fc00000 0x7fc00000 0x7fc00000'],
  ['f64x2', 0x7ff00000_00000000_7ff00000_00000000n, '0x00000000 0x7ff80000 0x00000000 0x7ff80000'],
] as const) {
  for (const [where, code] of [
    ['below a call', '(call $on)'],
    ['below a loop', '(loop $l (br $l))'],
    ['at a trap', 'unreachable'],
    ['at a breakpoint', 'nop nop'],
  ]) {
    test(`lanes of ${shape} that are NaNs are canonical ${where}`, () => {
      const wat = `(module (func $on (loop $l (br $l)))
        (func (export "run") (param v128) (result v128)
          (${shape}.sub (local.get 0) (local.get 0)) ${code}))`;
      const [wanted, found] = (['interpreter', 'compiled'] as const).map((engine) => {
        const { inst, machine } = load(wat, { engine });
        machine.begin(inst.exportedFunc('run')!, [{ type: V128, bits: infinity }]);
        if (where === 'at a breakpoint')
          machine.setBreakpoint(inst.funcs[1], machine.codeOf(inst.funcs[1]).offsets[3]);
        const { kind } = machine.run(1000);
        return [
          kind,
          ...machine.frames().map((frame) => (frame.kind === 'wasm' ? frameText(frame) : 'host')),
        ];
      });
      assert.deepEqual(found, wanted);
      assert.ok(found.join().endsWith(nan), found.join());
    });
  }
}

test('a large program is compiled again for other breakpoints only when that pays', () => {
  const text = LOOP.replace(/\)$/, ` (func ${'nop '.repeat(100_000)}))`);
  const store = new Store();
  const imports: Imports = (wanted) =>
    wanted.kind === 'func' ? store.addHostFunc({ type: wanted.type, call: () => [] }) : undefined;
  const { inst, machine } = load(text, { imports, store, engine: 'auto' });
  const builds: number[] = [];
  machine.space.tiersLog = (line) => {
    if (line.includes('functions compiled')) builds.push(machine.instructions);
  };
  const [, work, run] = inst.funcs;
  const deep = inst.exportedFunc('deep')!;
  machine.begin(run, [i32(4_000_000), i32(1)]);
  const go = (instructions: number) => assert.equal(machine.resume(instructions).kind, 'paused');
  go(5_000_000);
  assert.equal(builds.length, 1);
  const { offsets } = machine.codeOf(deep);
  for (let step = 0; step < 5; step++) {
    machine.setBreakpoint(deep, offsets[step]);
    go(100_000);
    machine.clearBreakpoint(deep, offsets[step]);
    go(2_000_000);
  }
  assert.equal(builds.length, 1, 'what a step sets and clears again');
  machine.setBreakpoint(deep, offsets[0]);
  const at = machine.instructions;
  go(5_000_000);
  assert.equal(builds.length, 2);
  assert.ok(builds[1] > at + 500_000, `${builds[1] - at} instructions later`);
  machine.setBreakpoint(work, machine.codeOf(work).offsets[1]);
  assert.equal(machine.resume().kind, 'breakpoint', 'in a function that is compiled without it');
  machine.clearBreakpoint(work, machine.codeOf(work).offsets[1]);
  const outcome = machine.resume();
  assert.ok(outcome.kind === 'done');
  assert.equal(formatValue(outcome.results[0]), '4000000');
});

test('the instructions of each function are the same in both tiers, and together all', () => {
  const profiles = (['interpreter', 'auto', 'compiled'] as const).map((engine) => {
    const store = new Store();
    const imports: Imports = (wanted) =>
      wanted.kind === 'func' ? store.addHostFunc({ type: wanted.type, call: () => [] }) : undefined;
    const { inst, machine } = load(LOOP, { imports, store, engine, profile: true });
    for (const [name, ...args] of [
      ['run', 70_000, 3],
      ['deep', 3000],
    ] as const) {
      machine.begin(inst.exportedFunc(name)!, args.map(i32));
      assert.equal(machine.run().kind, 'done');
    }
    const counts = inst.funcs.map((func) => machine.space.profile!.of(func));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      machine.instructions,
    );
    return counts;
  });
  assert.deepEqual(profiles[1], profiles[0]);
  assert.deepEqual(profiles[2], profiles[0]);
});
