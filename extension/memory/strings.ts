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
    follow: vscode.l10n.t('Follow'),
    followTitle: vscode.l10n.t('Go where this expression leads at every stop'),
    find: vscode.l10n.t('Find text or bytes (00 ff ??)'),
    cells: vscode.l10n.t('Show as'),
    watch: vscode.l10n.t('Watch…'),
    watchTitle: vscode.l10n.t('Stop the program when the selected bytes are accessed'),
    badValue: vscode.l10n.t('This is no value of that type.'),
    selected: vscode.l10n.t('selected'),
    ended: vscode.l10n.t('The debug session has ended. These were the last bytes read.'),
  };
}
