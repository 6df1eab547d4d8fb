/**
 * Node's clocks, random numbers and streams for WASI (engine/wasi/host.ts). Its files are in node-tree.ts, its sockets
 * in node-sockets.ts.
 */

import { getRandomValues } from 'node:crypto';
import { fstatSync, writeSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { errorOfSystem } from '../../engine/wasi/errors.ts';
import {
  type Clocks,
  HostError,
  type InputStream,
  type Later,
  type OutputStream,
  type RandomSource,
  type Waiting,
} from '../../engine/wasi/host.ts';
import { InputQueue } from '../../engine/wasi/input.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** The longest that a timer of Node's can wait, in milliseconds; beyond it would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const nodeRandom: RandomSource = (bytes) => {
  getRandomValues(bytes);
};

export function nodeClocks(): Clocks {
  // The monotonic clock is finer than Date; the offset between both is taken once, so that real time has its steps too.
  const offset = BigInt(Date.now()) * NANOSECONDS_PER_MILLISECOND - process.hrtime.bigint();
  return {
    realtime: () => offset + process.hrtime.bigint(),
    monotonic: () => process.hrtime.bigint(),
    processor() {
      const { user, system } = process.cpuUsage();
      return BigInt(user + system) * 1000n;
    },
    resolution: 1n,
    at: sleepUntil,
  };
}

function sleepUntil(time: bigint): Waiting {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<void>((done) => {
    const wait = () => {
      const left = time - process.hrtime.bigint();
      if (left <= 0n) return done();
      // Rounded up: waking early would make the program ask again.
      const milliseconds = Number(left / NANOSECONDS_PER_MILLISECOND) + 1;
      timer = setTimeout(wait, Math.min(milliseconds, LONGEST_TIMER));
    };
    wait();
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

/** Why a stream came to an end before its time, if it did; undefined where the guest is to see an end. */
export type StreamFailure = (error: Error | undefined) => HostError | undefined;

/** A stream of Node's to read from: nothing is taken from it before the guest asks. */
export function inputFrom(
  stream: Readable & { readonly isTTY?: boolean },
  failure: StreamFailure = () => undefined,
): InputStream {
  return new NodeInput(stream, failure);
}

class NodeInput extends InputQueue {
  readonly #stream: Readable;
  readonly #failure: StreamFailure;
  #waiting = 0;
  #begun = false;

  constructor(stream: Readable & { readonly isTTY?: boolean }, failure: StreamFailure) {
    super({ isTerminal: stream.isTTY === true });
    this.#stream = stream;
    this.#failure = failure;
  }

  override readable(): Waiting | undefined {
    const waiting = super.readable();
    if (!waiting) return undefined;
    this.#begin();
    this.#waiting++;
    this.#stream.resume();
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      // Nobody waits any more: the process may end although the other side is open.
      if (--this.#waiting === 0) this.#stream.pause();
    };
    void waiting.promise.then(over);
    return {
      promise: waiting.promise,
      cancel: () => {
        waiting.cancel();
        over();
      },
    };
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#stream.on('data', (piece: Uint8Array | string) => {
      // What nobody asked for stays with the sender.
      this.#stream.pause();
      this.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
    });
    const over = (error?: Error): void => {
      const failure = this.#failure(error);
      if (failure) this.fail(failure);
      else this.end();
    };
    this.#stream.on('end', () => this.end());
    this.#stream.on('close', over);
    this.#stream.on('error', over);
    // What happened before anybody asked is not told again.
    if (this.#stream.readableEnded) this.end();
    else if (this.#stream.destroyed) over(this.#stream.errored ?? undefined);
  }
}

/** A stream of Node's to write to: a guest that writes faster than the other side reads has to wait. */
export function outputTo(stream: Writable & { readonly isTTY?: boolean }): OutputStream {
  let failed: Error | undefined;
  let waiting: Promise<void> | undefined;
  stream.on('error', (error) => {
    failed = error;
  });
  const drained = (): Promise<void> => {
    waiting ??= new Promise<void>((done) => {
      const events = ['drain', 'error', 'close'] as const;
      const go = () => {
        for (const event of events) stream.off(event, go);
        waiting = undefined;
        done();
      };
      for (const event of events) stream.on(event, go);
    });
    return waiting;
  };
  return {
    isTerminal: stream.isTTY === true,
    write(bytes): Later<number> {
      if (failed || stream.destroyed) throw closedBy(failed);
      if (stream.write(bytes)) return bytes.length;
      return drained().then(() => bytes.length);
    },
    writable: () => (stream.writableNeedDrain ? { promise: drained(), cancel: () => {} } : undefined),
  };
}

/**
 * Standard output or standard error of this process. What is no pipe and no terminal is written at once, so that the guest is told
 * of a disk that is full; Node's own stream would say so later, and to nobody.
 */
export function outputOfProcess(stream: NodeJS.WriteStream & { readonly fd: 1 | 2 }): OutputStream {
  const { fd } = stream;
  if (stream.isTTY || !isFile(fd)) return outputTo(stream);
  return {
    isTerminal: false,
    write(bytes) {
      try {
        return writeSync(fd, bytes);
      } catch (error) {
        throw closedBy(error as Error);
      }
    },
    writable: () => undefined,
  };
}

function isFile(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFile() || stat.isCharacterDevice();
}

function closedBy(error: NodeJS.ErrnoException | undefined): HostError {
  return new HostError(error?.code === undefined ? 'pipe' : errorOfSystem(error.code), error?.message);
}
