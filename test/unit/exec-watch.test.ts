/** Watched memories, globals, tables and locals: every way of touching them, what is told of it and what is not, in both tiers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine, Outcome } from '../../engine/exec/machine.ts';
import { type Held, type Watch, Watches, type WatchTarget } from '../../engine/exec/watch.ts';
import { F64, V128 } from '../../engine/isa/types.ts';
import { GlobalInst } from '../../engine/runtime/global.ts';
import type { MemInst } from '../../engine/runtime/memory.ts';
import { Store } from '../../engine/runtime/store.ts';
import { TableInst } from '../../engine/runtime/table.ts';
import { formatValue, i32, isRefValue, type Value } from '../../engine/runtime/values.ts';
import { beginExport, type Loaded, load } from './exec-load.ts';
import { type Random, randomFrom, SEED } from './random-edits.ts';

type Engine = 'interpreter' | 'compiled';

const ENGINES: readonly Engine[] = ['interpreter', 'compiled'];

type Given = Partial<Omit<Watch, 'target'>>;

const ALL: Omit<Watch, 'target'> = { reads: true, writes: true, changes: false };

function watch({ machine }: Loaded, target: WatchTarget, given: Given = {}): Watches {
  const watches = new Watches([{ ...ALL, ...given, target }]);
  machine.space.watch(watches);
  return watches;
}

/** `write 0 -> 7 by i32.store@0x30`, for each time it stops; `when` says when that is. */
function story(
  machine: Machine,
  next: () => Outcome = () => machine.resume(),
  when: () => string = () => '',
): string[] {
  const told: string[] = [];
  for (;;) {
    const outcome = next();
    if (outcome.kind === 'watch') {
      for (const { access, before, after, by } of outcome.hits) {
        const who = 'host' in by ? by.host : `0x${by.func.inst!.module.bytes[by.offset].toString(16)}`;
        const values = access === 'read' ? heldText(after) : `${heldText(before)} -> ${heldText(after)}`;
        told.push(`${access} ${values} by ${who}${when()}`);
      }
    } else if (outcome.kind !== 'stepped' && outcome.kind !== 'paused') {
      if (outcome.kind === 'trap') told.push(outcome.fault.message);
      return told;
    }
  }
}

function heldText(held: Held): string {
  if (held === undefined) return 'nothing';
  if (held instanceof Uint8Array) return Array.from(held).join(' ');
  if (isRefValue(held)) return held.ref === null ? 'null' : 'a function';
  return held.type === V128 ? String(held.bits) : formatValue(held);
}

/** Runs a test in both tiers. */
function both(name: string, run: (engine: Engine) => void): void {
  for (const engine of ENGINES) test(`${name}: ${engine}`, () => run(engine));
}

/** The bytes 4 to 7 of the first memory are watched. */
const MEMORY = (body: string, funcs = '') => `(module
  (import "host" "poke" (func $poke))
  (memory $m (export "memory") 1 3)
  (memory $other 1)
  (data $d "\\01\\02\\03\\04")
  (func (export "run") (local $x i32) ${body})
  ${funcs})`;

const IN_MEMORY: [name: string, body: string, told: string[]][] = [
  ['a store', '(i32.store (i32.const 4) (i32.const 7))', ['write 0 0 0 0 -> 7 0 0 0 by 0x36']],
  [
    'with an offset',
    '(i32.store offset=3 (i32.const 1) (i32.const 7))',
    ['write 0 0 0 0 -> 7 0 0 0 by 0x36'],
  ],
  [
    'that ends in it',
    '(i64.store (i32.const 1) (i64.const -1))',
    ['write 0 0 0 0 -> 255 255 255 255 by 0x37'],
  ],
  ['its last byte', '(i32.store8 (i32.const 7) (i32.const 9))', ['write 0 0 0 0 -> 0 0 0 9 by 0x3a']],
  ['before it', '(i32.store (i32.const 0) (i32.const 7))', []],
  ['behind it', '(i32.store8 (i32.const 8) (i32.const 9))', []],
  ['the same value', '(i32.store (i32.const 4) (i32.const 0))', ['write 0 0 0 0 -> 0 0 0 0 by 0x36']],
  ['another memory', '(i32.store $other (i32.const 4) (i32.const 7))', []],
  ['a load', '(drop (i32.load8_u (i32.const 5)))', ['read 0 0 0 0 by 0x2d']],
  ['a float', '(f64.store (i32.const 0) (f64.const 2))', ['write 0 0 0 0 -> 0 0 0 64 by 0x39']],
  ['fill', '(memory.fill (i32.const 6) (i32.const 5) (i32.const 9))', ['write 0 0 0 0 -> 0 0 5 5 by 0xfc']],
  ['fill of nothing', '(memory.fill (i32.const 6) (i32.const 5) (i32.const 0))', []],
  [
    'copy onto it',
    '(i32.store (i32.const 16) (i32.const 3)) (memory.copy (i32.const 4) (i32.const 16) (i32.const 4))',
    ['write 0 0 0 0 -> 3 0 0 0 by 0xfc'],
  ],
  ['copy from it', '(memory.copy (i32.const 16) (i32.const 0) (i32.const 5))', ['read 0 0 0 0 by 0xfc']],
  [
    'init',
    '(memory.init $d (i32.const 5) (i32.const 0) (i32.const 3))',
    ['write 0 0 0 0 -> 0 1 2 3 by 0xfc'],
  ],
  ['a vector', '(v128.store (i32.const 0) (v128.const i32x4 1 2 3 4))', ['write 0 0 0 0 -> 2 0 0 0 by 0xfd']],
  [
    'a lane',
    '(v128.store16_lane 1 (i32.const 4) (v128.const i16x8 1 2 3 4 5 6 7 8))',
    ['write 0 0 0 0 -> 2 0 0 0 by 0xfd'],
  ],
  ['a splat', '(drop (v128.load8_splat (i32.const 7)))', ['read 0 0 0 0 by 0xfd']],
  [
    'an atomic operation',
    '(drop (i32.atomic.rmw.add (i32.const 4) (i32.const 5)))',
    ['write 0 0 0 0 -> 5 0 0 0 by 0xfe'],
  ],
  ['an atomic load', '(drop (i32.atomic.load16_u (i32.const 6)))', ['read 0 0 0 0 by 0xfe']],
  ['memory.grow', '(drop (memory.grow (i32.const 1)))', []],
  ['the host', '(call $poke)', ['write 0 0 0 0 -> 1 0 0 0 by host.poke']],
  ['out of bounds', '(i32.store (i32.const 65533) (i32.const 1))', ['out of bounds memory access']],
  [
    'a loop',
    `(loop $l
      (i32.store (i32.shl (local.get $x) (i32.const 2)) (local.get $x))
      (br_if $l (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (i32.const 100))))`,
    ['write 0 0 0 0 -> 1 0 0 0 by 0x36'],
  ],
];

function loadMemory(body: string, engine: Engine = 'interpreter', funcs = ''): Loaded {
  const store = new Store();
  const call = (): [] => {
    (loaded.inst.exports.get('memory') as MemInst).bytes[4]++;
    return [];
  };
  const poke = store.addHostFunc({
    type: { kind: 'func', params: [], results: [] },
    name: 'host.poke',
    call,
  });
  const loaded: Loaded = load(MEMORY(body, funcs), { store, engine, imports: () => poke });
  return loaded;
}

function bytesOf({ inst }: Loaded, from: number, count: number): WatchTarget {
  return { kind: 'memory', memory: inst.exports.get('memory') as MemInst, from, count };
}

for (const [name, body, told] of IN_MEMORY) {
  for (const how of ['running', 'stepping', 'compiled'] as const) {
    test(`memory: ${name}, ${how}`, () => {
      const loaded = loadMemory(body, how === 'compiled' ? how : 'interpreter');
      const { machine } = loaded;
      watch(loaded, bytesOf(loaded, 4, 4));
      beginExport(loaded, 'run');
      assert.deepEqual(story(machine, how === 'stepping' ? () => machine.step() : undefined), told);
      machine.space.watch(undefined);
      beginExport(loaded, 'run');
      const trapped = told[0]?.startsWith('out of bounds') ? told : [];
      assert.deepEqual(story(machine), trapped, 'nothing is told when nothing is watched');
    });
  }
}

/** The same program as a whole does the same, with and without a watch that is never touched. */
both('what is watched and not touched changes nothing', (engine) => {
  const body = IN_MEMORY.flatMap(([name, text]) => (name === 'out of bounds' ? [] : [text]));
  const plain = loadMemory(body.join('\n'));
  const watched = loadMemory(body.join('\n'), engine);
  watch(watched, bytesOf(watched, 60_000, 8));
  for (const loaded of [plain, watched]) {
    beginExport(loaded, 'run');
    assert.deepEqual(story(loaded.machine), []);
  }
  const bytes = (loaded: Loaded): Uint8Array => (loaded.inst.exports.get('memory') as MemInst).bytes;
  assert.deepEqual(bytes(watched), bytes(plain));
  assert.equal(watched.machine.instructions, plain.machine.instructions);
});

both('reads, writes and changes are told apart', (engine) => {
  const body = `(drop (i32.load (i32.const 4))) (i32.store (i32.const 4) (i32.const 0))
    (i32.store (i32.const 4) (i32.const 1))`;
  const cases: [Given, string[]][] = [
    [{ writes: false }, ['read 0 0 0 0 by 0x28']],
    [{ reads: false }, ['write 0 0 0 0 -> 0 0 0 0 by 0x36', 'write 0 0 0 0 -> 1 0 0 0 by 0x36']],
    [{ reads: false, changes: true }, ['write 0 0 0 0 -> 1 0 0 0 by 0x36']],
  ];
  for (const [given, told] of cases) {
    const loaded = loadMemory(body, engine);
    watch(loaded, bytesOf(loaded, 4, 4), given);
    beginExport(loaded, 'run');
    assert.deepEqual(story(loaded.machine), told);
  }
});

both('memory that comes by memory.grow', (engine) => {
  const loaded = loadMemory('(drop (memory.grow (i32.const 1)))', engine);
  watch(loaded, bytesOf(loaded, 65534, 4));
  beginExport(loaded, 'run');
  assert.deepEqual(story(loaded.machine), ['write 0 0 -> 0 0 0 0 by 0x40']);
});

both('what a host function of ours tells of, whether it changes anything or not', (engine) => {
  const loaded = loadMemory('(call $poke)', engine);
  const memory = loaded.inst.exports.get('memory') as MemInst;
  const host = loaded.store.funcs.find(({ host }) => host)!.host!;
  for (const [write, told] of [
    [true, ['write 0 0 0 0 -> 0 0 0 0 by host.poke']],
    [false, ['read 0 0 0 0 by host.poke']],
  ] as const) {
    const call = (): [] => {
      memory.tell(0, 5, write);
      memory.tell(8, 5, write);
      return [];
    };
    Object.assign(host, { call });
    watch(loaded, bytesOf(loaded, 4, 4));
    beginExport(loaded, 'run');
    assert.deepEqual(story(loaded.machine), told);
  }
});

const ELSEWHERE = `(module
  (type $f (func))
  (global $g (export "g") (mut i32) (i32.const 1))
  (global $l (export "l") (mut i64) (i64.const 1))
  (global $v (export "v") (mut v128) (v128.const i64x2 1 0))
  (global $r (export "r") (mut funcref) (ref.null func))
  (table $t (export "t") 4 8 funcref)
  (table $t2 2 funcref)
  (elem $e func $noop $noop)
  (func $noop)
  (func (export "get") (drop (global.get $g)) (drop (global.get $l)) (drop (global.get $r)))
  (func (export "set") (global.set $g (i32.const 7)) (global.set $l (i64.const 8))
    (global.set $v (v128.const i64x2 9 0)) (global.set $r (ref.func $noop)))
  (func (export "table.set") (table.set $t (i32.const 2) (ref.func $noop)))
  (func (export "table.get") (drop (table.get $t (i32.const 1))) (drop (table.get $t (i32.const 2))))
  (func (export "fill") (table.fill $t (i32.const 1) (ref.func $noop) (i32.const 2)))
  (func (export "copy") (table.copy $t2 $t (i32.const 0) (i32.const 2) (i32.const 1)))
  (func (export "init") (table.init $t $e (i32.const 1) (i32.const 0) (i32.const 2)))
  (func (export "grow") (drop (table.grow $t (ref.func $noop) (i32.const 3))))
  (func (export "call") (table.fill $t (i32.const 2) (ref.func $noop) (i32.const 1))
    (call_indirect $t (type $f) (i32.const 2)) (call_indirect $t (type $f) (i32.const 0))))`;

const IN_OTHERS: [target: string, func: string, told: string[]][] = [
  ['g', 'get', ['read 1 by 0x23']],
  ['g', 'set', ['write 1 -> 7 by 0x24']],
  ['l', 'get', ['read 1 by 0x23']],
  ['l', 'set', ['write 1 -> 8 by 0x24']],
  ['v', 'set', ['write 1 -> 9 by 0x24']],
  ['r', 'get', ['read null by 0x23']],
  ['r', 'set', ['write null -> a function by 0x24']],
  ['t 2', 'table.set', ['write null -> a function by 0x26']],
  ['t 2', 'table.get', ['read null by 0x25']],
  ['t 2', 'fill', ['write null -> a function by 0xfc']],
  ['t 3', 'fill', []],
  ['t 2', 'copy', ['read null by 0xfc']],
  ['t 1', 'init', ['write null -> a function by 0xfc']],
  ['t 5', 'grow', ['write nothing -> a function by 0xfc']],
  ['t 2', 'call', ['write null -> a function by 0xfc', 'read a function by 0x11', 'uninitialized element 0']],
];

for (const [target, func, told] of IN_OTHERS) {
  both(`${target}: ${func}`, (engine) => {
    const loaded = load(ELSEWHERE, { engine });
    const [name, index] = target.split(' ');
    const found = loaded.inst.exports.get(name);
    if (found instanceof GlobalInst) watch(loaded, { kind: 'global', global: found });
    if (found instanceof TableInst) watch(loaded, { kind: 'table', table: found, index: Number(index) });
    beginExport(loaded, func);
    assert.deepEqual(story(loaded.machine), told);
  });
}

const LOCALS = `(module
  (tag $e)
  (func $down (export "down") (param $n i32) (result i32) (local $v v128) (local $r externref)
    (local.set $v (v128.const i32x4 5 0 0 0))
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (drop (call $down (i32.sub (local.get $n) (i32.const 1))))
    (local.set $n (i32.add (local.get $n) (i32.const 10)))
    (local.get $n))
  (func $throws (param $x i32) (local.set $x (i32.const 1)) (throw $e))
  (func (export "catches") (try_table (catch_all 0) (call $throws (i32.const 0))))
  (func $tail (param $x i32) (result i32) (return_call $down (i32.const 0)))
  (func (export "tails") (result i32) (call $tail (i32.const 3))))`;

/** Goes into an export up to `depth` frames and watches a local of the innermost one. */
function watchLocal(
  func: string,
  args: Value[],
  depth: number,
  idx: number,
  engine: Engine,
): { loaded: Loaded; ended: string[] } {
  const loaded = load(LOCALS, { engine });
  const { machine } = loaded;
  beginExport(loaded, func, args);
  while (machine.depth < depth) machine.step();
  const frame = machine.activationAt(0)!;
  const type = machine.codeOf(frame.func).localTypes[idx];
  const ended: string[] = [];
  watch(loaded, { kind: 'local', frame, idx, type }).ended = () => ended.push(`in ${machine.depth}`);
  return { loaded, ended };
}

both('a local of one frame of a recursion, until that ends', (engine) => {
  const { loaded, ended } = watchLocal('down', [i32(3)], 2, 0, engine);
  const told = story(loaded.machine);
  assert.deepEqual(told, [
    'read 2 by 0x20',
    'read 2 by 0x20',
    'read 2 by 0x20',
    'write 2 -> 12 by 0x21',
    'read 12 by 0x20',
  ]);
  assert.deepEqual(ended, ['in 1']);
});

both('a vector in a local', (engine) => {
  const { loaded } = watchLocal('down', [i32(1)], 2, 1, engine);
  assert.deepEqual(story(loaded.machine), ['write 0 -> 5 by 0x21']);
});

both('a frame that an exception ends, and one that a tail call ends', (engine) => {
  const thrown = watchLocal('catches', [], 2, 0, engine);
  assert.deepEqual(story(thrown.loaded.machine), ['write 0 -> 1 by 0x21']);
  assert.deepEqual(thrown.ended, ['in 1']);
  const left = watchLocal('tails', [], 2, 0, engine);
  assert.deepEqual(story(left.loaded.machine), []);
  assert.equal(left.ended.length, 1);
  const gone = watchLocal('down', [i32(2)], 2, 0, engine);
  gone.loaded.machine.reset();
  assert.equal(gone.ended.length, 1);
});

both('breakpoints and watches on one instruction do not disturb each other', (engine) => {
  const body = '(i32.store (i32.const 4) (i32.const 7)) (i32.store (i32.const 4) (i32.const 8))';
  const loaded = loadMemory(body, engine);
  const { machine, inst } = loaded;
  beginExport(loaded, 'run');
  const func = inst.exportedFunc('run')!;
  const { offsets } = machine.codeOf(func);
  const stores = [...offsets].filter((offset) => inst.module.bytes[offset] === 0x36);
  machine.setBreakpoint(func, stores[0]);
  watch(loaded, bytesOf(loaded, 4, 4));
  machine.setBreakpoint(func, stores[1]);
  const kinds: string[] = [];
  for (;;) {
    const { kind } = machine.resume();
    kinds.push(kind);
    if (kind === 'done') break;
  }
  assert.deepEqual(kinds, ['breakpoint', 'watch', 'breakpoint', 'watch', 'done']);
  for (const offset of stores) machine.clearBreakpoint(func, offset);
  beginExport(loaded, 'run');
  assert.equal(story(machine).length, 2);
  machine.space.watch(undefined);
  beginExport(loaded, 'run');
  assert.equal(machine.run().kind, 'done');
});

/** Instructions that write somewhere around the watched bytes; `n` gives a random number below its argument. */
const WRITERS: readonly ((n: Random) => string)[] = [
  (n) => `(i32.store offset=${n(4)} (i32.const ${n(10)}) (i32.const ${n(3)}))`,
  (n) => `(i64.store (i32.const ${n(10)}) (i64.const ${n(1 << 30)}))`,
  (n) => `(i32.store8 (i32.const ${n(12)}) (i32.const ${n(4)}))`,
  (n) => `(f32.store (i32.const ${n(10)}) (f32.const ${n(9)}))`,
  (n) => `(i64.store32 (i32.const ${n(10)}) (i64.const ${n(5)}))`,
  (n) => `(memory.fill (i32.const ${n(10)}) (i32.const ${n(3)}) (i32.const ${n(6)}))`,
  (n) => `(memory.copy (i32.const ${n(12)}) (i32.const ${n(12)}) (i32.const ${n(6)}))`,
  (n) => `(memory.copy $m $other (i32.const ${n(12)}) (i32.const ${n(12)}) (i32.const ${n(6)}))`,
  (n) => `(i32.store $other (i32.const ${n(10)}) (i32.const ${n(9)}))`,
  (n) => `(v128.store (i32.const ${n(12)}) (v128.const i32x4 ${n(3)} ${n(3)} ${n(3)} ${n(3)}))`,
  (n) => `(v128.store8_lane ${n(16)} (i32.const ${n(12)}) (v128.const i32x4 1 2 ${n(9)} 4))`,
  (n) => `(drop (i32.atomic.rmw.add (i32.const ${4 * n(3)}) (i32.const ${n(2)})))`,
  (n) => `(drop (i32.atomic.rmw8.xchg_u (i32.const ${n(12)}) (i32.const ${n(3)})))`,
  (n) => `(drop (i64.atomic.rmw.cmpxchg (i32.const ${8 * n(2)}) (i64.const 0) (i64.const ${n(3)})))`,
  (n) => `(drop (i64.load (i32.const ${n(12)})))`,
];

/** What changes is found by looking at the bytes between all instructions of a machine that watches nothing. */
test('random programs stop at exactly what changes, at the same counts in both tiers', () => {
  const n = randomFrom(SEED);
  for (let round = 0; round < 12; round++) {
    // In functions of their own: a call is where compiled code is entered again.
    const funcs = Array.from({ length: 60 }, (_, k) => `(func $f${k} ${WRITERS[n(WRITERS.length)](n)})`);
    const body = funcs.map((_, k) => `(call $f${k})`).join('\n');
    const loadIt = (engine?: Engine) => loadMemory(body, engine, funcs.join('\n'));
    const plain = loadIt();
    const bytes = (plain.inst.exports.get('memory') as MemInst).bytes;
    const from = 2 + n(4);
    const count = 1 + n(5);
    const look = (): string => heldText(bytes.slice(from, from + count));
    const expected: string[] = [];
    beginExport(plain, 'run');
    for (;;) {
      const [frame] = plain.machine.frames(0, 1);
      const before = look();
      const { kind } = plain.machine.step();
      if (look() !== before && frame?.kind === 'wasm') {
        const code = plain.inst.module.bytes[frame.offset].toString(16);
        expected.push(`write ${before} -> ${look()} by 0x${code} at ${plain.machine.instructions}`);
      }
      if (kind !== 'stepped') break;
    }
    for (const engine of ENGINES) {
      const watched = loadIt(engine);
      const { machine } = watched;
      watch(watched, bytesOf(watched, from, count), { reads: false, changes: true });
      beginExport(watched, 'run');
      const told = story(machine, undefined, () => ` at ${machine.instructions}`);
      assert.deepEqual(told, expected, `${engine}: ${funcs.join('\n')}`);
      assert.equal(machine.instructions, plain.machine.instructions);
    }
  }
});

/** Each of these goes on in compiled code, and is left in front of what touches. */
const FAR = `(module
  (memory $m (export "memory") 1) (memory $wide (export "wide") i64 1)
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $sum f64)
    (loop $l
      (f64.store offset=8 (i32.shl (local.get $i) (i32.const 3)) (f64.convert_i32_u (local.get $i)))
      (local.set $sum (f64.add (local.get $sum)
        (f64.load offset=8 (i32.shl (local.get $i) (i32.const 3)))))
      (i64.store $wide offset=16 (i64.extend_i32_u (i32.and (local.get $i) (i32.const 0xfff8))) (i64.const 1))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.trunc_f64_u (local.get $sum))))`;

test('code that does not touch runs compiled, code that touches is left and entered again', () => {
  for (const [memory, from, count, stops] of [
    ['memory', 60_000, 8, 0],
    ['memory', 0, 8, 0],
    ['memory', 8, 1, 2],
    ['memory', 4_000, 17, 6],
    ['wide', 15, 1, 0],
    ['wide', 23, 2, 16],
  ] as const) {
    const [wanted, found] = ENGINES.map((engine) => {
      const loaded = load(FAR, { engine });
      const { machine, inst } = loaded;
      watch(loaded, { kind: 'memory', memory: inst.exports.get(memory) as MemInst, from, count });
      beginExport(loaded, 'run', [i32(2_000)]);
      const told = story(
        machine,
        () => machine.resume(1_000),
        () => ` at ${machine.instructions}`,
      );
      if (engine === 'compiled') assert.ok(machine.space.tier!.tier.functions().length > 0);
      return [...told, machine.instructions];
    });
    assert.deepEqual(found, wanted);
    assert.equal(found.length, stops + 1, `${memory} ${from}`);
  }
});

test('several ranges, and a condition that is false in front of what touches', () => {
  const [wanted, found] = ENGINES.map((engine) => {
    const loaded = load(FAR, { engine });
    const { machine, inst } = loaded;
    const memory = inst.exports.get('memory') as MemInst;
    const targets = [8, 100, 104, 9_000].map((from) => ({ kind: 'memory', memory, from, count: 2 }) as const);
    machine.space.watch(new Watches(targets.map((target) => ({ ...ALL, target }))));
    const func = inst.exportedFunc('run')!;
    const { offsets } = machine.codeOf(func);
    machine.setBreakpoint(func, [...offsets].find((offset) => inst.module.bytes[offset] === 0x39)!);
    let asked = 0;
    machine.onBreak = () => asked++ < 0;
    beginExport(loaded, 'run', [i32(1_500)]);
    const told = story(machine, undefined, () => ` at ${machine.instructions}`);
    return [...told, asked, machine.instructions];
  });
  assert.deepEqual(found, wanted);
  assert.equal(found.length, 2 + 8);
  assert.equal(found.at(-2), 1_500);
});

both('calls through a watched table are places to pause at', (engine) => {
  const text = `(module (table $t (export "t") 2 funcref) (type $f (func)) (elem (i32.const 0) $for_ever)
    (func $for_ever (export "run") (return_call_indirect (type $f) (i32.const 0))))`;
  const loaded = load(text, { engine });
  watch(loaded, { kind: 'table', table: loaded.inst.exports.get('t') as TableInst, index: 1 });
  beginExport(loaded, 'run');
  for (let k = 0; k < 20; k++) assert.equal(loaded.machine.run(50).kind, 'paused');
});

both('an operand is the canonical NaN where it is kept twice', (engine) => {
  const text = `(module (memory (export "memory") 1)
    (func (export "run") (param f64) (result f64)
      (f64.div (local.get 0) (local.get 0))
      (drop (i32.load (i32.const 100)))
      (block (br_if 0 (i32.load (i32.const 200))))
      (i32.store (i32.const 4) (i32.const 1))))`;
  const loaded = load(text, { engine });
  const { machine } = loaded;
  watch(loaded, bytesOf(loaded, 4, 4));
  beginExport(loaded, 'run', [{ type: F64, bits: 0n }]);
  assert.equal(machine.run().kind, 'watch');
  const [frame] = machine.frames();
  assert.equal(frame.kind === 'wasm' && formatValue(frame.operand(0)), 'nan');
});

both('what begins to be watched while a host function runs is seen behind it', (engine) => {
  const store = '(i32.store (i32.const 4) (i32.const 7))';
  const loaded = loadMemory(`${store} (call $poke) (call $f) ${store}`, engine, `(func $f ${store})`);
  const host = loaded.store.funcs.find((func) => func.host)!.host!;
  const call = (): [] => {
    watch(loaded, bytesOf(loaded, 4, 4));
    return [];
  };
  Object.assign(host, { call });
  beginExport(loaded, 'run');
  assert.deepEqual(story(loaded.machine), Array(2).fill('write 7 0 0 0 -> 7 0 0 0 by 0x36'));
});
