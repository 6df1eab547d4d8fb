/**
 * Waits and processes that end with their test: a wait that lasts too long says what it was for, and a process that is
 * still there when its file is done neither holds that up nor outlives it.
 */

import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/** How long a test waits for one thing, in milliseconds: a thousand times what that takes where nothing else runs. */
export const PATIENCE_MS = 20_000;
/** How long it waits for a process to begin, which is more work than any answer. */
export const START_PATIENCE_MS = 40_000;

/** What the promise gives, in time; else rejects with an Error that names `what`, and `more` of what is known then. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  more: () => string = () => '',
  milliseconds = PATIENCE_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${milliseconds / 1000} s for ${what}${more()}`));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** A process that was started for tests of this file: nothing but a wait `within` a time keeps this process for it. */
export function endsHere<C extends ChildProcess>(child: C): C {
  children.add(child);
  child.once('exit', () => children.delete(child));
  child.unref();
  for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
  return child;
}
