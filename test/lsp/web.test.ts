/**
 * The language server as a worker of a Web page: the bundle that ships, in a thread whose globals are a worker's.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { within } from '../bounded.ts';

/** The globals that the bundle may use, on top of Node's messages; `process` and `require` are not among them. */
const SHELL = `
const { parentPort } = require('node:worker_threads');
const vm = require('node:vm');
const self = new EventTarget();
self.postMessage = (message) => parentPort.postMessage(message);
parentPort.on('message', (data) => {
  const event = new MessageEvent('message', { data });
  self.onmessage?.(event);
  self.dispatchEvent(event);
});
const given = { self, setTimeout, clearTimeout, queueMicrotask, performance, MessageChannel, TextDecoder, TextEncoder, atob, btoa, URL, console };
vm.runInNewContext(require('node:worker_threads').workerData, { ...given, globalThis: self });
`;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

test('the bundled worker answers, and reads files through the editor', async (t) => {
  const worker = new Worker(SHELL, {
    eval: true,
    workerData: readFileSync('dist/web/language-server.js', 'utf8'),
  });
  worker.unref();
  t.after(() => worker.terminate());
  const inbox: Message[] = [];
  let wake: (() => void) | undefined;
  worker.on('message', (message: Message) => {
    if (message.method === 'wasmscope/readFile') {
      const data = readFileSync('examples/fib.wasm').toString('base64');
      worker.postMessage({ jsonrpc: '2.0', id: message.id, result: { data } });
      return;
    }
    inbox.push(message);
    wake?.();
  });
  const next = (wants: (message: Message) => boolean): Promise<Message> => {
    const found = async (): Promise<Message> => {
      for (;;) {
        const message = inbox.find(wants);
        if (message) return message;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    return within(found(), 'a message', () => `; what came: ${JSON.stringify(inbox)}`);
  };
  let id = 0;
  const request = async (method: string, params: unknown) => {
    const own = ++id;
    worker.postMessage({ jsonrpc: '2.0', id: own, method, params });
    return (await next((message) => message.id === own && !message.method)).result;
  };
  const notify = (method: string, params: unknown) => worker.postMessage({ jsonrpc: '2.0', method, params });

  await request('initialize', { processId: null, rootUri: null, capabilities: {} });
  notify('initialized', {});
  const uri = 'memfs:/project/a.wat';
  notify('textDocument/didOpen', {
    textDocument: { uri, languageId: 'wat', version: 1, text: '(module (func (call $x)))' },
  });
  const published = await next(({ method }) => method === 'textDocument/publishDiagnostics');
  const { diagnostics } = published.params as { diagnostics: { message: string }[] };
  assert.equal(diagnostics[0].message, 'unknown function $x');
  assert.deepEqual(await request('wasmscope/exports', { uri: 'memfs:/project/fib.wasm' }), {
    functions: [{ name: 'fib', params: [{ type: 'i32' }], results: ['i32'] }],
  });
});
