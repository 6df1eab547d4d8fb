// VS Code's debugger as a user sees it: toolbar, call stack, variables, watch, console.
//
// Owns the selectors of the Run and Debug view. A "stop" is: the toolbar stands still and a frame is focused.
// Trees are read whole, by scrolling. Knows nothing of our debugger: names and values are what tests pass.
import type { Locator, Page } from 'playwright-core';
import { type Row, readRows, rowsWith, scrollTo } from './rows.ts';
import { until } from './until.ts';
import type { Workbench } from './workbench.ts';

export type ToolbarButton =
  | 'Continue'
  | 'Pause'
  | 'Step Over'
  | 'Step Into'
  | 'Step Out'
  | 'Step Back'
  | 'Reverse'
  | 'Restart'
  | 'Stop'
  | 'Disconnect';

export interface FrameRow {
  /** The function's name as shown. */
  name: string;
  /** File and place as shown, such as `fib.wat` and `4:5`. */
  file: string;
  place: string;
}

export interface VariableRow {
  level: number;
  name: string;
  value: string;
  /** Undefined for a variable without children. */
  expanded: boolean | undefined;
}

const VARIABLE_FIELDS = { scope: '.scope', name: '.name', value: '.value' };

export class DebugView {
  private readonly workbench: Workbench;
  private readonly page: Page;
  readonly toolbar: Locator;
  readonly variablesPane: Locator;
  readonly callStackPane: Locator;
  readonly watchPane: Locator;
  readonly breakpointsPane: Locator;

  constructor(workbench: Workbench) {
    this.workbench = workbench;
    this.page = workbench.page;
    this.toolbar = this.page.locator('.debug-toolbar');
    this.variablesPane = this.page.locator('.debug-variables');
    this.callStackPane = this.page.locator('.debug-call-stack');
    this.watchPane = this.page.locator('.debug-watch');
    this.breakpointsPane = this.page.locator('.debug-breakpoints');
  }

  // --- running

  /** Presses F5 (in the editor that has the keyboard) and waits until a session shows or a question is asked. */
  async start(): Promise<void> {
    await this.page.keyboard.press('F5');
    await until('a debug session or a question', async () => {
      const shown = this.page.locator(
        '.debug-toolbar:visible, .quick-input-widget:visible, .monaco-dialog-box:visible',
      );
      return (await shown.count()) > 0;
    });
  }

  /** Pauses the program that runs. The button does nothing before VS Code knows its thread, and nothing shows that it does. */
  async pause(): Promise<FrameRow> {
    const goesOn = this.toolbar.locator('.codicon-debug-continue');
    await until('the program is paused', async () => {
      if (await goesOn.isVisible()) return true;
      await this.toolbar
        .locator('.codicon-debug-pause')
        .click({ timeout: 1000 })
        .catch(() => {});
      return goesOn.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
    });
    return await this.stopped();
  }

  /** Waits until the program is stopped and the top frame's name and place are shown. */
  async stopped(): Promise<FrameRow> {
    await this.toolbar.locator('.codicon-debug-continue').waitFor();
    const frames = await until(
      'a call stack',
      () => this.callStack(),
      (list) => list.length > 0,
    );
    return frames[0]!;
  }

  /** Waits until a stop shows this place (`line:column`, or `line:` for any column) in the top frame. */
  async stoppedAt(place: string): Promise<FrameRow> {
    const fits = (frame: FrameRow | undefined) =>
      frame !== undefined && (place.endsWith(':') ? frame.place.startsWith(place) : frame.place === place);
    return (await until(`a stop at ${place}`, async () => (await this.callStack())[0], fits))!;
  }

  /** Presses a button of the debug toolbar. */
  async press(button: ToolbarButton): Promise<void> {
    await this.toolbar
      .getByRole('button', { name: new RegExp(`^${button}\\b`) })
      .first()
      .click();
  }

  /** The toolbar's buttons, without keybindings; disabled ones are left out. */
  async buttons(): Promise<string[]> {
    await this.toolbar.waitFor();
    const labels = await this.toolbar
      .locator('.action-label:not(.disabled)')
      .evaluateAll((items) => items.map((item) => item.getAttribute('aria-label') ?? ''));
    return labels.map((label) => label.replace(/ \(.*\)$/, '')).filter(Boolean);
  }

  /** Waits until no session is left. */
  async ended(): Promise<void> {
    await this.toolbar.waitFor({ state: 'hidden' });
  }

  /** Stops the session if there is one. */
  async stop(): Promise<void> {
    if (await this.toolbar.isVisible()) await this.page.keyboard.press('Shift+F5');
    await this.ended();
  }

  /** Why it stopped, as the call stack's first row shows it ("Paused on breakpoint"). */
  async reason(): Promise<string> {
    const label = this.page.locator('.call-stack-state-message .label, .debug-call-stack .state.label');
    return (await until('a reason', async () => (await label.allTextContents()).find(Boolean)))!;
  }

  /** The text of the exception widget in the editor; waits for it. */
  async exception(): Promise<string> {
    const widget = this.page.locator('.exception-widget');
    await widget.waitFor();
    return (await widget.allInnerTexts()).join('\n').trim();
  }

  // --- call stack

  /** The frames shown, top first. */
  async callStack(): Promise<FrameRow[]> {
    const rows = await readRows(this.callStackPane, {
      name: '.stack-frame .label',
      file: '.stack-frame .file-name',
      place: '.stack-frame .line-number',
    });
    return rows.filter((row) => row.text.name).map((row) => row.text);
  }

  /** Focuses a frame by its function's name. */
  async selectFrame(name: string): Promise<void> {
    const row = rowsWith(this.callStackPane, '.monaco-list-row', '.stack-frame .label', name).first();
    await row.click();
    await until(`${name} is selected`, async () =>
      /\bselected\b/.test((await row.getAttribute('class')) ?? ''),
    );
  }

  // --- variables

  /** All rows of the variables tree as shown, in order. */
  async variables(): Promise<VariableRow[]> {
    return (await readRows(this.variablesPane, VARIABLE_FIELDS)).map(toVariable);
  }

  /** The names of the scopes; waits for the first. */
  async scopes(): Promise<string[]> {
    const rows = await until(
      'scopes',
      () => this.variables(),
      (list) => list.length > 0,
    );
    return rows.filter((row) => row.level === 1).map((row) => row.name);
  }

  /**
   * The variables below a scope (or below `scope/variable/…`), which is expanded if it is not: name and value.
   * Waits until it has children.
   */
  async scope(path: string): Promise<VariableRow[]> {
    return await until(
      `variables of ${path}`,
      async () => {
        const row = await this.expand(path);
        const rows = await this.variables();
        const at = rows.findIndex(
          (candidate) => candidate.name === row.name && candidate.level === row.level,
        );
        const after = rows.slice(at + 1);
        const end = after.findIndex((candidate) => candidate.level <= row.level);
        return after.slice(0, end < 0 ? undefined : end);
      },
      (rows) => rows.length > 0,
    );
  }

  /** Waits until a variable of a scope has this value. */
  async waitForVariable(scope: string, name: string, value: string | RegExp): Promise<string> {
    const fits = (shown: string | undefined) =>
      shown !== undefined && (typeof value === 'string' ? shown === value : value.test(shown));
    const read = async () => (await this.scope(scope)).find((row) => row.name === name)?.value;
    return (await until(`${scope}/${name} = ${value}`, read, fits))!;
  }

  private async expand(path: string): Promise<VariableRow> {
    let found: VariableRow | undefined;
    for (const [depth, name] of path.split('/').entries()) {
      const row = await this.rowElement(name, depth + 1);
      if ((await row.getAttribute('aria-expanded')) === 'false')
        await row.locator('.monaco-tl-twistie').click();
      await until(
        `${name} is expanded`,
        async () => (await row.getAttribute('aria-expanded')) !== 'false',
        Boolean,
        3000,
      );
      found = { level: depth + 1, name, value: '', expanded: true };
    }
    return found!;
  }

  /** Finds a row in sight, scrolling down to it where needed. */
  private async rowElement(name: string, level: number): Promise<Locator> {
    const rows = `.monaco-list-row[aria-level="${level}"]`;
    const row = rowsWith(this.variablesPane, rows, '.scope, .name', name, '[ :=]*').first();
    return await scrollTo(this.variablesPane, row);
  }

  /** The row of a variable in a scope, for clicks and context menus. */
  async variable(scope: string, name: string): Promise<Locator> {
    await this.scope(scope);
    return await this.rowElement(name, scope.split('/').length + 1);
  }

  /** Gives a variable a new value as a user does: double click, type, Enter. */
  async setValue(scope: string, name: string, value: string): Promise<void> {
    const row = await this.variable(scope, name);
    await row.dblclick();
    const input = this.variablesPane.locator('.monaco-inputbox input, .monaco-inputbox textarea');
    await input.fill(value);
    await input.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  // --- watch

  /** Adds a watch expression and returns the value that it shows. */
  async watch(expression: string): Promise<string> {
    await this.pressInHeader('Watch', 'Add Expression');
    const input = this.watchPane.locator('.monaco-inputbox input, .monaco-inputbox textarea');
    await input.fill(expression);
    await input.press('Enter');
    return await until(
      `a value for ${expression}`,
      async () => (await this.watches()).find((row) => row.name === expression)?.value ?? '',
    );
  }

  /** Gives a watched expression a new value. */
  async setWatch(expression: string, value: string): Promise<void> {
    const row = rowsWith(this.watchPane, '.monaco-list-row', '.name', expression, '[ :=]*').first();
    await this.workbench.chooseFromContextMenu(row, 'Set Value');
    const input = this.watchPane.locator('.monaco-inputbox input, .monaco-inputbox textarea');
    await input.fill(value);
    await input.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** The watch expressions and their values. */
  async watches(): Promise<VariableRow[]> {
    return (await readRows(this.watchPane, VARIABLE_FIELDS)).map(toVariable);
  }

  // --- breakpoints, console

  /** The rows of the Breakpoints view, as text. */
  async breakpoints(): Promise<string[]> {
    return (await readRows(this.breakpointsPane, { text: '' })).map((row) => row.text.text.trim());
  }

  /** Adds a function breakpoint by name. */
  async addFunctionBreakpoint(name: string): Promise<void> {
    if (!(await this.breakpointsPane.isVisible())) await this.workbench.run('View: Show Run and Debug');
    await this.pressInHeader('Breakpoints', 'Add Function Breakpoint');
    const input = this.breakpointsPane.locator('.monaco-inputbox input');
    await input.first().fill(name);
    await input.first().press('Enter');
  }

  /** Asks for a data breakpoint at an address, by the button of the Breakpoints view. */
  async addDataBreakpointAtAddress(): Promise<void> {
    await this.pressInHeader('Breakpoints', 'Add Data Breakpoint at Address');
  }

  /** Removes all breakpoints, of whatever kind, by the button of the Breakpoints view. */
  async removeAllBreakpoints(): Promise<void> {
    if (!(await this.breakpointsPane.isVisible())) await this.workbench.run('View: Show Run and Debug');
    await this.pressInHeader('Breakpoints', 'Remove All Breakpoints');
  }

  /** All that the Debug Console shows, a string an entry. */
  async console(): Promise<string[]> {
    const repl = this.page.locator('.repl');
    if (!(await repl.isVisible())) await this.workbench.run('Debug Console: Focus on Debug Console View');
    await repl.waitFor();
    const rows = await readRows(repl.locator('.repl-tree'), {
      value: '.value',
      input: '.monaco-highlighted-label',
    });
    return rows.map(({ text }) => text.value || text.input);
  }

  /** Empties the Debug Console, so that what it shows next is new. */
  async clearConsole(): Promise<void> {
    const button = this.page.locator('.part.panel .action-label[aria-label^="Clear Console"]:visible');
    await until('an empty console', async () => {
      if ((await this.console()).length === 0) return true;
      await button.first().click({ timeout: 2000 });
      return false;
    });
  }

  /** Waits until the Debug Console shows text that matches, and returns that entry. */
  async waitForConsole(pattern: RegExp): Promise<string> {
    const entries = await until(
      `${pattern} in the Debug Console`,
      () => this.console(),
      (all) => all.some((e) => pattern.test(e)),
    );
    return entries.find((entry) => pattern.test(entry))!;
  }

  /** Evaluates in the Debug Console; returns the answer's entry. */
  async evaluate(expression: string): Promise<string> {
    const before = (await this.console()).length;
    await this.page.locator('.repl-input-wrapper .view-lines').click();
    await this.page.keyboard.insertText(expression);
    await this.page.keyboard.press('Enter');
    const entries = await until(
      'an answer',
      () => this.console(),
      (all) => all.length >= before + 2,
    );
    return entries[entries.length - 1]!;
  }

  /** Presses a button in the title of a section of the Run and Debug view. */
  private async pressInHeader(section: string, button: string): Promise<void> {
    const header = this.page.locator(`.pane-header[aria-label="${section} Section"]`);
    // A key of the command stands behind its name.
    const labels = [`[aria-label="${button}"]`, `[aria-label^="${button} ("]`];
    const action = header.locator(labels.map((label) => `.action-label${label}`).join());
    // The buttons show while the mouse is over the header, which moves when other sections open.
    await until(`the button '${button}' of ${section}`, async () => {
      await header.hover({ timeout: 2000 });
      await action.click({ timeout: 1500 });
      return true;
    });
  }
}

function toVariable(row: Row<'scope' | 'name' | 'value'>): VariableRow {
  const { scope, name, value } = row.text;
  // 1.100 writes "name: ", later ones "name =".
  return { level: row.level, name: (name || scope).replace(/[ :=]+$/, ''), value, expanded: row.expanded };
}
