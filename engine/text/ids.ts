/**
 * Names of a module's items as the printed text writes them: `$ids` that are valid and different from each other.
 *
 * From the module's names (name section, exports, imports); an item without a name is written as its index. The
 * names of one module are made once, because functions are printed one at a time.
 */

import type { Module } from '../module/module.ts';
import type { NameSpace } from '../module/names.ts';
import { writtenId } from './strings.ts';

/** What a name becomes before it is written as an id. */
type Rename = (name: string) => string;

/** The `$id` of an item of a space by index; undefined where it has none. */
type Ids = readonly (string | undefined)[];

/** How many names are made in one step. */
const STEP = 64;

export class ModuleIds {
  private readonly spaces = new Map<NameSpace, Ids>();
  private readonly indices = new Map<NameSpace, ReadonlyMap<string, number>>();
  private readonly module: Module;
  private readonly rename: Rename;

  /** `rename` makes functions' names readable; the ids are different from each other all the same. */
  constructor(module: Module, rename: Rename = (name) => name) {
    this.module = module;
    this.rename = rename;
  }

  /** The `$id` of an item, if it has a name. */
  id(space: NameSpace, idx: number): string | undefined {
    let ids = this.spaces.get(space);
    if (!ids) {
      for (const _ of this.making(space)) {
        // All of them at once.
      }
      ids = this.spaces.get(space)!;
    }
    return ids[idx];
  }

  /** True if asking for an id of the space takes no time. */
  has(space: NameSpace): boolean {
    return this.spaces.has(space);
  }

  /** Makes the ids of a space in short steps: demangling 40,000 names of C++ takes the most of a second. */
  *making(space: NameSpace): Generator<void, void> {
    if (this.spaces.has(space)) return;
    const { module, rename } = this;
    const ids: (string | undefined)[] = [];
    const taken = new Set<string>();
    for (let i = 0; i < sizeOf(module, space); i++) {
      const name = module.names.of(space, i);
      ids.push(distinct(name && rename(name), i, taken));
      if (i % STEP === STEP - 1) yield;
    }
    this.spaces.set(space, ids);
  }

  /** The item that is written as this `$id`. */
  find(space: NameSpace, id: string): number | undefined {
    let indices = this.indices.get(space);
    if (!indices) {
      this.id(space, 0);
      const ids = this.spaces.get(space) ?? [];
      indices = new Map(ids.flatMap((known, idx) => (known === undefined ? [] : [[known, idx] as const])));
      this.indices.set(space, indices);
    }
    return indices.get(id);
  }

  /** How an item is referred to: its `$id`, or its index. */
  ref(space: NameSpace, idx: number): string {
    return this.id(space, idx) ?? String(idx);
  }

  /** The `$ids` of a function's parameters and locals. */
  locals(funcIdx: number, count: number): Ids {
    return all(count, (i) => this.module.names.local(funcIdx, i));
  }

  /** The `$ids` of a struct's fields. */
  fields(typeIdx: number): Ids {
    const composite = this.module.types[typeIdx]?.composite;
    const count = composite?.kind === 'struct' ? composite.fields.length : 0;
    return all(count, (i) => this.module.names.field(typeIdx, i));
  }
}

/** A module without names: every item is written as its index. */
export class NoIds extends ModuleIds {
  override id(): undefined {
    return undefined;
  }

  override locals(_funcIdx: number, count: number): Ids {
    return new Array(count);
  }

  override fields(): Ids {
    return [];
  }
}

const plain: Rename = (name) => name;
const made = new WeakMap<Module, Map<Rename, ModuleIds>>();

/** The ids of a module, made once for each way of renaming. */
export function idsOf(module: Module, rename: Rename = plain): ModuleIds {
  let all = made.get(module);
  if (!all) made.set(module, (all = new Map()));
  let ids = all.get(rename);
  if (!ids) all.set(rename, (ids = new ModuleIds(module, rename)));
  return ids;
}

function sizeOf(module: Module, space: NameSpace): number {
  switch (space) {
    case 'func':
      return module.funcs.length;
    case 'type':
      return module.types.length;
    case 'table':
      return module.tables.length;
    case 'memory':
      return module.memories.length;
    case 'global':
      return module.globals.length;
    case 'tag':
      return module.tags.length;
    case 'elem':
      return module.elems.length;
    case 'data':
      return module.datas.length;
  }
}

function all(count: number, nameOf: (idx: number) => string | undefined): Ids {
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, i) => distinct(nameOf(i), i, taken));
}

/** A name as an id; one that is taken already gets `#` and its index behind it. An empty name is none. */
function distinct(name: string | undefined, idx: number, taken: Set<string>): string | undefined {
  if (!name) return undefined;
  let unique = name;
  for (let n = idx; taken.has(unique); n++) unique = `${name}#${n}`;
  taken.add(unique);
  return kept(writtenId(unique));
}

/**
 * A text of its own. V8 keeps the whole of what a text was cut out of, and readable names are cut out of much longer ones:
 * those of 35 MB of C++ took 150 MB, and take 18.
 */
function kept(text: string): string {
  return ` ${text}`.slice(1);
}
