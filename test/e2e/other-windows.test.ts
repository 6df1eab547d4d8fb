/** A folder that is not trusted, and the oldest VS Code that the extension allows. */
import assert from 'node:assert/strict';
import { OLDEST_VERSION } from './harness/serve.ts';
import { until } from './harness/until.ts';
import { inWindow } from './window.ts';

inWindow('untrusted', { workspace: 'examples', workspaceTrust: true }, (test) => {
  test('reading works, running says why not', async ({ workbench, page }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('fib.wat');
    await workbench.waitForLanguage('WebAssembly');
    await editor.insertText('(bad) ');
    await until(
      'squiggles',
      () => editor.squiggles(),
      (found) => found.length > 0,
    );
    for (let key = 0; key < 6; key++) await page.keyboard.press('Backspace');
    await until(
      'no squiggles',
      () => editor.squiggles(),
      (found) => found.length === 0,
    );
    await page.keyboard.press('F5');
    await page.locator('.monaco-dialog-box').waitFor();
    assert.match((await workbench.messages()).join('\n'), /trust/i);
    await workbench.screenshot('untrusted - question');
    await workbench.pressButton('Cancel');
    await debug.ended();
    await workbench.openFile('fib.wasm');
    await workbench.webview().getByRole('button', { name: 'Debug' }).waitFor();
    await workbench.trustWorkspace();
    await workbench.webview().getByRole('button', { name: 'Debug' }).click();
    await workbench.type('5');
    await debug.waitForConsole(/^fib\(5\) = 8 : i32/);
  });
});

inWindow('VS Code 1.100', { workspace: 'examples', version: OLDEST_VERSION }, (test) => {
  test('F5, breakpoint, variables, steps, module editor', async ({ workbench, page }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('fib.wat');
    await workbench.waitForLanguage('WebAssembly');
    await editor.setBreakpoint(12);
    await debug.start();
    await workbench.type('6');
    await debug.stoppedAt('12:5');
    await debug.waitForVariable('Locals', '$n', /\b6 \(0x6\)$/);
    await debug.press('Step Into');
    await debug.stoppedAt('15:7');
    await until(
      'the mark',
      () => editor.decorations(),
      (marks) => marks.some(({ text }) => text === 'local.get $n'),
    );
    await workbench.screenshot('VS Code 1_100 - stopped');
    await debug.stop();
    await workbench.openFile('fib.wasm');
    await workbench.webview().getByRole('button', { name: 'Debug' }).waitFor();
    await workbench.webview().locator('h1').click();
    await page.keyboard.press('F5');
    await until(
      'the arguments',
      () => workbench.inputBox(),
      (box) => box.title === 'fib(i32) → i32',
    );
    await workbench.type('4');
    await debug.waitForConsole(/^fib\(4\) = 5 : i32/);
  });
});
