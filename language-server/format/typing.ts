/**
 * What is laid out while somebody types: the indent of a new line, and a form at its closing parenthesis.
 *
 * Works from the place outwards: it looks at the form around, however large the text is.
 */

import { ROLES, Role } from '../../engine/text/blocks.ts';
import { Tok, tokenAt } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { headWord } from '../facts/forms.ts';
import { atOnce } from '../facts/turns.ts';
import { formEdits, type GapEdit, placeOf } from './format.ts';
import { type FormatOptions, Indents, MOST_INDENT } from './options.ts';

/** Tokens of the largest form that its `)` lays out. */
const MOST_TOKENS = 4000;

/** Behind a line break that was typed in front of `pos`. */
export function newLineEdits(tree: Tree, options: FormatOptions, pos: number): readonly GapEdit[] {
  const { text } = tree.tokens;
  let start = pos;
  while (start > 0 && !isBreak(text, start - 1)) start--;
  let end = start;
  while (text[end] === ' ' || text[end] === '\t') end++;
  const column = indentFor(tree, options, start, end);
  if (column === undefined) return [];
  const wanted = new Indents(options).at(Math.min(column, MOST_INDENT));
  return text.slice(start, end) === wanted ? [] : [{ start, end, text: wanted }];
}

/** Behind a `)` that was typed in front of `pos`. */
export function closedFormEdits(tree: Tree, options: FormatOptions, pos: number): readonly GapEdit[] {
  const { kinds, starts } = tree.tokens;
  const close = pos > 0 ? tokenAt(tree.tokens, pos - 1) : -1;
  if (close < 0 || kinds[close] !== Tok.Close || starts[close] !== pos - 1) return [];
  const open = tree.match[close];
  if (open < 0 || kinds[open] !== Tok.Open || close - open > MOST_TOKENS || isInAnnotation(tree, open))
    return [];
  if (headWord(tree, open) === 'module') return [];
  return atOnce(formEdits(tree, options, open)) ?? [];
}

/** The column of what stands at `pos`, on the line that begins at `lineStart`; undefined inside of strings and comments. */
function indentFor(tree: Tree, options: FormatOptions, lineStart: number, pos: number): number | undefined {
  const { kinds, starts, words, count } = tree.tokens;
  const token = pos >= starts[count] ? count : tokenAt(tree.tokens, pos);
  const before = lineStart > 0 ? tokenAt(tree.tokens, lineStart - 1) : -1;
  const isInside = before >= 0 && kinds[before] === Tok.BlockComment && starts[before + 1] > lineStart;
  if (isInside || (token < count && isInAnnotation(tree, token))) return undefined;
  // In front of a `)` there is more to come: editors close parentheses at once.
  const isClose = kinds[token] === Tok.Close;
  const open = isClose ? tree.match[token] : openAround(tree, token, before);
  if (open < 0) return isClose ? undefined : 0;
  const { indent } = placeOf(tree, open, options.tabSize);
  const blocks = openBlocks(tree, open, pos);
  const role = kinds[token] === Tok.Keyword ? ROLES[words[token]] : Role.None;
  const ends = role >= Role.Else && role <= Role.Delegate;
  const block = blocks.at(-1);
  if (block === undefined) return indent + options.tabSize;
  return placeOf(tree, block, options.tabSize).indent + (ends ? 0 : options.tabSize);
}

function openAround(tree: Tree, token: number, before: number): number {
  const { kinds, count } = tree.tokens;
  if (token < count) return tree.parent[token];
  // Behind the last token: what is not closed goes on.
  if (before < 0) return -1;
  return kinds[before] === Tok.Open ? before : tree.parent[before];
}

/** The keywords of the flat blocks of a form that are open at a place. */
function openBlocks(tree: Tree, open: number, pos: number): number[] {
  const { kinds, starts, words } = tree.tokens;
  const end = formEnd(tree, open);
  const blocks: number[] = [];
  for (let token = open + 2; token < end && starts[token] < pos; token++) {
    if (kinds[token] === Tok.Open || kinds[token] === Tok.Annot) token = formEnd(tree, token) - 1;
    if (kinds[token] !== Tok.Keyword) continue;
    const role = ROLES[words[token]];
    if (role === Role.Block || role === Role.If || role === Role.Try) blocks.push(token);
    else if (role === Role.End || role === Role.Delegate) blocks.pop();
  }
  return blocks;
}

function isInAnnotation(tree: Tree, token: number): boolean {
  for (let open = tree.parent[token]; open >= 0; open = tree.parent[open]) {
    if (tree.tokens.kinds[open] === Tok.Annot) return true;
  }
  return false;
}

function isBreak(text: string, pos: number): boolean {
  const char = text.charCodeAt(pos);
  return char === 0x0a || char === 0x0d;
}
