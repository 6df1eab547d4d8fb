/**
 * `wasmscope/byteCards`: what `byteInfo` says of each byte of a short range, at once, and nothing of it twice. For views that
 * have the cards of what is in sight at hand when the pointer or the caret comes there.
 */

import type { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { functionNames } from '../facts/function-names.ts';
import type { Feature } from '../feature.ts';
import {
  type ByteCardField,
  type ByteCardInstruction,
  type ByteCardsParams,
  ByteCardsRequest,
  type ByteCardsResult,
  type ByteInfoResult,
  uriOf,
} from '../protocol.ts';
import { byteInfo } from './byte-info.ts';

/** Bytes that are answered at once. */
const MAX_RANGE = 1024;

export const byteCardsFeature: Feature = {
  capabilities: () => ({}),
  register({ connection, refusing, binaries }) {
    connection.onRequest(
      ByteCardsRequest,
      refusing(async (params: ByteCardsParams) => {
        const inspector = await binaries.get(uriOf(params));
        void functionNames(inspector, params.start);
        return byteCards(inspector, params);
      }),
    );
  },
};

/** Throws an Error for people if there is no such range. */
export function byteCards(
  inspector: ByteInspector,
  { start, end }: Omit<ByteCardsParams, 'uri'>,
): ByteCardsResult {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start) {
    throw new Error(`no range of bytes: ${start} to ${end}`);
  }
  const behind = Math.min(end, start + MAX_RANGE, inspector.bytes.length);
  const steps = new Once<ByteCardsResult['steps'][number]>();
  const clauses = new Once<ByteCardsResult['clauses'][number]>();
  const words = new Once<string>();
  const instructions = new Once<ByteCardInstruction>();
  const fields = new Once<ByteCardField>();
  const cards: ByteCardsResult['cards'][number][] = [];
  const leaves = inspector.tree.leavesIn(start, behind);
  const add = (at: number): void => {
    const {
      offset,
      path,
      meaning,
      instruction,
      clause,
      leb,
      share: _,
      sectionShare: __,
      ...facts
    } = byteInfo(inspector, { offset: at, wat: 'ready' });
    const field = fields.number({
      ...facts,
      ...(leb && leb.groups.length > 1 && { leb }),
      path: path.map((step) => steps.number(step)),
      clause: clauses.number(clause),
      ...(instruction && { instruction: instructions.number(told(instruction, words)) }),
    });
    cards.push({ offset, field, meaning: meaning.map((line) => words.number(line)) });
  };
  for (const leaf of leaves) {
    // What data means is said of each byte of it.
    if (leaf.kind !== 'bytes') add(leaf.start);
    else for (let at = Math.max(leaf.start, start); at < Math.min(leaf.end, behind); at++) add(at);
  }
  return {
    start: cards[0]?.offset ?? behind,
    end: behind,
    steps: steps.items,
    clauses: clauses.items,
    words: words.items,
    instructions: instructions.items,
    fields: fields.items,
    cards,
  };
}

function told(
  { sentence, type, labels, ...facts }: NonNullable<ByteInfoResult['instruction']>,
  words: Once<string>,
): ByteCardInstruction {
  return {
    ...facts,
    sentence: words.number(sentence),
    type: words.number(type),
    ...(labels && { labels: labels.map((label) => words.number(label)) }),
  };
}

/** Items, each of which is listed once. */
class Once<T> {
  readonly items: T[] = [];
  readonly #numbers = new Map<string, number>();

  number(item: T): number {
    const key = typeof item === 'string' ? item : JSON.stringify(item);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.items.push(item) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}
