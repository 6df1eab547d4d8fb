/**
 * Waiting for several things at once (WASI 0.1: poll_oneoff). Suspends the program until the first of them happens:
 * nothing is asked twice, and what nobody waits for any more is cancelled.
 */

import { type ErrorCode, errnoOf } from '../errors.ts';
import { fail, HostError, type Waiting } from '../host.ts';
import { type Steps, settled } from '../steps.ts';
import { CLOCK, EVENT, RIGHT, SIZE, SUBCLOCK_ABSTIME } from './abi.ts';
import type { Call, WasiFunction } from './call.ts';
import type { Descriptor } from './descriptors.ts';
import { readClock } from './program.ts';

export const POLL: Readonly<Record<string, WasiFunction>> = {
  poll_oneoff: { params: 'iiii', run: poll },
};

interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  /** A clock's: when, on the monotonic clock. */
  readonly time?: bigint;
  readonly descriptor?: Descriptor;
  readonly error?: ErrorCode;
}

interface Event {
  readonly of: Subscription;
  readonly error?: ErrorCode;
  readonly bytes?: bigint;
}

function* poll({ wasi, memory }: Call, from: number, to: number, count: number, used: number): Steps<void> {
  if (count === 0) fail('inval');
  memory.need(from, SIZE.subscription * count, 8);
  memory.need(to, SIZE.event * count, 8);
  memory.need(used, 4, 4);
  const all: Subscription[] = [];
  for (let i = 0; i < count; i++) all.push(subscription(from + SIZE.subscription * i));
  let events = yield* happened();
  while (events.length === 0) {
    yield* wait();
    events = yield* happened();
  }
  events.forEach(({ of, error, bytes }, i) => {
    const at = to + SIZE.event * i;
    memory.fill(at, SIZE.event);
    memory.setU64(at, of.userdata);
    memory.setU16(at + 8, error ? errnoOf(error) : 0);
    memory.setU8(at + 10, of.type);
    if (bytes !== undefined) memory.setU64(at + 16, bytes);
  });
  memory.setU32(used, events.length);

  function subscription(at: number): Subscription {
    const userdata = memory.u64(at);
    const type = memory.u8(at + 8);
    if (type > EVENT.fdWrite) fail('inval');
    try {
      if (type === EVENT.clock) return { userdata, type, time: deadline(at) };
      const right = type === EVENT.fdRead ? RIGHT.fdRead : RIGHT.fdWrite;
      const found = wasi.descriptors.get(memory.u32(at + 16));
      if (found.kind !== 'listener' && (found.rights & right) === 0n) fail('badf');
      return { userdata, type, descriptor: found };
    } catch (error) {
      if (error instanceof HostError) return { userdata, type, error: error.code };
      throw error;
    }
  }

  function deadline(at: number): bigint {
    const clock = memory.u32(at + 16);
    if (clock !== CLOCK.realtime && clock !== CLOCK.monotonic) fail('notsup');
    const timeout = memory.u64(at + 24);
    const now = wasi.clocks.monotonic();
    if ((memory.u16(at + 40) & SUBCLOCK_ABSTIME) === 0) return now + timeout;
    return now + timeout - readClock(wasi, clock);
  }

  function* happened(): Steps<Event[]> {
    const now = wasi.clocks.monotonic();
    const found: Event[] = [];
    for (const of of all) {
      if (of.error) found.push({ of, error: of.error });
      else if (of.time !== undefined) {
        if (of.time <= now) found.push({ of });
      } else if (of.descriptor) {
        const waiting = waitingFor(of);
        if (waiting) waiting.cancel();
        else found.push({ of, bytes: yield* available(of.descriptor, of.type) });
      }
    }
    return found;
  }

  function* wait(): Steps<void> {
    const times = all.flatMap(({ time }) => (time === undefined ? [] : [time]));
    const first = times.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
    const waitings: Waiting[] = first === undefined ? [] : [wasi.clocks.at(first)];
    for (const of of all) {
      const waiting = of.descriptor && waitingFor(of);
      if (waiting) waitings.push(waiting);
    }
    try {
      yield Promise.race(waitings.map(({ promise }) => promise));
    } finally {
      for (const waiting of waitings) waiting.cancel();
    }
  }
}

/** What would have to happen first; undefined if nothing would. */
function waitingFor({ descriptor, type }: Subscription): Waiting | undefined {
  switch (descriptor?.kind) {
    case 'stream':
      return type === EVENT.fdRead ? descriptor.input?.readable() : descriptor.output?.writable();
    case 'socket':
      return type === EVENT.fdRead ? descriptor.socket.readable() : descriptor.socket.writable();
    case 'listener':
      return descriptor.listener.acceptable();
    default:
      return undefined;
  }
}

/** How many bytes can be read at once, as far as that is known: a file's to its end, else one. */
function* available(descriptor: Descriptor, type: number): Steps<bigint> {
  if (descriptor.kind !== 'file') return 1n;
  const { size } = yield* settled(descriptor.file.stat());
  if (type === EVENT.fdWrite) return 1n;
  return size > descriptor.position ? size - descriptor.position : 0n;
}
