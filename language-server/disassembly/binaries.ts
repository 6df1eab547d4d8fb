/**
 * The binaries whose bytes are asked about: read by the host, kept with all that was worked out about them, and read again
 * when a question comes a while after the last one. Unlike modules.ts this takes what is malformed, too.
 */

import { ByteInspector } from '../../engine/symbols/byte-info.ts';
import type { ServerHost } from '../host.ts';
import { sameBytes } from './modules.ts';

/** How long what was read counts as what is there, in milliseconds. */
const FRESH = 1000;
/** How many binaries are kept: their bytes are in memory. */
const KEPT = 3;

interface Known {
  readonly inspector: ByteInspector;
  seen: number;
}

export class Binaries {
  readonly #host: ServerHost;
  /** The one asked about last stands last. */
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, Promise<ByteInspector>>();

  constructor(host: ServerHost) {
    this.#host = host;
  }

  /** Throws an Error for people if the file cannot be read. */
  get(uri: string): Promise<ByteInspector> {
    const known = this.#known.get(uri);
    if (known && Date.now() - known.seen < FRESH) return Promise.resolve(known.inspector);
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

  /** What was read is kept if nothing has changed since: if `isAsked` says so. */
  async #read(uri: string, isAsked: () => boolean): Promise<ByteInspector> {
    const known = this.#known.get(uri);
    this.#known.delete(uri);
    const bytes = await this.#host.readFile(uri);
    const inspector =
      known && sameBytes(known.inspector.bytes, bytes) ? known.inspector : new ByteInspector(bytes);
    if (!isAsked()) return inspector;
    this.#known.set(uri, { inspector, seen: Date.now() });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(oldest);
    }
    return inspector;
  }
}
