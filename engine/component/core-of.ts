/**
 * Which core function is behind an exported function of a component, found without running it: through lifts, aliases,
 * instances and the components inside. A function that is only imported has none.
 */

import type { Module } from '../module/module.ts';
import type { Component, CoreInstanceDef, SortIdx } from './model.ts';

/** A function of a core module. */
export interface CoreFunc {
  readonly module: Module;
  readonly funcIdx: number;
}

/** A component where it is instantiated: what its imports are, and what is around its definition. */
interface Place {
  readonly component: Component;
  readonly args: ReadonlyMap<string, Item>;
  readonly outer: Place | undefined;
}

/** An item of a component, as far as functions are found through it. */
interface Item {
  readonly at: Place;
  readonly item: SortIdx;
}

/** More steps than any component needs that validates. */
const MOST_STEPS = 1000;

/** The core function behind the export at a path of names; undefined if there is none in the component. */
export function coreFuncOf(component: Component, path: readonly string[]): CoreFunc | undefined {
  return new Search().exported({ component, args: new Map(), outer: undefined }, path);
}

/** A definition at which a component can be stopped, and where that is. */
export type Stoppable =
  | { readonly kind: 'core instance'; readonly offset: number; readonly name: string | undefined }
  | { readonly kind: 'lift'; readonly offset: number; readonly core: CoreFunc };

/** The core instances and the lifted functions of a component and of those in it, in the order of the bytes. */
export function stoppables(component: Component): Stoppable[] {
  const all: Stoppable[] = [];
  const walk = (at: Place): void => {
    const { definitions, names } = at.component;
    for (const def of definitions) {
      const { offset } = def;
      if (def.kind === 'component') walk({ component: def.component, args: new Map(), outer: at });
      else if (def.kind === 'core instance' && def.expr.kind === 'instantiate') {
        const name = names.of('core instance', def.idx) ?? names.of('core module', def.expr.moduleIdx);
        all.push({ kind: 'core instance', offset, name });
      } else if (def.kind === 'canon' && def.canon.kind === 'lift') {
        const core = new Search().lifted(at, def.canon.funcIdx);
        if (core) all.push({ kind: 'lift', offset, core });
      }
    }
  };
  walk({ component, args: new Map(), outer: undefined });
  return all;
}

class Search {
  #steps = 0;

  exported(at: Place, path: readonly string[]): CoreFunc | undefined {
    const [first, ...rest] = path;
    const found = at.component.exports.find(({ name }) => name.text === first);
    return found && this.#inItem({ at, item: found.item }, rest);
  }

  lifted(at: Place, coreIdx: number): CoreFunc | undefined {
    return this.#core(at, coreIdx);
  }

  /** The function at a path of export names inside of an item. */
  #inItem({ at, item }: Item, path: readonly string[]): CoreFunc | undefined {
    if (++this.#steps > MOST_STEPS) return undefined;
    if (item.sort === 'func' && path.length === 0) return this.#func(at, item.idx);
    return item.sort === 'instance' && path.length > 0 ? this.#inInstance(at, item.idx, path) : undefined;
  }

  #func(at: Place, idx: number): CoreFunc | undefined {
    const def = at.component.spaces.func[idx];
    switch (def.kind) {
      case 'canon':
        return def.canon.kind === 'lift' ? this.#core(at, def.canon.funcIdx) : undefined;
      case 'import':
        return this.#argument(at, def.name.text, []);
      case 'export':
        return this.#inItem({ at, item: def.item }, []);
      case 'alias':
        if (def.target.kind !== 'export') return undefined;
        return this.#inItem({ at, item: { sort: 'instance', idx: def.target.instanceIdx } }, [
          def.target.name,
        ]);
      default:
        return undefined;
    }
  }

  #inInstance(at: Place, idx: number, path: readonly string[]): CoreFunc | undefined {
    const def = at.component.spaces.instance[idx];
    switch (def.kind) {
      case 'instance': {
        const { expr } = def;
        if (expr.kind === 'exports') {
          const found = expr.exports.find(({ name }) => name.text === path[0]);
          return found && this.#inItem({ at, item: found.item }, path.slice(1));
        }
        const inner = this.#component(at, expr.componentIdx);
        const args = new Map(expr.args.map(({ name, item }) => [name, { at, item }]));
        return inner && this.exported({ ...inner, args }, path);
      }
      case 'import':
        return this.#argument(at, def.name.text, path);
      case 'export':
        return this.#inItem({ at, item: def.item }, path);
      case 'alias':
        if (def.target.kind !== 'export') return undefined;
        return this.#inItem({ at, item: { sort: 'instance', idx: def.target.instanceIdx } }, [
          def.target.name,
          ...path,
        ]);
      default:
        return undefined;
    }
  }

  #argument(at: Place, name: string, path: readonly string[]): CoreFunc | undefined {
    const given = at.args.get(name);
    return given && this.#inItem(given, path);
  }

  /** A component that is defined here or around; not one that is imported. */
  #component(at: Place, idx: number): Omit<Place, 'args'> | undefined {
    const def = at.component.spaces.component[idx];
    if (def.kind === 'component') return { component: def.component, outer: at };
    if (def.kind !== 'alias' || def.target.kind !== 'outer') return undefined;
    const around = outerOf(at, def.target.count);
    return around && this.#component(around, def.target.idx);
  }

  #core(at: Place, idx: number): CoreFunc | undefined {
    const def = at.component.spaces['core func'][idx];
    if (def.kind !== 'alias' || def.target.kind !== 'core export') return undefined;
    return this.#inCoreInstance(at, def.target.instanceIdx, def.target.name);
  }

  #inCoreInstance(at: Place, idx: number, name: string): CoreFunc | undefined {
    const def = at.component.spaces['core instance'][idx] as CoreInstanceDef;
    const { expr } = def;
    if (expr.kind === 'exports') {
      const found = expr.exports.find((one) => one.name === name);
      return found && this.#core(at, found.item.idx);
    }
    const module = this.#module(at, expr.moduleIdx);
    const found = module?.exports.find((one) => one.kind === 'func' && one.name === name);
    return module && found && { module, funcIdx: found.idx };
  }

  #module(at: Place, idx: number): Module | undefined {
    const def = at.component.spaces['core module'][idx];
    if (def.kind === 'core module') return def.module;
    if (def.kind !== 'alias' || def.target.kind !== 'outer') return undefined;
    const around = outerOf(at, def.target.count);
    return around && this.#module(around, def.target.idx);
  }
}

function outerOf(at: Place, count: number): Place | undefined {
  let place: Place | undefined = at;
  for (let i = 0; i < count; i++) place = place?.outer;
  return place;
}
