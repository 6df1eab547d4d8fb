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
      reading = this.#read(uri).finally(() => this.#reading.delete(uri));
      this.#reading.set(uri, reading);
    }
    return reading;
  }

  async #read(uri: string): Promise<ByteInspector> {
    const known = this.#known.get(uri);
    this.#known.delete(uri);
    const bytes = await this.#host.readFile(uri);
    const inspector =
      known && sameBytes(known.inspector.bytes, bytes) ? known.inspector : new ByteInspector(bytes);
    this.#known.set(uri, { inspector, seen: Date.now() });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(oldest);
    }
    return inspector;
  }
}
