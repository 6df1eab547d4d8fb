/**
 * One page of the module editor: answers its questions from the document and the language server, and tells it what it
 * cannot know: changes, breakpoints, the current instruction, the other side of a diff.
 *
 * Nothing from a file becomes markup, and the page may load nothing but its own script and style.
 */

import * as vscode from 'vscode';
import { moduleDocument, writtenAs } from '../files/disassembly.ts';
import type {
  BinarySummary,
  ByteCards,
  ByteInfo,
  ByteLeaves,
  ByteTarget,
} from '../language/byte-protocol.ts';
import type { ModuleDocument } from './document.ts';
import type { Execution } from './execution.ts';
import type {
  Action,
  ByteRange,
  FromPage,
  Layout,
  Leaves,
  LiveValue,
  Marks,
  Question,
  Questions,
  SummaryAnswer,
  ToPage,
} from './messages.ts';
import { fillPage } from './page.ts';
import { moduleStrings } from './strings.ts';

/** Bytes that a page gets before it has asked for any, and bytes whose fields it gets. */
const HEAD = 16 * 1024;
const HEAD_FIELDS = 4096;
/** Milliseconds after which a page that shows nothing has not been told anything. */
const LOST = 500;
/** Functions in a summary's treemap. */
const FUNCTIONS = 500;

/** What a view needs of the editor around it. */
export interface ViewHost {
  readonly execution: Execution;
  readonly layout: Layout;
  saveLayout(layout: Layout): void;
  focused(view: ModuleView, focused: boolean): void;
  /** The other side of the diff editor that a view is in, if it is the newer side. */
  before(view: ModuleView): ModuleView | undefined;
}

export class ModuleView {
  readonly document: ModuleDocument;
  readonly panel: vscode.WebviewPanel;
  /** What is selected in the page, and where its caret is. */
  selection: ByteRange & { readonly caret: number } = { start: 0, end: 1, caret: 0 };
  readonly #host: ViewHost;
  readonly #asked = new Map<number, vscode.CancellationTokenSource>();
  readonly #subscriptions: vscode.Disposable[];
  /** There is a page that is told things, or will be: VS Code keeps what comes before it. */
  #ready = false;
  readonly #pageStarted: Promise<void>;
  #startPage = () => {};
  #hasStarted = false;
  #isClosed = false;
  /** The page shows what it was told first. */
  #isShown = false;
  #leaves: Promise<Leaves | undefined> | undefined;
  #current: number | undefined;
  /** The current instruction that the page has shown. */
  #revealed: number | undefined;
  #goTo: ByteRange | undefined;
  /** Who waits for the page to be at an offset. */
  readonly #arrived = new Map<number, () => void>();
  #pageOpened: 'bytes' | 'summary' = 'bytes';

  constructor(
    document: ModuleDocument,
    panel: vscode.WebviewPanel,
    extension: vscode.Uri,
    host: ViewHost,
    closed: () => void,
  ) {
    this.document = document;
    this.panel = panel;
    this.#host = host;
    this.#pageStarted = new Promise((resolve) => {
      this.#startPage = resolve;
    });
    panel.webview.options = { enableScripts: true, localResourceRoots: [] };
    this.#subscriptions = [
      panel.webview.onDidReceiveMessage((message: FromPage) => this.#receive(message)),
      document.onDidChange((changed) => {
        this.#forgetAll();
        this.#leaves = undefined;
        this.#post({ type: 'changed', size: document.length, changed });
        this.#showMarks(false);
      }),
      host.execution.onDidChange(() => this.#showMarks(true)),
    ];
    panel.onDidDispose(() => {
      this.#ready = false;
      this.#isClosed = true;
      this.#forgetAll();
      for (const settle of this.#arrived.values()) settle();
      vscode.Disposable.from(...this.#subscriptions).dispose();
      closed();
    });
    void fillPage(panel, extension, 'module', moduleStrings());
    void this.#begin();
  }

  do(action: Action): void {
    this.#post({ type: 'do', action });
  }

  /** Shows and selects bytes, also if the page is not there yet. Settles when they are selected. */
  async goTo({ start, end }: ByteRange): Promise<void> {
    if (this.#ready) this.#post({ type: 'goTo', start, end });
    // Until a page has said that it is there, it may have to be told again.
    if (!this.#isShown) this.#goTo = { start, end };
    await new Promise<void>((resolve) => this.#arrived.set(start, resolve));
  }

  /** The view is a side of a diff, which begins with what has changed. The other side may have come later. */
  becameSide(): void {
    if (this.#pageOpened === 'summary') return;
    this.#pageOpened = 'summary';
    this.do('summary');
  }

  /** The diff that the view is in has changed. */
  compared(): void {
    this.#post({ type: 'compared' });
  }

  summary(): Promise<BinarySummary> {
    return this.document.ask<BinarySummary>('binarySummary', { functions: FUNCTIONS });
  }

  /** Sets or removes a breakpoint on the instruction that has the caret. */
  async toggleBreakpoint(): Promise<void> {
    const info = await this.document.ask<ByteInfo>('byteInfo', { offset: this.selection.caret });
    if (info.instruction?.funcIdx === undefined) {
      const how = vscode.l10n.t('There is no instruction at this byte. Breakpoints stand on instructions.');
      void vscode.window.showInformationMessage(how);
      return;
    }
    this.#host.execution.toggleBreakpoint(this.document.uri, info.instruction.start);
  }

  /** Opens the document of the function that has the caret, or of the whole module. */
  async openFunction(): Promise<void> {
    const wat = await this.#answers.wat({ offset: this.selection.caret });
    const uri = wat?.uri === undefined ? moduleDocument(this.document.uri) : vscode.Uri.parse(wat.uri);
    await this.#openDocument(uri, wat?.line ?? 0);
  }

  async #receive(message: FromPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#startPage();
        // The first page was told what it shows before it was there; another one comes when the view is shown again.
        if (this.#hasStarted) return this.#begin();
        this.#hasStarted = true;
        setTimeout(() => {
          if (this.#ready && !this.#isShown) void this.#begin();
        }, LOST);
        return;
      case 'shown':
        this.#isShown = true;
        this.#goTo = undefined;
        return;
      case 'ask':
        return this.#answer(message.id, message.question, message.params);
      case 'forget':
        this.#asked.get(message.id)?.cancel();
        return;
      case 'selected':
        this.selection = message;
        this.#arrived.get(message.start)?.();
        this.#arrived.delete(message.start);
        return;
      case 'focused':
        this.#host.focused(this, message.focused);
        return;
      case 'layout':
        this.#host.saveLayout(message.layout);
        return;
      case 'copy':
        await vscode.env.clipboard.writeText(message.text);
        return;
      case 'openDocument':
        return this.#openDocument(vscode.Uri.parse(message.uri), message.line);
      case 'openLink':
        // Links are to the specification; a file has no say in them.
        if (message.url.startsWith('https://')) await vscode.env.openExternal(vscode.Uri.parse(message.url));
        return;
      case 'command': {
        const { uri } = this.document;
        this.#host.focused(this, true);
        await vscode.commands.executeCommand(`wasmscope.${message.command}`, uri);
      }
    }
  }

  /** Tells the page what it shows, as soon as there is something. */
  async #begin(): Promise<void> {
    const { document } = this;
    try {
      await document.whole;
    } catch (error) {
      this.#ready = true;
      this.#post({ type: 'failed', name: document.name, message: messageOf(error) });
      return;
    }
    this.#leaves ??= this.#firstLeaves();
    // Colours from the first frame on, if the server has them before the page is there.
    const leaves = await Promise.race([this.#leaves, this.#pageStarted]);
    if (this.#isClosed) return;
    this.#ready = true;
    const { name, length } = document;
    const head = own(document.read(0, HEAD));
    const { layout } = this.#host;
    this.#post({
      type: 'opened',
      name,
      size: length,
      layout,
      head,
      ...(leaves && { leaves }),
      page: this.#pageOpened,
    });
    if (this.#goTo) this.#post({ type: 'goTo', ...this.#goTo });
    await this.#showMarks(true);
  }

  async #firstLeaves(): Promise<Leaves | undefined> {
    const end = Math.min(HEAD_FIELDS, this.document.length);
    try {
      return columns(await this.document.ask<ByteLeaves>('byteLeaves', { start: 0, end }));
    } catch {
      // The page asks again, and is told why.
      return undefined;
    }
  }

  async #answer(id: number, question: Question, params: object): Promise<void> {
    const source = new vscode.CancellationTokenSource();
    this.#asked.set(id, source);
    try {
      const ask = this.#answers[question] as (
        given: object,
        token: vscode.CancellationToken,
      ) => Promise<unknown>;
      const answer = await ask(params, source.token);
      if (!source.token.isCancellationRequested) this.#post({ type: 'answer', id, answer });
    } catch (error) {
      if (source.token.isCancellationRequested) return;
      this.#post({ type: 'refused', id, message: messageOf(error) });
    } finally {
      this.#asked.delete(id);
      source.dispose();
    }
  }

  readonly #answers: {
    readonly [Q in Question]: (
      params: Questions[Q]['params'],
      token?: vscode.CancellationToken,
    ) => Promise<Questions[Q]['answer']>;
  } = {
    bytes: async ({ start, end }) => own(this.document.read(start, end)),
    leaves: async (range, token) => columns(await this.document.ask<ByteLeaves>('byteLeaves', range, token)),
    info: (params, token) => this.document.ask('byteInfo', { ...params, wat: 'ready' }, token),
    // As one text: it passes through two processes, and most of it is never looked at.
    cards: async (range, token) =>
      JSON.stringify(await this.document.ask<ByteCards>('byteCards', range, token)),
    live: ({ offset }) => this.#live(offset),
    tree: (params, token) => this.document.ask('byteTree', params, token),
    wat: (params, token) =>
      this.document.ask('byteWat', { ...params, written: writtenAs(this.document.uri) }, token),
    find: (params, token) => this.document.ask('byteFind', params, token),
    definition: async (params, token) =>
      (await this.document.ask<{ targets: ByteTarget[] }>('byteDefinition', params, token)).targets,
    references: (params, token) => this.document.ask('byteReferences', params, token),
    summary: () => this.#summary(),
  };

  async #summary(): Promise<SummaryAnswer> {
    const before = this.#host.before(this);
    const [summary, other] = await Promise.all([this.summary(), before?.summary()]);
    return { summary, ...(before && other && { before: { name: before.document.name, summary: other } }) };
  }

  /** Operands at the current instruction; the value of a local or global that an index names. */
  async #live(offset: number): Promise<readonly LiveValue[]> {
    const { execution } = this.#host;
    const frame = execution.currentIn(this.document.uri);
    if (!frame) return [];
    const [info, at] = await Promise.all(
      [offset, frame.offset].map((place) => this.document.ask<ByteInfo>('byteInfo', { offset: place })),
    );
    if (!info.instruction || info.instruction.funcIdx !== at.instruction?.funcIdx) return [];
    if (info.instruction.start === frame.offset && info.label === 'opcode') return execution.operands(frame);
    const [, what] = /^(local|global) index$/.exec(info.label) ?? [];
    return what ? execution.valueOf(frame, `${what}[${Number.parseInt(info.value ?? '', 10)}]`) : [];
  }

  async #showMarks(reveal: boolean): Promise<void> {
    const { execution } = this.#host;
    const breakpoints = execution.breakpointsIn(this.document.uri).map(({ offset, breakpoint }) => ({
      offset,
      enabled: breakpoint.enabled,
    }));
    const frame = execution.currentIn(this.document.uri);
    const moved = frame !== undefined && frame.offset !== this.#revealed;
    this.#current = frame?.offset;
    // A page that is out of sight gets nothing; it begins anew when it is shown, and then shows where the program is.
    if (!frame || (this.#ready && this.panel.visible)) this.#revealed = frame?.offset;
    let current: Marks['current'];
    if (frame) {
      // A program may be older than its file: then the place is only a byte.
      const info = await this.document
        .ask<ByteInfo>('byteInfo', { offset: frame.offset })
        .catch(() => undefined);
      if (this.#current !== frame.offset) return;
      const { start, end } = info?.instruction ?? { start: frame.offset, end: frame.offset + 1 };
      current = { start, end };
    }
    this.#post({ type: 'marks', marks: { current, breakpoints }, reveal: reveal && moved });
  }

  async #openDocument(uri: vscode.Uri, line: number): Promise<void> {
    try {
      const document = await vscode.workspace.openTextDocument(uri);
      const at = new vscode.Position(line, 0);
      await vscode.window.showTextDocument(document, {
        preview: false,
        selection: new vscode.Range(at, at),
      });
    } catch (error) {
      await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  }

  #forgetAll(): void {
    for (const source of this.#asked.values()) source.cancel();
  }

  #post(message: ToPage): void {
    if (this.#ready) void this.panel.webview.postMessage(message);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A copy with a buffer of its own, since all of a buffer is sent; and no Buffer, which arrives as an object. */
function own(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function columns({
  start,
  end,
  words,
  ends,
  tones,
  labels,
  sections,
  instructions,
  faults,
}: ByteLeaves): Leaves {
  return {
    start,
    end,
    words,
    ends: Uint32Array.from(ends),
    tones: Uint8Array.from(tones),
    labels: Int32Array.from(labels),
    sections: Int32Array.from(sections),
    instructions: Int32Array.from(instructions),
    faults: Int32Array.from(faults),
  };
}
