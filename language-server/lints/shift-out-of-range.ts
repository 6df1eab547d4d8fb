/**
 * Shifts by a constant that the width takes modulo.
 */

import type { FunctionLint } from './lint.ts';
import { pairs } from './pairs.ts';

export const shiftOutOfRange: FunctionLint = {
  code: 'shift-out-of-range',
  severity: 'warning',
  *check(fn) {
    for (const [before, node] of pairs(fn)) {
      const found = /^i(32|64)\.(shl|shr_s|shr_u|rotl|rotr)$/.exec(node.instr.name);
      const value = found ? fn.constant(before) : undefined;
      if (!found || value === undefined) continue;
      const bits = BigInt(found[1]);
      if (value >= 0n && value < bits) continue;
      yield { span: fn.head(before), message: shiftMessage(value, bits) };
    }
  },
};

function shiftMessage(value: bigint, bits: bigint): string {
  const taken = BigInt.asUintN(64, value) % bits;
  return `a distance beyond ${bits - 1n} counts modulo ${bits}: this is ${taken}`;
}
