/**
 * Which core function is behind an exported function of a component, found without running it (places.ts), and where in a
 * component's own text it can be stopped. A function that is only imported has none.
 */

import type { Module } from '../module/module.ts';
import type { Component } from './model.ts';
import { coreFuncAt, definitionOf, exportedBy, exportOf, innerPlace, rootPlace } from './places.ts';

/** A function of a core module. */
export interface CoreFunc {
  readonly module: Module;
  readonly funcIdx: number;
}

/** The core function behind the export at a path of names; undefined if there is none in the component. */
export function coreFuncOf(component: Component, path: readonly string[]): CoreFunc | undefined {
  const [first, ...rest] = path;
  let found = exportedBy(rootPlace(component), first);
  for (const name of rest) found = found && exportOf(found, name);
  const made = found?.item.sort === 'func' ? definitionOf(found) : undefined;
  if (made?.def.kind !== 'canon' || made.def.canon.kind !== 'lift') return undefined;
  return coreFuncAt(made.at, made.def.canon.funcIdx);
}

/** A definition at which a component can be stopped, and where that is. */
export type Stoppable =
  | { readonly kind: 'instance'; readonly offset: number }
  | { readonly kind: 'lift'; readonly offset: number; readonly core: CoreFunc };

/** What is instantiated, and the lifted functions, of a component and of those in it, in the order of the bytes. */
export function stoppables(component: Component): Stoppable[] {
  const all: Stoppable[] = [];
  const walk = (at: ReturnType<typeof rootPlace>): void => {
    for (const def of at.component.definitions) {
      const { offset } = def;
      if (def.kind === 'component') walk(innerPlace(at, def.component));
      else if (def.kind === 'core instance' || def.kind === 'instance') {
        if (def.expr.kind === 'instantiate') all.push({ kind: 'instance', offset });
      } else if (def.kind === 'canon' && def.canon.kind === 'lift') {
        const core = coreFuncAt(at, def.canon.funcIdx);
        if (core) all.push({ kind: 'lift', offset, core });
      }
    }
  };
  walk(rootPlace(component));
  return all;
}
