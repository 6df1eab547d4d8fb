/**
 * Outlines: for each text the symbols, indented by depth, as `kind name: detail`. Every selection must lie inside of its
 * range, and every child inside of its parent.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type DocumentSymbol, type Range, SymbolKind } from 'vscode-languageserver';
import { Editor, PULLS } from './harness.ts';

const CASES: readonly { name: string; text: string; file?: string; outline: readonly string[] }[] = [
  {
    name: 'a module with one field of each kind',
    text: `(module $m
      (type $t (func (param i32)))
      (import "env" "log" (func $log (param i32)))
      (import "env" "mem" (memory 1))
      (func $f (export "f") (param $n i32) (result i32) (local i32) (local.get $n))
      (func (import "env" "g") (result i64))
      (global $g (mut i32) (i32.const 0))
      (global i64 (i64.const 1))
      (table 1 funcref)
      (export "log" (func $log))
      (start $s)
      (elem (i32.const 0) $f)
      (data $d (i32.const 0) "hi"))`,
    outline: [
      'Module $m: ',
      '  Interface $t: (func (param i32))',
      '  Function $log: import "env" "log"',
      '  Array "env" "mem" (memory 1): ',
      '  Function $f: export "f" (param $n i32) (result i32)',
      '  Function func 2: import "env" "g" (result i64)',
      '  Variable $g: (mut i32)',
      '  Constant global 1: i64',
      '  Array table 0: 1 funcref',
      '  Key "log" (func $log): ',
      '  Event start: $s',
      '  Array elem 0: (i32.const 0) $f',
      '  String $d: (i32.const 0) "hi"',
    ],
  },
  {
    name: 'functions that have no name but as exports',
    text: '(module (func (export "f") (export "g")) (func) (func (param i32)) (export "h i" (func 2)) (export "f2" (func 0)))',
    outline: [
      'Module module: ',
      '  Function f: export "f" export "g"',
      '  Function func 1: ',
      '  Function h i: (param i32)',
      '  Key "h i" (func 2): ',
      '  Key "f2" (func 0): ',
    ],
  },
  { name: 'bare fields', text: '(func $a)\n(func $b)', outline: ['Function $a: ', 'Function $b: '] },
  { name: 'an empty module', text: '(module)', outline: ['Module module: '] },
  { name: 'nothing', text: '', outline: [] },
  {
    name: 'an unfinished text',
    text: '(module\n  (func $a (param i32)\n    local.get\n  (func $b (result\n  (glob',
    outline: ['Module module: ', '  Function $a: (param i32)', '  Function $b: (result (glob'],
  },
  {
    name: 'a script',
    text: '(module $m (func $f))\n(assert_return (invoke "f" (i32.const 1)) (i32.const 2))\n(register "m" $m)\n(assert_invalid (module (func $x)) "y")',
    file: 'outline.wast',
    outline: [
      'Module $m: ',
      '  Function $f: ',
      'Method assert_return: (invoke "f" (i32.const 1)) (i32.const 2)',
      'Event register: "m" $m',
      'Method assert_invalid: (module (func $x)) "y"',
    ],
  },
];

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
});
after(() => editor?.stop());

for (const { name, text, file = 'outline.wat', outline } of CASES) {
  test(name, async () => {
    const document = await editor.open(text, file);
    const symbols = await editor.request<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument: { uri: document.uri },
    });
    await editor.close(document);
    assert.deepEqual(
      symbols.flatMap((symbol) => lines(symbol, '')),
      outline,
    );
  });
}

function lines(
  { kind, name, detail, range, selectionRange, children = [] }: DocumentSymbol,
  indent: string,
): string[] {
  assert.ok(isInside(selectionRange, range), `selection of ${name}`);
  for (const child of children) assert.ok(isInside(child.range, range), `${child.name} in ${name}`);
  const word = Object.entries(SymbolKind).find(([, value]) => value === kind)?.[0];
  return [`${indent}${word} ${name}: ${detail}`, ...children.flatMap((child) => lines(child, `${indent}  `))];
}

function isInside(inner: Range, outer: Range): boolean {
  const order = ({ line, character }: Range['start']) => line * 1e6 + character;
  return order(inner.start) >= order(outer.start) && order(inner.end) <= order(outer.end);
}
