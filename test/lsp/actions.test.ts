/**
 * Code actions: `input with selection` → `expected text`, by title. Then all of them at random places of the public test
 * suite: nothing throws, edits do not overlap, what was valid stays valid, and what only rewrites keeps the binary.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { CodeAction } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { editsOf, Selection } from '../../language-server/actions/action.ts';
import { ACTIONS } from '../../language-server/actions/table.ts';
import { Analysis } from '../../language-server/analysis.ts';
import { applied, overlap } from '../../language-server/facts/edits.ts';
import { Levels } from '../../language-server/lints/levels.ts';
import { LintRuns } from '../../language-server/lints/run.ts';
import { LINTS } from '../../language-server/lints/table.ts';
import { codeActions } from '../../language-server/requests/code-actions.ts';
import { suiteFiles, suiteFolder } from '../spec/suite.ts';
import { Editor, marked, PULLS } from './harness.ts';

interface Case {
  /** The action's title. */
  readonly take: string;
  /** `¦`: the caret; `«»`: the selection. */
  readonly text: string;
  /** Absent: the action is not offered. */
  readonly expected?: string;
  readonly only?: readonly string[];
}

const CASES: readonly Case[] = [
  // names that nothing has
  {
    take: 'Change to $foo',
    text: '(func $foo) (func (call ¦$fooo))',
    expected: '(func $foo) (func (call $foo))',
  },
  {
    take: 'Change to i32.add',
    text: '(func (param i32) (drop (¦i32.ad (local.get 0) (local.get 0))))',
    expected: '(func (param i32) (drop (i32.add (local.get 0) (local.get 0))))',
  },
  {
    take: 'Write local.get',
    text: '(func (param i32) (drop (¦get_local 0)))',
    expected: '(func (param i32) (drop (local.get 0)))',
  },
  {
    take: 'Write all instructions by their present names',
    text: '¦(func (param i32) (set_local 0 (get_local 0)))',
    expected: '(func (param i32) (local.set 0 (local.get 0)))',
    only: ['source.fixAll'],
  },
  {
    take: 'Add the local $x',
    text: '(func\n  (local.set ¦$x (i64.const 1))\n)',
    expected: '(func\n  (local $x i64)\n  (local.set $x (i64.const 1))\n)',
  },
  {
    take: 'Add the local $x',
    text: '(func (drop (f32.neg (local.get ¦$x))))',
    expected: '(func (local $x f32) (drop (f32.neg (local.get $x))))',
  },
  {
    take: 'Add the parameter $x',
    text: '(func $f (param i64) (drop (local.get ¦$x)))',
    expected: '(func $f (param i64) (param $x i32) (drop (local.get $x)))',
  },
  {
    take: 'Add the parameter $x',
    text: '(func $f (export "f") (drop (local.get ¦$x)))',
    expected: '(func $f (export "f") (param $x i32) (drop (local.get $x)))',
  },
  { take: 'Add the parameter $x', text: '(type $t (func)) (func (type $t) (drop (local.get ¦$x)))' },
  {
    take: 'Add the function $g',
    text: '(module\n  (func $f (drop (call ¦$g (i64.const 1)))))',
    expected:
      '(module\n  (func $f (drop (call $g (i64.const 1))))\n  (func $g (param i64) (result i32)\n    unreachable))',
  },
  {
    take: 'Import the function $g',
    text: '(module\n  (type (func))\n  (func $f (call ¦$g)))',
    expected: '(module\n  (type (func))\n  (import "env" "g" (func $g))\n  (func $f (call $g)))',
  },
  {
    take: 'Add the global $g',
    text: '(module (func (global.set ¦$g (f64.const 1))))',
    expected: '(module (func (global.set $g (f64.const 1)))\n(global $g (mut f64) (f64.const 0)))',
  },
  {
    take: 'Import the global $g',
    text: '(module (func (drop (global.get ¦$g))))',
    expected: '(module (import "env" "g" (global $g i32))\n(func (drop (global.get $g))))',
  },
  {
    take: 'Add the memory 0',
    text: '(module (func (drop (¦i32.load (i32.const 0)))))',
    expected: '(module (func (drop (i32.load (i32.const 0))))\n(memory 1))',
  },
  {
    take: 'Add the table $t',
    text: '(module (func (drop (table.size ¦$t))))',
    expected: '(module (func (drop (table.size $t)))\n(table $t 1 funcref))',
  },
  {
    take: 'Add the type $t',
    text: '(module (func (type ¦$t)))',
    expected: '(module (func (type $t))\n(type $t (func)))',
  },
  {
    take: 'Add the tag $e',
    text: '(module (func (throw ¦$e)))',
    expected: '(module (func (throw $e))\n(tag $e))',
  },
  {
    take: 'Declare the result i32',
    text: '(func $f (param i32) (local.get 0)¦)',
    expected: '(func $f (param i32) (result i32) (local.get 0))',
  },
  {
    take: 'Declare the results i64 i32',
    text: '(func (result i32) (i64.const 1) (i32.const 0)¦)',
    expected: '(func (result i64 i32) (i64.const 1) (i32.const 0))',
  },
  {
    take: 'Import the function $g',
    text: '(module\r\n  (func (call ¦$g)))\r\n',
    expected: '(module\r\n  (import "env" "g" (func $g))\r\n  (func (call $g)))\r\n',
  },
  {
    take: 'Change to $"🦀"',
    text: '(func $"🦀") (func (call ¦$"🦞"))',
    expected: '(func $"🦀") (func (call $"🦀"))',
  },
  // else
  {
    take: 'Add else',
    text: '(func (param i32) (¦if (local.get 0) (then (nop))))',
    expected: '(func (param i32) (if (local.get 0) (then (nop)) (else)))',
  },
  {
    take: 'Add else',
    text: '(func (param i32) (result i32)\n  (¦if (result i32) (local.get 0)\n    (then (i32.const 1))))',
    expected:
      '(func (param i32) (result i32)\n  (if (result i32) (local.get 0)\n    (then (i32.const 1))\n    (else unreachable)))',
  },
  {
    take: 'Add else',
    text: '(func (param i32)\n  local.get 0\n  ¦if\n    nop\n  end)',
    expected: '(func (param i32)\n  local.get 0\n  if\n    nop\n  else\n  end)',
  },
  { take: 'Add else', text: '(func (param i32) (¦if (local.get 0) (then) (else)))' },
  // fold and unfold
  {
    take: 'Fold the function',
    text: '(func $f (param i32) (result i32)\n  ¦local.get 0\n  i32.const 1\n  i32.add\n)',
    expected: '(func $f (param i32) (result i32)\n  (i32.add (local.get 0) (i32.const 1))\n)',
  },
  {
    take: 'Unfold the function',
    text: '(func $f (param i32) (result i32)\n  ¦(i32.add (local.get 0) (i32.const 1))\n)',
    expected: '(func $f (param i32) (result i32)\n  local.get 0 i32.const 1 i32.add\n)',
  },
  {
    take: 'Unfold the function',
    text: '(func (param i32)\n  ¦(if (local.get 0)\n    (then (call 0 (i32.const 1))) ;; one\n    (else\n      ;; two\n      (nop))))',
    expected:
      '(func (param i32)\n  local.get 0\n  if\n    i32.const 1\n    call 0 ;; one\n  else\n    ;; two\n    nop\n  end)',
  },
  {
    take: 'Fold the function',
    text: '(func (param i32)\n  ¦block $a\n    ;; the condition\n    local.get 0\n    br_if $a ;; out\n  end $a)',
    expected:
      '(func (param i32)\n  (block $a\n    ;; the condition\n    (br_if $a (local.get 0)) ;; out\n  ))',
  },
  {
    take: 'Unfold the selection',
    text: '(func (param i32)\n  (drop (i32.eqz (local.get 0)))\n  «(drop (local.get 0))»)',
    expected: '(func (param i32)\n  (drop (i32.eqz (local.get 0)))\n  local.get 0 drop)',
  },
  {
    take: 'Fold the selection',
    text: '(func\n  «i32.const 1\n  drop»\n  i32.const 2\n  drop)',
    expected: '(func\n  (drop (i32.const 1))\n  i32.const 2\n  drop)',
  },
  {
    take: 'Unfold the function',
    text: '(func (param i32) (@metadata.code.branch_hint "\\01") (¦if (local.get 0) (then)))',
  },
  // names and indices
  { take: 'Write the name $f', text: '(func $f) (func (call ¦0))', expected: '(func $f) (func (call $f))' },
  { take: 'Write the index 0', text: '(func $f) (func (call ¦$f))', expected: '(func $f) (func (call 0))' },
  {
    take: 'Write the name $a',
    text: '(func (block $a (block (br ¦1))))',
    expected: '(func (block $a (block (br $a))))',
  },
  { take: 'Write the name $a', text: '(func (block $a (block $a (br ¦1))))' },
  {
    take: 'Write the index 1',
    text: '(func (block $a (block (br ¦$a))))',
    expected: '(func (block $a (block (br 1))))',
  },
  {
    take: 'Write names for all indices of the module',
    text: '(func $f (param $x i32) (block $l (br 0)) (call 0 (local.get ¦0)))',
    expected: '(func $f (param $x i32) (block $l (br $l)) (call $f (local.get $x)))',
  },
  {
    take: 'Write indices for all names of the module',
    text: '(func $f (param $x i32) block $l br $l end $l (call $f (local.get ¦$x)))',
    expected: '(func $f (param $x i32) block $l br 0 end $l (call 0 (local.get 0)))',
  },
  // branches, calls
  {
    take: 'Write if instead of br_if',
    text: '(func (param i32) (block $l (¦br_if $l (local.get 0))))',
    expected: '(func (param i32) (block $l (if (local.get 0) (then (br $l)))))',
  },
  {
    take: 'Write if instead of br_if',
    text: '(func (param i32) (block (¦br_if 0 (local.get 0))))',
    expected: '(func (param i32) (block (if (local.get 0) (then (br 1)))))',
  },
  {
    take: 'Write if instead of br_if',
    text: '(func (param i32) (result i32) (block $l (result i32) (i32.const 1) (¦br_if $l (local.get 0))))',
  },
  {
    take: 'Write br_if instead of if',
    text: '(func (param i32) (block (¦if (local.get 0) (then (br 1)))))',
    expected: '(func (param i32) (block (br_if 0 (local.get 0))))',
  },
  {
    take: 'Write br_if instead of if',
    text: '(func (param i32) block $l local.get 0 ¦if br $l end end)',
    expected: '(func (param i32) block $l local.get 0 br_if $l end)',
  },
  {
    take: 'Write return_call',
    text: '(func $f (result i32) (return (¦call $f)))',
    expected: '(func $f (result i32) (return_call $f))',
  },
  {
    take: 'Write return_call',
    text: '(func $f (result i32)\n  ¦call $f\n  return)',
    expected: '(func $f (result i32)\n  return_call $f)',
  },
  {
    take: 'Write return_call',
    text: '(func $f (result i32) (¦call $f))',
    expected: '(func $f (result i32) (return_call $f))',
  },
  { take: 'Write return_call', text: '(func $f (result i32) (i32.eqz (¦call $f)))' },
  {
    take: 'Write return_call',
    text: '(func $g (result i64) (i64.const 1)) (func (result i32) (drop (i32.const 1)) (¦call $g))',
  },
  // exports, imports, types
  {
    take: 'Write the export as a field',
    text: '(module\n  (func ¦$f (export "f") (nop)))',
    expected: '(module\n  (func $f (nop))\n  (export "f" (func $f)))',
  },
  {
    take: 'Write the exports as fields',
    text: '(memory ¦(export "a") (export "b") 1)',
    expected: '(memory 1)\n(export "a" (memory 0))\n(export "b" (memory 0))',
  },
  {
    take: 'Write the export into what it exports',
    text: '(module\n  (func $f)\n  (¦export "f" (func $f))\n)',
    expected: '(module\n  (func $f (export "f"))\n)',
  },
  {
    take: 'Write the export into what it exports',
    text: '(import "m" "f" (func $f)) (¦export "f" (func $f))',
  },
  {
    take: 'Write the import as a field',
    text: '(func ¦$f (import "m" "f") (param i32))',
    expected: '(import "m" "f" (func $f (param i32)))',
  },
  {
    take: 'Write the import into what it imports',
    text: '(¦import "m" "f" (global $g (mut i32)))',
    expected: '(global $g (import "m" "f") (mut i32))',
  },
  {
    take: 'Write the type out',
    text: '(type $t (func (param i32) (result i64))) (func ¦$f (type $t) (i64.const 1))',
    expected: '(type $t (func (param i32) (result i64))) (func $f (param i32) (result i64) (i64.const 1))',
  },
  {
    take: 'Write the type out',
    text: '(type $t (func (param i32))) (func ¦$f (type $t) (param $x i32))',
    expected: '(type $t (func (param i32))) (func $f (param $x i32))',
  },
  {
    take: 'Name the type',
    text: '(type $t (func (param i32))) (func ¦$f (param i32))',
    expected: '(type $t (func (param i32))) (func $f (type $t))',
  },
  {
    take: 'Name the type',
    text: '(module\n  (func ¦$f (param $x i32) (result i32) (local.get $x)))',
    expected:
      '(module\n  (type $type (func (param i32) (result i32)))\n  (func $f (type $type) (param $x i32) (result i32) (local.get $x)))',
  },
  { take: 'Write the type out', text: '(rec (type $t (func)) (type (struct))) (func ¦$f (type $t))' },
  {
    take: 'Write the type out',
    text: '(type $t (func (param i32))) (import "m" "f" (¦func $f (type $t)))',
    expected: '(type $t (func (param i32))) (import "m" "f" (func $f (param i32)))',
  },
  {
    take: 'Write the type out',
    text: '(type $t (func (param i32) (result i32))) (table 1 funcref) (func (drop (¦call_indirect (type $t) (i32.const 1) (i32.const 0))))',
    expected:
      '(type $t (func (param i32) (result i32))) (table 1 funcref) (func (drop (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0))))',
  },
  {
    take: 'Name the type',
    text: '(module\n  (type (func)) ;; 0\n  (func ¦$f (param i32)))',
    expected: '(module\n  (type (func)) ;; 0\n  (type $type (func (param i32)))\n  (func $f (type $type)))',
  },
  // numbers
  { take: 'Write 0xff', text: '(func (drop (i32.const ¦255)))', expected: '(func (drop (i32.const 0xff)))' },
  {
    take: 'Write 0xffffffff',
    text: '(func (drop (i32.const ¦-1)))',
    expected: '(func (drop (i32.const 0xffffffff)))',
  },
  {
    take: 'Write -1',
    text: '(func (drop (i64.const ¦0xffff_ffff_ffff_ffff)))',
    expected: '(func (drop (i64.const -1)))',
  },
  {
    take: 'Write 1_000_000',
    text: '(func (drop (i32.const ¦1000000)))',
    expected: '(func (drop (i32.const 1_000_000)))',
  },
  {
    take: 'Write 0xdead_beef',
    text: '(func (drop (i32.const ¦0xdeadbeef)))',
    expected: '(func (drop (i32.const 0xdead_beef)))',
  },
  {
    take: 'Write 0x1p-1',
    text: '(func (drop (f32.const ¦0.5)))',
    expected: '(func (drop (f32.const 0x1p-1)))',
  },
  {
    take: 'Write 255',
    text: '(func (drop (v128.const i8x16 ¦0xff 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))',
    expected: '(func (drop (v128.const i8x16 255 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))',
  },
  // lints
  { take: 'Remove the local $x', text: '(func (local ¦$x i32))', expected: '(func)' },
  {
    take: 'Silence unused-local here',
    text: '(module\n  (func (local ¦$x i32)))',
    expected: '(module\n  ;; wasmscope-ignore unused-local\n  (func (local $x i32)))',
  },
  {
    take: 'Silence unused-local here',
    text: '(module\n  ;; wasmscope-ignore dead-store\n  (func (local ¦$x i32)))',
    expected: '(module\n  ;; wasmscope-ignore dead-store unused-local\n  (func (local $x i32)))',
  },
  {
    take: 'Silence unused-local in this file',
    text: '(func (local ¦$x i32))',
    expected: ';; wasmscope-ignore-file unused-local\n(func (local $x i32))',
  },
  {
    take: 'Remove the unused function $f',
    text: '(module\n  (func ¦$f)\n  (func (export "g") (call 2))\n  (func))',
    expected: '(module\n  (func (export "g") (call 1))\n  (func))',
  },
  {
    take: 'Remove everything that is unused',
    text: '(module\n  (func $f)\n  (global $a i32 (i32.const 1)) (global $b i32 (i32.const 2))\n  (func (export "g") (drop (global.get 1¦))))',
    expected: '(module\n  (global $b i32 (i32.const 2))\n  (func (export "g") (drop (global.get 0))))',
    only: ['source.removeUnused'],
  },
  {
    take: 'Apply all fixes of lints',
    text: '(func (export "f") (param $x i32) (result i32)\n  (local $y i32)\n  (drop (i32.const 1))\n  (i32.eq (local.get $x) (i32.const 0))¦)',
    expected: '(func (export "f") (param $x i32) (result i32)\n  (i32.eqz (local.get $x)))',
    only: ['source.fixAll'],
  },
];

const DEFAULT = new Levels({ raw: {} });
const LOUD = new Levels({ raw: { lint: Object.fromEntries(LINTS.map(({ code }) => [code, 'hint'])) } });

function analysisOf(text: string): Analysis {
  return new Analysis(TextDocument.create('file:///project/test.wat', 'wat', 1, text));
}

function lintsOf(analysis: Analysis, levels: Levels) {
  return new LintRuns().of(analysis, levels, { pause: () => undefined });
}

function after(action: CodeAction, text: string): string {
  const [edits] = Object.values(action.edit?.changes ?? {});
  return TextDocument.applyEdits(TextDocument.create('file:///x.wat', 'wat', 1, text), edits);
}

for (const { take, text: source, expected, only } of CASES) {
  test(`${take}: ${source.replace(/\s+/g, ' ')}`, async () => {
    const { text, ranges, places } = marked(source);
    const analysis = analysisOf(text);
    const span = ranges[0] ?? { start: places[0], end: places[0] };
    const offered = codeActions(analysis, span, await lintsOf(analysis, DEFAULT), { only });
    const action = offered.find(({ title }) => title === take);
    assert.equal(action && after(action, text), expected, offered.map(({ title }) => title).join(', '));
    if (!action || !/Fold|Unfold|name|ind(ex|ices)|0x|-?\d+$/.test(take) || analysis.faults.length > 0)
      return;
    if (!/^(Write 0|Write [\d-]|Fold|Unfold|Write the (name|index)|Write (names|indices))/.test(take)) return;
    assert.deepEqual(assemble(parseTree(expected!)).bytes, assemble(parseTree(text)).bytes);
  });
}

test('actions of the server: kinds, resolve, and a text that has changed since', async (t) => {
  const resolveSupport = { properties: ['edit'] };
  const editor = await Editor.start(
    { ...PULLS, textDocument: { ...PULLS.textDocument, codeAction: { dataSupport: true, resolveSupport } } },
    t,
    {},
  );
  const text = '(module (func (export "f") (result i32) i32.const 1 i32.eqz))';
  const { uri } = await editor.open(text);
  const position = { line: 0, character: text.indexOf('i32.eqz') };
  const ask = (only?: string[]) =>
    editor.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: position, end: position },
      context: { diagnostics: [], only },
    });
  const offered = await ask();
  assert.ok(offered.every(({ kind }) => !kind?.startsWith('source.')));
  const fold = offered.find(({ title }) => title === 'Fold the function')!;
  assert.equal(fold.edit, undefined);
  const resolved = await editor.request<CodeAction>('codeAction/resolve', fold);
  assert.equal(after(resolved, text), '(module (func (export "f") (result i32) (i32.eqz (i32.const 1))))');
  assert.deepEqual(await ask(['source.organizeImports']), []);
  await editor.edit(uri, [0, 0, ' ']);
  assert.equal((await editor.request<CodeAction>('codeAction/resolve', fold)).edit, undefined);
  assert.deepEqual(editor.log, []);
});

test('a chain of 50,000 operands is folded only so deep, to the same binary', async (t) => {
  const editor = await Editor.start(PULLS, t, {});
  const text = `(module (func (export "f") (result i32) i32.const 1 ${'i32.eqz '.repeat(50_000)}))`;
  const { uri } = await editor.open(text);
  const position = { line: 0, character: text.indexOf('i32.eqz') };
  const offered = await editor.request<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: { start: position, end: position },
    context: { diagnostics: [], only: ['refactor'] },
  });
  const fold = offered.find(({ title }) => title === 'Fold the function') ?? assert.fail('not offered');
  const folded = after(fold.edit ? fold : await editor.request<CodeAction>('codeAction/resolve', fold), text);
  assert.match(folded, /\(i32\.eqz\s+\(i32\.eqz/);
  assert.deepEqual(assemble(parseTree(folded)).bytes, assemble(parseTree(text)).bytes);
  assert.deepEqual(editor.log, []);
});

const ALL = process.env.WASMSCOPE_TEST_ALL === '1';
const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const folder = suiteFolder();
if (folder && existsSync(folder)) {
  const modules = cutOut(folder);
  const TIMES = ALL ? 20_000 : 600;

  test('every action at random places of the public test suite', async () => {
    const below = random();
    let offered = 0;
    for (let i = 0; i < TIMES; i++) {
      const text = modules[below(modules.length)];
      offered += await tryAll(text, below, true);
    }
    assert.ok(offered > TIMES);
  });

  test('every action at random places of broken texts', async () => {
    const below = random();
    for (let i = 0; i < TIMES / 3; i++) {
      let text = modules[below(modules.length)];
      for (let edits = below(3); edits >= 0; edits--) {
        const { starts, count } = parseTree(text).tokens;
        const token = below(count);
        const piece = ['', ' $nobody ', '(', text.slice(starts[token] + 1, starts[token + 1])][below(4)];
        text = text.slice(0, starts[token]) + piece + text.slice(starts[token + 1]);
      }
      await tryAll(text, below, false);
    }
  });
}

/** Rewrites that leave the binary as it is, but for names. */
const SAME = /^(Fold|Unfold|Silence|Write the (name|index)|Write (names|indices)|Write -?[0-9])/;

async function tryAll(text: string, below: (n: number) => number, wasValid: boolean): Promise<number> {
  const analysis = analysisOf(text);
  const { starts, count } = analysis.tree.tokens;
  const first = below(count);
  const last = below(2) === 0 ? first : Math.min(count, first + below(20));
  const span = { start: starts[first], end: starts[last] };
  const at = new Selection(analysis, span, [], await lintsOf(analysis, LOUD));
  let offered = 0;
  for (const { offers } of ACTIONS) {
    for (const offer of offers(at)) {
      const { title } = offer;
      const edits = editsOf(offer);
      if (!edits) continue;
      offered++;
      const what = () => `${title} at ${span.start} to ${span.end} of ${text}`;
      assert.ok(!overlap(edits), what());
      const out = applied(text, edits);
      const { faults } = analysisOf(out);
      if (wasValid)
        assert.deepEqual(
          faults.map(({ message }) => message),
          [],
          `${what()}\n→\n${out}`,
        );
      if (wasValid && SAME.test(title)) assert.deepEqual(binary(out), binary(text), `${what()}\n→\n${out}`);
    }
  }
  return offered;
}

function binary(text: string): Uint8Array {
  return assemble(parseTree(text), undefined, { names: false }).bytes;
}

/** The valid modules of the suite's scripts, each as a text of its own. */
function cutOut(from: string): string[] {
  const found: string[] = [];
  // A part of the files by default, each time another one.
  const every = ALL ? 1 : 5;
  const files = suiteFiles(from).filter((_, i) => (i + SEED) % every === 0);
  for (const file of files) {
    const text = readFileSync(path.join(from, file), 'utf8');
    if (text.length > 100_000) continue;
    const script = new Analysis(TextDocument.create(`file:///${file}`, 'wat', 1, text));
    for (const { span, assembly, faults } of script.modules) {
      const inside = text.slice(span.start, span.end);
      if (
        faults.length > 0 ||
        assembly.fields.length === 0 ||
        inside.length > 30_000 ||
        /^\(\s*module\s+(definition|instance)/.test(inside)
      )
        continue;
      found.push(inside);
    }
  }
  return found.filter((text) => text.length > 20);
}

function random(): (n: number) => number {
  let seed = SEED;
  return (n) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % n;
  };
}
