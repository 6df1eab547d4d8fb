/**
 * Work that may have to wait, written once: a generator that yields the promises it waits for.
 *
 * Run by `perform`: as long as nothing has to wait it runs through at once, without a turn of the event loop.
 */

import type { Later } from './host.ts';

export type Steps<T> = Generator<Promise<unknown>, T, unknown>;

/** The answer, now or later. */
export function* settled<T>(answer: Later<T>): Steps<T> {
  return isPromise(answer) ? ((yield answer) as T) : answer;
}

/** Runs the steps as far as they come; a promise if they had to wait. Throws what they throw. */
export function perform<T>(steps: Steps<T>): Later<T> {
  const { done, value } = steps.next();
  return done ? value : later(steps, value);
}

async function later<T>(steps: Steps<T>, first: Promise<unknown>): Promise<T> {
  let waiting = first;
  for (;;) {
    const next = await waiting.then(
      (answer) => () => steps.next(answer),
      (error: unknown) => () => steps.throw(error),
    );
    const { done, value } = next();
    if (done) return value;
    waiting = value;
  }
}

export function isPromise<T>(answer: Later<T>): answer is Promise<T> {
  return typeof (answer as { then?: unknown } | undefined)?.then === 'function';
}
