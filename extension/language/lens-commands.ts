/**
 * The commands that the language server may put on code lenses: it is told at its start what there is. Each takes
 * plain data, as the protocol has it (docs/protocol.md).
 */

import * as vscode from 'vscode';

/** What the server is told. Those about running are registered with debugging and testing. */
export const LENS_COMMANDS = {
  showReferences: 'wasmscope.showReferences',
  runExport: 'wasmscope.runExport',
  debugExport: 'wasmscope.debugExport',
  runAssertion: 'wasmscope.runAssertion',
  debugAssertion: 'wasmscope.debugAssertion',
} as const;

/** Shows the references of the item at a place, as the server has them. */
export function registerReferences(): vscode.Disposable {
  return vscode.commands.registerCommand(
    LENS_COMMANDS.showReferences,
    async (file: string, at: { line: number; character: number }) => {
      const uri = vscode.Uri.parse(file);
      const position = new vscode.Position(at.line, at.character);
      const all = await vscode.commands.executeCommand<vscode.Location[]>(
        'vscode.executeReferenceProvider',
        uri,
        position,
      );
      const used = all.filter(
        (found) => found.uri.toString() !== uri.toString() || !found.range.contains(position),
      );
      await vscode.commands.executeCommand('editor.action.showReferences', uri, position, used);
    },
  );
}
