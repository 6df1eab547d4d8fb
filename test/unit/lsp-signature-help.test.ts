/**
 * Signature help: for the place `¦` of each text the signature, with the active parameter between `«` and `»`.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis } from '../../language-server/analysis.ts';
import { signatureHelp } from '../../language-server/requests/signature-help.ts';
import { marked } from '../lsp/harness.ts';

const F = '(func $f (param $x i32) (param $y f64) (result i64) i64.const 0)';
const WHOLE = 'call $f (param $x i32) (param $y f64) (result i64)';

const CASES: readonly (readonly [what: string, text: string, signature: string | null])[] = [
  [
    'folded, before all operands',
    `(module ${F} (func (call $f ¦)))`,
    'call $f «(param $x i32)» (param $y f64) (result i64)',
  ],
  [
    'folded, in the first one',
    `(module ${F} (func (call $f (i32.const¦ 1))))`,
    'call $f «(param $x i32)» (param $y f64) (result i64)',
  ],
  [
    'folded, in a nested one',
    `(module ${F} (func (call $f (i32.add (i32.const 1) (¦)))))`,
    'call $f «(param $x i32)» (param $y f64) (result i64)',
  ],
  [
    'folded, behind the first one',
    `(module ${F} (func (call $f (i32.const 1) ¦)))`,
    'call $f (param $x i32) «(param $y f64)» (result i64)',
  ],
  ['folded, behind all', `(module ${F} (func (call $f (i32.const 1) (f64.const 1) ¦)))`, WHOLE],
  [
    'folded, unfinished',
    `(module ${F} (func (call $f (i32.const 1) (¦`,
    'call $f (param $x i32) «(param $y f64)» (result i64)',
  ],
  [
    'by index',
    `(module ${F} (func (return_call 0 ¦)))`,
    'return_call 0 «(param $x i32)» (param $y f64) (result i64)',
  ],
  [
    'a call in a call',
    `(module ${F} (func $g (param i32) (result i32) local.get 0) (func (call $f (call $g (¦)))))`,
    'call $g «(param i32)» (result i32)',
  ],
  ['inside of a block nothing is being called', `(module ${F} (func (call $f (block ¦))))`, null],
  [
    'flat, nothing there yet',
    `(module ${F} (func call $f¦))`,
    'call $f «(param $x i32)» (param $y f64) (result i64)',
  ],
  [
    'flat, the second one is missing',
    `(module ${F} (func i32.const 1 call $f ¦))`,
    'call $f (param $x i32) «(param $y f64)» (result i64)',
  ],
  ['flat, all there', `(module ${F} (func i32.const 1 f64.const 2 call $f ¦))`, WHOLE],
  ['flat, the next line is another matter', `(module ${F} (func i32.const 1 call $f\n¦))`, null],
  [
    'call_ref',
    '(module (type $t (func (param i32) (result f32))) (func (param (ref $t)) (call_ref $t (i32.const 1) ¦)))',
    'call_ref $t (param i32) «(param $callee (ref null $t))» (result f32)',
  ],
  [
    'call_indirect',
    '(module (table 1 funcref) (type $t (func (param i32))) (func (call_indirect (type $t) ¦)))',
    'call_indirect «(param i32)» (param $index i32)',
  ],
  [
    'throw',
    '(module (tag $e (param i32 f64)) (func (throw $e (i32.const 1) ¦)))',
    'throw $e (param i32) «(param f64)»',
  ],
  [
    'struct.new',
    '(module (type $s (struct (field $a i8) (field $b f64))) (func (struct.new $s (i32.const 1) ¦)))',
    'struct.new $s (param $a i32) «(param $b f64)» (result (ref $s))',
  ],
  [
    'br',
    '(module (func (block $l (result i32 f32) (br $l (i32.const 1) ¦))))',
    'br $l (param i32) «(param f32)»',
  ],
  [
    'br_if, flat',
    '(module (func (result i64) i64.const 1 br_if 0 ¦))',
    'br_if 0 (param i64) «(param $condition i32)» (result i64)',
  ],
  [
    'a loop takes its parameters',
    '(module (func i32.const 1 loop $l (param i32) br $l ¦',
    'br $l (param i32)',
  ],
  ['return', '(module (func (result i32 i32) (return (i32.const 1) ¦)))', 'return (param i32) «(param i32)»'],
  [
    'invoke',
    '(module (func (export "f") (param $x i32) (param f32)))(invoke "f" (i32.const 1) ¦)',
    'invoke "f" (param $x i32) «(param f32)»',
  ],
  [
    'invoke in an assertion, of a named module',
    '(module $m (func (export "f") (param i32)))(module)(assert_return (invoke $m "f" (i32.¦',
    'invoke "f" «(param i32)»',
  ],
  ['an unknown function', '(module (func (call $nope ¦)))', null],
  ['other instructions', '(module (func (i32.add ¦)))', null],
  ['a comment', `(module ${F} (func (call $f (;¦;))))`, null],
];

for (const [what, source, expected] of CASES) {
  test(what, () => {
    const { text, places } = marked(source);
    const name = text.includes('(invoke') ? 'test.wast' : 'test.wat';
    const help = signatureHelp(
      new Analysis(TextDocument.create(`file:///${name}`, 'wat', 1, text)),
      places[0],
    );
    if (!help) {
      assert.equal(expected, null);
      return;
    }
    const [{ label, parameters }] = help.signatures;
    const active: number | null | undefined = help.activeParameter;
    const range = typeof active === 'number' ? parameters![active].label : undefined;
    const shown = Array.isArray(range)
      ? `${label.slice(0, range[0])}«${label.slice(range[0], range[1])}»${label.slice(range[1])}`
      : label;
    assert.equal(shown, expected);
  });
}

test('a client without offsets and without "none" gets texts and the last parameter', () => {
  const text = `(module ${F} (func i32.const 1 f64.const 2 call $f ))`;
  const analysis = new Analysis(TextDocument.create('file:///t.wat', 'wat', 1, text));
  const help = signatureHelp(analysis, text.lastIndexOf(' ))') + 1, { offsets: false, noParameter: false })!;
  assert.equal(help.activeParameter, 1);
  assert.deepEqual(
    help.signatures[0].parameters!.map(({ label }) => label),
    ['(param $x i32)', '(param $y f64)'],
  );
});

test('the comment above a function is told', () => {
  const text = '(module\n;; Adds.\n(func $f (param i32))\n(func (call $f )))';
  const analysis = new Analysis(TextDocument.create('file:///t.wat', 'wat', 1, text));
  const help = signatureHelp(analysis, text.indexOf('$f )') + 3)!;
  assert.deepEqual(help.signatures[0].documentation, { kind: 'markdown', value: 'Adds.' });
});
