/**
 * The tree of an s-expression text: its tokens plus links between parentheses.
 *
 * Made in one pass without recursion, for any text and any depth. Knows no keywords' meaning but one thing: when
 * parentheses do not balance, a field that starts a line no deeper than the field around it is taken to close
 * that one, so that a function being typed does not swallow the rest of the module.
 *
 * A tree is a value. That of an edited text is made from the one before (`editingTree`): only what was edited is read
 * and linked again, the rest is moved. Where an edit upsets the balance, all links are made again.
 */

import { type Fault, faultIn } from '../base/errors.ts';
import type { Change } from './change.ts';
import { type EditedTokens, lexingEdited } from './lex-edit.ts';
import { lex, lexing, Tok, type Tokens } from './lexer.ts';
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
  /** True if every parenthesis has its partner. */
  readonly isBalanced: boolean;
}

/** How many tokens are linked between two points where the work can be interrupted. */
const CHUNK = 16_384;

/** Lexes a text and links its parentheses. */
export function parseTree(text: string): Tree {
  return linkTree(lex(text));
}

/** The same in steps. */
export function* parsingTree(text: string): Generator<void, Tree> {
  return yield* linking(yield* lexing(text));
}

/**
 * The tree of a text that differs from an older one by `change`, in steps: equal to what `parseTree` makes of it. The old
 * tree stays as it is; the new one may share what is the same in both.
 */
export function* editingTree(old: Tree, text: string, change: Change): Generator<void, Tree> {
  const edited = yield* lexingEdited(old.tokens, text, change);
  yield;
  return relinked(old, edited, change) ?? (yield* linking(edited.tokens));
}

/** One past the last token of the form that opens at `open`: behind its `)`, or where an unclosed form ends. */
export function formEnd(tree: Tree, open: number): number {
  const close = tree.match[open];
  return close >= 0 ? close + 1 : (tree.unclosed.get(open) ?? open + 1);
}

/** Links the parentheses of a text that is already in tokens. */
export function linkTree(tokens: Tokens): Tree {
  const steps = linking(tokens);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

function* linking(tokens: Tokens): Generator<void, Tree> {
  for (const recover of [false, true]) {
    const linker = new Linker(tokens, recover);
    for (let end = CHUNK; linker.advance(end); end += CHUNK) {
      if (end >= tokens.count) return linker.finish();
      yield;
    }
  }
  throw new Error('recovery links every text');
}

class Linker {
  private readonly tokens: Tokens;
  private readonly match: Int32Array;
  private readonly parent: Int32Array;
  private readonly unclosed = new Map<number, number>();
  private readonly faults: Fault[] = [];
  private readonly annotations: number[] = [];
  private readonly fields: OpenFields | undefined;
  private at = 0;
  private open = -1;
  /** The outermost annotation around; -1 for none. */
  private annotation = -1;

  constructor(tokens: Tokens, recover: boolean) {
    this.tokens = tokens;
    this.match = new Int32Array(tokens.count + 1).fill(-1);
    this.parent = new Int32Array(tokens.count + 1).fill(-1);
    this.fields = recover ? new OpenFields(tokens) : undefined;
  }

  /** Links the tokens before `end`. False if parentheses do not balance and nobody asked to recover. */
  advance(end: number): boolean {
    const { tokens, match, parent, fields } = this;
    const { kinds, count } = tokens;
    const stop = Math.min(end, count);
    let i = this.at;
    for (; i < stop; i++) {
      const kind = kinds[i];
      if (kind === Tok.Close) {
        const { open } = this;
        if (open < 0) {
          if (!fields) return false;
          const span = { start: tokens.starts[i], end: tokens.starts[i + 1] };
          this.note(faultIn('malformed', span, 'unexpected token )', [{ message: 'no ( is open here' }]));
          continue;
        }
        match[open] = i;
        match[i] = open;
        fields?.close(open);
        if (open === this.annotation) this.annotation = -1;
        this.open = parent[open];
        parent[i] = this.open;
      } else if (kind === Tok.Open || kind === Tok.Annot) {
        const closes = fields?.enter(i) ?? -1;
        if (closes >= 0) {
          while (this.open !== closes) this.drop(i);
          this.drop(i);
        }
        parent[i] = this.open;
        this.open = i;
        if (kind === Tok.Annot && this.annotation < 0) {
          this.annotation = i;
          this.annotations.push(i);
        }
      } else {
        parent[i] = this.open;
      }
    }
    this.at = i;
    return fields !== undefined || stop < count || this.open < 0;
  }

  finish(): Tree {
    const { tokens, match, parent, unclosed, annotations, faults } = this;
    while (this.open >= 0) this.drop(tokens.count);
    faults.sort(byPlace);
    return {
      tokens,
      match,
      parent,
      unclosed,
      annotations,
      faults: [...lexicalFaults(tokens, annotations), ...faults],
      isBalanced: faults.length === 0,
    };
  }

  /** The innermost open form ends at `end` without a parenthesis. */
  private drop(end: number): void {
    const { tokens, open } = this;
    const kind = tokens.kinds[open] === Tok.Annot ? 'unclosed annotation' : 'unexpected token: unclosed (';
    const start = tokens.starts[open];
    this.note(faultIn('malformed', { start, end: tokens.starts[open + 1] }, kind));
    this.unclosed.set(open, end);
    if (open === this.annotation) this.annotation = -1;
    this.open = this.parent[open];
  }

  private note(fault: Fault): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(fault);
  }
}

function byPlace(a: Fault, b: Fault): number {
  return a.span!.start - b.span!.start;
}

/** What is wrong with tokens and with the heads of annotations, by position. */
function lexicalFaults(tokens: Tokens, annotations: readonly number[]): Fault[] {
  const faults = [...tokens.faults];
  for (const token of annotations) checkAnnotation(tokens, token, faults);
  faults.sort(byPlace);
  if (faults.length > MAX_FAULTS) faults.length = MAX_FAULTS;
  return faults;
}

/** The old links moved, where both trees balance and so does each side of the change; undefined for others. */
function relinked(
  old: Tree,
  { tokens, first, oldEnd, newEnd }: EditedTokens,
  change: Change,
): Tree | undefined {
  if (!old.isBalanced) return undefined;
  const { tokens: before } = old;
  // The tokens in front of the change that were read again are what they were.
  const same = (i: number) =>
    before.starts[i + 1] <= change.start &&
    tokens.starts[i + 1] === before.starts[i + 1] &&
    tokens.kinds[i] === before.kinds[i];
  while (first < oldEnd && first < newEnd && same(first)) first++;
  const around = innermostOpen(old, first);
  const moved = newEnd - oldEnd;
  const wasFlat = balance(before, first, oldEnd);
  const isFlat = balance(tokens, first, newEnd);
  if (wasFlat === Balance.No || isFlat === Balance.No) return undefined;
  let { match, parent, annotations } = old;
  if (moved !== 0 || wasFlat === Balance.Yes || isFlat === Balance.Yes) {
    match = movedLinks(old.match, first, oldEnd, moved, tokens.count + 1);
    parent = movedLinks(old.parent, first, oldEnd, moved, tokens.count + 1);
    for (let open = around; open >= 0; open = parent[open]) match[open] = old.match[open] + moved;
    let open = around;
    for (let i = first; i < newEnd; i++) {
      const kind = tokens.kinds[i];
      if (kind === Tok.Close) {
        match[open] = i;
        match[i] = open;
        open = parent[open];
        parent[i] = open;
      } else {
        parent[i] = open;
        if (kind === Tok.Open || kind === Tok.Annot) open = i;
      }
    }
    annotations = movedAnnotations(old, tokens, parent, { first, oldEnd, newEnd });
  }
  const { unclosed } = old;
  const faults = lexicalFaults(tokens, annotations);
  return { tokens, match, parent, unclosed, annotations, faults, isBalanced: true };
}

/** The innermost form that is open in front of a token; -1 for none. */
function innermostOpen({ tokens: { kinds }, parent }: Tree, token: number): number {
  if (token === 0) return -1;
  const kind = kinds[token - 1];
  return kind === Tok.Open || kind === Tok.Annot ? token - 1 : parent[token - 1];
}

const enum Balance {
  /** A parenthesis among them has no partner among them. */
  No = 0,
  Yes = 1,
  /** There are no parentheses among them. */
  Flat = 2,
}

function balance({ kinds }: Tokens, first: number, end: number): Balance {
  let depth = 0;
  let found = Balance.Flat;
  for (let i = first; i < end; i++) {
    const kind = kinds[i];
    if (kind === Tok.Open || kind === Tok.Annot) {
      depth++;
      found = Balance.Yes;
    } else if (kind === Tok.Close && --depth < 0) return Balance.No;
  }
  return depth === 0 ? found : Balance.No;
}

/** Links with the room of `[first, oldEnd)` made `moved` longer; those into what is behind it follow. */
function movedLinks(
  links: Int32Array,
  first: number,
  oldEnd: number,
  moved: number,
  length: number,
): Int32Array<ArrayBuffer> {
  const out = new Int32Array(length);
  out.set(links.subarray(0, first));
  out.fill(-1, first, oldEnd + moved);
  out.set(links.subarray(oldEnd), oldEnd + moved);
  if (moved !== 0) for (let i = oldEnd + moved; i < length; i++) if (out[i] >= oldEnd) out[i] += moved;
  return out;
}

function movedAnnotations(
  old: Tree,
  { kinds }: Tokens,
  parent: Int32Array,
  { first, oldEnd, newEnd }: { readonly first: number; readonly oldEnd: number; readonly newEnd: number },
): number[] {
  const out: number[] = [];
  for (const token of old.annotations) if (token < first) out.push(token);
  for (let i = first; i < newEnd; i++) {
    if (kinds[i] !== Tok.Annot) continue;
    let around = parent[i];
    while (around >= 0 && kinds[around] !== Tok.Annot) around = parent[around];
    if (around < 0) out.push(i);
  }
  for (const token of old.annotations) if (token >= oldEnd) out.push(token - oldEnd + newEnd);
  return out;
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
