// Assembling with what is kept of earlier versions gives what assembling alone gives: bytes, map, names, faults.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Assembly, assemble, assembling } from '../../engine/text/assemble.ts';
import { changeBetween } from '../../engine/text/change.ts';
import { TextMemory } from '../../engine/text/memory.ts';
import { type Command, parseScript } from '../../engine/text/script.ts';
import { editingTree, parseTree, type Tree } from '../../engine/text/tree.ts';
import { drained, randomFrom, SEED, someTexts, versions } from './random-edits.ts';

/** Everything that an assembly says. */
function told({ bytes, faults, map, symbols, broken, fields, span, codes }: Assembly) {
  return {
    bytes: Buffer.from(bytes).toString('hex'),
    faults,
    map: { ...map },
    code: [...map.instructions()],
    // Where a breakpoint goes depends on the functions' bounds, too.
    places: Array.from({ length: 40 }, (_, i) => map.instructionAt(span.start + i * 7)),
    defs: symbols.defs,
    uses: symbols.uses,
    broken: [...broken],
    fields: fields.map(({ found, ...field }) => field),
    span,
    codes: codes.length,
  };
}

/** The modules of a text: itself, or those of a script. */
function forms(tree: Tree): (number | undefined)[] {
  const found: (number | undefined)[] = [];
  const collect = (commands: readonly Command[]) => {
    for (const command of commands) {
      if (command.kind === 'thread') collect(command.commands);
      if (command.kind !== 'module' || command.module.source === 'component') continue;
      found.push(command.module.source === 'fields' ? undefined : command.module.form);
    }
  };
  if (/\((assert_|invoke)/.test(tree.tokens.text)) collect(parseScript(tree).commands);
  return found.length > 0 ? found.slice(0, 6) : [undefined];
}

test(`assemblies of edited texts, seed ${SEED}`, () => {
  const random = randomFrom(SEED);
  let reused = 0;
  const before = new WeakSet<object>();
  for (const text of someTexts(10)) {
    let tree = parseTree(text);
    let memory: TextMemory | undefined;
    for (const next of versions(text, 160, random)) {
      const { text: last } = tree.tokens;
      tree = drained(editingTree(tree, next, changeBetween(tree.tokens.text, next)));
      memory = new TextMemory(next, memory);
      try {
        for (const form of forms(tree)) {
          // Now and then a version is not looked at, or not wholly.
          if (random(10) === 0) continue;
          const now: Assembly = drained(assembling(tree, form, {}, memory));
          assert.deepEqual(told(now), told(assemble(parseTree(next), form)));
          reused += now.codes.filter((code) => before.has(code)).length;
          for (const code of now.codes) before.add(code);
        }
      } catch (error) {
        const message = `from ${JSON.stringify(last)} to ${JSON.stringify(next)}: ${(error as Error).message}`;
        throw new Error(message, { cause: error });
      }
      memory.settle();
    }
  }
  assert.ok(reused > 100, `fields are taken again: ${reused} times`);
});

/** Assembles `before`, then `after` with what was kept; says which functions' codes are the same objects. */
function kept(before: string, after: string): string {
  const first = new TextMemory(before);
  const one = drained(assembling(parseTree(before), undefined, {}, first));
  const tree = parseTree(after);
  const two = drained(assembling(tree, undefined, {}, new TextMemory(after, first)));
  assert.deepEqual(told(two), told(assemble(tree)));
  return two.codes.map((code) => (one.codes.includes(code) ? 'kept' : 'new')).join(' ');
}

test('a field is read again if its text changed or what it resolved to', () => {
  const text = `(module (type $t (func (param i32)))
    (func $a (call $b)) (func $b (param $x i32) (drop (local.get $x))) (func (call 0)) (func (type $t)))`;
  const check = (from: string, to: string, expected: string) =>
    assert.equal(kept(text, text.replace(from, to)), expected, `${from} to ${to}`);
  check('(drop', ' (drop', 'kept new kept kept');
  check('call $b', 'call $a', 'new kept kept kept');
  // What is behind a new function has another index, which only a name follows.
  check('(func $b', '(func) (func $b', 'new new kept kept kept');
  check('(type $t', '(import "a" "b" (func)) (type $t', 'new kept kept kept');
  check('$b (param', '$c (param', 'new new kept kept');
  // The implicit type of $a is another one, and functions without an index for theirs follow.
  check('(type $t', '(type (func (result f32))) (type $t', 'new new new new');
  check('(param i32)))', '(param i64)))', 'kept new kept new');
  check('(func (call 0))', '', 'kept kept kept');
});

test('what an unclosed comment hides is there when it is closed', () => {
  const text = '(module (func $a (drop (i32.const 1))) (func $b (call $a)))';
  const first = new TextMemory(text);
  const one = drained(assembling(parseTree(text), undefined, {}, first));
  const hidden = text.replace('(func $a', '(; (func $a');
  const second = new TextMemory(hidden, first);
  assert.equal(drained(assembling(parseTree(hidden), undefined, {}, second)).codes.length, 0);
  second.settle();
  const shown = text.replace('(func $a', '(; ;) (func $a');
  const two = drained(assembling(parseTree(shown), undefined, {}, new TextMemory(shown, second)));
  assert.deepEqual(
    two.codes.map((code) => one.codes.indexOf(code)),
    [0, 1],
  );
});

test('of several edits at once, what is between them is kept', () => {
  const funcs = Array.from({ length: 9 }, (_, i) => `(func (drop (i32.const ${i * 1000})))`);
  const changed = funcs.map((func, i) => (i % 4 === 0 ? func.replace('drop', ' drop') : func));
  assert.equal(
    kept(`(module ${funcs.join('\n')})`, `(module ${changed.join('\n')})`),
    'new kept kept kept new kept kept kept new',
  );
});
