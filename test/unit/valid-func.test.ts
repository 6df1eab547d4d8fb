// Function bodies: what is accepted, what is refused and in which words, and the state at every step.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { instrByCode } from '../../engine/isa/isa.ts';
import { I32, I64, typeName } from '../../engine/isa/types.ts';
import { FuncValidator } from '../../engine/valid/func.ts';
import { stackAt } from '../../engine/valid/stack-at.ts';
import { validate, validateAll } from '../../engine/valid/validate.ts';
import { ALL, AROUND, moduleOf, VALID_FUNCS, verdict } from './valid-modules.ts';

for (const body of VALID_FUNCS) {
  test(`accepts ${body}`, () => {
    assert.equal(verdict(moduleOf(AROUND + body)), 'valid');
  });
}

const REFUSED: readonly (readonly [body: string, message: string])[] = [
  ['(func i32.add drop)', 'type mismatch: instruction requires [i32 i32] but stack has [] (i32.add)'],
  [
    '(func (param i64) local.get 0 i32.const 1 i32.add drop)',
    'type mismatch: instruction requires [i32 i32] but stack has [i64 i32] (i32.add)',
  ],
  [
    '(func (unreachable) (i64.const 1) (i32.add) (drop))',
    'type mismatch: instruction requires [i32 i32] but stack has [… i64] (i32.add)',
  ],
  [
    '(func (result i32) i64.const 1)',
    'type mismatch: instruction requires [i32] but stack has [i64] (end of function body)',
  ],
  ['(func i32.const 1)', 'type mismatch: block requires [] but stack has [i32] (end of function body)'],
  [
    '(func i32.const 1 (block drop))',
    'type mismatch: instruction requires [a value] but stack has [] (drop)',
  ],
  [
    '(func (result i32) (block (result i32) (block (br 1))) )',
    'type mismatch: instruction requires [i32] but stack has [] (br)',
  ],
  [
    '(func (result i32) (if (result i32) (i32.const 1) (then (i32.const 1))))',
    'type mismatch: an if without else must leave its parameters [], but declares [i32]',
  ],
  [
    '(func (if (i32.const 1) (then (i32.const 1)) (else)))',
    'type mismatch: block requires [] but stack has [i32] (else of if)',
  ],
  ['(func br 1)', 'unknown label 1'],
  ['(func (block br_table 0 5))', 'type mismatch: instruction requires [i32] but stack has [] (br_table)'],
  ['(func (block (br_table 0 5 (i32.const 0))))', 'unknown label 5'],
  [
    '(func (result i32) (block (br_table 0 1 (i32.const 1) (i32.const 0))) (i32.const 1))',
    'type mismatch: label 0 takes [], the default label [i32]',
  ],
  [
    '(func (block (result i32) (select (ref.null func) (ref.null func) (i32.const 0))) (drop))',
    'type mismatch: select needs two numbers or two vectors of one type, not [funcref funcref]',
  ],
  [
    '(func (drop (select (i32.const 0) (f32.const 0) (i32.const 0))))',
    'type mismatch: select needs two numbers or two vectors of one type, not [i32 f32]',
  ],
  ['(func (drop (select (result) (i32.const 0))))', 'invalid result arity'],
  ['(func (local i32) local.get 1 drop)', 'unknown local 1'],
  [
    '(func (local i32) (local.set 0 (i64.const 1)))',
    'type mismatch: instruction requires [i32] but stack has [i64] (local.set)',
  ],
  ['(func (local (ref $none)) (drop (local.get 0)))', 'uninitialized local 0'],
  [
    '(func (local (ref $none)) (block (local.set 0 (ref.func $declared))) (drop (local.get 0)))',
    'uninitialized local 0',
  ],
  [
    '(func (local (ref $none)) (if (i32.const 1) (then (local.set 0 (ref.func $declared))) (else (drop (local.get 0)))))',
    'uninitialized local 0',
  ],
  ['(func (global.set $const (i32.const 1)))', 'immutable global 1'],
  ['(func (drop (global.get 9)))', 'unknown global 9'],
  ['(func (call 9))', 'unknown function 9'],
  ['(func (call $import) drop)', 'type mismatch: instruction requires [i32] but stack has [] (call)'],
  [
    '(func (call_indirect $x (type $none) (i32.const 0)))',
    'type mismatch: table 1 holds externref, not functions',
  ],
  ['(func (call_indirect 9 (type $none) (i32.const 0)))', 'unknown table 9'],
  ['(func (return_call $pair))', 'type mismatch: the callee returns [i32 i64], the function []'],
  ['(func (drop (ref.func $undeclared)))', 'undeclared function reference 2'],
  ['(func (drop (ref.func 9)))', 'unknown function 9'],
  [
    '(func (drop (ref.is_null (i32.const 1))))',
    'type mismatch: instruction requires [a reference] but stack has [i32] (ref.is_null)',
  ],
  ['(func (unreachable) (ref.as_non_null) (i32.eqz) (drop))', 'type mismatch'],
  [
    '(func (param funcref) (br_on_non_null 0 (local.get 0)))',
    'type mismatch: label 0 takes [], which does not end with a reference',
  ],
  [
    '(func (param anyref) (drop (br_on_cast 0 (ref any) anyref (local.get 0))))',
    'type mismatch: anyref is no subtype of (ref any)',
  ],
  ['(func (drop (ref.cast (ref 77) (ref.null any))))', 'unknown type 77'],
  [
    '(func (param funcref) (drop (ref.test (ref $s) (local.get 0))))',
    'type mismatch: instruction requires [anyref] but stack has [funcref] (ref.test)',
  ],
  ['(func (param (ref $s)) (drop (struct.get $s $b (local.get 0))))', 'type mismatch: i8 is packed'],
  ['(func (param (ref $s)) (drop (struct.get_s $s $a (local.get 0))))', 'type mismatch: i32 is not packed'],
  ['(func (param (ref $s)) (struct.set $s $a (local.get 0) (i32.const 1)))', 'immutable field 0 of type 3'],
  ['(func (param (ref $s)) (drop (struct.get $s 9 (local.get 0))))', 'unknown field 9'],
  ['(func (drop (struct.new_default $ints)))', 'type mismatch: type 6 is no struct, but an array'],
  [
    '(func (param (ref $ints)) (array.set $ints (local.get 0) (i32.const 0) (i32.const 0)))',
    'immutable array',
  ],
  [
    '(func (param (ref $refs)) (array.copy $refs $bytes (local.get 0) (i32.const 0) (array.new_default $bytes (i32.const 1)) (i32.const 0) (i32.const 0)))',
    'array types do not match: i8 elements do not fit into funcref',
  ],
  [
    '(func (drop (array.new_data $refs $d (i32.const 0) (i32.const 0))))',
    'array type is not numeric or vector: it holds funcref',
  ],
  ['(func (throw 9))', 'unknown tag 9'],
  ['(func (throw $e))', 'type mismatch: instruction requires [i32] but stack has [] (throw)'],
  ['(func (try_table (catch $e 0)))', 'type mismatch: the catch clause gives [i32], label 0 takes []'],
  ['(func (block (try (do (rethrow 0)))))', 'invalid rethrow label'],
  ['(func (try (do) (delegate 1)))', 'unknown label 1'],
  ['(func (drop (i32.load 9 (i32.const 0))))', 'unknown memory 9'],
  ['(func (drop (i32.load align=8 (i32.const 0))))', 'alignment must not be larger than natural'],
  ['(func (drop (i32.atomic.load align=2 (i32.const 0))))', 'alignment must be natural'],
  ['(func (drop (i32.load offset=0x1_0000_0000 (i32.const 0))))', 'offset out of range'],
  [
    '(func (drop (i64.load $m64 (i32.const 0))))',
    'type mismatch: instruction requires [i64] but stack has [i32]',
  ],
  ['(func (memory.copy $m $m64 (i32.const 0) (i64.const 0) (i64.const 1)))', 'type mismatch'],
  ['(func (data.drop 9))', 'unknown data segment 9'],
  ['(func (elem.drop 9))', 'unknown elem segment 9'],
  [
    '(func (table.init $t $ex (i32.const 0) (i32.const 0) (i32.const 0)))',
    'type mismatch: externref elements',
  ],
  [
    '(func (table.copy $t $x (i32.const 0) (i32.const 0) (i32.const 0)))',
    'type mismatch: externref elements',
  ],
  ['(func (drop (i8x16.extract_lane_s 16 (v128.const i64x2 0 0))))', 'invalid lane index 16'],
  ['(func (drop (v128.load64_lane 2 (i32.const 0) (v128.const i64x2 0 0))))', 'invalid lane index 2'],
];

for (const [body, message] of REFUSED) {
  test(`refuses ${body}`, () => {
    const found = verdict(moduleOf(AROUND + body));
    assert.ok(found.startsWith(`invalid: ${message}`), found);
  });
}

test('the state before and behind every instruction', () => {
  const module = moduleOf(
    '(func (param i32) (result i32) (i64.const 5) (block (result i32) (br_if 0 (i32.const 1) (local.get 0)) (return)) (i32.add (i32.const 2)) (return) (drop) (i64.eqz) (unreachable))'.replace(
      '(i64.const 5)',
      '(i64.const 5) (drop)',
    ),
  );
  const v = new FuncValidator(module, ALL);
  v.begin(0);
  assert.deepEqual([v.height, v.controls.map(({ kind }) => kind)], [0, ['func']]);
  const lines: string[] = [];
  while (v.next()) {
    const stack = Array.from({ length: v.height }, (_, slot) => typeName(v.typeAt(slot)));
    const labels = v.controls.map(({ kind }) => kind).join('/');
    const name = instrByCode(v.instr.code)?.name;
    const flags = `${v.wasReachable ? '' : ' dead'}${v.ended ? ` ended ${v.ended.kind}` : ''}`;
    lines.push(`${v.heightBefore} ${name} -> [${stack.join(' ')}] ${labels}${flags}`);
  }
  assert.deepEqual(lines, [
    '0 i64.const -> [i64] func',
    '1 drop -> [] func',
    '0 block -> [] func/block',
    '0 i32.const -> [i32] func/block',
    '1 local.get -> [i32 i32] func/block',
    '2 br_if -> [i32] func/block',
    '1 return -> [] func/block',
    '0 end -> [i32] func dead ended block',
    '1 i32.const -> [i32 i32] func',
    '2 i32.add -> [i32] func',
    '1 return -> [] func',
    '0 drop -> [] func dead',
    '0 i64.eqz -> [i32] func dead',
    '1 unreachable -> [] func dead',
    '0 end -> [i32]  dead ended func',
  ]);
});

test('operands know who pushed them; a branch that goes on leaves them their origin', () => {
  const module = moduleOf(
    '(func (param i32) (result i32) local.get 0 i32.const 7 (block (param i32) (result i32) local.get 0 br_if 0) i32.add)',
  );
  const start = module.funcs[0]!.body!.codeStart;
  const v = new FuncValidator(module, ALL);
  v.begin(0);
  const at: Record<string, number> = {};
  const origins: Record<string, number[]> = {};
  while (v.next()) {
    const name = instrByCode(v.instr.code)!.name;
    at[name] ??= v.instr.offset;
    origins[name] ??= Array.from({ length: v.height }, (_, slot) => v.pushedAt(slot));
  }
  assert.equal(at['local.get'], start);
  assert.deepEqual(origins['i32.const'], [start, at['i32.const']]);
  assert.deepEqual(origins.block, [start, at.block]);
  assert.deepEqual(origins.br_if, [start, at.block]);
  assert.deepEqual(origins.end, [start, at.end]);
});

test('drop and select say what they popped', () => {
  const module = moduleOf(
    '(func (drop (select (i64.const 1) (i64.const 2) (i32.const 0))) unreachable drop)',
  );
  const v = new FuncValidator(module, ALL);
  v.begin(0);
  const popped: string[] = [];
  while (v.next()) {
    const name = instrByCode(v.instr.code)!.name;
    if (name === 'drop' || name === 'select') popped.push(`${name} ${typeName(v.poppedType)}`);
  }
  assert.deepEqual(popped, ['select i64', 'drop i64', 'drop bot']);
});

test('one validator checks many functions, also behind a fault', () => {
  const module = moduleOf(
    '(func $deep (block (block (i64.const 1) (i32.eqz) (drop)))) (func (param f32) (result i32) (i32.const 1))',
  );
  const v = new FuncValidator(module, ALL);
  v.begin(0);
  assert.throws(() => {
    while (v.next());
  }, WasmError);
  v.begin(1);
  assert.equal(v.depth, 1);
  while (v.next());
  assert.equal(v.typeAt(0), I32);
});

test('notes say where the operand came from and what the block wants', () => {
  const module = moduleOf('(func (param i64) (block (result i32) (local.get 0)) (drop))');
  const [fault] = validateAll(module, ALL);
  const start = module.funcs[0]!.body!.codeStart;
  assert.deepEqual(fault?.notes, [
    { message: 'i64 was pushed here', offset: start + 2 },
    { message: 'block declares results [i32]', offset: start },
  ]);
  assert.equal(fault?.offset, start + 4);
});

test('types in messages carry the names that the module gives', () => {
  const module = moduleOf('(type $list (struct)) (func (param (ref $list)) (i32.eqz (local.get 0)) (drop))');
  assert.match(verdict(module), /requires \[i32\] but stack has \[\(ref \$list\)\] \(i32\.eqz\)$/);
});

test('the stack at an offset', () => {
  const module = moduleOf(
    '(func (param i64) (local.get 0) (i32.const 300) (block (drop (i32.const 1))) (drop) (drop))',
  );
  const start = module.funcs[0]!.body!.codeStart;
  const types = (offset: number) => stackAt(module, ALL, 0, offset).operands.map(({ type }) => type);
  assert.deepEqual(types(start), []);
  assert.deepEqual(types(start + 2), [I64]);
  assert.deepEqual(types(start + 3), [I64], 'inside of i32.const: the state before it');
  assert.deepEqual(types(start + 5), [I64, I32]);
  const inBlock = stackAt(module, ALL, 0, start + 7);
  assert.deepEqual(
    inBlock.controls.map(({ kind, offset, height }) => ({ kind, offset, height })),
    [
      { kind: 'func', offset: start, height: 0 },
      { kind: 'block', offset: start + 5, height: 2 },
    ],
  );
  assert.equal(inBlock.operands[1]?.pushedAt, start + 2);
  assert.deepEqual(stackAt(module, ALL, 0, module.funcs[0]!.body!.range.end).controls, []);
});

test('what two bytes can push a thousand times is bounded', () => {
  const results = 'i32 '.repeat(1000);
  const module = moduleOf(
    `(func $f (result ${results}) unreachable) (func ${'call $f '.repeat(5000)} unreachable)`,
  );
  assert.match(verdict(module), /^unsupported: not supported yet: \d+ operands at once$/);
});

test('validation of a valid module returns nothing and throws nothing', () => {
  assert.equal(validate(moduleOf(AROUND), ALL), undefined);
});
