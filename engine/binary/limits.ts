/**
 * How much of everything a module may have here: limits of this implementation (spec appendix A.2).
 *
 * The spec allows such limits; ours are the ones that JavaScript hosts agreed on, so a module that runs in a browser
 * decodes. Going over one is no fault of the module: the phase is `unsupported`, not `malformed`.
 */

import { faultAt, WasmError } from '../base/errors.ts';

export const LIMITS = {
  types: 1_000_000,
  functions: 1_000_000,
  imports: 1_000_000,
  exports: 1_000_000,
  globals: 1_000_000,
  tags: 1_000_000,
  memories: 100_000,
  tables: 100_000,
  'data segments': 100_000,
  'element segments': 10_000_000,
  parameters: 1_000,
  results: 1_000,
  fields: 10_000,
  /** Locals of one function, parameters included. */
  locals: 50_000,
  /** Bytes of one function body. */
  'bytes of a function': 7_654_321,
  /** Operands of one array.new_fixed. */
  'elements of array.new_fixed': 10_000,
  /** Labels of one br_table, without the default. */
  'labels of br_table': 65_520,
} as const;

/** Throws `too many …` (unsupported) at `offset` when `n` goes over the limit. */
export function checkLimit(offset: number, what: keyof typeof LIMITS, n: number): void {
  if (n <= LIMITS[what]) return;
  throw new WasmError(faultAt('unsupported', offset, `too many ${what}: ${n}, the limit is ${LIMITS[what]}`));
}
