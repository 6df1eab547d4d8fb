/**
 * The program's code as rows, one an instruction in the order of the bytes: what a Disassembly view shows.
 *
 * Rows are found by function, and only the functions that a request touches are walked, so a module of any size costs
 * nothing before it is looked at. Rows before and behind all code are bytes that are no code, so that a request can
 * always be answered in full. The text of an instruction is that of the flat disassembly (symbols/disassembly.ts).
 */

import { usage } from '../base/errors.ts';
import { instrReader } from '../binary/instr.ts';
import type { LoadedProgram } from './load.ts';
import type { CodeRow } from './wire.ts';

/** More rows than any view asks for at once. */
const MOST_ROWS = 100_000;

export class CodeRows {
  readonly #program: LoadedProgram;
  /** The functions with bodies, in the order of their bytes. */
  readonly #defined: readonly number[];
  readonly #offsets = new Map<number, Int32Array>();

  constructor(program: LoadedProgram) {
    this.#program = program;
    this.#defined = program.module.funcs.flatMap(({ body }, idx) => (body ? [idx] : []));
  }

  /** Offset of the instruction that covers a byte; undefined outside of the code. */
  instructionAt(offset: number): { readonly funcIdx: number; readonly offset: number } | undefined {
    const funcIdx = this.#program.funcAt(offset);
    if (funcIdx < 0) return undefined;
    const offsets = this.offsetsOf(funcIdx);
    return { funcIdx, offset: offsets[Math.max(0, lastAtOrBelow(offsets, offset))] };
  }

  /** Exactly `count` rows, from `skip` rows behind the instruction that covers the byte `offset`. */
  rows(offset: number, skip: number, count: number): CodeRow[] {
    if (!(count >= 0 && count <= MOST_ROWS)) usage(`from 0 to ${MOST_ROWS} rows can be shown, not ${count}`);
    const rows: CodeRow[] = [];
    const { order, row } = this.#locate(offset);
    let at = this.#moved(order, row + skip);
    while (rows.length < count) {
      const made = this.#rowsFrom(at.order, at.row, count - rows.length);
      rows.push(...made);
      at = this.#moved(at.order, at.row + made.length);
    }
    return rows;
  }

  /** The offsets of a function's instructions, ascending. */
  offsetsOf(funcIdx: number): Int32Array {
    let offsets = this.#offsets.get(funcIdx);
    if (!offsets) {
      const { module } = this.#program;
      const { codeStart, range } = module.funcs[funcIdx].body!;
      const reader = instrReader(module);
      const found: number[] = [];
      reader.startBody(codeStart, range.end);
      while (reader.next()) found.push(reader.offset);
      offsets = Int32Array.from(found);
      this.#offsets.set(funcIdx, offsets);
    }
    return offsets;
  }

  /**
   * Where a byte is: the function by its order, and the row in it. Before all code it is a negative row of the first
   * function, behind it a row past the end of the last.
   */
  #locate(offset: number): { order: number; row: number } {
    const defined = this.#defined;
    let low = 0;
    let high = defined.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#endOf(middle) <= offset) low = middle + 1;
      else high = middle;
    }
    if (low === defined.length) {
      const last = Math.max(low - 1, 0);
      return { order: last, row: this.#rowCount(last) + offset - this.#endOf(last) };
    }
    const offsets = this.offsetsOf(defined[low]);
    const row = lastAtOrBelow(offsets, offset);
    if (row >= 0) return { order: low, row };
    return { order: low, row: low === 0 ? offset - offsets[0] : 0 };
  }

  /** The same row by the function that it is in. */
  #moved(from: number, fromRow: number): { order: number; row: number } {
    let order = from;
    let row = fromRow;
    while (row < 0 && order > 0) row += this.#rowCount(--order);
    while (order + 1 < this.#defined.length && row >= this.#rowCount(order)) row -= this.#rowCount(order++);
    return { order, row };
  }

  /** Rows of one function, or of what is before or behind all of them. */
  #rowsFrom(order: number, first: number, most: number): CodeRow[] {
    const count = this.#rowCount(order);
    if (first >= count || count === 0) return bytesFrom(this.#endOf(order) + first - count, most);
    if (first < 0) return bytesFrom(this.offsetsOf(this.#defined[order])[0] + first, Math.min(most, -first));
    const rows: CodeRow[] = [];
    for (let row = first; row < Math.min(count, first + most); row++) rows.push(this.#row(order, row));
    return rows;
  }

  #row(order: number, row: number): CodeRow {
    const funcIdx = this.#defined[order];
    const offsets = this.offsetsOf(funcIdx);
    const offset = offsets[row];
    const end = row + 1 < offsets.length ? offsets[row + 1] : this.#endOf(order);
    const { text, map } = this.#program.printed(funcIdx);
    const span = map.exactSpan(offset);
    const head = span && text.slice(span.start, span.end);
    const bytes = this.#program.module.bytes.subarray(offset, end);
    return {
      offset,
      text: head === undefined || head === ')' ? 'end' : head,
      bytes: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
      symbol: row === 0 ? this.#program.nameOf(funcIdx) : undefined,
      place: this.#program.place(funcIdx, offset),
    };
  }

  #rowCount(order: number): number {
    const funcIdx = this.#defined[order];
    return funcIdx === undefined ? 0 : this.offsetsOf(funcIdx).length;
  }

  /** Where a function's bytes end; the module's end where there is no function. */
  #endOf(order: number): number {
    const { funcs, bytes } = this.#program.module;
    return funcs[this.#defined[order]]?.body?.range.end ?? bytes.length;
  }
}

function bytesFrom(offset: number, count: number): CodeRow[] {
  return Array.from({ length: count }, (_, i) => ({ offset: offset + i }));
}

/** Index of the last offset that is not above `wanted`; -1 if all are. */
function lastAtOrBelow(offsets: Int32Array, wanted: number): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
