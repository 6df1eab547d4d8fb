/**
 * The comment that documents a definition: the comment lines right above its form.
 */

import { Tok, tokenText } from '../../engine/text/lexer.ts';
import type { Tree } from '../../engine/text/tree.ts';

/** The text of the comments above the form at `open`, without their marks; empty if there is none. */
export function commentAbove(tree: Tree, open: number): string {
  const { tokens } = tree;
  const { kinds } = tokens;
  const parts: string[] = [];
  let token = open - 1;
  while (token >= 0 && kinds[token] === Tok.Space && lineBreaks(tokenText(tokens, token)) === 1) {
    token--;
    if (token < 0 || (kinds[token] !== Tok.LineComment && kinds[token] !== Tok.BlockComment)) break;
    if (!startsLine(tree, token)) break;
    parts.unshift(withoutMarks(tokenText(tokens, token)));
    token--;
  }
  return parts.join('\n').trim();
}

function lineBreaks(space: string): number {
  return space.match(/\r\n|\r|\n/g)?.length ?? 0;
}

function startsLine(tree: Tree, token: number): boolean {
  const { tokens } = tree;
  if (token === 0) return true;
  return (
    tokens.kinds[token - 1] === Tok.Space && (token === 1 || lineBreaks(tokenText(tokens, token - 1)) > 0)
  );
}

function withoutMarks(comment: string): string {
  if (comment.startsWith(';;')) return comment.replace(/^;+ ?/, '').trimEnd();
  return comment
    .replace(/^\(;+/, '')
    .replace(/;+\)$/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .join('\n')
    .trim();
}
