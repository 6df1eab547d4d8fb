/**
 * What differs between two versions of a text: one range, as small as can be told from both ends.
 *
 * Several edits at once become the one range that covers them. Found by comparing, so it does not matter how a
 * version came to be; 3 MB take 0.2 ms. Knows no lines and no tokens.
 */

import type { Fault, Span } from '../base/errors.ts';

/** `[start, oldEnd)` of the old text is `[start, newEnd)` of the new one; the rest is the same. */
export interface Change {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** How far a change is moved to the beginning of a form. */
const MOST_SHIFTED = 1000;

/** Long enough that comparing dominates over slicing, which copies nothing. */
const BLOCK = 4096;

export function changeBetween(before: string, after: string): Change {
  const start = commonPrefix(before, after);
  const end = commonSuffix(before, after, Math.min(before.length, after.length) - start);
  const change = { start, oldEnd: before.length - end, newEnd: after.length - end };
  if (change.oldEnd === start) return atForm(after, change, change.newEnd);
  return change.newEnd === start ? atForm(before, change, change.oldEnd) : change;
}

/**
 * What was put in or taken out may be told in several ways: `(a) ` before `(b)` is also `a) (` behind `(`. The one that
 * begins with a form is likely to be what was done, and touches no other form.
 */
function atForm(text: string, change: Change, end: number): Change {
  const { start } = change;
  let by = 0;
  for (let n = 0; n <= MOST_SHIFTED; n++) {
    if (text.charCodeAt(start - n) === 0x28) by = n;
    if (n === start || text.charCodeAt(start - n - 1) !== text.charCodeAt(end - n - 1)) break;
  }
  return { start: start - by, oldEnd: change.oldEnd - by, newEnd: change.newEnd - by };
}

/** Where the old text has what the new one has at `[start, end)`; -1 if the change touches it. */
export function unchangedAt({ start: from, oldEnd, newEnd }: Change, start: number, end: number): number {
  if (end <= from) return start;
  return start >= newEnd ? start - newEnd + oldEnd : -1;
}

function commonPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at + BLOCK <= most && a.slice(at, at + BLOCK) === b.slice(at, at + BLOCK)) at += BLOCK;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

function commonSuffix(a: string, b: string, most: number): number {
  const { length: aEnd } = a;
  const { length: bEnd } = b;
  let n = 0;
  while (n + BLOCK <= most && a.slice(aEnd - n - BLOCK, aEnd - n) === b.slice(bEnd - n - BLOCK, bEnd - n)) {
    n += BLOCK;
  }
  while (n < most && a.charCodeAt(aEnd - n - 1) === b.charCodeAt(bEnd - n - 1)) n++;
  return n;
}

/** A fault of a text as it stands when its place has moved. */
export function movedFault<F extends Fault>(fault: F, by: number): F {
  if (by === 0) return fault;
  const move = <T extends { readonly span?: Span }>(item: T): T =>
    item.span ? { ...item, span: { start: item.span.start + by, end: item.span.end + by } } : item;
  return { ...move(fault), notes: fault.notes.map(move) };
}
