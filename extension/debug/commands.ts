/**
 * The commands around F5: run, debug, other arguments, and keeping a configuration in launch.json.
 *
 * Each takes the file it was called on (title bar, Explorer's menu), or the active one. A key pressed in the Explorer
 * comes without its selection, and VS Code has no API for it: then the file is shown first, as its Space key does.
 */

import * as vscode from 'vscode';
import { LENS_COMMANDS } from '../language/lens-commands.ts';
import { programText } from './configuration.ts';
import type { Invocation, Invocations } from './invocation.ts';
import { activeProgram, isScript } from './program.ts';

export function registerCommands(invocations: Invocations): vscode.Disposable[] {
  const command = (name: string, run: (uri: vscode.Uri) => Promise<unknown>) =>
    vscode.commands.registerCommand(name, async (given?: vscode.Uri | { from: 'explorer' }) => {
      const isUri = given instanceof vscode.Uri;
      if (!isUri && given?.from === 'explorer') {
        await vscode.commands.executeCommand('filesExplorer.openFilePreserveFocus');
      }
      const uri = isUri ? given : activeProgram();
      if (uri) return run(uri);
      return vscode.window.showErrorMessage(
        vscode.l10n.t('Open or select a .wat, .wasm or .wast file first.'),
      );
    });
  /** The lenses above exported functions. */
  const lens = (name: string, noDebug: boolean) =>
    vscode.commands.registerCommand(name, async (file: string, exported: string) => {
      const uri = vscode.Uri.parse(file);
      const invocation = await invocations.ofExport(uri, exported);
      if (invocation) await start(uri, invocation, noDebug);
    });
  return [
    lens(LENS_COMMANDS.runExport, true),
    lens(LENS_COMMANDS.debugExport, false),
    command('wasmscope.debug', (uri) => start(uri, undefined, false)),
    command('wasmscope.run', (uri) => start(uri, undefined, true)),
    command('wasmscope.debugWithArguments', async (uri) => {
      const invocation = isScript(uri) ? 'none' : await invocations.change(uri);
      if (invocation) await start(uri, invocation === 'none' ? undefined : invocation, false);
    }),
    command('wasmscope.addToLaunchJson', async (uri) => {
      if (isScript(uri)) return addToLaunchJson(uri, undefined);
      const invocation = invocations.recall(uri) ?? (await invocations.forProgram(uri));
      if (invocation) await addToLaunchJson(uri, invocation === 'none' ? undefined : invocation);
    }),
  ];
}

async function start(uri: vscode.Uri, invoke: Invocation | undefined, noDebug: boolean): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const program = uri.scheme === 'file' ? uri.fsPath : uri.toString();
  const name = vscode.workspace.asRelativePath(uri);
  const config = { type: 'wasmscope', request: 'launch', name, program, ...(invoke && { invoke }) };
  await vscode.debug.startDebugging(folder, config, { noDebug });
}

async function addToLaunchJson(uri: vscode.Uri, invoke: Invocation | undefined): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (!folder) {
    await vscode.window.showErrorMessage(
      vscode.l10n.t('Open the folder of this file first: launch.json is kept in it.'),
    );
    return;
  }
  const launch = vscode.workspace.getConfiguration('launch', folder);
  const present = launch.get<vscode.DebugConfiguration[]>('configurations', []);
  const base = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const config: vscode.DebugConfiguration = {
    type: 'wasmscope',
    request: 'launch',
    name: invoke ? `${base}: ${[invoke.function, ...invoke.args].join(' ')}` : base,
    program: programText(uri, folder),
    ...(invoke && { invoke }),
  };
  const others = present.filter((other) => other.name !== config.name);
  await launch.update('configurations', [...others, config], vscode.ConfigurationTarget.WorkspaceFolder);
  const file = vscode.Uri.joinPath(folder.uri, '.vscode', 'launch.json');
  await vscode.window.showTextDocument(file);
}
