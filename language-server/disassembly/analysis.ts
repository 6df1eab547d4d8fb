/**
 * The analysis of a disassembled document: one function of a binary, or everything but its functions.
 *
 * Such a text alone says little: its names and indices are those of the whole module. So what the assembler found in the
 * text is put into the module it was printed from: indices are the module's, instructions have the module's offsets, and
 * faults there are none. With that, features answer as they do in a `.wat`; what is defined in another document is found
 * by targets.ts. When the text is no longer that of the module (which was built anew), offsets are left out.
 */

import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Module } from '../../engine/module/module.ts';
import type { NameSpace } from '../../engine/module/names.ts';
import { disassemblyIds } from '../../engine/symbols/disassembly.ts';
import { type DisassemblyDocument, parseDisassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
import type { Assembly } from '../../engine/text/assemble.ts';
import type { ModuleIds } from '../../engine/text/ids.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { MapBuilder, type TextMap } from '../../engine/text/map.ts';
import { SPACES, Sp, type Space, SymbolIndex, SymbolList } from '../../engine/text/symbols.ts';
import type { Tree } from '../../engine/text/tree.ts';
import { Analysis } from '../analysis.ts';
import { ModuleAnalysis, type PlacedFault } from '../module-analysis.ts';
import type { Modules } from './modules.ts';
import { partIn, printed } from './texts.ts';

/** A document whose names lead out of it. */
export type PartialDocument = DisassemblyDocument & { readonly part: number | 'fields' };

/** What a URI names, if that document is a part of a module; the document of a whole module is a text like others. */
export function partialDocument(uri: string): PartialDocument | undefined {
  const document = uri.startsWith('wasmscope:') ? parseDisassemblyUri(uri) : undefined;
  return document && document.part !== 'module' ? (document as PartialDocument) : undefined;
}

const attached = new WeakMap<Analysis, { readonly module: Module; readonly analysis: Analysis }>();

/** An analysis of an open document, in its module if it is a part of one that can be read. */
export async function inItsModule(analysis: Analysis, modules: Modules): Promise<Analysis> {
  const found = await partAt(analysis.document.uri, modules);
  if (!found) return analysis;
  const { module, origin } = found;
  const known = attached.get(analysis);
  if (known?.module === module) return known.analysis;
  const made = new DisassembledAnalysis(analysis, origin, module);
  attached.set(analysis, { module, analysis: made });
  return made;
}

/** A part of a module whose document is not open: answers of ours name such documents, and are asked about again. */
export async function unopenedPart(uri: string, modules: Modules): Promise<Analysis | undefined> {
  const found = await partAt(uri, modules);
  const shown = found && printed(found.module, found.origin);
  if (!shown) return undefined;
  const document = TextDocument.create(uri, 'wat', 0, shown.text);
  return new DisassembledAnalysis({ document }, found.origin, found.module);
}

/** What a URI names, in the module as it is now; undefined if there is no such part of one that can be read. */
async function partAt(
  uri: string,
  modules: Modules,
): Promise<{ readonly module: Module; readonly origin: PartialDocument } | undefined> {
  const document = partialDocument(uri);
  if (!document) return undefined;
  try {
    const module = await modules.get(document.program);
    const part = partIn(module, document);
    return part === undefined ? undefined : { module, origin: { ...document, part } as PartialDocument };
  } catch {
    return undefined;
  }
}

export class DisassembledAnalysis extends Analysis {
  readonly #module: DisassembledModule;

  constructor({ document }: Pick<Analysis, 'document'>, origin: PartialDocument, module: Module) {
    super(document);
    const text = document.getText();
    this.#module = new DisassembledModule(this.tree, text, origin, module);
  }

  override get modules(): readonly DisassembledModule[] {
    return [this.#module];
  }

  override get faults(): readonly PlacedFault[] {
    return [];
  }
}

export class DisassembledModule extends ModuleAnalysis {
  readonly origin: PartialDocument;
  readonly #module: Module;
  #placed: Assembly | undefined;

  constructor(tree: Tree, text: string, origin: PartialDocument, module: Module) {
    super(tree, undefined, { start: 0, end: text.length });
    this.origin = origin;
    this.#module = module;
  }

  override get module(): Module {
    return this.#module;
  }

  override get assembly(): Assembly {
    this.#placed ??= this.#place(super.assembly);
    return this.#placed;
  }

  override get faults(): readonly PlacedFault[] {
    return [];
  }

  #place(own: Assembly): Assembly {
    const { tree, module, origin } = this;
    const ids = disassemblyIds(module, origin.options);
    const { part } = origin;
    let map: TextMap | undefined;
    const fields = own.fields.map((field) =>
      typeof part === 'number' && field.kind === 'func' ? { ...field, idx: part } : field,
    );
    return {
      ...own,
      fields,
      bytes: module.bytes as Uint8Array<ArrayBuffer>,
      faults: [],
      broken: new Set(),
      // Only questions about offsets need the text of the module.
      get map() {
        if (!map) {
          const shown = printed(module, origin);
          map = shown?.text === tree.tokens.text ? shown.map : new MapBuilder().finish();
        }
        return map;
      },
      symbols: placedSymbols(own.symbols, tree, ids, part),
    };
  }
}

/** The definitions and uses of a part of a module, with the module's indices. */
function placedSymbols(own: SymbolIndex, tree: Tree, ids: ModuleIds, part: number | 'fields'): SymbolIndex {
  const { tokens } = tree;
  const placed = new SymbolList();
  const placeScope = (space: Space, scope: number | undefined) =>
    typeof part === 'number' && (space === 'local' || space === 'label') ? part : scope;
  for (const def of own.defs) {
    const idx = def.space === 'func' && typeof part === 'number' ? part : def.idx;
    const scope = placeScope(def.space, def.scope);
    placed.def(numberOf(def.space), idx, def.token, scope, def.name, def.field);
  }
  /** The type that a field's name or number belongs to is the use before it. */
  let type = -1;
  for (let i = 0; i < own.useCount; i++) {
    const { space, idx, token, scope } = own.useAt(i);
    const id = tokens.kinds[token] === Tok.Id ? tokenText(tokens, token) : undefined;
    if (space === 'local' || space === 'label') {
      placed.use(numberOf(space), idx, token, placeScope(space, scope));
    } else if (space === 'field') {
      const field = id === undefined ? idx : ids.fields(type).indexOf(id);
      placed.use(Sp.Field, field, token, type);
    } else {
      const found = id === undefined ? idx : (ids.find(space satisfies NameSpace, id) ?? -1);
      if (space === 'type') type = found;
      placed.use(numberOf(space), found, token, scope);
    }
  }
  return new SymbolIndex(tokens, placed);
}

function numberOf(space: Space): Sp {
  return SPACES.indexOf(space);
}
