/**
 * The language server as the extension sees it: start, restart, and the requests of ours beside LSP's own.
 *
 * The server reads no disk by itself when a file is not `file:`: it asks by `wasmscope/readFile`, and open
 * documents win over what is stored, so that unsaved text is what gets looked at.
 */

import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { toBase64 } from '../files/base64.ts';
import { readFile } from '../files/read.ts';
import type { Platform } from '../platform.ts';
import { LENS_COMMANDS } from './lens-commands.ts';
import { silence } from './neighbours.ts';
import type {
  ExportsResult,
  FunctionsParams,
  InstantiationNode,
  ListedFunction,
  PrintParams,
  ScriptTests,
} from './protocol.ts';

/** The requests about bytes. */
export type ByteMethod =
  | 'byteInfo'
  | 'byteCards'
  | 'byteLeaves'
  | 'byteTree'
  | 'byteWat'
  | 'byteFind'
  | 'byteGoto'
  | 'byteDefinition'
  | 'byteReferences'
  | 'binarySummary';

export type ServiceState = 'starting' | 'running' | 'stopped';

export class LanguageService implements vscode.Disposable {
  readonly #platform: Platform;
  readonly #log: vscode.LogOutputChannel;
  readonly #stateChanged = new vscode.EventEmitter<ServiceState>();
  #client: BaseLanguageClient | undefined;
  #ready: Promise<void> | undefined;

  readonly onDidChangeState = this.#stateChanged.event;
  state: ServiceState = 'stopped';

  constructor(platform: Platform, log: vscode.LogOutputChannel) {
    this.#platform = platform;
    this.#log = log;
  }

  /** Starts the server in the background, once; what goes wrong goes to the log and the status item. */
  start(): void {
    if (!this.#ready) this.#become(this.#begin());
  }

  /** Ends the server, if there is one, and starts it anew. One restart at a time. */
  async restart(): Promise<void> {
    const before = this.#ready;
    const again = async () => {
      await before?.catch(() => undefined);
      const old = this.#client;
      this.#client = undefined;
      // One that could not start cannot be stopped either.
      await old?.stop().catch(() => undefined);
      await this.#begin();
    };
    this.#become(again());
    await this.#ready;
  }

  #become(ready: Promise<void>): void {
    this.#ready = ready;
    ready.catch((error: Error) => {
      this.#log.error(`language server: ${error.message}`);
      this.#setState('stopped');
    });
  }

  /** The exported functions of a `.wat` or `.wasm` with their types, or why it has none to offer. */
  exportsOf(uri: vscode.Uri): Promise<ExportsResult> {
    return this.#request('wasmscope/exports', { uri: uri.toString() });
  }

  /** The tests of a `.wast`, by the modules in front of them. */
  testsOf(uri: vscode.Uri): Promise<{ modules: ScriptTests[] }> {
    return this.#request('wasmscope/tests', { uri: uri.toString() });
  }

  /** What is instantiated when the component in a file starts; null if there is none. */
  instantiationOf(uri: vscode.Uri): Promise<{ root: InstantiationNode | null }> {
    return this.#request('wasmscope/instantiation', { uri: uri.toString() });
  }

  /** A request about the bytes of a binary (byte-protocol.ts). */
  ask<R>(method: ByteMethod, params: object, token?: vscode.CancellationToken): Promise<R> {
    return this.#request(`wasmscope/${method}`, params, token);
  }

  /** A notification about a binary whose bytes are owned here. */
  async tell(method: 'didOpen' | 'chunk' | 'didChange' | 'didClose', params: object): Promise<void> {
    this.start();
    await this.#ready;
    await this.#client?.sendNotification(`wasmscope/binary/${method}`, params);
  }

  /** The functions of a binary that have code, with their documents. */
  async functionsOf(params: FunctionsParams): Promise<readonly ListedFunction[]> {
    const { functions } = await this.#request<{ functions: ListedFunction[] }>('wasmscope/functions', params);
    return functions;
  }

  /** A function, or a whole binary module, as WAT. */
  print(params: PrintParams): Promise<{ text: string }> {
    return this.#request('wasmscope/print', params);
  }

  async dispose(): Promise<void> {
    this.#stateChanged.dispose();
    await this.#client?.stop();
  }

  async #request<R>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<R> {
    this.start();
    await this.#ready;
    if (!this.#client) throw new Error(vscode.l10n.t('The WebAssembly language server is not running.'));
    return this.#client.sendRequest<R>(method, params, token);
  }

  /** The client's package is loaded here, not when the extension is: it is the larger part of the code. */
  async #begin(): Promise<void> {
    this.#setState('starting');
    const client = await this.#platform.createLanguageClient({
      documentSelector: [{ language: 'wat' }, { language: 'wit' }],
      outputChannel: this.#log,
      initializationOptions: { commands: Object.values(LENS_COMMANDS) },
      middleware: silence,
    });
    this.#client = client;
    client.onRequest('wasmscope/readFile', async ({ uri }: { uri: string }) => ({
      data: toBase64(await readFile(vscode.Uri.parse(uri))),
    }));
    client.onDidChangeState(() => this.#setState(client.isRunning() ? 'running' : 'stopped'));
    await client.start();
  }

  #setState(state: ServiceState): void {
    this.state = state;
    this.#stateChanged.fire(state);
  }
}
