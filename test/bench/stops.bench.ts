/**
 * How soon a program stops and how soon one sees where, through the built adapter over stdio: pauses of hot programs, stops deep
 * in recursion, answers while a condition is false again and again, a trap after a long run; and what memory all that takes.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { installed } from '../packages.ts';
import { type Adapter, inFolder, withAdapter } from './adapter.ts';
import { median, type Row } from './bench.ts';

const PROGRAMS = path.resolve('test/bench/programs/programs.wasm');
const PAUSES = 15;
/** Until a program has become hot. */
const WARM_UP = 2000;
const MB = 2 ** 20;
const PAGES = 4096;
const GUEST = PAGES * 65_536;

/** Fills its memory with other numbers again and again; `copies`: by large copies, of which each is one instruction. */
const touching = (copies: boolean) => `(module (memory ${PAGES})
  (func (export "_start") (local $i i32) (local $x i32)
    (loop $again
      (local.set $x (i32.add (local.get $x) (i32.const 0x9e3779b9)))
      ${
        copies
          ? `(i32.store (i32.and (local.get $x) (i32.const 0x7fffffc)) (local.get $x))
      (memory.copy (i32.const 0x8000000) (i32.and (local.get $x) (i32.const 0x7000000)) (i32.const 0x1000000))`
          : `(i32.store (local.get $i) (local.get $x))
      (local.set $i (i32.and (i32.add (local.get $i) (i32.const 4)) (i32.const ${GUEST - 1})))`
      }
      (br $again))))`;

/** Goes down, and stands at a line of its own there. */
const RECURSION = `(module
  (func $down (export "down") (param $n i32) (result i32) (local $twice i64)
    (local.set $twice (i64.mul (i64.extend_i32_u (local.get $n)) (i64.const 2)))
    (if (result i32) (local.get $n)
      (then (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))
      (else
        (i32.const 7)))))
`;
const BOTTOM = RECURSION.split('\n').findIndex((line) => line.includes('i32.const 7')) + 1;

/** Counts to a number, and stands at a line of its own each time. */
const LOOP = `(module (func (export "loop") (param $to i64) (local $i i64)
  (loop $next
    (local.set $i (i64.add (local.get $i) (i64.const 1)))
    (br_if $next (i64.lt_u (local.get $i) (local.get $to))))))
`;
const HIT = 3;

/**
 * A thousand times: writes a line into a file and computes for a while over all its memory. Then it writes the time, and traps
 * in a few frames.
 */
const TRAPS = `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") ${PAGES})
  (data (i32.const 64) "linestime")
  (data (i32.const 128) "a line\\n")
  (func $file (param $name i32) (param $length i32) (result i32)
    (if (call $open (i32.const 3) (i32.const 0) (local.get $name) (local.get $length) (i32.const 9)
          (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)) (then unreachable))
    (i32.load (i32.const 16)))
  (func $put (param $fd i32) (param $at i32) (param $length i32)
    (i32.store (i32.const 32) (local.get $at))
    (i32.store (i32.const 36) (local.get $length))
    (if (call $write (local.get $fd) (i32.const 32) (i32.const 1) (i32.const 40)) (then unreachable)))
  (func $work (param $rounds i32) (param $x i32) (result i32) (local $i i32)
    (loop $again
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store (i32.add (i32.const 4096) (i32.and (local.get $x) (i32.const ${GUEST / 2 - 4}))) (local.get $x))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $rounds))))
    (local.get $x))
  (func $trap (param $depth i32) (param $x i32) (result i32)
    (if (i32.eqz (local.get $depth)) (then unreachable))
    (i32.add (call $trap (i32.sub (local.get $depth) (i32.const 1)) (i32.mul (local.get $x) (i32.const 3))) (i32.const 1)))
  (func (export "run") (param $rounds i32) (local $n i32) (local $lines i32) (local $time i32) (local $x i32)
    (local.set $lines (call $file (i32.const 64) (i32.const 5)))
    (local.set $time (call $file (i32.const 69) (i32.const 4)))
    (loop $again
      (call $put (local.get $lines) (i32.const 128) (i32.const 7))
      (if (call $random (i32.const 48) (i32.const 4)) (then unreachable))
      (local.set $x (call $work (local.get $rounds) (i32.load (i32.const 48))))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000))))
    (if (call $clock (i32.const 0) (i64.const 0) (i32.const 56)) (then unreachable))
    (call $put (local.get $time) (i32.const 56) (i32.const 8))
    (drop (call $trap (i32.const 5) (local.get $x)))))
`;
/** Instructions of compiled code that take about ten seconds, over a thousand rounds. */
const ROUNDS_OF_WORK = 1_200_000;

type Part = (folder: string) => Promise<readonly Row[]>;

const PARTS: Readonly<Record<string, Part>> = {
  'pause of fib': () => pauses('fib', { program: PROGRAMS, invoke: { function: 'fib', args: [100] } }),
  'pause of stores': async (folder) =>
    pauses('stores to 256 MB', { program: written(folder, 'stores.wat', touching(false)) }),
  'pause of copies': async (folder) =>
    pauses('copies of 16 MB', { program: written(folder, 'copies.wat', touching(true)) }),
  'pause of yosys': pausesOfYosys,
  'stops deep in recursion': (folder) => deep(written(folder, 'recursion.wat', RECURSION)),
  'false conditions': (folder) => conditions(written(folder, 'loop.wat', LOOP)),
  'memory of a guest of 256 MB': (folder) => memory(written(folder, 'stores.wat', touching(false))),
  'a trap after a long run': (folder) => trap(folder, written(folder, 'traps.wat', TRAPS)),
};

export async function bench(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [what, part] of Object.entries(PARTS)) {
    try {
      rows.push(...(await inFolder(part)));
    } catch (error) {
      rows.push({ what, unit: '', note: `NOT MEASURED: ${(error as Error).message}` });
    }
  }
  return rows;
}

function written(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function pauses(what: string, launch: object, warmUp = WARM_UP): Promise<Row[]> {
  const [figures, others] = await withAdapter(async (adapter) => {
    await adapter.begin(launch);
    await after(warmUp);
    const pause: number[] = [];
    const answer: number[] = [];
    for (let round = 0; round < PAUSES; round++) {
      pause.push(await adapter.pause());
      const asked = performance.now();
      await adapter.threadsRequest();
      answer.push(performance.now() - asked);
      await adapter.continueRequest({ threadId: 1 });
      // At another point of its slices each time.
      await after(30 + 7 * round);
    }
    return [pause, answer];
  });
  const note = `worst of ${PAUSES}, median ${median(figures).toFixed(1)} ms; any answer while it is stopped: worst ${Math.max(...others).toFixed(1)} ms`;
  return [{ what: `DAP: pause of ${what}`, value: Math.max(...figures), unit: 'ms', target: 50, note }];
}

/** A program of 30 MB that reads a design; from the beginning on, so that it is compiled meanwhile. */
async function pausesOfYosys(folder: string): Promise<Row[]> {
  const what = 'yosys (30 MB)';
  const found = installed('@yowasp/yosys');
  if ('why' in found)
    return [{ what: `DAP: pause of ${what}`, unit: 'ms', note: `NOT MEASURED: ${found.why}` }];
  const modules = Array.from(
    { length: 2000 },
    (_, k) =>
      `module m${k}(input clk, input [15:0] a, input [15:0] b, output reg [31:0] sum);
  always @(posedge clk) if (a > b) sum <= a * b + sum; else if (a == ${k}) sum <= sum ^ (b << 3);
endmodule
`,
  );
  writeFileSync(path.join(folder, 'top.v'), modules.join(''));
  return pauses(
    what,
    {
      program: path.join(found.folder, 'gen/yosys.core.wasm'),
      dirs: { '/design': folder },
      args: ['-Q', '-T', '-p', 'read_verilog /design/top.v; proc; opt; wreduce; opt'],
    },
    1000,
  );
}

async function deep(program: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [depth, target] of [
    [10_000, 100],
    [100_000, 1000],
  ] as const) {
    const [elapsed, whole] = await withAdapter(async (adapter) => {
      const stopped = adapter.stopped();
      const begun = performance.now();
      await adapter.begin(
        { program, invoke: { function: 'down', args: [depth - 1] }, maxCallDepth: 200_000 },
        [{ path: program, at: [{ line: BOTTOM }] }],
      );
      await stopped;
      const arrived = performance.now();
      const { body } = await adapter.stackTraceRequest({ threadId: 1, startFrame: 0, levels: 20 });
      if (body.totalFrames !== depth) throw new Error(`${body.totalFrames} frames, not ${depth}`);
      await adapter.look();
      return [performance.now() - arrived, arrived - begun];
    });
    const note = `from the launch request to the stop ${whole.toFixed(0)} ms`;
    const what = `DAP: a stop in ${depth} frames shows its stack, scopes and variables`;
    rows.push({ what, value: elapsed, unit: 'ms', target, note });
  }
  return rows;
}

async function conditions(program: string): Promise<Row[]> {
  const at = [{ line: HIT, column: 6, condition: '$i == -1' }];
  const whole = await withAdapter(async (adapter) => {
    const ended = adapter.ended();
    const begun = performance.now();
    await adapter.begin({ program, invoke: { function: 'loop', args: [1_000_000] } }, [
      { path: program, at },
    ]);
    await ended;
    return performance.now() - begun;
  });
  const [answers, stops] = await withAdapter(async (adapter) => {
    await adapter.begin({ program, invoke: { function: 'loop', args: ['1000000000000'] } }, [
      { path: program, at },
    ]);
    await after(WARM_UP);
    const asked: number[] = [];
    const paused: number[] = [];
    for (let round = 0; round < PAUSES; round++) {
      asked.push(await answered(adapter));
      paused.push(await adapter.pause());
      await adapter.continueRequest({ threadId: 1 });
      await after(30 + 7 * round);
    }
    return [asked, paused];
  });
  const note = (figures: number[]) => `worst of ${PAUSES}, median ${median(figures).toFixed(1)} ms`;
  return [
    {
      what: 'DAP: a condition that is false 1,000,000 times, from the launch request to the end',
      value: whole,
      unit: 'ms',
      target: 3000,
    },
    {
      what: 'DAP: answer to threads and stackTrace in a loop with a false condition',
      value: Math.max(...answers),
      unit: 'ms',
      target: 50,
      note: note(answers),
    },
    {
      what: 'DAP: pause of a loop with a false condition',
      value: Math.max(...stops),
      unit: 'ms',
      target: 50,
      note: note(stops),
    },
  ];
}

/** Milliseconds until it is said which threads run, and that one that runs has no stack to show. */
async function answered(adapter: Adapter): Promise<number> {
  const asked = performance.now();
  await adapter.threadsRequest();
  await adapter.stackTraceRequest({ threadId: 1 }).catch(() => undefined);
  return performance.now() - asked;
}

async function memory(program: string): Promise<Row[]> {
  const what = 'DAP: memory of the adapter with a hot guest of 256 MB';
  const found = await withAdapter(async (adapter) => {
    await adapter.begin({ program });
    await after(100);
    const idle = await withAdapter(async (other) => {
      const stopped = other.stopped();
      await other.begin({
        program: path.resolve('examples/fib.wasm'),
        invoke: { function: 'fib', args: [3] },
        stopOnEntry: true,
      });
      await stopped;
      return other.resident;
    });
    let most = 0;
    for (let round = 0; round < 150; round++) {
      await after(100);
      most = Math.max(most, adapter.resident?.now ?? 0);
    }
    return { idle, most, peak: adapter.resident?.peak };
  });
  if (!found.idle) return [{ what, unit: 'MB', note: 'NOT MEASURED: this host does not tell' }];
  const note = `the guest is touched whole, and its snapshot is there; resident, the most of 15 s; with a small program ${(found.idle.now / MB).toFixed(0)} MB`;
  return [{ what, value: found.most / MB, unit: 'MB', target: (2 * GUEST) / MB + 64, note }];
}

async function trap(folder: string, program: string): Promise<Row[]> {
  const [elapsed, whole, values] = await withAdapter(async (adapter) => {
    const stopped = adapter.stopped();
    const begun = performance.now();
    await adapter.begin({
      program,
      invoke: { function: 'run', args: [ROUNDS_OF_WORK] },
      dirs: { '.': folder },
    });
    await stopped;
    const { body } = await adapter.stackTraceRequest({ threadId: 1, startFrame: 0, levels: 20 });
    const found: string[] = [];
    for (const { id, name } of body.stackFrames) {
      const { body: scopes } = await adapter.scopesRequest({ frameId: id });
      const locals = scopes.scopes.find((scope) => scope.name === 'Locals')!;
      const { body: shown } = await adapter.variablesRequest({
        variablesReference: locals.variablesReference,
      });
      found.push(`${name}: ${shown.variables.map((v) => v.value).join(', ')}`);
    }
    const seen = Date.now();
    const trapped = Number(readFileSync(path.join(folder, 'time')).readBigInt64LE() / 1000n) / 1000;
    return [seen - trapped, performance.now() - begun, found] as const;
  });
  const lines = readFileSync(path.join(folder, 'lines'), 'utf8').split('\n').length - 1;
  if (lines !== 1000) throw new Error(`a thousand lines were written, and ${lines} are there`);
  if (values.length !== 7) throw new Error(`seven frames, not ${values.join('; ')}`);
  return [
    {
      what: 'DAP: a trap after a long run with 256 MB and 2,000 host calls, until its frames and values are there',
      value: elapsed,
      unit: 'ms',
      target: 2000,
      note: `after ${((whole - elapsed) / 1000).toFixed(1)} s; ${values[0]}`,
    },
  ];
}
