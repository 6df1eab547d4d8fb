/**
 * When code is worth compiling: after so many instructions of the interpreter as take about as long as making the
 * pieces does, so that a short run of a large program does not pay for it.
 */

import type { Store } from '../../runtime/store.ts';

/** At least. */
const HOT = 200_000;
/** For each byte of the modules: 30 MB took 4 s, in which the interpreter executes a billion instructions (Node 24). */
const PER_BYTE = 30;

/** The same for compiling again when breakpoints change: bodies are kept, but for a few. */
const PER_BYTE_AGAIN = 10;

export class Worth {
  readonly #store: Store;
  /** How many instances `#instructions` is about. */
  #weighed = -1;
  #instructions = HOT;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The number of instructions until it is compiled again, once something has changed; 0 where that takes no time. */
  get again(): number {
    const again = (this.instructions / PER_BYTE) * PER_BYTE_AGAIN;
    return again < HOT ? 0 : again;
  }

  /** The number of instructions. */
  get instructions(): number {
    const { instances } = this.#store;
    if (this.#weighed !== instances.length) {
      this.#weighed = instances.length;
      const bytes = instances.reduce((sum, { module }) => sum + module.bytes.length, 0);
      this.#instructions = Math.max(HOT, PER_BYTE * bytes);
    }
    return this.#instructions;
  }
}
