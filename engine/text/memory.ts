/**
 * What is kept of the versions of one text between assemblies: fields by where they began.
 *
 * A version finds a field in an older one where the text is the same: outside of what differs, or, inside of that, where a
 * form of the same length has the same characters (several edits at once, a function that was moved). Knows texts and
 * places; what a field depends on beside its text is asked by the assembler.
 */

import { type Change, changeBetween, unchangedAt } from './change.ts';
import type { Emitted, FieldMemory } from './emitted.ts';
import { Recording } from './output.ts';

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
  /** What this version's fields are written to. */
  readonly recording: Recording;
  private readonly fields = new Map<number, Emitted>();
  private older: readonly Older[];

  /** `older`: versions to find fields in, the likeliest first. */
  constructor(text: string, older: readonly TextMemory[]) {
    this.text = text;
    this.older = older.map((version) => ({ version, change: changeBetween(version.text, text) }));
    this.recording = new Recording(older.length > 0 ? 256 : Math.max(256, text.length >> 3));
  }

  find(start: number, end: number): Emitted | undefined {
    for (const older of this.older) {
      const { version, change } = older;
      const at = unchangedAt(change, start, end);
      const found = at < 0 ? this.same(older, start, end) : version.fields.get(at);
      if (found && found.length === end - start) return found;
    }
    return undefined;
  }

  keep(start: number, emitted: Emitted): void {
    this.fields.set(start, emitted);
  }

  /** All fields were found that can be: older versions are not needed any more. */
  settle(): void {
    this.older = [];
  }

  private same(older: Older, start: number, end: number): Emitted | undefined {
    const { version } = older;
    older.touched ??= touchedBy(version.fields, older.change);
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
