/**
 * Instructions that compiled code has executed by the interpreter's own functions: growing memories, bulk, table and object
 * instructions, atomics, 128-bit arithmetic. Operands and results are in the exchange, as if that were the machine's slots.
 */

import type { Store } from '../../runtime/store.ts';
import type { Ref } from '../../runtime/values.ts';
import { atomic } from '../atomic.ts';
import { bulk } from '../bulk.ts';
import { putSize, unsignedAt } from '../far-access.ts';
import { castBranches, gc } from '../gc.ts';
import type { Core } from '../interp.ts';
import { IOp, Pc } from '../iop.ts';
import { wide } from '../wide.ts';
import { EXCHANGE_SLOTS } from './exchange.ts';
import type { HostTier } from './tier.ts';

/** Executes the op in `words`, with `sp` words of operands. Throws what the interpreter throws for a trap. */
export function execute(core: Core, tier: HostTier, words: Int32Array, sp: number): void {
  const { I } = core;
  const op: IOp = words[0];
  switch (op) {
    case IOp.MemoryGrow: {
      const mem = tier.store.mems[words[1]];
      const { is64 } = mem.type;
      putSize(I, 0, mem.grow(unsignedAt(I, 0, is64)), is64);
      return;
    }
    case IOp.Wide:
      wide(I, sp, words[1]);
      return;
    case IOp.Atomic:
      atomic(core, words, 0, sp);
      return;
    default:
      withRefs(core, tier, words, op, sp);
  }
}

/** What may have references among its operands, or one as its result. */
function withRefs(core: Core, tier: HostTier, words: Int32Array, op: IOp, sp: number): void {
  const { exchange } = tier;
  const { R } = core;
  const slots = sp >> 1;
  for (let slot = 0; slot < slots; slot++) R[slot] = exchange.takeRef(slot);
  if (op === IOp.BrOnCast) core.I[0] = castBranches(core, words, 0, sp) ? 1 : 0;
  else {
    const end = op === IOp.Gc ? gc(core, words, 0, sp) : bulk(core, words, 0, sp, op);
    for (let slot = 0; slot < end >> 1; slot++) exchange.refs.set(slot, R[slot] ?? null);
    if (op >= IOp.TableSet && op <= IOp.TableInit) tier.syncTables();
  }
  R.fill(null, 0, slots + 1);
}

/** The exchange as the slots of a machine. */
export function coreOf(store: Store, { exchange: { I, F32, F64, V } }: HostTier): Core {
  return {
    I,
    F32,
    F64,
    V,
    R: new Array<Ref>(EXCHANGE_SLOTS).fill(null),
    CS: new Int32Array(0),
    entry: new Int32Array(0),
    store,
    pc: Pc.Halt,
    fp: 0,
    sp: 0,
    cs: 0,
    mem: -1,
    csLimit: 0,
    stackLimit: 0,
    fuel: 0,
    weight: 0,
    thrown: undefined,
    watches: undefined,
  };
}
