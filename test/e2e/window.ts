// One VS Code with one window for the cases of one file, and what every case needs around it.
//
// Owns the order of things: serve, open, run the cases one after the other, close. A case begins without a session,
// without breakpoints and without editors, and ends with a screenshot (test/e2e/shots, not in git), also when it
// fails. A case that fails is tried once more, and that is printed: a browser on a busy machine misses a key now and then,
// and what is really broken fails twice. Without a browser all cases of the file are skipped, and the reason is printed loudly.
import { after, before, describe, it } from 'node:test';
import { announceNotRun, type OpenPage, openWorkbench, whyNoBrowser } from './harness/page.ts';
import { type ServeOptions, serve, type VsCode } from './harness/serve.ts';
import type { Workbench } from './harness/workbench.ts';

export interface Window extends OpenPage {
  readonly workbench: Workbench;
  readonly vscode: VsCode;
}

export type Case = (name: string, run: (window: Window) => Promise<void>) => void;

/** The package as the build made it. */
const VSIX = 'dist/wasmscope.vsix';

export interface WindowOptions extends ServeOptions {
  size?: { width: number; height: number };
}

/** Tests of one file in one window. `define` declares them with the function that it gets. */
export function inWindow(title: string, options: WindowOptions, define: (test: Case) => void): void {
  const why = whyNoBrowser();
  if (why) announceNotRun(`end-to-end tests: ${title}`, why);
  describe(title, { skip: why ?? false }, () => {
    let window: Window | undefined;
    before(
      async () => {
        const vscode = await serve({ ...options, vsix: [VSIX, ...(options.vsix ?? [])] });
        try {
          window = { vscode, ...(await openWorkbench(vscode, { size: options.size })) };
        } catch (error) {
          await vscode.stop();
          throw error;
        }
      },
      { timeout: 240_000 },
    );
    after(async () => {
      await window?.close();
      await window?.vscode.stop();
    });
    define((name, run) => {
      it(name, { timeout: 240_000 }, async () => {
        if (!window) throw new Error('VS Code did not start');
        const shot = `${title} - ${name}`.replace(/[^\w -]+/g, '_').slice(0, 100);
        const attempt = async (opened: Window) => {
          await reset(opened);
          try {
            await run(opened);
            await opened.workbench.screenshot(shot);
          } catch (error) {
            await opened.workbench.screenshot(`FAILED ${shot}`);
            throw error;
          }
        };
        try {
          await attempt(window);
        } catch (error) {
          console.log(`TRIED TWICE: ${title}: ${name}: ${String(error).split('\n')[0]}`);
          await attempt(window);
        }
      });
    });
  });
}

/** No session, no question, no notification, no breakpoint, no editor. */
async function reset({ workbench, page }: Window): Promise<void> {
  for (
    let turn = 0;
    turn < 3 && (await page.locator('.quick-input-widget:visible, .monaco-menu').count());
    turn++
  )
    await page.keyboard.press('Escape');
  const cancel = page.locator('.monaco-dialog-box .codicon-dialog-close');
  if (await cancel.count()) await cancel.first().click();
  await workbench.debug.stop();
  if (await page.locator('.notification-toast-container').count())
    await workbench.run('Notifications: Clear All Notifications');
  if (await page.locator('.debug-breakpoints .monaco-list-row').count())
    await workbench.run('Remove All Breakpoints');
  if ((await workbench.tabs()).length) {
    await workbench.run('View: Close All Editors');
    const discard = page.locator('.monaco-dialog-box').getByRole('button', { name: "Don't Save" });
    const tabs = page.locator('.tabs-container .tab').first();
    await Promise.race([tabs.waitFor({ state: 'detached' }), discard.waitFor().then(() => discard.click())]);
    await tabs.waitFor({ state: 'detached' });
  }
}
