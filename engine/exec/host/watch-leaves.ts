/**
 * Whether compiled code pays while something is watched. To leave it in front of an access and to come back costs as
 * much as hundreds of instructions do in the interpreter; a loop that touches what is watched every time, and is told of
 * nothing (a value that does not change, bytes between watched ones), is better left to that for a while.
 */

/** What leaving and entering compiled code cost, in instructions of the interpreter (1.5 µs measured with a small function). */
const COST = 1_000;
const MAX_CREDIT = 200 * COST;
/** What is tried behind a rest. */
const TRY_CREDIT = 10 * COST;
/** Rests are as long as so many looks of the machine at whether compiled code can go on: 5,000 instructions each. */
const FIRST_REST = 200;
const LONGEST_REST = 20_000;

export class WatchLeaves {
  #credit = MAX_CREDIT;
  #rest = FIRST_REST;
  #left = 0;

  /** Compiled code had better not run now. */
  get resting(): boolean {
    return this.#left > 0;
  }

  /** Compiled code has executed so many instructions; `touched`: then it was left for what is watched. True: a rest begins. */
  ran(executed: number, touched: boolean): boolean {
    this.#credit = Math.min(MAX_CREDIT, this.#credit + executed - (touched ? COST : 0));
    if (this.#credit === MAX_CREDIT) this.#rest = FIRST_REST;
    if (this.#credit >= 0 || this.#left > 0) return false;
    this.#left = this.#rest;
    this.#rest = Math.min(LONGEST_REST, 2 * this.#rest);
    this.#credit = TRY_CREDIT;
    return true;
  }

  /** The machine looks whether compiled code can go on. True: the rest is over. */
  look(): boolean {
    return --this.#left === 0;
  }

  /** Something else is watched now. */
  reset(): void {
    this.#credit = MAX_CREDIT;
    this.#rest = FIRST_REST;
    this.#left = 0;
  }
}
