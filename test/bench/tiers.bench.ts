/**
 * The engine's tiers on eleven small programs (programs/programs.c), beside the host's own WebAssembly, polywasm (Wasm as
 * JavaScript) and wabt's interpreter on the same bytes.
 *
 * The host and the tiers take turns in one process; ratios are of medians. Tier 1 runs with the settings that a debugger
 * has: counts, depth limit, snapshots, and three breakpoints in functions that are not called. The slow engines run smaller
 * sizes, and the host runs the same ones for their ratio. Once more it runs with a breakpoint in the innermost loop, where it is
 * not reached: all loops have got a branch for that which is never taken, for the host too.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode } from '../../engine/binary/decode.ts';
import { instrReader } from '../../engine/binary/instr.ts';
import { Machine, type MachineOptions } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { Op } from '../../engine/isa/op.gen.ts';
import type { FuncInst } from '../../engine/runtime/func.ts';
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

/** Functions in which programs spend their time, where these are not the exports. */
const HOT: Readonly<Record<string, number>> = { fib: 1, quicksort: 10 };

type Call = (name: string, size: number) => number;

/** Polywasm runs parts of the sizes too: it is there for the ratio. */
const PART = 8;

export async function bench(): Promise<readonly Row[]> {
  const bytes = new Uint8Array(readFileSync(FILE));
  const native = callOf(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports);
  const tier1 = debugged(bytes, { engine: 'auto' });
  const tier0 = debugged(bytes, { engine: 'interpreter' });
  const polywasm = await polywasmCall(bytes);
  const interp = wasmInterp(bytes);
  const ratios = new Map<string, number[]>();
  const rows = PROGRAMS.map(({ name, size, small }): Row => {
    const cold = time(() => debugged(bytes, { engine: 'auto' })(name, size));
    const [host, first] = sideBySide([native, tier1], name, size, ROUNDS);
    const parts = [`native ${host.toFixed(0)} ms`, `first run ${(cold / host).toFixed(2)} ×`];
    const against = (what: string, ratio: number, digits: number): void => {
      ratios.set(what, [...(ratios.get(what) ?? []), ratio]);
      if (digits > 0) parts.push(`${what} ${ratio.toFixed(digits)} ×`);
    };
    against('tier 1', first / host, 0);
    const [hostSmall, slow] = sideBySide([native, tier0], name, small, 3);
    against('tier 0', slow / hostSmall, 1);
    if (polywasm) {
      const [hostPart, poly] = sideBySide([native, polywasm], name, Math.ceil(size / PART), 2);
      against('polywasm', poly / hostPart, 2);
    }
    if (interp) against('wasm-interp', interp(name, small) / hostSmall, 1);
    return {
      what: `tier 1, ${name}`,
      value: first / host,
      unit: '× native',
      target: 2,
      note: parts.join(', '),
    };
  });
  const means = ['tier 1', 'tier 0', 'polywasm', 'wasm-interp'].map((what): Row => {
    const title = `${what}, geometric mean of ${PROGRAMS.length} programs`;
    const figures = ratios.get(what);
    if (!figures) return { what: title, unit: '× native', note: 'NOT MEASURED: it is not installed' };
    const target = what === 'tier 1' ? 1.25 : undefined;
    return { what: title, value: geometricMean(figures), unit: '× native', target };
  });
  return [...rows, ...means, hotBreakpoints(bytes)];
}

/** The mean of programs with a breakpoint in the loop that is run most, which is never reached. */
function hotBreakpoints(plain: Uint8Array): Row {
  const bytes = withDeadBranches(plain);
  const native = callOf(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports);
  const [without, broken] = [debugged(bytes, { engine: 'auto' }), debugged(bytes, { engine: 'auto' }, true)];
  const notes: string[] = [];
  const ratios = PROGRAMS.map(({ name, size }) => {
    const [host, first, hot] = sideBySide([native, without, broken], name, Math.ceil(size / 2), 3);
    notes.push(`${name} ${(hot / host).toFixed(2)} (${(first / host).toFixed(2)} without)`);
    return hot / host;
  });
  return {
    what: 'tier 1, a breakpoint in the hot loop that is not reached, geometric mean',
    value: geometricMean(ratios),
    unit: '× native',
    target: 1.6,
    note: notes.join(', '),
  };
}

/** The module with a branch at the start of each loop for what is not true: that the word at address 0 is something else than 0. */
function withDeadBranches(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { text } = printModule(decode(bytes));
  const branch = 'i32.const 0 i32.load if unreachable end';
  return assemble(parseTree(text.replaceAll(/^(\s*loop\b.*)$/gm, `$1 \n ${branch}`))).bytes;
}

/** The branch that is never taken in the loop that is inside of most loops. */
function deadBranch(inst: ModuleInst, name: string): [FuncInst, number] {
  const { module } = inst;
  const func = HOT[name] === undefined ? inst.exportedFunc(name)! : inst.funcs[HOT[name]];
  const reader = instrReader(module);
  const { codeStart, range } = module.funcs[func.idx].body!;
  reader.startBody(codeStart, range.end);
  const loops: boolean[] = [];
  let most = -1;
  let found = -1;
  while (reader.next()) {
    const { code, offset } = reader;
    if (code === Op.block || code === Op.loop || code === Op.if) loops.push(code === Op.loop);
    else if (code === Op.end) loops.pop();
    const depth = loops.filter((isLoop) => isLoop).length;
    if (code === Op.unreachable && depth > most) {
      most = depth;
      found = offset;
    }
  }
  return [func, found];
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

/**
 * The engine in one of its tiers, with breakpoints in three functions that the program does not call; or (`isHot`) with one in its
 * hot loop that is not reached.
 */
function debugged(bytes: Uint8Array, options: MachineOptions, isHot = false): Call {
  const module = decode(bytes);
  validate(module, SUPPORTED);
  const store = new Store();
  const inst = instantiate(store, module, () => undefined, SUPPORTED);
  const machine = new Machine(store, options);
  const broken = new Map<string, [FuncInst, number]>();
  const breakElsewhere = (name: string): void => {
    for (const place of broken.values()) machine.clearBreakpoint(...place);
    broken.clear();
    const others = PROGRAMS.map((program) => program.name).filter((other) => other !== name);
    for (const other of others.slice(0, 3)) broken.set(other, firstOf(inst, other));
    for (const place of broken.values()) machine.setBreakpoint(...place);
  };
  return (name, size) => {
    if (isHot) machine.setBreakpoint(...deadBranch(inst, name));
    else if (broken.size === 0 || broken.has(name)) breakElsewhere(name);
    machine.begin(inst.exportedFunc(name)!, [i32(size)]);
    // In slices, as a debugger runs it: between them it serves its client.
    for (;;) {
      const outcome = machine.run(10_000_000);
      if (outcome.kind === 'paused') continue;
      if (outcome.kind !== 'done') throw new Error(`${name} ended with ${outcome.kind}`);
      const [result] = outcome.results;
      return 'bits' in result ? Number(result.bits) : Number.NaN;
    }
  };
}

function firstOf(inst: ModuleInst, name: string): [FuncInst, number] {
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
