/** The derived view of the instruction table: look-ups, deprecated names, derived attributes, generated files. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import {
  ADDR,
  INSTRS,
  instrByCode,
  instrByName,
  instrByPrefix,
  isDeprecatedName,
  isPrefix,
} from '../../engine/isa/isa.ts';
import { Op } from '../../engine/isa/op.gen.ts';
import type { Feature } from '../../engine/isa/row.ts';
import { F32, HEAP, I32, I64, refType, V128 } from '../../engine/isa/types.ts';
import { need } from '../../engine/valid/gate.ts';

test('every row is found by its code, by its prefix and by its keyword', () => {
  for (const instr of INSTRS) {
    assert.equal(instrByCode(instr.code), instr);
    assert.equal(instrByPrefix(instr.prefix, instr.sub), instr);
    assert.equal(instrByName(instr.name)?.name, instr.name);
    assert.equal(instr.prefix !== 0, isPrefix(instr.prefix));
  }
});

test('codes that are no instruction are not found', () => {
  for (const code of [
    0x16, 0xbfff, 0xc5, 0xfb, 0xfc, 0xff, 0xfc012, 0xfd09a, 0xfd114, 0xfe00f, 0x1000000, -1,
  ]) {
    assert.equal(instrByCode(code), undefined, code.toString(16));
  }
  for (const sub of [0x1005, 0xffffffff, 31]) assert.equal(instrByPrefix(0xfb, sub), undefined, String(sub));
  assert.equal(instrByName('i32.add3'), undefined);
  assert.equal(instrByName('constructor'), undefined);
});

test('names in Op are unique, and their values are the codes', () => {
  assert.equal(new Set(INSTRS.map(({ op }) => op)).size, INSTRS.length);
  const op = {
    add: Op.i32_add,
    typedSelect: Op.select_t,
    load: Op.v128_load,
    notify: Op.memory_atomic_notify,
  };
  assert.deepEqual(op, { add: 0x6a, typedSelect: 0x1c, load: 0xfd000, notify: 0xfe000 });
});

test('types are parsed', () => {
  const types = (name: string) => {
    const { params, results } = instrByName(name)!;
    return [params, results];
  };
  assert.deepEqual(types('nop'), [[], []]);
  assert.deepEqual(types('f32.store'), [[ADDR, F32], []]);
  assert.deepEqual(types('i64.add128'), [
    [I64, I64, I64, I64],
    [I64, I64],
  ]);
  assert.deepEqual(types('i8x16.replace_lane'), [[V128, I32], [V128]]);
  assert.deepEqual(types('ref.i31'), [[I32], [refType(false, HEAP.i31)]]);
});

test('an address type belongs to the memory or the table that the immediate names', () => {
  const addr = (name: string) => instrByName(name)?.addr;
  assert.deepEqual(
    ['i32.load', 'memory.grow', 'memory.init', 'table.size', 'i32.add', 'memory.atomic.wait32'].map(addr),
    ['memory', 'memory', 'memory', 'table', undefined, 'memory'],
  );
});

test('derived attributes', () => {
  const { naturalAlign, exactAlign, traps } = instrByName('i64.atomic.rmw16.add_u')!;
  assert.deepEqual([naturalAlign, exactAlign], [1, true]);
  assert.deepEqual(traps, ['unaligned atomic', 'out of bounds memory access']);
  assert.equal(instrByName('v128.load')!.naturalAlign, 4);
  assert.equal(instrByName('i32.load')!.exactAlign, false);
  assert.deepEqual(
    ['i8x16.shuffle', 'i16x8.extract_lane_u', 'v128.load32_lane', 'v128.load'].map(
      (n) => instrByName(n)!.lanes,
    ),
    [32, 8, 4, 0],
  );
});

test('two rows with one keyword know each other', () => {
  const pairs = INSTRS.filter((i) => i.variant).map((i) => [i.op, i.variant!.op]);
  assert.deepEqual(pairs, [
    ['select', 'select_t'],
    ['select_t', 'select'],
    ['ref_test', 'ref_test_null'],
    ['ref_test_null', 'ref_test'],
    ['ref_cast', 'ref_cast_null'],
    ['ref_cast_null', 'ref_cast'],
  ]);
  assert.equal(instrByName('select')!.op, 'select');
});

test('deprecated names lead to the row and are known as such', () => {
  const names = ['get_local', 'grow_memory', 'i32.trunc_s:sat/f32', 'f32.convert_u/i64', 'i32.wrap/i64'];
  assert.deepEqual(
    names.map((name) => instrByName(name)?.name),
    ['local.get', 'memory.grow', 'i32.trunc_sat_f32_s', 'f32.convert_i64_u', 'i32.wrap_i64'],
  );
  assert.ok(names.every(isDeprecatedName));
  assert.ok(!INSTRS.some(({ name }) => isDeprecatedName(name)));
});

test('what a module may not use is refused by name, with its offset', () => {
  need(SUPPORTED, 'threads', 7);
  assert.throws(
    () => need(new Set<Feature>(['mvp']), 'threads', 7),
    (e) =>
      e instanceof WasmError &&
      e.phase === 'unsupported' &&
      e.message === 'not supported yet: threads and atomics' &&
      e.offset === 7,
  );
});

test('generated files are fresh', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/gen.mjs', '--check'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});
