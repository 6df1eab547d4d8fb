// Formatting, rename and call hierarchy in the real editor.
import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import { inWindow } from './window.ts';

const MESSY = `(module
;; Adds both.
   (func $add (param $a i32)   (param $b i32) (result i32)
local.get $a   ;; left
 local.get $b
        i32.add)
  (func $twice (param $n i32) (result i32) (call $add (local.get $n)
     (local.get $n)))
(func (export "main") (result i32) (call $twice (i32.const 4))))
`;

const TIDY = `(module
  ;; Adds both.
  (func $add (param $a i32) (param $b i32) (result i32)
    local.get $a   ;; left
    local.get $b
    i32.add)
  (func $twice (param $n i32) (result i32) (call $add (local.get $n) (local.get $n)))
  (func (export "main") (result i32) (call $twice (i32.const 4))))
`;

/** Lines as the editor has them on the screen: its hints are no part of the text. */
function shown(text: string): string[] {
  return text.trimEnd().split('\n');
}

inWindow(
  'refactoring',
  {
    workspace: 'examples',
    files: { 'messy.wat': MESSY },
    settings: { 'editor.inlayHints.enabled': 'off', 'editor.detectIndentation': false, 'editor.tabSize': 2 },
  },
  (test) => {
    test('a messy file is formatted', async ({ workbench }) => {
      const { editor } = workbench;
      await workbench.openFile('messy.wat');
      await workbench.waitForLanguage('WebAssembly');
      await editor.setText(MESSY);
      const wanted = shown(TIDY);
      const lines = await until(
        'the tidy text',
        async () => {
          // Before the language server is there, there is nothing to format with; a tidy text stays as it is.
          await workbench.run('Format Document');
          return editor.lines();
        },
        (found) => wanted.every((line, i) => found.get(i + 1)?.trimEnd() === line),
      );
      assert.ok(lines.size >= wanted.length);
      await workbench.screenshot('refactoring - a formatted file');
    });

    test('a function is renamed', async ({ workbench }) => {
      const { editor, page } = workbench;
      await workbench.openFile('messy.wat');
      await editor.setText(TIDY);
      await editor.goTo(3, 11);
      const box = page.locator('.rename-box input');
      await until(
        'the box for the name',
        async () => {
          await page.keyboard.press('F2');
          await box.waitFor({ timeout: 4000 });
          return box.inputValue();
        },
        (value) => value === '$add',
      );
      await box.fill('$sum of both');
      await workbench.screenshot('refactoring - rename');
      await page.keyboard.press('Enter');
      await until(
        'the new name',
        () => editor.lines(),
        (lines) =>
          /\(func \$"sum of both" /.test(lines.get(3) ?? '') &&
          /\(call \$"sum of both" /.test(lines.get(7) ?? ''),
      );
    });

    test('calls are shown as a tree', async ({ workbench }) => {
      const { editor, page } = workbench;
      await workbench.openFile('messy.wat');
      await editor.setText(TIDY);
      await editor.goTo(3, 11);
      await workbench.run('Peek Call Hierarchy');
      const rows = page.locator('.call-hierarchy .monaco-list-row');
      const names = await until(
        'the caller',
        () => rows.allInnerTexts(),
        (found) => found.some((row) => row.includes('$twice')),
      );
      assert.ok(names.some((row) => row.includes('$twice')));
      await workbench.screenshot('refactoring - call hierarchy');
      await page.keyboard.press('Escape');
    });
  },
);
