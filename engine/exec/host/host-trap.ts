/**
 * Traps of the host's own code: which trap of the spec it was, as far as the host's words say it. Used where the
 * interpreter cannot find the trap again (replay/rewind.ts): then there are no values, and no operands to explain it with.
 */

import type { Fault } from '../../base/errors.ts';

const WORDS: readonly (readonly [host: RegExp, message: string])[] = [
  [/divide by zero|remainder by zero/, 'integer divide by zero'],
  [/divide result unrepresentable/, 'integer overflow'],
  [/float unrepresentable in integer range/, 'integer overflow'],
  [/memory access out of bounds|operation does not support unaligned/, 'out of bounds memory access'],
  [/table index is out of bounds/, 'undefined element'],
  [/null function or function signature mismatch|signature mismatch/, 'indirect call type mismatch'],
  [/table access out of bounds|table.*out of bounds/, 'out of bounds table access'],
  [/unreachable/, 'unreachable'],
];

/** The fault of what compiled code threw. */
export function hostFault(error: unknown, why: string): Fault {
  const text = error instanceof Error ? error.message : String(error);
  const notes = [{ message: `the values of the frames are not known: ${why}` }];
  if (error instanceof RangeError) return { phase: 'exhaustion', message: 'call stack exhausted', notes };
  if (!(error instanceof WebAssembly.RuntimeError))
    return { phase: 'crash', message: `internal error: ${text}`, notes: [] };
  const known = WORDS.find(([host]) => host.test(text));
  return { phase: 'trap', message: known ? known[1] : text, notes };
}
