/**
 * What a type is made of and related to: supertypes and subtypes, and the definitions behind types that are named.
 */

import { typeIdxOf, type ValType } from '../../engine/isa/types.ts';
import { funcTypeAt } from '../../engine/module/module.ts';
import { writtenId } from '../../engine/text/strings.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { definitionText, type Item } from './item.ts';
import { typeOfVariable } from './operands.ts';

/** How many subtypes and definitions are told. */
const MOST = 5;

/** `subtype of $a`, `subtypes $b, $c`, `final`: of a type, for people. */
export function typeRelations({ module }: ModuleAnalysis, { space, idx }: Item): string[] {
  const type = space === 'type' ? module?.types[idx] : undefined;
  if (!type || !module) return [];
  const named = (at: number) => {
    const name = module.names.given('type', at);
    return name === undefined ? String(at) : writtenId(name);
  };
  const facts: string[] = [];
  if (type.supers.length > 0) facts.push(`subtype of ${type.supers.map(named).join(', ')}`);
  const subtypes: string[] = [];
  for (let at = 0; at < module.types.length && subtypes.length <= MOST; at++) {
    if (module.types[at].supers.includes(idx)) subtypes.push(subtypes.length < MOST ? named(at) : '…');
  }
  if (subtypes.length > 0) facts.push(`subtypes ${subtypes.join(', ')}`);
  if (type.groupSize > 1) facts.push(`in a group of ${type.groupSize} types`);
  return facts;
}

/** The definitions of the types that an item's own type names, one line each. */
export function namedTypes(analysis: ModuleAnalysis, { space, idx, scope }: Item): string[] {
  const { module, assembly } = analysis;
  if (!module) return [];
  const wanted = new Set<number>();
  for (const type of typesOf(analysis, { space, idx, scope })) {
    const found = typeIdxOf(type);
    if (found >= 0 && wanted.size < MOST) wanted.add(found);
  }
  return [...wanted].flatMap((at) => {
    const def = assembly.symbols.definition('type', at);
    return def ? [definitionText(analysis, def)] : [];
  });
}

function typesOf({ module }: ModuleAnalysis, { space, idx, scope }: Item): readonly ValType[] {
  switch (space) {
    case 'func': {
      const type = funcTypeAt(module!, module!.funcs[idx]?.typeIdx);
      return type ? [...type.params, ...type.results] : [];
    }
    case 'type': {
      const composite = module!.types[idx]?.composite;
      if (composite?.kind === 'struct') return composite.fields.map(({ storage }) => storage);
      if (composite?.kind === 'array') return [composite.field.storage];
      return composite ? [...composite.params, ...composite.results] : [];
    }
    case 'local':
    case 'global': {
      const type = typeOfVariable(module!, { space, idx, scope });
      return type === undefined ? [] : [type];
    }
    case 'table':
      return module!.tables[idx] ? [module!.tables[idx].type.element] : [];
    case 'field': {
      const composite = module!.types[scope ?? -1]?.composite;
      return composite?.kind === 'struct' && composite.fields[idx] ? [composite.fields[idx].storage] : [];
    }
    default:
      return [];
  }
}
