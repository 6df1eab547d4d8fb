/** Data breakpoints: what can be watched and what not, what a stop says, the two lists, and how they end. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';

const COUNTER = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 2)
  (global $count (mut i32) (i32.const 3))
  (global $fixed i32 (i32.const 5))
  (table $jobs 4 funcref)
  (elem declare func $bump)
  (data (i32.const 64) "\\08\\00\\00\\00\\02\\00\\00\\00")
  (func $bump (param $by i32) (result i32)
    (local $twice i32)
    (local.set $twice (i32.mul (local.get $by) (i32.const 2)))
    (global.set $count (i32.add (global.get $count) (local.get $by)))
    (local.get $twice))
  (func (export "_start")
    (i32.store (i32.const 256) (i32.const 7))
    (drop (call $bump (i32.const 1)))
    (f64.store (i32.const 512) (f64.const 1.5))
    (drop (call $bump (i32.const 0)))
    (memory.fill (i32.const 250) (i32.const 1) (i32.const 10))
    (table.set $jobs (i32.const 2) (ref.func $bump))
    (drop (call $fd_write (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 260)))
    (drop (i32.load (i32.const 256)))))
`;

interface Info {
  readonly dataId: string | null;
  readonly description: string;
  readonly accessTypes?: string[];
  readonly canPersist?: boolean;
}

async function launch(c: Conversation, more: Record<string, unknown> = {}): Promise<number> {
  const program = c.file('counter.wat', COUNTER);
  await c.initialize(more);
  await c.request('launch', { program, stopOnEntry: true });
  await c.request('configurationDone');
  return (await c.stopped()).frames[0].id;
}

function infoOf(c: Conversation, args: Partial<DebugProtocol.DataBreakpointInfoArguments>): Promise<Info> {
  return c.request('dataBreakpointInfo', args);
}

async function setData(
  c: Conversation,
  ...breakpoints: DebugProtocol.DataBreakpoint[]
): Promise<DebugProtocol.Breakpoint[]> {
  return (await c.request('setDataBreakpoints', { breakpoints })).breakpoints;
}

/** Runs on to the end; gives what each stop says. */
async function stops(c: Conversation): Promise<string[]> {
  const told: string[] = [];
  for (;;) {
    await c.request('continue', { threadId: 1 });
    const body = await c.stoppedOrEnded();
    if (!body) return told;
    told.push(`${body.reason}: ${body.text} [${body.hitBreakpointIds}]`);
  }
}

test('a global from the Variables view, by an expression, and at each access', () =>
  converse(async (c) => {
    const frameId = await launch(c);
    const { scopes } = await c.request('scopes', { frameId });
    const { variablesReference } = scopes.find(({ name }: DebugProtocol.Scope) => name === 'Globals');
    const found = await infoOf(c, { variablesReference, name: '$count' });
    assert.deepEqual(found, {
      dataId: '$count',
      description: '$count',
      accessTypes: ['read', 'write', 'readWrite'],
      canPersist: true,
    });
    assert.deepEqual(await infoOf(c, { name: '$count', frameId }), found);
    assert.deepEqual(await infoOf(c, { name: '$count,x', frameId }), found);
    const fixed = await infoOf(c, { variablesReference, name: '$fixed' });
    assert.equal(fixed.dataId, null);
    assert.equal(fixed.description, '$fixed is immutable: it never changes');
    const [set] = await setData(c, { dataId: '$count', accessType: 'readWrite' });
    assert.equal(set.verified, true);
    assert.deepEqual(await stops(c), [
      `data breakpoint: $count: 3 (0x3), read by global.get in $bump [${set.id}]`,
      `data breakpoint: $count: 3 (0x3) → 4 (0x4), written by global.set in $bump [${set.id}]`,
      `data breakpoint: $count: 4 (0x4), read by global.get in $bump [${set.id}]`,
      `data breakpoint: $count: 4 (0x4) → 4 (0x4), written by global.set in $bump [${set.id}]`,
    ]);
    assert.match(c.printed('console'), /^\$count: 3 \(0x3\) → 4 \(0x4\), written by global\.set in \$bump$/m);
    c.golden('data-breakpoints');
  }));

test('the stop is behind the access, with the old and the new value in its description', () =>
  converse(async (c) => {
    await launch(c, { clientID: 'vscode' });
    await setData(c, { dataId: '$count', accessType: 'write' });
    await c.request('continue', { threadId: 1 });
    const { body, stack } = await c.stopped();
    assert.equal(body.description, 'Data breakpoint: $count 3 (0x3) → 4 (0x4)');
    assert.equal(stack[0], '$bump 13:6');
    // Writing the same value is no change, which is what VS Code's menu says.
    assert.deepEqual(await stops(c), []);
  }));

test('bytes by address, as an expression, as a float, as a range; bulk operations and the host', () =>
  converse(async (c) => {
    const frameId = await launch(c);
    const address = await infoOf(c, { name: '0x100', asAddress: true, bytes: 4 });
    assert.deepEqual([address.dataId, address.canPersist], ['memory[0][0x100..+4]', true]);
    const byExpression = await infoOf(c, { name: 'mem[200 + 56].i32', frameId });
    assert.equal(byExpression.dataId, 'memory[0][0x100..+4].i32');
    const float = await infoOf(c, { name: 'mem[0x200].f64', frameId });
    const range = await infoOf(c, { name: 'mem[0x100..+32]', frameId });
    assert.equal(range.dataId, 'memory[0][0x100..+32]');
    const slot = await infoOf(c, { name: '$jobs[2]', frameId });
    assert.equal(slot.dataId, 'table[0][2]');
    const set = await setData(
      c,
      { dataId: address.dataId!, accessType: 'readWrite' },
      { dataId: float.dataId!, accessType: 'write' },
      { dataId: range.dataId!, accessType: 'write', condition: 'mem[0x100].u8 == 1' },
      { dataId: slot.dataId!, accessType: 'write' },
    );
    assert.deepEqual(
      set.map(({ verified }) => verified),
      [true, true, true, true],
    );
    const [a, b, r, s] = set.map(({ id }) => id);
    assert.deepEqual(await stops(c), [
      `data breakpoint: mem[0x100..+4]: 0 (0x0) → 7 (0x7), written by i32.store in _start [${a}]`,
      `data breakpoint: mem[0x200].f64: 0 → 1.5, written by f64.store in _start [${b}]`,
      'data breakpoint: mem[0x100..+4]: 7 (0x7) → 16843009 (0x1010101), written by memory.fill in _start; ' +
        `mem[0x100..+32]: at 0x100: 07 00 00 00 → 01 01 01 01, written by memory.fill in _start [${a},${r}]`,
      `data breakpoint: $jobs[2]: null → func[1] $bump [i32] -> [i32], written by table.set in _start [${s}]`,
      'data breakpoint: mem[0x100..+32]: at 0x104: 00 → 02, written by ' +
        `wasi_snapshot_preview1.fd_write [${r}]`,
      `data breakpoint: mem[0x100..+4]: 16843009 (0x1010101), read by i32.load in _start [${a}]`,
    ]);
  }));

test('a local of a frame, until the function returns', () =>
  converse(async (c) => {
    await launch(c);
    await c.request('setFunctionBreakpoints', { breakpoints: [{ name: '$bump', hitCondition: '1' }] });
    const { frames } = await c.step('continue');
    const { scopes } = await c.request('scopes', { frameId: frames[0].id });
    const { variablesReference } = scopes.find(({ name }: DebugProtocol.Scope) => name === 'Locals');
    const local = await infoOf(c, { variablesReference, name: '$twice' });
    assert.equal(local.canPersist, false);
    assert.equal(local.description, '$twice, while this call lasts');
    const [set] = await setData(c, { dataId: local.dataId!, accessType: 'write' });
    const { body } = await c.step('continue');
    assert.equal(body.text, '$twice: 0 (0x0) → 2 (0x2), written by local.set in $bump');
    await c.request('continue', { threadId: 1 });
    const gone = await c.event('breakpoint');
    assert.equal(gone.reason, 'removed');
    assert.equal(gone.breakpoint.id, set.id);
    assert.equal(await c.exited(), 0);
  }));

test("watchpoints of the client's own view stay when data breakpoints are replaced", () =>
  converse(async (c) => {
    await launch(c);
    const own = { breakpoints: [{ dataId: '$count', accessType: 'change' }] };
    const { breakpoints } = await c.request('wasmscope/setWatchpoints', own);
    await setData(c, { dataId: 'memory[0][0x200..+8].f64', accessType: 'write', hitCondition: '2' });
    await setData(c);
    assert.deepEqual(await stops(c), [
      `data breakpoint: $count: 3 (0x3) → 4 (0x4), written by global.set in $bump [${breakpoints[0].id}]`,
    ]);
  }));

test('what is set before the program is loaded counts', () =>
  converse(async (c) => {
    const program = c.file('counter.wat', COUNTER);
    await c.initialize();
    const [set] = await setData(c, { dataId: '$count', accessType: 'write' });
    assert.deepEqual([set.verified, set.reason], [false, 'pending']);
    await c.request('launch', { program });
    await c.request('configurationDone');
    assert.equal((await c.stopped()).reason, 'data breakpoint');
  }));

const LIB = `(module
  (global $shared (export "shared") (mut i32) (i32.const 1))
  (func (export "_initialize") (global.set $shared (i32.const 2))))`;

const USER = `(module
  (import "lib" "shared" (global $shared (mut i32)))
  (memory 1)
  (func (export "_start")
    (global.set $shared (i32.const 3))
    (i32.store (i32.const 8) (i32.const 4))))`;

test('what belongs to modules that are not there yet waits for them', () =>
  converse(async (c) => {
    const program = c.file('user.wat', USER);
    const lib = c.file('lib.wat', LIB);
    await c.initialize();
    await c.request('launch', { program, preload: { lib } });
    const set = await setData(
      c,
      { dataId: '$shared' },
      { dataId: 'memory[0]@1[0x8..+4]' },
      { dataId: '$nowhere' },
    );
    assert.deepEqual(
      set.map(({ verified, message }) => [verified, message]),
      Array.from({ length: 3 }, () => [false, 'watched when its module is instantiated']),
    );
    await c.request('configurationDone');
    assert.match(
      (await c.stopped()).body.text!,
      /^\$shared: 1 .* → 2 .*, written by global\.set in _initialize$/,
    );
    assert.deepEqual(
      (await stops(c)).map((text) => text.replace(/ \(0x.\)/g, '').replace(/ \[.*/, '')),
      [
        'data breakpoint: $shared: 2 → 3, written by global.set in _start',
        'data breakpoint: mem[0x8..+4]: 0 → 4, written by i32.store in _start',
      ],
    );
    const changed = c.transcript.filter((line) => line.startsWith('<- event breakpoint'));
    assert.equal(changed.filter((line) => line.includes('"verified":true')).length, 2);
    assert.equal(changed.filter((line) => line.includes('unknown global $nowhere')).length, 1);
  }));

test('of a script only the chosen command stops', () =>
  converse(async (c) => {
    const program = c.file(
      'script.wast',
      `(module (global $g (mut i32) (i32.const 0))
  (func (export "add") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
(assert_return (invoke "add") (i32.const 1))
(assert_return (invoke "add") (i32.const 2))\n`,
    );
    await c.initialize();
    await c.request('launch', { program, line: 4 });
    await setData(c, { dataId: '$g', accessType: 'write' });
    await c.request('configurationDone');
    assert.match(
      (await c.stopped()).body.text!,
      /^\$g: 1 \(0x1\) → 2 \(0x2\), written by global\.set in add$/,
    );
    assert.deepEqual(await stops(c), []);
  }));

test('they are set again when the program is restarted', () =>
  converse(async (c) => {
    await launch(c);
    await setData(c, { dataId: '$count', accessType: 'write', hitCondition: '1' });
    await c.request('wasmscope/setWatchpoints', { breakpoints: [{ dataId: 'table[0][2]' }] });
    await c.step('continue');
    await c.request('restart');
    assert.equal((await c.stopped()).reason, 'entry');
    assert.deepEqual(
      (await stops(c)).map((text) => text.split(':')[1]),
      [' $count', ' $jobs[2]'],
    );
  }));

/** What cannot be watched, and why not. */
const REFUSED: [name: string, why: RegExp][] = [
  ['$count + 1', /computed/],
  ['$fixed', /immutable/],
  ['mem', /which bytes/],
  ['func[0]', /computed/],
];

test('what cannot be watched', () =>
  converse(async (c) => {
    const frameId = await launch(c);
    for (const [name, why] of REFUSED) {
      const { dataId, description } = await infoOf(c, { name, frameId });
      assert.equal(dataId, null, name);
      assert.match(description, why);
    }
    assert.match(await c.refusal('dataBreakpointInfo', { name: '$nope', frameId }), /unknown local \$nope/);
    assert.match(await c.refusal('dataBreakpointInfo', { name: 'mem[', frameId }), /expected/);
    assert.match(
      await c.refusal('dataBreakpointInfo', { name: '0', asAddress: true, bytes: 1e9 }),
      /from 1 to 1048576 bytes/,
    );
    const states = await setData(
      c,
      { dataId: 'nonsense' },
      { dataId: '$nope' },
      { dataId: 'memory[4][0x0..+4]' },
      { dataId: 'local[0]#7' },
      { dataId: 'memory[0][0x20000..+4]' },
    );
    assert.deepEqual(
      states.map(({ verified, message }) => [verified, message]),
      [
        [false, 'unknown data id: nonsense'],
        [false, 'unknown global $nope'],
        [false, 'unknown memory 4'],
        [false, 'the function has returned: its locals are gone'],
        [true, 'the memory has 65536 bytes now: it may grow'],
      ],
    );
  }));
