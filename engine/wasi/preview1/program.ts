/**
 * The program and its surroundings: arguments, environment, clocks, random numbers, the end (WASI 0.1: args_*,
 * environ_*, clock_*, random_get, proc_*, sched_yield).
 */

import { ProgramExit } from '../exit.ts';
import { fail } from '../host.ts';
import { CLOCK } from './abi.ts';
import type { Call, WasiFunction } from './call.ts';
import type { WasiContext } from './context.ts';

/** Random bytes at a time: a guest that wants gigabytes gets them in pieces. */
const RANDOM_PIECE = 65_536;

export const PROGRAM: Readonly<Record<string, WasiFunction>> = {
  args_sizes_get: {
    params: 'ii',
    run: ({ wasi, memory }, count, size) => sizes(memory, wasi.args, count, size),
  },
  args_get: { params: 'ii', run: ({ wasi, memory }, list, bytes) => strings(memory, wasi.args, list, bytes) },
  environ_sizes_get: {
    params: 'ii',
    run: ({ wasi, memory }, count, size) => sizes(memory, wasi.env, count, size),
  },
  environ_get: {
    params: 'ii',
    run: ({ wasi, memory }, list, bytes) => strings(memory, wasi.env, list, bytes),
  },
  clock_res_get: {
    params: 'ii',
    run({ wasi, memory }, id: number, to: number) {
      memory.need(to, 8, 8);
      readClock(wasi, id);
      memory.setU64(to, wasi.clocks.resolution);
    },
  },
  clock_time_get: {
    params: 'iIi',
    run({ wasi, memory }, id: number, _precision: bigint, to: number) {
      memory.need(to, 8, 8);
      memory.setU64(to, readClock(wasi, id));
    },
  },
  random_get: {
    params: 'ii',
    run({ wasi, memory }, at: number, length: number) {
      memory.need(at, length);
      for (let done = 0; done < length; done += RANDOM_PIECE) {
        // A copy: some hosts do not fill shared memories.
        const piece = new Uint8Array(Math.min(RANDOM_PIECE, length - done));
        wasi.random(piece);
        memory.set(at + done, piece);
      }
    },
  },
  sched_yield: { params: '', run: () => {} },
  proc_raise: { params: 'i', run: () => fail('notsup') },
  proc_exit: {
    params: 'i',
    run(_call: Call, code: number) {
      throw new ProgramExit(code);
    },
  },
};

/** What a clock shows. Throws `inval` for one that there is not. */
export function readClock({ clocks }: WasiContext, id: number): bigint {
  switch (id) {
    case CLOCK.realtime:
      return clocks.realtime();
    case CLOCK.monotonic:
      return clocks.monotonic();
    case CLOCK.process:
    case CLOCK.thread:
      return clocks.processor();
    default:
      return fail('inval');
  }
}

function sizes(memory: Call['memory'], all: readonly Uint8Array[], count: number, size: number): void {
  memory.setU32(count, all.length);
  memory.setU32(
    size,
    all.reduce((sum, { length }) => sum + length, 0),
  );
}

/** Pointers to `list`, the bytes one behind the other from `at`. */
function strings(memory: Call['memory'], all: readonly Uint8Array[], list: number, at: number): void {
  let to = at;
  all.forEach((bytes, i) => {
    memory.setU32(list + 4 * i, to);
    memory.set(to, bytes);
    to += bytes.length;
  });
}
