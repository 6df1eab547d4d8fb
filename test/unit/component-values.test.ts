/**
 * Value definitions and start functions of components (Explainer.md): from text and bytes into instances.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostFunction } from '../../engine/component/host.ts';
import { loadComponent } from '../../engine/component/load.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { printComponent } from '../../engine/component/text/print.ts';
import type { ComponentValue } from '../../engine/component/values.ts';
import { printWave } from '../../engine/component/wave-print.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { faultText, running } from './component-load.ts';

/** What is exported has types that are. */
const TYPES = Object.entries({
  rec: '(record (field "a" u8) (field "b" (list string)))',
  var: '(variant (case "x" f64) (case "y"))',
  fl: '(flags "f0" "f1" "f2" "f3" "f4" "f5" "f6" "f7" "f8")',
  en: '(enum "red" "green")',
  map: '(map string u8)',
  three: '(list u8 3)',
})
  .map(([name, type]) => `(type $${name}-def ${type}) (export $${name} "${name}" (type $${name}-def))`)
  .join(' ');

for (const [type, text, wave] of [
  ['bool', 'true', 'true'],
  ['u8', '255', '255'],
  ['s8', '-128', '-128'],
  ['u16', '65535', '65535'],
  ['s16', '-32768', '-32768'],
  ['u32', '4294967295', '4294967295'],
  ['s32', '-1', '-1'],
  ['u64', '18446744073709551615', '18446744073709551615'],
  ['s64', '-9223372036854775808', '-9223372036854775808'],
  ['f32', '1.5', '1.5'],
  ['f32', 'nan', 'nan'],
  ['f64', 'nan', 'nan'],
  ['f64', '-inf', '-inf'],
  ['char', "'x'", "'x'"],
  ['char', '(binary "\\e2\\98\\83")', "'☃'"],
  ['char', '(binary "\\f0\\9f\\a6\\80")', "'🦀'"],
  ['string', '"wörld"', '"wörld"'],
  ['$rec', '(record 7 (list "x" "yz"))', '{a: 7, b: ["x", "yz"]}'],
  ['$var', '(variant "x" 2.5)', 'x(2.5)'],
  ['$var', '(variant "y")', 'y'],
  ['$fl', '(flags "f0" "f8")', '{f0, f8}'],
  ['$en', '(enum "green")', 'green'],
  ['$three', '(list 1 2 3)', '[1, 2, 3]'],
  ['$map', '(binary "\\02\\01a\\01\\02bc\\02")', '{"a": 1, "bc": 2}'],
  ['(tuple u8 (option string))', '(tuple 1 (some "s"))', '(1, some("s"))'],
  ['(option u8)', 'none', 'none'],
  ['(result u8 (error string))', '(error "bad")', 'err("bad")'],
  ['(result)', 'ok', 'ok'],
] as const) {
  test(`a value of type ${type}: ${text}`, async () => {
    const source = `(component ${TYPES} (value $v ${type} ${text}) (export "v" (value $v)))`;
    assert.equal(await exported(source), wave);
    const { bytes } = assembleComponent(parseTree(source));
    const loaded = loadComponent({ bytes });
    assert.ok(!('faults' in loaded));
    // What is printed has the value's bytes, and is that component again.
    assert.equal(await exported(printComponent(loaded.component).text), wave);
  });
}

/** The value `v` that a component exports. */
async function exported(text: string): Promise<string> {
  const { inst, valid } = await running({ text });
  const entity = valid.type.exports.get('v');
  const item = inst.exports.get('v');
  if (item?.kind !== 'value' || entity?.kind !== 'value') return assert.fail('no value');
  return printWave(item.value, entity.type);
}

test('a start function gets values and gives one, which the next one gets', async () => {
  const seen: ComponentValue[][] = [];
  const host = hostFunction((args) => {
    seen.push([...args]);
    return (args[0] as string).length;
  });
  const { inst } = await running(
    {
      text: `(component
        (import "f" (func $f (param "text" string) (param "n" u32) (result u32)))
        (value $a string "abc") (value $b string "defgh") (value $n u32 41)
        (start $f (value $a) (value $n) (result (value $r)))
        (start $f (value $b) (value $r) (result (value $s)))
        (export "length" (value $s)))`,
    },
    new Map([['f', host]]),
  );
  assert.deepEqual(seen, [
    ['abc', 41],
    ['defgh', 3],
  ]);
  assert.deepEqual(inst.exports.get('length'), { kind: 'value', value: 5 });
});

test('values go into components and out of them', async () => {
  const text = `(component
    (component $C (import "in" (value $v string)) (export "out" (value $v)))
    (value $v string "through")
    (instance $c (instantiate $C (with "in" (value $v))))
    (alias export $c "out" (value $w))
    (export "v" (value $w)))`;
  assert.equal(await exported(text), '"through"');
});

for (const [what, definition, wanted] of [
  ['a boolean that is none', '(value bool (binary "\\02"))', 'malformed: invalid boolean value (0x2)'],
  [
    'bytes that are left',
    '(value u8 (binary "\\01\\02"))',
    'malformed: trailing bytes at end of value of type u8',
  ],
  ['bytes that are missing', '(value (tuple u8 u8) (binary "\\01"))', 'malformed: unexpected end-of-file'],
  ['too large an integer', '(value u16 (binary "\\80\\80\\04"))', 'malformed: integer too large'],
  ['too small an integer', '(value s16 (binary "\\ff\\ff\\7d"))', 'malformed: integer too large'],
  [
    'a list without end',
    '(value (list u8) (binary "\\ff\\ff\\ff\\ff\\0f"))',
    'malformed: unexpected end-of-file',
  ],
  [
    'no such case',
    '(type $e (enum "a" "b")) (value $v $e (binary "\\02"))',
    'malformed: invalid case 2 for enum { a, b }: it has 2',
  ],
  [
    'neither none nor some',
    '(value (option u8) (binary "\\02"))',
    'malformed: invalid leading byte (0x2) for a value of type option<u8>',
  ],
  [
    'a NaN with a payload',
    '(value f32 (binary "\\01\\00\\c0\\7f"))',
    'malformed: a NaN that is not the canonical one',
  ],
  ['half a character', '(value char (binary "\\e2\\98"))', 'malformed: unexpected end-of-file'],
  ['a surrogate', '(value char (binary "\\ed\\a0\\80"))', 'malformed: malformed UTF-8 encoding'],
  ['two characters', '(value char (binary "ab"))', 'malformed: trailing bytes at end of value of type char'],
  [
    'a handle',
    '(type $r (resource (rep i32))) (value (own $r) (binary "\\00"))',
    'invalid: a value of type own<resource 0> cannot be defined',
  ],
  [
    'a value that nobody uses',
    '(value $v u8 1)',
    'invalid: value index 0 was not used as part of an instantiation, start function, or export',
  ],
  [
    'a value that is used twice',
    '(value $v u8 1) (export "a" (value $v)) (export "b" (value $v))',
    'invalid: cannot use value 0 more than once',
  ],
  [
    'an argument of another type',
    '(import "f" (func $f (param "x" string))) (value $v u8 1) (start $f (value $v))',
    'invalid: value type mismatch for component start function argument 0: expected primitive `string` found primitive `u8`',
  ],
  [
    'too few elements',
    '(type $l (list u8 2)) (value $v $l (list 1))',
    'malformed: expected 2 elements, found 1',
  ],
] as const) {
  // biome-ignore format: a table
  test(`a component with ${what}`, () => {
    const loaded = loadComponent({ text: `(component ${definition})` });
    assert.ok('faults' in loaded);
    const [{ phase, message, span }] = loaded.faults;
    assert.equal(`${phase}: ${message}`, wanted);
    assert.ok(span, 'it has a place');
  });
}

test('a host has no values to give', async () => {
  const text = '(component (import "v" (value $v string)) (export "w" (value $v)))';
  const error = await running({ text }).then(
    () => assert.fail('it was linked'),
    (error: unknown) => faultText(error),
  );
  assert.equal(error, 'unlinkable: unknown import v: value string; v: value string');
});
