/**
 * Marks with which the programs of modules and of components tell how a call ended that did not return: in a fault, whose frames are
 * there, or because the program exits by itself.
 */

import type { Fault } from '../base/errors.ts';
import type { Thread } from '../exec/threads.ts';
import type { Stop } from './runner.ts';

export type EndMark =
  | { readonly label: string; readonly fault: Fault; readonly cause: unknown }
  | { readonly exit: number };

/** What is asked about such an end. */
export interface EndOwner {
  /** A thread's call ended in a fault; its frames are there. */
  failed(thread: Thread, label: string, fault: Fault, cause: unknown): void;
  /** Whether to stop at a fault that ended a call. */
  stopsAtFault(fault: Fault): boolean;
  /** Whether to stop where the program exits with this code. */
  stopsAtExit(code: number): boolean;
}

/** What a run's thread does at such a mark. A fault makes the run's exit code 1. */
export function markedEnd(
  run: { exitCode: number },
  owner: EndOwner,
  thread: Thread,
  mark: EndMark,
): Stop | 'pass' {
  if ('exit' in mark) return { thread, reason: 'exit', code: mark.exit };
  const { label, fault, cause } = mark;
  run.exitCode = 1;
  owner.failed(thread, label || thread.name, fault, cause);
  return owner.stopsAtFault(fault) ? { thread, reason: 'fault', fault, cause } : 'pass';
}
