/**
 * A `.wasm` without sources. F5 in its editor, breakpoints in disassembled WAT, the Disassembly view with
 * steps and instruction breakpoints, the memory view, and values that are set.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { assemble } from '../../engine/text/assemble.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { inWindow } from './window.ts';

const FOLDER = '$' + '{workspaceFolder}';
const launch = (name: string, more: object) => ({ type: 'wasmscope', request: 'launch', name, ...more });

const CONFIGURATIONS = [
  launch('entry', {
    program: `${FOLDER}/fib.wasm`,
    invoke: { function: 'fib', args: [5] },
    stopOnEntry: true,
  }),
  launch('folded', {
    program: `${FOLDER}/fib.wasm`,
    invoke: { function: 'fib', args: [5] },
    stopOnEntry: true,
    disassembly: { form: 'folded', offsets: true },
  }),
  launch('calls', { program: `${FOLDER}/calls.wasm`, invoke: { function: 'main', args: [7] } }),
  launch('bytes', { program: `${FOLDER}/bytes.wat`, invoke: { function: 'main' }, stopOnEntry: true }),
];

const BYTES = `(module
  (memory $m 1)
  (data (i32.const 16) "hello")
  (func (export "main") (result i32)
    (i32.store (i32.const 32) (i32.const 0x01020304))
    (i32.store8 (i32.const 16) (i32.const 72))
    (i32.load8_u (i32.const 17))))
`;

/** A binary; `first`: what stands before its functions. */
const calls = (first = '') =>
  assemble(
    parseTree(`(module
      (global $count (mut i32) (i32.const 0))
      ${first}
      (func $helper (param $n i32) (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.mul (local.get $n) (i32.const 3)))
      (func $main (export "main") (param i32) (result i32)
        (call $helper (local.get 0))))`),
  ).bytes;

interface MachineRow {
  address: string;
  instruction: string;
  current: boolean;
  breakpoint: boolean;
}

/** The rows of the Disassembly view that are in sight. */
const machineRows = (page: Page): Promise<MachineRow[]> =>
  page.locator('.disassembly-view .monaco-list-row').evaluateAll((rows) =>
    rows
      .map((row) => {
        const text = (row.textContent ?? '').replace(/\u00a0/g, ' ').trim();
        const [, address = '', rest = ''] = /(0x[\da-f]+)\s*(.*)$/i.exec(text) ?? [];
        return {
          address,
          instruction: rest,
          current: row.querySelector('[class*="debug-stackframe"]') !== null,
          breakpoint: row.querySelector('[class*="debug-breakpoint"]:not([class*="hint"])') !== null,
        };
      })
      .filter(({ address }) => address !== ''),
  );

const current = (page: Page, instruction: RegExp) =>
  until(
    `the Disassembly view stands at ${instruction}`,
    () => machineRows(page),
    (rows) => rows.some((row) => row.current && instruction.test(row.instruction)),
  );

const answer = async (workbench: Workbench, args: string) => {
  await until(
    'the arguments',
    () => workbench.inputBox(),
    (box) => box.title === 'fib(i32) → i32',
  );
  await workbench.type(args);
  await workbench.questionGone();
};

const select = async (workbench: Workbench, name: string) => {
  await workbench.run('Debug: Select and Start Debugging');
  await workbench.choose(name);
};

inWindow(
  'binary',
  {
    workspace: 'examples',
    files: {
      '.vscode/launch.json': JSON.stringify({ version: '0.2.0', configurations: CONFIGURATIONS }, null, 2),
      'bytes.wat': BYTES,
      'calls.wasm': calls(),
    },
  },
  (test) => {
    test('F5 in the module editor stops at a breakpoint in its WAT', async ({ workbench }) => {
      const { debug, editor } = workbench;
      // A window that has just opened knows no editors of extensions yet.
      await workbench.openFile('fib.wat');
      await workbench.waitForLanguage('WebAssembly');
      await workbench.openFile('fib.wasm');
      await workbench.webview().getByRole('button', { name: 'Open as WAT' }).click();
      await workbench.waitForTab('module.wat');
      await workbench.waitForLanguage('WebAssembly');
      const line = await lineOf(workbench, 'i32.add');
      assert.equal(await editor.setBreakpoint(line), line);
      await workbench.openFile('fib.wasm');
      await workbench.webview().locator('h1').waitFor();
      await workbench.run('Wasmscope: Debug with Arguments…');
      await answer(workbench, '3');
      const top = await debug.stoppedAt('16:5');
      assert.deepEqual([top.name, top.file], ['fib', 'fib (fib.wasm)']);
      await debug.waitForVariable('Value stack', 'stack[0]', /\b1 \(0x1\)/);
      // The caller adds what it gets: another value there is another result.
      await debug.setValue('Value stack', 'stack[0]', '0x28');
      await workbench.run('Remove All Breakpoints');
      await debug.press('Continue');
      await debug.waitForConsole(/^fib\(3\) = 42 : i32/);
    });

    test('the Disassembly view: its rows, steps and instruction breakpoints', async ({ workbench, page }) => {
      const { debug } = workbench;
      await select(workbench, 'entry');
      await debug.stoppedAt('2:3');
      await workbench.run('Open Disassembly View');
      const rows = await current(page, /local\.get 0/);
      const at = rows.findIndex((row) => row.current);
      assert.match(rows[at]!.address, /^0x0*100000022$/i);
      assert.match(rows[at + 1]!.instruction, /i32\.const 1/);
      await page.locator('.disassembly-view .monaco-list-row', { hasText: 'i32.le_u' }).click();
      await page.keyboard.press('F10');
      await current(page, /i32\.const 1/);
      await workbench.screenshot('binary - disassembly');
      const target = page.locator('.disassembly-view .monaco-list-row', { hasText: '04 7f' }).first();
      // The first cell of a row is its gutter.
      await target.locator('.monaco-table-td').first().click();
      await until(
        'a breakpoint in the Disassembly view',
        () => machineRows(page),
        (all) => all.some((row) => row.breakpoint && /04 7f/.test(row.instruction)),
      );
      await debug.press('Continue');
      await current(page, /04 7f/);
      assert.match(await debug.reason(), /instruction breakpoint/i);
      await workbench.screenshot('binary - instruction breakpoint');
    });

    test('folded WAT with offsets, as the configuration says', async ({ workbench }) => {
      const { debug, editor } = workbench;
      await select(workbench, 'folded');
      const top = await debug.stopped();
      assert.equal(top.name, 'fib');
      const lines = await until(
        'the folded text',
        () => editor.lines(),
        (found) => [...found.values()].some((text) => text.includes('(i32.le_u')),
      );
      assert.match([...lines.values()].join('\n'), /\(;0x[\da-f]{4};\)/);
    });

    test('the memory view shows bytes, follows steps and goes to addresses', async ({ workbench, page }) => {
      const { debug } = workbench;
      await select(workbench, 'bytes');
      await debug.stopped();
      const row = await debug.variable('Memory', '$m');
      await row.hover();
      await row.locator('.action-label[aria-label^="View Memory"]').click();
      await page.locator('.tab.active', { hasText: 'Memory $m' }).waitFor();
      const view = workbench.webview();
      const byte = (offset: number) => view.locator(`.byte[data-offset="${offset}"]`);
      await until(
        'hello in the memory view',
        () => byte(16).innerText(),
        (text) => text === '68',
      );
      assert.match(await view.locator('.grid').innerText(), /hello/);
      await workbench.screenshot('binary - memory');
      for (let step = 0; step < 3; step++) {
        await debug.press('Step Over');
      }
      await until('a changed byte', async () => (await byte(32).getAttribute('class'))?.includes('changed'));
      assert.equal(await byte(32).innerText(), '04');
      await workbench.screenshot('binary - memory after a step');
      await view.getByPlaceholder('Go to address or expression').fill('0xfff0');
      await page.keyboard.press('Enter');
      await byte(0xfff0).waitFor();
      await until('the caret', async () => (await byte(0xfff0).getAttribute('class'))?.includes('caret'));
      await view.getByPlaceholder('Go to address or expression').fill('16 + 1');
      await page.keyboard.press('Enter');
      await until('the caret', async () => (await byte(17).getAttribute('class'))?.includes('caret'));
      await page.keyboard.press('ArrowRight');
      await until('one byte further', async () => (await byte(18).getAttribute('class'))?.includes('caret'));
      assert.match(await view.locator('.details').innerText(), /u8 108\b/);
      await view.getByPlaceholder('Go to address or expression').fill('0x10000');
      await page.keyboard.press('Enter');
      await until(
        'what is wrong',
        () => view.locator('.problem').innerText(),
        (text) => /behind the end/.test(text),
      );
      // Writing through the debugger shows at once, and the program reads it.
      await debug.watch('mem[17].u8');
      await debug.setWatch('mem[17].u8', '99');
      await until(
        'the new byte',
        () => byte(17).innerText(),
        (text) => text === '63',
      );
      await debug.press('Continue');
      await debug.waitForConsole(/^main\(\) = 99 : i32/);
      await until(
        'the end of the session',
        () => view.locator('.problem').innerText(),
        (text) => /has ended/.test(text),
      );
    });

    test('definitions lead from function to function', async ({ workbench, page }) => {
      const { editor } = workbench;
      await goToFunction(workbench, 'main', 'func-1-main.wat');
      await editor.goTo(await lineOf(workbench, 'call $helper'), 12);
      await page.keyboard.press('F12');
      await workbench.waitForTab('func-0-helper.wat');
      await until(
        'the name of the function',
        () => editor.cursor(),
        ({ line, column }) => line === 1 && column === 7,
      );
      const line = await lineOf(workbench, 'global.get $count');
      assert.match(await editor.hover(line, '$count'), /\(global \$count \(mut i32\) \(i32\.const 0\)\)/);
      await workbench.screenshot('binary - hover of a global');
      await editor.goTo(line, 15);
      await page.keyboard.press('F12');
      await workbench.waitForTab('fields.wat');
      assert.deepEqual(await workbench.problems(), []);
    });

    test('breakpoints survive a new build and another window', async ({ workbench, page, vscode }) => {
      const { debug, editor } = workbench;
      const file = path.join(vscode.workspace!, 'calls.wasm');
      writeFileSync(file, calls());
      await goToFunction(workbench, 'helper', 'func-0-helper.wat');
      const line = await lineOf(workbench, 'i32.mul');
      assert.equal(await editor.setBreakpoint(line), line);
      await select(workbench, 'calls');
      assert.equal((await debug.stoppedAt(`${line}:3`)).name, '$helper');
      // An import and a function in front: other indices, another document.
      writeFileSync(file, calls('(func $before (drop (i32.const 1)))'));
      await workbench.waitForMessage(/calls\.wasm has changed since it was loaded/);
      await workbench.screenshot('binary - built anew');
      await workbench.pressButton('Restart');
      await workbench.waitForTab('func-1-helper.wat');
      assert.equal((await debug.stoppedAt(`${line}:3`)).name, '$helper');
      await debug.stop();
      await page.reload();
      await workbench.ready(false);
      // A new extension host: the document comes when the extension is there again.
      await until(
        'the document of the function',
        () => editor.lines(),
        (lines) => [...lines.values()].some((text) => text.includes('i32.mul')),
        90_000,
      );
      await select(workbench, 'calls');
      await debug.stoppedAt(`${line}:3`);
      await debug.setValue('Value stack', 'stack[0]', '5');
      await workbench.run('Remove All Breakpoints');
      await debug.press('Continue');
      await debug.waitForConsole(/^main\(7\) = 35 : i32/);
    });
  },
);

/** Opens the document of a function of calls.wasm. */
async function goToFunction(workbench: Workbench, name: string, tab: string): Promise<void> {
  await workbench.openFile('calls.wasm');
  await workbench.webview().locator('h1').waitFor();
  await workbench.run('Wasmscope: Go to Function in Module…');
  await workbench.choose(name);
  await workbench.waitForTab(tab);
  await workbench.waitForLanguage('WebAssembly');
}

async function lineOf({ editor }: Workbench, text: string): Promise<number> {
  const lines = await until(
    `a line with ${text}`,
    () => editor.lines(),
    (found) => [...found.values()].some((line) => line.includes(text)),
  );
  return [...lines].find(([, line]) => line.includes(text))![0];
}
