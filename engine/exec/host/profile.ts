/**
 * How many instructions each function of a store has executed, exactly. Compiled code counts in a memory of the host, by the
 * function's address; the interpreter steps and says what it did.
 */

import type { FuncInst } from '../../runtime/func.ts';

const PAGE_FUNCS = 0x1_0000 / 8;

export class Profile {
  /** Eight bytes for each function that compiled code may be in; undefined where the host has no memories. */
  readonly memory: WebAssembly.Memory | undefined;
  private readonly interpreted: number[] = [];

  constructor() {
    if (typeof WebAssembly === 'object') this.memory = new WebAssembly.Memory({ initial: 1 });
  }

  /** Makes room for functions with addresses below `count`. */
  makeRoom(count: number): void {
    const { memory } = this;
    const pages = Math.ceil(count / PAGE_FUNCS) - (memory ? memory.buffer.byteLength >> 16 : 0);
    if (memory && pages > 0) memory.grow(pages);
  }

  /** The interpreter has executed `n` instructions of a function. */
  add({ addr }: FuncInst, n: number): void {
    this.interpreted[addr] = (this.interpreted[addr] ?? 0) + n;
  }

  /** Instructions that a function has executed. */
  of({ addr }: FuncInst): number {
    const { memory } = this;
    const has = memory && 8 * addr + 8 <= memory.buffer.byteLength;
    const compiled = has ? new DataView(memory.buffer).getBigUint64(8 * addr, true) : 0n;
    return (this.interpreted[addr] ?? 0) + Number(compiled);
  }
}
