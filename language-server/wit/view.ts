/**
 * WIT documents as the features see them: one, with the open documents that it belongs together with.
 *
 * A package is a directory, whose documents share its interfaces, and its name if only one of them says it. Open documents
 * of other packages are what they use. What is open nowhere is elsewhere, and no fault.
 */

import type { TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Span } from '../../engine/base/errors.ts';
import { type PackageName, packageKey, type WitDocument } from '../../engine/component/wit/ast.ts';
import { type ParsedWit, parseWit } from '../../engine/component/wit/parse.ts';
import {
  type Resolution,
  resolveWit,
  type WitDef,
  type WitSymbol,
} from '../../engine/component/wit/resolve.ts';

/** A text in a version. */
export interface WitText {
  readonly document: TextDocument;
  readonly version: number;
  readonly parsed: ParsedWit;
}

export interface WitView extends WitText {
  /** All that were resolved together; the first is the one in question. */
  readonly texts: readonly WitText[];
  /** The trees of `texts`, with the names of their packages. */
  readonly documents: readonly WitDocument[];
  readonly resolution: Resolution;
}

/** Longer texts are nobody's interfaces. */
const LARGEST = 4_000_000;

export function isWit({ uri, languageId }: Pick<TextDocument, 'uri' | 'languageId'>): boolean {
  return languageId === 'wit' || /\.wit($|[?#])/i.test(uri);
}

export class WitViews {
  readonly #documents: TextDocuments<TextDocument>;
  readonly #texts = new WeakMap<TextDocument, WitText>();
  readonly #views = new Map<string, WitView>();

  constructor(documents: TextDocuments<TextDocument>) {
    this.#documents = documents;
  }

  /** An open WIT document as it is now; undefined if it is another document, or none. */
  get(uri: string): WitView | undefined {
    const document = this.#documents.get(uri);
    if (!document || !isWit(document)) return undefined;
    const own = this.#text(document);
    const others = this.#documents
      .all()
      .filter((other) => other !== document && isWit(other))
      .map((other) => this.#text(other));
    const known = this.#views.get(uri);
    const view = witView(own, others, known);
    this.#views.set(uri, view);
    return view;
  }

  forget(uri: string): void {
    this.#views.delete(uri);
  }

  #text(document: TextDocument): WitText {
    const known = this.#texts.get(document);
    if (known?.version === document.version) return known;
    const text = witText(document);
    this.#texts.set(document, text);
    return text;
  }
}

export function witText(document: TextDocument): WitText {
  const text = document.getText();
  return { document, version: document.version, parsed: parseWit(text.length > LARGEST ? '' : text) };
}

/** A text among others; `known` is taken if it is of the same ones. */
export function witView(own: WitText, others: readonly WitText[], known?: WitView): WitView {
  const texts = [own, ...belonging(own, others)];
  if (known?.texts.length === texts.length && texts.every((text, i) => text === known.texts[i])) return known;
  const documents = named(texts);
  return { ...own, texts, documents, resolution: resolveWit(documents) };
}

/** The others of its directory, and those of packages that are there once. */
function belonging(own: WitText, others: readonly WitText[]): WitText[] {
  const directory = directoryOf(own);
  const siblings = others.filter((other) => directoryOf(other) === directory);
  const taken = new Map<string, string>();
  for (const { parsed } of [own, ...siblings]) {
    if (parsed.document.package) taken.set(packageKey(parsed.document.package), directory);
  }
  const rest = others.filter((other) => {
    const name = other.parsed.document.package;
    if (siblings.includes(other) || !name) return false;
    const key = packageKey(name);
    const place = directoryOf(other);
    if (!taken.has(key)) taken.set(key, place);
    return taken.get(key) === place;
  });
  return [...siblings, ...rest];
}

/** The trees; those without a package's name have that of their directory. */
function named(texts: readonly WitText[]): WitDocument[] {
  const names = new Map<string, PackageName>();
  for (const text of texts) {
    const name = text.parsed.document.package;
    if (name) names.set(directoryOf(text), name);
  }
  return texts.map((text) => {
    const { document } = text.parsed;
    return document.package ? document : { ...document, package: names.get(directoryOf(text)) };
  });
}

function directoryOf({ document: { uri } }: WitText): string {
  return uri.slice(0, uri.lastIndexOf('/') + 1);
}

/** The name at a place, also right behind it; of two that meet, the one that begins there. */
export function witSymbolAt({ resolution }: WitView, pos: number): WitSymbol | undefined {
  let found: WitSymbol | undefined;
  for (const symbol of resolution.symbols) {
    const { document, span } = symbol;
    if (document !== 0 || pos < span.start || pos > span.end) continue;
    if (!found || span.start === pos) found = symbol;
  }
  return found;
}

/** Wherever a definition's name stands, in all documents that were resolved together. */
export function witSymbolsOf({ resolution }: WitView, def: WitDef): WitSymbol[] {
  return resolution.symbols.filter((symbol) => symbol.def === def);
}

export function witLocation({ texts }: WitView, document: number, { start, end }: Span) {
  const { document: of } = texts[document];
  return { uri: of.uri, range: { start: of.positionAt(start), end: of.positionAt(end) } };
}

export function witRange({ document }: Pick<WitText, 'document'>, { start, end }: Span) {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}
