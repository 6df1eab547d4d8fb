/**
 * From the DAP launch request to the first stop, as an editor sees it: the built debug adapter over stdio, a new
 * process each time. Starting that process is not in it, because editors start it before they ask to launch.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { median, type Row } from './bench.ts';

const ROUNDS = 7;

/** The protocol's test client over pipes of our own. */
class Client extends DebugClient {
  constructor({ stdout, stdin }: ChildProcessByStdio<Writable, Readable, null>) {
    super('', '', 'wasmscope');
    this.connect(stdout, stdin);
  }
}

export async function bench(): Promise<readonly Row[]> {
  const figures: { start: number; stop: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) figures.push(await launchOnce());
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
  ];
}

async function launchOnce(): Promise<{ start: number; stop: number }> {
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
    const program = path.resolve('examples/fib.wat');
    const launch = { program, invoke: { function: 'fib', args: [3] }, stopOnEntry: true };
    await Promise.all([client.launchRequest(launch as never), initialized, stopped]);
    return { start: asked - began, stop: performance.now() - asked };
  } finally {
    child.kill();
  }
}
