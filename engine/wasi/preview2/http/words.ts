/**
 * Methods and schemes of HTTP as variants of `wasi:http/types`, and what of a request's parts is written well.
 */

import type { CaseValue } from '../../../component/values.ts';
import { option } from '../values.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];
const SCHEMES = ['http', 'https'];

/** `method`, of which the last case is `other(string)`. */
export function methodCase(method: string): CaseValue {
  return caseOf(METHODS, method);
}

/** Undefined if it is no method. */
export function methodOf({ case: chosen, payload }: CaseValue): string | undefined {
  if (chosen < METHODS.length) return METHODS[chosen];
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(payload as string) ? (payload as string) : undefined;
}

/** `option<scheme>`. */
export function schemeCase(scheme: string | undefined): CaseValue {
  return option(scheme === undefined ? undefined : caseOf(SCHEMES, scheme));
}

/** Undefined if it is no scheme. */
export function schemeOf({ case: chosen, payload }: CaseValue): string | undefined {
  if (chosen < SCHEMES.length) return SCHEMES[chosen];
  return /^[A-Za-z][A-Za-z0-9+\-.]*$/.test(payload as string) ? (payload as string) : undefined;
}

/** A path and query: absolute or `*`, of characters that may stand in one. */
export function isPathWithQuery(text: string): boolean {
  return text === '' || /^(\*|[/?][\x21\x22\x24-\x7e]*)$/.test(text);
}

/** `host`, `host:port`, `[::1]:80`; whoever is before an `@` is for others to know. */
export function isAuthority(text: string): boolean {
  return /^([A-Za-z0-9\-._~!$&'()*+,;=%:]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]+)(:[0-9]{0,5})?$/.test(
    text,
  );
}

function caseOf(names: readonly string[], name: string): CaseValue {
  const number = names.indexOf(name);
  return number < 0 ? { case: names.length, payload: name } : { case: number };
}
