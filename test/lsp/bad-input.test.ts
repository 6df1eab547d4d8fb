/**
 * Bad input: texts that are none, requests that are none. The server answers every question about them, logs nothing
 * about texts, and goes on.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Editor, PULLS } from './harness.ts';

const NESTED = 100_000;

const TEXTS: Readonly<Record<string, string>> = {
  empty: '',
  space: ' \t\r\n\n',
  junk: Array.from({ length: 4096 }, (_, i) => String.fromCharCode((i * 7919) % 0x250)).join(''),
  'a binary': '\0asm\x01\0\0\0\x01\x04\x01\x60\0\0',
  'lone surrogates': '(module (func $\ud800) (data "\udfff"))',
  'parentheses that open': '('.repeat(NESTED),
  'parentheses that close': ')'.repeat(NESTED),
  'nested blocks': `(func ${'(block '.repeat(10_000)}${')'.repeat(10_000)})`,
  'nested flat blocks': `(func ${'block '.repeat(20_000)}${'end '.repeat(20_000)})`,
  'one long line': `(module ${'(func (drop (i32.const 1)))'.repeat(20_000)})`,
  'one long name': `(module (func $${'a'.repeat(200_000)}))`,
  'an unfinished string': '(module (data "abc',
  'an unfinished comment': '(module (; (; ;) (func)',
  'mixed line ends': '(module\r(func\n(call\r\n$x)))',
  'a byte order mark': '\ufeff(module)',
  'unfinished fields':
    '(module (func $f (param (type (import "a" (export (global (mut (table (elem (data (start (rec (tag',
  annotations:
    '(module (@name "x") (@custom "a" "b") (@ (func) (func (@metadata.code.branch_hint "\\00") nop))',
  'a component': '(component (core module $m (func)))',
  'old and odd': '(module (func get_local 99999999999 br_table end else then))',
  'huge numbers': `(module (memory ${'9'.repeat(5000)}) (func (drop (i64.const -${'9'.repeat(5000)}))))`,
};

const REQUESTS = [
  'hover',
  'definition',
  'references',
  'documentHighlight',
  'declaration',
  'typeDefinition',
  'implementation',
  'linkedEditingRange',
  'prepareCallHierarchy',
  'prepareTypeHierarchy',
];
/** Of a whole document. */
const WHOLE = ['foldingRange', 'documentLink', 'formatting'];
const OPTIONS = { tabSize: 2, insertSpaces: true };

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
});
after(() => editor?.stop());

for (const [name, text] of Object.entries(TEXTS)) {
  for (const file of ['bad.wat', 'bad.wast']) {
    test(`${file}: ${name}`, async () => {
      const document = await editor.open(text, file);
      await editor.pull(document);
      const textDocument = { uri: document.uri };
      assert.ok(Array.isArray(await editor.request('textDocument/documentSymbol', { textDocument })));
      const step = Math.max(1, Math.floor(text.length / 12));
      for (let at = 0; at <= text.length; at += step) {
        const position = document.positionAt(at);
        for (const method of REQUESTS) {
          await editor.at(method, document, position, { context: { includeDeclaration: true } });
        }
      }
      for (const method of WHOLE) {
        const found = await editor.request(`textDocument/${method}`, { textDocument, options: OPTIONS });
        assert.ok(Array.isArray(found), method);
      }
      const positions = [document.positionAt(text.length >> 1)];
      await editor.request('textDocument/selectionRange', { textDocument, positions });
      await editor.request('workspace/symbol', { query: 'a' });
      await editor.request('wasmscope/exports', { uri: document.uri });
      await editor.close(document);
      assert.deepEqual(editor.log, []);
    });
  }
}

test('places outside of the text', async () => {
  const document = await editor.open('(module)');
  for (const [line, character] of [
    [5, 0],
    [0, 500],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ]) {
    assert.equal(await editor.at('hover', document, { line, character }), null);
  }
  await editor.close(document);
});

test('documents that are not open are answered with nothing', async () => {
  const textDocument = { uri: 'file:///project/closed.wat' };
  const position = { line: 0, character: 0 };
  assert.equal(await editor.request('textDocument/hover', { textDocument, position }), null);
  assert.equal(await editor.request('textDocument/definition', { textDocument, position }), null);
  assert.deepEqual(await editor.request('textDocument/documentSymbol', { textDocument }), []);
  assert.deepEqual(await editor.pull(textDocument), []);
});

test('requests without their parameters are answered with nothing or refused, and the server goes on', async () => {
  assert.equal(await editor.request('textDocument/hover', {}), null);
  assert.deepEqual(await editor.request('textDocument/documentSymbol', {}), []);
  for (const method of ['exports', 'moduleSummary', 'print']) {
    await assert.rejects(editor.request(`wasmscope/${method}`, {}), /needs a uri/);
  }
  await assert.rejects(editor.request('wasmscope/nothing', {}), /Unhandled method/);
  await editor.connection.sendNotification('textDocument/didChange', { textDocument: {}, contentChanges: 1 });
  const document = await editor.open('(module (func (call $x)))', 'alive.wat');
  assert.equal((await editor.pull(document)).length, 1);
});
