/**
 * A conversation with the debug adapter over stdio, through the protocol's own test client, kept as a transcript.
 *
 * Transcripts are golden files (test/dap/golden): `BLESS=1` writes them anew. Paths become `<dir>`, sequence
 * numbers are left out. Every message, both ways, is checked against the protocol's schema. Nothing here asserts a time;
 * but a wait that lasts too long, or for an adapter that is gone, fails and shows the conversation.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { endsHere, START_PATIENCE_MS, within } from '../bounded.ts';
import { DapSchema } from './schema.ts';

const ROOT = process.cwd();
/** The built command line, or another bundle that speaks DAP. */
export const CLI = process.env.WASMSCOPE_DAP ?? path.join(ROOT, 'dist/wasmscope.mjs');
const GOLDEN = path.join(ROOT, 'test/dap/golden');
const SCHEMA = new DapSchema();

/** Lines of a conversation that a failed wait shows. */
const SHOWN_LINES = 40;

export interface Stop {
  readonly reason: string;
  readonly frames: DebugProtocol.StackFrame[];
  /** `name line:column`, innermost first. */
  readonly stack: string[];
  readonly body: DebugProtocol.StoppedEvent['body'];
}

type Body = Record<string, unknown>;

/** What an adapter writes, and what it reads. */
interface Streams {
  readonly stdout: Readable | null;
  readonly stdin: Writable | null;
}

/** The protocol's test client over pipes of our own, so that arguments and the process's end are ours to see. */
class Client extends DebugClient {
  constructor({ stdout, stdin }: Streams, receive: (message: DebugProtocol.ProtocolMessage) => void) {
    super('', '', 'wasmscope');
    // Every message is wanted, in the order in which they come; the client itself hands out one at a time.
    const client = this as unknown as { dispatch(raw: string): void };
    const dispatch = client.dispatch.bind(this);
    client.dispatch = (raw) => {
      receive(JSON.parse(raw));
      dispatch(raw);
    };
    this.connect(stdout!, stdin!);
  }
}

export class Conversation {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'wasmscope dap #'));
  readonly transcript: string[] = [];
  readonly #faults: string[] = [];
  /** The thread of the last stop. */
  thread = 1;
  readonly #client: Client;
  readonly #stdin: Writable;
  /** What answers the adapter's own requests; by itself none is known. */
  onRequest: ((request: DebugProtocol.Request) => object) | undefined;
  readonly #ended: Promise<number | null>;
  /** Events that came and were not waited for yet. */
  readonly #events: DebugProtocol.Event[] = [];
  /** Who waits for something to come. */
  readonly #waiting = new Set<() => void>();
  readonly #end: () => void;
  #over = false;
  #isGone = false;

  /** With an adapter of its own, or with the one at the other end of a connection. */
  constructor(socket?: Socket) {
    const adapter = socket
      ? undefined
      : endsHere(spawn(process.execPath, [CLI, 'dap'], { stdio: ['pipe', 'pipe', 'inherit'] }));
    this.#end = () => {
      adapter?.kill('SIGKILL');
      socket?.destroy();
    };
    this.#ended = new Promise((resolve) => {
      const gone = (code: number | null): void => {
        this.#isGone = true;
        resolve(code);
        this.#wake();
      };
      // Everything that it has said came before.
      adapter?.on('close', gone);
      socket?.on('close', () => gone(0));
    });
    const streams: Streams = adapter ?? { stdout: socket!, stdin: socket! };
    this.#stdin = streams.stdin!;
    // Who writes to an adapter that goes finds out by its end.
    this.#stdin.on('error', () => undefined);
    this.#client = new Client(streams, (message) => this.#receive(message));
  }

  /** The number that the next request gets. */
  get nextSeq(): number {
    return (this.#client as unknown as { sequence: number }).sequence;
  }

  /** Writes a file into this conversation's folder; gives its path. */
  file(name: string, content: string | Uint8Array): string {
    const file = path.join(this.dir, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** Sends a request and gives the body of its answer; throws an Error with its message if it is refused. */
  // biome-ignore lint/suspicious/noExplicitAny: a body is what the request says it is
  async request<T = any>(command: string, args?: object): Promise<T> {
    this.#check({ seq: 0, type: 'request', command, ...(args && { arguments: args }) });
    return this.#send(command, args);
  }

  /** The message that a request is refused with. */
  async refusal(command: string, args?: object): Promise<string> {
    try {
      await this.#send(command, args);
    } catch (error) {
      return this.plain((error as Error).message);
    }
    return assert.fail(`${command} was not refused`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: likewise
  async #send<T = any>(command: string, args?: object): Promise<T> {
    this.#note('->', command, args);
    if (command === 'restart') this.#over = false;
    let answer: DebugProtocol.Response | Error | undefined;
    const take = (given: DebugProtocol.Response | Error): void => {
      answer = given;
      this.#wake();
    };
    this.#client.send(command, args).then(take, take);
    await this.until(() => answer !== undefined, `an answer to ${command}`);
    if (answer instanceof Error) throw answer;
    return answer!.body as T;
  }

  #inTime<T>(promise: Promise<T>, what: string): Promise<T> {
    return within(promise, what, () => this.#soFar());
  }

  #soFar(): string {
    const lines = this.transcript.slice(-SHOWN_LINES);
    const left = this.transcript.length - lines.length;
    return `; the conversation so far:\n${left > 0 ? `(${left} lines)\n` : ''}${lines.join('\n')}`;
  }

  /** Remembers what is wrong with a message by the protocol's schema: `close` throws then. */
  #check(message: object): void {
    const plain = JSON.parse(JSON.stringify(message)) as Record<string, unknown>;
    this.#faults.push(...SCHEMA.faultsOf(plain).map((fault) => `${plain.type} ${fault}`));
  }

  /** The next event of this name, already come or not. Events of other names that came before it are dropped. */
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  async event<T = any>(name: string): Promise<T> {
    const find = (): number => this.#events.findIndex(({ event }) => event === name);
    await this.until(() => find() >= 0 || this.#over, `an event ${name}`);
    const at = find();
    if (at < 0) throw new Error(`the program ended without an event ${name}`);
    return this.#events.splice(0, at + 1)[at].body as T;
  }

  /** `initialize`, `launch`, breakpoints, `configurationDone`. */
  async launch(
    args: Body,
    breakpoints: { path: string; lines: (number | [line: number, column: number])[] }[] = [],
  ): Promise<void> {
    await this.initialize();
    await this.request('launch', args);
    await this.event('initialized');
    for (const { path: file, lines } of breakpoints) {
      await this.request('setBreakpoints', {
        source: { path: file },
        breakpoints: lines.map((at) =>
          typeof at === 'number' ? { line: at } : { line: at[0], column: at[1] },
        ),
      });
    }
    await this.request('configurationDone');
  }

  initialize(more: Body = {}): Promise<DebugProtocol.Capabilities> {
    return this.request('initialize', {
      adapterID: 'wasmscope',
      pathFormat: 'path',
      linesStartAt1: true,
      columnsStartAt1: true,
      ...more,
    });
  }

  /** Waits for the next stop and asks for its stack. */
  async stopped(levels = 20): Promise<Stop> {
    const body = await this.event<DebugProtocol.StoppedEvent['body']>('stopped');
    this.thread = body.threadId ?? 1;
    const { stackFrames } = await this.request('stackTrace', {
      threadId: this.thread,
      startFrame: 0,
      levels,
    });
    const frames = stackFrames as DebugProtocol.StackFrame[];
    const stack = frames.map(({ name, line, column }) => (line ? `${name} ${line}:${column}` : name));
    return { reason: body.reason, frames, stack, body };
  }

  /** Waits until this holds, which is looked at when something has come. */
  async until(condition: () => boolean, what: string): Promise<void> {
    if (condition()) return;
    let look = (): void => undefined;
    const holds = new Promise<void>((resolve, reject) => {
      look = () => {
        if (condition()) resolve();
        else if (this.#isGone) reject(new Error(`the adapter ended without ${what}${this.#soFar()}`));
      };
    });
    this.#waiting.add(look);
    look();
    try {
      await this.#inTime(holds, what);
    } finally {
      this.#waiting.delete(look);
    }
  }

  /** Whether a stop comes before the program's end. */
  async stopsAgain(): Promise<boolean> {
    const stops = (): boolean => this.#events.some(({ event }) => event === 'stopped');
    await this.until(() => this.#over || stops(), 'a stop or the end');
    return stops();
  }

  /** What the next stop says; undefined if the program ends before. */
  async stoppedOrEnded(): Promise<DebugProtocol.StoppedEvent['body'] | undefined> {
    return (await this.stopsAgain()) ? this.event<DebugProtocol.StoppedEvent['body']>('stopped') : undefined;
  }

  /** Steps until the program ends; gives the place of every stop, innermost frame only. */
  async stepToEnd(command: 'next' | 'stepIn'): Promise<string[]> {
    const places: string[] = [];
    for (;;) {
      await this.request(command, { threadId: 1 });
      if (!(await this.stopsAgain())) return places;
      places.push((await this.stopped()).stack[0]);
    }
  }

  async step(command: 'next' | 'stepIn' | 'stepOut' | 'continue', more: Body = {}): Promise<Stop> {
    await this.request(command, { threadId: this.thread, ...more });
    return this.stopped();
  }

  /** The variables of every scope of a frame, as `name = value : type`; of the value stack the operands alone. */
  async variables(frameId: number): Promise<Record<string, string[]>> {
    const { scopes } = await this.request('scopes', { frameId });
    const out: Record<string, string[]> = {};
    for (const { name, variablesReference } of scopes as DebugProtocol.Scope[]) {
      out[name] = await this.children(
        variablesReference,
        name === 'Value stack' ? { filter: 'indexed' } : {},
      );
    }
    return out;
  }

  async children(variablesReference: number, more: Body = {}): Promise<string[]> {
    const { variables } = await this.request('variables', { variablesReference, ...more });
    return (variables as DebugProtocol.Variable[]).map(
      ({ name, value, type }) => `${name} = ${value}${type ? ` : ${type}` : ''}`,
    );
  }

  /** Waits for the program's end; gives its exit code. */
  async exited(): Promise<number> {
    const { exitCode } = await this.event('exited');
    await this.event('terminated');
    return exitCode;
  }

  /** Everything of a category that was printed so far, or until the end. */
  printed(category: string): string {
    return this.transcript
      .filter((line) => line.startsWith('<- event output '))
      .map(
        (line) => JSON.parse(line.slice('<- event output '.length)) as { category: string; output: string },
      )
      .filter((output) => output.category === category)
      .map(({ output }) => output)
      .join('');
  }

  /** Waits until this is printed. */
  async says(category: string, wanted: RegExp): Promise<RegExpExecArray> {
    await this.until(() => wanted.test(this.printed(category)), `${wanted} on ${category}`);
    return wanted.exec(this.printed(category))!;
  }

  /** A text with this conversation's folder as `<dir>`. */
  plain(text: string): string {
    const spellings = [
      this.dir,
      encodeURI(this.dir).replaceAll('#', '%23'),
      JSON.stringify(this.dir).slice(1, -1),
    ];
    return spellings
      .reduce((out, spelling) => out.replaceAll(spelling, '<dir>'), text)
      .replaceAll('\\\\', '/');
  }

  /** Disconnects, and waits for the adapter's process, or the connection, to end by itself. Gives its exit code. */
  async close(terminateDebuggee = true): Promise<number | null> {
    let code: number | null;
    try {
      // Who has disconnected already may be gone before this is answered.
      await this.request('disconnect', { terminateDebuggee }).catch((error) => {
        if (!this.#isGone) throw error;
      });
      code = await this.#inTime(this.#ended, 'the adapter to end');
    } finally {
      this.abandon();
    }
    assert.deepEqual(this.#faults, [], 'messages that are not as the protocol has them');
    return code;
  }

  /** Ends the adapter, or the connection, as it is. */
  abandon(): void {
    this.#end();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Compares the transcript with its golden file, or writes that. */
  golden(name: string): void {
    const file = path.join(GOLDEN, `${name}.txt`);
    const text = `${this.transcript.join('\n')}\n`;
    if (process.env.BLESS) writeFileSync(file, text);
    else
      assert.equal(
        text,
        existsSync(file) ? readFileSync(file, 'utf8') : '',
        `golden file ${name}.txt (BLESS=1)`,
      );
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }

  #receive(message: DebugProtocol.ProtocolMessage): void {
    this.#check(message);
    if (message.type === 'event') this.#receiveEvent(message as DebugProtocol.Event);
    else if (message.type === 'request') this.#answer(message as DebugProtocol.Request);
    else {
      const { command, success, body, message: refusal } = message as DebugProtocol.Response;
      // Capabilities are many, and every transcript begins with them.
      if (success) this.#note('<-', command, command === 'initialize' ? undefined : body);
      else this.#note('<-', `${command} refused`, { message: refusal });
    }
  }

  #answer(request: DebugProtocol.Request): void {
    const { seq, command } = request;
    const answer = { seq: 0, type: 'response', request_seq: seq, command };
    let json: string;
    try {
      assert.ok(this.onRequest, `nobody answers ${command}`);
      json = JSON.stringify({ ...answer, success: true, body: this.onRequest(request) });
    } catch (error) {
      json = JSON.stringify({ ...answer, success: false, message: (error as Error).message });
    }
    this.#stdin.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
  }

  #receiveEvent(event: DebugProtocol.Event): void {
    this.#note('<-', `event ${event.event}`, event.body);
    this.#events.push(event);
    if (event.event === 'terminated') this.#over = true;
    this.#wake();
  }

  #note(arrow: string, what: string, body: unknown): void {
    const json = body === undefined ? '' : ` ${this.plain(JSON.stringify(body))}`;
    this.transcript.push(`${arrow} ${what}${json}`);
  }
}

let port: Promise<number> | undefined;

/** Where an adapter listens that the conversations of this file share: most take less time than a process does to start. */
function sharedPort(): Promise<number> {
  port ??= new Promise((resolve, reject) => {
    const adapter = endsHere(
      spawn(process.execPath, [CLI, 'dap', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    let said = '';
    adapter.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const listening = /^listening on 127\.0\.0\.1:(\d+)\n/.exec(said);
      if (listening) resolve(Number(listening[1]));
    });
    adapter.on('close', (code) => reject(new Error(`the adapter ended with exit code ${code}`)));
  });
  return within(port, 'the adapter to listen', undefined, START_PATIENCE_MS);
}

/** Runs `talk` in a conversation of its own, whose session must end afterwards. */
export async function converse(talk: (conversation: Conversation) => Promise<void>): Promise<void> {
  const socket = connect(await sharedPort(), '127.0.0.1').setNoDelay(true);
  await closedBehind(new Conversation(socket), talk);
}

/** As `converse`, with an adapter of its own over stdio, whose process must end afterwards. */
export async function converseApart(talk: (conversation: Conversation) => Promise<void>): Promise<void> {
  await closedBehind(new Conversation(), talk);
}

async function closedBehind(
  conversation: Conversation,
  talk: (conversation: Conversation) => Promise<void>,
): Promise<void> {
  try {
    await talk(conversation);
  } catch (error) {
    conversation.abandon();
    throw error;
  }
  assert.equal(await conversation.close(), 0, 'exit code of the adapter');
}
