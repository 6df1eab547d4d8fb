/**
 * The defined type of an item: of a function its signature, of a value the struct, array or function that it refers to.
 */

import { CONCRETE, isRef, typeIdxOf, type ValType } from '../../engine/isa/types.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { Item } from './item.ts';
import { typeOfVariable } from './operands.ts';

/** The index of the type; undefined where there is none: numbers, `funcref`, labels. */
export function typeOfItem({ module }: ModuleAnalysis, item: Item): number | undefined {
  if (!module) return undefined;
  const { space, idx, scope } = item;
  switch (space) {
    case 'type':
      return idx;
    case 'func':
      return module.funcs[idx]?.typeIdx;
    case 'tag':
      return module.tags[idx]?.type.typeIdx;
    case 'local':
    case 'global':
      return defined(typeOfVariable(module, item));
    case 'table':
      return defined(module.tables[idx]?.type.element);
    case 'elem':
      return defined(module.elems[idx]?.type);
    case 'field': {
      const composite = module.types[scope ?? -1]?.composite;
      if (composite?.kind === 'struct') return defined(composite.fields[idx]?.storage);
      if (composite?.kind === 'array') return defined(composite.field.storage);
      return composite && defined(composite.params[idx]);
    }
    default:
      return undefined;
  }
}

function defined(type: ValType | undefined): number | undefined {
  return type !== undefined && isRef(type) && type & CONCRETE ? typeIdxOf(type) : undefined;
}
