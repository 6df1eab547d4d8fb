/**
 * Where a function can stop: its instructions, and which of them can be reached. Read off the validator on first
 * need, a function at a time. Knows no breakpoints and no text.
 */

import { SUPPORTED } from '../isa/features.ts';
import { Op } from '../isa/op.gen.ts';
import type { Module } from '../module/module.ts';
import { FuncValidator } from '../valid/func.ts';

/** The instructions of one function. */
export interface FuncSites {
  /** Offsets at which instructions begin, ascending. */
  readonly starts: readonly number[];
  /**
   * Those at which it can stop: the ones that validation says can be reached, and its last `end`. An `else` is where
   * the other branch ends, which nobody means who sets a breakpoint there.
   */
  readonly reachable: ReadonlySet<number>;
}

export class Sites {
  readonly #module: Module;
  readonly #byFunc = new Map<number, FuncSites>();

  constructor(module: Module) {
    this.#module = module;
  }

  of(funcIdx: number): FuncSites {
    let sites = this.#byFunc.get(funcIdx);
    if (!sites) {
      sites = readSites(this.#module, funcIdx);
      this.#byFunc.set(funcIdx, sites);
    }
    return sites;
  }

  /** The offset of the first instruction at or behind `offset` at which the function can stop. */
  stopFrom(funcIdx: number, offset: number): number | undefined {
    const { starts, reachable } = this.of(funcIdx);
    return starts.find((start) => start >= offset && reachable.has(start));
  }
}

function readSites(module: Module, funcIdx: number): FuncSites {
  const walk = new FuncValidator(module, SUPPORTED);
  const starts: number[] = [];
  const reachable = new Set<number>();
  walk.begin(funcIdx);
  while (walk.next()) {
    const { code, offset } = walk.instr;
    starts.push(offset);
    if (walk.wasReachable && code !== Op.else) reachable.add(offset);
  }
  reachable.add(starts[starts.length - 1]);
  return { starts, reachable };
}
