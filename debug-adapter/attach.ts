/**
 * `attach`: looks at a program that somebody else has started (`wasmscope run --dap`) and that runs already, or waits for this.
 *
 * The host says what runs. The program's own streams are not ours; when the client goes, it runs on.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Stopped } from '../engine/debug/wire.ts';
import type { Breakpoints } from './breakpoints.ts';
import { type Context, type LaunchArguments, RequestError } from './context.ts';
import { Documents } from './documents.ts';
import { EngineClient, type EngineConnection } from './engine-client.ts';
import { engineListeners } from './events.ts';
import { exceptionFiltersLoaded } from './exceptions.ts';
import type { ProgramFile } from './files.ts';
import { checkViewArguments, disassemblyOptions, engineFailed, viewOf } from './launch.ts';
import { announce } from './modules.ts';

/** `attach` as the client sends it: what of `launch` is about looking. */
export type AttachArguments = DebugProtocol.AttachRequestArguments &
  Pick<
    LaunchArguments,
    'stopOnEntry' | 'stepBy' | 'numbers' | 'maxVariables' | 'disassembly' | 'trace' | 'supportsWasmscopeFiles'
  >;

/** A program that was started without us. */
export interface RunningProgram {
  /** The program's file, then those of preloaded modules. */
  readonly files: readonly ProgramFile[];
  /** A connection to its engine; terminating it lets the program run on. Undefined: another client is attached. */
  join(): EngineConnection | undefined;
  /** It waits for a client before its first instruction. */
  readonly waits: boolean;
  /** The client is ready: a program that waits begins. */
  begin(stopOnEntry: boolean | 'start' | 'initialize' | 'main'): void;
  /** Ends the program, as the client wants. */
  end(): void;
  /** The client wants the program to stand still when it goes, until the next one comes. */
  suspend(): void;
}

/** Answers `attach`. `configured` resolves when the client has sent `configurationDone`. */
export async function attach(
  context: Context,
  breakpoints: Breakpoints,
  args: AttachArguments,
  configured: Promise<void>,
): Promise<void> {
  const { running } = context.host;
  if (!running) {
    throw new RequestError('no program runs here: attach to the port of "wasmscope run --dap"', true);
  }
  if (context.engine) throw new RequestError('a program is being debugged already', true);
  checkViewArguments(args);
  context.trace = args.trace === true || args.trace === 'protocol';
  if (args.supportsWasmscopeFiles) context.client = { ...context.client, wasmscopeFiles: true };
  const connection = running.join();
  if (!connection) throw new RequestError('another client is attached to this program', true);
  const listeners = engineListeners(context);
  // A program that runs may stop at any time; the client wants to hear of it when it is configured.
  let untold: Stopped | undefined;
  let isConfigured = false;
  const stopped = (stop: Stopped): void => {
    if (isConfigured) listeners.stopped(stop);
    else untold = stop;
  };
  const engine = new EngineClient(
    connection,
    { ...listeners, stopped },
    (reason) => engineFailed(context, reason),
    (line) => context.log(line),
  );
  context.engine = engine;
  const disassembly = disassemblyOptions(args);
  const { stop } = await engine.request('attach', { disassembly });
  untold ??= stop;
  const { client, host } = context;
  const files = running.files.map((file) => ({
    uri: file.uri,
    text: 'text' in file ? file.text : undefined,
  }));
  const documents = new Documents(files, host.platform, client, engine, disassembly);
  const program = { uri: files[0].uri, engine, documents, ...viewOf(args) };
  context.program = program;
  await breakpoints.programLoaded(program);
  await exceptionFiltersLoaded(context, program);
  await announce(context, program);
  context.watch.begin(running.files);
  void configured.then(() => {
    const { stopOnEntry = false } = args;
    if (running.waits) running.begin(stopOnEntry);
    else if (stopOnEntry !== false) void engine.request('pause', null).catch(() => undefined);
    isConfigured = true;
    if (untold) listeners.stopped(untold);
  });
  context.send<DebugProtocol.InitializedEvent>('initialized');
}
