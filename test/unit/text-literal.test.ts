// Values as people type them, and the values and patterns of scripts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXTERNREF, F32, F64, HEAP, I32, I64, refType, V128, type ValType } from '../../engine/isa/types.ts';
import { parseValue } from '../../engine/text/literal.ts';
import { parseScript } from '../../engine/text/script.ts';
import { parseTree } from '../../engine/text/tree.ts';

const GOOD: readonly [text: string, type: ValType, bits: bigint][] = [
  ['10', I32, 10n],
  ['-1', I32, 0xffff_ffffn],
  ['0xff', I32, 255n],
  [' 4294967295 ', I32, 0xffff_ffffn],
  ['i32.const 7', I32, 7n],
  ['(i64.const -1)', I64, 0xffff_ffff_ffff_ffffn],
  ['18446744073709551615', I64, 0xffff_ffff_ffff_ffffn],
  ['1.5', F32, 0x3fc0_0000n],
  ['nan:0x7', F32, 0x7f80_0007n],
  ['-inf', F32, 0xff80_0000n],
  ['1', F64, 0x3ff0_0000_0000_0000n],
  ['-nan', F64, 0xfff8_0000_0000_0000n],
  ['i32x4 1 2 3 -1', V128, 0xffffffff_00000003_00000002_00000001n],
];

test('values', () => {
  for (const [text, type, bits] of GOOD)
    assert.deepEqual(parseValue(text, type), { ok: true, value: { type, bits } }, text);
  assert.deepEqual(parseValue('null', EXTERNREF), { ok: true, value: { type: EXTERNREF, ref: null } });
  assert.deepEqual(parseValue('ref.null extern', EXTERNREF), {
    ok: true,
    value: { type: EXTERNREF, ref: null },
  });
});

const BAD: readonly [text: string, type: ValType, message: RegExp][] = [
  ['', I32, /^nothing is no i32: expected a whole number/],
  ['1.5', I32, /^`1.5` is no i32: expected a whole number from -2147483648/],
  ['4294967296', I32, /is no i32/],
  ['1) (i32.const 2', I32, /is no i32/],
  ['abc', F64, /^`abc` is no f64: expected a number such as 1.5/],
  ['i32x4 1 2 3', V128, /expected a vector such as/],
  ['7', EXTERNREF, /only null/],
  ['null', refType(false, HEAP.func), /cannot be null/],
];

test('what is no value says what is expected', () => {
  for (const [text, type, message] of BAD) {
    const parsed = parseValue(text, type);
    assert.ok(!parsed.ok, text);
    assert.match(parsed.message, message);
  }
});

test('scripts: every command and every kind of result', () => {
  const text = `
    (module $m (func)) (module definition $d) (module instance $i $d) (module binary "\\00asm") (module quote "(func)")
    (register "m" $m) (invoke $m "f" (i32.const 1) (ref.extern 3) (ref.null func)) (get "g")
    (assert_return (invoke "f") (f32.const nan:canonical) (v128.const f32x4 nan:arithmetic 0 0 0) (ref.func) (ref.null)
      (either (i32.const 1) (ref.i31)) (ref.host 2) (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1))
    (assert_trap (invoke "f") "unreachable") (assert_trap (module (start 0)) "x") (assert_exhaustion (invoke "f") "call")
    (assert_exception (invoke "f")) (assert_invalid (module) "a") (assert_malformed (module quote "") "b")
    (assert_unlinkable (module) "c") (assert_malformed_custom (module) "d") (assert_invalid_custom (module) "e")
    (thread $T (shared (module $m)) (invoke "f")) (wait $T) (component $c (core module))`;
  const { commands, faults } = parseScript(parseTree(text));
  assert.deepEqual(faults, []);
  assert.deepEqual(
    commands.map(({ kind }) => kind).join(' '),
    'module module instance module module register action action assert_return assert_trap assert_trap ' +
      'assert_exhaustion assert_exception assert_invalid assert_malformed assert_unlinkable assert_malformed_custom ' +
      'assert_invalid_custom thread wait module',
  );
  const returned = commands.find((command) => command.kind === 'assert_return')!;
  assert.deepEqual(returned.results, [
    { kind: 'nan', type: F32, nan: 'canonical' },
    { kind: 'lanes', shape: 'f32x4', lanes: ['nan:arithmetic', 0n, 0n, 0n] },
    { kind: 'ref', heap: HEAP.func },
    { kind: 'null' },
    {
      kind: 'either',
      of: [
        { kind: 'num', type: I32, bits: 1n },
        { kind: 'ref', heap: HEAP.i31 },
      ],
    },
    { kind: 'host', value: 2 },
    { kind: 'num', type: V128, bits: 1n << 120n },
  ]);
});

test('a command with a fault does not hide the others', () => {
  const { commands, faults } = parseScript(
    parseTree('(module) (invoke 7) (foo) (assert_return (invoke "f"))'),
  );
  assert.deepEqual(
    commands.map(({ kind }) => kind),
    ['module', 'assert_return'],
  );
  assert.deepEqual(
    faults.map(({ message }) => message),
    ['unexpected token 7', 'unknown operator foo'],
  );
});
