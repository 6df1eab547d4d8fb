/**
 * Programs in a terminal of the client's (`runInTerminal`): the client here runs what it is asked to in a process with pipes,
 * and everything else is a session as any other.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { endsHere, within } from '../bounded.ts';
import { type Conversation, converse } from './harness.ts';

const HELLO = path.resolve('examples/c-hello/hello.wasm');

const PROGRAM = `(module
  (func $f (param $x i32) (result i32)
    (i32.mul (local.get $x) (i32.const 2)))
  (func (export "run") (result i32)
    (call $f (i32.const 21))))`;

interface Asked {
  readonly kind: string;
  readonly title: string;
  readonly cwd: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** A terminal: what was asked for, the process, what it has said, and its end. */
interface Terminal {
  asked: Asked;
  process: ChildProcess;
  shown: { stdout: string; stderr: string };
  ended(): Promise<number | null>;
}

/** Lets the client open a terminal when it is asked to. */
function terminalOf(c: Conversation): Promise<Terminal> {
  return new Promise((resolve) => {
    c.onRequest = ({ command, arguments: args }) => {
      assert.equal(command, 'runInTerminal');
      const asked = args as Asked;
      const [file, ...rest] = asked.args;
      const env = { ...process.env, ...asked.env };
      const child = endsHere(spawn(file, rest, { cwd: asked.cwd, env, stdio: 'pipe' }));
      const shown = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          shown[name] += text;
        });
      }
      const closed = new Promise<number | null>((done) => child.on('close', done));
      const ended = (): Promise<number | null> =>
        within(closed, 'the terminal to end', () => `: ${JSON.stringify(shown)}`);
      resolve({ asked, process: child, shown, ended });
      return { processId: child.pid };
    };
  });
}

const CLIENT = { supportsRunInTerminalRequest: true };

test('a C program in a terminal: typing, output, exit code', async () => {
  let terminal: Terminal | undefined;
  await converse(async (c) => {
    const opened = terminalOf(c);
    await c.initialize(CLIENT);
    await c.request('launch', { program: HELLO, console: 'externalTerminal', env: { GREETING: 'Hi' } });
    terminal = await opened;
    const { asked, process: child } = terminal;
    assert.deepEqual([asked.kind, asked.title], ['external', 'hello.wasm']);
    await c.event('initialized');
    await c.request('configurationDone');
    child.stdin!.end('Ada\nBob\n');
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), '');
  });
  assert.equal(await terminal?.ended(), 0);
  assert.deepEqual(terminal?.shown, { stdout: 'Hi, Ada!\nHi, Bob!\n', stderr: '' });
});

test('breakpoints, steps, values and the end of a program in a terminal', async () => {
  let terminal: Terminal | undefined;
  await converse(async (c) => {
    const opened = terminalOf(c);
    const program = c.file('p.wat', PROGRAM);
    await c.initialize(CLIENT);
    // Some clients do not wait for `initialized`.
    const source = { path: program };
    const early = await c.request('setBreakpoints', { source, breakpoints: [{ line: 3 }] });
    await c.request('launch', { program, console: 'integratedTerminal' });
    await c.event('initialized');
    await c.request('configurationDone');
    const stop = await c.stopped();
    assert.deepEqual(stop.stack, ['$f 3:15', 'run 5:6']);
    assert.deepEqual(stop.body.hitBreakpointIds, [early.breakpoints[0].id]);
    assert.deepEqual((await c.variables(stop.frames[0].id)).Locals, ['$x = 21 (0x15) : i32']);
    assert.deepEqual((await c.step('stepOut')).stack, ['run 5:29']);
    terminal = await opened;
    await c.request('terminate');
    await c.event('terminated');
  });
  assert.equal(await terminal?.ended(), 1);
});

test('what is wrong with a launch is said as ever', () =>
  converse(async (c) => {
    terminalOf(c);
    await c.initialize(CLIENT);
    const launch = { program: 'nowhere.wasm', console: 'integratedTerminal' };
    assert.match(await c.refusal('launch', launch), /nowhere\.wasm: no such file/);
  }));

test('a client that opens no terminal, or cannot', () =>
  converse(async (c) => {
    await c.initialize();
    const launch = { program: HELLO, console: 'externalTerminal' };
    assert.match(await c.refusal('launch', launch), /needs a client that can run a command in a terminal/);
    await c.initialize(CLIENT);
    c.onRequest = () => assert.fail('not today');
    assert.match(await c.refusal('launch', launch), /did not open a terminal: not today/);
  }));

test('a terminal that is closed ends the session', () =>
  converse(async (c) => {
    const opened = terminalOf(c);
    const program = c.file('spin.wat', '(module (func (export "spin") (loop (br 0))))');
    await c.initialize(CLIENT);
    await c.request('launch', { program, console: 'integratedTerminal' });
    await c.event('initialized');
    await c.request('configurationDone');
    (await opened).process.kill();
    await c.event('terminated');
    assert.match(await c.refusal('threads'), /the program has ended/);
  }));

test('a client that shows the terminal itself is not asked for one', () =>
  converse(async (c) => {
    await c.initialize({ ...CLIENT, supportsWasmscopeInput: true });
    await c.request('launch', { program: HELLO, console: 'integratedTerminal' });
    await c.event('initialized');
    await c.request('configurationDone');
    await c.request('wasmscope/input', { text: 'Ada\n', end: true });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('stdout'), 'Hello, Ada!\n');
  }));
