/**
 * The debug adapter inside VS Code: an inline implementation that only pipes DAP messages to the real adapter, which
 * runs in a process or worker of its own (platform.ts).
 *
 * On the way it does what needs VS Code: it answers the adapter's events about files and directories (docs/
 * protocol.md), it writes the log when tracing is on, it notes the ranges of stack frames, it keeps the anchors of
 * breakpoints, and it shows standard streams in a terminal where that is wanted.
 */

import * as vscode from 'vscode';
import { toBase64 } from '../files/base64.ts';
import { answerFileSystem, type FileSystemQuestion } from '../files/directories.ts';
import { readFile } from '../files/read.ts';
import type { AdapterPipe, Platform } from '../platform.ts';
import { BreakpointAnchors } from './anchors.ts';
import { connectToProgram } from './connect.ts';
import type { InstructionRange } from './instruction-range.ts';
import { openTerminal, type ProgramTerminal } from './terminal.ts';

/** What this file reads of a DAP message. */
export interface ProtocolMessage extends vscode.DebugProtocolMessage {
  seq: number;
  type: 'request' | 'response' | 'event';
  command?: string;
  event?: string;
  body?: unknown;
  arguments?: unknown;
}

export class AdapterFactory implements vscode.DebugAdapterDescriptorFactory {
  readonly #memory: vscode.Memento;
  readonly #platform: Platform;
  readonly #log: vscode.LogOutputChannel;
  readonly #range: InstructionRange;

  constructor(
    platform: Platform,
    log: vscode.LogOutputChannel,
    range: InstructionRange,
    memory: vscode.Memento,
  ) {
    this.#memory = memory;
    this.#platform = platform;
    this.#log = log;
    this.#range = range;
  }

  createDebugAdapterDescriptor(session: vscode.DebugSession): vscode.DebugAdapterDescriptor {
    const pipe =
      session.configuration.request === 'attach'
        ? connectToProgram(this.#platform, session.configuration)
        : this.#platform.startAdapter((line) => this.#log.warn(line));
    return new vscode.DebugAdapterInlineImplementation(
      new PipedAdapter(pipe, session, this.#log, this.#range, new BreakpointAnchors(this.#memory, session)),
    );
  }
}

/** Requests that are sent from here, and not by VS Code. */
const OWN_REQUESTS = ['wasmscope/fileContent', 'wasmscope/fileSystemAnswer', 'wasmscope/input'];

class PipedAdapter implements vscode.DebugAdapter {
  readonly #pipe: AdapterPipe;
  readonly #session: vscode.DebugSession;
  readonly #log: vscode.LogOutputChannel;
  readonly #range: InstructionRange;
  readonly #anchors: BreakpointAnchors;
  readonly #sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  readonly #trace: boolean;
  #terminal: ProgramTerminal | undefined;
  #seq = 1_000_000_000;
  #ended = false;

  readonly onDidSendMessage = this.#sent.event;

  constructor(
    pipe: AdapterPipe,
    session: vscode.DebugSession,
    log: vscode.LogOutputChannel,
    range: InstructionRange,
    anchors: BreakpointAnchors,
  ) {
    this.#anchors = anchors;
    this.#pipe = pipe;
    this.#session = session;
    this.#log = log;
    this.#range = range;
    const { trace } = session.configuration;
    this.#trace = trace === true || trace === 'protocol';
    pipe.onMessage((message) => this.#receive(message as ProtocolMessage));
    pipe.onClose((reason) => this.#closed(reason));
  }

  handleMessage(message: vscode.DebugProtocolMessage): void {
    const request = message as ProtocolMessage;
    if (request.command === 'initialize') {
      const typesInValues = !vscode.workspace.getConfiguration('debug').get<boolean>('showVariableTypes');
      request.arguments = {
        ...(request.arguments as object),
        supportsWasmscopeFiles: true,
        supportsWasmscopeInput: true,
        supportsWasmscopeDirectories: true,
        typesInValues,
      };
    }
    this.#anchors.send(request);
    if (this.#trace) this.#log.info(`→ ${JSON.stringify(message)}`);
    this.#pipe.send(message);
  }

  dispose(): void {
    this.#ended = true;
    this.#terminal?.dispose();
    this.#range.forget(this.#session);
    this.#pipe.dispose();
    this.#sent.dispose();
  }

  #receive(message: ProtocolMessage): void {
    if (this.#ended) return;
    if (this.#trace) this.#log.info(`← ${JSON.stringify(message)}`);
    if (message.type === 'event' && message.event === 'wasmscope/readFile') {
      void this.#answerFile(message.body as { id: number; uri: string });
      return;
    }
    if (message.type === 'event' && message.event === 'wasmscope/fileSystem') {
      void answerFileSystem(message.body as FileSystemQuestion).then((answer) =>
        this.#request('wasmscope/fileSystemAnswer', answer),
      );
      return;
    }
    // The answers to our own requests are nobody else's business.
    if (message.type === 'response' && OWN_REQUESTS.includes(message.command ?? '')) return;
    if (message.type === 'event' && message.event === 'output') {
      const { category, output } = message.body as { category?: string; output: string };
      if (category === 'log') {
        this.#log.info(output.trimEnd());
        return;
      }
    }
    if (message.type === 'event' && this.#showInTerminal(message)) return;
    this.#anchors.receive(message);
    this.#range.note(this.#session, message);
    forgetEnds(message);
    this.#sent.fire(message);
  }

  async #answerFile({ id, uri }: { id: number; uri: string }): Promise<void> {
    let answer: { id: number; data?: string; error?: string };
    try {
      answer = { id, data: toBase64(await readFile(vscode.Uri.parse(uri))) };
    } catch (error) {
      answer = { id, error: error instanceof Error ? error.message : String(error) };
    }
    this.#request('wasmscope/fileContent', answer);
  }

  #request(command: string, args: object): void {
    if (this.#ended) return;
    this.#pipe.send({ seq: this.#seq++, type: 'request', command, arguments: args });
  }

  /** What the program writes goes to its terminal, if it has one. True: that is all there is to do. */
  #showInTerminal({ event, body }: ProtocolMessage): boolean {
    if (this.#session.configuration.console !== 'integratedTerminal') return false;
    if (event === 'exited') this.#terminal?.exited((body as { exitCode: number }).exitCode);
    if (event === 'initialized') this.#terminal ??= this.#openTerminal();
    if (event !== 'output') return false;
    const { category, output } = body as { category?: string; output: string };
    if (!this.#terminal || (category !== 'stdout' && category !== 'stderr')) return false;
    this.#terminal.write(output);
    return true;
  }

  #openTerminal(): ProgramTerminal {
    return openTerminal(this.#session.name, {
      input: (text) => this.#request('wasmscope/input', text === undefined ? { end: true } : { text }),
      stop: () => void vscode.debug.stopDebugging(this.#session),
    });
  }

  /** The adapter is gone: end the session in VS Code, which would wait for answers for ever. */
  #closed(reason: string): void {
    if (this.#ended) return;
    this.#log.info(`debug adapter closed: ${reason}`);
    this.#sent.fire({ seq: this.#seq++, type: 'event', event: 'terminated' } as ProtocolMessage);
  }
}

/** Ends of frames are ours to show: VS Code would select the text up to there, and the next key would replace it. */
function forgetEnds(message: ProtocolMessage): void {
  if (message.type !== 'response' || message.command !== 'stackTrace') return;
  const body = message.body as { stackFrames?: { endLine?: number; endColumn?: number }[] } | undefined;
  for (const frame of body?.stackFrames ?? []) {
    delete frame.endLine;
    delete frame.endColumn;
  }
}
