/**
 * What differs between VS Code on a desktop and VS Code for the Web: how the two servers are started.
 *
 * Everything else in the extension is written once, against this interface. The servers are reached only by
 * DAP and LSP messages; the extension never imports them.
 */

import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';

/** A running debug adapter: a child process or a worker, seen as a pipe of DAP messages. */
export interface AdapterPipe {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The pipe broke or ended by itself; `reason` is for people. */
  onClose(listener: (reason: string) => void): void;
  dispose(): void;
}

export interface Platform {
  startAdapter(log: (line: string) => void): AdapterPipe;
  /** An adapter that listens on a port. Absent where there are no sockets. */
  connect?(host: string, port: number): AdapterPipe;
  createLanguageClient(options: LanguageClientOptions): Promise<BaseLanguageClient>;
}
