/**
 * What was thrown in the loop, as a fault that explains itself: the spec suite's message, the offset, and notes with
 * the operands that caused it. Runs once, at the stop, on the state that the instruction left untouched.
 */

import type { Fault } from '../base/errors.ts';
import { InstrReader } from '../binary/instr.ts';
import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import { type FuncType, typesName } from '../isa/types.ts';
import { funcTypeAt } from '../module/module.ts';
import { FuncInst } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import { formatValue, type NumValue } from '../runtime/values.ts';
import type { WasmFrame } from './frame.ts';
import { HEAP_EXHAUSTED } from './gc.ts';
import { Signal } from './numerics.ts';
import { gcNotes } from './trap-gc.ts';

/** The fault of what the loop threw, which stopped in `frame`. What is no trap is a crash: our bug. */
export function faultOf(
  { store }: { readonly store: Store },
  frame: WasmFrame | undefined,
  thrown: unknown,
): Fault {
  const offset = frame?.offset;
  if (frame && thrown instanceof Signal) {
    const { message } = thrown;
    if (thrown === HEAP_EXHAUSTED) return { phase: 'exhaustion', message, offset, notes: [heapNote(store)] };
    // The suite's message has the index in it.
    const where = message === 'uninitialized element' ? ` ${number(frame, 1)}` : '';
    return { phase: 'trap', message: message + where, offset, notes: notesFor(store, frame, message) };
  }
  if (frame && thrown instanceof RangeError) {
    const note = outOfBounds(frame);
    if (note) return { phase: 'trap', message: 'out of bounds memory access', offset, notes: [note] };
  }
  const message = `internal error: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return { phase: 'crash', message, offset, notes: [] };
}

type Note = Fault['notes'][number];

function notesFor(store: Store, frame: WasmFrame, message: string): Note[] {
  const ofObjects = gcNotes(frame, readInstr(frame), message);
  if (ofObjects) return ofObjects.map((text) => ({ message: text }));
  switch (message) {
    case 'unreachable':
    case 'null function reference':
    case 'null exception reference':
    case 'null reference':
    case 'expected shared memory':
      return [];
    case 'deadlock: all threads wait for ever':
      return [{ message: 'there is no other thread that could notify' }];
    case 'unaligned atomic':
      return [unaligned(frame)];
    case 'undefined element':
    case 'uninitialized element':
    case 'indirect call type mismatch':
      return indirectCall(store, frame);
    case 'out of bounds table access':
    case 'out of bounds memory access':
      return bulkAccess(frame);
    default:
      return [operands(frame)];
  }
}

function heapNote({ heap }: Store): Note {
  return {
    message: `the program's objects take ${roundSize(heap.live)}, ${roundSize(heap.max)} are allowed`,
  };
}

function roundSize(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} bytes`;
  return bytes < 2 ** 20 ? `${Math.floor(bytes / 2 ** 10)} KiB` : `${Math.floor(bytes / 2 ** 20)} MiB`;
}

/** A load or store whose bytes are not all in memory: a DataView's RangeError is taken for nothing else. */
function outOfBounds(frame: WasmFrame): Note | undefined {
  const instr = readInstr(frame);
  const row = instrByCode(instr.code);
  const mem = row?.width ? frame.func.inst?.mems[instr.a] : undefined;
  if (!row || !mem) return undefined;
  const base = number(frame, row.params.length);
  const address = base + instr.memOffset;
  if (address + row.width <= mem.bytes.length) return undefined;
  const sum = instr.memOffset > 0 ? ` (${base} + offset ${instr.memOffset})` : '';
  return { message: `address ${address}${sum} + ${bytes(row.width)}, memory is ${bytes(mem.bytes.length)}` };
}

function unaligned(frame: WasmFrame): Note {
  const instr = readInstr(frame);
  const row = instrByCode(instr.code)!;
  const sum = number(frame, row.params.length) + instr.memOffset;
  return { message: `address ${sum}, which ${bytes(row.width!)} at a time do not reach` };
}

function indirectCall(store: Store, frame: WasmFrame): Note[] {
  const instr = readInstr(frame);
  const table = frame.func.inst!.tables[instr.b];
  const k = number(frame, 1);
  const found = store.tables[table.addr].elems[k];
  if (k >= table.elems.length) return [{ message: `index ${k}, table has ${table.elems.length} elements` }];
  if (!(found instanceof FuncInst)) return [{ message: `element ${k} of the table is null` }];
  const wanted = funcTypeAt(frame.func.inst!.module, instr.a)!;
  return [{ message: `element ${k} has type ${typeText(found.type)}, ${typeText(wanted)} is expected` }];
}

function bulkAccess(frame: WasmFrame): Note[] {
  const instr = readInstr(frame);
  const { mems, tables, elemAddrs, dataAddrs, store } = frame.func.inst!;
  const { a, b, code } = instr;
  const table = (idx: number) => `table has ${tables[idx].elems.length} elements`;
  const memory = (idx: number) => `memory is ${bytes(mems[idx].bytes.length)}`;
  const to = number(frame, 3);
  const from = number(frame, 2);
  const n = number(frame, 1);
  switch (code) {
    case Op.table_get:
      return [{ message: `index ${n}, ${table(a)}` }];
    case Op.table_set:
      return [{ message: `index ${from}, ${table(a)}` }];
    case Op.table_fill:
      return [{ message: `destination ${to} + ${n}, ${table(a)}` }];
    case Op.table_copy:
      return [
        { message: `destination ${to} + ${n}, ${table(a)}` },
        { message: `source ${from} + ${n}, ${table(b)}` },
      ];
    case Op.table_init: {
      const segment = `segment has ${store.elems[elemAddrs[a]].length} elements`;
      return [
        { message: `destination ${to} + ${n}, ${table(b)}` },
        { message: `source ${from} + ${n}, ${segment}` },
      ];
    }
    case Op.memory_fill:
      return [{ message: `destination ${to} + ${bytes(n)}, ${memory(a)}` }];
    case Op.memory_copy:
      return [
        { message: `destination ${to} + ${bytes(n)}, ${memory(a)}` },
        { message: `source ${from} + ${bytes(n)}, ${memory(b)}` },
      ];
    case Op.memory_init: {
      const segment = `segment is ${bytes(store.datas[dataAddrs[a]].length)}`;
      return [
        { message: `destination ${to} + ${bytes(n)}, ${memory(b)}` },
        { message: `source ${from} + ${bytes(n)}, ${segment}` },
      ];
    }
    default:
      return [];
  }
}

/** The instruction with its operands: `i32.div_s of 7 and 0`. */
function operands(frame: WasmFrame): Note {
  const row = instrByCode(readInstr(frame).code);
  const count = row?.params.length ?? 0;
  const values = Array.from({ length: count }, (_, i) =>
    formatValue(frame.operand(frame.operandCount - count + i)),
  );
  return { message: `${row?.name} of ${values.join(' and ')}` };
}

function readInstr(frame: WasmFrame): InstrReader {
  const { module } = frame.func.inst!;
  const reader = new InstrReader(module.bytes, true);
  reader.readAt(frame.offset, module.bytes.length);
  return reader;
}

/** The integer operand `fromTop` places from the top (1 is the top), unsigned; 0 for a reference or no operand. */
function number(frame: WasmFrame, fromTop: number): number {
  const idx = frame.operandCount - fromTop;
  if (idx < 0) return 0;
  return Number((frame.operand(idx) as NumValue).bits ?? 0n);
}

function bytes(n: number): string {
  return n === 1 ? '1 byte' : `${n} bytes`;
}

function typeText({ params, results }: FuncType): string {
  return `${typesName(params)} -> ${typesName(results)}`;
}
