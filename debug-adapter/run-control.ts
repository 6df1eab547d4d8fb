/**
 * The requests that let the program run: continue, step, pause, terminate. The answer goes out before the program
 * moves; what comes of it arrives as events.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { StepKind, StepParams, ThreadChoice, WireFrame } from '../engine/debug/wire.ts';
import { type Context, type Program, programOf } from './context.ts';
import type { EngineClient } from './engine-client.ts';
import { MAIN_THREAD, resumed } from './events.ts';
import { callOf } from './moves.ts';

export async function continueRun(
  context: Context,
  args: DebugProtocol.ContinueArguments,
): Promise<DebugProtocol.ContinueResponse['body']> {
  const { engine } = programOf(context);
  await engine.request('continue', choiceOf(context, args));
  resumed(context);
  return { allThreadsContinued: args.singleThread !== true };
}

export async function step(
  context: Context,
  how: StepKind,
  args: DebugProtocol.NextArguments & Pick<DebugProtocol.StepInArguments, 'targetId'>,
): Promise<void> {
  const program = programOf(context);
  const choice = choiceOf(context, args);
  const into = how === 'in' ? callOf(context, args.targetId) : undefined;
  // On the way to a call the step stays in its line.
  const granularity = into === undefined ? args.granularity : 'line';
  const within = await lineOfStop(context, program, how, choice, granularity);
  await program.engine.request('step', { ...choice, how, within, into });
  resumed(context);
}

/** The thread that a request names, else the one that the last stop was about. */
function choiceOf(
  { stopped }: Context,
  { threadId, singleThread }: { threadId?: number; singleThread?: boolean },
): ThreadChoice {
  return { thread: threadId || (stopped?.thread ?? MAIN_THREAD), alone: singleThread === true };
}

/** Also before the program runs: then it stops before its first instruction. */
export async function pause(context: Context): Promise<void> {
  await context.launching;
  await programOf(context).engine.request('pause', null);
}

/** Ends threads; the program, if the main one is among them. Without any: the program. */
export async function terminateThreads(
  context: Context,
  { threadIds = [] }: DebugProtocol.TerminateThreadsArguments,
): Promise<void> {
  const threads = threadIds.length > 0 ? threadIds : [MAIN_THREAD];
  await programOf(context).engine.request('endThreads', { threads });
}

/** Ends the program, not the session: the client sends `disconnect` next. */
export async function terminate(context: Context): Promise<void> {
  if (context.engine) context.host.running?.end();
  await context.engine?.terminate();
  resumed(context);
  context.send<DebugProtocol.TerminatedEvent>('terminated');
}

/** A program that was launched ends with the session; one that was attached to only if the client says so. */
export function disconnect(
  { host, engine }: Context,
  { terminateDebuggee, suspendDebuggee }: DebugProtocol.DisconnectArguments,
): undefined {
  if (!engine) return;
  if (terminateDebuggee) host.running?.end();
  else if (suspendDebuggee) host.running?.suspend();
}

/** The line that a step must leave, when stepping goes by line. */
async function lineOfStop(
  { stopped }: Context,
  { documents, stepBy, engine }: Program,
  how: StepKind,
  { thread }: ThreadChoice,
  granularity: DebugProtocol.SteppingGranularity | undefined,
): Promise<StepParams['within']> {
  const byLine = granularity === 'line' || (granularity !== 'instruction' && stepBy === 'line');
  if (!byLine || how === 'out') return undefined;
  const top = thread === stopped?.thread ? stopped : await topOf(engine, thread);
  const place = top?.place;
  if (!place) return undefined;
  const lines = await documents.lines(place.doc);
  return { doc: place.doc, span: lines.line(lines.at(place.span.start).line) };
}

async function topOf(engine: EngineClient, thread: number): Promise<WireFrame | undefined> {
  return (await engine.request('stackTrace', { thread, start: 0, count: 1 })).frames[0];
}

/** Text for the program's standard input, where a terminal gives that; `end`: nothing more will come. */
export async function input(
  context: Context,
  { text, end }: { text?: string; end?: boolean },
): Promise<void> {
  const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
  await programOf(context).engine.request('input', { bytes, end: end === true });
}
