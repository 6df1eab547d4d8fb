/**
 * Addresses of instructions, as views of the machine's code want them: numbers that ascend, different in every module.
 *
 * An address is the byte offset in the module plus a base of 2^32 for each module, so that its last eight hexadecimal
 * digits are the offset: `0x1000001f3` is byte 0x1f3 of the first module. No module begins at 0, which clients take
 * for "no address", and there is room below a module's first byte for rows that are no code.
 */

import { RequestError } from './context.ts';

const MODULE_SPACE = 2 ** 32;

/** The address of a byte of a module, by the module's number; also of one before its first, for rows that are no code. */
export function addressOf(module: number, offset: number): string {
  return `0x${Math.max(1, (module + 1) * MODULE_SPACE + offset).toString(16)}`;
}

/** The byte that an address means, `more` bytes further. Throws a RequestError for what is no address of ours. */
export function offsetAt(address: string, more = 0): { module: number; offset: number } {
  const place = placeAt(address, more);
  if (!place) throw new RequestError(unknownAddress(address));
  return place;
}

export function unknownAddress(address: string): string {
  return `unknown address: ${address}`;
}

/** The same; undefined for what is no address of ours. */
export function placeAt(address: string, more = 0): { module: number; offset: number } | undefined {
  const value = /^(?:0x[0-9a-f]+|\d+)$/i.test(address) ? Number(address) : Number.NaN;
  if (!(value > 0 && value < 2 ** 52)) return undefined;
  const module = Math.max(0, Math.floor(value / MODULE_SPACE) - 1);
  return { module, offset: value - (module + 1) * MODULE_SPACE + more };
}
