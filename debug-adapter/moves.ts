/**
 * The requests that put the program somewhere else, and what a step can go into: goto, restartFrame, stepInTargets; and our
 * own for experts: force a function to return, ignore a trap by supplying a result.
 *
 * Each puts the program there at once; the engine then tells of a stop.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { StepInTarget } from '../engine/debug/wire.ts';
import { type Context, type Program, programOf, RequestError } from './context.ts';
import { MAIN_THREAD } from './events.ts';

/** The request `wasmscope/forceReturn`: the frame's function returns these values, which are literals or expressions. */
export interface ForceReturnArguments {
  readonly frameId: number;
  readonly values?: readonly string[];
}

/** The request `wasmscope/ignoreTrap`: the instruction that trapped counts as done, with these results. */
export interface IgnoreTrapArguments {
  readonly threadId?: number;
  readonly values?: readonly string[];
}

/** The request `wasmscope/forcedTypes`: the types of what the two other requests want. */
export interface ForcedTypesArguments {
  readonly frameId: number;
  readonly of?: 'function' | 'instruction';
}

/** Where the stopped thread may go on. Places where it cannot are told only if there is no other: `goto` says why not. */
export async function gotoTargets(
  context: Context,
  { source, line, column }: DebugProtocol.GotoTargetsArguments,
): Promise<DebugProtocol.GotoTargetsResponse['body']> {
  const { documents, engine } = programOf(context);
  const doc = documents.docOf(source);
  if (doc === undefined)
    throw new RequestError('this file is not a part of the program that is being debugged');
  const thread = context.stopped?.thread ?? MAIN_THREAD;
  const span = await documents.span(doc, line, undefined);
  const found = await engine.request('gotoTargets', { thread, doc, span });
  const possible = found.filter(({ problem }) => !problem);
  const shown = possible.length > 0 ? possible : found.slice(0, 1);
  const targets = await Promise.all(
    shown.map(async ({ place }) => {
      const { source: _, ...range } = await documents.location(place);
      const text = await documents.text(place.doc);
      const id = context.handles.location({ place });
      return { id, label: text.slice(place.span.start, place.span.end), ...range };
    }),
  );
  const isAt = column === undefined ? [] : targets.filter((target) => target.column === column);
  return { targets: isAt.length > 0 ? isAt : targets };
}

export async function goTo(
  context: Context,
  { threadId, targetId }: DebugProtocol.GotoArguments,
): Promise<void> {
  const target = context.handles.locationOf(targetId);
  if (!('place' in target)) throw new RequestError(`unknown target ${targetId}`);
  const { module, offset } = target.place;
  const thread = threadId || (context.stopped?.thread ?? MAIN_THREAD);
  await programOf(context).engine.request('goto', { thread, module, offset });
}

export async function restartFrame(
  context: Context,
  { frameId }: DebugProtocol.RestartFrameArguments,
): Promise<void> {
  const frame = context.handles.frameOf(frameId);
  await programOf(context).engine.request('restartFrame', { frame });
}

export async function forceReturn(
  context: Context,
  { frameId, values = [] }: ForceReturnArguments,
): Promise<void> {
  const frame = context.handles.frameOf(frameId);
  await programOf(context).engine.request('forceReturn', { frame, values: texts(values) });
}

export async function ignoreTrap(
  context: Context,
  { threadId, values = [] }: IgnoreTrapArguments,
): Promise<void> {
  const thread = threadId || (context.stopped?.thread ?? MAIN_THREAD);
  await programOf(context).engine.request('supplyResult', { thread, values: texts(values) });
}

export async function forcedTypes(
  context: Context,
  { frameId, of = 'function' }: ForcedTypesArguments,
): Promise<{ types: readonly string[] }> {
  const frame = context.handles.frameOf(frameId);
  return { types: await programOf(context).engine.request('forcedTypes', { frame, of }) };
}

/** The calls of the frame's line that are still to come. */
export async function stepInTargets(
  context: Context,
  { frameId }: DebugProtocol.StepInTargetsArguments,
): Promise<DebugProtocol.StepInTargetsResponse['body']> {
  const program = programOf(context);
  const frame = context.handles.frameOf(frameId);
  const found = await callsInLine(program, frame);
  const targets = await Promise.all(
    found.map(async ({ label, place }) => {
      const { source: _, ...range } = await program.documents.location(place);
      return { id: context.handles.location({ place }), label, ...range };
    }),
  );
  return { targets };
}

/** The offset of the call that a step is to go into. */
export function callOf(context: Context, targetId: number | undefined): number | undefined {
  if (targetId === undefined) return undefined;
  const target = context.handles.locationOf(targetId);
  if (!('place' in target)) throw new RequestError(`unknown target ${targetId}`);
  return target.place.offset;
}

async function callsInLine({ documents, engine }: Program, frame: number): Promise<StepInTarget[]> {
  const { place, targets } = await engine.request('stepInTargets', { frame });
  if (!place) return [];
  const lines = await documents.lines(place.doc);
  const { line } = lines.at(place.span.start);
  return targets.filter((target) => lines.at(target.place.span.start).line === line);
}

function texts(values: readonly unknown[]): string[] {
  if (!Array.isArray(values)) throw new RequestError('"values" must be a list of strings');
  return values.map(String);
}
