/**
 * `textDocument/references`: every use of the item at a place, by name and by index.
 */

import type { Location, ReferenceParams } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Analysis } from '../analysis.ts';
import { pointedToken } from '../facts/forms.ts';
import { definitionOf, itemAt } from '../facts/item.ts';
import type { Feature } from '../feature.ts';

export const referencesFeature: Feature = {
  capabilities: () => ({ referencesProvider: true }),
  register({ connection, about }) {
    connection.onReferences(
      about('references', 'symbols', [], (analysis, { position, context }: ReferenceParams) =>
        references(analysis, analysis.document.offsetAt(position), context?.includeDeclaration ?? false),
      ),
    );
  },
};

export function references(analysis: Analysis, pos: number, withDefinition: boolean): Location[] {
  const { document, tree } = analysis;
  const module = analysis.moduleAt(pos);
  const item = module && itemAt(module, pointedToken(tree, pos));
  if (!item) return [];
  const location = ({ start, end }: Span): Location => ({
    uri: document.uri,
    range: { start: document.positionAt(start), end: document.positionAt(end) },
  });
  const def = withDefinition ? definitionOf(module, item) : undefined;
  const uses = module.assembly.symbols.usesOf(item.space, item.idx, item.scope);
  return [...(def ? [location(def.span)] : []), ...uses.map(({ span }) => location(span))];
}
