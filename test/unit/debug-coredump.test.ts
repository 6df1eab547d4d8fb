/** Core dumps as data: written and read again, and damaged ones, which are refused or opened, and nothing else. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { openCoreDump } from '../../engine/debug/coredump/open.ts';
import { isCoreDump, readCoreDump } from '../../engine/debug/coredump/read.ts';
import { writeCoreDump } from '../../engine/debug/coredump/write.ts';
import { Machine } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import type { Module } from '../../engine/module/module.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { formatValue, i32 } from '../../engine/runtime/values.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { validate } from '../../engine/valid/validate.ts';
import { randomFrom } from '../fuzz/random.ts';

const WAT = `(module
  (import "m" "mem" (memory 1))
  (memory $wide i64 3) (memory $none 0)
  (global $a (mut i32) (i32.const -5)) (global $b i64 (i64.const 0x123456789abcdef)) (global $c f32 (f32.const nan:0x200001))
  (global $d f64 (f64.const -0.0)) (global $v v128 (v128.const i64x2 1 -1)) (global $r externref (ref.null extern))
  (data (memory $wide) (i64.const 196600) "end")
  (func $f (param $x i32) (param $y i64) (result i32) (local $z f64)
    (local.set $z (f64.const 0.1))
    (i32.add (local.get $x) (call_indirect (result i32) (local.get $x))))
  (table 2 funcref) (elem (i32.const 1) $trap)
  (func $trap (result i32) (drop (i64.const -1)) (f32.const 1.5) (i32.div_u (i32.const 7) (i32.const 0)) (return) (unreachable))
  (func (export "main") (param $n i32) (result i32)
    (i32.const 99) (call $f (i32.const 1) (i64.const -2)) (i32.add)))`;

function dumpOf(): { bytes: Uint8Array; module: Module } {
  const module = decode(assemble(parseTree(WAT)).bytes);
  validate(module, SUPPORTED);
  const store = new Store();
  const shared = store.addMemory({ limits: { min: 1 }, is64: false, shared: false, pageSizeLog2: 16 });
  shared.bytes[5000] = 7;
  const inst = instantiate(store, module, () => shared, SUPPORTED);
  const machine = new Machine(store);
  machine.begin(inst.exportedFunc('main')!, [i32(3)]);
  assert.equal(machine.run().kind, 'trap');
  const frames = machine.frames();
  const bytes = writeCoreDump({
    name: 'a.wasm',
    modules: [{ module, name: '/x/a.wasm' }],
    instances: [inst],
    threads: [{ name: 'main', frames }],
    trap: { thread: 0, message: 'integer divide by zero' },
  });
  return { bytes, module };
}

const shown = (list: readonly (Parameters<typeof formatValue>[0] | undefined)[]): string =>
  list.map((value) => (value ? formatValue(value) : '?')).join(' ');

test('what is written is read again', () => {
  const { bytes } = dumpOf();
  assert.ok(isCoreDump(bytes));
  const { name, modules, instances, threads, memories, globals, trap } = readCoreDump(bytes);
  assert.deepEqual(
    [name, modules[0].name, trap],
    ['a.wasm', '/x/a.wasm', { thread: 0, message: 'integer divide by zero' }],
  );
  assert.deepEqual(instances, [{ module: 0, memories: [0, 1, 2], globals: [0, 1, 2, 3, 4, 5] }]);
  assert.equal(threads[0].name, 'main');
  assert.deepEqual(
    threads[0].frames.map(({ func, locals, stack }) => `${func}: ${shown(locals)} | ${shown(stack)}`),
    ['1:  | 1.5 7 0', '0: 1 -2 0.1 | 1', '2: 3 | 99'],
  );
  const wanted = ['-5', '81985529216486895', 'nan:0x200001', '-0', formatValue(globals[4]!), '?'];
  assert.equal(shown(globals), wanted.join(' '));
  assert.deepEqual(
    memories.map(({ type: { limits, is64 } }) => [limits.min, is64]),
    [
      [1, false],
      [3, true],
      [0, false],
    ],
  );
  assert.deepEqual(
    memories.map(({ parts }) => parts.map(({ at, bytes: b }) => [at, b.length])),
    [[[4096, 4096]], [[192512, 4096]], []],
  );
});

test('opened, it stands as it stood', () => {
  const { bytes, module } = dumpOf();
  const { thread, instances, notes } = openCoreDump(readCoreDump(bytes), [module]);
  assert.deepEqual(notes, []);
  const frames = thread.machine.frames();
  assert.equal(frames.length, 3);
  assert.equal(instances[0].mems[0].bytes[5000], 7);
  assert.equal(new TextDecoder().decode(instances[0].mems[1].bytes.subarray(196600, 196603)), 'end');
  const again = writeCoreDump({
    name: 'a.wasm',
    modules: [{ module, name: '/x/a.wasm' }],
    instances,
    threads: [{ name: 'main', frames }],
    trap: { thread: 0, message: 'integer divide by zero' },
  });
  assert.deepEqual(Buffer.from(again), Buffer.from(bytes));
});

test('one of more calls than are usual, and of larger ones, is opened', () => {
  const { bytes, module } = dumpOf();
  const dump = readCoreDump(bytes);
  const [innermost, caller, outermost] = dump.threads[0].frames;
  const frames = [innermost, ...new Array<typeof caller>(30_000).fill(caller), outermost];
  const { thread } = openCoreDump({ ...dump, threads: [{ ...dump.threads[0], frames }] }, [module]);
  assert.equal(thread.machine.depth, 30_002);

  const wide = decode(
    assemble(parseTree('(module (func (local i32) '.concat('(local i32) '.repeat(299), '(call 0)))'))).bytes,
  );
  const instances = [{ module: 0, memories: [], globals: [] }];
  const frame = {
    ...caller,
    instance: 0,
    func: 0,
    offset: wide.funcs[0].body!.codeStart - wide.funcs[0].body!.range.start,
  };
  const many = {
    ...dump,
    instances,
    threads: [{ ...dump.threads[0], frames: new Array<typeof frame>(5000).fill(frame) }],
  };
  assert.equal(openCoreDump(many, [wide]).thread.machine.depth, 5000);
});

test('damaged dumps are refused or opened', () => {
  const { bytes, module } = dumpOf();
  const random = randomFrom(Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0);
  // What is behind the data sections says what stands where; data is only data.
  const interesting = Array.from(bytes.keys()).filter((at) => bytes[at] !== 0);
  let opened = 0;
  for (let i = 0; i < 1500; i++) {
    const damaged = bytes.slice();
    for (let k = random.below(3); k >= 0; k--) damaged[random.pick(interesting)] = random.below(256);
    const cut = random.chance(0.1) ? damaged.subarray(0, random.below(damaged.length)) : damaged;
    isCoreDump(cut);
    try {
      const dump = readCoreDump(cut);
      // A page more is a megabyte more here: large memories have tests of their own.
      if (dump.memories.some(({ type }) => type.limits.min > 100)) continue;
      openCoreDump(dump, [module]).thread.machine.frames();
      opened++;
    } catch (error) {
      assert.ok(error instanceof WasmError, `${(error as Error).stack}`);
    }
  }
  assert.ok(opened > 100, `${opened} were opened`);
});

test('a memory that no host has room for is refused', () => {
  const { bytes, module } = dumpOf();
  const dump = readCoreDump(bytes);
  const type = { ...dump.memories[1].type, limits: { min: 2 ** 40 } };
  const huge = { ...dump, memories: [dump.memories[0], { type, parts: [] }, dump.memories[2]] };
  assert.throws(() => openCoreDump(huge, [module]), /no room for a memory of 1099511627776 pages/);
});
