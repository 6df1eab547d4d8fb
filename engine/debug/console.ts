/**
 * What the debuggee prints. Log points in hot code print thousands of lines a slice: lines of one place go as one event.
 * Everything else waits for them, so that the order is kept.
 */

import type { Output, Spot } from './wire.ts';

/** Characters of log points that are sent at once. */
const LOG_LENGTH = 1 << 16;

export class Console {
  readonly #send: (output: Output) => void;
  /** Lines that are not sent yet, `at` one place. */
  #logged: { lines: string[]; length: number; at: unknown; place: Spot | undefined } | undefined;

  constructor(send: (output: Output) => void) {
    this.#send = send;
  }

  print(category: Output['category'], text: string, place?: Spot): void {
    this.flush();
    this.#send({ category, text, place });
  }

  /** Prints a log point's line; `at` says which place it is, `place` where that is. */
  log(line: string, at: unknown, place: () => Spot | undefined): void {
    const before = this.#logged;
    if (before && before.at === at && before.length < LOG_LENGTH) {
      before.lines.push(line);
      before.length += line.length;
      return;
    }
    this.flush();
    this.#logged = { lines: [line], length: line.length, at, place: place() };
  }

  flush(): void {
    const logged = this.#logged;
    if (!logged) return;
    this.#logged = undefined;
    this.#send({ category: 'console', text: logged.lines.join(''), place: logged.place });
  }
}
