/**
 * The engine's tiers on eleven small programs (programs/programs.c), beside the host's own WebAssembly, polywasm (Wasm as
 * JavaScript) and wabt's interpreter on the same bytes.
 *
 * The host and the tiers take turns in one process; ratios are of medians. Tier 1 runs with the settings that a debugger
 * has: counts, depth limit, snapshots; and once more with three breakpoints in functions that are not called. The slow
 * engines run smaller sizes, and the host runs the same ones for their ratio.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode } from '../../engine/binary/decode.ts';
import { Machine, type MachineOptions } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import type { ModuleInst } from '../../engine/runtime/module-inst.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32 } from '../../engine/runtime/values.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { printModule } from '../../engine/text/print.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { validate } from '../../engine/valid/validate.ts';
import { installed } from '../packages.ts';
import { median, type Row, time } from './bench.ts';

const FILE = 'test/bench/programs/programs.wasm';
const ROUNDS = 5;

/** Sizes for about a second of the host's time, and for engines that are up to hundred times slower. */
const PROGRAMS: readonly { readonly name: string; readonly size: number; readonly small: number }[] = [
  { name: 'fib', size: 43, small: 32 },
  { name: 'sieve', size: 400, small: 8 },
  { name: 'crc', size: 6000, small: 60 },
  { name: 'hash64', size: 30000, small: 300 },
  { name: 'sha512', size: 500, small: 5 },
  { name: 'mandelbrot', size: 2200, small: 220 },
  { name: 'nbody', size: 7_000_000, small: 70_000 },
  { name: 'matmul', size: 85, small: 1 },
  { name: 'quicksort', size: 45, small: 1 },
  { name: 'indirect', size: 350_000, small: 3500 },
  { name: 'coremix', size: 20_000, small: 200 },
];

type Call = (name: string, size: number) => number;

export async function bench(): Promise<readonly Row[]> {
  const bytes = new Uint8Array(readFileSync(FILE));
  const native = callOf(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports);
  const tier1 = engine(bytes, { engine: 'auto' });
  const tier0 = engine(bytes, { engine: 'interpreter' });
  const polywasm = await polywasmCall(bytes);
  const interp = wasmInterp(bytes);
  const rows: Row[] = [];
  const ratios = {
    tier1: [] as number[],
    broken: [] as number[],
    tier0: [] as number[],
    poly: [] as number[],
    interp: [] as number[],
  };
  for (const { name, size, small } of PROGRAMS) {
    const cold = time(() => engine(bytes, { engine: 'auto' }).call(name, size));
    const full = sideBySide(
      [native, tier1.call, tier1.broken, ...(polywasm ? [polywasm] : [])],
      name,
      size,
      ROUNDS,
    );
    const [host, first, broken, poly] = full;
    const [hostSmall, slow] = sideBySide([native, tier0.call], name, small, ROUNDS);
    ratios.tier1.push(first / host);
    ratios.broken.push(broken / host);
    ratios.tier0.push(slow / hostSmall);
    const parts = [
      `native ${host.toFixed(0)} ms`,
      `cold ${(cold / host).toFixed(2)} ×`,
      `with breakpoints ${(broken / host).toFixed(2)} ×`,
    ];
    parts.push(`tier 0 ${(slow / hostSmall).toFixed(0)} ×`);
    if (poly !== undefined) {
      ratios.poly.push(poly / host);
      parts.push(`polywasm ${(poly / host).toFixed(2)} ×`);
    }
    const other = interp?.(name, small);
    if (other !== undefined) {
      ratios.interp.push(other / hostSmall);
      parts.push(`wasm-interp ${(other / hostSmall).toFixed(0)} ×`);
    }
    rows.push({
      what: `tier 1, ${name}`,
      value: first / host,
      unit: '× native',
      target: 2,
      note: parts.join(', '),
    });
  }
  const means: readonly (readonly [string, readonly number[], number | undefined])[] = [
    ['tier 1, geometric mean', ratios.tier1, undefined],
    ['tier 1 with three breakpoints, geometric mean', ratios.broken, 1.25],
    ['tier 0, geometric mean', ratios.tier0, undefined],
    ['polywasm, geometric mean', ratios.poly, undefined],
    ["wabt's wasm-interp, geometric mean", ratios.interp, undefined],
  ];
  for (const [what, figures, target] of means) {
    if (figures.length < PROGRAMS.length)
      rows.push({ what, unit: '× native', note: 'NOT MEASURED: it is not installed' });
    else rows.push({ what, value: geometricMean(figures), unit: '× native', target });
  }
  return rows;
}

/** Medians of calls that take turns; all must answer the same. The first call of each is not counted. */
function sideBySide(calls: readonly Call[], name: string, size: number, rounds: number): number[] {
  const figures: number[][] = calls.map(() => []);
  const expected = calls[0](name, size);
  for (let round = 0; round <= rounds; round++) {
    for (const [k, call] of calls.entries()) {
      const elapsed = time(() => {
        const found = call(name, size);
        if (found !== expected)
          throw new Error(`${name}(${size}) is ${found} in engine ${k}, not ${expected}`);
      });
      if (round > 0) figures[k].push(elapsed);
    }
  }
  return figures.map(median);
}

function callOf(exports: WebAssembly.Exports): Call {
  return (name, size) => (exports[name] as (size: number) => number)(size) >>> 0;
}

/** The engine in one of its tiers, and again with breakpoints in three functions that the programs do not call. */
function engine(bytes: Uint8Array, options: MachineOptions): { call: Call; broken: Call } {
  const [plain, broken] = [instance(bytes, options), instance(bytes, options)];
  const called = new Set<string>();
  return {
    call: plain.call,
    broken: (name, size) => {
      if (!called.has(name)) {
        broken.breakElsewhere(name);
        called.clear();
        called.add(name);
      }
      return broken.call(name, size);
    },
  };
}

function instance(bytes: Uint8Array, options: MachineOptions) {
  const module = decode(bytes);
  validate(module, SUPPORTED);
  const store = new Store();
  const inst = instantiate(store, module, () => undefined, SUPPORTED);
  const machine = new Machine(store, options);
  let set: readonly string[] = [];
  return {
    call(name: string, size: number): number {
      machine.begin(inst.exportedFunc(name)!, [i32(size)]);
      // In slices, as a debugger runs it: between them it serves its client.
      for (;;) {
        const outcome = machine.run(10_000_000);
        if (outcome.kind === 'paused') continue;
        if (outcome.kind !== 'done') throw new Error(`${name} ended with ${outcome.kind}`);
        const [result] = outcome.results;
        return 'bits' in result ? Number(result.bits) : Number.NaN;
      }
    },
    breakElsewhere(name: string): void {
      for (const other of set) machine.clearBreakpoint(...firstOf(inst, other));
      set = PROGRAMS.map((program) => program.name)
        .filter((other) => other !== name)
        .slice(0, 3);
      for (const other of set) machine.setBreakpoint(...firstOf(inst, other));
    },
  };
}

function firstOf(
  inst: ModuleInst,
  name: string,
): [NonNullable<ReturnType<ModuleInst['exportedFunc']>>, number] {
  const func = inst.exportedFunc(name)!;
  return [func, inst.module.funcs[func.idx].body!.codeStart];
}

async function polywasmCall(bytes: Uint8Array): Promise<Call | undefined> {
  const found = installed('polywasm');
  if ('why' in found) return undefined;
  const file = path.join(found.folder, 'index.js');
  const { WebAssembly: other } = (await import(pathToFileURL(file).href)) as {
    WebAssembly: typeof WebAssembly;
  };
  return callOf(new other.Instance(new other.Module(bytes as BufferSource)).exports);
}

/** Milliseconds of a run in wabt's interpreter, without what it takes to start it; it gives exports no arguments. */
function wasmInterp(bytes: Uint8Array): Call | undefined {
  if (spawnSync('wasm-interp', ['--version']).error) return undefined;
  const module = decode(bytes);
  const text = printModule(module).text.replaceAll(/\(export "[^"]*"[^)]*\)+/g, '');
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope-'));
  const file = path.join(folder, 'program.wasm');
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const run: Call = (name, size) => {
    const idx = module.exports.find((item) => item.name === name)!.idx;
    const main = `(func (export "main") (result i32) (call ${idx} (i32.const ${size})))`;
    writeFileSync(file, assemble(parseTree(text.replace(/\)\s*$/, `${main})`))).bytes);
    return time(() => {
      const { status, stderr } = spawnSync('wasm-interp', [file, '--run-all-exports'], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    });
  };
  const start = run('fib', 1);
  return (name, size) => run(name, size) - start;
}

function geometricMean(figures: readonly number[]): number {
  return Math.exp(figures.reduce((sum, figure) => sum + Math.log(figure), 0) / figures.length);
}
