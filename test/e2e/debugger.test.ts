/**
 * The debugger's finer tools: data breakpoints from the Variables view and by address, watchpoints of our own, conditions and
 * log points, values that are set on the stack, jumps and restarted frames, completion in the console, and loops that
 * run for a billion instructions.
 */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { inWindow } from './window.ts';

const FOLDER = '$' + '{workspaceFolder}';
const launch = (name: string, more: object) => ({
  type: 'wasmscope',
  request: 'launch',
  name,
  program: `${FOLDER}/watched.wat`,
  ...more,
});

const CONFIGURATIONS = [
  launch('watched', { invoke: { function: 'main', args: [4] }, stopOnEntry: true }),
  launch('long', { invoke: { function: 'long' } }),
];

const WATCHED = `(module
  (memory $m 1)
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 256) "state")
  (func $bump (param $n i32) (result i32)
    (global.set $count (i32.add (global.get $count) (local.get $n)))
    (i32.store (i32.const 256) (global.get $count))
    (global.get $count))
  (func $main (export "main") (param $times i32) (result i32)
    (local $i i32)
    (loop $again
      (drop (call $bump (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $i) (local.get $times))))
    (i32.mul (global.get $count) (i32.const 10)))
  (func (export "long") (result i32)
    (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $i) (i32.const 150000000))))
    (i32.sub (local.get $i) (i32.const 150000000))))
`;

const select = async (workbench: Workbench, name: string) => {
  await workbench.run('Debug: Select and Start Debugging');
  await workbench.choose(name);
};

const stopsAgain = async (workbench: Workbench, reason: RegExp) => {
  await until(
    'the reason of the stop',
    () => workbench.debug.reason(),
    (shown) => reason.test(shown),
  );
};

/** Types into the field that VS Code opens in the editor for conditions and messages. */
const typeInZone = async (page: Page, text: string) => {
  const field = page.locator('.breakpoint-widget .inputContainer');
  await field.waitFor();
  await field.locator('.monaco-editor.focused').waitFor();
  await page.keyboard.insertText(text);
  // The first Enter may take a suggestion.
  await until('the field is closed', async () => {
    await page.keyboard.press('Enter');
    return field.waitFor({ state: 'hidden', timeout: 2000 }).then(
      () => true,
      () => false,
    );
  });
};

inWindow(
  'debugger',
  {
    workspace: 'examples',
    files: {
      '.vscode/launch.json': JSON.stringify({ version: '0.2.0', configurations: CONFIGURATIONS }, null, 2),
      'watched.wat': WATCHED,
    },
  },
  (test) => {
    test('a global is watched from the Variables view, bytes by their address', async ({
      workbench,
      page,
    }) => {
      const { debug } = workbench;
      await workbench.openFile('watched.wat');
      await workbench.waitForLanguage('WebAssembly');
      await select(workbench, 'watched');
      await debug.stopped();
      const row = await debug.variable('Globals', '$count');
      await workbench.chooseFromContextMenu(row, 'Break on Value Change');
      await debug.press('Continue');
      await stopsAgain(workbench, /data breakpoint/i);
      await debug.waitForVariable('Globals', '$count', /\b1 \(0x1\)/);
      await workbench.screenshot('debugger - data breakpoint');
      await debug.stop();

      await select(workbench, 'watched');
      await debug.stopped();
      await debug.addDataBreakpointAtAddress();
      await workbench.type('0x100 + 4');
      await workbench.page
        .locator('.quick-input-list .monaco-list-row', { hasText: 'write' })
        .first()
        .waitFor();
      await workbench.choose('write');
      await debug.press('Continue');
      await stopsAgain(workbench, /data breakpoint/i);
      assert.match((await debug.breakpoints()).join('\n'), /0x100/);
      await workbench.screenshot('debugger - data breakpoint at an address');
      await debug.removeAllBreakpoints();
      await debug.stop();
      assert.ok(page);
    });

    test('bytes are watched and edited in the memory view', async ({ workbench, page }) => {
      const { debug } = workbench;
      await select(workbench, 'watched');
      await debug.stopped();
      const row = await debug.variable('Memory', '$m');
      await row.hover();
      await row.locator('.action-label[aria-label^="View Memory"]').click();
      await page.locator('.tab.active', { hasText: 'Memory $m' }).waitFor();
      const view = workbench.webview();
      const byte = (offset: number) => view.locator(`.byte[data-offset="${offset}"]`);
      await until(
        'the bytes',
        () => byte(0).innerText(),
        (text) => text === '00',
      );
      await view.getByPlaceholder('Find text or bytes (00 ff ??)').fill('state');
      await page.keyboard.press('Enter');
      await until('the text is found', async () =>
        (await byte(256).getAttribute('class'))?.includes('selected'),
      );
      await view.getByRole('combobox').selectOption('i32');
      await byte(256).click();
      await workbench.screenshot('debugger - memory as numbers');
      await view.getByRole('button', { name: 'Watch…' }).click();
      await workbench.choose('when it changes');
      const points = page.locator('.pane', { hasText: 'Watchpoints' });
      await points.getByText('memory[0][0x100..+4]').waitFor();
      await byte(260).dblclick();
      await page.keyboard.insertText('-2');
      await page.keyboard.press('Enter');
      await until(
        'the new value',
        () => byte(260).innerText(),
        (text) => text === '-2',
      );
      await debug.press('Continue');
      await stopsAgain(workbench, /data breakpoint/i);
      await until(
        'what was written',
        () => byte(256).innerText(),
        (text) => text !== '1952543859',
      );
      await workbench.screenshot('debugger - watchpoint');
      await debug.stop();
      await points.getByText('memory[0][0x100..+4]').hover();
      await points.locator('.action-label[aria-label^="Remove Watchpoint"]').first().click();
      await points.getByText('memory[0][0x100..+4]').waitFor({ state: 'hidden' });
      await workbench.run('View: Close Editor');
    });

    test('conditions see the value stack; log points write to the console', async ({ workbench, page }) => {
      const { debug, editor } = workbench;
      await workbench.openFile('watched.wat');
      await editor.goTo(6, 6);
      await workbench.run('Debug: Add Conditional Breakpoint...');
      await typeInZone(page, '$n == 2');
      await editor.goTo(13, 7);
      await workbench.run('Debug: Add Logpoint...');
      await typeInZone(page, 'i is {$i}');
      await select(workbench, 'watched');
      await debug.stopped();
      await debug.press('Continue');
      await debug.stoppedAt('6:');
      await debug.waitForVariable('Locals', '$n', /\b2 \(0x2\)/);
      await debug.waitForConsole(/^i is 1\b/);
      await workbench.screenshot('debugger - conditions and log points');
      await debug.removeAllBreakpoints();
      await debug.stop();
    });

    test('a value on the stack is set, a frame restarted, the next instruction chosen', async ({
      workbench,
    }) => {
      const { debug, editor } = workbench;
      await workbench.openFile('watched.wat');
      await editor.setBreakpoint(8);
      await select(workbench, 'watched');
      await debug.stopped();
      await debug.press('Continue');
      await debug.stoppedAt('8:');
      await editor.clearBreakpoint(8);
      await debug.waitForVariable('Locals', '$n', /\b0 \(0x0\)/);
      const frame = workbench.page.locator('.debug-call-stack .monaco-list-row', { hasText: 'bump' }).first();
      await workbench.chooseFromContextMenu(frame, 'Restart Frame');
      await debug.stoppedAt('6:');
      await editor.goTo(8, 6);
      await workbench.run('Debug: Jump to Cursor');
      await debug.stoppedAt('8:');
      await debug.press('Step Into');
      await until('a value on the stack', async () =>
        (await debug.scope('Value stack').catch(() => [])).some(
          ({ name, value }) => name !== 'next' && /\b0\b/.test(value),
        ),
      );
      await workbench.screenshot('debugger - restarted and jumped');
      await debug.stop();
    });

    test('the console completes names and says what it can do', async ({ workbench, page }) => {
      const { debug } = workbench;
      await select(workbench, 'watched');
      await debug.stopped();
      await debug.console();
      await page.locator('.repl-input-wrapper .view-lines').click();
      await page.keyboard.type('$');
      const suggestions = page.locator('.suggest-widget.visible');
      await suggestions.waitFor();
      const labels = await suggestions.locator('.monaco-list-row').allInnerTexts();
      for (const name of ['$times', '$count'])
        assert.ok(
          labels.some((label) => label.includes(name)),
          name,
        );
      await workbench.screenshot('debugger - completion');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+A');
      await page.keyboard.press('Delete');
      assert.match(await debug.evaluate('!$bump(40)'), /\b40\b/);
      assert.match(await debug.evaluate('$count,x'), /0x28\b/);
      await debug.stop();
    });

    test('a loop of a billion instructions is over in seconds, and everything is right behind it', async ({
      workbench,
    }) => {
      const { debug, editor } = workbench;
      await workbench.openFile('watched.wat');
      await editor.setBreakpoint(21);
      await select(workbench, 'long');
      await debug.stoppedAt('21:');
      await debug.waitForVariable('Locals', '$i', /\b150000000\b/);
      await workbench.screenshot('debugger - after a billion instructions');
      await debug.removeAllBreakpoints();
      await debug.stop();
    });
  },
);
