/**
 * What is kept of the versions of one text between assemblies: fields by where they begin.
 *
 * A version finds a field in the one before it where the text is the same: outside of what differs, or, inside of that,
 * where a form of the same length has the same characters (several edits at once, a function that was moved). What a
 * version does not ask for it takes over all the same, so what an unclosed comment hides for a moment is not lost. Knows
 * texts and places; what a field depends on beside its text is asked by the assembler.
 */

import { type Change, changeBetween, unchangedAt } from './change.ts';
import type { Emitted, FieldMemory } from './emitted.ts';

/** How many forms of one length are compared with one that is looked for. */
const CANDIDATES = 8;

interface Older {
  readonly version: TextMemory;
  readonly change: Change;
  /** The fields that the change touches, by length; made when a first one is looked for. */
  touched?: ReadonlyMap<number, readonly number[]>;
}

export class TextMemory implements FieldMemory {
  readonly text: string;
  private readonly fields = new Map<number, Emitted>();
  private older: Older | undefined;

  /** `before`: the version before this one, which is let go of by `settle`. `change`: what differs, if that is known. */
  constructor(text: string, before?: TextMemory, change?: Change) {
    this.text = text;
    if (before) this.older = { version: before, change: change ?? changeBetween(before.text, text) };
  }

  /** True if nothing is known of the text. */
  get isEmpty(): boolean {
    return this.fields.size === 0 && !this.older;
  }

  find(start: number, end: number): Emitted | undefined {
    const own = this.fields.get(start);
    if (own) return own.length === end - start ? own : undefined;
    const { older } = this;
    if (!older) return undefined;
    const at = unchangedAt(older.change, start, end);
    const found = at < 0 ? this.same(older, start, end) : older.version.fields.get(at);
    return found?.length === end - start ? found : undefined;
  }

  keep(start: number, emitted: Emitted): void {
    this.fields.set(start, emitted);
  }

  /** Takes over what it was not asked for, and lets go of the version before. */
  settle(): void {
    const { older, fields } = this;
    this.older = undefined;
    if (!older) return;
    const { change, version } = older;
    const moved = change.newEnd - change.oldEnd;
    for (const [start, emitted] of version.fields) {
      const isBefore = start + emitted.length <= change.start;
      if (!isBefore && start < change.oldEnd) continue;
      const now = isBefore ? start : start + moved;
      if (!fields.has(now)) fields.set(now, emitted);
    }
  }

  private same(older: Older, start: number, end: number): Emitted | undefined {
    const { version, change } = older;
    older.touched ??= touchedBy(version.fields, change);
    const candidates = older.touched.get(end - start);
    if (!candidates) return undefined;
    const text = this.text.slice(start, end);
    const at = candidates.find((from) => version.text.slice(from, from + text.length) === text);
    return at === undefined ? undefined : version.fields.get(at);
  }
}

/** Fields that a change touches, by length. */
function touchedBy(fields: ReadonlyMap<number, Emitted>, change: Change): Map<number, number[]> {
  const byLength = new Map<number, number[]>();
  for (const [start, { length }] of fields) {
    if (start + length <= change.start || start >= change.oldEnd) continue;
    const list = byLength.get(length);
    if (!list) byLength.set(length, [start]);
    else if (list.length < CANDIDATES) list.push(start);
  }
  return byLength;
}
