/**
 * `textDocument/declaration`: the whole form that introduces what is named at a place: the import of an imported item,
 * else the definition.
 */

import type { DeclarationParams, LocationLink } from 'vscode-languageserver';
import { formEnd } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { pointedToken } from '../facts/forms.ts';
import { definitionOf, fieldOf, itemAt } from '../facts/item.ts';
import { asClientTakes, linkTo } from '../facts/places.ts';
import type { Feature } from '../feature.ts';

export const declarationFeature: Feature = {
  capabilities: () => ({ declarationProvider: true }),
  register({ connection, about, client }) {
    const linked = client.capabilities.textDocument?.declaration?.linkSupport === true;
    connection.onDeclaration(
      about('declaration', 'symbols', null, (analysis, { position }: DeclarationParams) =>
        asClientTakes(declaration(analysis, analysis.document.offsetAt(position)), linked),
      ),
    );
  },
};

export function declaration(analysis: Analysis, pos: number): LocationLink[] | null {
  const { tree } = analysis;
  const module = analysis.moduleAt(pos);
  const token = pointedToken(tree, pos);
  const item = module && token >= 0 ? itemAt(module, token) : undefined;
  const def = item && definitionOf(module!, item);
  if (!def) return null;
  const isOwn = def.scope === undefined && def.space !== 'type';
  const field = isOwn ? fieldOf(module!.assembly.fields, item) : undefined;
  if (!field?.import) return [linkTo(analysis, def)];
  const { starts } = tree.tokens;
  const form = { start: starts[field.open], end: starts[formEnd(tree, field.open)] };
  return [linkTo(analysis, { field: form, span: def.span })];
}
