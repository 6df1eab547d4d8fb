/**
 * Help while editing at random places of whole and of cut texts: it never throws, what it replaces is around the
 * caret, and what it says lies in the text. The suite's scripts join where they are there.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis } from '../../language-server/analysis.ts';
import { takeTurns } from '../../language-server/facts/turns.ts';
import { COMMANDS, codeLenses, resolveLens } from '../../language-server/requests/code-lenses.ts';
import { completion } from '../../language-server/requests/completion.ts';
import { hover } from '../../language-server/requests/hover.ts';
import { HINTS, type Hints, inlayHints, resolved } from '../../language-server/requests/inlay-hints.ts';
import { inlineValues } from '../../language-server/requests/inline-values.ts';
import { rangeTokens } from '../../language-server/requests/semantic-tokens.ts';
import { signatureHelp } from '../../language-server/requests/signature-help.ts';
import { randomFrom } from '../fuzz/random.ts';
import { suiteFiles, suiteFolder } from '../spec/suite.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1);
const EVERYTHING = process.env.WASMSCOPE_TEST_ALL === '1';
const ALL_HINTS = Object.fromEntries(Object.keys(HINTS).map((name) => [name, true])) as Hints;
const CLIENT = { commands: new Set<string>(Object.values(COMMANDS)) };
const NEVER = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => {} }) };
/** Longer scripts of the suite say nothing new. */
const LONGEST = 60_000;

function texts(): { name: string; text: string }[] {
  const examples = readdirSync('examples').filter((file) => file.endsWith('.wat'));
  const found = examples.map((file) => ({
    name: file,
    text: readFileSync(path.join('examples', file), 'utf8'),
  }));
  const folder = suiteFolder();
  if (!folder) return found;
  const random = randomFrom(SEED);
  const files = suiteFiles(folder).filter((file) => file.endsWith('.wast'));
  const chosen = EVERYTHING ? files : Array.from({ length: 12 }, () => random.pick(files));
  for (const file of chosen) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    if (text.length < LONGEST) found.push({ name: file, text });
  }
  return found;
}

async function askEverything(name: string, text: string, places: readonly number[]): Promise<void> {
  const document = TextDocument.create(`file:///${name}`, 'wat', 1, text);
  const analysis = new Analysis(document);
  const inText = (range: {
    start: { line: number; character: number };
    end: { line: number; character: number };
  }) => {
    assert.ok(document.offsetAt(range.start) <= document.offsetAt(range.end));
    assert.deepEqual(document.positionAt(document.offsetAt(range.end)), range.end);
  };
  for (const pos of places) {
    // No caret stands in the middle of a line break.
    if (text[pos - 1] === '\r' && text[pos] === '\n') continue;
    const list = completion(analysis, pos, true);
    for (const { textEdit } of list?.items ?? []) {
      assert.ok(textEdit && 'range' in textEdit);
      assert.ok(
        document.offsetAt(textEdit.range.start) <= pos && pos <= document.offsetAt(textEdit.range.end),
      );
    }
    const help = signatureHelp(analysis, pos);
    const count = help?.signatures[0].parameters?.length ?? 0;
    if (typeof help?.activeParameter === 'number') assert.ok(help.activeParameter < Math.max(count, 1));
    const found = hover(analysis, pos, true);
    if (found?.range) inText(found.range);
    const end = Math.min(text.length, pos + 500);
    for (const hint of inlayHints(analysis, pos, end, ALL_HINTS)) {
      assert.ok(document.offsetAt(hint.position) <= text.length);
      if (hint.data) resolved(analysis, hint, hint.data);
    }
    assert.equal(rangeTokens(analysis, pos, end).length % 5, 0);
    for (const value of inlineValues(analysis, 0, text.length, { start: pos, end })) inText(value.range);
  }
  const turns = takeTurns(NEVER);
  for (const lens of await codeLenses(analysis, CLIENT, { references: true, run: true }, turns)) {
    inText(lens.range);
    if (lens.data) await resolveLens(analysis, lens, lens.data, CLIENT, turns);
  }
}

for (const { name, text } of texts()) {
  test(`anywhere in ${name}`, async () => {
    const random = randomFrom(SEED + text.length);
    const places = (length: number, count: number) =>
      Array.from({ length: count }, () => random.below(length + 1));
    await askEverything(name, text, [0, text.length, ...places(text.length, 40)]);
    for (let cut = 0; cut < 6; cut++) {
      const length = random.below(text.length + 1);
      await askEverything(name, text.slice(0, length), [length, ...places(length, 4)]);
      const start = random.below(text.length + 1);
      const without = text.slice(0, start) + text.slice(start + random.below(30));
      await askEverything(name, without, [start, ...places(without.length, 4)]);
    }
  });
}

const ODD: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['one parenthesis', '('],
  ['closing ones', ')))'],
  ['binary junk', '\u0000asm\u0001\u0000\u0000\u0000\ufffd\ufffd('],
  ['an unfinished string', '(module (data "abc'],
  ['an unfinished comment', '(module (; abc'],
  ['a BOM and CRLF', '\ufeff(module\r\n(func $f\r\n  call $f))\r\n'],
  ['deep parentheses', `(module (func ${'(block '.repeat(3000)}`],
  ['emoji in names', '(module (func $"🙂" call $"🙂") (func $🙂))'],
  ['annotations everywhere', '(@a)(module (@b) (func (@c) call (@d) 0 (@e)))'],
];

for (const [what, text] of ODD) {
  test(`odd text: ${what}`, async () => {
    const places = Array.from({ length: Math.min(text.length + 1, 120) }, (_, i) => i);
    await askEverything('odd.wat', text, [...places, text.length]);
    await askEverything('odd.wast', text, [...places, text.length]);
  });
}
