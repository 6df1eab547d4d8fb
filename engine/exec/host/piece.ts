/**
 * Pieces: one module of the host for each instance, with copies of its functions (body.ts), and the small modules beside it:
 * rests (rest.ts), ways in, ways out, and the globals.
 *
 * Every function has its entry in the table `all`, by its address. What the piece does not define itself is called
 * through that table; what is not compiled has a *way out* there: a function that hands its arguments to the machine.
 */

import { ByteWriter } from '../../base/writer.ts';
import { Op } from '../../isa/op.gen.ts';
import { I32, type ValType } from '../../isa/types.ts';
import type { Module } from '../../module/module.ts';
import type { FuncInst } from '../../runtime/func.ts';
import type { GlobalInst } from '../../runtime/global.ts';
import { type Crossing, loadSlot, storeSlot } from './frame-values.ts';
import { type Helper, moduleOf, type PieceIndex, type PieceWorld, SHIMS } from './piece-index.ts';
import { erased, PieceTypes } from './types.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
  memory: 5,
} as const;

/** A function that a piece defines, in the order of its index space. */
export interface Defined {
  readonly func: FuncInst;
  /** Its code entry. */
  readonly bytes: Bytes;
  /** Whether the table `all` gets it: an imported function is in there by somebody else. */
  readonly listed: boolean;
}

/** The module of an instance. */
export function pieceModule(index: PieceIndex, defined: readonly Defined[]): Bytes {
  const { types } = index;
  const typeIdx = defined.map(({ func }) => types.guest(func.typeId));
  for (const helper of index.helpers) typeIdx.push(helperType(index, helper));
  const padding = paddingFor(index, defined);
  const nothing = types.plain([], []);
  for (let k = 0; k < padding; k++) typeIdx.push(nothing);
  const first = Object.keys(SHIMS).length;
  return moduleOf([
    [SECTION.type, (out) => types.writeTo(out)],
    [SECTION.import, (out) => index.writeImports(out)],
    [
      SECTION.function,
      (out) => {
        out.u32(typeIdx.length);
        for (const idx of typeIdx) out.u32(idx);
      },
    ],
    [SECTION.element, (out) => writeElements(out, index.all, defined, first)],
    [
      SECTION.code,
      (out) => {
        out.u32(typeIdx.length);
        for (const { bytes } of defined) out.sized(bytes);
        for (const helper of index.helpers) out.sized(helperBody(index, helper));
        for (let k = 0; k < padding; k++) out.sized(EMPTY_BODY);
      },
    ],
  ]);
}

/** No locals, and `end`. */
const EMPTY_BODY = [0, Op.end];
/** Bytes of a function that is small to the host. */
const SMALL = 50;

/**
 * How many empty functions stand behind the others: as many as it takes to have the same share of small functions as the
 * guest. V8 inlines the further the larger that share is, and our bodies are larger than the guest's (fib: 2.4 times as
 * slow as native without this, 1.6 times with it).
 */
function paddingFor({ inst }: PieceIndex, defined: readonly Defined[]): number {
  const share = shareOfSmall(inst.module);
  const small = defined.filter(({ bytes }) => bytes.length < SMALL).length;
  return Math.max(0, Math.ceil((share * defined.length - small) / (1 - share)));
}

const SHARES = new WeakMap<Module, number>();

/** Which share of a module's functions are small, 0.9 at most. */
function shareOfSmall(module: Module): number {
  let share = SHARES.get(module);
  if (share === undefined) {
    const own = module.funcs.flatMap(({ body }) => (body ? [body.range.end - body.range.start] : []));
    share = Math.min(0.9, own.filter((size) => size < SMALL).length / Math.max(1, own.length));
    SHARES.set(module, share);
  }
  return share;
}

function helperType({ types }: PieceIndex, { types: values, asks }: Helper): number {
  return asks ? types.plain([...values, I32, I32], [I32]) : types.plain([...values, I32], []);
}

/** The code entry of a helper. */
function helperBody(index: PieceIndex, { types, asks }: Helper): Bytes {
  const out = new ByteWriter(16 + 10 * types.length);
  out.u8(0);
  types.forEach((type, slot) => {
    storeSlot(out, index, slot, type, slot);
  });
  out.u8(Op.local_get);
  out.u32(types.length);
  if (asks) {
    out.u8(Op.local_get);
    out.u32(types.length + 1);
  }
  out.u8(Op.call);
  out.u32(asks ? SHIMS.ask : SHIMS.frame);
  out.u8(Op.end);
  return out.toBytes();
}

/** Fills the table `all`, a segment a run of addresses that follow each other. */
function writeElements(out: ByteWriter, table: number, defined: readonly Defined[], first: number): void {
  const runs: [addr: number, idx: number, count: number][] = [];
  defined.forEach(({ func, listed }, k) => {
    const last = runs.at(-1);
    if (!listed) return;
    if (last && last[0] + last[2] === func.addr && last[1] + last[2] === first + k) last[2]++;
    else runs.push([func.addr, first + k, 1]);
  });
  out.u32(runs.length);
  for (const [addr, idx, count] of runs) {
    out.u8(2);
    out.u32(table);
    out.u8(Op.i32_const);
    out.s32(addr);
    out.u8(Op.end);
    out.u8(0);
    out.u32(count);
    for (let k = 0; k < count; k++) out.u32(idx + k);
  }
}

/** The code entry of a way out: the machine calls `func`, be it of the host or in tier 0. */
export function wayOut(func: FuncInst, to: Crossing, callOut: number): Bytes {
  const out = new ByteWriter(128);
  const { params, results } = func.type;
  const room = params.length;
  out.u8(0);
  params.forEach((type, i) => {
    storeSlot(out, to, i, erased(type), i);
  });
  out.u8(Op.i32_const);
  out.s32(func.addr);
  out.u8(Op.local_get);
  out.u32(room);
  out.u8(Op.local_get);
  out.u32(room + 1);
  out.u8(Op.call);
  out.u32(callOut);
  out.u8(Op.local_set);
  out.u32(room + 1);
  results.forEach((type, i) => {
    loadSlot(out, to, i, erased(type));
  });
  out.u8(Op.local_get);
  out.u32(room + 1);
  out.u8(Op.end);
  return out.toBytes();
}

/** A module with ways out for functions that no piece defines. */
export function waysOutModule(world: PieceWorld, funcs: readonly FuncInst[]): Bytes {
  const types = new PieceTypes(world.shapes, world.canon);
  const callOut = types.plain([I32, I32, I32], [I32]);
  const at: Crossing = { exchange: 0, refs: 0 };
  const defined = funcs.map((func): Defined => ({ func, bytes: wayOut(func, at, 0), listed: true }));
  const typeIdx = funcs.map(({ typeId }) => types.guest(typeId));
  return moduleOf([
    [SECTION.type, (out) => types.writeTo(out)],
    [
      SECTION.import,
      (out) => {
        out.u32(4);
        out.name('');
        out.name('callOut');
        out.u8(0);
        out.u32(callOut);
        importTable(out, 'refs', 0x6f);
        importTable(out, 'all', 0x70);
        importMemory(out, 'exchange');
      },
    ],
    [
      SECTION.function,
      (out) => {
        out.u32(funcs.length);
        for (const idx of typeIdx) out.u32(idx);
      },
    ],
    [SECTION.element, (out) => writeElements(out, 1, defined, 1)],
    [
      SECTION.code,
      (out) => {
        out.u32(defined.length);
        for (const { bytes } of defined) out.sized(bytes);
      },
    ],
  ]);
}

/** A module with one rest: `go(room, fuel) → fuel`. Build it after the body, whose types it holds. */
export function restModule(index: PieceIndex, body: Bytes): Bytes {
  const type = index.types.plain([I32, I32], [I32]);
  const typeIdx = [type, ...index.helpers.map((helper) => helperType(index, helper))];
  return moduleOf([
    [SECTION.type, (out) => index.types.writeTo(out)],
    [SECTION.import, (out) => index.writeImports(out)],
    [
      SECTION.function,
      (out) => {
        out.u32(typeIdx.length);
        for (const idx of typeIdx) out.u32(idx);
      },
    ],
    [SECTION.export, (out) => exports(out, [['go', 0, Object.keys(SHIMS).length]])],
    [
      SECTION.code,
      (out) => {
        out.u32(typeIdx.length);
        out.sized(body);
        for (const helper of index.helpers) out.sized(helperBody(index, helper));
      },
    ],
  ]);
}

/** A module that calls functions of a type: `go(address, room, fuel) → fuel`, with values in the exchange. */
export function wayInModule(
  world: PieceWorld,
  typeId: number,
  params: readonly ValType[],
  results: readonly ValType[],
): Bytes {
  const types = new PieceTypes(world.shapes, world.canon);
  const callee = types.guest(typeId);
  const type = types.plain([I32, I32, I32], [I32]);
  const at: Crossing = { exchange: 0, refs: 0 };
  const body = new ByteWriter(128);
  body.u32(results.length);
  for (const result of results) {
    body.u32(1);
    body.u8(erased(result));
  }
  params.forEach((param, i) => {
    loadSlot(body, at, i, erased(param));
  });
  for (const local of [1, 2, 0]) {
    body.u8(Op.local_get);
    body.u32(local);
  }
  body.u8(Op.call_indirect);
  body.u32(callee);
  body.u32(1);
  body.u8(Op.local_set);
  body.u32(2);
  for (let k = results.length - 1; k >= 0; k--) {
    body.u8(Op.local_set);
    body.u32(3 + k);
  }
  results.forEach((result, k) => {
    storeSlot(body, at, k, erased(result), 3 + k);
  });
  body.u8(Op.local_get);
  body.u32(2);
  body.u8(Op.end);
  return moduleOf([
    [SECTION.type, (out) => types.writeTo(out)],
    [
      SECTION.import,
      (out) => {
        out.u32(3);
        importTable(out, 'refs', 0x6f);
        importTable(out, 'all', 0x70);
        importMemory(out, 'exchange');
      },
    ],
    [SECTION.function, (out) => oneOf(out, type)],
    [SECTION.export, (out) => exports(out, [['go', 0, 0]])],
    [
      SECTION.code,
      (out) => {
        out.u32(1);
        out.sized(body.view());
      },
    ],
  ]);
}

/** A module that puts functions of `all` into another table: `put(index, address)`. */
export function mirrorModule(): Bytes {
  const put = [0, 0x20, 0, 0x20, 1, 0x25, 0, 0x26, 1, 0x0b];
  return moduleOf([
    [SECTION.type, (out) => out.bytes([1, 0x60, 2, I32, I32, 0])],
    [
      SECTION.import,
      (out) => {
        out.u32(2);
        importTable(out, 'all', 0x70);
        importTable(out, 'mirror', 0x70);
      },
    ],
    [SECTION.function, (out) => oneOf(out, 0)],
    [SECTION.export, (out) => exports(out, [['put', 0, 0]])],
    [
      SECTION.code,
      (out) => {
        out.u32(1);
        out.sized(put);
      },
    ],
  ]);
}

/**
 * A module that holds numeric and vector globals `g<address>`, all of them mutable: `load` and `save` copy them from and to
 * the memory `words`, eight bytes a global, and sixteen behind those for the vectors.
 */
export function globalsModule(globals: readonly GlobalInst[]): Bytes {
  const vectorsAt = 8 * globals.length;
  return moduleOf([
    [SECTION.type, (out) => out.bytes([1, 0x60, 0, 0])],
    [SECTION.function, (out) => out.bytes([2, 0, 0])],
    [
      SECTION.memory,
      (out) => {
        out.bytes([1, 0]);
        out.u32(Math.ceil((24 * globals.length) / 0x1_0000) || 1);
      },
    ],
    [
      SECTION.global,
      (out) => {
        out.u32(globals.length);
        for (const { type } of globals) {
          out.u8(type.type);
          out.u8(1);
          out.bytes(ZERO[type.type]);
          out.u8(Op.end);
        }
      },
    ],
    [
      SECTION.export,
      (out) =>
        exports(out, [
          ['load', 0, 0],
          ['save', 0, 1],
          ['words', 2, 0],
          ...globals.map(({ addr }, k): [string, number, number] => [`g${addr}`, 3, k]),
        ]),
    ],
    [
      SECTION.code,
      (out) => {
        out.u32(2);
        out.sized(copyGlobals(globals, vectorsAt, true));
        out.sized(copyGlobals(globals, vectorsAt, false));
      },
    ],
  ]);
}

const ZERO: Readonly<Record<number, readonly number[]>> = {
  127: [0x41, 0],
  126: [0x42, 0],
  125: [0x43, 0, 0, 0, 0],
  124: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
  123: [0xfd, 0x0c, ...new Array<number>(16).fill(0)],
};

const LOADS: Readonly<Record<number, readonly number[]>> = {
  127: [0x28, 2],
  126: [0x29, 3],
  125: [0x2a, 2],
  124: [0x2b, 3],
  123: [0xfd, 0, 4],
};

const STORES: Readonly<Record<number, readonly number[]>> = {
  127: [0x36, 2],
  126: [0x37, 3],
  125: [0x38, 2],
  124: [0x39, 3],
  123: [0xfd, 11, 4],
};

const V128_BYTE = 0x7b;

function copyGlobals(globals: readonly GlobalInst[], vectorsAt: number, load: boolean): Bytes {
  const out = new ByteWriter(64 + 12 * globals.length);
  out.u8(0);
  globals.forEach(({ type: { type } }, k) => {
    const offset = type === V128_BYTE ? vectorsAt + 16 * k : 8 * k;
    out.bytes([0x41, 0]);
    if (load) {
      out.bytes(LOADS[type]);
      out.u32(offset);
      out.u8(Op.global_set);
      out.u32(k);
    } else {
      out.u8(Op.global_get);
      out.u32(k);
      out.bytes(STORES[type]);
      out.u32(offset);
    }
  });
  out.u8(Op.end);
  return out.toBytes();
}

function oneOf(out: ByteWriter, type: number): void {
  out.u32(1);
  out.u32(type);
}

function exports(
  out: ByteWriter,
  list: readonly (readonly [name: string, kind: number, idx: number])[],
): void {
  out.u32(list.length);
  for (const [name, kind, idx] of list) {
    out.name(name);
    out.u8(kind);
    out.u32(idx);
  }
}

function importTable(out: ByteWriter, name: string, element: number): void {
  out.name('');
  out.name(name);
  out.bytes([1, element, 0, 0]);
}

function importMemory(out: ByteWriter, name: string): void {
  out.name('');
  out.name(name);
  out.bytes([2, 0, 0]);
}
