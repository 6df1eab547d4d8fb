/**
 * The item in the language status of WAT files, and the commands about the language server.
 */

import * as vscode from 'vscode';
import type { LanguageService, ServiceState } from './service.ts';

export function registerStatus(language: LanguageService, log: vscode.LogOutputChannel): vscode.Disposable[] {
  const item = vscode.languages.createLanguageStatusItem('wasmscope.server', [
    { language: 'wat' },
    { language: 'wit' },
  ]);
  item.name = 'Wasmscope';
  item.command = { command: 'wasmscope.showLog', title: vscode.l10n.t('Show Log') };
  const show = (state: ServiceState) => {
    item.busy = state === 'starting';
    item.text = state === 'stopped' ? vscode.l10n.t('WebAssembly language server stopped') : 'Wasmscope';
    item.severity =
      state === 'stopped' ? vscode.LanguageStatusSeverity.Warning : vscode.LanguageStatusSeverity.Information;
  };
  show('starting');
  return [
    item,
    language.onDidChangeState(show),
    vscode.commands.registerCommand('wasmscope.restartLanguageServer', () => language.restart()),
    vscode.commands.registerCommand('wasmscope.showLog', () => log.show()),
  ];
}
