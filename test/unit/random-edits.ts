/**
 * Seeded edits as people make them, and worse: for tests that hold what was kept across edits against what is made anew.
 *
 * Most edits are small and at one place; now and then parentheses lose their partners, comments and strings their
 * ends, whole stretches are moved, and an edit is taken back.
 */

import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const SEED = Number(process.env.WASMSCOPE_SEED ?? 7) >>> 0;

/** The suite's folder; undefined where there is none. */
export const SUITE = [process.env.WASMSCOPE_SPEC_TESTSUITE ?? path.resolve('../shared/spec-testsuite')].find(
  existsSync,
);

export type Random = (below: number) => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = [
  '(', ')', '()', '"', '$x', '$f', '(@a', '(@name "n")', '(;', ';)', ';;', '(; c ;)', ' end ', ' else ', '(then', 'block $l',
  ' i32.const 1 ', 'drop', '\0', 'é', '🙂', '\n', '\r\n', '\r', '  ', ' ', '(func', '(func $f)', '\n  (func $g (param $p i32))',
  '0', '1', '0x', '_', '(type 0)', '(param $x i32)', '(result i32)', '$"', '$"q"', ' local.get 0 ', '(local $l i64)',
  '(import "a" "b" (func))\n', '(import "a" "c" (func $i (param f32)))', '(rec', '(type $t (func))', '(type (func (param i32)))',
  '(call $f)', ' call 0 ', '(block (result i32 i32)', '(call_indirect (param i64))', '(memory 1)', '(data "x")', '(elem func 0)',
  '(export "e" (func 0))', '(start 0)', '(global i32 (i32.const 0))', '(module', '(@custom "c" "d")', ';', ',', '\\', '@', '\u{2028}',
]; // biome-ignore format: a list of pieces

/** `text` with one or a few edits. */
export function edited(text: string, random: Random): string {
  for (let edits = random(8) === 0 ? 1 + random(3) : 1; edits > 0; edits--) text = editedOnce(text, random);
  return text;
}

function editedOnce(text: string, random: Random): string {
  const at = random(text.length + 1);
  const near = at + 1 + random(12);
  switch (random(10)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(near);
    case 2:
      return text.slice(0, at) + PIECES[random(PIECES.length)] + text.slice(near);
    case 3: {
      const from = random(text.length);
      return text.slice(0, at) + text.slice(from, from + random(80)) + text.slice(at);
    }
    case 4:
      // A name or number becomes another one.
      return (
        text.slice(0, at) + text.slice(at).replace(/[\w.]+/, () => ['nop', '$g', '2', 'i64'][random(4)]!)
      );
    case 5:
      return random(6) === 0 ? text.slice(0, at) : `${PIECES[random(PIECES.length)]}${text}`;
    default:
      return text.slice(0, at) + PIECES[random(PIECES.length)] + text.slice(at);
  }
}

/** Versions of a text, each an edit of the one before it; some go back to an older one. */
export function* versions(text: string, count: number, random: Random): Generator<string> {
  const original = text;
  let before = text;
  for (let i = 0; i < count; i++) {
    const last = text;
    if (random(5) === 0) text = before;
    else if (random(25) === 0 || text.length > original.length * 2 + 400) text = original;
    else text = edited(text, random);
    before = last;
    yield text;
  }
}

const OWN = [
  '',
  '(module)',
  '(module\n  (func $f (param $n i32) (result i32)\n    (i32.add (local.get $n) (i32.const 1)))\n  (func $g (call $f (i32.const 1)) drop)\n)\n',
  '(module\r\n  ;; a\r\n  (import "m" "f" (func $f (param i32)))\r\n  (func (export "x") i32.const 1 call $f)\r\n)\r\n',
  `(module $m
  (type $s (struct (field $a i32) (field $b (mut i64))))
  (rec (type $r (func (param (ref null $r)))) (type $q (array i8)))
  (import "a" "g" (global $g i32))
  (memory $mem (data "hello" "\\00\\01"))
  (table $t funcref (elem $one $two))
  (global $h (mut i32) (i32.const 7))
  (tag $e (param i32))
  (elem $el declare func $one)
  (data $d "more")
  (func $one (param $a i32) (param $b i64) (result i32) (local $c f32)
    (block $out (result i32) (br_if $out (local.get $a) (local.get $a)))
    (drop (i64.add (local.get $b) (i64.const 1))))
  (func $two (type 0))
  (func $three (export "three") (result i32 i32) (block (result i32 i32) i32.const 1 i32.const 2))
  (func $four (drop (struct.get $s $a (struct.new $s (i32.const 1) (i64.const 2))))
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
    (call_indirect $t (param i32) (result i64) (i32.const 1) (i32.const 0)) drop)
  (func $five (@name "V") (call $missing) (local.get $nothing) (call $one (i64.const 1)))
  (export "one" (func $one))
  (start $two)
)`,
];

/** Texts of our own, then `count` of the suite that are not large, evenly taken. */
export function someTexts(count: number): string[] {
  const files = SUITE
    ? globSync('**/*.wast', { cwd: SUITE })
        .sort()
        .map((name) => readFileSync(path.join(SUITE!, name), 'utf8'))
        .filter(({ length }) => length < 20_000)
    : [];
  const step = Math.max(1, Math.floor(files.length / count));
  return [...OWN, ...files.filter((_, i) => i % step === 0).slice(0, count)];
}

/** What steps come to, all taken at once. */
export function drained<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
