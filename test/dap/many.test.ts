/** Many of everything: several memories and tables, far and shared ones, thousands of names, exceptions in handlers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';

async function stopped(c: Conversation, text: string, line?: number): Promise<number> {
  const program = c.file('many.wat', text);
  const breakpoints = line === undefined ? [] : [{ path: program, lines: [line] }];
  await c.launch({ program, invoke: { function: 'main' }, stopOnEntry: line === undefined }, breakpoints);
  return (await c.stopped()).frames[0].id;
}

async function scopesOf(c: Conversation, frameId: number): Promise<Record<string, DebugProtocol.Scope>> {
  const { scopes } = await c.request('scopes', { frameId });
  return Object.fromEntries(scopes.map((scope: DebugProtocol.Scope) => [scope.name, scope]));
}

const MEMORIES = `(module
  (memory $a 1)
  (memory $far i64 1 3)
  (memory $shared 1 2 shared)
  (memory $tiny 10 (pagesize 1))
  (data (memory $far) (i64.const 8) "far!")
  (data (memory $tiny) (i32.const 4) "tiny")
  (func (export "main") (nop)))
`;

test('every memory is listed, read and written', () =>
  converse(async (c) => {
    const frameId = await stopped(c, MEMORIES);
    const { Memory } = await scopesOf(c, frameId);
    const { variables } = await c.request('variables', { variablesReference: Memory.variablesReference });
    assert.deepEqual(
      variables.map(({ name, value, type, memoryReference }: DebugProtocol.Variable) =>
        [name, value, type, memoryReference].join(' | '),
      ),
      [
        '$a | 1 page, 65536 bytes | memory | memory[0]',
        '$far | 1 page, 65536 bytes, at most 3 | memory i64 | memory[1]',
        '$shared | 1 page, 65536 bytes, at most 2 | memory shared | memory[2]',
        '$tiny | 10 pages of 1 byte, 10 bytes | memory | memory[3]',
      ],
    );
    for (const [idx, offset, text] of [
      [1, 8, 'far!'],
      [3, 4, 'tiny'],
    ] as const) {
      const memoryReference = `memory[${idx}]`;
      const read = await c.request('readMemory', { memoryReference, offset, count: 4 });
      assert.equal(Buffer.from(read.data, 'base64').toString(), text);
    }
    for (let idx = 0; idx < 4; idx++) {
      const memoryReference = `memory[${idx}]`;
      const data = Buffer.from([idx + 1]).toString('base64');
      await c.request('writeMemory', { memoryReference, offset: 9, data });
      const { result } = await c.request('evaluate', { expression: `memory[${idx}][9].u8 + 0`, frameId });
      assert.equal(result, `${idx + 1} (0x${idx + 1})`);
    }
    const { value } = await c.request('setExpression', {
      expression: '$far[0xfffc].u32',
      value: '7',
      frameId,
    });
    assert.equal(value, '7 (0x7)');
    const beyond = { memoryReference: 'memory[3]', offset: 8, count: 4 };
    assert.equal((await c.request('readMemory', beyond)).unreadableBytes, 2);
  }));

const CAUGHT = `(module
  (tag $outer (param i32 f64))
  (tag $inner (param i64))
  (func (export "main")
    (try
      (do (throw $outer (i32.const 1) (f64.const 0.5)))
      (catch $outer
        (drop) (drop)
        (try
          (do (throw $inner (i64.const 2)))
          (catch_all
            (nop)))))))
`;

test('exceptions in legacy handlers are listed, innermost first', () =>
  converse(async (c) => {
    const frameId = await stopped(c, CAUGHT, 12);
    const shown = await c.variables(frameId);
    assert.deepEqual(shown['Caught exceptions'], [
      'caught[0] = exception @1 $inner(2) : exnref',
      'caught[1] = exception @2 $outer(1, 0.5) : exnref',
    ]);
    const evaluate = async (expression: string): Promise<string> =>
      (await c.request('evaluate', { expression, frameId })).result;
    assert.equal(await evaluate('caught[1][1]'), '0.5');
    assert.equal(await evaluate('caught[0] == caught[1]'), '0 (0x0)');
    assert.equal(
      await c.refusal('evaluate', { expression: 'caught[2]', frameId }),
      'unknown caught[2]: 2 exceptions are caught here',
    );
  }));

const COUNT = 5000;
const NAMES = Array.from({ length: COUNT }, (_, i) => i);
const MANY = `(module
  ${NAMES.map((i) => `(global $g${i} (mut i32) (i32.const ${i}))`).join(' ')}
  (table $t 1000000 funcref)
  (elem (i32.const 999999) $main)
  (func $main (export "main")
    ${NAMES.map((i) => `(local $l${i} i64)`).join(' ')}
    (local.set $l4999 (i64.const 9))
    (nop)))
`;

test('thousands of locals and globals, a million slots: parts of them', () =>
  converse(async (c) => {
    const frameId = await stopped(c, MANY, 8);
    const { Locals, Globals, Tables, Labels } = await scopesOf(c, frameId);
    assert.equal(Locals.indexedVariables, COUNT);
    assert.equal(Globals.indexedVariables, COUNT);
    assert.equal(Labels.namedVariables, 1);
    const part = { filter: 'indexed', start: 4998, count: 100 };
    assert.deepEqual(await c.children(Locals.variablesReference, part), [
      '$l4998 = 0 (0x0) : i64',
      '$l4999 = 9 (0x9) : i64',
    ]);
    const set = { variablesReference: Globals.variablesReference, name: '$g4321', value: '-1' };
    await c.request('setVariable', set);
    assert.deepEqual(await c.children(Globals.variablesReference, { start: 4321, count: 1 }), [
      '$g4321 = -1 (0xffffffff, unsigned 4294967295) : (mut i32)',
    ]);
    const { variables } = await c.request('variables', { variablesReference: Tables.variablesReference });
    assert.equal(variables[0].indexedVariables, 1_000_000);
    assert.deepEqual(await c.children(variables[0].variablesReference, { start: 999_998, count: 2 }), [
      '[999998] = null : funcref',
      '[999999] = func[0] $main [] -> [] : funcref',
    ]);
    const all = await c.children(variables[0].variablesReference);
    assert.equal(all.length, 10_001);
    assert.equal(all.at(-1), '… = 990000 more');
    assert.deepEqual(await c.children(variables[0].variablesReference, { start: 1_000_000, count: 5 }), []);
    assert.equal((await c.children(variables[0].variablesReference, { start: -7, count: 2 })).length, 2);
    assert.equal((await c.request('evaluate', { expression: '$l4999 + $l1', frameId })).result, '9 (0x9)');
  }));

test('a list of these values, as a client asks for it', () =>
  converse(async (c) => {
    const frameId = await stopped(
      c,
      `(module
  (type $leaf (struct (field $bits v128)))
  (type $list (array (mut f64)))
  (type $tree (struct (field $left (mut (ref null $leaf))) (field i16) (field $more (ref null $list))))
  (global $tree (mut (ref null $tree)) (ref.null $tree))
  (func (export "main")
    (global.set $tree
      (struct.new $tree
        (struct.new $leaf (v128.const i16x8 1 2 3 4 5 6 7 8))
        (i32.const -2)
        (array.new $list (f64.const 0.25) (i32.const 200))))
    (nop)))
`,
      13,
    );
    const { Globals } = await scopesOf(c, frameId);
    const [tree] = (await c.request('variables', { variablesReference: Globals.variablesReference }))
      .variables;
    const inTree = (await c.request('variables', { variablesReference: tree.variablesReference })).variables;
    const [leaf, , more] = inTree;
    await c.request('variables', {
      variablesReference: more.variablesReference,
      filter: 'indexed',
      start: 100,
      count: 2,
    });
    const [bits] = (await c.request('variables', { variablesReference: leaf.variablesReference })).variables;
    await c.request('variables', { variablesReference: bits.variablesReference });
    await c.request('evaluate', { expression: '$tree.left.bits.i16x8', frameId, context: 'hover' });
    c.golden('values');
  }));

const SCRIPT = `(module $a
  (type $point (struct (field $x (mut i32))))
  (global (export "g") (ref $point) (struct.new $point (i32.const 5)))
  (func (export "call") (param funcref (ref $point)) (result i32)
    (struct.get $point $x (local.get 1))))
(register "a" $a)
(module $b
  (type $point (struct (field $x (mut i32))))
  (import "a" "g" (global $g (ref $point)))
  (import "a" "call" (func $call (param funcref (ref $point)) (result i32)))
  (func $f (export "f") (result i32)
    (call $call (ref.func $f) (global.get $g))))
(assert_return (invoke "f") (i32.const 6))
`;

test('an object has one number in all instances', () =>
  converse(async (c) => {
    const program = c.file('two.wast', SCRIPT);
    await c.launch({ program }, [{ path: program, lines: [5] }]);
    const { frames } = await c.stopped();
    const [inner, outer] = frames.map(({ id }) => id);
    const show = async (expression: string, frameId: number): Promise<string> =>
      (await c.request('evaluate', { expression, frameId })).result;
    assert.equal(await show('local[1]', inner), '$point @1 {x: 5}');
    assert.equal(await show('$g', outer), '$point @1 {x: 5}');
    assert.equal(await show('local[0]', inner), 'func[1] $f [] -> [i32]');
    const { variablesReference } = await c.request('evaluate', { expression: '@1', frameId: outer });
    const set = { variablesReference, name: 'x', value: '6' };
    assert.equal((await c.request('setVariable', set)).value, '6 (0x6)');
    assert.equal(await show('local[1].x + 1', inner), '7 (0x7)');
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));
