/**
 * Looking at the forms of a text: where parts of a module field begin, and a form in one line without comments.
 *
 * Knows tokens and parentheses, no meanings.
 */

import type { Field } from '../../engine/text/fields.ts';
import { isTrivia, Tok, tokenAt, tokenText } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { word, wordText } from '../../engine/text/words.ts';

const HEADER_WORDS: ReadonlySet<number> = new Set(
  (['export', 'import', 'type', 'param', 'result', 'local'] as const).map(word),
);
const LOCAL = word('local');

/** The first token at or behind `token` that is neither space, comment nor annotation. */
export function significant(tree: Tree, token: number): number {
  const { kinds } = tree.tokens;
  for (;;) {
    if (kinds[token] === Tok.Annot) token = formEnd(tree, token);
    else if (isTrivia(kinds[token])) token++;
    else return token;
  }
}

/** The keyword of the form that opens at `open`; empty if it has none that we know. */
export function headWord(tree: Tree, open: number): string {
  return wordText(tree.tokens.words[significant(tree, open + 1)]);
}

/** The token where the instructions of a function begin, behind its parameters, results and locals. */
export function bodyStart(tree: Tree, field: Field): number {
  return behindForms(tree, field, (keyword) => HEADER_WORDS.has(keyword));
}

/** The token behind a function's type: its locals, or its instructions. */
export function signatureEnd(tree: Tree, field: Field): number {
  return behindForms(tree, field, (keyword) => HEADER_WORDS.has(keyword) && keyword !== LOCAL);
}

function behindForms(tree: Tree, field: Field, accepts: (keyword: number) => boolean): number {
  const { kinds, words } = tree.tokens;
  const end = formEnd(tree, field.open);
  let token = significant(tree, field.at);
  while (token < end && kinds[token] === Tok.Open && accepts(words[significant(tree, token + 1)])) {
    token = significant(tree, formEnd(tree, token));
  }
  return Math.min(token, end);
}

/** The tokens `[from, to)` as one line, without comments; what is longer than `limit` characters ends in `…`. */
export function oneLine(tree: Tree, from: number, to: number, limit = 240): string {
  const { tokens } = tree;
  let line = '';
  let gap = false;
  for (let token = from; token < to; token++) {
    const kind = tokens.kinds[token];
    if (kind === Tok.Annot) token = formEnd(tree, token) - 1;
    if (kind === Tok.Annot || isTrivia(kind)) {
      gap = true;
      continue;
    }
    if (gap && line !== '' && kind !== Tok.Close && !line.endsWith('(')) line += ' ';
    gap = false;
    line += tokenText(tokens, token);
    if (line.length > limit) return `${line.slice(0, limit)} …`;
  }
  return line;
}

/** The token that someone pointing at `pos` means: the one there, or the word that ends there. */
export function pointedToken(tree: Tree, pos: number): number {
  const { tokens } = tree;
  const token = tokenAt(tokens, pos);
  if (token <= 0 || tokens.starts[token] !== pos || tokens.kinds[token] >= Tok.Keyword) return token;
  return tokens.kinds[token - 1] >= Tok.Keyword ? token - 1 : token;
}
