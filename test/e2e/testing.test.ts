/** The assertions of a script in the Testing view: run, a failing one with its diff, debug. */
import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import { inWindow, type Window } from './window.ts';

const SCRIPT = `(module $sum
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))
(assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 3))
(assert_return (invoke "add" (i32.const 2) (i32.const 2)) (i32.const 5))
(assert_trap (invoke "add" (i32.const 1) (i32.const 2)) "unreachable")
`;

/** The rows of the Testing view: what their labels for screen readers say. */
async function rows({ page }: Window): Promise<string[]> {
  const found = page.locator('.test-explorer .monaco-list-row');
  return found.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? ''));
}

/** Opens a row, however often the view is drawn anew meanwhile. */
async function expand({ page }: Window, label: string): Promise<void> {
  const row = page.locator('.test-explorer .monaco-list-row', { hasText: label }).first();
  await until(
    `${label} to open`,
    async () => {
      if ((await row.getAttribute('aria-expanded')) === 'true') return true;
      await row.locator('.monaco-tl-twistie').click();
      return false;
    },
    (isOpen) => isOpen,
  );
}

inWindow('testing', { workspace: 'examples', files: { 'sum.wast': SCRIPT } }, (test) => {
  test('assertions run, and a wrong one shows what was expected', async (window) => {
    const { workbench, page } = window;
    await workbench.openFile('sum.wast');
    await workbench.waitForLanguage('WebAssembly');
    await workbench.run('Testing: Focus on Test Explorer View');
    await until(
      'the file',
      () => rows(window),
      (found) => found.some((row) => row.startsWith('sum.wast')),
    );
    await workbench.run('Test: Run Tests in Current File');
    await until(
      'the result',
      () => rows(window),
      (found) => found.some((row) => /^sum\.wast \(failed\)/i.test(row)),
    );
    await expand(window, 'sum.wast');
    await expand(window, 'module $sum');
    await until(
      'the assertions',
      () => rows(window),
      (found) => found.some((row) => /add\(2, 2\).*failed/i.test(row)),
    );
    const all = await rows(window);
    assert.ok(
      all.some((row) => /add\(1, 2\).*passed/i.test(row)),
      all.join('\n'),
    );
    await workbench.screenshot('testing - results');
    await page.locator('.test-explorer .monaco-list-row', { hasText: 'add(2, 2)' }).click();
    await workbench.run('Test: Peek Output');
    await page
      .locator('.zone-widget .monaco-diff-editor, .test-output-peek .monaco-diff-editor')
      .first()
      .waitFor();
    await workbench.screenshot('testing - expected beside actual');
  });

  test('one assertion under the debugger', async (window) => {
    const { workbench, page } = window;
    const { debug, editor } = workbench;
    await workbench.openFile('sum.wast');
    await workbench.waitForLanguage('WebAssembly');
    await editor.setBreakpoint(3);
    await editor.goTo(5);
    await workbench.run('Test: Debug Test at Cursor');
    await debug.stoppedAt('3:15');
    await workbench.screenshot('testing - debugging an assertion');
    await page.keyboard.press('F5');
    await debug.ended();
  });
});
