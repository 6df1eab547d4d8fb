/**
 * The analyses of the open documents: one a document, of its newest version, replaced at the first question behind an
 * edit. Knows documents and versions, nothing of WAT.
 *
 * Also waits for a pause in typing before diagnostics are pushed: the longer the last analysis took, the longer.
 */

import type { CancellationToken, TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis } from './analysis.ts';

/** How long typing must pause before diagnostics are pushed, in milliseconds: at least, and at most. */
const QUIET = 60;
const MOST_QUIET = 500;

/** How far a question needs a document to be worked out: its tree, its names, or everything that is wrong. */
export type Level = 'tree' | 'symbols' | 'faults';

export class Analyses {
  readonly #documents: TextDocuments<TextDocument>;
  readonly #known = new Map<string, { readonly of: TextDocument; readonly analysis: Analysis }>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #pauses = new Map<string, number>();

  constructor(documents: TextDocuments<TextDocument>) {
    this.#documents = documents;
  }

  /** The analysis of an open document's present text; undefined if the document is not open. */
  get(uri: string): Analysis | undefined {
    const document = this.#documents.get(uri);
    if (!document) return undefined;
    const known = this.#known.get(uri);
    // A document that was opened again is another object: its versions say nothing about the old one's.
    if (known?.of === document && known.analysis.document.version === document.version) return known.analysis;
    const analysis = new Analysis(document);
    this.#known.set(uri, { of: document, analysis });
    return analysis;
  }

  /**
   * The analysis of an open document's present text, worked out up to a level. Undefined if the document is not open
   * or the question was cancelled.
   */
  async prepared(uri: string, _level: Level, token: CancellationToken): Promise<Analysis | undefined> {
    return token.isCancellationRequested ? undefined : this.get(uri);
  }

  /** Calls back with the newest analysis when the document has not changed for a moment. */
  whenQuiet(uri: string, callback: (analysis: Analysis) => void): void {
    clearTimeout(this.#timers.get(uri));
    const timer = setTimeout(() => {
      this.#timers.delete(uri);
      const analysis = this.get(uri);
      if (!analysis) return;
      const started = Date.now();
      callback(analysis);
      this.#pauses.set(uri, Math.min(MOST_QUIET, Math.max(QUIET, Date.now() - started)));
    }, this.#pauses.get(uri) ?? QUIET);
    this.#timers.set(uri, timer);
  }

  /** The document was closed. */
  forget(uri: string): void {
    clearTimeout(this.#timers.get(uri));
    for (const map of [this.#timers, this.#known, this.#pauses]) map.delete(uri);
  }
}
