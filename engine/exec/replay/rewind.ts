/**
 * Finding a trap of compiled code again. The host says where its code trapped and not with which values; so a snapshot of
 * the state is taken now and then, what the host functions do is logged, and after a trap the same instructions run once
 * more from the snapshot: compiled up to the last place where the count was known, then in the interpreter, which traps
 * at the same instruction with all frames. Nothing happens outside a second time.
 *
 * A replay is believed only if it ends in the very state in which the program trapped: memories, tables and globals are
 * compared bit by bit. Otherwise the state of the trap is put back, and frames have places without values.
 *
 * Cost: at most a twentieth of the time (snapshot-budget.ts). Room: one copy of the memories.
 */

import type { FuncInst } from '../../runtime/func.ts';
import type { MemInst } from '../../runtime/memory.ts';
import type { Store } from '../../runtime/store.ts';
import type { Value } from '../../runtime/values.ts';
import { type HostAnswer, HostLog } from './host-log.ts';
import { SnapshotBudget } from './snapshot-budget.ts';
import { StoreCopy } from './store-copy.ts';

/** More is not copied. */
const MAX_BYTES = 2 ** 30;

/** What a machine was, as it saves itself. */
export interface Saved {
  restore(): void;
}

export interface Rewindable {
  /** Something else than its code goes on next: what comes then would not be in the log. */
  readonly suspended: boolean;
  save(): Saved;
}

export class Rewind {
  readonly log = new HostLog();
  /** Take a snapshot at every occasion, whatever that costs. */
  everywhere = false;
  readonly #store: Store;
  readonly #copy: StoreCopy;
  readonly #now: () => number;
  #saved: Saved | undefined;
  readonly #budget = new SnapshotBudget();
  #repeating = false;
  readonly #wrote = (mem: MemInst, from: number, count: number) => this.log.wrote(mem, from, count);

  /** `now`: milliseconds, ascending. */
  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#copy = new StoreCopy(store);
    this.#now = now;
  }

  /**
   * Nothing is on the host's stack and compiled code is about to run: takes a snapshot if one is due; not to its end if
   * somebody wants the program to come back meanwhile (`isAsked`).
   */
  between(machine: Rewindable, isAsked: () => boolean = () => false): void {
    const now = this.#now();
    const { size } = this.#copy;
    const isLost = this.log.isLong || this.whyNot() !== undefined;
    if (!(this.#budget.allows(now, size, isLost) || this.everywhere) || machine.suspended) return;
    if (size > MAX_BYTES) {
      this.log.break('the memories are too large to be copied');
      return;
    }
    if (!this.#copy.take(isAsked)) {
      this.forget('a snapshot was not taken to its end');
      return;
    }
    this.#saved = machine.save();
    this.log.clear();
    for (const mem of this.#store.mems) mem.recorded = this.#wrote;
    this.#budget.spend(now, size, this.#now() - now);
  }

  /** A host function answered. */
  record(func: FuncInst, args: readonly Value[], answer: HostAnswer): void {
    if (!this.#repeating) this.log.record(func, args, answer);
  }

  /** In a replay: what the host function answered before, and it writes the same again. Throws what it threw, or `Diverged`. */
  repeated(func: FuncInst, args: readonly Value[]): readonly Value[] | undefined {
    if (!this.#repeating) return undefined;
    const answer = this.log.repeat(func, args);
    if (answer.kind === 'thrown') throw answer.error;
    return answer.results;
  }

  /** Somebody else changed the state, or may have: what was recorded is no way to it. */
  forget(reason: string): void {
    this.log.break(reason);
    this.#saved = undefined;
  }

  /** The program stands before a person, who may change anything. */
  renew(): void {
    this.forget('the program was stopped');
  }

  /** Why the state cannot go back to the snapshot; undefined if it can. */
  whyNot(): string | undefined {
    return this.log.broken ?? (this.#saved ? this.#copy.whyNot() : 'there is no snapshot yet');
  }

  /**
   * Goes back to the snapshot, lets `replay` run the program again, and answers with what that found, if it led to the
   * state that was left. Otherwise that state is put back, and the answer is undefined. Only if `whyNot` has no objection.
   */
  again<T>(machine: Rewindable, replay: () => T | undefined): T | undefined {
    const left = machine.save();
    this.#copy.exchange();
    this.#saved!.restore();
    this.log.rewind();
    this.#repeating = true;
    let found: T | undefined;
    try {
      found = replay();
    } finally {
      this.#repeating = false;
    }
    const same = found !== undefined && !this.log.diverged && this.#copy.same();
    if (!same) this.#putBack(left);
    this.forget('the program has trapped');
    return same ? found : undefined;
  }

  /**
   * Goes back to the snapshot and lets `repeat` run the program until all that the host did since then has been done again:
   * from there it goes on. False, and the state that was left is put back, if `repeat` did not come to that.
   */
  goOnFromThere(machine: Rewindable, repeat: (isDone: () => boolean) => boolean): boolean {
    const left = machine.save();
    this.#copy.exchange();
    this.#saved!.restore();
    this.log.rewind();
    this.#repeating = true;
    let isThere = false;
    try {
      isThere = repeat(() => this.log.isRepeated) && !this.log.diverged;
    } finally {
      this.#repeating = false;
    }
    if (!isThere) this.#putBack(left);
    this.forget('the program went back to a snapshot');
    this.#budget.grant();
    return isThere;
  }

  /** The state that was left for the snapshot, as it was. */
  #putBack(left: Saved): void {
    if (this.#copy.whyNot() === undefined) this.#copy.exchange();
    left.restore();
  }
}
