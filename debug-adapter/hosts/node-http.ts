/**
 * HTTP by Node: a server whose requests a guest answers, and a client for the requests of guests (engine/wasi/http.ts).
 */

import {
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingMessage,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { NetworkGrants } from '../../engine/wasi/grants.ts';
import { HostError, type Later, type OutputStream } from '../../engine/wasi/host.ts';
import {
  type Answered,
  type HttpArrival,
  type HttpClient,
  HttpError,
  type HttpErrorCode,
  type HttpField,
  type HttpListener,
  type HttpRequest,
  type HttpServed,
  type HttpSink,
  type HttpSource,
  type HttpTimeouts,
} from '../../engine/wasi/http.ts';
import { inputFrom, outputTo } from './node-wasi.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

export interface OpenServer {
  /** Where it listens, `127.0.0.1:8080`: the port that was chosen, if 0 was asked for. */
  readonly address: string;
  /** Takes no more requests, and drops those that are there. */
  close(): void;
}

/** Serves at `host:port`. Throws an Error for people if the address is none, or is taken. */
export async function serveAt(
  address: string,
  handle: (served: HttpServed, gone: AbortSignal) => Promise<Answered>,
): Promise<OpenServer> {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  if (port === undefined) throw new Error(`${address} is no address: it needs host:port`);
  if (Number(port) > 65535) throw new Error(`${address}: ports end at 65535`);
  const server = createServer((request, response) => void answer(request, response, handle));
  await new Promise<void>((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      failed(
        new Error(`${address}: ${error.code === 'EADDRINUSE' ? 'the address is in use' : error.message}`),
      ),
    );
    server.listen({ host, port: Number(port) }, done);
  });
  const at = server.address() as AddressInfo;
  return {
    address: at.family === 'IPv6' ? `[${at.address}]:${at.port}` : `${at.address}:${at.port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A server at `host:port` whose requests wait until somebody takes them. Throws as `serveAt` does. */
export async function listenForRequests(address: string): Promise<HttpListener> {
  const waiting: HttpArrival[] = [];
  const takers: ((arrival: HttpArrival) => void)[] = [];
  const server = await serveAt(
    address,
    (served) =>
      new Promise<Answered>((done) => {
        const taker = takers.shift();
        if (taker) taker({ served, done });
        else waiting.push({ served, done });
      }),
  );
  return {
    address: server.address,
    next() {
      const arrival = waiting.shift();
      return arrival ? Promise.resolve(arrival) : new Promise((done) => takers.push(done));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (served: HttpServed, gone: AbortSignal) => Promise<Answered>,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const answered = await handle(servedBy(request, response), gone.signal);
  if (answered === 'answered' || response.headersSent) {
    // It has said that it answers, and then it did not: the client has to see that.
    if (!response.writableEnded) cutOff(response);
    return;
  }
  response.writeHead(answered.status, { 'content-type': 'text/plain' }).end(`${answered.message}\n`);
}

/** What was written is sent, and then there is nothing more, not even an end. */
function cutOff(response: ServerResponse): void {
  // Node keeps what is written in one turn together until the next.
  setImmediate(() => (response.socket ? response.socket.destroySoon() : response.destroy()));
}

function servedBy(request: IncomingMessage, response: ServerResponse): HttpServed {
  return {
    request: {
      method: request.method ?? 'GET',
      scheme: 'http',
      authority: request.headers.host,
      path: request.url,
      headers: fieldsFrom(request.rawHeaders),
    },
    body: sourceOf(request),
    respond({ status, headers }) {
      response.writeHead(status, rawFields(headers));
      response.flushHeaders();
      return sinkOf(response, () => cutOff(response));
    },
    inform({ status, headers }) {
      const hints = Object.fromEntries(headers.map(([name, value]) => [name, latin1(value)]));
      if (status === 100) response.writeContinue();
      else if (status === 102) response.writeProcessing();
      else if (status === 103 && 'link' in hints) response.writeEarlyHints(hints);
      else throw new HttpError('internal-error', `the server cannot send the status ${status} before others`);
    },
  };
}

/** A client that sends what is granted. */
export function nodeHttpClient(grants: NetworkGrants): HttpClient {
  return {
    allows(request) {
      const { hostname, port } = placeOf(request);
      return grants.allows(hostname, port);
    },
    send(request, timeouts) {
      const { hostname, port } = placeOf(request);
      const make = request.scheme === 'https' ? httpsRequest : httpRequest;
      const { method, path, headers, authority } = request;
      const sent = make({
        method,
        path,
        hostname,
        port,
        // Given as a list, names and order stay as they are; the host is then ours to name.
        headers: ['Host', authority ?? hostname, ...rawFields(headers)],
        // Others' connections are none of this one's business.
        agent: false,
      });
      return {
        body: sinkOf(sent, () => void sent.destroy()),
        response: responseTo(sent, timeouts),
        cancel: () => void sent.destroy(),
      };
    },
  };
}

function placeOf({ scheme, authority = '' }: HttpRequest): { hostname: string; port: number } {
  const [, host, port] = /^(?:.*@)?(.*?)(?::(\d*))?$/.exec(authority) ?? [];
  const usual = scheme === 'https' ? 443 : 80;
  return { hostname: (host ?? '').replace(/^\[(.*)\]$/, '$1'), port: port ? Number(port) : usual };
}

function responseTo(
  sent: ClientRequest,
  { connect, firstByte, betweenBytes }: HttpTimeouts,
): Promise<{ head: { status: number; headers: HttpField[] }; body: HttpSource }> {
  const fail = (code: HttpErrorCode) => () => sent.destroy(new HttpError(code));
  const connecting = timer(connect, fail('connection-timeout'));
  let waiting: (() => void) | undefined;
  sent.on('socket', (socket) => {
    const ready = (): void => {
      connecting();
      waiting = timer(firstByte, fail('connection-read-timeout'));
    };
    if (socket.connecting) socket.once('connect', ready);
    else ready();
  });
  return new Promise((done, failed) => {
    const over = (): void => {
      connecting();
      waiting?.();
    };
    sent.on('error', (error) => {
      over();
      failed(httpErrorOf(error));
    });
    sent.on('close', () => {
      over();
      failed(new HttpError('connection-terminated'));
    });
    sent.on('response', (message) => {
      over();
      if (betweenBytes !== undefined)
        message.setTimeout(milliseconds(betweenBytes), fail('connection-read-timeout'));
      const head = { status: message.statusCode ?? 0, headers: fieldsFrom(message.rawHeaders) };
      done({ head, body: sourceOf(message) });
    });
  });
}

/** Calls when the time is over; gives what ends it. */
function timer(time: bigint | undefined, call: () => void): () => void {
  if (time === undefined) return () => {};
  const running = setTimeout(call, milliseconds(time));
  return () => clearTimeout(running);
}

function milliseconds(time: bigint): number {
  return Math.min(Number(time / NANOSECONDS_PER_MILLISECOND) + 1, 2 ** 31 - 1);
}

/** The body of a message that comes in. */
function sourceOf(message: IncomingMessage): HttpSource {
  const failure = (error: Error | undefined) => (message.complete ? undefined : httpErrorOf(error));
  // Somebody has to hear of it, even if nobody reads.
  message.on('error', () => {});
  const stream = inputFrom(message, failure);
  return {
    stream,
    trailers: () =>
      new Promise((done, failed) => {
        const over = (): void => {
          if (!message.complete) failed(httpErrorOf(message.errored ?? undefined));
          else done(message.rawTrailers.length === 0 ? undefined : fieldsFrom(message.rawTrailers));
        };
        if (message.readableEnded || message.destroyed) return over();
        message.once('end', over);
        message.once('close', over);
        // Nobody reads the rest, behind which they are.
        message.resume();
      }),
  };
}

/** The body of a message that goes out. */
function sinkOf(message: OutgoingMessage, abort: () => void): HttpSink {
  const output = outputTo(message);
  const told = (error: unknown): never => {
    throw error instanceof HostError ? new HttpError('connection-terminated', error.message) : error;
  };
  const stream: OutputStream = {
    ...output,
    write(bytes): Later<number> {
      try {
        const taken = output.write(bytes);
        return typeof taken === 'number' ? taken : taken.catch(told);
      } catch (error) {
        return told(error);
      }
    },
  };
  return {
    stream,
    finish(trailers) {
      if (message.destroyed) return undefined;
      if (trailers && trailers.length > 0) {
        message.addTrailers(trailers.map(([name, value]): [string, string] => [name, latin1(value)]));
      }
      return new Promise<void>((done) => {
        message.once('close', () => done());
        message.end(() => done());
      });
    },
    abort,
  };
}

/** What Node says went wrong, in the words of WASI. */
function httpErrorOf(error: (Error & { code?: string }) | undefined): HttpError {
  if (error instanceof HttpError) return error;
  const code = error?.code ?? '';
  return new HttpError(CODES[code] ?? codeLike(code), error?.message);
}

const CODES: Readonly<Record<string, HttpErrorCode>> = {
  ENOTFOUND: 'DNS-error',
  EAI_AGAIN: 'DNS-timeout',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-terminated',
  EPIPE: 'connection-terminated',
  ETIMEDOUT: 'connection-timeout',
  EHOSTUNREACH: 'destination-IP-unroutable',
  ENETUNREACH: 'destination-IP-unroutable',
  HPE_HEADER_OVERFLOW: 'HTTP-response-header-section-size',
  ERR_INVALID_CHAR: 'HTTP-protocol-error',
  ERR_UNESCAPED_CHARACTERS: 'HTTP-request-URI-invalid',
  EPROTO: 'TLS-protocol-error',
};

function codeLike(code: string): HttpErrorCode {
  if (code === '') return 'connection-terminated';
  if (code.startsWith('HPE_')) return 'HTTP-protocol-error';
  if (code.startsWith('ERR_SSL_')) return 'TLS-protocol-error';
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) return 'TLS-certificate-error';
  return 'internal-error';
}

/** Node's flat list of names and values. */
function fieldsFrom(raw: readonly string[]): HttpField[] {
  const fields: HttpField[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    fields.push([raw[i], Uint8Array.from(Buffer.from(raw[i + 1], 'latin1'))]);
  }
  return fields;
}

function rawFields(fields: readonly HttpField[]): string[] {
  return fields.flatMap(([name, value]) => [name, latin1(value)]);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
