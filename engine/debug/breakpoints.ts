/**
 * Breakpoints: from a place in a text, or one that was written (places.ts), to instructions of the program's modules, and
 * to commands of a script.
 *
 * A breakpoint goes to the nearest instruction, and says so; one on a pattern of names has many. Positions are spans of
 * a document and byte offsets; what they make the machine do is arming.ts's business, what happens when they are
 * reached that of rules.ts.
 */

import { type Span, WasmError } from '../base/errors.ts';
import { type CoreFunc, coreFuncOf, stoppables } from '../component/core-of.ts';
import type { LoadedComponent } from '../component/load.ts';
import type { PlanNode } from '../component/plan.ts';
import { type Exported, exportNamed } from '../component/program.ts';
import type { ComponentType } from '../component/types.ts';
import type { Import } from '../module/module.ts';
import { disassemblyDoc, parseDoc } from '../symbols/disassembly-doc.ts';
import type { Command } from '../text/script.ts';
import { type Anchor, anchorOf, findAnchor } from './anchors.ts';
import { docOfModule, isTextDoc, splitDoc } from './docs.ts';
import type { LoadedProgram } from './load.ts';
import { ModuleSites } from './module-sites.ts';
import {
  AT_CALL,
  isByOffset,
  offsetText,
  parsePlace,
  type Resolved,
  resolvePlace,
  stopsIn,
} from './places.ts';
import type { Program } from './program.ts';
import { Rules } from './rules.ts';
import type {
  BreakpointParams,
  BreakpointRules,
  BreakpointState,
  Doc,
  FunctionBreakpointParams,
  InstructionBreakpointParams,
  Place,
  Spot,
} from './wire.ts';

/** The lists that clients replace as a whole. */
type List = Doc | 'functions' | 'instructions';

/** A breakpoint at one of its places. */
export interface Breakpoint {
  readonly id: number;
  readonly kind: 'source' | 'function' | 'instruction';
  readonly loaded: LoadedProgram;
  readonly funcIdx: number;
  readonly offset: number;
  readonly rules: Rules;
}

/** A breakpoint on an imported function: wherever that is called. */
export type ImportBreakpoint = Omit<Breakpoint, 'offset'>;

/** A breakpoint on a command of a script. */
export interface CommandBreakpoint {
  readonly id: number;
  readonly kind: 'source' | 'function';
  readonly command: Command;
  readonly rules: Rules;
}

/** A breakpoint on the instantiation of a module, or of any; in a component on nodes of its plan. */
export interface InstantiationBreakpoint {
  readonly id: number;
  readonly kind: Breakpoint['kind'];
  readonly instantiated: string | undefined | ReadonlySet<PlanNode>;
  readonly rules: Rules;
}

type AnyBreakpoint = Breakpoint | ImportBreakpoint | CommandBreakpoint | InstantiationBreakpoint;

/** What a breakpoint comes to in one module. */
interface InModule extends Resolved {
  readonly sites: ModuleSites;
}

/** What is wanted comes to places in modules, to commands, to instantiations, or to nothing for this reason. */
type Found =
  | readonly InModule[]
  | { readonly commands: readonly Command[] }
  | { readonly instantiates: string | undefined }
  | { readonly nodes: readonly PlanNode[] }
  | string;

type ByOffset = ReadonlyMap<number, readonly Breakpoint[]>;

const NONE: ByOffset = new Map();

export class BreakpointTable {
  readonly #program: Program;
  readonly #modules: readonly ModuleSites[];
  readonly #lists = new Map<List, readonly AnyBreakpoint[]>();
  /** Rules by what they are about, so that a breakpoint which is set anew goes on counting. */
  readonly #rules = new Map<List, ReadonlyMap<string, Rules>>();
  #byModule: ReadonlyMap<LoadedProgram, ByOffset> = new Map();
  #byCommand: ReadonlyMap<Command, readonly CommandBreakpoint[]> = new Map();
  #imports: readonly ImportBreakpoint[] = [];
  #instantiations: readonly InstantiationBreakpoint[] = [];

  /** `file`: base name of the program's file. */
  constructor(program: Program, file?: string) {
    this.#program = program;
    this.#modules = program.modules.map((loaded) => {
      const preload = program.preloads.find((one) => one.loaded === loaded);
      return new ModuleSites(loaded, preload ? preload.file : file, program.startOf(loaded.module));
    });
  }

  /** Forgets all of them, and what they have counted. */
  clear(): void {
    this.#lists.clear();
    this.#rules.clear();
    this.#index();
  }

  /** Every offset of a module that has a breakpoint, with the breakpoints there. */
  inModule(loaded: LoadedProgram): ByOffset {
    return this.#byModule.get(loaded) ?? NONE;
  }

  /** The breakpoints on functions that a module imports. */
  importsIn(loaded: LoadedProgram): readonly ImportBreakpoint[] {
    return this.#imports.filter((breakpoint) => breakpoint.loaded === loaded);
  }

  /** The breakpoints on the instantiation of the module that others call `name`. */
  onInstantiation(name: string): readonly InstantiationBreakpoint[] {
    return this.#instantiations.filter(
      ({ instantiated }) => instantiated === undefined || instantiated === name,
    );
  }

  /** The breakpoints on a node of a component's plan. */
  onNode(node: PlanNode): readonly InstantiationBreakpoint[] {
    return this.#instantiations.filter(
      ({ instantiated }) => typeof instantiated === 'object' && instantiated.has(node),
    );
  }

  /** The breakpoints on a command. */
  onCommand(command: Command): readonly CommandBreakpoint[] {
    return this.#byCommand.get(command) ?? [];
  }

  /** Replaces the breakpoints of a document. Their spans are in `now`, what that document is in this build. */
  setIn(doc: Doc, wanted: readonly BreakpointParams[], now = doc): BreakpointState[] {
    return this.#set(
      'source',
      doc,
      wanted,
      ({ span, exact, anchor }) => {
        if (now === 'program') return this.#inText(span, exact);
        const sites = this.#sitesOf(now);
        if (anchor) return atAnchor(sites, anchor);
        const place = sites.nearest(now, span, exact);
        return place ? [{ sites, targets: [place] }] : NOTHING_HERE;
      },
      now,
    );
  }

  /** Replaces the breakpoints on functions and other places that were written. */
  setOnFunctions(wanted: readonly FunctionBreakpointParams[]): BreakpointState[] {
    return this.#set('function', 'functions', wanted, ({ name, anchor }) => {
      const spec = parsePlace(name);
      if (spec.kind === 'instantiate') return this.#instantiation(spec.module);
      // In a component the module is found by the offset.
      if (anchor && isByOffset(spec) && !this.#program.script && !this.#program.component) {
        const inFile = this.#modules.find(
          ({ places }) => spec.file !== undefined && places.file === spec.file,
        );
        return atAnchor(inFile ?? this.#modules[0], anchor);
      }
      const lifted = spec.kind === 'name' && spec.only !== 'import' ? this.#lifted(spec.name) : undefined;
      if (lifted) return lifted;
      const found = this.#modules.map((sites) => ({ sites, resolved: resolvePlace(spec, sites.places) }));
      const right = found.flatMap(({ sites, resolved }) =>
        typeof resolved === 'string' ? [] : [{ sites, ...resolved }],
      );
      if (right.length > 0) return right;
      const why = found.flatMap(({ resolved }) => (typeof resolved === 'string' ? [resolved] : []));
      return why[0] ?? 'the program has no modules';
    });
  }

  /** Replaces the breakpoints on instructions. An offset inside an instruction means that one. */
  setOnInstructions(wanted: readonly InstructionBreakpointParams[]): BreakpointState[] {
    return this.#set('instruction', 'instructions', wanted, ({ module, offset }) => {
      const sites = this.#modules[module];
      if (!sites) return `unknown module ${module}`;
      const resolved = resolvePlace(parsePlace(offsetText(offset)), sites.places);
      return typeof resolved === 'string' ? resolved : [{ sites, ...resolved }];
    });
  }

  /** The instructions that begin in a range, in the order of the text. */
  locations(doc: Doc, span: Span): Place[] {
    const modules =
      doc === 'program'
        ? this.#modules.filter(({ loaded }) => loaded.form === 'text' && loaded.ownDoc === doc)
        : [this.#sitesOf(doc)];
    return modules.flatMap((sites) => sites.locations(doc, span));
  }

  /** In the program's own text: in the module that is written there, or on a command. */
  #inText(span: Span, exact: boolean): Found {
    const { script, component } = this.#program;
    const texts = this.#modules.filter(({ loaded }) => loaded.form === 'text' && loaded.ownDoc === 'program');
    if (!script && !component) {
      const place = texts[0]?.nearest('program', span, exact);
      return place ? [{ sites: texts[0], targets: [place] }] : NOTHING_HERE;
    }
    for (const sites of exact ? [] : texts) {
      const first = sites.firstIn('program', span);
      if (first) return [{ sites, targets: [first] }];
    }
    if (!script) {
      const around = this.#program.around(span.start);
      const sites = texts.find(({ loaded }) => loaded === around);
      const place = sites?.nearest('program', span, exact);
      if (sites && place) return [{ sites, targets: [place] }];
      return (!exact && component && this.#onDefinition(component, span)) || NOTHING_HERE;
    }
    const { all } = script;
    const here = all.find(
      ({ span: { start } }) => start >= span.start && start < Math.max(span.end, span.start + 1),
    );
    if (here && !exact) return { commands: [here] };
    const around = this.#program.around(span.start);
    const sites = texts.find(({ loaded }) => loaded === around);
    const place = sites?.nearest('program', span, exact);
    if (sites && place) return [{ sites, targets: [place] }];
    const inner = all.findLast(({ span: { start, end } }) => start <= span.start && span.start < end);
    const command = inner ?? all.find(({ span: { start } }) => start >= span.start) ?? all.at(-1);
    return command ? { commands: [command] } : NOTHING_HERE;
  }

  /** What begins in a line of a component's text outside of its core modules: an instance, or a function that is lifted. */
  #onDefinition({ component, assembly }: LoadedComponent, { start, end }: Span): Found | undefined {
    const found = stoppables(component).find(({ offset }) => {
      const at = assembly?.map.spanAt(offset)?.start;
      return at !== undefined && at >= start && at < Math.max(end, start + 1);
    });
    if (!found) return undefined;
    if (found.kind === 'lift') return this.#inCore(found.core);
    return { nodes: this.#program.plan!.nodesAt(found.offset) };
  }

  #inCore({ module, funcIdx }: CoreFunc): Found | undefined {
    const sites = this.#modules.find(({ loaded }) => loaded.module === module);
    const resolved = sites && resolvePlace(parsePlace(`func[${funcIdx}]`), sites.places);
    return !sites || resolved === undefined || typeof resolved === 'string'
      ? undefined
      : [{ sites, ...resolved }];
  }

  /** The core function behind a function that a component exports, by its WIT name. */
  #lifted(name: string): Found | undefined {
    const { component } = this.#program;
    if (!component) return undefined;
    const exported = nameIn(component.valid.type, name);
    if (typeof exported === 'string') return exported;
    if (!exported) return this.#lowered(name);
    const core = coreFuncOf(component.component, exported.path);
    return core && this.#inCore(core);
  }

  /** Calls of a function that core modules import by its WIT name, `wasi:io/streams#[method]output-stream.write`, with or without a version. */
  #lowered(name: string): Found | undefined {
    const [from, func] = name.split('#');
    if (func === undefined) return undefined;
    const found = this.#modules.flatMap((sites) => {
      const is = ({ kind, module, name: of }: Import): boolean =>
        kind === 'func' && of === func && (module === from || module.replace(/@.*$/, '') === from);
      const wanted = sites.loaded.module.imports.find(is);
      const resolved =
        wanted && resolvePlace(parsePlace(`import ${wanted.module}.${wanted.name}`), sites.places);
      return resolved === undefined || typeof resolved === 'string' ? [] : [{ sites, ...resolved }];
    });
    return found.length > 0 ? found : undefined;
  }

  /** In a script modules are instantiated by commands. */
  #instantiation(module: string | undefined): Found {
    const { script, preloads, plan } = this.#program;
    if (plan) {
      const nodes = plan.nodesNamed(module);
      if (nodes.length > 0 || module === undefined) return { nodes };
      const { names } = plan;
      return `no instance is called ${module}${names.length > 0 ? `: there are ${names.join(', ')}` : ''}`;
    }
    if (!script) {
      const names = ['main', ...preloads.map(({ name }) => name)];
      if (module === undefined || names.includes(module)) return { instantiates: module };
      return `no module is called ${module}: there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
    }
    const commands = script.all.filter((command) => {
      const isModule = command.kind === 'module' && !command.module.definition;
      if (!isModule && command.kind !== 'instance') return false;
      const name = command.kind === 'instance' ? command.name : command.module.name;
      return module === undefined || name?.replace(/^\$/, '') === module.replace(/^\$/, '');
    });
    return commands.length > 0 ? { commands } : `no command instantiates ${module ?? 'a module'}`;
  }

  #sitesOf(doc: Exclude<Doc, 'program'>): ModuleSites {
    const loaded = this.#program.ofDoc(doc);
    return this.#modules.find((sites) => sites.loaded === loaded)!;
  }

  /** Replaces one list of breakpoints by what `find` finds for each of those that are wanted. */
  #set<P extends BreakpointRules & { readonly id: number }>(
    kind: Breakpoint['kind'],
    list: List,
    wanted: readonly P[],
    find: (params: P) => Found,
    shownIn?: Doc,
  ): BreakpointState[] {
    const set: AnyBreakpoint[] = [];
    const before = this.#rules.get(list);
    const kept = new Map<string, Rules>();
    const rulesFor = (params: P, key: string): Rules => {
      const rules = kept.get(key) ?? before?.get(key) ?? new Rules(params);
      kept.set(key, rules);
      return rules;
    };
    const setOne = (params: P): BreakpointState => {
      const { id } = params;
      const found = find(params);
      if (typeof found === 'string') return { id, message: found };
      if ('commands' in found) {
        const [first] = found.commands;
        const rules = rulesFor(params, rulesKey(params, 'command', first.span.start, found.commands.length));
        const own = kind === 'function' ? kind : 'source';
        for (const command of found.commands) set.push({ id, kind: own, command, rules });
        const place: Spot = { doc: 'program', span: headOf(first, this.#program.script!.text) };
        return {
          id,
          place,
          message: found.commands.length > 1 ? `stops at ${found.commands.length} commands` : undefined,
        };
      }
      if ('instantiates' in found) {
        const { instantiates: module } = found;
        const rules = rulesFor(params, rulesKey(params, 'instantiate', module));
        set.push({ id, kind, instantiated: module, rules });
        return { id, verified: true, message: `stops when ${module ?? 'a module'} is instantiated` };
      }
      if ('nodes' in found) {
        const { nodes } = found;
        const rules = rulesFor(params, rulesKey(params, 'instantiate', nodes[0]?.id, nodes.length));
        set.push({ id, kind, instantiated: new Set(nodes), rules });
        const what = nodes.length === 1 ? nodes[0].name : `one of ${nodes.length} instances`;
        const message = `stops when ${what} is instantiated`;
        const span = nodes.length > 0 ? this.#program.plan!.spanAt(nodes[0].range.start) : undefined;
        return span ? { id, place: { doc: 'program', span }, message } : { id, verified: true, message };
      }
      const fit = fitting(found, ({ sites, targets }) =>
        rulesFor(params, rulesKey(params, sites.loaded.number, targets[0].offset, targets.length)),
      );
      for (const { sites, targets, rules } of fit.modules) {
        for (const { funcIdx, offset } of targets) {
          const common = { id, kind, loaded: sites.loaded, funcIdx, rules };
          set.push(offset === AT_CALL ? common : { ...common, offset });
        }
      }
      const inCode = fit.modules.find(({ targets }) => targets.some(({ offset }) => offset !== AT_CALL));
      if (!inCode) return { id, verified: true, message: fit.message };
      const { sites, targets } = inCode;
      const { funcIdx, offset } = targets.find((target) => target.offset !== AT_CALL)!;
      // A breakpoint is answered in the document that it was set in.
      const place = sites.loaded.place(funcIdx, offset, shownIn && docLike(shownIn, funcIdx));
      if (this.#program.script || !needsAnchor(list, params)) return { id, place, message: fit.message };
      const anchor = anchorOf(sites.loaded.module, sites.sites, funcIdx, offset);
      return { id, place, message: fit.message, anchor };
    };
    const states = wanted.map((params): BreakpointState => {
      try {
        return setOne(params);
      } catch (error) {
        if (error instanceof WasmError && error.phase === 'usage')
          return { id: params.id, message: error.message };
        throw error;
      }
    });
    this.#lists.set(list, set);
    this.#rules.set(list, kept);
    this.#index();
    return states;
  }

  #index(): void {
    const byModule = new Map<LoadedProgram, Map<number, Breakpoint[]>>();
    const byCommand = new Map<Command, CommandBreakpoint[]>();
    const imports: ImportBreakpoint[] = [];
    const instantiations: InstantiationBreakpoint[] = [];
    for (const breakpoint of [...this.#lists.values()].flat()) {
      if ('instantiated' in breakpoint) {
        instantiations.push(breakpoint);
        continue;
      }
      if ('command' in breakpoint) {
        const { command } = breakpoint;
        byCommand.set(command, [...(byCommand.get(command) ?? []), breakpoint]);
        continue;
      }
      if (!('offset' in breakpoint)) {
        imports.push(breakpoint);
        continue;
      }
      const { loaded, offset } = breakpoint;
      let byOffset = byModule.get(loaded);
      if (!byOffset) byModule.set(loaded, (byOffset = new Map()));
      const there = byOffset.get(offset);
      if (there) there.push(breakpoint);
      else byOffset.set(offset, [breakpoint]);
    }
    this.#byModule = byModule;
    this.#byCommand = byCommand;
    this.#imports = imports;
    this.#instantiations = instantiations;
  }
}

const NOTHING_HERE = 'there is no instruction here';

/** The first line of a command: what is marked for it. */
export function headOf({ span }: Command, text: string): Span {
  const length = text.slice(span.start, span.end).search(/[\r\n]/);
  return length < 0 ? span : { start: span.start, end: span.start + length };
}

function atAnchor(sites: ModuleSites, anchor: Anchor): Found {
  const found = findAnchor(sites.loaded.module, sites.sites, anchor);
  if (typeof found === 'string') return found;
  const { message, ...target } = found;
  return [{ sites, targets: [target], message }];
}

/** The document that shows a function as `doc` does: that one, unless it is another function's. */
function docLike(doc: Doc, funcIdx: number): Doc {
  if (isTextDoc(doc)) return doc;
  const { module, doc: own } = splitDoc(doc);
  const { part, options } = parseDoc(own);
  const isShown = part === 'module' || part === funcIdx;
  return isShown ? doc : docOfModule(module, disassemblyDoc(funcIdx, options));
}

/** Lines of disassembled documents and offsets mean something else in another build. */
function needsAnchor(list: List, params: object): boolean {
  if (list === 'functions') return isByOffset(parsePlace((params as FunctionBreakpointParams).name));
  return list !== 'instructions' && !isTextDoc(list);
}

/** What of the places the rules fit; throws when there is nothing. */
function fitting(
  found: readonly InModule[],
  rulesFor: (one: InModule) => Rules,
): { modules: readonly (InModule & { rules: Rules })[]; message: string | undefined } {
  let first: WasmError | undefined;
  let without = 0;
  const modules = found.flatMap((one) => {
    const rules = rulesFor(one);
    const fit = one.targets.filter(({ funcIdx, offset }) => {
      // What calls an imported function is known when it does.
      if (offset === AT_CALL) return true;
      try {
        rules.fit(one.sites.loaded.module, funcIdx, offset);
        return true;
      } catch (error) {
        if (!(error instanceof WasmError)) throw error;
        first ??= error;
        without++;
        return false;
      }
    });
    return fit.length > 0 ? [{ ...one, targets: fit, rules }] : [];
  });
  if (first && modules.length === 0) throw first;
  const count = found.reduce((sum, { targets }) => sum + targets.length, 0);
  const message = found.length > 1 ? stopsIn(count) : found[0].message;
  return { modules, message: first ? `${message}, but for ${without} of them: ${first.message}` : message };
}

/** What a breakpoint is: where and with which rules. Places that are many are told by the first and their number. */
function rulesKey(
  { condition, hitCondition, logMessage, once }: BreakpointRules,
  ...where: unknown[]
): string {
  return JSON.stringify([...where, condition, hitCondition, logMessage, once]);
}

/** A function that a component exports by this name; or that several do. */
function nameIn(type: ComponentType, name: string): Exported | string | undefined {
  try {
    return exportNamed(type, name);
  } catch (error) {
    if (error instanceof WasmError) return error.message;
    throw error;
  }
}
