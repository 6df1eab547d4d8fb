/**
 * A component as a program: instantiated, and one of its functions called, on a thread (exec/threads.ts).
 *
 * Which function that is, how its arguments are written and what its result means is settled here for the command line and
 * the debugger alike: `wasi:cli/run` for commands, otherwise a function by name with arguments in WAVE.
 */

import { type Fault, usage, WasmError } from '../base/errors.ts';
import { callToEnd } from '../exec/call-to-end.ts';
import type { Outcome } from '../exec/outcome.ts';
import type { Program, Request } from '../exec/threads.ts';
import type { FuncInst, HostRequest } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import { callFunc } from './canon/lift.ts';
import type { ComponentFunc, ComponentInst, Item } from './instance.ts';
import { type ComponentWorld, instantiationSteps, type Reached, type ToldSteps } from './instantiate.ts';
import { type ComponentType, type Entity, type FuncType, typeText } from './types.ts';
import type { ValidComponent } from './valid/validate.ts';
import type { CaseValue, ComponentValue } from './values.ts';
import { parseWaveCall, type WaveCall } from './wave.ts';
import { printWave } from './wave-print.ts';

/** A function of a component that is to be called. */
export interface Invocation {
  /** Names of exports from the outside in. */
  readonly path: readonly string[];
  readonly type: FuncType;
  readonly args: readonly ComponentValue[];
  /** The component is a command: what its function answers is how well it went. */
  readonly isCommand: boolean;
  /** For people. */
  readonly label: string;
}

/** An exported function. */
export interface Exported {
  readonly path: readonly string[];
  readonly type: FuncType;
}

/** All functions that a component exports, by the names that one can call them by. */
export function exportedFunctions(type: ComponentType): ReadonlyMap<string, Exported> {
  const all = new Map<string, Exported>();
  const walk = (exports: ReadonlyMap<string, Entity>, path: readonly string[]): void => {
    for (const [name, entity] of exports) {
      const here = [...path, name];
      if (entity.kind === 'func') all.set(here.join('#'), { path: here, type: entity.type });
      else if (entity.kind === 'instance') walk(entity.type.exports, here);
    }
  };
  walk(type.exports, []);
  return all;
}

/**
 * An exported function by its name, also without its interface's version, or by its last part where only one has it. Throws a
 * usage fault if several have it.
 */
export function exportNamed(
  type: ComponentType,
  name: string,
  functions = exportedFunctions(type),
): Exported | undefined {
  const exact = functions.get(name);
  if (exact) return exact;
  const matching = [...functions].filter(([full]) => full.endsWith(`#${name}`) || isVersionOf(full, name));
  if (matching.length > 1) {
    usage(`several functions are named ${name}: ${matching.map(([full]) => full).join(', ')}`);
  }
  return matching[0]?.[1];
}

const RUN = /^wasi:cli\/run@0\.2\.[^#]*#run$/;

/**
 * Finds what is to be called. `text`: `name(arguments)` in WAVE, or just a name; a function of an interface is
 * `wasi:cli/run@0.2.0#run`, or by its last part if only one has it. Without a text: `wasi:cli/run`. Throws a usage fault.
 */
export function prepareCall(type: ComponentType, text: string | undefined): Invocation {
  const functions = exportedFunctions(type);
  if (text === undefined) {
    for (const [name, { path, type: of }] of functions) {
      if (RUN.test(name)) return { path, type: of, args: [], isCommand: true, label: name };
    }
    return noCommand(functions);
  }
  let found: Exported | undefined;
  const { args } = parsedCall(text, (of) => {
    found = exportNamed(type, of.trim(), functions) ?? unknown(of.trim(), functions);
    return found.type.params;
  });
  const { path, type: of } = found!;
  return { path, type: of, args, isCommand: false, label: path.join('#') };
}

/** A call in WAVE; what is wrong with it is told with its place in the call, which is no place of the program. */
function parsedCall(text: string, paramsOf: Parameters<typeof parseWaveCall>[1]): WaveCall {
  try {
    return parseWaveCall(text, paramsOf);
  } catch (error) {
    if (!(error instanceof WasmError) || !error.fault.span) throw error;
    const { message, notes, span } = error.fault;
    usage(message, [{ message: placeIn(text, span.start) }, ...notes]);
  }
}

/** A place in a call, for people: they see one line. */
function placeIn(call: string, at: number): string {
  if (at >= call.length) return 'at the end of the call';
  const rest = call.slice(at, at + 40);
  return `at column ${at + 1} of the call: ${rest}${rest.length < call.length - at ? '…' : ''}`;
}

/** `wasi:cli/run#run` for `wasi:cli/run@0.2.0#run`. */
function isVersionOf(full: string, name: string): boolean {
  return full.replace(/@[^#]*(?=#)/, '') === name;
}

function unknown(name: string, functions: ReadonlyMap<string, Exported>): never {
  const what = name === '' ? 'the call names no function' : `unknown function ${JSON.stringify(name)}`;
  usage(what, [{ message: listed(functions) }]);
}

function noCommand(functions: ReadonlyMap<string, Exported>): never {
  const serves = [...functions.keys()].some((name) => name.startsWith('wasi:http/incoming-handler@0.2.'));
  const hint = serves
    ? 'It answers HTTP requests: run it with `wasmscope serve`.'
    : 'Name a function ("invoke": {"function": "f", "args": []}).';
  usage(`the component has no \`wasi:cli/run\`. ${hint}`, [{ message: listed(functions) }]);
}

function listed(functions: ReadonlyMap<string, Exported>): string {
  if (functions.size === 0) return 'it exports no functions';
  return `it exports ${[...functions].map(([name, { type }]) => `${name}${signature(type)}`).join(', ')}`;
}

function signature({ params, result }: FuncType): string {
  const inner = params.map(({ label, type }) => `${label}: ${typeText(type)}`).join(', ');
  return `(${inner})${result ? ` -> ${typeText(result)}` : ''}`;
}

/** What a component's program does and tells. */
export interface ComponentRunOptions extends ProgramHooks {
  readonly valid: ValidComponent;
  readonly imports: ReadonlyMap<string, Item>;
  readonly world: ComponentWorld;
  readonly invocation: Invocation;
  /** Hears of the instance when it is there, before anything is called; may give a mark. */
  readonly made?: (inst: ComponentInst) => Request | undefined;
  readonly returned: (result: ComponentValue | undefined) => void;
}

type Trap = Extract<Outcome, { kind: 'trap' }>;

/** What is asked while steps are taken. */
export interface ProgramHooks {
  /** The mark for what instantiation has come to, if somebody wants to look at it. */
  readonly reached?: (reached: Reached) => Request | undefined;
  /** The mark for a call that trapped, while its frames are there; undefined: there is nothing to look at. */
  readonly trapped?: (trap: Trap) => Request | undefined;
  /** A call has ended in a fault, and so has the program. */
  readonly failed?: (fault: Fault, cause: unknown) => void;
}

/** Instantiates and calls, as the program of a thread. */
export function* componentProgram(options: ComponentRunOptions): Program {
  const { valid, imports, world, invocation, made } = options;
  let inst: ComponentInst | undefined;
  function* instantiation(): ToldSteps<void> {
    inst = yield* instantiationSteps(valid, imports, world);
  }
  yield* programOf(world.store, instantiation(), options);
  if (!inst) return;
  const mark = made?.(inst);
  if (mark) yield mark;
  const whole = inst;
  function* call(): ToldSteps<void> {
    options.returned(yield* callFunc(exportAt(whole, invocation.path), invocation.args));
  }
  yield* programOf(world.store, call(), options);
}

/** The function at the end of a path of exports. */
export function exportAt(inst: ComponentInst, path: readonly string[]): ComponentFunc {
  let item: Item | undefined = inst;
  for (const name of path) item = item?.kind === 'instance' ? item.exports.get(name) : undefined;
  if (item?.kind !== 'func') usage(`there is no function ${path.join('#')}`);
  return item;
}

/**
 * Takes steps as a thread's program: calls are the thread's, and it waits for promises as for a host function. A call that
 * traps ends it; what is thrown between calls becomes a call that throws it, so that it ends in the same way.
 */
export function* programOf(store: Store, steps: ToldSteps<void>, hooks: ProgramHooks): Program {
  let results: Value[] = [];
  for (;;) {
    const next = stepOf(steps, results);
    if (next === undefined) return;
    if (next.kind === 'reached') {
      results = [];
      const mark = hooks.reached?.(next);
      if (mark) yield mark;
      continue;
    }
    const func = next.kind === 'call' ? next.func : hostCall(store, next);
    const outcome = yield* callToEnd(func, next.kind === 'call' ? next.args : [], (trap) =>
      hooks.trapped?.(trap),
    );
    if (outcome?.kind === 'trap') hooks.failed?.(outcome.fault, outcome.cause);
    if (outcome?.kind !== 'done') return;
    ({ results } = outcome);
  }
}

type Step = HostRequest | Reached | { readonly kind: 'throw'; readonly error: WasmError };

/** What the steps ask for next; undefined at their end. */
function stepOf(steps: ToldSteps<void>, results: Value[]): Step | undefined {
  try {
    const step = steps.next(results);
    return step.done ? undefined : step.value;
  } catch (error) {
    if (error instanceof WasmError) return { kind: 'throw', error };
    throw error;
  }
}

/** A function that does nothing but wait, or throw. */
function hostCall(store: Store, step: Exclude<Step, { kind: 'call' | 'reached' }>): FuncInst {
  return store.addHostFunc({
    type: { kind: 'func', params: [], results: [] },
    name: step.kind === 'wait' ? 'wait' : 'instantiation',
    call: () => {
      if (step.kind === 'throw') throw step.error;
      return step.promise.then(() => []);
    },
  });
}

/** What there is to say of a function's end: its result in WAVE, nothing of a command that went well. */
export function resultText(
  { type, isCommand }: Invocation,
  result: ComponentValue | undefined,
): string | undefined {
  return isCommand || !type.result ? undefined : printWave(result!, type.result);
}

/** The exit code that a command's result stands for. */
export function exitCodeOfResult({ isCommand }: Invocation, result: ComponentValue | undefined): number {
  return isCommand ? (result as CaseValue).case : 0;
}
