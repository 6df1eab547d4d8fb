/**
 * What a memory view's page says, in the user's language.
 */

import * as vscode from 'vscode';

export type MemoryStrings = ReturnType<typeof memoryStrings>;

export function memoryStrings() {
  return {
    goTo: vscode.l10n.t('Go to address or expression'),
    memory: vscode.l10n.t('Memory'),
    address: vscode.l10n.t('address'),
    ended: vscode.l10n.t('The debug session has ended. These were the last bytes read.'),
  };
}
