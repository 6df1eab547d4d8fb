/**
 * A program under a debugger: commands in, results and events out (wire.ts).
 *
 * Owns the life of the program: load, link, prepare, start, run, stop, end. Commands that inspect or edit are
 * answered at once; those that let it run only set the state, and the run loop does the rest in slices, giving the
 * event loop back between them. A stop inside a host function's synchronous call blocks this thread in a message
 * loop of its own. Knows no DAP, no lines, no files and no host: a DebuggeeHost is injected.
 *
 * It is one file above 600 lines because the program's life is one state that all of it changes.
 */

import { type Fault, usage, WasmError } from '../base/errors.ts';
import type { HostImports } from '../component/host.ts';
import type { Invocation as ComponentInvocation } from '../component/program.ts';
import { commandLabel } from '../exec/command-label.ts';
import type { WasmFrame } from '../exec/frame.ts';
import { whyNotCompiled } from '../exec/host/probe.ts';
import type { Thrown } from '../exec/outcome.ts';
import { type Thread, Threads, type ThreadsOptions } from '../exec/threads.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import { formatValue } from '../runtime/values.ts';
import { parseDoc } from '../symbols/disassembly-doc.ts';
import type { Command as ScriptCommand } from '../text/script.ts';
import type { HttpArrival } from '../wasi/http.ts';
import type { InputQueue } from '../wasi/input.ts';
import { PREVIEW1 } from '../wasi/preview1/preview1.ts';
import { checkHandler } from '../wasi/preview2/http/handler.ts';
import { preview2Imports } from '../wasi/preview2/preview2.ts';
import { Arming } from './arming.ts';
import { BreakpointTable } from './breakpoints.ts';
import { ClientDirectories } from './client-directories.ts';
import {
  ComponentRun,
  type ComponentRunOwner,
  componentInvocation,
  type LinkedComponent,
  linkComponent,
  type StopIn,
} from './component-run.ts';
import {
  type ComponentContainer,
  type ComponentFrame,
  componentChildren,
  componentScopes,
  isOfComponent,
} from './component-values.ts';
import { Console } from './console.ts';
import { coreModuleName, faultText } from './coredump/format.ts';
import { openCoreDump } from './coredump/open.ts';
import { readCoreDump } from './coredump/read.ts';
import { writeCoreDump } from './coredump/write.ts';
import { splitDoc } from './docs.ts';
import { ExceptionFilters, holdsAtThrow } from './exceptions.ts';
import type { Called, WantedCall } from './expression-items.ts';
import { frameParts, StoppedFrames } from './frames.ts';
import type { InvokeFromJs } from './imports.ts';
import { Instances } from './instances.ts';
import { Instantiation } from './instantiation.ts';
import { type Invocation, mainOfImports, prepareInvocation, resultsText } from './invocation.ts';
import { Linkage } from './linkage.ts';
import { callBefore, hostImports, readImports } from './linking.ts';
import { Refusal } from './load.ts';
import { moduleList } from './module-list.ts';
import { ModuleRun, type ModuleRunOwner } from './module-run.ts';
import * as moves from './moves.ts';
import { loadAny, type Program } from './program.ts';
import { ProgramCalls } from './program-calls.ts';
import { ProgramOutput } from './program-output.ts';
import { type ProgramWasi, programWasi, type WasiHost } from './program-wasi.ts';
import { DEADLOCK, DEFERRED, faultOf, type Hit, ownLines, reasonOf } from './reasons.ts';
import type { Rules } from './rules.ts';
import type { Run, RunOwner } from './run.ts';
import { type Here, type Progress, Runner, type Stop } from './runner.ts';
import { commandIn, ScriptRun } from './script-run.ts';
import { stackTrace, wireThread } from './stack.ts';
import { Watchpoints } from './watchpoints.ts';
import type {
  BreakpointState,
  Command,
  CommandName,
  DumpNames,
  EventName,
  Events,
  ImportsModule,
  Item,
  LinkParams,
  Loaded,
  Message,
  Output,
  Params,
  Place,
  Prepared,
  Result,
  Spot,
  StartParams,
  StepParams,
  Stopped,
  ThreadChoice,
  WasiParams,
  WireFault,
} from './wire.ts';

/** What a debuggee needs of the thread it lives in. */
export interface DebuggeeHost {
  send(message: Message): void;
  /** Gives the event loop back once. */
  yieldToHost(): Promise<void>;
  /** Waits for the next command with the thread blocked. Absent where the host cannot. */
  receiveSync?(): Command;
  /** The next command if one is there already. Absent where the host cannot look. */
  pollSync?(): Command | undefined;
  /** Whether there is one; cheap. */
  isAsked?(): boolean;
  /** Loads the JavaScript module with the imports; gives its namespace. */
  importModule(module: ImportsModule): Promise<unknown>;
  /** Opens what a program of WASI is granted; absent: there is no WASI. Throws an Error for people if something cannot be had. */
  openWasi?(params: WasiParams): Promise<WasiHost>;
}

export interface Debuggee {
  /** Takes a command; its answer goes out by `send`. */
  receive(command: Command): void;
  /** Prints for the program, behind what log points have printed. */
  print(category: Output['category'], text: string): void;
}

export function createDebuggee(host: DebuggeeHost): Debuggee {
  const session = new DebuggeeSession(host);
  return {
    receive: (command) => session.receive(command),
    print: (category, text) => session.print(category, text),
  };
}

/** Milliseconds of running between two looks at the messages. */
const SLICE_MS = 6;

/** What is asked when a breakpoint's place is reached. */
interface ReachedBreakpoint extends Hit {
  readonly rules: Rules;
}

type State = 'idle' | 'running' | 'stopped' | 'ended';

type Handlers = { [K in CommandName]: (params: Params<K>) => Result<K> | Promise<Result<K>> };

/** What is chosen to run. */
type Chosen =
  | { readonly kind: 'module'; readonly invocation: Invocation }
  | { readonly kind: 'script'; readonly command: ScriptCommand | undefined }
  /** Without an invocation it answers requests. */
  | { readonly kind: 'component'; readonly invocation: ComponentInvocation | undefined };

/** What there is once the program is linked: a module has its first instance then, a script makes all of its own. */
interface Linked {
  readonly threads: Threads;
  readonly linkage: Linkage | undefined;
  readonly component?: LinkedComponent;
  /** The main function that the user's imports have. */
  readonly main?: FuncInst;
}

/** What there is once it runs. */
interface Running {
  readonly run: Run;
  readonly runner: Runner;
  readonly arming: Arming;
}

/** Where a component stops for `stopOnEntry`; it has nothing that is called `_initialize`. */
const STOPS_IN: ReadonlyMap<StartParams['stopOnEntry'], StopIn> = new Map<StartParams['stopOnEntry'], StopIn>(
  [
    [true, 'first'],
    ['start', 'start'],
    ['main', 'main'],
  ],
);

/** What would run or change a core dump. */
const NOT_IN_DUMPS: ReadonlySet<CommandName> = new Set([
  'continue',
  'endThreads',
  'forceReturn',
  'goto',
  'restartFrame',
  'setExpression',
  'setValue',
  'step',
  'supplyResult',
  'writeMemory',
]);

class DebuggeeSession {
  readonly #host: DebuggeeHost;
  readonly #handlers: Handlers;
  readonly #console: Console;
  readonly #output: ProgramOutput;
  readonly #directories = new ClientDirectories((question) => this.#event('fileSystem', question));
  #stdin: InputQueue | undefined;
  readonly #filters = new ExceptionFilters();
  readonly #frames = new StoppedFrames((thread) => this.#running?.runner.threadOf(thread)?.machine);
  readonly #instances = new Instances(
    this.#frames,
    () => this.#program!,
    () =>
      this.#state === 'stopped' && this.#stopped?.reason === 'throw' ? this.#stopped.thrown.exn : undefined,
  );
  readonly #watchpoints = new Watchpoints({
    program: () => this.#program ?? usage('no program is loaded'),
    instances: () => this.#instances.all,
    evaluatorOf: ({ func }) =>
      this.#program!.of(func.inst!.module) && this.#instances.inspectorOf(func.inst!).evaluator,
    failed: (message) => this.#console.print('stderr', `${message}\n`),
    changed: (state) => this.#event('dataBreakpoint', state),
  });
  #state: State = 'idle';
  #program: Program | undefined;
  #breakpoints: BreakpointTable | undefined;
  #linked: Linked | undefined;
  #chosen: Chosen | undefined;
  #running: Running | undefined;
  /** How threads over another store are made. */
  #makeThreads: (() => Threads) | undefined;
  #started: StartParams | undefined;
  /** The import's module, for telling its own frames from ours in a JavaScript error. */
  #importsUrl: string | undefined;
  #noDebug = false;
  /** Nobody looks: the program says by itself how it fails. */
  #alone = false;
  #results: readonly string[] | undefined;
  #failure: WireFault | undefined;
  #tellsVerdicts = false;
  /** The one stop of a core dump. */
  #dump: Stop | undefined;
  #dumpNames: DumpNames | undefined;
  #pauseWanted = false;
  #entryWanted = false;
  /** The first call by JavaScript is to be stopped at. */
  #pauseIsEntry = false;
  #looping = false;
  /** The stop that the user looks at, or looked at last. */
  #stopped: Stop | undefined;
  /** The fault that was printed last. */
  #told: Fault | undefined;
  #wake: (() => void) | undefined;
  /** Instances that the program did not come to yet. */
  readonly #fresh: ModuleInst[] = [];
  /** Calls that expressions make. */
  #calls: ProgramCalls | undefined;
  /** This thread waits for commands inside a host call: promises do not settle. */
  #blocked = false;
  /** The breakpoints that say that the program is to stop. */
  #hit: readonly Hit[] = [];

  constructor(host: DebuggeeHost) {
    this.#host = host;
    this.#output = new ProgramOutput((category, bytes) =>
      this.#host.send({ type: 'event', event: 'programOutput', body: { category, bytes } }),
    );
    // What the program wrote before comes first.
    this.#console = new Console((output) => {
      this.#output.flush();
      this.#host.send({ type: 'event', event: 'output', body: output });
    });
    this.#handlers = this.#createHandlers();
  }

  print(category: Output['category'], text: string): void {
    this.#console.print(category, text);
  }

  receive(command: Command): void {
    try {
      if (this.#dump && NOT_IN_DUMPS.has(command.command))
        usage('a core dump can be looked at, and neither run nor changed');
      const handler = this.#handlers[command.command] as (params: unknown) => unknown;
      const result = handler(command.params);
      if (result instanceof Promise) {
        result.then(
          (value) => this.#answer(command.id, value),
          (error) => this.#refuse(command.id, error),
        );
      } else {
        this.#answer(command.id, result);
      }
    } catch (error) {
      this.#refuse(command.id, error);
    }
    if (this.#state === 'running' && !this.#looping) void this.#loop();
    this.#wake?.();
  }

  #createHandlers(): Handlers {
    const breakpoints = () => this.#breakpoints ?? usage('no program is loaded');
    const program = () => this.#program ?? usage('no program is loaded');
    const instances = () => {
      this.#stoppedOnly();
      return this.#instances;
    };
    const inspector = (all: Instances, number: number | undefined) => all.inspectorOf(all.at(number));
    return {
      load: (params) => this.#load(params),
      link: (params) => this.#link(params),
      prepare: (params) => this.#prepare(params),
      start: (params) => this.#start(params),
      openCoreDump: ({ bytes }) => this.#openCoreDump(bytes),
      coreDump: (names) => {
        this.#stoppedOnly();
        return this.#coreDump(names);
      },
      currentDocument: ({ doc, word }) =>
        doc === 'program' ? doc : (program().ofDoc(doc).currentDoc(doc, word) ?? null),
      setBreakpoints: ({ doc, now, breakpoints: wanted }) =>
        this.#rearmed(breakpoints().setIn(doc, wanted, now)),
      setFunctionBreakpoints: ({ functions }) => this.#rearmed(breakpoints().setOnFunctions(functions)),
      setExceptionBreakpoints: ({ filters }) => this.#filters.set(filters, program()),
      breakpointLocations: ({ doc, span }) => breakpoints().locations(doc, span),
      setInstructionBreakpoints: ({ instructions }) =>
        this.#rearmed(breakpoints().setOnInstructions(instructions)),
      dataBreakpointInfo: (query) => this.#dataInfo(query),
      setDataBreakpoints: ({ list, breakpoints: wanted }) => this.#watchpoints.set(list, wanted),
      disassemble: ({ module, offset, skip, count }) => program().at(module).code.rows(offset, skip, count),
      functionText: ({ doc }) => {
        if (doc === 'program') return usage("the text of the program is the caller's own");
        const loaded = program().ofDoc(doc);
        const { part } = parseDoc(splitDoc(doc).doc);
        const name = typeof part === 'number' ? loaded.module.names.of('func', part) : undefined;
        return { text: loaded.shown(doc).text, name: name && (loaded.rename?.(name) ?? name) };
      },
      input: ({ bytes, end }) => {
        if (bytes) this.#stdin?.push(bytes);
        if (end) this.#stdin?.end();
        return null;
      },
      fileSystemAnswer: (params) => {
        this.#directories.answered(params);
        return null;
      },
      outputTaken: ({ count }) => {
        this.#output.taken(count);
        return null;
      },
      attach: ({ disassembly }) => {
        if (disassembly) for (const loaded of program().modules) loaded.write(disassembly);
        this.#filters.reset();
        this.#alone = false;
        // Breakpoints that it stopped at are gone with those who set them.
        const stop = this.#state === 'stopped' && this.#stopped;
        return { stop: stop ? { ...this.#wireStop(stop), breakpoints: undefined } : undefined };
      },
      detach: (params) => this.#detach(params?.suspend === true),
      threads: () => {
        const { runner } = this.#runningOnly();
        return runner.threads.map(wireThread);
      },
      continue: ({ thread, alone }) =>
        this.#resume({ thread }, (runner, chosen) => runner.resume(alone ? chosen : undefined)),
      step: (params) => this.#step(params),
      pause: () => {
        this.#calls?.cancel();
        // One that comes before the start is taken before the first instruction.
        if (this.#state === 'running' || this.#state === 'idle') this.#pauseWanted = true;
        return null;
      },
      cancelCalls: () => {
        this.#calls?.cancel();
        return null;
      },
      gotoTargets: ({ thread, doc, span }) =>
        moves.gotoTargets(this.#moves(), thread, breakpoints().locations(doc, span)),
      goto: (params) => this.#moved('goto', moves.goTo(this.#moves(), params)),
      stepInTargets: (params) => moves.stepInTargets(this.#moves(), params),
      restartFrame: (params) => this.#moved('restart', moves.restartFrame(this.#moves(), params)),
      forceReturn: (params) => this.#moved('goto', moves.forceReturn(this.#moves(), params)),
      supplyResult: (params) => this.#moved('goto', moves.supplyResult(this.#moves(), params)),
      forcedTypes: (params) => moves.forcedTypes(this.#moves(), params),
      stackTrace: ({ thread, start, count, parameters }) => {
        const { run, runner } = this.#stoppedOnly();
        return stackTrace(program(), run, runner.threadAt(thread), start, count, parameters);
      },
      instantiation: ({ thread }) => {
        const { run, runner } = this.#running ?? {};
        const { plan } = program();
        if (!(run instanceof ComponentRun && runner))
          return plan ? new Instantiation(plan).shown(undefined) : null;
        return run.instantiation.shown(thread === undefined ? run.main : runner.threadOf(thread));
      },
      endThreads: ({ threads }) => this.#endThreads(threads),
      modules: ({ start, count }) => {
        const total = program().modules.length;
        return { total, modules: moduleList(program(), start, count || total) };
      },
      scopes: ({ frame }) => {
        const inst = instances().lookedAt(frame);
        const core = inst ? instances().inspectorOf(inst).scopes(frame) : [];
        const at = this.#componentFrame(frame);
        if (!at) return core;
        // What the frame itself is about comes first.
        return at.frame.kind === 'wasm'
          ? [...core, ...componentScopes(at)]
          : [...componentScopes(at), ...core];
      },
      children: ({ container, start, count, format, most }) =>
        isOfComponent(container)
          ? this.#componentItems(container, start, count)
          : instances().look(container.frame, (it) => it.children(container, start, count, format, most)),
      evaluate: ({ expression, frame, format, assigns, calls }) =>
        this.#withCalls(
          calls && !this.#dump ? [expression] : [],
          frame,
          assigns,
          (called) =>
            (frame !== undefined && expression.trim() === 'next' && this.#next(frame)) ||
            instances().lookAt(frame, (it) =>
              it.evaluate(expression, frame, { format, assigns: assigns && !this.#dump, called }),
            ),
        ),
      setValue: ({ container, name, value, format }) =>
        this.#withCalls([value], container.frame, false, (called) =>
          instances().lookAt(container.frame, (it) =>
            it.setChild(container, name, value, { format, called }),
          ),
        ),
      setExpression: ({ expression, value, frame, format }) =>
        this.#withCalls([expression, value], frame, false, (called) =>
          instances().lookAt(frame, (it) => it.setExpression(expression, value, frame, { format, called })),
        ),
      completions: ({ text, column, frame }) => {
        const inst = instances().lookedAt(frame);
        return inst ? instances().inspectorOf(inst).completions(text, column, frame) : [];
      },
      next: ({ frame }) => this.#next(frame) ?? null,
      funcPlace: ({ funcIdx, instance }) => inspector(instances(), instance).funcPlace(funcIdx) ?? null,
      readMemory: ({ memory, instance, offset, count }) =>
        inspector(this.#instances, instance).readMemory(memory, offset, count),
      writeMemory: ({ memory, instance, offset, bytes, allowPartial }) =>
        inspector(instances(), instance).writeMemory(memory, offset, bytes, allowPartial),
      terminate: () => {
        this.#state = 'ended';
        return null;
      },
    };
  }

  #load({ program: source, file, disassembly, preloads }: Params<'load'>): Loaded {
    const program = loadAny(source, disassembly, preloads);
    this.#program = program;
    this.#breakpoints = new BreakpointTable(program, file);
    if (program.script) return { form: 'script', funcs: [] };
    if (program.component) return { form: program.component.assembly ? 'text' : 'binary', funcs: [] };
    const [loaded] = program.modules;
    return { form: loaded.form, funcs: loaded.exportedFuncs() };
  }

  async #link(params: LinkParams): Promise<null> {
    const { imports, missingImports, wasi: granted } = params;
    const program = this.#program ?? usage('no program is loaded');
    this.#makeThreads = () => this.#newThreads(params);
    const threads = this.#makeThreads();
    const { store } = threads;
    if (program.script) {
      this.#linked = { threads, linkage: undefined };
      return null;
    }
    if (program.component) {
      const wasi = granted && this.#host.openWasi && (await this.#openWasi(store, program, granted));
      const host: HostImports = wasi ? preview2Imports(wasi.options) : new Map();
      const { valid } = program.component;
      const requests = wasi?.requests;
      if (requests) checkHandler(valid.type);
      this.#linked = { threads, linkage: undefined, component: { ...linkComponent(valid, host), requests } };
      return null;
    }
    this.#importsUrl = imports?.url;
    const load = () => this.#host.importModule(imports!);
    const js = imports && (await readImports(store, imports.url, load, this.#fromJs(threads)));
    const [main] = program.modules;
    const wasi = granted && this.#host.openWasi && (await this.#openWasi(store, program, granted));
    const host = hostImports(store, main, { js, wasi: wasi?.imports, spawn: (arg) => this.#spawn(arg) });
    const linkage = new Linkage(store, main, program.preloads, {
      own: js?.lookup,
      host,
      missing: missingImports,
      instantiated: (inst) => {
        if (inst.module === main.module) js?.attach(inst);
        this.#instantiated(inst);
      },
    });
    linkage.check();
    this.#linked = { threads, linkage, main: js?.main };
    return null;
  }

  /** Threads over a new store. */
  #newThreads({ maxHeapBytes, maxCallDepth: maxDepth, engine, tracesTiers }: LinkParams): Threads {
    const store = new Store({ maxHeapBytes });
    const threads = new Threads(store, { ...this.#threadsOptions(), engine: engine ?? 'auto', maxDepth });
    if (!tracesTiers) return threads;
    const log = (line: string) => this.#event('output', { category: 'log', text: `${line}\n` });
    threads.space.tiersLog = log;
    const why = engine === 'interpreter' ? undefined : whyNotCompiled();
    if (why !== undefined) log(`tiers: all code stays in the interpreter: ${why}`);
    return threads;
  }

  /** A server goes on over a new store, where nothing is of requests that are over. */
  #renew(first: HttpArrival): void {
    const { component } = this.#linkedOnly();
    this.#linked = { threads: this.#makeThreads!(), linkage: undefined, component: { ...component!, first } };
    this.#running = undefined;
    this.#calls = undefined;
    this.#frames.forget();
    this.#instances.clear();
    this.#running = this.#createRunning({ ...this.#started!, stopOnEntry: false });
  }

  /** Only for a program that asks for WASI: others need no directories and no sockets. */
  async #openWasi(store: Store, program: Program, granted: WasiParams): Promise<ProgramWasi | undefined> {
    if (!asksForWasi(program)) return undefined;
    let host: WasiHost;
    try {
      host = await this.#directories.open(granted, (params) => this.#host.openWasi!(params));
    } catch (error) {
      return usage((error as Error).message);
    }
    const wasi = programWasi(store, granted, host, this.#output, () => this.#event('inputWanted', null));
    this.#stdin = wasi.stdin;
    return wasi;
  }

  /** Calls that JavaScript makes on its own. */
  #fromJs(threads: Threads): InvokeFromJs {
    return (func, args) => {
      if (!this.#running) {
        this.#linked?.linkage?.calls(func);
        return callBefore(threads, func, args);
      }
      return this.#running.runner.callAside(func, args, (fault) => new WasmError(fault));
    };
  }

  #threadsOptions(): ThreadsOptions {
    return {
      started: (thread) => {
        const { runner } = this.#running ?? {};
        // The main thread comes before the runner does.
        if (!runner) return;
        if (!this.#noDebug) runner.adopt(thread);
        this.#event('threadStarted', { id: thread.id });
      },
    };
  }

  /** An instance is there whose code has not run yet. */
  #instantiated(inst: ModuleInst): void {
    this.#instances.add(inst);
    this.#fresh.push(inst);
    this.#running?.arming.add(inst);
    this.#watchpoints.instantiated();
  }

  /** Makes a thread with an instance of its own. */
  #spawn(arg: number): number {
    const { linkage } = this.#linkedOnly();
    const { run } = this.#runningOnly();
    return (run as ModuleRun).spawn(linkage!.again(), arg);
  }

  #prepare(params: Params<'prepare'>): Prepared {
    const { script, component, modules } = this.#program ?? usage('no program is loaded');
    if (component) {
      if (this.#linked?.component?.requests) {
        this.#chosen = { kind: 'component', invocation: undefined };
        return { label: 'HTTP requests' };
      }
      const invocation = componentInvocation(component.valid, params.function, params.args);
      this.#chosen = { kind: 'component', invocation };
      return { label: invocation.label };
    }
    if (script) {
      const { span } = params;
      const command = span && (commandIn(script, span) ?? usage('there is no command in this line'));
      this.#chosen = { kind: 'script', command };
      return { label: command ? commandLabel(command) : 'all commands' };
    }
    const { main } = this.#linked ?? {};
    const isTheirs = main !== undefined && params.function === undefined;
    const invocation = isTheirs ? mainOfImports(main, params) : prepareInvocation(modules[0].module, params);
    this.#chosen = { kind: 'module', invocation };
    return { label: invocation.label };
  }

  /** Throws a malformed or a usage fault. */
  #openCoreDump(bytes: Uint8Array): readonly string[] {
    const program = this.#program ?? usage('no program is loaded');
    const dump = readCoreDump(bytes);
    const opened = openCoreDump(
      dump,
      program.modules.map(({ module }) => module),
    );
    const { threads, instances, run, thread } = opened;
    const arming = new Arming(threads.space, program, this.#breakpoints!, true);
    this.#linked = { threads, linkage: undefined };
    this.#running = { run, runner: this.#createRunner(threads, run, arming), arming };
    for (const inst of instances) this.#instances.add(inst);
    const fault: Fault | undefined =
      opened.trap === undefined ? undefined : { phase: 'trap', message: opened.trap, notes: [] };
    this.#dump = fault ? { thread, reason: 'fault', fault } : { thread, reason: 'dump' };
    return opened.notes;
  }

  /** The program as it stands. */
  #coreDump({ name, modules }: DumpNames, trap?: { thread: Thread; fault: Fault }): Uint8Array {
    const { threads } = this.#runningOnly().runner;
    const thread = trap ? threads.indexOf(trap.thread) : -1;
    return writeCoreDump({
      name,
      modules: this.#program!.modules.map(({ module }, i) => ({
        module,
        name: this.#program!.component
          ? coreModuleName(modules[0] ?? name, i)
          : (modules[i] ?? module.names.module ?? `module ${i + 1}`),
      })),
      instances: this.#instances.all,
      threads: threads.map((one) => ({ name: one.name, frames: one.machine.frames() })),
      trap: thread < 0 ? undefined : { thread, message: faultText(trap!.fault) },
    });
  }

  /** Sends what `start` asked for. */
  #dumpTrap(thread: Thread, fault: Fault): void {
    if (!this.#dumpNames) return;
    try {
      this.#event('coreDump', { bytes: this.#coreDump(this.#dumpNames, { thread, fault }) });
    } catch (error) {
      this.#event('coreDump', { error: (error as Error).message });
    }
  }

  #start(params: StartParams): null {
    const { noDebug, verdicts } = params;
    if (this.#dump) {
      this.#stop(this.#dump);
      return null;
    }
    this.#dumpNames = params.coreDump;
    const stopOnEntry = params.stopOnEntry === true;
    if (this.#state !== 'idle') usage('the program runs already');
    this.#noDebug = noDebug;
    if (noDebug) this.#filters.turnOff();
    this.#tellsVerdicts = verdicts === true;
    this.#started = params;
    const running = this.#createRunning(params);
    this.#running = running;
    this.#state = 'running';
    const { run, runner } = running;
    if (!stopOnEntry && !this.#pauseWanted) return null;
    this.#entryWanted = stopOnEntry;
    const reason = stopOnEntry ? 'entry' : 'pause';
    // A script stops at its first command, a component at what it makes first.
    if (run instanceof ScriptRun || run instanceof ComponentRun) return null;
    if (this.#chosen?.kind === 'module' && this.#chosen.invocation.func) {
      // JavaScript runs first: what it calls is the entry.
      this.#pauseIsEntry = stopOnEntry;
      return null;
    }
    if (runner.enter()) this.#stop({ thread: run.main, reason });
    return null;
  }

  #createRunning({ stopOnEntry, noDebug }: StartParams): Running {
    const { threads, linkage, component } = this.#linkedOnly();
    const program = this.#program!;
    const chosen = this.#chosen ?? usage('nothing is prepared to run');
    const quiet = chosen.kind === 'script' && chosen.command !== undefined;
    const arming = new Arming(threads.space, program, this.#breakpoints!, quiet || this.#noDebug);
    const owner = this.#runOwner(arming);
    let run: Run;
    if (chosen.kind === 'module') {
      // Those that are there before anything runs.
      for (const inst of this.#instances.all) arming.add(inst);
      const stopIn = noDebug || typeof stopOnEntry === 'boolean' ? undefined : stopOnEntry;
      run = new ModuleRun(threads, linkage!, chosen.invocation, owner, stopIn);
    } else if (chosen.kind === 'component') {
      const linked = { ...component!, plan: program.plan! };
      const stopIn = noDebug ? undefined : STOPS_IN.get(stopOnEntry);
      const told: ComponentRunOwner = {
        ...owner,
        stopsAtNode: (node, inst) => {
          const there = this.#noDebug ? [] : this.#breakpoints!.onNode(node);
          return there.length > 0 && this.#reachesPlace(there, inst, undefined);
        },
        made: () => this.#event('made', null),
        returnedValue: (label, text) => {
          this.#console.print('console', `${label}${text === undefined ? ' returned' : ` = ${text}`}\n`);
          this.#results = text === undefined ? [] : [text];
        },
      };
      run = new ComponentRun(threads, linked, chosen.invocation, told, stopIn);
    } else {
      run = new ScriptRun(threads, program.script!, chosen.command, {
        ...owner,
        reached: () => {
          if (this.#noDebug) return;
          arming.on();
          this.#watchpoints.begin(threads.space);
        },
        stopsAtCommand: (command) => {
          const there = this.#noDebug ? [] : this.#breakpoints!.onCommand(command);
          const place: Spot = { doc: 'program', span: command.span };
          return this.#reachesPlace(there, this.#instances.lookedAt(undefined), place);
        },
        verdict: (verdict) => {
          if (this.#tellsVerdicts) this.#event('verdict', verdict);
        },
        stopsOnEntry: () => {
          const wanted = this.#entryWanted;
          this.#entryWanted = false;
          return wanted;
        },
      });
    }
    const runner = this.#createRunner(threads, run, arming);
    if (!this.#noDebug) {
      runner.adopt(run.main);
      // What is before a chosen command stops nowhere.
      if (!quiet) this.#watchpoints.begin(threads.space);
    }
    return { run, runner, arming };
  }

  #runOwner(arming: Arming): RunOwner & ModuleRunOwner {
    return {
      print: (category, text, place) => this.#console.print(category, text, place),
      failed: (thread, label, fault, cause) => {
        this.#fail(thread, label, fault, cause);
        this.#failure = faultOf(this.#program!, thread, fault);
      },
      returned: (label, results) => {
        this.#console.print('console', `${label}${resultsText(results)}\n`);
        this.#results = results.map(formatValue);
      },
      instantiated: (inst) => {
        this.#instances.add(inst);
        arming.add(inst);
        this.#watchpoints.instantiated();
      },
      // What is thrown is stopped at where it is thrown.
      stopsAtFault: (fault) =>
        fault.phase !== 'exception' &&
        !this.#running!.runner.wasShown(fault) &&
        this.#filters.stopsAtTrap(fault),
      stopsAtAssertions: () => this.#filters.stopsAtAssertions,
      stopsAtExit: (code) => this.#filters.stopsAtExit(code),
      newInstances: () =>
        this.#fresh
          .splice(0)
          .filter((inst) => this.#breakpoints!.onInstantiation(this.#nameOf(inst)).length > 0),
      stopsAtInstantiation: (inst) => {
        const there = this.#noDebug ? [] : this.#breakpoints!.onInstantiation(this.#nameOf(inst));
        return there.length > 0 && this.#reachesPlace(there, inst, undefined);
      },
    };
  }

  /** A call that JavaScript waits for cannot be ended alone. */
  #endThreads(ids: readonly number[]): null {
    const { run, runner } = this.#runningOnly();
    const threads = ids.map((id) => runner.threadAt(id));
    if (threads.includes(run.main)) {
      this.#end(1);
      return null;
    }
    const pinned = threads.find(({ machine, state }) => {
      return state === 'ready' && machine.frames().some(({ kind }) => kind === 'host');
    });
    if (pinned) usage(`thread ${pinned.id} is in a call from JavaScript: end the program instead`);
    for (const thread of threads) {
      runner.end(thread);
      this.#event('threadEnded', { id: thread.id });
    }
    this.#frames.forget();
    return null;
  }

  #moves(): moves.MovesOwner {
    const { runner } = this.#stoppedOnly();
    return {
      frames: this.#frames,
      program: this.#program!,
      stop: this.#stopped,
      threadAt: (id) => runner.threadAt(id),
      inspectorOf: ({ func }) => this.#instances.inspectorOf(func.inst!),
      print: (text, place) => this.#console.print('console', text, place),
    };
  }

  /** A thread stands somewhere else now. Where that is no instruction of ours it goes on to the next one. */
  #moved(reason: 'goto' | 'restart', thread: Thread): null {
    const { runner } = this.#stoppedOnly();
    this.#frames.forget();
    runner.moved(thread);
    const [frame] = thread.machine.frames(0, 1);
    if (frame?.kind === 'wasm') this.#stop({ thread, reason });
    else this.#resume({ thread: thread.id }, () => runner.step(thread, 'in'));
    return null;
  }

  #step({ how, within, into, ...choice }: StepParams): null {
    const program = this.#program ?? usage('no program is loaded');
    const inside =
      within &&
      ((here: Here) => {
        const place = program.place(here.func, here.offset);
        if (!place) return true;
        const { doc, span } = place;
        return doc === within.doc && span.start >= within.span.start && span.start < within.span.end;
      });
    return this.#resume(choice, (runner, thread) => {
      const func = into === undefined ? undefined : thread.machine.frames(0, 1)[0]?.func;
      const target = func && { func, offset: into! };
      runner.step(thread, how, inside, choice.alone, target);
    });
  }

  #resume({ thread }: ThreadChoice, set: (runner: Runner, thread: Thread) => void): null {
    const { run, runner } = this.#stoppedOnly();
    if (this.#calls?.running) usage('a function that was called from here still runs: pause stops it');
    const chosen = runner.threadAt(thread);
    const stop = this.#stopped;
    this.#pauseWanted = false;
    this.#state = 'running';
    this.#watchpoints.refresh();
    if (stop?.reason === 'deadlock' && run.deadlocked(stop.threads)) this.#end(1);
    else set(runner, chosen);
    return null;
  }

  #detach(suspend: boolean): null {
    this.#alone = true;
    this.#pauseWanted = suspend && this.#state === 'running';
    this.#entryWanted = false;
    this.#filters.turnOff();
    this.#breakpoints?.clear();
    for (const list of ['client', 'own'] as const) this.#watchpoints.set(list, []);
    this.#running?.arming.update();
    if (this.#state !== 'stopped') this.#running?.runner.abandon();
    else if (!suspend) this.#resume({ thread: this.#stopped!.thread.id }, (runner) => runner.resume());
    return null;
  }

  /** Runs until the program stops or ends. One at a time. */
  async #loop(): Promise<void> {
    this.#looping = true;
    try {
      while (this.#state === 'running') await this.#advance(this.#runningOnly());
    } catch (error) {
      const message =
        error instanceof WasmError ? error.message : `internal error: ${(error as Error).message}`;
      this.#console.print('stderr', `${message}\n`);
      this.#end(1);
    } finally {
      this.#looping = false;
    }
  }

  async #advance({ run, runner }: Running): Promise<void> {
    const progress = runner.advance(SLICE_MS);
    this.#console.flush();
    this.#output.flush();
    if (this.#state !== 'running') return;
    switch (progress.kind) {
      case 'running':
        return this.#host.yieldToHost();
      case 'waiting':
        return this.#wait(runner, progress);
      case 'stopped':
        return this.#stopOrGoOn(run, progress.stop);
      case 'over':
        if (run instanceof ComponentRun && run.left) return this.#renew(run.left);
        if (run instanceof ScriptRun) this.#console.print('console', run.summary());
        return this.#end(run.exitCode);
    }
  }

  /** Until the promise settles, or a command wants something. */
  async #wait(runner: Runner, { promise }: Extract<Progress, { kind: 'waiting' }>): Promise<void> {
    // A pause may have come between two slices.
    if (!this.#pauseWanted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([promise, woken]);
      this.#wake = undefined;
    }
    if (this.#pauseWanted && this.#state === 'running') this.#stop(runner.pauseWhileWaiting());
  }

  /** A deadlock is told, whether the user wants to see it or not. */
  #stopOrGoOn(run: Run, stop: Stop): void {
    if (stop.reason === 'deadlock') this.#tellDeadlock(stop.threads);
    const isWanted = stop.reason !== 'deadlock' || this.#filters.stopsAtTrap(DEADLOCK);
    if (isWanted) this.#stop(stop);
    else if (run.deadlocked(stop.threads)) this.#end(1);
  }

  #tellDeadlock(threads: readonly Thread[]): void {
    this.#console.print('stderr', `${DEADLOCK.message}\n`);
    for (const thread of threads) {
      const { name, state } = wireThread(thread);
      this.#console.print('stderr', `    ${name} ${state}\n`, this.#placeOf(thread));
    }
  }

  /** What a frame will do next, as far as that is known. */
  #next(frame: number): Item | undefined {
    this.#stoppedOnly();
    const inst = this.#instances.lookedAt(frame);
    if (!inst) return undefined;
    try {
      return this.#instances.inspectorOf(inst).next(frame, this.#linkedOnly().threads.space);
    } catch (error) {
      // A core dump may lack the operands.
      if (error instanceof WasmError) return undefined;
      throw error;
    }
  }

  /** Makes the calls that expressions of a frame want, then answers: at once if there are none. */
  #withCalls<T>(
    texts: readonly string[],
    frame: number | undefined,
    assigns: boolean | undefined,
    answer: (called: Called) => T,
  ): T | Promise<T> {
    if (!texts.some((text) => text.includes('!'))) return answer([]);
    this.#stoppedOnly();
    const inst = this.#instances.lookedAt(frame);
    const inspector = inst && this.#instances.inspectorOf(inst);
    const wanted = inspector ? texts.flatMap((text) => inspector.calls(text, frame, assigns)) : [];
    if (wanted.length === 0) return answer([]);
    const calls = (this.#calls ??= new ProgramCalls(this.#linkedOnly().threads.store));
    const known = new Map<WantedCall['node'], readonly Value[]>();
    const called: Called[number][] = [];
    const next = ({
      node,
      text,
      prepare,
    }: WantedCall): ReturnType<WantedCall['prepare']> & { done: (r: Value[]) => void } => ({
      ...prepare(known),
      done: (results) => {
        known.set(node, results);
        called.push({ text, results });
      },
    });
    if (this.#blocked) {
      for (const one of wanted) {
        const { func, args, name, done } = next(one);
        done(calls.callSync(func, args, name, () => this.#poll()));
      }
      return answer(called);
    }
    return (async () => {
      for (const one of wanted) {
        const { func, args, name, done } = next(one);
        done(await calls.call(func, args, name, () => this.#host.yieldToHost()));
      }
      return answer(called);
    })();
  }

  /** Whether what runs is a call by the main function of the user's imports. */
  #isCalledByJs(): boolean {
    const { run, runner } = this.#runningOnly();
    return runner.current !== run.main || runner.current.machine.nested > 0;
  }

  /** Serves what arrived, without waiting. */
  #poll(): void {
    for (;;) {
      const command = this.#host.pollSync?.();
      if (!command) return;
      this.receive(command);
    }
  }

  /** What a client keeps of something that it wants to watch. */
  #dataInfo(query: Params<'dataBreakpointInfo'>): Result<'dataBreakpointInfo'> {
    const frame = 'container' in query ? query.container.frame : query.frame;
    if (frame !== undefined) this.#stoppedOnly();
    const inst = this.#instances.lookedAt(frame) ?? usage('there is no instance of a module yet');
    const found = this.#instances.inspectorOf(inst).watchable(query);
    if (typeof found === 'string') return { dataId: null, description: found, accesses: [], persists: false };
    if (found.kind !== 'local') return this.#watchpoints.info(found, inst, undefined);
    const { thread, depth } = frameParts(frame!);
    const activation = this.#runningOnly().runner.threadAt(thread).machine.activationAt(depth);
    return this.#watchpoints.info(found, inst, activation ?? usage('this frame is not WebAssembly'));
  }

  /** Tells of a stop; inside a host call, `block` then waits. */
  #stop(at: Stop): void {
    const stop: Stop =
      this.#pauseIsEntry && at.reason === 'pause' ? { thread: at.thread, reason: 'entry' } : at;
    this.#pauseIsEntry = false;
    this.#state = 'stopped';
    // Who looks at files meanwhile wants to see what the program has written.
    void this.#directories.flush();
    this.#stopped = stop;
    this.#pauseWanted = false;
    const told = this.#wireStop(stop);
    for (const { name, text, who, place } of told.data ?? [])
      this.#console.print('console', `${name}: ${text}, ${who}\n`, place);
    this.#event('stopped', told);
  }

  #wireStop(stop: Stop): Stopped {
    const { store } = this.#linkedOnly().threads;
    const why = reasonOf(stop, this.#hit, this.#program!, store);
    return { thread: stop.thread.id, place: this.#placeOf(stop.thread), ...why };
  }

  /** Says in the console what went wrong, where, and where a JavaScript error came from. */
  #fail(thread: Thread, label: string, fault: Fault, cause: unknown): void {
    if (this.#told === fault) return;
    this.#told = fault;
    this.#dumpTrap(thread, fault);
    const wire = faultOf(this.#program!, thread, fault);
    const notes = wire.notes.map((note) => `: ${note.message}`).join('');
    this.#console.print('stderr', `${label}: ${wire.message}${notes}\n`, this.#placeOf(thread));
    const stack = ownLines(cause, this.#importsUrl);
    if (stack) this.#console.print('stderr', stack);
    if (!this.#noDebug && !this.#alone) return;
    const { run } = this.#runningOnly();
    const { frames, total } = stackTrace(this.#program!, run, thread, 0, 20);
    for (const { name, place } of frames) this.#console.print('stderr', `    at ${name}\n`, place);
    if (total > frames.length) this.#console.print('stderr', `    … ${total - frames.length} more\n`);
  }

  #end(code: number): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    if (this.#directories.areOpen) void this.#endWhenWritten(code);
    else this.#tellEnd(code);
  }

  async #endWhenWritten(code: number): Promise<void> {
    const failure = await this.#directories.flush();
    if (failure !== undefined) this.#console.print('stderr', `${failure}\n`);
    this.#tellEnd(code);
  }

  #tellEnd(code: number): void {
    this.#event('ended', { code, results: this.#results, fault: this.#failure });
  }

  #createRunner(threads: Threads, run: Run, arming: Arming): Runner {
    const host = this.#host;
    const { store } = threads;
    const block = (stop: Stop): void => {
      if (stop.reason === 'fault') this.#fail(stop.thread, run.label, stop.fault, stop.cause);
      this.#stop(stop);
      this.#blocked = true;
      while (this.#state === 'stopped') this.receive(host.receiveSync!());
      this.#blocked = false;
    };
    let told = false;
    return new Runner(threads, run.main, {
      isBreakpoint: (here) => arming.at(here).length > 0,
      reaches: (frame) => this.#reaches(frame, arming.at(frame)),
      reachesCall: (func, caller) => this.#reaches(caller, arming.onCall(func, caller.func.inst?.module)),
      touched: (hits, frame) => this.#watchpoints.reached(hits, frame),
      wantsPause: () => this.#pauseWanted || (this.#pauseIsEntry && this.#isCalledByJs()),
      isAsked: host.isAsked && (() => host.isAsked!()),
      stopsAtThrow: (thread, thrown) =>
        this.#filters.stopsAtThrow(thrown, run.expects(thread) === 'exception', store, (expression) =>
          this.#holdsAtThrow(expression, thread, thrown),
        ),
      stopsAtResult: (func, results) => this.#filters.stopsAtResult(func, results),
      stopsAtTrap: (fault) => this.#filters.stopsAtTrap(fault),
      marked: (thread, mark) => run.marked(thread, mark),
      isHidden: ({ inst }) => inst !== undefined && !this.#program!.of(inst.module),
      ended: (thread) => {
        const over = run.ended(thread);
        if (thread !== run.main && !over) {
          threads.remove(thread);
          this.#event('threadEnded', { id: thread.id });
        }
        return over;
      },
      block: host.receiveSync && block,
      poll: () => this.#poll(),
      deferred: () => {
        if (!told) this.#console.print('console', DEFERRED);
        told = true;
      },
    });
  }

  #rearmed(states: BreakpointState[]): BreakpointState[] {
    this.#running?.arming.update();
    return states;
  }

  /** Asks every breakpoint at a place what it does there: the first that stops the program is enough. */
  #reaches(frame: WasmFrame, there: readonly ReachedBreakpoint[]): boolean {
    // Code of our own stands between a program and the commands that it imports: names mean nothing in it.
    if (!this.#program!.of(frame.func.inst!.module))
      return this.#reachesPlace(there, this.#instances.lookedAt(undefined), undefined);
    const { evaluator } = this.#instances.inspectorOf(frame.func.inst!);
    const hit = there.filter(({ rules }) => {
      const verdict = rules.reached(frame, evaluator);
      const place = () => this.#program!.place(frame.func, frame.offset);
      if (verdict.error !== undefined) this.#console.print('stderr', `${verdict.error}\n`, place());
      if (verdict.log !== undefined) this.#console.log(`${verdict.log}\n`, there, place);
      return verdict.stops;
    });
    this.#hit = hit;
    return hit.length > 0;
  }

  /** As `#reaches`, at a place that is no instruction: a command, an instantiation. */
  #reachesPlace(
    there: readonly ReachedBreakpoint[],
    inst: ModuleInst | undefined,
    place: Spot | undefined,
  ): boolean {
    const evaluator = inst && this.#program!.of(inst.module) && this.#instances.inspectorOf(inst).evaluator;
    this.#hit = there.filter(({ rules }) => {
      const { stops, log, error } = rules.reachedIn(inst, evaluator);
      if (error !== undefined) this.#console.print('stderr', `${error}\n`, place);
      if (log !== undefined) this.#console.print('console', `${log}\n`, place);
      return stops;
    });
    return this.#hit.length > 0;
  }

  #holdsAtThrow(expression: string, { machine }: Thread, thrown: Thrown): boolean {
    const frame = machine.frames(0, 2).find(({ kind }) => kind === 'wasm');
    if (frame?.kind !== 'wasm' || !this.#program!.of(frame.func.inst!.module)) return false;
    return holdsAtThrow(expression, thrown, frame, this.#instances.inspectorOf(frame.func.inst!).evaluator);
  }

  /** The name by which others import from an instance's module. */
  #nameOf({ module }: ModuleInst): string {
    return this.#program!.preloads.find(({ loaded }) => loaded.module === module)?.name ?? 'main';
  }

  /** A frame of a component's program. */
  #componentFrame(number: number): ComponentFrame | undefined {
    const { run } = this.#running ?? {};
    const frame = run instanceof ComponentRun ? this.#frames.at(number) : undefined;
    if (!frame || !(run instanceof ComponentRun)) return undefined;
    const { inst } = frame.func;
    return { number, frame, store: this.#linkedOnly().threads.store, instance: inst && run.ownerOf(inst) };
  }

  #componentItems(container: ComponentContainer, start?: number, count?: number): Item[] {
    const at = this.#componentFrame(container.frame) ?? usage('there is no such frame');
    return componentChildren(at, container, start, count);
  }

  /** The innermost instruction of a thread, also of a call that has ended; else the script's command. */
  #placeOf(thread: Thread): Place | Spot | undefined {
    const program = this.#program!;
    const frame = thread.machine.frames(0, 2).find(({ kind }) => kind === 'wasm');
    if (frame?.kind === 'wasm') return program.place(frame.func, frame.offset);
    const [caller] = this.#running?.run.callersOf(thread) ?? [];
    return caller?.span && { doc: 'program', span: caller.span };
  }

  #linkedOnly(): Linked {
    return this.#linked ?? usage('the program is not linked');
  }

  #runningOnly(): Running {
    return this.#running ?? usage('the program does not run yet');
  }

  #stoppedOnly(): Running {
    if (this.#state !== 'stopped') usage('the program is not stopped');
    return this.#runningOnly();
  }

  #event<K extends EventName>(event: K, body: Events[K]): void {
    this.#console.flush();
    this.#output.flush();
    this.#host.send({ type: 'event', event, body } as Message);
  }

  #answer(id: number, result: unknown): void {
    this.#host.send({ type: 'result', id, result });
  }

  #refuse(id: number, error: unknown): void {
    this.#host.send({ type: 'fault', id, faults: this.#faultsOf(error) });
  }

  #faultsOf(error: unknown): readonly WireFault[] {
    if (error instanceof Refusal) return error.faults;
    if (error instanceof WasmError) {
      const only = this.#program?.script ? undefined : this.#program?.modules[0];
      return [only?.wireFault(error.fault) ?? error.fault];
    }
    return [{ phase: 'crash', message: `internal error: ${(error as Error).message}`, notes: [] }];
  }
}

/** Whether a program asks for WASI, of whatever version. */
function asksForWasi({ modules, component }: Program): boolean {
  if (component) return component.component.imports.some(({ name }) => name.text.startsWith('wasi:'));
  return modules.some(({ module }) => module.imports.some((wanted) => wanted.module === PREVIEW1));
}
