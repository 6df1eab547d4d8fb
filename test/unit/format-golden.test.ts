/**
 * Formatting: each text of test/golden/format as it comes out, in the default layout and in a narrow one with tabs.
 * `BLESS=1` writes the expected texts anew. And damaged ones: whatever a text is, only white space changes, and doing it
 * twice changes nothing.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { atOnce } from '../../language-server/facts/turns.ts';
import { formatEdits } from '../../language-server/format/format.ts';
import { DEFAULT_FORMAT, type FormatOptions } from '../../language-server/format/options.ts';

const FOLDER = 'test/golden/format';

const LAYOUTS: Readonly<Record<string, FormatOptions>> = {
  default: DEFAULT_FORMAT,
  narrow: { width: 60, tabSize: 4, insertSpaces: false, closing: 'line' },
};

function formatted(text: string, options: FormatOptions): string {
  let out = '';
  let at = 0;
  for (const edit of atOnce(formatEdits(parseTree(text), options))) {
    assert.ok(edit.start >= at, 'edits are in order');
    assert.match(text.slice(edit.start, edit.end) + edit.text, /^\s*$/);
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

for (const file of readdirSync(FOLDER).filter((name) => /^[^.]*\.was?t$/.test(name))) {
  for (const [layout, options] of Object.entries(LAYOUTS)) {
    test(`${file}, ${layout}`, () => {
      const text = readFileSync(path.join(FOLDER, file), 'utf8');
      const out = formatted(text, options);
      const golden = path.join(FOLDER, file.replace('.', `.${layout}.`));
      if (process.env.BLESS) writeFileSync(golden, out);
      assert.equal(out, readFileSync(golden, 'utf8'));
      assert.equal(formatted(out, options), out, 'formatting twice');
      const crlf = text.replaceAll('\n', '\r\n');
      assert.equal(formatted(crlf, options), out.replaceAll('\n', '\r\n'), 'with CRLF');
    });
  }
}

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const TIMES = process.env.WASMSCOPE_TEST_ALL ? 20_000 : 600;
const DAMAGE = [
  '(',
  ')',
  '\n',
  '  ',
  ';; c\n',
  '(; x ;)',
  '(;',
  '"',
  '$"',
  'end ',
  'block ',
  'if ',
  '(@a b)',
  ',',
  '(func ',
  '\t',
  '\r',
];

test(`damaged texts, seed ${SEED}`, () => {
  let state = SEED || 1;
  const random = (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const texts = readdirSync(FOLDER)
    .filter((name) => /^[^.]*\.was?t$/.test(name))
    .map((name) => readFileSync(path.join(FOLDER, name), 'utf8'));
  const layouts = Object.values(LAYOUTS);
  for (let i = 0; i < TIMES; i++) {
    let text = texts[random(texts.length)];
    for (let hits = 1 + random(4); hits > 0; hits--) {
      const at = random(text.length);
      const cut = random(2) === 0 ? 0 : 1 + random(12);
      text = text.slice(0, at) + (cut > 0 ? '' : DAMAGE[random(DAMAGE.length)]) + text.slice(at + cut);
    }
    const options = layouts[random(layouts.length)];
    const out = formatted(text, options);
    assert.deepEqual(visible(out), visible(text), text);
    assert.equal(formatted(out, options), out, text);
  }
});

function visible(text: string): string[] {
  const { tokens } = parseTree(text);
  const out: string[] = [];
  for (let token = 0; token < tokens.count; token++) {
    if (tokens.kinds[token] !== Tok.Space) out.push(tokenText(tokens, token));
  }
  return out;
}
