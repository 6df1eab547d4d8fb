/**
 * What a program's modules can import that is no module: the user's JavaScript, WASI, threads, builtins.
 */

import { usage, WasmError } from '../base/errors.ts';
import type { Machine } from '../exec/machine.ts';
import type { Threads } from '../exec/threads.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { Imports } from '../runtime/instantiate.ts';
import { builtinImports } from '../runtime/js-string.ts';
import type { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import { spawnsThreads, threadImports } from '../wasi/thread-spawn.ts';
import { type InvokeFromJs, type JsImports, readJsImports } from './imports.ts';
import type { LoadedProgram } from './load.ts';

export interface LinkOwner {
  /** Makes a thread that is given this; gives its number. */
  spawn(arg: number): number;
  readonly js: JsImports | undefined;
  /** WASI, if the program gets it. */
  readonly wasi?: Imports;
}

/** What a host gives to modules that nothing else provides: WASI, threads, builtins. */
export function hostImports(
  store: Store,
  { module }: LoadedProgram,
  { js, wasi, spawn }: LinkOwner,
): Imports {
  const threads = spawnsThreads(module) ? threadImports(store, spawn) : undefined;
  const builtins = builtinImports(store, { stringConstants: js?.stringConstants });
  return (wanted) => wasi?.(wanted) ?? threads?.(wanted) ?? builtins(wanted);
}

/** Reads the user's imports from their module at `url`. Throws a usage fault that says where in it the fault is. */
export async function readImports(
  store: Store,
  url: string,
  load: () => Promise<unknown>,
  invoke: InvokeFromJs,
): Promise<JsImports> {
  try {
    return await readJsImports(store, await load(), invoke);
  } catch (error) {
    if (error instanceof WasmError) throw error;
    return usage(`imports: ${jsErrorText(error, url)}`);
  }
}

/** Machines for such calls, by what they are apart from. */
const APART = new WeakMap<Threads, Machine>();

/** A call by JavaScript before the program is started: nothing stops in it. */
export function callBefore(threads: Threads, func: FuncInst, args: readonly Value[]): Value[] {
  let machine = APART.get(threads);
  if (!machine || machine.active) APART.set(threads, (machine = threads.machineApart()));
  machine.begin(func, args);
  const outcome = machine.run();
  machine.reset();
  if (outcome.kind === 'done') return outcome.results;
  if (outcome.kind === 'trap') throw new WasmError(outcome.fault);
  return usage('an async import cannot be waited for here');
}

/** An error of the user's JavaScript, with the place in the user's own module: `host.mjs:3:5: TypeError: …`. */
function jsErrorText(error: unknown, url: string): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack?.split('\n').find((line) => line.includes(url));
  const place = own && /^:\d+(?::\d+)?/.exec(own.slice(own.indexOf(url) + url.length))?.[0];
  const file = url.slice(url.lastIndexOf('/') + 1);
  return `${file}${place ?? ''}: ${error.name}: ${error.message}`;
}
