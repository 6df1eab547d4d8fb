/**
 * `wasi:clocks`: the wall clock, the monotonic clock, and a time zone, which is UTC: where a guest runs it does not
 * learn.
 */

import { type HostInstance, hostFunction, hostInstance } from '../../component/host.ts';
import type { Clocks, Time } from '../host.ts';
import { POLLABLE, pollableAt } from './poll.ts';

const SECOND = 1_000_000_000n;
/** The last time that there is: a guest that waits for longer waits for that. */
const LAST = (1n << 64n) - 1n;

/** A record `datetime`: seconds and nanoseconds. Times before 1970 there are none. */
export function datetime(time: Time): [bigint, number] {
  return time < 0n ? [0n, 0] : [time / SECOND, Number(time % SECOND)];
}

export function timeOf([seconds, nanoseconds]: readonly [bigint, number]): Time {
  return seconds * SECOND + BigInt(nanoseconds);
}

export function wallClockInterface(clocks: Clocks): HostInstance {
  return hostInstance({
    now: hostFunction(() => datetime(clocks.realtime())),
    resolution: hostFunction(() => datetime(clocks.resolution)),
  });
}

export function monotonicClockInterface(clocks: Clocks): HostInstance {
  return hostInstance({
    pollable: POLLABLE,
    now: hostFunction(() => clocks.monotonic()),
    resolution: hostFunction(() => clocks.resolution),
    'subscribe-instant': hostFunction(([when]) => pollableAt(when as bigint)),
    'subscribe-duration': hostFunction(([duration]) => {
      const when = clocks.monotonic() + (duration as bigint);
      return pollableAt(when > LAST ? LAST : when);
    }),
  });
}

export function timezoneInterface(): HostInstance {
  return hostInstance({
    display: hostFunction(() => [0, 'UTC', false]),
    'utc-offset': hostFunction(() => 0),
  });
}
