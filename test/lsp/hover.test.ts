/**
 * Hovers: for the place `¦` of each text the lines that are shown there. A hover's range is the marked one.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Hover, MarkupContent } from 'vscode-languageserver';
import { Editor, marked, PULLS, PUSHED, withMarks } from './harness.ts';

const CASES: readonly (readonly [name: string, text: string, ...lines: (string | RegExp)[]])[] = [
  [
    'an instruction: type, sentence, stack, opcode, link',
    '(module (func (param i32) (result i64) i64.const 7 local.get 0 i32.const 1 «i3¦2.add» drop))',
    'i32.add : [i32 i32] -> [i32]',
    /^Adds/,
    'Stack here `[i64 i32 i32]` → `[i64 i32]`',
    /^`0x6a` · \[Specification\]\(https:.*#exec-binop\)$/,
  ],
  [
    'an instruction with traps and immediates',
    '(module (memory 1) (func (drop («¦i32.load» offset=4 (i32.const 0)))))',
    'i32.load : [i32] -> [i32]',
    /^Reads 4 bytes/,
    'Stack here `[i32]` → `[i32]`',
    'Accesses bytes 4 to 7 behind the address; aligned to 4 as is natural',
    'Written `i32.load memory? offset=n? align=n?`',
    'Traps: out of bounds memory access',
    /^`0x28`/,
  ],
  [
    'an instruction of a feature, behind a prefix',
    '(module (memory 1) (func «memory.c¦opy»))',
    'memory.copy : [i32 i32 i32] -> []',
    /^Copies/,
    'Stack here `[]`',
    /^Written/,
    /^Traps/,
    /^`0xfc 0x0a` · bulk memory operations ·/,
  ],
  [
    'unreachable code',
    '(module (func unreachable «no¦p»))',
    'nop : [] -> []',
    'Does nothing.',
    'Stack here `[]` → `[]` (never reached)',
    /^`0x01`/,
  ],
  [
    'a branch: nothing comes behind it',
    '(module (func i32.const 1 «b¦r» 0))',
    'br : [t1* t*] -> [t2*]',
    /^Branches/,
    'Stack here `[i32]`',
    'Written `br label`',
    /^`0x0c`/,
  ],
  [
    'behind a fault there is no stack',
    '(module (func drop «no¦p»))',
    'nop : [] -> []',
    'Does nothing.',
    /^`0x01`/,
  ],
  [
    'an old name',
    '(module (func (param i32) «get_loc¦al» 0 drop))',
    'local.get : [] -> [t]',
    'The old name of `local.get`.',
    /^Pushes/,
    'Stack here `[]` → `[i32]`',
    /^Written/,
    /^`0x20`/,
  ],
  [
    'a function, with the comment above it',
    `(module
  ;; Adds *two* numbers, like \`i32.add\`.
  ;; Wraps around.
  (func $add (export "sum") (param $a i32) (param $b i32) (result i32)
    (local $x i32)
    (i32.add (local.get $a) (local.get $b)))
  (func (drop (call «$a¦dd» (i32.const 1) (i32.const 2)))))`,
    '(func $add (export "sum") (param $a i32) (param $b i32) (result i32))',
    'Adds \\*two\\* numbers, like `i32.add`.  ',
    'Wraps around.',
    'function 0 · exported as `"sum"`',
  ],
  [
    'a function by its index, typed by a type',
    '(module (type $t (func (param i32))) (func (type $t)) (func (call «¦0» (i32.const 1))))',
    '(func (type $t))',
    'function 0 · `[i32] -> []`',
  ],
  [
    'a comment at the end of the line above is none',
    '(module (func) ;; of the first\n (func $f) (start «$¦f»))',
    '(func $f)',
    'function 1',
  ],
  [
    'a comment with an empty line below is none',
    '(module\n ;; a chapter\n\n (func $f) (start «$¦f»))',
    '(func $f)',
    'function 0',
  ],
  [
    'an imported function',
    '(module (import "m" "f" (func «$¦f» (param i32))))',
    '(func $f (param i32))',
    'function 0',
  ],
  ['a parameter', '(module (func (param $n i32) (drop (local.get «$¦n»))))', '(param $n i32)', 'local 0'],
  [
    'a local without a name among others',
    '(module (func (param i32 i64) (local f32 (ref null func)) (drop (local.get «¦1»))))',
    '(param i64)',
    'local 1',
  ],
  [
    'a local of a reference type without a name',
    '(module (func (local f32 (ref null func)) (drop (local.get «¦1»))))',
    '(local (ref null func))',
    'local 1',
  ],
  [
    'a global',
    '(module (global $g (mut i32) (i32.const 1)) (func (drop (global.get «$¦g»))))',
    '(global $g (mut i32) (i32.const 1))',
    'global 0',
  ],
  [
    'a long data segment is cut',
    `(module (memory 1) (data $d "${'a'.repeat(500)}") (func (data.drop «$¦d»)))`,
    /^\(data \$d "a+ …$/,
    'data segment 0',
  ],
  [
    'a label of a block',
    '(module (func\n (block $out (result i32)\n (br «$o¦ut» (i32.const 1)))\n drop))',
    'block $out (result i32)',
    'label of line 2: a branch to it goes behind its end',
  ],
  [
    'a label of a loop',
    '(module (func (loop $again (br_if «$a¦gain» (i32.const 0)))))',
    'loop $again',
    'label: a branch to it goes back to the start, in line 1',
  ],
  [
    'the label of a function',
    '(module (func (br «¦0»)))',
    'The label of the whole function: a branch to it returns.',
  ],
  ['a keyword', '(module («me¦mory» 1))', 'memory', /^Defines a memory/],
  [
    'a memory offset',
    '(module (memory 1) (func (drop (i32.load «off¦set=4» (i32.const 0)))))',
    'offset=4',
    /^Is added/,
    'Accesses bytes 4 to 7 behind the address; aligned to 4 as is natural',
  ],
  [
    'a negative i32',
    '(module (func (drop (i32.const «-¦1»))))',
    '`i32` · `-1` · `unsigned 4294967295` · `0xffffffff` · `0b11111111_11111111_11111111_11111111`',
  ],
  [
    'a character',
    '(module (func (drop (i32.const «0x4¦1»))))',
    "`i32` · `65` · `0x41` · `0b1000001` · `'A'`",
  ],
  [
    'a large i64',
    '(module (func (drop (i64.const «0xffffffff¦ffffffff»))))',
    /^`i64` · `-1` · `unsigned 18446744073709551615` · `0xffffffffffffffff` · `0b11111111_1/,
  ],
  [
    'a float',
    '(module (func (drop (f32.const «0¦.1»))))',
    /^`f32` · `0\.1` · `0x1\.99999ap-4` · `bits 0x3dcccccd`$/,
  ],
  [
    'a NaN with a payload',
    '(module (func (drop (f64.const «nan:0x¦1»))))',
    '`f64` · `nan:0x1` · `bits 0x7ff0000000000001`',
  ],
  ['a size', '(module (memory «0x¦10»))', '`16` · `0x10`'],
  [
    'bits that are a float',
    '(module (func (drop (i32.const «0x3f8¦00000»))))',
    '`i32` · `1065353216` · `0x3f800000` · `0b111111_10000000_00000000_00000000` · `f32 1`',
  ],
  ['a character beyond ASCII', '(module (func (drop (i32.const «0x1f6¦42»))))', /`'🙂'`$/],
  [
    'alignment',
    '(module (memory 1) (func (drop (i64.load offset=8 «ali¦gn=4» (i32.const 0)))))',
    'align=4',
    /^A hint/,
    'Accesses bytes 8 to 15 behind the address; aligned to 4, natural are 8',
  ],
  [
    'a string of a data segment, behind another one',
    '(module (memory $m 1) (data (i32.const 16) "abc" «"d¦\\u{e9}f"»))',
    '4 bytes at 0x13 to 0x16 of memory $m',
  ],
  ['of a passive one', '(module (memory 1) (data «"a¦b"»))', '2 bytes, from byte 0 of the segment on'],
  [
    'the name of an export',
    '(module (func $f (param i32)) (export «"¦x"» (func $f)))',
    '(func $f (param i32))',
    'function 0 · exported as `"x"`',
  ],
  [
    'what a script invokes',
    '(module (func $f (export "x") (param $a i32)))\n(assert_return (invoke «"¦x"» (i32.const 1)))',
    '(func $f (export "x") (param $a i32))',
    'function 0 · exported as `"x"`',
  ],
  [
    'a module of a script',
    '(module $m (func (export "x")))\n(register "lib" $m)\n(assert_return (invoke «$¦m» "x"))',
    'module $m',
    /^\d+ bytes · 1 function · 0 imports · 1 export · registered as `"lib"`$/,
  ],
  [
    'in a module of an assertion',
    '(assert_invalid (module (func $f (drop (call «$¦f»)))) "type mismatch")',
    '(func $f)',
    'function 0',
  ],
  [
    'a registered name',
    '(module $m (func (export "x")))\n(register «"l¦ib"» $m)\n(assert_return (invoke "x"))',
    'module $m',
    /registered as `"lib"`$/,
  ],
  [
    'what is imported from a registered module',
    '(module $m (func $f (export "x")))\n(register "lib")\n(module (import "lib" «"¦x"» (func)))\n(assert_return (invoke "x"))',
    '(func $f (export "x"))',
    'function 0 · exported as `"x"`',
  ],
  ['an annotation', '(module «(@cus¦tom» "x" "y"))', '(@custom …)', /^A custom section/],
  [
    'the size of a function',
    '(module («fu¦nc» (nop)))',
    'func',
    /^Defines a function/,
    /^Code: 3 bytes at 0x[0-9a-f]+ to 0x[0-9a-f]+$/,
  ],
  [
    'the size of a block',
    '(module (func «bl¦ock» nop end))',
    /^block : /,
    /./,
    'Stack here `[]` → `[]`',
    /^With its end: 4 bytes at 0x/,
    /^Written/,
    /^`0x02`/,
  ],
  [
    'which block ends',
    '(module (func\nblock $b nop «e¦nd»))',
    /^end : /,
    /./,
    'Stack here `[]` → `[]`',
    'Of `block $b` in line 2',
    /^`0x0b`/,
  ],
  [
    'a type with its relations, and the types that it names',
    '(module (rec (type $a (sub (struct (field (ref null $b))))) (type $b (sub $a (struct (field (ref null $b)))))) (func (param (ref «$¦a»))))',
    '(type $a (sub (struct (field (ref null $b)))))',
    '(type $b (sub $a (struct (field (ref null $b)))))',
    'type 0 · subtypes $b · in a group of 2 types',
  ],
  [
    'a local of a structure',
    '(module (type $s (struct (field $x i32))) (func (param $p (ref $s)) (drop (local.get «$¦p»))))',
    '(param $p (ref $s))',
    '(type $s (struct (field $x i32)))',
    'local 0',
  ],
  ['the end of a name counts as the name', '(module (func $f) (start «$f»¦))', '(func $f)', 'function 0'],
  ['a name of nothing', '(module (func (call $no¦thing)))'],
  ['a parenthesis', '(module ¦(func))'],
  ['a comment', '(module ;; i32.¦add\n)'],
  ['a script', '(module)\n(assert_return («inv¦oke» "f"))', 'invoke', /^Calls/],
];

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
});
after(() => editor?.stop());

for (const [name, source, ...lines] of CASES) {
  test(name, async () => {
    const { text, ranges, places } = marked(source);
    const document = await editor.open(text, source.includes('assert_') ? 'hover.wast' : 'hover.wat');
    const found = await editor.at<Hover | null>('hover', document, document.positionAt(places[0]));
    await editor.close(document);
    if (lines.length === 0) return assert.equal(found, null);
    const { value } = found!.contents as MarkupContent;
    const shown = value.split('\n').filter((line) => line !== '' && !line.startsWith('```'));
    const wanted = lines.map((line, i) => (line instanceof RegExp && line.test(shown[i]) ? shown[i] : line));
    assert.deepEqual(shown, wanted);
    const range = { start: document.positionAt(ranges[0].start), end: document.positionAt(ranges[0].end) };
    assert.equal(withMarks(document, [found!.range!]), withMarks(document, [range]));
  });
}

test('a client that shows no markdown gets plain text', async (t) => {
  const plain = await Editor.start(PUSHED, t);
  const document = await plain.open('(module (func i32.const 1 drop))');
  const found = await plain.at<Hover>('hover', document, { line: 0, character: 16 });
  assert.equal((found.contents as MarkupContent).kind, 'plaintext');
  assert.doesNotMatch((found.contents as MarkupContent).value, /[`\\]|\]\(/);
});
