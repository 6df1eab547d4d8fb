/**
 * Annotations of the text format: into sections, out of sections, and what is wrong with them.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { customFaults, validateCustoms } from '../../engine/binary/custom.ts';
import { decode } from '../../engine/binary/decode.ts';
import { readBranchHints } from '../../engine/module/branch-hints.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { printModule } from '../../engine/text/print.ts';
import { parseTree } from '../../engine/text/tree.ts';

const TEXT = `(module (@name "the mod")
  (@custom "A" (before first) "x")
  (@custom "B" (after func) "y" "\\ff")
  (type $s (struct (field $a (@name "a b") i32) (field (@name "") i32)))
  (func $f (@name "same") (param (@name "p q") i32) (param $x i32) (result i32) (local (@name "") (ref null $s))
    (block $l (@name "lab el") (@metadata.code.branch_hint "\\01") (br_if $l (local.get 0)))
    (@metadata.code.branch_hint "\\00")
    (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))))
  (func $g (@name "same"))
  (@custom "C" "z"))`;

function assembled(text: string) {
  const { bytes, faults } = assemble(parseTree(text));
  assert.deepEqual(faults, []);
  return decode(bytes);
}

test('annotations become names, hints and sections in their places', () => {
  const module = assembled(TEXT);
  const { names } = module;
  assert.equal(names.module, 'the mod');
  assert.deepEqual(
    [0, 1].map((i) => names.given('func', i)),
    ['same', 'same'],
  );
  assert.deepEqual(
    [0, 1, 2].map((i) => names.local(0, i)),
    ['p q', 'x', ''],
  );
  assert.equal(names.label(0, 0), 'lab el');
  assert.deepEqual(
    [0, 1].map((i) => names.field(0, i)),
    ['a b', ''],
  );
  const order = module.sections.map(({ id, offset }) => {
    return id === 0 ? module.customs.find((custom) => custom.offset === offset)!.name : id;
  });
  assert.deepEqual(order, ['A', 1, 3, 'B', 'metadata.code.branch_hint', 10, 'name', 'C']);
  const { range } = module.customs[1];
  assert.deepEqual([...module.bytes.subarray(range.start, range.end)], [0x79, 0xff]);
  assert.deepEqual([...readBranchHints(module).get(0)!.values()], [true, false]);
  validateCustoms(module);
});

test('annotations come back in both forms of printed text, again and again', () => {
  const module = assembled(TEXT);
  for (const folded of [false, true]) {
    const printed = printModule(module, { folded });
    const again = assembled(printed.text);
    assert.equal(printModule(again, { folded }).text, printed.text);
    const contents = (m: typeof module) =>
      m.customs.map(({ name, range }) => [
        name,
        Buffer.from(m.bytes.subarray(range.start, range.end)).toString('hex'),
      ]);
    assert.deepEqual(contents(again).sort(), contents(module).sort());
  }
  assert.doesNotMatch(printModule(module, { customs: false }).text, /@custom/);
});

test('a data count section that nothing needs is an annotation; one that something needs is not', () => {
  const needless = assembled('(module (memory 1) (data "x") (@datacount))');
  assert.equal(needless.dataCount, 1);
  const { text } = printModule(needless);
  assert.match(text, /\n {2}\(@datacount\)\)\n$/);
  assert.doesNotMatch(printModule(needless, { customs: false }).text, /datacount/);
  assert.equal(assembled(text).dataCount, 1);
  const needed = assembled('(module (memory 1) (data $d "x") (func (data.drop $d)))');
  assert.equal(needed.dataCount, 1);
  assert.doesNotMatch(printModule(needed).text, /datacount/);
  const none = assembled('(module (memory 1) (data "x"))');
  assert.equal(none.dataCount, undefined);
  assert.doesNotMatch(printModule(none).text, /datacount/);
  assert.equal(assembled('(module (@datacount))').dataCount, 0);
});

/** Texts and what is said of them, at the annotation. */
const FAULTS: readonly (readonly [text: string, message: string])[] = [
  ['(module (func (param i32 (@name "x") i32)))', 'misplaced @name annotation'],
  ['(module (@datacount 1))', '@datacount annotation: unexpected token 1'],
  ['(module (func (@datacount)))', 'misplaced @datacount annotation'],
  ['(module (func $f (@name 1)))', '@name annotation: unexpected token 1'],
  ['(module (func $f (@name)))', '@name annotation: missing name'],
  ['(module (func $f (@name "a") (@name "b")))', '@name annotation: multiple names'],
  ['(module (func $f (@name "\\ff")))', '@name annotation: malformed UTF-8 encoding'],
  ['(module (@custom "x" (before last)))', '@custom annotation: malformed section kind'],
  ['(module (@custom "x" (after toString)))', '@custom annotation: malformed section kind'],
  ['(module (@custom "x" (after code', 'unclosed annotation'],
  [
    '(module (func (@metadata.code.branch_hint "\\02") (br_if 0 (i32.const 1))))',
    '@metadata.code.branch_hint annotation: malformed hint',
  ],
  [
    '(module (func (@metadata.code.branch_hint "\\01") (param i32)))',
    '@metadata.code.branch_hint annotation: invalid target',
  ],
];

for (const [text, message] of FAULTS) {
  test(text, () => {
    const { faults } = assemble(parseTree(text));
    assert.ok(
      faults.some((fault) => fault.message.startsWith(message)),
      JSON.stringify(faults),
    );
  });
}

test('annotations that mean nothing here are ignored', () => {
  const text = '(module (@other 1 2 "x" (@custom)) (func (@"na me") nop (@x (@name "y"))))';
  assert.deepEqual([...assembled(text).bytes], [...assembled('(module (func nop))').bytes]);
});

/** Contents of the section of branch hints of a module with one function `(func (br_if 0 (i32.const 1)))`. */
const BAD_HINTS: readonly (readonly [content: string, message: string])[] = [
  ['\\01\\01\\00', 'function 1 has no code'],
  ['\\01\\00\\01\\03\\02\\00\\00', 'a hint of 2 bytes'],
  ['\\01\\00\\01\\03\\01\\02', 'value 2 is neither 0 nor 1'],
  ['\\01\\00\\02\\03\\01\\00\\03\\01\\00', 'offset 3 stands behind offset 3'],
  ['\\01\\00\\01\\03\\01\\00\\00', 'there is something behind the hints'],
  ['\\01\\00\\01\\03', 'unexpected end'],
  ['\\01\\00\\01\\01\\01\\00', 'invalid target'],
  ['\\01\\00\\01\\02\\01\\00', 'invalid target'],
];

for (const [content, message] of BAD_HINTS) {
  test(`branch hints ${content}: ${message}`, () => {
    const text = `(module (@custom "metadata.code.branch_hint" (before code) "${content}")
      (func (br_if 0 (i32.const 1))))`;
    const module = assembled(text);
    assert.throws(
      () => validateCustoms(module),
      (error) => error instanceof WasmError && error.message.includes(message),
    );
    // What is no list of hints is printed as bytes, and comes back.
    assert.deepEqual([...assembled(printModule(module).text).bytes], [...module.bytes]);
  });
}

/** Contents of the name section of a module with one function. */
const BAD_NAMES: readonly (readonly [content: string, message: string])[] = [
  ['\\01\\04\\01\\00\\01a\\01\\01\\00', 'there is a subsection 1 already'],
  ['\\02\\01\\00\\01\\01\\00', 'subsection 1 stands behind subsection 2'],
  ['\\01\\07\\02\\00\\01a\\00\\01b', 'index 0 stands behind index 0'],
  ['\\01\\05\\01\\00\\01a\\00', 'there is something behind the names of subsection 1'],
  ['\\01\\04\\01\\00\\01\\ff', 'malformed UTF-8 encoding'],
  ['\\01\\05\\01\\00', 'length out of bounds'],
  ['\\02\\06\\01\\00\\02\\00\\00\\00', 'index 0 stands behind index 0'],
];

for (const [content, message] of BAD_NAMES) {
  test(`names ${content}: ${message}`, () => {
    const module = assembled(`(module (@custom "name" "${content}") (func))`);
    const [fault, ...more] = customFaults(module);
    assert.deepEqual(more, []);
    assert.ok(fault.message.startsWith('@name section: '), fault.message);
    assert.ok(fault.message.includes(message), fault.message);
    const { start, end } = module.customs[0].range;
    assert.ok(fault.offset! >= start && fault.offset! <= end);
    assert.throws(
      () => validateCustoms(module),
      (error) => error instanceof WasmError && error.message === fault.message,
    );
  });
}

test('a second section of names is one too many; unknown subsections are not', () => {
  const twice = assembled('(module (@custom "name" "\\01\\01\\00") (func $f))');
  assert.deepEqual(
    customFaults(twice).map(({ message }) => message),
    ['@name section: malformed names: there is a section of names already'],
  );
  assert.deepEqual(customFaults(assembled('(module (@custom "name" "\\63\\01\\ff"))')), []);
});
