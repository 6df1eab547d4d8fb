/**
 * The adapter on the Web: one classic worker bundle that plays either role, as the first message says.
 *
 *   {type: 'wasmscope/role', role: 'dap', port}        DAP here, the engine behind `port`
 *   {type: 'wasmscope/role', role: 'dap', engineUrl}   DAP here, the engine in a nested worker
 *   {type: 'wasmscope/role', role: 'engine', port}     the engine, driven through `port`
 *
 * DAP messages are plain objects by postMessage. Files come from the client. There is no synchronous message loop
 * here: a stop inside a host call is taken when the call returns (design, section 4, rule 1).
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Command, Message } from '../../engine/debug/wire.ts';
import type { EngineConnection } from '../engine-client.ts';
import { WasmscopeSession } from '../session.ts';
import { startEngineThread } from './engine-thread.ts';
import { openWebWasi } from './web-wasi.ts';

/** The few things of a dedicated worker's global scope that are used here. */
interface WorkerScope {
  postMessage(message: unknown): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  close(): void;
}

interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  close(): void;
}

interface NestedWorker {
  postMessage(message: unknown, transfer: readonly unknown[]): void;
  addEventListener(type: 'error', listener: (event: { message?: string }) => void): void;
  terminate(): void;
}

interface WebGlobals {
  readonly Worker: new (url: string, options?: { name?: string }) => NestedWorker;
  readonly MessageChannel: new () => { port1: Port; port2: Port };
  readonly Blob: new (parts: string[], options: { type: string }) => unknown;
  readonly URL: { createObjectURL(blob: unknown): string; revokeObjectURL(url: string): void };
}

interface RoleMessage {
  readonly type: 'wasmscope/role';
  readonly role: 'dap' | 'engine';
  readonly port?: Port;
  readonly engineUrl?: string;
}

const scope = globalThis as unknown as WorkerScope;
const web = globalThis as unknown as WebGlobals;

scope.onmessage = ({ data }) => {
  const message = data as RoleMessage;
  if (message?.type !== 'wasmscope/role') return;
  if (message.role === 'engine') runEngine(message.port!);
  else runAdapter(message);
};

function runAdapter({ port, engineUrl }: RoleMessage): void {
  const session = new WasmscopeSession({
    platform: 'posix',
    cwd: undefined,
    readLocal: () => undefined,
    hasDisk: false,
    canImport: () => false,
    oneEngine: port !== undefined,
    startEngine: () => (port ? throughPort(port) : nestedWorker(engineUrl!)),
    ended: () => scope.close(),
  });
  session.onDidSendMessage((message) => scope.postMessage(message));
  scope.onmessage = ({ data }) => session.handleMessage(data as DebugProtocol.ProtocolMessage);
}

function throughPort(port: Port): EngineConnection {
  return {
    post: (command) => port.postMessage(command),
    onMessage: (listener) => {
      port.onmessage = ({ data }) => listener(data as Message);
    },
    onFailure: () => undefined,
    terminate: () => {
      port.postMessage({ id: 0, command: 'terminate', params: null } satisfies Command);
      port.close();
    },
  };
}

function nestedWorker(url: string): EngineConnection {
  const worker = new web.Worker(url, { name: 'wasmscope engine' });
  const { port1, port2 } = new web.MessageChannel();
  worker.postMessage({ type: 'wasmscope/role', role: 'engine', port: port2 } satisfies RoleMessage, [port2]);
  return {
    ...throughPort(port1),
    onFailure: (listener) =>
      worker.addEventListener('error', (event) => listener(event.message ?? 'its worker failed')),
    terminate: () => worker.terminate(),
  };
}

function runEngine(port: Port): void {
  const receive = startEngineThread({
    send: (message) => port.postMessage(message),
    yieldToHost: createYield(),
    importModule: async ({ url, text }) => {
      if (text === undefined) return import(url);
      const blob = web.URL.createObjectURL(new web.Blob([text], { type: 'text/javascript' }));
      try {
        return await import(blob);
      } finally {
        web.URL.revokeObjectURL(blob);
      }
    },
    openWasi: openWebWasi,
    format: (values) => values.map(show).join(' '),
  });
  port.onmessage = ({ data }) => receive(data as Command);
}

/** setTimeout waits 4 ms and more; a message to oneself does not. */
function createYield(): () => Promise<void> {
  const { port1, port2 } = new web.MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}

function show(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object' && value !== null && !(value instanceof Error)) {
    try {
      return JSON.stringify(value);
    } catch {
      return String(value);
    }
  }
  return String(value);
}
