/**
 * Memories and tables that the loop has no view of: other memories, 64-bit addresses, other page sizes; beside the
 * host's WebAssembly where it has them. Wide arithmetic beside BigInts. Calls through references.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INSTRS } from '../../engine/isa/isa.ts';
import type { MemInst } from '../../engine/runtime/memory.ts';
import { funcRef, i32, i64, type NumValue, type Value } from '../../engine/runtime/values.ts';
import { beginExport, bytesOf, call, type Loaded, load, trapOf } from './exec-load.ts';

type Int = 'i32' | 'i64';

interface Access {
  readonly name: string;
  readonly isLoad: boolean;
  /** Floats go through their bits: a number of JavaScript would lose those of a NaN. */
  readonly type: Int;
  readonly wrap: (text: string) => string;
}

const ACCESSES: readonly Access[] = INSTRS.filter(({ code }) => code >= 0x28 && code <= 0x3e).map(
  ({ name }) => {
    const type: Int = name.startsWith('i32') || name.startsWith('f32') ? 'i32' : 'i64';
    const isLoad = name.includes('load');
    const [from, to] = isLoad ? [name.slice(0, 3), type] : [type, name.slice(0, 3)];
    return {
      name,
      isLoad,
      type,
      wrap: (text) => (from === to ? text : `(${to}.reinterpret_${from} ${text})`),
    };
  },
);

/** One export an access, to the second memory of a module. */
function accessModule(addr: Int): string {
  const funcs = ACCESSES.map(({ name, isLoad, type, wrap }) =>
    isLoad
      ? `(func (export "${name}") (param ${addr}) (result ${type}) ${wrap(`(${name} 1 offset=3 (local.get 0))`)})`
      : `(func (export "${name}") (param ${addr} ${type}) (${name} 1 offset=3 (local.get 0) ${wrap('(local.get 1)')}))`,
  );
  return `(module (memory 1) (memory (export "m") ${addr} 1) ${funcs.join('\n')})`;
}

for (const addr of ['i32', 'i64'] as const) {
  test(`every access to another memory, with ${addr} addresses, does what the host does`, () => {
    const text = accessModule(addr);
    const loaded = load(text);
    const host = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(text))).exports as Record<
      string,
      never
    >;
    const ours = (loaded.inst.exports.get('m') as MemInst).bytes;
    const theirs = new Uint8Array((host.m as { buffer: ArrayBuffer }).buffer);
    for (let i = 0; i < 65536; i++) ours[i] = theirs[i] = Math.imul(i, 0x9e3779b1) >>> 13;
    const addresses = [0n, 1n, 1234n, 65525n, 65530n, 65531n, 65532n, 65533n, 65536n, 0xffff_fffdn];
    if (addr === 'i64') addresses.push(2n ** 32n, 2n ** 53n, 2n ** 64n - 1n, 2n ** 64n - 4n, 2n ** 63n);
    for (const { name, isLoad, type } of ACCESSES) {
      for (const address of addresses) {
        const args = [addr === 'i32' ? i32(Number(address)) : i64(address)];
        if (!isLoad) args.push(type === 'i32' ? i32(0x8899aabb) : i64(0xfedcba9876543210n));
        assert.deepEqual(
          outcomeOf(loaded, name, args),
          hostOutcome(host[name], args),
          `${name} at ${address}`,
        );
      }
    }
    assert.ok(ours.every((byte, i) => byte === theirs[i]));
  });
}

function outcomeOf(loaded: Loaded, name: string, args: Value[]): unknown {
  beginExport(loaded, name, args);
  const outcome = loaded.machine.run();
  if (outcome.kind === 'trap') {
    assert.equal(outcome.fault.message, 'out of bounds memory access');
    assert.match(
      outcome.fault.notes[0].message,
      /^address \d+ \(\d+ \+ offset 3\) \+ \d bytes?, memory is 65536 bytes$/,
    );
    return 'trap';
  }
  return outcome.kind === 'done' ? outcome.results.map((value) => (value as NumValue).bits) : outcome.kind;
}

function hostOutcome(fn: (...args: unknown[]) => unknown, args: readonly NumValue[]): unknown {
  try {
    const given = args.map(({ type, bits }) =>
      type === i32(0).type ? Number(BigInt.asIntN(32, bits)) : bits,
    );
    const result = fn(...given);
    if (result === undefined) return [];
    return [typeof result === 'bigint' ? BigInt.asUintN(64, result) : BigInt((result as number) >>> 0)];
  } catch (error) {
    assert.ok(error instanceof WebAssembly.RuntimeError);
    return 'trap';
  }
}

test('sizes and growth have the width of the addresses, and end at the limits', () => {
  const loaded = load(`(module
    (memory $small 1) (memory $wide i64 1) (memory $bytes 5 7 (pagesize 1)) (table $t i64 2 4 funcref)
    (func (export "sizes") (result i32 i64 i32 i64)
      (memory.size $small) (memory.size $wide) (memory.size $bytes) (table.size $t))
    (func (export "grow") (param i64) (result i64) (memory.grow $wide (local.get 0)))
    (func (export "growBytes") (param i32) (result i32) (memory.grow $bytes (local.get 0)))
    (func (export "growTable") (param i64) (result i64) (table.grow $t (ref.null func) (local.get 0))))`);
  assert.deepEqual(call(loaded, 'sizes'), [1, 1n, 5, 2n]);
  for (const tooMuch of [2n ** 18n, 2n ** 32n, 2n ** 53n, -1n]) {
    assert.deepEqual(call(loaded, 'grow', i64(tooMuch)), [-1n]);
    assert.deepEqual(call(loaded, 'growTable', i64(tooMuch)), [-1n]);
  }
  assert.deepEqual(call(loaded, 'grow', i64(2n)), [1n]);
  assert.deepEqual(call(loaded, 'growBytes', i32(3)), [-1]);
  assert.deepEqual(call(loaded, 'growBytes', i32(2)), [5]);
  assert.deepEqual(call(loaded, 'growTable', i64(2n)), [2n]);
  assert.deepEqual(call(loaded, 'sizes'), [1, 3n, 7, 4n]);
});

test('a memory that is two of an instance grows for both', () => {
  const one = load('(module (memory (export "m") 1))');
  const both = load(
    `(module (import "" "m" (memory $a 1)) (import "" "m" (memory $b 1))
      (func (export "go") (result i32)
        (drop (memory.grow $b (i32.const 1)))
        (i32.store $b (i32.const 70000) (i32.const 9))
        (i32.add (i32.load $a (i32.const 70000)) (memory.size $a))))`,
    { store: one.store, imports: () => one.inst.exports.get('m') },
  );
  assert.deepEqual(call(both, 'go'), [11]);
});

test('64-bit operands of bulk instructions and tables: traps say the numbers', () => {
  const loaded = load(`(module
    (memory i64 1) (table $t i64 3 funcref) (type $v (func)) (func $f (type $v)) (elem (i64.const 1) $f)
    (func (export "fill") (param i64 i64) (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
    (func (export "get") (param i64) (drop (table.get $t (local.get 0))))
    (func (export "call") (param i64) (call_indirect $t (type $v) (local.get 0)))
    (func (export "tail") (param i64) (return_call_indirect $t (type $v) (local.get 0))))`);
  const trap = (name: string, ...args: bigint[]): string[] => {
    beginExport(loaded, name, args.map(i64));
    return trapOf(loaded.machine.run());
  };
  assert.deepEqual(trap('fill', 2n ** 32n, 1n), [
    'out of bounds memory access',
    'destination 4294967296 + 1 byte, memory is 65536 bytes',
  ]);
  assert.deepEqual(trap('fill', 0n, 2n ** 32n)[0], 'out of bounds memory access');
  assert.deepEqual(trap('get', 2n ** 32n), [
    'out of bounds table access',
    'index 4294967296, table has 3 elements',
  ]);
  for (const name of ['call', 'tail']) {
    assert.deepEqual(trap(name, 2n ** 32n + 1n), [
      'undefined element',
      'index 4294967297, table has 3 elements',
    ]);
    assert.equal(trap(name, 2n)[0], 'uninitialized element 2');
    assert.deepEqual(call(loaded, name, i64(1n)), []);
  }
});

test('memories larger than the host can make are refused, whatever they declare', () => {
  assert.throws(() => load('(module (memory i64 0x1_0000_0000))'), /no room for memory 0/);
  assert.throws(
    () => load('(module (memory i64 0xFFFF_FFFF_FFFF_FFFF (pagesize 1)))'),
    /no room for memory 0/,
  );
  load('(module (memory i64 0 0x1_0000_0000_0000) (table i64 0 0xFFFF_FFFF_FFFF_FFFF funcref))');
});

const BIG = [0n, 1n, 2n, 0xffffn, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n, 0x123456789abcdef0n];

test('wide arithmetic is what BigInts say', () => {
  const ops = ['add128', 'sub128'].map(
    (op) => `(func (export "${op}") (param i64 i64 i64 i64) (result i64 i64)
      (i64.${op} (local.get 0) (local.get 1) (local.get 2) (local.get 3)))`,
  );
  const muls = ['mul_wide_s', 'mul_wide_u'].map(
    (op) =>
      `(func (export "${op}") (param i64 i64) (result i64 i64) (i64.${op} (local.get 0) (local.get 1)))`,
  );
  const loaded = load(`(module ${[...ops, ...muls].join('\n')})`);
  const check = (name: string, args: bigint[], wanted: bigint) => {
    const halves = [BigInt.asIntN(64, wanted), BigInt.asIntN(64, wanted >> 64n)];
    assert.deepEqual(call(loaded, name, ...args.map(i64)), halves, `${name} ${args}`);
  };
  for (const a of BIG) {
    for (const b of BIG) {
      check('mul_wide_u', [a, b], a * b);
      check('mul_wide_s', [a, b], BigInt.asIntN(64, a) * BigInt.asIntN(64, b));
      for (const [c, d] of [
        [1n, b],
        [b, a],
        [2n ** 64n - 1n, 2n ** 64n - 1n],
      ]) {
        check('add128', [a, b, c, d], (b << 64n) + a + (d << 64n) + c);
        check('sub128', [a, b, c, d], (b << 64n) + a - (d << 64n) - c);
      }
    }
  }
});

test('calls through references: results, null, stops and counts', () => {
  const loaded = load(`(module
    (type $un (func (param i32) (result i32)))
    (func $double (export "double") (type $un) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "ref") (param $f (ref null $un)) (param i32) (result i32) (local $g (ref $un))
      (block $null
        (local.set $g (br_on_null $null (local.get $f)))
        (return (i32.add (i32.const 1) (call_ref $un (local.get 1) (local.get $g)))))
      (i32.const -1))
    (func (export "tail") (param $f (ref null $un)) (param i32) (result i32)
      (return_call_ref $un (local.get 1) (local.get $f)))
    (func (export "plain") (param $f (ref null $un)) (result i32) (call_ref $un (i32.const 1) (local.get $f)))
    (func (export "must") (param $f (ref null $un)) (drop (ref.as_non_null (local.get $f)))))`);
  const double = funcRef(loaded.inst.exportedFunc('double')!);
  const none = funcRef(null);
  assert.deepEqual(call(loaded, 'ref', double, i32(21)), [43]);
  assert.deepEqual(call(loaded, 'ref', none, i32(21)), [-1]);
  assert.deepEqual(call(loaded, 'tail', double, i32(21)), [42]);
  for (const [name, message] of [
    ['plain', 'null function reference'],
    ['tail', 'null function reference'],
    ['must', 'null reference'],
  ] as const) {
    beginExport(loaded, name, name === 'tail' ? [none, i32(1)] : [none]);
    assert.deepEqual(trapOf(loaded.machine.run()), [message]);
  }

  const { machine } = loaded;
  const before = machine.instructions;
  call(loaded, 'ref', double, i32(21));
  const count = machine.instructions - before;
  beginExport(loaded, 'ref', [double, i32(21)]);
  let depth = 0;
  while (machine.step().kind === 'stepped') depth = Math.max(depth, machine.depth);
  assert.equal(machine.instructions - before, 2 * count);
  assert.equal(depth, 2);
});
