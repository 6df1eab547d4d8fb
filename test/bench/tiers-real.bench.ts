/**
 * Real programs in tier 1 beside the host's own WebAssembly: gofmt (TinyGo) on a large file, by calls of its exports in one
 * process; yosys (C++, 30 MB) on a small design, whole processes of ours and of Node's WASI; esbuild (Go, 14 MB) bundling a file
 * through its own wasm_exec.js, whole processes, and under the debugger to its first instruction.
 *
 * Answers must be equal. Medians; first runs stand beside them, because compiling is a large part of them.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decode } from '../../engine/binary/decode.ts';
import { Machine } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { Store } from '../../engine/runtime/store.ts';
import { i32, type NumValue } from '../../engine/runtime/values.ts';
import { validate } from '../../engine/valid/validate.ts';
import { installed } from '../packages.ts';
import { inFolder, withAdapter } from './adapter.ts';
import { median, type Row, time } from './bench.ts';

const ROUNDS = 5;
const FUNCTIONS = 3000;

const GO = `package p\n${Array.from({ length: FUNCTIONS }, (_, k) => `func  f${k}(a,b int)(c int){for i:=0;i<a;i++{c+=b*i;if c>100{c=a[i : i+1]}}\nreturn}`).join('\n')}\n`;

/** As many counters beside each other as take yosys about a second. */
const COUNTERS = 150;
const DESIGN = Array.from(
  { length: COUNTERS },
  (_, k) => `module m${k}(input clk, input [15:0] a, input [15:0] b, output reg [31:0] sum);
  wire [31:0] next = a * b + sum;
  always @(posedge clk) if (a > b) sum <= next; else if (a == ${k}) sum <= next ^ (b << 3); else sum <= 0;
endmodule
`,
).join('');
const SCRIPT =
  'read_verilog /design/top.v\nproc\nopt\nwreduce\nopt\nstat\nwrite_verilog -noattr /design/out.v\n';

const NODE_WASI = `
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';
const [file, work, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: ['yosys.core.wasm', ...args], preopens: { '/design': work } });
const { instance } = await WebAssembly.instantiate(readFileSync(file), wasi.getImportObject());
process.exitCode = wasi.start(instance);
`;

export async function bench(): Promise<readonly Row[]> {
  return [gofmt(), yosys(), ...(await inFolder(esbuild))];
}

/** A file to bundle, for about a second. */
const BUNDLED = Array.from(
  { length: 4000 },
  (
    _,
    k,
  ) => `export const f${k} = (a, b = ${k}) => { const sum = a * b + ${k}; if (sum > b) return [...String(sum)].map((c) => c + a); return \`\${sum}-${k}\`; };
`,
).join('');

const goHost = (folder: string, input: string) => `
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
globalThis.fs = fs;
globalThis.path = path;
globalThis.require = createRequire(import.meta.url);
require(${JSON.stringify(path.join(folder, 'wasm_exec.js'))});
const go = new Go();
go.argv = ['esbuild', ${JSON.stringify(input)}, '--bundle', '--format=esm', '--minify-syntax', ${JSON.stringify(`--outfile=${input}.out`)}, '--log-level=warning'];
export default go.importObject;
export async function main(instance) {
  await go.run(instance);
  go._resume = () => {};
}
`;

const GO_NODE = `
import { readFileSync } from 'node:fs';
const [program, host] = process.argv.slice(2);
const { default: imports, main } = await import(host);
const { instance } = await WebAssembly.instantiate(readFileSync(program), imports);
await main(instance);
`;

async function esbuild(folder: string): Promise<readonly Row[]> {
  const what = 'wasmscope run esbuild through its wasm_exec.js, whole process';
  const found = installed('esbuild-wasm');
  if ('why' in found) return [{ what, unit: "× Node's", note: `NOT MEASURED: ${found.why}` }];
  const program = path.join(found.folder, 'esbuild.wasm');
  const [input, host, node] = ['in.js', 'host.mjs', 'node.mjs'].map((name) => path.join(folder, name));
  writeFileSync(input, BUNDLED);
  writeFileSync(host, goHost(found.folder, input));
  writeFileSync(node, GO_NODE);
  const run = (...given: string[]): readonly [number, string] => {
    const elapsed = time(() => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', ...given], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr.split('\n')[0] || stdout.slice(-200));
    });
    return [elapsed, readFileSync(`${input}.out`, 'utf8')];
  };
  const [native, expected] = run(node, program, host);
  const [ours, written] = run('dist/wasmscope.mjs', 'run', '--imports', host, program);
  same(written, expected);
  const first = await withAdapter(async (adapter) => {
    const stopped = adapter.stopped();
    const asked = performance.now();
    await adapter.begin({ program, imports: host, stopOnEntry: true });
    await stopped;
    return performance.now() - asked;
  });
  return [
    {
      what,
      value: ours / native,
      unit: "× Node's",
      note: `Node's ${native.toFixed(0)} ms, ${(BUNDLED.length / 2 ** 20).toFixed(1)} MB bundled`,
    },
    {
      what: 'DAP: esbuild through its wasm_exec.js, launch request to its first instruction',
      value: first,
      unit: 'ms',
      target: 1500,
    },
  ];
}

function gofmt(): Row {
  const what = `tier 1, gofmt on ${(GO.length / 1024).toFixed(0)} KB`;
  const found = installed('@wasm-fmt/gofmt');
  if ('why' in found) return { what, unit: '× native', note: `NOT MEASURED: ${found.why}` };
  const bytes = new Uint8Array(readFileSync(path.join(found.folder, 'gofmt.wasm')));
  const [host, first] = [formatter(hosted(bytes)), formatter(engine(bytes))];
  const figures: [number[], number[]] = [[], []];
  const expected = host();
  const cold = time(() => same(first(), expected));
  for (let round = 0; round < ROUNDS; round++) {
    figures[0].push(time(() => same(host(), expected)));
    figures[1].push(time(() => same(first(), expected)));
  }
  const [native, ours] = figures.map(median);
  const note = `native ${native.toFixed(0)} ms, first run ${(cold / native).toFixed(1)} ×`;
  return { what, value: ours / native, unit: '× native', note };
}

interface Running {
  call(name: string, ...args: number[]): number;
  memory(): Uint8Array;
}

function formatter(running: Running): () => string {
  running.call('_initialize');
  const source = new TextEncoder().encode(GO);
  return () => {
    const at = running.call('alloc', source.length);
    running.memory().set(source, at >>> 0);
    const code = running.call('format');
    const from = running.call('output_ptr') >>> 0;
    const text = new TextDecoder().decode(running.memory().slice(from, from + running.call('output_len')));
    running.call('dispose');
    return `${code}: ${text}`;
  };
}

function hosted(bytes: Uint8Array<ArrayBuffer>): Running {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return {
    call: (name, ...args) => (exports[name] as (...args: number[]) => number)(...args),
    memory: () => new Uint8Array((exports.memory as WebAssembly.Memory).buffer),
  };
}

function engine(bytes: Uint8Array): Running {
  const module = decode(bytes);
  validate(module, SUPPORTED);
  const store = new Store();
  const inst = instantiate(store, module, () => undefined, SUPPORTED);
  const machine = new Machine(store, { engine: 'auto' });
  return {
    call: (name, ...args) => {
      machine.begin(inst.exportedFunc(name)!, args.map(i32));
      for (;;) {
        const outcome = machine.run(10_000_000);
        if (outcome.kind === 'paused') continue;
        if (outcome.kind !== 'done') throw new Error(`${name} ended with ${outcome.kind}`);
        return outcome.results.length === 0 ? 0 : Number((outcome.results[0] as NumValue).bits);
      }
    },
    memory: () => inst.mems[0].bytes,
  };
}

function yosys(): Row {
  const what = 'wasmscope run yosys, whole process';
  const found = installed('@yowasp/yosys');
  if ('why' in found) return { what, unit: "× Node's WASI", note: `NOT MEASURED: ${found.why}` };
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope-'));
  try {
    const program = path.join(found.folder, 'gen/yosys.core.wasm');
    const node = path.join(folder, 'node.mjs');
    writeFileSync(node, NODE_WASI);
    writeFileSync(path.join(folder, 'top.v'), DESIGN);
    writeFileSync(path.join(folder, 'run.ys'), SCRIPT);
    const args = ['-Q', '-T', '-s', '/design/run.ys'];
    const run = (...given: string[]): readonly [number, string] => {
      let output = '';
      const elapsed = time(() => {
        const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', ...given], {
          encoding: 'utf8',
          maxBuffer: 1 << 26,
        });
        if (status !== 0) throw new Error(stderr.split('\n')[0] || stdout.slice(-200));
        output = readFileSync(path.join(folder, 'out.v'), 'utf8');
      });
      return [elapsed, output];
    };
    const [native, expected] = run(node, program, folder, ...args);
    const [ours, written] = run('dist/wasmscope.mjs', 'run', '--dir', `${folder}::/design`, program, ...args);
    same(written, expected);
    return { what, value: ours / native, unit: "× Node's WASI", note: `Node's WASI ${native.toFixed(0)} ms` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function same(found: string, expected: string): void {
  if (found !== expected) throw new Error('the engine and the host disagree');
}
