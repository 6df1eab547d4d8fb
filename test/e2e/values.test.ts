/** Vectors by their lanes, references with what is in them. */
import assert from 'node:assert/strict';
import { inWindow } from './window.ts';

inWindow('values', { workspace: 'examples' }, (test) => {
  test('a vector opens into shapes and lanes', async ({ workbench }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('simd.wat');
    await workbench.waitForLanguage('WebAssembly');
    await editor.setBreakpoint(29);
    await editor.focus();
    await workbench.run('Wasmscope: Debug with Arguments…');
    await workbench.choose('main');
    await debug.stopped();
    assert.deepEqual(
      (await debug.scope('Locals')).map(({ name, value }) => `${name} = ${value}`),
      [
        '$a = u8x16 255 0 0 255 0 255 0 255 0 0 255 255 128 128 128 255',
        '$b = u8x16 0 0 255 128 0 0 255 128 0 0 255 128 0 0 255 128',
        '$low = i16x8 255 0 255 383 0 255 255 383',
        '$high = i16x8 0 0 510 383 128 128 383 383',
      ],
    );
    const shapes = await debug.scope('Locals/$low');
    assert.equal(shapes.find(({ name }) => name === 'i32x4')?.value, '255 25100543 16711680 25100543');
    await debug.scope('Locals/$low/i16x8');
    await debug.setValue('Locals/$low/i16x8', '[1]', '-2');
    await debug.waitForVariable('Locals/$low/i16x8', '[1]', '-2 (0xfffe, unsigned 65534)');
    assert.match(await debug.watch('$a.u8x16[3] + 1'), /\b256 \(0x100\)$/);
  });

  test('objects open into fields; sharing is seen', async ({ workbench }) => {
    const { debug, editor } = workbench;
    await workbench.openFile('gc.wat');
    await workbench.waitForLanguage('WebAssembly');
    await editor.setBreakpoint(62);
    await editor.focus();
    await debug.start();
    await debug.stopped();
    const scene = await debug.scope('Locals/$scene');
    // Numbers are given as objects are first shown, in an order that is VS Code's.
    const numbers = new Map<string, string>();
    const plain = (text: string) =>
      text.replace(/@\d+/g, (id) => numbers.get(id) ?? numbers.set(id, `@${numbers.size + 1}`).get(id)!);
    assert.deepEqual(
      scene.map(({ name, value }) => plain(`${name} = ${value}`)),
      [
        '[0] = $circle @1 {name: $text @2 "sun", at: $point @3, radius: 2}',
        '[1] = $square @4 {name: $text @5 "house", at: $point @3, side: 5}',
        '[2] = $square @6 {name: $text @7 "window", at: $point @3, side: 1.5}',
        '[3] = null',
      ],
    );
    await debug.scope('Locals/$scene/[1]/at');
    await debug.setValue('Locals/$scene/[1]/at', 'x', '10');
    await debug.waitForVariable('Globals', '$origin', /^\$point @\d+ \{x: 10, y: 4\}$/);
    assert.match(await debug.watch('ref.cast($circle, $shape).radius'), /^(f64 )?2$/);
  });
});
