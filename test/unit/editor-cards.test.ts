/**
 * The cards of what is in sight: put together in the page they say what `byteInfo` says of each byte, in whatever order the
 * bytes are asked for; the nearest blocks come first, and those out of sight are dropped.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { CARD_BLOCK, Cards, cardIn } from '../../extension/editor/webview/cards.ts';
import type { ByteInfo } from '../../extension/language/byte-protocol.ts';
import { byteCards } from '../../language-server/requests/byte-cards.ts';
import { byteInfo } from '../../language-server/requests/byte-info.ts';

const FIB = new Uint8Array(readFileSync('examples/fib.wasm'));
const assembled = (text: string) => assemble(parseTree(text)).bytes;

const FILES: Readonly<Record<string, Uint8Array>> = {
  'a module': FIB,
  'a component with a module': Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 1, FIB.length, ...FIB]),
  'a truncated module': FIB.subarray(0, 50),
  'a malformed module': Uint8Array.from(FIB, (byte, i) => (i === 0x31 ? 0xff : byte)),
  'an invalid function': assembled(
    '(module (func (result i32) i32.const 1 i64.const 2 i32.add) (func (param $p i64) local.get $p drop))',
  ),
  'labels, long numbers, data': assembled(
    `(module (memory 1) (data (i32.const 1024) "${'data '.repeat(80)}")
      (func $f (param i32) block loop local.get 0 br_if 0 i32.const 123456789 drop end end unreachable drop))`,
  ),
};

/** What the page shows of a card. */
function shown(info: ByteInfo | undefined) {
  const { leb, ...facts } = info!;
  return JSON.parse(JSON.stringify({ ...facts, ...(leb && leb.groups.length > 1 && { leb }) }));
}

for (const [name, bytes] of Object.entries(FILES)) {
  test(`the cards of a range say what the card of each byte does: ${name}`, () => {
    const alone = new ByteInspector(bytes);
    const together = new ByteInspector(bytes);
    // Backwards: what was asked before changes nothing.
    for (let start = bytes.length - (bytes.length % 48); start >= 0; start -= 48) {
      const end = Math.min(start + 48, bytes.length);
      const cards = JSON.parse(JSON.stringify(byteCards(together, { start, end })));
      for (let offset = start; offset < end; offset++) {
        const expected = byteInfo(alone, { offset, wat: 'ready' });
        assert.deepEqual(
          shown(cardIn(cards, offset, bytes.length)),
          shown(expected),
          `0x${offset.toString(16)}`,
        );
      }
      assert.equal(cardIn(cards, bytes.length, bytes.length), undefined);
    }
  });
}

test('cards are asked for when rows rest, the nearest first, and are dropped out of sight', async () => {
  const bytes = assembled(`(module (memory 1) (data (i32.const 0) "${'x'.repeat(8 * CARD_BLOCK)}"))`);
  const inspector = new ByteInspector(bytes);
  const asked: number[] = [];
  const cards = new Cards(async (range) => {
    asked.push(range.start / CARD_BLOCK);
    return JSON.stringify(byteCards(inspector, range));
  });
  const rest = () => new Promise((resolve) => setTimeout(resolve, 60));
  cards.reset(bytes.length);
  cards.near(3.5 * CARD_BLOCK);
  cards.see({ start: 10 * CARD_BLOCK, end: 11 * CARD_BLOCK });
  cards.see({ start: CARD_BLOCK, end: 6 * CARD_BLOCK });
  assert.equal(cards.get(3 * CARD_BLOCK), undefined);
  await rest();
  assert.deepEqual(asked, [3, 2, 4, 1, 5]);
  assert.equal(cards.get(3 * CARD_BLOCK + 7)?.offset, 3 * CARD_BLOCK + 7);
  cards.see({ start: 4 * CARD_BLOCK, end: 7 * CARD_BLOCK });
  assert.equal(cards.get(3 * CARD_BLOCK), undefined);
  assert.ok(cards.get(4 * CARD_BLOCK));
  await rest();
  assert.deepEqual(asked.slice(5), [6]);
  cards.reset(bytes.length);
  assert.equal(cards.get(4 * CARD_BLOCK), undefined);
});
