/**
 * Makes the breakpoints of the machine's code those of the table: every place in every instance of its module.
 *
 * Instances come while the program runs (a script's modules, threads with an instance of their own); each is armed before
 * its first instruction. Knows no rules: what is reached is the table's business.
 */

import type { CodeSpace } from '../exec/code.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import type { Breakpoint, BreakpointTable } from './breakpoints.ts';
import type { Program } from './program.ts';
import type { Here } from './runner.ts';

export class Arming {
  readonly #space: CodeSpace;
  readonly #program: Program;
  readonly #table: BreakpointTable;
  readonly #instances: ModuleInst[] = [];
  readonly #armed = new Map<FuncInst, Set<number>>();
  #off: boolean;

  /** `off`: nothing is armed before `on`. */
  constructor(space: CodeSpace, program: Program, table: BreakpointTable, off = false) {
    this.#space = space;
    this.#program = program;
    this.#table = table;
    this.#off = off;
  }

  on(): void {
    this.#off = false;
    this.update();
  }

  /** An instance is there whose code has not run yet. */
  add(inst: ModuleInst): void {
    this.#instances.push(inst);
    if (!this.#off) this.#arm(inst);
  }

  /** The table has changed. */
  update(): void {
    if (this.#off) return;
    for (const [func, offsets] of this.#armed) {
      for (const offset of offsets) {
        if (this.#wanted(func).has(offset)) continue;
        this.#space.unbreakAt(func, offset);
        offsets.delete(offset);
      }
    }
    for (const inst of this.#instances) this.#arm(inst);
  }

  /** The breakpoints at a place. */
  at({ func, offset }: Here): readonly Breakpoint[] {
    return this.#off ? [] : (this.#wanted(func).get(offset) ?? []);
  }

  #arm(inst: ModuleInst): void {
    const loaded = this.#program.of(inst.module);
    if (!loaded) return;
    for (const [offset, [{ funcIdx }]] of this.#table.inModule(loaded)) {
      const func = inst.funcs[funcIdx];
      let armed = this.#armed.get(func);
      if (!armed) this.#armed.set(func, (armed = new Set()));
      if (armed.has(offset)) continue;
      armed.add(offset);
      this.#space.breakAt(func, offset);
    }
  }

  #wanted({ inst }: FuncInst): ReadonlyMap<number, readonly Breakpoint[]> {
    const loaded = inst && this.#program.of(inst.module);
    return loaded ? this.#table.inModule(loaded) : NONE;
  }
}

const NONE: ReadonlyMap<number, readonly Breakpoint[]> = new Map();
