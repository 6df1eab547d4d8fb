/**
 * Inlay hints: the text with each hint written in `⟦ ⟧` where it stands, for the kinds that a case switches on.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InlayHintLabelPart } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis } from '../../language-server/analysis.ts';
import { HINTS, type Hints, inlayHints, resolved } from '../../language-server/requests/inlay-hints.ts';

const OFF = Object.fromEntries(Object.keys(HINTS).map((name) => [name, false])) as Hints;

function ask(text: string, kinds: readonly (keyof Hints)[], start = 0, end = text.length) {
  const document = TextDocument.create('file:///test.wat', 'wat', 1, text);
  const analysis = new Analysis(document);
  const wanted = { ...OFF, ...Object.fromEntries(kinds.map((kind) => [kind, true])) };
  return { analysis, document, hints: inlayHints(analysis, start, end, wanted) };
}

function shown(text: string, kinds: readonly (keyof Hints)[], start?: number, end?: number): string {
  const { document, hints } = ask(text, kinds, start, end);
  return hints.reduceRight((out, { label, position, paddingLeft }) => {
    const at = document.offsetAt(position);
    const value = typeof label === 'string' ? label : label.map((part) => part.value).join('');
    return `${out.slice(0, at)}⟦${paddingLeft ? ' ' : ''}${value}⟧${out.slice(at)}`;
  }, text);
}

const CASES: readonly (readonly [what: string, kinds: readonly (keyof Hints)[], expected: string])[] = [
  [
    'names behind numbers',
    ['names'],
    '(module (func $f (param $x i32)) (func call 0⟦ $f⟧ i32.const 0 drop (local i32)))',
  ],
  [
    'of locals, labels, globals',
    ['names'],
    '(module (global $g i32 (i32.const 0)) (func (param $x i32) block $b local.get 0⟦ $x⟧ br_if 0⟦ $b⟧ global.get 0⟦ $g⟧ drop end))',
  ],
  ['not where there is no name', ['names'], '(module (func) (func call 0))'],
  [
    'indices behind names',
    ['indices'],
    '(module (func $f⟦ 0⟧ (param $x⟦ 0⟧ i32) local.get $x⟦ 0⟧ drop call $f⟦ 0⟧))',
  ],
  [
    'ends of blocks',
    ['blockEnds'],
    '(module (func block $b\n nop\n end⟦ ⟵ block $b⟧ loop\nend⟦ ⟵ loop⟧ block end block $c\nend $c))',
  ],
  [
    'ends of ifs inside of folded blocks',
    ['blockEnds'],
    '(module (func (block i32.const 1 if\n else\n end⟦ ⟵ if⟧)))',
  ],
  [
    'results of calls',
    ['types'],
    '(module (func $f (result i32 f64) unreachable) (func call $f⟦ → i32 f64⟧ drop drop) (func call 1))',
  ],
  [
    'of indirect calls behind their type',
    ['types'],
    '(module (type $t (func (result i32))) (table 1 funcref) (func (drop (call_indirect (type $t)⟦ → i32⟧ (i32.const 0)))))',
  ],
  [
    'types that stand elsewhere',
    ['types'],
    '(module (type $t (func (param i32) (result f32))) (func (type $t)⟦ (param i32) (result f32)⟧ unreachable) (func (type $t) (param i32) (result f32) unreachable))',
  ],
  [
    'names of parameters',
    ['parameterNames'],
    '(module (func $f (param $x i32) (param i32) (param $z i32)) (func (call $f ⟦$x:⟧(i32.const 1) (i32.const 2) ⟦$z:⟧(i32.const 3))))',
  ],
  ['types of locals', ['localTypes'], '(module (func (param $x f64) local.get $x⟦ → f64⟧ drop))'],
  ['nothing', [], '(module (func $f (param $x f64) local.get $x drop block\n end))'],
];

for (const [what, kinds, expected] of CASES) {
  test(what, () => assert.equal(shown(expected.replace(/⟦[^⟧]*⟧/g, ''), kinds), expected));
}

test('only what is in sight', () => {
  const text = '(module (func $f)\n(func call 0)\n(func call 0))';
  const line = text.indexOf('(func call');
  assert.equal(
    shown(text, ['names'], line, line + 13),
    '(module (func $f)\n(func call 0⟦ $f⟧)\n(func call 0))',
  );
});

test('an end in sight whose block is not', () => {
  const text = '(module (func block $b\nnop\nend))';
  assert.equal(
    shown(text, ['blockEnds'], text.indexOf('end'), text.length),
    '(module (func block $b\nnop\nend⟦ ⟵ block $b⟧))',
  );
});

test('a hint that is looked at has the definition', () => {
  const { analysis, document, hints } = ask('(module\n ;; Frees.\n (func $f)\n (func call 0))', ['names']);
  const hint = resolved(analysis, hints[0], hints[0].data);
  assert.deepEqual(hint.tooltip, { kind: 'markdown', value: '```wat\n(func $f)\n```\n\nFrees.' });
  const [part] = hint.label as InlayHintLabelPart[];
  assert.equal(document.getText(part.location!.range), '$f');
});
