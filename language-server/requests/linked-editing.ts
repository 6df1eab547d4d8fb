/**
 * `textDocument/linkedEditingRange`: a label where its block begins, and where `else` and `end` repeat it. They must
 * be equal, so typing in one changes all.
 */

import type { LinkedEditingRangeParams, LinkedEditingRanges } from 'vscode-languageserver';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import { Tok } from '../../engine/text/lexer.ts';
import type { Analysis } from '../analysis.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { pointedToken } from '../facts/forms.ts';
import { definitionOf, itemAt } from '../facts/item.ts';
import { previous } from '../facts/place.ts';
import type { Feature } from '../feature.ts';

export const linkedEditingFeature: Feature = {
  capabilities: () => ({ linkedEditingRangeProvider: true }),
  register({ connection, about }) {
    connection.languages.onLinkedEditingRange(
      about('linked editing', 'symbols', null, (analysis, { position }: LinkedEditingRangeParams) =>
        linkedEditing(analysis, analysis.document.offsetAt(position)),
      ),
    );
  },
};

const ID_PATTERN = "\\$[!#$%&'*+\\-./:<=>?@\\\\^_`|~0-9A-Za-z]*";

/** Null where nothing has to be equal. */
export function linkedEditing(analysis: Analysis, pos: number): LinkedEditingRanges | null {
  const { document, tree } = analysis;
  const { kinds, words } = tree.tokens;
  const token = pointedToken(tree, pos);
  const module = moduleAround(analysis, pos);
  const item = module && token >= 0 && kinds[token] === Tok.Id ? itemAt(module, token) : undefined;
  if (item?.space !== 'label') return null;
  const def = definitionOf(module!, item);
  if (def?.name === undefined) return null;
  const repeated = module!.assembly.symbols.usesOf('label', item.idx, item.scope).filter((use) => {
    const role = ROLES[words[previous(tree, use.token)]];
    return kinds[use.token] === Tok.Id && (role === Role.End || role === Role.Else);
  });
  const all = [def, ...repeated];
  if (all.length < 2 || !all.some((one) => one.token === token)) return null;
  return {
    ranges: all.map(({ span: { start, end } }) => ({
      start: document.positionAt(start),
      end: document.positionAt(end),
    })),
    wordPattern: ID_PATTERN,
  };
}
