/**
 * The custom editor `wasmscope.module` for `.wasm` files: what is open, which view is the active one, and which two are
 * the sides of a diff.
 *
 * Views of one document share it. The sides of a diff are the two views that are visible in a column whose tab is no custom
 * editor: VS Code has no name for the tab of such a diff. While one editor takes another's place, both are visible too.
 */

import * as vscode from 'vscode';
import { moduleDocument } from '../files/disassembly.ts';
import type { LanguageService } from '../language/service.ts';
import { registerModuleCommands } from './commands.ts';
import { ModuleDocument } from './document.ts';
import { Execution } from './execution.ts';
import type { ByteRange, Layout } from './messages.ts';
import { pageAssets } from './page.ts';
import { ModuleView, type ViewHost } from './view.ts';

const VIEW_TYPE = 'wasmscope.module';
/** In the global state. */
const LAYOUT = 'wasmscope.module.layout';
/** A context key: the keyboard is in a page of ours. */
const FOCUS_KEY = 'wasmscope.moduleFocused';

const USUAL: Layout = {
  perRow: 0,
  tree: undefined,
  details: undefined,
  treeWidth: 220,
  detailsWidth: 400,
};

export function registerModuleEditor(
  context: vscode.ExtensionContext,
  language: LanguageService,
  debugType: string,
): vscode.Disposable[] {
  const execution = new Execution(debugType);
  const editors = new ModuleEditors(context, language, execution);
  return [
    execution,
    vscode.window.registerCustomEditorProvider(VIEW_TYPE, editors, {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.commands.registerCommand('wasmscope.openAsWat', async (given?: vscode.Uri) => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      const uri =
        given instanceof vscode.Uri ? given : input instanceof vscode.TabInputCustom ? input.uri : undefined;
      if (uri) await openAsWat(uri);
    }),
    vscode.commands.registerCommand('wasmscope.module.show', (uri: vscode.Uri, start: number, end?: number) =>
      editors.show(uri, { start, end: end ?? start + 1 }),
    ),
    vscode.window.tabGroups.onDidChangeTabs(() => editors.compare()),
    ...registerModuleCommands(() => editors.active),
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

class ModuleEditors implements vscode.CustomReadonlyEditorProvider<ModuleDocument>, ViewHost {
  readonly execution: Execution;
  readonly #context: vscode.ExtensionContext;
  readonly #language: LanguageService;
  readonly #views = new Set<ModuleView>();
  #last: ModuleView | undefined;

  constructor(context: vscode.ExtensionContext, language: LanguageService, execution: Execution) {
    this.execution = execution;
    this.#context = context;
    this.#language = language;
  }

  openCustomDocument(uri: vscode.Uri): Promise<ModuleDocument> {
    void pageAssets(this.#context.extensionUri, 'module').catch(() => undefined);
    return ModuleDocument.open(uri, this.#language);
  }

  resolveCustomEditor(document: ModuleDocument, panel: vscode.WebviewPanel): void {
    const view = new ModuleView(document, panel, this.#context.extensionUri, this, () => {
      this.#views.delete(view);
      this.focused(view, false);
      if (this.#last === view) this.#last = undefined;
      this.compare();
    });
    this.#views.add(view);
    panel.onDidChangeViewState(() => {
      if (panel.active) this.#last = view;
      // A page that is taken away does not say that the keyboard has left it.
      if (!panel.visible) this.focused(view, false);
      this.compare();
    });
    if (panel.active) this.#last = view;
    this.compare();
  }

  /** The view that a command is for: the focused one, else the visible one that was last. */
  get active(): ModuleView | undefined {
    const visible = [...this.#views].filter(({ panel }) => panel.visible);
    return (
      visible.find((view) => view === this.#last) ?? visible.find(({ panel }) => panel.active) ?? visible[0]
    );
  }

  /** Opens a module at some of its bytes. */
  async show(uri: vscode.Uri, range: ByteRange): Promise<void> {
    await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE);
    const { active } = this;
    if (active?.document.uri.toString() === uri.toString()) await active.goTo(range);
  }

  get layout(): Layout {
    return { ...USUAL, ...this.#context.globalState.get<Layout>(LAYOUT) };
  }

  saveLayout(layout: Layout): void {
    void this.#context.globalState.update(LAYOUT, layout);
  }

  focused(view: ModuleView, focused: boolean): void {
    if (focused) this.#last = view;
    else if (this.#last !== view) return;
    void vscode.commands.executeCommand('setContext', FOCUS_KEY, focused);
  }

  before(view: ModuleView): ModuleView | undefined {
    const sides = this.#sides(view);
    return sides?.after === view ? sides.before : undefined;
  }

  #pairs = new Map<ModuleView, ModuleView>();

  /** Tells the views whose other side has changed. */
  compare(): void {
    const pairs = new Map<ModuleView, ModuleView>();
    for (const view of this.#views) {
      const sides = this.#sides(view);
      if (sides) view.becameSide();
      if (sides?.after === view) pairs.set(view, sides.before);
    }
    const old = this.#pairs;
    this.#pairs = pairs;
    for (const view of this.#views) if (old.get(view) !== pairs.get(view)) view.compared();
  }

  #sides(view: ModuleView): { readonly before: ModuleView; readonly after: ModuleView } | undefined {
    const here = [...this.#views].filter(
      ({ panel }) => panel.visible && panel.viewColumn === view.panel.viewColumn,
    );
    if (here.length !== 2 || !here.includes(view)) return undefined;
    if (tabOf(view)?.input instanceof vscode.TabInputCustom) return undefined;
    const [first, second] = here;
    return isOlder(second, first) ? { before: second, after: first } : { before: first, after: second };
  }
}

/** What version control has kept is older than a file; of two files the one that the tab names first. */
function isOlder(one: ModuleView, other: ModuleView): boolean {
  const [a, b] = [one, other].map(({ document }) => document.uri);
  if ((a.scheme === 'file') !== (b.scheme === 'file')) return b.scheme === 'file';
  const isFirst = tabOf(one)?.label.startsWith(`${one.document.name} `);
  return isFirst === true && one.document.name !== other.document.name;
}

/** The tab that the view's column shows. */
function tabOf({ panel }: ModuleView): vscode.Tab | undefined {
  return vscode.window.tabGroups.all.find((group) => group.viewColumn === panel.viewColumn)?.activeTab;
}
