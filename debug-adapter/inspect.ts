/**
 * The requests that look at a stopped program: threads, stack, scopes, variables, evaluate, memory, exception; and
 * those that change a value.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Container, Item, WireFrame } from '../engine/debug/wire.ts';
import { addressOf } from './addresses.ts';
import { type Context, type Program, programOf, RequestError } from './context.ts';
import { faultText, memoryChanged, THREAD_ID } from './events.ts';
import { fromBase64, toBase64 } from './files.ts';
import { baseName } from './paths.ts';

const SCOPE_NAMES: Readonly<Record<Container['kind'], string>> = {
  stack: 'Value stack',
  locals: 'Locals',
  labels: 'Labels',
  globals: 'Globals',
  memories: 'Memory',
  tables: 'Tables',
  table: 'Table',
};

/** A number's type, also of a global that can change. */
const NUMERIC = /^(?:\(mut )?([if](?:32|64)|v128)\)?$/;

export function threads(context: Context): DebugProtocol.ThreadsResponse['body'] {
  const name = context.program ? baseName(context.program.uri) : 'main';
  return { threads: [{ id: THREAD_ID, name }] };
}

export async function stackTrace(
  context: Context,
  args: DebugProtocol.StackTraceArguments,
): Promise<DebugProtocol.StackTraceResponse['body']> {
  const program = programOf(context);
  const start = args.startFrame ?? 0;
  const { total, frames } = await program.engine.request('stackTrace', { start, count: args.levels || 1000 });
  const shown = frames.map((frame, i) => stackFrame(context, program, frame, start + i));
  return { stackFrames: await Promise.all(shown), totalFrames: total };
}

async function stackFrame(
  { handles }: Context,
  { documents }: Program,
  { kind, name, place }: WireFrame,
  depth: number,
): Promise<DebugProtocol.StackFrame> {
  const id = handles.frame(depth);
  if (!place || kind === 'host') return { id, name, line: 0, column: 0, presentationHint: 'subtle' };
  const instructionPointerReference = addressOf(place.offset);
  return { id, name, ...(await documents.location(place)), instructionPointerReference };
}

export async function scopes(
  context: Context,
  args: DebugProtocol.ScopesArguments,
): Promise<DebugProtocol.ScopesResponse['body']> {
  const frame = context.handles.depthOf(args.frameId);
  const found = await programOf(context).engine.request('scopes', { frame });
  return {
    scopes: found.map(({ container, count }) => ({
      name: SCOPE_NAMES[container.kind],
      presentationHint: container.kind === 'locals' ? 'locals' : undefined,
      variablesReference: context.handles.container(container),
      expensive: false,
      ...(container.kind === 'stack' && { indexedVariables: count }),
      ...(container.kind !== 'stack' && { namedVariables: count }),
    })),
  };
}

export async function variables(
  context: Context,
  args: DebugProtocol.VariablesArguments,
): Promise<DebugProtocol.VariablesResponse['body']> {
  const program = programOf(context);
  const container = context.handles.containerOf(args.variablesReference);
  const items = await program.engine.request('children', { container, start: args.start, count: args.count });
  return { variables: await Promise.all(items.map((item) => variable(context, program, item))) };
}

async function variable(context: Context, program: Program, item: Item): Promise<DebugProtocol.Variable> {
  return { name: item.name, evaluateName: item.expression, ...(await shown(context, program, item)) };
}

/** The part of an item that variables and results of evaluation have in common. */
async function shown(context: Context, { documents }: Program, item: Item) {
  const origin = item.origin;
  const at = origin && (await documents.location(origin.place));
  // A label has no type: its value says what a branch does, and where that goes on.
  const numeric = context.client.typesInValues ? NUMERIC.exec(item.type ?? '')?.[1] : undefined;
  const plain = numeric ? `${numeric} ${item.value}` : item.value;
  const value = at && !item.type ? `${plain} (line ${at.line})` : plain;
  const type = at && item.type ? `${item.type}, ${origin.what} in line ${at.line}` : item.type;
  return {
    value,
    type,
    variablesReference: item.container ? context.handles.container(item.container) : 0,
    ...(item.container && item.count !== undefined && { indexedVariables: item.count }),
    ...(item.memory !== undefined && { memoryReference: memoryReference(item.memory) }),
    ...(item.readOnly && { presentationHint: { attributes: ['readOnly'] } }),
  };
}

export async function evaluate(
  context: Context,
  args: DebugProtocol.EvaluateArguments,
): Promise<DebugProtocol.EvaluateResponse['body']> {
  const program = programOf(context);
  const frame = args.frameId === undefined ? undefined : context.handles.depthOf(args.frameId);
  const item = await program.engine.request('evaluate', { expression: args.expression, frame });
  const { value, ...rest } = await shown(context, program, item);
  return { result: value, ...rest };
}

export async function setVariable(
  context: Context,
  args: DebugProtocol.SetVariableArguments,
): Promise<DebugProtocol.SetVariableResponse['body']> {
  const program = programOf(context);
  const container = context.handles.containerOf(args.variablesReference);
  const item = await program.engine.request('setValue', { container, name: args.name, value: args.value });
  return shown(context, program, item);
}

export async function setExpression(
  context: Context,
  args: DebugProtocol.SetExpressionArguments,
): Promise<DebugProtocol.SetExpressionResponse['body']> {
  const program = programOf(context);
  const frame = args.frameId === undefined ? undefined : context.handles.depthOf(args.frameId);
  const { expression, value } = args;
  const item = await program.engine.request('setExpression', { expression, value, frame });
  if (item.wrote) memoryChanged(context, memoryReference(item.wrote.memory));
  return shown(context, program, item);
}

export async function readMemory(
  context: Context,
  args: DebugProtocol.ReadMemoryArguments,
): Promise<DebugProtocol.ReadMemoryResponse['body']> {
  const memory = memoryOf(args.memoryReference);
  const offset = args.offset ?? 0;
  const { bytes, unreadable } = await programOf(context).engine.request('readMemory', {
    memory,
    offset,
    count: args.count,
  });
  context.memoriesShown.add(args.memoryReference);
  return {
    address: `0x${Math.max(offset, 0).toString(16)}`,
    data: toBase64(bytes),
    ...(unreadable && { unreadableBytes: unreadable }),
  };
}

export async function writeMemory(
  context: Context,
  args: DebugProtocol.WriteMemoryArguments,
): Promise<DebugProtocol.WriteMemoryResponse['body']> {
  const memory = memoryOf(args.memoryReference);
  const bytes = fromBase64(args.data);
  const { allowPartial = false, offset: wanted = 0 } = args;
  const { written, offset } = await programOf(context).engine.request('writeMemory', {
    memory,
    offset: wanted,
    bytes,
    allowPartial,
  });
  memoryChanged(context, args.memoryReference);
  return { bytesWritten: written, ...(allowPartial && { offset }) };
}

export function exceptionInfo(context: Context): DebugProtocol.ExceptionInfoResponse['body'] {
  const fault = context.stopped?.fault;
  if (!fault) throw new RequestError('the program did not stop on a trap');
  const [id] = fault.message.split(': ', 1);
  return {
    exceptionId: id,
    description: faultText(fault),
    breakMode: 'always',
    details: {
      message: [fault.message, ...fault.notes.map((note) => note.message)].join('\n'),
      typeName: fault.phase,
    },
  };
}

function memoryReference(idx: number): string {
  return `memory[${idx}]`;
}

function memoryOf(reference: string): number {
  const idx = /^memory\[(\d+)\]$/.exec(reference)?.[1];
  if (idx === undefined) throw new RequestError(`unknown memory: ${reference}`);
  return Number(idx);
}
