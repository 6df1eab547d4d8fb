/**
 * The bytes and fields that the page knows: those in sight, and some around them, in blocks.
 *
 * Bytes are asked for at once, because the extension has them at hand; fields a few blocks at a time, those in sight
 * first, because the language server has to work them out. Knows no page.
 */

import type { ByteRange, Leaves } from '../messages.ts';

/** Bytes in a block. Rows of 8, 16 or 32 bytes never cross blocks. */
export const BLOCK = 8192;
/** Blocks that are kept. */
const MOST_BLOCKS = 96;
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

export interface Block {
  readonly start: number;
  bytes: Uint8Array | undefined;
  leaves: Leaves | undefined;
  /** The field of each byte, as an index into the columns of `leaves`. */
  fields: Int32Array | undefined;
}

export interface BlockSource {
  bytes(range: ByteRange): Promise<Uint8Array>;
  leaves(range: ByteRange): Promise<Leaves>;
}

export class Blocks {
  readonly #source: BlockSource;
  readonly #arrived: (range: ByteRange) => void;
  readonly #blocks = new Map<number, Block>();
  readonly #bytesAsked = new Set<number>();
  readonly #leavesAsked = new Set<number>();
  #bytesWanted: number[] = [];
  #wanted: number[] = [];
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
    this.#leavesAsked.clear();
    this.#wanted = [];
    this.#bytesWanted = [];
    for (const block of this.#blocks.values()) {
      block.leaves = block.fields = undefined;
      if (block.start + BLOCK > kept) this.#blocks.delete(block.start);
    }
  }

  /** Bytes that came without being asked for, from the start of a block on. */
  put(start: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += BLOCK) {
      const part = bytes.subarray(at, at + BLOCK);
      if (part.length === BLOCK || start + at + part.length === this.#size) {
        this.#block(start + at).bytes = part;
      }
    }
  }

  /** True if all bytes of a range are known. */
  has(start: number, end: number): boolean {
    for (let at = start - (start % BLOCK); at < Math.min(end, this.#size); at += BLOCK) {
      if (!this.#blocks.get(at)?.bytes) return false;
    }
    return true;
  }

  /** Asks for what is missing of what is in sight, and of `ahead` blocks in front of it and behind it. */
  want(start: number, end: number, ahead: number): void {
    const seen = this.#numbers(start, end);
    const first = seen[0] ?? 0;
    const last = seen.at(-1) ?? first;
    const near: number[] = [];
    for (let n = 1; n <= ahead; n++) near.push(last + n * BLOCK, first - n * BLOCK);
    const around = near.filter((at) => at >= 0 && at < this.#size);
    this.#wantBytes([...seen, ...around]);
    this.#wanted = [...seen, ...around.slice(0, 2)].filter(
      (at) => !this.#blocks.get(at)?.leaves && !this.#leavesAsked.has(at),
    );
    this.#askLeaves();
  }

  /**
   * Asks for the bytes of what is in sight while the file flies by, and of what will be in sight next. No fields: answers
   * about them would keep the bytes waiting.
   */
  wantInPassing(sight: ByteRange, next: ByteRange): void {
    this.#wantBytes([...this.#numbers(sight.start, sight.end), ...this.#numbers(next.start, next.end)]);
    this.#wanted = [];
  }

  #numbers(start: number, end: number): number[] {
    const found: number[] = [];
    const from = Math.max(0, start - (start % BLOCK));
    for (let at = from; at < Math.min(end, this.#size); at += BLOCK) found.push(at);
    return found;
  }

  /** The block that has a byte, if its bytes are known. */
  blockAt(offset: number): Block | undefined {
    const block = this.#blocks.get(offset - (offset % BLOCK));
    return block?.bytes ? block : undefined;
  }

  byteAt(offset: number): number | undefined {
    return this.blockAt(offset)?.bytes?.[offset % BLOCK];
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
    const block = this.#blocks.get(offset - (offset % BLOCK));
    const i = block?.fields?.[offset % BLOCK];
    return i === undefined || i < 0 ? undefined : fieldOf(block!.leaves!, i);
  }

  #block(start: number): Block {
    let block = this.#blocks.get(start);
    if (block) this.#blocks.delete(start);
    else block = { start, bytes: undefined, leaves: undefined, fields: undefined };
    // The map's order is that of use.
    this.#blocks.set(start, block);
    if (this.#blocks.size > MOST_BLOCKS) {
      const [oldest] = this.#blocks.keys();
      this.#blocks.delete(oldest);
    }
    return block;
  }

  /** What was wanted before, and has not been asked for, is not wanted any more. */
  #wantBytes(starts: readonly number[]): void {
    for (const start of starts) if (this.#blocks.get(start)?.bytes) this.#block(start);
    this.#bytesWanted = starts.filter(
      (start) => !this.#blocks.get(start)?.bytes && !this.#bytesAsked.has(start),
    );
    this.#askBytes();
  }

  #askBytes(): void {
    while (this.#bytesAsked.size < MOST_BYTES_ASKED && this.#bytesWanted.length > 0) {
      const start = this.#bytesWanted.shift()!;
      const generation = this.#generation;
      const range = { start, end: Math.min(start + BLOCK, this.#size) };
      this.#bytesAsked.add(start);
      const done = (bytes: Uint8Array | undefined) => {
        if (generation !== this.#generation) return;
        this.#bytesAsked.delete(start);
        if (bytes) this.#block(start).bytes = bytes;
        this.#askBytes();
        if (bytes) this.#arrived(range);
      };
      this.#source.bytes(range).then(done, () => done(undefined));
    }
  }

  #askLeaves(): void {
    while (this.#leavesAsked.size < MOST_ASKED && this.#wanted.length > 0) {
      const start = this.#wanted.shift()!;
      const generation = this.#generation;
      const range = { start, end: Math.min(start + BLOCK, this.#size) };
      this.#leavesAsked.add(start);
      const done = (leaves: Leaves | undefined) => {
        if (generation !== this.#generation) return;
        this.#leavesAsked.delete(start);
        const block = this.#blocks.get(start);
        if (leaves && block) {
          block.leaves = leaves;
          block.fields = fieldsOf(leaves, range);
          this.#arrived(range);
        }
        this.#askLeaves();
      };
      this.#source.leaves(range).then(done, () => done(undefined));
    }
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
