/**
 * Node's clocks, random numbers and streams for WASI (engine/wasi/host.ts). Its files are in node-tree.ts, its sockets
 * in node-sockets.ts.
 */

import { getRandomValues } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import {
  type Clocks,
  HostError,
  type InputStream,
  type Later,
  type OutputStream,
  type RandomSource,
  type Waiting,
} from '../../engine/wasi/host.ts';

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

/** A stream of Node's to read from: nothing is taken from it before the guest asks. */
export function inputFrom(stream: Readable & { readonly isTTY?: boolean }): InputStream {
  const pieces: Uint8Array[] = [];
  const wakes = new Set<() => void>();
  let begun = false;
  let ended = false;
  const wakeAll = () => {
    for (const wake of wakes) wake();
    wakes.clear();
  };
  const begin = () => {
    if (begun) return;
    begun = true;
    stream.on('data', (piece: Uint8Array | string) => {
      pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
      // What nobody asked for stays with the sender.
      stream.pause();
      wakeAll();
    });
    const end = () => {
      ended = true;
      wakeAll();
    };
    stream.on('end', end);
    stream.on('close', end);
    stream.on('error', end);
  };
  const readable = (): Waiting | undefined => {
    if (pieces.length > 0 || ended) return undefined;
    begin();
    stream.resume();
    let wake = () => {};
    const promise = new Promise<void>((done) => {
      wake = done;
      wakes.add(done);
    });
    return {
      promise,
      cancel() {
        wakes.delete(wake);
        // Nobody waits any more: the process may end although the other side is open.
        if (wakes.size === 0) stream.pause();
      },
    };
  };
  const read = (length: number): Later<Uint8Array> => {
    const waiting = readable();
    if (waiting) return waiting.promise.then(() => read(length));
    const piece = pieces[0];
    if (!piece) return new Uint8Array(0);
    if (piece.length <= length) pieces.shift();
    else pieces[0] = piece.subarray(length);
    return piece.subarray(0, length);
  };
  return { isTerminal: stream.isTTY === true, read, readable };
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
      if (failed || stream.destroyed) throw new HostError('pipe', failed?.message);
      if (stream.write(bytes)) return bytes.length;
      return drained().then(() => bytes.length);
    },
    writable: () => (stream.writableNeedDrain ? { promise: drained(), cancel: () => {} } : undefined),
  };
}
