/**
 * Reading and writing the bytes behind a memory reference of a debug session, by the protocol's own `readMemory` and
 * `writeMemory`.
 */

import type * as vscode from 'vscode';

/** No memory is longer. */
const MOST_BYTES = 2 ** 34;

interface Answer {
  readonly data?: string;
}

/** The bytes from an offset on: fewer than asked for where the memory ends. */
export async function readBytes(
  session: vscode.DebugSession,
  memoryReference: string,
  offset: number,
  count: number,
): Promise<Uint8Array> {
  const answer: Answer | undefined = await session.customRequest('readMemory', {
    memoryReference,
    offset,
    count,
  });
  return Uint8Array.from(atob(answer?.data ?? ''), (c) => c.charCodeAt(0));
}

/** Throws what the session says against it. */
export async function writeBytes(
  session: vscode.DebugSession,
  memoryReference: string,
  offset: number,
  bytes: Uint8Array,
): Promise<void> {
  const data = btoa(String.fromCharCode(...bytes));
  await session.customRequest('writeMemory', { memoryReference, offset, data });
}

/**
 * How long a memory is. The protocol has no such question, so it is found by asking for single bytes; `known` is a
 * length that it had before, since memories only grow.
 */
export async function lengthOf(
  session: vscode.DebugSession,
  memoryReference: string,
  known: number,
): Promise<number> {
  const exists = async (offset: number) => (await readBytes(session, memoryReference, offset, 1)).length > 0;
  if (!(await exists(known))) return known;
  let low = known + 1;
  let high = MOST_BYTES;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await exists(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
