/**
 * Requests of guests by `fetch`, for the Web (engine/wasi/http.ts). A page decides what may be asked of whom, and says little of
 * why something failed.
 *
 * The body of a request is kept until it is complete: pages cannot send one piece by piece. There are no trailers, and of the
 * timeouts only the one for the whole head.
 */

import type { NetworkGrants } from '../../engine/wasi/grants.ts';
import { type HttpClient, HttpError, type HttpField, type HttpRequest } from '../../engine/wasi/http.ts';
import { InputQueue } from '../../engine/wasi/input.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** What is used of the Web's `fetch`. */
export type Fetch = (
  url: string,
  how: {
    method: string;
    headers: readonly (readonly [string, string])[];
    body: Uint8Array | undefined;
    signal: AbortSignal;
    redirect: 'manual';
  },
) => Promise<{
  readonly status: number;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body: { getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array }> } } | null;
}>;

/** A client that sends what is granted. */
export function webHttpClient(grants: NetworkGrants, fetch: Fetch): HttpClient {
  return {
    allows(request) {
      const url = urlOf(request);
      const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
      return grants.allows(url.hostname, port);
    },
    send(request, { connect, firstByte }) {
      const pieces: Uint8Array[] = [];
      const stop = new AbortController();
      let complete: (isWhole: boolean) => void = () => {};
      const sent = new Promise<boolean>((done) => {
        complete = done;
      });
      const response = sent.then(async (isWhole) => {
        if (!isWhole) throw new HttpError('connection-terminated');
        const limit =
          connect !== undefined || firstByte !== undefined ? (connect ?? 0n) + (firstByte ?? 0n) : undefined;
        const timer =
          limit === undefined
            ? undefined
            : setTimeout(() => stop.abort(), Number(limit / NANOSECONDS_PER_MILLISECOND) + 1);
        try {
          const { status, headers, body } = await fetch(urlOf(request).href, {
            method: request.method,
            headers: request.headers.map(([name, value]) => [name, latin1(value)]),
            body: pieces.length === 0 ? undefined : joined(pieces),
            signal: stop.signal,
            redirect: 'manual',
          });
          const fields: HttpField[] = [...headers].map(([name, value]) => [name, bytes(value)]);
          return { head: { status, headers: fields }, body: sourceOf(body?.getReader()) };
        } catch (error) {
          if (stop.signal.aborted) throw new HttpError('connection-read-timeout');
          throw new HttpError('destination-unavailable', (error as Error).message);
        } finally {
          clearTimeout(timer);
        }
      });
      return {
        body: {
          stream: {
            isTerminal: false,
            write(piece) {
              pieces.push(piece);
              return piece.length;
            },
            writable: () => undefined,
          },
          finish: () => complete(true),
          abort: () => complete(false),
        },
        response,
        cancel: () => stop.abort(),
      };
    },
  };
}

function urlOf({ scheme = 'https', authority = '', path = '/' }: HttpRequest): URL {
  return new URL(`${scheme}://${authority}${path}`);
}

/** A body that is read when the guest wants something of it. */
function sourceOf(reader: { read(): Promise<{ done: boolean; value?: Uint8Array }> } | undefined) {
  let reading: Promise<void> | undefined;
  let isOver = false;
  const stream: InputQueue = new InputQueue({ wanted: () => void next() });
  /** The next piece, of which only one is on its way. */
  function next(): Promise<void> {
    reading ??= readPiece().finally(() => {
      reading = undefined;
    });
    return reading;
  }
  async function readPiece(): Promise<void> {
    if (isOver) return;
    try {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (value) stream.push(value);
      if (!done) return;
      stream.end();
    } catch (error) {
      stream.fail(new HttpError('connection-terminated', (error as Error).message));
    }
    isOver = true;
  }
  return {
    stream,
    async trailers(): Promise<undefined> {
      // Nobody reads the rest.
      while (!isOver) await next();
    },
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
}

function latin1(value: Uint8Array): string {
  return String.fromCharCode(...value);
}
