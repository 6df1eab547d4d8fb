// Trees of edited texts are what reading the whole text again makes, whatever the edits; old trees stay what they were.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeBetween, unchangedAt } from '../../engine/text/change.ts';
import { tokenSpan } from '../../engine/text/lexer.ts';
import { editingTree, parseTree, parsingTree, type Tree } from '../../engine/text/tree.ts';
import { drained, randomFrom, SEED, someTexts, versions } from './random-edits.ts';

/** Everything that a tree says. */
function told({ tokens, match, parent, unclosed, annotations, faults, isBalanced }: Tree) {
  const { text, count, kinds, starts, words } = tokens;
  return {
    text,
    count,
    kinds: [...kinds],
    starts: [...starts],
    words: [...words],
    lexical: tokens.faults,
    match: [...match],
    parent: [...parent],
    unclosed: [...unclosed],
    annotations,
    faults,
    isBalanced,
  };
}

test(`trees of edited texts, seed ${SEED}`, () => {
  const random = randomFrom(SEED);
  for (const text of someTexts(12)) {
    let tree = drained(parsingTree(text));
    assert.deepEqual(told(tree), told(parseTree(text)));
    for (const next of versions(text, 250, random)) {
      const before = random(40) === 0 ? told(tree) : undefined;
      const now = drained(editingTree(tree, next, changeBetween(tree.tokens.text, next)));
      const fresh = told(parseTree(next));
      try {
        assert.deepEqual(told(now), fresh);
        if (before) assert.deepEqual(told(tree), before);
      } catch (error) {
        const message = `from ${JSON.stringify(tree.tokens.text)} to ${JSON.stringify(next)}`;
        throw new Error(message, { cause: error });
      }
      tree = now;
    }
  }
});

test('of a text of garbage the first faults are told, also behind edits', () => {
  const garbage = '\u{7} x '.repeat(3000);
  let tree = parseTree(garbage);
  assert.equal(tree.faults.length, 1000);
  for (const text of [garbage.slice(9), `${garbage}(`, garbage.slice(0, 8500), garbage.slice(0, 40)]) {
    tree = drained(editingTree(tree, text, changeBetween(tree.tokens.text, text)));
    assert.deepEqual(told(tree), told(parseTree(text)));
  }
});

test('a change is what is between what is the same at both ends', () => {
  const check = (
    before: string,
    after: string,
    expected: [start: number, oldEnd: number, newEnd: number],
  ) => {
    const { start, oldEnd, newEnd } = changeBetween(before, after);
    assert.deepEqual([start, oldEnd, newEnd], expected, `${before.length} to ${after.length}`);
    assert.equal(after, before.slice(0, start) + after.slice(start, newEnd) + before.slice(oldEnd));
  };
  check('', '', [0, 0, 0]);
  check('abc', 'abc', [3, 3, 3]);
  check('abc', 'aXc', [1, 2, 2]);
  check('aa', 'aaa', [2, 2, 3]);
  check('aaa', 'aa', [2, 3, 2]);
  check('', 'new', [0, 0, 3]);
  check('(b)', '(a) (b)', [0, 0, 4]);
  check('(a) (b)', '(b)', [0, 4, 0]);
  check('(a)\n(a)', '(a)\n(a)\n(a)', [0, 0, 4]);
  const long = 'x'.repeat(10_000);
  check(`${long}a${long}`, `${long}bc${long}`, [10_000, 10_001, 10_002]);
  check(`${long}${long}`, `${long}b${long}`, [10_000, 10_000, 10_001]);
});

test('what a change does not touch is found where it was', () => {
  const change = changeBetween('(a) (b) (c)', '(a) (bb) (c)');
  assert.equal(unchangedAt(change, 0, 3), 0);
  assert.equal(unchangedAt(change, 4, 8), -1);
  assert.equal(unchangedAt(change, 9, 12), 8);
});

test('an edit in one place shares or moves the links of the rest', () => {
  const text = `(module ${'(func (nop) (drop (i32.const 1))) '.repeat(50)})`;
  const tree = parseTree(text);
  const at = text.lastIndexOf('1');
  const other = `${text.slice(0, at)}7${text.slice(at + 1)}`;
  const now = drained(editingTree(tree, other, changeBetween(text, other)));
  assert.equal(now.match, tree.match);
  assert.equal(now.parent, tree.parent);
  assert.deepEqual(
    tokenSpan(now.tokens, now.tokens.count - 1),
    tokenSpan(tree.tokens, tree.tokens.count - 1),
  );
});
