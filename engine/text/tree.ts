/**
 * The tree of an s-expression text: its tokens plus links between parentheses.
 *
 * Made in one pass without recursion, for any text and any depth. Knows no keywords' meaning but one thing: when
 * parentheses do not balance, a field that starts a line no deeper than the field around it is taken to close
 * that one, so that a function being typed does not swallow the rest of the module.
 */

import { type Fault, faultIn } from '../base/errors.ts';
import { lex, Tok, type Tokens } from './lexer.ts';
import { annotationId } from './strings.ts';
import { word } from './words.ts';

/** How many faults of one kind are told for one text: a file of garbage would have one a token. */
export const MAX_FAULTS = 1000;

export interface Tree {
  readonly tokens: Tokens;
  /** The partner of a parenthesis (an annotation's `(@id` counts as one); -1 for others and unmatched ones. */
  readonly match: Int32Array;
  /** The innermost open parenthesis around a token, for a closing one its partner's; -1 at the top. */
  readonly parent: Int32Array;
  /** For an open parenthesis without a partner: the first token that is not inside any more. */
  readonly unclosed: ReadonlyMap<number, number>;
  /** The annotations that are in no other annotation, in the order of the text. */
  readonly annotations: readonly number[];
  /** Faults of the lexer by position, then those of parentheses. */
  readonly faults: readonly Fault[];
}

/** Lexes a text and links its parentheses. */
export function parseTree(text: string): Tree {
  return linkTree(lex(text));
}

/** One past the last token of the form that opens at `open`: behind its `)`, or where an unclosed form ends. */
export function formEnd(tree: Tree, open: number): number {
  const close = tree.match[open];
  return close >= 0 ? close + 1 : (tree.unclosed.get(open) ?? open + 1);
}

/** Links the parentheses of a text that is already in tokens. */
export function linkTree(tokens: Tokens): Tree {
  return link(tokens, false) ?? link(tokens, true)!;
}

/** Undefined if parentheses do not balance and `recover` is not set. */
function link(tokens: Tokens, recover: boolean): Tree | undefined {
  const { kinds, count } = tokens;
  const match = new Int32Array(count + 1).fill(-1);
  const parent = new Int32Array(count + 1).fill(-1);
  const unclosed = new Map<number, number>();
  const faults: Fault[] = [];
  const lexical: Fault[] = [];
  const annotations: number[] = [];
  const fields = recover ? new OpenFields(tokens) : undefined;
  let open = -1;
  /** The outermost annotation around; -1 for none. */
  let annotation = -1;

  const note = (fault: Fault) => {
    if (faults.length < MAX_FAULTS) faults.push(fault);
  };
  const drop = (end: number) => {
    const kind = kinds[open] === Tok.Annot ? 'unclosed annotation' : 'unexpected token: unclosed (';
    const start = tokens.starts[open];
    note(faultIn('malformed', { start, end: tokens.starts[open + 1] }, kind));
    unclosed.set(open, end);
    if (open === annotation) annotation = -1;
    open = parent[open];
  };

  for (let i = 0; i < count; i++) {
    const kind = kinds[i];
    if (kind === Tok.Close) {
      if (open < 0) {
        if (!recover) return undefined;
        const span = { start: tokens.starts[i], end: tokens.starts[i + 1] };
        note(faultIn('malformed', span, 'unexpected token )', [{ message: 'no ( is open here' }]));
        continue;
      }
      match[open] = i;
      match[i] = open;
      fields?.close(open);
      if (open === annotation) annotation = -1;
      open = parent[open];
      parent[i] = open;
      continue;
    }
    if (kind === Tok.Open || kind === Tok.Annot) {
      const closes = fields?.enter(i) ?? -1;
      if (closes >= 0) {
        while (open !== closes) drop(i);
        drop(i);
      }
      parent[i] = open;
      open = i;
      if (kind === Tok.Annot && annotation < 0) {
        annotation = i;
        annotations.push(i);
        checkAnnotation(tokens, i, lexical);
      }
      continue;
    }
    parent[i] = open;
  }
  if (open >= 0 && !recover) return undefined;
  while (open >= 0) drop(count);
  const byPlace = (a: Fault, b: Fault) => a.span!.start - b.span!.start;
  faults.sort(byPlace);
  for (const fault of tokens.faults) lexical.push(fault);
  lexical.sort(byPlace);
  if (lexical.length > MAX_FAULTS) lexical.length = MAX_FAULTS;
  return { tokens, match, parent, unclosed, annotations, faults: [...lexical, ...faults] };
}

/** Inside of annotations everything is allowed, at the outside they have an id. */
function checkAnnotation(tokens: Tokens, token: number, faults: Fault[]): void {
  const id = annotationId(tokens, token);
  const start = tokens.starts[token];
  if (id === '') faults.push(faultIn('malformed', { start, end: start + 2 }, 'empty annotation id'));
  if (id !== undefined) return;
  faults.push(faultIn('malformed', { start, end: tokens.starts[token + 1] }, 'malformed UTF-8 encoding'));
}

const FIELDS = new Set(
  (
    [
      'func',
      'global',
      'table',
      'memory',
      'tag',
      'elem',
      'data',
      'start',
      'import',
      'export',
      'type',
      'rec',
    ] as const
  ).map(word),
);

/** The fields that are open and stand first on their line, with their columns: outermost first. */
class OpenFields {
  private readonly opens: number[] = [];
  private readonly columns: number[] = [];
  private readonly tokens: Tokens;

  constructor(tokens: Tokens) {
    this.tokens = tokens;
  }

  /** Notes the form at `open`; returns the outermost field that it cannot be inside of, or -1. */
  enter(open: number): number {
    const { kinds, words } = this.tokens;
    if (kinds[open + 1] !== Tok.Keyword || !FIELDS.has(words[open + 1])) return -1;
    const column = this.columnIfFirst(open);
    if (column < 0) return -1;
    let closes = -1;
    while (this.columns.length > 0 && this.columns[this.columns.length - 1] >= column) {
      closes = this.opens.pop()!;
      this.columns.pop();
    }
    this.opens.push(open);
    this.columns.push(column);
    return closes;
  }

  close(open: number): void {
    if (this.opens[this.opens.length - 1] !== open) return;
    this.opens.pop();
    this.columns.pop();
  }

  private columnIfFirst(open: number): number {
    const { text, starts } = this.tokens;
    const start = starts[open];
    let pos = start;
    while (pos > 0) {
      const char = text.charCodeAt(pos - 1);
      if (char === 0x0a || char === 0x0d) break;
      if (char !== 0x20 && char !== 0x09) return -1;
      pos--;
    }
    return start - pos;
  }
}
