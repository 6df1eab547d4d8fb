/**
 * What a throw does to a machine's state, apart from when: which exception it is, how the stacks look in its handler,
 * and what becomes of one that has none (spec 4.6.12). The machine decides, counts and stops; handler.ts searches.
 */

import { ExnInst } from '../runtime/exn.ts';
import type { Store } from '../runtime/store.ts';
import { ThrownException } from '../runtime/thrown.ts';
import type { RefValue } from '../runtime/values.ts';
import type { CodeSpace } from './code.ts';
import { type Catch, enterHandler } from './handler.ts';
import { IOp, Pc } from './iop.ts';
import type { Outcome } from './outcome.ts';
import { readSlot, type Slots } from './slot.ts';

/** An exception on its way to its handler, if it has one. */
export interface Raised {
  readonly exn: ExnInst;
  readonly found: Catch | undefined;
  /** The host function that threw something of its own. */
  readonly thrower: string | undefined;
}

/** The registers and stacks of a machine that this changes. */
interface Registers extends Slots {
  readonly store: Store;
  readonly space: CodeSpace;
  readonly CS: Int32Array;
  pc: number;
  fp: number;
  sp: number;
  cs: number;
  mem: number;
  csLimit: number;
}

/** What the throw, throw_ref or rethrow at pc throws; null for the null reference. */
export function exceptionAtPc(m: Registers): ExnInst | null {
  const { space, pc, sp } = m;
  const op = space.opAt(pc);
  if (op === IOp.Throw) {
    const tag = m.store.tags[space.code[pc + 1]];
    const { params } = tag.type;
    const at = sp - 2 * params.length;
    return new ExnInst(
      tag,
      params.map((type, i) => readSlot(m, type, at + 2 * i)),
    );
  }
  const w = op === IOp.Rethrow ? m.fp + space.code[pc + 1] : sp - 2;
  return m.R[w >> 1] as ExnInst | null;
}

/** Takes away the frames above the handler's and stands in front of its first instruction. */
export function goToHandler(m: Registers, found: Catch, exn: ExnInst): void {
  while (m.cs > found.cs) {
    m.cs -= 2;
    if (m.CS[m.cs] !== Pc.Mark) continue;
    m.mem = m.CS[m.cs + 1];
    m.csLimit -= 2;
  }
  m.fp = found.fp;
  m.pc = found.pc;
  m.sp = enterHandler(m, found, exn);
}

/** The end of a program that nothing catches an exception in, thrown at byte `offset`. */
export function unhandled(store: Store, { exn, thrower }: Raised, offset: number | undefined): Outcome {
  if (exn.tag !== store.hostTag) {
    const cause = new ThrownException(exn, offset);
    return { kind: 'trap', fault: cause.fault, cause };
  }
  const cause = (exn.args[0] as RefValue).ref;
  const text = cause instanceof Error ? cause.message : String(cause);
  const message = `${thrower ?? 'unhandled exception'}: ${text}`;
  return { kind: 'trap', fault: { phase: 'exception', message, offset, notes: [] }, cause };
}
