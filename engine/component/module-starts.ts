/**
 * The core modules of a component: where each begins in its bytes.
 *
 * A frame knows an offset in a module. The start of the module leads from there to the offset in the component, which is the
 * coordinate of its text and its bytes.
 */

import type { Module } from '../module/module.ts';
import type { Component } from './model.ts';

/** All core modules of a component, those of the components in it too, with their first bytes' offsets. */
export function moduleStarts(component: Component): ReadonlyMap<Module, number> {
  const starts = new Map<Module, number>();
  const walk = ({ definitions }: Component): void => {
    for (const def of definitions) {
      if (def.kind === 'core module') starts.set(def.module, def.range.start);
      else if (def.kind === 'component') walk(def.component);
    }
  };
  walk(component);
  return starts;
}
