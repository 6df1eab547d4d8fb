/**
 * `textDocument/typeDefinition`: the type of what is named at a place, where a `(type …)` defines it: the signature of a
 * function or tag, the struct, array or function that a local, global, field or table refers to.
 */

import type { LocationLink, TypeDefinitionParams } from 'vscode-languageserver';
import type { Analysis } from '../analysis.ts';
import { definitionFrom } from '../disassembly/targets.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { pointedToken } from '../facts/forms.ts';
import { itemAt } from '../facts/item.ts';
import { typeOfItem } from '../facts/item-type.ts';
import { asClientTakes, linkTo } from '../facts/places.ts';
import type { Feature } from '../feature.ts';

export const typeDefinitionFeature: Feature = {
  capabilities: () => ({ typeDefinitionProvider: true }),
  register({ connection, about, client }) {
    const linked = client.capabilities.textDocument?.typeDefinition?.linkSupport === true;
    connection.onTypeDefinition(
      about('type definition', 'symbols', null, (analysis, { position }: TypeDefinitionParams) =>
        asClientTakes(typeDefinition(analysis, analysis.document.offsetAt(position)), linked),
      ),
    );
  },
};

export function typeDefinition(analysis: Analysis, pos: number): LocationLink[] | null {
  const module = moduleAround(analysis, pos);
  const token = pointedToken(analysis.tree, pos);
  const item = module && token >= 0 ? itemAt(module, token) : undefined;
  const idx = item && typeOfItem(module!, item);
  const target = idx === undefined ? undefined : definitionFrom(analysis, module!, { space: 'type', idx });
  return target ? [linkTo(target.analysis, target.def)] : null;
}
