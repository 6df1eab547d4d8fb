/**
 * Clients of other kinds: one that refuses what it is asked, one that can do nothing beyond the protocol's first version.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  ClientCapabilities,
  CodeAction,
  CodeLens,
  CompletionItem,
  CompletionList,
  DocumentSymbol,
} from 'vscode-languageserver';
import { Editor } from './harness.ts';

/** The harness answers none of these. */
const REFUSES: ClientCapabilities = {
  workspace: {
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: true },
    codeLens: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
    diagnostics: { refreshSupport: true },
  },
  textDocument: { diagnostic: {} },
};

test('a client that refuses what it said it can do is served all the same', async (t) => {
  const editor = await Editor.start(REFUSES, t);
  const document = await editor.open('(module (func call $x))');
  const codes = async () => (await editor.pull(document)).map(({ code }) => code);
  assert.deepEqual(await codes(), ['unknown-function']);
  await editor.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  assert.deepEqual(await codes(), ['unknown-function']);
  assert.deepEqual(
    editor.log.filter((line) => !/^(asking|refreshing|Registering) .* failed/.test(line)),
    [],
  );
});

test('a client without any capabilities: plain texts, whole edits, settings by notification', async (t) => {
  const editor = await Editor.start({}, t, {});
  assert.equal(editor.capabilities.codeActionProvider instanceof Object, true);
  assert.equal(editor.capabilities.renameProvider, true);
  const document = await editor.open('(module (func $f (param $n i32)\n  (drop (i32.add))\n  local.g))');
  const textDocument = { uri: document.uri };
  const found = await editor.diagnosticsOf(document);
  assert.ok(found.some(({ code }) => code === 'unknown-operator'));
  const list = await editor.at<CompletionList | CompletionItem[]>('completion', document, {
    line: 2,
    character: 9,
  });
  const items = Array.isArray(list) ? list : list.items;
  assert.ok(items.some(({ label }) => label === 'local.get'));
  assert.ok(items.every(({ insertTextFormat, textEdit }) => insertTextFormat !== 2 && textEdit));
  const [actions, symbols] = await Promise.all([
    editor.request<CodeAction[]>('textDocument/codeAction', {
      textDocument,
      range: { start: { line: 2, character: 4 }, end: { line: 2, character: 4 } },
      context: { diagnostics: [] },
    }),
    editor.request<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument }),
  ]);
  assert.ok(actions.length > 0 && actions.every(({ edit, data }) => edit && data === undefined));
  assert.ok(symbols.length > 0);
  // Nothing to run or show: texts alone.
  const [lens] = await editor.request<CodeLens[]>('textDocument/codeLens', { textDocument });
  assert.equal((await editor.request<CodeLens>('codeLens/resolve', lens)).command?.command, '');
  assert.deepEqual(editor.log, []);
});
