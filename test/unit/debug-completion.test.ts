/** What can be typed next in an expression. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { completionsAt } from '../../engine/debug/expression-completion.ts';
import { type ExpressionScope, isNameIn } from '../../engine/debug/expression-scope.ts';
import { typeExpression } from '../../engine/debug/expression-types.ts';
import { parseExpression } from '../../engine/debug/expressions.ts';
import { formatBehind } from '../../engine/debug/formats.ts';
import { I32, I64 } from '../../engine/isa/types.ts';
import { localTypes } from '../../engine/module/module.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { bytesOf } from './exec-load.ts';
import { randomFrom, SEED } from './random-edits.ts';

const MODULE = decode(
  bytesOf(`(module
  (type $point (struct (field $x i32) (field $y i64)))
  (type $list (array i8))
  (memory $heap 1)
  (global $count (mut i32) (i32.const 0))
  (global $"odd name" i32 (i32.const 0))
  (table $jobs 2 funcref)
  (func $main (param $p i32) (param $at (ref null $point)) (param $v v128) (param $bytes (ref null $list)))
  (func $main2 (result i32) (i32.const 1)))`),
);
const LIB = decode(bytesOf('(module (memory 1) (global $limit i32 (i32.const 1)) (func $twice))'));

const scope: ExpressionScope = {
  module: MODULE,
  frame: { funcIdx: 0, locals: localTypes(MODULE, 0), operands: () => [I32, I64] },
  modules: new Map([['lib', LIB]]),
  calls: true,
};

/** The cursor is at `¦`; the first labels that come, or all that have one of the given. */
const CASES: [text: string, labels: string[]][] = [
  ['$¦', ['$p', '$at', '$v', '$bytes', '$count', '$"odd name"', '$heap', '$jobs', '$main', '$main2']],
  ['$p + $c¦', ['$count']],
  ['!$¦', ['$main', '$main2']],
  ['$ma¦in', ['$main', '$main2']],
  ['$at.¦', ['x', 'y']],
  ['1 + $at.x¦', ['x']],
  ['$bytes.¦', ['length']],
  ['$v.i32¦', ['i32x4']],
  ['mem[$p + 4].¦', ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64', 'v128', 'str']],
  ['mem[$p..+4].¦', ['str']],
  ['mem.¦', ['find("']],
  ['mem[$p].f¦', ['f32', 'f64']],
  ['local[¦', ['0]', '1]', '2]', '3]']],
  ['stack[¦', ['0]', '1]']],
  ['table[¦', ['0]']],
  ['lib.¦', ['$limit', '$twice', 'mem', 'global[', 'table[', 'memory[', 'func[']],
  ['lib.$t¦', ['$twice', '$limit']],
  ['$p,¦', ['x', 'd', 'u', 'b', 'o', 'f', 'c', 's']],
  ['i32.rotl($p,¦', ['$p', '$at']],
  ['ref.cast(¦', ['$point', '$list']],
  ['i32.rotl(i32.clz¦', ['i32.clz']],
  ['he¦', ['help', '$heap']],
  ['st¦', ['stack[']],
  ['$nothing.¦', []],
  ['(((.¦', []],
];

for (const [given, labels] of CASES) {
  test(`completion in ${given}`, () => {
    const column = given.indexOf('¦');
    const text = given.replace('¦', '');
    const found = completionsAt(scope, text, column, ['help']);
    const expected = [...new Set(labels)];
    assert.deepEqual(
      found.slice(0, expected.length).map(({ label }) => label),
      expected,
    );
    if (labels.length === 0) assert.deepEqual(found, []);
    for (const { start, length } of found) assert.ok(start >= 0 && start + length === column);
  });
}

test('details say types', () => {
  const detail = (text: string, label: string): string | undefined =>
    completionsAt(scope, text, text.length).find((one) => one.label === label)?.detail;
  assert.equal(detail('$', '$at'), '(ref null $point)');
  assert.equal(detail('$', '$main2'), 'func [] -> [i32]');
  assert.equal(detail('local[', '0]'), '$p i32');
  assert.equal(detail('stack[', '0]'), 'i64');
  assert.equal(detail('$at.', 'y'), 'i64');
});

const PIECES = [
  '$p', '$at', '$v', '$nope', '$', 'mem', 'mem[', 'local[', 'stack[0]', 'table[0]', '[', ']', '(', ')', '.', '..', '..+', ',', '!',
  '!$main(', 'lib.', 'lib.$limit', '+', '-', '*', '==', '=', '&&', '0', '1', '0x', '1e9', '1.5', 'nan:', '"te', '"text"', '.str', '.x',
  '.find("', '.i32', '.i32x4', 'i32.rotl(', '(i32.add ', 'ref.cast($point, ', 'null', '@3', ' ', '\\', '\n', 'é', '🙂', 'caught[0]', 'thrown[1]', ',x',
]; // biome-ignore format: a list of pieces

test('random texts are refused or understood, and never break anything', () => {
  const random = randomFrom(SEED);
  const isName = isNameIn(scope);
  for (let round = 0; round < 4000; round++) {
    const text = Array.from({ length: 1 + random(9) }, () => PIECES[random(PIECES.length)]).join('');
    const column = random(text.length + 1);
    for (const { start, length } of completionsAt(scope, text, column))
      assert.equal(start + length, column, text);
    try {
      const { text: rest } = formatBehind(text, isName);
      const expression = parseExpression(rest, isName);
      assert.ok(expression.span.start >= 0 && expression.span.end <= rest.length, text);
      const { wat } = typeExpression(expression, scope);
      assert.deepEqual(assemble(parseTree(wat)).faults, [], `${text}: ${wat}`);
    } catch (error) {
      if (!(error instanceof WasmError))
        throw new Error(`${JSON.stringify(text)}: ${error}`, { cause: error });
      const { span } = error.fault;
      if (span) assert.ok(span.start <= span.end && span.end <= text.length, text);
    }
  }
});
