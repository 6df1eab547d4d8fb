/**
 * The map between byte offsets and ranges of text, both ways (design, section 1).
 *
 * One entry an instruction and one an item of every section, sorted by offset, in flat arrays. An instruction's
 * range is its head: keyword through last immediate, not its folded operands. Knows nothing of what the bytes and
 * the text say; assembling and printing fill it.
 */

import type { Span } from '../base/errors.ts';

/** An instruction in both coordinates. */
export interface Mapped {
  readonly offset: number;
  readonly span: Span;
}

/** What an entry stands for. */
export const enum Entry {
  /** A type, import, function, export, segment … or a part of one. */
  Item = 0,
  Instruction = 1,
}

/** Entries in the making; offsets in any unit until they are placed. */
export class MapBuilder {
  offsets: Int32Array;
  starts: Int32Array;
  ends: Int32Array;
  kinds: Uint8Array;
  length = 0;
  /** Start and end of every function's form, ascending. */
  readonly bounds: number[] = [];

  constructor(capacity = 64) {
    const size = Math.max(1, capacity);
    this.offsets = new Int32Array(size);
    this.starts = new Int32Array(size);
    this.ends = new Int32Array(size);
    this.kinds = new Uint8Array(size);
  }

  add(kind: Entry, offset: number, start: number, end: number): void {
    const { length } = this;
    if (length === this.offsets.length) this.grow();
    this.offsets[length] = offset;
    this.starts[length] = start;
    this.ends[length] = end;
    this.kinds[length] = kind;
    this.length = length + 1;
  }

  /** Copies `from`'s entries `[first, last)` behind the own ones, `delta` added to their offsets and `moved` to their ranges. */
  append(from: MapBuilder, first: number, last: number, delta: number, moved = 0): void {
    while (this.length + last - first > this.offsets.length) this.grow();
    const { offsets, starts, ends } = this;
    const { offsets: oldOffsets, starts: oldStarts, ends: oldEnds } = from;
    let at = this.length;
    this.kinds.set(from.kinds.subarray(first, last), at);
    if (moved === 0) {
      starts.set(oldStarts.subarray(first, last), at);
      ends.set(oldEnds.subarray(first, last), at);
      for (let i = first; i < last; i++, at++) offsets[at] = oldOffsets[i] + delta;
      this.length = at;
      return;
    }
    for (let i = first; i < last; i++, at++) {
      offsets[at] = oldOffsets[i] + delta;
      starts[at] = oldStarts[i] + moved;
      ends[at] = oldEnds[i] + moved;
    }
    this.length = at;
  }

  /** Gives back the room that was taken in advance. */
  trim(): void {
    const size = Math.max(1, this.length);
    if (this.offsets.length === size) return;
    this.offsets = this.offsets.slice(0, size);
    this.starts = this.starts.slice(0, size);
    this.ends = this.ends.slice(0, size);
    this.kinds = this.kinds.slice(0, size);
  }

  /** The finished map. Entries must have been added in ascending order of offsets; no more may be added. */
  finish(): TextMap {
    this.trim();
    return new TextMap(
      this.offsets.subarray(0, this.length),
      this.starts.subarray(0, this.length),
      this.ends.subarray(0, this.length),
      this.kinds.subarray(0, this.length),
      Int32Array.from(this.bounds),
    );
  }

  private grow(): void {
    const size = this.offsets.length * 2;
    const copy = <T extends Int32Array | Uint8Array>(old: T, bigger: T): T => {
      bigger.set(old);
      return bigger;
    };
    this.offsets = copy(this.offsets, new Int32Array(size));
    this.starts = copy(this.starts, new Int32Array(size));
    this.ends = copy(this.ends, new Int32Array(size));
    this.kinds = copy(this.kinds, new Uint8Array(size));
  }
}

export class TextMap {
  /** How many entries there are. */
  readonly count: number;
  private readonly offsets: Int32Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly kinds: Uint8Array;
  /** Instruction entries by start of their range; made on first use. */
  private textOrder: Int32Array | undefined;
  /** Start and end of every function's form. */
  private readonly bounds: Int32Array;

  constructor(
    offsets: Int32Array,
    starts: Int32Array,
    ends: Int32Array,
    kinds: Uint8Array,
    bounds = new Int32Array(0),
  ) {
    this.count = offsets.length;
    this.offsets = offsets;
    this.starts = starts;
    this.ends = ends;
    this.kinds = kinds;
    this.bounds = bounds;
  }

  /** The range of the entry at `offset`, else of the nearest entry before it; undefined before the first. */
  spanAt(offset: number): Span | undefined {
    const i = this.entryAt(offset);
    return i < 0 ? undefined : this.span(i);
  }

  /** The range of the entry at exactly this offset: the last one added, so an instruction rather than its item. */
  exactSpan(offset: number): Span | undefined {
    const i = this.entryAt(offset);
    return i >= 0 && this.offsets[i] === offset ? this.span(i) : undefined;
  }

  /** Every instruction and its range, in the order of the bytes. */
  *instructions(): Generator<Mapped> {
    for (let i = 0; i < this.count; i++) if (this.kinds[i] === Entry.Instruction) yield this.mapped(i);
  }

  /**
   * The instruction whose head covers `pos`, else the first one whose head starts behind it in the same function:
   * where a breakpoint set at `pos` goes. Undefined outside functions and behind their last instruction.
   */
  instructionAt(pos: number): Mapped | undefined {
    const order = this.instructionsByText();
    const next = this.firstEndingBehind(order, pos);
    if (next === order.length) return undefined;
    const entry = order[next];
    if (this.starts[entry] <= pos) return this.mapped(entry);
    return this.starts[entry] < this.endOfFunc(pos) ? this.mapped(entry) : undefined;
  }

  /** The instructions whose heads touch the range, in the order in which they run when nothing branches. */
  instructionsIn(span: Span): Mapped[] {
    const order = this.instructionsByText();
    const found: number[] = [];
    for (let i = this.firstEndingBehind(order, span.start); i < order.length; i++) {
      if (this.starts[order[i]] >= span.end) break;
      found.push(order[i]);
    }
    return found.sort((a, b) => a - b).map((i) => this.mapped(i));
  }

  /** The map of the same text after something was inserted: `to` gives the new position of an old one, and ascends. */
  moved(to: (position: number) => number): TextMap {
    return new TextMap(this.offsets, this.starts.map(to), this.ends.map(to), this.kinds, this.bounds.map(to));
  }

  /** Adds all entries to a map in the making, `delta` added to their offsets. */
  appendTo(map: MapBuilder, delta: number): void {
    const { offsets, starts, ends, kinds } = this;
    for (let i = 0; i < this.count; i++) map.add(kinds[i], offsets[i] + delta, starts[i], ends[i]);
    for (const bound of this.bounds) map.bounds.push(bound);
  }

  private mapped(i: number): Mapped {
    return { offset: this.offsets[i], span: this.span(i) };
  }

  private span(i: number): Span {
    return { start: this.starts[i], end: this.ends[i] };
  }

  /** The last entry at or before `offset`; -1 if there is none. */
  private entryAt(offset: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const mid = (low + high) >> 1;
      if (this.offsets[mid] <= offset) low = mid + 1;
      else high = mid - 1;
    }
    return high;
  }

  private instructionsByText(): Int32Array {
    if (!this.textOrder) {
      const { kinds, starts } = this;
      const out: number[] = [];
      for (let i = 0; i < this.count; i++) if (kinds[i] === Entry.Instruction) out.push(i);
      this.textOrder = Int32Array.from(out).sort((a, b) => starts[a] - starts[b]);
    }
    return this.textOrder;
  }

  /** Heads do not overlap, so their ends ascend with their starts. */
  private firstEndingBehind(order: Int32Array, pos: number): number {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.ends[order[mid]] <= pos) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  /** Where the function around `pos` ends; -1 outside of functions. */
  private endOfFunc(pos: number): number {
    let low = 0;
    let high = this.bounds.length / 2 - 1;
    while (low <= high) {
      const mid = (low + high) >> 1;
      if (this.bounds[mid * 2] <= pos) low = mid + 1;
      else high = mid - 1;
    }
    return high >= 0 && this.bounds[high * 2 + 1] > pos ? this.bounds[high * 2 + 1] : -1;
  }
}
