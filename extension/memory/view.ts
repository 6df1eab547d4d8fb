/**
 * The memory view: a panel that shows the bytes behind a memory reference of a debug session, and writes what the user
 * changes.
 *
 * It follows the program: whenever the session says that memory may have changed, the page reads again what it shows, and goes
 * where the expression that it follows leads. Speaks only the protocol with the session (bytes.ts); knows nothing of
 * WebAssembly.
 */

import * as vscode from 'vscode';
import type { WatchedRange } from '../debug/watchpoints.ts';
import { fillPage } from '../editor/page.ts';
import { lengthOf, readBytes, writeBytes } from './bytes.ts';
import type { FromMemoryPage, ToMemoryPage } from './messages.ts';
import { find } from './search.ts';
import { memoryStrings } from './strings.ts';

/** What the menus of the Variables and Watch views give a command. */
interface MenuContext {
  readonly sessionId?: string;
  readonly variable?: { readonly name?: string; readonly memoryReference?: string };
}

/** What is read of a protocol message. */
interface ProtocolEvent {
  readonly type?: string;
  readonly event?: string;
  readonly body?: { readonly memoryReference?: string };
}

export function registerMemoryViews(
  context: vscode.ExtensionContext,
  debugType: string,
): vscode.Disposable[] {
  const views = new MemoryViews(context.extensionUri);
  return [
    views,
    vscode.commands.registerCommand('wasmscope.viewMemory', (given?: MenuContext) => views.open(given)),
    vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
      createDebugAdapterTracker: (session) => ({
        onDidSendMessage: (message: ProtocolEvent) => views.heard(session, message),
      }),
    }),
    vscode.debug.onDidTerminateDebugSession((session) => views.ended(session)),
  ];
}

class MemoryViews implements vscode.Disposable {
  readonly #extension: vscode.Uri;
  readonly #views = new Set<MemoryView>();
  readonly #sessions = new Map<string, vscode.DebugSession>();

  constructor(extension: vscode.Uri) {
    this.#extension = extension;
  }

  /** Opens the view of a variable's memory, or brings the one to the front that is open already. */
  open(given: MenuContext | undefined): void {
    const session = this.#sessions.get(given?.sessionId ?? '') ?? vscode.debug.activeDebugSession;
    const reference = given?.variable?.memoryReference;
    if (!session || reference === undefined) {
      const how = vscode.l10n.t(
        'Stop a program, then choose "View Memory" on a memory in the Variables view.',
      );
      void vscode.window.showInformationMessage(how);
      return;
    }
    const open = [...this.#views].find((view) => view.shows(session, reference));
    if (open) {
      open.reveal();
      return;
    }
    const name = given?.variable?.name ?? reference;
    const view = new MemoryView(this.#extension, session, reference, name, () => this.#views.delete(view));
    this.#views.add(view);
  }

  /** Looks at what a session sends. */
  heard(session: vscode.DebugSession, { type, event, body }: ProtocolEvent): void {
    this.#sessions.set(session.id, session);
    if (type !== 'event' || event !== 'memory') return;
    for (const view of this.#views) {
      if (view.shows(session, body?.memoryReference ?? '')) void view.refresh();
    }
  }

  ended(session: vscode.DebugSession): void {
    this.#sessions.delete(session.id);
    for (const view of this.#views) if (view.isOf(session)) view.end();
  }

  dispose(): void {
    for (const view of this.#views) view.dispose();
  }
}

class MemoryView {
  readonly #session: vscode.DebugSession;
  readonly #reference: string;
  readonly #name: string;
  readonly #panel: vscode.WebviewPanel;
  #length = 0;
  #ended = false;
  #follows: string | undefined;
  /** Counts searches: a new one ends the one before. */
  #search = 0;

  constructor(
    extension: vscode.Uri,
    session: vscode.DebugSession,
    reference: string,
    name: string,
    closed: () => void,
  ) {
    this.#session = session;
    this.#reference = reference;
    this.#name = name;
    this.#panel = vscode.window.createWebviewPanel(
      'wasmscope.memory',
      vscode.l10n.t('Memory {0}', name),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false },
      // What changed since the last stop is known to the page alone.
      { enableScripts: true, localResourceRoots: [], retainContextWhenHidden: true },
    );
    this.#panel.iconPath = new vscode.ThemeIcon('file-binary');
    this.#panel.webview.onDidReceiveMessage((message: FromMemoryPage) => this.#receive(message));
    this.#panel.onDidDispose(closed);
    void fillPage(this.#panel, extension, 'memory', memoryStrings());
  }

  shows(session: vscode.DebugSession, reference: string): boolean {
    return this.isOf(session) && reference === this.#reference;
  }

  isOf(session: vscode.DebugSession): boolean {
    return !this.#ended && session.id === this.#session.id;
  }

  reveal(): void {
    this.#panel.reveal();
  }

  /** The bytes may have changed. */
  async refresh(): Promise<void> {
    await this.#try(async () => {
      this.#length = await lengthOf(this.#session, this.#reference, this.#length);
      this.#post({ type: 'memory', name: this.#name, length: this.#length });
      // Where it means nothing (another function, say) the page stays.
      if (this.#follows === undefined) return;
      const offset = await this.#address(this.#follows).catch(() => undefined);
      if (offset !== undefined) this.#post({ type: 'goTo', offset, quiet: true });
    });
  }

  end(): void {
    this.#ended = true;
    this.#post({ type: 'ended' });
  }

  dispose(): void {
    this.#panel.dispose();
  }

  async #receive(message: FromMemoryPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.refresh();
      case 'read':
        return this.#try(async () => {
          const { offset, count } = message;
          const bytes = await readBytes(this.#session, this.#reference, offset, count);
          this.#post({ type: 'bytes', offset, bytes });
        });
      case 'goTo':
        return this.#try(async () => {
          this.#post({ type: 'goTo', offset: await this.#address(message.text.trim()) });
        });
      case 'follow':
        this.#follows = message.text?.trim() || undefined;
        return this.#try(async () => {
          if (!this.#follows) return;
          this.#post({ type: 'goTo', offset: await this.#address(this.#follows), quiet: true });
        });
      case 'find':
        return this.#try(() => this.#find(message.pattern, message.from));
      case 'write':
        return this.#try(() => writeBytes(this.#session, this.#reference, message.offset, message.bytes));
      case 'watch': {
        const { offset, count } = message;
        const range: WatchedRange = {
          session: this.#session,
          memoryReference: this.#reference,
          offset,
          count,
        };
        await vscode.commands.executeCommand('wasmscope.watchpoints.add', range);
      }
    }
  }

  async #find(pattern: readonly (number | undefined)[], from: number): Promise<void> {
    const search = ++this.#search;
    const title = vscode.l10n.t('Looking in {0}', this.#name);
    const location = vscode.ProgressLocation.Window;
    await vscode.window.withProgress({ location, title }, async () => {
      const offset = await find({
        length: this.#length,
        pattern,
        from: from % Math.max(this.#length, 1),
        read: (at, count) => readBytes(this.#session, this.#reference, at, count),
        cancelled: () => this.#ended || search !== this.#search,
      });
      if (search !== this.#search) return;
      if (offset === undefined) throw new Error(vscode.l10n.t('not found'));
      this.#post({ type: 'found', offset, count: pattern.length });
    });
  }

  /** An address as a number, or an expression whose value is one. */
  async #address(text: string): Promise<number> {
    const isNumber = /^(?:0x[\da-f_]+|[\d_]+)$/i.test(text);
    const found = isNumber ? text : await this.#evaluated(text);
    const offset = Number(found.replaceAll('_', ''));
    if (!(offset >= 0)) throw new Error(vscode.l10n.t('{0} is no address', text));
    if (offset < this.#length) return offset;
    const end = `0x${Math.max(this.#length - 1, 0).toString(16)}`;
    throw new Error(vscode.l10n.t('0x{0} is behind the end: the last byte is {1}', offset.toString(16), end));
  }

  /** An i32 is shown as signed; as an address it is not. */
  async #evaluated(expression: string): Promise<string> {
    const item = vscode.debug.activeStackItem;
    const frameId = item instanceof vscode.DebugStackFrame ? item.frameId : undefined;
    const { result } = await this.#session.customRequest('evaluate', {
      expression,
      frameId,
      context: 'watch',
    });
    return /\((0x[\da-f]+)/.exec(result)?.[1] ?? /^\d+/.exec(result)?.[0] ?? 'NaN';
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (this.#ended) return;
    try {
      await work();
    } catch (error) {
      if (!this.#ended) {
        this.#post({ type: 'problem', message: error instanceof Error ? error.message : String(error) });
      }
    }
  }

  #post(message: ToMemoryPage): void {
    void this.#panel.webview.postMessage(message);
  }
}
