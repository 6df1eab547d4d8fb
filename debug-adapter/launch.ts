/**
 * `launch`: reads the program, loads it into an engine, links its imports, chooses what to run, and starts when the
 * client has configured its breakpoints. Whatever is wrong is said once in the Debug Console, at its place, and
 * once as the answer to the request.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Breakpoints } from './breakpoints.ts';
import { type Context, type LaunchArguments, type Program, RequestError } from './context.ts';
import { Documents } from './documents.ts';
import { EngineClient, EngineFault } from './engine-client.ts';
import { engineListeners } from './events.ts';
import { type ProgramFile, readProgram } from './files.ts';
import { lineTable } from './lines.ts';
import { folderOf, toClientPath, toUri } from './paths.ts';

/** Answers `launch`. `configured` resolves when the client has sent `configurationDone`. */
export async function launch(
  context: Context,
  breakpoints: Breakpoints,
  args: LaunchArguments,
  configured: Promise<void>,
): Promise<void> {
  if (context.engine) throw new RequestError('a program is being debugged already', true);
  checkArguments(args);
  context.trace = args.trace === true;
  if (args.supportsWasmscopeFiles) context.client = { ...context.client, wasmscopeFiles: true };

  const file = await readFor(context, args);
  if (context.engine) throw new RequestError('a program is being debugged already', true);
  const engine = new EngineClient(
    context.host.startEngine(),
    engineListeners(context),
    (reason) => engineFailed(context, reason),
    (line) => context.log(line),
  );
  context.engine = engine;
  try {
    const { uri, ...program } = file;
    const text = 'text' in program ? program.text : undefined;
    await engine.request('load', { program });
    const documents = new Documents(uri, text, context.host.platform, context.client, engine);
    context.program = { uri, engine, documents, stepBy: args.stepBy ?? 'instruction' };
    await engine.request('link', { imports: await importsFor(context, args) });
    await engine.request('prepare', { function: args.invoke?.function, args: args.invoke?.args });
    await breakpoints.programLoaded(context.program);
  } catch (error) {
    context.program = undefined;
    context.engine = undefined;
    await engine.terminate();
    throw error instanceof EngineFault ? await explain(context, file, error) : error;
  }
  void configured.then(() => start(context, context.program, args));
  context.send<DebugProtocol.InitializedEvent>('initialized');
}

async function start(context: Context, program: Program | undefined, args: LaunchArguments): Promise<void> {
  try {
    await program?.engine.request('start', {
      stopOnEntry: args.stopOnEntry === true && args.noDebug !== true,
      noDebug: args.noDebug === true,
    });
  } catch (error) {
    context.log(`start: ${(error as Error).message}`);
  }
}

/** Throws a RequestError that names the attribute and what it should be. */
function checkArguments(args: LaunchArguments): void {
  const wrong = (what: string): never => {
    throw new RequestError(`launch configuration: ${what}`, true);
  };
  if (typeof args.program !== 'string' || args.program === '') {
    wrong('"program" is missing: the path or URI of a .wat or .wasm file');
  }
  if (args.invoke !== undefined) {
    const { invoke } = args;
    if (typeof invoke !== 'object' || invoke === null || Array.isArray(invoke)) {
      wrong('"invoke" must be an object: {"function": "name", "args": []}');
    }
    if (invoke.function !== undefined && typeof invoke.function !== 'string') {
      wrong('"invoke.function" must be a string: the name of an exported function');
    }
    const list: unknown = invoke.args ?? [];
    if (!Array.isArray(list)) wrong('"invoke.args" must be a list of numbers and strings');
    for (const arg of list as unknown[]) {
      if (typeof arg !== 'string' && typeof arg !== 'number') {
        wrong(`"invoke.args" must be a list of numbers and strings, found ${JSON.stringify(arg)}`);
      }
    }
  }
  if (args.imports !== undefined && typeof args.imports !== 'string') {
    wrong('"imports" must be a string: the path or URI of a JavaScript module');
  }
  if (args.cwd !== undefined && typeof args.cwd !== 'string') wrong('"cwd" must be a string: a folder');
  if (args.stepBy !== undefined && args.stepBy !== 'instruction' && args.stepBy !== 'line') {
    wrong('"stepBy" must be "instruction" or "line"');
  }
}

/** The folder that relative paths begin at: `cwd`, else where the adapter runs. */
function baseOf(context: Context, args: LaunchArguments): string | undefined {
  const { platform, cwd } = context.host;
  return args.cwd ? toUri(args.cwd, platform, cwd) : cwd;
}

async function readFor(context: Context, args: LaunchArguments): Promise<ProgramFile> {
  const { platform } = context.host;
  const uri = toUri(args.program!, platform, baseOf(context, args));
  const shown = toClientPath(uri, platform);
  try {
    return await readProgram(context.files, uri, shown);
  } catch (error) {
    const { message } = error as Error;
    output(context, 'stderr', `${message}\n`);
    throw new RequestError(message, true);
  }
}

async function importsFor(
  context: Context,
  args: LaunchArguments,
): Promise<{ url: string; text?: string } | undefined> {
  if (!args.imports) return undefined;
  const { platform } = context.host;
  const base = args.cwd ? baseOf(context, args) : folderOf(context.program!.uri);
  const url = toUri(args.imports, platform, base);
  if (context.host.canImport(url)) return { url };
  const content = await context.files.read(url);
  return { url, text: 'text' in content ? content.text : new TextDecoder().decode(content.bytes) };
}

/** Prints every fault at its place, and gives the error that answers the request. */
async function explain(context: Context, file: ProgramFile, error: EngineFault): Promise<RequestError> {
  const { platform } = context.host;
  const shown = toClientPath(file.uri, platform);
  const lines = 'text' in file ? lineTable(file.text) : undefined;
  const source = { name: shown.split(/[\\/]/).at(-1), path: context.client.pathsAreUris ? file.uri : shown };
  const messages: string[] = [];
  for (const fault of error.faults) {
    let where = '';
    let at: { source?: DebugProtocol.Source; line?: number; column?: number } = {};
    if (fault.span && lines) {
      const { line, column } = lines.at(fault.span.start);
      where = `${shown}:${line + 1}:${column + 1}: `;
      at = { source, line: line + context.client.linesFrom, column: column + context.client.columnsFrom };
    } else if (fault.offset !== undefined) {
      where = `${shown}!0x${fault.offset.toString(16)}: `;
    } else if (fault.phase === 'malformed' || fault.phase === 'invalid' || fault.phase === 'unsupported') {
      where = `${shown}: `;
    }
    messages.push(`${where}${fault.message}`);
    const notes = fault.notes.map((note) => `  ${note.message}\n`).join('');
    output(context, 'stderr', `${where}${fault.message}\n${notes}`, at);
  }
  const notes = error.faults[0]?.notes.map(({ message }) => ` (${message})`).join('') ?? '';
  const more = messages.length - 1;
  const rest = more > 0 ? ` (and ${more} more: see the Debug Console)` : '';
  return new RequestError(`${messages[0] ?? error.message}${notes}${rest}`, true);
}

function engineFailed(context: Context, reason: string): void {
  output(context, 'stderr', `the engine ended unexpectedly: ${reason}\n`);
  context.send<DebugProtocol.ExitedEvent>('exited', { exitCode: 1 });
  context.send<DebugProtocol.TerminatedEvent>('terminated');
}

function output(
  context: Context,
  category: string,
  text: string,
  at: { source?: DebugProtocol.Source; line?: number; column?: number } = {},
): void {
  context.send<DebugProtocol.OutputEvent>('output', { category, output: text, ...at });
}
