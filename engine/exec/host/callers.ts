/**
 * Which host functions call in. Frames of compiled code below such a call would be on the host's stack, where nobody can look
 * at them or change them; so it is the machine that calls these functions, with all frames on its own stacks.
 *
 * Which they are nobody says beforehand. So every function is called that way often, as long as that costs little: its
 * first times, and then once in a while, by the count of instructions. What has called in once is always called that way.
 */

import type { FuncInst } from '../../runtime/func.ts';

/** Calls of every function that are made by the machine. */
const FIRST = 32;
/** Instructions between two calls that are made by it later: a few milliseconds, beside which leaving compiled code is little. */
const RARELY = 4_000_000;

export class Callers {
  readonly #known = new Set<FuncInst>();
  readonly #calls = new Map<FuncInst, number>();
  #next = 0;

  /** It has called in. */
  add(func: FuncInst): void {
    this.#known.add(func);
  }

  /** Whether the machine is to call it, when so many instructions are `executed`. */
  callsIn(func: FuncInst, executed: number): boolean {
    if (this.#known.has(func)) return true;
    const calls = this.#calls.get(func) ?? 0;
    if (calls < FIRST) {
      this.#calls.set(func, calls + 1);
      return true;
    }
    if (executed < this.#next) return false;
    this.#next = executed + RARELY;
    return true;
  }
}
