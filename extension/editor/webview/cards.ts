/**
 * The cards of the bytes in sight, so that one is there at once when the pointer or the caret comes to a byte.
 *
 * They are asked for when the rows have come to rest, a block at a time, the one nearest to where the user is first: a question
 * about one byte never waits for more than one block. Blocks out of sight are dropped. A block stays the text that it came as
 * until somebody looks into it.
 */

import type { ByteCards, ByteInfo } from '../../language/byte-protocol.ts';
import type { ByteRange } from '../messages.ts';

/** Bytes of a block. */
export const CARD_BLOCK = 256;
/** Milliseconds for which the rows stand still before cards are asked for. */
const REST = 30;

interface Block {
  text: string | undefined;
  cards?: ByteCards;
}

export class Cards {
  readonly #ask: (range: ByteRange) => Promise<string>;
  readonly #blocks = new Map<number, Block>();
  #size = 0;
  #sight: ByteRange = { start: 0, end: 0 };
  /** Where the user is. */
  #near = 0;
  #generation = 0;
  #isAsking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `ask` gives ByteCards as JSON. */
  constructor(ask: (range: ByteRange) => Promise<string>) {
    this.#ask = ask;
  }

  /** Another file, or other bytes of it. */
  reset(size: number): void {
    this.#generation++;
    this.#size = size;
    this.#isAsking = false;
    this.#blocks.clear();
  }

  /** Other rows are in sight. */
  see(sight: ByteRange): void {
    if (sight.start === this.#sight.start && sight.end === this.#sight.end) return;
    this.#sight = sight;
    for (const start of this.#blocks.keys()) {
      if (start + CARD_BLOCK <= sight.start || start >= sight.end) this.#blocks.delete(start);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fill(), REST);
  }

  /** The user is at a byte: what is around it is asked for before all else. */
  near(offset: number): void {
    this.#near = offset;
  }

  /** The card of a byte, if it is there. */
  get(offset: number): ByteInfo | undefined {
    const block = this.#blocks.get(offset - (offset % CARD_BLOCK));
    if (!block?.text) return undefined;
    block.cards ??= JSON.parse(block.text) as ByteCards;
    return cardIn(block.cards, offset, this.#size);
  }

  async #fill(): Promise<void> {
    if (this.#isAsking) return;
    const generation = this.#generation;
    const isOld = () => generation !== this.#generation;
    this.#isAsking = true;
    for (let start = this.#next(); start !== undefined; start = this.#next()) {
      const block: Block = { text: undefined };
      this.#blocks.set(start, block);
      const end = Math.min(start + CARD_BLOCK, this.#size);
      // Where there are none, a byte's own card is asked for, and its question says what is wrong.
      block.text = await this.#ask({ start, end }).catch(() => undefined);
      if (isOld()) return;
    }
    this.#isAsking = false;
  }

  /** Where the nearest block in sight begins that has not been asked for. */
  #next(): number | undefined {
    const { start, end } = this.#sight;
    let best: number | undefined;
    const far = (at: number) => Math.abs(at + CARD_BLOCK / 2 - this.#near);
    for (let at = start - (start % CARD_BLOCK); at < Math.min(end, this.#size); at += CARD_BLOCK) {
      if (this.#blocks.has(at)) continue;
      if (best === undefined || far(at) < far(best)) best = at;
    }
    return best;
  }
}

/** The card of a byte, put together; undefined if it is not among these. */
export function cardIn(all: ByteCards, offset: number, size: number): ByteInfo | undefined {
  const { cards, fields, steps, clauses, words, instructions } = all;
  let low = 0;
  let high = cards.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (cards[middle].offset <= offset) low = middle;
    else high = middle - 1;
  }
  const card = cards[low];
  const field = card && fields[card.field];
  if (!field || offset < field.start || offset >= field.end || offset < card.offset) return undefined;
  const path = field.path.map((i) => steps[i]);
  const section = path.slice(path.findLastIndex(({ kind }) => kind === 'file')).find(isSection);
  const instruction = field.instruction === undefined ? undefined : instructions[field.instruction];
  return {
    ...field,
    offset,
    path,
    meaning: card.meaning.map((i) => words[i]),
    clause: clauses[field.clause],
    share: (field.end - field.start) / size,
    ...(section && { sectionShare: (section.end - section.start) / size }),
    instruction: instruction && {
      ...instruction,
      sentence: words[instruction.sentence],
      type: words[instruction.type],
      labels: instruction.labels?.map((i) => words[i]),
    },
  };
}

function isSection({ kind }: { readonly kind: string }): boolean {
  return kind === 'section';
}
