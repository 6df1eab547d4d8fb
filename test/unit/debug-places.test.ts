/** Places: what is written, and the instructions that it means. Regular expressions and hit counts with them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHitCount } from '../../engine/debug/hit-count.ts';
import { loadProgram } from '../../engine/debug/load.ts';
import { parsePattern } from '../../engine/debug/pattern.ts';
import { AT_CALL, parsePlace, resolvePlace } from '../../engine/debug/places.ts';
import { Sites } from '../../engine/debug/sites.ts';
import { bytesOf } from './exec-load.ts';

const bytes = bytesOf(`(module
  (import "env" "log" (func $log (param i32)))
  (import "env" "log2" (func (param i32)))
  (func $alloc_one (export "alloc") (result i32) i32.const 1000 return)
  (func $alloc_two (param i32 i64) (local f32 f64) local.get 0 call $log unreachable i32.const 5 drop)
  (func (export "free"))
  (func $_ZN4core3fmt5writeE nop)
  (func $a+0x1 nop))`);
const program = loadProgram({ bytes });
const { module } = program;
const found = {
  module,
  sites: new Sites(module),
  file: 'm.wasm',
  start: 0,
  funcAt: (at: number) => program.funcAt(at),
};
const body = (idx: number) => module.funcs[idx].body!;
const hex = (offset: number) => `0x${offset.toString(16)}`;
const [one, two] = [body(2), body(3)];

/** What a place means: `index+bytes from the function's code`, and what is said of it. */
function meaning(text: string): string {
  const resolved = resolvePlace(parsePlace(text), found);
  if (typeof resolved === 'string') return resolved;
  const targets = resolved.targets.map(
    ({ funcIdx, offset }) => `${funcIdx}+${offset === AT_CALL ? 'call' : offset - body(funcIdx).codeStart}`,
  );
  return [targets.join(' '), resolved.message].filter(Boolean).join(': ');
}

const PLACES: [string, string][] = [
  ['func[2]', '2+0'],
  [' func[ 0x3 ] ', '3+0'],
  ['func[99]', 'func[99]: the module has 7 functions'],
  ['func[0]', '0+call: stops when env.log is called'],
  [`func[2]+${one.codeStart - one.range.start}`, '2+0'],
  [`func[2] + ${hex(one.codeStart - one.range.start + 3)}`, '2+3'],
  [`func[2]+99`, `func[2]+99: the function is ${one.range.end - one.range.start} bytes long`],
  [
    'func[3]+0',
    `3+0: ${hex(two.range.start)} is in front of the code: moved to the first instruction at ${hex(two.codeStart)}`,
  ],
  [hex(one.codeStart), '2+0'],
  [
    hex(one.codeStart + 2),
    `2+0: ${hex(one.codeStart + 2)} is inside an instruction: moved to its start at ${hex(one.codeStart)}`,
  ],
  [
    hex(two.codeStart + 5),
    `3+4: ${hex(two.codeStart + 5)} cannot be reached: moved to ${hex(two.codeStart + 4)}`,
  ],
  ['0x5', "offset 0x5 is not in a function's code"],
  ['0xffff', `offset 0xffff is not in a function's code: the module is ${hex(bytes.length)} bytes long`],
  [`m.wasm!${hex(one.codeStart)}`, '2+0'],
  ['M.wasm!func[2]', '2+0'],
  ['other.wasm!0x5', 'other.wasm is not loaded: this program is m.wasm'],
  ['$alloc_one', '2+0'],
  ['$alloc', 'no function matches $alloc'],
  ['alloc', '2+0'],
  ['alloc_two', '3+0'],
  ['free', '4+0'],
  ['$a+0x1', '6+0'],
  [`$alloc_two+${two.codeStart - two.range.start + 2}`, '3+2'],
  ['env.log', '0+call: stops when env.log is called'],
  ['import log2', '1+call: stops when env.log2 is called'],
  ['import env.log', '0+call: stops when env.log is called'],
  ['import alloc', 'no function is imported as alloc'],
  ['export alloc', '2+0'],
  ['export log', 'no function is exported as log'],
  ['call', '3+2'],
  ['i32.const', '2+0'],
  ['memory.grow', 'there is no instruction memory.grow'],
  ['nope', 'no function matches nope'],
  ['/^alloc/', '2+0 3+0: stops in 2 functions'],
  ['/^ALLOC_t/i', '3+0'],
  ['/^ALLOC/', 'no function matches /^ALLOC/'],
  ['/log|free/', '0+call 1+call 4+0: stops in 3 functions'],
  ['/^env\\.log/', '0+call 1+call: stops in 2 functions'],
  ['/^(alloc|log)/', '0+call 2+0 3+0: stops in 3 functions'],
  ['/core::fmt/', '5+0'],
  ['/(a+)+$/', 'no function matches /(a+)+$/'],
];

for (const [text, expected] of PLACES) test(text, () => assert.equal(meaning(text), expected));

const MALFORMED: [string, RegExp][] = [
  ['', /a place is expected/],
  ['func[x]', /a number is expected, found "x"/],
  ['func[2]+x', /a number is expected, found "x"/],
  ['/a(/', /is no regular expression: a group is not closed/],
  ['/a/g', /unknown flag g/],
];

for (const [text, expected] of MALFORMED) {
  test(`${text} is no place`, () => assert.throws(() => parsePlace(text), expected));
}

const SOURCES = [
  'abc', '^abc$', '^a', 'c$', 'a.c', 'a*', 'a+b', 'ab?c', '^(?:ab|cd)+$', '[a-c]+$', '[^a-c]', '\\d+', '\\w\\W',
  '^\\s*$', 'a{2}', '^a{2,}$', '^a{1,3}b', '(a|b)*c', '\\bfoo\\b', 'o\\B', 'x|', '\\.', '[\\w.-]+$', '[\\]]', 'a{x',
  '(a*)*b', '^$', '\\x41', '\\u0062', 'a|b|^c', '.+?b', '()', '[]x]', '\\/', '[\\d]', '^[^\\s]+$', '\\Dz',
]; // biome-ignore format: data
const TEXTS = ['', 'a', 'abc', 'aab', 'ABC', 'foo bar', 'foobar', 'c', 'xyz', 'a.c', 'aaa b', '12', 'a{x', ']', 'cdab',
  'A', '_x', 'x]', 'a/b', '7z', 'az', 'aaaab', 'é']; // biome-ignore format: data

test('regular expressions mean what they mean in JavaScript', () => {
  for (const source of SOURCES) {
    for (const flags of ['', 'i']) {
      const pattern = parsePattern(source, flags);
      for (const text of TEXTS) {
        const expected = new RegExp(source, flags).test(text);
        assert.equal(pattern.test(text), expected, `/${source}/${flags} on ${JSON.stringify(text)}`);
      }
    }
  }
});

test('what cannot be matched in linear time is refused', () => {
  for (const source of [
    '(?=a)',
    '(?<n>a)',
    '(a)\\1',
    '\\k',
    '*a',
    'a)',
    '[a',
    '[z-a]',
    'a{3,1}',
    '\\',
    'a'.repeat(1001),
    '((a{1000}){1000})',
  ]) {
    assert.throws(() => parsePattern(source, ''), /regular expression/, source);
  }
});

test('an expression that would make others go back for ever ends', () => {
  const text = `${'a'.repeat(5000)}!`;
  assert.equal(parsePattern('^(a+)+$', '').test(text), false);
  assert.equal(parsePattern('^(a|a?)+b', '').test(text), false);
});

/** A hit count, and at which of ten hits it stops. */
const HITS: [string, string][] = [
  ['5', '5'],
  [' 5 ', '5'],
  ['= 5', '5'],
  ['== 5', '5'],
  ['>=8', '8 9 10'],
  ['> 8', '9 10'],
  ['<3', '1 2'],
  ['<= 3', '1 2 3'],
  ['%3', '3 6 9'],
  ['% 5', '5 10'],
  ['!=1', '2 3 4 5 6 7 8 9 10'],
  ['0', ''],
];

for (const [text, expected] of HITS) {
  test(`hit count ${text}`, () => {
    const stops = parseHitCount(text);
    assert.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((hits) => stops(hits)).join(' '), expected);
  });
}

for (const text of ['', 'x', '-5', '5.5', '>', '%0', '5 5', '=>5']) {
  test(`hit count ${JSON.stringify(text)} is refused`, () =>
    assert.throws(() => parseHitCount(text), /^WasmError: hit count/));
}
