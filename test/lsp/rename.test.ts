/**
 * Rename and linked editing: asked at `¦`. The marked ranges are what changes; what is refused says why.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { LinkedEditingRanges, PrepareRenameResult, WorkspaceEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Editor, marked, PULLS, withMarks } from './harness.ts';

let editor: Editor;
before(async () => {
  editor = await Editor.start({
    ...PULLS,
    textDocument: { ...PULLS.textDocument, rename: { prepareSupport: true } },
  });
});
after(() => editor?.stop());

/** Renamed to `$new`: all marked ranges, and nothing else, become that. */
const RENAMED: readonly (readonly [name: string, text: string])[] = [
  [
    'a function',
    '(module (func «$f») (start «$¦f») (export "f" (func «$f»)) (elem func «$f» 0) (func call «$f»))',
  ],
  ['a function from its definition', '(module (func «$¦f») (func (call «$f»)))'],
  [
    'a local of one function',
    '(func (param «$x» i32) local.get «$x¦» drop) (func (param $x i32) local.get $x drop)',
  ],
  ['a global', '(global «$g» i32 (i32.const 0)) (func (drop (global.get «$¦g»)))'],
  ['a type', '(type «$t» (func)) (func (type «$¦t»)) (func (param (ref «$t»)))'],
  [
    'a field',
    '(type $t (struct (field «$a» i32))) (func (param (ref $t)) (drop (struct.get $t «$¦a» (local.get 0))))',
  ],
  ['a table', '(table «$t» 1 funcref) (func (drop (table.size «$¦t»)))'],
  ['a memory', '(memory «$m» 1) (func (drop (i32.load «$¦m» (i32.const 0))))'],
  ['a tag', '(tag «$e») (func (throw «$¦e»))'],
  ['segments', '(memory 1) (data «$d» "x") (func (data.drop «$¦d»))'],
  ['a label', '(func block «$l» br «$l» loop $k br «$¦l» end end «$l»)'],
  ['a label of an if', '(func i32.const 0 if «$l» br «$l» else «$¦l» nop end «$l»)'],
  ['a label that hides another', '(func (block $l (block «$l» (br «$¦l»)) (br $l)))'],
  ['a quoted name', '(func «$"a b"») (start «$¦"a b"»)'],
  ['a name from its index: indices stay', '(func «$f») (func (call ¦0) (call «$f»))'],
  ['a function of a script', '(module (func $f) (start $f)) (module (func «$f») (start «$¦f»))'],
  [
    'a module of a script',
    '(module «$m» (func (export "f"))) (register "m" «$m») (invoke «$¦m» "f") (assert_return (invoke «$m» "f")) (module $n)',
  ],
  ['a definition and its instance', '(module definition «$d») (module instance $i «$¦d») (register "a" $i)'],
  [
    'in a module of an assertion',
    '(module (func $f) (start $f)) (assert_invalid (module (func «$f») (start «$¦f»)) "start function")',
  ],
  ['a thread', '(thread «$t» (wait $u)) (wait «$¦t»)'],
];

async function ask(document: TextDocument, place: number, newName: string): Promise<string> {
  const edit = await editor.at<WorkspaceEdit>('rename', document, document.positionAt(place), { newName });
  return TextDocument.applyEdits(document, edit.changes![document.uri]);
}

for (const [name, source] of RENAMED) {
  test(`rename ${name}`, async () => {
    const { text, ranges, places } = marked(source);
    const document = await editor.open(text, 'rename.wast');
    const place = document.positionAt(places[0]);
    const prepared = await editor.at<PrepareRenameResult>('prepareRename', document, place);
    assert.ok('placeholder' in prepared && prepared.placeholder.startsWith('$'));
    const inOrder = [...ranges].sort((a, b) => b.start - a.start);
    const wanted = inOrder.reduce(
      (out, { start, end }) => `${out.slice(0, start)}$new${out.slice(end)}`,
      text,
    );
    assert.equal(await ask(document, places[0], '$new'), wanted);
    assert.equal(await ask(document, places[0], ' new '), wanted);
    await editor.close(document);
    const back = await editor.open(wanted, 'rename.wast');
    const moved = inOrder
      .filter(({ end }) => end < places[0])
      .reduce((sum, r) => sum + 4 - (r.end - r.start), 0);
    const old = text.slice(ranges[0].start, ranges[0].end);
    assert.equal(await ask(back, places[0] + moved, old), text, 'there and back');
    await editor.close(back);
  });
}

/** Items without a name, asked for at an index, get one. */
const NAMED: readonly (readonly [text: string, result: string])[] = [
  ['(func) (func (call ¦0) (call 1))', '(func $new) (func (call $new) (call 1))'],
  ['(func (param i32) (drop (local.get ¦0)))', '(func (param $new i32) (drop (local.get $new)))'],
  [
    '(func (local (ref null func)) local.get ¦0 drop)',
    '(func (local $new (ref null func)) local.get $new drop)',
  ],
  ['(func block br ¦0 end)', '(func block $new br $new end)'],
  ['(func (block (br ¦0)))', '(func (block $new (br $new)))'],
  ['(import "m" "f" (func)) (start ¦0)', '(import "m" "f" (func $new)) (start $new)'],
  [
    '(global i32 (i32.const 0)) (func global.get ¦0 drop)',
    '(global $new i32 (i32.const 0)) (func global.get $new drop)',
  ],
];

for (const [source, result] of NAMED) {
  test(`name ${source}`, async () => {
    const { text, places } = marked(source);
    const document = await editor.open(text, 'named.wat');
    assert.equal(await ask(document, places[0], 'new'), result);
    await editor.close(document);
  });
}

/** What a new name becomes. */
const WRITTEN: readonly (readonly [typed: string, written: string])[] = [
  ['x', '$x'],
  ['$x', '$x'],
  ['a b', '$"a b"'],
  ['$"a b"', '$"a b"'],
  ['$"plain"', '$plain'],
  ['naïve 🙂', '$"naïve 🙂"'],
  ['say "hi"', '$"say \\"hi\\""'],
  ['(', '$"("'],
];

test('new names are written as they must be', async () => {
  const document = await editor.open('(func $f)', 'written.wat');
  for (const [typed, written] of WRITTEN) assert.equal(await ask(document, 7, typed), `(func ${written})`);
});

/** Refused, with what is said. */
const REFUSED: readonly (readonly [text: string, newName: string, message: RegExp])[] = [
  ['(func $f¦) (func $g)', 'g', /^\$g is the name of function 1 already$/],
  ['(func (param $a¦ i32) (local $b i32))', '$b', /^\$b is the name of local 1 already$/],
  ['(func $f¦)', '', /^a name has at least one character$/],
  ['(func $f¦)', '$', /^a name has at least one character$/],
  ['(func (block $a¦ (block $b (br $a))))', 'b', /^\$b is the name of a block around or inside/],
  ['(func (block $b (block $a¦ (br $b))))', 'b', /^\$b is the name of a block around or inside/],
  ['(func (param i32 i64) (drop (local.get ¦1)))', 'x', /^local 1 shares its form with others/],
  ['(func (br ¦0))', 'x', /^this index means the body of the function/],
  ['(module $m¦) (module $n)', 'n', /^\$n is the name of another module already$/],
];

for (const [source, newName, message] of REFUSED) {
  test(`refuse ${source} -> ${newName}`, async () => {
    const { text, places } = marked(source);
    const document = await editor.open(text, 'refused.wast');
    await assert.rejects(ask(document, places[0], newName), (error: Error) => message.test(error.message));
    await editor.close(document);
  });
}

test('a label may have the name of one that no branch confuses it with', async () => {
  const { text, places } = marked('(func (block $a¦ (block $b (br $b)) (br $a)))');
  const document = await editor.open(text, 'hides.wat');
  assert.equal(await ask(document, places[0], 'b'), '(func (block $b (block $b (br $b)) (br $b)))');
  await editor.close(document);
});

test('a module that is defined again is another one', async () => {
  const { text, places } = marked('(module $m) (register "a" $m) (module $m) (register "b" $¦m)');
  const document = await editor.open(text, 'again.wast');
  const wanted = '(module $m) (register "a" $m) (module $n) (register "b" $n)';
  assert.equal(await ask(document, places[0], 'n'), wanted);
  await editor.close(document);
});

test('the module of a text that is no script', async () => {
  const document = await editor.open('(module $m (func $f))', 'module.wat');
  assert.equal(await ask(document, 9, 'n'), '(module $n (func $f))');
  await editor.close(document);
});

test('nothing to rename', async () => {
  const document = await editor.open('(func (i32.const 1) drop (call $nobody))', 'nothing.wat');
  for (const character of [0, 2, 8, 17, 22, 33]) {
    assert.equal(await editor.at('prepareRename', document, { line: 0, character }), null);
  }
});

const LINKED: readonly (readonly [name: string, text: string])[] = [
  ['block and end', '(func block «$l¦» br $l end «$l»)'],
  ['from the end', '(func block «$l» br $l end «$l¦»)'],
  ['if, else and end', '(func i32.const 0 if «$l» nop else «$¦l» nop end «$l»)'],
  ['of the same block only', '(func block $l block «$l¦» end «$l» end $l)'],
];

for (const [name, source] of LINKED) {
  test(`linked editing: ${name}`, async () => {
    const { text, places } = marked(source);
    const document = await editor.open(text, 'linked.wat');
    const linked = await editor.at<LinkedEditingRanges>(
      'linkedEditingRange',
      document,
      document.positionAt(places[0]),
    );
    assert.equal(withMarks(document, linked.ranges), source.replace('¦', ''));
    assert.match('$a.b', new RegExp(`^${linked.wordPattern}$`));
    await editor.close(document);
  });
}

test('linked editing: nothing has to be equal', async () => {
  const document = await editor.open('(func (block $l (br $l)) block $k br $k end)', 'unlinked.wat');
  for (const character of [14, 21, 32, 38]) {
    assert.equal(await editor.at('linkedEditingRange', document, { line: 0, character }), null);
  }
});
