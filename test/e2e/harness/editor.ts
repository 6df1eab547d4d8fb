// The active text editor: cursor, text, breakpoints' glyphs, hovers, decorations, squiggles.
//
// Lines and columns are 1-based, as VS Code shows them. Only what is in sight is rendered: goTo() brings a line
// into sight. Where something stands is found by comparing rectangles on the screen, since the editor's
// elements carry no positions: a decoration's text is the characters that its rectangle covers.
import type { Locator, Page } from 'playwright-core';
import { until } from './until.ts';
import type { Workbench } from './workbench.ts';

export interface Decoration {
  /** 1-based. */
  line: number;
  /** The characters it covers on that line. */
  text: string;
  /** All its classes. Those of an extension's decoration type look like `ced-1-TextEditorDecorationType3-0`. */
  classes: string;
}

export interface Glyph {
  line: number;
  /** `codicon-debug-breakpoint`, `…-unverified`, `…-disabled`, `codicon-debug-stackframe`, … */
  icon: string;
}

const EDITOR = '.editor-group-container.active .editor-instance .monaco-editor[role="code"]';

export class Editor {
  private readonly workbench: Workbench;
  private readonly page: Page;
  readonly root: Locator;

  constructor(workbench: Workbench) {
    this.workbench = workbench;
    this.page = workbench.page;
    this.root = this.page.locator(EDITOR).first();
  }

  /** Puts the keyboard into the editor. */
  async focus(): Promise<void> {
    await this.root.locator('.view-lines').waitFor();
    await until('the editor has the keyboard', async () => {
      if (await this.hasFocus()) return true;
      await this.page.keyboard.press('Control+1'); // the first group of editors; leaves the cursor where it is
      if (await this.hasFocus()) return true;
      await this.root.click({ timeout: 2000 });
      return await this.hasFocus();
    });
  }

  private async hasFocus(): Promise<boolean> {
    return await this.root.evaluate((element) => element.contains(document.activeElement));
  }

  /** Moves the cursor, which scrolls there. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.focus();
    const place = this.page.locator('#status\\.editor\\.selection');
    await until(`the cursor is at ${line}:${column}`, async () => {
      const shown = (await place.textContent()) ?? '';
      if (shown.startsWith(`Ln ${line}, Col ${column}`) && (await this.hasFocus())) return true;
      await this.page.keyboard.press('Control+G');
      await this.workbench.type(`${shown.startsWith(':') ? '' : ':'}${line}:${column}`);
      await this.workbench.questionGone();
      return ((await place.textContent()) ?? '').startsWith(`Ln ${line}, Col ${column}`);
    });
  }

  /** The cursor's place as the status bar shows it. */
  async cursor(): Promise<{ line: number; column: number }> {
    const shown = (await this.page.locator('#status\\.editor\\.selection').textContent()) ?? '';
    const [, line, column] = /Ln ([\d,]+), Col ([\d,]+)/.exec(shown) ?? [];
    return { line: Number(line?.replace(',', '')), column: Number(column?.replace(',', '')) };
  }

  /** The rendered lines, by number. */
  async lines(): Promise<Map<number, string>> {
    return new Map((await this.root.evaluate(measureLines)).map(({ line, text }) => [line, text]));
  }

  /** Replaces the whole text by typing, without auto-closing or indentation. */
  async setText(text: string): Promise<void> {
    await this.focus();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.press('Delete');
    await this.insertText(text);
  }

  /** Inserts at the cursor as a paste does. */
  async insertText(text: string): Promise<void> {
    await this.focus();
    await this.page.keyboard.insertText(text);
  }

  // --- breakpoints

  /** The glyphs beside the rendered lines. */
  async glyphs(): Promise<Glyph[]> {
    return await this.root.evaluate((editor) => {
      const numbers = [...editor.querySelectorAll('.margin-view-overlays .line-numbers')].map((e) => ({
        line: Number(e.textContent),
        top: e.getBoundingClientRect().top,
      }));
      return [...editor.querySelectorAll('.glyph-margin-widgets .cgmr')].flatMap((glyph) => {
        const top = glyph.getBoundingClientRect().top;
        const at = numbers.find((number) => Math.abs(number.top - top) < 4);
        const icons = [...glyph.classList].filter((name) => name.startsWith('codicon-'));
        return at ? icons.map((icon) => ({ line: at.line, icon })) : [];
      });
    });
  }

  /** The lines that show a breakpoint of any kind. */
  async breakpointLines(): Promise<number[]> {
    const glyphs = await this.glyphs();
    const lines = glyphs.filter(({ icon }) => isBreakpoint(icon)).map(({ line }) => line);
    return [...new Set(lines)].sort((a, b) => a - b);
  }

  /**
   * Presses F9 on a line that shows no breakpoint until one more breakpoint is shown anywhere.
   * @returns the line it is shown on, which may be another one when the debugger moves it
   */
  async setBreakpoint(line: number): Promise<number> {
    await this.goTo(line);
    const before = await this.breakpointLines();
    if (before.includes(line)) return line;
    const added = await this.toggle(before, (lines) => lines.find((shown) => !before.includes(shown)));
    return added;
  }

  /** Presses F9 on a line with a breakpoint until it is gone. */
  async clearBreakpoint(line: number): Promise<void> {
    await this.goTo(line);
    const before = await this.breakpointLines();
    if (!before.includes(line)) return;
    await this.toggle(before, (lines) => (lines.includes(line) ? undefined : line));
  }

  /** F9 just after an editor has opened can be lost: press, look for two seconds, press again. */
  private async toggle(before: number[], done: (lines: number[]) => number | undefined): Promise<number> {
    for (let attempt = 0; attempt < 5; attempt++) {
      await this.page.keyboard.press('F9');
      try {
        let result: number | undefined;
        await until(
          'F9 works',
          async () => (result = done(await this.breakpointLines())) !== undefined,
          Boolean,
          2000,
        );
        return result!;
      } catch {
        await this.focus();
      }
    }
    throw new Error(
      `F9 changed no breakpoint; breakpoints before: ${before}, glyphs: ${JSON.stringify(await this.glyphs())}`,
    );
  }

  /** The line with the yellow (top frame) or green (other frame) arrow; waits for it. */
  async stoppedLine(): Promise<number> {
    const glyphs = await until(
      'an arrow beside a line',
      () => this.glyphs(),
      (list) => list.some(({ icon }) => /codicon-debug-stackframe/.test(icon)),
    );
    return glyphs.find(({ icon }) => /codicon-debug-stackframe/.test(icon))!.line;
  }

  // --- hovers, decorations

  /** Moves the mouse onto a piece of text and returns what the hover says. `debug` waits for the debugger's own. */
  async hover(line: number, text: string, kind: 'language' | 'debug' = 'language'): Promise<string> {
    const selector =
      kind === 'debug' ? '.debug-hover-widget' : '.monaco-hover:not(.hidden) .monaco-hover-content';
    const widget = this.page.locator(`${selector}:visible`);
    return await until(
      `a hover on '${text}' in line ${line}`,
      async () => {
        const at = await this.place(line, text);
        // A hover opens for a mouse that moved and then rests.
        await this.page.mouse.move(at.x - 3, at.y + 60);
        await widget
          .first()
          .waitFor({ state: 'hidden', timeout: 2000 })
          .catch(() => {});
        await this.page.mouse.move(at.x, at.y, { steps: 4 });
        await widget.first().waitFor({ timeout: 3000 });
        return await until(
          'the hover has its text',
          async () => (await widget.allInnerTexts()).join('\n').trim(),
          (shown) => shown !== '' && !/^Loading\.*$/.test(shown),
          5000,
        );
      },
      (shown) => shown !== '',
      25_000,
    );
  }

  /** The middle of a piece of text on the screen. */
  async place(line: number, text: string): Promise<{ x: number; y: number }> {
    const found = await this.root.evaluate(findText, { line, text });
    if (!found) throw new Error(`line ${line} does not show '${text}'`);
    return found;
  }

  /** The decorations that extensions made with a decoration type, also those that style the text itself. */
  async decorations(): Promise<Decoration[]> {
    return await this.root.evaluate(decorationsOf, '[class*="ced-"]');
  }

  /** The squiggles in sight. */
  async squiggles(severity: 'error' | 'warning' | 'info' = 'error'): Promise<Decoration[]> {
    return await this.root.evaluate(decorationsOf, `.squiggly-${severity}`);
  }

  /** The inline values and other text that VS Code adds after the code, by line. */
  async inlineText(): Promise<Map<number, string>> {
    const found = await this.root.evaluate((editor) => {
      const numbers = [...editor.querySelectorAll('.margin-view-overlays .line-numbers')].map((e) => ({
        line: Number(e.textContent),
        top: e.getBoundingClientRect().top,
      }));
      return [...editor.querySelectorAll('.view-line')].flatMap((row) => {
        const top = row.getBoundingClientRect().top;
        const at = numbers.find((number) => Math.abs(number.top - top) < 4);
        const text = [
          ...row.querySelectorAll('[class*="dyn-rule"], .debug-inline-value, [class*="debug-inline-value"]'),
        ]
          .map((e) => e.textContent)
          .join('');
        return at && text ? [[at.line, text.replace(/\u00a0/g, ' ')] as [number, string]] : [];
      });
    });
    return new Map(found);
  }
}

function isBreakpoint(icon: string): boolean {
  return (
    /^codicon-debug-(breakpoint|stackframe-(dot|focused-dot))/.test(icon) ||
    /^codicon-debug-.*breakpoint/.test(icon)
  );
}

// What follows runs in the page, each function by itself.

function measureLines(editor: Element): { line: number; text: string }[] {
  const rows = [...editor.querySelectorAll('.view-line')];
  return [...editor.querySelectorAll('.margin-view-overlays .line-numbers')].flatMap((number) => {
    const top = number.getBoundingClientRect().top;
    const row = rows.find((candidate) => Math.abs(candidate.getBoundingClientRect().top - top) < 4);
    return row
      ? [{ line: Number(number.textContent), text: (row.textContent ?? '').replace(/\u00a0/g, ' ') }]
      : [];
  });
}

function findText(
  editor: Element,
  { line, text }: { line: number; text: string },
): { x: number; y: number } | undefined {
  const number = [...editor.querySelectorAll('.margin-view-overlays .line-numbers')].find(
    (e) => Number(e.textContent) === line,
  );
  if (!number) return undefined;
  const top = number.getBoundingClientRect().top;
  const row = [...editor.querySelectorAll('.view-line')].find(
    (e) => Math.abs(e.getBoundingClientRect().top - top) < 4,
  );
  if (!row) return undefined;
  const characters: { node: Node; index: number }[] = [];
  const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    for (let index = 0; index < (node.textContent ?? '').length; index++) characters.push({ node, index });
  const start = (row.textContent ?? '').replace(/\u00a0/g, ' ').indexOf(text);
  const middle = characters[start + Math.floor(text.length / 2)];
  if (start < 0 || !middle) return undefined;
  const range = document.createRange();
  range.setStart(middle.node, middle.index);
  range.setEnd(middle.node, middle.index + 1);
  const box = range.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

function decorationsOf(editor: Element, selector: string): { line: number; text: string; classes: string }[] {
  const rows = [...editor.querySelectorAll('.view-line')].map((row) => ({
    row,
    box: row.getBoundingClientRect(),
  }));
  const numbers = [...editor.querySelectorAll('.margin-view-overlays .line-numbers')];
  const seen = new Set<string>();
  return [...editor.querySelectorAll(`.view-overlays ${selector}, .view-line ${selector}`)].flatMap(
    (mark) => {
      const box = mark.getBoundingClientRect();
      const middle = box.top + box.height / 2;
      const at = rows.find((candidate) => candidate.box.top <= middle && middle < candidate.box.bottom);
      if (!at) return [];
      const number = numbers.find((e) => Math.abs(e.getBoundingClientRect().top - at.box.top) < 4);
      let text = '';
      const walker = document.createTreeWalker(at.row, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (let index = 0; index < (node.textContent ?? '').length; index++) {
          const range = document.createRange();
          range.setStart(node, index);
          range.setEnd(node, index + 1);
          const c = range.getBoundingClientRect();
          const center = c.left + c.width / 2;
          if (center >= box.left && center < box.right) text += node.textContent![index];
        }
      }
      const found = {
        line: Number(number?.textContent),
        text: text.replace(/\u00a0/g, ' '),
        classes: mark.className,
      };
      const key = JSON.stringify(found);
      if (seen.has(key)) return [];
      seen.add(key);
      return [found];
    },
  );
}
