// Makes docs/images/module-editor.png, the picture of docs/module-editor.md: `node test/e2e/editor-picture.ts`, after
// `node scripts/build.mjs --vsix`. No test: it is run by hand when the looks have changed.
import path from 'node:path';
import { projectRoot } from '../../scripts/vscode-oss/install.mjs';
import { openWorkbench } from './harness/page.ts';
import { serve } from './harness/serve.ts';

const vscode = await serve({
  vsix: ['dist/wasmscope.vsix'],
  workspace: 'examples',
  settings: {
    'workbench.colorTheme': 'Default Dark Modern',
    'breadcrumbs.enabled': false,
    'workbench.activityBar.location': 'hidden',
    'workbench.layoutControl.enabled': false,
    'window.commandCenter': false,
  },
});
const { workbench, page, close } = await openWorkbench(vscode, {
  size: { width: 1400, height: 660, scale: 1.25 },
});
try {
  await workbench.openFile('fib.wat');
  await workbench.waitForLanguage('WebAssembly');
  await workbench.openFile('rust-words/words.wasm');
  const view = workbench.webview();
  await view.locator('.card').first().waitFor();
  await page.keyboard.press('Control+B');
  await view.locator('.grid').focus();
  await page.keyboard.press('Control+G');
  await workbench.type('func 100');
  await workbench.questionGone();
  await view.locator('.function .name').waitFor();
  for (let n = 0; n < 14; n++) await page.keyboard.press('Control+ArrowRight');
  await page.waitForTimeout(1500);
  const call = view.locator('.row:not([hidden]) .byte.opcode', { hasText: '10' }).first();
  await call.hover();
  await view.getByRole('tooltip').locator('.card').waitFor();
  await page.screenshot({ path: path.join(projectRoot(), 'docs/images/module-editor.png') });
} finally {
  await close();
  await vscode.stop();
}
