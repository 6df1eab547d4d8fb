// Seeded damage to good texts: whatever the text is, nothing throws, and the bytes decode.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { printModule } from '../../engine/text/print.ts';
import { parseScript } from '../../engine/text/script.ts';
import { parseTree } from '../../engine/text/tree.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 20);
const ROUNDS = 1500;

const JUNK = [
  '(', ')', '"', '$x', '(@a', '(;', ';;', ';)', ' end ', ' else ', '(then', 'block $l', '(if', ' i32.const ', '\0', 'é',
  '(func', '0x', '(type 0)', '(param $x', '$"', ' br 9999999 ', '\n', '(try (do', ' delegate 0 ', ' catch 0 ', 'offset=',
  '(import "a" "b" (func', '(rec', '(type $t (sub', ' v128.const i8x16 1 ', '(elem', '(data', ' memory.init 0 ', '(item',
]; // biome-ignore format: a list of pieces

function randomFrom(seed: number): (n: number) => number {
  let state = seed | 1;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % n;
  };
}

function damaged(text: string, random: (n: number) => number): string {
  for (let edits = 1 + random(6); edits > 0; edits--) {
    const at = random(text.length + 1);
    const from = random(text.length + 1);
    const kind = random(4);
    if (kind === 0) text = text.slice(0, at) + text.slice(at + random(40));
    else if (kind === 1) text = text.slice(0, at) + JUNK[random(JUNK.length)] + text.slice(at);
    else if (kind === 2) text = text.slice(0, at) + text.slice(from, from + random(200)) + text.slice(at);
    else if (random(8) === 0) text = text.slice(0, at);
  }
  return text;
}

test(`damaged texts, seed ${SEED}`, () => {
  const texts = globSync('test/golden/text/*.wat')
    .sort()
    .map((file) => readFileSync(file, 'utf8'));
  const random = randomFrom(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const text = damaged(texts[random(texts.length)]!, random);
    try {
      const tree = parseTree(text);
      parseScript(tree);
      const { bytes, map, symbols } = assemble(tree);
      const { start } = map.spanAt(bytes.length) ?? { start: 0 };
      map.instructionAt(start);
      assert.ok(symbols.uses.every(({ token }) => token < tree.tokens.count));
      if (/\b(binary|quote)\b/.test(text)) continue;
      printModule(decode(bytes), { folded: random(2) === 0 });
    } catch (error) {
      throw new Error(`round ${round}: ${JSON.stringify(text)}`, { cause: error });
    }
  }
});
