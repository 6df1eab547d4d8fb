/**
 * The engine's events as DAP events, in their order: each waits for the one before it, which may look up a text, and
 * for the answers of the requests that caused it.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type {
  EventName,
  Events,
  Output,
  Stopped,
  Verdict,
  WasiError,
  WireDataHit,
  WireFault,
  WireThrown,
} from '../engine/debug/wire.ts';
import { PlainText } from './ansi.ts';
import type { Context } from './context.ts';
import { trapDumped } from './core-dumps.ts';
import { dataBreakpointChanged } from './data-breakpoints.ts';
import { askClient } from './directories.ts';

/** The engine's number of the thread that a program begins with. */
export const MAIN_THREAD = 1;

type Listeners = { [K in EventName]: (body: Events[K]) => void };

/** `isCurrent`: false once another engine has taken this one's place. `dumpPath`: where core dumps go. */
export function engineListeners(
  context: Context,
  isCurrent: () => boolean = () => true,
  dumpPath?: string,
): Listeners {
  let last: Promise<void> = Promise.resolve();
  const inOrder = (send: () => void | Promise<void>): void => {
    last = last
      .then(() => context.answered())
      .then(() => (isCurrent() ? send() : undefined))
      .catch((error) => context.log(`event: ${(error as Error).message}`));
  };
  const decoders = { stdout: decoder(context), stderr: decoder(context) };
  return {
    output: (body) => inOrder(() => output(context, body)),
    programOutput: (body) => inOrder(() => programOutput(context, decoders, body)),
    // Not in order: what comes before may wait for the answer.
    fileSystem: (question) => askClient(context, question),
    // Only who gives the program its streams is asked.
    inputWanted: () =>
      context.host.streams?.read(
        (bytes) =>
          void context.engine?.request('input', { bytes, end: bytes === undefined }).catch(() => undefined),
      ),
    verdict: (body) => inOrder(() => verdict(context, body)),
    dataBreakpoint: (body) => inOrder(() => dataBreakpointChanged(context, body)),
    made: () => inOrder(() => context.send('wasmscope/instantiated')),
    threadStarted: ({ id }) => inOrder(() => threadEvent(context, 'started', id)),
    threadEnded: ({ id }) => inOrder(() => threadEvent(context, 'exited', id)),
    stopped: (body) => inOrder(() => stopped(context, body)),
    coreDump: (body) =>
      inOrder(() => (dumpPath === undefined ? undefined : trapDumped(context, dumpPath, body))),
    ended: ({ code }) =>
      inOrder(() => {
        resumed(context);
        context.host.streams?.exited(code);
        context.send<DebugProtocol.ExitedEvent>('exited', { exitCode: code });
        context.send<DebugProtocol.TerminatedEvent>('terminated');
      }),
  };
}

function threadEvent(context: Context, reason: 'started' | 'exited', threadId: number): void {
  context.send<DebugProtocol.ThreadEvent>('thread', { reason, threadId });
}

/** Execution goes on: frames and values of the last stop are gone. */
export function resumed(context: Context): void {
  context.stopped = undefined;
  context.handles.clear();
}

async function output(context: Context, { category, text, place }: Output): Promise<void> {
  const { streams } = context.host;
  if (category === 'stdout' || category === 'stderr') await streams?.write(category, text);
  // What went wrong is told where it can be clicked, too.
  if (streams && category === 'stdout') return;
  const at = place && context.program ? await context.program.documents.location(place) : undefined;
  context.send<DebugProtocol.OutputEvent>('output', {
    category,
    output: text,
    ...(at && { source: at.source, line: at.line, column: at.column }),
  });
}

/** The text of a stream of bytes, with escape sequences only if the client knows them. */
function decoder({ client }: Context): (bytes: Uint8Array) => string {
  const utf8 = new TextDecoder();
  const plain = new PlainText();
  return (bytes) => {
    const text = utf8.decode(bytes, { stream: true });
    return client.styling ? text : plain.take(text);
  };
}

/** A character may be cut at the end of a piece. The program goes on writing when the client has taken what it wrote. */
async function programOutput(
  context: Context,
  decoders: Readonly<Record<'stdout' | 'stderr', (bytes: Uint8Array) => string>>,
  { category, bytes }: Events['programOutput'],
): Promise<void> {
  const { streams } = context.host;
  await streams?.write(category, bytes);
  const text = streams ? '' : decoders[category](bytes);
  if (text !== '') context.send<DebugProtocol.OutputEvent>('output', { category, output: text });
  await context.host.sent?.();
  await context.engine?.request('outputTaken', { count: bytes.length });
}

async function verdict(context: Context, { span, ...what }: Verdict): Promise<void> {
  const at = await context.program?.documents.location({ doc: 'program', span });
  if (at) context.send('wasmscope/verdict', { line: at.line, column: at.column, ...what });
}

/** As many bytes as a memory can have: all of it may have changed. VS Code takes no other range rightly. */
const WHOLE_MEMORY = 2 ** 34;

const DESCRIPTIONS = {
  entry: 'Paused on entry',
  step: 'Paused after a step',
  breakpoint: 'Paused on a breakpoint',
  'function breakpoint': 'Paused on a function breakpoint',
  'instruction breakpoint': 'Paused on an instruction breakpoint',
  'data breakpoint': 'Paused on a data breakpoint',
  pause: 'Paused',
  goto: 'Paused where it was put',
  restart: 'Paused at the begin of the frame',
  dump: 'A core dump',
  exception: 'Paused on a trap',
  assertion: 'Paused on a failed assertion',
} as const;

/** A fault in one line: `out of bounds memory access: address 70000 + 4 bytes, memory is 65536 bytes`. */
export function faultText({ message, notes }: WireFault): string {
  return [message, ...notes.map((note) => note.message)].join(': ');
}

/** What clients know no word for is an exception to them. */
const REASONS: Partial<Record<Stopped['reason'], string>> = { assertion: 'exception', dump: 'pause' };

function stopped(context: Context, stop: Stopped): void {
  context.handles.clear();
  context.stopped = stop;
  context.send<DebugProtocol.StoppedEvent>('stopped', {
    reason: REASONS[stop.reason] ?? stop.reason,
    description: descriptionOf(stop),
    text: textOf(stop),
    threadId: stop.thread,
    allThreadsStopped: true,
    hitBreakpointIds: stop.breakpoints?.length ? [...stop.breakpoints] : undefined,
  });
  for (const memoryReference of context.memoriesShown) refreshMemory(context, memoryReference);
}

function textOf({ text, data, thrown, wasi, exitCode, fault }: Stopped): string | undefined {
  if (text !== undefined) return text;
  if (data) return data.map(dataText).join('; ');
  if (thrown) return thrownText(thrown);
  if (wasi) return wasiText(wasi);
  return exitCode === undefined ? fault && faultText(fault) : `exit code ${exitCode}`;
}

function descriptionOf({ reason, fault, thrown, data, wasi, exitCode }: Stopped): string {
  if (wasi) return 'Paused on a WASI error';
  if (exitCode !== undefined) return 'Paused where the program exits';
  if (data) return `Data breakpoint: ${data.map(({ name, text }) => `${name} ${text}`).join('; ')}`;
  if (thrown) return thrown.caught ? 'Paused on an exception' : 'Paused on an uncaught exception';
  if (fault?.phase === 'exhaustion') return 'Paused: resources are exhausted';
  return DESCRIPTIONS[reason];
}

/** `$count: 3 (0x3) → 4 (0x4), written by global.set in $bump`. */
function dataText({ name, text, who }: WireDataHit): string {
  return `${name}: ${text}, ${who}`;
}

/** `EBADF: bad file descriptor, from wasi_snapshot_preview1.fd_read`. */
export function wasiText({ name, meaning, by }: WasiError): string {
  return `${name}: ${meaning}, from ${by}`;
}

/** `$oops(7), caught in $main`; of what nobody catches only what it is. */
export function thrownText({ text, caught }: WireThrown): string {
  return caught ? `${text}, caught in ${caught.name}` : text;
}

/** Somebody wrote to a memory: views of it, and of values that are read from it, are to be refreshed. */
export function memoryChanged(context: Context, memoryReference: string): void {
  refreshMemory(context, memoryReference);
  valuesChanged(context);
}

/** Somebody set a value: other places may show the same object, vector or global. */
export function valuesChanged({ client, send }: Context): void {
  if (!client.invalidatedEvents) return;
  send<DebugProtocol.InvalidatedEvent>('invalidated', { areas: ['variables'] });
}

function refreshMemory({ client, send }: Context, memoryReference: string): void {
  if (!client.memoryEvents) return;
  send<DebugProtocol.MemoryEvent>('memory', { memoryReference, offset: 0, count: WHOLE_MEMORY });
}
