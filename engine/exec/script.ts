/**
 * Runs the commands of a `.wast` script (text/script.ts parses them): modules, actions and assertions, one after the
 * other in one store. Threads do theirs by turns (threads.ts).
 *
 * Every command has a result, those inside of threads too; a failed one does not end the script. `runScript` runs it as a
 * whole; `beginScript` leaves the running to the caller, who is told by marks where each thread is. Knows no files and
 * prints nothing. Expected messages are compared as the reference interpreter does it: what happens must begin with what is
 * expected.
 */

import { type Fault, type Phase, type Span, WasmError } from '../base/errors.ts';
import { validateCustoms } from '../binary/custom.ts';
import { decode } from '../binary/decode.ts';
import { SUPPORTED } from '../isa/features.ts';
import { EXTERNREF, F32, HEAP, type HeapType, heapOf, REF, refType, typeName } from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';
import { FuncInst } from '../runtime/func.ts';
import { GlobalInst } from '../runtime/global.ts';
import { isOfHeap } from '../runtime/heap.ts';
import { instantiate } from '../runtime/instantiate.ts';
import type { Extern, ModuleInst } from '../runtime/module-inst.ts';
import { Store } from '../runtime/store.ts';
import { formatValue, isRefValue, type RefValue, type Value } from '../runtime/values.ts';
import {
  type Action,
  assembleForm,
  type Command,
  type LanePattern,
  type LaneShape,
  type ModuleForm,
  type ResultPattern,
  type Script,
  type ScriptValue,
} from '../text/script.ts';
import { TypeCanon } from '../valid/canon.ts';
import { validate } from '../valid/validate.ts';
import { Machine } from './machine.ts';
import type { Outcome } from './outcome.ts';
import { spectest } from './spectest.ts';
import { type Program, type Request, type Thread, Threads } from './threads.ts';

/** What became of one command. */
export interface CommandResult {
  readonly command: Command;
  readonly span: Span;
  readonly ok: boolean;
  /** Why it failed. */
  readonly message?: string;
  /** What it should have come to, and what it came to instead, if it came to anything. */
  readonly expected?: string;
  readonly got?: string;
  /** What it failed with, if it was no wrong result. */
  readonly fault?: Fault;
}

export interface ScriptOptions {
  readonly features?: FeatureSet;
  /** Gets what the spectest module prints. */
  readonly print?: (line: string) => void;
  /** Instructions after which a command counts as endless. */
  readonly budget?: number;
  /** Modules that were loaded already, valid ones. */
  readonly modules?: ReadonlyMap<ModuleForm, Module>;
  /** Hears of every instance, before its start function runs. */
  readonly instantiated?: (inst: ModuleInst) => void;
}

/** What the programs of a script's threads mark (threads.ts). */
export type ScriptMark =
  /** In front of a command. */
  | { readonly kind: 'command'; readonly command: Command }
  /** A call ended as nobody expects; its frames are still there. */
  | { readonly kind: 'fault'; readonly command: Command; readonly fault: Fault; readonly cause?: unknown }
  /** A command is done. */
  | { readonly kind: 'result'; readonly result: CommandResult };

/** Patterns name abstract types only. */
const NO_TYPES = new TypeCanon();

const DEFAULT_BUDGET = 10_000_000_000;

/** Runs a script's commands. Faults of the script itself are its own (`script.faults`): commands with one are not there. */
export function runScript(script: Script, options: ScriptOptions = {}): Generator<CommandResult> {
  return new World(script, options).run();
}

/** A script whose threads the caller runs. */
export interface BegunScript {
  /** The thread that does the commands of the file. Threads that these start may run on when it has ended. */
  readonly main: Thread;
  /** These wait for each other: their commands fail, and they go on. */
  deadlocked(threads: readonly Thread[]): void;
}

/** Begins a script on `threads`, whose store it uses. Commands are done when the threads are run. */
export function beginScript(script: Script, threads: Threads, options: ScriptOptions = {}): BegunScript {
  const world = new World(script, options, threads);
  return {
    main: threads.start(new Runner(world).commands(script.commands, []), 'main'),
    deadlocked: (waiting) => world.deadlocked(waiting),
  };
}

/** How a command expects its call to end, if not well. */
export function expectedEnd(command: Command): Phase | undefined {
  switch (command.kind) {
    case 'assert_trap':
      return 'trap';
    case 'assert_exhaustion':
      return 'exhaustion';
    case 'assert_exception':
      return 'exception';
    default:
      return undefined;
  }
}

/** Something that takes calls, and waiting for threads, to do. */
type Doing<T> = Generator<Request, T, Outcome | undefined>;

/** A command that did not do what it should. */
class Failure extends Error {
  readonly expected: string | undefined;
  readonly got: string | undefined;

  constructor(message: string, expected?: string, got?: string) {
    super(message);
    this.expected = expected;
    this.got = got;
  }
}

/** A reference of the host as scripts know it: a number. */
class HostRef {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What all threads of a script share. */
class World {
  readonly script: Script;
  readonly features: FeatureSet;
  readonly store: Store;
  readonly spectest: ReadonlyMap<string, Extern>;
  readonly hostRefs = new Map<number, HostRef>();
  readonly modules: ReadonlyMap<ModuleForm, Module> | undefined;
  readonly instantiated: (inst: ModuleInst) => void;
  private readonly threads: Threads;
  private readonly budget: number;
  /** Of commands of threads, in the order in which they were done. */
  private readonly results: CommandResult[] = [];

  constructor(
    script: Script,
    {
      features = SUPPORTED,
      print = () => {},
      budget = DEFAULT_BUDGET,
      modules,
      instantiated = () => {},
    }: ScriptOptions,
    threads = new Threads(new Store()),
  ) {
    this.script = script;
    this.features = features;
    this.budget = budget;
    this.modules = modules;
    this.instantiated = instantiated;
    this.threads = threads;
    this.store = threads.store;
    this.spectest = spectest(this.store, print);
  }

  /** Every command's result, those of threads when they are done. */
  *run(): Generator<CommandResult> {
    const main = new Runner(this);
    const machine = new Machine(this.store, { space: this.threads.space, threads: true });
    for (const command of this.script.commands) {
      const mine: CommandResult[] = [];
      const thread = this.threads.start(main.commands([command], mine), 'main', machine);
      this.drive(thread);
      this.threads.remove(thread);
      yield* this.results.splice(0);
      yield* mine;
    }
    // What nobody waits for is done all the same.
    this.drive(undefined);
    yield* this.results.splice(0);
  }

  start(name: string, runner: Runner, commands: readonly Command[]): Thread {
    return this.threads.start(runner.commands(commands, this.results), name);
  }

  deadlocked(threads: readonly Thread[]): void {
    for (const thread of threads) {
      this.threads.interrupt(thread, new Failure('deadlock: all threads wait for each other'));
    }
  }

  /** Runs all threads until `main` has ended, or all of them. */
  private drive(main: Thread | undefined): void {
    for (;;) {
      const outcome = this.threads.run(this.budget);
      switch (outcome.kind) {
        case 'idle':
          return;
        case 'ended':
          if (outcome.thread === main) return;
          break;
        case 'paused':
          this.threads.interrupt(
            outcome.thread,
            new Failure(`still running after ${this.budget} instructions`),
          );
          break;
        case 'deadlock':
          this.deadlocked(outcome.threads);
          break;
        case 'mark':
          break;
        default: {
          const asleep = this.threads.all.find(({ state }) => state === 'host');
          this.threads.interrupt(asleep ?? this.threads.running!, new Failure(`stopped: ${outcome.kind}`));
        }
      }
      if (main?.state === 'ended') return;
    }
  }
}

/** One thread of a script: the names that it knows, and how it does its commands. */
class Runner {
  private readonly world: World;
  private readonly registry = new Map<string, ReadonlyMap<string, Extern>>();
  private readonly instances = new Map<string, ModuleInst>();
  private readonly definitions = new Map<string, Module>();
  private readonly threads = new Map<string, Thread>();
  private last: ModuleInst | undefined;
  private lastDefinition: Module | undefined;
  private lastThread: Thread | undefined;
  /** What it does now. */
  private command: Command | undefined;

  constructor(world: World) {
    this.world = world;
    this.registry.set('spectest', world.spectest);
  }

  /** Does commands one after the other; their results go to `results`. */
  *commands(commands: readonly Command[], results: CommandResult[]): Program {
    for (const command of commands) {
      this.command = command;
      yield mark({ kind: 'command', command });
      const result = yield* this.resultOf(command);
      results.push(result);
      yield mark({ kind: 'result', result });
    }
  }

  private *resultOf(command: Command): Doing<CommandResult> {
    const { span } = command;
    try {
      yield* this.run(command);
      return { command, span, ok: true };
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof WasmError)) throw error;
      if (error instanceof Failure) {
        const { message, expected, got } = error;
        return { command, span, ok: false, message, expected, got };
      }
      const { fault } = error;
      return { command, span, ok: false, message: faultText(fault), fault };
    }
  }

  private *run(command: Command): Doing<void> {
    switch (command.kind) {
      case 'module':
        yield* this.module(command.module);
        break;
      case 'instance':
        yield* this.instance(command.name, command.definition);
        break;
      case 'register':
        this.registry.set(command.as, this.instanceOf(command.module).exports);
        break;
      case 'action':
        yield* this.act(command.action);
        break;
      case 'assert_return':
        expectResults(yield* this.act(command.action), command.results, this.world.hostRefs);
        break;
      case 'assert_trap':
        yield* expectFault(
          'trap',
          command.message,
          command.action ? this.act(command.action) : this.make(command.module!),
        );
        break;
      case 'assert_exhaustion':
        yield* expectFault('exhaustion', command.message, this.act(command.action));
        break;
      case 'assert_exception':
        yield* expectFault('exception', '', this.act(command.action));
        break;
      case 'assert_malformed':
        // Instructions are read when they are validated, so a malformed one shows up there.
        yield* expectFault('malformed', command.message, () => this.load(command.module));
        break;
      case 'assert_invalid':
        yield* expectFault('invalid', command.message, () => this.load(command.module));
        break;
      case 'assert_malformed_custom':
        yield* expectFault('malformed', command.message, () => validateCustoms(this.load(command.module)));
        break;
      case 'assert_invalid_custom':
        yield* expectFault('invalid', command.message, () => validateCustoms(this.load(command.module)));
        break;
      case 'assert_unlinkable':
        yield* expectFault('unlinkable', command.message, this.make(command.module));
        break;
      case 'thread':
        this.thread(command);
        break;
      case 'wait':
        yield* this.wait(command.thread);
        break;
      default:
        throw new Failure(`not supported yet: ${command.kind}`);
    }
  }

  private *module(form: ModuleForm): Doing<void> {
    // What follows a module that fails must not reach an older one.
    this.last = undefined;
    if (form.name !== undefined) this.instances.delete(form.name);
    const module = this.load(form);
    if (form.definition) {
      this.lastDefinition = module;
      if (form.name !== undefined) this.definitions.set(form.name, module);
      return;
    }
    this.last = yield* this.instantiate(module);
    if (form.name !== undefined) this.instances.set(form.name, this.last);
  }

  private *instance(name: string | undefined, definition: string | undefined): Doing<void> {
    const module = definition === undefined ? this.lastDefinition : this.definitions.get(definition);
    if (!module) throw new Failure(`unknown module definition ${definition ?? ''}`);
    this.last = yield* this.instantiate(module);
    if (name !== undefined) this.instances.set(name, this.last);
  }

  /** A thread has names of its own; those of shared instances come with it. */
  private thread({ name, shared, commands }: Extract<Command, { kind: 'thread' }>): void {
    const runner = new Runner(this.world);
    for (const id of shared) runner.instances.set(id, this.instanceOf(id));
    this.lastThread = this.world.start(name ?? '', runner, commands);
    if (name !== undefined) this.threads.set(name, this.lastThread);
  }

  private *wait(name: string | undefined): Doing<void> {
    const thread = name === undefined ? this.lastThread : this.threads.get(name);
    if (!thread) throw new Failure(name === undefined ? 'there is no thread' : `unknown thread $${name}`);
    yield { kind: 'join', thread };
  }

  private decode(form: ModuleForm): Module {
    const known = this.world.modules?.get(form);
    if (known) return known;
    if (form.source === 'component') throw new Failure('not supported yet: components');
    const { bytes, faults } = assembleForm(this.world.script.tree, form);
    if (faults.length > 0) throw new WasmError(faults[0]);
    return decode(bytes);
  }

  private load(form: ModuleForm): Module {
    const module = this.decode(form);
    validate(module, this.world.features);
    return module;
  }

  private *make(form: ModuleForm): Doing<ModuleInst> {
    return yield* this.instantiate(this.load(form));
  }

  private *instantiate(module: Module): Doing<ModuleInst> {
    const imports = (wanted: { module: string; name: string }) =>
      this.registry.get(wanted.module)?.get(wanted.name);
    const inst = instantiate(this.world.store, module, imports, this.world.features);
    this.world.instantiated(inst);
    if (inst.start) yield* this.call(inst.start, []);
    return inst;
  }

  private instanceOf(name: string | undefined): ModuleInst {
    const inst = name === undefined ? this.last : this.instances.get(name);
    if (!inst) throw new Failure(name === undefined ? 'there is no module' : `unknown module $${name}`);
    return inst;
  }

  private *act(action: Action): Doing<Value[]> {
    const extern = this.instanceOf(action.module).exports.get(action.name);
    if (action.kind === 'get') {
      if (!(extern instanceof GlobalInst)) throw new Failure(`unknown global "${action.name}"`);
      return [extern.value];
    }
    if (!(extern instanceof FuncInst)) throw new Failure(`unknown function "${action.name}"`);
    const args = action.args.map((arg) => this.value(arg));
    return yield* this.call(extern, args);
  }

  private *call(func: FuncInst, args: readonly Value[]): Doing<Value[]> {
    let outcome = yield { kind: 'call', func, args };
    for (;;) {
      if (outcome?.kind === 'done') return outcome.results;
      if (outcome?.kind !== 'trap') throw new Failure('no result');
      const { fault, cause } = outcome;
      const command = this.command!;
      if (isExpected(command, fault)) throw new WasmError(fault);
      const later: Outcome | undefined = yield mark({ kind: 'fault', command, fault, cause }, true);
      // Another one than before: a debugger has let the call go on.
      if (later === outcome) throw new WasmError(fault);
      outcome = later;
    }
  }

  private value(arg: ScriptValue): Value {
    switch (arg.kind) {
      case 'num':
        return { type: arg.type, bits: arg.bits };
      case 'null':
        return { type: refType(true, arg.heap ?? HEAP.none), ref: null };
      default:
        return { type: EXTERNREF, ref: this.hostRef(arg.value) };
    }
  }

  private hostRef(value: number): HostRef {
    const { hostRefs } = this.world;
    let ref = hostRefs.get(value);
    if (!ref) hostRefs.set(value, (ref = new HostRef(value)));
    return ref;
  }
}

function mark(what: ScriptMark, keepFrames = false): Request {
  return { kind: 'mark', mark: what, keepFrames };
}

function isExpected(command: Command, { phase, message }: Fault): boolean {
  if (phase !== expectedEnd(command)) return false;
  return message.startsWith('message' in command ? command.message : '');
}

function faultText({ phase, message, notes }: Fault): string {
  const note = notes.length > 0 ? `: ${notes[0].message}` : '';
  return `${phase}: ${message}${note}`;
}

function* expectFault(phase: Phase, message: string, doing: Doing<unknown> | (() => unknown)): Doing<void> {
  let fault: Fault | undefined;
  try {
    if (typeof doing === 'function') doing();
    else yield* doing;
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    ({ fault } = error);
  }
  const expected = `${phase} "${message}"`;
  if (!fault) throw new Failure(`expected ${expected}, but it went well`, expected);
  if (fault.phase !== phase || !fault.message.startsWith(message)) {
    const got = faultText(fault);
    throw new Failure(`expected ${expected}, got ${got}`, expected, got);
  }
}

function expectResults(
  values: readonly Value[],
  patterns: readonly ResultPattern[],
  hostRefs: ReadonlyMap<number, HostRef>,
): void {
  const ok =
    values.length === patterns.length && values.every((value, i) => matches(value, patterns[i], hostRefs));
  if (ok) return;
  const expected = listText(patterns.map(patternText));
  const got = listText(values.map(valueText));
  throw new Failure(`expected ${expected}, got ${got}`, expected, got);
}

function matches(value: Value, pattern: ResultPattern, hostRefs: ReadonlyMap<number, HostRef>): boolean {
  if (pattern.kind === 'either') return pattern.of.some((one) => matches(value, one, hostRefs));
  if (!isRefValue(value)) {
    switch (pattern.kind) {
      case 'num':
        return value.type === pattern.type && value.bits === pattern.bits;
      case 'nan':
        return (
          value.type === pattern.type && isNaNOf(value.bits, pattern.type === F32 ? 32 : 64, pattern.nan)
        );
      case 'lanes':
        return lanesMatch(value.bits, pattern.shape, pattern.lanes);
      default:
        return false;
    }
  }
  switch (pattern.kind) {
    case 'null':
      return value.ref === null;
    case 'extern':
    case 'host':
      return value.ref !== null && value.ref === hostRefs.get(pattern.value);
    case 'ref':
      return value.ref !== null && isOfKind(value, pattern.heap);
    default:
      return false;
  }
}

/** Is a reference that is not null of this abstract heap type? Hierarchies are told apart by the value's type. */
function isOfKind(value: RefValue, heap: HeapType): boolean {
  if (heap === HEAP.extern) return heapOf(value.type) === HEAP.extern;
  if ((heap === HEAP.func) !== value.ref instanceof FuncInst) return false;
  return isOfHeap(NO_TYPES, heap, value.ref);
}

/** A canonical NaN has only the top payload bit; an arithmetic one has at least that (spec 4.3.3). */
function isNaNOf(bits: bigint, width: number, kind: 'canonical' | 'arithmetic'): boolean {
  const canonical = width === 32 ? 0x7fc00000n : 0x7ff8000000000000n;
  const positive = BigInt.asUintN(width - 1, bits);
  return kind === 'canonical' ? positive === canonical : (positive & canonical) === canonical;
}

function lanesMatch(bits: bigint, shape: LaneShape, lanes: readonly LanePattern[]): boolean {
  const width = 128 / lanes.length;
  return lanes.every((lane, i) => {
    const got = BigInt.asUintN(width, bits >> BigInt(i * width));
    if (typeof lane === 'bigint') return got === BigInt.asUintN(width, lane);
    return (
      shape.startsWith('f') && isNaNOf(got, width, lane === 'nan:canonical' ? 'canonical' : 'arithmetic')
    );
  });
}

function listText(parts: readonly string[]): string {
  return parts.length > 0 ? parts.join(' ') : 'no result';
}

function valueText(value: Value): string {
  if (isRefValue(value) && value.ref instanceof HostRef) return `(ref.extern ${value.ref.value})`;
  return `${typeName(value.type)}:${formatValue(value)}`;
}

function patternText(pattern: ResultPattern): string {
  switch (pattern.kind) {
    case 'num':
      return valueText({ type: pattern.type, bits: pattern.bits });
    case 'nan':
      return `${typeName(pattern.type)}:nan:${pattern.nan}`;
    case 'lanes':
      return `${pattern.shape} ${pattern.lanes.map(String).join(' ')}`;
    case 'either':
      return `(either ${pattern.of.map(patternText).join(' ')})`;
    case 'null':
      return '(ref.null)';
    case 'ref':
      return `(ref.${typeName(REF | pattern.heap)})`;
    default:
      return `(ref.${pattern.kind} ${pattern.value})`;
  }
}
