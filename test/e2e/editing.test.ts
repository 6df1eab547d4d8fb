// Help while editing: completion by the stack, signature help, hints, colours, lenses with Run | Debug, and values
// beside the code while stopped.
import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import { inWindow } from './window.ts';

const TEXT = `(module
  ;; Adds both.
  (func $add (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b)))
  (func (export "twice") (param $n i32) (result i32)
    block $out
      local.get $n
      br_if $out
    end
    local.get $n
    local.get $n
    call 0)
  (func (export "nine") (result i32)
    i32.const 4
    i32.const 5
    call $add))
`;

inWindow('editing', { workspace: 'examples', files: { 'help.wat': TEXT } }, (test) => {
  test('completion is sorted by the stack', async ({ workbench }) => {
    const { editor, page } = { editor: workbench.editor, page: workbench.page };
    await workbench.openFile('help.wat');
    await workbench.waitForLanguage('WebAssembly');
    await editor.setText(
      '(module (func (param $x i32) (local $y f64)\n  local.get $x\n  local.get $x\n  \n))',
    );
    await editor.goTo(4, 3);
    const rows = page.locator('.suggest-widget.visible .monaco-list-row .label-name');
    const shown = await until(
      'suggestions',
      async () => {
        await page.keyboard.press('Control+Space');
        await rows.first().waitFor({ timeout: 4000 });
        return rows.allInnerTexts();
      },
      (found) => found.length > 4,
    );
    assert.deepEqual(shown.slice(0, 3), ['local.set', 'local.tee', 'i32.add']);
    assert.ok(!shown.includes('f64.add'));
    await workbench.screenshot('editing - completion sorted by the stack');
    await page.keyboard.press('Escape');
    await page.keyboard.type('local.set ');
    await page.keyboard.press('Control+Space');
    await rows.first().waitFor();
    assert.deepEqual((await rows.allInnerTexts()).slice(0, 2), ['$x', '$y']);
    await page.keyboard.press('Enter');
    await until('the name is there', async () => /local\.set \$x/.test((await editor.lines()).get(4) ?? ''));
  });

  test('signature help marks the operand', async ({ workbench }) => {
    const { editor, page } = workbench;
    await workbench.openFile('help.wat');
    await editor.setText(TEXT.replace('    call $add))', '    (call $add (i32.const 1) )))'));
    await editor.goTo(16, 30);
    await page.keyboard.press('Control+Shift+Space');
    const widget = page.locator('.parameter-hints-widget.visible');
    const marked = widget.locator('.parameter.active');
    await marked.waitFor();
    assert.match(await widget.innerText(), /call \$add \(param \$a i32\) \(param \$b i32\) \(result i32\)/);
    assert.equal(await marked.innerText(), '(param $b i32)');
    await workbench.screenshot('editing - signature help');
  });

  test('hints, lenses and colours', async ({ workbench }) => {
    const { editor, page } = workbench;
    await workbench.openFile('help.wat');
    await editor.setText(TEXT);
    const lines = await until(
      'hints',
      () => editor.lines(),
      (found) => /call 0 ?\$add/.test(found.get(12) ?? '') && /⟵ block \$out/.test(found.get(9) ?? ''),
    );
    assert.match(lines.get(12)!, /→ i32/);
    const lenses = page.locator('.codelens-decoration');
    const texts = await until(
      'lenses',
      () => lenses.allInnerTexts(),
      (found) => found.some((text) => /2 references/.test(text)) && found.some((text) => /Run/.test(text)),
    );
    assert.ok(texts.some((text) => /Run.*Debug/s.test(text)));
    await workbench.screenshot('editing - hints and lenses');
    await page.locator('.codelens-decoration a', { hasText: '2 references' }).click();
    const peek = page.locator('.peekview-widget .monaco-list-row');
    await peek.first().waitFor();
    assert.equal((await peek.allInnerTexts()).filter((row) => /call/.test(row)).length, 2);
    await workbench.screenshot('editing - references of a lens');
    await page.keyboard.press('Escape');
  });

  test('Debug above an export stops in it, with values beside the code', async ({ workbench }) => {
    const { editor, page, debug } = workbench;
    await workbench.openFile('help.wat');
    await editor.setText(TEXT);
    await page.keyboard.press('Control+S');
    await editor.setBreakpoint(12);
    // The lens of the function with a parameter asks for it.
    const lens = page.locator('.codelens-decoration a', { hasText: 'Debug' }).first();
    await lens.click();
    await workbench.type('21');
    assert.match((await debug.stopped()).name, /twice|func/);
    const values = await until(
      'values beside the code',
      () => editor.inlineText(),
      (found) => /21/.test([...found.values()].join(' ')),
    );
    assert.match(values.get(10) ?? values.get(11) ?? '', /\$n = .*21/);
    await workbench.screenshot('editing - values while stopped');
    await debug.stop();
  });
});
