/**
 * The instantiation plan of a component: what comes to be when it is instantiated, in which order, and what is linked to what.
 * It is found without running anything (places.ts); what has run of it is told by ids, which instantiation knows, too.
 *
 *     id = ''                 the component itself
 *        | id '/' index       a component instance that the one before it instantiates
 *        | id ':' index       a core instance of it
 *        | id '!' number      its start definition with this number
 */

import type { ByteRange } from '../module/module.ts';
import type { AliasDef, Canon, Component, CoreInstanceDef, InstanceDef, Sort, StartDef } from './model.ts';
import {
  type ComponentPlace,
  coreFuncAt,
  coreModuleAt,
  definitionOf,
  type PlacedItem,
  placeOf,
  rootPlace,
} from './places.ts';

/** Something that is given to an import. */
export interface PlanLink {
  /** The import's name, of a core module that of the module it imports from. */
  readonly name: string;
  /** What is given, for people: `$trace`, `shout of $shout`. */
  readonly to: string;
  /** The node that it is, or that it is of. */
  readonly target?: string;
  /** What of a core instance is imported: names. */
  readonly items?: readonly string[];
  /** What is in it, if it is a selection that was made for this. */
  readonly links?: readonly PlanLink[];
}

/** A start function of a core module. */
export interface PlanStart {
  readonly name: string;
  /** Its first instruction in the component's bytes; absent for one that is imported. */
  readonly offset?: number;
}

export interface PlanNode {
  readonly id: string;
  readonly kind: 'component' | 'core instance' | 'start';
  /** `$a`, or its index. */
  readonly name: string;
  /** What it is an instance of: a module or a component. */
  readonly of?: string;
  /** Of a core instance: which one it is among all, counted from 1 in the order in which they come to be. */
  readonly number?: number;
  /** Its definition in the outermost component's bytes. */
  readonly range: ByteRange;
  /** The definition of the module or component that it is an instance of, in those bytes. */
  readonly source?: number;
  readonly start?: PlanStart;
  readonly links: readonly PlanLink[];
  /** What is instantiated in it, in order. */
  readonly children: readonly PlanNode[];
  /** What it is made of is known only when it runs, or the plan is too long: there is more in it than stands here. */
  readonly isOpen?: true;
}

export interface Plan {
  readonly root: PlanNode;
  readonly nodes: ReadonlyMap<string, PlanNode>;
  /** How many core instances there are. */
  readonly total: number;
}

/** Nodes of a plan, at most: components that instantiate each other many times make it long. */
const MOST_NODES = 5000;

/** Finds the plan of a valid component. */
export function planOf(component: Component): Plan {
  return new Planner().plan(component);
}

class Planner {
  readonly #nodes = new Map<string, PlanNode>();
  /** The nodes of places. */
  readonly #known = new Map<ComponentPlace, Pick<PlanNode, 'id' | 'name'>>();
  #total = 0;
  #room = MOST_NODES;

  plan(component: Component): Plan {
    const at = rootPlace(component);
    const { component: given } = component.names;
    const name = given === undefined ? 'component' : `$${given}`;
    this.#known.set(at, { id: '', name });
    const links = importsOf(component);
    const children = this.#children(at, '');
    const { start, end } = component.range;
    const root = this.#note({
      id: '',
      kind: 'component',
      name,
      range: { start, end },
      links,
      ...children,
    });
    return { root, nodes: this.#nodes, total: this.#total };
  }

  #note(node: PlanNode): PlanNode {
    this.#nodes.set(node.id, node);
    return node;
  }

  #children(at: ComponentPlace, id: string): Pick<PlanNode, 'children' | 'isOpen'> {
    const children: PlanNode[] = [];
    let starts = 0;
    for (const def of at.component.definitions) {
      const isMade =
        (def.kind === 'core instance' || def.kind === 'instance') && def.expr.kind === 'instantiate';
      if (!isMade && def.kind !== 'start') continue;
      if (this.#room-- <= 0) return { children, isOpen: true };
      if (def.kind === 'core instance') children.push(this.#coreInstance(at, id, def));
      else if (def.kind === 'instance') children.push(this.#instance(at, id, def));
      else children.push(this.#start(at, startId(id, starts++), def));
    }
    return { children };
  }

  #coreInstance(at: ComponentPlace, parent: string, def: CoreInstanceDef): PlanNode {
    const { expr } = def;
    if (expr.kind !== 'instantiate') throw new TypeError('this is no instantiation');
    const found = coreModuleAt(at, expr.moduleIdx);
    const module = found?.def.module;
    const start = module?.start?.funcIdx;
    const body = start === undefined ? undefined : module?.funcs[start].body;
    const number = ++this.#total;
    return this.#note({
      id: coreInstanceId(parent, def.idx),
      kind: 'core instance',
      name: nameIn(at, 'core instance', def.idx),
      of: moduleName(at, expr.moduleIdx),
      number,
      range: { start: def.offset, end: def.end },
      source: found?.def.offset,
      ...(start !== undefined && {
        start: {
          name: nameOfFunc(module!.names.of('func', start), start),
          ...(body && { offset: found!.def.range.start + body.codeStart }),
        },
      }),
      links: expr.args.map(({ name, instanceIdx }) => {
        const items = module?.imports.filter((one) => one.module === name).map((one) => one.name);
        return { name, ...this.#coreArgument(at, instanceIdx, items) };
      }),
      children: [],
    });
  }

  /** A core instance that is given to a module; `items`: what that imports of it. */
  #coreArgument(
    at: ComponentPlace,
    idx: number,
    items: readonly string[] | undefined,
  ): Omit<PlanLink, 'name'> {
    const def = at.component.spaces['core instance'][idx] as CoreInstanceDef;
    const { expr } = def;
    const to = nameIn(at, 'core instance', idx);
    if (expr.kind === 'instantiate') {
      return { ...this.#inNode(at, to, (id) => coreInstanceId(id, idx)), ...(items && { items }) };
    }
    const links = expr.exports
      .filter(({ name }) => items === undefined || items.includes(name))
      .map(({ name, item }) => ({ name, ...this.#described({ at, item }) }));
    const isNamed = at.component.names.of('core instance', idx) !== undefined;
    return { to: isNamed ? to : `${links.length} ${links.length === 1 ? 'item' : 'items'}`, links };
  }

  #instance(at: ComponentPlace, parent: string, def: InstanceDef): PlanNode {
    const { expr } = def;
    if (expr.kind !== 'instantiate') throw new TypeError('this is no instantiation');
    const id = instanceId(parent, def.idx);
    const name = nameIn(at, 'instance', def.idx);
    const inner = placeOf(at, def);
    const made = definitionOf({ at, item: { sort: 'component', idx: expr.componentIdx } });
    const links = expr.args
      .filter(({ item }) => item.sort !== 'type')
      .map((arg) => ({ name: arg.name, ...this.#described({ at, item: arg.item }) }));
    if (inner) this.#known.set(inner, { id, name });
    return this.#note({
      id,
      kind: 'component',
      name,
      of: nameIn(at, 'component', expr.componentIdx),
      source: made?.def.offset,
      range: { start: def.offset, end: def.end },
      links,
      ...(inner ? this.#children(inner, id) : { children: [], isOpen: true as const }),
    });
  }

  #start(at: ComponentPlace, id: string, def: StartDef): PlanNode {
    const { to, target } = this.#described({ at, item: { sort: 'func', idx: def.funcIdx } });
    return this.#note({
      id,
      kind: 'start',
      name: 'start',
      range: { start: def.offset, end: def.end },
      links: [{ name: 'calls', to, target }],
      children: [],
    });
  }

  /** What an item is, for people, and which node it is of. */
  #described(placed: PlacedItem): Described {
    const { item } = placed;
    const own = { to: nameIn(placed.at, item.sort, item.idx) };
    const found = definitionOf(placed);
    if (!found) return own;
    const { at, def } = found;
    switch (def.kind) {
      case 'import':
        return { to: `${def.name.text} of the host` };
      case 'instance':
        if (def.expr.kind === 'exports') return own;
        return this.#inNode(at, nameIn(at, 'instance', def.idx), (id) => instanceId(id, def.idx));
      case 'canon':
        return this.#canon(at, def.canon) ?? own;
      case 'alias':
        return this.#alias(at, def);
      default:
        return { to: nameIn(at, item.sort, def.idx) };
    }
  }

  #canon(at: ComponentPlace, canon: Canon): Described | undefined {
    switch (canon.kind) {
      case 'lift':
        return this.#coreFunc(at, canon.funcIdx);
      case 'lower':
        return this.#described({ at, item: { sort: 'func', idx: canon.funcIdx } });
      case 'builtin': {
        const { name, typeIdx } = canon;
        return { to: typeIdx === undefined ? name : `${name} ${nameIn(at, 'type', typeIdx)}` };
      }
    }
  }

  /** An export of a core instance, or one of the host's instances. */
  #alias(at: ComponentPlace, { sort, target, idx }: AliasDef): Described {
    if (target.kind === 'outer') return { to: nameIn(at, sort, idx) };
    const { instanceIdx, name } = target;
    if (target.kind === 'export') {
      const { to } = this.#described({ at, item: { sort: 'instance', idx: instanceIdx } });
      return { to: `${name} of ${to}` };
    }
    const func = sort === 'core func' ? this.#coreFunc(at, idx) : undefined;
    return func ?? this.#ofCoreInstance(at, name, instanceIdx);
  }

  #coreFunc(at: ComponentPlace, idx: number): Described | undefined {
    const found = coreFuncAt(at, idx);
    if (!found) return undefined;
    const { module, funcIdx, instance } = found;
    const exported = module.exports.find((one) => one.kind === 'func' && one.idx === funcIdx)!;
    return this.#ofCoreInstance(found.at, exported.name, instance.idx);
  }

  /** What a core instance exports; those of other components are told with them. */
  #ofCoreInstance(at: ComponentPlace, exported: string, idx: number): Described {
    const around = this.#known.get(at);
    const inside = around && around.id !== '' ? ` in ${around.name}` : '';
    const to = `${exported} of ${nameIn(at, 'core instance', idx)}${inside}`;
    return this.#inNode(at, to, (id) => coreInstanceId(id, idx));
  }

  #inNode(at: ComponentPlace, to: string, target: (id: string) => string): Described {
    const around = this.#known.get(at);
    return around ? { to, target: target(around.id) } : { to };
  }
}

type Described = Pick<PlanLink, 'to' | 'target'>;

/** What the whole gets of the host, behind one link. */
function importsOf({ imports }: Component): PlanLink[] {
  if (imports.length === 0) return [];
  const links = imports.map((def) => ({ name: def.name.text, to: 'the host' }));
  const to = `${links.length} ${links.length === 1 ? 'item' : 'items'} of the host`;
  return [{ name: 'imports', to, links }];
}

/** The ids of what an instance makes: core instances and instances by their indices, start definitions by their order. */
export const coreInstanceId = (parent: string, idx: number): string => `${parent}:${idx}`;
export const instanceId = (parent: string, idx: number): string => `${parent}/${idx}`;
export const startId = (parent: string, number: number): string => `${parent}!${number}`;

/** `$name`, by what defines or exports it; its sort and index else. */
function nameIn({ component }: ComponentPlace, sort: Sort, idx: number): string {
  const own = component.names.of(sort, idx);
  if (own !== undefined) return `$${own}`;
  const def = component.spaces[sort][idx];
  if (def?.kind === 'import' || def?.kind === 'export') return def.name.text;
  if (def?.kind === 'alias' && def.target.kind !== 'outer') return def.target.name;
  return `${sort} ${idx}`;
}

/** A module's name: in the component, or its own. */
function moduleName(at: ComponentPlace, idx: number): string {
  const own = at.component.names.of('core module', idx) ?? coreModuleAt(at, idx)?.def.module.names.module;
  return own === undefined ? nameIn(at, 'core module', idx) : `$${own}`;
}

function nameOfFunc(name: string | undefined, idx: number): string {
  return name === undefined ? `func[${idx}]` : `$${name}`;
}
