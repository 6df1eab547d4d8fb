/** Putting a stopped program somewhere else: set next statement, restart frame, step in targets, forced returns, ignored traps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valuesIn } from '../../debug-adapter/console-commands.ts';
import { type Conversation, converse } from './harness.ts';
import { FIB, LOOPS } from './programs.ts';

const CALLS = `(module
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $sum (param $a i32) (param $b i32) (result i32)
    (local.set $a (i32.add (local.get $a) (local.get $b)))
    (local.get $a))
  (func (export "main") (result i32)
    (call $sum (call $one) (call $two)))
  (func $twice (param $n i32) (result i32)
    (local $r i32)
    (local.set $r (i32.mul (local.get $n) (i32.const 2)))
    (local.set $n (i32.const 0))
    (local.get $r))
  (func (export "again") (param $k i32) (result i32)
    (call $twice (i32.add (local.get $k) (i32.const 1)))))
`;

const TRAPS = `(module
  (memory 1)
  (func $divide (param $a i32) (param $b i32) (result i32)
    (i32.div_s (local.get $a) (local.get $b)))
  (func (export "main") (result i32)
    (i32.add (call $divide (i32.const 7) (i32.const 0)) (i32.const 100)))
  (func (export "load") (result i32)
    (i32.load (i32.const 70000)))
  (func (export "store")
    (i32.store (i32.const 70000) (i32.const 1)))
  (func (export "stuck") (result i32)
    unreachable))
`;

async function at(
  c: Conversation,
  name: string,
  text: string,
  invoke: object,
  lines: (number | [number, number])[],
) {
  const program = c.file(name, text);
  await c.launch({ program, invoke }, [{ path: program, lines }]);
  return { program, stop: await c.stopped() };
}

async function targetsIn(c: Conversation, program: string, line: number) {
  const { targets } = await c.request('gotoTargets', { source: { path: program }, line });
  return targets as { id: number; label: string; line: number; column: number }[];
}

test('goes on at another instruction, and says why not elsewhere', () =>
  converse(async (c) => {
    const { program, stop } = await at(c, 'fib.wat', FIB, { function: 'fib', args: [5] }, [4]);
    assert.deepEqual(stop.stack, ['$fib 4:33']);
    // Into the branch that is not taken: the stack is as empty there.
    const [target, ...others] = await targetsIn(c, program, 5);
    assert.deepEqual([target.label, target.line, target.column, others.length], ['i32.const 1', 5, 14, 0]);
    await c.request('goto', { threadId: 1, targetId: target.id });
    const there = await c.stopped();
    assert.deepEqual([there.reason, there.stack[0]], ['goto', '$fib 5:14']);
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [] });
    await c.request('continue', { threadId: 1 });
    assert.equal((await c.event('output')).output, 'fib(5) = 1 : i32\n');
    await c.exited();
  }));

test('refuses a place where the value stack is another one', () =>
  converse(async (c) => {
    const { program } = await at(c, 'fib.wat', FIB, { function: 'fib', args: [5] }, [[4, 48]]);
    const [target] = await targetsIn(c, program, 5);
    assert.equal(
      await c.refusal('goto', { threadId: 1, targetId: target.id }),
      'cannot go on there: the value stack is [i32] now, and has to be [] there',
    );
    const [elsewhere] = await targetsIn(c, program, 1).catch(() => []);
    assert.equal(elsewhere, undefined);
    assert.match(await c.refusal('goto', { threadId: 1, targetId: 999 }), /gone/);
    assert.match(await c.refusal('gotoTargets', { source: { path: '/none.wat' }, line: 1 }), /not a part/);
  }));

test('goes back in a loop, and not into another function', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', 'export default { env: { log() {} } };');
    await c.launch({ program, imports: './host.mjs', invoke: { function: 'sum', args: [2] } }, [
      { path: program, lines: [22] },
    ]);
    assert.deepEqual((await c.stopped()).stack, ['$sum 22:10']);
    const [head] = await targetsIn(c, program, 18);
    await c.request('goto', { threadId: 1, targetId: head.id });
    const there = await c.stopped();
    assert.equal(there.stack[0].startsWith('$sum 18:'), true);
    const [other] = await targetsIn(c, program, 12);
    assert.match(await c.refusal('goto', { threadId: 1, targetId: other.id }), /it is not in \$sum/);
    // The stop is still there, and the loop ends by itself.
    assert.equal((await c.step('continue')).stack[0], '$sum 22:10');
    await c.request('continue', { threadId: 1 });
    await c.exited();
  }));

test('begins a frame again: with what the caller computed where a parameter was overwritten', () =>
  converse(async (c) => {
    const { stop } = await at(c, 'calls.wat', CALLS, { function: 'again', args: [4] }, [13]);
    assert.deepEqual(stop.stack, ['$twice 13:6', 'again 15:6']);
    assert.deepEqual((await c.variables(stop.frames[0].id)).Locals, [
      '$n = 0 (0x0) : i32',
      '$r = 10 (0xa) : i32',
    ]);
    await c.request('restartFrame', { frameId: stop.frames[0].id });
    const there = await c.stopped();
    assert.deepEqual([there.reason, there.stack.length], ['restart', 2]);
    assert.deepEqual((await c.variables(there.frames[0].id)).Locals, [
      '$n = 5 (0x5) : i32',
      '$r = 0 (0x0) : i32',
    ]);
    assert.match(c.printed('console'), /^\$twice\(5\) begins again\. What it has done to memory/);
    // An outer frame: the inner one is gone.
    assert.equal((await c.step('continue')).stack[0], '$twice 13:6');
    const { frames } = await c.step('next');
    await c.request('restartFrame', { frameId: frames[1].id });
    const outer = await c.stopped();
    assert.deepEqual(outer.stack, ['again 15:28']);
    assert.equal((await c.step('continue')).stack[0], '$twice 13:6');
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.match(c.printed('console'), /again\(4\) = 10 : i32/);
    c.golden('restart-frame');
  }));

test('does not begin a frame again whose arguments are lost', () =>
  converse(async (c) => {
    const { stop } = await at(c, 'calls.wat', CALLS, { function: 'main', args: [] }, [6]);
    assert.equal(
      await c.refusal('restartFrame', { frameId: stop.frames[0].id }),
      'parameter $a was overwritten, and what it was at first is not known',
    );
  }));

test('steps into one of several calls in a line', () =>
  converse(async (c) => {
    const { stop } = await at(c, 'calls.wat', CALLS, { function: 'main', args: [] }, [8]);
    const frameId = stop.frames[0].id;
    const { targets } = await c.request('stepInTargets', { frameId });
    assert.deepEqual(
      targets.map(({ label, column }: { label: string; column: number }) => [label, column]),
      [
        ['$one', 17],
        ['$two', 29],
        ['$sum', 6],
      ],
    );
    const into = await c.step('stepIn', { targetId: targets[1].id });
    assert.deepEqual(into.stack, ['$two 3:28', 'main 8:29']);
    const { frames } = await c.step('stepOut');
    const later = await c.request('stepInTargets', { frameId: frames[0].id });
    assert.deepEqual(
      later.targets.map(({ label }: { label: string }) => label),
      ['$sum'],
    );
  }));

test('forces a function to return', () =>
  converse(async (c) => {
    const { stop } = await at(c, 'calls.wat', CALLS, { function: 'main', args: [] }, [6]);
    const [inner] = stop.frames;
    assert.deepEqual(await c.request('wasmscope/forcedTypes', { frameId: inner.id }), { types: ['i32'] });
    assert.equal(
      await c.refusal('wasmscope/forceReturn', { frameId: inner.id }),
      '$sum returns [i32]: 1 value expected, found 0',
    );
    assert.match(
      await c.refusal('wasmscope/forceReturn', { frameId: inner.id, values: ['x'] }),
      /expected i32/,
    );
    await c.request('wasmscope/forceReturn', { frameId: inner.id, values: ['$b'] });
    const there = await c.stopped();
    assert.deepEqual([there.reason, ...there.stack], ['goto', 'main 8:40']);
    assert.deepEqual((await c.variables(there.frames[0].id))['Value stack'][0].slice(0, 12), 'stack[0] = 2');
    await c.request('wasmscope/forceReturn', { frameId: there.frames[0].id, values: ['41'] });
    assert.equal(await c.exited(), 0);
    assert.match(c.printed('console'), /\$sum was made to return i32\.const 2|\$sum was made to return 2/);
    assert.match(c.printed('console'), /main\(\) = 41 : i32/);
  }));

test('ignores a trap by supplying its result; nothing else goes on from one', () =>
  converse(async (c) => {
    const { stop, program } = await at(c, 'traps.wat', TRAPS, { function: 'main', args: [] }, []);
    assert.deepEqual([stop.reason, stop.stack[0]], ['exception', '$divide 4:6']);
    const frameId = stop.frames[0].id;
    const [target] = await targetsIn(c, program, 4);
    assert.match(await c.refusal('goto', { threadId: 1, targetId: target.id }), /has trapped/);
    assert.match(await c.refusal('restartFrame', { frameId }), /has trapped/);
    assert.deepEqual(await c.request('wasmscope/forcedTypes', { frameId, of: 'instruction' }), {
      types: ['i32'],
    });
    await c.request('wasmscope/ignoreTrap', { values: ['-1'] });
    const there = await c.stopped();
    assert.deepEqual([there.reason, there.stack[0]], ['goto', '$divide 4:46']);
    assert.match(await c.refusal('wasmscope/ignoreTrap', { values: ['1'] }), /nothing to ignore/);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.match(c.printed('console'), /main\(\) = 99 : i32/);
  }));

for (const [name, values, result] of [
  ['load', ['7'], 'load() = 7 : i32'],
  ['store', [], 'store()'],
] as const) {
  test(`ignores a trap in ${name}`, () =>
    converse(async (c) => {
      await at(c, 'traps.wat', TRAPS, { function: name, args: [] }, []);
      await c.request('wasmscope/ignoreTrap', { values });
      await c.stopped();
      await c.request('continue', { threadId: 1 });
      assert.equal(await c.exited(), 0);
      assert.ok(c.printed('console').includes(result), c.printed('console'));
    }));
}

test('behind unreachable comes nothing, but its function can be made to return', () =>
  converse(async (c) => {
    const { stop } = await at(c, 'traps.wat', TRAPS, { function: 'stuck', args: [] }, []);
    assert.match(await c.refusal('wasmscope/ignoreTrap', { values: ['1'] }), /nothing comes behind/);
    await c.request('wasmscope/forceReturn', { frameId: stop.frames[0].id, values: ['5'] });
    assert.equal(await c.exited(), 0);
    assert.match(c.printed('console'), /stuck\(\) = 5 : i32/);
  }));

test('commands of the Debug Console: return, ignore a trap, write a core dump', () =>
  converse(async (c) => {
    const { stop } = await at(c, 'traps.wat', TRAPS, { function: 'main', args: [] }, []);
    const frameId = stop.frames[0].id;
    const say = (expression: string, frame = frameId) =>
      c.request('evaluate', { expression, frameId: frame, context: 'repl' });
    const refused = (expression: string) => c.refusal('evaluate', { expression, frameId, context: 'repl' });
    assert.equal(
      await refused(':nonsense'),
      'unknown command :nonsense. There are :return, :ignore-trap and :core-dump',
    );
    assert.match(await refused(':return'), /^\$divide returns \[i32\]: 1 value expected, found 0$/);
    assert.match(await refused(':core-dump'), /needs the path/);
    assert.match((await say(':core-dump dumped')).result, /^Core dump written: .*dumped$/);
    assert.match(
      await c.refusal('evaluate', { expression: ':return 1', frameId, context: 'watch' }),
      /expected|unexpected/,
    );
    assert.equal((await say(':ignore-trap 3')).result, '');
    const there = await c.stopped();
    await say(':return i32.add(1, 40)', there.frames[0].id);
    await c.stopped();
    await c.request('continue', { threadId: 1 });
    await c.exited();
    assert.match(c.printed('console'), /main\(\) = 141 : i32/);
  }));

test('values between commas', () => {
  const cases: [string, string[]][] = [
    ['', []],
    ['1', ['1']],
    [' 1 , -2 ', ['1', '-2']],
    ['f(1, 2), mem["a,b"], (i32.add (x) (y))', ['f(1, 2)', 'mem["a,b"]', '(i32.add (x) (y))']],
    ['"a\\",b", 2', ['"a\\",b"', '2']],
    ['1,', ['1', '']],
  ];
  for (const [text, values] of cases) assert.deepEqual(valuesIn(text), values, text);
});

test('puts frames of several instances elsewhere: each goes on with its own memory', () =>
  converse(async (c) => {
    const library = c.file(
      'lib.wat',
      `(module (memory 1) (data (i32.const 0) "\\07")
        (func (export "seven") (param $x i32) (result i32)
          (i32.load8_u (local.get $x))))`,
    );
    const program = c.file(
      'main.wat',
      `(module (import "lib" "seven" (func $seven (param i32) (result i32)))
        (memory 1) (data (i32.const 0) "\\05")
        (func $twice (param $at i32) (result i32)
          (i32.add (call $seven (local.get $at)) (i32.load8_u (local.get $at))))
        (func (export "main") (result i32)
          (i32.mul (call $twice (i32.const 0)) (i32.const 100))))`,
    );
    const run = async (last: (frames: { id: number }[]) => Promise<unknown>) => {
      await c.request('restart', {});
      const { frames } = await c.stopped();
      await last(frames);
      await c.stopped();
      return frames;
    };
    await c.launch({ program, preload: { lib: library } }, [{ path: library, lines: [3] }]);
    const { stack } = await c.stopped();
    assert.deepEqual(
      stack.map((line) => line.split(' ')[0]),
      ['seven', '$twice', 'main', 'main.main'],
    );
    // Out of the library's frame: the main module's memory counts again.
    await run((frames) => c.request('wasmscope/forceReturn', { frameId: frames[0].id, values: ['1'] }));
    await c.request('continue', { threadId: 1 });
    await c.exited();
    assert.match(c.printed('console'), /main\(\) = 600 : i32/);
    // Over both frames.
    await run((frames) => c.request('wasmscope/forceReturn', { frameId: frames[1].id, values: ['3'] }));
    await c.request('continue', { threadId: 1 });
    await c.exited();
    assert.match(c.printed('console'), /main\(\) = 300 : i32/);
    // The caller begins again, and comes here again.
    await run((frames) => c.request('restartFrame', { frameId: frames[1].id }));
    const again = await c.step('continue');
    assert.equal(again.stack[0].split(' ')[0], 'seven');
    await c.request('continue', { threadId: 1 });
    await c.exited();
    assert.match(c.printed('console'), /main\(\) = 1200 : i32/);
  }));

test('inside of a call from JavaScript: not beyond it, and its trap is the host function’s', () =>
  converse(async (c) => {
    const program = c.file(
      'nested.wat',
      `(module (import "env" "call" (func $call (param i32) (result i32)))
        (func $inner (export "inner") (param $x i32) (result i32)
          (i32.div_u (i32.const 100) (local.get $x)))
        (func (export "main") (param $x i32) (result i32)
          (i32.add (call $call (local.get $x)) (i32.const 1))))`,
    );
    c.file(
      'host.mjs',
      `export default ({ instance }) => ({ env: { call(x) { try { return instance.exports.inner(x); } catch { return -1; } } } });`,
    );
    const launch = { program, imports: './host.mjs', invoke: { function: 'main', args: [4] } };
    await c.launch(launch, [{ path: program, lines: [3] }]);
    const { frames } = await c.stopped();
    assert.match(
      await c.refusal('wasmscope/forceReturn', { frameId: frames[2].id, values: ['1'] }),
      /a host function that called in stands above this frame/,
    );
    await c.request('restartFrame', { frameId: frames[0].id });
    const { frames: same } = await c.stopped();
    await c.request('wasmscope/forceReturn', { frameId: same[0].id, values: ['7'] });
    // It goes on in the host function, and stops behind its call.
    const behind = await c.stopped();
    assert.equal(behind.stack[0], 'main 5:49');
    await c.request('continue', { threadId: 1 });
    await c.exited();
    assert.match(c.printed('console'), /main\(4\) = 8 : i32/);
    await c.request('restart', { arguments: { ...launch, invoke: { function: 'main', args: [0] } } });
    await c.stopped();
    const trapped = await c.step('continue');
    assert.equal(trapped.body.reason, 'exception');
    assert.match(
      await c.refusal('wasmscope/ignoreTrap', { values: ['1'] }),
      /in a call that a host function makes/,
    );
    await c.request('continue', { threadId: 1 });
    await c.exited();
    assert.match(c.printed('console'), /main\(0\) = 0 : i32/);
  }));

test('a trap of a script’s assertion can be ignored: the assertion counts what came', () =>
  converse(async (c) => {
    const program = c.file(
      'script.wast',
      `(module (func (export "f") (result i32) (i32.div_s (i32.const 1) (i32.const 0))))
(assert_return (invoke "f") (i32.const 5))
(assert_return (invoke "f") (i32.const 6))`,
    );
    await c.launch({ program });
    await c.stopped();
    await c.request('wasmscope/ignoreTrap', { values: ['5'] });
    await c.stopped();
    const second = await c.step('continue');
    assert.equal(second.body.reason, 'exception');
    await c.request('wasmscope/ignoreTrap', { values: ['5'] });
    await c.stopped();
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
    assert.match(c.printed('stderr'), /expected i32:6, got i32:5/);
    assert.match(c.printed('console'), /1 assertion passed, 1 failed/);
  }));

test('references and vectors as results; locals that need a value are not jumped over', () =>
  converse(async (c) => {
    const program = c.file(
      'refs.wat',
      `(module (type $p (struct (field $x i32))) (func $f)
        (func $make (result (ref null $p) v128) (unreachable))
        (func (export "main") (result i32) (local $q (ref $p)) (local $v v128)
          (call $make)
          (local.set $v)
          (ref.as_non_null)
          (local.set $q)
          (nop)
          (struct.get $p $x (local.get $q))))`,
    );
    await c.launch({ program }, [{ path: program, lines: [4] }]);
    const { frames } = await c.stopped();
    const [target] = await targetsIn(c, program, 8);
    assert.match(await c.refusal('goto', { threadId: 1, targetId: target.id }), /local 0 has no value yet/);
    assert.match(
      await c.refusal('wasmscope/forceReturn', { frameId: frames[0].id, values: ['null'] }),
      /expected i32/,
    );
    const trapped = await c.step('continue');
    const frameId = trapped.frames[0].id;
    assert.deepEqual((await c.request('wasmscope/forcedTypes', { frameId })).types, [
      '(ref null $p)',
      'v128',
    ]);
    assert.match(
      await c.refusal('wasmscope/forceReturn', { frameId, values: ['$f', 'i32x4 1 2 3 4'] }),
      /type mismatch|expected/,
    );
    await c.request('wasmscope/forceReturn', { frameId, values: ['null', 'i32x4 1 2 3 4'] });
    const back = await c.stopped();
    const values = await c.variables(back.frames[0].id);
    assert.match(values['Value stack'].join('\n'), /stack\[0\] = i32x4 1 2 3 4[\s\S]*stack\[1\] = null/);
    // The null traps one instruction later; that is a trap of its own.
    const nulled = await c.step('continue');
    assert.match(nulled.body.text!, /null reference/);
  }));

test('an exit is no trap: nothing goes on from it', () =>
  converse(async (c) => {
    const program = c.file(
      'exits.wat',
      `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_start") (call $exit (i32.const 3))))`,
    );
    await c.initialize();
    await c.request('launch', { program });
    await c.request('setExceptionBreakpoints', { filters: ['exits'] });
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    const frame = frames.find(({ name }) => name === '_start')!;
    for (const command of ['restartFrame', 'wasmscope/forceReturn']) {
      assert.match(await c.refusal(command, { frameId: frame.id }), /has exited/);
    }
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 3);
  }));

test('a trap in code that ran compiled: what comes behind it happens for real', () =>
  converse(async (c) => {
    const program = c.file(
      'hot.wat',
      `(module (import "env" "log" (func $log (param i32)))
        (memory 1)
        (func $sum (param $n i32) (result i32) (local $s i32)
          (loop $again
            (local.set $s (i32.add (local.get $s) (i32.load (i32.and (local.get $n) (i32.const 0xfc)))))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $again (local.get $n)))
          (i32.add (i32.load (i32.const 70000)) (local.get $s)))
        (func (export "main") (result i32) (local $r i32)
          (call $log (i32.const 1))
          (local.set $r (call $sum (i32.const 5000000)))
          (call $log (local.get $r))
          (local.set $r (i32.add (local.get $r) (call $sum (i32.const 3000000))))
          (local.get $r)))`,
    );
    c.file('host.mjs', 'export default { env: { log(x) { console.log("log", x); } } };');
    await c.launch({ program, imports: './host.mjs' });
    for (const value of ['41', '1']) {
      const stop = await c.stopped();
      assert.match(stop.body.text!, /out of bounds memory access/);
      assert.equal(stop.stack[0].split(' ')[0], '$sum');
      await c.request('wasmscope/ignoreTrap', { values: [value] });
      await c.stopped();
      await c.request('continue', { threadId: 1 });
    }
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'log 1\nlog 41\n');
    assert.match(c.printed('console'), /main\(\) = 42 : i32/);
  }));
