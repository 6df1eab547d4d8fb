/**
 * Completion, signature help, semantic tokens, inlay hints, lenses and inline values over the wire: capabilities,
 * what is worked out only on resolve, settings, and documents of scripts and of large texts.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type {
  ClientCapabilities,
  CodeLens,
  CompletionItem,
  CompletionList,
  InlayHint,
  InlayHintLabelPart,
  InlineValueEvaluatableExpression,
  SemanticTokens,
  SemanticTokensDelta,
  SignatureHelp,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { Editor, marked, PULLS } from './harness.ts';

const CAPABILITIES: ClientCapabilities = {
  ...PULLS,
  textDocument: {
    ...PULLS.textDocument,
    completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
    signatureHelp: { signatureInformation: { parameterInformation: { labelOffsetSupport: true } } },
  },
};
const TEXT = `(module
  ;; Adds.
  (func $add (export "add") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b)))
  (func $twice (param $n i32) (result i32)
    local.get $n
    local.get $n
    call 0))
`;

let editor: Editor;
let document: TextDocument;
before(async () => {
  editor = await Editor.start(CAPABILITIES);
  document = await editor.open(TEXT);
});
after(() => editor?.stop());

const whole = (of: TextDocument) => ({
  textDocument: { uri: of.uri },
  range: { start: { line: 0, character: 0 }, end: of.positionAt(of.getText().length) },
});

test('capabilities name what is offered', () => {
  const { capabilities } = editor;
  assert.equal(capabilities.completionProvider?.resolveProvider, true);
  assert.ok(capabilities.completionProvider?.triggerCharacters?.includes('$'));
  assert.ok(capabilities.signatureHelpProvider);
  assert.deepEqual(capabilities.semanticTokensProvider?.full, { delta: true });
  assert.equal(capabilities.codeLensProvider?.resolveProvider, true);
  assert.equal(capabilities.inlineValueProvider, true);
});

test('a suggestion is documented when it is looked at', async () => {
  const at = document.positionAt(TEXT.indexOf('call 0') + 'call '.length);
  const { items } = await editor.at<CompletionList>('completion', document, at);
  const item = items.find(({ label }) => label === '$add')!;
  assert.equal(item.documentation, undefined);
  const seen = await editor.request<CompletionItem>('completionItem/resolve', item);
  const documentation = seen.documentation as { kind: string; value: string };
  assert.equal(documentation.kind, 'markdown');
  assert.match(documentation.value, /\(func \$add .*\nAdds\./s);
  const list = await editor.at<CompletionList>(
    'completion',
    document,
    document.positionAt(TEXT.indexOf('call 0')),
  );
  const instr = list.items.find(({ label }) => label === 'i32.add')!;
  const doc = await editor.request<CompletionItem>('completionItem/resolve', instr);
  assert.match((doc.documentation as { value: string }).value, /0x6a/);
});

test('an accepted suggestion makes the text that it says', async () => {
  const { text, places } = marked('(module (func (param $number i32) local.get $nu¦m drop))');
  const other = await editor.open(text, 'accept.wat');
  const list = await editor.at<CompletionList>('completion', other, other.positionAt(places[0]));
  const edit = list.items[0].textEdit!;
  assert.ok('range' in edit);
  const [start, end] = [other.offsetAt(edit.range.start), other.offsetAt(edit.range.end)];
  const changed = await editor.edit(other.uri, [start, end, edit.newText]);
  assert.equal(changed.getText(), '(module (func (param $number i32) local.get $number drop))');
  assert.deepEqual(await editor.pull(changed), []);
  await editor.close(other);
});

test('signature help of a flat call', async () => {
  const at = document.positionAt(TEXT.indexOf('call 0') + 'call 0'.length);
  const help = await editor.at<SignatureHelp>('signatureHelp', document, at);
  assert.equal(help.signatures[0].label, 'call 0 (param $a i32) (param $b i32) (result i32)');
  assert.deepEqual(help.signatures[0].parameters![0].label, [7, 21]);
});

test('tokens: whole, in part, and what an edit changed', async () => {
  const open = await editor.open(TEXT, 'tokens.wat');
  const all = await editor.request<SemanticTokens>('textDocument/semanticTokens/full', whole(open));
  const range = await editor.request<SemanticTokens>('textDocument/semanticTokens/range', whole(open));
  assert.deepEqual(range.data, all.data);
  const edited = await editor.edit(open.uri, [
    TEXT.indexOf('call 0'),
    TEXT.indexOf('call 0') + 6,
    'call $add',
  ]);
  const { edits = [], resultId } = await editor.request<SemanticTokensDelta>(
    'textDocument/semanticTokens/full/delta',
    { textDocument: { uri: open.uri }, previousResultId: all.resultId },
  );
  const data = [...all.data];
  for (const { start, deleteCount, data: added = [] } of edits) data.splice(start, deleteCount, ...added);
  const fresh = await editor.request<SemanticTokens>('textDocument/semanticTokens/full', whole(edited));
  assert.deepEqual(data, fresh.data);
  assert.ok(edits[0].data!.length < all.data.length);
  const stale = await editor.request<SemanticTokens>('textDocument/semanticTokens/full/delta', {
    textDocument: { uri: open.uri },
    previousResultId: resultId,
  });
  assert.ok(stale.data, 'told against an answer that is not the last one: everything');
  await editor.close(edited);
});

test('a large text is coloured by ranges only', async () => {
  const filler = `${';'.repeat(999)}\n`.repeat(1001);
  const large = await editor.open(`${filler}(module (func $f call $f))`, 'large.wat');
  assert.equal(await editor.request('textDocument/semanticTokens/full', whole(large)), null);
  const { data } = await editor.request<SemanticTokens>('textDocument/semanticTokens/range', whole(large));
  assert.equal(data.length, 10);
  await editor.close(large);
});

test('hints are told more when they are looked at', async () => {
  const hints = await editor.request<InlayHint[]>('textDocument/inlayHint', whole(document));
  const texts = hints.map(({ label }) => (label as InlayHintLabelPart[])[0].value);
  assert.deepEqual(texts, ['$add', '→ i32']);
  assert.equal(hints[0].tooltip, undefined);
  const seen = await editor.request<InlayHint>('inlayHint/resolve', hints[0]);
  assert.match((seen.tooltip as { value: string }).value, /Adds\./);
  assert.equal((seen.label as InlayHintLabelPart[])[0].location?.range.start.line, 2);
});

test('settings choose the hints', async (t) => {
  const other = await Editor.start(CAPABILITIES, t);
  await other.connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { wasmscope: { inlayHints: { names: false, types: false, localTypes: true } } },
  });
  const open = await other.open(TEXT);
  const hints = await other.request<InlayHint[]>('textDocument/inlayHint', whole(open));
  assert.equal(hints.length, 4);
  for (const { label } of hints) assert.equal((label as InlayHintLabelPart[])[0].value, '→ i32');
});

test('lenses are counted when they are seen; without commands of the client they are texts', async () => {
  const lenses = await editor.request<CodeLens[]>('textDocument/codeLens', whole(document));
  assert.deepEqual(
    lenses.map(({ command }) => command),
    [undefined, undefined],
  );
  const seen = await editor.request<CodeLens>('codeLens/resolve', lenses[0]);
  assert.deepEqual(seen.command, { title: '1 reference', command: '' });
});

test('values beside the lines of the stopped function', async () => {
  const line = document.positionAt(TEXT.indexOf('call 0')).line;
  const stoppedLocation = { start: { line, character: 4 }, end: { line, character: 10 } };
  const values = await editor.request<InlineValueEvaluatableExpression[]>('textDocument/inlineValue', {
    ...whole(document),
    context: { frameId: 1, stoppedLocation },
  });
  assert.deepEqual(
    values.map(({ expression, range }) => [range.start.line, expression]),
    [
      [4, '$n'],
      [5, '$n'],
      [6, '$n'],
      [7, 'next'],
    ],
  );
});
