/** Makes running components out of texts, for the tests of the component model's dynamic half. */

import assert from 'node:assert/strict';
import { WasmError } from '../../engine/base/errors.ts';
import { callFunc } from '../../engine/component/canon/lift.ts';
import type { HostImports } from '../../engine/component/host.ts';
import { linkHost } from '../../engine/component/host-imports.ts';
import type { ComponentInst } from '../../engine/component/instance.ts';
import { instantiateComponent } from '../../engine/component/instantiate.ts';
import { type ComponentSource, loadComponent } from '../../engine/component/load.ts';
import { exportAt, prepareCall, programOf } from '../../engine/component/program.ts';
import type { Steps } from '../../engine/component/task.ts';
import type { ValidComponent } from '../../engine/component/valid/validate.ts';
import type { ComponentValue } from '../../engine/component/values.ts';
import { printWave } from '../../engine/component/wave-print.ts';
import { type Thread, Threads, type ThreadsOptions, type ThreadsOutcome } from '../../engine/exec/threads.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { Store } from '../../engine/runtime/store.ts';

/** A component instance, and calls of its functions. */
export interface Running {
  readonly valid: ValidComponent;
  readonly inst: ComponentInst;
  readonly threads: Threads;
  /** Calls a function as WAVE says it; gives the result in WAVE, or the message and the notes of a fault. */
  call(text: string): Promise<string>;
  /** Calls a function with values. Throws a WasmError. */
  invoke(path: readonly string[], args: readonly ComponentValue[]): Promise<ComponentValue | undefined>;
}

export function valid(source: ComponentSource): ValidComponent {
  const loaded = loadComponent(source);
  if ('faults' in loaded) return assert.fail(loaded.faults.map(({ message }) => message).join('; '));
  return loaded.valid;
}

/** Instantiates a component. Rejects with a WasmError. */
export async function running(
  source: ComponentSource,
  host: HostImports = new Map(),
  options: ThreadsOptions = {},
): Promise<Running> {
  const component = valid(source);
  const store = new Store();
  const threads = new Threads(store, options);
  const world = { store, features: SUPPORTED };
  const imports = linkHost(component, host);
  const inst = await taken(threads, instantiateComponent(component, imports, world));
  const invoke = (path: readonly string[], args: readonly ComponentValue[]) =>
    taken(threads, callFunc(exportAt(inst, path), args));
  return {
    valid: component,
    inst,
    threads,
    invoke,
    async call(text) {
      try {
        const { path, type, args } = prepareCall(component.type, text);
        const result = await invoke(path, args);
        return type.result ? printWave(result!, type.result) : '';
      } catch (error) {
        return faultText(error);
      }
    },
  };
}

/** A fault as tests write it. */
export function faultText(error: unknown): string {
  if (!(error instanceof WasmError)) throw error;
  const { phase, message, notes } = error.fault;
  return [`${phase}: ${message}`, ...notes.map((note) => note.message)].join('; ');
}

/** Takes steps on a thread to their end. */
async function taken<T>(threads: Threads, steps: Steps<T>): Promise<T> {
  let value: { readonly of: T } | undefined;
  let failure: unknown;
  function* told(): Steps<void> {
    value = { of: yield* steps };
  }
  const thread = threads.start(
    programOf(threads.store, told(), {
      trapped: ({ fault, cause }) => {
        failure = cause instanceof WasmError ? cause : new WasmError(fault);
        return undefined;
      },
    }),
    'main',
  );
  await toEnd(threads, thread);
  if (!value) throw failure;
  return value.of;
}

/** Runs a thread to its end; gives how often it came back before. */
export async function toEnd(threads: Threads, thread: Thread): Promise<ThreadsOutcome[]> {
  const outcomes: ThreadsOutcome[] = [];
  for (;;) {
    const outcome = threads.run();
    outcomes.push(outcome);
    if (outcome.kind === 'ended' && outcome.thread === thread) break;
    if (outcome.kind === 'host') await outcome.promise;
    else assert.equal(outcome.kind, 'mark');
  }
  threads.remove(thread);
  return outcomes;
}
