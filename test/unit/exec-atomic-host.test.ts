/**
 * Every atomic instruction against the host's own WebAssembly: results, memory and traps, with and without offset.
 * Waits and notifications need threads: exec-threads.test.ts.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INSTRS } from '../../engine/isa/isa.ts';
import { i32, i64, type Value } from '../../engine/runtime/values.ts';
import { beginExport, bytesOf, load } from './exec-load.ts';

const ATOMIC = INSTRS.filter(
  ({ code, shape, name }) => code >> 12 === 0xfe && shape === 'memarg' && !/wait|notify/.test(name),
);

/** With bits above what narrow accesses hold, and carries between the words. */
const OPERANDS = [
  0n,
  1n,
  0x11n,
  0xffn,
  0x8000n,
  0x11111111n,
  0x80000000n,
  0xffffffffn,
  0x1111111111111111n,
  -1n,
  1n << 63n,
];
const ADDRESSES = [0, 8, 16, 1, 2, 4, 65528, 65536, 65537, -8];
const PAGE = Uint8Array.from({ length: 65536 }, (_, i) => (i < 8 ? 0x11 : i < 16 ? 0xff : (i * 37) & 0xff));

function moduleOf(
  name: string,
  params: readonly string[],
  results: readonly string[],
  offset: number,
): string {
  const operands = params.map((_, i) => `(local.get ${i})`).join(' ');
  return `(module (memory (export "mem") 1 1 shared) (func (export "f")
    (param ${params.join(' ')}) (result ${results.join(' ')}) (${name} offset=${offset} ${operands})))`;
}

test(`${ATOMIC.length} instructions do what the host's do`, () => {
  assert.equal(ATOMIC.length, 63);
  let runs = 0;
  for (const { name, params } of ATOMIC) {
    const rest = params.slice(1).map((type) => (type === 0x7f ? 'i32' : 'i64'));
    const result = /store/.test(name) ? [] : [name.slice(0, 3)];
    for (const offset of [0, 8]) {
      const bytes = bytesOf(moduleOf(name, ['i32', ...rest], result, offset));
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      const { f, mem } = exports as { f: (...args: unknown[]) => unknown; mem: WebAssembly.Memory };
      const host = new Uint8Array(mem.buffer);
      const ours = load(bytes);
      const memory = ours.inst.mems[0].bytes;
      for (const address of ADDRESSES) {
        for (const tuple of tuples(rest.length)) {
          host.set(PAGE);
          memory.set(PAGE);
          const given = tuple.map((bits, i) => (rest[i] === 'i32' ? Number(BigInt.asIntN(32, bits)) : bits));
          const args: Value[] = tuple.map((bits, i) =>
            rest[i] === 'i32' ? i32(Number(BigInt.asIntN(32, bits))) : i64(bits),
          );
          let wanted: string;
          try {
            wanted = `${f(address, ...given)}`;
          } catch (error) {
            wanted = String(error);
          }
          beginExport(ours, 'f', [i32(address), ...args]);
          const outcome = ours.machine.run();
          const at = `${name} offset=${offset} ${address} ${given.join(' ')}`;
          if (outcome.kind === 'trap') {
            const unaligned = outcome.fault.message === 'unaligned atomic';
            assert.match(wanted, unaligned ? /unaligned accesses|out of bounds/ : /out of bounds/, at);
          } else {
            assert.equal(outcome.kind, 'done');
            const found = outcome.kind === 'done' ? outcome.results.map(signed).join() || 'undefined' : '';
            assert.equal(found, wanted, at);
          }
          assert.ok(Buffer.compare(host, memory) === 0, `${at}: the memory`);
          runs++;
        }
      }
    }
  }
  assert.ok(runs > 10_000);
});

function signed(value: Value): string {
  if (!('bits' in value)) return '?';
  return String(BigInt.asIntN(value.type === 0x7f ? 32 : 64, value.bits));
}

/** Operands behind the address: all, and for two every pair. */
function tuples(count: number): bigint[][] {
  if (count === 0) return [[]];
  return OPERANDS.flatMap((bits) => (count === 1 ? [[bits]] : OPERANDS.map((second) => [bits, second])));
}
