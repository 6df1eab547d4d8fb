/**
 * What a module's page says, in the user's language.
 */

import * as vscode from 'vscode';

export type SummaryStrings = ReturnType<typeof summaryStrings>;

export function summaryStrings() {
  return {
    debug: vscode.l10n.t('Debug'),
    run: vscode.l10n.t('Run'),
    openAsWat: vscode.l10n.t('Open as WAT'),
    sections: vscode.l10n.t('Sections'),
    exports: vscode.l10n.t('Exports'),
    imports: vscode.l10n.t('Imports'),
    functions: vscode.l10n.t('Functions'),
    section: vscode.l10n.t('Section'),
    offset: vscode.l10n.t('Offset'),
    size: vscode.l10n.t('Size'),
    share: vscode.l10n.t('Share'),
    imported: vscode.l10n.t('imported'),
    none: vscode.l10n.t('None.'),
    showAll: vscode.l10n.t('Show all {0}'),
    warning: vscode.l10n.t('Warning: {0}'),
    fault: vscode.l10n.t('{0} (at {1})'),
    oneByte: vscode.l10n.t('1 byte'),
    bytes: vscode.l10n.t('{0} bytes'),
    oneSection: vscode.l10n.t('1 section'),
    manySections: vscode.l10n.t('{0} sections'),
    oneFunction: vscode.l10n.t('1 function'),
    manyFunctions: vscode.l10n.t('{0} functions'),
  };
}
