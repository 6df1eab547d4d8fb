/**
 * What WASI needs of HTTP from where it runs: requests that come in and answers to them, requests that go out. Injected
 * as everything in host.ts is.
 */

import { HostError, type InputStream, type Later, type OutputStream, type Time } from './host.ts';

/** Name and value; there may be several of a name. */
export type HttpField = readonly [name: string, value: Uint8Array];

export interface HttpRequest {
  /** `GET`. */
  readonly method: string;
  /** `http`, `https`. */
  readonly scheme: string | undefined;
  /** `example.com:8080`. */
  readonly authority: string | undefined;
  readonly path: string | undefined;
  readonly headers: readonly HttpField[];
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly HttpField[];
}

/** A body that comes in. Both throw `HttpError`s. */
export interface HttpSource {
  readonly stream: InputStream;
  /** When all of the body has come: what follows it, if something does. */
  trailers(): Promise<readonly HttpField[] | undefined>;
}

/** A body that goes out. */
export interface HttpSink {
  readonly stream: OutputStream;
  /** The body is complete. */
  finish(trailers: readonly HttpField[] | undefined): Later<void>;
  /** The body will never be complete: the other side has to see that. */
  abort(): void;
}

/** A request of somebody else's, to be answered. */
export interface HttpServed {
  readonly request: HttpRequest;
  readonly body: HttpSource;
  /** Sends the head of the answer, once. */
  respond(head: HttpResponse): HttpSink;
  /** Sends an answer of the kind 1xx; there is none where the host cannot. */
  inform?(head: HttpResponse): void;
}

/** How a request was answered: well, or why not, for the client and for whoever runs the server. */
export type Answered = 'answered' | { readonly status: number; readonly message: string };

/** A request that has come to a server. */
export interface HttpArrival {
  readonly served: HttpServed;
  /** What has become of it; what is not answered then is answered with that. */
  done(answered: Answered): void;
}

/** A server whose requests are taken one after the other. */
export interface HttpListener {
  /** Where it listens: `127.0.0.1:8080`. */
  readonly address: string;
  next(): Promise<HttpArrival>;
}

/** Nanoseconds; undefined: as the host likes. */
export interface HttpTimeouts {
  readonly connect?: Time;
  readonly firstByte?: Time;
  readonly betweenBytes?: Time;
}

/** A request on its way. */
export interface HttpExchange {
  readonly body: HttpSink;
  /** Rejects with an `HttpError`. */
  readonly response: Promise<{ readonly head: HttpResponse; readonly body: HttpSource }>;
  /** Nobody waits for the answer any more. */
  cancel(): void;
}

export interface HttpClient {
  /** Whether a request may go there at all. */
  allows(request: HttpRequest): boolean;
  send(request: HttpRequest, timeouts: HttpTimeouts): HttpExchange;
}

/** `error-code` of wasi:http/types: its cases in their order. */
export const HTTP_ERRORS = [
  'DNS-timeout',
  'DNS-error',
  'destination-not-found',
  'destination-unavailable',
  'destination-IP-prohibited',
  'destination-IP-unroutable',
  'connection-refused',
  'connection-terminated',
  'connection-timeout',
  'connection-read-timeout',
  'connection-write-timeout',
  'connection-limit-reached',
  'TLS-protocol-error',
  'TLS-certificate-error',
  'TLS-alert-received',
  'HTTP-request-denied',
  'HTTP-request-length-required',
  'HTTP-request-body-size',
  'HTTP-request-method-invalid',
  'HTTP-request-URI-invalid',
  'HTTP-request-URI-too-long',
  'HTTP-request-header-section-size',
  'HTTP-request-header-size',
  'HTTP-request-trailer-section-size',
  'HTTP-request-trailer-size',
  'HTTP-response-incomplete',
  'HTTP-response-header-section-size',
  'HTTP-response-header-size',
  'HTTP-response-body-size',
  'HTTP-response-trailer-section-size',
  'HTTP-response-trailer-size',
  'HTTP-response-transfer-coding',
  'HTTP-response-content-coding',
  'HTTP-response-timeout',
  'HTTP-upgrade-failed',
  'HTTP-protocol-error',
  'loop-detected',
  'configuration-error',
  'internal-error',
] as const;

export type HttpErrorCode = (typeof HTTP_ERRORS)[number];

/** A failure of HTTP that the guest is told of. */
export class HttpError extends HostError {
  readonly http: HttpErrorCode;
  /** Of the codes about bodies: how many bytes there were. */
  readonly size: bigint | undefined;

  constructor(http: HttpErrorCode, message: string = http, size?: bigint) {
    super('io', message);
    this.name = 'HttpError';
    this.http = http;
    this.size = size;
  }
}
