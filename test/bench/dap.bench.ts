/**
 * From the DAP launch request to the first stop, as an editor sees it: the built debug adapter over stdio, a new
 * process each time. Starting that process is not in it, because editors start it before they ask to launch.
 */

import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { builtRustForDebugging } from '../toolchains.ts';
import { median, type Row, time } from './bench.ts';

const ROUNDS = 7;
const MB = 1_000_000;

/** The protocol's test client over pipes of our own. */
class Client extends DebugClient {
  constructor({ stdout, stdin }: ChildProcessByStdio<Writable, Readable, null>) {
    super('', '', 'wasmscope');
    this.connect(stdout, stdin);
  }
}

export async function bench(): Promise<readonly Row[]> {
  const program = path.resolve('examples/fib.wat');
  const figures = await launches({ program, invoke: { function: 'fib', args: [3] } });
  return [
    {
      what: 'DAP: launch request to first stop (examples/fib.wat)',
      value: median(figures.map(({ stop }) => stop)),
      unit: 'ms',
      target: 300,
      note: `median of ${ROUNDS}`,
    },
    {
      what: 'DAP: process start to answer of initialize',
      value: median(figures.map(({ start }) => start)),
      unit: 'ms',
      note: `median of ${ROUNDS}`,
    },
    ...(await largeRows()),
  ];
}

/** A program of Rust with debug information: as it comes from the compiler, 6 MB. */
async function largeRows(): Promise<readonly Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope bench '));
  const what = 'DAP: launch request to first stop (Rust with debug information)';
  const target = 500;
  try {
    const built = builtRustForDebugging(folder);
    if ('why' in built) return [{ what, unit: 'ms', target, note: `NOT MEASURED: ${built.why}` }];
    const { file } = built;
    const figures = await launches({ program: file, stdin: { text: 'to be or not to be' } });
    const runs = Array.from({ length: ROUNDS }, () =>
      time(() =>
        spawnSync(process.execPath, ['dist/wasmscope.mjs', 'run', file], { input: 'to be or not to be' }),
      ),
    );
    const note = `${(statSync(file).size / MB).toFixed(1)} MB, median of ${ROUNDS}`;
    return [
      { what, value: median(figures.map(({ stop }) => stop)), unit: 'ms', target, note },
      { what: 'CLI: the same program run from process start to end', value: median(runs), unit: 'ms', note },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function launches(launch: object) {
  const figures: { start: number; stop: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) figures.push(await launchOnce(launch));
  return figures;
}

async function launchOnce(given: object): Promise<{ start: number; stop: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, ['dist/wasmscope.mjs', 'dap'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const client = new Client(child);
  try {
    const initialized = client.waitForEvent('initialized').then(() => client.configurationDoneRequest());
    await client.initializeRequest();
    const asked = performance.now();
    const stopped = client.waitForEvent('stopped');
    const launch = { ...given, stopOnEntry: true };
    await Promise.all([client.launchRequest(launch as never), initialized, stopped]);
    return { start: asked - began, stop: performance.now() - asked };
  } finally {
    child.kill();
  }
}
