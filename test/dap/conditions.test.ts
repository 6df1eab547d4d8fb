/** Conditions, hit counts and log points, on lines, functions and instructions; and what is said of wrong ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';
import { FIB, LOOPS } from './programs.ts';

/** Line 21 of LOOPS adds `$i`, which line 20 has counted up, to `$total`. */
const LINE = 21;

async function launchLoops(c: Conversation, to: number): Promise<string> {
  const program = c.file('loops.wat', LOOPS);
  c.file('host.mjs', 'export const env = { log(n) { console.log("total", n); } };');
  await c.initialize();
  const invoke = { function: 'sum', args: [to] };
  await c.request('launch', { program, invoke, imports: './host.mjs', stopOnEntry: true });
  return program;
}

async function setRules(
  c: Conversation,
  program: string,
  ...breakpoints: DebugProtocol.SourceBreakpoint[]
): Promise<DebugProtocol.Breakpoint[]> {
  const answer = await c.request('setBreakpoints', { source: { path: program }, breakpoints });
  return answer.breakpoints;
}

async function show(c: Conversation, expression: string, frameId: number): Promise<string> {
  return (await c.request('evaluate', { expression, frameId, context: 'watch' })).result;
}

test('a condition, a hit count and a log point', () =>
  converse(async (c) => {
    const program = await launchLoops(c, 9);
    const set = await setRules(
      c,
      program,
      { line: LINE, condition: '$i % 4 == 3' },
      { line: 22, hitCondition: '%4' },
      { line: LINE, column: 10, logMessage: 'i={$i} total={$total} twice={stack[0] * 2} \\{$i}' },
      { line: 20, logMessage: 'at {$i}' },
    );
    assert.deepEqual(
      set.map(({ verified }) => verified),
      [true, true, true, true],
    );
    await c.request('configurationDone');
    await c.stopped();
    const stops: string[] = [];
    await c.request('continue', { threadId: 1 });
    for (let i = 0; i < 4; i++) {
      const { body, frames } = await c.stopped();
      stops.push(`${body.hitBreakpointIds} i=${await show(c, '$i', frames[0].id)}`);
      await c.request('continue', { threadId: 1 });
    }
    assert.deepEqual(stops, ['1 i=3 (0x3)', '2 i=4 (0x4)', '1 i=7 (0x7)', '2 i=8 (0x8)']);
    assert.equal(await c.exited(), 0);
    const logged = c.printed('console').split('\n');
    assert.deepEqual(logged.slice(-7, -2), [
      'i=7 total=21 twice=56 {$i}',
      'at 7',
      'i=8 total=28 twice=72 {$i}',
      'at 8',
      'i=9 total=36 twice=90 {$i}',
    ]);
    assert.equal(c.printed('stdout'), 'total 45\n');
    c.golden('conditions');
  }));

/** What is wrong with the rules of a breakpoint, as its message says. */
const REFUSED: [rules: Partial<DebugProtocol.SourceBreakpoint>, message: string][] = [
  [{ condition: '$nope > 1' }, 'condition: unknown local $nope'],
  [
    { condition: '$i +' },
    'condition: expression expected, such as $name, local[0] or stack[0], found the end',
  ],
  [
    { condition: 'f64.const(1)' },
    'condition: type mismatch: expected i32, found f64 (i32.trunc_sat_f64_s(…) converts)',
  ],
  [{ condition: 'stack[5]' }, 'condition: unknown stack[5]: 0 values are on the stack'],
  [{ hitCondition: 'often' }, 'hit count: expected 5, >=5, <5 or %5, found "often"'],
  [{ logMessage: 'is {$nope}' }, 'log message: unknown local $nope'],
];

test('wrong conditions, hit counts and log messages', () =>
  converse(async (c) => {
    const program = await launchLoops(c, 3);
    const set = await setRules(
      c,
      program,
      ...REFUSED.map(([rules]) => ({ line: LINE, column: 39, ...rules })),
    );
    assert.deepEqual(
      set.map(({ verified, message }) => [verified, message]),
      REFUSED.map(([, message]) => [false, message]),
    );
  }));

test('a condition that traps stops and says why', () =>
  converse(async (c) => {
    const program = await launchLoops(c, 3);
    await setRules(c, program, { line: LINE, condition: '10 / (2 - $i) == 99' });
    await c.request('configurationDone');
    await c.stopped();
    const { frames } = await c.step('continue');
    assert.equal(await show(c, '$i', frames[0].id), '2 (0x2)');
    assert.equal(
      c.printed('stderr'),
      'condition 10 / (2 - $i) == 99: integer divide by zero: i32.div_s of 10 and 0\n',
    );
  }));

test('hit counts go on when other breakpoints are set, and begin anew when the rule changes', () =>
  converse(async (c) => {
    const program = await launchLoops(c, 100);
    await setRules(c, program, { line: LINE, hitCondition: '%10' });
    await c.request('configurationDone');
    await c.stopped();
    const counts: string[] = [];
    const count = async (): Promise<void> => {
      const { frames } = await c.step('continue');
      counts.push(await show(c, '$i', frames[0].id));
    };
    await count();
    await setRules(c, program, { line: LINE, hitCondition: '%10' }, { line: 25 });
    await count();
    await setRules(c, program, { line: LINE, hitCondition: '%7' });
    await count();
    assert.deepEqual(counts, ['10 (0xa)', '20 (0x14)', '27 (0x1b)']);
  }));

test('stepping counts a hit once', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.initialize();
    await c.request('launch', { program, invoke: { function: 'fib', args: [6] }, stopOnEntry: true });
    await c.request('setFunctionBreakpoints', {
      breakpoints: [
        { name: '$fib', condition: '$n == 5' },
        { name: 'fib', hitCondition: '3' },
      ],
    });
    await c.request('configurationDone');
    await c.stopped();
    const reasons: string[] = [];
    for (let i = 0; i < 9; i++) {
      const { reason, body } = await c.step('next');
      reasons.push(body.hitBreakpointIds ? `${reason} ${body.hitBreakpointIds}` : reason);
    }
    assert.equal(reasons.filter((reason) => reason === 'function breakpoint 2').length, 1);
  }));

test('conditions on instructions', () =>
  converse(async (c) => {
    await launchLoops(c, 9);
    await c.request('configurationDone');
    const entry = await c.stopped();
    const { instructionPointerReference } = entry.frames[0];
    const rows = await c.request('disassemble', {
      memoryReference: instructionPointerReference,
      instructionOffset: 0,
      instructionCount: 12,
    });
    const at = rows.instructions.find(({ instruction }: { instruction: string }) =>
      /br_if/.test(instruction),
    );
    const { breakpoints } = await c.request('setInstructionBreakpoints', {
      breakpoints: [{ instructionReference: at.address, condition: '$i == 5 && stack[0] == 0' }],
    });
    assert.equal(breakpoints[0].verified, true, breakpoints[0].message);
    const { reason, frames } = await c.step('continue');
    assert.equal(reason, 'instruction breakpoint');
    assert.equal(await show(c, '$i', frames[0].id), '5 (0x5)');
  }));

test('watches compute', () =>
  converse(async (c) => {
    await launchLoops(c, 9);
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    const frameId = frames[0].id;
    const results: string[] = [];
    for (const expression of ['$to * 2 + 1', 'mem[16].u8', '$count == 7', '$pi * 2', '$jobs[0]']) {
      results.push(await show(c, expression, frameId));
    }
    assert.deepEqual(results, ['19 (0x13)', '104 (0x68)', '1 (0x1)', '6.5', 'func[1] $twice [i64] -> [i64]']);
    assert.equal(
      await c.refusal('evaluate', { expression: '$to / 0', frameId }),
      'integer divide by zero: i32.div_s of 9 and 0',
    );
  }));
