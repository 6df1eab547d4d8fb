/**
 * Definition, references and highlights: asked at `¦`, answered with the marked ranges. The first mark is the
 * definition.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type DocumentHighlight, DocumentHighlightKind, type Location } from 'vscode-languageserver';
import { Editor, marked, PULLS, withMarks } from './harness.ts';

const CASES: readonly (readonly [name: string, text: string])[] = [
  ['a function', '(module (func «$f») (func (call «$f¦») (call «0»)) (export "f" (func «$f»)) (func $g))'],
  ['a function from its definition', '(module (func «$¦f») (func (call «$f»)))'],
  [
    'a local of one function',
    '(module (func (param «$n» i32) (drop (local.get «$¦n»))) (func (param $n i32) (drop (local.get $n))))',
  ],
  [
    'a local by its index',
    '(module (func (param «$n» i32) (drop (local.get «¦0»)) (drop (local.get «$n»))))',
  ],
  ['a label that hides another', '(module (func (block $l (block «$l» (br «$¦l»)) (br $l))))'],
  ['a label by its depth', '(module (func (block «$l» (loop (br «1¦»)))))'],
  [
    'a type',
    '(module (type «$t» (func)) (func (type «$¦t»)) (table 1 funcref) (func (call_indirect (type «$t») (i32.const 0))))',
  ],
  ['a module of a script', '(module (func $f) (start $f)) (module (func «$f») (start «$¦f»))'],
];

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
});
after(() => editor?.stop());

for (const [name, source] of CASES) {
  test(name, async () => {
    const { text, ranges, places } = marked(source);
    const document = await editor.open(text, 'navigation.wast');
    const place = document.positionAt(places[0]);
    const wanted = ranges.map(({ start, end }) => ({
      start: document.positionAt(start),
      end: document.positionAt(end),
    }));
    const definition = await editor.at<Location>('definition', document, place);
    assert.equal(withMarks(document, [definition.range]), withMarks(document, wanted.slice(0, 1)));
    const all = await editor.at<Location[]>('references', document, place, {
      context: { includeDeclaration: true },
    });
    assert.equal(
      withMarks(
        document,
        all.map(({ range }) => range),
      ),
      withMarks(document, wanted),
    );
    const uses = await editor.at<Location[]>('references', document, place, {
      context: { includeDeclaration: false },
    });
    assert.equal(
      withMarks(
        document,
        uses.map(({ range }) => range),
      ),
      withMarks(document, wanted.slice(1)),
    );
    const highlights = await editor.at<DocumentHighlight[]>('documentHighlight', document, place);
    assert.equal(
      withMarks(
        document,
        highlights.map(({ range }) => range),
      ),
      withMarks(document, wanted),
    );
    await editor.close(document);
  });
}

test('highlights tell writes from reads', async () => {
  const { text, places } = marked(
    '(module (func (local $x i32) (local.set $¦x (local.get $x)) (drop (local.tee $x (i32.const 1)))))',
  );
  const document = await editor.open(text, 'writes.wat');
  const found = await editor.at<DocumentHighlight[]>(
    'documentHighlight',
    document,
    document.positionAt(places[0]),
  );
  const { Text, Read, Write } = DocumentHighlightKind;
  const inOrder = found.sort((a, b) => a.range.start.character - b.range.start.character);
  assert.deepEqual(
    inOrder.map(({ kind }) => kind),
    [Text, Write, Read, Write],
  );
});

test('there is nothing to go to from other places', async () => {
  const document = await editor.open('(module (func (call $nothing) (i32.const 1) drop))', 'nothing.wat');
  for (const character of [0, 3, 11, 22, 42, 500]) {
    const place = { line: 0, character };
    assert.equal(await editor.at('definition', document, place), null);
    assert.deepEqual(
      await editor.at('references', document, place, { context: { includeDeclaration: true } }),
      [],
    );
    assert.deepEqual(await editor.at('documentHighlight', document, place), []);
  }
});
