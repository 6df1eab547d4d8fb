/**
 * `textDocument/declaration`: the whole form that introduces what is named at a place: the import of an imported item,
 * else the definition.
 */

import type { DeclarationParams, LocationLink } from 'vscode-languageserver';
import { formEnd } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { definitionFrom } from '../disassembly/targets.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { pointedToken } from '../facts/forms.ts';
import { fieldOf, itemAt } from '../facts/item.ts';
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
  const module = moduleAround(analysis, pos);
  const token = pointedToken(analysis.tree, pos);
  const item = module && token >= 0 ? itemAt(module, token) : undefined;
  const target = item && definitionFrom(analysis, module!, item);
  if (!target) return null;
  const { def, analysis: there } = target;
  const isOwn = def.scope === undefined && def.space !== 'type';
  const field = isOwn ? fieldOf(target.module.assembly.fields, item) : undefined;
  if (!field?.import) return [linkTo(there, def)];
  const { starts } = there.tree.tokens;
  const form = { start: starts[field.open], end: starts[formEnd(there.tree, field.open)] };
  return [linkTo(there, { field: form, span: def.span })];
}
