/**
 * `wasi:random`: numbers of the host's, the insecure ones as well.
 */

import { exhaust } from '../../component/canon/traps.ts';
import { type HostInstance, hostFunction, hostInstance } from '../../component/host.ts';
import type { ComponentValue } from '../../component/values.ts';
import type { RandomSource } from '../host.ts';

/** Bytes that are given at once: a guest may ask for any number. */
const MOST = 1 << 26;
/** What hosts fill at once. */
const PIECE = 65_536;

export function randomInterface(random: RandomSource): HostInstance {
  return hostInstance({
    'get-random-bytes': hostFunction(([length]) => bytes(random, length)),
    'get-random-u64': hostFunction(() => word(random)),
  });
}

export function insecureInterface(random: RandomSource): HostInstance {
  return hostInstance({
    'get-insecure-random-bytes': hostFunction(([length]) => bytes(random, length)),
    'get-insecure-random-u64': hostFunction(() => word(random)),
  });
}

export function insecureSeedInterface(random: RandomSource): HostInstance {
  return hostInstance({ 'insecure-seed': hostFunction(() => [word(random), word(random)]) });
}

function bytes(random: RandomSource, wanted: ComponentValue): Uint8Array {
  const length = wanted as bigint;
  if (length > MOST) exhaust('too many random bytes were asked for at once', `${length}, ${MOST} are given`);
  const all = new Uint8Array(Number(length));
  for (let at = 0; at < all.length; at += PIECE) random(all.subarray(at, at + PIECE));
  return all;
}

function word(random: RandomSource): bigint {
  const eight = new Uint8Array(8);
  random(eight);
  return new DataView(eight.buffer).getBigUint64(0, true);
}
