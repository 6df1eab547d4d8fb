/**
 * The debug session: a table from DAP requests to what answers them, and nothing else.
 *
 * Built on @vscode/debugadapter's DebugSession for the protocol's framing. Knows no VS Code, no file system and no
 * thread: an AdapterHost gives them. Errors that we raise on purpose become the request's refusal with their
 * message; anything else is a bug, is logged, and reaches the client as one sentence.
 */

import { DebugSession } from '@vscode/debugadapter/lib/debugSession.js';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { TRIGGERS } from '../engine/debug/expression-completion.ts';
import { type AttachArguments, attach } from './attach.ts';
import { BREAKPOINT_MODES, Breakpoints } from './breakpoints.ts';
import { clientInfo, type WasmscopeInitializeArguments } from './client.ts';
import {
  type AdapterHost,
  type Context,
  createHandles,
  type LaunchArguments,
  RequestError,
} from './context.ts';
import { coreDump } from './core-dumps.ts';
import type { SetWatchpointsArguments } from './data-breakpoints.ts';
import { type FileSystemAnswer, fileSystemAnswer } from './directories.ts';
import { disassemble } from './disassemble.ts';
import { EngineFault } from './engine-client.ts';
import { filtersFor, setExceptionBreakpoints } from './exceptions.ts';
import { type FileContent, openFiles } from './files.ts';
import * as inspect from './inspect.ts';
import { type InstantiationArguments, instantiation } from './instantiation.ts';
import { launch } from './launch.ts';
import { loadedSources, modules } from './modules.ts';
import * as moves from './moves.ts';
import { CancelledError, OpenRequests, Progress } from './progress.ts';
import { ProgramWatch } from './rebuilt.ts';
import { restart } from './restart.ts';
import * as runControl from './run-control.ts';
import { source } from './sources.ts';
import { type RelaySession, TerminalRelay, terminalKind } from './terminal.ts';

const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsEvaluateForHovers: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: [...TRIGGERS],
  supportsSetVariable: true,
  supportsSetExpression: true,
  supportsValueFormattingOptions: true,
  supportsSteppingGranularity: true,
  supportsStepInTargetsRequest: true,
  supportsGotoTargetsRequest: true,
  supportsRestartFrame: true,
  supportsDelayedStackTraceLoading: true,
  supportsExceptionInfoRequest: true,
  supportsExceptionFilterOptions: true,
  supportsSingleThreadExecutionRequests: true,
  supportsDisassembleRequest: true,
  supportsInstructionBreakpoints: true,
  supportsDataBreakpoints: true,
  supportsDataBreakpointBytes: true,
  supportsReadMemoryRequest: true,
  supportsWriteMemoryRequest: true,
  supportsLoadedSourcesRequest: true,
  breakpointModes: BREAKPOINT_MODES,
  supportSuspendDebuggee: true,
  supportsModulesRequest: true,
  supportsCancelRequest: true,
  supportsClipboardContext: true,
  supportsANSIStyling: true,
  supportsTerminateThreadsRequest: true,
  supportsTerminateRequest: true,
  supportTerminateDebuggee: true,
};

/**
 * Requests that change what the program does next: one is done before the next begins, for clients that send
 * several without waiting. Everything else (the end, a file's content) must never wait for them.
 */
const IN_ORDER: ReadonlySet<string> = new Set([
  'setBreakpoints',
  'setFunctionBreakpoints',
  'setInstructionBreakpoints',
  'setExceptionBreakpoints',
  'setDataBreakpoints',
  'wasmscope/setWatchpoints',
  'configurationDone',
  'continue',
  'next',
  'stepIn',
  'stepOut',
  'pause',
  'goto',
  'restartFrame',
  'restart',
  'terminateThreads',
  'wasmscope/forceReturn',
  'wasmscope/ignoreTrap',
]);

type Handler = (args: never) => unknown;

export class WasmscopeSession extends DebugSession {
  readonly #host: AdapterHost;
  readonly #context: Context;
  readonly #handlers: Readonly<Record<string, Handler>>;
  #over = false;
  /** Requests that came before `launch`, for an adapter in a terminal. */
  #before: DebugProtocol.Request[] = [];
  #relay: TerminalRelay | undefined;
  /** A request of ours that waits for its answer. */
  #asked: { command: string; answered(response: DebugProtocol.Response): void } | undefined;
  readonly #open = new OpenRequests();
  /** The last request of those that are answered in order. */
  #last: Promise<void> = Promise.resolve();

  constructor(host: AdapterHost) {
    super();
    this.#host = host;
    this.#context = this.#createContext();
    this.#handlers = this.#createHandlers();
  }

  /** Ends the engine and tells the host. The stream's end, `disconnect` and a broken pipe come here. */
  override shutdown(): void {
    if (this.#over) return;
    this.#over = true;
    this.#relay?.end();
    this.#context.watch.end();
    void Promise.resolve(this.#context.engine?.terminate()).finally(() => this.#host.ended());
  }

  override handleMessage(message: DebugProtocol.ProtocolMessage): void {
    const response = message as DebugProtocol.Response;
    if (message.type !== 'response' || response.command !== this.#asked?.command) {
      super.handleMessage(message);
      return;
    }
    const { answered } = this.#asked;
    this.#asked = undefined;
    answered(response);
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    this.#context.log(`client -> ${request.command}`);
    if (this.#relay) {
      this.#relay.request(request);
      return;
    }
    if (request.command === 'launch' && this.#startInTerminal(request)) return;
    if (!this.#context.launching) this.#before.push(request);
    const handler = Object.hasOwn(this.#handlers, request.command)
      ? this.#handlers[request.command]
      : undefined;
    if (handler && IN_ORDER.has(request.command)) {
      this.#last = this.#last.then(() => this.#answer(request, handler));
    } else if (handler) void this.#answer(request, handler);
    else this.#refuse(request, new RequestError(`unknown request: ${request.command}`));
  }

  /** Whether the program runs in a terminal of the client's, and everything about it is said there. */
  #startInTerminal(request: DebugProtocol.Request): boolean {
    const { client } = this.#context;
    let kind: ReturnType<typeof terminalKind>;
    try {
      kind = terminalKind((request.arguments ?? {}) as LaunchArguments, client, this.#host);
    } catch (error) {
      this.#refuse(request, error as Error);
      return true;
    }
    const { terminals } = this.#host;
    if (!kind || !terminals) return false;
    const session: RelaySession = {
      ask: (command, args, answered) => {
        this.#asked = { command, answered };
        // With a function the library would keep a timer, and that the whole process, after the answer.
        this.sendRequest(command, args, 0, undefined as never);
      },
      send: (event) => this.sendEvent(event),
      answer: (response) => this.sendResponse(response),
      refuse: (refused, error) => this.#refuse(refused, error),
      shutdown: () => this.shutdown(),
    };
    this.#relay = new TerminalRelay(session, request);
    void this.#relay.start(terminals, kind, this.#before);
    return true;
  }

  async #answer(request: DebugProtocol.Request, handler: Handler): Promise<void> {
    try {
      const answer = (async () => handler((request.arguments ?? {}) as never))();
      const body = await this.#open.answer(request, answer);
      this.sendResponse({ ...emptyResponse(request), success: true, ...(body !== undefined && { body }) });
    } catch (error) {
      this.#refuse(request, error as Error);
    }
    if (request.command === 'disconnect') this.shutdown();
  }

  #refuse(request: DebugProtocol.Request, error: Error): void {
    const { message, showUser } = describe(error);
    if (error instanceof CancelledError) {
      this.sendResponse({ ...emptyResponse(request), success: false, message, body: {} });
      return;
    }
    if (!(error instanceof RequestError || error instanceof EngineFault)) {
      this.#context.log(`${request.command}: ${error.stack ?? error.message}`);
    }
    const body = { error: { id: 1, format: '{_message}', variables: { _message: message }, showUser } };
    this.sendResponse({ ...emptyResponse(request), success: false, message, body });
  }

  #createContext(): Context {
    const send: Context['send'] = (event, body) =>
      this.sendEvent({ seq: 0, type: 'event', event, ...(body !== undefined && { body }) });
    const context: Context = {
      host: this.#host,
      files: openFiles(this.#host.readLocal, () =>
        context.client.wasmscopeFiles ? (request) => send('wasmscope/readFile', request) : undefined,
      ),
      handles: createHandles(),
      get watch() {
        return watch;
      },
      get progress() {
        return progress;
      },
      client: clientInfo({ adapterID: 'wasmscope' }),
      trace: false,
      engine: undefined,
      launching: undefined,
      program: undefined,
      exceptionFilters: undefined,
      stopped: undefined,
      memoriesShown: new Set(),
      answered: () => this.#last,
      send,
      log: (line) => {
        if (context.trace) send('output', { category: 'log', output: `${line}\n` });
      },
    };
    const watch = new ProgramWatch(context);
    const progress = new Progress(context);
    return context;
  }

  /** Every request that is implemented. A capability is declared exactly when its requests stand here. */
  #createHandlers(): Record<string, Handler> {
    const context = this.#context;
    const breakpoints = new Breakpoints(context);
    const { data } = breakpoints;
    let last: LaunchArguments | undefined;
    let configurationDone = (): void => undefined;
    const configured = new Promise<void>((resolve) => {
      configurationDone = resolve;
    });
    return {
      initialize: (args: WasmscopeInitializeArguments) => {
        context.client = clientInfo(args);
        return {
          ...CAPABILITIES,
          exceptionBreakpointFilters: filtersFor(context.client),
          supportsRestartRequest: !this.#host.oneEngine && !this.#host.running,
        };
      },
      launch: (args: LaunchArguments) => {
        last = args;
        const launched = launch(context, breakpoints, args, configured);
        context.launching = launched.catch(() => undefined);
        return launched;
      },
      attach: (args: AttachArguments) => {
        const attached = attach(context, breakpoints, args, configured);
        context.launching = attached.catch(() => undefined);
        return attached;
      },
      restart: async (args: DebugProtocol.RestartArguments) => {
        last = await restart(context, breakpoints, last, args);
      },
      configurationDone: () => configurationDone(),
      cancel: ({ requestId, progressId }: DebugProtocol.CancelArguments) => {
        if (requestId !== undefined && this.#open.cancel(requestId)) {
          void context.engine?.request('cancelCalls', null).catch(() => undefined);
        }
        if (progressId !== undefined) context.progress.cancel(progressId);
      },
      disconnect: (args: DebugProtocol.DisconnectArguments) => runControl.disconnect(context, args),
      terminate: () => runControl.terminate(context),
      terminateThreads: (args: DebugProtocol.TerminateThreadsArguments) =>
        runControl.terminateThreads(context, args),

      setBreakpoints: (args: DebugProtocol.SetBreakpointsArguments) => breakpoints.setBreakpoints(args),
      setFunctionBreakpoints: (args: DebugProtocol.SetFunctionBreakpointsArguments) =>
        breakpoints.setFunctionBreakpoints(args),
      setInstructionBreakpoints: (args: DebugProtocol.SetInstructionBreakpointsArguments) =>
        breakpoints.setInstructionBreakpoints(args),
      setExceptionBreakpoints: (args: DebugProtocol.SetExceptionBreakpointsArguments) =>
        setExceptionBreakpoints(context, args),
      dataBreakpointInfo: (args: DebugProtocol.DataBreakpointInfoArguments) => data.info(args),
      setDataBreakpoints: (args: DebugProtocol.SetDataBreakpointsArguments) => data.set(args),
      'wasmscope/setWatchpoints': (args: SetWatchpointsArguments) => data.setWatchpoints(args),
      breakpointLocations: (args: DebugProtocol.BreakpointLocationsArguments) => breakpoints.locations(args),

      continue: (args: DebugProtocol.ContinueArguments) => runControl.continueRun(context, args),
      next: (args: DebugProtocol.NextArguments) => runControl.step(context, 'over', args),
      stepIn: (args: DebugProtocol.StepInArguments) => runControl.step(context, 'in', args),
      stepOut: (args: DebugProtocol.StepOutArguments) => runControl.step(context, 'out', args),
      pause: () => runControl.pause(context),
      gotoTargets: (args: DebugProtocol.GotoTargetsArguments) => moves.gotoTargets(context, args),
      goto: (args: DebugProtocol.GotoArguments) => moves.goTo(context, args),
      restartFrame: (args: DebugProtocol.RestartFrameArguments) => moves.restartFrame(context, args),
      stepInTargets: (args: DebugProtocol.StepInTargetsArguments) => moves.stepInTargets(context, args),
      'wasmscope/forceReturn': (args: moves.ForceReturnArguments) => moves.forceReturn(context, args),
      'wasmscope/ignoreTrap': (args: moves.IgnoreTrapArguments) => moves.ignoreTrap(context, args),
      'wasmscope/coreDump': (args: { path?: string }) => coreDump(context, args),
      'wasmscope/instantiation': (args: InstantiationArguments) => instantiation(context, args),
      'wasmscope/forcedTypes': (args: moves.ForcedTypesArguments) => moves.forcedTypes(context, args),

      threads: () => inspect.threads(context),
      stackTrace: (args: DebugProtocol.StackTraceArguments) => inspect.stackTrace(context, args),
      scopes: (args: DebugProtocol.ScopesArguments) => inspect.scopes(context, args),
      variables: (args: DebugProtocol.VariablesArguments) => inspect.variables(context, args),
      evaluate: (args: DebugProtocol.EvaluateArguments) => inspect.evaluate(context, args),
      completions: (args: DebugProtocol.CompletionsArguments) => inspect.completions(context, args),
      setVariable: (args: DebugProtocol.SetVariableArguments) => inspect.setVariable(context, args),
      setExpression: (args: DebugProtocol.SetExpressionArguments) => inspect.setExpression(context, args),
      locations: (args: DebugProtocol.LocationsArguments) => inspect.locations(context, args),
      readMemory: (args: DebugProtocol.ReadMemoryArguments) => inspect.readMemory(context, args),
      writeMemory: (args: DebugProtocol.WriteMemoryArguments) => inspect.writeMemory(context, args),
      disassemble: (args: DebugProtocol.DisassembleArguments) => disassemble(context, args),
      exceptionInfo: () => inspect.exceptionInfo(context),

      source: (args: DebugProtocol.SourceArguments) => source(context, args),
      loadedSources: () => loadedSources(context),
      modules: (args: DebugProtocol.ModulesArguments) => modules(context, args),
      'wasmscope/fileContent': (args: FileContent) => context.files.answer(args),
      'wasmscope/fileSystemAnswer': (args: FileSystemAnswer) => fileSystemAnswer(context, args),
      'wasmscope/input': (args: { text?: string; end?: boolean }) => runControl.input(context, args),
      'wasmscope/fileChanged': (args: { uri: string }) => context.watch.changed(args),
    };
  }
}

function emptyResponse(request: DebugProtocol.Request): Omit<DebugProtocol.Response, 'success'> {
  return { seq: 0, type: 'response', request_seq: request.seq, command: request.command };
}

/** What the client is told of an error: the engine's notes belong to its message. */
function describe(error: Error): { message: string; showUser: boolean } {
  if (error instanceof EngineFault) {
    const notes = error.faults[0]?.notes.map((note) => ` (${note.message})`).join('') ?? '';
    return { message: `${error.message}${notes}`, showUser: false };
  }
  return { message: error.message, showUser: error instanceof RequestError && error.showUser };
}
