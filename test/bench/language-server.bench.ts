/**
 * The language server on a large text, as an editor sees it: the WAT of npm's web-tree-sitter, 3 MB. The built server over
 * stdio, diagnostics pulled behind each edit, requests behind edits, how long the turns of its event loop are, what it holds.
 * Beside it what two other packages need for less: a parser for editors, and a language server as a WebAssembly module.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { decode } from '../../engine/binary/decode.ts';
import { printModule } from '../../engine/text/print.ts';
import { installed, type PackageName } from '../packages.ts';
import { median, type Row, time } from './bench.ts';

const EDITS = 200;
/** What the first edits take is the compiler's time: they are not counted, nor are those of a session's first second. */
const WARM_UP = 60;

export async function bench(): Promise<readonly Row[]> {
  const text = largeText();
  if (typeof text !== 'string')
    return [{ what: 'LSP: a large text', unit: 'ms', note: `NOT MEASURED: ${text.why}` }];
  return [...(await ours(text)), ...(await peers(text))];
}

function largeText(): string | { readonly why: string } {
  const found = installed('web-tree-sitter');
  if ('why' in found) return found;
  return printModule(decode(new Uint8Array(readFileSync(path.join(found.folder, 'web-tree-sitter.wasm')))))
    .text;
}

async function ours(text: string): Promise<Row[]> {
  const server = await Server.start();
  try {
    const before = await server.ask<{ held: number }>('memory');
    await server.ask('turns');
    const opened = await server.open(text);
    const opening = await server.ask<Turns>('turns');
    const first = server.places('i32.const ');
    for (let i = 0; i < WARM_UP; i++) await typed(server, first, i);
    await server.ask('turns');
    const edits: number[] = [];
    for (let i = 0; i < EDITS; i++) edits.push(await typed(server, first, i));
    const editing = await server.ask<Turns>('turns');
    const worst = await worstEdits(server, text);
    const worstTurns = await server.ask<Turns>('turns');
    const requests = await requestsBehindEdits(server, first);
    const cancelled = await cancelling(server, text);
    const after = await server.ask<{ held: number }>('memory');
    const lines = text.split('\n').length;
    const size = `${(text.length / 1e6).toFixed(1)} MB, ${lines} lines`;
    edits.sort((a, b) => a - b);
    return [
      { what: 'LSP: open to first diagnostics', value: opened, unit: 'ms', target: 500, note: size },
      {
        what: 'LSP: edit to diagnostics',
        value: median(edits),
        unit: 'ms',
        target: 16,
        note: `median of ${EDITS}`,
      },
      {
        what: 'LSP: edit to diagnostics',
        value: edits[Math.floor(EDITS * 0.95)],
        unit: 'ms',
        target: 50,
        note: '95th percentile',
      },
      ...worst.map(({ what, value }) => ({ what: `LSP: ${what}`, value, unit: 'ms', target: 300 })),
      ...requests.map(({ what, value }) => ({
        what: `LSP: ${what} behind an edit`,
        value,
        unit: 'ms',
        target: 10,
        note: 'median of 30',
      })),
      {
        what: 'LSP: longest turn of the event loop while typing',
        value: editing.longest,
        unit: 'ms',
        target: 10,
        note: `99 % of them: ${editing.usual.toFixed(1)} ms`,
      },
      {
        what: 'LSP: longest turn in the worst edits',
        value: worstTurns.longest,
        unit: 'ms',
        target: 10,
        note: `99 % of them: ${worstTurns.usual.toFixed(1)} ms`,
      },
      {
        what: 'LSP: longest turn while opening',
        value: opening.longest,
        unit: 'ms',
        note: 'the message of 3 MB is read in one turn',
      },
      {
        what: 'LSP: a cancelled request ends',
        value: cancelled,
        unit: 'ms',
        target: 20,
        note: 'the longest of 10',
      },
      {
        what: 'LSP: memory, of the size of the text',
        value: (after.held - before.held) / text.length,
        unit: 'times',
        target: 20,
      },
    ];
  } finally {
    server.stop();
  }
}

interface Turns {
  readonly longest: number;
  readonly usual: number;
}

/** A digit is typed in front of a number, or taken away again. */
async function typed(server: Server, places: readonly number[], i: number): Promise<number> {
  const at = places[((i >> 1) * 13) % places.length]!;
  return i % 2 === 0 ? server.edit(at, at, '1') : server.edit(at, at + 1, '');
}

async function worstEdits(server: Server, text: string): Promise<{ what: string; value: number }[]> {
  const at = text.indexOf('\n');
  const kinds = [
    ['an import is added at the top', '\n  (import "a" "b" (func))'],
    ['an unclosed ( at the top', '('],
    ['an unclosed (; at the top', '(;'],
  ] as const;
  const out: { what: string; value: number }[] = [];
  for (const [what, inserted] of kinds) {
    const there: number[] = [];
    const back: number[] = [];
    for (let i = 0; i < 5; i++) {
      there.push(await server.edit(at, at, inserted));
      back.push(await server.edit(at, at + inserted.length, ''));
    }
    out.push({ what, value: Math.max(...there) });
    out.push({ what: `${what}: and taken back`, value: Math.max(...back) });
  }
  return out;
}

async function requestsBehindEdits(
  server: Server,
  places: readonly number[],
): Promise<{ what: string; value: number }[]> {
  const kinds = [
    ['completion', (at: number) => server.at('textDocument/completion', at)],
    ['hover', (at: number) => server.at('textDocument/hover', at)],
    ['semantic tokens of 60 lines', (at: number) => server.tokens(at)],
  ] as const;
  const out: { what: string; value: number }[] = [];
  for (const [what, ask] of kinds) {
    const figures: number[] = [];
    for (let i = 0; i < 40; i++) {
      const at = places[((i >> 1) * 17) % places.length]!;
      server.change(at, at + (i % 2), i % 2 ? '' : '1');
      const started = performance.now();
      await ask(at - 8);
      if (i >= 10) figures.push(performance.now() - started);
      await server.pull();
    }
    out.push({ what, value: median(figures) });
  }
  return out;
}

/** An edit that takes long, a question about it, and that cancelled: how long until its answer, at the most. */
async function cancelling(server: Server, text: string): Promise<number> {
  const at = text.indexOf('\n');
  const inserted = '\n  (import "a" "b" (func))';
  const figures: number[] = [];
  for (let i = 0; i < 10; i++) {
    server.change(at, at + (i % 2 ? inserted.length : 0), i % 2 ? '' : inserted);
    const source = new CancellationTokenSource();
    const answer = server.pull(source).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const started = performance.now();
    source.cancel();
    await answer;
    figures.push(performance.now() - started);
    await server.pull();
  }
  return Math.max(...figures);
}

const URI = 'file:///large.wat';

class Server {
  readonly #process: ChildProcess;
  readonly #connection: MessageConnection;
  #document = TextDocument.create(URI, 'wat', 0, '');

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#connection = createMessageConnection(process.stdout as Readable, process.stdin as Writable);
    this.#connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
      items.map(() => null),
    );
    this.#connection.listen();
  }

  static async start(): Promise<Server> {
    const watch = pathToFileURL(path.resolve('test/bench/server-watch.mjs')).href;
    const args = ['--expose-gc', '--import', watch, 'dist/wasmscope.mjs', 'lsp', '--stdio'];
    const server = new Server(spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] }));
    await server.#connection.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      capabilities: { textDocument: { diagnostic: {}, semanticTokens: { requests: { range: true } } } },
    });
    await server.#connection.sendNotification('initialized', {});
    return server;
  }

  stop(): void {
    this.#connection.dispose();
    this.#process.kill();
  }

  /** Asks the process, beside the protocol. */
  ask<T>(question: 'turns' | 'memory'): Promise<T> {
    const answered = new Promise<T>((resolve) =>
      this.#process.once('message', (answer) => resolve(answer as T)),
    );
    this.#process.send(question);
    return answered;
  }

  get text(): string {
    return this.#document.getText();
  }

  /** Where numbers behind a word begin. */
  places(word: string): number[] {
    const found: number[] = [];
    for (let at = this.text.indexOf(word); at >= 0; at = this.text.indexOf(word, at + 5000))
      found.push(at + word.length);
    return found;
  }

  async open(text: string): Promise<number> {
    this.#document = TextDocument.create(URI, 'wat', 1, text);
    const started = performance.now();
    void this.#connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: URI, languageId: 'wat', version: 1, text },
    });
    await this.pull();
    return performance.now() - started;
  }

  change(start: number, end: number, text: string): void {
    const range = { start: this.#document.positionAt(start), end: this.#document.positionAt(end) };
    const version = this.#document.version + 1;
    TextDocument.update(this.#document, [{ range, text }], version);
    void this.#connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: URI, version },
      contentChanges: [{ range, text }],
    });
  }

  /** Milliseconds from the edit to its diagnostics. */
  async edit(start: number, end: number, text: string): Promise<number> {
    this.change(start, end, text);
    const started = performance.now();
    await this.pull();
    return performance.now() - started;
  }

  pull(cancel?: CancellationTokenSource): Promise<unknown> {
    const params = { textDocument: { uri: URI } };
    const method = 'textDocument/diagnostic';
    return cancel
      ? this.#connection.sendRequest(method, params, cancel.token)
      : this.#connection.sendRequest(method, params);
  }

  at(method: string, offset: number): Promise<unknown> {
    return this.#connection.sendRequest(method, {
      textDocument: { uri: URI },
      position: this.#document.positionAt(offset),
    });
  }

  tokens(offset: number): Promise<unknown> {
    const { line } = this.#document.positionAt(offset);
    const range = {
      start: { line: Math.max(0, line - 30), character: 0 },
      end: { line: line + 30, character: 0 },
    };
    return this.#connection.sendRequest('textDocument/semanticTokens/range', {
      textDocument: { uri: URI },
      range,
    });
  }
}

/** It parses with that, in this version. */
const BESIDE: Partial<Record<PackageName, string[]>> = { '@emnudge/wat-lsp': ['web-tree-sitter@0.25.10'] };

async function peers(text: string): Promise<Row[]> {
  const at = text.indexOf('i32.const ', text.length >> 1) + 'i32.const '.length;
  const edited = `${text.slice(0, at)}1${text.slice(at)}`;
  const rows: Row[] = [];
  const measured = async (name: PackageName, what: string, run: (folder: string) => Promise<number[]>) => {
    const found = installed(name, BESIDE[name]);
    try {
      if ('why' in found) throw new Error(found.why);
      const [first, behindEdit] = await run(found.folder);
      rows.push({ what: `${name}: ${what}`, value: first, unit: 'ms', note: 'for comparison' });
      if (behindEdit === undefined) return;
      const again = `${name}: the same behind an edit`;
      rows.push({ what: again, value: behindEdit, unit: 'ms', note: 'for comparison' });
    } catch (error) {
      rows.push({ what: name, unit: 'ms', note: `NOT MEASURED: ${(error as Error).message}` });
    }
  };
  await measured('@codemirror/lang-wast', 'parses', (folder) => codemirror(folder, text, edited, at));
  await measured('@emnudge/wat-lsp', 'parses and diagnoses', (folder) => watLsp(folder, text));
  return rows;
}

async function codemirror(
  folder: string,
  text: string,
  edited: string,
  at: number,
): Promise<[number, number]> {
  const { wastLanguage } = await import(pathToFileURL(path.join(folder, 'dist/index.js')).href);
  const { TreeFragment } = await import(
    pathToFileURL(path.join(folder, '../../@lezer/common/dist/index.js')).href
  );
  const { parser } = wastLanguage;
  let tree: unknown;
  const first = time(() => {
    tree = parser.parse(text);
  });
  const change = { fromA: at, toA: at, fromB: at, toB: at + 1 };
  const figures = Array.from({ length: 20 }, () =>
    time(() => parser.parse(edited, TreeFragment.applyChanges(TreeFragment.addTree(tree), [change]))),
  );
  return [first, median(figures)];
}

/** It knows no edits: the whole text is given again behind one. */
async function watLsp(folder: string, text: string): Promise<number[]> {
  const { Parser } = await import(
    pathToFileURL(path.join(folder, '../../web-tree-sitter/tree-sitter.js')).href
  );
  const wasm = path.join(folder, 'dist/wasm');
  await Parser.init({ locateFile: () => path.join(wasm, 'tree-sitter.wasm') });
  const { default: init, WatLSP } = await import(pathToFileURL(path.join(wasm, 'wat_lsp_rust.js')).href);
  await init({ module_or_path: readFileSync(path.join(wasm, 'wat_lsp_rust_bg.wasm')) });
  const server = new WatLSP();
  if (!(await server.initialize())) throw new Error('it does not start');
  return [
    time(() => {
      server.parse(text);
      server.provideDiagnostics();
    }),
  ];
}
