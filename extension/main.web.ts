/**
 * Entry of the extension in VS Code for the Web: both servers are workers made from single-file bundles.
 *
 * The debug adapter's worker and the engine's worker are started side by side and joined by a message channel,
 * so that neither has to find the other's address.
 */

import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import { type Activated, activateWith } from './activate.ts';
import type { AdapterPipe } from './platform.ts';

/** Called by VS Code when a language, command, editor or debug type of ours is first used. */
export function activate(context: vscode.ExtensionContext): Activated {
  const bundle = (name: string) =>
    vscode.Uri.joinPath(context.extensionUri, 'dist', 'web', name).toString(true);
  return activateWith(context, {
    startAdapter: () => joinWorkers(bundle('debug-adapter.js')),
    createLanguageClient: async (options) =>
      new LanguageClient('wasmscope', 'Wasmscope', new Worker(bundle('language-server.js')), options),
  });
}

function joinWorkers(url: string): AdapterPipe {
  const adapter = new Worker(url, { name: 'wasmscope debug adapter' });
  const engine = new Worker(url, { name: 'wasmscope engine' });
  const { port1, port2 } = new MessageChannel();
  adapter.postMessage({ type: 'wasmscope/role', role: 'dap', port: port1 }, [port1]);
  engine.postMessage({ type: 'wasmscope/role', role: 'engine', port: port2 }, [port2]);
  return {
    send: (message) => adapter.postMessage(message),
    onMessage: (listener) => adapter.addEventListener('message', (event) => listener(event.data)),
    onClose: (listener) => {
      for (const worker of [adapter, engine]) {
        worker.addEventListener('error', (event) =>
          listener(event.message || 'a worker could not be started'),
        );
      }
    },
    dispose: () => {
      adapter.terminate();
      engine.terminate();
    },
  };
}
