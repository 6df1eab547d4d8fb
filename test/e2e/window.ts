// Windows of VS Code for the cases of the end-to-end tests, and what every case needs around it.
//
// Owns the order of things. A file declares its cases with `inWindow`; `runInWindows` (called behind all files, see
// scripts/test.mjs) runs them in two windows at a time, because one keeps about one core busy. Starting VS Code costs as much as
// several cases, so a window goes on from file to file, whose files and settings are put into its workspace. Where something must
// not be remembered it gets a new workspace; only another version, extension or trust needs another server.
//
// A case begins without a session, breakpoints, watch expressions and editors, and leaves a screenshot (test/e2e/shots, not in
// git), also when it fails. A case that fails is tried once more, in the window opened anew, and that is printed: a browser on a busy
// machine misses a key now and then, and what is really broken fails twice. Without a browser all cases are skipped, and the reason
// is printed loudly.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ARRANGE_KEY, CLEAN_KEY } from './harness/keys.ts';
import {
  announceNotRun,
  type OpenPage,
  openBrowser,
  openWorkbench,
  type Pages,
  SIZE,
  whyNoBrowser,
} from './harness/page.ts';
import { type ServeOptions, serve, type VsCode } from './harness/serve.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';

export interface Window extends OpenPage {
  readonly workbench: Workbench;
  readonly vscode: VsCode;
}

export type Case = (name: string, run: (window: Window) => Promise<void>) => void;

/** The package as the build made it. */
const VSIX = 'dist/wasmscope.vsix';
/** How many windows work at a time. */
const WINDOWS = 2;
const MINUTES = 60_000;
const HOUR = 60 * MINUTES;

export interface WindowOptions extends ServeOptions {
  size?: { width: number; height: number };
  /** The workspace must be one in which nothing was run yet: VS Code and the extension remember answers and choices. */
  isFresh?: boolean;
}

interface Suite {
  readonly title: string;
  readonly options: WindowOptions;
  readonly define: (test: Case) => void;
}

const suites: Suite[] = [];

/** Tests of one file in one window. `define` declares them with the function that it gets. */
export function inWindow(title: string, options: WindowOptions, define: (test: Case) => void): void {
  suites.push({ title, options, define });
}

/** Runs what was declared. */
export function runInWindows(): void {
  const why = whyNoBrowser();
  if (why) announceNotRun('end-to-end tests', why);
  const lanes = new Lanes();
  // Cases have their times; what they are in has none.
  describe('in windows', { skip: why ?? false, concurrency: WINDOWS, timeout: HOUR }, () => {
    after(() => lanes.close());
    for (const suite of [...suites].sort((a, b) => rank(a.options) - rank(b.options)))
      describe(suite.title, { concurrency: 1, timeout: HOUR }, () => declare(suite, lanes));
  });
}

/** Those that need a server of their own come last; launch configurations late, because VS Code remembers the chosen one. */
function rank(options: WindowOptions): number {
  if (serverOf(options) !== serverOf({})) return 3;
  if (options.isFresh) return 2;
  return Object.keys(options.files ?? {}).some((name) => name.startsWith('.vscode/')) ? 1 : 0;
}

function declare({ title, options, define }: Suite, lanes: Lanes): void {
  let lane: Lane | undefined;
  after(() => lane && lanes.giveBack(lane));
  define((name, run) => {
    it(name, { timeout: 4 * MINUTES }, async () => {
      const tryIt = async () => {
        // Not before the first case: with a filter there may be none.
        lane ??= await lanes.take(title, options);
        await attempt(lane.window, `${title} - ${name}`, run);
      };
      try {
        await tryIt();
      } catch (error) {
        console.log(`TRIED TWICE: ${title}: ${name}: ${(error as Error).message}`);
        await lane?.reopen();
        await tryIt();
      }
    });
  });
}

/** @throws {Error} what the case threw, with the path of the screenshot in its message */
async function attempt(window: Window, title: string, run: (window: Window) => Promise<void>): Promise<void> {
  const shot = title.replace(/[^\w -]+/g, '_').slice(0, 100);
  const before = window.workbench.pictures;
  try {
    await reset(window);
    await run(window);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const file = await window.workbench.screenshot(`FAILED ${shot}`).catch((why) => `none: ${why}`);
    error.message += `\nscreenshot: ${file}`;
    error.stack = `${error.message}\n${error.stack}`;
    throw error;
  }
  // A case that has made pictures of its own has shown what it is about.
  if (window.workbench.pictures === before) await window.workbench.screenshot(shot);
}

/** A server, a browser, and the one window that they have at a time. */
class Lane {
  readonly server: string;
  readonly #vscode: VsCode;
  readonly #browser: Pages;
  #options: WindowOptions;
  #window: Window | undefined;
  #url = '';

  private constructor(options: WindowOptions, vscode: VsCode, browser: Pages) {
    this.server = serverOf(options);
    this.#options = options;
    this.#vscode = vscode;
    this.#browser = browser;
  }

  static async start(options: WindowOptions): Promise<Lane> {
    const vscode = await serve({ ...options, vsix: [VSIX, ...(options.vsix ?? [])] });
    try {
      const lane = new Lane(options, vscode, await openBrowser());
      await lane.reopen().catch(async (error) => {
        await lane.close();
        throw error;
      });
      return lane;
    } catch (error) {
      await vscode.stop();
      throw error;
    }
  }

  get window(): Window {
    assert.ok(this.#window, 'VS Code is open');
    return this.#window;
  }

  /** Takes the window to other files and settings. */
  async goOnWith(title: string, options: WindowOptions): Promise<void> {
    const { page } = this.window;
    const isSame = page.url() === this.#url && this.#options.workspace === options.workspace;
    this.#options = options;
    if (options.isFresh || !isSame) {
      this.#vscode.open(options);
      await this.reopen();
      return;
    }
    await reset(this.window);
    await until('a window without a panel', async () => {
      if (!(await page.locator('.part.panel').isVisible())) return true;
      await this.window.workbench.takeKeyboard();
      await page.keyboard.press(ARRANGE_KEY);
      return page
        .locator('.part.panel')
        .waitFor({ state: 'hidden', timeout: 3000 })
        .then(
          () => true,
          () => false,
        );
    });
    await page.setViewportSize(options.size ?? SIZE);
    this.#vscode.change(options, title);
    await page.waitForFunction((wanted) => document.title.startsWith(wanted), title);
  }

  /** Closes the window and opens it again, with the workspace and the settings that there are now. */
  async reopen(): Promise<void> {
    await this.#window?.close();
    this.#window = undefined;
    const { size } = this.#options;
    const opened = await openWorkbench(this.#vscode, { size, browser: this.#browser });
    this.#window = { ...opened, vscode: this.#vscode };
    this.#url = opened.page.url();
    // An extension's languages, editors and commands come some time after the window.
    if (this.#options.workspace)
      await opened.page
        .locator('.explorer-folders-view .wat-lang-file-icon')
        .first()
        .waitFor({ timeout: MINUTES });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#vscode.stop();
  }
}

/** The windows that are open and wait for a file. */
class Lanes {
  readonly #idle: Lane[] = [];

  async take(title: string, options: WindowOptions): Promise<Lane> {
    const server = serverOf(options);
    const lane = this.#idle.find((idle) => idle.server === server) ?? this.#idle[0];
    if (lane) this.#idle.splice(this.#idle.indexOf(lane), 1);
    if (lane?.server === server) {
      try {
        await lane.goOnWith(title, options);
        return lane;
      } catch (error) {
        await lane.close();
        throw error;
      }
    }
    await lane?.close();
    return await Lane.start(options);
  }

  giveBack(lane: Lane): void {
    this.#idle.push(lane);
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((lane) => lane.close()));
  }
}

/** What needs a server of its own, as a key. */
function serverOf({ version, vsix, workspaceTrust, args }: WindowOptions): string {
  return JSON.stringify([version, vsix, workspaceTrust, args]);
}

/** No session, no question, no notification, no breakpoint, no editor. */
async function reset({ workbench, page }: Window): Promise<void> {
  await until('a window without sessions, questions, messages, breakpoints and editors', async () => {
    const left = await page.evaluate(leftovers);
    if (left === '') return true;
    if (left === 'question') await page.keyboard.press('Escape');
    else if (left === 'dialog') {
      const discard = page.locator('.monaco-dialog-box').getByRole('button', { name: "Don't Save" });
      const close = page.locator('.monaco-dialog-box .codicon-dialog-close');
      await discard.or(close).first().click({ timeout: 2000 });
    } else if (left === 'session') await workbench.debug.stop();
    else {
      await workbench.takeKeyboard();
      await page.keyboard.press(CLEAN_KEY);
      // Pressed twice it could do its work late, in the case.
      const isDone = async () => ['', 'dialog'].includes(await page.evaluate(leftovers));
      await until('all is closed', isDone, Boolean, 3000).catch(() => {});
    }
    return false;
  });
}

// What follows runs in the page.

function leftovers(): string {
  const shows = (selector: string) =>
    [...document.querySelectorAll<HTMLElement>(selector)].some((element) => element.offsetParent !== null);
  if (shows('.quick-input-widget, .monaco-menu')) return 'question';
  if (shows('.monaco-dialog-box')) return 'dialog';
  if (shows('.debug-toolbar')) return 'session';
  const rest =
    '.tabs-container .tab, .notification-toast-container, .debug-watch .monaco-list-row, .repl-tree .monaco-list-row, ' +
    // A breakpoint can be removed, a filter of exceptions cannot.
    '.debug-breakpoints .monaco-list-row .codicon-close';
  return document.querySelector(rest) ? 'rest' : '';
}
