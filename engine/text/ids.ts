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
      const { module, rename } = this;
      ids = distinct(sizeOf(module, space), (i) => {
        const name = module.names.of(space, i);
        return name === undefined ? name : rename(name);
      });
      this.spaces.set(space, ids);
    }
    return ids[idx];
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
    return distinct(count, (i) => this.module.names.local(funcIdx, i));
  }

  /** The `$ids` of a struct's fields. */
  fields(typeIdx: number): Ids {
    const composite = this.module.types[typeIdx]?.composite;
    const count = composite?.kind === 'struct' ? composite.fields.length : 0;
    return distinct(count, (i) => this.module.names.field(typeIdx, i));
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

/** Names as ids; a name that is taken already gets `#` and its index behind it. Empty names are none. */
function distinct(count: number, nameOf: (idx: number) => string | undefined): Ids {
  const out: (string | undefined)[] = [];
  const taken = new Set<string>();
  for (let i = 0; i < count; i++) {
    const name = nameOf(i);
    if (!name) {
      out.push(undefined);
      continue;
    }
    let unique = name;
    for (let n = i; taken.has(unique); n++) unique = `${name}#${n}`;
    taken.add(unique);
    out.push(writtenId(unique));
  }
  return out;
}
