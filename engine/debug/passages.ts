/**
 * What the canonical ABI runs between a caller and the callee that people mean: room is made for arguments and results (`realloc`),
 * and something cleans up behind a call (`post-return`). Steps go through that; breakpoints stop in it.
 */

import { boundaryOf } from '../component/canon/boundary.ts';
import type { Machine } from '../exec/machine.ts';

/** Whether a machine stands in a function of the canonical ABI itself, before or behind what that calls. */
export function isInPassage(machine: Machine): boolean {
  const [top] = machine.frames(0, 1);
  return top?.kind === 'host' && boundaryOf(top.func) !== undefined;
}

/** Whether a machine is about to begin code that only makes a call possible. */
export function beginsDetour(machine: Machine): boolean {
  const [top, caller] = machine.frames(0, 2);
  if (top?.kind !== 'wasm' || caller?.kind !== 'host') return false;
  if (top.offset !== top.func.inst!.module.funcs[top.func.idx].body!.codeStart) return false;
  const boundary = boundaryOf(caller.func);
  switch (boundary?.kind) {
    case 'lower':
      return true;
    case 'lift': {
      const { target } = boundary.func;
      return target.kind === 'lifted' && target.core !== top.func;
    }
    default:
      return false;
  }
}
