/**
 * A program under a debugger: commands in, results and events out (wire.ts).
 *
 * Owns the life of the program: load, link, prepare, start, run, stop, end. Commands that inspect or edit are
 * answered at once; those that let it run only set the state, and the run loop does the rest in slices, giving the
 * event loop back between them. A stop inside a host function's synchronous call blocks this thread in a message
 * loop of its own. Knows no DAP, no lines, no files and no host: a DebuggeeHost is injected.
 */

import { type Fault, WasmError } from '../base/errors.ts';
import type { WasmFrame } from '../exec/frame.ts';
import { Machine } from '../exec/machine.ts';
import { SUPPORTED } from '../isa/features.ts';
import type { FuncInst } from '../runtime/func.ts';
import { type Imports, instantiate } from '../runtime/instantiate.ts';
import { builtinImports } from '../runtime/js-string.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import { parseDoc } from '../symbols/disassembly-doc.ts';
import { type Breakpoint, BreakpointTable } from './breakpoints.ts';
import { StoppedFrames } from './frames.ts';
import { type JsImports, readJsImports } from './imports.ts';
import { Inspector } from './inspect.ts';
import { type Invocation, prepareInvocation, resultsText } from './invocation.ts';
import { type LoadedProgram, linkFaults, loadProgram, Refusal } from './load.ts';
import { type Here, type Progress, Runner, type Stop } from './runner.ts';
import { funcName } from './style.ts';
import type {
  BreakpointState,
  Command,
  CommandName,
  EventName,
  Events,
  ImportsModule,
  LinkParams,
  Loaded,
  Message,
  Output,
  Params,
  Place,
  Prepared,
  Result,
  StartParams,
  StepParams,
  StopReason,
  WireFault,
  WireFrame,
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
  /** Loads the JavaScript module with the imports; gives its namespace. */
  importModule(module: ImportsModule): Promise<unknown>;
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
/** Characters of log points that are sent at once. */
const LOG_LENGTH = 1 << 16;

type State = 'idle' | 'running' | 'stopped' | 'ended';

type Handlers = { [K in CommandName]: (params: Params<K>) => Result<K> | Promise<Result<K>> };

/** What there is once the program is linked. */
interface Linked {
  readonly inst: ModuleInst;
  readonly runner: Runner;
  readonly inspector: Inspector;
}

class DebuggeeSession {
  readonly #host: DebuggeeHost;
  readonly #handlers: Handlers;
  #state: State = 'idle';
  #program: LoadedProgram | undefined;
  #breakpoints: BreakpointTable | undefined;
  #linked: Linked | undefined;
  #invocation: Invocation | undefined;
  /** The import's module, for telling its own frames from ours in a JavaScript error. */
  #importsUrl: string | undefined;
  /** What is still to be called: the start function, the invocation. */
  #calls: { func: FuncInst; args: readonly Value[]; label: string; invoked: boolean }[] = [];
  #call: { label: string; invoked: boolean } | undefined;
  #noDebug = false;
  #pauseWanted = false;
  #looping = false;
  /** The fault that ended the program; it is shown, and `continue` ends the session. */
  #fatal: Fault | undefined;
  /** The fault that was printed last. */
  #told: Fault | undefined;
  #wake: (() => void) | undefined;
  /** Breakpoints as the machine has them. */
  readonly #armed = new Map<number, FuncInst>();
  /** The breakpoints that say that the program is to stop. */
  #hit: readonly Breakpoint[] = [];
  /** Lines of log points that are not sent yet: those of one place go together. */
  #logged: { lines: string[]; length: number; here: Here } | undefined;

  constructor(host: DebuggeeHost) {
    this.#host = host;
    this.#handlers = this.#createHandlers();
  }

  print(category: Output['category'], text: string): void {
    this.#output(category, text);
  }

  receive(command: Command): void {
    try {
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
    const breakpoints = () => this.#breakpoints ?? refuse('no program is loaded');
    const inspector = () => this.#stoppedOnly().inspector;
    return {
      load: (params) => this.#load(params),
      link: (params) => this.#link(params),
      prepare: (params) => this.#prepare(params),
      start: (params) => this.#start(params),
      currentDocument: ({ doc, word }) =>
        (this.#program ?? refuse('no program is loaded')).currentDoc(doc, word) ?? null,
      setBreakpoints: ({ doc, now, breakpoints: wanted }) =>
        this.#rearmed(breakpoints().setIn(doc, wanted, now)),
      setFunctionBreakpoints: ({ functions }) => this.#rearmed(breakpoints().setOnFunctions(functions)),
      breakpointLocations: ({ doc, span }) => breakpoints().locations(doc, span),
      setInstructionBreakpoints: ({ instructions }) =>
        this.#rearmed(breakpoints().setOnInstructions(instructions)),
      disassemble: ({ offset, skip, count }) => {
        const program = this.#program ?? refuse('no program is loaded');
        return program.code.rows(offset, skip, count);
      },
      functionText: ({ doc }) => {
        const program = this.#program ?? refuse('no program is loaded');
        if (doc === 'program') return refuse("the text of the program is the caller's own");
        const { part } = parseDoc(doc);
        const name = typeof part === 'number' ? program.module.names.of('func', part) : undefined;
        return { text: program.printed(doc).text, name: name && (program.rename?.(name) ?? name) };
      },
      continue: () => this.#resume((runner) => runner.resume()),
      step: (params) => this.#step(params),
      pause: () => {
        // One that comes before the start is taken before the first instruction.
        if (this.#state === 'running' || this.#state === 'idle') this.#pauseWanted = true;
        return null;
      },
      stackTrace: ({ start, count }) => {
        this.#stoppedOnly();
        return this.#stackTrace(start, count);
      },
      scopes: ({ frame }) => inspector().scopes(frame),
      children: ({ container, start, count, format }) =>
        inspector().children(container, start, count, format),
      evaluate: ({ expression, frame, format, assigns }) =>
        inspector().evaluate(expression, frame, format, assigns),
      setValue: ({ container, name, value, format }) => inspector().setChild(container, name, value, format),
      setExpression: ({ expression, value, frame, format }) =>
        inspector().setExpression(expression, value, frame, format),
      funcPlace: ({ funcIdx }) => inspector().funcPlace(funcIdx) ?? null,
      readMemory: ({ memory, offset, count }) =>
        this.#linkedOnly().inspector.readMemory(memory, offset, count),
      writeMemory: ({ memory, offset, bytes, allowPartial }) =>
        inspector().writeMemory(memory, offset, bytes, allowPartial),
      terminate: () => {
        this.#state = 'ended';
        return null;
      },
    };
  }

  #load({ program, file, disassembly }: Params<'load'>): Loaded {
    this.#program = loadProgram(program, disassembly);
    this.#breakpoints = new BreakpointTable(this.#program, file);
    return { form: this.#program.form, funcs: this.#program.exportedFuncs() };
  }

  async #link({ imports }: LinkParams): Promise<null> {
    const program = this.#program ?? refuse('no program is loaded');
    const store = new Store();
    const machine = new Machine(store);
    const js = imports && (await this.#readImports(store, imports));
    const builtins = builtinImports(store);
    const lookup: Imports = (wanted) => js?.lookup(wanted) ?? builtins(wanted);
    const inst = this.#instantiate(store, program, lookup);
    js?.attach(inst);
    const runner = this.#createRunner(machine);
    const frames = new StoppedFrames(() => runner.machine);
    const inspector = new Inspector(program, inst, (frame) => frames.at(frame));
    this.#linked = { inst, runner, inspector };
    return null;
  }

  #instantiate(store: Store, program: LoadedProgram, lookup: Imports): ModuleInst {
    try {
      return instantiate(store, program.module, lookup, SUPPORTED);
    } catch (error) {
      if (!(error instanceof WasmError) || error.phase !== 'unlinkable') throw error;
      throw new Refusal(linkFaults(error.fault).map((fault) => program.wireFault(fault)));
    }
  }

  async #readImports(store: Store, imports: ImportsModule): Promise<JsImports> {
    this.#importsUrl = imports.url;
    try {
      const namespace = await this.#host.importModule(imports);
      return await readJsImports(store, namespace, (func, args) => {
        const { runner } = this.#linkedOnly();
        return runner.callAside(func, args, (fault) => new WasmError(fault));
      });
    } catch (error) {
      if (error instanceof WasmError) throw error;
      const message = `imports: ${jsErrorText(error, imports.url)}`;
      throw new WasmError({ phase: 'usage', message, notes: [] });
    }
  }

  #prepare(params: Params<'prepare'>): Prepared {
    const program = this.#program ?? refuse('no program is loaded');
    this.#invocation = prepareInvocation(program.module, params);
    return { funcIdx: this.#invocation.funcIdx, label: this.#invocation.label };
  }

  #start({ stopOnEntry, noDebug }: StartParams): null {
    const { inst, runner } = this.#linkedOnly();
    const invocation = this.#invocation ?? refuse('nothing is prepared to run');
    if (this.#state !== 'idle') refuse('the program runs already');
    this.#noDebug = noDebug;
    const { funcIdx, args, label } = invocation;
    if (inst.start)
      this.#calls.push({ func: inst.start, args: [], label: 'the start function', invoked: false });
    this.#calls.push({ func: inst.funcs[funcIdx], args, label, invoked: true });
    this.#arm();
    this.#beginNext(runner);
    this.#state = 'running';
    if ((stopOnEntry || this.#pauseWanted) && runner.here()) {
      this.#stop({ reason: stopOnEntry ? 'entry' : 'pause' });
    }
    return null;
  }

  #step({ how, within }: StepParams): null {
    const program = this.#program ?? refuse('no program is loaded');
    const inside =
      within &&
      ((here: Here) => {
        const { doc, span } = program.place(here.func.idx, here.offset);
        return doc === within.doc && span.start >= within.span.start && span.start < within.span.end;
      });
    return this.#resume((runner) => runner.step(how, inside));
  }

  #resume(set: (runner: Runner) => void): null {
    const { runner } = this.#stoppedOnly();
    set(runner);
    this.#pauseWanted = false;
    this.#state = 'running';
    return null;
  }

  /** Runs until the program stops or ends. One at a time. */
  async #loop(): Promise<void> {
    this.#looping = true;
    try {
      while (this.#state === 'running') {
        if (this.#fatal) this.#end(1);
        else await this.#advance(this.#linkedOnly().runner);
      }
    } catch (error) {
      this.#output('stderr', `internal error: ${error instanceof Error ? error.message : String(error)}\n`);
      this.#end(1);
    } finally {
      this.#looping = false;
    }
  }

  async #advance(runner: Runner): Promise<void> {
    const progress = runner.advance(SLICE_MS);
    this.#flushLog();
    if (this.#state !== 'running') return;
    switch (progress.kind) {
      case 'running':
        return this.#host.yieldToHost();
      case 'waiting':
        return this.#wait(runner, progress);
      case 'stopped':
        return this.#stop(progress.stop);
      case 'done':
        return this.#returned(runner, progress.results);
      case 'failed':
        this.#fail(progress.fault, progress.cause);
        return this.#end(1);
    }
  }

  /** Until the promise settles, or a command wants something. */
  async #wait(runner: Runner, { promise }: Extract<Progress, { kind: 'waiting' }>): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([promise, woken]);
    this.#wake = undefined;
    if (this.#pauseWanted && this.#state === 'running') this.#stop(runner.pauseWhileWaiting());
  }

  #beginNext(runner: Runner): boolean {
    const call = this.#calls.shift();
    if (!call) return false;
    this.#call = call;
    runner.begin(call.func, call.args);
    return true;
  }

  #returned(runner: Runner, results: readonly Value[]): void {
    const { label, invoked } = this.#call!;
    if (invoked) this.#output('console', `${label}${resultsText(results)}\n`);
    if (!this.#beginNext(runner)) this.#end(0);
  }

  /** Tells of a stop; inside a host call, `block` then waits. */
  #stop(stop: Stop): void {
    this.#state = 'stopped';
    this.#pauseWanted = false;
    const here = this.#linkedOnly().runner.here();
    const place = here && this.#place(here);
    if (stop.reason === 'exception') {
      this.#fail(stop.fault, stop.cause);
      this.#event('stopped', { reason: 'exception', place, fault: this.#wireFault(stop.fault) });
    } else {
      const hit = stop.reason === 'breakpoint' ? this.#hit : [];
      const [first] = hit;
      const own = first && first.kind !== 'source' && hit.every(({ kind }) => kind === first.kind);
      const reason: StopReason = own ? `${first.kind} breakpoint` : stop.reason;
      this.#event('stopped', { reason, place, breakpoints: hit.map(({ id }) => id) });
    }
  }

  /** Says in the console what went wrong, where, and where a JavaScript error came from. */
  #fail(fault: Fault, cause: unknown): void {
    if (this.#told === fault) return;
    this.#told = fault;
    const { runner } = this.#linkedOnly();
    const wire = this.#wireFault(fault);
    const here = runner.here();
    const notes = wire.notes.map((note) => `: ${note.message}`).join('');
    const label = this.#call?.label ?? '';
    this.#output('stderr', `${label}: ${wire.message}${notes}\n`, here && this.#place(here));
    const stack = cause instanceof Error && !(cause instanceof WasmError) ? this.#ownLines(cause) : '';
    if (stack) this.#output('stderr', stack);
    if (!this.#noDebug) {
      this.#fatal = fault;
      return;
    }
    const { frames, total } = this.#stackTrace(0, 20);
    for (const { name, place } of frames) this.#output('stderr', `    at ${name}\n`, place);
    if (total > frames.length) this.#output('stderr', `    … ${total - frames.length} more\n`);
  }

  /** The lines of a JavaScript error's stack that are in the user's own module. */
  #ownLines({ stack }: Error): string {
    const url = this.#importsUrl;
    const lines = (stack ?? '').split('\n').filter((line) => url !== undefined && line.includes(url));
    return lines.map((line) => `    ${line.trim()}\n`).join('');
  }

  #end(code: number): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#event('ended', { code });
  }

  #createRunner(machine: Machine): Runner {
    const host = this.#host;
    const block = (stop: Stop): void => {
      this.#stop(stop);
      while (this.#state === 'stopped') this.receive(host.receiveSync!());
      // A trap in here becomes the import's error; if that does not catch it, it ends the program.
      this.#fatal = undefined;
    };
    let told = false;
    return new Runner(machine, {
      isBreakpoint: (offset) => !this.#noDebug && this.#armed.has(offset),
      reaches: (frame) => this.#reaches(frame),
      wantsPause: () => this.#pauseWanted,
      stopsOnTraps: () => !this.#noDebug,
      block: host.receiveSync && block,
      poll: () => {
        for (let command = host.pollSync?.(); command; command = host.pollSync?.()) this.receive(command);
      },
      deferred: () => {
        if (!told) {
          this.#output(
            'console',
            'A stop inside a call from JavaScript cannot be shown here: the program stops when that call returns.\n',
          );
        }
        told = true;
      },
    });
  }

  #rearmed(states: BreakpointState[]): BreakpointState[] {
    this.#arm();
    return states;
  }

  /** Makes the machine's breakpoints those of the table. */
  #arm(): void {
    const linked = this.#linked;
    if (!linked || this.#noDebug) return;
    const { space } = linked.runner.machine;
    const { byOffset } = this.#breakpoints!;
    for (const [offset, func] of this.#armed) {
      if (byOffset.has(offset)) continue;
      space.unbreakAt(func, offset);
      this.#armed.delete(offset);
    }
    for (const [offset, [{ funcIdx }]] of byOffset) {
      if (this.#armed.has(offset)) continue;
      const func = linked.inst.funcs[funcIdx];
      space.breakAt(func, offset);
      this.#armed.set(offset, func);
    }
  }

  /** Asks every breakpoint at a place what it does there: the first that stops the program is enough. */
  #reaches(frame: WasmFrame): boolean {
    const hit: Breakpoint[] = [];
    for (const breakpoint of this.#breakpoints!.byOffset.get(frame.offset) ?? []) {
      const verdict = breakpoint.rules.reached(frame, this.#linkedOnly().inspector.evaluator);
      if (verdict.error !== undefined) this.#output('stderr', `${verdict.error}\n`, this.#place(frame));
      if (verdict.log !== undefined) this.#log(`${verdict.log}\n`, frame);
      if (verdict.stops) hit.push(breakpoint);
    }
    this.#hit = hit;
    return hit.length > 0;
  }

  /** Log points in hot code print thousands of lines a slice: lines of one place go as one event. */
  #log(line: string, { func, offset }: Here): void {
    const before = this.#logged;
    if (before && before.here.offset === offset && before.length < LOG_LENGTH) {
      before.lines.push(line);
      before.length += line.length;
      return;
    }
    this.#flushLog();
    this.#logged = { lines: [line], length: line.length, here: { func, offset } };
  }

  #flushLog(): void {
    const logged = this.#logged;
    if (!logged) return;
    this.#logged = undefined;
    this.#output('console', logged.lines.join(''), this.#place(logged.here));
  }

  #stackTrace(start: number, count: number): { total: number; frames: WireFrame[] } {
    const { machine } = this.#linkedOnly().runner;
    const { rename } = this.#program!;
    const frames = machine.frames(start, count).map((frame): WireFrame => {
      const name = funcName(frame.func, rename);
      return frame.kind === 'host'
        ? { kind: 'host', name }
        : { kind: 'wasm', name, place: this.#place(frame) };
    });
    return { total: machine.depth, frames };
  }

  #linkedOnly(): Linked {
    return this.#linked ?? refuse('the program is not linked');
  }

  #stoppedOnly(): Linked {
    if (this.#state !== 'stopped') refuse('the program is not stopped');
    return this.#linkedOnly();
  }

  #place(here: Here): Place {
    return this.#program!.place(here.func.idx, here.offset);
  }

  #wireFault(fault: Fault): WireFault {
    return this.#program!.wireFault(fault);
  }

  #output(category: Output['category'], text: string, place?: Place): void {
    this.#event('output', { category, text, place });
  }

  #event<K extends EventName>(event: K, body: Events[K]): void {
    this.#flushLog();
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
    if (error instanceof WasmError) return [this.#program?.wireFault(error.fault) ?? error.fault];
    const message = `internal error: ${error instanceof Error ? error.message : String(error)}`;
    return [{ phase: 'crash', message, notes: [] }];
  }
}

/** An error of the user's JavaScript, with the place in the user's own module: `host.mjs:3:5: TypeError: …`. */
function jsErrorText(error: unknown, url: string): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack?.split('\n').find((line) => line.includes(url));
  const place = own && /^:\d+(?::\d+)?/.exec(own.slice(own.indexOf(url) + url.length))?.[0];
  const file = url.slice(url.lastIndexOf('/') + 1);
  return `${file}${place ?? ''}: ${error.name}: ${error.message}`;
}

function refuse(message: string): never {
  throw new WasmError({ phase: 'usage', message, notes: [] });
}
