/** One line of ten megabytes, and a hundred thousand nested blocks: every kind of question is answered, and nothing is logged. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Editor, PULLS } from './harness.ts';

const FUNC = '(func (drop (i32.const 1)))';
const TEXTS: Readonly<Record<string, string>> = {
  'a line of ten megabytes': `(module ${FUNC.repeat(10_000_000 / FUNC.length)})`,
  'a hundred thousand nested blocks': `(module (func ${'(block '.repeat(100_000)}${')'.repeat(100_000)}))`,
};

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
  editor.patience = 60_000;
});
after(() => editor?.stop());

for (const [name, text] of Object.entries(TEXTS)) {
  test(name, async () => {
    const document = await editor.open(text, 'large.wat');
    const textDocument = { uri: document.uri };
    await editor.pull(document);
    const middle = document.positionAt(text.length >> 1);
    const range = { start: middle, end: document.positionAt((text.length >> 1) + 1000) };
    for (const method of ['hover', 'definition', 'completion', 'documentHighlight', 'signatureHelp']) {
      await editor.at(method, document, middle);
    }
    for (const method of ['documentSymbol', 'foldingRange', 'codeLens']) {
      assert.ok(Array.isArray(await editor.request(`textDocument/${method}`, { textDocument })), method);
    }
    await editor.request('textDocument/selectionRange', { textDocument, positions: [middle] });
    await editor.request('textDocument/semanticTokens/range', { textDocument, range });
    await editor.request('textDocument/inlayHint', { textDocument, range });
    await editor.edit(document.uri, [text.length >> 1, text.length >> 1, '(']);
    assert.ok((await editor.pull(document)).length > 0);
    await editor.close(document);
    assert.deepEqual(editor.log, []);
  });
}
