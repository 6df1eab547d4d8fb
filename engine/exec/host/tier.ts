/**
 * Tier 1 of a store: its compiled pieces, and what compiled code calls of ours.
 *
 * Between two entries into compiled code the machine's own stacks hold the whole state (activation.ts goes in and comes out);
 * so a piece can be thrown away and built anew at any such time. Tables of the host mirror the store's tables of functions,
 * globals of the host hold the store's while compiled code runs.
 */

import { isRef, V128, type ValType } from '../../isa/types.ts';
import type { FuncInst } from '../../runtime/func.ts';
import type { GlobalInst } from '../../runtime/global.ts';
import type { ModuleInst } from '../../runtime/module-inst.ts';
import type { Store } from '../../runtime/store.ts';
import type { TableInst } from '../../runtime/table.ts';
import { BodyEmitter } from './body.ts';
import { type Body, Kept } from './body-state.ts';
import { whereTheyDiffer } from './breaks-change.ts';
import { Exchange } from './exchange.ts';
import type { FrameLayout } from './frame-values.ts';
import {
  type Defined,
  globalsModule,
  mirrorModule,
  pieceModule,
  restModule,
  wayInModule,
  wayOut,
  waysOutModule,
} from './piece.ts';
import { holdsFunctions, PieceIndex, type PieceWorld, SHIMS } from './piece-index.ts';
import type { Profile } from './profile.ts';
import { RestEmitter } from './rest.ts';
import type { SiteList } from './sites.ts';
import { Shapes } from './types.ts';
import type { WatchPlan } from './watch-plan.ts';
import { codeBytes, codeSize, WHOLE } from './worth.ts';

/** A compiled body, and what is known of its frames once one was left. */
export interface CompiledBody {
  readonly func: FuncInst;
  /** Byte offset of the loop that a rest begins with; -1 for the whole function. */
  readonly header: number;
  /** Its sites are numbered from here. */
  readonly siteBase: number;
  readonly siteCount: number;
  /** Offsets of instructions with breakpoints. */
  readonly breaks: ReadonlySet<number> | undefined;
  /** What its code looks for before it touches it. */
  readonly watched: WatchPlan | undefined;
  /** Made when a frame is left for the first time. */
  frame?: FrameShape;
}

/** How a body's frame lies in the exchange. */
export interface FrameShape {
  readonly sites: SiteList;
  readonly layout: FrameLayout;
  /** Slots of references, and of vectors. */
  readonly refs: readonly number[];
  readonly vectors: readonly number[];
}

/** What compiled code calls; activation.ts has them. */
export interface Shims {
  leave(fuel: number): never;
  frame(site: number): void;
  runOp(op: number, sp: number, fuel: number): void;
  callOut(addr: number, room: number, fuel: number): number;
  ask(site: number, fuel: number): number;
  due(fuel: number): number;
}

export type WayIn = (addr: number, room: number, fuel: number) => number;

/** The remainder of a function from a loop header on. */
export interface Rest {
  readonly go: (room: number, fuel: number) => number;
  /** Types of the operands at the header, from the bottom. */
  readonly operands: readonly ValType[];
  /** Locals in which it wants no NaN but the canonical one. */
  readonly lazy: readonly number[];
}

interface Bank {
  readonly globals: readonly GlobalInst[];
  readonly load: () => void;
  readonly save: () => void;
  readonly words: Int32Array;
}

interface Mirror {
  readonly table: TableInst;
  readonly host: WebAssembly.Table;
  readonly put: (index: number, addr: number) => void;
  /** What the mirror holds; undefined where it has to be put there again. */
  readonly held: (FuncInst | null | undefined)[];
}

/** Functions of an instance that are compiled together: a module of the host. */
interface Part {
  readonly inst: ModuleInst;
  readonly index: PieceIndex;
  /** What it defines: functions of the instance; in the part of a whole instance also those of the host that it imports. */
  readonly funcs: readonly FuncInst[];
  /** Those of them that the table of all functions has from here. */
  readonly listed: ReadonlySet<FuncInst>;
  /** Of its functions in the module. */
  readonly bytes: number;
  isStale: boolean;
}

const MAX_RESTS = 256;

export class HostTier {
  readonly store: Store;
  readonly exchange = new Exchange();
  /** Operations that the machine executes for compiled code, by number. */
  readonly ops: Int32Array[] = [];
  /** Functions that are not compiled, with the reason. */
  readonly kept = new Map<FuncInst, string>();
  private readonly all: WebAssembly.Table;
  private readonly funcRefs: WebAssembly.Table;
  private readonly world: PieceWorld;
  private readonly opNumbers = new Map<string, number>();
  private readonly compiled = new Set<number>();
  private readonly bodies: CompiledBody[] = [];
  private readonly imports: Record<string, unknown>;
  private readonly waysIn = new Map<number, WayIn>();
  private readonly rests = new Map<
    string,
    { readonly rest: Rest; readonly body: CompiledBody } | undefined
  >();
  private readonly banks: Bank[] = [];
  private readonly mirrors: Mirror[] = [];
  private readonly refGlobals: { readonly global: GlobalInst; readonly host: WebAssembly.Global }[] = [];
  private breaks: ReadonlyMap<number, ReadonlySet<number>> = new Map();
  /** Bodies of functions as they are now. */
  private readonly code = new Map<FuncInst, Body>();
  /** Those of them that look for what is watched: the others wait until nothing is. */
  private readonly watchedCode = new Map<FuncInst, Body>();
  private plan: WatchPlan | undefined;
  private readonly parts: Part[] = [];
  private readonly partOf = new Map<FuncInst, Part>();
  /** Some part is not what it should be. */
  private hasStale = false;
  /** Modules with more bytes of code are compiled in parts. */
  wholeUpTo = WHOLE;
  private readonly importers = new Map<FuncInst, ModuleInst>();
  private tableVersion = -1;
  private nextSite = 0;
  private builtInstances = 0;
  private builtFuncs = 0;
  private builtTables = 0;
  private builtGlobals = 0;

  constructor(store: Store, shims: Shims, profile?: Profile) {
    this.store = store;
    this.all = new WebAssembly.Table({ element: 'anyfunc', initial: 0 });
    this.funcRefs = new WebAssembly.Table({ element: 'externref', initial: 0 });
    this.world = {
      shapes: new Shapes(),
      canon: store.canon,
      op: (words) => this.opNumber(words),
      profile,
      refFunc: (func) => this.funcRefs.set(func.addr, func),
    };
    this.imports = {
      ...shims,
      addrOf: (func: FuncInst | null) => (func === null ? -1 : func.addr),
      calleeOf: (table: number, index: number, typeId: number) => {
        const func = store.tableElems[table][index >>> 0] as FuncInst | null | undefined;
        return func && store.canon.isSubId(func.typeId, typeId) ? func.addr : -1;
      },
      refs: this.exchange.refs,
      all: this.all,
      funcRefs: this.funcRefs,
      exchange: this.exchange.memory,
      counts: profile?.memory,
      none: new WebAssembly.Memory({ initial: 0 }),
    };
  }

  /** True if the store has got something since it was compiled. */
  get isStale(): boolean {
    const { funcs, instances } = this.store;
    return this.builtFuncs !== funcs.length || this.builtInstances !== instances.length || this.hasStale;
  }

  /** The functions that are compiled. */
  functions(): FuncInst[] {
    return [...this.compiled].map((addr) => this.store.funcs[addr]);
  }

  /** Instructions with breakpoints, by the address of their function: functions for which that changes are compiled anew. */
  breakAt(breaks: ReadonlyMap<number, ReadonlySet<number>>): void {
    const changed = whereTheyDiffer(breaks, this.breaks);
    if (changed.length === 0) return;
    this.breaks = breaks;
    for (const addr of changed) {
      const func = this.store.funcs[addr];
      this.code.delete(func);
      this.watchedCode.delete(func);
      this.outdate(this.partOf.get(func));
    }
    const addrs = new Set(changed);
    for (const key of this.rests.keys()) if (addrs.has(Number.parseInt(key, 10))) this.rests.delete(key);
  }

  /** Bytes of functions that have to be compiled again for these breakpoints: those of the parts concerned. */
  outdatedBy(breaks: ReadonlyMap<number, ReadonlySet<number>>): number {
    const parts = new Set(
      whereTheyDiffer(breaks, this.breaks).map((addr) => this.partOf.get(this.store.funcs[addr])),
    );
    let bytes = 0;
    for (const part of parts) bytes += part?.bytes ?? 0;
    return bytes;
  }

  private outdate(part: Part | undefined): void {
    if (!part) return;
    part.isStale = true;
    this.hasStale = true;
  }

  /** What is watched: functions that may touch it are compiled anew, to look for it. */
  watchFor(plan: WatchPlan | undefined): void {
    const before = this.plan;
    const locals = new Set([...(before?.locals ?? []), ...(plan?.locals ?? [])]);
    const sameLocals = locals.size === (before?.locals.size ?? 0) && locals.size === (plan?.locals.size ?? 0);
    if (plan?.key !== before?.key) this.watchedCode.clear();
    else if (sameLocals) return;
    this.plan = plan;
    for (const part of this.parts) this.outdate(part);
    this.rests.clear();
  }

  /** The plan for code of an instance. */
  private planFor(inst: ModuleInst): WatchPlan | undefined {
    return this.plan?.concerns(inst) ? this.plan : undefined;
  }

  /** Whether calls of a function go to compiled code. */
  runs(func: FuncInst): boolean {
    return this.compiled.has(func.addr);
  }

  /** True if an instance is compiled at once; false if in parts, as `grow` is told. */
  isWhole({ module }: ModuleInst): boolean {
    return codeSize(module) <= this.wholeUpTo;
  }

  /**
   * Compiles what the store has got since the last time, and again what is out of date. What is compiled when it is interrupted
   * is kept for when it is called again.
   */
  build(isAsked: () => boolean = () => false): 'nothing' | 'done' | 'interrupted' {
    const { store } = this;
    const { funcs, instances } = store;
    if (!this.isStale) return 'nothing';
    growTo(this.all, funcs.length);
    this.world.profile?.makeRoom(funcs.length);
    growTo(this.funcRefs, funcs.length);
    this.addGlobals();
    this.addTables();
    const listed = new Set<FuncInst>();
    for (; this.builtInstances < instances.length; this.builtInstances++)
      this.addInstance(instances[this.builtInstances], listed);
    const others = funcs.slice(this.builtFuncs).filter((func) => !listed.has(func));
    this.builtFuncs = funcs.length;
    if (others.length > 0) this.instantiate(waysOutModule(this.world, others));
    for (const part of this.parts) if (part.isStale && !this.make(part, isAsked)) return 'interrupted';
    this.hasStale = false;
    return 'done';
  }

  /**
   * Compiles functions that are compiled for the first time, of an instance that is compiled in parts. Also while compiled code
   * runs. False if it was interrupted.
   */
  grow(inst: ModuleInst, funcs: readonly FuncInst[], isAsked: () => boolean): boolean {
    const isDone = this.make(this.partWith(inst, funcs, new Set(funcs)), isAsked);
    this.hasStale = this.parts.some(({ isStale }) => isStale);
    return isDone;
  }

  /** Its functions have ways out until they are compiled. */
  private addInstance(inst: ModuleInst, listed: Set<FuncInst>): void {
    const own = inst.funcs.filter((func) => func.inst === inst);
    const hosts = [...new Set(inst.funcs.filter((func) => func.host))];
    for (const func of hosts) if (!this.importers.has(func)) this.importers.set(func, inst);
    if (!this.isWhole(inst)) return;
    const all = [...own, ...hosts];
    const added = all.filter((func) => func.addr >= this.builtFuncs && !listed.has(func));
    for (const func of added) listed.add(func);
    this.partWith(inst, all, new Set(added));
  }

  private partWith(inst: ModuleInst, funcs: readonly FuncInst[], listed: ReadonlySet<FuncInst>): Part {
    const index = new PieceIndex(inst, this.world);
    const first = Object.keys(SHIMS).length;
    funcs.forEach((func, k) => {
      index.defined.set(func.addr, first + k);
    });
    index.firstHelper = first + funcs.length;
    const bytes = funcs.reduce((sum, func) => sum + (func.host ? 0 : codeBytes(func)), 0);
    const part: Part = { inst, index, funcs, listed, bytes, isStale: true };
    this.parts.push(part);
    this.hasStale = true;
    for (const func of funcs) if (!func.host) this.partOf.set(func, part);
    return part;
  }

  /** Compiles a part. False if it was interrupted: code that is known then keeps its indices. */
  private make(part: Part, isAsked: () => boolean): boolean {
    const { inst, index, funcs, listed } = part;
    index.watched = this.planFor(inst);
    const emitter = new BodyEmitter(index);
    const made: FuncInst[] = [];
    const defined: Defined[] = [];
    for (const func of funcs) {
      if (isAsked()) return false;
      this.kept.delete(func);
      const body = func.host ? undefined : this.compile(emitter, func);
      if (body) made.push(func);
      const bytes = body?.bytes ?? wayOut(func, index, SHIMS.callOut);
      defined.push({ func, bytes, listed: listed.has(func) });
    }
    for (const { addr } of funcs) this.compiled.delete(addr);
    try {
      if (made.length > 0) this.instantiate(pieceModule(index, defined));
      for (const { addr } of made) this.compiled.add(addr);
    } catch (error) {
      // Limits of the host, on sizes above all, are its own.
      for (const func of made.splice(0)) this.kept.set(func, `the host refuses it: ${textOf(error)}`);
    }
    if (made.length === 0) this.instantiate(waysOutModule(this.world, [...listed]));
    this.listAgain(listed);
    part.isStale = false;
    return true;
  }

  /** Tables of functions get what the table of all functions has of these now. */
  private listAgain(funcs: ReadonlySet<FuncInst | null | undefined>): void {
    for (const { held } of this.mirrors) {
      for (let i = 0; i < held.length; i++) {
        if (!funcs.has(held[i])) continue;
        held[i] = undefined;
        this.tableVersion = -1;
      }
    }
  }

  private compile(emitter: BodyEmitter, func: FuncInst): Body | undefined {
    const { plan } = this;
    if (plan?.locals.has(func)) {
      this.kept.set(func, 'a local of it is watched');
      return undefined;
    }
    const watched = this.planFor(func.inst!);
    const bodies = watched ? this.watchedCode : this.code;
    const known = bodies.get(func);
    if (known) return known;
    try {
      const breaks = this.breaks.get(func.addr);
      const body = emitter.compile(func, this.nextSite, breaks);
      this.bodies.push({ func, header: -1, siteBase: this.nextSite, siteCount: body.sites, breaks, watched });
      this.nextSite += body.sites;
      bodies.set(func, body);
      return body;
    } catch (error) {
      // A program runs also where there is a bug of ours in this; tests see the reason.
      this.kept.set(func, error instanceof Kept ? error.reason : `internal error: ${textOf(error)}`);
      return undefined;
    }
  }

  /** The instance that imports a function: that on whose behalf the host is called. */
  importerOf(func: FuncInst): ModuleInst | undefined {
    return this.importers.get(func);
  }

  /** Calls functions of a type. */
  wayIn(typeId: number): WayIn {
    let way = this.waysIn.get(typeId);
    if (!way) {
      const composite = this.store.canon.typeAt(typeId)?.composite;
      if (composite?.kind !== 'func') throw new TypeError(`type ${typeId} is no function type`);
      const bytes = wayInModule(this.world, typeId, composite.params, composite.results);
      way = this.instantiate(bytes).go as WayIn;
      this.waysIn.set(typeId, way);
    }
    return way;
  }

  /** The rest of a compiled function from a loop header on, undefined if there can be none. */
  rest(func: FuncInst, header: number): Rest | undefined {
    const key = `${func.addr}:${header}`;
    const known = this.rests.get(key);
    if (known || this.rests.has(key)) {
      // The one used last is the last one.
      this.rests.delete(key);
      this.rests.set(key, known);
      return known?.rest;
    }
    const made = this.makeRest(func, header);
    this.rests.set(key, made);
    if (this.rests.size > MAX_RESTS) this.dropRest();
    return made?.rest;
  }

  private makeRest(
    func: FuncInst,
    header: number,
  ): { readonly rest: Rest; readonly body: CompiledBody } | undefined {
    const index = new PieceIndex(func.inst!, this.world);
    index.firstHelper++;
    const watched = this.planFor(func.inst!);
    index.watched = watched;
    const breaks = this.breaks.get(func.addr);
    try {
      const emitter = new RestEmitter(index);
      const { bytes, sites } = emitter.rest(func, header, this.nextSite, breaks);
      const body = { func, header, siteBase: this.nextSite, siteCount: sites, breaks, watched };
      const go = this.instantiate(restModule(index, bytes)).go as Rest['go'];
      this.bodies.push(body);
      this.nextSite += sites;
      return { rest: { go, operands: emitter.operands, lazy: emitter.frameLayout.lazy }, body };
    } catch {
      // The host's limits, or something that a rest cannot have: the interpreter goes on there.
      return undefined;
    }
  }

  private dropRest(): void {
    const [key, oldest] = this.rests.entries().next().value!;
    this.rests.delete(key);
    if (oldest) this.bodies.splice(this.bodies.indexOf(oldest.body), 1);
  }

  /** The body that a site is in. */
  bodyOf(site: number): CompiledBody {
    const { bodies } = this;
    let low = 0;
    let high = bodies.length;
    while (high - low > 1) {
      const mid = (low + high) >> 1;
      if (bodies[mid].siteBase <= site) low = mid;
      else high = mid;
    }
    return bodies[low];
  }

  /** How the frames of a body look: its code is walked once more. */
  shapeOf(body: CompiledBody): FrameShape {
    if (body.frame) return body.frame;
    const sites: SiteList = [];
    const index = new PieceIndex(body.func.inst!, this.world);
    index.watched = body.watched;
    let layout: FrameLayout;
    if (body.header < 0) {
      const emitter = new BodyEmitter(index);
      emitter.compile(body.func, body.siteBase, body.breaks, sites);
      layout = emitter.frameLayout;
    } else {
      const emitter = new RestEmitter(index);
      emitter.rest(body.func, body.header, body.siteBase, body.breaks, sites);
      layout = emitter.frameLayout;
    }
    const slotsOf = (wanted: number) => layout.types.flatMap((type, slot) => (type === wanted ? [slot] : []));
    body.frame = { sites, layout, refs: slotsOf(EXTERN_BYTE), vectors: slotsOf(V128) };
    return body.frame;
  }

  /** Gives the store's globals and tables to compiled code. */
  load(): void {
    for (const { globals, load, words } of this.banks) {
      const { globalWords, globalVectors } = this.store;
      const vectorsAt = 2 * globals.length;
      globals.forEach(({ addr, type }, k) => {
        if (type.type === V128)
          for (let i = 0; i < 4; i++) words[vectorsAt + 4 * k + i] = globalVectors[4 * addr + i];
        else {
          words[2 * k] = globalWords[2 * addr];
          words[2 * k + 1] = globalWords[2 * addr + 1];
        }
      });
      load();
    }
    for (const { global, host } of this.refGlobals) host.value = this.store.globalRefs[global.addr];
    this.syncTables();
  }

  /** Takes the globals back. */
  save(): void {
    for (const { globals, save, words } of this.banks) {
      const { globalWords, globalVectors } = this.store;
      const vectorsAt = 2 * globals.length;
      save();
      globals.forEach(({ addr, type }, k) => {
        if (type.type === V128)
          for (let i = 0; i < 4; i++) globalVectors[4 * addr + i] = words[vectorsAt + 4 * k + i];
        else {
          globalWords[2 * addr] = words[2 * k];
          globalWords[2 * addr + 1] = words[2 * k + 1];
        }
      });
    }
    for (const { global, host } of this.refGlobals)
      if (global.type.mutable) this.store.globalRefs[global.addr] = host.value;
  }

  /** Brings the mirrors up to date. */
  syncTables(): void {
    if (this.store.tableVersion === this.tableVersion) return;
    this.tableVersion = this.store.tableVersion;
    for (const mirror of this.mirrors) {
      const { table, host, held, put } = mirror;
      const { elems } = table;
      if (host.length < elems.length) host.grow(elems.length - host.length);
      for (let i = 0; i < elems.length; i++) {
        const func = elems[i] as FuncInst | null;
        if (held[i] === func) continue;
        if (held.length <= i && func === null) {
          held[i] = null;
          continue;
        }
        if (func === null) host.set(i, null);
        else {
          if (func.addr >= this.builtFuncs) this.build();
          put(i, func.addr);
        }
        held[i] = func;
      }
    }
  }

  private addGlobals(): void {
    const { globals } = this.store;
    const added = globals.slice(this.builtGlobals);
    this.builtGlobals = globals.length;
    const numbers = added.filter(({ type }) => !isRef(type.type));
    if (numbers.length > 0) {
      const { load, save, words, ...hosts } = this.instantiate(globalsModule(numbers));
      Object.assign(this.imports, hosts);
      this.banks.push({
        globals: numbers,
        load: load as () => void,
        save: save as () => void,
        words: new Int32Array((words as WebAssembly.Memory).buffer),
      });
    }
    for (const global of added) {
      if (!isRef(global.type.type)) continue;
      const host = new WebAssembly.Global({ value: 'externref', mutable: true }, null);
      this.imports[`g${global.addr}`] = host;
      this.refGlobals.push({ global, host });
    }
  }

  private addTables(): void {
    const { tables, canon, mems } = this.store;
    if (this.builtTables < tables.length) this.tableVersion = -1;
    for (; this.builtTables < tables.length; this.builtTables++) {
      const table = tables[this.builtTables];
      if (!holdsFunctions(table, canon)) continue;
      const host = new WebAssembly.Table({ element: 'anyfunc', initial: table.elems.length });
      this.imports[`t${table.addr}`] = host;
      this.imports.mirror = host;
      const put = this.instantiate(mirrorModule()).put as Mirror['put'];
      this.mirrors.push({ table, host, put, held: [] });
    }
    for (const mem of mems) this.imports[`m${mem.addr}`] = mem.hostMemory;
  }

  private instantiate(bytes: Uint8Array<ArrayBuffer>): Record<string, unknown> {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { '': this.imports }).exports;
  }

  private opNumber(words: readonly number[]): number {
    const key = words.join();
    let number = this.opNumbers.get(key);
    if (number === undefined) {
      number = this.ops.push(Int32Array.from(words)) - 1;
      this.opNumbers.set(key, number);
    }
    return number;
  }
}

const EXTERN_BYTE = 0x6f;

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function growTo(table: WebAssembly.Table, length: number): void {
  if (table.length < length) table.grow(Math.max(length, 2 * table.length) - table.length);
}
