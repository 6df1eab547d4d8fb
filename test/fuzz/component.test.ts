/**
 * Damaged components, component texts, WIT and WAVE, bounded: none of them crashes or hangs. What decodes is printed and
 * encoded again; what is refused is refused with a fault.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { encodeComponent } from '../../engine/component/binary/encode.ts';
import { linkHost } from '../../engine/component/host-imports.ts';
import { loadComponent } from '../../engine/component/load.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { printComponent } from '../../engine/component/text/print.ts';
import { primType, type ValType } from '../../engine/component/types.ts';
import { type ValidComponent, validateComponent } from '../../engine/component/valid/validate.ts';
import { parseWave } from '../../engine/component/wave.ts';
import { printWave } from '../../engine/component/wave-print.ts';
import { witOf } from '../../engine/component/wit/from-component.ts';
import { parseWit } from '../../engine/component/wit/parse.ts';
import { printWit } from '../../engine/component/wit/print.ts';
import { resolveWit } from '../../engine/component/wit/resolve.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { Guest2 } from '../unit/wasi2-guest.ts';
import { damageBytes, damageText } from './mutate.ts';
import { randomFrom } from './random.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const ROUNDS = process.env.WASMSCOPE_TEST_ALL ? 20_000 : 600;

/** Something of everything. */
const TEXT = `(component $top
  (type $rec (record (field "a" u8) (field "b" (list (option string)))))
  (import "a:b/types@1.2.3" (instance $types
    (export "r" (type $r (sub resource)))
    (export "[method]r.get" (func (param "self" (borrow $r)) (result (list u8))))))
  (alias export $types "r" (type $r))
  (import "rec" (type $rec' (eq $rec)))
  (import "log" (external-id "x") (func $log (param "m" string) (param "r" $rec')))
  (core type $ft (func (param i32)))
  (core module $m
    (memory (export "mem") 1)
    (table (export "tbl") 1 funcref)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    (func (export "run") (param i32) (result i32) (local.get 0))
    (func (export "drop") (param i32)))
  (core instance $i (instantiate $m))
  (type $res (resource (rep i32) (dtor (core func $i "drop"))))
  (core func $new (canon resource.new $res))
  (core func $lowered (canon lower (func $log) (memory (core memory $i "mem")) (realloc (core func $i "realloc")) string-encoding=utf16))
  (func $run (param "x" u32) (result (result string (error (variant (case "a" u8) (case "b"))))) (canon lift (core func $i "run") (memory (core memory $i "mem"))))
  (component $inner
    (import "f" (func $f (result (tuple u8 s64 f32))))
    (alias outer $top $m (core module $m'))
    (core instance (instantiate $m'))
    (export "g" (func $f)))
  (instance $bag (export "types" (instance $types)))
  (type (component (import "x" (core module (export "f" (func (param i32)))))))
  (canon thread.new-indirect $ft (core table $i "tbl") (core func))
  (type $s (stream u8)) (canon stream.read $s async (memory (core memory $i "mem")) (core func))
  (export "log" (func $log)))`;

const WIT = `package a:b@1.2.3;
interface i { use o:p/q@0.1.0.{x as y}; record r { a: list<u8, 3>, b: option<result<_, y>> } resource h { constructor(a: u8); m: static async func() -> borrow<h>; } }
world w { @since(version = 1.0.0) import f: func(a: string); export i; include z with { a as b } }
`;

function bytesOf(text: string): Uint8Array {
  const { bytes, faults } = assembleComponent(parseTree(text));
  assert.deepEqual(
    faults.map(({ message }) => message),
    [],
  );
  return bytes;
}

/** Runs something that may throw faults, and nothing else. True if it went well. */
function tolerated(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    assert.ok(error instanceof WasmError, error instanceof Error ? error.stack : String(error));
    return false;
  }
}

test(`${ROUNDS} damaged components from seed ${SEED}`, (t) => {
  const random = randomFrom(SEED);
  const whole = bytesOf(TEXT);
  assert.ok(
    tolerated(() => validateComponent(decodeComponent(whole))),
    'the whole one is valid',
  );
  let decoded = 0;
  let valid = 0;
  for (let i = 0; i < ROUNDS; i++) {
    tolerated(() => {
      const component = decodeComponent(damageBytes(whole, random));
      decoded++;
      const again = decodeComponent(encodeComponent(component));
      assert.equal(printComponent(again).text, printComponent(component).text);
      const wit = printWit(witOf(validateComponent(component)));
      const { document, faults } = parseWit(wit);
      assert.deepEqual([...faults, ...resolveWit([document]).faults], [], wit);
      assert.equal(printWit(document), wit);
      valid++;
    });
  }
  t.diagnostic(`${decoded} decode, ${valid} are valid`);
  assert.ok(decoded > ROUNDS / 20, 'most do not decode: they say little');
});

/** The binary examples, and how much of the rounds each is worth: large ones take longer. */
const EXAMPLES = [
  ['http-c/handler', 0.5],
  ['commands/guess', 0.1],
  ['commands/wait', 0.1],
  ['commands/words', 0.03],
] as const;

for (const [name, share] of EXAMPLES) {
  const rounds = Math.ceil(ROUNDS * share);
  test(`${rounds} times ${name}, damaged or cut off, from seed ${SEED}`, () => {
    const random = randomFrom(SEED + 4);
    const whole = new Uint8Array(readFileSync(`examples/components/${name}.wasm`));
    for (let i = 0; i < rounds; i++) {
      const damaged = random.chance(0.3)
        ? whole.slice(0, random.below(whole.length))
        : damageBytes(whole, random);
      const loaded = loadComponent({ bytes: damaged });
      if ('faults' in loaded) {
        const [{ phase, offset }] = loaded.faults;
        assert.notEqual(phase, 'crash');
        assert.ok(offset !== undefined && offset <= damaged.length, `at ${offset}`);
      } else linked(loaded.valid);
    }
  });
}

/** What it imports is asked of WASI, or told with its WIT. */
function linked(valid: ValidComponent): void {
  tolerated(() => linkHost(valid, new Guest2().imports));
  assert.deepEqual(parseWit(printWit(witOf(valid))).faults, []);
}

test(`${ROUNDS} damaged texts from seed ${SEED}`, (t) => {
  const random = randomFrom(SEED + 1);
  let formed = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const text = damageText(TEXT, random);
    tolerated(() => loadComponent({ text }));
    const { faults, bytes } = assembleComponent(parseTree(text));
    if (faults.length === 0) formed++;
    // Bytes are those of a component also where there are faults.
    tolerated(() => decodeComponent(bytes));
  }
  t.diagnostic(`${formed} are well-formed`);
});

test(`${ROUNDS} damaged WIT texts from seed ${SEED}`, () => {
  const random = randomFrom(SEED + 2);
  assert.deepEqual(parseWit(WIT).faults, []);
  for (let i = 0; i < ROUNDS; i++) {
    const { document, faults } = parseWit(damageText(WIT, random));
    const text = printWit(document);
    resolveWit([document, parseWit(WIT).document]);
    if (faults.length > 0) continue;
    const again = parseWit(text);
    assert.deepEqual([again.faults, printWit(again.document)], [[], text]);
  }
});

const TYPE: ValType = {
  kind: 'record',
  fields: [
    { label: 'a', type: { kind: 'list', element: { kind: 'option', type: primType('string') } } },
    { label: 'b', type: { kind: 'variant', cases: [{ label: 'x', type: primType('f64') }, { label: 'y' }] } },
    { label: 'c', type: { kind: 'flags', labels: ['m', 'n'] } },
  ],
};

test(`${ROUNDS} damaged WAVE texts from seed ${SEED}`, () => {
  const random = randomFrom(SEED + 3);
  const whole = '{a: ["x", some("y\\u{41}"), none], b: x(-1.5e3), c: {m, n}}';
  tolerated(() => parseWave(whole, TYPE));
  for (let i = 0; i < ROUNDS; i++) {
    tolerated(() => {
      const value = parseWave(damageText(whole, random), TYPE);
      const text = printWave(value, TYPE);
      assert.equal(printWave(parseWave(text, TYPE), TYPE), text);
    });
  }
});
