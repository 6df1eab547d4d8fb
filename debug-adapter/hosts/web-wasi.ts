/**
 * What the Web gives a program of WASI: clocks, random numbers, and for each granted directory an empty one in memory, which
 * is gone when the program ends (docs/wasi.md). There are no sockets; requests are those that the page may send.
 */

import type { WasiHost } from '../../engine/debug/program-wasi.ts';
import type { WasiParams } from '../../engine/debug/wire.ts';
import { NetworkGrants } from '../../engine/wasi/grants.ts';
import type { Clocks, RandomSource, Waiting } from '../../engine/wasi/host.ts';
import { MemoryTree } from '../../engine/wasi/memory-tree.ts';
import { type Fetch, webHttpClient } from './web-http.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** The longest that a timer can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

interface WebGlobals {
  readonly crypto: { getRandomValues(bytes: Uint8Array): void };
  readonly performance: { now(): number };
  readonly fetch: Fetch;
}

const web = globalThis as unknown as WebGlobals;

/** Throws an Error for people if sockets are wanted. */
export async function openWebWasi({ dirs, listen, network = [], serve }: WasiParams): Promise<WasiHost> {
  if (listen.length > 0) throw new Error('listen: there are no listening sockets on the Web');
  if (serve !== undefined) throw new Error('serve: there are no servers on the Web');
  const clocks = webClocks();
  const encode = (text: string) => new TextEncoder().encode(text);
  const preopens = dirs.map(({ guest, readOnly }) => ({
    guest,
    readOnly,
    tree: new MemoryTree({ encode, now: clocks.realtime }),
  }));
  const http = webHttpClient(new NetworkGrants(network), web.fetch.bind(globalThis));
  return { preopens, clocks, random: webRandom, http };
}

const webRandom: RandomSource = (bytes) => web.crypto.getRandomValues(bytes);

/** As fine as the page lets clocks be. */
function webClocks(): Clocks {
  const begun = web.performance.now();
  const offset = BigInt(Date.now()) * NANOSECONDS_PER_MILLISECOND;
  const monotonic = (): bigint => BigInt(Math.round((web.performance.now() - begun) * 1e6));
  const at = (time: bigint): Waiting => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const promise = new Promise<void>((done) => {
      const wait = (): void => {
        const left = time - monotonic();
        const milliseconds = Math.min(Number(left / NANOSECONDS_PER_MILLISECOND) + 1, LONGEST_TIMER);
        if (left <= 0n) done();
        else timer = setTimeout(wait, milliseconds);
      };
      wait();
    });
    return { promise, cancel: () => clearTimeout(timer) };
  };
  return { realtime: () => offset + monotonic(), monotonic, processor: monotonic, resolution: 1000n, at };
}
