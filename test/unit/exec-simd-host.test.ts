/**
 * Every vector instruction against the host's own WebAssembly, row by row: lanes of edge values and seeded random ones,
 * bits compared.
 *
 * Both run the same module over the same memory, so that no vector passes through JavaScript. A NaN that the host
 * computes may be any (spec 4.3.3); ours must be the positive canonical one. Relaxed instructions are held against the
 * set of what the spec allows (simd-relaxed.ts), and so is the host, which proves the set.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INSTRS, type Instr } from '../../engine/isa/isa.ts';
import { typeName } from '../../engine/isa/types.ts';
import { i32, i64, type NumValue, type Value } from '../../engine/runtime/values.ts';
import { bytesOf, type Loaded, load } from './exec-load.ts';
import { operand, randoms, vector } from './simd-inputs.ts';
import { RELAXED } from './simd-relaxed.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;

const SMALL = { maxSlots: 64, maxDepth: 4 };

const ROWS = INSTRS.filter(({ feature }) => feature === 'simd' || feature === 'relaxed-simd');
const COMPUTING = ROWS.filter(({ width }) => width === 0);
const ACCESSING = ROWS.filter(({ width }) => width > 0);

/** A case in memory: three operands, then the result. */
const STRIDE = 64;
const RESULT = 48;
const CASES = 400;

/** Instructions whose NaNs are computed; all others move or compare bits. */
const COMPUTES_NAN =
  /^f(32x4|64x2)\.(sqrt|ceil|floor|trunc|nearest|add|sub|mul|div|min|max|demote|promote|relaxed)/;

test('the table has the vector instructions of Wasm 3.0', () => {
  assert.equal(ROWS.length, 236 + 20);
  assert.deepEqual(
    Object.keys(RELAXED),
    ROWS.filter(({ feature }) => feature === 'relaxed-simd').map(({ name }) => name),
  );
});

for (const row of COMPUTING) {
  test(row.name, () => {
    for (const [variant, immediates] of immediatesOf(row).entries()) {
      const bytes = bytesOf(computingModule(row, immediates));
      const next = randoms(SEED + row.code * 40 + variant);
      const loaded = load(bytes, SMALL);
      const ours = loaded.inst.mems[0].bytes;
      const host = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
      const theirs = new Uint8Array((host.m as WebAssembly.Memory).buffer);
      fill(row, next, ours);
      theirs.set(ours);
      (host.f as () => void)();
      run(loaded, 'f');
      for (let at = 0; at < CASES * STRIDE; at += STRIDE) {
        const difference = compare(row, ours.subarray(at, at + STRIDE), theirs.subarray(at, at + STRIDE));
        assert.equal(difference, undefined, `${row.name} ${immediates}: ${difference}`);
      }
    }
  });
}

for (const row of ACCESSING) {
  test(row.name, () => {
    const next = randoms(SEED + row.code);
    const lanes =
      row.shape === 'memargLane' ? Array.from({ length: 16 / row.width }, (_, k) => `${k}`) : [''];
    for (const lane of lanes) {
      for (const offset of ['0', '13', '65520', '0x7fffffff', '0xffffffff']) {
        const bytes = bytesOf(accessingModule(row, `offset=${offset} ${lane}`));
        const loaded = load(bytes, SMALL);
        const ours = loaded.inst.mems[0].bytes;
        const host = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
        const theirs = new Uint8Array((host.m as WebAssembly.Memory).buffer);
        for (let at = 0; at < ours.length; at += 4) writeBits(ours, at, 4, BigInt(next()));
        theirs.set(ours);
        for (const base of addresses(row.width, Number(offset))) {
          const bits = vector(next, Math.min(8 * row.width, 64));
          const [low, high] = [BigInt.asUintN(64, bits), bits >> 64n];
          const expected = attempt(() => (host.f as (...args: unknown[]) => bigint[])(base, low, high));
          const given = ourAttempt(loaded, [i32(base), i64(low), i64(high)]);
          assert.deepEqual(given, expected, `${row.name} offset=${offset} ${lane} at ${base}`);
        }
        assert.equal(Buffer.compare(ours, theirs), 0, `${row.name} offset=${offset} ${lane}: memory`);
      }
    }
  });
}

/** Lane width that an instruction is about, for inputs. */
function laneWidth({ name }: Instr): number {
  const found = /x(16|8|4|2)/.exec(name);
  return found ? 128 / Number(found[1]) : 32;
}

/** What to write behind the keyword: every lane, some shuffles and constants, or nothing. */
function immediatesOf(row: Instr): string[] {
  const next = randoms(SEED ^ row.code);
  switch (row.shape) {
    case 'lane':
      return Array.from({ length: row.lanes }, (_, k) => `${k}`);
    case 'lanes':
      return Array.from({ length: 20 }, () => Array.from({ length: 16 }, () => next() & 31).join(' '));
    case 'v128':
      return Array.from({ length: 20 }, () => `i32x4 ${Array.from({ length: 4 }, () => next()).join(' ')}`);
    default:
      return [''];
  }
}

function computingModule({ name, params, results }: Instr, immediates: string): string {
  const operands = params.map((type, i) => `(${typeName(type)}.load offset=${16 * i} (local.get $at))`);
  const op = `(${name} ${immediates} ${operands.join(' ')})`;
  return `(module (memory (export "m") 1) (func (export "f") (local $at i32)
    (loop $next
      (${typeName(results[0])}.store offset=${RESULT} (local.get $at) ${op})
      (local.set $at (i32.add (local.get $at) (i32.const ${STRIDE})))
      (br_if $next (i32.lt_u (local.get $at) (i32.const ${CASES * STRIDE}))))))`;
}

function accessingModule({ name, params, results }: Instr, immediates: string): string {
  const given = params.length > 1 ? '(i64x2.replace_lane 1 (i64x2.splat (local.get 1)) (local.get 2))' : '';
  const op = `(${name} ${immediates} (local.get 0) ${given})`;
  const lanes = '(i64x2.extract_lane 0 (local.get $v)) (i64x2.extract_lane 1 (local.get $v))';
  return `(module (memory (export "m") 1)
    (func (export "f") (param i32 i64 i64) (result i64 i64) (local $v v128)
      ${results.length > 0 ? `(local.set $v ${op})` : op} ${lanes}))`;
}

/** Addresses around the ends of the memory, for an access of `width` bytes with this static offset. */
function addresses(width: number, offset: number): number[] {
  const last = 65536 - width - offset;
  const ends = [
    0,
    1,
    7,
    last - 1,
    last,
    last + 1,
    65535 - offset,
    65536 - offset,
    65536,
    -1,
    -16,
    0x7fffffff,
  ];
  return ends.map((address) => address | 0);
}

function fill(row: Instr, next: () => number, memory: Uint8Array): void {
  for (let at = 0; at < CASES * STRIDE; at += STRIDE) {
    row.params.forEach((type, i) => {
      writeBits(memory, at + 16 * i, 16, operand(next, type, laneWidth(row)));
    });
  }
}

/** What is wrong with a case, undefined if nothing is. */
function compare(row: Instr, ours: Uint8Array, theirs: Uint8Array): string | undefined {
  const equal = Buffer.compare(ours.subarray(RESULT), theirs.subarray(RESULT)) === 0;
  if (equal && row.feature === 'simd' && !COMPUTES_NAN.test(row.name)) return undefined;
  const width = COMPUTES_NAN.test(row.name) ? nanWidth(row) : 0;
  const relaxed = RELAXED[row.name];
  const step = relaxed ? relaxed.width : width || 128;
  for (let k = 0; k < 128 / step; k++) {
    const [got, expected] = [laneOf(ours, RESULT, k, step), laneOf(theirs, RESULT, k, step)];
    const fits = relaxed
      ? isAllowed(row, ours, k, got) && isAllowed(row, ours, k, expected)
      : got === expected || (isNaNBits(expected, width) && isNaNBits(got, width));
    const canonical = !isNaNBits(got, width) || got === canonicalNaN(width);
    if (fits && canonical) continue;
    const operands = row.params.map((type, i) => `${typeName(type)} ${hex(laneOf(ours, 16 * i, 0, 128))}`);
    return `lane ${k} of ${operands.join(', ')} is ${hex(got)}, the host has ${hex(expected)}`;
  }
  return undefined;
}

function isAllowed({ name }: Instr, memory: Uint8Array, k: number, bits: bigint): boolean {
  const { allowed, width } = RELAXED[name];
  const set = allowed((index, lane, lanes) => laneOf(memory, 16 * index, lane, lanes), k);
  return set.some((one) => (one === 'nan' ? isNaNBits(bits, width) : one === bits));
}

function nanWidth({ name }: Instr): number {
  return name.startsWith('f32') ? 32 : 64;
}

function isNaNBits(bits: bigint, width: number): boolean {
  if (width !== 32 && width !== 64) return false;
  return BigInt.asUintN(width - 1, bits) > (width === 32 ? 0x7f800000n : 0x7ff0000000000000n);
}

function canonicalNaN(width: number): bigint {
  return width === 32 ? 0x7fc00000n : 0x7ff8000000000000n;
}

function laneOf(memory: Uint8Array, at: number, k: number, width: number): bigint {
  let bits = 0n;
  const from = at + (k * width) / 8;
  for (let i = from + width / 8 - 1; i >= from; i--) bits = (bits << 8n) | BigInt(memory[i]);
  return bits;
}

function writeBits(memory: Uint8Array, at: number, bytes: number, bits: bigint): void {
  for (let i = 0; i < bytes; i++) memory[at + i] = Number(BigInt.asUintN(8, bits >> BigInt(8 * i)));
}

function run({ inst, machine }: Loaded, name: string): void {
  machine.begin(inst.exportedFunc(name)!, []);
  const outcome = machine.run();
  assert.equal(outcome.kind, 'done', outcome.kind === 'trap' ? outcome.fault.message : undefined);
}

function attempt(call: () => bigint[]): bigint[] | 'trap' {
  try {
    return call().map((bits) => BigInt.asUintN(64, bits));
  } catch (error) {
    assert.ok(error instanceof WebAssembly.RuntimeError);
    return 'trap';
  }
}

function ourAttempt({ inst, machine }: Loaded, args: readonly Value[]): bigint[] | 'trap' {
  machine.begin(inst.exportedFunc('f')!, args);
  const outcome = machine.run();
  if (outcome.kind === 'done') return outcome.results.map((value) => (value as NumValue).bits);
  assert.equal(outcome.kind === 'trap' && outcome.fault.message, 'out of bounds memory access');
  return 'trap';
}

function hex(bits: bigint): string {
  return `0x${bits.toString(16)}`;
}
