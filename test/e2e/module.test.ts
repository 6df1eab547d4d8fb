/** A `.wasm` in its editor, Debug and Open as WAT, F5 there and from the Explorer; neighbours. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { inWindow } from './window.ts';

const SUMMARY = `Holds
types: 1, functions: 1
Debug information
none
Copy as Markdown
Sections 4
Section Items Offset Size Share
type 1 0x8 8 bytes
13.1 %
function 1 0x10 4 bytes
6.6 %
export 1 0x14 9 bytes
14.8 %
code 1 0x1d 32 bytes
52.5 %
Exports 1
Name Type
fib func (i32) → (i32)
Imports 0
Functions 1
fib
Index Name Type Offset Size Of the code
0 fib (i32) → (i32) 0x20 29 bytes 100.0 %
Features 0`;

const answer = async (workbench: Workbench, args: string) => {
  await until(
    'the arguments',
    () => workbench.inputBox(),
    (box) => box.title === 'fib(i32) → i32',
  );
  await workbench.type(args);
  await workbench.questionGone();
};

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const MAIN = bytes('0061736d 01000000 01050160 00017f 03020100 07080104 6d61696e 0000 0a060104 0041 2a0b');
const DAMAGED = bytes('0061736d 01000000 01060160 017f017f 03020100 0a');

inWindow(
  'module',
  {
    workspace: 'examples',
    isFresh: true,
    // The Explorer's selection is one of the things that say what F5 means.
    settings: { 'explorer.autoReveal': false },
    files: { 'main.wasm': MAIN, 'damaged.wasm': DAMAGED, 'empty.wasm': '' },
  },
  (test) => {
    test('the summary of a binary', async ({ workbench }) => {
      // A window that has just opened knows no editors of extensions yet.
      await workbench.openFile('fib.wat');
      await workbench.waitForLanguage('WebAssembly');
      await workbench.openFile('fib.wasm');
      const view = workbench.webview();
      assert.equal(await view.locator('h1').innerText(), 'fib.wasm');
      assert.deepEqual(
        await view.locator('.facts').first().innerText(),
        'a module · 61 bytes · 4 sections · 1 function',
      );
      await view.getByRole('tab', { name: 'Summary' }).click();
      const page = view.getByRole('tabpanel', { name: 'Summary' });
      const text = (await page.innerText()).replace(/\s*\n\s*/g, '\n').replace(/[\t ]+/g, ' ');
      assert.equal(text.trim(), SUMMARY);
      const actions = await workbench.editorTitleActions();
      assert.ok(actions.includes('Open as WAT'), actions.join());
    });

    test('Debug, then F5 again in the editor', async ({ workbench, page }) => {
      const { debug } = workbench;
      await workbench.openFile('fib.wasm');
      await workbench.webview().getByRole('button', { name: 'Debug' }).click();
      await answer(workbench, '10');
      await debug.waitForConsole(/^fib\(10\) = 89 : i32/);
      await debug.ended();
      await debug.clearConsole();
      await workbench.webview().locator('h1').click();
      await page.keyboard.press('F5');
      await debug.waitForConsole(/^fib\(10\) = 89 : i32/);
      await debug.ended();
      await debug.clearConsole();
      await workbench.webview().locator('h1').click();
      await page.keyboard.press('Control+F5');
      await debug.waitForConsole(/^fib\(10\) = 89 : i32/);
    });

    test('Open as WAT shows the whole module, coloured and without problems', async ({ workbench }) => {
      const { editor } = workbench;
      await workbench.openFile('fib.wasm');
      await workbench.webview().getByRole('button', { name: 'Open as WAT' }).click();
      await workbench.waitForTab('module.wat');
      const lines = await until(
        'the text',
        () => editor.lines(),
        (found) => found.size > 10,
      );
      assert.match([...lines.values()].join('\n'), /^\(module[\s\S]*i32\.add[\s\S]*\(export "fib"/);
      assert.deepEqual(await editor.squiggles(), []);
    });

    test('F5 on the file selected in the Explorer', async ({ workbench, page }) => {
      const { debug } = workbench;
      // By the keyboard, so that nothing but the selection says which file is meant.
      await workbench.openFile('fib.wat');
      const row = await workbench.revealInExplorer('imports.wat');
      await row.click();
      // An editor that opens late would take the keyboard away from the Explorer.
      await workbench.waitForTab('imports.wat');
      for (let turn = 0; turn < 2; turn++) await page.keyboard.press('ArrowDown');
      assert.match(
        (await page.locator('.explorer-folders-view .monaco-list-row.focused').getAttribute('aria-label')) ??
          '',
        /^main\.wasm/,
      );
      await page.keyboard.press('F5');
      await debug.waitForConsole(/^main\(\) = 42 : i32/);
      await debug.ended();
    });

    test('Run in the context menu and in the title of the editor', async ({ workbench, page }) => {
      const { debug } = workbench;
      const row = await workbench.revealInExplorer('main.wasm');
      await workbench.chooseFromContextMenu(row, 'Run WebAssembly File');
      await debug.waitForConsole(/^main\(\) = 42 : i32/);
      await debug.ended();
      await debug.clearConsole();
      await workbench.openFile('main.wasm');
      await page
        .locator('.editor-actions .action-label[aria-label^="Debug WebAssembly File"]')
        .first()
        .click();
      await debug.waitForConsole(/^main\(\) = 42 : i32/);
    });

    for (const [file, message] of [
      ['damaged.wasm', /unexpected end.*\(at 0x[\da-f]+\)/],
      ['empty.wasm', /unexpected end/],
    ] as const) {
      test(`${file} says what is wrong with it`, async ({ workbench }) => {
        await workbench.openFile(file);
        const problem = workbench.webview().getByRole('alert');
        await problem.waitFor();
        assert.match(await problem.innerText(), message);
      });
    }
  },
);

/** Another extension for the same files: language id `wat`, and a default editor for `*.wasm`. */
function neighbour(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wasmscope-neighbour-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const manifest = {
    name: 'neighbour',
    publisher: 'test',
    version: '1.0.0',
    engines: { vscode: '^1.100.0' },
    main: './main.js',
    activationEvents: ['onLanguage:wat'],
    contributes: {
      languages: [{ id: 'wat', extensions: ['.wat', '.wasm'], aliases: ['Neighbour WAT'] }],
      breakpoints: [{ language: 'wat' }],
      customEditors: [
        {
          viewType: 'neighbour.wasm',
          displayName: 'Neighbour',
          selector: [{ filenamePattern: '*.wasm' }],
          priority: 'default',
        },
      ],
    },
  };
  const main = `const vscode = require('vscode');
exports.activate = (context) => {
  const provider = {
    openCustomDocument: (uri) => ({ uri, dispose() {} }),
    resolveCustomEditor: (_, panel) => { panel.webview.html = '<h1>neighbour</h1>'; },
  };
  context.subscriptions.push(vscode.window.registerCustomEditorProvider('neighbour.wasm', provider));
};`;
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, 'main.js'), main);
  writeFileSync(path.join(folder, 'README.md'), 'A neighbour.\n');
  return folder;
}

const BESIDE = { workspace: 'examples', files: { 'typed.wat': '(module)\n' }, vsix: [neighbour()] };

inWindow('beside a second extension', BESIDE, (test) => {
  test('ours offers to be silent, once, and is', async ({ workbench }) => {
    const { editor } = workbench;
    await workbench.openFile('typed.wat');
    await workbench.waitForLanguage(/WebAssembly|Neighbour/);
    await editor.insertText('(bad) ');
    const marks = async () => (await editor.squiggles()).length;
    await until('squiggles', marks, (count) => count > 0);
    await workbench.waitForMessage(/also active for WebAssembly text/);
    await workbench.screenshot('beside a second extension - the question');
    await workbench.pressButton('Turn Off Ours');
    await until('no squiggles', marks, (count) => count === 0);
  });

  test('both editors can be chosen, and debugging works', async ({ workbench, page }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('fib.wat');
    await workbench.waitForLanguage(/WebAssembly|Neighbour/);
    await editor.setBreakpoint(12);
    await debug.start();
    await workbench.type('3');
    await debug.stoppedAt('12:5');
    await debug.stop();
    const row = await workbench.revealInExplorer('fib.wasm');
    await workbench.chooseFromContextMenu(row, 'Open With...');
    const items = await workbench.quickPickItems();
    const labels = items.map(({ label }) => label);
    assert.ok(labels.includes('WebAssembly Module') && labels.includes('Neighbour'), labels.join());
    await workbench.choose('WebAssembly Module');
    await workbench.webview().getByRole('button', { name: 'Debug' }).waitFor();
    await workbench.webview().locator('h1').click();
    await page.keyboard.press('F5');
    await answer(workbench, '3');
    await debug.waitForConsole(/^fib\(3\) = 3 : i32/);
  });
});
