/**
 * `fields` of `wasi:http/types`: headers and trailers. Names keep the case that they were written in, and mean the
 * same in any (RFC 9110, section 5.1).
 */

import {
  type HostFunction,
  type HostResource,
  handleOf,
  hostFunction,
  hostResource,
  type ResourceValue,
  repOf,
} from '../../../component/host.ts';
import type { ComponentValue } from '../../../component/values.ts';
import type { HttpField } from '../../http.ts';
import { fallible } from '../values.ts';

/** Fields that belong to the connection, or that the host writes. A guest neither sees them nor sets them. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_ERRORS = ['invalid-syntax', 'forbidden', 'immutable'] as const;

/** What a guest did wrong with a field. */
class FieldError extends Error {
  readonly code: number;

  constructor(code: (typeof HEADER_ERRORS)[number]) {
    super(code);
    this.code = HEADER_ERRORS.indexOf(code);
  }
}

export class Fields {
  readonly isImmutable: boolean;
  #entries: HttpField[];

  constructor(entries: readonly HttpField[] = [], isImmutable = false) {
    this.#entries = [...entries];
    this.isImmutable = isImmutable;
  }

  get entries(): readonly HttpField[] {
    return this.#entries;
  }

  values(name: string): Uint8Array[] {
    const wanted = name.toLowerCase();
    return this.#entries.flatMap(([other, value]) => (other.toLowerCase() === wanted ? [value] : []));
  }

  /** Throws a FieldError. */
  append(name: string, values: readonly Uint8Array[]): void {
    this.#check(name, values);
    for (const value of values) this.#entries.push([name, value]);
  }

  remove(name: string): void {
    this.#check(name, []);
    const unwanted = name.toLowerCase();
    this.#entries = this.#entries.filter(([other]) => other.toLowerCase() !== unwanted);
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.#check(name, values);
    this.remove(name);
    this.append(name, values);
  }

  #check(name: string, values: readonly Uint8Array[]): void {
    if (this.isImmutable) throw new FieldError('immutable');
    if (!TOKEN.test(name) || !values.every(isValue)) throw new FieldError('invalid-syntax');
    if (FORBIDDEN.has(name.toLowerCase())) throw new FieldError('forbidden');
  }
}

export const FIELDS: HostResource<Fields> = hostResource('fields');

/** A handle to fields that the guest may look at only. What is not for it is left out. */
export function fieldsOf(entries: readonly HttpField[]): ResourceValue {
  const seen = entries.filter(([name]) => !FORBIDDEN.has(name.toLowerCase()));
  return handleOf(FIELDS, new Fields(seen, true));
}

const fieldErrors = (error: unknown) => (error instanceof FieldError ? { case: error.code } : undefined);

/** A function over fields that answers with `header-error`. */
function changing(run: (self: Fields, name: string, value: ComponentValue) => void): HostFunction {
  return fallible(fieldErrors, ([self, name, value]) => {
    run(repOf(FIELDS, self), name as string, value);
    return undefined;
  });
}

export const FIELDS_FUNCTIONS: Readonly<Record<string, HostFunction>> = {
  '[constructor]fields': hostFunction(() => handleOf(FIELDS, new Fields())),
  '[static]fields.from-list': fallible(fieldErrors, ([list]) => {
    const fields = new Fields();
    for (const [name, value] of list as unknown as readonly HttpField[]) fields.append(name, [value]);
    return handleOf(FIELDS, fields);
  }),
  '[method]fields.get': hostFunction(([self, name]) => repOf(FIELDS, self).values(name as string)),
  '[method]fields.has': hostFunction(([self, name]) => repOf(FIELDS, self).values(name as string).length > 0),
  '[method]fields.set': changing((self, name, values) => self.set(name, values as unknown as Uint8Array[])),
  '[method]fields.delete': changing((self, name) => self.remove(name)),
  '[method]fields.append': changing((self, name, value) => self.append(name, [value as Uint8Array])),
  '[method]fields.entries': hostFunction(([self]) => repOf(FIELDS, self).entries),
  '[method]fields.clone': hostFunction(([self]) => handleOf(FIELDS, new Fields(repOf(FIELDS, self).entries))),
};

/** Anything but control characters, of which a tab is none. */
function isValue(value: Uint8Array): boolean {
  return value.every((byte) => byte === 9 || (byte >= 32 && byte !== 127));
}
