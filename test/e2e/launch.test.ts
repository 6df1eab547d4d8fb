/** A launch.json with every attribute, tasks before it, files without a folder; bad input. */
import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { inWindow, type Window } from './window.ts';

const FOLDER = '$' + '{workspaceFolder}';
const launch = (name: string, more: object) => ({ type: 'wasmscope', request: 'launch', name, ...more });

const CONFIGURATIONS = [
  launch('imports', {
    program: `${FOLDER}/imports.wat`,
    imports: './host.mjs',
    invoke: { function: 'main' },
  }),
  launch('entry', { program: 'fib.wasm', invoke: { function: 'fib', args: [5] }, stopOnEntry: true }),
  launch('build', { program: `${FOLDER}/built.wat`, preLaunchTask: 'make' }),
  launch('lines', { program: `${FOLDER}/loop.wat`, invoke: { function: 'gcd', args: ['1071', '462'] } }),
  launch('no such file', { program: `${FOLDER}/missing.wat` }),
  launch('no such export', { program: `${FOLDER}/fib.wat`, invoke: { function: 'fob' } }),
  launch('wrong argument', { program: `${FOLDER}/fib.wat`, invoke: { function: 'fib', args: ['ten'] } }),
  launch('no import', { program: `${FOLDER}/imports.wat`, invoke: { function: 'main' } }),
  launch('folder', { program: FOLDER }),
];

const TASKS = {
  version: '2.0.0',
  tasks: [{ label: 'make', type: 'shell', command: 'cp sources.txt built.wat', problemMatcher: [] }],
};

inWindow(
  'launch',
  {
    workspace: 'examples',
    settings: { 'wasmscope.debug.stepBy': 'line' },
    files: {
      '.vscode/launch.json': JSON.stringify({ version: '0.2.0', configurations: CONFIGURATIONS }, null, 2),
      '.vscode/tasks.json': JSON.stringify(TASKS),
      'sources.txt': '(module (func (export "main") (result i32) (i32.const 77)))\n',
      'empty.wat': '',
      'truncated.wasm': Buffer.from('0061736d01000000010601', 'hex'),
      'text.wasm': '(module (func (export "main")))\n',
      'syntax.wat': '(module\n  (func (export "main")\n    (i32.frobnicate)))\n',
    },
  },
  (test) => {
    test('imports from JavaScript, sync and async', async (window) => {
      const { debug } = window.workbench;
      await select(window, 'imports');
      await debug.waitForConsole(/^hello from wasm/);
      await debug.waitForConsole(/^main\(\) = 402 : i32/);
    });

    test('stopOnEntry in a binary shows its disassembly', async (window) => {
      const { debug, editor } = window.workbench;
      await select(window, 'entry');
      const top = await debug.stopped();
      assert.deepEqual([top.name, top.file], ['fib', 'fib (fib.wasm)']);
      await until(
        'the text',
        () => editor.lines(),
        (lines) => [...lines.values()].join().includes('i32.le_u'),
      );
      assert.equal(await editor.setBreakpoint(await lineOf(window.workbench, 'i32.add')), 16);
      await debug.press('Continue');
      await debug.stoppedAt('16:');
      await debug.press('Step Over');
      await debug.stoppedAt('17:');
    });

    test('preLaunchTask builds first, and the question comes after it', async (window) => {
      const { debug } = window.workbench;
      await select(window, 'build');
      await debug.waitForConsole(/^main\(\) = 77 : i32/);
    });

    test('F10 goes by line where the setting says so', async (window) => {
      const { debug, editor } = window.workbench;
      await window.workbench.openFile('loop.wat');
      await window.workbench.waitForLanguage('WebAssembly');
      await editor.setBreakpoint(16);
      await select(window, 'lines');
      for (const line of [16, 17, 21, 22, 23, 25, 26]) {
        await debug.stoppedAt(`${line}:`);
        await debug.press('Step Over');
      }
    });

    test('a selected configuration wins over F5 in the module editor', async (window) => {
      const { workbench, page } = window;
      await select(window, 'lines');
      await workbench.debug.waitForConsole(/^gcd\(1071, 462\) = 21 : i32/);
      await workbench.debug.ended();
      await workbench.debug.clearConsole();
      await workbench.openFile('fib.wasm');
      await workbench.webview().locator('h1').click();
      await page.keyboard.press('F5');
      await workbench.debug.waitForConsole(/^gcd\(1071, 462\) = 21 : i32/);
    });

    for (const [name, message] of [
      ['no such file', /missing\.wat: no such file/],
      ['no such export', /unknown export "fob".*fib\(i32\)/],
      ['wrong argument', /\$n.*expected i32.*"ten"/],
      ['no import', /unknown import/],
      ['folder', /directory/],
    ] as const) {
      test(`refuses: ${name}`, async (window) => {
        await select(window, name);
        await window.workbench.waitForMessage(message);
        await window.workbench.screenshot(`launch - refuses ${name}`);
        await window.workbench.pressButton('Cancel');
        await window.workbench.debug.ended();
      });
    }

    for (const [file, message] of [
      ['empty.wat', /empty.wat is empty/],
      ['truncated.wasm', /truncated\.wasm!0x9: length out of bounds/],
      ['text.wasm', /this is text/],
      ['syntax.wat', /unknown operator/],
    ] as const) {
      test(`refuses the file ${file}`, async ({ workbench }) => {
        const row = await workbench.revealInExplorer(file);
        await workbench.chooseFromContextMenu(row, 'Debug WebAssembly File');
        await workbench.waitForMessage(message);
        await workbench.screenshot(`launch - refuses ${file}`);
        await workbench.pressButton('Cancel');
        await workbench.debug.ended();
      });
    }

    test('an untitled file, first with a folder open, then without', async ({ workbench, vscode, page }) => {
      const { debug, editor } = workbench;
      const untitled = async () => {
        await workbench.run('File: New Untitled Text File');
        await editor.insertText('(module\n  (func (export "main") (result i32)\n    (i32.const 41)))\n');
        await workbench.run('Change Language Mode');
        await workbench.choose('WebAssembly Text Format');
        await workbench.waitForLanguage('WebAssembly');
        await editor.setBreakpoint(3);
        await workbench.run('Wasmscope: Debug WebAssembly File');
        assert.equal((await debug.stopped()).place, '3:6');
        await debug.press('Continue');
        await debug.waitForConsole(/^main\(\) = 41 : i32/);
      };
      await untitled();
      await page.goto(vscode.url({ folder: '', ew: 'true' }));
      await workbench.ready(false);
      await untitled();
      await debug.ended();
      await editor.focus();
      await debug.start();
      await debug.stopped();
    });
  },
);

/** Chooses a configuration and starts it, in one go as "Debug: Select and Start Debugging" has it. */
async function select({ workbench }: Window, name: string): Promise<void> {
  await workbench.run('Debug: Select and Start Debugging');
  await workbench.choose(name);
}

async function lineOf({ editor }: Workbench, text: string): Promise<number> {
  for (const [line, shown] of await editor.lines()) if (shown.includes(text)) return line;
  throw new Error(`no line shows ${text}`);
}
