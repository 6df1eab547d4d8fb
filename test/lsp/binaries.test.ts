/**
 * Our own requests about programs: exported functions, summaries, text of binaries; files from disk and from the
 * editor.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { decode } from '../../engine/binary/decode.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { disassembleFunc, disassembleModule } from '../../engine/symbols/disassembly.ts';
import { parseTree } from '../../engine/text/tree.ts';
import type { ExportsResult, ModuleSummary } from '../../language-server/protocol.ts';
import { Editor, PULLS } from './harness.ts';

const FIB = new Uint8Array(readFileSync('examples/fib.wasm'));
/** A URI that only the editor can read. */
const VIRTUAL = 'memfs:/project/fib.wasm';

let editor: Editor;
let dir = '';
before(async () => {
  editor = await Editor.start(PULLS);
  editor.files.set(VIRTUAL, FIB);
  dir = mkdtempSync(path.join(tmpdir(), 'wasmscope lsp #'));
});
after(async () => {
  await editor?.stop();
  if (dir !== '') rmSync(dir, { recursive: true });
});

/** Writes a file; gives its URI. */
function file(name: string, content: string | Uint8Array): string {
  const full = path.join(dir, name);
  writeFileSync(full, content);
  return pathToFileURL(full).href;
}

const exportsOf = (uri: string) => editor.request<ExportsResult>('wasmscope/exports', { uri });
const summaryOf = (uri: string) => editor.request<ModuleSummary>('wasmscope/moduleSummary', { uri });
const textOf = async (uri: string) =>
  (await editor.request<{ text: string }>('wasmscope/print', { uri })).text;

test('exports of a binary on disk, and of one that only the editor can read', async () => {
  const expected = { functions: [{ name: 'fib', params: [{ type: 'i32' }], results: ['i32'] }] };
  assert.deepEqual(await exportsOf(file('fib.wasm', FIB)), expected);
  assert.deepEqual(await exportsOf(VIRTUAL), expected);
});

test('exports of a text: names of parameters, no memories, and each name of a function', async () => {
  const uri = file(
    'a b#%.wat',
    '(module (memory (export "m") 1) (func (export "f") (export "g\\n") (param $n i32) (param i64) (result f32) (f32.const 0)))',
  );
  const params = [{ type: 'i32', name: 'n' }, { type: 'i64' }];
  assert.deepEqual(await exportsOf(uri), {
    functions: [
      { name: 'f', params, results: ['f32'] },
      { name: 'g\n', params, results: ['f32'] },
    ],
  });
});

test('exports of components: what can be called with typed arguments, and nothing of commands', async () => {
  const text = `(component
    (import "f" (func $f (param "x" (list string)) (param "n" u8) (result (option bool))))
    (import "r" (type $r (sub resource)))
    (import "g" (func $g (param "h" (borrow $r))))
    (instance $i (export "f" (func $f)))
    (export "f2" (func $f)) (export "g2" (func $g)) (export "a:b/c@1.0.0" (instance $i)))`;
  const params = [
    { type: 'list<string>', name: 'x' },
    { type: 'u8', name: 'n' },
  ];
  const functions = [
    { name: 'f2', params, results: ['option<bool>'] },
    { name: 'a:b/c@1.0.0#f', params, results: ['option<bool>'] },
  ];
  assert.deepEqual(await exportsOf(file('component.wat', text)), { functions });
  const { bytes } = assembleComponent(parseTree(text));
  assert.deepEqual(await exportsOf(file('component.wasm', bytes)), { functions });
  const { fault } = await exportsOf(file('broken.wasm', bytes.slice(0, 20)));
  assert.match(String(fault), /\(at 0x/);
  const command = `(component (import "f" (func $f (result (result)))) (instance $i (export "run" (func $f)))
    (export "wasi:cli/run@0.2.0" (instance $i)) (export "f2" (func $f)))`;
  assert.deepEqual(await exportsOf(file('command.wat', command)), { functions: [] });
});

test('an open document counts as it stands in the editor', async () => {
  const uri = file('open.wat', '(module (func (export "old")))');
  const document = await editor.open('(module (func (export "new")))', uri);
  assert.deepEqual(
    (await exportsOf(uri)).functions.map(({ name }) => name),
    ['new'],
  );
  await editor.close(document);
  assert.deepEqual(
    (await exportsOf(uri)).functions.map(({ name }) => name),
    ['old'],
  );
  const untitled = await editor.open('(func (export "u"))', 'untitled:Untitled-7');
  assert.deepEqual(
    (await exportsOf(untitled.uri)).functions.map(({ name }) => name),
    ['u'],
  );
});

test('a program with a fault says where it is, and what could be read', async () => {
  const text = await exportsOf(file('fault.wat', '(module\n  (func (export "f")\n    call $x))'));
  assert.equal(text.fault, 'unknown function $x (line 3, column 10)');
  assert.deepEqual(
    text.functions.map(({ name }) => name),
    ['f'],
  );
  const cut = await exportsOf(file('cut.wasm', FIB.subarray(0, 50)));
  assert.match(cut.fault!, /^length out of bounds \(at 0x[0-9a-f]+\)$/);
  assert.match((await exportsOf(file('text.wasm', '(module)'))).fault!, /^magic header not detected/);
  assert.match((await exportsOf(file('empty.wasm', ''))).fault!, /^unexpected end/);
  assert.match((await exportsOf(file('script.wast', '(module)'))).fault!, /script/);
});

test('the summary of a module', async () => {
  assert.deepEqual(await summaryOf(VIRTUAL), {
    size: 61,
    sections: [
      { name: 'type', offset: 8, size: 6 },
      { name: 'function', offset: 16, size: 2 },
      { name: 'export', offset: 20, size: 7 },
      { name: 'code', offset: 29, size: 30 },
    ],
    imports: [],
    exports: [{ name: 'fib', detail: 'func (param i32) (result i32)' }],
    functions: [{ name: 'fib', detail: '(param i32) (result i32)', idx: 0, offset: 32, size: 28 }],
  });
});

test('the summary of a malformed module has what could be read', async () => {
  const cut = await summaryOf(file('cut2.wasm', FIB.subarray(0, 50)));
  assert.equal(cut.size, 50);
  assert.deepEqual(
    cut.sections.map(({ name }) => name),
    ['type', 'function', 'export', 'code'],
  );
  assert.deepEqual(cut.exports, [{ name: 'fib', detail: 'func (param i32) (result i32)' }]);
  assert.match(cut.fault!.message, /^length out of bounds/);
  assert.equal(typeof cut.fault!.offset, 'number');
  const invalid = FIB.slice();
  invalid[invalid.length - 3] = 0x7c;
  const wrong = await summaryOf(file('invalid.wasm', invalid));
  assert.match(wrong.fault!.message, /^type mismatch/);
  assert.equal(wrong.functions.length, 1);
  const text = await summaryOf(file('text2.wasm', '(module)'));
  assert.deepEqual(
    [text.sections, text.functions, text.fault!.message],
    [[], [], 'magic header not detected'],
  );
});

test('custom sections are called by their names, and a component has sections too', async () => {
  const named = Uint8Array.of(...FIB.subarray(0, 8), 0, 4, 3, 0x61, 0x22, 0x62);
  assert.deepEqual((await summaryOf(file('custom.wasm', named))).sections, [
    { name: 'custom "a\\"b"', offset: 8, size: 4 },
  ]);
  const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 1, 0);
  const summary = await summaryOf(file('component.wasm', component));
  assert.deepEqual(
    summary.sections.map(({ name }) => name),
    ['type'],
  );
  assert.match(summary.fault!.message, /component/);
});

test('the summary of a valid module warns of its custom sections', async () => {
  // A name section whose subsection says that it is longer than it is.
  const names = [0, 7, 4, ...Buffer.from('name'), 1, 9];
  const { fault, warnings = [] } = await summaryOf(file('names.wasm', new Uint8Array([...FIB, ...names])));
  assert.equal(fault, undefined);
  assert.deepEqual(
    warnings.map(({ offset }) => typeof offset),
    ['number'],
  );
});

test('a damaged byte anywhere: the summary is still answered', async () => {
  for (let at = 0; at < FIB.length; at++) {
    for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
      const bytes = FIB.slice();
      bytes[at] = byte;
      editor.files.set('memfs:/damaged.wasm', bytes);
      const { size, sections } = await summaryOf('memfs:/damaged.wasm');
      assert.equal(size, 61);
      assert.ok(
        sections.every(({ offset, size }) => offset + size <= 61),
        `byte ${at} is ${byte}`,
      );
    }
  }
});

test('the text of a function and of a module is the one that the debugger shows', async () => {
  const module = decode(FIB);
  const whole = disassembleModule(module).text;
  const one = disassembleFunc(module, 0).text;
  assert.match(one, /i32\.le_u|i32\.add/);
  const uri = file('fib.wasm', FIB);
  const base = uri.replace(/^file:\/\//, 'wasmscope:');
  assert.equal(await textOf(uri), whole);
  assert.equal(await textOf(`${base}/module.wat`), whole);
  assert.equal(await textOf(`${base}/func-0-fib.wat`), one);
  assert.equal(
    await textOf(`wasmscope:/project/fib.wasm/func-0.wat?uri=${encodeURIComponent(VIRTUAL)}`),
    one,
  );
});

const REFUSED: readonly (readonly [name: string, method: string, uri: () => string, message: RegExp])[] = [
  [
    'a file that is not there',
    'exports',
    () => pathToFileURL(path.join(dir, 'missing.wasm')).href,
    /^cannot read .*missing\.wasm: there is no such file$/,
  ],
  ['a directory', 'moduleSummary', () => pathToFileURL(dir).href, /it is a directory$/],
  [
    'a file that the editor does not know',
    'exports',
    () => 'memfs:/nothing.wasm',
    /the editor knows no file/,
  ],
  [
    'a function that is not there',
    'print',
    () => `wasmscope:/fib.wasm/func-7.wat?uri=${encodeURIComponent(VIRTUAL)}`,
    /^unknown function 7: there are 1$/,
  ],
  ['a document that is not there', 'print', () => 'wasmscope:/fib.wasm/other.wat', /^no such document/],
  [
    'the text of no module',
    'print',
    () => file('junk.wasm', 'junk'),
    /^magic header not detected \(at 0x0\)$/,
  ],
  [
    'the text of an imported function',
    'print',
    () => {
      const bytes = Uint8Array.of(
        ...FIB.subarray(0, 8),
        1,
        4,
        1,
        0x60,
        0,
        0,
        2,
        7,
        1,
        1,
        0x6d,
        1,
        0x66,
        0,
        0,
      );
      editor.files.set('memfs:/imports.wasm', bytes);
      return `wasmscope:/imports.wasm/func-0.wat?uri=${encodeURIComponent('memfs:/imports.wasm')}`;
    },
    /^function 0 is imported/,
  ],
];

for (const [name, method, uri, message] of REFUSED) {
  test(`refused with a message: ${name}`, async () => {
    await assert.rejects(editor.request(`wasmscope/${method}`, { uri: uri() }), (error: Error) => {
      assert.match(error.message, message);
      return true;
    });
  });
}

test('a module that is too large for one text is refused, its functions are not', async () => {
  const nops = 1_000_001;
  const body = [0, ...Array.from({ length: 0 }), 0x0b];
  const leb = (n: number) => {
    const out: number[] = [];
    for (; n >= 0x80; n >>>= 7) out.push((n & 0x7f) | 0x80);
    return [...out, n];
  };
  const large = new Uint8Array(nops).fill(0x01);
  large[0] = 0;
  large[nops - 1] = 0x0b;
  const entry = [...leb(nops)];
  const size = 1 + 2 * (entry.length + nops) + body.length + 1;
  const head = [...FIB.subarray(0, 8), 1, 4, 1, 0x60, 0, 0, 3, 4, 3, 0, 0, 0, 10, ...leb(size), 3];
  const parts = [head, entry, large, entry, large, [body.length], body].map((part) => Uint8Array.from(part));
  editor.files.set('memfs:/large.wasm', Buffer.concat(parts));
  await assert.rejects(
    editor.request('wasmscope/print', { uri: 'memfs:/large.wasm' }),
    /too large .* 2\.0 MB of code/,
  );
  const query = encodeURIComponent('memfs:/large.wasm');
  assert.match(await textOf(`wasmscope:/large.wasm/func-2.wat?uri=${query}`), /^\(func/);
});
