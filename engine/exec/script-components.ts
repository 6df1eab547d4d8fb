/**
 * What a script's runner asks of whoever knows components: the runner itself knows none.
 *
 * Component definitions and instances are opaque to it. What takes calls of core functions is a generator that hands them
 * out, as all doing of a script is.
 */

import type { FeatureSet } from '../module/module.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import type { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import type { ModuleForm, ScriptValue } from '../text/script.ts';
import type { Tree } from '../text/tree.ts';
import type { Outcome } from './outcome.ts';
import type { ComponentResults } from './script-values.ts';
import type { Request } from './threads.ts';

/** Something that takes calls, and waiting for threads, to do. */
export type Doing<T> = Generator<Request, T, Outcome | undefined>;

/** A component, or an instance of one, as whoever does them has it. */
export type ComponentThing = object;

/** What components of a script are done with: nothing in here knows them. */
export interface ScriptComponents {
  /** Assembles, decodes and validates. Throws a WasmError. */
  load(tree: Tree, form: ModuleForm, features: FeatureSet): ComponentThing;
  /** Makes an instance. Throws a WasmError. */
  instantiate?(component: ComponentThing, world: ComponentWorld): Doing<ComponentThing>;
  /** Calls an exported function. Throws a WasmError. */
  invoke?(
    instance: ComponentThing,
    name: string,
    args: readonly ScriptValue[],
    world: ComponentWorld,
  ): Doing<ComponentResults>;
}

/** What components of a script may use of it. */
export interface ComponentWorld {
  readonly store: Store;
  readonly features: FeatureSet;
  /** The component instance that was registered under a name. */
  registered(name: string): ComponentThing | undefined;
  /** Calls a core function. Throws a WasmError when it traps. */
  call(func: FuncInst, args: readonly Value[]): Doing<Value[]>;
  /** Hears of every core instance, before its start function runs. */
  instantiated(inst: ModuleInst): void;
}
