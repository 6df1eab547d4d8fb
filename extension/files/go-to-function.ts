/**
 * The command Go to Function: a list of a binary's functions, by name, linker's name and index, that opens the
 * document of the one that is chosen. VS Code's own search does not look into documents of other schemes.
 */

import * as vscode from 'vscode';
import { activeProgram } from '../debug/program.ts';
import type { ListedFunction } from '../language/protocol.ts';
import type { LanguageService } from '../language/service.ts';
import { moduleOf, writtenAs } from './disassembly.ts';

interface FunctionItem extends vscode.QuickPickItem {
  readonly uri: string;
}

/** Modules of the workspace that are offered when none is open. */
const MOST_MODULES = 500;

export function registerGoToFunction(language: LanguageService): vscode.Disposable[] {
  return [
    vscode.commands.registerCommand('wasmscope.goToFunction', async (given?: vscode.Uri) => {
      const module = await chooseModule(given instanceof vscode.Uri ? given : undefined);
      if (module) await goToFunction(language, module);
    }),
  ];
}

/** The binary that is meant, or open, or debugged; else one of the workspace that the user chooses. */
async function chooseModule(given: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const program = vscode.debug.activeDebugSession?.configuration.program as string | undefined;
  const candidates = [given && (moduleOf(given) ?? given), activeProgram(), program && uriOf(program)];
  const open = candidates.find((uri) => uri instanceof vscode.Uri && isBinary(uri));
  if (open) return open as vscode.Uri;
  const found = await vscode.workspace.findFiles('**/*.wasm', undefined, MOST_MODULES);
  if (found.length === 0) {
    await vscode.window.showErrorMessage(vscode.l10n.t('There is no .wasm file here.'));
    return undefined;
  }
  const items = found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
  items.sort((a, b) => a.label.localeCompare(b.label));
  const placeHolder = vscode.l10n.t('The module to look into');
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.uri;
}

async function goToFunction(language: LanguageService, module: vscode.Uri): Promise<void> {
  const items = language
    .functionsOf({ uri: module.toString(), written: writtenAs(module) })
    .then((functions) => functions.map(itemOf));
  const title = vscode.l10n.t('Functions of {0}', module.path.slice(module.path.lastIndexOf('/') + 1));
  const placeHolder = vscode.l10n.t('A name, or an index');
  try {
    const chosen = await vscode.window.showQuickPick(items, {
      title,
      placeHolder,
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (!chosen) return;
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(chosen.uri));
    await vscode.window.showTextDocument(document);
  } catch (error) {
    await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}

function itemOf({ idx, name, linked, full, detail, uri }: ListedFunction): FunctionItem {
  const index = `func[${idx}]`;
  return {
    label: name ?? index,
    description: [name === undefined ? '' : index, detail].filter(Boolean).join('  '),
    // Both names can be typed; the linker's is all there is to tell two that are short for the same.
    ...(linked !== undefined && {
      detail: full === undefined || full === name ? linked : `${full}  ${linked}`,
    }),
    uri,
  };
}

function isBinary(uri: vscode.Uri): boolean {
  return uri.path.toLowerCase().endsWith('.wasm');
}

function uriOf(program: string): vscode.Uri {
  return /^[a-z][a-z0-9+.-]+:/i.test(program) ? vscode.Uri.parse(program) : vscode.Uri.file(program);
}
