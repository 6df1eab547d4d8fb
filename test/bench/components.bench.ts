/**
 * Calls through the canonical ABI: a string of 1 KB and a record go into a component, out of it to the host, and back on the
 * same way; beside what jco makes of the same component. And how long a real component takes to be loaded.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { callFunc } from '../../engine/component/canon/lift.ts';
import { hostFunction } from '../../engine/component/host.ts';
import { loadComponent } from '../../engine/component/load.ts';
import { exportAt, programOf } from '../../engine/component/program.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { primType, type ValType } from '../../engine/component/types.ts';
import type { ComponentValue } from '../../engine/component/values.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { installed } from '../packages.ts';
import { throughHost } from '../real/component-guests.ts';
import { transpiled } from '../real/component-jco.ts';
import { toJco } from '../real/component-values.ts';
import { running, toEnd } from '../unit/component-load.ts';
import { median, type Row } from './bench.ts';

const CALLS = 20_000;
const ROUNDS = 3;
/** 10,000 calls a second. */
const TARGET = 100;

const TYPE: ValType = {
  kind: 'tuple',
  types: [
    primType('string'),
    {
      kind: 'record',
      fields: [
        { label: 'id', type: primType('u32') },
        { label: 'weight', type: primType('f64') },
        { label: 'name', type: primType('string') },
      ],
    },
  ],
};
const VALUE: ComponentValue = ['x'.repeat(1024), [7, 2.5, 'a name']];

/** The component that passes values to its host; room that it gives is used again. */
function component(): Uint8Array {
  const text = throughHost([TYPE], ['utf8']).replace(
    '(global.set $next (i32.add (local.get $at) (local.get $size)))',
    `(global.set $next (i32.add (local.get $at) (local.get $size)))
     (if (i32.gt_u (global.get $next) (i32.const 0x20000)) (then (global.set $next (i32.const 1024))))`,
  );
  return assembleComponent(parseTree(text)).bytes;
}

/** Microseconds of a call. */
async function ours(bytes: Uint8Array, engine: 'interpreter' | 'auto'): Promise<number> {
  const host = new Map([['id0', hostFunction(([value]) => value)]]);
  const { inst, threads } = await running({ bytes }, host, { engine });
  const func = exportAt(inst, ['f0']);
  function* calls() {
    for (let i = 0; i < CALLS; i++) yield* callFunc(func, [VALUE]);
  }
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const thread = threads.start(programOf(threads.store, calls(), {}), 'main');
    const started = performance.now();
    await toEnd(threads, thread);
    figures.push((1000 * (performance.now() - started)) / CALLS);
  }
  return median(figures);
}

async function theirs(bytes: Uint8Array): Promise<number> {
  const instantiate = await transpiled(bytes, 'bench');
  const { f0 } = instantiate({ id0: { default: (value: unknown) => value } });
  const value = toJco(VALUE, TYPE);
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    for (let i = 0; i < CALLS; i++) f0(value);
    figures.push((1000 * (performance.now() - started)) / CALLS);
  }
  return median(figures);
}

export async function bench(): Promise<readonly Row[]> {
  const bytes = component();
  const found = installed('@bytecodealliance/jco-transpile');
  const jco = 'why' in found ? undefined : await theirs(bytes);
  const beside = jco === undefined ? undefined : `jco: ${jco.toFixed(1)} µs`;
  const what = 'a call with 1 KB of text and a record, to the host and back';
  return [
    { what, value: await ours(bytes, 'auto'), unit: 'µs', target: TARGET, note: beside },
    { what: `${what}, interpreted`, value: await ours(bytes, 'interpreter'), unit: 'µs' },
    { what: 'a Rust component of 190 KB, decoded and validated', value: load(), unit: 'ms' },
  ];
}

/** Milliseconds until a real component is decoded and validated. */
function load(): number {
  const bytes = new Uint8Array(readFileSync(path.resolve('examples/components/commands/words.wasm')));
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    loadComponent({ bytes });
    figures.push(performance.now() - started);
  }
  return median(figures);
}
