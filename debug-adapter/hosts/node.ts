/**
 * The adapter under Node: DAP over streams or a socket, files from the disk, and the engine in a worker thread.
 *
 * The worker runs the same bundled file as the adapter, whose URL is injected; that file calls `runEngineThread`
 * first when `isEngineThread()`. Commands go by postMessage; a counter in shared memory goes with each of them, so
 * that an engine blocked inside a host call (a pinned stop) wakes up and reads them without its event loop.
 */

import { once } from 'node:events';
import { watch } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { formatWithOptions } from 'node:util';
import { isMainThread, parentPort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';
import type { Command, Message } from '../../engine/debug/wire.ts';
import type { RunningProgram } from '../attach.ts';
import type { AdapterHost, ProgramStreams } from '../context.ts';
import type { EngineConnection } from '../engine-client.ts';
import { type Platform, pathToUri, uriToPath } from '../paths.ts';
import { WasmscopeSession } from '../session.ts';
import { outputEvent, startEngineThread } from './engine-thread.ts';
import { openNodeWasi } from './node-grants.ts';
import { nodeTerminals } from './node-terminals.ts';

const PLATFORM: Platform = process.platform === 'win32' ? 'win32' : 'posix';

export interface DapStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** The bundle that both threads run. */
  readonly engineUrl: URL;
  /** What to attach to, instead of launching. */
  readonly running?: RunningProgram;
  /** The program's standard streams, where they are not the client's. */
  readonly streams?: ProgramStreams;
}

/** What the sessions on a port have in common, and who wants to know of them. */
export interface DapSessions {
  readonly running?: RunningProgram;
  began?(session: Socket): void;
  ended?(session: Socket): void;
}

/** Serves one session over a pair of streams. Resolves when it has ended and the engine's thread is gone. */
export function runDap({ input, output, engineUrl, running, streams }: DapStreams): Promise<void> {
  return new Promise((resolve) => {
    const sent = async (): Promise<void> => {
      if ('writableNeedDrain' in output && output.writableNeedDrain) await once(output, 'drain');
    };
    const session = new WasmscopeSession({ ...nodeHost(engineUrl), running, streams, sent, ended: resolve });
    session.start(input, output);
    input.on('end', () => session.shutdown());
  });
}

/** Serves one session a connection on a local port. Resolves when it listens; 0 takes any free port. */
export function listenDap(port: number, engineUrl: URL, sessions: DapSessions = {}): Promise<Server> {
  const server = createServer((socket) => void serveDap(socket, engineUrl, sessions));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** Serves one session over a connection. */
export async function serveDap(
  socket: Socket,
  engineUrl: URL,
  { running, began, ended }: DapSessions,
): Promise<void> {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  const [first] = (await once(socket, 'data').catch(() => [])) as [Buffer?];
  // A page in a browser can send what it likes to a port of this machine, but its first line is HTTP's.
  if (!first || !speaksDap(first)) return void socket.destroy();
  socket.pause();
  socket.unshift(first);
  began?.(socket);
  await runDap({ input: socket, output: socket, engineUrl, running });
  socket.end();
  ended?.(socket);
}

/** Whether these may be the first bytes of a message's header. */
function speaksDap(first: Buffer): boolean {
  return 'content-'.startsWith(first.toString('latin1', 0, 8).toLowerCase());
}

/** True in a worker that `runDap` started. */
export function isEngineThread(): boolean {
  return !isMainThread && workerData?.role === 'engine';
}

/** Runs the engine in this worker thread. */
export function runEngineThread(): void {
  const port = parentPort!;
  const { signal } = workerData as { signal: Int32Array<SharedArrayBuffer> };
  let taken = 0;
  const receive = startEngineThread({
    send: (message) => port.postMessage(message),
    yieldToHost: () => new Promise((resolve) => setImmediate(resolve)),
    receiveSync: () => {
      for (;;) {
        const seen = Atomics.load(signal, 0);
        const received = receiveMessageOnPort(port);
        if (received) {
          taken++;
          return received.message as Command;
        }
        Atomics.wait(signal, 0, seen);
      }
    },
    pollSync: () => {
      const received = receiveMessageOnPort(port);
      if (received) taken++;
      return received?.message as Command | undefined;
    },
    isAsked: () => Atomics.load(signal, 0) > taken,
    importModule: ({ url, text }) => import(text === undefined ? url : dataUrl(text)),
    openWasi: openNodeWasi,
    format: (values) => formatWithOptions({ colors: false }, ...values),
  });
  port.on('message', (command: Command) => {
    taken++;
    receive(command);
  });
}

function nodeHost(engineUrl: URL): Omit<AdapterHost, 'ended'> {
  return {
    platform: PLATFORM,
    cwd: pathToUri(process.cwd(), PLATFORM),
    readLocal: (uri) => {
      const path = uriToPath(uri, PLATFORM);
      return path === undefined ? undefined : readFromDisk(path);
    },
    writeLocal: (uri, bytes) => {
      const path = uriToPath(uri, PLATFORM);
      return path === undefined ? undefined : writeFile(path, bytes);
    },
    watchLocal: (uri, changed) => {
      const path = uriToPath(uri, PLATFORM);
      return path === undefined ? undefined : watchFile(path, changed);
    },
    hasDisk: true,
    canImport: (uri) => uri.startsWith('file:'),
    terminals: nodeTerminals(engineUrl),
    startEngine: () => startEngine(engineUrl),
  };
}

/** How long a file must rest before it is looked at: builds write in several steps. */
const REST_MS = 300;

/** Watches a file's folder, because builds put new files in the place of old ones. */
function watchFile(path: string, changed: () => void): (() => void) | undefined {
  const name = basename(path);
  let timer: NodeJS.Timeout | undefined;
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_, changedName) => {
      if (changedName !== null && changedName !== name) return;
      clearTimeout(timer);
      timer = setTimeout(changed, REST_MS).unref();
    });
    watcher.on('error', () => watcher.close());
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  } catch {
    // Not every file system can be watched: then nobody is told.
    return undefined;
  }
}

async function readFromDisk(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).isDirectory()) throw new Error(`${path} is a directory, not a file`);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
      case 'ENOTDIR':
        throw new Error(`${path}: no such file`);
      case 'EACCES':
      case 'EPERM':
        throw new Error(`${path}: no permission to read it`);
      default:
        throw error;
    }
  }
}

/** Starts the engine in a worker thread that runs this bundle. */
export function startEngine(engineUrl: URL): EngineConnection {
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(engineUrl, {
    workerData: { role: 'engine', signal },
    stdout: true,
    stderr: true,
  });
  const listeners: ((message: Message) => void)[] = [];
  const failures: ((reason: string) => void)[] = [];
  const tell = (message: Message): void => {
    for (const listener of listeners) listener(message);
  };
  const fail = (reason: string): void => {
    for (const failure of failures) failure(reason);
  };
  worker.on('message', tell);
  worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => fail(`its thread ended with exit code ${code}`));
  for (const category of ['stdout', 'stderr'] as const) {
    worker[category].setEncoding('utf8').on('data', (text: string) => tell(outputEvent(category, text)));
  }
  return {
    post(command) {
      worker.postMessage(command);
      Atomics.add(signal, 0, 1);
      Atomics.notify(signal, 0);
    },
    onMessage: (listener) => void listeners.push(listener),
    onFailure: (listener) => void failures.push(listener),
    terminate: async () => void (await worker.terminate()),
  };
}

function dataUrl(text: string): string {
  return `data:text/javascript;base64,${Buffer.from(text, 'utf8').toString('base64')}`;
}
