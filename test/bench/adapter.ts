/**
 * The built debug adapter over stdio, for benchmarks: a process of its own, the protocol's test client, and what an editor
 * asks for at a stop.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';

const LONG = 120_000;

/** The protocol's test client over pipes of our own. */
export class Adapter extends DebugClient {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;

  constructor() {
    super('', '', 'wasmscope');
    this.#child = spawn(process.execPath, ['dist/wasmscope.mjs', 'dap'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.connect(this.#child.stdout, this.#child.stdin);
    // Commands wait as long as the slowest of them may take: a bench shows it, and does not fail.
    this.defaultTimeout = LONG;
  }

  /** `initialize`, `launch` and `configurationDone`, with breakpoints in between. */
  async begin(launch: object, breakpoints: readonly { path: string; at: readonly object[] }[] = []) {
    const initialized = this.waitForEvent('initialized', LONG).then(async () => {
      for (const { path: file, at } of breakpoints) {
        const { body } = await this.setBreakpointsRequest({
          source: { path: file },
          breakpoints: at as DebugProtocol.SourceBreakpoint[],
        });
        if (body.breakpoints.some(({ verified }) => !verified))
          throw new Error('a breakpoint is not verified');
      }
      await this.configurationDoneRequest();
    });
    await this.initializeRequest({
      adapterID: 'wasmscope',
      pathFormat: 'path',
      linesStartAt1: true,
      columnsStartAt1: true,
      supportsWasmscopeFiles: true,
    } as DebugProtocol.InitializeRequestArguments);
    await Promise.all([this.launchRequest(launch as never), initialized]);
  }

  stopped(): Promise<DebugProtocol.StoppedEvent> {
    return this.waitForEvent('stopped', LONG) as Promise<DebugProtocol.StoppedEvent>;
  }

  ended(): Promise<unknown> {
    return this.waitForEvent('terminated', LONG);
  }

  /** Milliseconds from the request `pause` to the event `stopped`. */
  async pause(): Promise<number> {
    const stopped = this.stopped();
    const asked = performance.now();
    await Promise.all([this.pauseRequest({ threadId: 1 }), stopped]);
    return performance.now() - asked;
  }

  /** What VS Code asks for at a stop: threads, the call stack, scopes and all variables. Gives the innermost frame. */
  async look(): Promise<DebugProtocol.StackFrame> {
    await this.threadsRequest();
    const { body } = await this.stackTraceRequest({ threadId: 1, startFrame: 0, levels: 1 });
    const rest = this.stackTraceRequest({ threadId: 1, startFrame: 1, levels: 19 });
    const { body: found } = await this.scopesRequest({ frameId: body.stackFrames[0].id });
    for (const { variablesReference } of found.scopes) await this.variablesRequest({ variablesReference });
    await rest;
    return body.stackFrames[0];
  }

  /** Bytes of memory that the adapter's process has now, and had at most, with its engine; undefined where nobody tells. */
  get resident(): { readonly now: number; readonly peak: number } | undefined {
    return residentOf(this.#child.pid!);
  }

  end(): void {
    this.#child.kill();
  }
}

export function residentOf(pid: number): { readonly now: number; readonly peak: number } | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  const of = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)![1]);
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

/** Runs with an adapter, which ends behind it. */
export async function withAdapter<T>(use: (adapter: Adapter) => Promise<T>): Promise<T> {
  const adapter = new Adapter();
  try {
    return await use(adapter);
  } finally {
    adapter.end();
  }
}

/** A folder that is gone behind it. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
