/**
 * Programs that the command line has started (`run --dap`): clients come and go, the program, its streams and its exit code
 * are its own.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { endsHere, PATIENCE_MS, START_PATIENCE_MS, within } from '../bounded.ts';
import { CLI, Conversation } from './harness.ts';

const HELLO = path.resolve('examples/c-hello/hello.wasm');
const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope attach #'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const at = path.join(folder, name);
  writeFileSync(at, content);
  return at;
}

/** Runs until $go is set to 0, then gives 42. */
const LOOP = `(module
  (global $go (mut i32) (i32.const 1))
  (func $tick (param $i i32) (result i32)
    (i32.add (local.get $i) (i32.const 1)))
  (func $main (export "main") (result i32)
    (local $i i32)
    (loop $again
      (local.set $i (call $tick (local.get $i)))
      (br_if $again (global.get $go)))
    (i32.const 42)))
`;
const loop = file('loop.wat', LOOP);

/** A process of the command line. */
class Started {
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #isOver = false;
  stdout = '';
  stderr = '';
  #wake = (): void => undefined;

  constructor(args: readonly string[]) {
    this.#process = endsHere(spawn(process.execPath, [CLI, 'run', ...args], { cwd: folder, stdio: 'pipe' }));
    for (const name of ['stdout', 'stderr'] as const) {
      this.#process[name]!.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text;
        this.#wake();
      });
    }
    this.#ended = new Promise((resolve) => {
      this.#process.on('close', (code) => {
        this.#isOver = true;
        resolve(code);
        this.#wake();
      });
    });
  }

  /** Its exit code, when it has ended and everything that it has said has come. */
  get exited(): Promise<number | null> {
    return within(this.#ended, 'the program to end', () => this.#soFar());
  }

  #soFar(): string {
    return `; so far it has said ${JSON.stringify({ stdout: this.stdout, stderr: this.stderr })}`;
  }

  type(text?: string): void {
    if (text === undefined) this.#process.stdin!.end();
    else this.#process.stdin!.write(text);
  }

  /** Waits until a stream has said this. */
  async said(
    name: 'stdout' | 'stderr',
    what: RegExp,
    patience: number = PATIENCE_MS,
  ): Promise<RegExpExecArray> {
    const found = async (): Promise<RegExpExecArray> => {
      for (;;) {
        const match = what.exec(this[name]);
        if (match) return match;
        assert.ok(!this.#isOver, `the program ended without ${what}${this.#soFar()}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    return within(found(), `${what} on ${name}`, () => this.#soFar(), patience);
  }

  async port(): Promise<number> {
    const listening = /^wasmscope: DAP on 127\.0\.0\.1:(\d+)\n/;
    return Number((await this.said('stderr', listening, START_PATIENCE_MS))[1]);
  }

  async connected(): Promise<Socket> {
    return connect(await this.port(), '127.0.0.1').setNoDelay(true);
  }

  /** A client that is attached, with its breakpoints set. */
  async attached(args: object = {}, lines: readonly number[] = []): Promise<Conversation> {
    const c = new Conversation(await this.connected());
    await c.initialize();
    await c.request('attach', args);
    await c.event('initialized');
    if (lines.length > 0) {
      const breakpoints = lines.map((line) => ({ line }));
      await c.request('setBreakpoints', { source: { path: loop }, breakpoints });
    }
    await c.request('configurationDone');
    return c;
  }

  kill(): void {
    this.#process.kill();
  }
}

async function started(args: readonly string[], talk: (program: Started) => Promise<void>): Promise<void> {
  const program = new Started(args);
  try {
    await talk(program);
  } finally {
    program.kill();
  }
}

test('a running loop: pause, look, breakpoint, detach, attach again, let it end', () =>
  started(['--dap', '0', loop], async (program) => {
    const first = await program.attached();
    assert.equal((await first.request('threads')).threads.length, 1);
    await first.request('pause', { threadId: 1 });
    const paused = await first.stopped();
    assert.equal(paused.reason, 'pause');
    assert.match(paused.stack.at(-1)!, /^\$main /);
    assert.deepEqual((await first.variables(paused.frames[0].id)).Globals, ['$go = 1 (0x1) : (mut i32)']);
    const source = { path: loop };
    await first.request('setBreakpoints', { source, breakpoints: [{ line: 4 }] });
    assert.match((await first.step('continue')).stack[0], /^\$tick 4:/);
    await first.close(false);

    const second = await program.attached({}, [9]);
    const stop = await second.stopped();
    assert.deepEqual([stop.reason, stop.stack], ['breakpoint', ['$main 9:22']]);
    await second.request('evaluate', { expression: '$go = 0', frameId: stop.frames[0].id, context: 'repl' });
    await second.request('continue', { threadId: 1 });
    assert.equal(await second.exited(), 0);
    await second.close(false);
    assert.equal(await program.exited, 0);
    assert.equal(program.stdout, '42\n');
  }));

test('a breakpoint before the first instruction', () =>
  started(['--dap', '0', '--dap-wait', loop], async (program) => {
    const c = await program.attached({}, [8]);
    const stop = await c.stopped();
    assert.equal(stop.stack[0], '$main 8:34');
    assert.match((await c.variables(stop.frames[0].id)).Locals[0], /^\$i = 0/);
    await c.close(false);
  }));

test('a program that waits stops on entry; one that runs stops where it is', () =>
  started(['--dap', '0', '--dap-wait', loop], async (program) => {
    const c = await program.attached({ stopOnEntry: true });
    const stop = await c.stopped();
    assert.deepEqual([stop.reason, stop.stack[0]], ['entry', '$main 7:6']);
    await c.close(false);
    const next = await program.attached({ stopOnEntry: true });
    assert.equal((await next.stopped()).reason, 'pause');
    await next.close(false);
  }));

test('a client leaves the program standing still, for the next one', () =>
  started(['--dap', '0', loop], async (program) => {
    const first = await program.attached({}, [4]);
    const stop = await first.stopped();
    await first.request('disconnect', { suspendDebuggee: true });
    await first.close(false);
    const second = await program.attached();
    const same = await second.stopped();
    assert.deepEqual([same.reason, same.stack], [stop.reason, stop.stack]);
    assert.equal(same.body.hitBreakpointIds, undefined);
    // Also one that runs; breakpoints are gone with their client.
    await second.request('continue', { threadId: 1 });
    await second.request('disconnect', { suspendDebuggee: true });
    await second.close(false);
    const third = await program.attached();
    assert.equal((await third.stopped()).reason, 'pause');
    await third.close(true);
    assert.equal(await program.exited, 1);
  }));

test('a stop that comes before the client is configured is told when it is', () =>
  started(['--dap', '0', loop], async (program) => {
    const c = new Conversation(await program.connected());
    await c.initialize();
    await c.request('attach', {});
    await c.request('setBreakpoints', { source: { path: loop }, breakpoints: [{ line: 4 }] });
    // Only a program that stands still says where.
    const stands = (): Promise<boolean> =>
      c.request('stackTrace', { threadId: 1 }).then(
        () => true,
        () => false,
      );
    for (const end = Date.now() + PATIENCE_MS; !(await stands()); )
      assert.ok(Date.now() < end, 'the breakpoint is not reached');
    assert.deepEqual(
      c.transcript.filter((line) => line.startsWith('<- event stopped')),
      [],
    );
    await c.request('configurationDone');
    const stop = await c.stopped();
    assert.deepEqual([stop.reason, stop.stack[0]], ['breakpoint', '$tick 4:15']);
    assert.equal((await c.step('stepIn')).reason, 'step');
    await c.close(true);
  }));

test('a client ends the program by disconnecting, or by terminating it', async () => {
  await started(['--dap', '0', loop], async (program) => {
    const c = await program.attached();
    await c.close(true);
    assert.equal(await program.exited, 1);
    assert.match(program.stderr, /\nwasmscope: ended by the debugger\n$/);
  });
  await started(['--dap', '0', loop], async (program) => {
    const c = await program.attached();
    await c.request('terminate');
    await c.event('terminated');
    await c.close(false);
    assert.equal(await program.exited, 1);
  });
});

test('one client at a time; one that just goes away lets the program run', () =>
  started(['--dap', '0', loop], async (program) => {
    const socket = await program.connected();
    const first = new Conversation(socket);
    await first.initialize();
    await first.request('attach');
    await first.request('configurationDone');
    await first.request('pause', { threadId: 1 });
    await first.stopped();

    const second = new Conversation(await program.connected());
    await second.initialize();
    assert.match(await second.refusal('attach'), /another client is attached/);
    assert.match(await second.refusal('launch', { program: loop }), /the program runs already/);
    await second.close(true);

    socket.destroy();
    // Until its end is noticed the first is still there.
    const attached = async (): Promise<Conversation | undefined> => {
      const c = new Conversation(await program.connected());
      await c.initialize();
      try {
        await c.request('attach', {});
        return c;
      } catch {
        await c.close(false);
        return undefined;
      }
    };
    let third = await attached();
    for (const end = Date.now() + PATIENCE_MS; !third; third = await attached())
      assert.ok(Date.now() < end, 'the first client is still there');
    await third.request('setBreakpoints', { source: { path: loop }, breakpoints: [{ line: 9 }] });
    await third.request('configurationDone');
    assert.equal((await third.stopped()).reason, 'breakpoint');
    await third.close(false);
  }));

test('streams and the exit code are the process’s own; the client sees output too', async () => {
  await started(['--dap', '0', '--dap-wait', HELLO], async (program) => {
    const c = await program.attached();
    program.type('Ada\n');
    await program.said('stdout', /Hello, Ada!\n/);
    assert.equal((await c.event('output')).output, 'Hello, Ada!\n');
    program.type('Bob\n');
    program.type();
    assert.equal(await c.exited(), 0);
    await c.close(false);
    assert.equal(await program.exited, 0);
    assert.equal(program.stdout, 'Hello, Ada!\nHello, Bob!\n');
    assert.equal(c.printed('stdout'), program.stdout);
  });
  await started(['--dap', '0', HELLO], async (program) => {
    program.type();
    assert.equal(await program.exited, 3);
    assert.match(program.stderr, /nobody to greet\n$/);
  });
});

const FLOOD = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $i i32)
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 1000))
    (memory.fill (i32.const 16) (i32.const 0x61) (i32.const 1000))
    (loop $again
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5000))))))`;

test('a flood of output comes whole, also when the client goes in the middle of it', () =>
  started(['--dap', '0', '--dap-wait', file('flood.wat', FLOOD)], async (program) => {
    const c = await program.attached();
    await c.event('output');
    await c.close(false);
    assert.equal(await program.exited, 0);
    assert.equal(program.stdout.length, 5_000_000);
  }));

test('a trap ends the program where nobody looks, and stops it where somebody does', async () => {
  const trap = file('trap.wat', '(module\n  (func $f (export "f")\n    (unreachable)))');
  await started(['--dap', '0', trap], async (program) => {
    assert.equal(await program.exited, 1);
    assert.match(program.stderr, /^f\(\): unreachable.* \(.*trap\.wat:3:6\)$/m);
    assert.match(program.stderr, /^ {4}at \$f \(.*trap\.wat:3:6\)$/m);
  });
  await started(['--dap', '0', '--dap-wait', trap], async (program) => {
    const c = await program.attached();
    const stop = await c.stopped();
    assert.deepEqual([stop.reason, stop.stack], ['exception', ['$f 3:6']]);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
    await c.close(false);
    assert.equal(await program.exited, 1);
  });
});

test('what a client can look at: disassembled functions as the client wants them', () =>
  started(['--dap', '0', '--dap-wait', HELLO], async (program) => {
    const c = await program.attached({ stopOnEntry: true, disassembly: { offsets: true } });
    const [frame] = (await c.stopped()).frames;
    const { content } = await c.request('source', {
      source: frame.source,
      sourceReference: frame.source!.sourceReference,
    });
    assert.match(content, /\(;0x[0-9a-f]+;\)/);
    await c.close(true);
  }));

test('what is wrong is said, with an exit code', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  await started(['--dap', String(port), loop], async (program) => {
    assert.equal(await program.exited, 2);
    assert.equal(program.stderr, `wasmscope: cannot listen on port ${port}: the port is in use\n`);
  });
  server.close();
  for (const [args, why] of [
    [['--dap', '70000', loop], /^wasmscope: --dap: '70000' is no port\n/],
    [['--dap-wait', loop], /^wasmscope: --dap-wait needs --dap PORT\n/],
    [['--dap-wait=1', '--dap', '0', loop], /^wasmscope: --dap-wait takes no value\n/],
    [['--dap', '0', file('bad.wat', '(module (func (drop)))')], /bad\.wat:1:16: type mismatch/],
    [['--dap', '0', '--invoke', 'nothing', loop], /nothing/],
    [['--dap', '0', '--dir', 'nowhere', HELLO], /there is no directory nowhere/],
  ] as const) {
    await started([...args], async (program) => {
      assert.equal(await program.exited, 2, program.stderr);
      assert.match(program.stderr, why);
    });
  }
});

test('an adapter without a program refuses to attach; a page of a browser cannot speak to a port', async () => {
  const alone = new Conversation();
  await alone.initialize();
  assert.match(await alone.refusal('attach'), /no program runs here/);
  await alone.close();
  await started(['--dap', '0', loop], async (program) => {
    const socket = await program.connected();
    const body = JSON.stringify({ seq: 1, type: 'request', command: 'initialize', arguments: {} });
    let answer = '';
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => undefined);
    socket.write(`POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await within(once(socket, 'close'), 'the connection to be refused');
    assert.equal(answer, '');
    await (await program.attached()).close(true);
  });
});

test('a component: a breakpoint in its start function, its result on standard output', () => {
  const program = file(
    'component.wat',
    `(component
  (core module $M
    (global $g (mut i32) (i32.const 40))
    (func $start (global.set $g (i32.const 41)))
    (func (export "f") (result i32) (i32.add (global.get $g) (i32.const 1)))
    (start $start))
  (core instance $m (instantiate $M))
  (func (export "f") (result u32) (canon lift (core func $m "f"))))
`,
  );
  return started(['--dap', '0', '--dap-wait', '--invoke', 'f()', program], async (run) => {
    const c = new Conversation(await run.connected());
    await c.initialize();
    await c.request('attach', {});
    await c.event('initialized');
    await c.request('setBreakpoints', { source: { path: program }, breakpoints: [{ line: 4 }] });
    await c.request('configurationDone');
    assert.deepEqual((await c.stopped()).stack, [
      '$start 4:34',
      'instantiate $m 7:3',
      'instantiate component 1:1',
    ]);
    await c.request('continue', { threadId: 1 });
    assert.equal(await run.exited, 0);
    assert.equal(run.stdout, '42\n');
    await c.close();
  });
});
