/**
 * Steps over stdio, as VS Code asks for them: `stepIn`, the event `stopped`, then threads, the call stack, scopes and all
 * variables; and the way to the first stop of a module of 14 MB. A new debug adapter for each program.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { importNothing, installed } from '../packages.ts';
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
  return [...rowsOf('examples/fib.wasm', small), ...(await large())];
}

async function large(): Promise<Row[]> {
  const found = installed('esbuild-wasm');
  if ('why' in found) return [{ what: 'esbuild.wasm', unit: 'ms', note: `NOT MEASURED: ${found.why}` }];
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope-'));
  try {
    const imports = path.join(folder, 'imports.mjs');
    writeFileSync(imports, importNothing(path.join(found.folder, 'esbuild.wasm')));
    const program = path.join(found.folder, 'esbuild.wasm');
    const figures = await measure({ program, imports, invoke: { function: 'run', args: [0, 0] } });
    return [
      {
        what: 'esbuild.wasm (14 MB): launch request to first stop',
        value: figures.firstStop,
        unit: 'ms',
        target: 2000,
      },
      { what: '… and to its call stack, variables and WAT', value: figures.firstSight, unit: 'ms' },
      ...rowsOf('esbuild.wasm (14 MB)', figures),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
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

/** The protocol's test client over pipes of our own. */
class Client extends DebugClient {
  constructor({ stdout, stdin }: ChildProcessByStdio<Writable, Readable, null>) {
    super('', '', 'wasmscope');
    this.connect(stdout, stdin);
  }
}

async function measure(launch: object): Promise<Figures> {
  const child = spawn(process.execPath, ['dist/wasmscope.mjs', 'dap'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const client = new Client(child);
  try {
    const initialized = client
      .waitForEvent('initialized', 60_000)
      .then(() => client.configurationDoneRequest());
    await client.initializeRequest({
      adapterID: 'wasmscope',
      pathFormat: 'path',
      linesStartAt1: true,
      columnsStartAt1: true,
      supportsWasmscopeFiles: true,
    } as DebugProtocol.InitializeRequestArguments);
    const asked = performance.now();
    const stopped = client.waitForEvent('stopped', 60_000);
    await Promise.all([
      client.launchRequest({ ...launch, stopOnEntry: true } as never),
      initialized,
      stopped,
    ]);
    const firstStop = performance.now() - asked;
    const source = await look(client);
    await client.send('source', { source, sourceReference: 0 });
    const firstSight = performance.now() - asked;
    const steps: number[] = [];
    for (let step = 0; step < WARM_UP + STEPS; step++) {
      const began = performance.now();
      const arrived = client.waitForEvent('stopped');
      await Promise.all([client.stepInRequest({ threadId: 1 }), arrived]);
      await look(client);
      if (step >= WARM_UP) steps.push(performance.now() - began);
    }
    return { firstStop, firstSight, steps };
  } finally {
    child.kill();
  }
}

/** What VS Code asks for at a stop. Gives the source of the innermost frame. */
async function look(client: Client): Promise<DebugProtocol.Source | undefined> {
  await client.threadsRequest();
  const { body } = await client.stackTraceRequest({ threadId: 1, startFrame: 0, levels: 1 });
  const rest = client.stackTraceRequest({ threadId: 1, startFrame: 1, levels: 19 });
  const { body: found } = await client.scopesRequest({ frameId: body.stackFrames[0].id });
  for (const { variablesReference } of found.scopes) await client.variablesRequest({ variablesReference });
  await rest;
  return body.stackFrames[0].source;
}
