/**
 * Requests that lead about in a binary, over stdio: search, places, definitions, references, text, summary; and bytes that the
 * client owns.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import type {
  BinarySummary,
  ByteInfoResult,
  ByteRanges,
  ByteTarget,
  ByteWatResult,
} from '../../language-server/protocol.ts';
import { assembled } from '../unit/valid-modules.ts';
import { Editor, PULLS } from './harness.ts';

function component(text: string): Uint8Array {
  const { bytes, faults } = assembleComponent(parseTree(text));
  assert.deepEqual(faults, []);
  return bytes;
}

const BYTES = assembled(`(module $m
  (type $pair (struct (field $a i32) (field $b (mut i64))))
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1 10)
  (global $base (mut i32) (i32.const 65536))
  (export "_start" (func $main))
  (func $grow (param $n i32) (result i32) (local $p (ref null $pair))
    (drop (call $malloc (i32.const 300)))
    (block $out
      (loop $again
        (br_if $out (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (drop (struct.get $pair $a (local.get $p)))
    (drop (i32.add (i32.const 65536) (local.get $n)))
    (memory.grow (local.get $n)))
  (func $main (drop (call $grow (i32.const 65536))) (global.set $base (i32.const -1)))
  (data (i32.const 1024) "Hello, World\\00hello"))`);
const URI = 'memfs:/project/m.wasm';
const BROKEN = 'memfs:/project/broken.wasm';

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
  editor.files.set(URI, BYTES);
  editor.files.set(BROKEN, BYTES.subarray(0, BYTES.length - 100));
});
after(() => editor?.stop());

const ask = <R>(method: string, params: object = {}) =>
  editor.request<R>(`wasmscope/${method}`, { uri: URI, ...params });
/** Bytes in hexadecimal. */
const hex = (start: number, end: number) => Buffer.from(BYTES.subarray(start, end)).toString('hex');
/** The matches: what stands there, or their bytes. */
async function found(params: object): Promise<string[]> {
  const { ranges, titles } = await ask<ByteRanges>('byteFind', params);
  return Array.from({ length: ranges.length / 2 }, (_, i) => {
    const bytes = hex(ranges[2 * i], ranges[2 * i + 1]);
    return titles ? `${titles[i]}: ${bytes}` : bytes;
  });
}
/** Where an instruction of the module stands: its first match. */
async function instruction(instructions: string, within = 0): Promise<number> {
  const { ranges } = await ask<ByteRanges>('byteFind', { instructions });
  return ranges[0] + within;
}

const SEARCHES: readonly (readonly [params: object, found: readonly string[]])[] = [
  [{ pattern: '48 65 ?? 6c' }, ['48656c6c']],
  [{ pattern: '4?656c6c' }, ['48656c6c']],
  [{ text: 'hello' }, ['68656c6c6f']],
  [{ text: 'hello', anyCase: true }, ['48656c6c6f', '68656c6c6f']],
  [{ text: 'no such text' }, []],
  [{ instructions: 'memory.grow' }, ['func 2 $grow: 4000']],
  [
    { instructions: 'i32.const 65536' },
    ['global 0 $base › initial value: 41808004', 'func 2 $grow: 41808004', 'func 3 $main: 41808004'],
  ],
  [{ instructions: 'i32.const 0x10000 … memory.grow' }, ['func 2 $grow: 4180800420006a1a20004000']],
  [{ instructions: 'i32.const 4294967295' }, ['func 3 $main: 417f']],
  [{ instructions: 'call $malloc' }, ['func 2 $grow: 1000']],
  [{ instructions: 'local.get $n i32.const _ i32.sub' }, ['func 2 $grow: 200041016b']],
  [{ instructions: 'br* 1' }, ['func 2 $grow: 0d01']],
  [{ instructions: 'struct.get $pair 0' }, ['func 2 $grow: fb020000']],
  [{ instructions: 'global.set $nothing' }, []],
  [
    { name: 'GROW' },
    [
      'code › func 2 $grow: ' + hex(...rangeOf(2)),
      'custom "name" › function names › function name 2 › "grow": 0467726f77',
    ],
  ],
  [{ name: 'proc_' }, ['import › import 1 › "proc_exit": 0970726f635f65786974']],
];

/** The code entry of a function, size included: found by its bytes, as both are short. */
function rangeOf(funcIdx: number): [number, number] {
  let at = BYTES.length;
  for (let i = 8; i < BYTES.length; ) {
    const size = BYTES[i + 1] & 0x80 ? (BYTES[i + 1] & 0x7f) | (BYTES[i + 2] << 7) : BYTES[i + 1];
    const content = i + (BYTES[i + 1] & 0x80 ? 3 : 2);
    if (BYTES[i] === 10) at = content + 1;
    i = content + size;
  }
  for (let idx = 2; idx < funcIdx; idx++) at += 1 + BYTES[at];
  return [at, at + 1 + BYTES[at]];
}

for (const [params, expected] of SEARCHES) {
  test(`finds ${JSON.stringify(params)}`, async () => assert.deepEqual(await found(params), expected));
}

test('a search from a place on, and of a few', async () => {
  const params = { text: 'hello', anyCase: true };
  const first = await ask<ByteRanges>('byteFind', { ...params, limit: 1 });
  assert.equal(first.more, true);
  const second = await ask<ByteRanges>('byteFind', { ...params, limit: 1, from: first.ranges[1] });
  assert.deepEqual([hex(second.ranges[0], second.ranges[1]), second.more], ['68656c6c6f', false]);
});

const GOTOS: readonly (readonly [params: object, targets: readonly string[]])[] = [
  [{ offset: 0 }, ['offset 0x0: header › magic 0']],
  [{ func: 3 }, [`func func 3 $main : () → (), export "_start" ${rangeOf(3)[0]}`]],
  [{ func: '$grow' }, [`func func 2 $grow : (i32) → (i32) ${rangeOf(2)[0]}`]],
  [{ func: 99 }, []],
  [{ section: 'type' }, ['section section type 8']],
  [{ export: '_start' }, [`export export "_start": func 3 $main ${rangeOf(3)[0]}`]],
  [{ text: 'section type' }, ['section section type 8']],
  [{ text: '0x0' }, ['offset 0x0: header › magic 0']],
  [{ text: 'func 3' }, [`func func 3 $main : () → (), export "_start" ${rangeOf(3)[0]}`]],
  [{ text: 'gro' }, [`func func 2 $grow : (i32) → (i32) ${rangeOf(2)[0]}`]],
  [{ text: 'nothing' }, []],
];

for (const [params, expected] of GOTOS) {
  test(`goes to ${JSON.stringify(params)}`, async () => {
    const { targets } = await ask<{ targets: ByteTarget[] }>('byteGoto', params);
    assert.deepEqual(
      targets.map(({ kind, title, start }) => `${kind} ${title} ${start}`),
      expected,
    );
  });
}

/** A place, by an instruction and bytes into it; what it leads to; where else it is named. */
const LINKS: readonly (readonly [
  place: string,
  within: number,
  target: string,
  references: readonly string[],
])[] = [
  ['call $malloc', 1, 'entry import 0', ['func 2 $grow › call', 'function names › function name 0']],
  ['call $malloc', 0, 'entry import 0', ['func 2 $grow › call', 'function names › function name 0']],
  [
    'call $grow',
    1,
    'func func 2 $grow',
    [
      'func 3 $main › call',
      'function names › function name 2',
      'local names › local names of a function 0',
      'label names › label names of a function 0',
    ],
  ],
  ['global.set', 1, 'entry global 0 $base', ['func 3 $main › global.set', 'global names › global name 0']],
  [
    'struct.get',
    2,
    'type type 0 $pair',
    [
      'func 2 $grow › local declaration 0 › type',
      'func 2 $grow › struct.get',
      'type names › type name 0',
      'field names › field names of a type 0',
    ],
  ],
  ['struct.get', 3, 'entry field 0', ['func 2 $grow › struct.get']],
  [
    'local.get $n',
    1,
    'parameter parameter $n',
    ['get', 'get', 'set', 'get', 'get'].map((verb) => `func 2 $grow › local.${verb}`),
  ],
  ['local.get $p', 1, 'local local $p', ['func 2 $grow › local.get']],
  ['br_if', 1, 'instruction block', ['func 2 $grow › br_if']],
  ['br 0', 1, 'instruction loop', ['func 2 $grow › br']],
  ['loop', 0, 'instruction loop', ['func 2 $grow › br']],
];

for (const [place, within, target, references] of LINKS) {
  test(`${place}, byte ${within}, leads to ${target}`, async () => {
    const offset = await instruction(place, within);
    const { targets } = await ask<{ targets: ByteTarget[] }>('byteDefinition', { offset });
    assert.deepEqual(
      targets.map(({ kind, title }) => `${kind} ${title}`),
      [target],
    );
    const { titles, ...rest } = await ask<ByteRanges & { target: ByteTarget }>('byteReferences', { offset });
    assert.deepEqual(titles, references);
    assert.deepEqual(rest.target, targets[0]);
    const again = await ask<ByteRanges>('byteReferences', { offset: targets[0].start });
    if (!/^(parameter|entry field)/.test(target)) assert.deepEqual(again.ranges, rest.ranges);
  });
}

test('bytes that name nothing lead nowhere', async () => {
  assert.deepEqual(await ask('byteDefinition', { offset: 0 }), { targets: [] });
  assert.deepEqual(await ask('byteReferences', { offset: 0 }), { ranges: [], titles: [], more: false });
});

test('the text of a function, with the offset of each line', async () => {
  const offset = await instruction('memory.grow');
  const wat = (await ask<ByteWatResult>('byteWat', { offset }))!;
  assert.equal(wat.title, 'func 2 $grow');
  assert.deepEqual([wat.start, wat.end], rangeOf(2));
  const lines = wat.text!.split('\n');
  assert.equal(lines.length, wat.offsets!.length);
  assert.match(lines[wat.line!], /^\s*memory\.grow\)$/);
  assert.equal(wat.offsets![wat.line!], offset);
  assert.equal(wat.offsets![0], -1);
  const { text } = await editor.request<{ text: string }>('wasmscope/print', { uri: wat.uri });
  assert.equal(text, wat.text);
  assert.equal(await ask('byteWat', { offset: 0 }), null);
});

test('the text of a function, folded', async () => {
  const offset = await instruction('memory.grow');
  const wat = (await ask<ByteWatResult>('byteWat', { offset, written: 'folded' }))!;
  const lines = wat.text!.split('\n');
  assert.match(lines[wat.line!], /^\s*\(memory\.grow\b/);
  const { text } = await editor.request<{ text: string }>('wasmscope/print', { uri: wat.uri });
  assert.equal(text, wat.text);
});

test('what a binary is', async () => {
  const summary = await ask<BinarySummary>('binarySummary');
  const { sections, features, functions, ...rest } = summary;
  assert.equal(rest.what, 'a WASI command');
  assert.deepEqual(
    rest.imports.map(({ name, detail }) => `${name} ${detail}`),
    ['env malloc func (i32) → (i32)', 'wasi_snapshot_preview1 proc_exit func (i32) → ()'],
  );
  assert.deepEqual(
    rest.exports.map(({ name, offset }) => [name, offset]),
    [
      ['memory', sections.find(({ name }) => name === 'memory')!.start + 3],
      ['_start', rangeOf(3)[0]],
    ],
  );
  assert.deepEqual(
    features.map(({ name, needs }) => `${name}: ${needs}`),
    ['garbage collection: type 0 $pair', 'typed function references: a local of func 2 $grow'],
  );
  assert.deepEqual(
    functions.largest.map(({ name, idx, size }) => [name, idx, size]),
    [2, 3].map((idx) => [idx === 2 ? 'grow' : 'main', idx, rangeOf(idx)[1] - rangeOf(idx)[0]]),
  );
  assert.deepEqual(rest.debugInfo, ['names of 4 of 4 functions']);
  assert.equal(rest.fault, undefined);
  assert.equal(
    sections.reduce((sum, { start, end }) => sum + end - start, 8),
    BYTES.length,
  );
});

test('what a damaged binary is: the fault, and what could be read', async () => {
  const summary = await editor.request<BinarySummary>('wasmscope/binarySummary', { uri: BROKEN });
  assert.match(summary.fault!.message, /unexpected end|length out of bounds/);
  assert.equal(summary.imports.length, 2);
});

const COMPONENT = component(`(component
  (core module $m (func (export "f") (param i32) (result i32) local.get 0))
  (core instance $i (instantiate $m))
  (type $t (func (param "n" u32) (result u32)))
  (import "wasi:cli/environment@0.2.0" (instance $env))
  (func $f (type $t) (canon lift (core func $i "f")))
  (instance $run (export "run" (func $f)))
  (export "wasi:cli/run@0.2.0" (instance $run)))`);

test('components: their summary, and where indices lead', async () => {
  const uri = 'memfs:/project/c.wasm';
  editor.files.set(uri, COMPONENT);
  const summary = await editor.request<BinarySummary>('wasmscope/binarySummary', { uri });
  assert.equal(summary.what, 'a component of the world wasi:cli/command@0.2.0');
  assert.deepEqual(
    [...summary.imports, ...summary.exports].map(({ name, detail }) => `${name} ${detail}`),
    ['wasi:cli/environment@0.2.0 instance 0', 'wasi:cli/run@0.2.0 instance 2'],
  );
  assert.equal(summary.functions.defined, 1);
  assert.equal(summary.sections[0].sections![0].name, 'type');
  const lift = COMPONENT.indexOf(8, summary.sections.find(({ name }) => name === 'canon')!.start);
  const info = async (offset: number) =>
    (await editor.request<ByteInfoResult>('wasmscope/byteInfo', { uri, offset })).meaning;
  assert.deepEqual(await info(lift + 5), ['core func 0: export "f" of core instance 0']);
  const { targets } = await editor.request<{ targets: ByteTarget[] }>('wasmscope/byteDefinition', {
    uri,
    offset: lift + 5,
  });
  assert.deepEqual(
    targets.map(({ title }) => title),
    ['core func 0'],
  );
  const { titles } = await editor.request<ByteRanges>('wasmscope/byteReferences', {
    uri,
    offset: targets[0].start,
  });
  assert.deepEqual(titles, ['func 0', 'item names › item name 0'].slice(0, titles!.length));
  assert.equal(titles![0], 'func 0');
});

const FIB = new Uint8Array(readFileSync('examples/fib.wasm'));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const tell = (method: string, params: object) =>
  editor.connection.sendNotification(`wasmscope/binary/${method}`, params);
const pathAt = async (uri: string, offset: number) => {
  const { path } = await editor.request<ByteInfoResult>('wasmscope/byteInfo', { uri, offset });
  return path.map(({ title }) => title).join(' › ');
};

test('bytes that the client owns: opened, changed, closed', async () => {
  const uri = 'memfs:/project/own.wasm';
  editor.files.set(uri, BYTES);
  await tell('didOpen', { uri, version: 1, data: base64(FIB) });
  assert.equal(await pathAt(uri, 0x31), 'module › code › func 0 $fib › call › opcode');
  await tell('didChange', {
    uri,
    version: 2,
    changes: [{ start: 0x31, end: 0x33, data: base64(Uint8Array.of(1, 1)) }],
  });
  assert.equal(await pathAt(uri, 0x31), 'module › code › func 0 $fib › nop › opcode');
  await tell('didClose', { uri });
  assert.equal(await pathAt(uri, rangeOf(3)[0]), 'module › code › func 3 $main › size');
});

test('bytes that come in chunks are waited for', async () => {
  const uri = 'memfs:/project/chunks.wasm';
  await tell('didOpen', { uri, version: 1, length: FIB.length });
  const asked = pathAt(uri, 0x31);
  await tell('chunk', { uri, version: 1, offset: 40, data: base64(FIB.subarray(40)) });
  await tell('chunk', { uri, version: 1, offset: 0, data: base64(FIB.subarray(0, 40)) });
  assert.equal(await asked, 'module › code › func 0 $fib › call › opcode');
  await tell('didOpen', { uri, version: 2, length: FIB.length });
  const waiting = assert.rejects(pathAt(uri, 0x31), /did not come whole: it was closed/);
  await tell('didClose', { uri });
  await waiting;
});

test('bytes that the server reads stay as they are until it is told', async () => {
  const uri = 'memfs:/project/read.wasm';
  editor.files.set(uri, FIB);
  await tell('didOpen', { uri, version: 1 });
  assert.equal(await pathAt(uri, 9), 'module › type › size');
  editor.files.set(uri, FIB.subarray(0, 8));
  await tell('didChange', { uri, version: 2 });
  await assert.rejects(pathAt(uri, 9), /the file has 8 bytes/);
  await tell('didClose', { uri });
});

const BAD: readonly (readonly [method: string, params: object, error: RegExp])[] = [
  ['byteFind', {}, /nothing to look for/],
  ['byteFind', { pattern: '0' }, /half a byte/],
  ['byteFind', { pattern: '0g' }, /'g' is no hexadecimal digit/],
  ['byteFind', { pattern: '????' }, /everywhere/],
  ['byteFind', { text: '' }, /no text/],
  ['byteFind', { instructions: 'i33.const' }, /'i33.const' is no instruction/],
  ['byteFind', { instructions: ' … ' }, /no instructions/],
  ['byteFind', { name: '' }, /no name/],
  ['byteGoto', {}, /names no place/],
];

for (const [method, params, error] of BAD) {
  test(`refused: ${method} ${JSON.stringify(params)}`, () => assert.rejects(ask(method, params), error));
}

test('messages about binaries that make no sense are logged, and end nothing', async () => {
  const uri = 'memfs:/project/none.wasm';
  await tell('didChange', { uri, version: 1, changes: [] });
  await tell('chunk', { uri, version: 1, offset: 0, data: '' });
  await tell('didOpen', { uri, version: 1, length: -1 });
  await assert.rejects(pathAt(uri, 0), /knows no file/);
  assert.equal(editor.log.filter((line) => line.includes(uri) || line.includes('no length')).length, 3);
});
