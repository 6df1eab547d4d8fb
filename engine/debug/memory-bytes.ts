/**
 * Bytes of a memory for views of it: read up to its end, written whole or in part. The memory is as it is now (`refresh`).
 * Knows no instances and no expressions.
 */

import { usage } from '../base/errors.ts';
import type { MemInst } from '../runtime/memory.ts';
import type { MemoryBytes, Written } from './wire.ts';

/** At most so many bytes in one answer: a view of memory asks for pieces. */
const MOST_BYTES = 1 << 24;

/** Reads up to the memory's end; `unreadable` bytes of those asked for are behind it, or before its begin. */
export function readBytes({ bytes }: MemInst, offset: number, count: number): MemoryBytes {
  if (!(count >= 0)) usage(`a count from 0 on expected, found ${count}`);
  if (offset < 0) return { bytes: new Uint8Array(0), unreadable: Math.min(count, -offset) };
  const from = Math.min(offset, bytes.length);
  const to = Math.min(offset + count, bytes.length);
  if (to - from > MOST_BYTES) usage(`at most ${MOST_BYTES} bytes can be read at once, not ${count}`);
  return { bytes: bytes.slice(from, to), unreadable: count - (to - from) };
}

/**
 * Writes bytes. Those outside of the memory are left out if that is allowed, else nothing is written and a usage
 * fault is thrown. Gives how many were written, and where.
 */
export function writeBytes(
  { bytes }: MemInst,
  offset: number,
  data: Uint8Array,
  allowPartial = false,
): Written {
  const from = Math.min(Math.max(offset, 0), bytes.length);
  const to = Math.max(from, Math.min(offset + data.length, bytes.length));
  if (to - from < data.length && !(allowPartial && to > from)) {
    usage(
      `out of bounds memory access: address ${offset} + ${data.length} bytes, memory is ${bytes.length} bytes`,
    );
  }
  bytes.set(data.subarray(from - offset, to - offset), from);
  return { written: to - from, offset: from };
}
