/**
 * Makes the breakpoints of the machine's code those of the table: every place in every instance of its module.
 *
 * Instances come while the program runs (a script's modules, threads with an instance of their own); each is armed before
 * its first instruction. Knows no rules: what is reached is the table's business.
 */

import type { CodeSpace } from '../exec/code.ts';
import type { Module } from '../module/module.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import type { Breakpoint, BreakpointTable, ImportBreakpoint } from './breakpoints.ts';
import type { Program } from './program.ts';
import type { Here } from './runner.ts';

export class Arming {
  readonly #space: CodeSpace;
  readonly #program: Program;
  readonly #table: BreakpointTable;
  readonly #instances: ModuleInst[] = [];
  readonly #armed = new Map<FuncInst, Set<number>>();
  /** Functions that are imported under a breakpoint. */
  #imported = new Map<FuncInst, readonly ImportBreakpoint[]>();
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
    if (this.#off) return;
    this.#import(inst);
    this.#arm(inst);
  }

  /** The table has changed. */
  update(): void {
    if (this.#off) return;
    const before = this.#imported;
    this.#imported = new Map();
    for (const inst of this.#instances) this.#import(inst);
    for (const func of before.keys()) {
      if (func.host && !this.#imported.has(func)) this.#space.unbreakCall(func);
    }
    for (const [func, offsets] of this.#armed) {
      for (const offset of offsets) {
        if (this.#wanted(func).has(offset) || this.#importedAt({ func, offset }).length > 0) continue;
        this.#space.unbreakAt(func, offset);
        offsets.delete(offset);
      }
    }
    for (const inst of this.#instances) this.#arm(inst);
  }

  /** The breakpoints at a place. */
  at(here: Here): readonly (Breakpoint | ImportBreakpoint)[] {
    if (this.#off) return [];
    const own = this.#wanted(here.func).get(here.offset) ?? [];
    const imported = this.#importedAt(here);
    return imported.length > 0 ? oncePerId([...own, ...imported]) : own;
  }

  /** The breakpoints on a function of the host that code of a module calls. */
  onCall(func: FuncInst, caller: Module | undefined): readonly ImportBreakpoint[] {
    const found = this.#off ? [] : (this.#imported.get(func) ?? []);
    const own = found.filter(({ loaded }) => loaded.module === caller);
    return oncePerId(own.length > 0 ? own : found);
  }

  /** Those on a function of another module that stand at its first instruction. */
  #importedAt({ func, offset }: Here): readonly ImportBreakpoint[] {
    const found = this.#imported.get(func);
    return found && func.inst && offset === codeStartOf(func) ? found : [];
  }

  #import(inst: ModuleInst): void {
    const loaded = this.#program.of(inst.module);
    if (!loaded) return;
    for (const breakpoint of this.#table.importsIn(loaded)) {
      const func = inst.funcs[breakpoint.funcIdx];
      const there = this.#imported.get(func) ?? [];
      if (!there.includes(breakpoint)) this.#imported.set(func, [...there, breakpoint]);
      if (func.host) this.#space.breakCall(func);
      else this.#armAt(func, codeStartOf(func));
    }
  }

  #arm(inst: ModuleInst): void {
    const loaded = this.#program.of(inst.module);
    if (!loaded) return;
    for (const [offset, [{ funcIdx }]] of this.#table.inModule(loaded)) {
      this.#armAt(inst.funcs[funcIdx], offset);
    }
  }

  #armAt(func: FuncInst, offset: number): void {
    let armed = this.#armed.get(func);
    if (!armed) this.#armed.set(func, (armed = new Set()));
    if (armed.has(offset)) return;
    armed.add(offset);
    this.#space.breakAt(func, offset);
  }

  #wanted({ inst }: FuncInst): ReadonlyMap<number, readonly Breakpoint[]> {
    const loaded = inst && this.#program.of(inst.module);
    return loaded ? this.#table.inModule(loaded) : NONE;
  }
}

/** Several modules may import one function. */
function oncePerId<T extends ImportBreakpoint>(breakpoints: readonly T[]): T[] {
  return breakpoints.filter(({ id }, i) => breakpoints.findIndex((other) => other.id === id) === i);
}

function codeStartOf({ inst, idx }: FuncInst): number {
  return inst!.module.funcs[idx].body!.codeStart;
}

const NONE: ReadonlyMap<number, readonly Breakpoint[]> = new Map();
