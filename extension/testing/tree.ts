/**
 * The tests of `.wast` files as VS Code's Testing view shows them: file, module, assertion. What they are says the
 * language server; a file's tests are asked for when it is opened in the view or in an editor, and again when its text
 * changes.
 */

import * as vscode from 'vscode';
import type { ScriptTests } from '../language/protocol.ts';
import type { LanguageService } from '../language/service.ts';

/** How long typing must pause before a file's tests are asked for again, in milliseconds. */
const QUIET = 400;
/** More files than this are not looked for: they appear when they are opened. */
const MOST_FILES = 2000;

/** Packages of others: their scripts are tests when somebody opens them. */
const FOREIGN = '**/node_modules/**';

export class TestTree implements vscode.Disposable {
  readonly #controller: vscode.TestController;
  readonly #language: LanguageService;
  readonly #log: vscode.LogOutputChannel;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(controller: vscode.TestController, language: LanguageService, log: vscode.LogOutputChannel) {
    this.#controller = controller;
    this.#language = language;
    this.#log = log;
    controller.resolveHandler = (item) => (item ? this.tests(item) : this.#findFiles());
    controller.refreshHandler = () => this.#findFiles();
    const watcher = vscode.workspace.createFileSystemWatcher('**/*.wast');
    this.#subscriptions = [
      watcher,
      watcher.onDidCreate((uri) => {
        if (!isForeign(uri)) this.file(uri);
      }),
      watcher.onDidChange((uri) => this.#refreshSoon(uri)),
      watcher.onDidDelete((uri) => controller.items.delete(uri.toString())),
      vscode.workspace.onDidOpenTextDocument((document) => this.#opened(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        // What was never saved is nowhere any more.
        if (uri.scheme === 'untitled') controller.items.delete(uri.toString());
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#refreshSoon(document.uri)),
    ];
    for (const document of vscode.workspace.textDocuments) this.#opened(document);
  }

  /** The item of a file; made if it is not there. */
  file(uri: vscode.Uri): vscode.TestItem {
    const id = uri.toString();
    const known = this.#controller.items.get(id);
    if (known) return known;
    const item = this.#controller.createTestItem(id, vscode.workspace.asRelativePath(uri), uri);
    item.canResolveChildren = true;
    this.#controller.items.add(item);
    return item;
  }

  /** Fills a file's item with its modules and their assertions. */
  async tests(file: vscode.TestItem): Promise<void> {
    // Modules and assertions have no children of their own to look for.
    if (file.parent || !file.uri) return;
    file.busy = true;
    try {
      const { modules } = await this.#language.testsOf(file.uri);
      file.error = undefined;
      file.children.replace(
        modules.map((module, i) => {
          const item = this.#item(
            `${file.id} module ${i}`,
            module.label || 'script',
            file.uri!,
            module.range,
          );
          const seen = new Map<string, number>();
          const assertions = module.tests.map(({ label, range }) => {
            // A run's results stay with an assertion whatever is written above it.
            const count = (seen.get(label) ?? 0) + 1;
            seen.set(label, count);
            const id = `${item.id} ${label} ${count}`;
            return this.#item(id, label, file.uri!, range);
          });
          item.children.replace(assertions);
          return item;
        }),
      );
    } catch (error) {
      file.error = (error as Error).message;
      this.#log.warn(`tests of ${file.label}: ${file.error}`);
    } finally {
      file.busy = false;
    }
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #item(id: string, label: string, uri: vscode.Uri, { start, end }: ScriptTests['range']): vscode.TestItem {
    const item = this.#controller.createTestItem(id, label, uri);
    item.range = new vscode.Range(start.line, start.character, end.line, end.character);
    // In the order of the file, not of the alphabet.
    item.sortText = String(start.line).padStart(8, '0') + String(start.character).padStart(6, '0');
    return item;
  }

  async #findFiles(): Promise<void> {
    const found = await vscode.workspace.findFiles('**/*.wast', FOREIGN, MOST_FILES);
    for (const uri of found) this.file(uri);
  }

  #opened({ uri }: vscode.TextDocument): void {
    if (isScript(uri)) void this.tests(this.file(uri));
  }

  #refreshSoon(uri: vscode.Uri): void {
    const id = uri.toString();
    const item = this.#controller.items.get(id);
    if (!item || !isScript(uri)) return;
    clearTimeout(this.#timers.get(id));
    const refresh = () => {
      this.#timers.delete(id);
      void this.tests(item);
    };
    this.#timers.set(id, setTimeout(refresh, QUIET));
  }
}

function isForeign({ path }: vscode.Uri): boolean {
  return path.includes('/node_modules/');
}

/** Files alone: what is shown beside one in a comparison is no other test. */
function isScript(uri: vscode.Uri): boolean {
  return /\.wast$/i.test(uri.path) && uri.scheme !== 'git' && uri.scheme !== 'wasmscope';
}
