/** The judge itself: causes, what they hold up, and a list that can only shrink. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { complaintsAbout, outcomeOf } from './judge.ts';
import { readExpectedFailures } from './suite.ts';

const SCRIPT = `(module $good (func (export "one") (result i32) (i32.const 1)))
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke "one") (i32.const 2))
(module $bad (func (export "one") (result i32) (i64.const 1)))
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke $good "one") (i32.const 1))
(register "bad" $bad)
(assert_invalid (module (func (result i32) (i64.const 1))) "type mismatch")
(assert_invalid (module (func)) "type mismatch")
(assert_malformed (module quote "(func") "type mismatch")`;

test('failures are causes; what needs a module that failed is held up', () => {
  const { passed, heldUp, failures } = outcomeOf(SCRIPT, SUPPORTED);
  assert.equal(passed, 4);
  assert.equal(heldUp, 2);
  assert.deepEqual([...failures.keys()], [3, 4, 9, 10]);
});

test('every failure must be listed, and every listed line must fail', () => {
  const outcome = outcomeOf(SCRIPT, SUPPORTED);
  assert.deepEqual(complaintsAbout(outcome, new Set([3, 4, 9, 10])), []);
  assert.deepEqual(complaintsAbout(outcome, 'all'), []);
  assert.equal(complaintsAbout(outcome, new Set([3, 4, 9])).length, 1);
  assert.match(complaintsAbout(outcome, new Set([2, 3, 4, 9, 10])).join(), /^line 2 passes now/);
  assert.equal(complaintsAbout({ passed: 1, heldUp: 0, failures: new Map() }, 'all').length, 1);
});

test('rows of the list', () => {
  const { files, lines } = readExpectedFailures('# why\na/b.wast\nc.wast: 3 17\n\nd.wast: 1 # why\n');
  assert.deepEqual([...files], ['a/b.wast']);
  assert.deepEqual(
    [...lines].map(([file, set]) => [file, ...set]),
    [
      ['c.wast', 3, 17],
      ['d.wast', 1],
    ],
  );
});
