/**
 * The requests that look at a stopped program: threads, stack, scopes, variables, evaluate, memory, exception; and
 * those that change a value.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { trapExplanation } from '../engine/debug/trap-kinds.ts';
import type {
  Container,
  Format,
  Item,
  MemoryChoice,
  WasiError,
  WireFrame,
  WireThrown,
} from '../engine/debug/wire.ts';
import { addressOf } from './addresses.ts';
import { fromClientColumn, fromClientLine, toClient } from './client.ts';
import { consoleCommand } from './console-commands.ts';
import { type Context, type Program, programOf, RequestError } from './context.ts';
import { EngineFault } from './engine-client.ts';
import { faultText, MAIN_THREAD, memoryChanged, thrownText, valuesChanged, wasiText } from './events.ts';
import { fromBase64, toBase64 } from './files.ts';
import { baseName } from './paths.ts';

const SCOPE_NAMES: Partial<Record<Container['kind'], string>> = {
  stack: 'Value stack',
  locals: 'Locals',
  labels: 'Labels',
  caught: 'Caught exceptions',
  globals: 'Globals',
  memories: 'Memory',
  tables: 'Tables',
  tags: 'Tags',
  segments: 'Segments',
  call: 'Call',
  handles: 'Handles',
};

/** A number's type, also of a global that can change. A vector says its own: `i32x4 1 2 3 4`. */
const NUMERIC = /^(?:\(mut )?([if](?:32|64))\)?$/;

export async function threads(context: Context): Promise<DebugProtocol.ThreadsResponse['body']> {
  const { program } = context;
  const mainName = program ? baseName(program.uri) : 'main';
  const found = (await program?.engine.request('threads', null).catch(() => undefined)) ?? [
    { id: MAIN_THREAD, name: mainName },
  ];
  return {
    threads: found.map(({ id, name, state }) => {
      const shown = id === MAIN_THREAD ? mainName : name;
      return { id, name: state === undefined ? shown : `${shown}: ${state}` };
    }),
  };
}

export async function stackTrace(
  context: Context,
  args: DebugProtocol.StackTraceArguments,
): Promise<DebugProtocol.StackTraceResponse['body']> {
  const program = programOf(context);
  const start = args.startFrame ?? 0;
  const { total, frames } = await program.engine.request('stackTrace', {
    thread: args.threadId || MAIN_THREAD,
    start,
    count: args.levels || 1000,
    parameters: wantsParameters(args.format) ? formatOf(program, args.format) : undefined,
  });
  const shown = frames.map((frame, i) => stackFrame(context, program, frame, args.format, start + i === 0));
  return { stackFrames: await Promise.all(shown), totalFrames: total };
}

function wantsParameters(format: DebugProtocol.StackFrameFormat | undefined): boolean {
  const { parameters, parameterNames, parameterTypes, parameterValues } = format ?? {};
  return [parameters, parameterNames, parameterTypes, parameterValues].includes(true);
}

/** A frame's name as the client wants it: `fib.wasm!$fib($n i32 = 3) line 4`. */
function labelOf(
  { name, parameters, module }: WireFrame,
  { documents }: Program,
  line: number | undefined,
  format: DebugProtocol.StackFrameFormat = {},
): string {
  const part = (
    { name: own, type, value }: NonNullable<WireFrame['parameters']>[number],
    i: number,
  ): string => {
    const { parameterNames = true, parameterTypes, parameterValues } = format;
    const shown = [
      ...(parameterNames ? [own === undefined ? `local[${i}]` : `$${own}`] : []),
      ...(parameterTypes ? [type] : []),
    ].join(' ');
    return parameterValues ? [shown, value].filter((text) => text !== '').join(' = ') : shown;
  };
  const file = format.module && module !== undefined ? documents.fileOf(module) : undefined;
  const before = file ? `${baseName(file)}!` : '';
  const list = parameters ? `(${parameters.map(part).join(', ')})` : '';
  return `${before}${name}${list}${format.line && line !== undefined ? ` line ${line}` : ''}`;
}

async function stackFrame(
  { handles }: Context,
  program: Program,
  wire: WireFrame,
  format: DebugProtocol.StackFrameFormat | undefined,
  isTop: boolean,
): Promise<DebugProtocol.StackFrame> {
  const { frame, kind, place, module } = wire;
  const { documents } = program;
  const id = handles.frame(frame);
  const at = place && kind !== 'host' ? await documents.location(place) : undefined;
  const name = labelOf(wire, program, at?.line, format);
  // What it stands at has values to look at; a label cannot be selected.
  if (kind === 'phase' && isTop) return { id, name, line: 0, column: 0 };
  if (kind === 'phase') return { id, name, line: 0, column: 0, presentationHint: 'label' };
  // Calls between components are what people look for; clients fold what is subtle away.
  const isSubtle = kind !== 'boundary';
  if (!place || !at)
    return { id, name, line: 0, column: 0, ...(isSubtle && { presentationHint: 'subtle' as const }) };
  const canRestart = kind === 'wasm' ? undefined : false;
  const shown = { id, name, ...at, moduleId: module, ...(canRestart === false && { canRestart }) };
  if (!('offset' in place)) return shown;
  return { ...shown, instructionPointerReference: addressOf(place.module, place.offset) };
}

export async function scopes(
  context: Context,
  args: DebugProtocol.ScopesArguments,
): Promise<DebugProtocol.ScopesResponse['body']> {
  const frame = context.handles.frameOf(args.frameId);
  const found = await programOf(context).engine.request('scopes', { frame });
  return {
    scopes: found.map(({ container, count, paged, hasNext }) => ({
      name: SCOPE_NAMES[container.kind] ?? container.kind,
      presentationHint: container.kind === 'locals' ? 'locals' : undefined,
      variablesReference: context.handles.container(container, paged),
      expensive: false,
      ...(paged ? { indexedVariables: count } : { namedVariables: count }),
      ...(hasNext && { namedVariables: 1 }),
    })),
  };
}

export async function variables(
  context: Context,
  args: DebugProtocol.VariablesArguments,
): Promise<DebugProtocol.VariablesResponse['body']> {
  const program = programOf(context);
  const container = context.handles.containerOf(args.variablesReference);
  const { start, count, format, filter } = args;
  const next = filter === 'indexed' || start ? undefined : await nextOf(program, container);
  const before = next ? [await variable(context, program, next)] : [];
  // What is paged is numbered: a client that asks for the named ones before has them all in the numbered ones.
  if (filter === 'named' && context.handles.isPaged(args.variablesReference)) return { variables: before };
  const items = await program.engine.request('children', {
    container,
    start,
    count,
    format: formatOf(program, format),
    most: program.most,
  });
  const shown = await Promise.all(items.map((item) => variable(context, program, item)));
  return { variables: [...before, ...shown] };
}

/** What the next instruction will do stands above the value stack. */
async function nextOf({ engine }: Program, container: Container): Promise<Item | undefined> {
  if (container.kind !== 'stack') return undefined;
  return (await engine.request('next', { frame: container.frame })) ?? undefined;
}

async function variable(context: Context, program: Program, item: Item): Promise<DebugProtocol.Variable> {
  return {
    name: item.name,
    evaluateName: item.expression,
    ...(await shown(context, program, item)),
    ...(item.origin && {
      declarationLocationReference: context.handles.location({ place: item.origin.place }),
    }),
  };
}

/** Where the function is that a reference points at, or the instruction that pushed a value. */
export async function locations(
  context: Context,
  args: DebugProtocol.LocationsArguments,
): Promise<DebugProtocol.LocationsResponse['body']> {
  const { engine, documents } = programOf(context);
  const target = context.handles.locationOf(args.locationReference);
  const place = 'place' in target ? target.place : await engine.request('funcPlace', target);
  if (!place) throw new RequestError('this function has no code here: it is imported');
  return documents.location(place);
}

/** A value was set: views of it are to be refreshed. */
function changed(context: Context, { wrote, instance }: Item): void {
  if (wrote) memoryChanged(context, memoryReference(wrote.memory, instance));
  else valuesChanged(context);
}

/** How the client wants values; what it does not say, as the launch configuration has it. */
function formatOf({ hex }: Program, format: DebugProtocol.ValueFormat | undefined): Format {
  return { hex: format?.hex ?? hex };
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
  const counted = item.paged ? { indexedVariables: item.count } : { namedVariables: item.count };
  return {
    value,
    type,
    variablesReference: item.container ? context.handles.container(item.container, item.paged) : 0,
    ...(item.container && item.count !== undefined && counted),
    ...(item.func !== undefined && {
      valueLocationReference: context.handles.location({ funcIdx: item.func, instance: item.instance }),
    }),
    ...(item.memory !== undefined && { memoryReference: memoryReference(item.memory, item.instance) }),
    ...(item.readOnly && { presentationHint: { attributes: ['readOnly'] } }),
  };
}

export async function evaluate(
  context: Context,
  args: DebugProtocol.EvaluateArguments,
): Promise<DebugProtocol.EvaluateResponse['body']> {
  const program = programOf(context);
  const told = args.context === 'repl' && (await consoleCommand(context, args.expression, args.frameId));
  if (typeof told === 'string') return { result: told, variablesReference: 0 };
  const frame = args.frameId === undefined ? undefined : context.handles.frameOf(args.frameId);
  const asked = program.engine.request('evaluate', {
    expression: args.expression,
    frame,
    format: formatOf(program, args.format),
    assigns: args.context === 'repl',
    calls: args.context !== 'hover',
  });
  const pointed = args.context === 'repl' ? asked.catch(pointOut(args.expression)) : asked;
  const item = await context.progress.during(`Evaluating ${args.expression}`, pointed, () => {
    void program.engine.request('cancelCalls', null);
  });
  if (item.assigned) changed(context, item);
  const { value, ...rest } = await shown(context, program, item);
  if (args.context !== 'clipboard' || !item.container) return { result: value, ...rest };
  return { ...rest, result: await wholeText(program, item, formatOf(program, args.format)) };
}

/** In a console there is room to mark what of an expression is wrong. */
function pointOut(expression: string): (error: unknown) => never {
  return (error) => {
    const { message, span, phase } = (error instanceof EngineFault && error.faults[0]) || {};
    const isOneLine = !/[\n\t]/.test(expression);
    if (!message || !span || phase !== 'usage' || span.end > expression.length || !isOneLine) throw error;
    const mark = `${' '.repeat(span.start)}${'^'.repeat(Math.max(1, span.end - span.start))}`;
    throw new RequestError(`${message}\n    ${expression}\n    ${mark}`);
  };
}

/** A value with all that is in it, a line each: what is worth copying. */
async function wholeText({ engine }: Program, item: Item, format: Format | undefined): Promise<string> {
  const items = await engine.request('children', { container: item.container!, format });
  return [item.value, ...items.map(({ name, value }) => `  ${name} = ${value}`)].join('\n');
}

/** As the protocol calls them. */
const COMPLETION_TYPES = {
  local: 'variable',
  global: 'variable',
  function: 'function',
  field: 'field',
  index: 'value',
  keyword: 'keyword',
  instruction: 'method',
  module: 'module',
} as const;

/** What can be typed next; of a text of several lines in the one that the cursor is in. */
export async function completions(
  context: Context,
  { text: all, line, column, frameId }: DebugProtocol.CompletionsArguments,
): Promise<DebugProtocol.CompletionsResponse['body']> {
  const { client } = context;
  const text = all.split('\n')[line === undefined ? 0 : fromClientLine(client, line)] ?? '';
  const frame = frameId === undefined ? undefined : context.handles.frameOf(frameId);
  const at = Math.min(Math.max(fromClientColumn(client, column), 0), text.length);
  const found = await programOf(context).engine.request('completions', { text, column: at, frame });
  return {
    targets: found.map(({ label, kind, detail, start, length }) => ({
      label,
      detail,
      type: COMPLETION_TYPES[kind],
      start: toClient(client, { line: 0, column: start }).column,
      length,
    })),
  };
}

export async function setVariable(
  context: Context,
  args: DebugProtocol.SetVariableArguments,
): Promise<DebugProtocol.SetVariableResponse['body']> {
  const program = programOf(context);
  const container = context.handles.containerOf(args.variablesReference);
  const item = await program.engine.request('setValue', {
    container,
    name: args.name,
    value: args.value,
    format: formatOf(program, args.format),
  });
  valuesChanged(context);
  return shown(context, program, item);
}

export async function setExpression(
  context: Context,
  args: DebugProtocol.SetExpressionArguments,
): Promise<DebugProtocol.SetExpressionResponse['body']> {
  const program = programOf(context);
  const frame = args.frameId === undefined ? undefined : context.handles.frameOf(args.frameId);
  const { expression, value } = args;
  const item = await program.engine.request('setExpression', {
    expression,
    value,
    frame,
    format: formatOf(program, args.format),
  });
  changed(context, item);
  return shown(context, program, item);
}

export async function readMemory(
  context: Context,
  args: DebugProtocol.ReadMemoryArguments,
): Promise<DebugProtocol.ReadMemoryResponse['body']> {
  const memory = memoryOf(args.memoryReference);
  const offset = args.offset ?? 0;
  const { bytes, unreadable } = await programOf(context).engine.request('readMemory', {
    ...memory,
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
    ...memory,
    offset: wanted,
    bytes,
    allowPartial,
  });
  memoryChanged(context, args.memoryReference);
  return { bytesWritten: written, ...(allowPartial && { offset }) };
}

/** Frames that are told of an exception. */
const MOST_TOLD_FRAMES = 50;

export async function exceptionInfo(context: Context): Promise<DebugProtocol.ExceptionInfoResponse['body']> {
  const info = exceptionOf(context);
  const { engine, documents } = programOf(context);
  const { frames, total } = await engine.request('stackTrace', {
    thread: context.stopped?.thread ?? MAIN_THREAD,
    start: 0,
    count: MOST_TOLD_FRAMES,
  });
  const lines = await Promise.all(
    frames.map(async ({ name, place }) => {
      const at = place && (await documents.location(place));
      return at ? `at ${name} (${at.source.name}:${at.line}:${at.column})` : `at ${name}`;
    }),
  );
  const more = total > frames.length ? [`… ${total - frames.length} more`] : [];
  return { ...info, details: { ...info.details, stackTrace: [...lines, ...more].join('\n') } };
}

function exceptionOf(context: Context): DebugProtocol.ExceptionInfoResponse['body'] {
  const { fault, thrown, wasi, exitCode, reason, text } = context.stopped ?? {};
  if (thrown) return thrownInfo(thrown);
  if (wasi) return wasiInfo(wasi);
  if (exitCode !== undefined) {
    const message = `the program exits with code ${exitCode}`;
    return {
      exceptionId: `exit ${exitCode}`,
      description: message,
      breakMode: 'always',
      details: { message },
    };
  }
  if (reason === 'assertion' && text !== undefined) {
    return {
      exceptionId: 'assertion failed',
      description: text,
      breakMode: 'always',
      details: { message: text },
    };
  }
  if (!fault) throw new RequestError('the program did not stop on a trap or an exception');
  const [id] = fault.message.split(': ', 1);
  return {
    exceptionId: id,
    description: [faultText(fault), trapExplanation(fault.message)].filter(Boolean).join('\n'),
    breakMode: 'always',
    details: {
      message: [fault.message, ...fault.notes.map((note) => note.message)].join('\n'),
      typeName: fault.phase,
    },
  };
}

function wasiInfo(error: WasiError): DebugProtocol.ExceptionInfoResponse['body'] {
  const { name, number, meaning, by } = error;
  return {
    exceptionId: name,
    description: wasiText(error),
    breakMode: 'always',
    details: { message: `${by} answered with ${number}: ${meaning}`, typeName: 'errno' },
  };
}

function thrownInfo(thrown: WireThrown): DebugProtocol.ExceptionInfoResponse['body'] {
  const { name, text, caught } = thrown;
  return {
    exceptionId: name,
    description: thrownText(thrown),
    breakMode: caught ? 'always' : 'unhandled',
    details: { message: text, typeName: 'exception' },
  };
}

/** `memory[0]`; of another instance than the first `memory[0]@2`. */
function memoryReference(idx: number, instance = 0): string {
  return instance === 0 ? `memory[${idx}]` : `memory[${idx}]@${instance}`;
}

function memoryOf(reference: string): MemoryChoice {
  const [, idx, instance = '0'] = /^memory\[(\d+)\](?:@(\d+))?$/.exec(reference) ?? [];
  if (idx === undefined) throw new RequestError(`unknown memory: ${reference}`);
  return { memory: Number(idx), instance: Number(instance) };
}
