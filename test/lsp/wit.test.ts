/** WIT documents at the server: each question has its answer, and what is WAT's alone has none. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CompletionList,
  DocumentSymbol,
  Hover,
  Location,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Editor, PULLS } from './harness.ts';

const TYPES = 'package a:b;\n\ninterface types {\n  /// A number.\n  type id = u32;\n}\n';
const WORLD = 'world w {\n  use types.{id};\n  import f: func(x:id);\n}\n';

test('a server answers about WIT', async (t) => {
  const editor = await Editor.start(PULLS, t);
  await editor.open(TYPES, 'types.wit');
  const world = await editor.open(WORLD, 'world.wit');
  const { uri } = world;
  const at = world.positionAt(WORLD.indexOf('x:id') + 2);
  assert.deepEqual(await editor.pull(world), []);

  const hover = await editor.at<Hover>('hover', world, at);
  assert.match(JSON.stringify(hover.contents), /type id = u32;.*A number\./);
  const definition = await editor.at<Location>('definition', world, at);
  assert.match(definition.uri, /types\.wit$/);
  const references = await editor.at<Location[]>('references', world, at, {
    context: { includeDeclaration: true },
  });
  assert.equal(references.length, 3);
  assert.equal((await editor.at<unknown[]>('documentHighlight', world, at)).length, 2);
  const completion = await editor.at<CompletionList>('completion', world, at);
  assert.equal(completion.items[0].label, 'id');
  const edit = await editor.at<WorkspaceEdit>('rename', world, at, { newName: 'number' });
  assert.equal(Object.keys(edit.changes ?? {}).length, 2);
  await assert.rejects(editor.at('rename', world, at, { newName: 'a b' }), /kebab/);
  assert.ok(await editor.at('prepareRename', world, at));

  const of = <R>(method: string, more: object = {}) =>
    editor.request<R>(`textDocument/${method}`, { textDocument: { uri }, ...more });
  const options = { tabSize: 4, insertSpaces: true };
  const edits = await of<TextEdit[]>('formatting', { options });
  assert.match(TextDocument.applyEdits(world, edits), /^ {4}import f: func\(x: id\);$/m);
  const range = { start: { line: 2, character: 0 }, end: { line: 3, character: 0 } };
  assert.ok((await of<TextEdit[]>('rangeFormatting', { options, range })).length < edits.length);
  assert.ok((await of<TextEdit[]>('rangesFormatting', { options, ranges: [range] })).length > 0);
  assert.deepEqual(
    (await of<DocumentSymbol[]>('documentSymbol')).map(({ name }) => name),
    ['w'],
  );
  assert.equal((await of<unknown[]>('foldingRange')).length, 1);
  const tokens = await of<{ data: number[]; resultId: string }>('semanticTokens/full');
  assert.equal(tokens.data.length, 30);
  const ofRange = await of<{ data: number[] }>('semanticTokens/range', { range });
  assert.equal(ofRange.data.length, 15);

  // What is asked about modules has no answer here.
  const everywhere = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
  assert.deepEqual((await of<unknown[] | null>('inlayHint', { range: everywhere })) ?? [], []);
  assert.deepEqual((await of<unknown[] | null>('codeLens')) ?? [], []);
  const context = { diagnostics: [] };
  assert.deepEqual((await of<unknown[] | null>('codeAction', { range: everywhere, context })) ?? [], []);
  assert.equal(await of('selectionRange', { positions: [at] }), null);
  assert.deepEqual(await editor.request('workspace/symbol', { query: 'f' }), []);

  await editor.edit(uri, [0, 0, 'x']);
  assert.match(String((await editor.pull(world))[0].message), /^expected `world`/);
  const delta = await of<object>('semanticTokens/full/delta', { previousResultId: tokens.resultId });
  assert.ok('edits' in delta || 'data' in delta);
  await editor.close(world);
  assert.equal(await editor.at('hover', world, at), null);
});

test('a server tells a client that does not ask', async (t) => {
  const editor = await Editor.start({}, t);
  const document = await editor.open('interface i { f: func(x: t); }', 'a.wit');
  const told = await editor.diagnosticsOf(document);
  assert.deepEqual(
    told.map(({ message, code }) => [message, code]),
    [['type `t` does not exist in this interface', 'type']],
  );
});
