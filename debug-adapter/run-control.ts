/**
 * The requests that let the program run: continue, step, pause, terminate. The answer goes out before the program
 * moves; what comes of it arrives as events.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { StepKind, StepParams } from '../engine/debug/wire.ts';
import { type Context, type Program, programOf } from './context.ts';
import { resumed } from './events.ts';

export async function continueRun(context: Context): Promise<DebugProtocol.ContinueResponse['body']> {
  const { engine } = programOf(context);
  await engine.request('continue', null);
  resumed(context);
  return { allThreadsContinued: true };
}

export async function step(
  context: Context,
  how: StepKind,
  granularity: DebugProtocol.SteppingGranularity | undefined,
): Promise<void> {
  const program = programOf(context);
  await program.engine.request('step', { how, within: await lineOfStop(context, program, how, granularity) });
  resumed(context);
}

/** Also before the program runs: then it stops before its first instruction. */
export async function pause(context: Context): Promise<void> {
  await context.launching;
  await programOf(context).engine.request('pause', null);
}

/** Ends the program, not the session: the client sends `disconnect` next. */
export async function terminate(context: Context): Promise<void> {
  await context.engine?.terminate();
  resumed(context);
  context.send<DebugProtocol.TerminatedEvent>('terminated');
}

/** The line that a step must leave, when stepping goes by line. */
async function lineOfStop(
  { stopped }: Context,
  { documents, stepBy }: Program,
  how: StepKind,
  granularity: DebugProtocol.SteppingGranularity | undefined,
): Promise<StepParams['within']> {
  const byLine = granularity === 'line' || (granularity !== 'instruction' && stepBy === 'line');
  const place = stopped?.place;
  if (!byLine || !place || how === 'out') return undefined;
  const lines = await documents.lines(place.doc);
  return { doc: place.doc, span: lines.line(lines.at(place.span.start).line) };
}
