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
import { EXTERNREF, HEAP, refType } from '../isa/types.ts';
import type { FeatureSet, Module } from '../module/module.ts';
import { FuncInst } from '../runtime/func.ts';
import { GlobalInst } from '../runtime/global.ts';
import { instantiate } from '../runtime/instantiate.ts';
import type { Extern, ModuleInst } from '../runtime/module-inst.ts';
import { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import {
  type Action,
  assembleForm,
  type Command,
  type ModuleForm,
  type Script,
  type ScriptValue,
} from '../text/script.ts';
import { validate } from '../valid/validate.ts';
import { callToEnd } from './call-to-end.ts';
import { expectedEnd } from './expected-end.ts';
import { Machine, type MachineOptions } from './machine.ts';
import type { ComponentThing, ComponentWorld, Doing, ScriptComponents } from './script-components.ts';
import {
  type ComponentResults,
  expectComponentResults,
  expectResults,
  Failure,
  HostRef,
} from './script-values.ts';
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
  /** Does the components of the script; without it they fail. */
  readonly components?: ScriptComponents;
  /** Which tier runs its code (machine.ts). */
  readonly engine?: MachineOptions['engine'];
  /** Hears of the threads that the script's code will run in. */
  readonly begins?: (threads: Threads) => void;
}

/** What the programs of a script's threads mark (threads.ts). */
export type ScriptMark =
  /** In front of a command. */
  | { readonly kind: 'command'; readonly command: Command }
  /** A call ended as nobody expects; its frames are still there. */
  | { readonly kind: 'fault'; readonly command: Command; readonly fault: Fault; readonly cause?: unknown }
  /** A command is done. */
  | { readonly kind: 'result'; readonly result: CommandResult };

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

/** What all threads of a script share. */
class World {
  readonly script: Script;
  readonly features: FeatureSet;
  readonly store: Store;
  readonly spectest: ReadonlyMap<string, Extern>;
  readonly hostRefs = new Map<number, HostRef>();
  readonly modules: ReadonlyMap<ModuleForm, Module> | undefined;
  readonly instantiated: (inst: ModuleInst) => void;
  readonly components: ScriptComponents | undefined;
  private readonly engine: ScriptOptions['engine'];
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
      components,
      engine,
      begins,
    }: ScriptOptions,
    threads = new Threads(new Store(), { engine }),
  ) {
    this.script = script;
    this.features = features;
    this.budget = budget;
    this.modules = modules;
    this.instantiated = instantiated;
    this.components = components;
    this.engine = engine;
    this.threads = threads;
    this.store = threads.store;
    begins?.(threads);
    this.spectest = spectest(this.store, print);
  }

  /** Every command's result, those of threads when they are done. */
  *run(): Generator<CommandResult> {
    const main = new Runner(this);
    const machine = new Machine(this.store, {
      space: this.threads.space,
      threads: true,
      engine: this.engine,
    });
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
  private readonly componentInstances = new Map<string, ComponentThing>();
  private readonly componentDefinitions = new Map<string, ComponentThing>();
  private readonly componentRegistry = new Map<string, ComponentThing>();
  /** Set when the latest instance is a component's. */
  private lastComponent: ComponentThing | undefined;
  private lastComponentDefinition: ComponentThing | undefined;
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
        if (command.module.source === 'component') yield* this.component(command.module);
        else yield* this.module(command.module);
        break;
      case 'instance':
        if (command.of === 'component') yield* this.componentInstance(command.name, command.definition);
        else yield* this.instance(command.name, command.definition);
        break;
      case 'register': {
        const component = this.componentOf(command.module);
        if (component) this.componentRegistry.set(command.as, component);
        else this.registry.set(command.as, this.instanceOf(command.module).exports);
        break;
      }
      case 'action':
        if (this.componentOf(command.action.module)) yield* this.actOnComponent(command.action);
        else yield* this.act(command.action);
        break;
      case 'assert_return':
        if (this.componentOf(command.action.module)) {
          expectComponentResults(yield* this.actOnComponent(command.action), command.results);
        } else expectResults(yield* this.act(command.action), command.results, this.world.hostRefs);
        break;
      case 'assert_trap':
        yield* expectFault(
          'trap',
          command.message,
          command.action ? this.actOnAny(command.action) : this.makeAny(command.module!),
          this.isOfComponent(command),
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
        yield* expectFault(
          'malformed',
          command.message,
          () => this.loadAny(command.module),
          this.isOfComponent(command),
        );
        break;
      case 'assert_invalid':
        yield* expectFault(
          'invalid',
          command.message,
          () => this.loadAny(command.module),
          this.isOfComponent(command),
        );
        break;
      case 'assert_malformed_custom':
        yield* expectFault('malformed', command.message, () => validateCustoms(this.load(command.module)));
        break;
      case 'assert_invalid_custom':
        yield* expectFault('invalid', command.message, () => validateCustoms(this.load(command.module)));
        break;
      case 'assert_unlinkable':
        yield* expectFault(
          'unlinkable',
          command.message,
          this.makeAny(command.module),
          this.isOfComponent(command),
        );
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
    this.forget(form.name);
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

  /** What follows an instance that fails must not reach an older one. */
  private forget(name: string | undefined): void {
    this.last = undefined;
    this.lastComponent = undefined;
    if (name === undefined) return;
    this.instances.delete(name);
    this.componentInstances.delete(name);
  }

  private *component(form: ModuleForm): Doing<void> {
    this.forget(form.name);
    const component = this.loadComponent(form);
    if (form.definition) {
      this.lastComponentDefinition = component;
      if (form.name !== undefined) this.componentDefinitions.set(form.name, component);
      return;
    }
    yield* this.newComponentInstance(component, form.name);
  }

  private *componentInstance(name: string | undefined, definition: string | undefined): Doing<void> {
    this.forget(name);
    const component =
      definition === undefined ? this.lastComponentDefinition : this.componentDefinitions.get(definition);
    if (!component) throw new Failure(`unknown component definition ${definition ?? ''}`);
    yield* this.newComponentInstance(component, name);
  }

  private *newComponentInstance(component: ComponentThing, name: string | undefined): Doing<void> {
    this.lastComponent = yield* this.instantiateComponent(component);
    if (name !== undefined) this.componentInstances.set(name, this.lastComponent);
  }

  private *instantiateComponent(component: ComponentThing): Doing<ComponentThing> {
    const { components } = this.world;
    if (!components?.instantiate) throw new Failure('components cannot be instantiated here');
    return yield* components.instantiate(component, this.componentWorld());
  }

  private componentWorld(): ComponentWorld {
    const { store, features, instantiated } = this.world;
    return {
      store,
      features,
      instantiated,
      registered: (name) => this.componentRegistry.get(name),
      call: (func, args) => this.call(func, args),
    };
  }

  private loadComponent(form: ModuleForm): ComponentThing {
    const { components, script, features } = this.world;
    if (!components) throw new Failure('there is nothing here that knows components');
    return components.load(script.tree, form, features);
  }

  /** The component instance of that name, if it is one; without a name the latest instance, if it is one. */
  private componentOf(name: string | undefined): ComponentThing | undefined {
    return name === undefined ? this.lastComponent : this.componentInstances.get(name);
  }

  /** True if a command is about a component: its suite looks for messages inside of ours. */
  private isOfComponent(command: Command): boolean {
    if ('module' in command && typeof command.module === 'object')
      return command.module.source === 'component';
    if ('action' in command && command.action) return this.componentOf(command.action.module) !== undefined;
    return false;
  }

  private *actOnComponent(action: Action): Doing<ComponentResults> {
    const { components } = this.world;
    const instance = this.componentOf(action.module)!;
    if (action.kind === 'get' || !components?.invoke) throw new Failure(`components cannot be called here`);
    return yield* components.invoke(instance, action.name, action.args, this.componentWorld());
  }

  private *actOnAny(action: Action): Doing<unknown> {
    return this.componentOf(action.module) ? yield* this.actOnComponent(action) : yield* this.act(action);
  }

  private loadAny(form: ModuleForm): unknown {
    return form.source === 'component' ? this.loadComponent(form) : this.load(form);
  }

  private *makeAny(form: ModuleForm): Doing<unknown> {
    if (form.source !== 'component') return yield* this.make(form);
    return yield* this.instantiateComponent(this.loadComponent(form));
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
    const command = this.command!;
    const outcome = yield* callToEnd(func, args, ({ fault, cause }) =>
      isExpected(command, fault, this.isOfComponent(command))
        ? undefined
        : mark({ kind: 'fault', command, fault, cause }, true),
    );
    if (outcome?.kind === 'done') return outcome.results;
    throw outcome?.kind === 'trap' ? new WasmError(outcome.fault) : new Failure('no result');
  }

  private value(arg: ScriptValue): Value {
    switch (arg.kind) {
      case 'num':
        return { type: arg.type, bits: arg.bits };
      case 'null':
        return { type: refType(true, arg.heap ?? HEAP.none), ref: null };
      case 'component':
        throw new Failure(`a core function takes no value of a component: ${arg.value.type}`);
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

function isExpected(command: Command, { phase, message }: Fault, inside: boolean): boolean {
  if (phase !== expectedEnd(command)) return false;
  return isMessage(message, 'message' in command ? command.message : '', inside);
}

/**
 * The core suite gives the beginning of a message; with `inside`, the component suite any part of it, sometimes behind the
 * words that one engine shows before it.
 */
function isMessage(message: string, expected: string, inside: boolean): boolean {
  return inside ? message.includes(expected.replace(/^wasm trap: /, '')) : message.startsWith(expected);
}

function faultText({ phase, message, notes }: Fault): string {
  const note = notes.length > 0 ? `: ${notes[0].message}` : '';
  return `${phase}: ${message}${note}`;
}

function* expectFault(
  phase: Phase,
  message: string,
  doing: Doing<unknown> | (() => unknown),
  inside = false,
): Doing<void> {
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
  if (fault.phase !== phase || !isMessage(fault.message, message, inside)) {
    const got = faultText(fault);
    throw new Failure(`expected ${expected}, got ${got}`, expected, got);
  }
}
