/** Makes machines out of module texts and bytes, for the tests of runtime and exec. */

import assert from 'node:assert/strict';
import { decode } from '../../engine/binary/decode.ts';
import { Machine, type MachineOptions, type Outcome } from '../../engine/exec/machine.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import type { Feature } from '../../engine/isa/row.ts';
import type { FeatureSet } from '../../engine/module/module.ts';
import { type Imports, instantiate } from '../../engine/runtime/instantiate.ts';
import type { ModuleInst } from '../../engine/runtime/module-inst.ts';
import { Store } from '../../engine/runtime/store.ts';
import { toJS, type Value } from '../../engine/runtime/values.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { validate } from '../../engine/valid/validate.ts';

/** What the interpreter runs, whether or not validation lets it through yet. */
export const FEATURES: FeatureSet = new Set<Feature>([
  ...SUPPORTED,
  'sign-extension',
  'saturating-float-to-int',
  'multi-value',
  'bulk-memory',
  'reference-types',
  'tail-call',
  'extended-const',
]);

export function bytesOf(wat: string): Uint8Array<ArrayBuffer> {
  const { bytes, faults } = assemble(parseTree(wat));
  assert.deepEqual(faults, []);
  return bytes;
}

export interface Loaded {
  readonly store: Store;
  readonly inst: ModuleInst;
  readonly machine: Machine;
}

export interface LoadOptions extends MachineOptions {
  readonly store?: Store;
  readonly imports?: Imports;
}

/** An instance of the module with a machine over its store. */
export function load(module: string | Uint8Array, options: LoadOptions = {}): Loaded {
  const decoded = decode(typeof module === 'string' ? bytesOf(module) : module);
  validate(decoded, FEATURES);
  const store = options.store ?? new Store();
  const inst = instantiate(store, decoded, options.imports ?? (() => undefined), FEATURES);
  return { store, inst, machine: new Machine(store, options) };
}

/** Stands in front of the first instruction of an export. */
export function beginExport({ inst, machine }: Loaded, name: string, args: readonly Value[] = []): void {
  const func = inst.exportedFunc(name);
  assert.ok(func, `no exported function ${name}`);
  machine.begin(func, args);
}

/** Calls an export to its end and gives its results as JavaScript values. */
export function call(loaded: Loaded, name: string, ...args: Value[]): unknown[] {
  beginExport(loaded, name, args);
  return resultsOf(loaded.machine.run());
}

export function resultsOf(outcome: Outcome): unknown[] {
  assert.equal(outcome.kind, 'done', outcome.kind === 'trap' ? outcome.fault.message : undefined);
  return outcome.kind === 'done' ? outcome.results.map(toJS) : [];
}

/** The message and the notes of a trap. */
export function trapOf(outcome: Outcome): string[] {
  assert.equal(outcome.kind, 'trap');
  return outcome.kind === 'trap' ? [outcome.fault.message, ...outcome.fault.notes.map((n) => n.message)] : [];
}
