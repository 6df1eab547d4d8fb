/**
 * Where the items of a component come from, found without running it: through exports, imports that are given, aliases,
 * instances and the components inside.
 *
 * A *place* is a component where it is instantiated: what its imports are, and what is around its definition. One
 * definition has a place for each of its instances.
 */

import type { Module } from '../module/module.ts';
import type { Component, CoreInstanceDef, CoreModuleDef, Definition, InstanceDef, SortIdx } from './model.ts';

export interface ComponentPlace {
  readonly component: Component;
  /** What it is instantiated with; what is not there is an import of the whole. */
  readonly args: ReadonlyMap<string, PlacedItem>;
  /** The place around its definition. */
  readonly outer: ComponentPlace | undefined;
  /** The places of the instances in it that were asked for, by index. */
  readonly instances: Map<number, ComponentPlace | undefined>;
}

/** An item, and whose index it is. */
export interface PlacedItem {
  readonly at: ComponentPlace;
  readonly item: SortIdx;
}

/** What introduces an item. */
export interface PlacedDefinition {
  readonly at: ComponentPlace;
  readonly def: Definition;
}

/** A function of a core module, and the core instance that it is of. */
export interface PlacedFunc {
  readonly at: ComponentPlace;
  readonly instance: CoreInstanceDef;
  readonly module: Module;
  readonly funcIdx: number;
}

/** More steps than any component needs that validates. */
const MOST_STEPS = 1000;

/** The place of a component that is the whole. */
export function rootPlace(component: Component): ComponentPlace {
  return { component, args: new Map(), outer: undefined, instances: new Map() };
}

/** The place of a component inside of another one that nobody instantiates: its imports stay open. */
export function innerPlace(outer: ComponentPlace, component: Component): ComponentPlace {
  return { component, args: new Map(), outer, instances: new Map() };
}

/**
 * What makes an item in the end: never an export, and an alias or an import only where what is behind it is the host's, or a
 * core instance's export. Undefined if that is not known before it runs.
 */
export function definitionOf(
  placed: PlacedItem,
  budget = { steps: MOST_STEPS },
): PlacedDefinition | undefined {
  let { at, item } = placed;
  while (budget.steps-- > 0) {
    const def: Definition | undefined = at.component.spaces[item.sort][item.idx];
    let next: PlacedItem | undefined;
    if (def?.kind === 'export') next = { at, item: def.item };
    else if (def?.kind === 'import') next = at.args.get(def.name.text);
    else if (def?.kind === 'alias' && def.target.kind === 'export') {
      const { instanceIdx, name } = def.target;
      next = exportOf({ at, item: { sort: 'instance', idx: instanceIdx } }, name, budget);
    } else if (def?.kind === 'alias' && def.target.kind === 'outer') {
      const around = outerOf(at, def.target.count);
      if (!around) return undefined;
      next = { at: around, item: { sort: def.sort, idx: def.target.idx } };
    }
    if (!next) return def && { at, def };
    ({ at, item } = next);
  }
  return undefined;
}

/** What an instance exports under a name; undefined if it is the host's. */
export function exportOf(
  instance: PlacedItem,
  name: string,
  budget = { steps: MOST_STEPS },
): PlacedItem | undefined {
  const found = definitionOf(instance, budget);
  if (found?.def.kind !== 'instance') return undefined;
  const { at, def } = found;
  if (def.expr.kind === 'exports') {
    const one = def.expr.exports.find((exported) => exported.name.text === name);
    return one && { at, item: one.item };
  }
  const inner = placeOf(at, def, budget);
  return inner && exportedBy(inner, name);
}

/** What a component exports under a name where it is instantiated. */
export function exportedBy(at: ComponentPlace, name: string): PlacedItem | undefined {
  const found = at.component.exports.find((exported) => exported.name.text === name);
  return found && { at, item: found.item };
}

/** The place that an instance definition makes. Undefined if its component is not known before it runs. */
export function placeOf(
  at: ComponentPlace,
  { idx, expr }: InstanceDef,
  budget = { steps: MOST_STEPS },
): ComponentPlace | undefined {
  if (expr.kind !== 'instantiate') return undefined;
  const known = at.instances.get(idx);
  if (known) return known;
  const found = definitionOf({ at, item: { sort: 'component', idx: expr.componentIdx } }, budget);
  if (found?.def.kind !== 'component') return undefined;
  const { component } = found.def;
  const args = new Map(expr.args.map(({ name, item }) => [name, { at, item }]));
  const made = { component, args, outer: found.at, instances: new Map() };
  at.instances.set(idx, made);
  return made;
}

/** The function of a core module that a core function is; undefined for those that the canonical ABI makes. */
export function coreFuncAt(at: ComponentPlace, idx: number): PlacedFunc | undefined {
  let item: SortIdx = { sort: 'core func', idx };
  for (let steps = MOST_STEPS; steps > 0; steps--) {
    const def = at.component.spaces['core func'][item.idx];
    if (def?.kind !== 'alias' || def.target.kind !== 'core export') return undefined;
    const { instanceIdx, name } = def.target;
    const instance = at.component.spaces['core instance'][instanceIdx] as CoreInstanceDef;
    const { expr } = instance;
    if (expr.kind === 'exports') {
      const found = expr.exports.find((one) => one.name === name);
      if (!found) return undefined;
      item = found.item;
      continue;
    }
    const module = coreModuleAt(at, expr.moduleIdx)?.def.module;
    const found = module?.exports.find((one) => one.kind === 'func' && one.name === name);
    return module && found && { at, instance, module, funcIdx: found.idx };
  }
  return undefined;
}

/** The definition of a core module; undefined for one of the host's. */
export function coreModuleAt(at: ComponentPlace, idx: number): { readonly def: CoreModuleDef } | undefined {
  const found = definitionOf({ at, item: { sort: 'core module', idx } });
  return found?.def.kind === 'core module' ? { def: found.def } : undefined;
}

function outerOf(at: ComponentPlace, count: number): ComponentPlace | undefined {
  let place: ComponentPlace | undefined = at;
  for (let i = 0; i < count; i++) place = place?.outer;
  return place;
}
