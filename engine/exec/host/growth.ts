/**
 * When functions of large modules are compiled: those that the interpreter has executed meanwhile, after it has executed so many
 * instructions as take about as long as compiling these functions does.
 *
 * So the first functions of 30 MB are compiled after milliseconds, those that run for the first time later follow them, and
 * what never runs costs nothing. Knows not how they are compiled (tier.ts).
 */

import type { FuncInst } from '../../runtime/func.ts';
import type { ModuleInst } from '../../runtime/module-inst.ts';
import type { CodeSpace } from '../code.ts';
import type { HostTier } from './tier.ts';
import { codeBytes } from './worth.ts';

export class Growth {
  readonly #space: CodeSpace;
  readonly #tier: HostTier;
  /** Functions that were translated, as far as they were looked at. */
  #seen = 0;
  /** Those that may be compiled, and their bytes. */
  #waiting: FuncInst[] = [];
  #bytes = 0;
  /** Instructions of the interpreter at the last time. */
  #since = 0;
  /** Not to be looked at before. */
  #next: number;
  readonly #hot: number;
  readonly #perByte: number;

  /** `hot`: instructions of the interpreter at least, between two times; `perByte`: for each byte of the functions. */
  constructor(space: CodeSpace, tier: HostTier, hot: number, perByte: number) {
    this.#space = space;
    this.#tier = tier;
    this.#hot = hot;
    this.#perByte = perByte;
    this.#next = hot;
  }

  /** Whether it is worth asking. */
  get isNear(): boolean {
    return this.#space.executed >= this.#next;
  }

  /** Functions that are to be compiled now, by instance: none most of the time. */
  due(): ReadonlyMap<ModuleInst, readonly FuncInst[]> {
    const { executed } = this.#space;
    const due = new Map<ModuleInst, FuncInst[]>();
    if (!this.isNear) return due;
    this.#look();
    const need = Math.max(this.#hot, this.#perByte * this.#bytes);
    this.#next = this.#since + need;
    if (executed < this.#next && this.#waiting.length > 0) return due;
    for (const func of this.#waiting) {
      const list = due.get(func.inst!);
      if (list) list.push(func);
      else due.set(func.inst!, [func]);
    }
    this.#waiting = [];
    this.#bytes = 0;
    this.#since = executed;
    this.#next = executed + this.#hot;
    return due;
  }

  /** Takes note of functions that were executed for the first time. */
  #look(): void {
    for (const { func } of this.#space.translatedFrom(this.#seen)) {
      this.#seen++;
      if (this.#tier.isWhole(func.inst!)) continue;
      this.#waiting.push(func);
      this.#bytes += codeBytes(func);
    }
  }
}
