/**
 * `textDocument/definition`: where the name or index at a place is defined. In a part of a binary that may be another
 * document.
 */

import type { DefinitionParams, Location } from 'vscode-languageserver';
import type { Analysis } from '../analysis.ts';
import { locationOf, targetOf } from '../disassembly/targets.ts';
import { pointedToken } from '../facts/forms.ts';
import { definitionOf, itemAt } from '../facts/item.ts';
import type { Feature } from '../feature.ts';

export const definitionFeature: Feature = {
  capabilities: () => ({ definitionProvider: true }),
  register({ connection, about }) {
    connection.onDefinition(
      about('definition', 'symbols', null, (analysis, { position }: DefinitionParams) =>
        definition(analysis, analysis.document.offsetAt(position)),
      ),
    );
  },
};

export function definition(analysis: Analysis, pos: number): Location | null {
  const { document, tree } = analysis;
  const module = analysis.moduleAt(pos);
  const item = module && itemAt(module, pointedToken(tree, pos));
  if (!item) return null;
  const def = definitionOf(module, item);
  if (!def) {
    const target = targetOf(module, item);
    return target ? locationOf(target) : null;
  }
  const { start, end } = def.span;
  return { uri: document.uri, range: { start: document.positionAt(start), end: document.positionAt(end) } };
}
