/**
 * Bodies of `wasi:http/types`: `incoming-body` with its `future-trailers`, and `outgoing-body`.
 *
 * A guest may write an outgoing body before the head that it belongs to is sent. Until then a little is kept, and then the
 * guest waits. What it wrote is counted where the head says how much it is.
 */

import { trap } from '../../../component/canon/traps.ts';
import {
  type HostFunction,
  type HostResource,
  handleOf,
  hostFunction,
  hostResource,
  repOf,
} from '../../../component/host.ts';
import { HostError, type Later, type OutputStream, type Waiting } from '../../host.ts';
import { HttpError, type HttpErrorCode, type HttpField, type HttpSink, type HttpSource } from '../../http.ts';
import { isPromise, type Steps, settled } from '../../steps.ts';
import { pollable } from '../poll.ts';
import { INPUT_STREAM, Input, OUTPUT_STREAM, Output } from '../streams.ts';
import { err, fallible, NONE, ok, option, optional, some } from '../values.ts';
import { errorCase, httpErrors } from './errors.ts';
import { FIELDS, type Fields, fieldsOf } from './fields.ts';

/** Bytes that are kept of a body whose head is not sent. */
const KEPT = 1 << 16;

/** Something that comes later, once; the guest takes it once, too. */
export class Future<T> {
  readonly #promise: Promise<void>;
  #outcome: { readonly value: T } | { readonly error: HostError } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isTaken = false;

  constructor(promise: Promise<T>) {
    this.#promise = promise.then(
      (value) => {
        this.#outcome = { value };
      },
      (error: unknown) => {
        if (error instanceof HostError) this.#outcome = { error };
        else this.#failure = { error };
      },
    );
  }

  waiting(): Waiting | undefined {
    if (this.#outcome || this.#failure) return undefined;
    return { promise: this.#promise, cancel: () => {} };
  }

  /** `option<result<result<T, error-code>>>` as the guest gets it. */
  get(lower: (value: T) => Parameters<typeof ok>[0]) {
    if (this.#failure) throw this.#failure.error;
    const outcome = this.#outcome;
    if (!outcome) return NONE;
    if (this.#isTaken) return some(err());
    this.#isTaken = true;
    return some(ok('error' in outcome ? err(errorCase(outcome.error)) : ok(lower(outcome.value))));
  }
}

/** What is behind `incoming-body`. */
class IncomingBody {
  readonly source: HttpSource;
  #stream: 'unasked' | 'lent' | 'dropped' = 'unasked';

  constructor(source: HttpSource) {
    this.source = source;
  }

  get isLent(): boolean {
    return this.#stream === 'lent';
  }

  takeStream(): Input | undefined {
    if (this.#stream !== 'unasked') return undefined;
    this.#stream = 'lent';
    return new Input('http', this.source.stream, () => {
      this.#stream = 'dropped';
    });
  }
}

const INCOMING_BODY = hostResource<IncomingBody>('incoming-body');
const FUTURE_TRAILERS = hostResource<Future<readonly HttpField[] | undefined>>('future-trailers');

/** The body of a message that came in: `result<incoming-body>` for whoever asks first. */
export class BodyOnce {
  #source: HttpSource | undefined;

  constructor(source: HttpSource) {
    this.#source = source;
  }

  consume() {
    const source = this.#source;
    if (!source) return err();
    this.#source = undefined;
    return ok(handleOf(INCOMING_BODY, new IncomingBody(source)));
  }
}

/** What is behind `outgoing-body`: a sink that comes later. */
export class OutgoingBody {
  readonly #declared: bigint | undefined;
  readonly #sizeError: HttpErrorCode;
  readonly #attached: Promise<void>;
  #attach: () => void = () => {};
  #sink: HttpSink | undefined;
  #kept: Uint8Array[] = [];
  #keptLength = 0;
  #written = 0n;
  #stream: 'unasked' | 'lent' | 'dropped' = 'unasked';
  #end: { readonly trailers: readonly HttpField[] | undefined } | 'aborted' | undefined;
  /** The bytes that were kept are on their way. */
  #catchingUp: Promise<void> | undefined;
  #finishing: Later<void> = undefined;

  constructor(headers: Fields, sizeError: HttpErrorCode) {
    const [length] = headers.values('content-length');
    const digits = length && String.fromCharCode(...length);
    this.#declared = digits && /^\d+$/.test(digits) ? BigInt(digits) : undefined;
    this.#sizeError = sizeError;
    this.#attached = new Promise((done) => {
      this.#attach = done;
    });
  }

  get isLent(): boolean {
    return this.#stream === 'lent';
  }

  /** The head is sent: what was kept follows. */
  attach(sink: HttpSink): void {
    this.#sink = sink;
    const kept = this.#kept;
    this.#kept = [];
    const all = async (): Promise<void> => {
      for (const bytes of kept) {
        for (let at = 0; at < bytes.length; ) at += await sink.stream.write(bytes.subarray(at));
      }
    };
    if (kept.length > 0) {
      this.#catchingUp = all().then(
        () => this.#caughtUp(),
        () => this.#caughtUp(),
      );
    }
    this.#attach();
    if (this.#end === 'aborted') sink.abort();
    else if (this.#end) this.#finishing = this.#afterKept(() => this.#finishNow(sink));
  }

  /** What was written before the head was sent is sent, too, and the end if there is one. */
  async settled(): Promise<void> {
    await this.#catchingUp;
    await this.#finishing;
  }

  takeStream(): Output | undefined {
    if (this.#stream !== 'unasked') return undefined;
    this.#stream = 'lent';
    return new Output('http', this.#output(), () => {
      this.#stream = 'dropped';
    });
  }

  /** The body is complete. Throws an HttpError if it is not what was declared. */
  *finish(trailers: readonly HttpField[] | undefined): Steps<undefined> {
    if (this.#end) return undefined;
    if (this.#declared !== undefined && this.#declared !== this.#written) {
      this.abort();
      throw this.#wrongSize();
    }
    this.#end = { trailers };
    const sink = this.#sink;
    if (!sink) return undefined;
    if (this.#catchingUp) yield this.#catchingUp;
    yield* settled(this.#finishNow(sink));
    return undefined;
  }

  abort(): void {
    if (this.#end) return;
    this.#end = 'aborted';
    this.#sink?.abort();
  }

  #finishNow(sink: HttpSink): Later<void> {
    return typeof this.#end === 'object' ? sink.finish(this.#end.trailers) : undefined;
  }

  #afterKept(then: () => Later<void>): Later<void> {
    return this.#catchingUp ? this.#catchingUp.then(then) : then();
  }

  #caughtUp(): void {
    this.#catchingUp = undefined;
  }

  #wrongSize(): HttpError {
    const told = `${this.#written} bytes were written, content-length is ${this.#declared}`;
    return new HttpError(this.#sizeError, told, this.#written);
  }

  #output(): OutputStream {
    const waiting = (): Waiting | undefined => {
      if (this.#catchingUp) return { promise: this.#catchingUp, cancel: () => {} };
      if (this.#sink) return this.#sink.stream.writable();
      return this.#keptLength < KEPT ? undefined : { promise: this.#attached, cancel: () => {} };
    };
    const write = (bytes: Uint8Array): Later<number> => {
      const first = this.#catchingUp ?? (this.#sink || this.#keptLength < KEPT ? undefined : this.#attached);
      if (first) return first.then(() => write(bytes));
      if (this.#declared !== undefined && this.#written + BigInt(bytes.length) > this.#declared) {
        this.#written += BigInt(bytes.length);
        throw this.#wrongSize();
      }
      const taken = this.#sink ? this.#sink.stream.write(bytes) : this.#keep(bytes);
      const count = (length: number): number => {
        this.#written += BigInt(length);
        return length;
      };
      return isPromise(taken) ? taken.then(count) : count(taken);
    };
    return { isTerminal: false, write, writable: waiting };
  }

  #keep(bytes: Uint8Array): number {
    this.#kept.push(bytes);
    this.#keptLength += bytes.length;
    return bytes.length;
  }
}

export const OUTGOING_BODY: HostResource<OutgoingBody> = hostResource<OutgoingBody>(
  'outgoing-body',
  (body) => {
    if (body.isLent) trap('outgoing-body was dropped before its output-stream');
    body.abort();
  },
);

export const BODY_RESOURCES = {
  'incoming-body': INCOMING_BODY,
  'future-trailers': FUTURE_TRAILERS,
  'outgoing-body': OUTGOING_BODY,
};

export const BODY_FUNCTIONS: Readonly<Record<string, HostFunction>> = {
  '[method]incoming-body.stream': hostFunction(([self]) => {
    const stream = repOf(INCOMING_BODY, self).takeStream();
    return stream ? ok(handleOf(INPUT_STREAM, stream)) : err();
  }),
  '[static]incoming-body.finish': hostFunction(([body]) => {
    const rep = repOf(INCOMING_BODY, body);
    if (rep.isLent) trap('incoming-body.finish was called before its input-stream was dropped');
    return handleOf(FUTURE_TRAILERS, new Future(rep.source.trailers()));
  }),
  '[method]future-trailers.subscribe': hostFunction(([self]) => {
    const future = repOf(FUTURE_TRAILERS, self);
    return pollable(() => future.waiting());
  }),
  '[method]future-trailers.get': hostFunction(([self]) =>
    repOf(FUTURE_TRAILERS, self).get((trailers) => option(trailers && fieldsOf(trailers))),
  ),
  '[method]outgoing-body.write': hostFunction(([self]) => {
    const stream = repOf(OUTGOING_BODY, self).takeStream();
    return stream ? ok(handleOf(OUTPUT_STREAM, stream)) : err();
  }),
  '[static]outgoing-body.finish': fallible(httpErrors, ([body, trailers]) => {
    const rep = repOf(OUTGOING_BODY, body);
    if (rep.isLent) trap('outgoing-body.finish was called before its output-stream was dropped');
    const fields = optional(trailers);
    return rep.finish(fields === undefined ? undefined : repOf(FIELDS, fields).entries);
  }),
};
