/** F5 on a `.wast`, stops at exceptions and failed assertions by the filters of the Breakpoints view, threads. */
import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { inWindow } from './window.ts';

/** Ticks or clears a filter of the Breakpoints view. */
async function setFilter({ page }: Workbench, label: string, on: boolean): Promise<void> {
  await page.keyboard.press('Control+Shift+D');
  const row = page.locator('.debug-breakpoints .monaco-list-row', { hasText: label }).first();
  const box = row.getByRole('checkbox');
  await until(
    `${label} is ${on ? 'on' : 'off'}`,
    async () => {
      if ((await box.isChecked()) === on) return true;
      await box.click();
      return false;
    },
    Boolean,
  );
}

inWindow('scripts and exceptions', { workspace: 'examples' }, (test) => {
  test('F5 on a script: stops in what an assertion calls, and at the one that fails', async ({
    workbench,
  }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('tests.wast');
    await workbench.waitForLanguage('WebAssembly');
    await editor.setBreakpoint(10);
    await debug.start();
    assert.deepEqual(await debug.stopped(), { name: '$gcd', file: 'tests.wast', place: '10:14' });
    const caller = await until(
      'the assertion below the calls',
      async () => (await debug.callStack()).at(-1),
      (row) => row?.name !== '$gcd',
    );
    assert.deepEqual(caller, { name: 'assert_return gcd(12, 18)', file: 'tests.wast', place: '18:1' });
    await debug.waitForVariable('Locals', '$a', /\b6 \(0x6\)$/);
    await workbench.screenshot('scripts - a stop in what an assertion calls');
    await workbench.run('Remove All Breakpoints');
    await setFilter(workbench, 'Failed Assertions', true);
    await debug.press('Continue');
    await debug.stoppedAt('20:1');
    assert.match(await debug.exception(), /expected i32:10, got i32:5/);
    await workbench.screenshot('scripts - a failed assertion');
    await debug.press('Continue');
    await debug.ended();
    await debug.waitForConsole(/5 assertions passed, 1 failed/);
    await setFilter(workbench, 'Failed Assertions', false);
  });

  test('a script can be started from the Explorer and from the title bar', async ({ workbench }) => {
    const { debug } = workbench;
    const row = await workbench.revealInExplorer('tests.wast');
    await workbench.chooseFromContextMenu(row, 'Run WebAssembly File');
    await debug.waitForConsole(/5 assertions passed, 1 failed/);
    await workbench.openFile('tests.wast');
    await until(
      'an action in the title bar',
      () => workbench.editorTitleActions(),
      (actions) => actions.some((action) => /Debug WebAssembly File/.test(action)),
    );
  });

  test('an exception stops at its throw, with its tag and arguments, and a step goes to the handler', async ({
    workbench,
  }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('exceptions.wat');
    await workbench.waitForLanguage('WebAssembly');
    await editor.setBreakpoint(12);
    await workbench.run('Wasmscope: Debug with Arguments…');
    await workbench.choose('sum');
    await debug.stopped();
    await workbench.run('Remove All Breakpoints');
    // VS Code shows the filters when the first session has told them.
    await setFilter(workbench, 'All Exceptions', true);
    await debug.press('Continue');
    await debug.stoppedAt('13:14');
    assert.match(await debug.exception(), /\$negative\(-3\), caught in \$or_zero/);
    await workbench.screenshot('scripts - an exception at its throw');
    await debug.press('Step Over');
    await debug.stoppedAt('25:8');
    assert.equal((await debug.callStack())[0].name, '$or_zero');
    await debug.stop();
    await setFilter(workbench, 'All Exceptions', false);
  });

  test('threads: each with its stack, and what it waits for', async ({ workbench }) => {
    const { debug, editor, page } = workbench;
    await workbench.openFile('threads.wast');
    await editor.setBreakpoint(19);
    await debug.start();
    await until(
      'a thread that waits',
      async () => (await page.locator('.debug-call-stack').innerText()).replace(/\s+/g, ' '),
      (text) => text.includes('threads.wast: waits at address 0x8') && text.includes('worker'),
    );
    await workbench.screenshot('scripts - threads');
    await debug.stop();
  });
});
