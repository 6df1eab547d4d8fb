/**
 * Addresses of instructions, as views of the machine's code want them: numbers that ascend, different in every module.
 *
 * An address is the byte offset in the module plus a base of 2^32 for each module, so that its last eight hexadecimal
 * digits are the offset: `0x1000001f3` is byte 0x1f3 of the first module. No module begins at 0, which clients take
 * for "no address", and there is room below a module's first byte for rows that are no code.
 */

import { RequestError } from './context.ts';

const MODULE_SPACE = 2 ** 32;
/** A session debugs one module. */
const BASE = MODULE_SPACE;

/** The address of a byte of the module; also of one before its first, for rows that are no code. */
export function addressOf(offset: number): string {
  return `0x${Math.max(1, BASE + offset).toString(16)}`;
}

/** The byte offset that an address means, `more` bytes further. Throws a RequestError for what is no address of ours. */
export function offsetAt(address: string, more = 0): number {
  const value = /^(?:0x[0-9a-f]+|\d+)$/i.test(address) ? Number(address) : Number.NaN;
  if (!(value > 0 && value < 2 ** 52)) throw new RequestError(`unknown address: ${address}`);
  return value - BASE + more;
}
