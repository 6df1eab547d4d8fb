/**
 * Folding, selection ranges, links, and symbols of all open documents.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DocumentLink, FoldingRange, SelectionRange, SymbolInformation } from 'vscode-languageserver';
import { SymbolKind } from 'vscode-languageserver';
import { Editor, marked, PULLS, withMarks } from './harness.ts';

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
});
after(() => editor?.stop());

async function folds(text: string, from = editor, name = 'folding.wat'): Promise<string[]> {
  const document = await from.open(text, name);
  const ranges = await from.request<FoldingRange[]>('textDocument/foldingRange', {
    textDocument: { uri: document.uri },
  });
  await from.close(document);
  return ranges.map(({ startLine, endLine, kind }) => `${startLine}-${endLine}${kind ? ` ${kind}` : ''}`);
}

const FOLDS: readonly (readonly [name: string, text: string, ranges: readonly string[]])[] = [
  ['forms with their ) on a line', '(module\n  (func\n    nop\n  )\n)', ['0-3', '1-2']],
  ['forms with their ) behind the last line', '(module\n  (func\n    nop))', ['0-2', '1-2']],
  ['one line', '(module (func nop))', []],
  ['flat blocks', '(func\nblock\nnop\nloop\nnop\nend\nend)', ['0-6', '1-5', '3-4']],
  ['if and else', '(func\ni32.const 0\nif\nnop\nelse\nnop\nend)', ['0-6', '2-3', '4-5']],
  ['folded blocks', '(func\n(if (i32.const 0)\n(then\nnop)\n(else\nnop)))', ['0-5', '1-5', '2-3', '4-5']],
  ['no plain instructions', '(func\n(drop\n(i32.const 1)\n))', ['0-3']],
  ['try and catch', '(func\ntry\nnop\ncatch 0\nnop\nend)', ['0-5', '1-2', '3-4']],
  ['comments', ';; a\n;; b\n(func) ;; c\n;; d\n(;\n;)', ['0-1 comment', '4-5 comment']],
  ['comments that are apart', ';; a\n\n;; b', []],
  [
    'a region',
    ';; region one\n(func)\n;;#region two\n(func)\n;; #endregion\n;; endregion',
    ['0-5 region', '2-4 region'],
  ],
  ['imports', '(module\n(import "a" "b" (func))\n(import "a" "c" (func))\n(func))', ['0-3', '1-2 imports']],
  ['an unfinished text', '(module\n  (func $a\n    block\n      nop\n  (func $b\n    nop\n  )', ['4-5']],
  ['a text of bare fields', '(func\nnop)\n(func\nnop)', ['0-1', '2-3']],
  ['an annotation', '(@custom "x"\n"y"\n)', ['0-1']],
];

for (const [name, text, ranges] of FOLDS) {
  test(`folding: ${name}`, async () => {
    assert.deepEqual(await folds(text), ranges);
    assert.deepEqual(await folds(text.replaceAll('\n', '\r\n')), ranges);
  });
}

test('folding: no more ranges than the client takes, the outer ones', async (t) => {
  const textDocument = { ...PULLS.textDocument, foldingRange: { rangeLimit: 3 } };
  const limited = await Editor.start({ ...PULLS, textDocument }, t);
  const text = '(module\n(func\nblock\nnop\nend\n)\n(func\nblock\nnop\nend\n)\n)';
  assert.deepEqual(await folds(text, limited), ['0-10', '1-4', '6-9']);
});

/** From the caret outwards, each a text. */
const SELECTIONS: readonly (readonly [name: string, text: string, chain: readonly string[]])[] = [
  [
    'a folded operand',
    '(module (func $f (drop (i32.add (local.get $¦x) (i32.const 1)))))',
    [
      '$x',
      'local.get $x',
      '(local.get $x)',
      'i32.add (local.get $x) (i32.const 1)',
      '(i32.add (local.get $x) (i32.const 1))',
      'drop (i32.add (local.get $x) (i32.const 1))',
      '(drop (i32.add (local.get $x) (i32.const 1)))',
      'func $f (drop (i32.add (local.get $x) (i32.const 1)))',
      '(func $f (drop (i32.add (local.get $x) (i32.const 1))))',
      'module (func $f (drop (i32.add (local.get $x) (i32.const 1))))',
    ],
  ],
  [
    'flat code',
    '(func block $l loop br_if ¦$l end $k end drop)',
    [
      '$l',
      'br_if $l',
      'loop br_if $l end $k',
      'block $l loop br_if $l end $k end',
      'func block $l loop br_if $l end $k end drop',
    ],
  ],
  ['a string', '(data "ab¦c" "d")', ['abc', '"abc"', 'data "abc" "d"']],
  [
    'immediates that are forms',
    '(func call_indirect (type ¦$t) drop)',
    ['$t', 'type $t', '(type $t)', 'call_indirect (type $t)', 'func call_indirect (type $t) drop'],
  ],
  ['a comment', '(func ;; so¦me\n)', [';; some', 'func ;; some\n']],
  ['unfinished code', '(func block i32.con¦st', ['i32.const', 'block i32.const']],
];

for (const [name, source, chain] of SELECTIONS) {
  test(`selection: ${name}`, async () => {
    const { text, places } = marked(source);
    const document = await editor.open(text, 'selection.wat');
    const [first] = await editor.request<SelectionRange[]>('textDocument/selectionRange', {
      textDocument: { uri: document.uri },
      positions: [document.positionAt(places[0])],
    });
    const found: string[] = [];
    for (let range: SelectionRange | undefined = first; range; range = range.parent) {
      found.push(document.getText(range.range));
    }
    assert.equal(found.at(-1), text);
    assert.deepEqual(found.slice(0, chain.length), chain);
    await editor.close(document);
  });
}

test('links in comments, annotations and imports', async () => {
  const { text, ranges } = marked(`;; see «https://webassembly.org/specs/». And («http://a.b/c_(d)»)
(module (; «https://x.y/z?q=1#f», ;)
  (@custom "sourceMappingURL" "«out.wasm.map»")
  (@custom "sourceMappingURL" "command:workbench.action.quit")
  (import "«./lib/math.wasm»" "./no" (func)) (import "env" "f" (func)) (data "https://no.link"))`);
  const document = await editor.open(text, 'links.wat');
  const links = await editor.request<DocumentLink[]>('textDocument/documentLink', {
    textDocument: { uri: document.uri },
  });
  await editor.close(document);
  const shown = withMarks(
    document,
    links.map(({ range }) => range),
  );
  assert.equal(
    shown,
    withMarks(
      document,
      ranges.map(({ start, end }) => ({ start: document.positionAt(start), end: document.positionAt(end) })),
    ),
  );
  assert.deepEqual(
    links.map(({ target }) => target),
    [
      'https://webassembly.org/specs/',
      'http://a.b/c_(d)',
      'https://x.y/z?q=1#f',
      'file:///project/out.wasm.map',
      'file:///project/lib/math.wasm',
    ],
  );
});

test('symbols of all open documents', async () => {
  const one = await editor.open(
    '(module (func $alpha (export "run")) (global $beta i32 (i32.const 0)))',
    'one.wat',
  );
  const two = await editor.open('(module $Alphabet (func $gamma)) (module (func $other))', 'two.wast');
  const ask = async (query: string) => {
    const found = await editor.request<SymbolInformation[]>('workspace/symbol', { query });
    return found.map(({ name, kind, location }) => `${name} ${kind} ${location.uri.slice(-8)}`).sort();
  };
  assert.deepEqual(await ask('ALPH'), [
    `$Alphabet ${SymbolKind.Module} two.wast`,
    `$alpha ${SymbolKind.Function} /one.wat`,
  ]);
  assert.deepEqual(await ask('$gm'), [`$gamma ${SymbolKind.Function} two.wast`]);
  assert.deepEqual(await ask('run'), [`run ${SymbolKind.Function} /one.wat`]);
  assert.equal((await ask('')).length, 6);
  await editor.close(one);
  assert.deepEqual(await ask('alpha'), [`$Alphabet ${SymbolKind.Module} two.wast`]);
  await editor.close(two);
  assert.deepEqual(await ask(''), []);
});
