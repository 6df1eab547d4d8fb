/**
 * What WIT types are made of: the types and names inside of them.
 */

import type { TypeItem, WitType } from './ast.ts';

/** The types right inside of one. */
export function witPartsOf(type: WitType): readonly WitType[] {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'tuple':
      return type.types;
    case 'option':
      return [type.type];
    case 'result':
      return [...(type.ok ? [type.ok] : []), ...(type.error ? [type.error] : [])];
    case 'stream':
    case 'future':
      return type.type ? [type.type] : [];
    default:
      return [];
  }
}

/** Names of types whose values are in values of this one. */
export function mentioned({ def }: TypeItem): string[] {
  const roots: WitType[] =
    def.kind === 'alias'
      ? [def.type]
      : def.kind === 'record'
        ? def.fields.map(({ type }) => type)
        : def.kind === 'variant'
          ? def.cases.flatMap(({ type }) => (type ? [type] : []))
          : [];
  const names: string[] = [];
  for (let next = roots.pop(); next; next = roots.pop()) {
    if (next.kind === 'id') names.push(next.name.name);
    else roots.push(...witPartsOf(next));
  }
  return names;
}
