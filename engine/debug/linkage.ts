/**
 * A program of several modules: the ones that are preloaded, in their order, then the main module; and what is called
 * until the main function is reached ("phases"). WASI's application ABI says what a module is:
 *
 *   command   exports `_start`: every call of one of its functions gets a fresh instance
 *   reactor   exports `_initialize`, or neither: one instance, initialised once before anything else of it is called
 *
 * A module is instantiated when the one before it is initialised, so that each sees what the ones before have done. Whoever
 * runs the phases calls each function before it asks for the next. Knows no machine, no debugger and no files.
 */

import { usage, WasmError } from '../base/errors.ts';
import { SUPPORTED } from '../isa/features.ts';
import { type ExternKind, funcType, type Module } from '../module/module.ts';
import type { FuncInst } from '../runtime/func.ts';
import {
  describeImport,
  type Imports,
  instantiate,
  type WantedImport,
  wantedImports,
} from '../runtime/instantiate.ts';
import type { Extern, ModuleInst } from '../runtime/module-inst.ts';
import type { Store } from '../runtime/store.ts';
import type { Value } from '../runtime/values.ts';
import { commandFunction } from './command.ts';
import type { Invocation } from './invocation.ts';
import { type LoadedProgram, linkFaults, Refusal } from './load.ts';
import type { WireFault } from './wire.ts';

/** A module that is loaded before the main one, and the name by which others import from it. */
export interface Preload {
  readonly name: string;
  /** Base name of its file. */
  readonly file?: string;
  readonly loaded: LoadedProgram;
}

export type PhaseKind = 'start' | 'initialize' | 'main';

/** A function that is called on the way to the end of the main function, which is the last phase. */
export interface Phase {
  readonly kind: PhaseKind;
  /** `instantiate lib`, `lib._initialize`, `main._start`. */
  readonly label: string;
  readonly func: FuncInst;
  readonly args: readonly Value[];
}

export interface LinkageOptions {
  /** What counts before the modules: the user's own imports. */
  readonly own?: Imports;
  /** What counts behind them: WASI, builtins. */
  readonly host: Imports;
  /** `trap`: functions that nobody provides may be imported, but not called. */
  readonly missing?: 'error' | 'trap';
  /** An instance is there whose code has not run yet. */
  readonly instantiated: (inst: ModuleInst) => void;
}

/** What people call the main module. */
const MAIN = 'main';

export class Linkage {
  readonly preloads: readonly Preload[];
  readonly #store: Store;
  readonly #mainModule: LoadedProgram;
  readonly #options: LinkageOptions;
  /** What modules provide, by their names. */
  readonly #named = new Map<string, ReadonlyMap<string, Extern>>();
  /** Functions that the host has called by itself. */
  readonly #called = new Set<FuncInst>();
  #main: ModuleInst | undefined;

  /** Throws a usage fault for two preloads of one name, and for one that is neither a command nor a reactor. */
  constructor(store: Store, main: LoadedProgram, preloads: readonly Preload[], options: LinkageOptions) {
    this.#store = store;
    this.#mainModule = main;
    this.#options = options;
    this.preloads = preloads;
    for (const [i, { name, loaded }] of preloads.entries()) {
      if (preloads.findIndex((other) => other.name === name) < i) usage(`preload: ${name} is given twice`);
      if (isCommand(loaded.module) && exportsFunc(loaded.module, '_initialize')) {
        usage(
          `preload: ${name} exports both "_start" and "_initialize": it is neither a command nor a reactor`,
        );
      }
    }
  }

  /**
   * Looks whether everything that is imported is there, before anything runs. Throws a Refusal with all that is missing,
   * and with what does not fit where that can be known yet.
   */
  check(): void {
    const faults: WireFault[] = [];
    const before = new Set<string>();
    for (const { name, loaded } of this.preloads) {
      faults.push(...this.#missingIn(loaded, before, name));
      before.add(name);
    }
    if (this.preloads.length === 0) this.main();
    else faults.push(...this.#missingIn(this.#mainModule, before));
    if (faults.length > 0) throw new Refusal(faults);
  }

  /** The instance of the main module; once all preloaded ones are ready. Throws a Refusal, or what instantiation throws. */
  main(): ModuleInst {
    this.#main ??= this.again();
    return this.#main;
  }

  /** The user's JavaScript calls a function by itself: what it has initialised is not initialised again. */
  calls(func: FuncInst): void {
    this.#called.add(func);
  }

  /** Another instance of the main module, for a thread. */
  again(): ModuleInst {
    return this.#instantiate(this.#mainModule);
  }

  /** What is to be called, in order. Throws what instantiating a module throws. */
  *phases({ funcIdx, name, args, func: given }: Invocation): Generator<Phase, void, void> {
    for (const preload of this.preloads) {
      const { loaded } = preload;
      if (isCommand(loaded.module)) {
        this.#named.set(preload.name, this.#commandExports(preload));
        continue;
      }
      const inst = this.#instantiate(loaded);
      yield* this.#beginning(preload.name, inst);
      this.#named.set(preload.name, inst.exports);
    }
    const inst = this.main();
    const func = given ?? inst.funcs[funcIdx];
    for (const phase of this.#beginning(MAIN, inst)) if (phase.func !== func) yield phase;
    yield { kind: 'main', label: `${MAIN}.${name}`, func, args };
  }

  /** The start function, then `_initialize`. */
  *#beginning(name: string, inst: ModuleInst): Generator<Phase, void, void> {
    if (inst.start) yield { kind: 'start', label: `instantiate ${name}`, func: inst.start, args: [] };
    if (!exportsFunc(inst.module, '_initialize')) return;
    const func = inst.exportedFunc('_initialize')!;
    if (this.#called.has(func)) return;
    yield { kind: 'initialize', label: `${name}._initialize`, func, args: [] };
  }

  #instantiate(loaded: LoadedProgram): ModuleInst {
    try {
      const inst = instantiate(this.#store, loaded.module, (wanted) => this.#find(wanted), SUPPORTED);
      this.#options.instantiated(inst);
      return inst;
    } catch (error) {
      if (!(error instanceof WasmError) || error.phase !== 'unlinkable') throw error;
      throw new Refusal(linkFaults(error.fault).map((fault) => loaded.wireFault(fault)));
    }
  }

  #find(wanted: WantedImport): Extern | undefined {
    const { own, host, missing } = this.#options;
    const found = own?.(wanted) ?? this.#named.get(wanted.module)?.get(wanted.name) ?? host(wanted);
    if (found || missing !== 'trap' || wanted.kind !== 'func') return found;
    return this.#trapping(wanted);
  }

  #trapping(wanted: WantedImport & { readonly kind: 'func' }): FuncInst {
    const { module, name, type, typeId } = wanted;
    const call = (): never => {
      const message = `unknown import "${module}" "${name}": ${describeImport(wanted)} was called`;
      throw new WasmError({ phase: 'trap', message, notes: [] });
    };
    return this.#store.addHostFunc({ type, name: `${module}.${name}`, call }, typeId);
  }

  /** The functions of a command, each of which gives itself an instance; `""` is `_start`, too. */
  #commandExports({ name, loaded }: Preload): ReadonlyMap<string, Extern> {
    const { module } = loaded;
    const made = new Map<string, Extern>();
    for (const { kind, name: exported, idx } of module.exports) {
      if (kind !== 'func') continue;
      const fresh = (): { start: FuncInst | undefined; func: FuncInst } => {
        const inst = this.#instantiate(loaded);
        return { start: inst.start, func: inst.funcs[idx] };
      };
      const func = commandFunction(this.#store, `${name}.${exported}`, funcType(module, idx), fresh);
      made.set(exported, func);
      if (exported === '_start' && !exportsFunc(module, '')) made.set('', func);
    }
    return made;
  }

  /** What a module imports that neither a host nor a module before it provides. */
  #missingIn(loaded: LoadedProgram, before: ReadonlySet<string>, name = MAIN): WireFault[] {
    const { own, host, missing } = this.#options;
    const provides = (preload: Preload, wanted: WantedImport): boolean =>
      loadedExports(preload.loaded.module, wanted.kind).includes(wanted.name);
    const absent = wantedImports(this.#store, loaded.module).filter((wanted) => {
      const preload = this.preloads.find((one) => one.name === wanted.module && before.has(one.name));
      if (preload && provides(preload, wanted)) return false;
      return !own?.(wanted) && !host(wanted) && !(missing === 'trap' && wanted.kind === 'func');
    });
    return absent.map((wanted): WireFault => {
      const { module, name: field, offset } = wanted;
      const by = loaded === this.#mainModule ? undefined : `wanted by ${name}`;
      const reasons = [by, this.#whyMissing(wanted, name, before)].filter((reason) => reason !== undefined);
      const message = [`unknown import "${module}" "${field}": ${describeImport(wanted)}`, ...reasons].join(
        '; ',
      );
      // Only offsets in the main module's file say something to whoever reads this.
      return loaded.wireFault({ phase: 'unlinkable', message, offset: by ? undefined : offset, notes: [] });
    });
  }

  #whyMissing(wanted: WantedImport, name: string, before: ReadonlySet<string>): string | undefined {
    const preload = this.preloads.find((one) => one.name === wanted.module);
    if (!preload) return undefined;
    if (before.has(preload.name)) return `${preload.name} exports no ${wanted.kind} of that name`;
    if (preload.name === name) return `${name} cannot import from itself`;
    const isCycle = preload.loaded.module.imports.some(({ module }) => module === name);
    if (isCycle) return `${name} and ${preload.name} import from each other`;
    return `${preload.name} is preloaded after ${name}: give it before`;
  }
}

function isCommand(module: Module): boolean {
  return exportsFunc(module, '_start');
}

/** Whether a module exports such a function, without parameters and results. */
function exportsFunc(module: Module, wanted: string): boolean {
  const found = module.exports.find(({ kind, name }) => kind === 'func' && name === wanted);
  if (!found) return false;
  const { params, results } = funcType(module, found.idx);
  return params.length === 0 && results.length === 0;
}

/** Names of what others can import: of a command its functions. */
function loadedExports(module: Module, wanted: ExternKind): string[] {
  if (isCommand(module) && wanted !== 'func') return [];
  const names = module.exports.flatMap(({ kind, name }) => (kind === wanted ? [name] : []));
  return isCommand(module) && wanted === 'func' ? [...names, ''] : names;
}
