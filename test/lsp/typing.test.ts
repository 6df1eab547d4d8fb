/**
 * Typing: incremental edits, pushed against pulled diagnostics, versions, and the incremental state against a fresh one.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { type DocumentDiagnosticReport, LSPErrorCodes } from 'vscode-languageserver';
import { Editor, PULLS, PUSHED } from './harness.ts';

const TEXT =
  '(module\n  (func $f (param $n i32) (result i32)\n    (i32.add (local.get $n) (i32.const 1))))\n';

test('a client that cannot pull is pushed to: an error appears with an edit and goes with the next', async (t) => {
  const editor = await Editor.start(PUSHED, t);
  assert.equal(editor.capabilities.diagnosticProvider, undefined);
  const { uri } = await editor.open(TEXT);
  const at = TEXT.indexOf('$n)');
  assert.deepEqual(await editor.diagnosticsOf(await editor.edit(uri, [0, 0, ';; a comment\n'])), []);
  const shifted = at + ';; a comment\n'.length;
  const wrong = await editor.edit(uri, [shifted, shifted + 2, '$m']);
  const found = await editor.diagnosticsOf(wrong);
  assert.deepEqual(
    found.map(({ message, range }) => [message, wrong.getText(range)]),
    [['unknown local $m\ndid you mean `$n`?', '$m']],
  );
  const right = await editor.edit(uri, [shifted, shifted + 2, '$n']);
  assert.deepEqual(await editor.diagnosticsOf(right), []);
  await editor.close(right);
  await editor.request('wasmscope/exports', { uri: 'file:///nothing.wat' }).catch(() => undefined);
  const last = editor.published.at(-1)!;
  assert.deepEqual(last.diagnostics, []);
  assert.equal(last.version, undefined);
  assert.equal(await editor.stop(), 0);
});

test('edits in a row are answered for the last version only, and versions never go back', async (t) => {
  const editor = await Editor.start(PUSHED, t);
  const { uri } = await editor.open('(module)');
  let document = await editor.edit(uri, [7, 7, ' (func '], [14, 14, 'call $x']);
  for (const char of ' i32.const 1 drop') {
    const end = document.getText().length - 1;
    document = await editor.edit(uri, [end, end, char]);
  }
  const found = await editor.diagnosticsOf(document);
  assert.ok(found.some(({ message }) => message === 'unknown function $x'));
  const versions = editor.published.map(({ version }) => version!);
  assert.deepEqual(
    versions,
    [...versions].sort((a, b) => a - b),
  );
  assert.equal(versions.at(-1), document.version);
});

test('a client that pulls is never pushed to', async (t) => {
  const editor = await Editor.start(PULLS, t);
  assert.equal(editor.capabilities.diagnosticProvider?.interFileDependencies, false);
  const document = await editor.open('(module (func (call $x)))');
  const pull = (previousResultId?: string) =>
    editor.request<DocumentDiagnosticReport>('textDocument/diagnostic', {
      textDocument: { uri: document.uri },
      previousResultId,
    });
  const first = await pull();
  assert.equal(first.kind === 'full' && first.items.length, 1);
  assert.equal((await pull(first.resultId)).kind, 'unchanged');
  const fixed = await editor.edit(document.uri, [15, 22, 'nop']);
  const second = await pull(first.resultId);
  assert.deepEqual(second.kind === 'full' && second.items, [], fixed.getText());
  await editor.close(document);
  assert.deepEqual(await editor.pull(document), []);
  const again = await editor.open('(module (func (call $y)))');
  assert.equal(again.version, 1);
  const third = await pull(second.resultId);
  assert.equal(third.kind === 'full' && third.items[0]?.message, 'unknown function $y');
  assert.deepEqual(editor.published, []);
});

test('what is known of an edited text is what is known of the same text opened anew', async (t) => {
  const editor = await Editor.start(PULLS, t);
  let seed = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const pieces = [
    '(',
    ')',
    '(func $f)',
    '$n',
    ' i32.add ',
    '\n',
    '"',
    ';;',
    '(;',
    ';)',
    '🙂',
    '\r\n',
    'local.get 0',
    '',
  ];
  const { uri } = await editor.open(TEXT, 'edited.wat');
  const outline = (of: string) =>
    editor.request('textDocument/documentSymbol', { textDocument: { uri: of } });
  for (let i = 0; i < 150; i++) {
    const edits = Array.from({ length: 1 + random(2) }, (): [number, number, string] => {
      const start = random(TEXT.length);
      return [start, start + random(6), pieces[random(pieces.length)]];
    });
    const document = await editor.edit(uri, ...edits);
    const fresh = await editor.open(document.getText(), 'fresh.wat');
    const what = `edit ${i}: ${JSON.stringify(document.getText())}`;
    const related = (json: unknown) => JSON.stringify(json).replaceAll(fresh.uri, uri);
    assert.equal(related(await editor.pull({ uri })), related(await editor.pull(fresh)), what);
    assert.deepEqual(await outline(uri), await outline(fresh.uri), what);
    await editor.close(fresh);
    if (document.getText().length > 2 * TEXT.length)
      await editor.edit(uri, [0, document.getText().length, TEXT]);
  }
  assert.deepEqual(editor.log, []);
});

/** A module that takes a while: many functions, each with a body. */
const LARGE = `(module\n${Array.from({ length: 4000 }, (_, i) => `  (func $f${i} (param $x i32) (result i32)\n    (i32.add (local.get $x) (i32.mul (local.get $x) (i32.const ${i}))))\n`).join('')})\n`;

test('of versions that follow each other quickly the last one is published last, and no version twice', async (t) => {
  const editor = await Editor.start(PUSHED, t);
  const { uri } = await editor.open(LARGE, 'large.wat');
  const at = LARGE.indexOf('i32.const 2000');
  let document = await editor.edit(uri, [at, at + 3, 'i64']);
  // Each edit comes before the one before it can be worked out.
  for (let i = 0; i < 6; i++) document = await editor.edit(uri, [8, 8, '(import "a" "b" (func))\n']);
  const found = await editor.diagnosticsOf(document);
  assert.ok(found.some(({ code }) => code === 'type-mismatch'));
  const versions = editor.published.map(({ version }) => version!);
  assert.deepEqual(
    versions,
    [...new Set(versions)].sort((a, b) => a - b),
  );
  assert.equal(versions.at(-1), document.version);
});

test('a question about a version that is edited meanwhile is answered, or ends with the error that says so', async (t) => {
  const editor = await Editor.start(PULLS, t);
  const { uri } = await editor.open(LARGE, 'large.wat');
  const asked = editor.request('textDocument/diagnostic', { textDocument: { uri } }).then(
    () => 'answered',
    ({ code }: { code: number }) => code,
  );
  await editor.edit(uri, [8, 8, '(import "a" "b" (func))\n']);
  const items = await editor.pull({ uri });
  assert.ok(['answered', LSPErrorCodes.ContentModified].includes(await asked));
  assert.ok(Array.isArray(items));
});

test('a cancelled question ends with the error that says so, and the next one is answered', async (t) => {
  const editor = await Editor.start(PULLS, t);
  const { uri } = await editor.open(LARGE, 'large.wat');
  const source = new CancellationTokenSource();
  const asked = editor.connection
    .sendRequest('textDocument/diagnostic', { textDocument: { uri } }, source.token)
    .then(
      () => 'answered',
      ({ code }: { code: number }) => code,
    );
  source.cancel();
  assert.equal(await asked, LSPErrorCodes.RequestCancelled);
  assert.ok(Array.isArray(await editor.pull({ uri })));
});

test('questions are answered while a text is worked out', async (t) => {
  const editor = await Editor.start(PULLS, t);
  const small = await editor.open('(module (func $f (call $f)))', 'small.wat');
  const { uri } = await editor.open(LARGE, 'large.wat');
  const order: string[] = [];
  const slow = editor.pull({ uri }).then(() => order.push('large'));
  const quick = editor.at('hover', small, { line: 0, character: 24 }).then(() => order.push('small'));
  await Promise.all([slow, quick]);
  assert.deepEqual(order, ['small', 'large']);
});
