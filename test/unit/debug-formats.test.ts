/** Formats behind expressions: where they begin, and what each writes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBehind, formatted } from '../../engine/debug/formats.ts';
import { parseTyped } from '../../engine/debug/values.ts';
import { F32, F64, FUNCREF, I32, I64, V128, type ValType } from '../../engine/isa/types.ts';

const BEHIND: [text: string, left: string, letter: string | undefined][] = [
  ['$x,x', '$x', 'x'],
  ['$x , d ', '$x', 'd'],
  ['i32.rotl($x, 4)', 'i32.rotl($x, 4)', undefined],
  ['i32.rotl($x, $d),b', 'i32.rotl($x, $d)', 'b'],
  ['!$f(1,x', '!$f(1,x', undefined],
  ['mem[$x,x', 'mem[$x,x', undefined],
  ['$x,xx', '$x,xx', undefined],
  ['mem.find(",x")', 'mem.find(",x")', undefined],
  ['$x', '$x', undefined],
];

for (const [text, left, letter] of BEHIND) {
  test(`the format of ${text}`, () => {
    const found = formatBehind(text);
    assert.deepEqual([found.text, found.letter], [left, letter]);
  });
}

const WRITTEN: [value: string, type: ValType, letter: string, text: string][] = [
  ['-1', I32, 'x', '0xffffffff'],
  ['-1', I32, 'u', '4294967295'],
  ['0xffffffff', I32, 'd', '-1'],
  ['-1', I64, 'u', '18446744073709551615'],
  ['10', I32, 'b', '0b1010'],
  ['0x1_0000', I64, 'b', '0b1_0000_0000_0000_0000'],
  ['8', I32, 'o', '0o10'],
  ['0x40490fdb', I32, 'f', '3.1415927'],
  ['0x7ff8000000000000', I64, 'f', 'nan'],
  ['1.5', F64, 'x', '0x3ff8000000000000'],
  ['1.5', F32, 'd', '1.5'],
  ['0x41', I32, 'c', "'A'"],
  ['0x1f600', I32, 'c', "'😀'"],
  ['10', I32, 'c', "'\\u{a}'"],
  ['64', I32, 's', 'text at 64'],
  ['i32x4 1 0 0 0', V128, 'x', '0x1'],
];

for (const [value, type, letter, text] of WRITTEN) {
  test(`${value},${letter} is ${text}`, () => {
    const read = (address: number): string => `text at ${address}`;
    assert.equal(formatted(parseTyped(value, type, ''), letter as 'x', read), text);
  });
}

const REFUSED: [value: string, type: ValType, letter: string][] = [
  ['null', FUNCREF, 'x'],
  ['0x110000', I32, 'c'],
  ['0xd800', I32, 'c'],
  ['1.5', F32, 'c'],
  ['1.5', F64, 's'],
  ['i32x4 1 2 3 4', V128, 'f'],
];

for (const [value, type, letter] of REFUSED) {
  test(`${value},${letter} is refused`, () => {
    assert.throws(() => formatted(parseTyped(value, type, ''), letter as 'x', String), { name: 'WasmError' });
  });
}
