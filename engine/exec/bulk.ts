/**
 * Table and bulk memory instructions (spec 4.4.6, 4.4.7), out of the interpreter's loop.
 *
 * Words behind the op, all store addresses: TableGet TableSet TableSize TableGrow TableFill (table); TableCopy
 * (destination, source); TableInit (table, element instance); ElemDrop (element instance); MemoryInit (memory, data
 * instance); DataDrop (data instance); MemoryCopy (destination, source); MemoryFill (memory).
 * The third word says which operands are 64 bits wide (Wide); a size comes back as wide as the table's indices.
 * Bounds are checked before anything is written (spec since 2.0). A sum of two doubles is exact where it matters:
 * beyond 2^53 everything is out of bounds.
 */

import type { Ref } from '../runtime/values.ts';
import { putSize, unsignedAt } from './far-access.ts';
import type { Core } from './interp.ts';
import { IOp } from './iop.ts';
import { Signal } from './numerics.ts';

export const OOB_MEMORY = new Signal('out of bounds memory access');
export const OOB_TABLE = new Signal('out of bounds table access');

/** Operands that are i64, as bits of the third word: destination (or the only index), source, length. */
export const enum Wide {
  none = 0,
  to = 1,
  from = 2,
  length = 4,
}

/** More bytes or elements than these count as so many instructions as take about as long. */
const LARGE = 1 << 16;
const PER_INSTRUCTION = 64;

/** Executes the instruction at `pc` and returns the new sp. Operands stay in place when it throws a `Signal`. */
export function bulk(m: Core, code: Int32Array, pc: number, sp: number, op: number): number {
  const { I, R, store } = m;
  const a = code[pc + 1];
  const b = code[pc + 2];
  const wide = code[pc + 3];
  const wideTo = (wide & Wide.to) !== 0;
  switch (op) {
    case IOp.TableGet: {
      const elems = store.tableElems[a];
      const i = unsignedAt(I, sp - 2, wideTo);
      if (i >= elems.length) throw OOB_TABLE;
      R[(sp - 2) >> 1] = elems[i];
      return sp;
    }
    case IOp.TableSet: {
      const elems = store.tableElems[a];
      const i = unsignedAt(I, sp - 4, wideTo);
      if (i >= elems.length) throw OOB_TABLE;
      elems[i] = R[(sp - 2) >> 1];
      store.tableVersion++;
      return sp - 4;
    }
    case IOp.TableSize:
      putSize(I, sp, store.tableElems[a].length, wideTo);
      return sp + 2;
    case IOp.TableGrow:
      store.tableVersion++;
      putSize(I, sp - 4, store.tables[a].grow(unsignedAt(I, sp - 2, wideTo), R[(sp - 4) >> 1]), wideTo);
      return sp - 2;
    case IOp.ElemDrop:
      store.elems[a] = [];
      return sp;
    case IOp.DataDrop:
      store.datas[a] = new Uint8Array(0);
      return sp;
    default: {
      const to = unsignedAt(I, sp - 6, wideTo);
      const n = unsignedAt(I, sp - 2, (wide & Wide.length) !== 0);
      store.tableVersion++;
      if (op === IOp.TableFill) fillTable(store.tableElems[a], to, R[(sp - 4) >> 1], n);
      else if (op === IOp.MemoryFill) fillMemory(store.mems[a].bytes, to, I[sp - 4], n);
      else ranged(m, op, a, b, to, unsignedAt(I, sp - 4, (wide & Wide.from) !== 0), n);
      if (n >= LARGE) m.weight += Math.floor(n / PER_INSTRUCTION);
      return sp - 6;
    }
  }
}

function ranged(m: Core, op: number, a: number, b: number, to: number, from: number, n: number): void {
  const { store } = m;
  switch (op) {
    case IOp.TableCopy:
      copyRefs(store.tableElems[a], to, store.tableElems[b], from, n);
      break;
    case IOp.TableInit:
      copyRefs(store.tableElems[a], to, store.elems[b], from, n);
      break;
    case IOp.MemoryCopy:
      copyBytes(store.mems[a].bytes, to, store.mems[b].bytes, from, n);
      break;
    case IOp.MemoryInit:
      copyBytes(store.mems[a].bytes, to, store.datas[b], from, n);
      break;
  }
}

function fillTable(elems: Ref[], at: number, ref: Ref, n: number): void {
  if (at + n > elems.length) throw OOB_TABLE;
  elems.fill(ref, at, at + n);
}

function fillMemory(bytes: Uint8Array, at: number, value: number, n: number): void {
  if (at + n > bytes.length) throw OOB_MEMORY;
  bytes.fill(value, at, at + n);
}

function copyRefs(to: Ref[], at: number, from: readonly Ref[], start: number, n: number): void {
  if (start + n > from.length || at + n > to.length) throw OOB_TABLE;
  if (at <= start) for (let k = 0; k < n; k++) to[at + k] = from[start + k];
  else for (let k = n - 1; k >= 0; k--) to[at + k] = from[start + k];
}

function copyBytes(to: Uint8Array, at: number, from: Uint8Array, start: number, n: number): void {
  if (start + n > from.length || at + n > to.length) throw OOB_MEMORY;
  if (to === from) to.copyWithin(at, start, start + n);
  else to.set(from.subarray(start, start + n), at);
}
