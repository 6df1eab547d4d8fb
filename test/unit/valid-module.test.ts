// Module rules: types, limits, constant expressions, segments, exports; features that a set lacks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { validateAll } from '../../engine/valid/validate.ts';
import { ALL, MVP, moduleOf, VALID_MODULES, verdict, without } from './valid-modules.ts';

for (const text of VALID_MODULES) {
  test(`accepts ${text || 'the empty module'}`, () => {
    assert.equal(verdict(moduleOf(text)), 'valid');
  });
}

const REFUSED: readonly (readonly [text: string, message: string])[] = [
  ['(type (func (param (ref 1)))) (type (func))', 'unknown type 1'],
  ['(type (struct (field (ref 9))))', 'unknown type 9'],
  ['(type (func)) (type (sub 0 (func)))', 'sub type 1 does not match super type 0, which is final'],
  ['(type (sub (func))) (type (sub 0 (struct)))', 'sub type 1 does not match super type 0'],
  ['(type (sub (array i32))) (type (sub 0 (array (mut i32))))', 'sub type 1 does not match super type 0'],
  ['(rec (type (sub 1 (func))) (type (sub (func))))', 'unknown type 1'],
  ['(type $s (struct)) (func (type $s))', 'unknown type 0'],
  ['(memory 65537)', 'memory size must be at most 65536 pages (4GiB)'],
  ['(memory 0 65537)', 'memory size must be at most 65536 pages (4GiB)'],
  ['(memory i64 0 0x1_0000_0000_0001)', 'memory size must be at most 2^48 pages'],
  ['(memory 2 1)', 'size minimum must not be greater than maximum'],
  ['(table 2 1 funcref)', 'size minimum must not be greater than maximum'],
  ['(memory 1 shared)', 'shared memory must have maximum'],
  ['(memory 0 (pagesize 2))', 'invalid custom page size'],
  ['(table 1 (ref func))', 'type mismatch'],
  ['(func $f) (table 1 (ref extern) (ref.func $f))', 'type mismatch'],
  ['(global i32 (i64.const 1))', 'type mismatch'],
  ['(global i32 (i32.const 1) (i32.const 1))', 'type mismatch'],
  ['(global i32 (nop) (i32.const 1))', 'constant expression required: nop'],
  ['(global i32 (i32.clz (i32.const 1)))', 'constant expression required'],
  ['(global i32 (global.get 0))', 'unknown global 0'],
  ['(global i32 (global.get 1)) (global i32 (i32.const 1))', 'unknown global 1'],
  ['(global (mut i32) (i32.const 1)) (global i32 (global.get 0))', 'constant expression required: global 0'],
  ['(global $g funcref (ref.null func)) (table 1 funcref (global.get $g))', 'unknown global 0'],
  ['(func (export "a")) (func (export "a"))', 'duplicate export name'],
  ['(export "a" (func 0))', 'unknown function 0'],
  ['(export "a" (table 0))', 'unknown table 0'],
  ['(export "a" (memory 0))', 'unknown memory 0'],
  ['(export "a" (global 0))', 'unknown global 0'],
  ['(export "a" (tag 0))', 'unknown tag 0'],
  ['(start 0)', 'unknown function 0'],
  ['(func $f (param i32)) (start $f)', 'start function'],
  ['(func $f (result i32) (i32.const 1)) (start $f)', 'start function'],
  ['(func $f) (elem (i32.const 0) $f)', 'unknown table 0'],
  ['(table 1 funcref) (elem (i32.const 0) 4)', 'unknown function 4'],
  ['(table 1 externref) (func $f) (elem (i32.const 0) $f)', 'type mismatch'],
  ['(table 1 funcref) (func $f) (elem (i64.const 0) $f)', 'type mismatch'],
  ['(data (i32.const 0) "")', 'unknown memory 0'],
  ['(memory 1) (data (i64.const 0) "")', 'type mismatch'],
  ['(memory 1) (data (i32.eqz (i32.const 0)) "")', 'constant expression required'],
  ['(tag (result i32))', 'non-empty tag result type'],
];

for (const [text, message] of REFUSED) {
  test(`refuses ${text}`, () => {
    const found = verdict(moduleOf(text));
    assert.ok(found.startsWith(`invalid: ${message}`), found);
  });
}

/** Under Wasm 1.0 each of these is refused for its feature, and under all features accepted. */
const LATER: readonly (readonly [text: string, feature: string])[] = [
  ['(func (param i32) (drop (i32.extend8_s (local.get 0))))', 'sign-extension operators'],
  ['(func (param f32) (drop (i32.trunc_sat_f32_s (local.get 0))))', 'non-trapping float-to-int conversions'],
  ['(func (result i32 i32) unreachable)', 'multi-value'],
  ['(func (param v128))', 'fixed-width SIMD'],
  ['(func (local externref))', 'reference types'],
  ['(table 1 externref)', 'reference types'],
  ['(memory i64 1)', '64-bit addresses'],
  ['(memory 1 1 shared)', 'threads and atomics'],
  ['(memory 1 (pagesize 1))', 'custom page sizes'],
  ['(data "passive")', 'bulk memory operations'],
  ['(tag)', 'exception handling'],
  ['(type (struct))', 'garbage collection'],
  ['(func (drop (ref.null func)))', 'reference types'],
  ['(func $f) (func (return_call $f))', 'tail calls'],
  ['(global i32 (i32.add (i32.const 1) (i32.const 1)))', 'extended constant expressions'],
  ['(global i32 (i32.const 1)) (global i32 (global.get 0))', 'garbage collection'],
  ['(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))', 'bulk memory operations'],
];

for (const [text, feature] of LATER) {
  test(`needs ${feature}: ${text}`, () => {
    const module = moduleOf(text);
    assert.equal(verdict(module, ALL), 'valid');
    assert.equal(verdict(module, MVP), `unsupported: not supported yet: ${feature}`);
  });
}

test('what older suites have their own words for is refused with them', () => {
  for (const [text, message] of [
    ['(table 1 funcref) (table 1 funcref)', 'invalid: multiple tables'],
    ['(memory 1) (memory 1)', 'invalid: multiple memories'],
    ['(memory 0x1_0000_0000)', 'malformed: i32 constant out of range'],
    ['(table 0 0x1_0000_0000 funcref)', 'malformed: i32 constant out of range'],
  ]) {
    const found = verdict(moduleOf(text), MVP);
    assert.ok(found.startsWith(message), found);
  }
});

test('legacy exceptions need no standard ones', () => {
  const module = moduleOf('(tag $e) (func (try (do (throw $e)) (catch $e)))');
  assert.equal(verdict(module, without('exceptions')), 'valid');
  assert.equal(
    verdict(module, without('exceptions', 'legacy-exceptions')),
    'unsupported: not supported yet: exception handling',
  );
});

test('all faults: one an item and one a function, in the order of the file', () => {
  const module = moduleOf(`
    (memory 2 1) (global i32 (i64.const 1)) (global f32 (i32.const 1)) (export "a" (func 0)) (export "a" (func 0))
    (func (i32.add) (i64.add)) (func) (func (local.get 9))`);
  const faults = validateAll(module, ALL);
  assert.deepEqual(
    faults.map(({ message }) => message.split(':')[0]),
    [
      'size minimum must not be greater than maximum',
      'type mismatch',
      'type mismatch',
      'duplicate export name "a"',
      'type mismatch',
      'unknown local 9',
    ],
  );
  const offsets = faults.map(({ offset }) => offset);
  assert.deepEqual(
    offsets,
    [...offsets].sort((a, b) => a! - b!),
  );
  const skipped = validateAll(module, ALL, { skip: new Set([0]) });
  assert.equal(skipped.length, faults.length - 1);
});

test('what is malformed in any body comes before what is invalid anywhere', () => {
  const header = '0061736d01000000 0104 01600000 0303020000 0a0b02 0300';
  const module = decode(bytes(`${header} 1a0b 0500 ff0b0b0b`));
  assert.equal(verdict(module), 'malformed: illegal opcode ff');
});

test('faults of types stand at their entry of the section', () => {
  const module = moduleOf('(type (func)) (rec (type (func)) (type (func (param (ref 9)))))');
  const section = module.sections.find(({ id }) => id === 1)!;
  const [fault] = validateAll(module, ALL);
  assert.equal(fault?.offset, section.range.start + 1 + 3);
});

test('chains of sub types are bounded', () => {
  const chain = (n: number) => Array.from({ length: n }, (_, i) => `(type (sub ${i} (func)))`).join('');
  assert.equal(verdict(moduleOf(`(type (sub (func)))${chain(63)}`)), 'valid');
  assert.match(
    verdict(moduleOf(`(type (sub (func)))${chain(64)}`)),
    /^unsupported: not supported yet: more than 63/,
  );
});

test('a module whose indices all lead nowhere gets faults, not crashes', () => {
  const bodies = [
    '00 1000 0b', // call an import that has no type
    '00 110500 0b', // call_indirect without types and tables
    '00 0800 0b', // throw a tag that has no type
    '00 fb0007 1a 0b', // struct.new
    '00 d200 1a 0b', // ref.func: the import has its fault already
    '00 1409 0b', // call_ref
    '00 d009 fb1608 1a 0b', // ref.null, ref.cast
    '00 0205 0b 0b', // block type
    '01 01 6409 0b', // a local
  ];
  const module = decode(
    Uint8Array.from([
      ...bytes('0061736d01000000'),
      ...section(1, '01 600000'),
      ...section(2, '01 0161 0162 00 05'),
      ...section(3, `09 ${'00'.repeat(9)}`),
      ...section(13, '01 00 07'),
      ...section(6, '01 6409 00 d009 0b'),
      ...section(7, '01 0161 00 00'),
      ...section(8, '00'),
      ...section(9, '01 00 41000b 00'),
      ...section(10, `09 ${bodies.map((body) => size(bytes(body).length) + body).join('')}`),
      ...section(11, '01 00 41000b 00'),
    ]),
  );
  const messages = validateAll(module, ALL).map(({ message }) => message.replace(/:.*/, ''));
  assert.deepEqual(messages, [
    'unknown type 5',
    'unknown type 7',
    'unknown type 9',
    'unknown table 0',
    'unknown type 5',
    'unknown table 0',
    'unknown type 7',
    'unknown type 7',
    'unknown type 9',
    'unknown type 9',
    'unknown type 5',
    'unknown type 9',
    'unknown memory 0',
  ]);
  assert.ok(validateAll(module, MVP).length > 0);
});

function section(id: number, content: string): Uint8Array {
  return bytes(size(id) + size(bytes(content).length) + content);
}

function size(n: number): string {
  return n.toString(16).padStart(2, '0');
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
}
