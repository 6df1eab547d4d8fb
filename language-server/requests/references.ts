/**
 * `textDocument/references`: every use of the item at a place, by name and by index. In a part of a binary: in all of
 * that.
 */

import type { CancellationToken, Location, ReferenceParams } from 'vscode-languageserver';
import { tokenSpan } from '../../engine/text/lexer.ts';
import type { Analysis } from '../analysis.ts';
import { locationOf, targetOf } from '../disassembly/targets.ts';
import { usesInModule } from '../disassembly/uses.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { componentDefinition, componentItemAt, componentUses, spanOf } from '../facts/component-item.ts';
import { pointedToken } from '../facts/forms.ts';
import { definitionOf, itemAt } from '../facts/item.ts';
import { locationOfSpan } from '../facts/places.ts';
import { scriptNameAt } from '../facts/script-names.ts';
import type { Feature } from '../feature.ts';
import { witReferences } from '../wit/navigation.ts';

export const referencesFeature: Feature = {
  capabilities: () => ({ referencesProvider: true }),
  register({ connection, about }) {
    connection.onReferences(
      about(
        'references',
        'symbols',
        [],
        (analysis, { position, context }: ReferenceParams, { token }) => {
          const withDefinition = context?.includeDeclaration ?? false;
          return references(analysis, analysis.document.offsetAt(position), withDefinition, token);
        },
        (view, { position, context }) =>
          witReferences(view, view.document.offsetAt(position), context?.includeDeclaration ?? false),
      ),
    );
  },
};

export async function references(
  analysis: Analysis,
  pos: number,
  withDefinition: boolean,
  cancellation: CancellationToken,
): Promise<Location[]> {
  const { tree } = analysis;
  const inComponent = componentItemAt(analysis, pos);
  if (inComponent) {
    const def = withDefinition ? componentDefinition(inComponent) : undefined;
    const spans = componentUses(inComponent);
    const all = def ? [spanOf(inComponent.component, def.token), ...spans] : spans;
    return all.map((span) => locationOfSpan(analysis, span));
  }
  const module = moduleAround(analysis, pos);
  const token = pointedToken(tree, pos);
  const item = module && itemAt(module, token);
  if (!item) return token < 0 ? [] : referencesInScript(analysis, token, withDefinition);
  const everywhere = await usesInModule(module, item, cancellation);
  if (everywhere) {
    const target = withDefinition ? targetOf(module, item) : undefined;
    return [...(target ? [locationOf(target)] : []), ...everywhere];
  }
  const def = withDefinition ? definitionOf(module, item) : undefined;
  const uses = module.assembly.symbols.usesOf(item.space, item.idx, item.scope);
  const spans = uses.map(({ span }) => span);
  return (def ? [def.span, ...spans] : spans).map((span) => locationOfSpan(analysis, span));
}

/** Of a module or thread of a script. */
function referencesInScript(analysis: Analysis, token: number, withDefinition: boolean): Location[] {
  const { script, tree } = analysis;
  const name = script && scriptNameAt(tree, token);
  if (!name) return [];
  const tokens = withDefinition && name.token >= 0 ? [name.token, ...name.uses] : name.uses;
  return tokens.map((at) => locationOfSpan(analysis, tokenSpan(tree.tokens, at)));
}
