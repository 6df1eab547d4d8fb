/**
 * Every numeric instruction against the host's own WebAssembly: edge values and seeded random ones, bits compared.
 *
 * Both run the same module, whose parameters and results are integers, so that no NaN passes through JavaScript. A
 * NaN that the host computes may be any (spec 4.3.3); ours must be the positive canonical one.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from '../../engine/exec/machine.ts';
import { INSTRS, type Instr } from '../../engine/isa/isa.ts';
import { F32, F64, I32, I64, isNum, typeName, type ValType } from '../../engine/isa/types.ts';
import type { NumValue } from '../../engine/runtime/values.ts';
import { bytesOf, FEATURES, load } from './exec-load.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const RANDOM_CASES = 150;

const OPS = INSTRS.filter(
  (row) =>
    row.shape === 'none' &&
    !row.special &&
    FEATURES.has(row.feature) &&
    row.results.length === 1 &&
    [...row.params, ...row.results].every(isNum),
);

/** Operators that only move bits: a NaN's bits count for them. */
const BITS = /reinterpret|abs|neg|copysign/;

const EDGES: Readonly<Record<ValType, readonly bigint[]>> = {
  [I32]: ints(32),
  [I64]: ints(64),
  [F32]: floats(
    32,
    [1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 3.4028234663852886e38, 1e-45, 8388607.5, 16777216],
  ),
  [F64]: floats(
    64,
    [1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 1.7976931348623157e308, 5e-324, 4503599627370495.5],
  ),
};

test('the table has the numeric instructions of Wasm 1.0, sign extension and saturation', () => {
  assert.equal(OPS.length, 123 + 5 + 8);
});

for (const row of OPS) {
  test(row.name, () => {
    const wat = moduleFor(row);
    const host = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(wat))).exports.f as (
      ...a: unknown[]
    ) => unknown;
    const loaded = load(wat);
    const func = loaded.inst.exportedFunc('f')!;
    const machine = new Machine(loaded.store, { maxSlots: 256, maxDepth: 8 });
    for (const args of argsFor(row)) {
      const expected = hostResult(() => host(...args.map((bits, i) => toHost(carrier(row.params[i]), bits))));
      machine.begin(
        func,
        args.map((bits, i) => ({ type: carrier(row.params[i]), bits })),
      );
      const outcome = machine.run();
      const shown = `${row.name} ${args.map((bits) => `0x${bits.toString(16)}`).join(' ')}`;
      if (expected === 'trap') {
        assert.equal(outcome.kind, 'trap', shown);
        if (outcome.kind === 'trap')
          assert.ok(row.traps.includes(outcome.fault.message), `${shown}: ${outcome.fault.message}`);
        continue;
      }
      assert.equal(outcome.kind, 'done', shown);
      if (outcome.kind !== 'done') return;
      const { bits } = outcome.results[0] as NumValue;
      const [type] = row.results;
      const wanted =
        !BITS.test(row.name) && isNaNBits(type, expected)
          ? type === F32
            ? 0x7fc00000n
            : 0x7ff8n << 48n
          : expected;
      assert.equal(`0x${bits.toString(16)}`, `0x${wanted.toString(16)}`, shown);
    }
  });
}

/** `(func (export "f") (param ints) (result int))` around the instruction. */
function moduleFor(row: Instr): string {
  const int = (t: ValType) => typeName(carrier(t));
  const params = row.params.map((t) => `(param ${int(t)})`).join(' ');
  const operands = row.params.map((t, i) =>
    isFloat(t) ? `(${typeName(t)}.reinterpret_${int(t)} (local.get ${i}))` : `(local.get ${i})`,
  );
  const op = `(${row.name} ${operands.join(' ')})`;
  const [result] = row.results;
  const body = isFloat(result) ? `(${int(result)}.reinterpret_${typeName(result)} ${op})` : op;
  return `(module (func (export "f") ${params} (result ${int(result)}) ${body}))`;
}

function isFloat(t: ValType): boolean {
  return t === F32 || t === F64;
}

function carrier(t: ValType): ValType {
  return t === F32 ? I32 : t === F64 ? I64 : t;
}

function toHost(type: ValType, bits: bigint): unknown {
  return type === I32 ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits);
}

function hostResult(run: () => unknown): bigint | 'trap' {
  try {
    const result = run();
    return typeof result === 'number' ? BigInt(result >>> 0) : BigInt.asUintN(64, result as bigint);
  } catch (error) {
    assert.ok(error instanceof WebAssembly.RuntimeError);
    return 'trap';
  }
}

function isNaNBits(type: ValType, bits: bigint): boolean {
  if (type === F32) return (bits & 0x7fffffffn) > 0x7f800000n;
  return type === F64 && (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
}

function* argsFor(row: Instr): Generator<bigint[]> {
  const [a, b] = row.params;
  if (b === undefined) for (const x of EDGES[a]) yield [x];
  else for (const x of EDGES[a]) for (const y of EDGES[b]) yield [x, y];
  const next = random(SEED ^ row.code);
  for (let i = 0; i < RANDOM_CASES; i++)
    yield row.params.map((t) => randomBits(next, t === I32 || t === F32 ? 32 : 64));
}

/** Bits of random length, so that small numbers and large ones both come. */
function randomBits(next: () => number, width: number): bigint {
  const bits = (BigInt(next()) << 32n) | BigInt(next());
  const length = 1 + (next() % width);
  const short = BigInt.asUintN(length, bits);
  return BigInt.asUintN(width, next() & 1 ? short : -short);
}

function random(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function ints(width: number): bigint[] {
  const powers = [0, 1, 7, 8, 15, 16, 20, 21, 31, 32, 52, 53, 62, 63]
    .filter((p) => p < width)
    .map((p) => 1n << BigInt(p));
  const small = [0n, 2n, 3n, 5n, 10n, 33n, 63n, 65n, 0xffn, 0xffffn, 0x1234567n];
  const all = [...small, ...powers.flatMap((p) => [p - 1n, p, p + 1n])];
  return [...new Set(all.flatMap((n) => [BigInt.asUintN(width, n), BigInt.asUintN(width, -n)]))];
}

function floats(width: 32 | 64, some: readonly number[]): bigint[] {
  const view = new DataView(new ArrayBuffer(8));
  const bitsOf = (n: number): bigint => {
    if (width === 32) view.setFloat32(0, n);
    else view.setFloat64(0, n);
    return width === 32 ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
  };
  const around = [31, 32, 63, 64].flatMap((p) => [2 ** p, -(2 ** p)]);
  const near = around.flatMap((n) =>
    [n - 1, n + 1, n - 0.5].map(bitsOf).concat(bitsOf(n) - 1n, bitsOf(n), bitsOf(n) + 1n),
  );
  const special =
    width === 32
      ? [0x7f800000n, 0x7fc00000n, 0x7fa00000n, 0x7fffffffn, 1n, 0x7fffffn]
      : [0x7ff0n << 48n, 0x7ff8n << 48n, 0x7ff4n << 48n, 0x7ff0000000000001n, 1n, 0xfffffffffffffn];
  const sign = 1n << BigInt(width - 1);
  return [...new Set([0n, sign, ...some.map(bitsOf), ...near, ...special.flatMap((b) => [b, b | sign])])];
}
