/**
 * The analyses of the open documents: one a document, of its newest version, made from the one before when somebody asks
 * behind an edit. Knows documents and versions, nothing of WAT.
 *
 * They are worked out in short turns, between which other requests are served. Work on a version ends when there is a
 * newer one, and what was found so far is taken over by that.
 */

import { CancellationToken, LSPErrorCodes, ResponseError, type TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis, type Level } from './analysis.ts';
import { nextTurn } from './facts/turns.ts';
import { isWit } from './wit/view.ts';

export type { Level } from './analysis.ts';

/** How long one turn may take, in milliseconds, and one that others may follow in. */
const TURN = 2.5;
const SHORT = 1;

/** Documents whose analysis takes no longer are told of at once; for others typing must pause about as long. */
const QUICK = 20;
const MOST_QUIET = 500;

/** The levels, each with those before it. */
const LEVELS: readonly Level[] = ['tree', 'symbols', 'faults'];

/** A turn that is going to be, and what it is to work on. */
interface Turn {
  level: Level;
  readonly done: Promise<boolean>;
}

export class Analyses {
  readonly #documents: TextDocuments<TextDocument>;
  readonly #known = new Map<string, { readonly of: TextDocument; readonly analysis: Analysis }>();
  readonly #turns = new WeakMap<Analysis, Turn>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** How long the last analysis of a document took, in milliseconds. */
  readonly #took = new Map<string, number>();

  constructor(documents: TextDocuments<TextDocument>) {
    this.#documents = documents;
  }

  isOpen(uri: string): boolean {
    return this.#documents.get(uri) !== undefined;
  }

  /** The analysis of an open document's present text; undefined if the document is not open, or is WIT. */
  get(uri: string): Analysis | undefined {
    const document = this.#documents.get(uri);
    if (!document || isWit(document)) return undefined;
    const known = this.#known.get(uri);
    if (known?.of === document && known.analysis.document.version === document.version) return known.analysis;
    // A document that was opened again is another object, but its text may well be the same.
    const analysis = new Analysis(document, undefined, known?.analysis);
    this.#known.set(uri, { of: document, analysis });
    return analysis;
  }

  /**
   * The analysis of an open document's present text, worked out up to a level. Undefined if the document is not open
   * or the question was cancelled. Throws LSP's ContentModified when the document is edited meanwhile.
   */
  async prepared(uri: string, level: Level, token: CancellationToken): Promise<Analysis | undefined> {
    const analysis = token.isCancellationRequested ? undefined : this.get(uri);
    if (!analysis) return undefined;
    const document = this.#documents.get(uri)!;
    const { version } = document;
    const started = performance.now();
    let isDone = !this.#turns.has(analysis) && analysis.advance(level, started + TURN);
    // What the question is answered with is work, too: it gets a turn of its own.
    let isRested = isDone && performance.now() - started < SHORT;
    while (!isDone || !isRested) {
      if (isDone) {
        await nextTurn();
        isRested = true;
      } else {
        isDone = (await this.#turn(analysis, level)) || analysis.advance(level, 0);
      }
      if (token.isCancellationRequested) return undefined;
      const now = this.#documents.get(uri);
      if (!now) return undefined;
      if (now !== document || now.version !== version)
        throw new ResponseError<void>(LSPErrorCodes.ContentModified, 'the document was edited meanwhile');
    }
    return analysis;
  }

  /** Calls back with the newest analysis, worked out, unless the document is edited before; `failed` if we have a bug. */
  whenQuiet(uri: string, callback: (analysis: Analysis) => void, failed: (error: unknown) => void): void {
    clearTimeout(this.#timers.get(uri));
    const took = this.#took.get(uri) ?? 0;
    const pause = took < QUICK ? 0 : Math.min(MOST_QUIET, took);
    const timer = setTimeout(() => {
      this.#timers.delete(uri);
      const started = performance.now();
      this.prepared(uri, 'faults', CancellationToken.None)
        .then((analysis) => {
          if (!analysis) return;
          this.#took.set(uri, performance.now() - started);
          callback(analysis);
        })
        .catch((error) => {
          // When it was edited meanwhile, who has told so waits for the newer version.
          if (!(error instanceof ResponseError)) failed(error);
        });
    }, pause);
    this.#timers.set(uri, timer);
  }

  /** The document was closed. */
  forget(uri: string): void {
    clearTimeout(this.#timers.get(uri));
    for (const map of [this.#timers, this.#known, this.#took]) map.delete(uri);
  }

  /** One turn of work for all who wait for an analysis, as far as one of them needs it; true if it is done up to there. */
  #turn(analysis: Analysis, level: Level): Promise<boolean> {
    const known = this.#turns.get(analysis);
    if (known) {
      if (LEVELS.indexOf(level) > LEVELS.indexOf(known.level)) known.level = level;
      return known.done;
    }
    const turn: Turn = {
      level,
      done: nextTurn().then(() => {
        this.#turns.delete(analysis);
        // Nobody needs a version any more that was edited.
        if (this.#known.get(analysis.document.uri)?.analysis !== analysis) return true;
        return analysis.advance(turn.level, performance.now() + TURN);
      }),
    };
    this.#turns.set(analysis, turn);
    return turn.done;
  }
}
