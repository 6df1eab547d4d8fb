/**
 * `textDocument/implementation`: what stands behind a name. Of an import in a script, the item of the module that
 * exports it; of a type, its subtypes, and for a function type the functions that have it; of anything else, its
 * definition.
 */

import type { ImplementationParams, LocationLink } from 'vscode-languageserver';
import type { Analysis } from '../analysis.ts';
import { definitionFrom } from '../disassembly/targets.ts';
import { exportAt, importedFrom } from '../facts/across-modules.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { pointedToken } from '../facts/forms.ts';
import { type Item, itemAt } from '../facts/item.ts';
import { asClientTakes, linkTo } from '../facts/places.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';

export const implementationFeature: Feature = {
  capabilities: () => ({ implementationProvider: true }),
  register({ connection, about, client }) {
    const linked = client.capabilities.textDocument?.implementation?.linkSupport === true;
    connection.onImplementation(
      about('implementation', 'symbols', null, (analysis, { position }: ImplementationParams) =>
        asClientTakes(implementation(analysis, analysis.document.offsetAt(position)), linked),
      ),
    );
  },
};

/** More are of no use to anybody. */
const MOST = 1000;
/** Imports of imports of imports: a chain that is longer goes round. */
const LONGEST = 20;

export function implementation(analysis: Analysis, pos: number): LocationLink[] | null {
  const module = moduleAround(analysis, pos);
  const token = pointedToken(analysis.tree, pos);
  const item = module && token >= 0 ? itemAt(module, token) : undefined;
  const named = item ? { module: module!, item } : token < 0 ? undefined : exportAt(analysis, token);
  if (!named) return null;
  const found =
    named.item.space === 'type' ? ofType(named.module, named.item.idx) : [behindImports(analysis, named)];
  const links = found.slice(0, MOST).flatMap(({ module: from, item: one }) => {
    const target = definitionFrom(analysis, from, one);
    return target ? [linkTo(target.analysis, target.def)] : [];
  });
  return links.length > 0 ? links : null;
}

interface Named {
  readonly module: ModuleAnalysis;
  readonly item: Item;
}

function behindImports(analysis: Analysis, named: Named): Named {
  for (let i = 0; i < LONGEST; i++) {
    const { module, item } = named;
    const source = item.scope === undefined ? importedFrom(analysis, module, item) : undefined;
    if (!source) break;
    named = source;
  }
  return named;
}

function ofType(module: ModuleAnalysis, idx: number): Named[] {
  const { types = [], funcs = [] } = module.module ?? {};
  const below = types.flatMap(({ supers }, type): Named[] =>
    supers.includes(idx) ? [{ module, item: { space: 'type', idx: type } }] : [],
  );
  const having = funcs.flatMap(({ typeIdx }, func): Named[] =>
    typeIdx === idx ? [{ module, item: { space: 'func', idx: func } }] : [],
  );
  return [...below, ...having];
}
