/**
 * `wasi:io/poll`: waiting for several things at once. Suspends the program until the first of them happens; nothing is
 * asked for twice, and what nobody waits for any more is cancelled.
 */

import { trap } from '../../component/canon/traps.ts';
import {
  type HostInstance,
  handleOf,
  hostFunction,
  hostInstance,
  hostResource,
  type ResourceValue,
  repOf,
} from '../../component/host.ts';
import type { ComponentValue } from '../../component/values.ts';
import type { Clocks, Time, Waiting } from '../host.ts';
import type { Steps } from '../steps.ts';
import { steps } from './values.ts';

/** Something that is ready, or will be. */
export interface Pollable {
  /** What would have to happen first; undefined if it is ready. Who is given a `Waiting` cancels it. */
  waiting(): Waiting | undefined;
  /** For one that waits for nothing but a time on the monotonic clock: which. */
  readonly time?: Time;
}

export const POLLABLE = hostResource<Pollable>('pollable');

/** A handle to something to wait for. */
export function pollable(waiting: Pollable['waiting']): ResourceValue {
  return handleOf(POLLABLE, { waiting });
}

export function pollInterface(clocks: Clocks): HostInstance {
  return hostInstance({
    pollable: POLLABLE,
    '[method]pollable.ready': hostFunction(([self]) => isReady(repOf(POLLABLE, self), clocks)),
    '[method]pollable.block': steps(function* ([self]) {
      yield* firstReady([repOf(POLLABLE, self)], clocks);
      return undefined;
    }),
    poll: steps(function* ([list]) {
      const all = (list as readonly ComponentValue[]).map((one) => repOf(POLLABLE, one));
      if (all.length === 0) trap('poll was called with an empty list of pollables');
      return yield* firstReady(all, clocks);
    }),
  });
}

/** Waits until something happens. */
export function* block(waiting: Waiting | undefined): Steps<void> {
  if (waiting) yield waiting.promise;
}

/** A time on the monotonic clock. */
export function pollableAt(time: Time): ResourceValue {
  return handleOf<Pollable>(POLLABLE, { time, waiting: () => undefined });
}

/** Which of them are ready, as soon as one is. */
function* firstReady(all: readonly Pollable[], clocks: Clocks): Steps<number[]> {
  for (;;) {
    const now = clocks.monotonic();
    const ready: number[] = [];
    const waitings: Waiting[] = [];
    let first: Time | undefined;
    for (const [i, one] of all.entries()) {
      const waiting = one.time === undefined ? one.waiting() : undefined;
      if (waiting) waitings.push(waiting);
      else if (one.time === undefined || one.time <= now) ready.push(i);
      else if (first === undefined || one.time < first) first = one.time;
    }
    try {
      if (ready.length > 0) return ready;
      // Only the first of the times: clocks that are not real move on when somebody waits.
      if (first !== undefined) waitings.push(clocks.at(first));
      yield Promise.race(waitings.map(({ promise }) => promise));
    } finally {
      for (const waiting of waitings) waiting.cancel();
    }
  }
}

function isReady({ time, waiting }: Pollable, clocks: Clocks): boolean {
  if (time !== undefined) return time <= clocks.monotonic();
  const first = waiting();
  first?.cancel();
  return first === undefined;
}
