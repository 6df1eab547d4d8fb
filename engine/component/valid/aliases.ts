/**
 * Validation of aliases (Binary.md, Alias Definitions): exports of instances, exports of core instances, outer items.
 */

import { invalid } from '../../base/errors.ts';
import type { AliasDef, CoreSort, Sort } from '../model.ts';
import { type AnyType, type Entity, freeResources } from '../types.ts';
import type { Scope } from './scope.ts';

/** Validates an alias and takes the index that it introduces. */
export function aliased(scope: Scope, { sort, target, offset }: AliasDef): void {
  switch (target.kind) {
    case 'export': {
      if (scope.kind !== 'component' && sort !== 'type' && sort !== 'instance') onlyTypes(offset);
      aliasExport(scope, sort, target.instanceIdx, target.name, offset);
      break;
    }
    case 'core export':
      if (scope.kind !== 'component') onlyTypes(offset);
      aliasCoreExport(scope, sort, target.instanceIdx, target.name, offset);
      break;
    case 'outer':
      if (scope.kind !== 'component' && sort !== 'type' && sort !== 'core type') onlyTypes(offset);
      aliasOuter(scope, sort, target.count, target.idx, offset);
  }
}

function onlyTypes(offset: number): never {
  invalid(offset, 'aliases in component and instance types may only refer to types or instances');
}

function aliasExport(scope: Scope, sort: Sort, instanceIdx: number, name: string, offset: number): void {
  const instance = scope.at('instance', instanceIdx, offset);
  const entity = instance.exports.get(name);
  if (!entity) {
    const names = [...instance.exports.keys()].slice(0, 20).join(', ');
    invalid(offset, `instance ${instanceIdx} has no export named \`${name}\``, [
      { message: names === '' ? 'it has no exports' : `it has ${names}` },
    ]);
  }
  if (entity.kind !== sort) {
    invalid(offset, `export \`${name}\` for instance ${instanceIdx} is not a ${sortName(sort)}`);
  }
  scope.pushEntity(entity satisfies Entity, offset);
}

/** What a sort is called where something is none. */
function sortName(sort: Sort): string {
  return sort.startsWith('core ') ? sort.slice('core '.length) : sort;
}

function aliasCoreExport(scope: Scope, sort: Sort, instanceIdx: number, name: string, offset: number): void {
  const instance = scope.at('core instance', instanceIdx, offset);
  const entity = instance.exports.get(name);
  if (!entity) {
    const names = [...instance.exports.keys()].slice(0, 20).join(', ');
    invalid(offset, `core instance ${instanceIdx} has no export named \`${name}\``, [
      { message: names === '' ? 'it has no exports' : `it has ${names}` },
    ]);
  }
  const kind = sort.slice('core '.length) as CoreSort;
  if (entity.kind !== kind) {
    invalid(offset, `export \`${name}\` for core instance ${instanceIdx} is not a ${kind}`);
  }
  switch (entity.kind) {
    case 'func':
      scope.push('core func', entity.id);
      break;
    case 'tag':
      scope.push('core tag', entity.id);
      break;
    case 'table':
      scope.push('core table', entity.type);
      break;
    case 'memory':
      scope.push('core memory', entity.type);
      break;
    case 'global':
      scope.push('core global', entity.type);
  }
}

function aliasOuter(scope: Scope, sort: Sort, count: number, idx: number, offset: number): void {
  let outer: Scope | undefined = scope;
  let crosses = false;
  for (let i = 0; i < count && outer; i++) {
    crosses ||= outer.kind === 'component';
    outer = outer.parent;
  }
  if (!outer) invalid(offset, `invalid outer alias count of ${count}`);
  switch (sort) {
    case 'type': {
      const type: AnyType = outer.at('type', idx, offset);
      if (crosses && freeResources(type).size > 0) {
        invalid(
          offset,
          'cannot alias outer type which transitively refers to resources not defined in the current component',
        );
      }
      scope.push('type', type);
      break;
    }
    case 'core type':
      scope.push('core type', outer.at('core type', idx, offset));
      break;
    case 'core module':
      scope.push('core module', outer.at('core module', idx, offset));
      break;
    default:
      scope.push('component', outer.at('component', idx, offset));
  }
}
