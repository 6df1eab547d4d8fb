/**
 * The commands of the module editor: they act on the view that is active. What the page does by itself it is told to do;
 * lists to choose from and the clipboard are VS Code's own.
 */

import * as vscode from 'vscode';
import type { ByteTarget } from '../language/byte-protocol.ts';
import { COPY_FORMATS, type CopyFormat, copied } from './copy.ts';
import type { Action } from './messages.ts';
import type { ModuleView } from './view.ts';

/** More is not copied: as C it is six times as long. */
const MOST_COPIED = 4 * 1024 * 1024;
/** Bytes of what would be copied that a list shows. */
const PREVIEWED = 24;
/** Milliseconds without another key before a place is looked up. */
const PAUSE = 60;

const ACTIONS: Readonly<Record<string, Action>> = {
  find: 'find',
  findNext: 'findNext',
  findPrevious: 'findPrevious',
  goToDefinition: 'definition',
  findReferences: 'references',
  back: 'back',
  forward: 'forward',
  selectField: 'selectField',
  showBytes: 'bytes',
  showSummary: 'summary',
};

export function registerModuleCommands(active: () => ModuleView | undefined): vscode.Disposable[] {
  const command = (name: string, run: (view: ModuleView) => unknown) =>
    vscode.commands.registerCommand(`wasmscope.module.${name}`, async () => {
      const view = active();
      if (!view) return;
      try {
        await run(view);
      } catch (error) {
        void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
      }
    });
  return [
    ...Object.entries(ACTIONS).map(([name, action]) => command(name, (view) => view.do(action))),
    command('goTo', goTo),
    command('copyAs', copyAs),
    command('toggleBreakpoint', (view) => view.toggleBreakpoint()),
    command('openFunction', (view) => view.openFunction()),
  ];
}

interface TargetItem extends vscode.QuickPickItem {
  readonly target: ByteTarget;
}

/** A list that follows what is typed: offsets, functions, sections, exports. */
function goTo(view: ModuleView): void {
  const pick = vscode.window.createQuickPick<TargetItem>();
  pick.title = vscode.l10n.t('Go to in {0}', view.document.name);
  pick.placeholder = vscode.l10n.t('An offset (0x1f3, 499), func 12, $name, section code, export name');
  let timer: ReturnType<typeof setTimeout> | undefined;
  let accepted = false;
  const look = async (text: string) => {
    pick.busy = true;
    const answer = await view.document
      .ask<{ targets: readonly ByteTarget[] }>('byteGoto', { text })
      .catch(() => ({ targets: [] }));
    if (pick.value !== text) return;
    pick.busy = false;
    pick.items = answer.targets.map(itemOf);
    if (accepted) choose();
  };
  const choose = () => {
    const [chosen] = pick.selectedItems.length ? pick.selectedItems : pick.items;
    if (chosen) void view.goTo(chosen.target);
    if (chosen || !pick.busy) pick.hide();
  };
  pick.onDidChangeValue((text) => {
    clearTimeout(timer);
    accepted = false;
    pick.busy = text !== '';
    timer = setTimeout(() => void look(text), PAUSE);
  });
  pick.onDidAccept(() => {
    // Whoever types fast presses Enter before the list is there.
    if (pick.busy) accepted = true;
    else choose();
  });
  pick.onDidHide(() => {
    clearTimeout(timer);
    pick.dispose();
  });
  pick.show();
}

function itemOf(target: ByteTarget): TargetItem {
  const { title, kind, start, end } = target;
  return {
    target,
    label: title,
    description: `0x${start.toString(16)}`,
    detail: kind === 'offset' ? undefined : vscode.l10n.t('{0} bytes', end - start),
    // What was typed is looked up by the language server, which knows more than the label.
    alwaysShow: true,
  };
}

async function copyAs(view: ModuleView): Promise<void> {
  const { start, end } = view.selection;
  if (end - start > MOST_COPIED) {
    const most = `${MOST_COPIED / 1024 / 1024} MiB`;
    throw new Error(
      vscode.l10n.t('{0} bytes are selected: no more than {1} can be copied.', end - start, most),
    );
  }
  const bytes = view.document.read(start, end);
  const titles: Readonly<Record<CopyFormat, string>> = {
    hex: vscode.l10n.t('Hexadecimal'),
    c: vscode.l10n.t('C array'),
    rust: vscode.l10n.t('Rust array'),
    base64: vscode.l10n.t('Base64'),
    wat: vscode.l10n.t('WAT string'),
    text: vscode.l10n.t('Text (UTF-8)'),
    offset: vscode.l10n.t('Offset'),
  };
  const items = COPY_FORMATS.map((format) => ({
    format,
    label: titles[format],
    description:
      format === 'offset'
        ? copied(format, bytes, start)
        : preview(copied(format, bytes.subarray(0, PREVIEWED), start), bytes.length > PREVIEWED),
  }));
  const title = vscode.l10n.t('Copy {0} bytes at {1} as', end - start, `0x${start.toString(16)}`);
  const chosen = await vscode.window.showQuickPick(items, { title });
  if (chosen) await vscode.env.clipboard.writeText(copied(chosen.format, bytes, start));
}

function preview(text: string, cut: boolean): string {
  const line = text.replace(/\s+/g, ' ');
  return cut || line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
