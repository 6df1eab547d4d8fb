/**
 * Other extensions that know WAT: when one is active, the user is asked once whether ours should be silent in the
 * editor, since duplicate hovers and squiggles help nobody.
 *
 * Silent means the setting `wasmscope.editing.enabled`: requests about open documents are answered here, with nothing.
 * Debugging and our own requests stay as they are. Knows extensions by what they declare, none by name.
 */

import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient';
import type { LanguageService } from './service.ts';

const SETTING = 'editing.enabled';
/** In the global state: that the question was asked. */
const ASKED = 'wasmscope.askedAboutNeighbours';
/** Other extensions become active after the file is open: how long they are given, in milliseconds. */
const PATIENCE = 5000;

/** What says nothing true of a part of a text: a debugger's own document is one function of a module that nobody else has. */
const OF_WHOLE_TEXTS: ReadonlySet<string> = new Set([
  'textDocument/diagnostic',
  'textDocument/codeLens',
  'textDocument/codeAction',
  'textDocument/semanticTokens/full',
  'textDocument/semanticTokens/range',
  'textDocument/semanticTokens/full/delta',
]);

/** Lets requests about a document through unless its setting says that ours is to be silent. */
export const silence: Middleware = {
  sendRequest: (type, param, token, next) => {
    const method = typeof type === 'string' ? type : type.method;
    const uri = (param as { textDocument?: { uri?: string } } | undefined)?.textDocument?.uri;
    const parsed = uri === undefined ? undefined : vscode.Uri.parse(uri);
    const isQuiet = parsed?.scheme === 'debug' && OF_WHOLE_TEXTS.has(method);
    if (!parsed || !method.startsWith('textDocument/') || (speaks(parsed) && !isQuiet)) {
      return next(type, param, token);
    }
    const nothing = method === 'textDocument/diagnostic' ? { kind: 'full', items: [] } : null;
    return Promise.resolve(nothing as Awaited<ReturnType<typeof next>>);
  },
};

/** Asks once, and starts the server anew when the setting changes: what it said before must go. */
export function registerNeighbours(
  context: vscode.ExtensionContext,
  language: LanguageService,
): vscode.Disposable[] {
  const look = () => void lookAround(context);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lookLater = () => {
    clearTimeout(timer);
    timer = setTimeout(look, PATIENCE);
  };
  lookLater();
  return [
    { dispose: () => clearTimeout(timer) },
    vscode.extensions.onDidChange(lookLater),
    vscode.workspace.onDidOpenTextDocument(({ languageId }) => {
      if (languageId === 'wat') lookLater();
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration(`wasmscope.${SETTING}`)) return;
      // What goes wrong is in the log already.
      language.restart().catch(() => undefined);
    }),
  ];
}

function speaks(uri: vscode.Uri): boolean {
  return vscode.workspace.getConfiguration('wasmscope', uri).get<boolean>(SETTING, true);
}

async function lookAround(context: vscode.ExtensionContext): Promise<void> {
  if (context.globalState.get(ASKED) || !vscode.workspace.textDocuments.some(isWat)) return;
  const settings = vscode.workspace.getConfiguration('wasmscope');
  if (!settings.get<boolean>(SETTING, true)) return;
  const other = vscode.extensions.all.find((extension) => isNeighbour(extension, context.extension.id));
  if (!other) return;
  await context.globalState.update(ASKED, true);
  const name: string = other.packageJSON.displayName ?? other.id;
  const silent = vscode.l10n.t('Turn Off Ours');
  const both = vscode.l10n.t('Keep Both');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The extension "{0}" is also active for WebAssembly text. Two language servers show everything twice. Debugging works either way.',
      name,
    ),
    silent,
    both,
  );
  if (answer === silent) await settings.update(SETTING, false, vscode.ConfigurationTarget.Global);
}

/** Runs code of its own for WAT files: colours alone disturb nobody. */
function isNeighbour({ id, isActive, packageJSON }: vscode.Extension<unknown>, own: string): boolean {
  if (id === own || !isActive || packageJSON.isBuiltin === true) return false;
  if (packageJSON.main === undefined && packageJSON.browser === undefined) return false;
  const events: unknown[] = packageJSON.activationEvents ?? [];
  const languages: { id?: string; extensions?: string[] }[] = packageJSON.contributes?.languages ?? [];
  return (
    events.some((event) => /^onLanguage:(wat|wast|wasm|webassembly)$/i.test(String(event))) ||
    languages.some(({ id: language, extensions }) => language === 'wat' || extensions?.includes('.wat'))
  );
}

function isWat({ languageId }: vscode.TextDocument): boolean {
  return languageId === 'wat';
}
