/**
 * Code lenses and inline values: what stands above which line, and what the debugger is asked while it is stopped.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis } from '../../language-server/analysis.ts';
import { takeTurns } from '../../language-server/facts/turns.ts';
import { COMMANDS, codeLenses, resolveLens } from '../../language-server/requests/code-lenses.ts';
import { inlineValues } from '../../language-server/requests/inline-values.ts';
import { marked } from '../lsp/harness.ts';

const NEVER = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => {} }) };
const ALL = { commands: new Set<string>(Object.values(COMMANDS)) };

async function lensesOf(
  text: string,
  { client = ALL, wanted = { references: true, run: true }, name = 'test.wat' } = {},
) {
  const document = TextDocument.create(`file:///${name}`, 'wat', 1, text);
  const analysis = new Analysis(document);
  const turns = takeTurns(NEVER);
  const found = await codeLenses(analysis, client, wanted, turns);
  return Promise.all(
    found.map(async (lens) => {
      const seen = lens.command ? lens : await resolveLens(analysis, lens, lens.data, client, turns);
      const { title, command, arguments: args } = seen.command!;
      return { line: lens.range.start.line, title, command, args };
    }),
  );
}

const CASES: readonly (readonly [what: string, text: string, lenses: readonly string[], name?: string])[] = [
  [
    'references',
    '(module (func $a)\n(func $b call $a call 0)\n(global $g i32 (i32.const 0)))',
    ['0 2 references', '1 0 references', '2 0 references'],
  ],
  ['one reference', '(module (type $t (func))\n(func (type $t)))', ['0 1 reference', '1 0 references']],
  [
    'types of a group',
    '(module (rec (type $a (struct))\n(type $b (struct (field (ref $a))))))',
    ['0 1 reference', '1 0 references'],
  ],
  [
    'exports can run',
    '(module (func $a)\n(func (export "b"))\n(export "c" (func $a))\n(memory (export "m") 1))',
    ['0 1 reference', '1 exported', '1 Run "b"', '1 Debug "b"', '2 Run "c"', '2 Debug "c"', '3 exported'],
  ],
  ['imports cannot', '(module (import "a" "b" (func $i))\n(export "c" (func $i)))', ['0 1 reference']],
  [
    'assertions',
    '(module)\n(assert_return (invoke "a"))\n(invoke "b")',
    ['1 Run', '1 Debug', '2 Run', '2 Debug'],
    'test.wast',
  ],
];

for (const [what, text, expected, name] of CASES) {
  test(`lenses: ${what}`, async () => {
    const shown = (await lensesOf(text, { name })).map(({ line, title, args }) => {
      const called = typeof args?.[1] === 'string' ? ` ${JSON.stringify(args[1])}` : '';
      return `${line} ${title}${called}`;
    });
    assert.deepEqual(shown, expected);
  });
}

test('a client that announced no commands gets texts only', async () => {
  const lenses = await lensesOf('(module (func $a (export "a") call $a))', {
    client: { commands: new Set() },
  });
  assert.deepEqual(
    lenses.map(({ title, command }) => [title, command]),
    [['1 reference', '']],
  );
});

test('lenses can be switched off', async () => {
  const text = '(module (func $a (export "a")))';
  const titles = async (wanted: { references: boolean; run: boolean }) =>
    (await lensesOf(text, { wanted })).map(({ title }) => title);
  assert.deepEqual(await titles({ references: false, run: true }), ['Run', 'Debug']);
  assert.deepEqual(await titles({ references: true, run: false }), ['exported']);
});

/** The text up to the stopped line, which is the last one of the range in `«»`, with what is asked on each line. */
const VALUES: readonly (readonly [what: string, text: string, asked: readonly string[]])[] = [
  [
    'names of locals, each once a line, up to where it stopped',
    '(module (func $f (param $x i32) (local $y i32)\nlocal.get $x local.get $x\nlocal.set $y\n¦local.get $y\nlocal.get $x drop drop))',
    ['0 $x', '0 $y', '1 $x', '2 $y', '3 $y', '3 next'],
  ],
  [
    'numbers',
    '(module (func (param i32) (param $b i32)\n¦local.get 0 local.get 1 drop drop))',
    ['0 $b', '1 local[0]', '1 $b', '1 next'],
  ],
  [
    'globals by name',
    '(module (global $g i32 (i32.const 0)) (func\n¦global.get $g drop))',
    ['1 $g', '1 next'],
  ],
  [
    'globals by index where a local has the name',
    '(module (global $g i32 (i32.const 0)) (func (local $g i32)\n¦global.get $g drop))',
    ['0 $g', '1 global[0]', '1 next'],
  ],
  [
    'no other function',
    '(module (func (local $a i32)\nlocal.get $a drop)\n(func (local $b i32)\n¦local.get $b drop))',
    ['2 $b', '3 $b', '3 next'],
  ],
  ['no calls, no labels', '(module (func $f block $l\n¦call $f br $l end))', ['1 next']],
];

for (const [what, source, expected] of VALUES) {
  test(`inline values: ${what}`, () => {
    const { text, places } = marked(source);
    const document = TextDocument.create('file:///test.wat', 'wat', 1, text);
    const line = document.positionAt(places[0]).line;
    const end = document.offsetAt({ line: line + 1, character: 0 });
    const found = inlineValues(new Analysis(document), 0, text.length, { start: places[0], end });
    assert.deepEqual(
      found.map((value) => ('expression' in value ? `${value.range.start.line} ${value.expression}` : '')),
      expected,
    );
  });
}
