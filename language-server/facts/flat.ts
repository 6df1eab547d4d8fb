/**
 * Flat code around a token: the blocks from their keyword to their `end`, and the instruction itself.
 *
 * Looks at the direct children of one form; knows parentheses and keywords only, so it works in unfinished code too.
 */

import { ROLES, Role } from '../../engine/text/blocks.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { significant } from './forms.ts';

/** Tokens `[first, end)`. */
export interface TokenRange {
  readonly first: number;
  readonly end: number;
}

/** The flat instruction at a token and the flat blocks around it inside of the form at `open`: innermost first. */
export function flatAround(tree: Tree, open: number, token: number): TokenRange[] {
  const { kinds, words } = tree.tokens;
  const end = formEnd(tree, open);
  const found: TokenRange[] = [];
  const blocks: number[] = [];
  let head = -1;
  let headEnd = -1;
  /** One past the last child. */
  let last = -1;
  const headDone = () => {
    if (head >= 0 && head <= token && token < headEnd) found.unshift({ first: head, end: headEnd });
    head = -1;
  };
  for (let at = significant(tree, significant(tree, open + 1) + 1); at < end; at = significant(tree, at)) {
    const kind = kinds[at];
    if (kind === Tok.Close) break;
    if (kind === Tok.Open) {
      const inside = ROLES[words[significant(tree, at + 1)]];
      if (inside >= Role.Plain && inside <= Role.Try) headDone();
      at = formEnd(tree, at);
      last = at;
      if (head >= 0) headEnd = at;
      continue;
    }
    const role = kind === Tok.Keyword ? ROLES[words[at]] : Role.None;
    if (role !== Role.None) headDone();
    if (role >= Role.Plain && role <= Role.Try) head = at;
    if (role === Role.Block || role === Role.If || role === Role.Try) blocks.push(at);
    at++;
    last = at;
    if (head >= 0) headEnd = at;
    if (role !== Role.End && role !== Role.Delegate) continue;
    const first = blocks.pop();
    const label = significant(tree, at);
    if (kinds[label] === Tok.Id || (role === Role.Delegate && kinds[label] === Tok.Int)) at = label + 1;
    if (first !== undefined && first <= token && token < at) found.push({ first, end: at });
  }
  headDone();
  // Blocks that are not ended yet go on to the end of the form.
  while (blocks.length > 0) {
    const first = blocks.pop()!;
    if (first <= token && token < last) found.push({ first, end: last });
  }
  return found;
}
