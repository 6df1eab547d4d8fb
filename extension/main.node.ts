/**
 * Entry of the extension on a desktop and in remote extension hosts: both servers are child processes.
 *
 * The command-line tool is the one bundle that holds both servers. It runs under VS Code's own executable as Node,
 * because users may have none.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import * as vscode from 'vscode';
import { type Activated, activateWith } from './activate.ts';
import { DapFrames } from './debug/dap-frames.ts';
import type { AdapterPipe } from './platform.ts';

const AS_NODE = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };

/** Called by VS Code when a language, command, editor or debug type of ours is first used. */
export function activate(context: vscode.ExtensionContext): Activated {
  const bundle = vscode.Uri.joinPath(context.extensionUri, 'dist', 'wasmscope.mjs').fsPath;
  return activateWith(context, {
    connect: connectTo,
    startAdapter: (log) => pipeTo(spawn(process.execPath, [bundle, 'dap'], { env: AS_NODE }), log),
    createLanguageClient: async (options) => {
      const { LanguageClient, TransportKind } = await import('vscode-languageclient/node');
      const server = { command: process.execPath, args: [bundle, 'lsp'], options: { env: AS_NODE } };
      return new LanguageClient(
        'wasmscope',
        'Wasmscope',
        { ...server, transport: TransportKind.stdio },
        options,
      );
    },
  });
}

function connectTo(host: string, port: number): AdapterPipe {
  const frames = new DapFrames();
  const socket = connect(port, host);
  let failure: string | undefined;
  socket.on('error', ({ message }) => {
    failure = message;
  });
  return {
    send: (message) => void socket.write(DapFrames.encode(message)),
    onMessage: (listener) => {
      socket.on('data', (chunk: Buffer) => {
        for (const message of frames.push(chunk)) listener(message);
      });
    },
    onClose: (listener) => void socket.on('close', () => listener(failure ?? 'the program has gone')),
    dispose: () => socket.destroySoon(),
  };
}

function pipeTo(child: ChildProcess, log: (line: string) => void): AdapterPipe {
  const frames = new DapFrames();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log(text.trimEnd()));
  // A write after the process ended is answered by its `exit` event; the pipe's own error says nothing more.
  child.stdin?.on('error', (error) => log(`debug adapter: ${error.message}`));
  return {
    send: (message) => void child.stdin?.write(DapFrames.encode(message)),
    onMessage: (listener) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        for (const message of frames.push(chunk)) listener(message);
      });
    },
    onClose: (listener) => {
      child.on('error', (error) => listener(error.message));
      child.on('exit', (code, signal) => listener(`it ended with ${signal ?? `exit code ${code}`}`));
    },
    dispose: () => void child.kill(),
  };
}
