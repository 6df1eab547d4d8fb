/**
 * What is known of one version of a document: its tree, its modules, and everything that is wrong.
 *
 * A `.wat` is one module. A `.wast` is a script: its modules are analysed each on its own, but those inside of
 * assertions are left alone, since an assertion says what is wrong with its module. All of it is worked out in steps
 * (`advance`), or on the first question, and nothing throws, whatever the text is. Documents are never edited: an edit
 * makes a new version, so what an older one found stays true of it. A new version takes from the one before what was
 * not edited; what comes of it is what reading it anew would give.
 */

import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Span } from '../engine/base/errors.ts';
import { writtenModules } from '../engine/component/text/definitions.ts';
import type { FeatureSet } from '../engine/module/module.ts';
import { type Change, changeBetween, unchangedAt } from '../engine/text/change.ts';
import { Tok } from '../engine/text/lexer.ts';
import { TextMemory } from '../engine/text/memory.ts';
import { type Command, parsingScript, type Script } from '../engine/text/script.ts';
import { editingTree, formEnd, parsingTree, type Tree } from '../engine/text/tree.ts';
import { ComponentAnalysis } from './component-analysis.ts';
import { headWord } from './facts/forms.ts';
import { KnownFunctions } from './known.ts';
import { type Kept, ModuleAnalysis, type PlacedFault } from './module-analysis.ts';
import { Snapshot } from './snapshot.ts';
import { Task } from './task.ts';

let made = 0;

/** How far a question needs a document to be worked out: its tree, its names, or everything that is wrong. */
export type Level = 'tree' | 'symbols' | 'faults';

/** What differs from an older version, and what is taken from that. */
interface Edited extends Before {
  readonly change: Change;
}

/** What an analysis gives to that of a newer version. */
interface Before {
  readonly snapshot: Snapshot;
  readonly tree: Tree;
  readonly script: Script | undefined;
  readonly modules: readonly ModuleAnalysis[];
}

export class Analysis {
  readonly document: TextDocument;
  /** Another one for every analysis: versions start anew when a document is opened again. */
  readonly serial = ++made;
  readonly #snapshot: Snapshot;
  readonly #fields: TextMemory;
  readonly #functions: KnownFunctions;
  readonly #features: FeatureSet | undefined;
  /** Until this version is worked out itself. */
  #before: Edited | undefined;
  readonly #lines: Task<void>;
  readonly #tree: Task<Tree>;
  readonly #script: Task<Script | undefined>;
  readonly #faults: Task<readonly PlacedFault[]>;
  #modules: readonly ModuleAnalysis[] | undefined;
  #components: readonly ComponentAnalysis[] = [];
  /** How many modules are worked out, by level. */
  readonly #stepped = { symbols: 0, faults: 0 };

  /**
   * Of a document's present text: what the editor does to it later does not matter. `features`: what is allowed, if that is
   * not everything that this version runs. `older`: an analysis of an older version with the same features, of which
   * everything is taken over that is not edited.
   */
  constructor(document: TextDocument, features?: FeatureSet, older?: Analysis) {
    const snapshot = new Snapshot(document);
    const text = snapshot.getText();
    this.document = snapshot;
    this.#snapshot = snapshot;
    const known = older ? older.#known() : undefined;
    const before = known && { ...known, change: changeBetween(known.tree.tokens.text, text) };
    if (older) {
      older.#fields.settle();
      const isSame = before?.tree.tokens.text === older.#fields.text;
      this.#fields = new TextMemory(text, older.#fields, isSame ? before?.change : undefined);
      this.#functions = older.#functions;
    } else {
      this.#fields = new TextMemory(text);
      this.#functions = new KnownFunctions();
    }
    this.#before = before;
    this.#features = features;
    this.#lines = new Task(() => snapshot.findLines(before?.snapshot, before?.change));
    this.#tree = new Task(() => (before ? editingTree(before.tree, text, before.change) : parsingTree(text)));
    this.#script = new Task(() => this.#findScript());
    this.#faults = new Task(() => this.#findFaults());
  }

  get tree(): Tree {
    return this.#tree.value;
  }

  /** The commands, if the document is a script. */
  get script(): Script | undefined {
    return this.#script.value;
  }

  /** In the order of the text. */
  get modules(): readonly ModuleAnalysis[] {
    this.#modules ??= this.#findModules();
    return this.#modules;
  }

  /** The outermost components, in the order of the text; the modules inside of them are among `modules`. */
  get components(): readonly ComponentAnalysis[] {
    this.#modules ??= this.#findModules();
    return this.#components;
  }

  /** The outermost component around a place of the text that is in none of its modules. */
  componentAt(pos: number): ComponentAnalysis | undefined {
    if (this.components.length === 0 || this.moduleAt(pos)) return undefined;
    return this.#components.find(({ span }) => span.start <= pos && pos <= span.end);
  }

  /** The module around a place of the text. */
  moduleAt(pos: number): ModuleAnalysis | undefined {
    return this.modules.find(({ span }) => span.start <= pos && pos <= span.end);
  }

  /**
   * Everything that is wrong, each once: of a module first what makes it malformed, then what makes it invalid by
   * offsets, so that the first fault is the one that the standard's tests name.
   */
  get faults(): readonly PlacedFault[] {
    return this.#faults.value;
  }

  /**
   * Works on up to a level, in steps, until the clock (`performance.now`) says `until`. Returns whether nothing is left to
   * do: then what the level has costs nothing.
   */
  advance(level: Level, until: number): boolean {
    while (!this.#step(level)) if (performance.now() >= until) return false;
    return true;
  }

  #step(level: Level): boolean {
    if (!this.#lines.step() || !this.#tree.step() || !this.#script.step()) return false;
    if (level === 'tree') return true;
    const { modules } = this;
    const stepped = this.#stepped;
    for (; stepped.symbols < modules.length; stepped.symbols++)
      if (!modules[stepped.symbols].step('symbols')) return false;
    if (level === 'symbols' || this.#faults.isDone) return true;
    for (; stepped.faults < modules.length; stepped.faults++)
      if (!modules[stepped.faults].step('faults')) return false;
    if (!this.#faults.step()) return false;
    this.#fields.settle();
    this.#before = undefined;
    return true;
  }

  /** What a newer version can be made from: this one as far as it is worked out, else what it was to be made from. */
  #known(): Before | undefined {
    if (!this.#tree.isDone) return this.#before;
    const script = this.#script.isDone ? this.script : undefined;
    return { snapshot: this.#snapshot, tree: this.tree, script, modules: this.#modules ?? [] };
  }

  *#findScript(): Generator<void, Script | undefined> {
    const { tree } = this;
    if (!isScript(this.document.uri, tree)) return undefined;
    const before = this.#before;
    if (!before?.script) return yield* parsingScript(tree);
    return yield* parsingScript(tree, { script: before.script, change: before.change });
  }

  #findModules(): readonly ModuleAnalysis[] {
    const { tree, script } = this;
    const kept: Kept = { fields: this.#fields, functions: this.#functions, features: this.#features };
    const same = this.#before && sameModules(this.#before, tree);
    const add = (form: number, span: Span): readonly ModuleAnalysis[] => {
      const modules = modulesInside(tree, form, kept, same);
      this.#components = [...this.#components, new ComponentAnalysis(tree, form, span, modules)];
      return [...modules.values()];
    };
    return script ? scriptModules(tree, script, kept, same, add) : textModules(tree, kept, add);
  }

  *#findFaults(): Generator<void, readonly PlacedFault[]> {
    const found: PlacedFault[] = (this.script?.faults ?? []).filter(hasSpan);
    for (const module of this.modules) {
      while (!module.step('faults')) yield;
      for (const fault of module.faults) found.push(fault);
    }
    for (const component of this.components) {
      yield;
      for (const fault of component.faults) found.push(fault);
    }
    yield;
    return eachOnce(found);
  }
}

/** Finds the module of an older text that is, to the letter, at a place of the new one. Only whole ones count. */
function sameModules(
  { tree: old, modules, change }: Edited,
  tree: Tree,
): (form: number, span: Span) => ModuleAnalysis | undefined {
  const byStart = new Map(modules.map((module) => [module.span.start, module]));
  const wasUnclosed = old.unclosed.size > 0;
  return (form, { start, end }) => {
    const at = unchangedAt(change, start, end);
    const module = at < 0 ? undefined : byStart.get(at);
    if (!module?.isDone || module.span.end - at !== end - start) return undefined;
    // Where a form is not closed, what is told of it, and of others at their ends, depends on more than its own text.
    if (wasUnclosed || tree.unclosed.size > 0) return undefined;
    return tree.match[form] >= 0 ? module : undefined;
  };
}

function hasSpan(fault: { readonly span?: Span }): fault is PlacedFault {
  return fault.span !== undefined;
}

/** Each fault once: what is said twice of one place says nothing more. */
function eachOnce(faults: readonly PlacedFault[]): PlacedFault[] {
  const seen = new Set<string>();
  return faults.filter(({ span, message }) => {
    const key = `${span.start} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** By its name; a text that was never saved, by what it has in it. */
function isScript(uri: string, tree: Tree): boolean {
  if (/\.wast($|[?#])/i.test(uri)) return true;
  if (!uri.startsWith('untitled:')) return false;
  return topForms(tree).some((open) => /^(assert_|invoke$|register$|get$)/.test(headWord(tree, open)));
}

/** Notes a component; gives the modules that are written in it. */
type AddComponent = (form: number, span: Span) => readonly ModuleAnalysis[];

/** The modules that are written in a component, by their open parentheses. */
function modulesInside(
  tree: Tree,
  form: number,
  kept: Kept,
  same: ((form: number, span: Span) => ModuleAnalysis | undefined) | undefined,
): ReadonlyMap<number, ModuleAnalysis> {
  const found = new Map<number, ModuleAnalysis>();
  for (const { form: open, inside } of writtenModules(tree, form)) {
    const span = formSpan(tree, open);
    found.set(open, new ModuleAnalysis(tree, open, span, kept, same?.(open, span), inside));
  }
  return found;
}

/** The whole text as a module, and any further ones that should not be there. */
function textModules(tree: Tree, kept: Kept, add: AddComponent): ModuleAnalysis[] {
  const tops = topForms(tree);
  if (tops.length > 0 && headWord(tree, tops[0]) === 'component')
    return [...add(tops[0], formSpan(tree, tops[0]))];
  const [first, ...further] = tops.filter((open) => headWord(tree, open) === 'module');
  const end = tree.tokens.text.length;
  const span = first === undefined ? { start: 0, end } : formSpan(tree, first);
  const rest = further.map((open) => new ModuleAnalysis(tree, open, formSpan(tree, open), kept));
  return [new ModuleAnalysis(tree, undefined, span, kept), ...rest];
}

function scriptModules(
  tree: Tree,
  script: Script,
  kept: Kept,
  same: ((form: number, span: Span) => ModuleAnalysis | undefined) | undefined,
  add: AddComponent,
): ModuleAnalysis[] {
  const found: ModuleAnalysis[] = [];
  const collect = (commands: readonly Command[]) => {
    for (const command of commands) {
      if (command.kind === 'thread') collect(command.commands);
      if (command.kind !== 'module') continue;
      const { source, form, span } = command.module;
      if (source === 'component') found.push(...add(form, span));
      else if (source === 'fields') found.push(new ModuleAnalysis(tree, undefined, span, kept));
      else found.push(new ModuleAnalysis(tree, form, span, kept, same?.(form, span)));
    }
  };
  collect(script.commands);
  return found;
}

function topForms(tree: Tree): number[] {
  const { kinds, count } = tree.tokens;
  const forms: number[] = [];
  for (let token = 0; token < count; token++) {
    if (kinds[token] !== Tok.Open) continue;
    forms.push(token);
    token = formEnd(tree, token) - 1;
  }
  return forms;
}

function formSpan(tree: Tree, open: number): Span {
  const { starts } = tree.tokens;
  return { start: starts[open], end: starts[formEnd(tree, open)] };
}
