/**
 * Where a function can stop: its instructions, and which of them can be reached. Read off the validator on first
 * need, a function at a time. Knows no breakpoints and no text.
 */

import { SUPPORTED } from '../isa/features.ts';
import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import type { Module } from '../module/module.ts';
import { FuncValidator } from '../valid/func.ts';

/** The instructions of one function. */
export interface FuncSites {
  /** Offsets at which instructions begin, ascending. */
  readonly starts: readonly number[];
  /**
   * Those at which it can stop: the ones that validation says can be reached, its last `end` also when a branch leads
   * there. An `else` is where the other branch ends, which nobody means who sets a breakpoint there.
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

  /**
   * The offset of the instruction nearest to `offset` at which the function can stop: the first one at or behind it,
   * else the last one before. There is always one, because a function's first instruction can be reached.
   */
  stopNear(funcIdx: number, offset: number): number {
    const { starts, reachable } = this.of(funcIdx);
    const behind = starts.find((start) => start >= offset && reachable.has(start));
    return behind ?? starts.findLast((start) => reachable.has(start))!;
  }
}

function readSites(module: Module, funcIdx: number): FuncSites {
  const walk = new FuncValidator(module, SUPPORTED);
  const starts: number[] = [];
  const reachable = new Set<number>();
  let leaves = false;
  walk.begin(funcIdx);
  while (walk.next()) {
    const { code, offset } = walk.instr;
    starts.push(offset);
    if (!walk.wasReachable) continue;
    if (code !== Op.else) reachable.add(offset);
    leaves ||= branchesTo(walk, walk.depth - 1);
  }
  if (leaves) reachable.add(starts[starts.length - 1]);
  return { starts, reachable };
}

/** Whether the instruction just read may branch to the label that is `outermost` labels out. */
function branchesTo({ instr }: FuncValidator, outermost: number): boolean {
  const { a, list } = instr;
  switch (instrByCode(instr.code)?.shape) {
    case 'label':
    case 'castBranch':
      return a === outermost;
    case 'labels':
      return list.includes(outermost);
    case 'catches':
      // Clauses are kind, tag, label; labels are seen from outside of the block, which is open already.
      return list.some((depth, i) => i % 3 === 2 && depth === outermost - 1);
    default:
      return false;
  }
}
