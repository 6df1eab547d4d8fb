/** Running .wast scripts: every kind of command that passes, and how each kind of failure reads. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from '../../engine/exec/script.ts';
import { parseScript } from '../../engine/text/script.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { FEATURES } from './exec-load.ts';

/** `ok`, or why it failed, of each command; and what was printed. */
function run(text: string, budget?: number): { results: string[]; printed: string[] } {
  const printed: string[] = [];
  const script = parseScript(parseTree(text));
  assert.deepEqual(script.faults, []);
  const options = { features: FEATURES, print: (line: string) => printed.push(line), budget };
  const results = [...runScript(script, options)].map(({ ok, message }) => (ok ? 'ok' : String(message)));
  return { results, printed };
}

const MODULE = `(module $m
  (import "spectest" "print_i32_f32" (func $print (param i32 f32))) (import "spectest" "global_i64" (global $g i64))
  (func (export "print") (call $print (i32.const -1) (f32.const 0.5)))
  (func (export "id") (param i64) (result i64) (local.get 0))
  (func (export "nan") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
  (func (export "ref") (param externref) (result externref) (local.get 0))
  (func (export "div") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func $r (export "rec") (call $r)) (func (export "spin") (loop (br 0)))
  (global (export "g") i64 (global.get $g)))`;

test('commands that do what they should', () => {
  const { results, printed } = run(`${MODULE}
    (invoke "print") (invoke $m "print")
    (assert_return (invoke "print"))
    (assert_return (invoke "id" (i64.const -1)) (i64.const 0xffffffffffffffff))
    (assert_return (invoke "nan" (i32.const 0x7fc00000)) (f32.const nan:canonical))
    (assert_return (invoke "nan" (i32.const 0xffc00001)) (f32.const nan:arithmetic))
    (assert_return (invoke "nan" (i32.const 0x7fa00000)) (f32.const nan:0x200000))
    (assert_return (invoke "ref" (ref.extern 4)) (ref.extern 4))
    (assert_return (invoke "ref" (ref.null extern)) (ref.null extern))
    (assert_return (get "g") (i64.const 666))
    (assert_return (get $m "g") (i64.const 666))
    (assert_trap (invoke "div" (i32.const 0)) "integer divide by zero")
    (assert_exhaustion (invoke "rec") "call stack exhausted")
    (register "m" $m)
    (module (import "m" "div" (func $d (param i32) (result i32))) (export "d" (func $d)))
    (assert_return (invoke "d" (i32.const 1)) (i32.const 1))
    (assert_return (invoke $m "id" (i64.const 3)) (i64.const 3))
    (assert_trap (module (func $s (unreachable)) (start $s)) "unreachable")
    (assert_trap (module (memory 1) (data (i32.const 65536) "x")) "out of bounds memory access")
    (assert_unlinkable (module (import "m" "nothing" (func))) "unknown import")
    (assert_unlinkable (module (import "m" "div" (func))) "incompatible import type")
    (assert_invalid (module (func (result i32))) "type mismatch")
    (assert_malformed (module quote "(func (local.get $x))") "unknown local")
    (assert_malformed (module binary "\\00asm\\01\\00\\00") "unexpected end")
    (module definition $d (func (export "f") (result i32) (i32.const 9)))
    (module instance $i $d)
    (assert_return (invoke $i "f") (i32.const 9))`);
  assert.deepEqual([...new Set(results)], ['ok']);
  assert.equal(results.length, 28);
  assert.deepEqual(printed, ['-1 0.5', '-1 0.5', '-1 0.5']);
});

for (const [command, message] of [
  ['(assert_return (invoke "id" (i64.const 1)) (i64.const 2))', 'expected i64:2, got i64:1'],
  ['(assert_return (invoke "id" (i64.const 1)))', 'expected no result, got i64:1'],
  [
    '(assert_return (invoke "nan" (i32.const 0x7fc00001)) (f32.const nan:canonical))',
    'expected f32:nan:canonical, got f32:nan:0x400001',
  ],
  [
    '(assert_return (invoke "nan" (i32.const 0x7fa00000)) (f32.const nan:arithmetic))',
    'expected f32:nan:arithmetic, got f32:nan:0x200000',
  ],
  [
    '(assert_return (invoke "ref" (ref.extern 1)) (ref.extern 2))',
    'expected (ref.extern 2), got (ref.extern 1)',
  ],
  [
    '(assert_return (invoke "div" (i32.const 0)) (i32.const 0))',
    'trap: integer divide by zero: i32.div_u of 1 and 0',
  ],
  [
    '(assert_trap (invoke "div" (i32.const 1)) "integer divide by zero")',
    'expected trap "integer divide by zero", but it went well',
  ],
  [
    '(assert_trap (invoke "div" (i32.const 0)) "unreachable")',
    'expected trap "unreachable", got trap: integer divide by zero: i32.div_u of 1 and 0',
  ],
  ['(assert_invalid (module (func)) "type mismatch")', 'expected invalid "type mismatch", but it went well'],
  ['(invoke "nothing")', 'unknown function "nothing"'],
  ['(invoke $x "f")', 'unknown module $x'],
  ['(get "id")', 'unknown global "id"'],
  ['(invoke "id")', 'usage: wrong number of arguments: 1 wanted, 0 given'],
  ['(invoke "spin")', 'still running after 1000 instructions'],
] as const) {
  test(`fails: ${command}`, () =>
    assert.deepEqual(run(`${MODULE} ${command}`, 1000).results, ['ok', message]));
}

test('a module that fails leaves no module behind, and the script goes on', () => {
  const { results } = run(`${MODULE} (module (func (result i32))) (invoke "print") (invoke $m "print")`);
  assert.match(results[1], /^invalid: type mismatch/);
  assert.deepEqual([results[0], ...results.slice(2)], ['ok', 'there is no module', 'ok']);
});
