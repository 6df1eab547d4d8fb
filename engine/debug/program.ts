/**
 * What is being debugged: a module with those that are preloaded for it, or a script with the modules in it (a `.wast`).
 *
 * A script's modules are loaded before anything runs, so that breakpoints in them are known at once; those that are not right
 * (many are there to be refused) are left to the command that they stand in. Modules that are written as text are shown where
 * they stand; those given as bytes or as strings are shown as their disassembly.
 */

import { type Span, WasmError } from '../base/errors.ts';
import { decode } from '../binary/decode.ts';
import { isComponentSource, type LoadedComponent, loadComponent } from '../component/load.ts';
import { moduleStarts } from '../component/module-starts.ts';
import { loadScriptComponent } from '../component/script.ts';
import { SUPPORTED } from '../isa/features.ts';
import type { Module } from '../module/module.ts';
import type { DisassemblyOptions } from '../symbols/disassembly.ts';
import { assembleForm, type Command, type ModuleForm, parseScript, type Script } from '../text/script.ts';
import { parseTree } from '../text/tree.ts';
import { validate } from '../valid/validate.ts';
import { splitDoc } from './docs.ts';
import { LoadedPlan } from './instantiation.ts';
import type { Preload } from './linkage.ts';
import { LoadedProgram, loadProgram, Refusal } from './load.ts';
import type { Doc, ModuleSource, Place, PreloadSource, ProgramSource } from './wire.ts';

/** A script, its text, and what stands where in it. */
export interface LoadedScript extends Script {
  readonly text: string;
  /** Every command, those of its threads too, in the order of the text. */
  readonly all: readonly Command[];
  /** The modules that are right, by the form that they are written in. */
  readonly modules: ReadonlyMap<ModuleForm, Module>;
}

export class Program {
  /** Its modules, by number. */
  readonly modules: readonly LoadedProgram[];
  readonly script: LoadedScript | undefined;
  /** Those of its modules that are preloaded. */
  readonly preloads: readonly Preload[];
  /** Set for a component, whose core modules the modules are. */
  readonly component: LoadedComponent | undefined;
  /** What instantiating the component makes. */
  readonly plan: LoadedPlan | undefined;
  readonly #byModule: ReadonlyMap<Module, LoadedProgram>;
  readonly #spans: readonly (Span | undefined)[];
  readonly #starts: ReadonlyMap<Module, number>;

  /** `spans`: where each module stands in the script. */
  constructor(
    modules: readonly LoadedProgram[],
    script?: LoadedScript,
    spans: readonly (Span | undefined)[] = [],
    preloads: readonly Preload[] = [],
    component?: LoadedComponent & { readonly plan: LoadedPlan },
  ) {
    this.component = component;
    this.plan = component?.plan;
    this.modules = modules;
    this.preloads = preloads;
    this.script = script;
    this.#spans = spans;
    this.#starts = new Map(component && moduleStarts(component.component));
    this.#byModule = new Map(modules.map((loaded) => [loaded.module, loaded]));
  }

  /** A loaded module; undefined for one that is none of the program's. */
  of(module: Module): LoadedProgram | undefined {
    return this.#byModule.get(module);
  }

  /** Where a core module begins in the bytes of its component; 0 for a module by itself. */
  startOf(module: Module): number {
    return this.#starts.get(module) ?? 0;
  }

  /** The module by its number. Throws a usage fault. */
  at(number: number): LoadedProgram {
    const found = this.modules[number];
    if (!found) throw new WasmError({ phase: 'usage', message: `unknown module ${number}`, notes: [] });
    return found;
  }

  /** The module whose disassembly a document is. Throws a usage fault. */
  ofDoc(doc: Exclude<Doc, 'program'>): LoadedProgram {
    return this.at(splitDoc(doc).module ?? 0);
  }

  /** The module that is written as text around a position of a script. */
  around(position: number): LoadedProgram | undefined {
    const at = this.#spans.findIndex((span) => span && span.start <= position && position < span.end);
    return this.modules[at];
  }

  /** The place of an instruction of one of the program's modules. */
  place(
    { inst, idx }: { readonly inst: { readonly module: Module } | undefined; readonly idx: number },
    offset: number,
  ): Place | undefined {
    return inst && this.of(inst.module)?.place(idx, offset);
  }
}

/**
 * Loads a program, and the modules that are loaded before it. Throws a Refusal with every fault that was found; a script may
 * have faults of its own.
 */
export function loadAny(
  source: ProgramSource,
  disassembly?: DisassemblyOptions,
  preloads: readonly PreloadSource[] = [],
): Program {
  if (!('script' in source)) {
    if (isComponentSource(source)) return loadedComponent(source, disassembly);
    const main = loadProgram(source, disassembly);
    const before = preloads.map((preload, i) => loadPreload(preload, disassembly, i + 1));
    return new Program([main, ...before.map(({ loaded }) => loaded)], undefined, [], before);
  }
  const text = source.script;
  const script = parseScript(parseTree(text));
  if (script.commands.length === 0 && script.faults.length === 0) {
    throw new Refusal([
      { phase: 'usage', message: 'the script has no commands: there is nothing to run', notes: [] },
    ]);
  }
  const modules = new Map<ModuleForm, Module>();
  const loaded: LoadedProgram[] = [];
  const spans: (Span | undefined)[] = [];
  const all = [...everyCommand(script.commands)];
  for (const form of all.flatMap(formOf)) {
    if (form.source === 'component') {
      addComponentForm(script, text, form, disassembly, loaded, spans);
      continue;
    }
    const made = loadForm(script, text, form, disassembly, loaded.length);
    if (!made) continue;
    modules.set(form, made.module);
    loaded.push(made);
    spans.push(made.form === 'text' ? form.span : undefined);
  }
  return new Program(loaded, { ...script, text, all, modules }, spans);
}

/** A component, and the core modules in it: those that are written as text are shown where they stand. */
function loadedComponent(source: ModuleSource, disassembly: DisassemblyOptions | undefined): Program {
  const loaded = loadComponent(source);
  if ('faults' in loaded) throw new Refusal(loaded.faults);
  const modules: LoadedProgram[] = [];
  const spans: (Span | undefined)[] = [];
  const text = 'text' in source ? source.text : '';
  addCoreModules(loaded, text, disassembly, modules, spans);
  return new Program(modules, undefined, spans, [], { ...loaded, plan: new LoadedPlan(loaded, text) });
}

/** Adds the core modules of a component, by the next numbers, and where they are written. */
function addCoreModules(
  { component, assembly }: Pick<LoadedComponent, 'component' | 'assembly'>,
  text: string,
  disassembly: DisassemblyOptions | undefined,
  modules: LoadedProgram[],
  spans: (Span | undefined)[],
): void {
  const written = new Map(assembly?.modules.map((inside) => [inside.offset, inside.assembly]));
  for (const [module, start] of moduleStarts(component)) {
    const inside = written.get(start);
    const isText = inside !== undefined && !inside.map.instructions().next().done;
    const own = isText ? { text, map: inside.map } : undefined;
    modules.push(new LoadedProgram(module, own, disassembly, modules.length));
    spans.push(isText ? inside.span : undefined);
  }
}

/** The core modules of a script's component, if it is right. */
function addComponentForm(
  script: Script,
  text: string,
  form: ModuleForm,
  disassembly: DisassemblyOptions | undefined,
  modules: LoadedProgram[],
  spans: (Span | undefined)[],
): void {
  try {
    const { valid, assembly } = loadScriptComponent(script.tree, form, SUPPORTED);
    addCoreModules({ component: valid.component, assembly }, text, disassembly, modules, spans);
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
}

function loadPreload(
  { name, file, source }: PreloadSource,
  disassembly: DisassemblyOptions | undefined,
  number: number,
): Preload {
  try {
    return { name, file, loaded: loadProgram(source, disassembly, number) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(
      error.faults.map((fault) => ({
        ...fault,
        message: `preload ${name}: ${fault.message}`,
        preload: number - 1,
      })),
    );
  }
}

function* everyCommand(commands: readonly Command[]): Generator<Command> {
  for (const command of commands) {
    yield command;
    if (command.kind === 'thread') yield* everyCommand(command.commands);
  }
}

/** The module that a command may run code of. */
function formOf(command: Command): ModuleForm[] {
  switch (command.kind) {
    case 'module':
    case 'assert_unlinkable':
      return [command.module];
    case 'assert_trap':
      return command.module ? [command.module] : [];
    default:
      return [];
  }
}

/** A script's module, if it is right. */
function loadForm(
  script: Script,
  text: string,
  form: ModuleForm,
  disassembly: DisassemblyOptions | undefined,
  number: number,
): LoadedProgram | undefined {
  const { bytes, faults, map } = assembleForm(script.tree, form);
  if (faults.length > 0) return undefined;
  try {
    const module = decode(bytes);
    validate(module, SUPPORTED);
    const isText = form.source === 'text' || form.source === 'fields';
    return new LoadedProgram(module, isText ? { text, map } : undefined, disassembly, number);
  } catch (error) {
    if (error instanceof WasmError) return undefined;
    throw error;
  }
}
