/**
 * When code is worth compiling: after so many instructions of the interpreter as take about as long as compiling does, so
 * that a short run of a large program does not pay for it. Functions of large modules have times of their own (growth.ts).
 */

import { SECTION } from '../../binary/sections.ts';
import type { Module } from '../../module/module.ts';
import type { FuncInst } from '../../runtime/func.ts';
import type { Store } from '../../runtime/store.ts';
import type { HostTier } from './tier.ts';

/** Instructions at least. */
export const HOT = 200_000;
/** For each byte of what is compiled: 30 MB took 4 s, in which the interpreter executes a billion instructions (Node 24). */
export const PER_BYTE = 30;
/** The same for compiling again when breakpoints change: bodies are kept, but for a few. */
const PER_BYTE_AGAIN = 10;
/** For each function of a large module, which gets a way out first. */
const PER_FUNCTION = 500;

/** Bytes of a module's code that is compiled as a whole, at once: of a larger one only what is executed (growth.ts). */
export const WHOLE = 1 << 18;

export class Worth {
  readonly #store: Store;
  readonly #tier: HostTier;
  /** How many instances `#instructions` is about. */
  #weighed = -1;
  #instructions = HOT;

  constructor(store: Store, tier: HostTier) {
    this.#store = store;
    this.#tier = tier;
  }

  /** The number of instructions until so many bytes are compiled again, once something has changed; 0 where that takes no time. */
  again(bytes: number): number {
    const again = PER_BYTE_AGAIN * bytes;
    return again < HOT ? 0 : again;
  }

  /** The number of instructions before anything is compiled. */
  get instructions(): number {
    const { instances } = this.#store;
    if (this.#weighed !== instances.length) {
      this.#weighed = instances.length;
      const cost = instances.reduce((sum, inst) => {
        const { module, funcs } = inst;
        return sum + (this.#tier.isWhole(inst) ? PER_BYTE * codeSize(module) : PER_FUNCTION * funcs.length);
      }, 0);
      this.#instructions = Math.max(HOT, cost);
    }
    return this.#instructions;
  }
}

/** Bytes of a module's code: debug information, names and data cost nothing when code is compiled. */
export function codeSize({ sections }: Module): number {
  const code = sections.find(({ id }) => id === SECTION.code)?.range;
  return code ? code.end - code.start : 0;
}

/** Bytes of a function's body. */
export function codeBytes({ inst, idx }: FuncInst): number {
  const { start, end } = inst!.module.funcs[idx].body!.range;
  return end - start;
}
