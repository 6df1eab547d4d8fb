// VS Code's window as a user sees it: explorer, commands, quick picks, input boxes, dialogs, panels, webviews.
//
// Owns the selectors of VS Code 1.100 to 1.139 for the parts outside the editor (editor.ts) and the debugger
// (debug-view.ts). Every method waits for what it did to show; none sleeps for a fixed time. Rows of long lists
// are read by scrolling, since VS Code only renders what is visible.
import fs from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { projectRoot } from '../../../scripts/vscode-oss/install.mjs';
import { DebugView } from './debug-view.ts';
import { Editor } from './editor.ts';
import { type KeyedCommand, keyed } from './keys.ts';
import { readRows, rowsWith, scrollTo } from './rows.ts';
import { until } from './until.ts';

export interface QuickPickItem {
  label: string;
  description: string;
  detail: string;
}

export interface Problem {
  severity: 'error' | 'warning' | 'info';
  message: string;
}

/** The label of a quick pick's item. */
const LABEL = '.quick-input-list-label .label-name';

export class Workbench {
  readonly page: Page;
  readonly editor: Editor;
  readonly debug: DebugView;
  /** How many screenshots were made. */
  pictures = 0;
  private readonly quickInput: Locator;
  private readonly quickText: Locator;

  constructor(page: Page) {
    this.page = page;
    this.editor = new Editor(this);
    this.debug = new DebugView(this);
    this.quickInput = page.locator('.quick-input-widget:not([inert]):visible');
    this.quickText = this.quickInput.locator('input.input');
  }

  /** Waits for the window, and for the explorer's files when a folder is open. */
  async ready(hasFolder: boolean): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 120_000 });
    if (hasFolder)
      await this.page
        .locator('.explorer-folders-view .monaco-list-row')
        .first()
        .waitFor({ timeout: 120_000 });
  }

  // --- files

  /** Opens a file of the workspace by its path (`a/b.wat`) from the explorer, pinned, and waits for its tab. */
  async openFile(file: string): Promise<void> {
    const row = await this.revealInExplorer(file);
    await row.dblclick();
    await this.waitForTab(path.basename(file));
    // The tooltip of a row covers the rows below it.
    await this.page.mouse.move(2, 2);
  }

  /** Shows and selects a file or folder in the explorer, opening the folders above it. */
  async revealInExplorer(file: string): Promise<Locator> {
    await this.showExplorer();
    const parts = file.split('/');
    const view = this.page.locator('.explorer-folders-view');
    let row = view;
    for (const [depth, name] of parts.entries()) {
      row = rowsWith(view, `.monaco-list-row[aria-level="${depth + 1}"]`, '.label-name', name).first();
      await scrollTo(view, row);
      await row.waitFor();
      if (depth < parts.length - 1 && (await row.getAttribute('aria-expanded')) === 'false')
        await row.click();
    }
    return row;
  }

  private async showExplorer(): Promise<void> {
    const view = this.page.locator('.explorer-folders-view');
    if (!(await view.isVisible())) await this.page.keyboard.press('Control+Shift+E');
    await view.waitFor();
  }

  async waitForTab(title: string): Promise<void> {
    await this.page
      .locator(`.tab.active[data-resource-name=${JSON.stringify(title)}]`)
      .first()
      .waitFor();
  }

  /** The titles of all tabs, in order. */
  async tabs(): Promise<string[]> {
    const tabs = this.page.locator('.tabs-container .tab');
    return await tabs.evaluateAll((all) => all.map((tab) => tab.getAttribute('data-resource-name') ?? ''));
  }

  // --- commands and questions

  /**
   * Runs a command by its full title (`Category: Title`) through the command palette, or by its key if it is one of
   * keys.ts. A window that has just opened does not know all commands yet, so the palette is closed and opened again a few times.
   */
  async run(title: string): Promise<void> {
    const command = keyed(title);
    if (command) return this.press(command);
    const row = rowsWith(this.quickInput, '.monaco-list-row', LABEL, title).first();
    const find = async () => {
      if (!(await this.quickText.isVisible())) await this.openPalette();
      const typed = await this.quickText.fill(`>${title}`, { timeout: 1000 }).then(
        () => true,
        () => false,
      );
      if (!typed) return false;
      const found = await row.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
      if (!found) await this.page.keyboard.press('Escape');
      return found;
    };
    await until(`the command '${title}'`, find, Boolean, 20_000);
    await row.click();
  }

  /** Trusts the folder of a window that serve() started with `workspaceTrust`, and closes the page that asks. */
  async trustWorkspace(): Promise<void> {
    await this.run('Workspaces: Manage Workspace Trust');
    await this.page.getByRole('button', { name: 'Trust', exact: true }).first().click();
    const editor = this.page.locator('.workspace-trust-editor');
    await this.page.locator('.workspace-trust-editor.trusted').waitFor();
    // A dialog in newer versions, an editor's tab in older ones.
    await this.page
      .locator('[aria-label^="Close Modal Editor"], .tab.active .tab-actions .codicon-close')
      .first()
      .click();
    await editor.waitFor({ state: 'hidden' });
  }

  private async openPalette(): Promise<void> {
    await this.page.keyboard.press('F1');
    const shown = await this.quickText.waitFor({ timeout: 1000 }).then(
      () => true,
      () => false,
    );
    if (!shown) await this.clickAside().catch(() => {});
  }

  private async press({ title, key, asks }: KeyedCommand): Promise<void> {
    const first = this.quickInput.locator('.monaco-list-row').first();
    await until(
      `the list of '${title}'`,
      async () => {
        await this.takeKeyboard();
        await this.page.keyboard.press(key);
        if (!asks) return true;
        // Before the extension host is there, the list stays empty.
        const isThere = await first.waitFor({ timeout: 5000 }).then(
          () => true,
          () => false,
        );
        if (!isThere) await this.page.keyboard.press('Escape');
        return isThere;
      },
      Boolean,
      60_000,
    );
  }

  /** Takes the keyboard out of a terminal or a webview, where a key may not reach the workbench. */
  async takeKeyboard(): Promise<void> {
    const isAway = await this.page.evaluate(
      () => document.activeElement?.matches('iframe, .xterm-helper-textarea') ?? false,
    );
    if (isAway) await this.clickAside();
  }

  private async clickAside(): Promise<void> {
    await this.page.locator('.part.activitybar').click({ position: { x: 2, y: 400 }, timeout: 1000 });
  }

  /** The items of the quick pick that is shown; waits for one with at least one item. */
  async quickPickItems(): Promise<QuickPickItem[]> {
    await this.quickInput.locator('.monaco-list-row').first().waitFor();
    return await this.quickInput.locator('.monaco-list-row').evaluateAll((rows) =>
      rows.map((row) => {
        const text = (selector: string) => row.querySelector(selector)?.textContent ?? '';
        return {
          label: text('.quick-input-list-label .label-name'),
          description: text('.quick-input-list-label .label-description'),
          detail: text('.quick-input-list-label-meta'),
        };
      }),
    );
  }

  /** Chooses the item with this label in the quick pick that is shown; filters a list in which it is out of sight. */
  async choose(label: string): Promise<void> {
    await this.quickInput.locator('.monaco-list-row').first().waitFor();
    const row = rowsWith(this.quickInput, '.monaco-list-row', LABEL, label).first();
    if (!(await row.isVisible())) await this.quickText.fill(label);
    await row.click();
  }

  /** Types into the input box or quick pick that is shown; `accept` presses Enter and waits for it to go on. */
  async type(text: string, accept = true): Promise<void> {
    await this.quickText.waitFor();
    await this.quickText.fill(text);
    if (accept) await this.quickText.press('Enter');
  }

  /** What the input box shown says: prompt, current text, and the complaint about it ('' when there is none). */
  async inputBox(): Promise<{
    title: string;
    prompt: string;
    placeholder: string;
    value: string;
    message: string;
    isError: boolean;
  }> {
    await this.quickText.waitFor();
    const text = async (selector: string) =>
      (await this.quickInput
        .locator(selector)
        .first()
        .textContent({ timeout: 1000 })
        .catch(() => '')) ?? '';
    const message = await text('.quick-input-message');
    const box = this.quickInput.locator('.quick-input-box .monaco-inputbox');
    return {
      title: await text('.quick-input-title'),
      prompt: message,
      placeholder: (await this.quickText.getAttribute('placeholder')) ?? '',
      value: await this.quickText.inputValue(),
      message,
      isError: /\berror\b/.test((await box.getAttribute('class')) ?? ''),
    };
  }

  /** Waits until no quick pick or input box is shown. */
  async questionGone(): Promise<void> {
    await this.page.locator('.quick-input-widget').first().waitFor({ state: 'hidden' });
  }

  /** The messages of notifications and modal dialogs that are shown. */
  async messages(): Promise<string[]> {
    const dialog = '.monaco-dialog-box';
    return await this.page
      .locator(
        `.notification-list-item-message:visible, ${dialog} .dialog-message-text:visible, ${dialog} .dialog-message-detail:visible`,
      )
      .allTextContents();
  }

  /** Waits for a notification or dialog whose text matches, and returns the text. */
  async waitForMessage(pattern: RegExp): Promise<string> {
    const all = await until(
      `a message like ${pattern}`,
      () => this.messages(),
      (list) => list.some((m) => pattern.test(m)),
    );
    return all.find((message) => pattern.test(message)) ?? '';
  }

  /** Presses a button of a notification or dialog. */
  async pressButton(label: string): Promise<void> {
    await this.page
      .locator('.notifications-toasts .monaco-button, .monaco-dialog-box .monaco-button')
      .filter({ hasText: label })
      .first()
      .click();
  }

  /** Opens the context menu of an element and chooses an entry. */
  async chooseFromContextMenu(target: Locator, entry: string): Promise<void> {
    await target.click({ button: 'right' });
    const menu = this.page.locator('.monaco-menu').first();
    const item = rowsWith(menu, '.action-item', '.action-label', entry).first();
    await item.waitFor();
    // A menu takes no clicks in its first moments, lest the one that opened it chooses something.
    await until(`the menu takes a click on '${entry}'`, async () => {
      await item.click({ timeout: 1000 });
      return await menu.waitFor({ state: 'hidden', timeout: 500 }).then(
        () => true,
        () => false,
      );
    });
  }

  /** The entries of the context menu of an element; the menu is closed again. */
  async contextMenu(target: Locator): Promise<string[]> {
    await target.click({ button: 'right' });
    const labels = this.page.locator(
      '.monaco-menu .action-item:not(.disabled) .action-label:not(.separator)',
    );
    await labels.first().waitFor();
    const entries = await labels.allTextContents();
    await this.page.keyboard.press('Escape');
    return entries.filter(Boolean);
  }

  /** The buttons (labels) at the right end of the active editor's title. */
  async editorTitleActions(): Promise<string[]> {
    return await this.page
      .locator('.editor-group-container.active .editor-actions .action-label')
      .evaluateAll((items) => items.map((item) => item.getAttribute('aria-label') ?? item.textContent ?? ''));
  }

  // --- status bar, panels

  /** Waits for the language's name in the status bar: the sign that an extension's contributions are in. */
  async waitForLanguage(name: string | RegExp): Promise<void> {
    await this.page.locator('#status\\.editor\\.mode').filter({ hasText: name }).waitFor();
  }

  /** The texts of all items of the status bar. */
  async statusBar(): Promise<string[]> {
    return (await this.page.locator('.part.statusbar .statusbar-item:visible').allTextContents())
      .map((s) => s.trim())
      .filter(Boolean);
  }

  /** The problems of all files, as the Problems panel lists them. */
  async problems(): Promise<Problem[]> {
    const panel = this.page.locator('.markers-panel');
    if (!(await panel.isVisible())) await this.run('Problems: Focus on Problems View');
    await panel.waitFor();
    return await panel.locator('.monaco-list-row:has(.marker-icon)').evaluateAll((rows) =>
      rows.map((row) => ({
        severity: row.querySelector('.codicon-error')
          ? 'error'
          : row.querySelector('.codicon-warning')
            ? 'warning'
            : 'info',
        message: row.querySelector('.marker-message-details')?.textContent ?? row.textContent ?? '',
      })),
    );
  }

  /** The names in the outline of the active editor, in order; waits for the first. */
  async outline(): Promise<string[]> {
    const pane = this.page.locator('.outline-pane');
    if (!(await pane.locator('.monaco-list').first().isVisible()))
      await this.run('Explorer: Focus on Outline View');
    await pane.locator('.monaco-list-row').first().waitFor();
    return (await readRows(pane, { name: '.monaco-highlighted-label, .label-name' })).map(
      (row) => row.text.name,
    );
  }

  /** The contents of the webview shown last (a custom editor, a view). */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready >> nth=-1').frameLocator('#active-frame');
  }

  /** The lines of an output channel, by its name. */
  async output(channel: string): Promise<string> {
    await this.run('Output: Show Output Channels...');
    await this.choose(channel);
    const lines = this.page.locator('.output-view-content .view-line, .part.panel .output-view .view-line');
    await lines.first().waitFor();
    return (await lines.allTextContents()).join('\n').replace(/\u00a0/g, ' ');
  }

  /** Writes `test/e2e/shots/<name>.png` (not in git) and returns its path. */
  async screenshot(name: string): Promise<string> {
    const file = path.join(projectRoot(), 'test/e2e/shots', `${name}.png`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    this.pictures++;
    return file;
  }
}
