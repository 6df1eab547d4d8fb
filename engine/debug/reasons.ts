/**
 * Why a program stopped and what went wrong, as the wire says it.
 */

import { type Fault, WasmError } from '../base/errors.ts';
import type { Thread } from '../exec/threads.ts';
import type { Store } from '../runtime/store.ts';
import { describeThrown } from './exceptions.ts';
import type { Program } from './program.ts';
import type { Stop } from './runner.ts';
import { stateText } from './stack.ts';
import type { Stopped, WireFault } from './wire.ts';

/** A breakpoint that stopped the program. */
export interface Hit {
  readonly id: number;
  readonly kind: 'source' | 'function' | 'instruction' | 'data';
}

/** What a program that only waits is told to have done. */
export const DEADLOCK: Fault = {
  phase: 'trap',
  message: 'deadlock: all threads wait for each other',
  notes: [],
};

/** What is said where the host cannot block. */
export const DEFERRED =
  'A stop inside a call from JavaScript cannot be shown here: the program stops when that call returns.\n';

/** All that a stop is but its place. `hit`: the breakpoints, if it is one of those. */
export function reasonOf(
  stop: Stop,
  hit: readonly Hit[],
  program: Program,
  store: Store,
): Omit<Stopped, 'thread' | 'place'> {
  switch (stop.reason) {
    case 'breakpoint': {
      const [first] = hit;
      const own = first && first.kind !== 'source' && hit.every(({ kind }) => kind === first.kind);
      return {
        reason: own ? `${first.kind} breakpoint` : 'breakpoint',
        breakpoints: hit.map(({ id }) => id),
      };
    }
    case 'data': {
      const { data } = stop;
      const ids = [...data.map(({ id }) => id), ...(stop.isBreakpoint ? hit : []).map(({ id }) => id)];
      return { reason: 'data breakpoint', breakpoints: [...new Set(ids)], data };
    }
    case 'fault':
      return { reason: 'exception', fault: faultOf(program, stop.thread, stop.fault) };
    case 'wasi':
      return { reason: 'exception', wasi: stop.error };
    case 'exit':
      return { reason: 'exception', exitCode: stop.code };
    case 'throw':
      return { reason: 'exception', thrown: describeThrown(stop.thrown, store, program) };
    case 'deadlock':
      return { reason: 'exception', fault: DEADLOCK };
    case 'assertion':
      return { reason: 'assertion', text: stop.result.message };
    case 'pause':
      return {
        reason: 'pause',
        text: stop.held ? `${stateText(stop.thread)}, and no other thread runs` : undefined,
      };
    default:
      return { reason: stop.reason };
  }
}

/** A fault of a thread, with its place in the text of the module that it is in. */
export function faultOf(program: Program, { machine }: Thread, fault: Fault): WireFault {
  const [frame] = machine.frames(0, 1);
  const loaded = frame?.func.inst && program.of(frame.func.inst.module);
  return loaded?.wireFault(fault) ?? fault;
}

/** The lines of a JavaScript error's stack that are in the user's own module. */
export function ownLines(cause: unknown, url: string | undefined): string {
  if (!(cause instanceof Error) || cause instanceof WasmError || url === undefined) return '';
  const lines = (cause.stack ?? '').split('\n').filter((line) => line.includes(url));
  return lines.map((line) => `    ${line.trim()}\n`).join('');
}
