/**
 * A program that is built anew while it is debugged: VS Code's watcher tells the adapter, which compares contents; when
 * the adapter says that the program has changed, the user is offered to restart.
 */

import * as vscode from 'vscode';
import { programUri } from '../files/program-uri.ts';

export function offerRestarts(debugType: string): vscode.Disposable[] {
  const watchers = new Map<string, vscode.Disposable>();
  const end = ({ id }: vscode.DebugSession): void => {
    watchers.get(id)?.dispose();
    watchers.delete(id);
  };
  return [
    vscode.debug.onDidStartDebugSession((session) => {
      if (session.type !== debugType) return;
      end(session);
      const watcher = watchProgram(session);
      if (watcher) watchers.set(session.id, watcher);
    }),
    vscode.debug.onDidTerminateDebugSession(end),
    vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
      if (session.type === debugType && event === 'wasmscope/programChanged') {
        void offerRestart(session, (body as { uri: string }).uri);
      }
    }),
    { dispose: () => watchers.forEach((watcher) => void watcher.dispose()) },
  ];
}

/** The adapter asks no one about files that it watches by itself, so all of them can be told of. */
function watchProgram(session: vscode.DebugSession): vscode.Disposable | undefined {
  const uri = programUri(session.configuration.program, session.workspaceFolder?.uri);
  if (!uri || uri.scheme === 'untitled') return undefined;
  const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), uri.path.split('/').at(-1)!);
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  const tell = (): void => void session.customRequest('wasmscope/fileChanged', { uri: uri.toString() });
  watcher.onDidChange(tell);
  watcher.onDidCreate(tell);
  return watcher;
}

/** A program that somebody else has started is not ours to start again. */
async function offerRestart(session: vscode.DebugSession, uri: string): Promise<void> {
  if (session.configuration.request === 'attach') return;
  const name = vscode.Uri.parse(uri).path.split('/').at(-1);
  const restart = vscode.l10n.t('Restart');
  const question = vscode.l10n.t('{0} has changed since it was loaded. Breakpoints are kept.', name ?? uri);
  if ((await vscode.window.showInformationMessage(question, restart)) !== restart) return;
  await vscode.debug.stopDebugging(session);
  await vscode.debug.startDebugging(session.workspaceFolder, session.configuration);
}
