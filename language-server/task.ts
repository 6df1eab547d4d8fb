/**
 * Work that is done in steps by who has time, or at once by who asks for what comes of it.
 */

export class Task<T> {
  #steps: Generator<void, T> | undefined;
  #value: T | undefined;

  /** Nothing is done before the first step. */
  constructor(work: () => Generator<void, T>) {
    this.#steps = begun(work);
  }

  get isDone(): boolean {
    return !this.#steps;
  }

  /** What comes of it: does what is left. */
  get value(): T {
    while (this.#steps) this.step();
    return this.#value as T;
  }

  /** Does a little of what is left; returns whether nothing is. */
  step(): boolean {
    if (!this.#steps) return true;
    const { done, value } = this.#steps.next();
    if (!done) return false;
    this.#steps = undefined;
    this.#value = value;
    return true;
  }
}

function* begun<T>(work: () => Generator<void, T>): Generator<void, T> {
  return yield* work();
}

/** A task whose result is there. */
export function doneTask<T>(value: T): Task<T> {
  // biome-ignore lint/correctness/useYield: there is nothing to do
  const task = new Task(function* () {
    return value;
  });
  task.step();
  return task;
}
