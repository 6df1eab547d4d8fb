/**
 * Semantic tokens: for each text every token with its type and modifiers, in the order of the text.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis } from '../../language-server/analysis.ts';
import { LEGEND, rangeTokens } from '../../language-server/requests/semantic-tokens.ts';

function read(text: string, name = 'test.wat', start = 0, end = text.length): string[] {
  const document = TextDocument.create(`file:///${name}`, 'wat', 1, text);
  const data = rangeTokens(new Analysis(document), start, end);
  const found: string[] = [];
  let line = 0;
  let character = 0;
  for (let i = 0; i < data.length; i += 5) {
    const [lines, columns, length, type, bits] = data.slice(i, i + 5);
    character = lines > 0 ? columns : character + columns;
    line += lines;
    const at = document.offsetAt({ line, character });
    const modifiers = LEGEND.tokenModifiers.filter((_, bit) => bits & (1 << bit));
    found.push([text.slice(at, at + length), LEGEND.tokenTypes[type], ...modifiers].join(' '));
  }
  return found;
}

const CASES: readonly (readonly [what: string, text: string, tokens: readonly string[], name?: string])[] = [
  [
    'names and their uses',
    '(module (func $f (param $p i32) (local $l i32)\n  local.get $p local.set $l call $f))',
    [
      '$f function definition',
      '$p parameter definition',
      '$l variable definition',
      '$p parameter',
      '$l variable',
      '$f function',
    ],
  ],
  [
    'numbers by their space',
    '(module (func (param i32) (local i32) local.get 0 local.set 1 call 0 i32.const 0 drop))',
    ['0 parameter', '1 variable', '0 function'],
  ],
  [
    'globals that cannot change',
    '(module (global $c i32 (i32.const 0)) (global $m (mut i32) (i32.const 0)) (func global.get $c global.set 1))',
    ['$c variable definition readonly', '$m variable definition', '$c variable readonly', '1 variable'],
  ],
  [
    'imports',
    '(module (import "a" "b" (func $i)) (func call $i call 0))',
    ['$i function declaration defaultLibrary', '$i function defaultLibrary', '0 function defaultLibrary'],
  ],
  [
    'labels',
    '(module (func block $b br $b br 0 end $b))',
    ['$b label definition', '$b label', '0 label', '$b label'],
  ],
  [
    'types and fields',
    '(module (type $s (struct (field $x i32) (field $y (mut i32)))) (func (param (ref $s)) (drop (struct.get $s $x (local.get 0)))))',
    [
      '$s type definition',
      '$x property definition readonly',
      '$y property definition',
      '$s type',
      '$s type',
      '$x property readonly',
      '0 parameter',
    ],
  ],
  [
    'tables, memories, segments, tags',
    '(module (table $t 1 funcref) (memory $m 1) (data $d "") (elem $e funcref) (tag $x) (func table.size $t drop data.drop $d elem.drop $e throw $x))',
    [
      '$t table definition',
      '$m memory definition',
      '$d segment definition',
      '$e segment definition',
      '$x event definition',
      '$t table',
      '$d segment',
      '$e segment',
      '$x event',
    ],
  ],
  ['what nothing defines', '(module $name (func call $nope))', ['$nope unresolvedReference']],
  [
    'old names',
    '(module (func (param i32) get_local 0 drop))',
    ['get_local keyword deprecated', '0 parameter'],
  ],
  ['annotations and plain numbers are left alone', '(module (@x $a 1) (memory 1 2))', []],
  [
    'quoted names and characters beyond the BMP',
    '(module (func $"🙂 x") (func (;🙂;) call $"🙂 x"))',
    ['$"🙂 x" function definition', '$"🙂 x" function'],
  ],
  [
    'scripts',
    '(module $m (func $f)) (module (func call $f)) (invoke $m "x")',
    ['$f function definition', '$f unresolvedReference'],
    'test.wast',
  ],
];

for (const [what, text, tokens, name] of CASES) {
  test(what, () => assert.deepEqual(read(text, name), tokens));
}

test('a range has its own tokens only', () => {
  const text = '(module (func $a) (func $b) (func $c))';
  const at = text.indexOf('$b');
  assert.deepEqual(read(text, 'test.wat', at, at + 2), ['$b function definition']);
});
