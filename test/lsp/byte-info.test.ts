/**
 * The requests about bytes, over stdio: cards, fields of a range, the structure; files that are malformed or only the editor
 * has; bad requests.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { disassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
import {
  BYTE_TONES,
  type ByteInfoResult,
  type ByteLeavesResult,
  type ByteTreeResult,
} from '../../language-server/protocol.ts';
import { Editor, PULLS } from './harness.ts';

const FIB = new Uint8Array(readFileSync('examples/fib.wasm'));
const URI = 'memfs:/project/fib.wasm';
const BROKEN = 'memfs:/project/broken.wasm';
/** The call of fib, and its index. */
const CALL = 0x31;

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
  editor.files.set(URI, FIB);
  editor.files.set(
    BROKEN,
    Uint8Array.from(FIB, (byte, i) => (i === CALL ? 0xff : byte)),
  );
});
after(() => editor?.stop());

const infoOf = (uri: string, offset: number) =>
  editor.request<ByteInfoResult>('wasmscope/byteInfo', { uri, offset, wat: true });
/** The fields of a range, with their words. */
async function leavesOf(uri: string, from: number, to: number) {
  const { words, start, size, end, ...columns } = await editor.request<ByteLeavesResult>(
    'wasmscope/byteLeaves',
    { uri, start: from, end: to },
  );
  const { ends, kinds, labels, forms, roles, tones, sections, instructions, depths, faults } = columns;
  for (const column of Object.values(columns)) assert.equal(column.length, ends.length);
  const leaves = ends.map((behind, i) => ({
    start: i === 0 ? start : ends[i - 1],
    end: behind,
    kind: words[kinds[i]],
    label: words[labels[i]],
    form: words[forms[i]],
    role: words[roles[i]],
    tone: BYTE_TONES[tones[i]],
    section: words[sections[i]],
    instruction: words[instructions[i]],
    depth: depths[i],
    fault: words[faults[i]],
  }));
  return { size, end, leaves };
}
const treeOf = (uri: string, path?: number[]) =>
  editor.request<ByteTreeResult>('wasmscope/byteTree', { uri, path });

test('all about one byte', async () => {
  const { path, instruction, ...rest } = await infoOf(URI, CALL + 1);
  assert.deepEqual(
    path.map(({ title }) => title),
    ['module', 'code', 'func 0 $fib', 'call', 'function index'],
  );
  assert.deepEqual(rest, {
    offset: CALL + 1,
    treePath: [4, 3, 11, 1],
    start: CALL + 1,
    end: CALL + 2,
    kind: 'field',
    label: 'function index',
    form: 'u32',
    bytes: '00',
    value: '0',
    leb: {
      signed: false,
      needed: 1,
      groups: [{ offset: CALL + 1, byte: 0, bits: 0, shift: 0, more: false }],
    },
    meaning: ['$fib : (i32) → (i32), export "fib"'],
    clause: {
      title: 'call',
      url: 'https://webassembly.github.io/spec/core/exec/instructions.html#exec-call',
    },
    share: 1 / FIB.length,
    sectionShare: 32 / FIB.length,
  });
  const { sentence, ...facts } = instruction!;
  assert.match(sentence, /^Calls a function/);
  assert.deepEqual(facts, {
    name: 'call',
    start: CALL,
    end: CALL + 2,
    funcIdx: 0,
    type: '[t1*] -> [t2*]',
    traps: [],
    stack: { before: '[i32]', after: '[i32]', reachable: true },
    labels: ['out of the else at 0x2b', 'returns from the function'],
    wat: { line: 10, text: 'call $fib' },
  });
});

test('without the line of WAT', async () => {
  const { instruction } = await editor.request<ByteInfoResult>('wasmscope/byteInfo', {
    uri: URI,
    offset: CALL,
  });
  assert.equal(instruction!.wat, undefined);
  assert.ok(instruction!.stack);
});

test('the line of WAT is that of the disassembled document', async () => {
  const { instruction } = await infoOf(URI, CALL);
  const { text } = await editor.request<{ text: string }>('wasmscope/print', {
    uri: disassemblyUri(URI, 0, 'fib'),
  });
  assert.equal(text.split('\n')[instruction!.wat!.line].trim(), instruction!.wat!.text);
});

test('the fields of a range cover it', async () => {
  const { leaves, size, end } = await leavesOf(URI, 3, 0x26);
  assert.equal(size, FIB.length);
  assert.equal(end, 0x26);
  assert.ok(leaves[0].start <= 3 && leaves.at(-1)!.end >= 0x26);
  assert.deepEqual(leaves.at(-1), {
    start: 0x25,
    end: 0x26,
    kind: 'field',
    label: 'value',
    form: 's32',
    role: undefined,
    tone: 'number',
    section: 'code',
    instruction: 'i32.const',
    depth: 4,
    fault: undefined,
  });
  const [magic, ...more] = (await leavesOf(URI, 0, 4)).leaves;
  assert.deepEqual(
    [magic.start, magic.end, magic.label, magic.section, more],
    [0, 4, 'magic', undefined, []],
  );
  assert.deepEqual((await leavesOf(URI, 61, 1000)).leaves, []);
});

test('the structure, level by level', async () => {
  const { node, children } = await treeOf(URI);
  assert.equal(node.title, 'module');
  assert.deepEqual(
    children.map(({ title }) => title),
    ['header', 'type', 'function', 'export', 'code'],
  );
  const code = await treeOf(URI, [4]);
  assert.deepEqual(
    code.children.map(({ title, value, leaf }) => [title, value, leaf]),
    [
      ['section id', '0x0a', true],
      ['size', '30 (0x1e)', true],
      ['count', '1', true],
      ['func 0 $fib', undefined, false],
    ],
  );
  assert.equal((await treeOf(URI, [4, 3])).children.at(-1)!.title, 'end');
});

test('a malformed file: the fault at its byte, and what is before it', async () => {
  const { fault, kind, start } = await infoOf(BROKEN, CALL + 5);
  assert.deepEqual([kind, start], ['malformed', CALL]);
  assert.deepEqual(fault, { message: 'illegal opcode ff', offset: CALL, notes: [] });
  const { instruction } = await infoOf(BROKEN, CALL - 1);
  assert.equal(instruction!.name, 'i32.sub');
  assert.equal(instruction!.stack!.after, '[i32]');
  const { leaves } = await leavesOf(BROKEN, CALL, CALL + 1);
  assert.equal(leaves[0].fault, 'illegal opcode ff');
});

const BAD: readonly (readonly [what: string, method: string, params: unknown, error: RegExp])[] = [
  ['no file', 'byteInfo', {}, /names no file/],
  [
    'a byte behind the end',
    'byteInfo',
    { uri: URI, offset: 61 },
    /no byte at offset 61: the file has 61 bytes/,
  ],
  ['no offset', 'byteInfo', { uri: URI }, /no byte at offset undefined/],
  ['half a byte', 'byteInfo', { uri: URI, offset: 0.5 }, /no byte at offset 0.5/],
  [
    'a range that ends before it begins',
    'byteLeaves',
    { uri: URI, start: 5, end: 4 },
    /no range of bytes: 5 to 4/,
  ],
  ['no such node', 'byteTree', { uri: URI, path: [4, 99] }, /no node of the structure: 4\.99/],
  ['a file that is not there', 'byteInfo', { uri: 'memfs:/nowhere.wasm', offset: 0 }, /./],
];

for (const [what, method, params, error] of BAD) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(editor.request(`wasmscope/${method}`, params as object), error);
  });
}
