/**
 * The store (spec 4.2.3): every instance of a program by its address, and the canonical types that they share.
 *
 * Addresses are indices and are never reused. The arrays beside the instances (`tableElems`, `globalWords`) are the
 * same state in the shape that running code wants. Knows nothing of how code runs.
 */

import {
  EXTERNREF,
  type FuncType,
  type GlobalType,
  type MemoryType,
  type TableType,
  V128,
} from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { TypeCanon } from '../valid/canon.ts';
import { FuncInst, type HostFunc } from './func.ts';
import { GlobalInst } from './global.ts';
import { type Layout, layoutFor } from './heap.ts';
import { HeapLimit } from './heap-limit.ts';
import { type HostMemory, MemInst } from './memory.ts';
import type { ModuleInst } from './module-inst.ts';
import { TableInst, type TableRoom } from './table.ts';
import { TagInst } from './tag.ts';
import type { Ref, Value } from './values.ts';

const MAX_TABLE_ELEMENTS = 2 ** 26;

export interface StoreOptions {
  /** Bytes that live objects may take, by estimate; 1 GiB if absent. */
  readonly maxHeapBytes?: number;
  /** Elements that all tables may have together; 2^26 if absent, which is 512 MiB. */
  readonly maxTableElements?: number;
}

export class Store {
  readonly canon = new TypeCanon();
  readonly funcs: FuncInst[] = [];
  readonly tables: TableInst[] = [];
  readonly mems: MemInst[] = [];
  readonly globals: GlobalInst[] = [];
  readonly tags: TagInst[] = [];
  /** Element instances; a dropped one is empty. */
  readonly elems: Ref[][] = [];
  /** Data instances; a dropped one is empty. */
  readonly datas: Uint8Array[] = [];
  readonly instances: ModuleInst[] = [];
  /** How objects of a type are held, by its canonical number: filled as types come into use. */
  readonly layouts: (Layout | undefined)[] = [];

  /** How much the objects may take. */
  readonly heap: HeapLimit;

  /** The elements of every table, by table address. */
  readonly tableElems: Ref[][] = [];
  /** Goes up with every change of an element of a table. Whoever changes one says so. */
  tableVersion = 0;
  /** Low and high word of every numeric global, at twice its address. Replaced when globals are added. */
  globalWords = new Int32Array(128);
  readonly globalRefs: Ref[] = [];
  /** Four words of every v128 global, at four times its address. Replaced when such globals are added. */
  globalVectors = new Int32Array(0);

  constructor(options: StoreOptions = {}) {
    this.heap = new HeapLimit(this, options.maxHeapBytes);
    this.tableRoom = { left: options.maxTableElements ?? MAX_TABLE_ELEMENTS };
  }

  addFunc(inst: ModuleInst, idx: number, type: FuncType, typeId: number): FuncInst {
    const func = new FuncInst(this.funcs.length, type, typeId, inst, idx);
    this.funcs.push(func);
    return func;
  }

  /** `typeId` is the canonical number of its type; without it the type is one of its own, which names no type index. */
  addHostFunc(host: HostFunc, typeId = this.typeIdOf(host.type)): FuncInst {
    const func = new FuncInst(this.funcs.length, host.type, typeId, undefined, -1, host);
    this.funcs.push(func);
    return func;
  }

  /** Throws a RangeError if the host cannot give that much. `type.element` is canonical. */
  addTable(type: TableType, init: Ref = null): TableInst {
    const table = new TableInst(this.tables.length, type, init, this.tableRoom);
    this.tables.push(table);
    this.tableElems.push(table.elems);
    return table;
  }

  /** A memory of its own, or one over an existing memory of the host. Throws a RangeError if there is no room. */
  addMemory(type: MemoryType, host?: HostMemory): MemInst {
    const mem = new MemInst(this.mems.length, type, host);
    this.mems.push(mem);
    return mem;
  }

  /** `type.type` is canonical. */
  addGlobal(type: GlobalType, value: Value): GlobalInst {
    const addr = this.globals.length;
    if (2 * addr >= this.globalWords.length) {
      const words = new Int32Array(2 * this.globalWords.length);
      words.set(this.globalWords);
      this.globalWords = words;
    }
    this.globalRefs.push(null);
    if (type.type === V128 && 4 * addr >= this.globalVectors.length) {
      const vectors = new Int32Array(4 * Math.max(2 * addr, 16));
      vectors.set(this.globalVectors);
      this.globalVectors = vectors;
    }
    const global = new GlobalInst(this, addr, type);
    global.value = value;
    this.globals.push(global);
    return global;
  }

  /** `type` holds canonical value types. */
  addTag(type: FuncType, typeId: number, name: string): TagInst {
    const tag = new TagInst(this.tags.length, type, typeId, name);
    this.tags.push(tag);
    return tag;
  }

  /** The layout of the struct or array type `typeIdx` of a valid module. */
  layoutOf(module: Module, typeIdx: number): Layout {
    const id = this.canon.idOf(module, typeIdx);
    return (this.layouts[id] ??= layoutFor(this.canon, id, module, typeIdx));
  }

  /** The type of a function with canonical types in it: `func.type` has the indices of its own module. */
  canonicalTypeOf(func: FuncInst): FuncType {
    const composite = this.canon.typeAt(func.typeId)?.composite;
    return composite?.kind === 'func' ? composite : func.type;
  }

  /** The tag of what host functions throw that is no exception of Wasm, with the host's value as its argument. */
  get hostTag(): TagInst {
    if (!this.madeHostTag) {
      const type: FuncType = { kind: 'func', params: [EXTERNREF], results: [] };
      this.madeHostTag = this.addTag(type, this.typeIdOf(type), 'host');
    }
    return this.madeHostTag;
  }

  /** The canonical number of a function type that no module defines. It may name no type index. */
  typeIdOf(type: FuncType): number {
    const key = `${type.params.join()}>${type.results.join()}`;
    let id = this.hostTypes.get(key);
    if (id === undefined) {
      // A module with just this type: the registry reads nothing else of it.
      const types = [{ composite: type, final: true, supers: [], groupStart: 0, groupSize: 1 }];
      id = this.canon.idOf({ types } as unknown as Module, 0);
      this.hostTypes.set(key, id);
    }
    return id;
  }

  private readonly tableRoom: TableRoom;
  private madeHostTag: TagInst | undefined;
  private readonly hostTypes = new Map<string, number>();
}
