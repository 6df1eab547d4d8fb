/**
 * What ends a program at the boundary of a component (CanonicalABI.md): messages in the words of the public tests, with a
 * note that says what was there.
 */

import { type Note, WasmError } from '../../base/errors.ts';

/** Ends the program. */
export function trap(message: string, note?: string): never {
  const notes: Note[] = note === undefined ? [] : [{ message: note }];
  throw new WasmError({ phase: 'trap', message, notes });
}

/** Ends the program: there is a limit of ours. */
export function exhaust(message: string, note?: string): never {
  const notes: Note[] = note === undefined ? [] : [{ message: note }];
  throw new WasmError({ phase: 'exhaustion', message, notes });
}

/** Ends the program: this version does not run that. */
export function notYet(what: string): never {
  throw new WasmError({ phase: 'unsupported', message: `not supported yet: running ${what}`, notes: [] });
}

/** Numbers of bytes and addresses in notes. */
export function hex(n: number): string {
  return `0x${n.toString(16)}`;
}

/** `string at 0x1f00+40 reaches past memory of 0x10000`. */
export function reaches(what: string, at: number, length: number, memory: number): string {
  return `${what} at ${hex(at)}+${length} reaches past memory of ${hex(memory)}`;
}
