/**
 * The bytes and fields that the page knows: those in sight, and some around them, in blocks.
 *
 * Bytes are asked for at once, because the extension has them at hand; fields a few blocks at a time and in smaller ones,
 * those in sight first, because the language server has to work them out. Knows no page.
 */

import type { ByteRange, Leaves } from '../messages.ts';

/** Bytes in a block, and in a block of fields. Rows of 8, 16 or 32 bytes never cross them. */
export const BLOCK = 8192;
export const FIELD_BLOCK = 2048;
/** Blocks that are kept. */
const MOST_BLOCKS = 96;
const MOST_FIELD_BLOCKS = 64;
/** Questions about fields that are under way at the same time. */
const MOST_ASKED = 2;
/** Questions about bytes: enough to read ahead, and few enough that what flew by does not keep the rest waiting. */
const MOST_BYTES_ASKED = 10;

export interface Field {
  readonly start: number;
  readonly end: number;
  /** An index into BYTE_TONES. */
  readonly tone: number;
  readonly label: string;
  readonly section?: string;
  readonly instruction?: string;
  readonly fault?: string;
}

/** The fields of a block. */
export interface Fields {
  readonly start: number;
  readonly leaves: Leaves;
  /** The field of each byte, as an index into the columns of `leaves`; -1 is none. */
  readonly of: Int32Array;
}

export interface BlockSource {
  bytes(range: ByteRange): Promise<Uint8Array>;
  leaves(range: ByteRange): Promise<Leaves>;
}

export class Blocks {
  readonly #source: BlockSource;
  readonly #arrived: (range: ByteRange) => void;
  readonly #bytes = new Recent<Uint8Array>(MOST_BLOCKS);
  readonly #fields = new Recent<Fields>(MOST_FIELD_BLOCKS);
  readonly #bytesAsked = new Set<number>();
  readonly #fieldsAsked = new Set<number>();
  #bytesWanted: number[] = [];
  #fieldsWanted: number[] = [];
  #generation = 0;
  #size = 0;

  /** `arrived` is called when something that was asked for is there. */
  constructor(source: BlockSource, arrived: (range: ByteRange) => void) {
    this.#source = source;
    this.#arrived = arrived;
  }

  get size(): number {
    return this.#size;
  }

  /** Another file, or other bytes of it. `kept`: bytes before this offset are the same as before. */
  reset(size: number, kept = 0): void {
    this.#generation++;
    this.#size = size;
    this.#bytesAsked.clear();
    this.#fieldsAsked.clear();
    this.#bytesWanted = [];
    this.#fieldsWanted = [];
    this.#fields.forget(() => true);
    this.#bytes.forget((start) => start + BLOCK > kept);
  }

  /** Bytes that came without being asked for, from the start of a block on. */
  put(start: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += BLOCK) {
      const part = bytes.subarray(at, at + BLOCK);
      const isWhole = part.length === BLOCK || start + at + part.length === this.#size;
      if (isWhole) this.#bytes.put(start + at, part);
    }
  }

  /** Fields that came without being asked for, from the start of a block on. */
  putFields(leaves: Leaves): void {
    const { start, end } = leaves;
    for (let at = start; at < end; at += FIELD_BLOCK) {
      const range = { start: at, end: Math.min(at + FIELD_BLOCK, this.#size) };
      if (range.end <= end) this.#fields.put(at, { start: at, leaves, of: fieldsOf(leaves, range) });
    }
  }

  /** True if all bytes of a range are known. */
  has(start: number, end: number): boolean {
    return this.#starts(start, end, BLOCK).every((at) => this.#bytes.peek(at));
  }

  /** Asks for what is missing of what is in sight, and of `ahead` blocks in front of it and behind it. */
  want(start: number, end: number, ahead: number): void {
    this.#wantBytes(this.#around(start, end, BLOCK, ahead));
    this.#fieldsWanted = this.#around(start, end, FIELD_BLOCK, 1).filter(
      (at) => !this.#fields.get(at) && !this.#fieldsAsked.has(at),
    );
    this.#askFields();
  }

  /**
   * Asks for the bytes of what is in sight while the file flies by, and of what will be in sight next. No fields: answers
   * about them would keep the bytes waiting.
   */
  wantInPassing(sight: ByteRange, next: ByteRange): void {
    this.#wantBytes([
      ...this.#starts(sight.start, sight.end, BLOCK),
      ...this.#starts(next.start, next.end, BLOCK),
    ]);
    this.#fieldsWanted = [];
  }

  /** The bytes from an offset on, to the end of its block; undefined if they are not known. */
  bytesFrom(offset: number): Uint8Array | undefined {
    return this.#bytes.peek(offset - (offset % BLOCK))?.subarray(offset % BLOCK);
  }

  /** The fields of the block that has a byte. */
  fieldsAround(offset: number): Fields | undefined {
    return this.#fields.peek(offset - (offset % FIELD_BLOCK));
  }

  byteAt(offset: number): number | undefined {
    return this.bytesFrom(offset)?.[0];
  }

  /** The bytes of a range, as far as they are known without a gap from its start. */
  known(start: number, end: number): Uint8Array {
    const found: number[] = [];
    for (let at = start; at < Math.min(end, this.#size); at++) {
      const byte = this.byteAt(at);
      if (byte === undefined) break;
      found.push(byte);
    }
    return Uint8Array.from(found);
  }

  fieldAt(offset: number): Field | undefined {
    const fields = this.fieldsAround(offset);
    const i = fields?.of[offset % FIELD_BLOCK] ?? -1;
    return fields && i >= 0 ? fieldOf(fields.leaves, i) : undefined;
  }

  /** Where the blocks begin that have bytes of a range. */
  #starts(start: number, end: number, block: number): number[] {
    const found: number[] = [];
    const from = Math.max(0, start - (start % block));
    for (let at = from; at < Math.min(end, this.#size); at += block) found.push(at);
    return found;
  }

  /** Those, and so many behind and in front of them, the nearest first. */
  #around(start: number, end: number, block: number, ahead: number): number[] {
    const seen = this.#starts(start, end, block);
    const first = seen[0] ?? 0;
    const last = seen.at(-1) ?? first;
    const near: number[] = [];
    for (let n = 1; n <= ahead; n++) near.push(last + n * block, first - n * block);
    return [...seen, ...near.filter((at) => at >= 0 && at < this.#size)];
  }

  /** What was wanted before, and has not been asked for, is not wanted any more. */
  #wantBytes(starts: readonly number[]): void {
    this.#bytesWanted = starts.filter((start) => !this.#bytes.get(start) && !this.#bytesAsked.has(start));
    this.#askBytes();
  }

  #askBytes(): void {
    while (this.#bytesAsked.size < MOST_BYTES_ASKED && this.#bytesWanted.length > 0) {
      const start = this.#bytesWanted.shift()!;
      const range = { start, end: Math.min(start + BLOCK, this.#size) };
      this.#ask(this.#bytesAsked, range, this.#source.bytes(range), (bytes) => {
        if (bytes) this.#bytes.put(start, bytes);
        this.#askBytes();
      });
    }
  }

  #askFields(): void {
    while (this.#fieldsAsked.size < MOST_ASKED && this.#fieldsWanted.length > 0) {
      const start = this.#fieldsWanted.shift()!;
      const range = { start, end: Math.min(start + FIELD_BLOCK, this.#size) };
      this.#ask(this.#fieldsAsked, range, this.#source.leaves(range), (leaves) => {
        if (leaves) this.#fields.put(start, { start, leaves, of: fieldsOf(leaves, range) });
        this.#askFields();
      });
    }
  }

  /** Takes an answer, unless the bytes are others by then. */
  #ask<T>(
    asked: Set<number>,
    range: ByteRange,
    answer: Promise<T>,
    take: (answer: T | undefined) => void,
  ): void {
    const generation = this.#generation;
    asked.add(range.start);
    const done = (given: T | undefined) => {
      if (generation !== this.#generation) return;
      asked.delete(range.start);
      take(given);
      if (given !== undefined) this.#arrived(range);
    };
    answer.then(done, () => done(undefined));
  }
}

/** So many of something, by where it begins; what was not used for the longest time goes first. */
class Recent<T> {
  readonly #most: number;
  readonly #items = new Map<number, T>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Without saying that it is used. */
  peek(start: number): T | undefined {
    return this.#items.get(start);
  }

  get(start: number): T | undefined {
    const item = this.#items.get(start);
    if (item !== undefined) this.put(start, item);
    return item;
  }

  put(start: number, item: T): void {
    this.#items.delete(start);
    this.#items.set(start, item);
    if (this.#items.size <= this.#most) return;
    const [oldest] = this.#items.keys();
    this.#items.delete(oldest);
  }

  forget(isGone: (start: number) => boolean): void {
    for (const start of this.#items.keys()) if (isGone(start)) this.#items.delete(start);
  }
}

/** The field of each byte of a range. */
function fieldsOf({ ends, start }: Leaves, range: ByteRange): Int32Array {
  const fields = new Int32Array(range.end - range.start).fill(-1);
  let from = Math.max(start, range.start);
  for (let i = 0; i < ends.length && from < range.end; i++) {
    const to = Math.min(ends[i], range.end);
    if (to <= from) continue;
    fields.fill(i, from - range.start, to - range.start);
    from = to;
  }
  return fields;
}

function fieldOf(leaves: Leaves, i: number): Field {
  const { words, ends, tones, labels, sections, instructions, faults } = leaves;
  return {
    start: i > 0 ? ends[i - 1] : leaves.start,
    end: ends[i],
    tone: tones[i],
    label: words[labels[i]] ?? '',
    section: words[sections[i]],
    instruction: words[instructions[i]],
    fault: words[faults[i]],
  };
}
