/** Components: stops in start functions and in what they call, calls through the canonical ABI as frames, WIT values. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { InstantiationNode } from '../../debug-adapter/instantiation.ts';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { moduleStarts } from '../../engine/component/module-starts.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { CLI, type Conversation, converse } from './harness.ts';

const START_ORDER = readFileSync('examples/components/start-order.wat', 'utf8');
const TWO = readFileSync('examples/components/two-components.wat', 'utf8');

/** The line of a text that has these words, counted from 1; the `nth` one. */
function lineOf(text: string, words: string, nth = 1): number {
  let at = -1;
  for (let i = 0; i < nth; i++) at = text.indexOf(words, at + 1);
  return text.slice(0, at).split('\n').length;
}

const RESOURCES = readFileSync('examples/components/resources.wat', 'utf8');

test('the start functions of a component, each at its place', () =>
  converse(async (c) => {
    const program = c.file('start-order.wat', START_ORDER);
    const lines = [
      lineOf(START_ORDER, '(call $leave (i32.const 65))'),
      lineOf(START_ORDER, '(if (call $a-started)'),
    ];
    await c.launch({ program, invoke: { function: 'order' } }, [{ path: program, lines }]);
    for (const [i, line] of lines.entries()) {
      const { reason, stack } = await c.stopped();
      assert.equal(reason, 'breakpoint');
      const name = ['$a', '$b'][i];
      assert.match(stack[0], new RegExp(`^\\$start ${line}:`));
      assert.deepEqual(stack.slice(1), [
        `instantiate ${name} ${lineOf(START_ORDER, `(core instance ${name}`)}:3`,
        `instantiate $start-order ${lineOf(START_ORDER, '(component $start-order')}:1`,
      ]);
      await c.request('continue', { threadId: 1 });
    }
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'order = "AB"\n');
  }));

test('a stop where a core instance is made', () =>
  converse(async (c) => {
    const program = c.file('start-order.wat', START_ORDER);
    await c.initialize();
    await c.request('launch', { program, invoke: { function: 'order' } });
    const { breakpoints } = await c.request('setFunctionBreakpoints', {
      breakpoints: [{ name: 'instantiate #2' }, { name: 'instantiate $c' }],
    });
    assert.deepEqual(
      breakpoints.map(({ verified, message }: { verified: boolean; message: string }) => [verified, message]),
      [
        [true, 'stops when $a is instantiated'],
        [false, 'no instance is called $c: there are $trace, $a, $b'],
      ],
    );
    await c.request('configurationDone');
    const { reason, stack } = await c.stopped();
    assert.equal(reason, 'function breakpoint');
    assert.match(stack[0], new RegExp(`^instantiate \\$a ${lineOf(START_ORDER, '(core instance $a')}:`));
    // What is there of it can be looked at already.
    const { stackFrames } = await c.request('stackTrace', { threadId: 1 });
    assert.deepEqual(Object.keys(await c.variables(stackFrames[0].id)), ['Globals']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

/** The plan as indented lines: `* ` what is done, `> ` what goes on. */
async function plan(c: Conversation, threadId?: number): Promise<string[]> {
  const lines = (node: InstantiationNode, indent: string): string[] => [
    `${indent}${node.state ? { done: '* ', current: '> ' }[node.state] : ''}${node.name}${node.location ? ` ${node.location.line}` : ''}`,
    ...node.children.flatMap((child) => lines(child, `${indent}  `)),
  ];
  const { root } = await c.request('wasmscope/instantiation', { threadId });
  return root && lines(root, '');
}

test('steps go from one instance that is made to the next, and the plan says how far it is', () =>
  converse(async (c) => {
    const program = c.file('start-order.wat', START_ORDER);
    await c.launch({ program, invoke: { function: 'order' }, stopOnEntry: true });
    const at = (words: string) => lineOf(START_ORDER, words);
    const nodes = ['$start-order', '$trace', '$a', '$b'];
    const lines = ['(component $start-order', ...nodes.slice(1).map((name) => `(core instance ${name}`)].map(
      at,
    );
    const shown = (current: number) =>
      nodes.map((name, i) => {
        const state = i === current || i === 0 ? '> ' : i < current ? '* ' : '';
        return `${i > 0 ? '  ' : ''}${state}${name} ${lines[i]}`;
      });
    assert.deepEqual((await c.stopped()).stack, [`instantiate $start-order ${lines[0]}:1`]);
    assert.deepEqual(await plan(c), shown(0));
    for (const i of [1, 2]) {
      await c.request('next', { threadId: 1 });
      assert.equal((await c.stopped()).stack[0], `instantiate ${nodes[i]} ${lines[i]}:3`);
      assert.deepEqual(await plan(c), shown(i));
    }
    await c.request('stepIn', { threadId: 1 });
    assert.match(
      (await c.stopped()).stack[0],
      new RegExp(`^\\$start ${at('(call $leave (i32.const 65))')}:`),
    );
    assert.deepEqual(await plan(c), shown(2));
    await c.request('stepOut', { threadId: 1 });
    assert.equal((await c.stopped()).stack[0], `instantiate $b ${lines[3]}:3`);
    await c.request('next', { threadId: 1 });
    assert.deepEqual((await c.stopped()).stack, [
      `call order ${at('(func (export "order") (result string)')}:9`,
    ]);
    assert.deepEqual(
      await plan(c),
      shown(3).map((line) => line.replace('> ', '* ')),
    );
    await c.request('stepIn', { threadId: 1 });
    assert.match(
      (await c.stopped()).stack[0],
      new RegExp(`^order ${at('(i32.store (i32.const 0) (i32.const 16))')}:`),
    );
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

test('stopOnEntry: the first start function, or the function that is called', () =>
  converse(async (c) => {
    const program = c.file('start-order.wat', START_ORDER);
    await c.launch({ program, invoke: { function: 'order' }, stopOnEntry: 'start' });
    const entry = await c.stopped();
    assert.equal(entry.reason, 'entry');
    assert.match(entry.stack[0], /^\$start /);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

test('a program without components has no plan', () =>
  converse(async (c) => {
    const program = c.file('plain.wat', '(module (func (export "f")))');
    await c.launch({ program, invoke: { function: 'f' }, stopOnEntry: true });
    await c.stopped();
    assert.equal(await plan(c), null);
  }));

test('a call from one component into another: frames for both sides, with what crosses', () =>
  converse(async (c) => {
    const program = c.file('two-components.wat', TWO);
    const line = lineOf(TWO, '(block $done');
    await c.launch({ program, invoke: { function: 'hello("ab")' } }, [{ path: program, lines: [line] }]);
    const { stack } = await c.stopped();
    assert.deepEqual(
      stack.map((frame) => frame.replace(/ \d+:\d+$/, '')),
      ['shout', 'shout', 'lowered shout', 'hello', 'hello'],
    );
    const { stackFrames } = await c.request('stackTrace', { threadId: 1 });
    assert.deepEqual((await c.variables(stackFrames[1].id)).Call, ['text = "Hello, ab" : string']);
    assert.deepEqual((await c.variables(stackFrames[4].id)).Call, ['name = "ab" : string']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'hello = "HELLO, AB"\n');
  }));

test('the handles of the instance that a frame is in', () =>
  converse(async (c) => {
    const program = c.file('resources.wat', RESOURCES);
    const line = lineOf(RESOURCES, '(call $drop (local.get $second))');
    await c.launch({ program, invoke: { function: 'run' } }, [{ path: program, lines: [line] }]);
    await c.stopped();
    const { stackFrames } = await c.request('stackTrace', { threadId: 1 });
    assert.deepEqual((await c.variables(stackFrames[0].id)).Handles, [
      '1 = own account (rep 16)',
      '2 = own account (rep 32)',
    ]);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'client#run = {balance: 123, open-before: 2, open-after: 0}\n');
  }));

test('a breakpoint on a function by its WIT name', () =>
  converse(async (c) => {
    const program = c.file('resources.wat', RESOURCES);
    await c.initialize();
    await c.request('launch', { program, invoke: { function: 'run' } });
    const names = ['client#run', '[constructor]account', 'bank#open-accounts', 'nothing'];
    const { breakpoints } = await c.request('setFunctionBreakpoints', {
      breakpoints: names.map((name) => ({ name })),
    });
    assert.deepEqual(
      breakpoints.map(({ verified }: { verified: boolean }) => verified),
      [true, true, true, false],
    );
    await c.request('configurationDone');
    const places: string[] = [];
    while (await c.stopsAgain()) {
      places.push((await c.stopped()).stack[0].split(' ')[0]);
      await c.request('continue', { threadId: 1 });
    }
    assert.deepEqual(places, ['run', '[constructor]account', '[constructor]account', 'count', 'count']);
  }));

test('steps across a boundary lead to what is called and back; room is made on the way', () =>
  converse(async (c) => {
    const program = c.file('two-components.wat', TWO);
    const call = lineOf(TWO, '(call $shout');
    await c.launch({ program, invoke: { function: 'hello("ab")' }, stopOnEntry: 'main' });
    const step = async (how: string): Promise<string> => {
      await c.request(how, { threadId: 1 });
      return (await c.stopped()).stack[0].replace(/:\d+$/, '');
    };
    const entry = await c.stopped();
    assert.deepEqual([entry.reason, entry.stack[0].replace(/ .*/, '')], ['entry', 'hello']);
    while ((await step('next')) !== `hello ${call}`);
    let at = await step('stepIn');
    while (at.startsWith('hello')) at = await step('stepIn');
    assert.equal(at, `shout ${lineOf(TWO, '(block $done')}`);
    // The result is lowered into the caller's memory behind the last instruction.
    await c.request('stepOut', { threadId: 1 });
    assert.match((await c.stopped()).stack[0], /^hello /);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

test('steps over the end of a callee go on in the caller, and breakpoints stop where room is made', () =>
  converse(async (c) => {
    const program = c.file('two-components.wat', TWO);
    const last = lineOf(TWO, '(i32.const 0)))');
    const realloc = lineOf(TWO, '(local.set $at', 2);
    await c.launch({ program, invoke: { function: 'hello("ab")' } }, [
      { path: program, lines: [last, realloc] },
    ]);
    // For the argument of hello.
    assert.match((await c.stopped()).stack[0], new RegExp(`^realloc ${realloc}:`));
    await c.request('continue', { threadId: 1 });
    assert.match((await c.stopped()).stack[0], new RegExp(`^shout ${last}:`));
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [] });
    let top = '';
    do {
      await c.request('next', { threadId: 1 });
      [top] = (await c.stopped()).stack;
    } while (top.startsWith('shout'));
    assert.match(top, /^hello /);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

test('a component of bytes: its core modules are shown as their disassembly', () =>
  converse(async (c) => {
    const { bytes } = assembleComponent(parseTree(TWO));
    const program = c.file('two-components.wasm', bytes);
    await c.initialize();
    await c.request('launch', {
      program,
      invoke: { function: 'hello', args: ['"ab"'] },
      stopOnEntry: 'main',
    });
    await c.request('setFunctionBreakpoints', { breakpoints: [{ name: 'hello' }, { name: 'shout' }] });
    await c.request('configurationDone');
    // The argument is lowered first, for which the guest makes room: that is not what is meant.
    const { frames } = await c.stopped();
    assert.equal(frames[0].name, 'hello');
    const { content } = await c.request('source', { sourceReference: frames[0].source!.sourceReference });
    assert.match(content.split('\n')[frames[0].line - 1], /i32\.const 263/);
    // The function is called by that name in one module, and defined in another.
    const calls: string[] = [];
    for (;;) {
      await c.request('continue', { threadId: 1 });
      if (!(await c.stopsAgain())) break;
      calls.push((await c.stopped()).frames[0].name);
    }
    assert.deepEqual(calls, ['lowered shout', 'shout']);
    assert.equal(await c.exited(), 0);
  }));

test('a breakpoint on a byte of a component: in whichever core module that is', () =>
  converse(async (c) => {
    const { bytes } = assembleComponent(parseTree(TWO));
    const [module, start] = [...moduleStarts(decodeComponent(bytes))].find(([{ exports }]) =>
      exports.some(({ name }) => name === 'shout'),
    )!;
    const { idx } = module.exports.find(({ name }) => name === 'shout')!;
    const offset = start + module.funcs[idx].body!.codeStart;
    const program = c.file('two-components.wasm', bytes);
    await c.initialize();
    await c.request('launch', { program, invoke: { function: 'hello', args: ['"ab"'] } });
    const place = (at: number) => ({ name: `two-components.wasm!0x${at.toString(16)}` });
    const { breakpoints } = await c.request('setFunctionBreakpoints', {
      breakpoints: [place(offset), place(3)],
    });
    assert.deepEqual(
      breakpoints.map(({ verified }: { verified: boolean }) => verified),
      [true, false],
    );
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    assert.equal(frames[0].name, 'shout');
    // The address is one of the module; where that begins is told with it.
    const { modules } = await c.request('modules', {});
    const { startInFile } = modules[Number(frames[0].moduleId)] as { startInFile?: number };
    assert.equal(startInFile, start);
    assert.equal(Number.parseInt(frames[0].instructionPointerReference!.slice(-8), 16) + start, offset);
  }));

test('breakpoints in lines outside of core modules: where an instance is made, and a function is lifted', () =>
  converse(async (c) => {
    const program = c.file('two-components.wat', TWO);
    await c.initialize();
    await c.request('launch', { program, invoke: { function: 'hello("ab")' } });
    const lines = [
      lineOf(TWO, '(core instance $libc'),
      lineOf(TWO, '(func (export "shout") (param "text"'),
      lineOf(TWO, '(instance $app'),
    ];
    const { breakpoints } = await c.request('setBreakpoints', {
      source: { path: program },
      breakpoints: lines.map((line) => ({ line })),
    });
    assert.deepEqual(
      breakpoints.map(
        ({ verified, message, line }: { verified: boolean; message?: string; line?: number }) => [
          verified,
          message ?? line,
        ],
      ),
      [
        [true, 'stops when $libc is instantiated'],
        [true, lineOf(TWO, '(block $done')],
        [true, 'stops when $app is instantiated'],
      ],
    );
    assert.deepEqual([breakpoints[0].line, breakpoints[2].line], [lines[0], lines[2]]);
    await c.request('configurationDone');
    for (const name of ['$app', '$libc']) {
      assert.match((await c.stopped()).stack[0], new RegExp(`^instantiate \\${name} `));
      await c.request('continue', { threadId: 1 });
    }
    assert.equal((await c.stopped()).frames[0].name, 'shout');
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

/** A function that gives a string beyond its memory, called by another component. */
const BEYOND = `(component
  (component $C
    (core module $M (memory (export "mem") 1) (func (export "f") (result i32)
      (i32.store (i32.const 0) (i32.const 0xfff0)) (i32.store (i32.const 4) (i32.const 40)) (i32.const 0)))
    (core instance $m (instantiate $M))
    (func (export "f") (result string) (canon lift (core func $m "f") (memory (core memory $m "mem")))))
  (component $D
    (import "f" (func $f (result string)))
    (core module $L (memory (export "mem") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
    (core instance $l (instantiate $L))
    (core func $f' (canon lower (func $f) (memory (core memory $l "mem")) (realloc (core func $l "realloc"))))
    (core module $M (import "" "f" (func $f (param i32))) (func (export "g") (call $f (i32.const 8))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "g") (canon lift (core func $m "g"))))
  (instance $c (instantiate $C))
  (instance $d (instantiate $D (with "f" (func $c "f"))))
  (export "g" (func $d "g")))`;

test('a trap in lifting says what was wrong with the value', () =>
  converse(async (c) => {
    const program = c.file('beyond.wat', BEYOND);
    await c.launch({ program, invoke: { function: 'g' } });
    const { reason, body, frames } = await c.stopped();
    assert.equal(reason, 'exception');
    assert.equal(
      body.text,
      'string content out-of-bounds: string at 0xfff0+40 reaches past memory of 0x10000',
    );
    assert.deepEqual(
      frames.map(({ name }) => name),
      ['lowered f', 'g', 'g'],
    );
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
  }));

test('a script with components: its assertions, and a trap in one of its functions', () =>
  converse(async (c) => {
    const script = `(component
      (core module $M (func (export "f") (param i32) (result i32)
        (i32.div_u (i32.const 10) (local.get 0))))
      (core instance $m (instantiate $M))
      (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f"))))
    (assert_return (invoke "f" (u32.const 5)) (u32.const 2))
    (assert_return (invoke "f" (u32.const 5)) (u32.const 3))
    (assert_return (invoke "f" (u32.const 0)) (u32.const 1))
    (assert_trap (invoke "f" (u32.const 0)) "cannot enter component instance")`;
    const program = c.file('components.wast', script);
    await c.launch({ program });
    const { reason, stack, frames } = await c.stopped();
    assert.deepEqual([reason, stack[0]], ['exception', 'f 3:10']);
    assert.deepEqual((await c.variables(frames[0].id)).Locals, ['local[0] = 0 (0x0) : i32']);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
    assert.match(c.printed('stderr'), /expected 3, got 2\n.*integer divide by zero/s);
    assert.equal(c.printed('console'), '2 assertions passed, 2 failed\n');
  }));

test('a component that asks for what nobody has is refused, with everything that is missing', () =>
  converse(async (c) => {
    const program = c.file(
      'asks.wat',
      '(component (import "a:b/c@1.0.0" (instance (export "f" (func (param "x" string))))))',
    );
    await assert.rejects(
      c.launch({ program, invoke: { function: 'f' } }),
      /unknown import a:b\/c@1\.0\.0: f: func\(x: string\)/,
    );
  }));

/** Traps in a core module that is the second one of its component. */
const DIVIDES = `(component
  (core module $Zero (global (export "zero") i32 (i32.const 0)))
  (core module $M
    (import "z" "zero" (global $zero i32))
    (memory (export "mem") 1)
    (func $divide (param $x i32) (result i32)
      (i32.div_u (local.get $x) (global.get $zero)))
    (func (export "f") (param i32) (result i32)
      (i32.store (i32.const 8) (local.get 0))
      (call $divide (local.get 0))))
  (core instance $z (instantiate $Zero))
  (core instance $m (instantiate $M (with "z" (instance $z))))
  (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f"))))
`;

test('a core dump of a component that has trapped leads back into its modules', () =>
  converse(async (first) => {
    const program = first.file('divides.wat', DIVIDES);
    await first.launch({
      program,
      invoke: { function: 'f(7)' },
      coreDump: 'divides.coredump',
      noDebug: true,
    });
    assert.equal(await first.exited(), 1);
    assert.match(first.printed('console'), /^Core dump written: .*divides\.coredump\n$/);
    await converse(async (c) => {
      await c.launch({ program: path.join(first.dir, 'divides.coredump') });
      const { reason, stack, frames, body } = await c.stopped();
      assert.deepEqual([reason, body.text], ['exception', 'integer divide by zero: i32.div_u of 7 and 0']);
      assert.deepEqual(stack, ['$divide 7:8', 'f 10:8']);
      assert.deepEqual((await c.variables(frames[0].id)).Locals, ['$x = 7 (0x7) : i32']);
      assert.equal(c.printed('stderr'), '');
    });
    // Another build of it is told apart.
    first.file('divides.wat', DIVIDES.replace('i32.const 8', 'i32.const 16'));
    await converse(async (c) => {
      await c.launch({ program: path.join(first.dir, 'divides.coredump') });
      await c.stopped();
      assert.match(c.printed('stderr'), /the component is not the build that the core dump is of/);
    });
  }));

test('the command line writes core dumps of components, too', () =>
  converse(async (c) => {
    const program = c.file('divides.wat', DIVIDES);
    const dump = path.join(c.dir, 'cli.coredump');
    const { status, stderr } = spawnSync(
      process.execPath,
      [CLI, 'run', '-D', `coredump=${dump}`, '--invoke', 'f(7)', program],
      { encoding: 'utf8' },
    );
    assert.equal(status, 1);
    assert.match(stderr, /integer divide by zero[\s\S]*core dump written to .*cli\.coredump\n$/);
    await c.launch({ program: dump });
    assert.deepEqual((await c.stopped()).stack, ['$divide 7:8', 'f 10:8']);
  }));
