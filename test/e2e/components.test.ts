/** Components in a real VS Code: what is instantiated and in which order, calls across boundaries, commands, requests, handles. */
import assert from 'node:assert/strict';
import { readRows } from './harness/rows.ts';
import { until } from './harness/until.ts';
import { inWindow, type Window } from './window.ts';

const FOLDER = '$' + '{workspaceFolder}/components';
const launch = (name: string, program: string, more: object) => ({
  type: 'wasmscope',
  request: 'launch',
  name,
  program: `${FOLDER}/${program}`,
  ...more,
});

const CONFIGURATIONS = [
  launch('order', 'start-order.wat', { invoke: { function: 'order' } }),
  launch('hello', 'two-components.wat', { invoke: { function: 'hello("world")' } }),
  launch('words', 'commands/words.wasm', { stdin: { text: 'to be or not to be' } }),
  launch('guess', 'commands/guess.wasm', { args: ['7'], stdin: { text: '9\n7\n' } }),
  launch('wait', 'commands/wait.wasm', { args: ['1000'], stdin: { text: 'here\n' } }),
  launch('accounts', 'resources.wat', { invoke: { function: 'run' } }),
  launch('server', 'http-c/handler.wasm', { serve: { port: 0 } }),
];

inWindow(
  'components',
  {
    workspace: 'examples',
    files: {
      '.vscode/launch.json': JSON.stringify({ version: '0.2.0', configurations: CONFIGURATIONS }, null, 2),
    },
  },
  (test) => {
    test('the plan before and while start functions run, a stop where an instance is made', async (window) => {
      const { workbench, page } = window;
      const { debug } = workbench;
      await workbench.openFile('components/start-order.wat');
      await page.keyboard.press('Control+Shift+D');
      const header = page.locator('.pane-header[aria-label="Instantiation Section"]');
      if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
      await planIs(window, ['- $start-order', '- 1. $trace', '- 2. $a', '- 3. $b']);
      const row = planOf(window).locator('.monaco-list-row', { hasText: '3. $b' });
      await row.hover();
      await row.locator('.action-label[aria-label^="Stop When This Is Instantiated"]').click();
      await planIs(window, ['- $start-order', '- 1. $trace', '- 2. $a', 'o 3. $b']);
      await select(window, 'order');
      await debug.stoppedAt('41:3');
      // The frames below the first one come a little later.
      await until(
        'the instance and the component that it is made for on the call stack',
        async () => (await debug.callStack()).map(({ name }) => name).join(', '),
        (names) => names === 'instantiate $b, instantiate $start-order',
      );
      await planIs(window, ['> $start-order', '* 1. $trace', '* 2. $a', '> 3. $b']);
      await debug.press('Step Into');
      assert.equal((await debug.stoppedAt('34:')).name, '$start');
      await workbench.screenshot('components - start order');
      await debug.press('Continue');
      await debug.waitForConsole(/order = "AB"/);
      await debug.ended();
    });

    test('the call stack across a boundary, with what crosses it', async (window) => {
      const { workbench, page } = window;
      const { debug, editor } = workbench;
      await workbench.openFile('components/two-components.wat');
      await page.keyboard.press('Control+Shift+D');
      await editor.setBreakpoint(22);
      await select(window, 'hello');
      await debug.stoppedAt('22:10');
      const stack = await until(
        'the whole stack',
        () => debug.callStack(),
        (frames) => frames.length === 5,
      );
      assert.deepEqual(
        stack.map(({ name }) => name),
        ['shout', 'shout', 'lowered shout', 'hello', 'hello'],
      );
      assert.deepEqual(
        stack.map(({ place }) => place.split(':')[0]),
        ['22', '34', '51', '60', '65'],
      );
      await page.locator('.debug-call-stack .monaco-list-row', { hasText: 'shout' }).nth(1).click();
      await debug.waitForVariable('Call', 'text', '"Hello, world"');
    });

    test('a command in Rust: its functions by their names, and what it prints', async (window) => {
      const { debug } = window.workbench;
      await debug.addFunctionBreakpoint('/^words::Counts::most/');
      await select(window, 'words');
      assert.equal((await debug.stopped()).name, 'words::Counts::most');
      // A function is shown without its module: nothing of it is wrong for that.
      assert.equal(await window.page.locator('.monaco-editor .squiggly-error').count(), 0);
      await workbenchPicture(window, 'components - Rust');
      await debug.press('Continue');
      await debug.waitForConsole(/^ *2 be/);
      await debug.ended();
    });

    test('commands in C: one that reads what is typed, one that waits for input or a time', async (window) => {
      const { debug } = window.workbench;
      await debug.addFunctionBreakpoint('main');
      await select(window, 'guess');
      assert.equal((await debug.stopped()).name, '$main');
      await workbenchPicture(window, 'components - C');
      await debug.press('Continue');
      await debug.waitForConsole(/2 tries/);
      await debug.ended();
      await select(window, 'wait');
      assert.equal((await debug.stopped()).name, '$main');
      await debug.press('Continue');
      await debug.waitForConsole(/end of input/);
      await debug.ended();
    });

    test('a request that stops at a breakpoint is answered when it goes on', async (window) => {
      const { debug } = window.workbench;
      await debug.addFunctionBreakpoint('count_primes');
      await select(window, 'server');
      const url = /(http:\S+)\//.exec(await debug.waitForConsole(/serving on http/))![1];
      let answered: string | undefined;
      const answer = (async () => {
        answered = await (await fetch(`${url}/primes/100`)).text();
      })();
      answer.catch(() => {});
      assert.match((await debug.stopped()).name, /count_primes/);
      assert.match(await window.page.locator('.debug-call-stack').innerText(), /GET \/primes\/100/);
      assert.equal(answered, undefined);
      await workbenchPicture(window, 'components - request');
      await debug.press('Continue');
      await answer;
      assert.equal(answered, '25 primes below 100\n');
      await debug.press('Stop');
      await debug.ended();
    });

    test('the handles of an instance, and those of the other one', async (window) => {
      const { workbench, page } = window;
      const { debug, editor } = workbench;
      await workbench.openFile('components/resources.wat');
      await page.keyboard.press('Control+Shift+D');
      await editor.setBreakpoint(77);
      await select(window, 'accounts');
      await debug.stoppedAt('77:');
      await debug.waitForVariable('Handles', '1', 'own account (rep 16)');
      assert.deepEqual(
        (await debug.scope('Handles')).map(({ name, value }) => [name, value]),
        [
          ['1', 'own account (rep 16)'],
          ['2', 'own account (rep 32)'],
        ],
      );
    });
  },
);

const planOf = ({ page }: Window) => page.locator('.pane', { hasText: 'Instantiation' });

/** Instances as the view shows them: `- ` to come, `> ` what goes on, `* ` done, `o ` where it will stop. */
async function planIs(window: Window, wanted: readonly string[]): Promise<void> {
  const read = async (): Promise<string[]> => {
    const rows = await readRows(planOf(window), {
      name: '.label-name',
      icon: '.custom-view-tree-node-item-icon',
    });
    const icons = await planOf(window)
      .locator('.custom-view-tree-node-item-icon')
      .evaluateAll((all) => all.map((icon) => icon.className));
    return rows.flatMap(({ text }, i) => {
      const state = /codicon-(\S+)/.exec(icons[i] ?? '')?.[1] ?? '';
      const mark = { 'debug-stackframe': '>', pass: '*', 'debug-breakpoint': 'o' }[state] ?? '-';
      return /^(\d+\. )?\$/.test(text.name) ? [`${mark} ${text.name}`] : [];
    });
  };
  await until('the plan', read, (rows) => JSON.stringify(rows) === JSON.stringify(wanted));
}

async function workbenchPicture({ workbench, page }: Window, name: string): Promise<void> {
  await page.keyboard.press('Control+Shift+D');
  await workbench.screenshot(name);
}

/** Chooses a configuration and starts it. */
async function select({ workbench }: Window, name: string): Promise<void> {
  await workbench.run('Debug: Select and Start Debugging');
  await workbench.choose(name);
}
