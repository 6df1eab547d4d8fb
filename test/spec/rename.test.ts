/**
 * Rename, held against the public test suite: the binary without its names stays the same, and renaming back gives the
 * text that was there. Some names of each file of a sample.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { assembleForm, type Command } from '../../engine/text/script.ts';
import { idName, writtenId } from '../../engine/text/strings.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { Analysis } from '../../language-server/analysis.ts';
import { applied } from '../../language-server/facts/edits.ts';
import { Refusal, renamingAt, typedName } from '../../language-server/facts/renaming.ts';
import { suiteFiles, suiteFolder } from './suite.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const ALL = process.env.WASMSCOPE_TEST_ALL === '1';
const EVERY = ALL ? 1 : 8;
const LONGEST = ALL ? 300_000 : 40_000;
/** Names of one file. */
const NAMES = 5;

const folder = suiteFolder();
if (!folder) {
  test('renaming in the public test suite', {
    skip: 'there is no test suite: put WebAssembly/testsuite beside the project or name it in WASMSCOPE_SPEC_TESTSUITE',
  });
}

for (const file of folder ? suiteFiles(folder).filter((_, i) => (i + SEED) % EVERY === 0) : []) {
  const text = readFileSync(path.join(folder!, file), 'utf8');
  if (text.length > LONGEST) continue;
  test(file, (t) => {
    const before = analysisOf(text);
    const ids = placesOfNames(before);
    let renamed = 0;
    for (let i = 0; i < NAMES && ids.length > 0; i++) {
      const pos = ids[(SEED + i * 7919) % ids.length];
      if (renamedAndBack(before, pos)) renamed++;
    }
    t.diagnostic(`${renamed} names`);
  });
}

function analysisOf(text: string): Analysis {
  return new Analysis(TextDocument.create('file:///suite.wast', 'wat', 1, text));
}

function placesOfNames({ tree }: Analysis): number[] {
  const { kinds, starts, count } = tree.tokens;
  return Array.from({ length: count }, (_, token) => token)
    .filter((token) => kinds[token] === Tok.Id)
    .map((token) => starts[token]);
}

function renamedAndBack(before: Analysis, pos: number): boolean {
  const text = before.document.getText();
  const renaming = renamingAt(before, pos);
  if (!renaming) return false;
  const edits = renaming.edits('another name');
  const after = applied(text, edits);
  assert.notEqual(after, text);
  const there = analysisOf(after);
  assert.deepEqual(binaries(there), binaries(before));
  const moved = edits
    .filter(({ span }) => span.end <= pos)
    .reduce((sum, e) => sum + e.text.length - (e.span.end - e.span.start), 0);
  try {
    const back = renamingAt(there, pos + moved)!.edits(typedName(renaming.written));
    // Names that can be written in several ways come back in the usual one.
    assert.equal(plain(applied(after, back)), plain(text));
  } catch (error) {
    // Two definitions had that name.
    if (!(error instanceof Refusal)) throw error;
    assert.match(error.message, /already$|which branches would then mean$/);
  }
  return true;
}

function plain(text: string): string {
  const { tokens } = parseTree(text);
  return Array.from({ length: tokens.count }, (_, token) =>
    tokens.kinds[token] === Tok.Id ? writtenId(idName(tokens, token) ?? '') : tokenText(tokens, token),
  ).join('');
}

/** The modules of a script, those in assertions too, without names. */
function binaries({ tree, script }: Analysis): string[] {
  const forms = (script?.commands ?? []).flatMap((command: Command) =>
    'module' in command && typeof command.module === 'object' ? [command.module] : [],
  );
  return forms
    .filter(({ source }) => source !== 'component')
    .map((form) => Buffer.from(assembleForm(tree, form, { names: false }).bytes).toString('base64'));
}
