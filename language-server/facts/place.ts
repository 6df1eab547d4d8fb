/**
 * Where in a text somebody is writing: the word at the caret, the forms around it, the field.
 *
 * Knows tokens and parentheses, and works from the place outwards: nothing here looks at the whole text. A word that
 * ends at the caret counts as the one being written.
 */

import type { Span } from '../../engine/base/errors.ts';
import type { Field } from '../../engine/text/fields.ts';
import { isTrivia, Tok, tokenAt, tokenSpan, tokenText } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { headWord, significant } from './forms.ts';

export interface Place {
  readonly pos: number;
  /** The token being written: a word, a name, a number, a string, an annotation's `(@id`; -1 for none. */
  readonly word: number;
  /** What a suggestion replaces: the whole word, or nothing at the caret. */
  readonly span: Span;
  /** The word up to the caret. */
  readonly prefix: string;
  /** The innermost form around the caret; -1 at the top. */
  readonly open: number;
  readonly inComment: boolean;
}

export function placeAt(tree: Tree, pos: number): Place {
  const { kinds, starts, text, count } = tree.tokens;
  const at = tokenAt(tree.tokens, pos);
  const here = { pos, word: -1, span: { start: pos, end: pos }, prefix: '', open: -1, inComment: false };
  if (at < 0) return here;
  const atEnd = pos >= starts[count];
  const boundary = atEnd || starts[at] === pos;
  const before = atEnd ? at : at - 1;
  const word = !boundary ? at : before >= 0 && endsInWord(tree, before) ? before : -1;
  if (word >= 0 && isWord(kinds[word])) {
    const whole = tokenSpan(tree.tokens, word);
    // A string without its end has swallowed what comes behind it.
    const span = isUnfinished(text.slice(whole.start, whole.end)) ? { start: whole.start, end: pos } : whole;
    return { ...here, word, span, prefix: text.slice(span.start, pos), open: tree.parent[word] };
  }
  if (!boundary) {
    const inComment = kinds[at] === Tok.LineComment || kinds[at] === Tok.BlockComment;
    return { ...here, open: tree.parent[at], inComment };
  }
  if (before < 0) return here;
  // A comment to the end of the line has its line break behind it.
  if (kinds[before] === Tok.LineComment) return { ...here, open: tree.parent[before], inComment: true };
  return { ...here, open: kinds[before] === Tok.Open ? before : tree.parent[before] };
}

function isUnfinished(word: string): boolean {
  if (!word.startsWith('"') && !word.startsWith('$"')) return false;
  return !/^\$?"(?:[^"\\]|\\.)*"$/s.test(word);
}

/** A string that is closed ends before the caret; a word goes on. */
function endsInWord({ tokens }: Tree, token: number): boolean {
  const kind = tokens.kinds[token];
  return kind === Tok.String ? isUnfinished(tokenText(tokens, token)) : isWord(kind);
}

function isWord(kind: number): boolean {
  return kind === Tok.Annot || (kind >= Tok.Keyword && kind < Tok.End);
}

/** The token where the place is: the word being written, else the first token behind the caret. */
export function tokenOf({ tokens }: Tree, { word, pos }: Place): number {
  if (word >= 0) return word;
  const at = tokenAt(tokens, pos);
  return at < 0 || tokens.starts[at] >= pos ? Math.max(at, 0) : at + 1;
}

/** The token before `token` that is neither space nor comment nor annotation; -1 if there is none. */
export function previous(tree: Tree, token: number): number {
  const { kinds } = tree.tokens;
  for (let at = token - 1; at >= 0; at--) {
    if (kinds[at] === Tok.Close && tree.match[at] >= 0 && kinds[tree.match[at]] === Tok.Annot) {
      at = tree.match[at];
    } else if (!isTrivia(kinds[at]) && kinds[at] !== Tok.Annot) return at;
  }
  return -1;
}

/** The keyword token of the form at `open`; the token behind it if it has none. */
export function headToken(tree: Tree, open: number): number {
  return significant(tree, open + 1);
}

/** The keyword of a form; empty at the top and for a form without one. */
export function headOf(tree: Tree, open: number): string {
  return open < 0 ? '' : headWord(tree, open);
}

/** The field around a position, or one that ends there: fields are in the order of the text. */
export function fieldAt(tree: Tree, fields: readonly Field[], pos: number): Field | undefined {
  const { starts } = tree.tokens;
  const field = fields[lastField(fields, ({ open }) => starts[open] <= pos)];
  return field && pos <= starts[formEnd(tree, field.open)] ? field : undefined;
}

/** The number of the last field that begins at or before a token; -1 if there is none. */
export function fieldBefore(fields: readonly Field[], token: number): number {
  return lastField(fields, ({ open }) => open <= token);
}

function lastField(fields: readonly Field[], isBefore: (field: Field) => boolean): number {
  let low = 0;
  let high = fields.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (isBefore(fields[middle])) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}
