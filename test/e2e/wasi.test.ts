/** Programs of WASI in a real VS Code: typing into one, its exit code, and a program of two modules. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { until } from './harness/until.ts';
import { inWindow, type Window } from './window.ts';

const FOLDER = '$' + '{workspaceFolder}';
const launch = (name: string, more: object) => ({ type: 'wasmscope', request: 'launch', name, ...more });

const CONFIGURATIONS = [
  launch('typed', { program: `${FOLDER}/c-hello/hello.wasm`, console: 'integratedTerminal' }),
  launch('nobody', { program: `${FOLDER}/c-hello/hello.wasm`, env: { GREETING: 'Hi' } }),
  launch('rust', { program: `${FOLDER}/rust-words/words.wasm`, stdin: { text: 'to be or not to be' } }),
  launch('linked', {
    program: `${FOLDER}/reactor/main.wasm`,
    preload: { counter: `${FOLDER}/reactor/counter.wasm` },
  }),
  { type: 'wasmscope', request: 'attach', name: 'attached', connect: { port: await freePort() } },
];

const SPIN = `(module
  (func $spin (export "spin")
    (loop $again
      (br $again))))
`;

inWindow(
  'wasi',
  {
    workspace: 'examples',
    // The terminal's text is in the page then, and not in a picture.
    settings: { 'terminal.integrated.gpuAcceleration': 'off' },
    files: {
      'spin.wat': SPIN,
      '.vscode/launch.json': JSON.stringify({ version: '0.2.0', configurations: CONFIGURATIONS }, null, 2),
    },
  },
  (test) => {
    test('typing into the standard input of a C program', async (window) => {
      await select(window, 'typed');
      const { page } = window;
      const rows = page.locator('.terminal-wrapper.active .xterm-rows');
      const shows = (text: string) =>
        until(
          `the terminal shows ${text}`,
          async () => (await rows.innerText()).replace(/\u00a0/g, ' '),
          (shown) => shown.includes(text),
        );
      // VS Code arranges its views when the session begins; only then the terminal keeps the keyboard.
      await window.workbench.debug.toolbar.waitFor();
      await page.locator('.terminal-wrapper.active .xterm').click();
      await page.locator('.terminal-wrapper.active .xterm.focus').waitFor();
      await page.keyboard.type('Adam');
      await shows('Adam');
      await page.keyboard.press('Backspace');
      await page.keyboard.press('Enter');
      await shows('Hello, Ada!');
      await page.keyboard.press('Control+D');
      await shows('exited with code 0');
      await window.workbench.debug.ended();
      // Any key closes it.
      await page.keyboard.press('Enter');
      await rows.waitFor({ state: 'detached' });
    });

    test('the Debug Console has what a program says on its standard error', async (window) => {
      await select(window, 'nobody');
      await window.workbench.debug.waitForConsole(/^nobody to greet/);
      await window.workbench.debug.ended();
    });

    test('a Rust program stops in a function by its demangled name, and goes on to its end', async (window) => {
      const { debug } = window.workbench;
      await debug.addFunctionBreakpoint('/^words::Counts::most/');
      await select(window, 'rust');
      const top = await debug.stopped();
      assert.equal(top.name, 'words::Counts::most');
      assert.match(top.file, /words\.wasm/);
      await debug.press('Continue');
      await debug.waitForConsole(/^ *2 be/);
      await debug.ended();
    });

    test('attaching to a program that the command line runs, and leaving it again', async (window) => {
      const { debug } = window.workbench;
      const attach = CONFIGURATIONS.at(-1) as { connect: { port: number } };
      const cli = path.resolve('dist/wasmscope.mjs');
      const args = [cli, 'run', '--dap', String(attach.connect.port), 'spin.wat'];
      const program = spawn(process.execPath, args, {
        cwd: window.vscode.workspace,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      try {
        const [line] = await once(program.stderr, 'data');
        assert.match(String(line), /^wasmscope: DAP on/);
        await select(window, 'attached');
        const top = await debug.pause();
        assert.deepEqual([top.name, top.file], ['$spin', 'spin.wat']);
        await debug.press('Disconnect');
        await debug.ended();
        assert.equal(program.exitCode, null);
      } finally {
        program.kill();
      }
    });

    test('a breakpoint in _initialize of a reactor; two modules in the call stack', async (window) => {
      const { debug } = window.workbench;
      await debug.addFunctionBreakpoint('counter.wasm!_initialize');
      await debug.addFunctionBreakpoint('counter.wasm!next');
      await select(window, 'linked');
      const top = await debug.stopped();
      assert.equal(top.name, '$_initialize');
      assert.match(top.file, /counter\.wasm/);
      await debug.press('Continue');
      const moduleOf = ({ file }: { file: string }) => /\((.*)\)/.exec(file)?.[1];
      // The view is drawn frame by frame: for a moment it has the new top above the old bottom.
      const stack = await until(
        'a stop in next, called by the main module',
        () => debug.callStack(),
        ([top, ...callers]) =>
          top?.name === '$next' && callers.some((caller) => moduleOf(caller) === 'main.wasm'),
      );
      assert.equal(moduleOf(stack[0]!), 'counter.wasm');
      assert.match(await window.page.locator('.debug-call-stack').innerText(), /main\._start/);
      await debug.press('Stop');
      await debug.ended();
    });
  },
);

/** A port that nobody listens at just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Chooses a configuration and starts it, in one go as "Debug: Select and Start Debugging" has it. */
async function select({ workbench }: Window, name: string): Promise<void> {
  await workbench.run('Debug: Select and Start Debugging');
  await workbench.choose(name);
}
