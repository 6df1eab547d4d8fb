/**
 * Tier 0 on the recursive Fibonacci, beside the host's own WebAssembly and wabt's interpreter on the same bytes.
 *
 * The host and tier 0 take turns in one process, so that the ratio is of one run on one machine. Times are the best
 * of several: what disturbs only ever makes a run slower.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadProgram } from '../../engine/debug/load.ts';
import { Machine } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { type Row, time } from './bench.ts';

const N = 32;
const ROUNDS = 5;

/** The function of examples/fib.wasm, with `main` around it for runners that give no arguments. */
const TEXT = `(module
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.le_u (local.get 0) (i32.const 1))
      (then (i32.const 1))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 2)))
        (call $fib (i32.sub (local.get 0) (i32.const 1)))))))
  (func (export "main") (result i32) (call $fib (i32.const ${N}))))`;

export async function bench(): Promise<readonly Row[]> {
  const { module } = loadProgram({ text: TEXT });
  const store = new Store();
  const inst = instantiate(store, module, () => undefined, SUPPORTED);
  const machine = new Machine(store);
  const main = inst.exportedFunc('main')!;
  const bytes = new Uint8Array(module.bytes);
  const native = await WebAssembly.instantiate(bytes);
  const nativeMain = native.instance.exports.main as () => number;
  const expected = i32(nativeMain()).bits;

  let instructions = 0;
  let tier0 = Number.POSITIVE_INFINITY;
  let host = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    host = Math.min(host, time(nativeMain));
    machine.begin(main, []);
    const before = machine.instructions;
    const elapsed = time(() => {
      const outcome = machine.run();
      if (outcome.kind !== 'done') throw new Error(`fib ended with ${outcome.kind}`);
      const [result] = outcome.results;
      if (!('bits' in result) || result.bits !== expected) throw new Error('tier 0 and the host disagree');
    });
    instructions = machine.instructions - before;
    tier0 = Math.min(tier0, elapsed);
  }
  const rate = instructions / tier0 / 1000;
  return [
    {
      what: `tier 0, fib(${N})`,
      value: rate,
      unit: 'million instructions/s',
      note: `${instructions} instructions`,
    },
    { what: `tier 0, fib(${N})`, value: tier0, unit: 'ms' },
    { what: `Node's WebAssembly, fib(${N})`, value: host, unit: 'ms' },
    { what: 'tier 0 beside native', value: tier0 / host, unit: '× native', target: 45 },
    wasmInterp(bytes, host),
  ];
}

function wasmInterp(bytes: Uint8Array, host: number): Row {
  const what = `wabt's wasm-interp, fib(${N})`;
  const version = spawnSync('wasm-interp', ['--version'], { encoding: 'utf8' });
  if (version.error)
    return { what, unit: '× native', note: 'NOT MEASURED: wasm-interp is not installed (apt: wabt)' };
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope-'));
  try {
    const file = path.join(folder, 'fib.wasm');
    writeFileSync(file, bytes);
    const elapsed = time(() => spawnSync('wasm-interp', [file, '--run-all-exports']));
    const note = `${elapsed.toFixed(0)} ms with starting it, version ${version.stdout.trim()}`;
    return { what, value: elapsed / host, unit: '× native', note };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
