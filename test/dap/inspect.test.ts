/** Scopes, values, expressions, changing values, memory: what a stopped program shows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Conversation, converse, type Stop } from './harness.ts';
import { LOOPS } from './programs.ts';

/** Stops in `$sum`, in front of the `local.set` of `$total`, in the second turn of the loop. */
async function inLoop(c: Conversation): Promise<Stop> {
  const program = c.file('loops.wat', LOOPS);
  c.file('host.mjs', 'export default { env: { log: (x) => console.log("log", x) } };');
  await c.launch({ program, invoke: { function: 'sum', args: [3] }, imports: './host.mjs' }, [
    { path: program, lines: [[21, 10]] },
  ]);
  return c.stopped();
}

test('scopes of a frame', () =>
  converse(async (c) => {
    const stop = await inLoop(c);
    assert.deepEqual(await c.variables(stop.frames[0].id), {
      'Value stack': ['stack[0] = 1 (0x1) : i32, pushed by i32.add in line 21'],
      Locals: ['$to = 3 (0x3) : i32', '$i = 1 (0x1) : i32', '$total = 0 (0x0) : i32'],
      Labels: [
        '0: loop $next = br 0 → continues at loop start (line 18)',
        '1: block $done = br 1 → leaves the block (line 22)',
        '2: func = br 2 → returns with [i32]',
      ],
      Globals: ['$count = 7 (0x7) : (mut i32)', '$pi = 3.25 : f64'],
      Memory: ['memory[0] memory = 1 page, 65536 bytes, at most 2 : memory'],
      Tables: ['$jobs = 3 elements : table of funcref'],
    });
  }));

test('elements of a table, a page of them', () =>
  converse(async (c) => {
    const stop = await inLoop(c);
    const { scopes } = await c.request('scopes', { frameId: stop.frames[0].id });
    const { variablesReference } = scopes.at(-1);
    const [table] = (await c.request('variables', { variablesReference })).variables;
    assert.equal(table.indexedVariables, 3);
    assert.deepEqual(await c.children(table.variablesReference), [
      '[0] = func[1] $twice [i64] -> [i64] : funcref',
      '[1] = func[3] $spin [] -> [] : funcref',
      '[2] = null : funcref',
    ]);
    assert.deepEqual(await c.children(table.variablesReference, { start: 1, count: 1 }), [
      '[1] = func[3] $spin [] -> [] : funcref',
    ]);
  }));

const EXPRESSIONS: [expression: string, result: string][] = [
  ['$to', '3 (0x3)'],
  ['local[1]', '1 (0x1)'],
  [' local [ 1 ] ', '1 (0x1)'],
  ['stack[0]', '1 (0x1)'],
  ['$count', '7 (0x7)'],
  ['global[1]', '3.25'],
  ['$sum', 'func[2] $sum [i32] -> [i32]'],
  ['func[0]', 'host env.log [i32] -> []'],
  ['memory[0]', '1 page, 65536 bytes, at most 2'],
  ['$jobs', '3 elements'],
];

const REFUSED: [expression: string, message: string][] = [
  ['$nope', 'unknown local $nope'],
  ['local[9]', 'unknown local 9: the function has 3'],
  ['stack[5]', 'unknown stack[5]: 1 value is on the stack'],
  ['global[9]', 'unknown global 9'],
  ['', 'expression expected, such as $name, local[0] or stack[0], found the end'],
  ['local', "'[' expected, found the end"],
  ['local[x]', "index expected, found 'x'"],
  ['$to $to', "unexpected token, found '$to'"],
  ['$to($to)', "unexpected token (calls of functions begin with !), found '('"],
  ['count', "unknown name count: names of the module begin with $, found 'count'"],
];

test('expressions', () =>
  converse(async (c) => {
    const { frames } = await inLoop(c);
    const frameId = frames[0].id;
    for (const [expression, result] of EXPRESSIONS) {
      assert.equal((await c.request('evaluate', { expression, frameId, context: 'watch' })).result, result);
    }
    for (const [expression, message] of REFUSED) {
      assert.equal(await c.refusal('evaluate', { expression, frameId, context: 'watch' }), message);
    }
  }));

test('set variables and expressions, and go on with them', () =>
  converse(async (c) => {
    const { frames } = await inLoop(c);
    const { scopes } = await c.request('scopes', { frameId: frames[0].id });
    const [stack, locals, , globals] = scopes.map(
      (s: { variablesReference: number }) => s.variablesReference,
    );
    const set = (variablesReference: number, name: string, value: string) =>
      c.request('setVariable', { variablesReference, name, value });
    assert.equal((await set(locals, '$i', '0x3')).value, '3 (0x3)');
    assert.equal((await set(stack, 'stack[0]', '-5')).value, '-5 (0xfffffffb, unsigned 4294967291)');
    assert.equal((await set(globals, '$count', '9')).value, '9 (0x9)');
    assert.equal(
      await c.refusal('setVariable', { variablesReference: globals, name: '$pi', value: '1' }),
      '$pi is immutable',
    );
    assert.match(
      await c.refusal('setVariable', { variablesReference: locals, name: '$i', value: 'x' }),
      /^\$i: expected i32 .*, found "x"$/,
    );
    const frameId = frames[0].id;
    assert.equal(
      (await c.request('setExpression', { expression: '$to', value: '1', frameId })).value,
      '1 (0x1)',
    );
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'log -5\n');
    assert.equal(c.printed('console'), 'sum(3) = -5 : i32\n');
  }));

test('views of a memory are refreshed at every stop', () =>
  converse(async (c) => {
    await c.initialize({ supportsMemoryEvent: true });
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', 'export default { env: { log() {} } };');
    await c.request('launch', {
      program,
      invoke: { function: 'spin' },
      imports: './host.mjs',
      stopOnEntry: true,
    });
    await c.request('configurationDone');
    await c.stopped();
    await c.request('readMemory', { memoryReference: 'memory[0]', offset: 0, count: 1 });
    await c.step('stepIn');
    assert.equal((await c.event('memory')).memoryReference, 'memory[0]');
  }));

test('read and write memory', () =>
  converse(async (c) => {
    await inLoop(c);
    const memoryReference = 'memory[0]';
    const read = await c.request('readMemory', { memoryReference, offset: 16, count: 5 });
    assert.equal(Buffer.from(read.data, 'base64').toString(), 'hello');
    assert.equal(read.address, '0x10');
    const last = await c.request('readMemory', { memoryReference, offset: 65530, count: 10 });
    assert.equal(Buffer.from(last.data, 'base64').length, 6);
    assert.equal(last.unreadableBytes, 4);
    const data = Buffer.from('J').toString('base64');
    assert.equal((await c.request('writeMemory', { memoryReference, offset: 16, data })).bytesWritten, 1);
    const changed = await c.request('readMemory', { memoryReference, offset: 16, count: 5 });
    assert.equal(Buffer.from(changed.data, 'base64').toString(), 'Jello');
    assert.equal(
      await c.refusal('writeMemory', { memoryReference, offset: 65536, data }),
      'out of bounds memory access: address 65536 + 1 bytes, memory is 65536 bytes',
    );
  }));
