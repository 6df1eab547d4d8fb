/** Disassembled documents in every way of writing, the blocks of a function, and rows of code, beside each other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { blocksOf, openAt } from '../../engine/debug/blocks.ts';
import { loadProgram } from '../../engine/debug/load.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { disassembleFunc, disassembleModule, readableName } from '../../engine/symbols/disassembly.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { stackAt } from '../../engine/valid/stack-at.ts';

const TEXT = `(module
  (memory 1)
  (func $_ZN4core3fmt5write17h0123456789abcdefE (param $x i32) (result i32)
    (block $out (result i32)
      (loop $again
        (br_if $again (i32.eqz (local.get $x)))
        (if (local.get $x) (then (br $out (i32.const 1))) (else (nop))))
      (i32.const 2)))
  (func $empty)
  (func $_ZN4core3fmt5write17hfedcba9876543210E (result i32)
    (call $_ZN4core3fmt5write17h0123456789abcdefE (i32.load offset=4 (i32.const 0)))))
`;

const bytes = assemble(parseTree(TEXT), undefined, {}).bytes;
const module = decode(bytes);

for (const options of [
  {},
  { folded: true },
  { offsets: true },
  { folded: true, offsets: true },
  { mangled: true },
]) {
  test(`a module written with ${JSON.stringify(options)} assembles to the same code`, () => {
    const { text, map } = disassembleModule(module, options);
    const again = assemble(parseTree(text), undefined, { names: false });
    assert.deepEqual(again.faults, []);
    const plain = assemble(parseTree(TEXT), undefined, { names: false });
    assert.deepEqual(again.bytes, plain.bytes);
    for (const { offset, span } of map.instructions()) {
      const head = text.slice(span.start, span.end);
      assert.match(head, /^(?:[a-z][\w.]*\b|\)$)/, `0x${offset.toString(16)}: ${head}`);
    }
  });
}

test('offsets in the margin are those of the first instruction of each line', () => {
  const { text, map } = disassembleFunc(module, 0, { offsets: true });
  const starts = new Map([...map.instructions()].map(({ offset, span }) => [span.start, offset]));
  let position = 0;
  for (const line of text.split('\n')) {
    const [, shown] = /^\(;0x([0-9a-f]{4});\) /.exec(line) ?? [];
    const first = [...starts]
      .filter(([at]) => at >= position && at < position + line.length)
      .sort((a, b) => a[0] - b[0])[0];
    assert.equal(shown && Number.parseInt(shown, 16), first?.[1], line);
    position += line.length + 1;
  }
});

test('names are short and different from each other, and given as they are when that is wanted', () => {
  assert.equal(readableName('_ZN4core3fmt5write17h0123456789abcdefE'), 'core::fmt::write');
  assert.equal(readableName('add'), 'add');
  const { text } = disassembleModule(module);
  assert.match(text, /\(func \$core::fmt::write \(;0;\)/);
  assert.match(text, /\(func \$core::fmt::write#2 \(;2;\)/);
  assert.match(
    disassembleFunc(module, 2, { mangled: true }).text,
    /call \$_ZN4core3fmt5write17h0123456789abcdefE/,
  );
  assert.equal(loadProgram({ bytes }).nameOf(0), 'core::fmt::write');
  assert.equal(
    loadProgram({ bytes }, { mangled: true }).nameOf(0),
    '$_ZN4core3fmt5write17h0123456789abcdefE',
  );
});

test('open blocks are those that validation knows, at every instruction', () => {
  const program = loadProgram({ bytes });
  for (const funcIdx of module.funcs.keys()) {
    const blocks = blocksOf(module, funcIdx);
    for (const offset of program.code.offsetsOf(funcIdx)) {
      const { controls } = stackAt(module, SUPPORTED, funcIdx, offset);
      const open = openAt(blocks, offset);
      assert.equal(open.length, controls.length, `func ${funcIdx} at 0x${offset.toString(16)}`);
      for (const [i, { start, end }] of open.entries()) {
        assert.ok(start <= offset && end >= offset);
        if (controls[i].kind !== 'else') assert.equal(start, controls[i].offset);
      }
    }
  }
  assert.deepEqual(
    blocksOf(module, 0).map(({ keyword, name }) => `${keyword} ${name}`),
    ['func undefined', 'block out', 'loop again', 'if undefined'],
  );
});

test('rows of code: one an instruction, over all functions, with the bytes of the module', () => {
  const { code } = loadProgram({ bytes });
  const first = module.funcs[0].body!.codeStart;
  const count = [...module.funcs.keys()].reduce((sum, idx) => sum + code.offsetsOf(idx).length, 0);
  const rows = code.rows(first, -3, count + 6);
  assert.equal(rows.filter(({ text }) => text !== undefined).length, count);
  assert.deepEqual(
    rows.flatMap(({ symbol }) => symbol ?? []),
    ['core::fmt::write', '$empty', 'core::fmt::write'],
  );
  for (const { offset, bytes: shown } of rows) {
    if (shown === undefined) continue;
    const size = shown.split(' ').length;
    assert.equal(
      Buffer.from(module.bytes.subarray(offset, offset + size)).toString('hex'),
      shown.replaceAll(' ', ''),
    );
  }
  for (const [i, { offset }] of rows.entries()) assert.deepEqual(code.rows(offset, 0, 1)[0], rows[i]);
});

test('a module without code has rows that are no code', () => {
  const empty = loadProgram({ text: '(module)' });
  assert.deepEqual(
    empty.code.rows(0, -1, 3).map(({ offset, text }) => [offset, text]),
    [
      [-1, undefined],
      [0, undefined],
      [1, undefined],
    ],
  );
});
