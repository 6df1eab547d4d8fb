/**
 * Tokens of an edited text from those of the text before: read again around the edit, moved behind it.
 *
 * The lexer keeps no state between tokens, so where a token begins as it did before, all that follow are the same.
 */

import type { Fault } from '../base/errors.ts';
import { type Change, movedFault } from './change.ts';
import { CHUNK, Lexer, lexing, MOST_FAULTS, type Tokens, tokenAt } from './lexer.ts';

/** Tokens of an edited text, and which of them are not those of the text before. */
export interface EditedTokens {
  readonly tokens: Tokens;
  /** The tokens before this one are those before. */
  readonly first: number;
  /** The old tokens from this one on follow, as they were. */
  readonly oldEnd: number;
  /** Where they stand now. */
  readonly newEnd: number;
}

/**
 * The tokens of a text that differs from an older one by `change`, in steps. The old tokens stay as they are.
 *
 * Reads from a little before the change to where a token begins behind it that began there before: no token depends
 * on what is before it, and on what is behind it by two characters at most.
 */
export function* lexingEdited(old: Tokens, text: string, change: Change): Generator<void, EditedTokens> {
  if (old.hasMoreFaults) {
    const tokens = yield* lexing(text);
    return { tokens, first: 0, oldEnd: old.count, newEnd: tokens.count };
  }
  const first = Math.max(0, tokenAt(old, Math.max(0, change.start - 1)) - 2);
  const from = old.count === 0 ? 0 : old.starts[first];
  const moved = change.newEnd - change.oldEnd;
  const lexer = new Lexer(text, from, 64 + ((change.newEnd - from) >> 2));
  let oldEnd = first;
  let pause = CHUNK;
  for (;;) {
    if (lexer.pos >= change.newEnd) {
      while (oldEnd < old.count && old.starts[oldEnd] + moved < lexer.pos) oldEnd++;
      if (old.starts[oldEnd] + moved === lexer.pos && old.starts[oldEnd] >= change.oldEnd) break;
    }
    if (lexer.advance(lexer.pos + 512 < change.newEnd ? 16 : 1)) {
      oldEnd = old.count;
      break;
    }
    if (lexer.count >= pause) {
      pause = lexer.count + CHUNK;
      yield;
    }
  }
  const fresh = lexer.finish();
  yield;
  return { tokens: spliced(old, fresh, first, oldEnd, moved), first, oldEnd, newEnd: first + fresh.count };
}

/**
 * `old` with the tokens from `first` to `oldEnd` replaced by `fresh`, and those behind moved by `moved` characters. Shares the
 * arrays in which nothing is different.
 */
function spliced(old: Tokens, fresh: Tokens, first: number, oldEnd: number, moved: number): Tokens {
  const newEnd = first + fresh.count;
  const count = old.count - (oldEnd - first) + fresh.count;
  const splice = <T extends Uint8Array | Int32Array | Uint16Array>(
    before: T,
    between: T,
    make: () => T,
  ): T => {
    if (newEnd === oldEnd && isSame(before, between, first, fresh.count)) return before;
    const to = make();
    to.set(before.subarray(0, first));
    to.set(between.subarray(0, fresh.count), first);
    to.set(before.subarray(oldEnd), newEnd);
    return to;
  };
  const kinds = splice(old.kinds, fresh.kinds, () => new Uint8Array(count + 1));
  const words = splice(old.words, fresh.words, () => new Uint16Array(count + 1));
  const starts = new Int32Array(count + 1);
  starts.set(old.starts.subarray(0, first));
  starts.set(fresh.starts.subarray(0, fresh.count), first);
  starts.set(old.starts.subarray(oldEnd), newEnd);
  if (moved !== 0) for (let i = newEnd; i <= count; i++) starts[i] += moved;
  const from = first < old.count ? old.starts[first] : 0;
  const until = old.starts[oldEnd];
  const faults: Fault[] = [];
  for (const fault of old.faults) if (fault.span!.start < from) faults.push(fault);
  for (const fault of fresh.faults) faults.push(fault);
  for (const fault of old.faults) if (fault.span!.start >= until) faults.push(movedFault(fault, moved));
  const hasMoreFaults = fresh.hasMoreFaults || faults.length > MOST_FAULTS;
  if (hasMoreFaults) faults.length = MOST_FAULTS;
  return { text: fresh.text, count, kinds, starts, words, faults, hasMoreFaults };
}

function isSame(all: ArrayLike<number>, part: ArrayLike<number>, from: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (all[from + i] !== part[i]) return false;
  return true;
}
