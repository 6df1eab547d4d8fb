/**
 * `launch`: reads the program, loads it into an engine, links its imports, chooses what to run, and starts when the
 * client has configured its breakpoints. Whatever is wrong is said once in the Debug Console, at its place, and
 * once as the answer to the request.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Span } from '../engine/base/errors.ts';
import { isCoreDump } from '../engine/debug/coredump/read.ts';
import type { DisassemblyOptions, WireFault } from '../engine/debug/wire.ts';
import { isCallDepth, MOST_DEPTH } from '../engine/exec/call-depth.ts';
import type { Breakpoints } from './breakpoints.ts';
import { toClient } from './client.ts';
import { type Context, type LaunchArguments, type Program, RequestError } from './context.ts';
import { asPreloads, dumpNames, openDump, readDumpModules } from './core-dumps.ts';
import { Documents } from './documents.ts';
import { EngineClient, EngineFault } from './engine-client.ts';
import { engineListeners } from './events.ts';
import { exceptionFiltersLoaded } from './exceptions.ts';
import { type ProgramFile, readProgram } from './files.ts';
import { checkWasiArguments, MODULE_ATTRIBUTES, readPreloads, wasiParams } from './launch-wasi.ts';
import { lineTable } from './lines.ts';
import { announce } from './modules.ts';
import { baseName, extension, folderOf, toClientPath, toUri } from './paths.ts';
import { parseSize } from './sizes.ts';

/**
 * Answers `launch`. `configured` resolves when the client has sent `configurationDone`; `again`: it has configured everything
 * before.
 */
export async function launch(
  context: Context,
  breakpoints: Breakpoints,
  args: LaunchArguments,
  configured: Promise<void> | 'again',
): Promise<void> {
  if (context.host.running) throw new RequestError('the program runs already: attach to it', true);
  if (context.engine) throw new RequestError('a program is being debugged already', true);
  checkArguments(args);
  context.trace = args.trace === true || args.trace === 'protocol';
  if (args.supportsWasmscopeFiles) context.client = { ...context.client, wasmscopeFiles: true };

  const read = await readFor(context, args);
  // A core dump stands in the place of the program that it is of.
  const dump = 'bytes' in read && isCoreDump(read.bytes) ? read.bytes : undefined;
  const dumped = dump && (await readShown(context, () => readDumpModules(context, read.uri, dump, args)));
  const file = dumped ? dumped[0] : read;
  if (context.engine) throw new RequestError('a program is being debugged already', true);
  const engine = new EngineClient(
    context.host.startEngine(),
    engineListeners(context, () => context.engine === engine || context.engine === undefined, args.coreDump),
    (reason) => engineFailed(context, reason),
    (line) => context.log(line),
  );
  context.engine = engine;
  let preloaded: readonly ProgramFile[] = [];
  try {
    const { uri, ...content } = file;
    const text = 'text' in content ? content.text : undefined;
    const disassembly = disassemblyOptions(args);
    const isScript = text !== undefined && extension(uri) === '.wast';
    if (isScript) checkScriptArguments(args);
    const program = isScript ? { script: text } : content;
    const base = ownBaseOf(context, args, uri);
    const before = dumped
      ? { sources: asPreloads(dumped), files: dumped.slice(1) }
      : await readShown(context, () => readPreloads(context, args, base));
    const preloads = before.sources;
    preloaded = before.files;
    const load = engine.request('load', { program, file: baseName(uri), disassembly, preloads });
    const { form } = await context.progress.during(`Loading ${baseName(uri)}`, load, () => {
      void engine.terminate();
    });
    const { client, host } = context;
    const files = [{ uri, text }, ...before.files];
    const documents = new Documents(files, host.platform, client, engine, disassembly);
    context.program = { uri, engine, documents, ...viewOf(args) };
    const { missingImports, maxHeapSize, maxCallDepth } = args;
    const maxHeapBytes = maxHeapSize === undefined ? undefined : parseSize(maxHeapSize);
    const wasi =
      isScript || dump ? undefined : await readShown(context, () => wasiParams(context, args, uri, base));
    if (dump) await openDump(context, engine, dump, dumped ?? []);
    else
      await engine.request('link', {
        imports: await importsFor(context, args, base),
        missingImports,
        maxHeapBytes,
        maxCallDepth,
        engine: args.engine,
        tracesTiers: args.trace === true || args.trace === 'tiers',
        wasi,
      });
    const span = form === 'script' ? await spanOfLine(documents, args) : undefined;
    if (!dump)
      await engine.request('prepare', { function: args.invoke?.function, args: args.invoke?.args, span });
    await breakpoints.programLoaded(context.program);
    await exceptionFiltersLoaded(context, context.program);
    await announce(context, context.program);
    context.watch.begin([file, ...before.files]);
  } catch (error) {
    context.program = undefined;
    context.engine = undefined;
    await engine.terminate();
    throw error instanceof EngineFault ? explain(context, [file, ...preloaded], error) : error;
  }
  const { program } = context;
  if (configured === 'again') {
    void start(context, program, args);
    return;
  }
  void configured.then(() => (context.program === program ? start(context, program, args) : undefined));
  context.send<DebugProtocol.InitializedEvent>('initialized');
}

/** As many as the engine gives at once. */
const MOST_VARIABLES = 10_000;

/** How a program is looked at. */
export function viewOf({
  stepBy = 'instruction',
  numbers,
  maxVariables = MOST_VARIABLES,
}: Pick<LaunchArguments, 'maxVariables' | 'numbers' | 'stepBy'>): Pick<Program, 'hex' | 'most' | 'stepBy'> {
  return { stepBy, hex: numbers === 'hexadecimal', most: maxVariables };
}

async function start(context: Context, program: Program | undefined, args: LaunchArguments): Promise<void> {
  try {
    await program?.engine.request('start', {
      stopOnEntry: args.noDebug !== true && (args.stopOnEntry ?? false),
      noDebug: args.noDebug === true,
      verdicts: args.verdicts === true,
      coreDump: args.coreDump === undefined ? undefined : dumpNames(program),
    });
  } catch (error) {
    context.log(`start: ${(error as Error).message}`);
  }
}

function wrong(what: string): never {
  throw new RequestError(`launch configuration: ${what}`, true);
}

/** Throws a RequestError that names the attribute and what it should be. */
function checkArguments(args: LaunchArguments): void {
  if (typeof args.program !== 'string' || args.program === '') {
    wrong('"program" is missing: the path or URI of a .wat, .wasm or .wast file');
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
  checkWasiArguments(args);
  if (args.coreDump !== undefined && (typeof args.coreDump !== 'string' || args.coreDump === '')) {
    wrong('"coreDump" must be a string: the path of the file to write');
  }
  checkPaths('modules', args.modules);
  checkPaths('sourceMap', args.sourceMap);
  const { line, maxHeapSize, maxCallDepth } = args;
  const sizes: readonly unknown[] = ['undefined', 'string', 'number'];
  if (
    !sizes.includes(typeof maxHeapSize) ||
    (maxHeapSize !== undefined && parseSize(maxHeapSize) === undefined)
  ) {
    wrong('"maxHeapSize" must be a number of bytes such as 67108864 or "64M"');
  }
  if (maxCallDepth !== undefined && !isCallDepth(maxCallDepth)) {
    wrong(`"maxCallDepth" must be a whole number from 1 to ${MOST_DEPTH}`);
  }
  const engines: readonly unknown[] = [undefined, 'auto', 'interpreter'];
  if (!engines.includes(args.engine)) wrong('"engine" must be "auto" or "interpreter"');
  if (line !== undefined && !(typeof line === 'number' && Number.isInteger(line) && line >= 0)) {
    wrong('"line" must be a number: a line of a .wast script');
  }
  if (args.imports !== undefined && typeof args.imports !== 'string') {
    wrong('"imports" must be a string: the path or URI of a JavaScript module');
  }
  if (args.cwd !== undefined && typeof args.cwd !== 'string') wrong('"cwd" must be a string: a folder');
  checkViewArguments(args);
}

/** Those that are about how a program is looked at. */
export function checkViewArguments(
  args: Pick<LaunchArguments, 'disassembly' | 'maxVariables' | 'numbers' | 'stepBy' | 'stopOnEntry'>,
): void {
  const { disassembly = {} } = args;
  if (typeof disassembly !== 'object' || disassembly === null || Array.isArray(disassembly)) {
    wrong('"disassembly" must be an object: {"form": "folded", "offsets": true, "demangle": false}');
  }
  const { form, offsets, demangle } = disassembly;
  if (form !== undefined && form !== 'flat' && form !== 'folded') {
    wrong('"disassembly.form" must be "flat" or "folded"');
  }
  for (const [name, value] of Object.entries({ offsets, demangle })) {
    if (value !== undefined && typeof value !== 'boolean')
      wrong(`"disassembly.${name}" must be true or false`);
  }
  if (args.stepBy !== undefined && args.stepBy !== 'instruction' && args.stepBy !== 'line') {
    wrong('"stepBy" must be "instruction" or "line"');
  }
  if (args.numbers !== undefined && args.numbers !== 'decimal' && args.numbers !== 'hexadecimal') {
    wrong('"numbers" must be "decimal" or "hexadecimal"');
  }
  const { maxVariables = 1 } = args;
  if (!Number.isInteger(maxVariables) || maxVariables < 1 || maxVariables > MOST_VARIABLES) {
    wrong(`"maxVariables" must be a whole number from 1 to ${MOST_VARIABLES}`);
  }
  const entries: readonly unknown[] = [undefined, true, false, 'start', 'initialize', 'main'];
  if (!entries.includes(args.stopOnEntry)) {
    wrong('"stopOnEntry" must be true, false, "start", "initialize" or "main"');
  }
}

function checkPaths(name: string, given: unknown): void {
  if (given === undefined) return;
  const isMap = typeof given === 'object' && given !== null && !Array.isArray(given);
  if (!isMap || Object.values(given).some((path) => typeof path !== 'string')) {
    wrong(`"${name}" must be an object of strings: {"…": "path"}`);
  }
}

/** A script says itself what it imports and calls. */
function checkScriptArguments(args: LaunchArguments): void {
  const name = MODULE_ATTRIBUTES.find((one) => args[one] !== undefined);
  if (name !== undefined) wrong(`"${name}" is for modules: a .wast script runs its commands`);
}

async function spanOfLine(documents: Documents, { line }: LaunchArguments): Promise<Span | undefined> {
  return line === undefined ? undefined : documents.span('program', line, undefined);
}

/** Names of options say what is not as usual, so that usual documents have plain names. */
export function disassemblyOptions({
  disassembly = {},
}: Pick<LaunchArguments, 'disassembly'>): DisassemblyOptions {
  const { form, offsets, demangle } = disassembly;
  return { folded: form === 'folded', offsets: offsets === true, mangled: demangle === false };
}

/** The folder that relative paths begin at: `cwd`, else where the adapter runs. */
function baseOf(context: Context, args: LaunchArguments): string | undefined {
  const { platform, cwd } = context.host;
  return args.cwd ? toUri(args.cwd, platform, cwd) : cwd;
}

/** The folder that paths begin at which belong to the program: `cwd`, else the program's own. */
function ownBaseOf(context: Context, args: LaunchArguments, program: string): string | undefined {
  return args.cwd ? baseOf(context, args) : folderOf(program);
}

async function readFor(context: Context, args: LaunchArguments): Promise<ProgramFile> {
  const { platform } = context.host;
  const uri = toUri(args.program!, platform, baseOf(context, args));
  const shown = toClientPath(uri, platform);
  return readShown(context, () => readProgram(context.files, uri, shown));
}

/** What cannot be read is told in the Debug Console too. */
async function readShown<T>(context: Context, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { message } = error as Error;
    output(context, 'stderr', `${message}\n`);
    throw new RequestError(message, true);
  }
}

async function importsFor(
  context: Context,
  { imports }: LaunchArguments,
  base: string | undefined,
): Promise<{ url: string; text?: string } | undefined> {
  if (!imports) return undefined;
  const url = toUri(imports, context.host.platform, base);
  const content = await readShown(context, () => context.files.read(url));
  if (context.host.canImport(url)) return { url };
  return { url, text: 'text' in content ? content.text : new TextDecoder().decode(content.bytes) };
}

/** Prints every fault and every note at its place, and gives the error that answers the request. */
function explain(context: Context, files: readonly ProgramFile[], { faults }: EngineFault): RequestError {
  const { platform } = context.host;
  const shown = files.map((file) => ({
    path: toClientPath(file.uri, platform),
    lines: 'text' in file ? lineTable(file.text) : undefined,
  }));
  const print = (text: string, file: number, { span }: Pick<WireFault, 'span'>): void => {
    const { path, lines } = shown[file];
    const { uri } = files[file];
    const source = { name: baseName(uri), path: context.client.pathsAreUris ? uri : path };
    const at = span && lines && toClient(context.client, lines.at(span.start));
    output(context, 'stderr', `${text}\n`, at && { source, ...at });
  };
  const where = (file: number, { span, offset }: Pick<WireFault, 'span' | 'offset'>): string => {
    const { path, lines } = shown[file];
    if (span && lines) {
      const { line, column } = lines.at(span.start);
      return `${path}:${line + 1}:${column + 1}: `;
    }
    return offset === undefined ? '' : `${path}!0x${offset.toString(16)}: `;
  };
  const fileOf = ({ preload }: WireFault): number => (preload === undefined ? 0 : preload + 1);
  const messages = faults.map((fault) => `${where(fileOf(fault), fault)}${fault.message}`);
  for (const [i, fault] of faults.entries()) {
    const file = fileOf(fault);
    print(messages[i], file, fault);
    for (const note of fault.notes) print(`  ${where(file, note)}${note.message}`, file, note);
  }
  const rest = messages.length > 1 ? ` (and ${messages.length - 1} more: see the Debug Console)` : '';
  return new RequestError(`${messages[0]}${rest}`, true);
}

/** Says that the engine's thread is gone, and ends the session. */
export function engineFailed(context: Context, reason: string): void {
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
