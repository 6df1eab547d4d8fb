/**
 * Breakpoints have changed, and compiled code has to be made anew: for a large program that takes seconds, and steps set and
 * clear breakpoints all the time. So the interpreter goes on for about as long first. If the breakpoints are by then what they
 * were, there is nothing to do.
 */

import type { CodeSpace } from '../code.ts';
import type { Machine } from '../machine.ts';
import type { HostTier } from './tier.ts';
import type { Worth } from './worth.ts';

/** Offsets of instructions with breakpoints, by the address of their function. */
type Breaks = ReadonlyMap<number, ReadonlySet<number>>;

export class BreaksChange {
  readonly #worth: Worth;
  /** Instructions that the interpreter is to execute before; undefined: it does not wait. */
  #left: number | undefined;
  #version = -1;
  /** Bytes that are to be compiled again. */
  #bytes = 0;
  /** Who asked last, and how much it had executed. */
  #machine: Machine | undefined;
  #counted = 0;

  constructor(worth: Worth) {
    this.#worth = worth;
  }

  /** Compiled code waits for being made anew. */
  get waits(): boolean {
    return this.#left !== undefined;
  }

  /** Asked again and again while breakpoints are not those of compiled code: whether the machine is to go on without it. */
  isFor(m: Machine, space: CodeSpace, tier: HostTier): boolean {
    if (this.#version !== space.breakVersion) {
      this.#version = space.breakVersion;
      this.#bytes = tier.outdatedBy(space.broken);
    }
    if (this.#bytes === 0) return this.#end();
    const since = m === this.#machine ? m.counted - this.#counted : 0;
    this.#machine = m;
    this.#counted = m.counted;
    this.#left = (this.#left ?? this.#worth.again(this.#bytes)) - Math.max(0, since);
    return this.#left > 0 || this.#end();
  }

  #end(): false {
    this.#left = undefined;
    this.#machine = undefined;
    return false;
  }
}

/** Functions, by address, that have other breakpoints in one of them than in the other. */
export function whereTheyDiffer(now: Breaks, before: Breaks): number[] {
  return [...new Set([...now.keys(), ...before.keys()])].filter((addr) => {
    const [here, there] = [now.get(addr), before.get(addr)];
    return here?.size !== there?.size || [...(here ?? [])].some((offset) => !there!.has(offset));
  });
}
