// Makes docs/images/debugging.png, the picture of the README: `node test/e2e/readme-picture.ts`, after
// `node scripts/build.mjs --vsix`. No test: it is run by hand when the looks have changed.
import path from 'node:path';
import { projectRoot } from '../../scripts/vscode-oss/install.mjs';
import { openWorkbench } from './harness/page.ts';
import { serve } from './harness/serve.ts';
import { until } from './harness/until.ts';

const vscode = await serve({
  vsix: ['dist/wasmscope.vsix'],
  workspace: 'examples',
  settings: {
    'workbench.colorTheme': 'Default Dark Modern',
    'breadcrumbs.enabled': false,
    'debug.internalConsoleOptions': 'neverOpen',
    'workbench.activityBar.location': 'hidden',
    'workbench.layoutControl.enabled': false,
    'window.commandCenter': false,
    'debug.toolBarLocation': 'docked',
  },
});
const { workbench, page, close } = await openWorkbench(vscode, {
  size: { width: 1120, height: 620, scale: 1.5 },
});
try {
  const { debug, editor } = workbench;
  await workbench.openFile('fib.wat');
  await workbench.waitForLanguage('WebAssembly');
  await editor.setBreakpoint(17);
  await debug.start();
  await workbench.type('7');
  await debug.stoppedAt('17:7');
  for (const frames of [2, 3]) {
    await workbench.run('Debug: Continue');
    await until(
      `${frames} frames`,
      async () => (await debug.callStack()).length,
      (count) => count === frames,
    );
  }
  await page.locator('.pane-header[aria-label="Watch Section"]').click();
  for (const scope of ['Value stack', 'Locals', 'Labels']) await debug.scope(scope);
  await workbench.run('Notifications: Clear All Notifications');
  await editor.goTo(17, 7);
  await page.mouse.move(700, 540);
  await page.screenshot({ path: path.join(projectRoot(), 'docs/images/debugging.png') });
} finally {
  await close();
  await vscode.stop();
}
