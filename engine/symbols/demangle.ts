/**
 * The door to demangling: linker names of C++ (Itanium) and Rust (legacy and v0) as their programmers wrote them, and
 * the short form of such names for call stacks. Names come from modules, so nothing here throws, recurses or grows
 * without bound (`demangle/limits.ts`). Which names a module has is not known here.
 */

import { demangleItanium } from './demangle/itanium.ts';
import { MALFORMED, MAX_INPUT } from './demangle/limits.ts';
import { demangleRustLegacy, isRustLegacy } from './demangle/rust-legacy.ts';
import { demangleRustV0 } from './demangle/rust-v0.ts';

export { shortName } from './demangle/short-name.ts';

export interface DemangleOptions {
  /** Keep the hash at the end of Rust's legacy names: `core::fmt::write::h0123456789abcdef`. */
  readonly rustHash?: boolean;
}

/**
 * What a mangled name means: C++ as `c++filt` prints it, Rust without hashes. Undefined if the name is not mangled,
 * is malformed, or would be longer than 10,000 characters: then it is best shown as it is.
 */
export function demangle(name: string, options: DemangleOptions = {}): string | undefined {
  if (name.charCodeAt(0) !== 0x5f || name.length > MAX_INPUT) return undefined;
  try {
    if (name.startsWith('_R') || name.startsWith('__R')) return demangleRustV0(name);
    if (isRustLegacy(name)) return demangleRustLegacy(name, options.rustHash === true);
    if (/^_{1,4}Z/.test(name)) return demangleItanium(name);
    return undefined;
  } catch (error) {
    if (error === MALFORMED || error instanceof RangeError) return undefined;
    throw error;
  }
}
