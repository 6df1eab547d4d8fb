/**
 * Formatting over the protocol: documents, ranges, and while typing. How texts come out is shown by the goldens
 * (test/golden/format); here is which edits are sent.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FormattingOptions, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Editor, marked, PULLS } from './harness.ts';

const OPTIONS: FormattingOptions = { tabSize: 2, insertSpaces: true };

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
});
after(() => editor?.stop());

async function ask(document: TextDocument, method: string, more: object): Promise<TextEdit[]> {
  const textDocument = { uri: document.uri };
  return editor.request(`textDocument/${method}`, { textDocument, options: OPTIONS, ...more });
}

test('a document: only white space that differs is replaced', async () => {
  const text = '(module\n  (func $f)\n(func $g)\n  (func $h)\n)\n';
  const document = await editor.open(text);
  assert.deepEqual(await ask(document, 'formatting', {}), [
    { range: { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } }, newText: '  ' },
  ]);
  const tabs = await ask(document, 'formatting', { options: { tabSize: 4, insertSpaces: false } });
  assert.equal(
    TextDocument.applyEdits(document, tabs),
    '(module\n\t(func $f)\n\t(func $g)\n\t(func $h)\n)\n',
  );
  await editor.close(document);
});

test('a range, and several: nothing else changes', async () => {
  const text = '(module\n(func $a)\n(func $b)\n(func $c)\n(func $d)\n)';
  const document = await editor.open(text);
  const line = (n: number) => ({ start: { line: n, character: 0 }, end: { line: n + 1, character: 0 } });
  const one = await ask(document, 'rangeFormatting', { range: line(2) });
  assert.equal(
    TextDocument.applyEdits(document, one),
    '(module\n(func $a)\n  (func $b)\n(func $c)\n(func $d)\n)',
  );
  const two = await ask(document, 'rangesFormatting', { ranges: [line(1), line(3)] });
  assert.equal(
    TextDocument.applyEdits(document, two),
    '(module\n  (func $a)\n(func $b)\n  (func $c)\n(func $d)\n)',
  );
  await editor.close(document);
});

/** The text with the caret behind what was typed, and what becomes of it. */
const TYPED: readonly (readonly [name: string, typed: string, text: string, formatted: string])[] = [
  ['a line in a function', '\n', '(module\n  (func $f\n¦))', '(module\n  (func $f\n    ))'],
  ['a line at the end', '\n', '(module\n  (func $f\n¦', '(module\n  (func $f\n    '],
  [
    'a line in a flat block',
    '\n',
    '(func\n  block\n    nop\n¦\n  end)',
    '(func\n  block\n    nop\n    \n  end)',
  ],
  ['a line behind a flat block', '\n', '(func\n  block\n  end\n¦\n)', '(func\n  block\n  end\n  \n)'],
  ['a line in front of end', '\n', '(func\n  block\n    nop\n    ¦end)', '(func\n  block\n    nop\n  end)'],
  ['a line in front of )', '\n', '(func\n  nop\n    ¦)', '(func\n  nop\n  )'],
  ['a line at the top', '\n', '(module)\n  ¦', '(module)\n'],
  ['a line in a comment', '\n', '(module (; a\n ¦ b ;))', '(module (; a\n  b ;))'],
  [
    'a form on one line',
    ')',
    '(func ( i32.add   (local.get 0)(local.get 1) )¦)',
    '(func (i32.add (local.get 0) (local.get 1)))',
  ],
  ['a form on several lines', ')', '(func\n  (drop\n     (i32.const 1))¦)', '(func\n  (drop (i32.const 1)))'],
  ['no form', ')', '(func) )¦', '(func) )'],
  ['a form with a fault', ')', '(func   ( nop ,)¦)', '(func   ( nop ,))'],
];

for (const [name, ch, source, wanted] of TYPED) {
  test(`typing: ${name}`, async () => {
    const { text, places } = marked(source);
    const document = await editor.open(text);
    const edits = await ask(document, 'onTypeFormatting', { ch, position: document.positionAt(places[0]) });
    assert.equal(TextDocument.applyEdits(document, edits), wanted);
    await editor.close(document);
  });
}

test('settings: width and closing parentheses', async (t) => {
  const narrow = await Editor.start(PULLS, t);
  await narrow.connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { wasmscope: { format: { width: 30, closing: 'line' } } },
  });
  const document = await narrow.open('(func (drop (i32.add (i32.const 1) (i32.const 2))))');
  const edits = await narrow.request<TextEdit[]>('textDocument/formatting', {
    textDocument: { uri: document.uri },
    options: OPTIONS,
  });
  assert.equal(
    TextDocument.applyEdits(document, edits),
    '(func\n  (drop\n    (i32.add\n      (i32.const 1)\n      (i32.const 2)\n    )\n  )\n)\n',
  );
});

test('settings: folding and unfolding', async (t) => {
  const folding = await Editor.start(PULLS, t);
  const format = async (text: string, folded: string) => {
    await folding.connection.sendNotification('workspace/didChangeConfiguration', {
      settings: { wasmscope: { format: { folded } } },
    });
    const document = await folding.open(text);
    const edits = await folding.request<TextEdit[]>('textDocument/formatting', {
      textDocument: { uri: document.uri },
      options: OPTIONS,
    });
    return TextDocument.applyEdits(document, edits);
  };
  const flat =
    '(module\n  ;; f\n  (func $f\n    i32.const 1 ;; one\n    drop\n  )\n  (func $g\n    call $f\n  )\n)\n';
  const messy = flat.replace('  ;; f', ';; f').replace('    call', '      call');
  const folded =
    '(module\n  ;; f\n  (func $f\n    (drop\n      (i32.const 1) ;; one\n    )\n  )\n  (func $g\n    (call $f)\n  )\n)\n';
  assert.equal(await format(messy, 'fold'), folded);
  assert.equal(await format(folded, 'unfold'), flat);
  assert.equal(await format(messy, 'keep'), flat);
});

test('hostile texts: deep nesting and a very long line are formatted, or left alone', async () => {
  const deep = `(func ${'(drop '.repeat(20_000)}${')'.repeat(20_000)})`;
  const long = `(func ${'nop '.repeat(100_000)})`;
  for (const text of [deep, long, '('.repeat(100_000), ')'.repeat(1000), '\u0000\uffff"\n(;', '']) {
    const document = await editor.open(text);
    const edits = await ask(document, 'formatting', {});
    const out = TextDocument.applyEdits(document, edits);
    assert.equal(out.replace(/\s+/g, ''), text.replace(/\s+/g, ''));
    await editor.close(document);
  }
});
