/**
 * How much of the host's stack is left. The host says it only by a RangeError, which in the middle of our code, or thrown
 * through compiled code, would leave a state behind that is nobody's; so it is asked for beforehand, where it does no harm.
 */

/** Arguments of one call: these lie on the stack, whatever the host makes of the code. */
const FILLER = new Array(8192).fill(0);
const BLOCK = 8 * FILLER.length;

let left = 0;

/** True if so many bytes are left. Costs microseconds: 16 for 64 KB (Node 24). */
export function hasHostStack(bytes: number): boolean {
  left = Math.ceil(bytes / BLOCK);
  try {
    reach.apply(undefined, FILLER as []);
    return true;
  } catch {
    return false;
  }
}

function reach(): void {
  if (--left > 0) reach.apply(undefined, FILLER as []);
}
