/**
 * The web bundle, both roles, in worker threads that look like a browser's workers: the same session over plain
 * objects and a message port, with files from the client.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { within } from '../bounded.ts';

const BUNDLE = process.env.WASMSCOPE_DAP_WEB ?? path.join(process.cwd(), 'dist/web/debug-adapter.js');

/** What a classic dedicated worker has and a worker thread has not; then the bundle, as `importScripts` runs it. */
const PRELUDE = `
const { parentPort, workerData } = require('node:worker_threads');
const { readFileSync } = require('node:fs');
globalThis.postMessage = (message) => parentPort.postMessage(message);
globalThis.close = () => process.exit();
// Node imports no blob: URLs.
globalThis.Blob = class { constructor(parts) { this.parts = parts; } };
URL.createObjectURL = ({ parts }) => 'data:text/javascript,' + encodeURIComponent(parts.join(''));
URL.revokeObjectURL = () => undefined;
parentPort.on('message', (data) => globalThis.onmessage?.({ data }));
(0, eval)(readFileSync(workerData, 'utf8'));
`;

const PROGRAM = `(module
  (import "env" "back" (func $back (param i32) (result i32)))
  (func $double (export "double") (param $x i32) (result i32)
    (i32.mul (local.get $x) (i32.const 2)))
  (func (export "run") (result i32)
    (i32.add (call $back (i32.const 4)) (i32.const 1)))
  (func (export "spin") (loop (br 0))))
`;

/** A program of WASI that also writes to a directory. */
const HELLO = 'examples/c-hello/hello.wasm';

const HOST = 'export default ({ instance }) => ({ env: { back: (n) => instance.exports.double(n) } });';

/** Directories that a client gives, by what is in them. */
type Directories = Map<string, Uint8Array>;

class Client {
  /** Set: the client answers questions about directories. */
  directories: Directories | undefined;
  readonly #adapter = new Worker(PRELUDE, { eval: true, workerData: BUNDLE });
  readonly #engine = new Worker(PRELUDE, { eval: true, workerData: BUNDLE });
  readonly #waiting: { test(message: Message): boolean; resolve(message: Message): void }[] = [];
  readonly #received: Message[] = [];
  #seq = 1;

  constructor() {
    // Nothing but a wait keeps this process for them.
    this.#adapter.unref();
    this.#engine.unref();
    const { port1, port2 } = new MessageChannel();
    this.#adapter.postMessage({ type: 'wasmscope/role', role: 'dap', port: port1 }, [port1]);
    this.#engine.postMessage({ type: 'wasmscope/role', role: 'engine', port: port2 }, [port2]);
    this.#adapter.on('message', (message: Message) => {
      this.#received.push(message);
      if (message.event === 'wasmscope/readFile')
        this.#answerFile(message.body as { id: number; uri: string });
      if (message.event === 'wasmscope/fileSystem') void this.#answerQuestion(message.body as Question);
      for (const waiting of this.#waiting) if (waiting.test(message)) waiting.resolve(message);
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: a body is what the request says it is
  async request(command: string, args: object = {}): Promise<any> {
    const seq = this.#seq++;
    this.#adapter.postMessage({ seq, type: 'request', command, arguments: args });
    const isAnswer = (message: Message): boolean =>
      message.type === 'response' && message.request_seq === seq;
    const answer = await this.#next(isAnswer, `an answer to ${command}`);
    assert.ok(answer.success, answer.message);
    return answer.body;
  }

  // biome-ignore lint/suspicious/noExplicitAny: likewise
  async event(name: string): Promise<any> {
    const found = await this.#next((message) => message.event === name, `an event ${name}`);
    this.#received.splice(0, this.#received.indexOf(found) + 1);
    return found.body;
  }

  async close(): Promise<void> {
    await this.request('disconnect');
    await this.end();
  }

  async end(): Promise<void> {
    await Promise.all([this.#adapter.terminate(), this.#engine.terminate()]);
  }

  #next(wanted: (message: Message) => boolean, what: string): Promise<Message> {
    const found = this.#received.find(wanted);
    if (found) return Promise.resolve(found);
    const next = new Promise<Message>((resolve) => this.#waiting.push({ test: wanted, resolve }));
    const names = () => this.#received.map(({ event, command }) => event ?? command).slice(-20);
    return within(next, what, () => `; what came last: ${names().join(', ')}`);
  }

  async #answerQuestion({ id, operation, uri, data }: Question): Promise<void> {
    const files = this.directories!;
    const bytes = files.get(uri);
    const isDirectory = [...files.keys()].some((name) => name.startsWith(`${uri}/`));
    let answer: object = { error: 'noent' };
    if (operation === 'writeFile') {
      files.set(uri, Buffer.from(data!, 'base64'));
      answer = {};
    } else if (operation === 'stat' && (bytes || isDirectory)) {
      answer = { type: bytes ? 'file' : 'directory', size: bytes?.length ?? 0, modified: 1 };
    } else if (operation === 'readFile' && bytes) {
      answer = { data: Buffer.from(bytes).toString('base64') };
    }
    await this.request('wasmscope/fileSystemAnswer', { id, ...answer });
  }

  #answerFile({ id, uri }: { id: number; uri: string }): void {
    const text = uri.endsWith('.mjs') ? HOST : PROGRAM;
    const content = uri.endsWith('.wasm') ? { data: readFileSync(HELLO, 'base64') } : { text };
    void this.request('wasmscope/fileContent', { id, ...content });
  }
}

interface Question {
  readonly id: number;
  readonly operation: string;
  readonly uri: string;
  readonly data?: string;
}

type Message = Partial<DebugProtocol.Event & DebugProtocol.Response>;

function converse(invoke: string, lines: number[], talk: (client: Client) => Promise<void>): Promise<void> {
  const program = { program: 'memfs:/w/p.wat', imports: './host.mjs', invoke: { function: invoke } };
  return converseAbout(program, lines, talk);
}

async function converseAbout(
  launch: object,
  lines: number[],
  talk: (client: Client) => Promise<void>,
  directories?: Directories,
): Promise<void> {
  const client = new Client();
  client.directories = directories;
  try {
    await client.request('initialize', {
      adapterID: 'wasmscope',
      pathFormat: 'path',
      supportsWasmscopeFiles: true,
      supportsWasmscopeDirectories: directories !== undefined,
    });
    await client.request('launch', launch);
    await client.request('setBreakpoints', {
      source: { path: 'memfs:/w/p.wat' },
      breakpoints: lines.map((line) => ({ line })),
    });
    await client.request('configurationDone');
    await talk(client);
  } catch (error) {
    await client.end();
    throw error;
  }
  await client.close();
}

async function place(client: Client): Promise<string> {
  const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
  return stackFrames.map((f: DebugProtocol.StackFrame) => `${f.name} ${f.line}:${f.column}`).join(' < ');
}

test('breakpoint, step, end', () =>
  converse('run', [6], async (client) => {
    assert.equal((await client.event('stopped')).reason, 'breakpoint');
    assert.equal(await place(client), 'run 6:27');
    await client.request('next', { threadId: 1 });
    await client.event('stopped');
    assert.equal(await place(client), 'run 6:15');
    await client.request('continue', { threadId: 1 });
    assert.equal((await client.event('exited')).exitCode, 0);
  }));

test('a stop inside a call from JavaScript is taken when that returns, and the user is told', () =>
  converse('run', [4], async (client) => {
    const { output } = await client.event('output');
    assert.match(output, /^A stop inside a call from JavaScript cannot be shown here/);
    const stopped = await client.event('stopped');
    assert.deepEqual([stopped.reason, stopped.hitBreakpointIds], ['breakpoint', [1]]);
    assert.equal(await place(client), 'run 6:42');
    await client.request('continue', { threadId: 1 });
    assert.equal((await client.event('exited')).exitCode, 0);
  }));

test('an endless loop pauses', () =>
  converse('spin', [], async (client) => {
    await client.request('pause', { threadId: 1 });
    assert.equal((await client.event('stopped')).reason, 'pause');
    await client.request('continue', { threadId: 1 });
  }));

test('a program of WASI: arguments, standard streams, a directory in memory, exit code', async () => {
  const program = 'memfs:/w/hello.wasm';
  const said = async (client: Client) => {
    const { category, output } = await client.event('output');
    return `${category}: ${output}`;
  };
  await converseAbout({ program, args: ['Ada'], dirs: { '/data': 'data' } }, [], async (client) => {
    assert.equal(await said(client), 'stdout: Hello, Ada!\n');
    assert.equal((await client.event('exited')).exitCode, 0);
  });
  await converseAbout({ program }, [], async (client) => {
    assert.equal(await said(client), 'stderr: nobody to greet\n');
    assert.equal((await client.event('exited')).exitCode, 3);
  });
});

test('a directory of the client’s: read, written, and refused where there is none', async () => {
  const program = 'memfs:/w/hello.wasm';
  const directories: Directories = new Map([
    ['memfs:/w/data/greeted.txt', Buffer.from('Zoë\n')],
    ['memfs:/w/other/x', Buffer.from('')],
  ]);
  const dirs = { '/data': 'data' };
  await converseAbout(
    { program, args: ['Ada'], dirs },
    [],
    async (client) => assert.equal((await client.event('exited')).exitCode, 0),
    directories,
  );
  const greeted = () => Buffer.from(directories.get('memfs:/w/data/greeted.txt')!).toString();
  assert.equal(greeted(), 'Ada\n');
  const readOnly = [{ guest: '/data', host: 'memfs:/w/data', readOnly: true }];
  await converseAbout(
    { program, args: ['Bob'], dirs: readOnly },
    [],
    async (client) => assert.equal((await client.event('exited')).exitCode, 0),
    directories,
  );
  assert.equal(greeted(), 'Ada\n');
  const nowhere = { program, dirs: { '/data': 'memfs:/nowhere' } };
  const refused = converseAbout(nowhere, [], () => Promise.resolve(), directories);
  await assert.rejects(refused, /there is no directory memfs:\/nowhere/);
});
