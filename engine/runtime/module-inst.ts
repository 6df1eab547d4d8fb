/**
 * Module instances (spec 4.2.5): what each index of a module means in the store, and what is exported.
 */

import type { ExternKind, FeatureSet, Module } from '../module/module.ts';
import { FuncInst } from './func.ts';
import { GlobalInst } from './global.ts';
import { MemInst } from './memory.ts';
import type { Store } from './store.ts';
import { TableInst } from './table.ts';
import type { TagInst } from './tag.ts';
import type { Value } from './values.ts';

/** An external value (spec 4.2.13): anything that can be exported and imported. */
export type Extern = FuncInst | TableInst | MemInst | GlobalInst | TagInst;

export class ModuleInst {
  readonly store: Store;
  readonly module: Module;
  /** What the module was validated with; translation reads it the same way. */
  readonly features: FeatureSet;
  /** For people. */
  readonly name: string;
  readonly funcs: FuncInst[] = [];
  readonly tables: TableInst[] = [];
  readonly mems: MemInst[] = [];
  readonly globals: GlobalInst[] = [];
  readonly tags: TagInst[] = [];
  /** Store addresses of element and data instances by segment index. */
  readonly elemAddrs: number[] = [];
  readonly dataAddrs: number[] = [];
  /** Store numbers of the module's types by type index. */
  readonly typeIds: Int32Array;
  readonly exports: ReadonlyMap<string, Extern> = new Map();

  constructor(store: Store, module: Module, features: FeatureSet, name: string) {
    this.store = store;
    this.module = module;
    this.features = features;
    this.name = name;
    this.typeIds = store.canon.idsOf(module);
  }

  /** The start function; instantiation does not run it. */
  get start(): FuncInst | undefined {
    const start = this.module.start;
    return start && this.funcs[start.funcIdx];
  }

  /** The exported function of this name. */
  exportedFunc(name: string): FuncInst | undefined {
    const extern = this.exports.get(name);
    return extern instanceof FuncInst ? extern : undefined;
  }

  /** The value of the exported global of this name. */
  exportedGlobal(name: string): Value | undefined {
    const extern = this.exports.get(name);
    return extern instanceof GlobalInst ? extern.value : undefined;
  }
}

/** What kind of thing it is, in the spec's words. */
export function externKind(extern: Extern): ExternKind {
  if (extern instanceof FuncInst) return 'func';
  if (extern instanceof TableInst) return 'table';
  if (extern instanceof MemInst) return 'memory';
  return extern instanceof GlobalInst ? 'global' : 'tag';
}
