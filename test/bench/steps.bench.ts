/**
 * Steps over stdio, as VS Code asks for them: `stepIn`, the event `stopped`, then threads, the call stack, scopes and all
 * variables; in modules of 14 and 30 MB, and with a thousand frames on the stack; and the way to the first stop of large modules. A
 * new debug adapter for each program.
 */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { importNothing, installed } from '../packages.ts';
import { inFolder, withAdapter } from './adapter.ts';
import { median, type Row } from './bench.ts';

const STEPS = 500;
/** The first steps wait for code that V8 has not compiled yet. */
const WARM_UP = 50;

interface Figures {
  /** From the launch request to the first stop. */
  readonly firstStop: number;
  /** Until its call stack, its variables and the text of its function are there too. */
  readonly firstSight: number;
  readonly steps: readonly number[];
}

export async function bench(): Promise<readonly Row[]> {
  const small = await measure({
    program: path.resolve('examples/fib.wasm'),
    invoke: { function: 'fib', args: [12] },
  });
  return [
    ...rowsOf('examples/fib.wasm', small),
    ...(await inFolder(esbuild)),
    ...(await inFolder(yosys)),
    ...(await inFolder(deep)),
  ];
}

async function esbuild(folder: string): Promise<Row[]> {
  const found = installed('esbuild-wasm');
  if ('why' in found) return [{ what: 'esbuild.wasm', unit: 'ms', note: `NOT MEASURED: ${found.why}` }];
  const imports = path.join(folder, 'imports.mjs');
  writeFileSync(imports, importNothing(path.join(found.folder, 'esbuild.wasm')));
  const program = path.join(found.folder, 'esbuild.wasm');
  const figures = await measure({ program, imports, invoke: { function: 'run', args: [0, 0] } });
  return largeRows('esbuild.wasm (14 MB)', 1500, figures);
}

async function yosys(folder: string): Promise<Row[]> {
  const found = installed('@yowasp/yosys');
  if ('why' in found) return [{ what: 'yosys', unit: 'ms', note: `NOT MEASURED: ${found.why}` }];
  const program = path.join(found.folder, 'gen/yosys.core.wasm');
  return largeRows('yosys (30 MB)', undefined, await measure({ program, args: ['-V'], cwd: folder }));
}

/** Goes down a thousand calls, and steps from the innermost one. */
async function deep(folder: string): Promise<Row[]> {
  const program = path.join(folder, 'deep.wat');
  writeFileSync(
    program,
    `(module (func $down (export "down") (param $n i32) (result i32) (local $kept i64)
  (if (result i32) (local.get $n)
    (then (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))
    (else (loop $stay
      (local.set $kept (i64.add (local.get $kept) (i64.const 1)))
      (br_if $stay (i64.ne (local.get $kept) (i64.const 0))))
      (i32.const 7)))))
`,
  );
  const launch = { program, invoke: { function: 'down', args: [999] } };
  return rowsOf('a loop with 1,000 frames on the stack', await measure(launch, { path: program, line: 5 }));
}

function largeRows(what: string, target: number | undefined, figures: Figures): Row[] {
  return [
    { what: `${what}: launch request to first stop`, value: figures.firstStop, unit: 'ms', target },
    { what: '… and to its call stack, variables and WAT', value: figures.firstSight, unit: 'ms' },
    ...rowsOf(what, figures),
  ];
}

function rowsOf(what: string, { steps }: Figures): Row[] {
  const sorted = [...steps].sort((a, b) => a - b);
  const note = `${steps.length} steps, each with stack, scopes and all variables`;
  return [
    { what: `DAP: a step in ${what}, median`, value: median(steps), unit: 'ms', target: 5, note },
    {
      what: `DAP: a step in ${what}, 95 of 100`,
      value: sorted[Math.floor(sorted.length * 0.95)],
      unit: 'ms',
      target: 15,
    },
  ];
}

/** Steps from the first stop: the entry, or a breakpoint. */
function measure(
  launch: object,
  breakpoint?: { readonly path: string; readonly line: number },
): Promise<Figures> {
  return withAdapter(async (adapter) => {
    const stopped = adapter.stopped();
    const asked = performance.now();
    if (breakpoint) await adapter.begin(launch, [{ path: breakpoint.path, at: [{ line: breakpoint.line }] }]);
    else await adapter.begin({ ...launch, stopOnEntry: true });
    await stopped;
    const firstStop = performance.now() - asked;
    const { source } = await adapter.look();
    await adapter.send('source', { source, sourceReference: 0 });
    const firstSight = performance.now() - asked;
    const steps: number[] = [];
    for (let step = 0; step < WARM_UP + STEPS; step++) {
      const began = performance.now();
      const arrived = adapter.stopped();
      await Promise.all([adapter.stepInRequest({ threadId: 1 }), arrived]);
      await adapter.look();
      if (step >= WARM_UP) steps.push(performance.now() - began);
    }
    return { firstStop, firstSight, steps };
  });
}
