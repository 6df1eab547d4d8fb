/**
 * `textDocument/references`: every use of the item at a place, by name and by index. In a part of a binary: in all of
 * that.
 */

import type { CancellationToken, Location, ReferenceParams } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Analysis } from '../analysis.ts';
import { locationOf, targetOf } from '../disassembly/targets.ts';
import { usesInModule } from '../disassembly/uses.ts';
import { pointedToken } from '../facts/forms.ts';
import { definitionOf, itemAt } from '../facts/item.ts';
import type { Feature } from '../feature.ts';

export const referencesFeature: Feature = {
  capabilities: () => ({ referencesProvider: true }),
  register({ connection, about }) {
    connection.onReferences(
      about('references', 'symbols', [], (analysis, { position, context }: ReferenceParams, { token }) => {
        const withDefinition = context?.includeDeclaration ?? false;
        return references(analysis, analysis.document.offsetAt(position), withDefinition, token);
      }),
    );
  },
};

export async function references(
  analysis: Analysis,
  pos: number,
  withDefinition: boolean,
  token: CancellationToken,
): Promise<Location[]> {
  const { document, tree } = analysis;
  const module = analysis.moduleAt(pos);
  const item = module && itemAt(module, pointedToken(tree, pos));
  if (!item) return [];
  const everywhere = await usesInModule(module, item, token);
  if (everywhere) {
    const target = withDefinition ? targetOf(module, item) : undefined;
    return [...(target ? [locationOf(target)] : []), ...everywhere];
  }
  const location = ({ start, end }: Span): Location => ({
    uri: document.uri,
    range: { start: document.positionAt(start), end: document.positionAt(end) },
  });
  const def = withDefinition ? definitionOf(module, item) : undefined;
  const uses = module.assembly.symbols.usesOf(item.space, item.idx, item.scope);
  return [...(def ? [location(def.span)] : []), ...uses.map(({ span }) => location(span))];
}
