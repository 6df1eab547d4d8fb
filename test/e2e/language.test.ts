/** Squiggles while typing, hovers, outline, colours; the server's status and restart. */
import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import { inWindow } from './window.ts';

const GOOD = `(module
  ;; a comment
  (func $twice (export "twice") (param $x i32) (result i32)
    local.get $x
    i32.const 2
    i32.mul))
`;

/** A text, where it is wrong, and what is said about it. */
const FAULTS = [
  {
    what: 'syntax',
    text: GOOD.replace('i32.mul', 'i32.mull'),
    line: 6,
    at: 'i32.mull',
    message: /unknown operator/,
  },
  { what: 'names', text: GOOD.replace('get $x', 'get $y'), line: 4, at: '$y', message: /unknown local \$y/ },
  {
    what: 'types',
    text: GOOD.replace('i32.mul', 'f32.mul'),
    line: 6,
    at: 'f32.mul',
    message: /type mismatch/,
  },
];

inWindow('language', { workspace: 'examples', files: { 'typed.wat': GOOD } }, (test) => {
  test('squiggles come while typing and go with the fix', async ({ workbench }) => {
    const { editor } = workbench;
    await workbench.openFile('typed.wat');
    await workbench.waitForLanguage('WebAssembly');
    for (const { what, text, line, at, message } of FAULTS) {
      await editor.setText(text);
      const marks = await until(
        `squiggles for ${what}`,
        () => editor.squiggles(),
        (found) => found.length > 0,
      );
      assert.deepEqual(
        marks.map((mark) => [mark.line, mark.text]),
        [[line, at]],
      );
      await until(
        `the problem of ${what}`,
        () => workbench.problems(),
        (problems) => problems.length === 1 && message.test(problems[0].message),
      );
      await workbench.screenshot(`language - squiggles for ${what}`);
      await editor.setText(GOOD);
      await until(
        'no squiggles',
        () => editor.squiggles(),
        (found) => found.length === 0,
      );
    }
  });

  test('an error leads to the places that explain it', async ({ workbench, page }) => {
    const { editor } = workbench;
    await workbench.openFile('typed.wat');
    await editor.setText(GOOD.replace('i32.mul', 'f32.mul'));
    await until(
      'the squiggle',
      () => editor.squiggles(),
      (found) => found.length === 1,
    );
    await workbench.run('Go to Next Problem (Error, Warning, Info)');
    const peek = page.locator('.marker-widget');
    await peek.waitFor();
    assert.match((await peek.innerText()).replaceAll('\u00a0', ' '), /typed\.wat\(\d+, \d+\):/);
    await workbench.screenshot('language - related places of an error');
    await editor.setText(GOOD);
  });

  test('hovers on an instruction and on a name', async ({ workbench }) => {
    const { editor } = workbench;
    await workbench.openFile('typed.wat');
    const instruction = await editor.hover(6, 'i32.mul');
    assert.match(instruction, /i32\.mul/);
    assert.match(instruction, /\[i32 i32\] ?→ ?\[i32\]|multipl/i);
    await workbench.screenshot('language - hover on an instruction');
    assert.match(await editor.hover(4, '$x'), /\$x.*i32|param/);
  });

  test('outline and breadcrumbs', async ({ workbench }) => {
    await workbench.openFile('loop.wat');
    const names = await until(
      'the outline',
      () => workbench.outline(),
      (list) => list.some((n) => n.includes('gcd')),
    );
    assert.deepEqual(names.slice(0, 3), ['module', '$rounds', '$gcd']);
    assert.equal(names.length, 4);
  });

  test('colours: each kind of token has its own', async ({ workbench }) => {
    const { editor } = workbench;
    await workbench.openFile('typed.wat');
    const colours = await until(
      'colours',
      () =>
        editor.root.evaluate((root) => {
          const found: Record<string, string> = {};
          for (const span of root.querySelectorAll('.view-line span span')) {
            const text = (span.textContent ?? '').replace(/\u00a0/g, ' ').trim();
            if (text) found[text] = getComputedStyle(span).color;
          }
          return found;
        }),
      (found) => new Set(Object.values(found)).size > 4,
    );
    const of = ['module', ';; a comment', '"twice"', '$twice', 'i32.mul', '2'].map((text) => colours[text]);
    assert.ok(!of.includes(undefined as never), JSON.stringify(colours));
    assert.equal(new Set(of).size, of.length, JSON.stringify(colours));
  });

  test('the status item, and a restart of the server', async ({ workbench, page }) => {
    const { editor } = workbench;
    await workbench.openFile('typed.wat');
    await page.locator('#status\\.languageStatus').hover();
    await page.locator('.hover-language-status').filter({ hasText: 'Wasmscope' }).first().waitFor();
    await workbench.screenshot('language - status');
    await editor.focus();
    await workbench.run('Wasmscope: Restart Language Server');
    await editor.setText(FAULTS[1].text);
    await until(
      'squiggles after the restart',
      () => editor.squiggles(),
      (found) => found.length === 1,
    );
    await editor.setText(GOOD);
    await until(
      'no squiggles',
      () => editor.squiggles(),
      (found) => found.length === 0,
    );
  });
});
