/**
 * Decorates the exact range of the current instruction in the focused frame.
 *
 * VS Code draws a whole line; in folded WAT several instructions share a line. The
 * ranges are read off the stack traces that pass through the adapter's pipe.
 */

import * as vscode from 'vscode';
import type { ProtocolMessage } from './adapter.ts';

interface FrameRange {
  readonly path: string;
  readonly range: vscode.Range;
}

interface StackFrame {
  id: number;
  line: number;
  column: number;
  endLine?: number;
  endColumn?: number;
  source?: { path?: string };
}

export class InstructionRange implements vscode.Disposable {
  readonly #frames = new Map<string, Map<number, FrameRange>>();
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('wasmscope.instructionBackground'),
    border: '1px solid',
    borderColor: new vscode.ThemeColor('wasmscope.instructionBorder'),
    borderRadius: '2px',
  });
  readonly #subscriptions = [
    vscode.debug.onDidChangeActiveStackItem(() => this.#show()),
    vscode.window.onDidChangeVisibleTextEditors(() => this.#show()),
  ];

  /** Looks at a message on its way to VS Code. */
  note(session: vscode.DebugSession, message: ProtocolMessage): void {
    if (message.type === 'event' && (message.event === 'continued' || message.event === 'stopped')) {
      this.forget(session);
    } else if (message.type === 'response' && message.command === 'stackTrace') {
      const body = message.body as { stackFrames?: StackFrame[] } | undefined;
      this.#remember(session, body?.stackFrames ?? []);
    }
  }

  forget(session: vscode.DebugSession): void {
    if (this.#frames.delete(session.id)) this.#show();
  }

  dispose(): void {
    vscode.Disposable.from(this.#decoration, ...this.#subscriptions).dispose();
  }

  #remember(session: vscode.DebugSession, frames: readonly StackFrame[]): void {
    const known = this.#frames.get(session.id) ?? new Map<number, FrameRange>();
    for (const { id, line, column, endLine, endColumn, source } of frames) {
      if (!source?.path || endColumn === undefined) continue;
      const range = new vscode.Range(line - 1, column - 1, (endLine ?? line) - 1, endColumn - 1);
      known.set(id, { path: source.path, range });
    }
    this.#frames.set(session.id, known);
    this.#show();
  }

  #show(): void {
    const item = vscode.debug.activeStackItem;
    const frame =
      item instanceof vscode.DebugStackFrame
        ? this.#frames.get(item.session.id)?.get(item.frameId)
        : undefined;
    for (const editor of vscode.window.visibleTextEditors) {
      const here = frame !== undefined && isSource(editor.document.uri, frame.path);
      editor.setDecorations(this.#decoration, here ? [frame.range] : []);
    }
  }
}

/** A source's path is a file path, or a whole URI when its scheme is not `file`. */
function isSource(uri: vscode.Uri, path: string): boolean {
  if (uri.scheme === 'file') return uri.fsPath === vscode.Uri.file(path).fsPath;
  return (
    uri.toString() === path ||
    uri.toString(true) === path ||
    uri.toString() === vscode.Uri.parse(path).toString()
  );
}
