/**
 * Programs in a terminal of the client's (`runInTerminal`): the client is asked to run another adapter there, whose streams are
 * the program's; it connects back, and this session hands every message on to it and from it.
 *
 * Clients that show a terminal themselves and send what is typed (`supportsWasmscopeInput`) need none of this.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { ClientInfo } from './client.ts';
import { type AdapterHost, type LaunchArguments, RequestError } from './context.ts';
import { baseName } from './paths.ts';

/** The adapter in the terminal, as a pipe of messages. */
export interface AdapterPipe {
  send(message: DebugProtocol.ProtocolMessage): void;
  onMessage(listener: (message: DebugProtocol.ProtocolMessage) => void): void;
  onClose(listener: () => void): void;
  end(): void;
}

/** What a terminal is to run, and what comes of it. */
export interface TerminalCommand {
  readonly cwd: string;
  readonly args: string[];
  readonly env: Record<string, string>;
  /** Resolves when the adapter that it runs has connected. */
  readonly connected: Promise<AdapterPipe>;
  /** Nobody waits any more. */
  close(): void;
}

export interface TerminalHost {
  prepare(): Promise<TerminalCommand>;
}

/** What the relay needs of its session. */
export interface RelaySession {
  ask(command: string, args: object, answered: (response: DebugProtocol.Response) => void): void;
  send(event: DebugProtocol.Event): void;
  answer(response: DebugProtocol.Response): void;
  refuse(request: DebugProtocol.Request, error: RequestError): void;
  shutdown(): void;
}

/** How long a terminal may take to run what it is asked to, in milliseconds. */
const PATIENCE_MS = 30_000;

/** Which terminal of the client's a program is to run in. Throws a RequestError if there is none. */
export function terminalKind(
  { console }: LaunchArguments,
  client: ClientInfo,
  host: AdapterHost,
): 'integrated' | 'external' | undefined {
  if (host.streams) return undefined;
  const canRun = client.runInTerminal && host.terminals !== undefined;
  if (console === 'externalTerminal') {
    if (canRun) return 'external';
    throw new RequestError(
      'launch configuration: "console": "externalTerminal" needs a client that can run a command in a terminal',
      true,
    );
  }
  return console === 'integratedTerminal' && canRun && !client.wasmscopeInput ? 'integrated' : undefined;
}

export class TerminalRelay {
  readonly #session: RelaySession;
  readonly #launch: DebugProtocol.Request;
  /** Requests that wait for the terminal, and those that wait for their answers. */
  #early: DebugProtocol.Request[] = [];
  readonly #open = new Map<number, DebugProtocol.Request>();
  /** Requests that were answered already, by us. */
  readonly #answered = new Set<number>();
  #command: TerminalCommand | undefined;
  #pipe: AdapterPipe | undefined;
  #terminated = false;
  #over = false;

  constructor(session: RelaySession, launch: DebugProtocol.Request) {
    this.#session = session;
    this.#launch = launch;
  }

  /** `before`: the requests that came before `launch` and were answered. */
  async start(
    terminals: TerminalHost,
    kind: 'integrated' | 'external',
    before: readonly DebugProtocol.Request[],
  ): Promise<void> {
    try {
      this.#command = await terminals.prepare();
      const pipe = await this.#connect(this.#command, kind);
      if (this.#over) return pipe.end();
      this.#pipe = pipe;
      pipe.onMessage((message) => this.#receive(message));
      pipe.onClose(() => this.#closed());
    } catch (error) {
      this.#over = true;
      this.#command?.close();
      this.#session.refuse(this.#launch, new RequestError((error as Error).message, true));
      for (const request of this.#early) this.request(request);
      return;
    }
    for (const request of before) {
      this.#answered.add(request.seq);
      this.#pipe.send(request);
    }
    const args = { ...(this.#launch.arguments as LaunchArguments), console: 'internalConsole' };
    this.#forward({ ...this.#launch, arguments: args });
    const early = this.#early;
    this.#early = [];
    for (const request of early) this.#forward(request);
  }

  /** A request of the client's. */
  request(request: DebugProtocol.Request): void {
    const isEnd = request.command === 'disconnect';
    if (this.#pipe && !this.#over) this.#forward(request);
    else if (!isEnd && !this.#over) this.#early.push(request);
    else if (!isEnd) this.#session.refuse(request, new RequestError('the program has ended'));
    else {
      const { seq, command } = request;
      this.#session.answer({ seq: 0, type: 'response', request_seq: seq, command, success: true });
      this.#session.shutdown();
    }
  }

  end(): void {
    this.#over = true;
    this.#command?.close();
    this.#pipe?.end();
  }

  #connect(command: TerminalCommand, kind: 'integrated' | 'external'): Promise<AdapterPipe> {
    const { cwd, args, env, connected } = command;
    const { program } = this.#launch.arguments as LaunchArguments;
    const title = typeof program === 'string' ? baseName(program.replaceAll('\\', '/')) : 'Wasmscope';
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('nothing came back from the terminal')), PATIENCE_MS);
      this.#session.ask('runInTerminal', { kind, title, cwd, args, env }, ({ success, message }) => {
        if (success) return;
        clearTimeout(timer);
        reject(new Error(`the client did not open a terminal: ${message ?? 'it does not say why'}`));
      });
      void connected.then((pipe) => {
        clearTimeout(timer);
        resolve(pipe);
      });
    });
  }

  #forward(request: DebugProtocol.Request): void {
    this.#open.set(request.seq, request);
    this.#pipe!.send(request);
  }

  #receive(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === 'event') {
      const event = message as DebugProtocol.Event;
      if (event.event === 'terminated') this.#terminated = true;
      this.#session.send({ ...event, seq: 0 });
      return;
    }
    const response = message as DebugProtocol.Response;
    if (this.#answered.delete(response.request_seq)) return;
    this.#open.delete(response.request_seq);
    this.#session.answer({ ...response, seq: 0 });
    if (response.command === 'disconnect') this.#session.shutdown();
  }

  /** The adapter has ended, or the terminal was closed. */
  #closed(): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.#terminated) this.#session.send({ seq: 0, type: 'event', event: 'terminated' });
    for (const request of this.#open.values()) this.request(request);
    this.#open.clear();
  }
}
