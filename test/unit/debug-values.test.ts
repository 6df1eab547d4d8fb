/** Values as the debugger shows them and takes them, and the expressions that name them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { parseExpression } from '../../engine/debug/expressions.ts';
import { parseTyped, showValue } from '../../engine/debug/values.ts';
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, typeName, type ValType } from '../../engine/isa/types.ts';

/** Type, what is typed, what is shown. */
const VALUES: [ValType, string | number, string][] = [
  [I32, '89', '89 (0x59)'],
  [I32, 0, '0 (0x0)'],
  [I32, -1, '-1 (0xffffffff, unsigned 4294967295)'],
  [I32, '0xFFFF_FFFF', '-1 (0xffffffff, unsigned 4294967295)'],
  [I32, '+7', '7 (0x7)'],
  [I32, ' 7 ', '7 (0x7)'],
  [I64, '-9223372036854775808', '-9223372036854775808 (0x8000000000000000, unsigned 9223372036854775808)'],
  [I64, '18446744073709551615', '-1 (0xffffffffffffffff, unsigned 18446744073709551615)'],
  [I64, 1e15, '1000000000000000 (0x38d7ea4c68000)'],
  [F32, '0.1', '0.1'],
  [F32, 1.5, '1.5'],
  [F32, 'nan:0x3fc001', 'nan:0x3fc001'],
  [F32, '-nan', '-nan'],
  [F64, '-0', '-0'],
  [F64, -0, '-0'],
  [F64, Number.NaN, 'nan'],
  [F64, Number.NEGATIVE_INFINITY, '-inf'],
  [F64, 'inf', 'inf'],
  [F64, 'nan:0x1', 'nan:0x1'],
  [F64, '0x1p-1074', '5e-324'],
  [FUNCREF, 'null', 'null'],
  [EXTERNREF, 'null', 'null'],
];

for (const [type, typed, shown] of VALUES) {
  test(`${typeName(type)} ${typed}`, () => assert.equal(showValue(parseTyped(typed, type, 'x')), shown));
}

const BAD: [ValType, string | number, string][] = [
  [I32, '', 'x: expected i32 (a whole number from -2147483648 to 4294967295), found ""'],
  [
    I32,
    '4294967296',
    'x: expected i32 (a whole number from -2147483648 to 4294967295), found "4294967296": constant out of range',
  ],
  [I32, 0.5, 'x: expected i32 (a whole number from -2147483648 to 4294967295), found 0.5'],
  [F32, '1e40', 'x: expected f32 (a number, inf or nan), found "1e40": constant out of range'],
  [FUNCREF, 'f', 'x: expected funcref (null), found "f"'],
];

for (const [type, typed, message] of BAD) {
  test(`${typeName(type)} ${typed} is refused`, () => {
    assert.throws(() => parseTyped(typed, type, 'x'), { message });
  });
}

const NAMES: [expression: string, name: string][] = [
  ['$x', 'x'],
  [' $a.b/c<d> ', 'a.b/c<d>'],
  ['$"with space"', 'with space'],
  ['$"\\"\\41"', '"A'],
];

for (const [text, name] of NAMES) {
  test(`expression ${text}`, () => {
    const parsed = parseExpression(text);
    assert.equal(parsed.kind === 'name' && parsed.name, name);
  });
}

test('an index, in hexadecimal too', () => {
  const { span, ...parsed } = parseExpression(' local[0x1_0] ');
  assert.deepEqual(parsed, { kind: 'index', space: 'local', idx: 16 });
  assert.deepEqual(span, { start: 1, end: 13 });
});

/** What is wrong, and where. */
const FAULTS: [text: string, start: number, end: number][] = [
  ['', 0, 0],
  ['$x y', 3, 4],
  ['local[', 6, 6],
  ['local[-1]', 6, 7],
  ['local[4294967296]', 6, 16],
  ['x', 0, 1],
];

for (const [text, start, end] of FAULTS) {
  test(`no expression: ${text}`, () => {
    assert.throws(
      () => parseExpression(text),
      (error) =>
        error instanceof WasmError && error.fault.span?.start === start && error.fault.span.end === end,
    );
  });
}
