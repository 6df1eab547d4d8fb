/**
 * The index spaces of a compiled piece, and of the small modules that continue its functions: what the instrumented
 * bodies of one instance's functions refer to by which number.
 *
 * Imports come first and in one order, so that a body reads the same in all modules of an instance:
 *
 *     functions   the shims, then what the module defines
 *     tables      refs (exchange), all (by function address), funcRefs, then a mirror of each table of functions
 *     memories    the instance's, then the exchange
 *     globals     the instance's, by the module's own indices
 */

import { ByteWriter } from '../../base/writer.ts';
import { EXTERNREF, HEAP, heapOf, I32, typeIdxOf, type ValType } from '../../isa/types.ts';
import type { FuncInst } from '../../runtime/func.ts';
import type { GlobalInst } from '../../runtime/global.ts';
import type { MemInst } from '../../runtime/memory.ts';
import type { ModuleInst } from '../../runtime/module-inst.ts';
import type { TableInst } from '../../runtime/table.ts';
import type { TypeCanon } from '../../valid/canon.ts';
import type { Profile } from './profile.ts';
import { erased, PieceTypes, type Shapes } from './types.ts';
import type { WatchPlan } from './watch-plan.ts';

/** The functions of ours that compiled code calls: indices, in the order of the imports. */
export const SHIMS = {
  leave: 0,
  frame: 1,
  runOp: 2,
  callOut: 3,
  addrOf: 4,
  calleeOf: 5,
  ask: 6,
  due: 7,
} as const;

const SHIM_TYPES: readonly (readonly [
  name: string,
  params: readonly ValType[],
  results: readonly ValType[],
])[] = [
  ['leave', [I32], []],
  ['frame', [I32], []],
  ['runOp', [I32, I32, I32], []],
  ['callOut', [I32, I32, I32], [I32]],
  ['addrOf', [EXTERNREF], [I32]],
  ['calleeOf', [I32, I32, I32], [I32]],
  ['ask', [I32, I32], [I32]],
  ['due', [I32], [I32]],
];

const KIND = { func: 0, table: 1, memory: 2, global: 3 } as const;
const FUNCREF_BYTE = 0x70;
const EXTERNREF_BYTE = 0x6f;

/** A function that writes its first parameters into the exchange. */
export interface Helper {
  readonly types: readonly number[];
  readonly asks: boolean;
}

/** What the tier gives to every piece. */
export interface PieceWorld {
  readonly shapes: Shapes;
  readonly canon: TypeCanon;
  /** Number of an operation that the machine executes, by its words. */
  op(words: readonly number[]): number;
  /** Where instructions are counted by function, if they are. */
  readonly profile: Profile | undefined;
  /** Puts a reference to a function into the table of those. */
  refFunc(func: FuncInst): void;
}

export class PieceIndex {
  readonly inst: ModuleInst;
  readonly types: PieceTypes;
  readonly shims = SHIMS;
  readonly refs = 0;
  readonly all = 1;
  readonly funcRefs = 2;
  /** Index of the exchange's memory. */
  readonly exchange: number;
  private readonly world: PieceWorld;
  private readonly mirrors: number[] = [];
  /** Index of the defined function for a callee, by its address: for those that the piece defines. */
  readonly defined = new Map<number, number>();

  /** Index of the first function behind those that the piece defines for the guest: the helpers below. */
  firstHelper = SHIM_TYPES.length;
  /** Helpers that write values into the exchange, in the order of their indices. */
  readonly helpers: Helper[] = [];
  private readonly helperKeys = new Map<string, number>();

  /** What code has to look for before it touches it, if anything of the instance's is watched. */
  watched: WatchPlan | undefined;
  /** Whether code looks before it traps (checks.ts): what a replay executes would be counted twice. */
  readonly checked: boolean;
  /** Whether the instructions of each function are counted, and in which memory. */
  readonly profiled: boolean;
  readonly counts: number;

  constructor(inst: ModuleInst, world: PieceWorld) {
    this.inst = inst;
    this.profiled = world.profile !== undefined;
    this.checked = this.profiled || usesObjects(inst);
    this.world = world;
    this.types = new PieceTypes(world.shapes, world.canon);
    this.exchange = inst.mems.length;
    this.counts = this.exchange + 1;
    let next = 3;
    for (const table of inst.tables) this.mirrors.push(holdsFunctions(table, world.canon) ? next++ : -1);
    for (const [, params, results] of SHIM_TYPES) this.types.plain(params, results);
  }

  op(words: readonly number[]): number {
    return this.world.op(words);
  }

  /** Somewhere in the piece there is `ref.func`. */
  refFunc(func: FuncInst): void {
    this.world.refFunc(func);
  }

  /** Index of a helper that takes values of these types, by type, then a site, and hands over the frame. */
  spill(types: readonly number[]): number {
    return this.helper(types, false);
  }

  /** The same for a breakpoint: behind the site it takes the fuel, and answers whether the program stops. */
  ask(types: readonly number[]): number {
    return this.helper(types, true);
  }

  private helper(types: readonly number[], asks: boolean): number {
    const sorted = types.toSorted((a, b) => b - a);
    const key = `${asks}:${sorted.join()}`;
    let helper = this.helperKeys.get(key);
    if (helper === undefined) {
      helper = this.helpers.push({ types: sorted, asks }) - 1;
      this.helperKeys.set(key, helper);
    }
    return this.firstHelper + helper;
  }

  /** Index of the mirror of the instance's table, which must hold functions. */
  mirror(tableIdx: number): number {
    return this.mirrors[tableIdx];
  }

  global(globalIdx: number): number {
    return globalIdx;
  }

  /** Index of the function that the piece defines for it, -1 if it defines none. */
  direct(callee: FuncInst): number {
    return this.defined.get(callee.addr) ?? -1;
  }

  /** Writes the content of the import section. */
  writeImports(out: ByteWriter): void {
    const { inst } = this;
    const mirrored = inst.tables.filter((_, i) => this.mirrors[i] >= 0);
    out.u32(
      SHIM_TYPES.length +
        3 +
        mirrored.length +
        inst.mems.length +
        (this.profiled ? 2 : 1) +
        inst.globals.length,
    );
    for (const [name, params, results] of SHIM_TYPES) {
      importName(out, name, KIND.func);
      out.u32(this.types.plain(params, results));
    }
    importTable(out, 'refs', EXTERNREF_BYTE);
    importTable(out, 'all', FUNCREF_BYTE);
    importTable(out, 'funcRefs', EXTERNREF_BYTE);
    for (const { addr } of mirrored) importTable(out, `t${addr}`, FUNCREF_BYTE);
    for (const mem of inst.mems) importMemory(out, mem);
    importName(out, 'exchange', KIND.memory);
    out.u8(0);
    out.u32(0);
    if (this.profiled) {
      importName(out, 'counts', KIND.memory);
      out.u8(0);
      out.u32(0);
    }
    for (const global of inst.globals) importGlobal(out, global);
  }
}

function importName(out: ByteWriter, name: string, kind: number): void {
  out.name('');
  out.name(name);
  out.u8(kind);
}

function importTable(out: ByteWriter, name: string, element: number): void {
  importName(out, name, KIND.table);
  out.u8(element);
  out.u8(0);
  out.u32(0);
}

/** A memory that the host has not got is stood for by an empty one, which no compiled code touches. */
function importMemory(out: ByteWriter, mem: MemInst): void {
  if (!mem.hostMemory) {
    importName(out, 'none', KIND.memory);
    out.u8(0);
    out.u32(0);
    return;
  }
  const { limits, is64, shared } = mem.type;
  importName(out, `m${mem.addr}`, KIND.memory);
  const hasMax = shared && limits.max !== undefined;
  out.u8((hasMax ? 1 : 0) | (shared ? 2 : 0) | (is64 ? 4 : 0));
  out.u64(limits.min);
  if (hasMax) out.u64(limits.max!);
}

function importGlobal(out: ByteWriter, { addr, type }: GlobalInst): void {
  importName(out, `g${addr}`, KIND.global);
  out.u8(erased(type.type));
  // They are written to before code runs, also those that the guest may not write to.
  out.u8(1);
}

/** True for modules with structs or arrays: there is no way back to before a change of one (replay/store-copy.ts). */
function usesObjects({ module }: ModuleInst): boolean {
  return module.types.some(({ composite }) => composite.kind !== 'func');
}

/** True if the elements of a table are functions: then calls may go through it. */
export function holdsFunctions({ type }: TableInst, canon: TypeCanon): boolean {
  const heap = heapOf(type.element);
  if (typeIdxOf(heap) < 0) return heap === HEAP.func || heap === HEAP.nofunc;
  return canon.typeAt(typeIdxOf(heap))?.composite.kind === 'func';
}

/** Writes a module out of sections: pairs of an id and its content. */
export function moduleOf(
  sections: readonly (readonly [id: number, write: (out: ByteWriter) => void])[],
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(1 << 12);
  for (const byte of [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) out.u8(byte);
  for (const [id, write] of sections) {
    out.u8(id);
    const mark = out.begin();
    write(out);
    out.endFixed(mark);
  }
  return out.toBytes();
}
