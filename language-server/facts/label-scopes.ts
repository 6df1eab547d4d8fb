/**
 * Where in its function each label can be branched to. Of flat and folded blocks; from the tokens of one field.
 */

import { ROLES, Role } from '../../engine/text/blocks.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { formEnd, type Tree } from '../../engine/text/tree.ts';
import { bodyStart, significant } from './forms.ts';

export interface LabelScope {
  /** The keyword of the block. */
  readonly keyword: number;
  /** The token of the label; -1 without. */
  readonly id: number;
  /** One past the last token of the block: behind its `)` or `end`. */
  end: number;
  /** The `end`, `else`, `catch` of a flat block: its own keywords. */
  readonly words: number[];
}

/** In the order of the blocks. Blocks that are not ended end with their function. */
export function labelScopes(tree: Tree, field: Field): LabelScope[] {
  const { kinds, words } = tree.tokens;
  const end = formEnd(tree, field.open);
  const scopes: LabelScope[] = [];
  const flat: LabelScope[] = [];
  for (let token = bodyStart(tree, field); token < end; token++) {
    if (kinds[token] === Tok.Annot) token = formEnd(tree, token) - 1;
    if (kinds[token] !== Tok.Keyword) continue;
    const role = ROLES[words[token]];
    if (role === Role.None || role === Role.Plain) continue;
    const open = tree.parent[token];
    const isHead = open >= 0 && significant(tree, open + 1) === token;
    if (role === Role.Block || role === Role.If || role === Role.Try) {
      const next = significant(tree, token + 1);
      const id = kinds[next] === Tok.Id ? next : -1;
      const scope: LabelScope = { keyword: token, id, end: isHead ? formEnd(tree, open) : end, words: [] };
      scopes.push(scope);
      if (!isHead) flat.push(scope);
    } else if (isHead || flat.length === 0) continue;
    else if (role === Role.End || role === Role.Delegate) {
      const scope = flat.pop()!;
      scope.words.push(token);
      scope.end = token + 1;
    } else if (role <= Role.Delegate) flat[flat.length - 1].words.push(token);
  }
  return scopes;
}
