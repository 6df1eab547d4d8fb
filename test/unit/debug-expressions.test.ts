/** Expressions computed in a frame: what they give, and what is said of wrong ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Evaluator } from '../../engine/debug/evaluator.ts';
import { type ExpressionScope, isNameIn } from '../../engine/debug/expression-scope.ts';
import { typeExpression } from '../../engine/debug/expression-types.ts';
import { parseExpression } from '../../engine/debug/expressions.ts';
import { parseTyped } from '../../engine/debug/values.ts';
import type { WasmFrame } from '../../engine/exec/frame.ts';
import { F32, F64, I32, I64, typeName } from '../../engine/isa/types.ts';
import { formatValue, type Value } from '../../engine/runtime/values.ts';
import { load } from './exec-load.ts';

const PROGRAM = `(module
  (type $unary (func (param i32) (result i32)))
  (memory $mem0 (export "memory") 1)
  (data (i32.const 16) "\\ff\\ff\\ff\\ff\\00\\00\\00\\80\\01\\02\\03\\04")
  (data (i32.const 32) "\\00\\00\\a0\\7f")
  (global $count (mut i32) (i32.const 7))
  (global $pi f64 (f64.const 3.25))
  (table $jobs 3 funcref)
  (table $typed 1 (ref null $unary))
  (elem (table $jobs) (i32.const 1) func $f)
  (func $f (export "f") (param $x i32) (param $y i64) (param $r f32) (param $d f64) (param $x-1 i32)
    (result i32)
    (local $ref externref)
    i32.const 11
    i64.const -1
    drop
    drop
    local.get $x))`;

const loaded = load(PROGRAM);
const { inst, machine } = loaded;
const ARGS: Value[] = [
  parseTyped('-7', I32, ''),
  parseTyped('0x1_0000_0000', I64, ''),
  parseTyped('1.5', F32, ''),
  parseTyped('-0.25', F64, ''),
  parseTyped('3', I32, ''),
];
machine.begin(inst.exportedFunc('f')!, ARGS);
machine.step();
machine.step();
const frame = machine.frames(0, 1)[0] as WasmFrame;
const scope: ExpressionScope = {
  module: inst.module,
  frame: { funcIdx: 0, locals: frame.localTypes, operands: () => [I32, I64] },
};
const evaluator = new Evaluator(inst);

function compute(text: string, within = scope): string {
  const typed = typeExpression(parseExpression(text, isNameIn(within)), within);
  const value = evaluator.run(typed, within.frame && frame);
  return `${formatValue(value)} : ${typeName(value.type)}`;
}

/** `$x` is -7, `$y` 2^32, `$r` 1.5, `$d` -0.25, `$x-1` 3; the stack has 11 and, on top, -1. */
const GIVES: [string, string][] = [
  ['$x', '-7 : i32'],
  ['$x + 1', '-6 : i32'],
  ['$x+1', '-6 : i32'],
  ['$x-1', '3 : i32'],
  ['$x - 1', '-8 : i32'],
  ['1 - $x', '8 : i32'],
  ['$x / 2', '-3 : i32'],
  ['$x /_u 2', '2147483644 : i32'],
  ['$x /_s 2', '-3 : i32'],
  ['$x % 4', '-3 : i32'],
  ['$x %_u 4', '1 : i32'],
  ['$x >> 1', '-4 : i32'],
  ['$x >>_u 28', '15 : i32'],
  ['$x >>> 28', '15 : i32'],
  ['$x << 33', '-14 : i32'],
  ['$x & 0xff', '249 : i32'],
  ['$x | 1', '-7 : i32'],
  ['$x ^ $x', '0 : i32'],
  ['~$x', '6 : i32'],
  ['-$x', '7 : i32'],
  ['!$x', '0 : i32'],
  ['!!$x', '1 : i32'],
  ['$x < 0', '1 : i32'],
  ['$x <_u 0', '0 : i32'],
  ['$x >=_u 5', '1 : i32'],
  ['$x == -7 && $count == 7', '1 : i32'],
  ['$x == 0 || $count == 7', '1 : i32'],
  ['$x == 0 && 1 / 0 == 0', '0 : i32'],
  ['1 + 2 * 3 - 4', '3 : i32'],
  ['(1 + 2) * 3', '9 : i32'],
  ['10 - 3 - 2', '5 : i32'],
  ['1 << 2 + 1', '8 : i32'],
  ['1 | 6 & 3', '3 : i32'],
  ['2147483647 + 1', '-2147483648 : i32'],
  ['-2147483648', '-2147483648 : i32'],
  ['0xffff_ffff', '-1 : i32'],
  ['4294967296', '4294967296 : i64'],
  ['4294967296 + 1', '4294967297 : i64'],
  ['$y + 1', '4294967297 : i64'],
  ['$y * $y', '0 : i64'],
  ['$y > 0xffff_ffff', '1 : i32'],
  ['$y == 4294967296', '1 : i32'],
  ['-$y', '-4294967296 : i64'],
  ['~$y', '-4294967297 : i64'],
  ['!$y', '0 : i32'],
  ['$r + 1', '2.5 : f32'],
  ['$r / 0', 'inf : f32'],
  ['$d * 2', '-0.5 : f64'],
  ['-$d', '0.25 : f64'],
  ['$d < 0', '1 : i32'],
  ['$d == nan', '0 : i32'],
  ['$pi > 3.2 && $pi < 3.3', '1 : i32'],
  ['1.5 + 1', '2.5 : f64'],
  ['0x1p4', '16 : f64'],
  ['1e3', '1000 : f64'],
  ['-inf', '-inf : f64'],
  ['nan:0x4', 'nan:0x4 : f64'],
  ['f32.demote_f64($d)', '-0.25 : f32'],
  ['i64.extend_i32_s($x) + $y', '4294967289 : i64'],
  ['i32.wrap_i64($y)', '0 : i32'],
  ['i32.rotl($x, 4)', '-97 : i32'],
  ['i32.clz(1)', '31 : i32'],
  ['f64.sqrt(2.25)', '1.5 : f64'],
  ['(i32.add (local.get $x) (i32.const 1))', '-6 : i32'],
  ['(i32.add (local.get 0) (global.get $count))', '0 : i32'],
  ['(i32.load (i32.const 16))', '-1 : i32'],
  ['(i32.rotl($x, 4))', '-97 : i32'],
  ['(i64.const -5)', '-5 : i64'],
  ['local[0]', '-7 : i32'],
  ['global[0] + 1', '8 : i32'],
  ['stack[0]', '-1 : i64'],
  ['stack[1] * 2', '22 : i32'],
  ['stack[0] <_u 0', '0 : i32'],
  ['mem[16].i32', '-1 : i32'],
  ['mem[16].u32', '4294967295 : i64'],
  ['mem[16].i8', '-1 : i32'],
  ['mem[16].u8', '255 : i32'],
  ['mem[16].i16', '-1 : i32'],
  ['mem[16].u16', '65535 : i32'],
  ['mem[16].i64', '-9223372032559808513 : i64'],
  ['mem[20].f32', '-0 : f32'],
  ['mem[20].f64', '2.4380737457444115e-289 : f64'],
  ['mem[32].f32', 'nan:0x200000 : f32'],
  ['mem[$count + 0x11].u8', '1 : i32'],
  ['mem[mem[24].u8 + 24].u8', '2 : i32'],
  ['memory[0][0x18].u8', '1 : i32'],
  ['$mem0[0x18].u8 == 1', '1 : i32'],
  ['table[0][0]', 'null : funcref'],
  ['$jobs[1] != null', '1 : i32'],
  ['null == $jobs[$count - 7]', '1 : i32'],
  ['$ref == null', '1 : i32'],
  ['$ref == $ref', '1 : i32'],
  ['$typed[0] == null', '1 : i32'],
  ['$typed[0]', 'null : (ref null 0)'],
];

for (const [text, expected] of GIVES) test(text, () => assert.equal(compute(text), expected));

/** What is wrong with an expression, as it is said. */
const REFUSED: [string, string][] = [
  ['', 'expression expected, such as $name, local[0] or stack[0], found the end'],
  ['$x +', 'expression expected, such as $name, local[0] or stack[0], found the end'],
  ['$x 1', "unexpected token, found '1'"],
  ['($x', "')' expected, found the end"],
  ['x', "unknown name x: names of the module begin with $, found 'x'"],
  ['$nope', 'unknown local $nope'],
  ['$nope+1', 'unknown local $nope'],
  ['local[9]', 'unknown local 9: the function has 6'],
  ['stack[2]', 'unknown stack[2]: 2 values are on the stack'],
  ['global[2]', 'unknown global 2: the module has 2'],
  ['memory[1][0].i32', 'unknown memory 1: the module has 1'],
  ['table[7][0]', 'unknown table 7: the module has 2'],
  ['$f + 1', 'a value expected, found a function'],
  [
    '$x + $y',
    'type mismatch: + takes two values of one type, found i32 and i64 (i64.extend_i32_s(…) converts)',
  ],
  [
    '$x == $d',
    'type mismatch: == takes two values of one type, found i32 and f64 (f64.convert_i32_s(…) converts)',
  ],
  ['$x + 1.5', 'type mismatch: expected i32, found 1.5'],
  ['$x == 99999999999', 'constant out of range: expected i32, found 99999999999'],
  ['$r & 1', 'type mismatch: & takes integers, found f32'],
  ['$d % 2', 'type mismatch: % takes integers, found f64'],
  ['$d <_u 2', 'type mismatch: <_u takes integers, found f64'],
  ['~$d', 'type mismatch: ~ takes i32 or i64, found f64'],
  ['!$d', 'type mismatch: ! takes i32 or i64, found f64'],
  ['$y && 1', 'type mismatch: expected i32, found i64 (i32.wrap_i64(…) converts)'],
  ['$ref == 1', 'type mismatch: a reference expected, found a number'],
  ['$ref < $ref', 'type mismatch: references can be compared by == and != only, found <'],
  ['$x == null', 'type mismatch: expected i32, found null'],
  ['$x / 0', 'integer divide by zero: i32.div_s of -7 and 0'],
  ['mem[16]', 'a type expected behind it, as in mem[0x100].i32 or .u8'],
  ['mem[16].int', 'unknown type int: expected i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, v128'],
  ['mem[$y].i32', 'type mismatch: expected i32, found i64 (i32.wrap_i64(…) converts)'],
  ['mem[65533].i32', 'out of bounds memory access: address 65533 + 4 bytes, memory is 65536 bytes'],
  ['$x[0]', 'a memory, a table or an array expected before [, found i32'],
  ['$x.i32', 'an address, a vector or a struct expected before .i32, found i32'],
  ['$jobs[3] == null', 'out of bounds table access: index 3, table has 3 elements'],
  ['i32.foo(1)', 'unknown operator i32.foo'],
  ['i32.add(1)', 'i32.add takes 2 operands, found 1'],
  [
    'i32.store(0, 1)',
    'i32.store cannot be used in an expression: only what computes one value from operands',
  ],
  [
    'memory.grow(1)',
    'memory.grow cannot be used in an expression: only what computes one value from operands',
  ],
  ['1'.repeat(2001), 'the expression is longer than 2000 characters'],
  [`${'('.repeat(500)}1`, "too many parentheses in each other, found '('"],
];

for (const [text, expected] of REFUSED) {
  test(`${text.slice(0, 40)} is refused`, () => {
    assert.throws(() => compute(text), { name: 'WasmError', message: expected, phase: 'usage' });
  });
}

test('calls of what is no function are refused', () => {
  const calling = { ...scope, calls: true };
  for (const [text, message] of [
    ['!$nope()', 'unknown function $nope'],
    ['!$x()', 'a function expected behind !'],
    ['!func[7]()', 'unknown function 7: the module has 1'],
    ['!$f(1)', 'the function takes 5 arguments, found 1'],
  ] as const) {
    assert.throws(() => compute(text, calling), { name: 'WasmError', message, phase: 'usage' });
  }
});

test('null alone is a reference', () => assert.equal(compute('null'), 'null : anyref'));

test('without a frame there are globals and memories only', () => {
  const outside: ExpressionScope = { module: inst.module, frame: undefined };
  assert.equal(compute('$count + mem[16].u8', outside), '262 : i32');
  assert.throws(() => compute('local[0]', outside), /needs a frame: the program is not stopped/);
  assert.throws(() => compute('$x', outside), /unknown name \$x/);
});

test('a sum of a thousand terms', () => {
  assert.equal(compute(Array(900).fill('1').join('+')), '900 : i32');
});

/** A memory's declaration, an expression on it, and what it gives. */
const MEMORIES: [string, string, string][] = [
  ['(memory $m i64 1 2)', 'mem[4294967296 - 4294967288].u8', '0 : i32'],
  ['(memory $m i64 1 2)', '$m[8].i64 + i64.load(8)', '0 : i64'],
  ['(memory 1 1 shared)', 'mem[8].u8', '0 : i32'],
  ['(memory 8 (pagesize 1))', 'mem[7].u8', '0 : i32'],
  ['(memory 1) (memory $m 1)', '$m[0].u8 == memory[1][0].u8 && mem[0].u8 == 0', '1 : i32'],
];

for (const [memory, text, expected] of MEMORIES) {
  test(`${text} with ${memory}`, () => {
    const other = load(`(module ${memory})`);
    const within: ExpressionScope = { module: other.inst.module, frame: undefined };
    const typed = typeExpression(parseExpression(text, isNameIn(within)), within);
    const value = new Evaluator(other.inst).run(typed, undefined);
    assert.equal(`${formatValue(value)} : ${typeName(value.type)}`, expected);
  });
}
