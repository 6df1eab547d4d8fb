/**
 * `textDocument/prepareTypeHierarchy`, `typeHierarchy/supertypes` and `typeHierarchy/subtypes`: what the types of a module
 * declare by `sub`.
 */

import { SymbolKind, type TypeHierarchyItem, type TypeHierarchyPrepareParams } from 'vscode-languageserver';
import { writtenId } from '../../engine/text/strings.ts';
import type { Analysis } from '../analysis.ts';
import { definitionFrom } from '../disassembly/targets.ts';
import { pointedToken } from '../facts/forms.ts';
import { itemAt } from '../facts/item.ts';
import { typeOfItem } from '../facts/item-type.ts';
import { rangeOf } from '../facts/places.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';

export const typeHierarchyFeature: Feature = {
  capabilities: () => ({ typeHierarchyProvider: true }),
  register({ connection, about }) {
    const { typeHierarchy } = connection.languages;
    typeHierarchy.onPrepare(
      about('type hierarchy', 'symbols', null, (analysis, { position }: TypeHierarchyPrepareParams) =>
        prepareTypeHierarchy(analysis, analysis.document.offsetAt(position)),
      ),
    );
    const above = about('supertypes', 'symbols', null, (analysis, { item }: OfItem) =>
      supertypes(analysis, item),
    );
    const below = about('subtypes', 'symbols', null, (analysis, { item }: OfItem) =>
      subtypes(analysis, item),
    );
    typeHierarchy.onSupertypes(({ item }, token) => above({ item, textDocument: item }, token));
    typeHierarchy.onSubtypes(({ item }, token) => below({ item, textDocument: item }, token));
  },
};

interface OfItem {
  readonly item: TypeHierarchyItem;
  readonly textDocument: { readonly uri: string };
}

/** What items carry: the module in its document, and the type in that. */
interface Data {
  readonly module: number;
  readonly type: number;
}

const KINDS = { func: SymbolKind.Function, struct: SymbolKind.Struct, array: SymbolKind.Array } as const;

/** The type named at a place, or the type of what is. */
export function prepareTypeHierarchy(analysis: Analysis, pos: number): TypeHierarchyItem[] | null {
  const module = analysis.moduleAt(pos);
  const token = pointedToken(analysis.tree, pos);
  const item = module && token >= 0 ? itemAt(module, token) : undefined;
  if (!item) return null;
  const idx = item.space === 'type' ? item.idx : typeOfItem(module!, item);
  const found = idx === undefined ? undefined : itemOf(analysis, module!, idx);
  return found ? [found] : null;
}

export function supertypes(analysis: Analysis, { data }: TypeHierarchyItem): TypeHierarchyItem[] | null {
  const { module, type } = locate(analysis, data);
  const supers = module?.module?.types[type]?.supers ?? [];
  return module ? supers.flatMap((idx) => itemOf(analysis, module, idx) ?? []) : null;
}

export function subtypes(analysis: Analysis, { data }: TypeHierarchyItem): TypeHierarchyItem[] | null {
  const { module, type } = locate(analysis, data);
  const types = module?.module?.types ?? [];
  return module
    ? types.flatMap(({ supers }, idx) => (supers.includes(type) ? (itemOf(analysis, module, idx) ?? []) : []))
    : null;
}

function locate(analysis: Analysis, data: Data | undefined): { module?: ModuleAnalysis; type: number } {
  return { module: analysis.modules[data?.module ?? -1], type: data?.type ?? -1 };
}

function itemOf(analysis: Analysis, module: ModuleAnalysis, idx: number): TypeHierarchyItem | undefined {
  const target = definitionFrom(analysis, module, { space: 'type', idx });
  const type = module.module?.types[idx];
  if (!target || !type) return undefined;
  const { def, analysis: there } = target;
  const { composite } = type;
  const data: Data = { module: there.modules.indexOf(target.module), type: idx };
  return {
    name: def.name === undefined ? `type ${idx}` : writtenId(def.name),
    kind: KINDS[composite.kind],
    detail: type.final ? `final ${composite.kind}` : composite.kind,
    uri: there.document.uri,
    range: rangeOf(there, def.field),
    selectionRange: rangeOf(there, def.span),
    data,
  };
}
