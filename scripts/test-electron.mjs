/**
 * `npm run test:electron`: the extension's own tests (test/exthost/suite.ts) in a desktop VS Code.
 *
 * WASMSCOPE_VSCODE names the executable of a desktop VS Code; without it @vscode/test-electron downloads the newest
 * one, which wants the network. The same suite runs in `npm test` inside a VS Code that is served to a browser.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { continueInOwnNode, installDependencies, root } from './own-node.mjs';

process.chdir(root);
installDependencies();
continueInOwnNode();
const { runTests } = await import('@vscode/test-electron');
const { bundleSuite } = await import('../test/exthost/bundle.ts');

const built = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(1);
const workspace = mkdtempSync(path.join(os.tmpdir(), 'wasmscope-'));
try {
  cpSync('examples', workspace, { recursive: true });
  await runTests({
    vscodeExecutablePath: process.env.WASMSCOPE_VSCODE,
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, await bundleSuite('node')),
    launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust', '--skip-welcome'],
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
