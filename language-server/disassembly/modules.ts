/**
 * The binary modules that questions are about: read by the host, decoded once, read again when they are built anew.
 *
 * Nothing tells of every change to a file everywhere, so a module is read again when a question comes a while after
 * the last one; while its bytes are the same, it stays the same module, with all that was worked out about it.
 */

import { decode } from '../../engine/binary/decode.ts';
import type { Module } from '../../engine/module/module.ts';
import type { ServerHost } from '../host.ts';

/** How long what was read counts as what is there, in milliseconds. */
const FRESH = 1000;

interface Known {
  readonly module: Module;
  /** When it was last seen to be so. */
  seen: number;
}

export class Modules {
  readonly #host: ServerHost;
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, Promise<Module>>();

  constructor(host: ServerHost) {
    this.#host = host;
  }

  /** The module at a URI. Throws an Error for people if it cannot be read, a WasmError if it is malformed. */
  get(uri: string): Promise<Module> {
    const known = this.#known.get(uri);
    if (known && Date.now() - known.seen < FRESH) return Promise.resolve(known.module);
    let reading = this.#reading.get(uri);
    if (!reading) {
      const isAsked = (): boolean => this.#reading.get(uri) === started;
      const started = this.#read(uri, isAsked).finally(() => {
        if (isAsked()) this.#reading.delete(uri);
      });
      reading = started;
      this.#reading.set(uri, started);
    }
    return reading;
  }

  /** The file is not any more what it was: the next question reads it again. */
  stale(uri: string): void {
    const known = this.#known.get(uri);
    if (known) known.seen = 0;
    this.#reading.delete(uri);
  }

  /** All that were read and were modules when they were, by URI. */
  *all(): Generator<readonly [uri: string, module: Module]> {
    for (const [uri, { module }] of this.#known) yield [uri, module];
  }

  /** What was read is kept if nothing has changed since: if `isAsked` says so. */
  async #read(uri: string, isAsked: () => boolean): Promise<Module> {
    try {
      const bytes = await this.#host.readFile(uri);
      const known = this.#known.get(uri);
      const module = known && sameBytes(known.module.bytes, bytes) ? known.module : decode(bytes);
      if (isAsked()) this.#known.set(uri, { module, seen: Date.now() });
      return module;
    } catch (error) {
      this.#known.delete(uri);
      throw error;
    }
  }
}

/** Compares by words where it can: files are large, and are compared again and again. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  let i = 0;
  if (a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0) {
    const n = a.length >> 2;
    const [left, right] = [a, b].map(({ buffer, byteOffset }) => new Int32Array(buffer, byteOffset, n));
    for (let k = 0; k < n; k++) if (left[k] !== right[k]) return false;
    i = n * 4;
  }
  for (; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
