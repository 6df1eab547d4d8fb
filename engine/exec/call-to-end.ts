/**
 * A call of a thread's program (threads.ts) with a look at the trap that ends it. A debugger may let the call go on from there;
 * then the mark is answered with another outcome, and so on until the end.
 */

import type { FuncInst } from '../runtime/func.ts';
import type { Value } from '../runtime/values.ts';
import type { Outcome } from './outcome.ts';
import type { Request } from './threads.ts';

/** How the call ended at last. `markOf` gives the mark for a trap; undefined: there is nothing to look at. */
export function* callToEnd(
  func: FuncInst,
  args: readonly Value[],
  markOf: (trap: Extract<Outcome, { kind: 'trap' }>) => Request | undefined,
): Generator<Request, Outcome | undefined, Outcome | undefined> {
  let outcome = yield { kind: 'call', func, args };
  for (;;) {
    const mark = outcome?.kind === 'trap' ? markOf(outcome) : undefined;
    if (!mark) return outcome;
    const later = yield mark;
    if (later === outcome) return outcome;
    outcome = later;
  }
}
