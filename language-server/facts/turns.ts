/**
 * Long work in short turns: lets other requests have theirs, and ends when the question was cancelled.
 */

import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';

/**
 * How long one turn may take, in milliseconds. Several questions can have theirs before the event loop comes round, and the
 * host's collector takes up to 14 ms by itself when a text has 3 MB: so it is far below what people notice.
 */
const TURN = 2.5;

export interface Turns {
  /** Returns at once until this turn is over; then after the others'. Throws LSP's error once cancelled. */
  pause(): Promise<void> | undefined;
}

export function takeTurns(token: CancellationToken): Turns {
  let until = performance.now() + TURN;
  return {
    pause: () => {
      if (performance.now() < until) return undefined;
      return nextTurn().then(() => {
        if (token.isCancellationRequested) {
          throw new ResponseError<void>(LSPErrorCodes.RequestCancelled, 'the request was cancelled');
        }
        until = performance.now() + TURN;
      });
    },
  };
}

/** All steps of something, with others' turns between them. */
export async function inTurns<R>(steps: Generator<void, R>, turns: Turns): Promise<R> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await turns.pause();
  }
}

/** All steps of something, without others' turns. */
export function atOnce<R>(steps: Generator<void, R>): R {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Goes on when everything that waits has had its turn; in hosts of every kind. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    // Timers that follow each other are slowed down to 4 ms in browsers.
    const { port1, port2 } = new MessageChannel();
    // Node's types do not have what browsers do.
    const waiting = port1 as unknown as { onmessage: () => void };
    waiting.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
