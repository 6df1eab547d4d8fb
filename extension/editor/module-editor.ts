/**
 * The custom editor `wasmscope.module` for `.wasm` files: a summary of the module, with Debug and Open as WAT.
 *
 * The document holds no bytes: the language server reads and decodes the file, the page shows what it found. Nothing
 * from a file becomes markup, and the page may load nothing but its own script and style.
 */

import * as vscode from 'vscode';
import { moduleDocument } from '../files/disassembly.ts';
import type { LanguageService } from '../language/service.ts';
import type { FromPage, ToPage } from './messages.ts';
import { pageHtml } from './page.ts';
import { summaryStrings } from './strings.ts';

const VIEW_TYPE = 'wasmscope.module';

export function registerModuleEditor(
  context: vscode.ExtensionContext,
  language: LanguageService,
): vscode.Disposable[] {
  const provider = new ModuleEditor(context.extensionUri, language);
  return [
    vscode.window.registerCustomEditorProvider(VIEW_TYPE, provider, {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.commands.registerCommand('wasmscope.openAsWat', async (given?: vscode.Uri) => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      const uri =
        given instanceof vscode.Uri ? given : input instanceof vscode.TabInputCustom ? input.uri : undefined;
      if (uri) await openAsWat(uri);
    }),
  ];
}

async function openAsWat(module: vscode.Uri): Promise<void> {
  try {
    const document = await vscode.workspace.openTextDocument(moduleDocument(module));
    await vscode.window.showTextDocument(document, { preview: false });
  } catch (error) {
    await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}

class ModuleEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #extension: vscode.Uri;
  readonly #language: LanguageService;

  constructor(extension: vscode.Uri, language: LanguageService) {
    this.#extension = extension;
    this.#language = language;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const assets = vscode.Uri.joinPath(this.#extension, 'dist', 'webview');
    panel.webview.options = { enableScripts: true, localResourceRoots: [assets] };
    const post = (message: ToPage) => void panel.webview.postMessage(message);
    const refresh = async () => {
      try {
        post({ type: 'summary', name: baseName(uri), summary: await this.#language.summaryOf(uri) });
      } catch (error) {
        post({ type: 'problem', message: error instanceof Error ? error.message : String(error) });
      }
    };
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), baseName(uri)),
    );
    const subscriptions = [
      watcher,
      watcher.onDidChange(refresh),
      watcher.onDidCreate(refresh),
      panel.webview.onDidReceiveMessage((message: FromPage) => {
        if (message.type === 'ready') void refresh();
        else void vscode.commands.executeCommand(`wasmscope.${message.command}`, uri);
      }),
    ];
    panel.onDidDispose(() => vscode.Disposable.from(...subscriptions).dispose());
    panel.webview.html = pageHtml(panel.webview, assets, 'summary', summaryStrings());
  }
}

function baseName(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
