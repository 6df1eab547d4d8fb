// The first tests inside an extension host: nothing of the extension has been used yet. They measure its start.
import assert from 'node:assert';
import * as vscode from 'vscode';
import { SUITE_MARK } from './result.ts';

const EXTENSION = 'wasmscope.wasmscope';

describe('activation', () => {
  it('is quick, and happens when a WAT file is opened', async () => {
    const extension = vscode.extensions.getExtension(EXTENSION);
    assert.ok(extension, `${EXTENSION} is not there`);
    assert.equal(extension.isActive, false, 'nothing of ours is used yet');
    const began = performance.now();
    await extension.activate();
    console.log(`${SUITE_MARK}figure load ${(performance.now() - began).toFixed(1)}`);
    console.log(`${SUITE_MARK}figure activate ${extension.exports.milliseconds.toFixed(1)}`);
    assert.equal(extension.isActive, true);
  });

  it('registers every command of package.json', async () => {
    const { commands } = vscode.extensions.getExtension(EXTENSION)!.packageJSON.contributes;
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = commands
      .map((c: { command: string }) => c.command)
      .filter((c: string) => !registered.has(c));
    assert.deepEqual(missing, []);
  });
});
