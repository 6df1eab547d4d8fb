/** Core dumps: written at a trap and on request, opened again, and those of others. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CLI, type Conversation, converse } from './harness.ts';

const PROGRAM = `(module $crash
  (memory (export "memory") 2)
  (data (i32.const 70000) "hello")
  (global $g (mut i64) (i64.const 5))
  (global $f f64 (f64.const 1.5))
  (global $r (mut funcref) (ref.null func))
  (table $t 4 funcref)
  (func $inner (param $x i32) (param $v v128) (result i32)
    (local $y f32)
    (local.set $y (f32.const 2.5))
    (i32.add (i32.const 3) (i32.load (i32.mul (local.get $x) (i32.const 100000)))))
  (func (export "main") (result i32)
    (global.set $g (i64.const -7))
    (i32.store8 (i32.const 10) (i32.const 0x41))
    (i32.sub (i32.const 9) (call $inner (i32.const 4) (v128.const i32x4 1 2 3 4)))))
`;

/** A dump of the trap in PROGRAM, next to it. */
async function dumped(c: Conversation): Promise<{ program: string; dump: string }> {
  const program = c.file('crash.wat', PROGRAM);
  const dump = path.join(c.dir, 'crash.coredump');
  await c.launch({ program, coreDump: 'crash.coredump', noDebug: true });
  assert.equal(await c.exited(), 1);
  assert.match(c.printed('console'), /^Core dump written: .*crash\.coredump\n$/);
  return { program, dump };
}

async function opened(c: Conversation, args: object) {
  await c.launch({ ...args });
  return c.stopped();
}

test('a trap leaves a core dump, and that is opened like the program', async () => {
  await converse(async (first) => {
    const { dump } = await dumped(first);
    const bytes = readFileSync(dump);
    // Other tools read it as a module.
    const module = new WebAssembly.Module(bytes);
    for (const name of ['core', 'coremodules', 'coreinstances', 'corestack']) {
      assert.equal(WebAssembly.Module.customSections(module, name).length, 1, name);
    }
    assert.ok(bytes.length < 20_000, 'zeros are left out');
    await converse(async (c) => {
      const stop = await opened(c, { program: dump });
      assert.deepEqual(stop.stack, ['$inner 11:29', 'main 15:29']);
      assert.equal(stop.reason, 'exception');
      assert.match(stop.body.text!, /^out of bounds memory access/);
      const info = await c.request('exceptionInfo', { threadId: 1 });
      assert.equal(info.exceptionId, 'out of bounds memory access');
      const values = await c.variables(stop.frames[0].id);
      assert.deepEqual(
        values['Value stack'].map((line) => line.replace(/, pushed.*/, '')),
        ['stack[0] = 400000 (0x61a80) : i32', 'stack[1] = 3 (0x3) : i32'],
      );
      assert.deepEqual(values.Locals, [
        '$x = 4 (0x4) : i32',
        '$v = not in the core dump : v128',
        '$y = 2.5 : f32',
      ]);
      assert.deepEqual(values.Globals, [
        '$g = -7 (0xfffffffffffffff9, unsigned 18446744073709551609) : (mut i64)',
        '$f = 1.5 : f64',
        '$r = null : (mut funcref)',
      ]);
      const outer = await c.variables(stop.frames[1].id);
      assert.deepEqual(
        outer['Value stack'].map((line) => line.replace(/, pushed.*/, '')),
        ['stack[0] = 9 (0x9) : i32'],
      );
      const frameId = stop.frames[0].id;
      const evaluated = async (expression: string) =>
        (await c.request('evaluate', { expression, frameId })).result;
      assert.equal(await evaluated('mem[10].u8 + $x'), '69 (0x45)');
      assert.equal(await evaluated('mem[70000].u8'), '104 (0x68)');
      assert.match(await c.refusal('evaluate', { expression: '$v.i32x4', frameId }), /core dump/);
      const read = await c.request('readMemory', { memoryReference: 'memory[0]', offset: 70000, count: 5 });
      assert.equal(Buffer.from(read.data, 'base64').toString(), 'hello');
    });
  });
});

test('nothing of a core dump runs or changes', () =>
  converse(async (first) => {
    const { dump } = await dumped(first);
    await converse(async (c) => {
      const { frames } = await opened(c, { program: dump });
      const frameId = frames[0].id;
      const why = /neither run nor changed/;
      assert.match(await c.refusal('continue', { threadId: 1 }), why);
      assert.match(await c.refusal('stepIn', { threadId: 1 }), why);
      assert.match(await c.refusal('restartFrame', { frameId }), why);
      assert.match(await c.refusal('wasmscope/ignoreTrap', { values: ['1'] }), why);
      assert.match(await c.refusal('setExpression', { expression: '$x', value: '1', frameId }), why);
      assert.match(
        await c.refusal('writeMemory', { memoryReference: 'memory[0]', offset: 0, data: 'AAAA' }),
        why,
      );
      // It can be dumped again, and is what it was.
      const { path: again } = await c.request('wasmscope/coreDump', { path: path.join(first.dir, 'again') });
      assert.ok(readFileSync(again).length > 1000);
    });
  }));

test('on request: into a file, or as the answer', () =>
  converse(async (c) => {
    const program = c.file('crash.wat', PROGRAM);
    await c.launch({ program, stopOnEntry: true });
    await c.stopped();
    const { data } = await c.request('wasmscope/coreDump', {});
    const { path: file } = await c.request('wasmscope/coreDump', { path: 'here.coredump' });
    assert.equal(file, path.join(c.dir, 'here.coredump'));
    assert.deepEqual(readFileSync(file), Buffer.from(data, 'base64'));
    await converse(async (reader) => {
      const stop = await opened(reader, { program: file });
      assert.deepEqual([stop.reason, ...stop.stack], ['pause', 'main 13:21']);
      assert.match(await reader.refusal('exceptionInfo', { threadId: 1 }), /did not stop on a trap/);
    });
  }));

test('modules are found where they are said to be, and other builds are told', () =>
  converse(async (c) => {
    const { dump, program } = await dumped(c);
    const moved = path.join(c.dir, 'elsewhere', 'other.wat');
    mkdirSync(path.dirname(moved));
    renameSync(program, moved);
    await converse(async (reader) => {
      await reader.initialize();
      const message = await reader.refusal('launch', { program: dump });
      assert.match(
        message,
        /^cannot find the module ".*crash\.wat" of the core dump: say where it is \("modules": \{/,
      );
      assert.match(
        await reader.refusal('launch', { program: dump, modules: [] }),
        /"modules" must be an object/,
      );
      assert.match(
        await reader.refusal('launch', { program: dump, modules: { [program]: 'none.wat' } }),
        /none\.wat: no such file/,
      );
    });
    await converse(async (reader) => {
      const stop = await opened(reader, { program: dump, modules: { [program]: moved } });
      assert.equal(stop.frames[0].source?.path, moved);
    });
    renameSync(moved, path.join(c.dir, 'elsewhere', 'crash.wat'));
    await converse(async (reader) => {
      const sourceMap = { [`${c.dir}/`]: `${c.dir}/elsewhere/` };
      const stop = await opened(reader, { program: dump, sourceMap });
      assert.deepEqual(stop.stack, ['$inner 11:29', 'main 15:29']);
    });
  }));

const leb = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >> 7)]);
const text = (s: string): number[] => [...leb(s.length), ...Buffer.from(s)];
const custom = (name: string, content: number[]): number[] => {
  const all = [...text(name), ...content];
  return [0, ...leb(all.length), ...all];
};
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** func 0: [i32] -> [i32], local.get 0, call 0; exported as "f". */
const SMALL = Buffer.from(
  '0061736d0100000001060160017f017f03020100070501016600000a080106002000100' + '00b',
  'hex',
);

test("dumps of others: wasmtime's have no locals and no operands, and name modules as it likes", () =>
  converse(async (c) => {
    c.file('small.wasm', SMALL);
    const frame = [0, 0, 0];
    const stack = [0, ...text('main'), 3, ...frame, 3, 0, 0, ...frame, 3, 0, 0, 0, 0, 9, 0, 0, 0];
    const dump = c.file(
      'other.coredump',
      Uint8Array.from([
        ...HEADER,
        ...custom('core', [0, ...text('/somewhere/small.wasm')]),
        ...custom('coremodules', [1, 0, ...text('<anonymous-module-0>')]),
        ...custom('coreinstances', [1, 0, 0, 0, 0]),
        ...custom('corestack', stack),
      ]),
    );
    const stop = await opened(c, { program: dump });
    assert.deepEqual(
      stop.stack.map((line) => line.split(' ')[0]),
      ['f', 'f'],
    );
    assert.match(c.printed('stderr'), /a frame of function 9 in instance 0 is not shown/);
    const { Locals, 'Value stack': operands } = await c.variables(stop.frames[0].id);
    assert.deepEqual(Locals, ['local[0] = not in the core dump : i32']);
    assert.equal(operands.length, 1);
    assert.match(operands[0], /not in the core dump/);
    assert.match(
      await c.refusal('evaluate', { expression: 'local[0] + 1', frameId: stop.frames[0].id }),
      /not known: the core dump does not have it/,
    );
    c.golden('core-dump');
  }));

for (const [name, stack, message] of [
  ['an unknown kind of value', [0, ...text('main'), 1, 0, 0, 0, 3, 1, 0x55, 0], 'unknown kind of value 0x55'],
  ['a frame that is cut', [0, ...text('main'), 2, 0, 0, 0, 3, 0, 0], 'length out of bounds|unexpected end'],
  ['a thread that is none', [1, ...text('main'), 0], 'unexpected byte 0x1'],
  ['more bytes than frames', [0, ...text('main'), 0, 7], 'section size mismatch'],
] as const) {
  test(`refuses ${name}`, () =>
    converse(async (c) => {
      c.file('small.wasm', SMALL);
      const dump = c.file(
        'bad.coredump',
        Uint8Array.from([
          ...HEADER,
          ...custom('core', [0, ...text('small.wasm')]),
          ...custom('coremodules', [1, 0, ...text('small')]),
          ...custom('coreinstances', [1, 0, 0, 0, 0]),
          ...custom('corestack', [...stack]),
        ]),
      );
      await c.initialize();
      assert.match(await c.refusal('launch', { program: dump }), new RegExp(message));
    }));
}

test('the command line writes one, too, and what it writes is opened', () =>
  converse(async (c) => {
    c.file('crash.wat', PROGRAM);
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [CLI, 'run', ...args], { cwd: c.dir, encoding: 'utf8' });
    const { status, stderr } = run('-D', 'coredump=cli.coredump', 'crash.wat');
    assert.notEqual(status, 0);
    assert.match(stderr, /^core dump written to cli\.coredump$/m);
    const stop = await opened(c, { program: path.join(c.dir, 'cli.coredump') });
    assert.deepEqual(stop.stack, ['$inner 11:29', 'main 15:29']);
    assert.match(run('-D', 'coredump=none/x', 'crash.wat').stderr, /^no core dump: ENOENT/m);
    assert.match(run('-D', 'dumpcore=x', 'crash.wat').stderr, /unknown option -D dumpcore=x/);
  }));
