/**
 * Paths and URIs of programs, as launch configurations write them. Touches no file.
 */

import * as vscode from 'vscode';

/** The URI behind an attribute: a URI, an absolute path, or a path below the folder `base`. */
export function programUri(program: unknown, base: vscode.Uri | undefined): vscode.Uri | undefined {
  if (typeof program !== 'string' || program === '') return undefined;
  if (/^[a-z][a-z\d+.-]+:/i.test(program)) return vscode.Uri.parse(program);
  const absolute = /^(?:[/\\]|[a-z]:[/\\])/i.test(program);
  if (!absolute && base) return vscode.Uri.joinPath(base, program);
  // In a virtual workspace `${workspaceFolder}` is a bare path of the workspace's own file system.
  if (base && base.scheme !== 'file') return base.with({ path: program });
  return vscode.Uri.file(program);
}
