/**
 * A small client of the language server over stdio, as an editor would be one, and texts with marks in them.
 *
 * `«` and `»` enclose the ranges that a case is about; `¦` is a place. Nothing here asserts a time.
 */

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node';
import type {
  ClientCapabilities,
  Diagnostic,
  DocumentDiagnosticReport,
  InitializeResult,
  Position,
  PublishDiagnosticsParams,
  Range,
  TextDocumentContentChangeEvent,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { LINTS } from '../../language-server/lints/table.ts';
import { endsHere, PATIENCE_MS, within } from '../bounded.ts';

const CLI = path.join(process.cwd(), 'dist/wasmscope.mjs');

export const PULLS: ClientCapabilities = {
  textDocument: { diagnostic: {}, hover: { contentFormat: ['markdown', 'plaintext'] } },
};
export const PUSHED: ClientCapabilities = {
  textDocument: { publishDiagnostics: { versionSupport: true }, hover: { contentFormat: ['plaintext'] } },
};

/** Settings of most tests: what they are about are faults. */
const WITHOUT_LINTS = { settings: { lint: Object.fromEntries(LINTS.map(({ code }) => [code, 'off'])) } };

export class Editor {
  /** Everything that was published, oldest first. */
  readonly published: PublishDiagnosticsParams[] = [];
  /** What the server logged. */
  readonly log: string[] = [];
  /** Answers of the client to `wasmscope/readFile`, by URI. */
  readonly files = new Map<string, Uint8Array>();
  readonly connection: MessageConnection;
  capabilities: InitializeResult['capabilities'] = {};
  /** How long an answer may take, in milliseconds. */
  patience = PATIENCE_MS;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #documents = new Map<string, TextDocument>();
  readonly #waiting: { readonly wants: (params: PublishDiagnosticsParams) => boolean; done(): void }[] = [];

  private constructor() {
    this.#process = endsHere(spawn(process.execPath, [CLI, 'lsp', '--stdio']));
    this.connection = createMessageConnection(this.#process.stdout, this.#process.stdin);
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.push(params);
      for (const { wants, done } of this.#waiting) if (wants(params)) done();
    });
    this.connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
      this.log.push(message);
    });
    this.connection.onRequest('wasmscope/readFile', ({ uri }: { uri: string }) => {
      const bytes = this.files.get(uri);
      if (!bytes) throw new Error(`the editor knows no file ${uri}`);
      return { data: Buffer.from(bytes).toString('base64') };
    });
    this.connection.listen();
  }

  /** Starts a server. One that is started inside of a test ends with it, however the test ends. */
  static async start(
    capabilities: ClientCapabilities,
    during?: TestContext,
    initializationOptions: object = WITHOUT_LINTS,
  ): Promise<Editor> {
    const editor = new Editor();
    during?.after(() => editor.#kill());
    const result = await editor.request<InitializeResult>('initialize', {
      processId: null,
      rootUri: null,
      capabilities,
      initializationOptions,
    });
    editor.capabilities = result.capabilities;
    await editor.connection.sendNotification('initialized', {});
    return editor;
  }

  /** Ends the server the way the protocol has it; gives its exit code. */
  async stop(): Promise<number | null> {
    const exited = new Promise<number | null>((resolve) => this.#process.once('exit', resolve));
    await this.request('shutdown');
    await this.connection.sendNotification('exit');
    return within(exited, 'the server to end');
  }

  #kill(): void {
    this.connection.dispose();
    this.#process.kill();
  }

  request<R = unknown>(method: string, params?: unknown): Promise<R> {
    const answer: Promise<R> =
      params === undefined
        ? this.connection.sendRequest(method)
        : this.connection.sendRequest(method, params);
    const logged = () => `; the server has logged ${this.log.join('\n')}`;
    return within(answer, `an answer to ${method}`, logged, this.patience);
  }

  /** Opens a document; gives its client side. */
  async open(text: string, name = 'test.wat'): Promise<TextDocument> {
    const uri = name.includes(':') ? name : `file:///project/${name}`;
    const document = TextDocument.create(uri, 'wat', 1, text);
    this.#documents.set(uri, document);
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'wat', version: 1, text },
    });
    return document;
  }

  /** Sends edits of an open document, each a range of offsets and its new text, applied one after the other. */
  async edit(
    uri: string,
    ...edits: readonly [start: number, end: number, text: string][]
  ): Promise<TextDocument> {
    const document = this.#documents.get(uri)!;
    const version = document.version + 1;
    const contentChanges: TextDocumentContentChangeEvent[] = [];
    for (const [start, end, text] of edits) {
      const range = { start: document.positionAt(start), end: document.positionAt(end) };
      contentChanges.push({ range, text });
      TextDocument.update(document, [{ range, text }], version);
    }
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
    return document;
  }

  async close({ uri }: TextDocument): Promise<void> {
    this.#documents.delete(uri);
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** Pulls the diagnostics of a document. */
  async pull({ uri }: Pick<TextDocument, 'uri'>): Promise<Diagnostic[]> {
    const report = await this.request<DocumentDiagnosticReport>('textDocument/diagnostic', {
      textDocument: { uri },
    });
    assert.equal(report.kind, 'full');
    return report.kind === 'full' ? report.items : [];
  }

  /** The published diagnostics of this version, come already or not. */
  async diagnosticsOf({ uri, version }: TextDocument): Promise<Diagnostic[]> {
    const wants = (params: PublishDiagnosticsParams) => params.uri === uri && params.version === version;
    if (!this.published.some(wants)) {
      const published = new Promise<void>((done) => this.#waiting.push({ wants, done }));
      await within(published, `diagnostics of ${uri}, version ${version}`);
    }
    return this.published.find(wants)!.diagnostics;
  }

  /** Asks about a place of an open document. */
  at<R = unknown>(method: string, { uri }: TextDocument, position: Position, more: object = {}): Promise<R> {
    return this.request<R>(`textDocument/${method}`, { textDocument: { uri }, position, ...more });
  }
}

export interface Marked {
  readonly text: string;
  /** Where `«` and `»` were. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  /** Where `¦` was. */
  readonly places: readonly number[];
}

/** Takes the marks out of a text. Ranges may nest; they come in the order of their ends. */
export function marked(source: string): Marked {
  const ranges: { start: number; end: number }[] = [];
  const places: number[] = [];
  const open: number[] = [];
  let text = '';
  for (const char of source) {
    if (char === '«') open.push(text.length);
    else if (char === '»') ranges.push({ start: open.pop()!, end: text.length });
    else if (char === '¦') places.push(text.length);
    else text += char;
  }
  return { text, ranges, places };
}

/** `source` with the ranges marked by `«` and `»`: what a failing case shows. */
export function withMarks(document: TextDocument, ranges: readonly Range[]): string {
  const text = document.getText();
  const marks = ranges.flatMap(({ start, end }) => [
    { at: document.offsetAt(start), mark: '«' },
    { at: document.offsetAt(end), mark: '»' },
  ]);
  marks.sort((a, b) => b.at - a.at || (a.mark === '»' ? 1 : -1));
  return marks.reduce((out, { at, mark }) => out.slice(0, at) + mark + out.slice(at), text);
}
