/**
 * What is known of one version of a document: its tree, its modules, and everything that is wrong.
 *
 * A `.wat` is one module. A `.wast` is a script: its modules are analysed each on its own, but those inside of
 * assertions are left alone, since an assertion says what is wrong with its module. All of it is worked out on the
 * first question, and nothing throws, whatever the text is. Documents are never edited: an edit makes a new version,
 * so what an older one found stays true of it.
 */

import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Span } from '../engine/base/errors.ts';
import { Tok } from '../engine/text/lexer.ts';
import { type Command, parseScript, type Script } from '../engine/text/script.ts';
import { formEnd, parseTree, type Tree } from '../engine/text/tree.ts';
import { headWord } from './facts/forms.ts';
import { ModuleAnalysis, type PlacedFault } from './module-analysis.ts';

let made = 0;

export class Analysis {
  readonly document: TextDocument;
  /** Another one for every analysis: versions start anew when a document is opened again. */
  readonly serial = ++made;
  #tree: Tree | undefined;
  #script: Script | undefined;
  #modules: readonly ModuleAnalysis[] | undefined;
  #faults: readonly PlacedFault[] | undefined;

  /** Of a document's present text: what the editor does to it later does not matter. */
  constructor(document: TextDocument) {
    const { uri, languageId, version } = document;
    this.document = TextDocument.create(uri, languageId, version, document.getText());
  }

  get tree(): Tree {
    this.#tree ??= parseTree(this.document.getText());
    return this.#tree;
  }

  /** The commands, if the document is a script. */
  get script(): Script | undefined {
    if (!isScript(this.document.uri, this.tree)) return undefined;
    this.#script ??= parseScript(this.tree);
    return this.#script;
  }

  /** In the order of the text. */
  get modules(): readonly ModuleAnalysis[] {
    this.#modules ??= this.script ? scriptModules(this.tree, this.script) : textModules(this.tree);
    return this.#modules;
  }

  /** The module around a place of the text. */
  moduleAt(pos: number): ModuleAnalysis | undefined {
    return this.modules.find(({ span }) => span.start <= pos && pos <= span.end);
  }

  /** Everything that is wrong, by position, each once. */
  get faults(): readonly PlacedFault[] {
    if (!this.#faults) {
      const outside = (this.script?.faults ?? []).filter(hasSpan);
      this.#faults = inOrder([...outside, ...this.modules.flatMap(({ faults }) => faults)]);
    }
    return this.#faults;
  }
}

function hasSpan(fault: { readonly span?: Span }): fault is PlacedFault {
  return fault.span !== undefined;
}

function inOrder(faults: readonly PlacedFault[]): PlacedFault[] {
  const seen = new Set<string>();
  const once = faults.filter(({ span, message }) => {
    const key = `${span.start} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
  return once.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

/** By its name; a text that was never saved, by what it has in it. */
function isScript(uri: string, tree: Tree): boolean {
  if (/\.wast($|[?#])/i.test(uri)) return true;
  if (!uri.startsWith('untitled:')) return false;
  return topForms(tree).some((open) => /^(assert_|invoke$|register$|get$)/.test(headWord(tree, open)));
}

/** The whole text as a module, and any further ones that should not be there. */
function textModules(tree: Tree): ModuleAnalysis[] {
  const [first, ...further] = topForms(tree).filter((open) => headWord(tree, open) === 'module');
  const end = tree.tokens.text.length;
  const span = first === undefined ? { start: 0, end } : formSpan(tree, first);
  const rest = further.map((open) => new ModuleAnalysis(tree, open, formSpan(tree, open)));
  return [new ModuleAnalysis(tree, undefined, span), ...rest];
}

function scriptModules(tree: Tree, script: Script): ModuleAnalysis[] {
  const found: ModuleAnalysis[] = [];
  const collect = (commands: readonly Command[]) => {
    for (const command of commands) {
      if (command.kind === 'thread') collect(command.commands);
      if (command.kind !== 'module' || command.module.source === 'component') continue;
      const { source, form, span } = command.module;
      found.push(new ModuleAnalysis(tree, source === 'fields' ? undefined : form, span));
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
