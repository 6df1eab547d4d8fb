/**
 * Documents of a binary's functions: names and indices in them lead to other documents, say what they are, and are no
 * errors.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  Hover,
  Location,
  Range,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { Editor, PULLS } from './harness.ts';

const WRITE = '_ZN4core3fmt5write17h0123456789abcdefE';

const TEXT = `(module
  (type $pair (struct (field $left i32) (field $right (mut i64))))
  (type $unary (func (param i32) (result i32)))
  (import "env" "log" (func $log (param i32)))
  (table $jobs 4 funcref)
  (memory 1)
  (memory $second 1)
  (global $count (export "count") (mut i32) (i32.const 7))
  (global i64 (i64.const 1))
  (tag $oops (param i32))
  (elem $list func $twice 4)
  (data $text "hello")
  (func $twice (type $unary) (param $x i32) (result i32)
    (local $y i32)
    (block $out
      (br_if $out (local.get $x)))
    (call $log (global.get $count))
    (drop (global.get 1))
    (call_indirect $jobs (type $unary) (i32.const 1) (i32.const 2))
    (drop (i32.load $second (local.get $y)))
    (call $${WRITE})
    (call 3)
    (drop (struct.get $pair $right (ref.null $pair)))
    (drop (ref.func 4))
    (data.drop $text)
    (return_call $twice (i32.const 1)))
  (func $${WRITE} (throw $oops (i32.const 1)))
  (func (export "run") (call $twice (i32.const 1)) drop)
  (func (call $twice (i32.const 2)) drop)
  (start 3))
`;

/** Only the editor can read it. */
const PROGRAM = 'memfs:/project/m.wasm';
const bytes = assemble(parseTree(TEXT)).bytes;

let editor: Editor;
before(async () => {
  editor = await Editor.start({ ...PULLS, workspace: { textDocumentContent: {} } });
  editor.files.set(PROGRAM, bytes);
});
after(() => editor?.stop());

const uriOf = (document: string, how = '') =>
  `wasmscope:/project/m.wasm/${document}?${encodeURIComponent(`${how && `${how}&`}uri=${encodeURIComponent(PROGRAM)}`)}`;

/** Opens a document as VS Code does, with the text that the server prints. */
async function open(uri: string): Promise<TextDocument> {
  const { text } = await editor.request<{ text: string }>('wasmscope/print', { uri });
  return editor.open(text, uri);
}

/** What is defined where: `document: text of the line`, with the range in marks. */
async function shown({ uri, range }: Location): Promise<string> {
  const { text } = await editor.request<{ text: string }>('wasmscope/print', { uri });
  const document = TextDocument.create(uri, 'wat', 0, text);
  const line = text.split('\n')[range.start.line];
  const [from, to] = [range.start.character, range.end.character];
  assert.equal(range.start.line, range.end.line);
  assert.equal(document.offsetAt(range.end) - document.offsetAt(range.start), to - from);
  const name = /\/([^/]*)\.wat/.exec(uri)?.[1];
  return `${name}: ${line.slice(0, from)}«${line.slice(from, to)}»${line.slice(to)}`.replace(/ +/g, ' ');
}

/** Document, a piece of its text (`¦` is the place), and where what stands there is defined. */
const DEFINITIONS: [document: string, at: string, where: string][] = [
  ['func-1-twice', 'call $¦log', 'fields: (import "env" "log" (func «$log» (;0;) (type 2) (param i32)))'],
  ['func-1-twice', 'global.get $cou¦nt', 'fields: (global «$count» (;0;) (mut i32) (i32.const 7))'],
  ['func-1-twice', 'global.get ¦1', 'fields: («global» (;1;) i64 (i64.const 1))'],
  ['func-1-twice', '(type $un¦ary)', 'fields: (type «$unary» (;1;) (func (param i32) (result i32)))'],
  ['func-1-twice', 'i32.load $sec¦ond', 'fields: (memory «$second» (;1;) 1)'],
  [
    'func-1-twice',
    'call $core::f¦mt::write',
    'func-2-core_fmt_write: (func «$core::fmt::write» (;2;) (type 3)',
  ],
  ['func-1-twice', 'call $r¦un', 'func-3-run: (func «$run» (;3;) (type 3)'],
  [
    'func-1-twice',
    'struct.get $pa¦ir',
    'fields: (type «$pair» (;0;) (struct (field $left i32) (field $right (mut i64))))',
  ],
  [
    'func-1-twice',
    '$pair $ri¦ght',
    'fields: (type $pair (;0;) (struct (field $left i32) (field «$right» (mut i64))))',
  ],
  ['func-1-twice', 'ref.func ¦4', 'func-4: («func» (;4;) (type 3)'],
  ['func-1-twice', 'data.drop $te¦xt', 'fields: (data «$text» (;0;) "hello"))'],
  [
    'func-1-twice',
    'return_call $tw¦ice',
    'func-1-twice: (func «$twice» (;1;) (type $unary) (param $x i32) (result i32)',
  ],
  [
    'func-1-twice',
    '(func $tw¦ice',
    'func-1-twice: (func «$twice» (;1;) (type $unary) (param $x i32) (result i32)',
  ],
  [
    'func-1-twice',
    'local.get ¦$x',
    'func-1-twice: (func $twice (;1;) (type $unary) (param «$x» i32) (result i32)',
  ],
  ['func-1-twice', 'br_if $o¦ut', 'func-1-twice: block «$out»'],
  ['func-2', 'throw $oo¦ps', 'fields: (tag «$oops» (;0;) (type 2) (param i32))'],
  ['fields', '(start $¦run)', 'func-3-run: (func «$run» (;3;) (type 3)'],
  [
    'fields',
    'func $tw¦ice 4)',
    'func-1-twice: (func «$twice» (;1;) (type $unary) (param $x i32) (result i32)',
  ],
  ['fields', 'func $twice ¦4)', 'func-4: («func» (;4;) (type 3)'],
  ['fields', '(global $co¦unt)', 'fields: (global «$count» (;0;) (mut i32) (i32.const 7))'],
];

for (const how of ['', 'folded', 'folded.offsets', 'mangled']) {
  test(`definitions across documents, ${how || 'flat'}`, async () => {
    for (const [name, at, where] of DEFINITIONS) {
      const folded = how.startsWith('folded');
      if ((folded && at.startsWith('(type')) || (how !== '' && /write|struct|\$pair/.test(at))) continue;
      const document = await open(uriOf(`${name}.wat`, how));
      const text = document.getText();
      const found = text.indexOf(at.replace('¦', ''));
      assert.ok(found >= 0, `${at} in\n${text}`);
      const position = document.positionAt(found + at.indexOf('¦'));
      const location = await editor.at<Location | null>('definition', document, position);
      assert.ok(location, `${name}: ${at}`);
      assert.ok(location.uri === document.uri || location.uri.includes(how), location.uri);
      const there = (await shown(location)).replace(/\(;0x[\da-f]+;\) /, '').replace('(block', 'block');
      assert.equal(there, where, at);
      await editor.close(document);
    }
  });
}

/** A piece of function 1's text and what a hover there says, all of it. */
const HOVERS: [at: string, text: string[]][] = [
  ['call $¦log', ['(func $log (type 2) (param i32))', 'function 0', 'imported from "env" "log"']],
  ['call $core::f¦mt::write', ['(func $core::fmt::write (type 3))', 'function 2', 'core::fmt::write', WRITE]],
  ['call $r¦un', ['(func $run (type 3))', 'function 3', 'exported as "run"', '[] -> []']],
  ['global.get $co¦unt', ['(global $count (mut i32) (i32.const 7))', 'global 0', 'exported as "count"']],
  ['$pair $ri¦ght', ['(field $right (mut i64))']],
  ['local.get ¦$x', ['(param $x i32)']],
  [
    '¦i32.load',
    [
      '[i32 i32] → [i32 i32]',
      'Bytes at 0x',
      ': 28 opcode, 42 alignment 66 (0x42), 01 memory index 1, 00 offset 0',
    ],
  ],
  ['call_in¦direct', ['call_indirect']],
];

test('hovers say what is defined elsewhere, and what is on the stack', async () => {
  const document = await open(uriOf('func-1-twice.wat'));
  for (const [at, texts] of HOVERS) {
    const found = document.getText().indexOf(at.replace('¦', ''));
    assert.ok(found >= 0, at);
    const position = document.positionAt(found + at.indexOf('¦'));
    const answer = await editor.at<Hover | null>('hover', document, position);
    const value = String((answer?.contents as { value?: string })?.value)
      .replaceAll('`', '')
      .replaceAll('\\', '');
    for (const text of texts) assert.ok(value.includes(text), `${at}: ${text} in\n${value}`);
  }
  await editor.close(document);
});

test('the outline of a function without a name says its index in the module', async () => {
  const document = await open(uriOf('func-4.wat'));
  const textDocument = { uri: document.uri };
  const symbols = await editor.request<{ name: string }[]>('textDocument/documentSymbol', { textDocument });
  assert.deepEqual(
    symbols.map(({ name }) => name),
    ['func 4'],
  );
  await editor.close(document);
});

test('no errors in documents of parts and of the whole', async () => {
  for (const name of ['func-1-twice', 'func-4', 'fields', 'module']) {
    const document = await open(uriOf(`${name}.wat`));
    assert.deepEqual(await editor.pull(document), [], name);
    await editor.close(document);
  }
});

test('a module that was built anew, one that is gone, and a text that is another one', async () => {
  const program = 'memfs:/project/again.wasm';
  const uri = `wasmscope:/project/again.wasm/func-1.wat?${encodeURIComponent(`uri=${encodeURIComponent(program)}`)}`;
  const module = (text: string) => assemble(parseTree(text)).bytes;
  editor.files.set(program, module('(module (func $a) (func $b call $a))'));
  const document = await open(uri);
  assert.match(document.getText(), /call \$a/);
  const place = document.positionAt(document.getText().indexOf('$a'));
  assert.equal((await editor.at<Location>('definition', document, place)).range.start.line, 0);
  editor.files.delete(program);
  // What was read a moment ago still counts.
  while ((await editor.at('definition', document, place)) !== null) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  editor.files.set(program, module('(module (func) (func) (func $a) (func $b call $a))'));
  const { uri: found } = await editor.at<Location>('definition', document, place);
  assert.match(found, /func-2-a\.wat/);
  await editor.close(document);
});

test('a client of LSP 3.18 gets the texts by their URIs', async () => {
  assert.deepEqual(editor.capabilities.workspace?.textDocumentContent, { schemes: ['wasmscope'] });
  const uri = uriOf('fields.wat');
  const content = await editor.request<{ text: string }>('workspace/textDocumentContent', { uri });
  assert.deepEqual(content, await editor.request('wasmscope/print', { uri }));
  assert.match(content.text, /^\(module\n {2}\(type \$pair/);
  await assert.rejects(
    editor.request('workspace/textDocumentContent', { uri: uriOf('func-0.wat') }),
    /function 0 is imported: it has no code/,
  );
});

/** Document, a place in it, and all uses of what stands there: `document: text`. */
const REFERENCES: [document: string, at: string, uses: string[]][] = [
  [
    'func-1-twice',
    '(func $tw¦ice',
    [
      'func-1-twice: $twice',
      'fields: $twice',
      'func-1-twice: return_call $twice',
      'func-3-run: call $twice',
      'func-4: call $twice',
    ],
  ],
  [
    'func-4',
    'call $tw¦ice',
    [
      'func-1-twice: $twice',
      'fields: $twice',
      'func-1-twice: return_call $twice',
      'func-3-run: call $twice',
      'func-4: call $twice',
    ],
  ],
  ['fields', 'global $cou¦nt', ['fields: $count', 'fields: $count', 'func-1-twice: global.get $count']],
  ['fields', 'memory $sec¦ond', ['fields: $second', 'func-1-twice: i32.load $second']],
  ['fields', 'tag $o¦ops', ['fields: $oops', 'func-2-core_fmt_write: throw $oops']],
  ['fields', 'data $te¦xt', ['fields: $text', 'func-1-twice: data.drop $text']],
  ['func-1-twice', 'local.get $¦y', ['func-1-twice: $y', 'func-1-twice: $y']],
];

test('references are looked for in the whole module', async () => {
  for (const [name, at, uses] of REFERENCES) {
    const document = await open(uriOf(`${name}.wat`));
    const found = document.getText().indexOf(at.replace('¦', ''));
    const position = document.positionAt(found + at.indexOf('¦'));
    const locations = await editor.at<Location[]>('references', document, position, {
      context: { includeDeclaration: true },
    });
    const texts = await Promise.all(
      locations.map(async ({ uri, range }) => {
        const { text } = await editor.request<{ text: string }>('wasmscope/print', { uri });
        return `${/\/([^/]*)\.wat/.exec(uri)?.[1]}: ${TextDocument.create(uri, 'wat', 0, text).getText(range)}`;
      }),
    );
    assert.deepEqual(texts, uses, at);
    await editor.close(document);
  }
});

test('names that are written in quotes', async () => {
  const program = 'memfs:/project/cpp.wasm';
  const created = '_Znwm';
  editor.files.set(
    program,
    assemble(
      parseTree(
        `(module (func $${created} (param i32 i32)) (func $main (call $${created} (i32.const 1) (i32.const 2))))`,
      ),
    ).bytes,
  );
  const document = await open(
    `wasmscope:/project/cpp.wasm/func-1-main.wat?${encodeURIComponent(`uri=${encodeURIComponent(program)}`)}`,
  );
  const [, id] = /call (\$".*?")/.exec(document.getText())!;
  assert.equal(id, '$"operator new"');
  const place = document.positionAt(document.getText().indexOf(id) + 5);
  const { uri } = await editor.at<Location>('definition', document, place);
  assert.match(uri, /\/func-0-operator_new\.wat/);
  const answer = await editor.at<Hover>('hover', document, place);
  const { value } = answer.contents as { value: string };
  assert.match(value, /operator new\(unsigned long\)/);
  assert.ok(value.replaceAll('\\', '').includes(created), value);
  await editor.close(document);
});

test('a list of functions', async () => {
  const { functions } = await editor.request<{ functions: Record<string, unknown>[] }>(
    'wasmscope/functions',
    {
      uri: PROGRAM,
      written: 'folded',
    },
  );
  assert.deepEqual(
    functions.map(({ idx, name, detail }) => [idx, name, detail]),
    [
      [1, 'twice', '(param i32) (result i32)'],
      [2, 'core::fmt::write', ''],
      [3, 'run', ''],
      [4, undefined, ''],
    ],
  );
  assert.deepEqual([functions[1].linked, functions[1].full], [WRITE, 'core::fmt::write']);
  assert.equal(functions[3].uri, uriOf('func-4.wat', 'folded'));
});

test('functions of binaries that were looked at are symbols of the workspace', async () => {
  await editor.request('wasmscope/functions', { uri: PROGRAM });
  const symbols = await editor.request<{ name: string; location: Location }[]>('workspace/symbol', {
    query: 'FMTW',
  });
  assert.deepEqual(
    symbols.map(({ name, location }) => [name, location.uri]),
    [['core::fmt::write', uriOf('func-2-core_fmt_write.wat')]],
  );
});

/** Method, document, a piece of its text, and what is found where: `document: text`. */
const ELSEWHERE: [method: string, document: string, at: string, where: string][] = [
  ['declaration', 'func-1-twice', 'call $¦log', 'fields: $log'],
  ['declaration', 'func-1-twice', 'call $r¦un', 'func-3-run: $run'],
  ['typeDefinition', 'func-1-twice', 'local.get ¦$x', ''],
  ['typeDefinition', 'func-1-twice', '(func $tw¦ice', 'fields: $unary'],
  ['implementation', 'func-1-twice', '(type $un¦ary)', 'func-1-twice: $twice'],
];

test('declarations, types and implementations in other documents', async () => {
  for (const [method, name, at, where] of ELSEWHERE) {
    const document = await open(uriOf(`${name}.wat`));
    const found = document.getText().indexOf(at.replace('¦', ''));
    const position = document.positionAt(found + at.indexOf('¦'));
    const [location] = (await editor.at<Location[] | null>(method, document, position)) ?? [];
    assert.equal(location ? (await shown(location)).replace(/^(.*: ).*«(.*)».*$/, '$1$2') : '', where, at);
    await editor.close(document);
  }
});

test('call hierarchy in the whole module, from documents that are not open', async () => {
  const document = await open(uriOf('func-4.wat'));
  const place = document.positionAt(document.getText().indexOf('$twice') + 1);
  const [item] = await editor.at<CallHierarchyItem[]>('prepareCallHierarchy', document, place);
  await editor.close(document);
  assert.equal(item.uri, uriOf('func-1-twice.wat'));
  const textOf = async (uri: string) => {
    const { text } = await editor.request<{ text: string }>('wasmscope/print', { uri });
    return TextDocument.create(uri, 'wat', 0, text);
  };
  const told = async (called: CallHierarchyItem, inside: string, ranges: readonly Range[]) => {
    const text = await textOf(inside);
    const kind = /indirect/.test(called.detail ?? '') ? ' (possible)' : '';
    return `${called.name}${kind}: ${ranges.map((range) => text.getText(range).split(' ')[0])}`;
  };
  const incoming = await editor.request<CallHierarchyIncomingCall[]>('callHierarchy/incomingCalls', { item });
  assert.deepEqual(
    await Promise.all(incoming.map(({ from, fromRanges }) => told(from, from.uri, fromRanges))),
    ['$twice: return_call', '$run: call', 'func 4: call', '$twice (possible): call_indirect'],
  );
  const outgoing = await editor.request<CallHierarchyOutgoingCall[]>('callHierarchy/outgoingCalls', { item });
  assert.deepEqual(await Promise.all(outgoing.map(({ to, fromRanges }) => told(to, item.uri, fromRanges))), [
    '$log: call',
    '$core::fmt::write: call',
    '$run: call',
    '$twice: return_call',
    '$twice (possible): call_indirect',
  ]);
  const log = outgoing[0].to;
  assert.equal(log.detail, 'import "env" "log"');
  const callers = await editor.request<CallHierarchyIncomingCall[]>('callHierarchy/incomingCalls', {
    item: log,
  });
  assert.deepEqual(
    callers.map(({ from }) => from.name),
    ['$twice'],
  );
});

/** What is asked about every document, for features that stand on the text alone. */
const REQUESTS: [method: string, more?: object][] = [
  ['documentSymbol'],
  ['foldingRange'],
  ['semanticTokens/full'],
  ['codeLens'],
  ['inlayHint', { range: { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } } }],
  [
    'codeAction',
    {
      range: { start: { line: 1, character: 2 }, end: { line: 1, character: 9 } },
      context: { diagnostics: [] },
    },
  ],
  ['selectionRange', { positions: [{ line: 1, character: 4 }] }],
  ['documentHighlight', { position: { line: 2, character: 4 } }],
  ['signatureHelp', { position: { line: 4, character: 12 } }],
  ['prepareCallHierarchy', { position: { line: 0, character: 8 } }],
  ['typeDefinition', { position: { line: 0, character: 8 } }],
  ['declaration', { position: { line: 0, character: 8 } }],
];

test('every other question about a part is answered without a fault', async () => {
  for (const name of ['func-1-twice', 'func-4', 'fields']) {
    const document = await open(uriOf(`${name}.wat`));
    for (const [method, more = {}] of REQUESTS) {
      await editor.request(`textDocument/${method}`, { textDocument: { uri: document.uri }, ...more });
    }
    await editor.close(document);
  }
  assert.deepEqual(editor.log, []);
});
