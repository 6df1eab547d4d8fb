/**
 * A program that is built anew while it is debugged: the adapter says which files it cannot watch by itself, VS Code's watchers
 * tell it of changes, and it compares contents; when it says that one has changed, the user is offered to restart.
 */

import * as vscode from 'vscode';

export function offerRestarts(debugType: string): vscode.Disposable[] {
  const watchers = new Map<string, vscode.Disposable>();
  const end = ({ id }: vscode.DebugSession): void => {
    watchers.get(id)?.dispose();
    watchers.delete(id);
  };
  return [
    vscode.debug.onDidTerminateDebugSession(end),
    vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
      if (session.type !== debugType) return;
      if (event === 'wasmscope/programChanged') void offerRestart(session, (body as { uri: string }).uri);
      if (event !== 'wasmscope/watchFiles') return;
      end(session);
      const { uris } = body as { uris: readonly string[] };
      watchers.set(session.id, vscode.Disposable.from(...uris.flatMap((uri) => watchFile(session, uri))));
    }),
    { dispose: () => watchers.forEach((watcher) => void watcher.dispose()) },
  ];
}

/** The adapter knows the file by this spelling of its URI. */
function watchFile(session: vscode.DebugSession, spelled: string): vscode.Disposable[] {
  const uri = vscode.Uri.parse(spelled);
  if (uri.scheme === 'untitled') return [];
  const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), uri.path.split('/').at(-1)!);
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  const tell = (): void => void session.customRequest('wasmscope/fileChanged', { uri: spelled });
  return [watcher, watcher.onDidChange(tell), watcher.onDidCreate(tell)];
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
