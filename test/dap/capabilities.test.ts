/** The capabilities that are declared, and what is behind those that have no test file of their own. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { converse } from './harness.ts';
import { FIB, LOOPS } from './programs.ts';
import { capabilityNames } from './schema.ts';

const TABLE = /^\| `(\w+)` \| (yes|no)\b/gm;

test('docs/protocol.md says of every capability of the protocol whether it is there, and it is', () =>
  converse(async (c) => {
    const text = readFileSync('docs/protocol.md', 'utf8');
    const told = new Map([...text.matchAll(TABLE)].map(([, name, is]) => [name, is === 'yes']));
    assert.deepEqual([...told.keys()].sort(), capabilityNames().sort());
    assert.equal(told.size, 42);
    const declared = Object.keys(await c.initialize());
    const wanted = [...told].filter(([, is]) => is).map(([name]) => name);
    assert.deepEqual(declared.sort(), wanted.sort());
  }));

test('restarts with breakpoints and filters as they are, and with what the file is now', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    const args = { program, invoke: { function: 'fib', args: [3] } };
    await c.launch(args, [{ path: program, lines: [4] }]);
    const first = await c.stopped();
    await c.request('setExceptionBreakpoints', { filters: ['traps'] });
    c.file('fib.wat', `;; one line more\n${FIB}`);
    await c.request('restart', { arguments: { ...args, invoke: { function: 'fib', args: [2] } } });
    const { breakpoint } = await c.event('breakpoint');
    const [id] = first.body.hitBreakpointIds!;
    assert.deepEqual([breakpoint.id, breakpoint.verified, breakpoint.line], [id, true, 5]);
    const again = await c.stopped();
    assert.deepEqual(again.stack, ['$fib 5:33']);
    assert.match(await c.refusal('scopes', { frameId: first.frames[0].id }), /gone/);
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [] });
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.match(c.printed('console'), /^fib\(2\) = 2 : i32\n$/m);
    // Also when it has ended; and when it cannot be loaded any more, that is the end.
    await c.request('restart', {});
    assert.equal((await c.event('output')).output, 'fib(2) = 2 : i32\n');
    c.file('fib.wat', '(module (func');
    assert.match(await c.refusal('restart', {}), /unclosed/);
    await c.event('terminated');
  }));

test('cannot restart what was not launched', () =>
  converse(async (c) => {
    await c.initialize();
    assert.match(await c.refusal('restart', {}), /nothing was launched/);
  }));

const MANY = `(module
  (memory 1)
  (func $deep (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (call $deep (i32.sub (local.get $n) (i32.const 1))))
      (else (i32.const 1))))
  (func (export "main") (param i32) (result i32) (call $deep (local.get 0))))
`;

test('gives a deep stack in parts, and its frames as the client wants them', () =>
  converse(async (c) => {
    const program = c.file('many.wat', MANY);
    await c.launch({ program, invoke: { function: 'main', args: [15000] } }, [{ path: program, lines: [6] }]);
    await c.stopped(1);
    const ask = (startFrame: number, levels: number, format?: object) =>
      c.request('stackTrace', { threadId: 1, startFrame, levels, format });
    const last = await ask(15000, 20);
    assert.equal(last.totalFrames, 15002);
    assert.deepEqual(
      last.stackFrames.map(({ name }: { name: string }) => name),
      ['$deep', 'main'],
    );
    assert.deepEqual((await ask(15002, 20)).stackFrames, []);
    const named = async (format: object) => (await ask(14999, 1, format)).stackFrames[0].name;
    assert.equal(await named({ parameters: true }), '$deep($n)');
    assert.equal(
      await named({ parameterNames: true, parameterTypes: true, parameterValues: true, hex: true }),
      '$deep($n i32 = 0x00003a97 (14999))',
    );
    assert.equal(await named({ module: true, line: true }), 'many.wat!$deep line 5');
  }));

test('lists modules and sources, and tells of new ones', () =>
  converse(async (c) => {
    const library = c.file('library.wat', '(module $lib (func (export "one") (result i32) (i32.const 1)))');
    const program = c.file(
      'main.wat',
      '(module (import "lib" "one" (func $one (result i32))) (func (export "main") (result i32) (call $one)))',
    );
    await c.initialize();
    await c.request('launch', { program, preload: { lib: library }, stopOnEntry: true });
    assert.equal((await c.event('module')).reason, 'new');
    assert.equal((await c.event('module')).module.name, 'lib (library.wat)');
    await c.request('configurationDone');
    await c.stopped();
    const { modules, totalModules } = await c.request('modules', { startModule: 1, moduleCount: 1 });
    assert.equal(totalModules, 2);
    assert.deepEqual(
      modules.map(({ id, symbolStatus }: { id: number; symbolStatus: string }) => [id, symbolStatus]),
      [[1, 'written as text']],
    );
    const { sources } = await c.request('loadedSources', {});
    assert.deepEqual(
      sources.map(({ name }: { name: string }) => name),
      ['main.wat', 'library.wat'],
    );
  }));

test('tells of a disassembled function when it is first shown', () =>
  converse(async (c) => {
    const program = c.file(
      'loops.wasm',
      Buffer.from('0061736d01000000010401600000030201000708010466756e6300000a05010300010b', 'hex'),
    );
    await c.launch({ program, stopOnEntry: true });
    await c.stopped();
    const { source } = await c.event('loadedSource');
    assert.equal(source.name, 'func (loops.wasm)');
    const { sources } = await c.request('loadedSources', {});
    assert.equal(sources.length, 1);
  }));

test('cancels what is being answered; what is over already is no fault', () =>
  converse(async (c) => {
    const program = c.file('many.wat', MANY);
    await c.launch({ program, stopOnEntry: true, invoke: { function: 'main', args: [1] } });
    const { frames } = await c.stopped();
    // The two go out together, so the first is still being answered.
    const seq = c.nextSeq;
    const answers = await Promise.allSettled([
      c.request('evaluate', { expression: '1 + 1', frameId: frames[0].id }),
      c.request('cancel', { requestId: seq }),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['rejected', 'fulfilled'],
    );
    assert.equal((answers[0] as PromiseRejectedResult).reason.message, 'cancelled');
    await c.request('cancel', { requestId: 12345, progressId: 'none' });
    const { result } = await c.request('evaluate', { expression: '1 + 1', frameId: frames[0].id });
    assert.equal(result, '2 (0x2)');
  }));

test('copies a value with all that is in it', () =>
  converse(async (c) => {
    const program = c.file(
      'gc.wat',
      `(module (type $p (struct (field $x i32) (field $y i32)))
        (func (export "main") (local $a (ref null $p))
          (local.set $a (struct.new $p (i32.const 3) (i32.const 4)))
          (nop)))`,
    );
    await c.launch({ program }, [{ path: program, lines: [4] }]);
    const { frames } = await c.stopped();
    const copied = await c.request('evaluate', {
      expression: '$a',
      frameId: frames[0].id,
      context: 'clipboard',
    });
    assert.match(
      copied.result,
      /\n {2}x = 3 \(0x3\)\n {2}y = 4 \(0x4\)$|\n {2}\$x = 3 \(0x3\)\n {2}\$y = 4 \(0x4\)$/,
    );
    const plain = await c.request('evaluate', {
      expression: '1',
      frameId: frames[0].id,
      context: 'clipboard',
    });
    assert.equal(plain.result, '1 (0x1)');
  }));

test('ends threads; the main one is the program', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', 'export default { env: { log() {} } };');
    await c.launch({ program, imports: './host.mjs', invoke: { function: 'spin', args: [] } });
    assert.match(await c.refusal('terminateThreads', { threadIds: [7] }), /there is no thread 7/);
    await c.request('terminateThreads', { threadIds: [1] });
    assert.equal(await c.exited(), 1);
  }));

for (const [supportsANSIStyling, shown] of [
  [true, '\u001b[31mred\u001b[0m plain\n'],
  [false, 'red plain\n'],
] as const) {
  test(`prints escape sequences ${supportsANSIStyling ? 'as they are' : 'not at all'}`, () =>
    converse(async (c) => {
      // Four pieces, cut inside of the sequences.
      const program = c.file(
        'ansi.wat',
        `(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 64) "\\1b[31mred\\1b[0m plain\\n")
          (func $put (param $at i32) (param $n i32)
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (local.get $n))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
          (func (export "_start")
            (call $put (i32.const 64) (i32.const 3))
            (call $put (i32.const 67) (i32.const 6))
            (call $put (i32.const 73) (i32.const 10))))`,
      );
      await c.initialize({ supportsANSIStyling });
      await c.request('launch', { program });
      await c.request('configurationDone');
      await c.exited();
      assert.equal(c.printed('stdout'), shown);
    }));
}

test('numbers and how many variables, where the client does not say', () =>
  converse(async (c) => {
    const program = c.file('loops.wat', LOOPS);
    c.file('host.mjs', 'export default { env: { log() {} } };');
    const args = {
      program,
      imports: './host.mjs',
      invoke: { function: 'sum', args: [3] },
      stopOnEntry: true,
    };
    await c.initialize();
    assert.match(await c.refusal('launch', { ...args, numbers: 'octal' }), /"numbers" must be/);
    assert.match(
      await c.refusal('launch', { ...args, maxVariables: 0 }),
      /"maxVariables" must be a whole number/,
    );
    await c.request('launch', { ...args, numbers: 'hexadecimal', maxVariables: 2 });
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    const { Locals } = await c.variables(frames[0].id);
    assert.deepEqual(Locals, ['$to = 0x00000003 (3) : i32', '$i = 0x00000000 (0) : i32', '… = 1 more']);
    const frameId = frames[0].id;
    const evaluated = async (format?: object) =>
      (await c.request('evaluate', { expression: '$to', frameId, format })).result;
    assert.deepEqual([await evaluated(), await evaluated({ hex: false })], ['0x00000003 (3)', '3 (0x3)']);
  }));

test('shows progress of what takes long, and cancels it', () =>
  converse(async (c) => {
    const program = c.file(
      'spin.wat',
      '(module (func $spin (result i32) (loop $l (br $l)) (unreachable)) (func (export "main")))',
    );
    await c.initialize({ supportsProgressReporting: true });
    await c.request('launch', { program, stopOnEntry: true });
    await c.request('configurationDone');
    const { frames } = await c.stopped();
    const asked = { expression: '!$spin()', frameId: frames[0].id, context: 'repl' };
    const refused = c.refusal('evaluate', asked);
    const { progressId, title, cancellable } = await c.event('progressStart');
    assert.deepEqual([title, cancellable], ['Evaluating !$spin()', true]);
    await c.request('cancel', { progressId });
    assert.match(await refused, /cancel/);
    assert.equal((await c.event('progressEnd')).progressId, progressId);
    // By the request's number it is answered at once.
    const seq = c.nextSeq;
    const again = c.refusal('evaluate', asked);
    await c.request('cancel', { requestId: seq });
    assert.equal(await again, 'cancelled');
    const { result } = await c.request('evaluate', { ...asked, expression: '1 + 1' });
    assert.equal(result, '2 (0x2)');
  }));

test('a breakpoint for once stops the first time only', () =>
  converse(async (c) => {
    const program = c.file('fib.wat', FIB);
    await c.initialize();
    await c.request('launch', { program, invoke: { function: 'fib', args: [4] } });
    const set = (lines: object[]) =>
      c.request('setBreakpoints', { source: { path: program }, breakpoints: lines });
    await set([
      { line: 4, mode: 'once' },
      { line: 5, mode: 'once', condition: '$n == 0' },
    ]);
    await c.request('configurationDone');
    assert.equal((await c.stopped()).stack[0], '$fib 4:33');
    // Sent again as clients do, it is still over.
    await set([
      { line: 4, mode: 'once' },
      { line: 5, mode: 'once', condition: '$n == 0' },
    ]);
    assert.equal((await c.step('continue')).stack[0], '$fib 5:14');
    await set([{ line: 5, mode: 'always' }]);
    assert.equal((await c.step('continue')).stack[0], '$fib 5:14');
    await set([]);
    await c.request('continue', { threadId: 1 });
    await c.exited();
  }));
