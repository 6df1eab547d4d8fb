/**
 * Which file is meant when a command or F5 does not say: the active tab's, text or custom editor.
 */

import * as vscode from 'vscode';
import { moduleOf } from '../files/disassembly.ts';

const PROGRAM = /\.(?:wat|wast|wasm|coredump)$/i;

/** The `.wat`, `.wasm`, `.wast`, core dump or untitled WAT file in the active editor; for disassembled WAT, its module. */
export function activeProgram(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) {
    if (isProgram(input.uri)) return moduleOf(input.uri) ?? input.uri;
  }
  const document = vscode.window.activeTextEditor?.document;
  return document && isProgram(document.uri) ? (moduleOf(document.uri) ?? document.uri) : undefined;
}

/** A script of commands: it says itself what it calls. */
export function isScript(uri: vscode.Uri): boolean {
  return /\.wast$/i.test(uri.path);
}

function isProgram(uri: vscode.Uri): boolean {
  if (PROGRAM.test(uri.path)) return true;
  const open = vscode.workspace.textDocuments.find((doc) => doc.uri.toString() === uri.toString());
  return open?.languageId === 'wat';
}
