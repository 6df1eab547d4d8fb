/**
 * Diagnostics: for each text the places of its faults and what is said there, in order. The marks in a text are the
 * ranges that are expected; `related` are the ranges of related information.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DiagnosticSeverity } from 'vscode-languageserver';
import { Editor, marked, PULLS, withMarks } from './harness.ts';

interface Case {
  readonly name: string;
  readonly text: string;
  /** `code: message`, the message up to any point. */
  readonly expected: readonly string[];
  readonly file?: string;
}

const CASES: readonly Case[] = [
  { name: 'a valid module', text: '(module (func (result i32) (i32.const 1)))', expected: [] },
  { name: 'bare fields', text: '(func $f)\n(func (call $f))', expected: [] },
  { name: 'an empty text', text: '', expected: [] },
  { name: 'only a comment', text: ';; nothing\n', expected: [] },
  {
    name: 'an unknown name',
    text: '(module (func (param $n i32) (result i32) (local.get «$m»)))',
    expected: ['unknown-local: unknown local $m'],
  },
  {
    name: 'a suggestion stands below the message',
    text: '(module (func $fibonacci (call «$fibonaci»)))',
    expected: ['unknown-function: unknown function $fibonaci\ndid you mean `$fibonacci`?'],
  },
  {
    name: 'a type mismatch',
    text: '(module (func (result i32)\n  i64.const 1\n  i32.const 2\n  «i32.add»))',
    expected: ['type-mismatch: type mismatch'],
  },
  {
    name: 'an unknown instruction',
    text: '(module (func «i32.ad»))',
    expected: ['unknown-operator: unknown operator i32.ad'],
  },
  {
    name: 'an old name of an instruction',
    text: '(module (func (param i32) «get_local» 0 drop))',
    expected: ['unknown-operator: unknown operator get_local'],
  },
  {
    name: 'a duplicate name',
    text: '(module (func $f) (func «$f»))',
    expected: ['duplicate-func: duplicate func $f'],
  },
  {
    name: 'several functions, each with its fault',
    text: '(module\n (func (result i32) i64.const 1«)»\n (func)\n (func (call «$x»))\n (func «drop»))',
    expected: ['type-mismatch: type mismatch', 'unknown-function: unknown', 'type-mismatch: type mismatch'],
  },
  {
    name: 'a function that could not be read does not trouble its callers',
    text: '(module (func $f (param «i33») (result i32) (i32.const 1)) (func (result i32) (call $f (i32.const 1))))',
    expected: ['unknown-operator: unknown operator i33'],
  },
  {
    name: 'a global that could not be read does not trouble its users',
    text: '(module (global $g «i3» (i32.const 1)) (func (result i32) (global.get $g)) (func «drop»))',
    expected: ['unknown-operator: unknown operator i3', 'type-mismatch: type mismatch'],
  },
  {
    name: 'a type that could not be read does not trouble its users',
    text: '(module (type $t (func (param «i»))) (func (type $t) (drop (local.get 0))))',
    expected: ['unknown-operator: unknown operator i'],
  },
  {
    name: 'a name behind emoji: columns are UTF-16',
    text: '(module (func (export "🙂🙂") (call «$"🦀"»)))',
    expected: ['unknown-function: unknown function $"🦀"'],
  },
  {
    name: 'lines that end in CRLF',
    text: '(module\r\n  (func\r\n    call «$x»\r\n    call «$y»))\r\n',
    expected: ['unknown-function: unknown function $x', 'unknown-function: unknown function $y'],
  },
  {
    name: 'an unclosed parenthesis closes with the next field',
    text: '(module\n  «(»func $f\n    nop\n  (func $g (call «$x»)))',
    expected: ['unexpected-token: unexpected token', 'unknown-function: unknown function $x'],
  },
  {
    name: 'one parenthesis too many',
    text: '(module (func))«)»',
    expected: ['unexpected-token: unexpected token )'],
  },
  {
    name: 'an unclosed comment',
    text: '(module) «(;» and so on',
    expected: ['unclosed-comment: unclosed comment'],
  },
  {
    name: 'a second module',
    text: '(module) «(»module (func (call «$x»)))',
    expected: ['unexpected-token: unexpected token', 'unknown-function: unknown function $x'],
  },
  {
    name: 'a range over several lines ends with the first',
    text: '(module (memory 1) (func «i32.store»\n  offset=1))',
    expected: ['type-mismatch: type mismatch'],
  },
  {
    name: 'an assertion says itself what is wrong with its module',
    text: '(module (func $f))\n(assert_invalid (module (func (result i32))) "type mismatch")\n(module (func (call «$g»)))',
    expected: ['unknown-function: unknown function $g'],
    file: 'test.wast',
  },
  {
    name: 'a command that does not exist',
    text: '(module)\n(«assert_nothing» (module))\n(assert_malformed (module quote "x") "unknown")',
    expected: ['unknown-operator: unknown operator assert_nothing'],
    file: 'test.wast',
  },
  {
    name: 'a quoted and a binary module of a script',
    text: '(module quote "(func)")\n«(module quote "(func (call $x))")»\n«(module binary "\\00asm\\02")»',
    expected: ['unknown-function: unknown function $x', 'unexpected-end: unexpected end'],
    file: 'test.wast',
  },
  {
    name: 'a script that was never saved',
    text: '(module (func (export "f")))\n(assert_return (invoke "f"))',
    expected: [],
    file: 'untitled:Untitled-1',
  },
  {
    name: 'the text of one printed function refers to what is not in it',
    text: '(func $f (call $other))',
    expected: [],
    file: 'wasmscope:/project/m.wasm/func-1-f.wat',
  },
];

let editor: Editor;
before(async () => {
  editor = await Editor.start(PULLS);
});
after(() => editor?.stop());

for (const { name, text: source, expected, file = 'test.wat' } of CASES) {
  test(name, async () => {
    const { text, ranges } = marked(source);
    const document = await editor.open(text, file);
    const found = await editor.pull(document);
    const wanted = ranges.map(({ start, end }) => ({
      start: document.positionAt(start),
      end: document.positionAt(end),
    }));
    const said = found.map(({ code, message }) => `${code}: ${message}`);
    // Of each message as much is compared as is expected.
    assert.deepEqual(
      said.map((line, i) => (line.startsWith(expected[i] ?? line) ? (expected[i] ?? line) : line)),
      [...expected],
    );
    assert.equal(
      withMarks(
        document,
        found.map(({ range }) => range),
      ),
      withMarks(document, wanted),
    );
    for (const { source, severity } of found) {
      assert.equal(source, 'wasmscope');
      assert.equal(severity, DiagnosticSeverity.Error);
    }
    await editor.close(document);
  });
}

test('related information says where operands come from and where a name was first defined', async () => {
  const { text, ranges } = marked(
    '(module (func (result i32) «i64.const 1» i32.const 2 i32.add) (func «$f») (func $f))',
  );
  const document = await editor.open(text, 'related.wat');
  const found = await editor.pull(document);
  const related = found.flatMap(({ relatedInformation = [] }) => relatedInformation);
  assert.deepEqual(
    related.map(({ message }) => message),
    ['i64 was pushed here', 'first defined here'],
  );
  assert.equal(
    withMarks(
      document,
      related.map(({ location }) => location.range),
    ),
    withMarks(
      document,
      ranges.map(({ start, end }) => ({ start: document.positionAt(start), end: document.positionAt(end) })),
    ),
  );
  assert.ok(related.every(({ location }) => location.uri === document.uri));
});

/** Texts with one fault: the places that explain it, in the order in which they are told, and what is said of them. */
const RELATED: readonly { readonly text: string; readonly said: readonly string[] }[] = [
  {
    text: '(module (func (result i32) «i64.const 1» i32.const 2 i32.add))',
    said: ['i64 was pushed here'],
  },
  { text: '(module (func «$f») (func $f))', said: ['first defined here'] },
  {
    text: '(module («func $g» (param i32)) (func (call $g («f32.const 1»))))',
    said: ['f32 was pushed here', 'function 0 is declared here'],
  },
  {
    text: '(module (func («block $l (result i32)» (br $l («i64.const 1»))) drop))',
    said: ['i64 was pushed here', 'block takes [i32]'],
  },
  {
    text: '(module (func (result i32) («block» «i32.const 1») i32.add))',
    said: ['i32 was pushed here', 'block declares results []'],
  },
  {
    text: '(module «(export "a" (func 0))» (export "a" (func 0)) (func))',
    said: ['the func 0 has it already'],
  },
  {
    text: '(module («global $g» i32 (i32.const 1)) (func (global.set $g (i32.const 2))))',
    said: ['it is declared here'],
  },
  { text: '(module (start $f) («func $f» (param i32)))', said: ['function 0 is [i32] -> []'] },
  {
    text: '(module (type $t (func)) («table $t» 1 externref) (func (call_indirect (type $t) (i32.const 0))))',
    said: ['it is declared here'],
  },
];

for (const { text: source, said } of RELATED) {
  test(`related places: ${source}`, async () => {
    const { text, ranges } = marked(source);
    const document = await editor.open(text, 'explained.wat');
    const [fault, ...others] = await editor.pull(document);
    assert.deepEqual(others, []);
    const related = fault.relatedInformation ?? [];
    assert.deepEqual(
      related.map(({ message }) => message),
      said,
    );
    assert.equal(
      withMarks(
        document,
        related.map(({ location }) => location.range),
      ),
      withMarks(
        document,
        ranges.map(({ start, end }) => ({
          start: document.positionAt(start),
          end: document.positionAt(end),
        })),
      ),
    );
    await editor.close(document);
  });
}

test('what cannot run yet is a warning, once a feature, and hides no fault', async () => {
  const text = `(module
    (func (param i32) (result i32) (i32.extend8_s (local.get 0)))
    (func (param i32) (result i32) (i32.extend16_s (local.get 0)))
    (func (result i32) (i32.extend8_s (i64.const 1))))`;
  const document = await editor.open(text, 'feature.wat');
  const found = await editor.pull(document);
  const faults = found.filter(({ severity }) => severity === DiagnosticSeverity.Error);
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['type-mismatch'],
  );
  const warnings = found.filter(({ severity }) => severity === DiagnosticSeverity.Warning);
  assert.ok(warnings.length <= 1);
  assert.ok(warnings.every(({ code }) => code === 'not-supported-yet'));
});
