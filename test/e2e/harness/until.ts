// Waiting for a condition, by asking again: the one way in which the harness waits where the browser has no event.

/** Milliseconds between two questions: what is asked often is mostly answered soon, and asking costs the page time. */
const FIRST = 40;
const LONGEST = 240;

/**
 * Asks until the answer is accepted, and returns it.
 * @throws {Error} with `what` and the last answer (or error) after `timeout` milliseconds
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  accept: (answer: T) => boolean = Boolean,
  timeout = 30_000,
): Promise<T> {
  let last: unknown;
  let wait = FIRST;
  for (const deadline = Date.now() + timeout; Date.now() < deadline; await pause(wait)) {
    wait = Math.min(1.3 * wait, LONGEST);
    try {
      const answer = await ask();
      if (accept(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error; // the page may be re-rendering; the next try asks again
    }
  }
  const shown = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`waited ${timeout} ms for: ${what}. Last: ${shown}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
