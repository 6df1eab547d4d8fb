/**
 * Calls through the canonical ABI: a string of 1 KB and a record go into a component, out of it to the host, and back on the
 * same way; beside what jco makes of the same component. How fast core code is in there, and how long large components take
 * until their function begins.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decode } from '../../engine/binary/decode.ts';
import { ComponentWriter } from '../../engine/component/binary/encode.ts';
import { callFunc } from '../../engine/component/canon/lift.ts';
import { type HostImports, hostFunction } from '../../engine/component/host.ts';
import { loadComponent } from '../../engine/component/load.ts';
import { exportAt, programOf } from '../../engine/component/program.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { primType, type ValType } from '../../engine/component/types.ts';
import type { ComponentValue } from '../../engine/component/values.ts';
import { Machine } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { type FuncType, typeName } from '../../engine/isa/types.ts';
import { funcType } from '../../engine/module/module.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { printModule } from '../../engine/text/print.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { validate } from '../../engine/valid/validate.ts';
import { installed } from '../packages.ts';
import { throughHost } from '../real/component-guests.ts';
import { adapted, jcoMissing, transpiled } from '../real/component-jco.ts';
import { toJco } from '../real/component-values.ts';
import { builtRustForDebugging } from '../toolchains.ts';
import { running, toEnd } from '../unit/component-load.ts';
import { Guest2 } from '../unit/wasi2-guest.ts';
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
    await hotLoop(),
    { what: 'a Rust component of 190 KB, decoded and validated', value: load(), unit: 'ms' },
    await rust(),
    await largeCode(),
  ];
}

const PROGRAMS = 'test/bench/programs/programs.wasm';
const LOOP = { name: 'coremix', size: 4000 };

/** A program inside of a component, and the same module alone, by turns. */
async function hotLoop(): Promise<Row> {
  const module = decode(new Uint8Array(readFileSync(PROGRAMS)));
  validate(module, SUPPORTED);
  const { text } = printModule(module);
  const component = `(component (core ${text.trim().slice(1)}
      (core instance $i (instantiate 0))
      (func (export "run") (param "size" u32) (result u32) (canon lift (core func $i "${LOOP.name}"))))`;
  const { inst, threads } = await running({ text: component }, undefined, { engine: 'auto' });
  const store = new Store();
  const alone = instantiate(store, module, () => undefined, SUPPORTED);
  const machine = new Machine(store, { engine: 'auto' });
  const figures: { inside: number; alone: number }[] = [];
  // The first time is not counted: then code is compiled.
  for (let round = 0; round <= ROUNDS; round++) {
    const begun = performance.now();
    machine.begin(alone.exportedFunc(LOOP.name)!, [i32(LOOP.size)]);
    while (machine.run().kind === 'paused');
    const between = performance.now();
    const steps = (function* () {
      yield* callFunc(exportAt(inst, ['run']), [LOOP.size]);
    })();
    await toEnd(threads, threads.start(programOf(threads.store, steps, {}), 'main'));
    if (round > 0) figures.push({ alone: between - begun, inside: performance.now() - between });
  }
  return {
    what: `core code inside of a component (${LOOP.name}), beside its module alone`,
    value: median(figures.map(({ inside, alone }) => inside / alone)),
    unit: '×',
    target: 1.1,
    note: `alone ${median(figures.map(({ alone }) => alone)).toFixed(0)} ms`,
  };
}

const MB = 1_000_000;
/** From the bytes to the call. */
const MOST = 1000;

/** The Rust example with its debug information, made a command of WASI 0.2. */
async function rust(): Promise<Row> {
  const what = 'a Rust component of 6 MB reaches `run`';
  const missing = jcoMissing('adapter');
  if (missing) return { what, unit: 'ms', target: MOST, note: `NOT MEASURED: ${missing}` };
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope bench '));
  try {
    const built = builtRustForDebugging(folder);
    if ('why' in built) return { what, unit: 'ms', target: MOST, note: `NOT MEASURED: ${built.why}` };
    const bytes = await adapted(new Uint8Array(readFileSync(built.file)));
    return reaching(what, bytes, () => new Guest2().imports);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Two large programs of Rust without debug information, as one component: what they import does nothing. */
async function largeCode(): Promise<Row> {
  const what = 'a component of two Rust programs is instantiated';
  const found = installed('@bytecodealliance/jco-transpile');
  if ('why' in found) return { what, unit: 'ms', target: MOST, note: `NOT MEASURED: ${found.why}` };
  const modules = ['js-component-bindgen-component', 'wasm-tools'].map(
    (name) => new Uint8Array(readFileSync(path.join(found.folder, `vendor/${name}.core.wasm`))),
  );
  const writer = new ComponentWriter();
  for (const bytes of [stubFor(modules[0]), ...modules]) writer.add({ kind: 'core module', bytes });
  const instantiated = (moduleIdx: number, args: { name: string; instanceIdx: number }[]) =>
    writer.add({ kind: 'core instance', idx: moduleIdx, expr: { kind: 'instantiate', moduleIdx, args } });
  instantiated(0, []);
  modules.forEach((_, i) => {
    instantiated(i + 1, [{ name: 'wasi_snapshot_preview1', instanceIdx: 0 }]);
  });
  return reaching(what, writer.finish().bytes, () => new Map());
}

/** A module that exports, for each function that another one imports, one that traps. */
function stubFor(bytes: Uint8Array): Uint8Array {
  const module = decode(bytes);
  const list = (of: FuncType['params']) => of.map((type) => typeName(type)).join(' ');
  const funcs = module.imports.map(({ name, idx }) => {
    const { params, results } = funcType(module, idx);
    return `(func (export "${name}") (param ${list(params)}) (result ${list(results)}) (unreachable))`;
  });
  return assemble(parseTree(`(module ${funcs.join('\n')})`)).bytes;
}

/** Milliseconds from the bytes to where a function could be called. */
async function reaching(what: string, bytes: Uint8Array, host: () => HostImports): Promise<Row> {
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    await running({ bytes }, host());
    figures.push(performance.now() - begun);
  }
  const [first] = figures;
  return {
    what,
    value: first,
    unit: 'ms',
    target: MOST,
    note: `${(bytes.length / MB).toFixed(1)} MB, the first time; once warm ${median(figures).toFixed(0)} ms`,
  };
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
