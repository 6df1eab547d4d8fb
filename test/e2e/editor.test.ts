/**
 * The module editor as a user has it: every byte's card, keyboard only, large, damaged and changed files, a component, a
 * diff, debugging, all themes, and what axe finds. Screenshots are in test/e2e/shots.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { installed } from '../packages.ts';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { inWindow, type Window } from './window.ts';

const GOLDEN = 'test/e2e/golden/fib-cards.txt';
const FIB = readFileSync('examples/fib.wasm');

/** A component with a module in it, and a custom section. */
const COMPONENT = Buffer.concat([
  Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]),
  Buffer.from([1, FIB.length]),
  FIB,
  Buffer.from([0, 5, 1, 0x78, 1, 2, 3]),
]);
/** fib.wasm with a custom section behind it: what a second build may look like. */
const LARGER = Buffer.concat([FIB, Buffer.from([0, 6, 4, 0x6e, 0x6f, 0x74, 0x65, 1])]);
const CUT = FIB.subarray(0, 50);

const FILES = {
  'component.wasm': COMPONENT,
  'cut.wasm': CUT,
  'larger.wasm': LARGER,
  'changing.wasm': FIB,
};

/** The page of the editor that is shown. */
class Shown {
  readonly view: FrameLocator;
  readonly #workbench: Workbench;
  readonly #page: Page;

  constructor({ workbench, page }: Window) {
    this.#workbench = workbench;
    this.#page = page;
    this.view = workbench.webview();
  }

  /** Opens a file, and waits for its bytes and for what they mean. */
  async open(file: string): Promise<void> {
    await this.#workbench.openFile(file);
    await this.view.locator('h1', { hasText: path.basename(file) }).waitFor();
    await this.view.locator('.card[data-offset="0"]').waitFor();
    await this.view.locator('.byte.frame').first().waitFor();
    await this.view.locator('.grid').focus();
  }

  /** The card beside the grid, once it is that of a byte. */
  async card(offset: number): Promise<string> {
    return this.view.locator('aside').evaluate(async (aside, wanted) => {
      const find = () => aside.querySelector(`.card[data-offset="${wanted}"]`);
      const element = await new Promise<Element>((resolve, reject) => {
        const look = () => {
          const found = find();
          if (found) resolve(found);
          return found;
        };
        if (look()) return;
        const observer = new MutationObserver(() => look() && observer.disconnect());
        observer.observe(aside, { childList: true, subtree: true });
        setTimeout(() => reject(new Error(`waited 20 s for the card of byte ${wanted}`)), 20_000);
      });
      const text = (part: Element) => (part as HTMLElement).innerText.replace(/\s+/g, ' ').trim();
      const parts = [...element.querySelectorAll('.title, .fault, .sentence, dt')];
      return parts
        .map((part) =>
          part.tagName === 'DT' ? `  ${text(part)}: ${text(part.nextElementSibling!)}` : text(part),
        )
        .join('\n');
    }, offset);
  }

  /** Goes to what somebody types into Go To. */
  async goTo(text: string): Promise<void> {
    await this.#page.keyboard.press('Control+G');
    await this.#workbench.type(text);
    await this.#workbench.questionGone();
    // The keyboard comes back into the page a moment after the list is gone.
    await this.view.locator('.grid:focus').waitFor();
  }

  place(): Promise<string> {
    return this.view.locator('.place').innerText();
  }

  async at(pattern: RegExp): Promise<void> {
    await until(
      `the caret at ${pattern}`,
      () => this.place(),
      (shown) => pattern.test(shown),
    );
  }

  path(): Promise<string> {
    return this.view.locator('.crumbs').innerText();
  }

  /** The bytes of the cells with a class. */
  marked(name: string): Promise<string[]> {
    return this.view.locator(`.row:not([hidden]) .byte.${name}`).allTextContents();
  }
}

/** The rules that axe finds broken in a page, with the elements. */
async function violations(view: FrameLocator): Promise<string[]> {
  const source = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
  // The page's policy forbids scripts; what the test evaluates is not asked.
  return view.locator('body').evaluate(async (_, script) => {
    new Function(script).call(window);
    const { axe } = window as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const found = await axe.run();
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }, source);
}

const large = installed('esbuild-wasm');

inWindow(
  'module editor',
  {
    workspace: 'examples',
    files: {
      ...FILES,
      ...('why' in large ? {} : { 'esbuild.wasm': readFileSync(path.join(large.folder, 'esbuild.wasm')) }),
    },
    settings: { 'debug.internalConsoleOptions': 'neverOpen', 'workbench.colorTheme': 'Default Dark Modern' },
    size: { width: 1720, height: 950 },
  },
  (test) => {
    test('the card of every byte of fib.wasm, by the keyboard alone', async (window) => {
      const { workbench, page } = window;
      const shown = new Shown(window);
      await workbench.openFile('fib.wat');
      await workbench.waitForLanguage('WebAssembly');
      await shown.open('fib.wasm');
      const cards: string[] = [];
      for (let offset = 0; offset < FIB.length; offset++) {
        if (offset > 0) await page.keyboard.press('ArrowRight');
        cards.push(`--- 0x${offset.toString(16)}\n${await shown.card(offset)}\n`);
      }
      const text = cards.join('\n');
      if (process.env.BLESS) {
        mkdirSync(path.dirname(GOLDEN), { recursive: true });
        writeFileSync(GOLDEN, text);
      }
      assert.equal(text, existsSync(GOLDEN) ? readFileSync(GOLDEN, 'utf8') : '', 'BLESS=1 writes it anew');
      // The text of the function is in step.
      assert.equal(await shown.view.locator('.line.here').innerText(), '  end)');
      // A hover says the same.
      await shown.view.locator('.byte', { hasText: '4d' }).first().hover();
      const hover = shown.view.getByRole('tooltip');
      await hover.locator('.name', { hasText: 'i32.le_u' }).waitFor();
      await workbench.screenshot('module editor - hover');
    });

    test('keys: fields, selection, rows, find, tree, copies, pages', async (window) => {
      const { workbench, page } = window;
      const shown = new Shown(window);
      const { view } = shown;
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await shown.open('fib.wasm');
      const press = async (keys: string, place: RegExp) => {
        for (const key of keys.split(' ')) await page.keyboard.press(key);
        await shown.at(place);
      };
      await press('ArrowDown', /^0x10 /);
      await press('ArrowRight ArrowRight Home', /^0x10 /);
      await press('End', /^0x1f /);
      await press('Control+Home Control+ArrowRight', /^0x4 /);
      await press('Control+ArrowRight Control+ArrowLeft', /^0x4 /);
      await press('Shift+ArrowRight Shift+ArrowRight', /^0x4 · 3 bytes selected/);
      assert.deepEqual(await view.locator('.byte[aria-selected="true"]').allTextContents(), [
        '01',
        '00',
        '00',
      ]);
      await press('Control+End', /^0x3c /);
      await press('PageUp', /^0xc /);
      // Go To by name, then definition and references of what is called, and back.
      await shown.goTo('0x32');
      await shown.at(/^0x32 /);
      assert.match(await shown.card(0x32), /^call function index 0$/m);
      assert.equal((await shown.path()).replace(/\s+/g, ''), 'module›code›func0$fib›call›functionindex');
      await page.keyboard.press('F12');
      await shown.at(/^0x20 · 29 bytes selected/);
      await page.keyboard.press('Alt+ArrowLeft');
      await shown.at(/^0x32 /);
      await page.keyboard.press('Shift+F12');
      await view.locator('.find .about', { hasText: 'func 0 $fib' }).waitFor();
      await until(
        'both calls and the export are marked',
        () => shown.marked('match'),
        (all) => all.length >= 3,
      );
      await workbench.screenshot('module editor - references');
      await page.keyboard.press('Escape');
      // Find: instructions, then the next one.
      await page.keyboard.press('Control+F');
      await page.keyboard.type('i32.sub … call');
      const count = view.locator('.find .count');
      await count.filter({ hasText: /of 2$/ }).waitFor();
      const first = await count.innerText();
      await page.keyboard.press('F3');
      await until(
        'the other match',
        () => count.innerText(),
        (text) => text !== first,
      );
      // Select All goes through VS Code, which takes its time.
      await view.locator('.find input').fill('7f ?? 7f');
      await count.filter({ hasText: '1 of 1' }).waitFor();
      assert.deepEqual(await shown.marked('match'), ['7f', '01', '7f']);
      await page.keyboard.press('Escape');
      await view.locator('.grid:focus').waitFor();
      // The tree: to its left by Shift+Tab, and from there to the bytes.
      await shown.goTo('section export');
      await view.locator('.node.selected', { hasText: 'section id' }).waitFor();
      await view.getByRole('tree').focus();
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('ArrowLeft');
      await view.locator('.node.selected', { hasText: 'export' }).waitFor();
      await page.keyboard.press('Enter');
      await shown.at(/^0x14 · 9 bytes selected/);
      // What is selected, as text of other kinds.
      await view.locator('.grid').focus();
      await page.keyboard.press('F1');
      await workbench.type('>Wasmscope: Copy As…');
      await workbench.choose('WAT string');
      await workbench.questionGone();
      const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
      await until(
        'the string in the clipboard',
        clipboard,
        (text) => text === '"\\07\\07\\01\\03fib\\00\\00"',
      );
      await view.locator('.grid').focus();
      await page.keyboard.press('Control+C');
      await until('the bytes in the clipboard', clipboard, (text) => text === '07 07 01 03 66 69 62 00 00');
      // The other page by its tab, and back.
      await view.getByRole('tab', { name: 'Bytes' }).focus();
      await page.keyboard.press('ArrowRight');
      await view.getByRole('tabpanel', { name: 'Summary' }).waitFor();
      await page.keyboard.press('ArrowLeft');
      await view.locator('.grid').waitFor();
    });

    test('a truncated file: the fault, its byte, and everything else', async (window) => {
      const shown = new Shown(window);
      await shown.open('cut.wasm');
      const banner = shown.view.getByRole('alert');
      assert.match(await banner.innerText(), /length out of bounds \(at 0x1e\)/);
      await banner.getByRole('button', { name: 'Go to the fault' }).click();
      await shown.at(/^0x1e /);
      assert.match(await shown.card(0x1e), /✕ length out of bounds/);
      assert.ok((await shown.marked('fault')).includes('1e'));
      await shown.goTo('0x1b');
      assert.match(await shown.card(0x1b), /^export 0|fib|func/m);
    });

    test('a component: the module in it is taken apart, too', async (window) => {
      const shown = new Shown(window);
      await shown.open('component.wasm');
      await shown.goTo('0x2e');
      const card = await shown.card(0x2e);
      assert.match(card, /^i32.const\n/);
      assert.match(card, /Path: component › .*core module.* › code › func 0 \$fib › i32.const › opcode/);
      await shown.view.locator('.facts', { hasText: 'component' }).first().waitFor();
    });

    test('a file that changes on disk, and a diff with what grew', async (window) => {
      const { workbench, vscode, page } = window;
      const shown = new Shown(window);
      await shown.open('changing.wasm');
      writeFileSync(path.join(vscode.workspace!, 'changing.wasm'), LARGER);
      await shown.view.locator('.facts', { hasText: '69 bytes' }).first().waitFor();
      await page.keyboard.press('Control+End');
      await shown.at(/^0x44 /);
      const fib = await workbench.revealInExplorer('fib.wasm');
      await workbench.chooseFromContextMenu(fib, 'Select for Compare');
      const larger = await workbench.revealInExplorer('larger.wasm');
      await workbench.chooseFromContextMenu(larger, 'Compare with Selected');
      const pages = page.locator('iframe.webview.ready');
      await until(
        'both sides',
        () => pages.count(),
        (count) => count >= 2,
      );
      const compared = await until(
        'a comparison in one of the sides',
        async () => {
          for (let i = 0; i < (await pages.count()); i++) {
            const side = page.frameLocator(`iframe.webview.ready >> nth=${i}`).frameLocator('#active-frame');
            const found = side.locator('.compared');
            if (await found.isVisible()) return (await found.innerText()).replace(/\s+/g, ' ');
          }
          return '';
        },
        (text) => text !== '',
      );
      assert.match(compared, /61 bytes → 69 bytes \(\+8 bytes\)/);
      assert.match(compared, /custom "note" not there 8 bytes \+8 bytes/);
    });

    test('debugging: breakpoints on bytes, the current instruction, values', async (window) => {
      const { workbench, page } = window;
      const { debug } = workbench;
      const shown = new Shown(window);
      const { view } = shown;
      await shown.open('fib.wasm');
      await shown.goTo('0x30');
      // One that a first attempt has left.
      if ((await shown.marked('breakpoint')).length > 0) await page.keyboard.press('F9');
      await until(
        'no breakpoint',
        () => shown.marked('breakpoint'),
        (all) => all.length === 0,
      );
      await page.keyboard.press('F9');
      await until(
        'the breakpoint',
        () => shown.marked('breakpoint'),
        (all) => all.join() === '6b',
      );
      // It is VS Code's own.
      await page.keyboard.press('Control+Shift+D');
      await page.locator('.debug-breakpoints .monaco-list-row', { hasText: 'fib.wasm!0x30' }).waitFor();
      await workbench.run('Wasmscope: Debug with Arguments…');
      await until(
        'the arguments',
        () => workbench.inputBox(),
        (box) => box.title === 'fib(i32) → i32',
      );
      await workbench.type('4');
      await workbench.questionGone();
      await until(
        'frames',
        async () => (await debug.callStack()).length,
        (count) => count > 0,
      );
      await workbench.openFile('fib.wasm');
      await until(
        'the current instruction',
        () => shown.marked('current'),
        (all) => all.join() === '6b',
      );
      // The page asks for the values when it has been told of the stop.
      await until(
        'the values on the card',
        () => shown.card(0x30),
        (card) => /Now: .*stack\[0\] = i32 2 .*stack\[1\] = i32 4 /.test(card),
      );
      await workbench.screenshot('module editor - stopped');
      await debug.stop();
      await until(
        'no instruction',
        () => shown.marked('current'),
        (all) => all.length === 0,
      );
      await view.locator('.grid').focus();
      await page.keyboard.press('F9');
      await until(
        'no breakpoint',
        () => shown.marked('breakpoint'),
        (all) => all.length === 0,
      );
    });

    test('light, dark and high contrast, and what axe says', async (window) => {
      const { workbench, page } = window;
      const shown = new Shown(window);
      await shown.open('fib.wasm');
      await shown.goTo('0x25');
      for (const theme of ['Light Modern', 'Dark Modern', 'Dark High Contrast', 'Light High Contrast']) {
        await workbench.run('Preferences: Color Theme');
        await workbench.type(theme, false);
        await page.keyboard.press('Enter');
        await workbench.questionGone();
        const kind = theme.includes('Contrast')
          ? 'vscode-high-contrast'
          : theme.startsWith('Light')
            ? 'vscode-light'
            : 'vscode-dark';
        await shown.view.locator(`body.${kind}`).waitFor();
        await shown.view.getByRole('tab', { name: 'Bytes' }).click();
        await shown.view.locator('.byte', { hasText: '4d' }).first().hover();
        await shown.view.getByRole('tooltip').locator('.card').waitFor();
        assert.deepEqual(await violations(shown.view), [], theme);
        await workbench.screenshot(`module editor - ${theme}`);
        await shown.view.getByRole('tab', { name: 'Summary' }).click();
        assert.deepEqual(await violations(shown.view), [], `${theme}, summary`);
      }
    });

    if ('why' in large) console.log(`NOT RUN: module editor of 14 MB: ${large.why}`);
    else {
      test('14 MB: anywhere at once', async (window) => {
        const { workbench, page } = window;
        const shown = new Shown(window);
        const { view } = shown;
        await shown.open('esbuild.wasm');
        await page.keyboard.press('Control+End');
        await shown.at(/^0xd54ce/);
        await until(
          'the path of the last byte',
          () => shown.path(),
          (text) => text.includes('custom "producers"'),
        );
        await shown.goTo('func 2000');
        await until(
          'the function',
          () => shown.path(),
          (text) => text.includes('func 2000'),
        );
        await view.locator('.function', { hasText: 'func 2000' }).waitFor();
        // From the bar at the right, which stands for more than it has pixels, to the middle of the file.
        await view.locator('.grid').evaluate((grid) => {
          grid.scrollTop = grid.scrollHeight / 2;
        });
        await until(
          'rows in the middle of the file',
          async () =>
            Number.parseInt(await view.locator('.row:not([hidden]) .offset').first().innerText(), 16),
          (offset) => offset > 0x600000 && offset < 0x700000,
        );
        await workbench.screenshot('module editor - 14 MB');
        await view.getByPlaceholder('Filter by name').fill('wasmWrite');
        await view.getByRole('treeitem', { name: 'import 3' }).click();
        await shown.at(/bytes selected/);
      });
    }
  },
);
