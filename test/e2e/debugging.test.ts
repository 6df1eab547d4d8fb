/** Breakpoints, stepping, what is shown at a stop, traps. */
import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import type { Workbench } from './harness/workbench.ts';
import { inWindow } from './window.ts';

const STATE = `(module
  (memory (export "memory") 1 3)
  (table $jobs 2 funcref)
  (elem (i32.const 0) $main)
  (global $count (mut i64) (i64.const -1))
  (func $main (export "main")
    (local $f f32) (local $d f64) (local i32)
    (local.set $f (f32.const nan:0x200001))
    (local.set $d (f64.const 0.1))
    (block $out (result i32)
      (loop $again
        (br_if $again (i32.const 0)))
      (i64.store (i32.const 16) (global.get $count))
      (i32.const 7))
    (drop)))
`;

const SPIN = '(module (func (export "main") (loop $again (br $again))))\n';

inWindow('debugging', { workspace: 'examples', files: { 'state.wat': STATE, 'spin.wat': SPIN } }, (test) => {
  test('a breakpoint on a comment moves to the next instruction', async ({ workbench }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('loop.wat');
    await workbench.waitForLanguage('WebAssembly');
    await editor.setBreakpoint(19);
    await startWith(workbench, 'gcd', '1071 462');
    assert.equal((await debug.stopped()).place, '21:38');
    await until(
      'the glyph',
      () => editor.breakpointLines(),
      (lines) => lines.includes(21) && !lines.includes(19),
    );
  });

  test('an inline breakpoint stops inside a folded expression', async ({ workbench }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('loop.wat');
    await editor.goTo(17, 23);
    await workbench.run('Debug: Inline Breakpoint');
    await startWith(workbench, 'gcd', '1071 462');
    assert.deepEqual(await debug.stopped(), { name: '$gcd', file: 'loop.wat', place: '17:23' });
    await covered(workbench, 17, 'i32.eqz');
  });

  test('function breakpoints by name, export and index', async ({ workbench, page }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('loop.wat');
    await page.keyboard.press('Control+Shift+D');
    for (const name of ['$gcd', 'lcm', 'func[7]']) await debug.addFunctionBreakpoint(name);
    await editor.focus();
    await startWith(workbench, 'lcm', '4 6');
    assert.equal((await debug.stopped()).name, 'lcm');
    assert.match(await debug.reason(), /function breakpoint/i);
    await debug.press('Continue');
    await debug.stoppedAt('14:26');
    await frames(workbench, '$gcd 14:26', 'lcm 32:52');
    await debug.press('Continue');
    await debug.ended();
    await workbench.run('Remove All Breakpoints');
    for (const name of ['gcd', 'func[0]']) {
      await page.keyboard.press('Control+Shift+D');
      await debug.addFunctionBreakpoint(name);
      await editor.focus();
      await debug.start();
      await debug.stoppedAt('14:26');
      await debug.stop();
      await workbench.run('Remove All Breakpoints');
    }
  });

  test('steps follow the execution; the exact instruction is marked', async ({ workbench }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('loop.wat');
    await editor.setBreakpoint(16);
    await startWith(workbench, 'gcd', '1071 462');
    await debug.stopped();
    await covered(workbench, 16, 'loop $again');
    for (const [line, text] of [
      [17, 'local.get $b'],
      [17, 'i32.eqz'],
      [17, 'br_if $done'],
      [21, 'local.get $a'],
      [21, 'local.get $b'],
      [21, 'i32.rem_u'],
      [21, 'local.set $rest'],
    ] as const) {
      await debug.press('Step Into');
      await covered(workbench, line, text);
    }
    assert.equal((await editor.cursor()).line, 21);
    assert.match(await workbench.page.locator('#status\\.editor\\.selection').innerText(), /^Ln 21, Col 10$/);
  });

  test('into, over, out, another frame, restart', async ({ workbench }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('fib.wat');
    await editor.setBreakpoint(18);
    await startWith(workbench, undefined, '4');
    await debug.stoppedAt('18:7');
    await workbench.run('Remove All Breakpoints');
    await editor.focus();
    await debug.press('Step Into');
    await debug.stoppedAt('9:5');
    await frames(workbench, '$fib 9:5', '$fib 18:7');
    await covered(workbench, 9, 'local.get $n');
    await debug.callStackPane.locator('.monaco-list-row').nth(1).click();
    await covered(workbench, 18, 'call $fib');
    await debug.waitForVariable('Locals', '$n', /\b4 \(0x4\)$/);
    await debug.press('Step Out');
    await debug.stoppedAt('19:7');
    for (const place of ['20:7', '21:7', '22:7', '23:7']) {
      await debug.press('Step Over');
      await debug.stoppedAt(place);
    }
    await debug.press('Restart');
    await debug.waitForConsole(/^fib\(4\) = 5 : i32/);
  });

  test('pause stops an endless loop', async ({ workbench }) => {
    const { debug } = workbench;
    await workbench.openFile('spin.wat');
    await workbench.editor.focus();
    await debug.start();
    await debug.pause();
    await debug.waitForVariable('Labels', '0: loop $again', /start/);
    await debug.press('Continue');
    await debug.toolbar.locator('.codicon-debug-pause').waitFor();
  });

  test('stack, locals, labels, globals, memory and tables', async ({ workbench }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('state.wat');
    await editor.setBreakpoint(13);
    await workbench.editor.focus();
    await debug.start();
    await debug.stopped();
    for (const place of ['13:34', '13:8']) {
      await debug.press('Step Over');
      await debug.stoppedAt(place);
    }
    // The view shows the values of the stop before until it has those of this one.
    await debug.waitForVariable('Value stack', 'next', /^i64\.store 16, -1 → at 0x10: 0 \(0x0\) → -1 /);
    assert.deepEqual(await debug.scopes(), [
      'Value stack',
      'Locals',
      'Labels',
      'Globals',
      'Memory',
      'Tables',
    ]);
    const shown: string[] = [];
    for (const scope of ['Value stack', 'Locals', 'Labels', 'Globals', 'Memory', 'Tables']) {
      const rows = await debug.scope(scope);
      const others = rows.filter(({ name }) => name !== 'next');
      shown.push(scope, ...others.map(({ name, value }) => `  ${name} = ${value}`));
    }
    assert.deepEqual(shown, [
      'Value stack',
      '  stack[0] = i64 -1 (0xffffffffffffffff, unsigned 18446744073709551615)',
      '  stack[1] = i32 16 (0x10)',
      'Locals',
      '  $f = f32 nan:0x200001',
      '  $d = f64 0.1',
      '  local[2] = i32 0 (0x0)',
      'Labels',
      '  0: block $out = br 0 → leaves the block with [i32] (line 14)',
      '  1: func = br 1 → returns',
      'Globals',
      '  $count = i64 -1 (0xffffffffffffffff, unsigned 18446744073709551615)',
      'Memory',
      '  memory[0] memory = 1 page, 65536 bytes, at most 3',
      'Tables',
      '  $jobs = 2 elements',
    ]);
    assert.match(await editor.hover(13, '$count', 'debug'), /^(i64 )?-1 \(0xffffffffffffffff/);
    assert.match(await debug.watch('stack[1]'), /\b16 \(0x10\)$/);
    assert.match(await debug.watch('local[1]'), /\b0\.1$/);
  });

  test('a trap shows what caused it', async ({ workbench }) => {
    const { debug } = workbench;
    await workbench.openFile('trap.wat');
    await workbench.editor.focus();
    await startWith(workbench, 'out_of_bounds', undefined);
    const text = await debug.exception();
    assert.match(text, /out of bounds memory access: address 70000 \+ 4 bytes, memory is 65536 bytes/);
    assert.equal(await debug.reason(), 'Paused on a trap');
    await covered(workbench, 13, 'i32.load');
    await debug.waitForVariable('Locals', '$address', /\b70000 \(0x11170\)$/);
  });

  test('endless recursion stops as exhaustion with its frames', async ({ workbench }) => {
    const { debug } = workbench;
    await workbench.openFile('trap.wat');
    await workbench.run('Wasmscope: Debug with Arguments…');
    await workbench.choose('endless_recursion');
    await until(
      'arguments',
      () => workbench.inputBox(),
      (box) => box.title.startsWith('endless'),
    );
    await workbench.type('0');
    assert.match(await debug.exception(), /call stack exhausted/);
    await until('frames', async () => (await debug.callStackPane.locator('.stack-frame').count()) >= 7);
  });
});

/** Starts the file in the active editor; answers what it asks for the first time. */
async function startWith(workbench: Workbench, name: string | undefined, args: string | undefined) {
  await workbench.editor.focus();
  await workbench.run('Wasmscope: Debug with Arguments…');
  if (name) await workbench.choose(name);
  if (args === undefined) return;
  await until(
    'the arguments',
    () => workbench.inputBox(),
    (box) => /→|\)$/.test(box.title),
  );
  await workbench.type(args);
}

/** Waits until exactly this text is marked as the current instruction. */
async function covered({ editor }: Workbench, line: number, text: string): Promise<void> {
  await until(
    `line ${line} '${text}' is marked`,
    async () => (await editor.decorations()).filter(({ classes }) => /\bcdr\b/.test(classes)),
    (marks) => marks.length > 0 && marks.every((mark) => mark.line === line && mark.text === text),
  );
}

/** Waits until the call stack shows these frames: VS Code asks for the first one, and for the others a little later. */
async function frames({ debug }: Workbench, ...expected: string[]): Promise<void> {
  const shown = async () => (await debug.callStack()).map(({ name, place }) => `${name} ${place}`).join(', ');
  await until(`frames ${expected.join(', ')}`, shown, (text) => text === expected.join(', '));
}
