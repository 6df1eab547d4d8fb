/**
 * Reads files for the servers, wherever they are: open documents first (unsaved and untitled ones too), else any
 * file system that VS Code knows.
 */

import * as vscode from 'vscode';

/** The bytes of a file; of an open text document, its text as UTF-8. Throws VS Code's FileSystemError. */
export async function readFile(uri: vscode.Uri): Promise<Uint8Array> {
  const open = vscode.workspace.textDocuments.find((doc) => doc.uri.toString() === uri.toString());
  if (open) return new TextEncoder().encode(open.getText());
  return vscode.workspace.fs.readFile(uri);
}
