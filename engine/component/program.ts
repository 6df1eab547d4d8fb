/**
 * A component as a program: instantiated, and one of its functions called, on a thread (exec/threads.ts).
 *
 * Which function that is, how its arguments are written and what its result means is settled here for the command line and
 * the debugger alike: `wasi:cli/run` for commands, otherwise a function by name with arguments in WAVE.
 */

import { type Fault, usage, WasmError } from '../base/errors.ts';
import type { Outcome } from '../exec/outcome.ts';
import type { Program } from '../exec/threads.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import { callFunc } from './canon/lift.ts';
import type { ComponentFunc, ComponentInst, Item } from './instance.ts';
import { type ComponentWorld, instantiateComponent } from './instantiate.ts';
import type { Steps } from './task.ts';
import { type ComponentType, type Entity, type FuncType, typeText } from './types.ts';
import type { ValidComponent } from './valid/validate.ts';
import type { CaseValue, ComponentValue } from './values.ts';
import { parseWaveCall, printWave, type WaveCall } from './wave.ts';

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
interface Exported {
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
  const find = (name: string): Exported | undefined => {
    const exact = functions.get(name);
    if (exact) return exact;
    const matching = [...functions].filter(([full]) => full.endsWith(`#${name}`) || isVersionOf(full, name));
    if (matching.length > 1) {
      usage(`several functions are named ${name}: ${matching.map(([full]) => full).join(', ')}`);
    }
    return matching[0]?.[1];
  };
  let found: Exported | undefined;
  const { name, args } = parsedCall(text.includes('(') ? text : `${text}()`, (of) => {
    found = find(of.trim()) ?? unknown(of.trim(), functions);
    return found.type.params;
  });
  return { path: found!.path, type: found!.type, args, isCommand: false, label: name };
}

/** A call in WAVE; what is wrong with it is told with its place in the call, which is no place of the program. */
function parsedCall(text: string, paramsOf: Parameters<typeof parseWaveCall>[1]): WaveCall {
  try {
    return parseWaveCall(text, paramsOf);
  } catch (error) {
    if (!(error instanceof WasmError) || !error.fault.span) throw error;
    const { message, notes, span } = error.fault;
    usage(message, [
      { message: `at ${JSON.stringify(text.slice(span.start, span.start + 40))} in the call` },
      ...notes,
    ]);
  }
}

/** `wasi:cli/run#run` for `wasi:cli/run@0.2.0#run`. */
function isVersionOf(full: string, name: string): boolean {
  return full.replace(/@[^#]*(?=#)/, '') === name;
}

function unknown(name: string, functions: ReadonlyMap<string, Exported>): never {
  usage(`unknown function ${JSON.stringify(name)}`, [{ message: listed(functions) }]);
}

function noCommand(functions: ReadonlyMap<string, Exported>): never {
  const serves = [...functions.keys()].some((name) => name.startsWith('wasi:http/incoming-handler@0.2.'));
  const hint = serves
    ? 'It answers HTTP requests: run it with `wasmscope serve`.'
    : 'Name a function with --invoke.';
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
export interface ComponentRunOptions {
  readonly valid: ValidComponent;
  readonly imports: ReadonlyMap<string, Item>;
  readonly world: ComponentWorld;
  readonly invocation: Invocation;
  /** Hears of the instance when it is there, before anything is called. */
  readonly made?: (inst: ComponentInst) => void;
  readonly returned: (result: ComponentValue | undefined) => void;
  /** It has ended by a fault; its frames are still there. */
  readonly failed: (fault: Fault, cause: unknown) => void;
}

/** What is marked while a fault's frames can be looked at. */
export interface ComponentFaultMark {
  readonly kind: 'component fault';
  readonly fault: Fault;
  readonly cause: unknown;
}

/** Instantiates and calls, as the program of a thread. */
export function* componentProgram(options: ComponentRunOptions): Program {
  const { valid, imports, world, invocation, made } = options;
  function* steps(): Steps<void> {
    const inst = yield* instantiateComponent(valid, imports, world);
    made?.(inst);
    options.returned(yield* callFunc(exportAt(inst, invocation.path), invocation.args));
  }
  yield* programOf(world.store, steps(), options.failed);
}

/** The function at the end of a path of exports. */
export function exportAt(inst: ComponentInst, path: readonly string[]): ComponentFunc {
  let item: Item | undefined = inst;
  for (const name of path) item = item?.kind === 'instance' ? item.exports.get(name) : undefined;
  if (item?.kind !== 'func') usage(`there is no function ${path.join('#')}`);
  return item;
}

/**
 * Takes steps as a thread's program: calls are the thread's, and it waits for promises as for a host function. A fault of a
 * call is marked (`ComponentFaultMark`), told, and ends it; what is thrown between calls is thrown.
 */
export function* programOf(
  store: Store,
  steps: Steps<void>,
  failed: (fault: Fault, cause: unknown) => void,
): Program {
  let step = steps.next([]);
  while (!step.done) {
    const { value: request } = step;
    let outcome: Outcome | undefined =
      request.kind === 'call'
        ? yield { kind: 'call', func: request.func, args: request.args }
        : yield { kind: 'call', func: waiting(store, request.promise), args: [] };
    while (outcome?.kind === 'trap') {
      const mark: ComponentFaultMark = {
        kind: 'component fault',
        fault: outcome.fault,
        cause: outcome.cause,
      };
      const later: Outcome | undefined = yield { kind: 'mark', mark, keepFrames: true };
      if (later === outcome) {
        failed(outcome.fault, outcome.cause);
        return;
      }
      outcome = later;
    }
    const results: Value[] = outcome?.kind === 'done' ? outcome.results : [];
    step = steps.next(results);
  }
}

/** A function that does nothing but wait. */
function waiting(store: Store, promise: Promise<unknown>): FuncInst {
  return store.addHostFunc({
    type: { kind: 'func', params: [], results: [] },
    name: 'wait',
    call: () => promise.then(() => []),
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
