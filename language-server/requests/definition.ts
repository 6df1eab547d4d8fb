/**
 * `textDocument/definition`: where the name or index at a place is defined. In a part of a binary that may be another
 * document.
 */

import type { DefinitionParams, Location } from 'vscode-languageserver';
import { tokenSpan } from '../../engine/text/lexer.ts';
import type { Analysis } from '../analysis.ts';
import { definitionFrom, locationOf } from '../disassembly/targets.ts';
import { exportAt } from '../facts/across-modules.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { componentDefinition, componentItemAt, spanOf } from '../facts/component-item.ts';
import { pointedToken } from '../facts/forms.ts';
import { definitionOf, itemAt } from '../facts/item.ts';
import { locationOfSpan } from '../facts/places.ts';
import { scriptNameAt } from '../facts/script-names.ts';
import type { Feature } from '../feature.ts';
import { witDefinition } from '../wit/navigation.ts';

export const definitionFeature: Feature = {
  capabilities: () => ({ definitionProvider: true }),
  register({ connection, about }) {
    connection.onDefinition(
      about(
        'definition',
        'symbols',
        null,
        (analysis, { position }: DefinitionParams) =>
          definition(analysis, analysis.document.offsetAt(position)),
        (view, { position }) => witDefinition(view, view.document.offsetAt(position)),
      ),
    );
  },
};

export function definition(analysis: Analysis, pos: number): Location | null {
  const { tree } = analysis;
  const inComponent = componentItemAt(analysis, pos);
  if (inComponent) {
    const def = componentDefinition(inComponent);
    return def ? locationOfSpan(analysis, spanOf(inComponent.component, def.token)) : null;
  }
  const module = moduleAround(analysis, pos);
  const token = pointedToken(tree, pos);
  const item = module && itemAt(module, token);
  if (!item) return token < 0 ? null : definitionInScript(analysis, token);
  const target = definitionFrom(analysis, module, item);
  return target ? locationOf(target) : null;
}

/** The module that a command of a script names, or the item that an action means by its export's name. */
function definitionInScript(analysis: Analysis, token: number): Location | null {
  const { script, tree } = analysis;
  if (!script) return null;
  const name = scriptNameAt(tree, token);
  if (name) return name.token < 0 ? null : locationOfSpan(analysis, tokenSpan(tree.tokens, name.token));
  const found = exportAt(analysis, token);
  const def = found && definitionOf(found.module, found.item);
  return def ? locationOfSpan(analysis, def.span) : null;
}
