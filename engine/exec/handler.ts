/**
 * Exception handlers of translated code, and the search for the one that catches (spec 4.6.12; legacy exceptions).
 *
 * Code that throws nothing pays nothing: a handler is a range of pcs in a table beside the code, looked at only when
 * something is thrown. The search changes nothing, so that the machine can still stop at the throw with every frame.
 * Callers stand at their call: its pc is inside the range when the call is in the block.
 */

import type { ExnInst } from '../runtime/exn.ts';
import type { FuncInst } from '../runtime/func.ts';
import type { TagInst } from '../runtime/tag.ts';
import { type CodeSpace, type FuncCode, siteAt } from './code.ts';
import { IOp, Pc } from './iop.ts';
import { type Slots, writeSlot } from './slot.ts';

/** A catch clause: where the values of the exception go, and where execution goes on. */
export interface Clause {
  /** Undefined: it catches everything. */
  readonly tag: TagInst | undefined;
  /** The exception's arguments are pushed; not for the clauses that catch everything. */
  readonly withRef: boolean;
  /** Legacy: words from fp to the hidden slot that keeps the exception for `rethrow`; -1 for a try_table. */
  readonly kept: number;
  /** Words from fp to the first value. */
  readonly base: number;
  readonly pc: number;
  /** Static count at `pc`. */
  readonly count: number;
}

/** A try_table, or the `do` part of a legacy try. */
export interface Handler {
  /** First pc, and one past the last. */
  readonly start: number;
  readonly end: number;
  /** How many labels are around its own; the function's is 0. */
  readonly depth: number;
  /** Legacy `delegate`: the depth of the label whose handlers get the exception, 0 for the caller's; else -1. */
  readonly delegate: number;
  readonly clauses: readonly Clause[];
}

/** The handler that catches: a clause, and the frame that it is in. */
export interface Catch {
  readonly code: FuncCode;
  readonly clause: Clause;
  readonly fp: number;
  /** Height of the control stack at which that frame is the running one. */
  readonly cs: number;
  /** How many frames are above it. */
  readonly level: number;
  /** Where execution goes on, behind the jumps at the clause's pc, and the static count there. */
  readonly pc: number;
  readonly count: number;
}

/** Where an exception is caught, for people and tools. */
export interface CatchPlace {
  readonly func: FuncInst;
  /** Byte offset of the instruction at which execution goes on. */
  readonly offset: number;
  /** The frame, counted from the innermost. */
  readonly level: number;
}

/** The place of running code: `pc` is at the instruction that throws, or that called what threw. */
export interface Running {
  readonly space: CodeSpace;
  readonly CS: Int32Array;
  readonly pc: number;
  readonly fp: number;
  readonly cs: number;
}

/**
 * The innermost handler for an exception with this tag in the running activation; undefined if there is none. No exception
 * passes through a host function that has called in.
 */
export function findCatch({ space, CS, pc, fp, cs }: Running, tag: TagInst): Catch | undefined {
  let level = 0;
  for (let at = cs; pc !== Pc.Halt; ) {
    if (space.hostAt(pc)) return undefined;
    const code = pc === Pc.Mark ? undefined : space.codeAt(pc);
    if (code) {
      const clause = clauseAt(code, pc, tag);
      if (clause) return { code, clause, fp, cs: at, level, ...landing(space, clause) };
      level++;
    }
    at -= 2;
    pc = CS[at];
    fp = CS[at + 1];
    // Marks, halts and host functions are as they are; a return pc is behind its call.
    if (pc !== Pc.Mark && pc !== Pc.Halt && !space.hostAt(pc)) pc--;
  }
  return undefined;
}

export function placeOf({ code, pc, level }: Catch): CatchPlace {
  return { func: code.func, offset: code.offsets[siteAt(code, pc)], level };
}

/** Puts what the clause takes where it wants it, in the frame that runs again. Returns the new sp. */
export function enterHandler(slots: Slots, { clause, fp }: Catch, exn: ExnInst): number {
  let w = fp + clause.base;
  if (clause.tag) {
    for (const arg of exn.args) {
      writeSlot(slots, w, arg);
      w += 2;
    }
  }
  if (clause.kept >= 0) slots.R[(fp + clause.kept) >> 1] = exn;
  if (!clause.withRef) return w;
  slots.R[w >> 1] = exn;
  return w + 2;
}

/** A label can end where a jump over an `else` or `catch` stands, which is no place to stop. */
function landing(space: CodeSpace, clause: Clause): { pc: number; count: number } {
  let { pc, count } = clause;
  while (space.opAt(pc) === IOp.Jump) {
    count -= space.code[pc + 2];
    pc = space.code[pc + 1];
  }
  return { pc, count };
}

function clauseAt({ handlers }: FuncCode, pc: number, tag: TagInst): Clause | undefined {
  let deepest = Number.POSITIVE_INFINITY;
  for (const { start, end, depth, delegate, clauses } of handlers) {
    if (pc < start || pc >= end || depth > deepest) continue;
    if (delegate >= 0) deepest = delegate;
    const found = clauses.find((clause) => clause.tag === undefined || clause.tag === tag);
    if (found) return found;
  }
  return undefined;
}
