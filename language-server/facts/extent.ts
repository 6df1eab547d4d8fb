/**
 * How many bytes functions and blocks have, and which block an `end` or `else` belongs to.
 */

import { ROLES, Role } from '../../engine/text/blocks.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { counted } from './counted.ts';
import { offsetOf } from './offset.ts';
import { fieldAt, headToken } from './place.ts';
import { labelsBefore } from './typed.ts';

/** How far a block's end is looked for, in tokens. */
const MOST = 200_000;

/** `57 bytes at 0x3f to 0x77`: the code of a function with its locals; undefined for imports. */
export function functionExtent({ module }: ModuleAnalysis, field: Field): string | undefined {
  const range = module?.funcs[field.idx]?.body?.range;
  return range && extentText(range.start, range.end);
}

/** The same of a block, from its first byte to behind its `end`. */
export function blockExtent(module: ModuleAnalysis, keyword: number): string | undefined {
  const { tree } = module;
  const last = blockEnd(tree, keyword);
  if (last < 0) return undefined;
  const { starts } = tree.tokens;
  const begin = offsetOf(module, starts[keyword]);
  const end = offsetOf(module, starts[last]);
  return begin < 0 || end < 0 ? undefined : extentText(begin, end + 1);
}

/** The keyword of the block that the bare `end` or `else` at a token belongs to; -1 for the function's own. */
export function blockOf({ tree, assembly }: ModuleAnalysis, token: number): number {
  const field = fieldAt(tree, assembly.fields, tree.tokens.starts[token]);
  return field?.kind === 'func' ? labelsBefore(tree, field, token)[0].keyword : -1;
}

/** The token that stands for a block's end: its `end`, or the `)` of a folded one; -1 if it is missing. */
function blockEnd(tree: Tree, keyword: number): number {
  const { kinds, words, count } = tree.tokens;
  const open = tree.parent[keyword];
  if (open >= 0 && headToken(tree, open) === keyword) return tree.match[open];
  let depth = 0;
  for (let token = keyword; token < count && token < keyword + MOST; token++) {
    if (kinds[token] === Tok.Annot) token = formEnd(tree, token) - 1;
    if (kinds[token] === Tok.Close && tree.parent[token] === tree.parent[open] && open >= 0) return -1;
    if (kinds[token] !== Tok.Keyword) continue;
    const around = tree.parent[token];
    if (around >= 0 && headToken(tree, around) === token) continue;
    const role = ROLES[words[token]];
    if (role === Role.Block || role === Role.If || role === Role.Try) depth++;
    else if ((role === Role.End || role === Role.Delegate) && --depth === 0) return token;
  }
  return -1;
}

function extentText(start: number, end: number): string {
  const size = end - start;
  return `${counted(size, 'byte')} at 0x${start.toString(16)} to 0x${(end - 1).toString(16)}`;
}
