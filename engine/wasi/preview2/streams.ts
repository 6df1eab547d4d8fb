/**
 * `wasi:io/error` and `wasi:io/streams`: streams of bytes of the host's, as handles.
 *
 * A stream is the host's (host.ts) with what the guest may know of it: whether it has ended or failed, and how much may be
 * written. What an output has taken and the other side has not yet is written behind the guest's back; until then it
 * takes nothing more, and the guest can wait for that.
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
import { HostError, type InputStream, type Later, type OutputStream, type Waiting } from '../host.ts';
import { isPromise, perform, type Steps, settled } from '../steps.ts';
import { block, POLLABLE, pollable } from './poll.ts';
import { type Answer, attempt, lengthOf } from './values.ts';

/** Bytes that are read at once: a guest may ask for any number. */
const MOST_READ = 1 << 20;
/** Bytes that an output takes before it is asked again. */
const PERMIT = 1 << 16;
/** What the blocking functions take at once (wasi:io/streams). */
const MOST_BLOCKING = 4096;

/** Whose stream it is: who can say more about an error of it. */
export type StreamOwner = 'cli' | 'filesystem' | 'network' | 'http';

/** What is behind a handle of `wasi:io/error`. */
export interface IoError {
  readonly cause: HostError;
  readonly owner: StreamOwner;
}

export const ERROR = hostResource<IoError>('error');

export function errorInterface(): HostInstance {
  return hostInstance({
    error: ERROR,
    '[method]error.to-debug-string': hostFunction(([self]) => repOf(ERROR, self).cause.message),
  });
}

/** Thrown when a stream is at its end, or was closed. */
class Closed extends Error {}

/** An error of a stream that the guest is told of: the host's, or that the stream is at its end. */
function streamError(error: unknown, owner: StreamOwner): ComponentValue | undefined {
  if (error instanceof Closed) return { case: 1 };
  if (!(error instanceof HostError)) return undefined;
  return { case: 0, payload: handleOf(ERROR, { cause: error, owner }) };
}

/** An input as a guest has it. */
export class Input {
  readonly owner: StreamOwner;
  readonly #source: InputStream;
  readonly #dropped: (() => Later<void>) | undefined;
  #closed = false;

  /** `dropped`: the guest has no handle to it any more. */
  constructor(owner: StreamOwner, source: InputStream, dropped?: () => Later<void>) {
    this.owner = owner;
    this.#source = source;
    this.#dropped = dropped;
  }

  /** Bytes that are there. Throws at the end. */
  *read(most: number): Steps<Uint8Array> {
    if (this.#closed) throw new Closed();
    const waiting = this.#source.readable();
    waiting?.cancel();
    return waiting || most === 0 ? new Uint8Array(0) : yield* this.#take(most);
  }

  /** At least one byte. Throws at the end. */
  *blockingRead(most: number): Steps<Uint8Array> {
    if (this.#closed) throw new Closed();
    return most === 0 ? new Uint8Array(0) : yield* this.#take(most);
  }

  waiting(): Waiting | undefined {
    return this.#closed ? undefined : this.#source.readable();
  }

  /** The other side will not be read from any more. */
  close(): void {
    this.#closed = true;
  }

  drop(): Later<void> {
    this.#closed = true;
    return this.#dropped?.();
  }

  *#take(most: number): Steps<Uint8Array> {
    try {
      const bytes = yield* settled(this.#source.read(most));
      if (bytes.length > 0) return bytes;
    } catch (error) {
      this.#closed = true;
      throw error;
    }
    this.#closed = true;
    throw new Closed();
  }
}

/** An output as a guest has it. */
export class Output {
  readonly owner: StreamOwner;
  readonly #sink: OutputStream;
  readonly #dropped: (() => Later<void>) | undefined;
  #permit = 0;
  #pending: Promise<void> | undefined;
  #error: Error | undefined;
  #closed = false;

  /** `dropped`: the guest has no handle to it any more, and everything is written. */
  constructor(owner: StreamOwner, sink: OutputStream, dropped?: () => Later<void>) {
    this.owner = owner;
    this.#sink = sink;
    this.#dropped = dropped;
  }

  /** How many bytes the next write may have. Throws if it is closed, or has failed. */
  check(): number {
    this.#mustBeOpen();
    const waiting = this.waiting();
    waiting?.cancel();
    this.#permit = waiting ? 0 : PERMIT;
    return this.#permit;
  }

  /** Whatever was taken is on its way already: only a failure is to be told. */
  flush(): undefined {
    this.#mustBeOpen();
    return undefined;
  }

  /** Takes bytes, no more than was permitted. */
  write(bytes: Uint8Array): undefined {
    this.#mustBeOpen();
    if (bytes.length > this.#permit) {
      trap(
        'more was written to an output-stream than check-write permitted',
        `${bytes.length} bytes, ${this.#permit} permitted`,
      );
    }
    this.#permit = 0;
    this.#send(bytes);
    return undefined;
  }

  /** Everything that was taken is written. Throws what became of it. */
  *flushed(): Steps<undefined> {
    this.#mustBeOpen();
    if (this.#pending) yield this.#pending;
    this.#mustBeOpen();
    return undefined;
  }

  /** Waits until it takes bytes, and until it has written these. */
  *writeAndFlush(bytes: Uint8Array): Steps<undefined> {
    yield* this.flushed();
    this.#send(bytes);
    return yield* this.flushed();
  }

  /** What would have to happen before it takes bytes. */
  waiting(): Waiting | undefined {
    if (this.#closed || this.#error) return undefined;
    return this.#pending ? { promise: this.#pending, cancel: () => {} } : this.#sink.writable();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Everything that was taken is written, or was lost. */
  *drain(): Steps<void> {
    if (this.#pending) yield this.#pending;
  }

  /** It takes nothing more. */
  close(): void {
    this.#closed = true;
  }

  /** What is still on its way goes on; `dropped` is told when it is through. */
  drop(): Later<void> {
    this.#closed = true;
    return this.#pending ? this.#pending.then(() => this.#dropped?.()) : this.#dropped?.();
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    try {
      const done = perform(writeAll(this.#sink, bytes));
      if (!isPromise(done)) return;
      this.#pending = done.then(
        () => {
          this.#pending = undefined;
        },
        (error: Error) => {
          this.#pending = undefined;
          this.#error = error;
        },
      );
    } catch (error) {
      this.#closed = true;
      throw error;
    }
  }

  /** An error is told once; then it is closed. */
  #mustBeOpen(): void {
    if (this.#closed) throw new Closed();
    const error = this.#error;
    if (!error) return;
    this.#closed = true;
    throw error;
  }
}

function* writeAll(sink: OutputStream, bytes: Uint8Array): Steps<void> {
  for (let done = 0; done < bytes.length; ) done += yield* settled(sink.write(bytes.subarray(done)));
}

export const INPUT_STREAM = hostResource<Input>('input-stream', (input) => input.drop());
export const OUTPUT_STREAM = hostResource<Output>('output-stream', (output) => output.drop());

/** A handle to an input. */
export function inputStream(
  owner: StreamOwner,
  source: InputStream,
  dropped?: () => Later<void>,
): ResourceValue {
  return handleOf(INPUT_STREAM, new Input(owner, source, dropped));
}

/** A handle to an output. */
export function outputStream(
  owner: StreamOwner,
  sink: OutputStream,
  dropped?: () => Later<void>,
): ResourceValue {
  return handleOf(OUTPUT_STREAM, new Output(owner, sink, dropped));
}

export function streamsInterface(): HostInstance {
  const input = (run: (self: Input, args: readonly ComponentValue[]) => Answer) =>
    hostFunction(([handle, ...args]) => {
      const self = repOf(INPUT_STREAM, handle);
      return attempt(
        (error) => streamError(error, self.owner),
        () => run(self, args),
      );
    });
  const output = (run: (self: Output, args: readonly ComponentValue[]) => Answer) =>
    hostFunction(([handle, ...args]) => {
      const self = repOf(OUTPUT_STREAM, handle);
      return attempt(
        (error) => streamError(error, self.owner),
        () => run(self, args),
      );
    });
  return hostInstance({
    error: ERROR,
    pollable: POLLABLE,
    'input-stream': INPUT_STREAM,
    'output-stream': OUTPUT_STREAM,
    '[method]input-stream.read': input((self, [length]) => self.read(lengthOf(length, MOST_READ))),
    '[method]input-stream.blocking-read': input((self, [length]) =>
      self.blockingRead(lengthOf(length, MOST_READ)),
    ),
    '[method]input-stream.skip': input(function* (self, [length]) {
      return BigInt((yield* self.read(lengthOf(length, MOST_READ))).length);
    }),
    '[method]input-stream.blocking-skip': input(function* (self, [length]) {
      return BigInt((yield* self.blockingRead(lengthOf(length, MOST_READ))).length);
    }),
    '[method]input-stream.subscribe': hostFunction(([self]) => {
      const rep = repOf(INPUT_STREAM, self);
      return pollable(() => rep.waiting());
    }),
    '[method]output-stream.check-write': output((self) => BigInt(self.check())),
    '[method]output-stream.write': output((self, [bytes]) => self.write(bytes as Uint8Array)),
    '[method]output-stream.blocking-write-and-flush': output((self, [bytes]) =>
      self.writeAndFlush(blockingPiece(bytes as Uint8Array)),
    ),
    '[method]output-stream.flush': output((self) => self.flush()),
    '[method]output-stream.blocking-flush': output((self) => self.flushed()),
    '[method]output-stream.subscribe': hostFunction(([self]) => {
      const rep = repOf(OUTPUT_STREAM, self);
      return pollable(() => rep.waiting());
    }),
    '[method]output-stream.write-zeroes': output((self, [length]) =>
      self.write(new Uint8Array(lengthOf(length, PERMIT + 1))),
    ),
    '[method]output-stream.blocking-write-zeroes-and-flush': output((self, [length]) =>
      self.writeAndFlush(blockingPiece(new Uint8Array(lengthOf(length, MOST_BLOCKING + 1)))),
    ),
    '[method]output-stream.splice': output((self, [source, length]) =>
      splice(self, repOf(INPUT_STREAM, source), lengthOf(length, MOST_READ)),
    ),
    '[method]output-stream.blocking-splice': output(function* (self, [source, length]) {
      const from = repOf(INPUT_STREAM, source);
      yield* block(self.waiting());
      yield* block(from.waiting());
      return yield* splice(self, from, lengthOf(length, MOST_READ));
    }),
  });
}

function* splice(to: Output, from: Input, most: number): Steps<bigint> {
  const bytes = yield* from.read(Math.min(to.check(), most));
  if (bytes.length > 0) to.write(bytes);
  return BigInt(bytes.length);
}

function blockingPiece(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MOST_BLOCKING) return bytes;
  return trap(`more than ${MOST_BLOCKING} bytes were given to a blocking write of an output-stream`);
}
