/** A source that is edited while it is debugged: the text that runs is shown, breakpoints go where their lines are in it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineMap } from '../../debug-adapter/line-diff.ts';
import { converse } from './harness.ts';
import { FIB } from './programs.ts';

const LINES = FIB.split('\n');

test('lines of two texts', () => {
  const cases: [before: string, after: string, pairs: string][] = [
    ['a b c', 'a b c', '0-0 1-1 2-2'],
    ['a b c', 'x a b c', '0-1 1-2 2-3'],
    ['a b c d', 'a x c y d', '0-0 2-2 3-4'],
    ['a b', 'c d', ''],
    ['a a a', 'a a', '0-0 1-1'],
    ['a b c d e', 'a e', '0-0 4-1'],
    ['', 'a', ''],
  ];
  for (const [before, after, pairs] of cases) {
    const of = (text: string) => text.replaceAll(' ', '\n');
    const map = lineMap(of(before), of(after));
    const found = before
      .split(' ')
      .map((_, i) => [i, map.toNew(i)] as const)
      .filter(([, j]) => j !== undefined);
    assert.equal(found.map((pair) => pair.join('-')).join(' '), pairs, `${before} and ${after}`);
    for (const [i, j] of found) assert.equal(map.toOld(j!), i);
  }
  const long = Array.from({ length: 3000 }, (_, i) => `line ${i}`);
  const none = lineMap(long.join('\n'), ['first', ...long.toReversed(), 'last'].join('\n'));
  assert.equal(none.toNew(5), undefined, 'what would take too long is not compared');
});

test('frames lead to what runs, breakpoints to their lines in it, and back when the edit is undone', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.initialize({ supportsInvalidatedEvent: true });
    await c.request('launch', { program, invoke: { function: 'fib', args: [4] } });
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [{ line: 4 }] });
    await c.request('configurationDone');
    await c.stopped();
    // A line before the function, and another constant in line 6.
    const edited = [
      ...LINES.slice(0, 2),
      '  (memory 1)',
      ...LINES.slice(2, 4),
      '      (then (i32.const 2))',
      ...LINES.slice(5),
    ];
    c.file('fib.wat', edited.join('\n'));
    assert.deepEqual((await c.event('invalidated')).areas, ['stacks']);
    await c.event('wasmscope/programChanged');
    const { stackFrames } = await c.request('stackTrace', { threadId: 1 });
    const [{ source, line }] = stackFrames;
    assert.deepEqual([source.name, line], ['fib.wat (running)', 4]);
    const { content } = await c.request('source', { source, sourceReference: source.sourceReference });
    assert.equal(content, FIB);
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: program },
      breakpoints: [{ line: 5 }, { line: 6 }, { line: 8 }],
      sourceModified: true,
    });
    assert.deepEqual(
      breakpoints.map(
        ({ verified, line: at, message }: { verified: boolean; line?: number; message?: string }) => [
          verified,
          at,
          message,
        ],
      ),
      [
        [true, 5, undefined],
        [false, undefined, 'this line is not in the program that runs: restart to set it'],
        [true, 8, undefined],
      ],
    );
    // In the text that runs, places are what they are there.
    const inRunning = await c.request('setBreakpoints', { source, breakpoints: [{ line: 5 }] });
    assert.deepEqual(
      [inRunning.breakpoints[0].line, inRunning.breakpoints[0].source.name],
      [5, 'fib.wat (running)'],
    );
    c.file('fib.wat', FIB);
    await c.event('invalidated');
    const after = await c.request('stackTrace', { threadId: 1 });
    assert.equal(after.stackFrames[0].source.name, 'fib.wat');
    assert.equal(after.stackFrames[0].source.sourceReference, undefined);
  }));

test('breakpoints in comments, behind the end and in other files', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    const other = c.file('other.wat', FIB);
    await c.initialize();
    await c.request('launch', { program, stopOnEntry: true, invoke: { function: 'fib', args: [1] } });
    const set = async (source: string, line: number) => {
      const { breakpoints } = await c.request('setBreakpoints', {
        source: { path: source },
        breakpoints: [{ line }],
      });
      const [{ verified, line: at, message }] = breakpoints;
      return [verified, at, message];
    };
    assert.deepEqual(await set(program, 1), [true, 4, undefined]);
    assert.deepEqual(await set(program, 1000), [true, 9, undefined]);
    assert.deepEqual(await set(other, 4), [
      false,
      undefined,
      'this file is not a part of the program that is being debugged',
    ]);
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    const frameId = frames[0].id;
    // Wrong expressions say what was expected; addresses out of range where the memory ends.
    assert.match(await c.refusal('evaluate', { expression: '1 +', frameId }), /expected/);
    assert.match(await c.refusal('evaluate', { expression: '$none', frameId }), /unknown/);
    assert.match(
      await c.refusal('disassemble', { memoryReference: 'x', instructionCount: 1 }),
      /unknown address/,
    );
    // One address that is none leaves the others set.
    const { instructionPointerReference } = (await c.request('stackTrace', { threadId: 1 })).stackFrames[0];
    const { breakpoints } = await c.request('setInstructionBreakpoints', {
      breakpoints: [{ instructionReference: '-5' }, { instructionReference: instructionPointerReference }],
    });
    assert.deepEqual(
      breakpoints.map((b: { verified: boolean; message?: string }) => [b.verified, b.message]),
      [
        [false, 'unknown address: -5'],
        [true, undefined],
      ],
    );
    assert.match(await c.refusal('variables', { variablesReference: 999_999 }), /gone/);
    assert.match(await c.refusal('scopes', { frameId: -1 }), /gone/);
    assert.match(await c.refusal('nonsense', {}), /unknown request: nonsense/);
  }));
