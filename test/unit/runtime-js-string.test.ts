/** The builtins of wasm:js-string against the host's own: results, traps, types; and string constants. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { builtinImports } from '../../engine/runtime/js-string.ts';
import { Store } from '../../engine/runtime/store.ts';
import { externRef, i32, toJS } from '../../engine/runtime/values.ts';
import { beginExport, bytesOf, load } from './exec-load.ts';

const MODULE = `(module
  (type $chars (array (mut i16)))
  (import "wasm:js-string" "cast" (func $cast (param externref) (result (ref extern))))
  (import "wasm:js-string" "test" (func $test (param externref) (result i32)))
  (import "wasm:js-string" "fromCharCodeArray"
    (func $fromArray (param (ref null $chars) i32 i32) (result (ref extern))))
  (import "wasm:js-string" "intoCharCodeArray" (func $intoArray (param externref (ref null $chars) i32) (result i32)))
  (import "wasm:js-string" "fromCharCode" (func $fromCharCode (param i32) (result (ref extern))))
  (import "wasm:js-string" "fromCodePoint" (func $fromCodePoint (param i32) (result (ref extern))))
  (import "wasm:js-string" "charCodeAt" (func $charCodeAt (param externref i32) (result i32)))
  (import "wasm:js-string" "codePointAt" (func $codePointAt (param externref i32) (result i32)))
  (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
  (import "wasm:js-string" "concat" (func $concat (param externref externref) (result (ref extern))))
  (import "wasm:js-string" "substring" (func $substring (param externref i32 i32) (result (ref extern))))
  (import "wasm:js-string" "equals" (func $equals (param externref externref) (result i32)))
  (import "wasm:js-string" "compare" (func $compare (param externref externref) (result i32)))
  (import "'" "h\u00e9llo" (global $hello (ref extern)))
  (export "cast" (func $cast)) (export "test" (func $test)) (export "fromCharCode" (func $fromCharCode))
  (export "fromCodePoint" (func $fromCodePoint)) (export "charCodeAt" (func $charCodeAt))
  (export "codePointAt" (func $codePointAt)) (export "length" (func $length)) (export "concat" (func $concat))
  (export "substring" (func $substring)) (export "equals" (func $equals)) (export "compare" (func $compare))
  (func (export "hello") (result externref) (global.get $hello))
  ;; Into an array of eight, and a part of it back.
  (func (export "through") (param $s externref) (param $at i32) (param $from i32) (param $to i32) (result externref)
    (local $a (ref null $chars))
    (local.set $a (array.new $chars (i32.const 46) (i32.const 8)))
    (drop (call $intoArray (local.get $s) (local.get $a) (local.get $at)))
    (call $fromArray (local.get $a) (local.get $from) (local.get $to)))
  (func (export "fromNull") (result externref) (call $fromArray (ref.null $chars) (i32.const 0) (i32.const 0)))
  (func (export "intoNull") (param $s externref) (result i32)
    (call $intoArray (local.get $s) (ref.null $chars) (i32.const 0))))`;

const STRINGS = ['', 'a', 'ab', 'b', 'h\u00e9llo', '\ud83d\ude00x', '\ud800', null, 5, {}];
const NUMBERS = [0, 1, 2, 3, 8, 9, 65, 0xd83d, 0x1f600, 0x10ffff, 0x110000, -1];
const ENDS = [0, 1, 2, 5, 8, 9, -1];

const CASES: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  cast: [STRINGS],
  test: [STRINGS],
  length: [STRINGS],
  fromCharCode: [NUMBERS],
  fromCodePoint: [NUMBERS],
  charCodeAt: [STRINGS, NUMBERS],
  codePointAt: [STRINGS, NUMBERS],
  concat: [STRINGS, STRINGS],
  equals: [STRINGS, STRINGS],
  compare: [STRINGS, STRINGS],
  substring: [STRINGS, ENDS, ENDS],
  through: [STRINGS, ENDS, ENDS, ENDS],
  fromNull: [],
  intoNull: [STRINGS],
  hello: [],
};

type HostFuncs = Readonly<Record<string, (...args: unknown[]) => unknown>>;

function hostFuncs(bytes: Uint8Array<ArrayBuffer>): HostFuncs {
  const options = { builtins: ['js-string'], importedStringConstants: "'" };
  // The options are newer than the types that we have.
  const Module = WebAssembly.Module as unknown as new (
    bytes: BufferSource,
    options: object,
  ) => WebAssembly.Module;
  return new WebAssembly.Instance(new Module(bytes, options)).exports as HostFuncs;
}

function ours() {
  const store = new Store();
  return load(MODULE, { store, imports: builtinImports(store, { stringConstants: "'" }) });
}

test('builtins do what the host does', () => {
  const host = hostFuncs(bytesOf(MODULE));
  const loaded = ours();
  let traps = 0;
  let results = 0;
  for (const [name, lists] of Object.entries(CASES)) {
    for (const args of product(lists)) {
      const at = `${name}(${args.map(String).join(', ')})`;
      let wanted: unknown;
      let trap: unknown;
      try {
        wanted = host[name](...args);
      } catch (error) {
        trap = error;
      }
      // The kinds of operands are those of the lists.
      const values = args.map((arg, i) => (lists[i] === STRINGS ? externRef(arg) : i32(arg as number)));
      beginExport(loaded, name, values);
      const outcome = loaded.machine.run();
      if (outcome.kind === 'done') {
        assert.equal(trap, undefined, `${at}: ${trap}`);
        assert.deepEqual(toJS(outcome.results[0]), wanted, at);
        results++;
      } else {
        assert.ok(outcome.kind === 'trap' && outcome.fault.phase === 'trap', at);
        assert.ok(trap !== undefined, `${at}: the host gives ${String(wanted)}`);
        traps++;
      }
    }
  }
  assert.ok(traps > 100 && results > 300, `${traps} traps, ${results} results`);
});

test('traps say what was wrong', () => {
  const loaded = ours();
  const fault = (name: string, ...args: Parameters<typeof beginExport>[2] & object) => {
    beginExport(loaded, name, args);
    const outcome = loaded.machine.run();
    return outcome.kind === 'trap'
      ? [outcome.fault.message, outcome.fault.notes[0]?.message]
      : [outcome.kind];
  };
  assert.deepEqual(fault('length', externRef(null)), ['cast failure', 'null is no string']);
  assert.deepEqual(fault('length', externRef(7)), ['cast failure', 'a value of type number is no string']);
  assert.deepEqual(fault('charCodeAt', externRef('ab'), i32(2)), [
    'string offset out of bounds',
    'index 2, the string has 2 code units',
  ]);
  assert.deepEqual(fault('fromCodePoint', i32(-1)), ['invalid code point', '0xffffffff is above 0x10ffff']);
  assert.deepEqual(fault('fromNull'), ['null array reference', 'characters are wanted']);
  assert.deepEqual(fault('through', externRef('ab'), i32(7), i32(0), i32(0)), [
    'out of bounds array access',
    '2 elements at 7, the array has 8',
  ]);
});

test('builtins are linked by their types, and nothing else is offered', () => {
  const link = (wat: string) => {
    const store = new Store();
    return () => load(wat, { store, imports: builtinImports(store) });
  };
  const unlinkable = (message: string) => (error: unknown) =>
    error instanceof WasmError && error.phase === 'unlinkable' && error.message.startsWith(message);
  const wrong = '(module (import "wasm:js-string" "length" (func (param externref) (result i64))))';
  assert.throws(link(wrong), unlinkable('incompatible import type'));
  const unknown = '(module (import "wasm:js-string" "toString" (func (result externref))))';
  assert.throws(link(unknown), unlinkable('unknown import'));
  const other = '(module (import "js-string" "length" (func (param externref) (result i32))))';
  assert.throws(link(other), unlinkable('unknown import'));
  // A subtype's result fits where the import has the wider one.
  link(
    '(module (import "wasm:js-string" "concat" (func (param externref externref) (result (ref extern)))))',
  )();
});

function product(lists: readonly (readonly unknown[])[]): unknown[][] {
  return lists.reduce<unknown[][]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
    [[]],
  );
}
