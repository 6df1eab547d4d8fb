/** What F5 does on a program, with and without a launch.json. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { until } from './harness/until.ts';
import { inWindow } from './window.ts';

const BUILT = `(module (func (export "main") (result i32) (i32.const 77)))\n`;

inWindow(
  'start',
  {
    workspace: 'examples',
    isFresh: true,
    files: {
      'start.wat': '(module (func (export "_start") nop) (func (export "other") (param i32)))\n',
      'build/source.wat': BUILT,
      'sub/launch/one.wat': '(module)\n',
    },
  },
  (test) => {
    test('F5 asks for the arguments once; Debug with Arguments changes them', async ({ workbench }) => {
      const { debug, editor } = workbench;
      await workbench.openFile('fib.wat');
      await workbench.waitForLanguage('WebAssembly');
      await editor.setBreakpoint(12);
      await debug.start();
      assert.equal((await workbench.inputBox()).title, 'fib(n: i32) → i32');
      for (const [typed, complaint] of [
        ['x', 'n: i32 expected, found x'],
        ['4294967296', 'n: i32 expected, found 4294967296'],
        ['1 2', 'expected 1 argument, found 2'],
      ]) {
        await workbench.type(typed, false);
        const shown = await until(
          complaint,
          () => workbench.inputBox(),
          (box) => box.message === complaint,
        );
        assert.equal(shown.isError, true);
      }
      await workbench.type('6');
      assert.deepEqual(await debug.stopped(), { name: '$fib', file: 'fib.wat', place: '12:5' });
      assert.equal((await debug.waitForVariable('Locals', '$n', /^(i32 )?6 \(0x6\)$/)) !== '', true);
      await debug.stop();

      await debug.start();
      await debug.waitForVariable('Locals', '$n', /\b6 \(0x6\)$/);
      await debug.stop();

      await workbench.run('Wasmscope: Debug with Arguments…');
      await until(
        'the question',
        () => workbench.inputBox(),
        (box) => box.value === '6',
      );
      await workbench.type('0x3');
      await debug.stopped();
      await debug.waitForVariable('Locals', '$n', /\b3 \(0x3\)$/);
    });

    test('Ctrl+F5 runs without stopping', async ({ workbench, page }) => {
      const { debug, editor } = workbench;
      await workbench.openFile('fib.wat');
      await editor.setBreakpoint(12);
      await page.keyboard.press('Control+F5');
      await debug.waitForConsole(/^fib\(3\) = 3 : i32\s*$/);
      await debug.ended();
    });

    test('a quick pick where several functions are exported', async ({ workbench }) => {
      const { debug } = workbench;
      await workbench.openFile('loop.wat');
      await workbench.waitForLanguage('WebAssembly');
      await workbench.editor.focus();
      await debug.start();
      const items = await workbench.quickPickItems();
      assert.deepEqual(
        items.map(({ label, description }) => `${label} ${description}`),
        ['gcd (a: i32, b: i32) → i32', 'lcm (a: i32, b: i32) → i64'],
      );
      await workbench.choose('lcm');
      await until(
        'the arguments',
        () => workbench.inputBox(),
        (box) => box.title.startsWith('lcm'),
      );
      await workbench.type('4, 6');
      await debug.waitForConsole(/^lcm\(4, 6\) = 12 : i64\s*$/);
    });

    test('_start runs at once, and a single function without parameters', async ({ workbench, page }) => {
      const { debug } = workbench;
      await workbench.openFile('start.wat');
      await workbench.editor.focus();
      // It may be over before anybody sees the session.
      await page.keyboard.press('F5');
      await debug.waitForConsole(/^_start\(\) returned\s*$/);
      await debug.ended();
      await workbench.openFile('tables.wat');
      await workbench.run('Wasmscope: Debug WebAssembly File');
      await workbench.choose('main');
      await debug.waitForConsole(/^main\(\) = 13 : i32\s*$/);
    });

    test('Add to launch.json keeps the invocation, and F5 uses it', async ({ workbench, vscode }) => {
      const { debug } = workbench;
      await workbench.openFile('fib.wat');
      await workbench.run('Wasmscope: Add to launch.json');
      await workbench.waitForTab('launch.json');
      const file = path.join(vscode.workspace!, '.vscode/launch.json');
      const { configurations } = JSON.parse(readFileSync(file, 'utf8').replace(/^\s*\/\/.*$/gm, ''));
      assert.deepEqual(configurations, [
        {
          type: 'wasmscope',
          request: 'launch',
          name: 'fib.wat: fib 0x3',
          program: '$' + '{workspaceFolder}/fib.wat',
          invoke: { function: 'fib', args: ['0x3'] },
        },
      ]);
      await workbench.openFile('README.md');
      await workbench.editor.focus();
      await workbench.page.keyboard.press('F5');
      await debug.waitForConsole(/^fib\(3\) = 3 : i32\s*$/);
    });
  },
);
