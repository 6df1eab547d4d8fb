/**
 * What completion collects before it is LSP: suggestions with the order they should have, filtered by what is typed.
 *
 * A list is bounded: in a module with 10,000 functions the best few hundred go to the client, which asks again when
 * more is typed.
 */

import type { CompletionItemKind } from 'vscode-languageserver';
import type { Space } from '../../engine/text/symbols.ts';

/** What a suggestion is about: for the documentation, which is made when it is looked at. */
export type Subject =
  | { readonly kind: 'instruction' | 'keyword' | 'annotation'; readonly word: string }
  | { readonly kind: 'item'; readonly space: Space; readonly idx: number; readonly scope?: number };

export interface Suggestion {
  readonly label: string;
  readonly kind: CompletionItemKind;
  /** Smaller is better; equal ranks keep the order in which they were collected. */
  readonly rank: number;
  /** Right behind the label: a type. */
  readonly detail?: string | (() => string);
  /** At the right side: where it is from. */
  readonly description?: string;
  /** What is inserted if it is not the label. */
  readonly insert?: string;
  /** What is inserted has places to fill in. */
  readonly snippet?: boolean;
  readonly subject?: Subject;
}

/** How many suggestions are sent at once. */
const MOST = 300;

export class Suggestions {
  readonly #prefix: string;
  readonly #found: { readonly suggestion: Suggestion; readonly order: number; readonly begins: number }[] =
    [];
  readonly #labels = new Set<string>();
  /** There is more than was collected. */
  incomplete = false;

  /** `prefix`: what is typed already. */
  constructor(prefix: string) {
    this.#prefix = prefix.toLowerCase();
  }

  get nothingTyped(): boolean {
    return this.#prefix === '' || this.#prefix === '$' || this.#prefix === '(@';
  }

  /** True if the label could be meant by what is typed. */
  wants(label: string): boolean {
    return this.#prefix === '' || isSubsequence(this.#prefix, label.toLowerCase());
  }

  add(suggestion: Suggestion): void {
    const { label, snippet } = suggestion;
    const key = snippet ? `${label} ` : label;
    if (this.#labels.has(key) || !this.wants(label)) return;
    this.#labels.add(key);
    const begins = label.toLowerCase().startsWith(this.#prefix) ? 0 : 1;
    this.#found.push({ suggestion, order: this.#found.length, begins });
  }

  /** The best ones, best first: what begins as typed comes before what only contains it. */
  best(): readonly Suggestion[] {
    const found = [...this.#found];
    found.sort((a, b) => a.begins - b.begins || a.suggestion.rank - b.suggestion.rank || a.order - b.order);
    if (found.length > MOST) {
      this.incomplete = true;
      found.length = MOST;
    }
    return found.map(({ suggestion }) => suggestion);
  }
}

function isSubsequence(short: string, long: string): boolean {
  let at = 0;
  for (let i = 0; i < long.length && at < short.length; i++) {
    if (long.charCodeAt(i) === short.charCodeAt(at)) at++;
  }
  return at === short.length;
}
