/** Breakpoints: where they go, on functions, before the launch, in other files; and where they can be. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { converse } from './harness.ts';
import { FIB, LOOPS } from './programs.ts';

/** Line asked for (and column), and where the breakpoint is set. */
const MOVED: [line: number, column: number | undefined, place: string][] = [
  [1, undefined, '4:33'],
  [2, undefined, '4:33'],
  [3, undefined, '4:33'],
  [4, undefined, '4:33'],
  [4, 1, '4:33'],
  [4, 8, '4:6'],
  [4, 30, '4:23'],
  [4, 24, '4:23'],
  [5, undefined, '5:14'],
  [6, undefined, '8:32'],
  [7, undefined, '7:10'],
  [8, undefined, '8:32'],
  [8, 12, '8:12'],
  [9, 70, '9:64'],
  [99, undefined, '9:64'],
];

test('breakpoints move to the nearest instruction', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.launch({ program, invoke: { function: 'fib', args: [1] }, stopOnEntry: true });
    const found: typeof MOVED = [];
    for (const [line, column] of MOVED) {
      const { breakpoints } = await c.request('setBreakpoints', {
        source: { path: program },
        breakpoints: [{ line, column }],
      });
      const [b] = breakpoints;
      found.push([line, column, `${b.line}:${b.column}`]);
    }
    assert.deepEqual(found, MOVED);
  }));

test('a line without code means the next line that has some', () =>
  converse(async (c) => {
    const program = path.resolve('examples/loop.wat');
    await c.launch({ program, invoke: { function: 'gcd', args: [6, 4] }, stopOnEntry: true });
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: program },
      breakpoints: [18, 19, 20, 21, 24].map((line) => ({ line })),
    });
    assert.deepEqual(
      breakpoints.map((b: { line: number; column: number }) => `${b.line}:${b.column}`),
      ['21:38', '21:38', '21:38', '21:38', '25:39'],
    );
  }));

test('where breakpoints can be', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.launch({ program, invoke: { function: 'fib', args: [1] }, stopOnEntry: true });
    const at = async (line: number, endLine?: number): Promise<string[]> => {
      const { breakpoints } = await c.request('breakpointLocations', {
        source: { path: program },
        line,
        endLine,
      });
      return breakpoints.map((b: Record<string, number>) => `${b.line}:${b.column}-${b.endColumn}`);
    };
    assert.deepEqual(await at(4), ['4:6-21', '4:23-31', '4:33-45', '4:48-59']);
    assert.deepEqual(await at(3), []);
    assert.equal((await at(1, 99)).length, 16);
  }));

/** What a function breakpoint names, and where it is or why it is nowhere. */
const FUNCTIONS: [name: string, place: string][] = [
  ['$sum', '17:6'],
  ['sum', '17:6'],
  ['func[2]', '17:6'],
  ['$twice', '11:5'],
  ['$nope', 'no function matches $nope'],
  ['func[99]', 'func[99]: the module has 7 functions'],
  ['/^s/', '17:6'],
  ['/(/', '/(/ is no regular expression: a group is not closed'],
  ['other.wat!func[2]', 'other.wat is not loaded: this program is loops.wat'],
  ['loops.wat!func[2]', '17:6'],
  ['env.log', 'stops when env.log is called'],
  ['nop', 'there is no instruction nop'],
  ['i64.mul', '13:5'],
];

test('function breakpoints by name, export and index', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', 'export const env = { log() {} };');
    await c.launch({
      program,
      invoke: { function: 'sum', args: [1] },
      imports: './host.mjs',
      stopOnEntry: true,
    });
    await c.stopped();
    const { breakpoints } = await c.request('setFunctionBreakpoints', {
      breakpoints: FUNCTIONS.map(([name]) => ({ name })),
    });
    const found = breakpoints.map(
      (b: { verified: boolean; line: number; column: number; message: string }, i: number) => [
        FUNCTIONS[i][0],
        b.line ? `${b.line}:${b.column}` : b.message,
      ],
    );
    assert.deepEqual(found, FUNCTIONS);
  }));

test('breakpoints that come before the launch are set when the program is there', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.initialize();
    const early = await c.request('setBreakpoints', {
      source: { path: program },
      breakpoints: [{ line: 2 }],
    });
    assert.equal(early.breakpoints[0].verified, false);
    await c.request('setFunctionBreakpoints', { breakpoints: [{ name: '$none' }] });
    await c.request('configurationDone');
    await c.request('launch', { program, invoke: { function: 'fib', args: [1] } });
    const { breakpoint } = await c.event('breakpoint');
    assert.deepEqual(
      [breakpoint.id, breakpoint.verified, breakpoint.line],
      [early.breakpoints[0].id, true, 4],
    );
    const stop = await c.stopped();
    assert.deepEqual(stop.body.hitBreakpointIds, [breakpoint.id]);
    c.golden('early-breakpoints');
  }));

test('requests that are sent without waiting take effect in their order', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.initialize();
    await c.request('launch', { program, invoke: { function: 'fib', args: [3] } });
    const source = { path: program };
    const sent = [
      c.request('setBreakpoints', { source, breakpoints: [{ line: 4 }] }),
      c.request('setFunctionBreakpoints', { breakpoints: [] }),
      c.request('configurationDone'),
    ];
    assert.deepEqual((await c.stopped()).stack, ['$fib 4:33']);
    const more = [
      c.request('setBreakpoints', { source, breakpoints: [{ line: 5 }] }),
      c.request('continue', { threadId: 1 }),
    ];
    assert.deepEqual((await c.stopped()).stack, ['$fib 5:14', '$fib 8:12']);
    await Promise.all([...sent, ...more]);
  }));

test('a file that is no part of the program', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    const other = c.file('other.wat', LOOPS);
    await c.launch({ program, invoke: { function: 'fib', args: [1] }, stopOnEntry: true });
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: other },
      breakpoints: [{ line: 4 }],
    });
    assert.equal(breakpoints[0].verified, false);
    assert.equal(breakpoints[0].message, 'this file is not a part of the program that is being debugged');
  }));

test('lines and columns that count from 0', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.initialize({ linesStartAt1: false, columnsStartAt1: false });
    await c.request('launch', { program, invoke: { function: 'fib', args: [1] } });
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [{ line: 3 }] });
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    assert.deepEqual([frames[0].line, frames[0].column, frames[0].endColumn], [3, 32, 44]);
  }));

/** Constant expressions have instructions, but nobody stops there. */
const CONSTANTS = `(module
  (global $g (mut i32) (i32.const 1))
  (func (export "main")
    (global.set $g (i32.const 2)))
  (elem declare funcref (item (ref.null func)))
  (global $h i32 (i32.const 1)))
`;

test('a breakpoint on a constant expression goes to the next function, or to the last one', () =>
  converse(async (c) => {
    const program = c.file('constants.wat', CONSTANTS);
    await c.launch({ program, invoke: { function: 'main' }, stopOnEntry: true });
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: program },
      breakpoints: [{ line: 2 }, { line: 2, column: 26 }, { line: 5 }, { line: 6 }],
    });
    assert.deepEqual(
      breakpoints.map((b: { line: number; column: number }) => `${b.line}:${b.column}`),
      ['4:21', '4:21', '4:34', '4:34'],
    );
    const { breakpoints: places } = await c.request('breakpointLocations', {
      source: { path: program },
      line: 1,
      endLine: 6,
    });
    assert.deepEqual(
      places.map((b: { line: number }) => b.line),
      [4, 4, 4],
    );
  }));

test('the document of the fields of a binary takes no breakpoints', () =>
  converse(async (c) => {
    const program = c.file('constants.wasm', assemble(parseTree(CONSTANTS)).bytes);
    await c.initialize({ supportsWasmscopeFiles: true });
    await c.request('launch', { program, invoke: { function: 'main' }, stopOnEntry: true });
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    const source = { path: frames[0].source!.path!.replace(/func-[^/]*\.wat/, 'fields.wat') };
    const { content } = await c.request('source', { source, sourceReference: 0 });
    assert.match(content, /^ {2}\(global \$g \(;0;\) \(mut i32\) \(i32\.const 1\)\)$/m);
    const { breakpoints } = await c.request('setBreakpoints', { source, breakpoints: [{ line: 3 }] });
    assert.deepEqual(
      breakpoints.map((b: { verified: boolean; message: string }) => [b.verified, b.message]),
      [[false, 'there is no instruction here']],
    );
  }));
