/**
 * Formatting, held against the public test suite: it touches only white space, so neither comments nor the binaries
 * change; doing it twice changes nothing, with code folded or unfolded too; and a range is formatted as the whole is, there and nowhere else. A sample
 * of the files by default.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { assembleForm, type Command, parseScript } from '../../engine/text/script.ts';
import { parseTree, type Tree } from '../../engine/text/tree.ts';
import { Analysis } from '../../language-server/analysis.ts';
import { atOnce } from '../../language-server/facts/turns.ts';
import { formatEdits, type GapEdit } from '../../language-server/format/format.ts';
import { DEFAULT_FORMAT, type FormatOptions } from '../../language-server/format/options.ts';
import { type Folding, refoldEdits } from '../../language-server/format/refold.ts';
import { suiteFiles, suiteFolder } from './suite.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const ALL = process.env.WASMSCOPE_TEST_ALL === '1';
/** Of how many files one is taken, and how long it may be. */
const EVERY = ALL ? 1 : 6;
const LONGEST = ALL ? Number.POSITIVE_INFINITY : 100_000;

const LAYOUTS: readonly FormatOptions[] = [
  DEFAULT_FORMAT,
  { width: 40, tabSize: 2, insertSpaces: true, closing: 'hug' },
  { width: 70, tabSize: 4, insertSpaces: false, closing: 'line' },
];

const folder = suiteFolder();
if (!folder) {
  test('formatting the public test suite', {
    skip: 'there is no test suite: put WebAssembly/testsuite beside the project or name it in WASMSCOPE_SPEC_TESTSUITE',
  });
}

const files = folder ? suiteFiles(folder).filter((_, i) => (i + SEED) % EVERY === 0) : [];
for (const file of files) {
  const text = readFileSync(path.join(folder!, file), 'utf8');
  if (text.length > LONGEST) continue;
  test(file, () => {
    const tree = parseTree(text);
    for (const [i, layout] of LAYOUTS.entries()) {
      const edits = atOnce(formatEdits(tree, layout));
      const out = applied(text, edits);
      const after = parseTree(out);
      assert.deepEqual(tokens(after), tokens(tree));
      assert.deepEqual(atOnce(formatEdits(after, layout)), [], 'formatting twice');
      const start = Math.floor(text.length * ((SEED % 7) / 10));
      const range = { start, end: start + 500 };
      const inside = edits.filter(({ start, end }) => start >= range.start && end <= range.end);
      if (inside.at(-1)?.start === range.end && /[\r\n]/.test(text[range.end - 1])) inside.pop();
      assert.deepEqual(atOnce(formatEdits(tree, layout, range)), inside, 'a range');
      if (i === 0) assert.deepEqual(binaries(after), binaries(tree));
    }
    for (const folding of ['fold', 'unfold'] as const) {
      const out = refolded(text, folding);
      assert.deepEqual(binaries(parseTree(out)), binaries(tree), folding);
      assert.deepEqual(comments(out), comments(text), folding);
      assert.equal(refolded(out, folding), out, `${folding} twice`);
    }
  });
}

function refolded(text: string, folding: Folding): string {
  const { tree, modules } = new Analysis(TextDocument.create('file:///suite.wast', 'wat', 1, text));
  return applied(text, atOnce(refoldEdits(tree, modules, DEFAULT_FORMAT, folding)));
}

/** Sorted: they go where their instructions go. */
function comments(text: string): string[] {
  return tokens(parseTree(text))
    .filter((token) => token.startsWith(';;') || token.startsWith('(;'))
    .sort();
}

function applied(text: string, edits: readonly GapEdit[]): string {
  let out = '';
  let at = 0;
  for (const edit of edits) {
    assert.ok(edit.start >= at, 'edits are in order');
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

/** All that is no white space, comments included. */
function tokens({ tokens }: Tree): string[] {
  const out: string[] = [];
  for (let token = 0; token < tokens.count; token++) {
    if (tokens.kinds[token] !== Tok.Space) out.push(tokenText(tokens, token));
  }
  return out;
}

/** The modules of a script, those in assertions too, as bytes. */
function binaries(tree: Tree): string[] {
  const forms = parseScript(tree).commands.flatMap((command: Command) =>
    'module' in command && typeof command.module === 'object' ? [command.module] : [],
  );
  const texts = forms.filter(({ source }) => source !== 'component');
  return texts.map((form) => Buffer.from(assembleForm(tree, form).bytes).toString('base64'));
}
