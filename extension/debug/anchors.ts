/**
 * Breakpoints in disassembled documents and on offsets, across builds: the adapter answers each with an anchor (docs/
 * protocol.md), which is kept in the workspace and sent along with the next session's request.
 *
 * When the adapter finds a breakpoint in another document than it was set in, because its function has another index
 * now, VS Code's own breakpoint is moved there. Knows nothing of what an anchor says.
 */

import * as vscode from 'vscode';
import type { ProtocolMessage } from './adapter.ts';

const KEY = 'wasmscope.breakpointAnchors';

/** By document or, for breakpoints on offsets, by program; then by place. */
type Anchors = Record<string, Record<string, unknown>>;

interface AnchoredBreakpoint {
  line?: number;
  column?: number;
  name?: string;
  anchor?: unknown;
}

interface AnsweredBreakpoint extends AnchoredBreakpoint {
  verified: boolean;
  source?: { path?: string };
}

interface SetArguments {
  source?: { path?: string };
  breakpoints?: AnchoredBreakpoint[];
}

/**
 * When an open document is shown anew, VS Code moves the breakpoints in it along with its lines: anchors that were kept
 * for the lines before mean nothing any more.
 */
export function forgetMovedAnchors(memory: vscode.Memento): vscode.Disposable {
  return vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (document.uri.scheme !== 'wasmscope' || contentChanges.length === 0) return;
    const { [document.uri.toString()]: moved, ...others } = memory.get<Anchors>(KEY) ?? {};
    if (moved) void memory.update(KEY, others);
  });
}

/** One session's requests about breakpoints, on their way to the adapter and back. */
export class BreakpointAnchors {
  readonly #memory: vscode.Memento;
  /** Undefined: it is attached to, and not known by a name. */
  readonly #program: string | undefined;
  readonly #asked = new Map<
    number,
    { list: string; document: string | undefined; wanted: AnchoredBreakpoint[] }
  >();

  constructor(memory: vscode.Memento, session: vscode.DebugSession) {
    this.#memory = memory;
    const { program } = session.configuration;
    this.#program = typeof program === 'string' ? program : undefined;
  }

  /** Adds what is kept to a request. */
  send(request: ProtocolMessage): void {
    const args = request.arguments as SetArguments | undefined;
    const document = request.command === 'setBreakpoints' ? args?.source?.path : undefined;
    const list = request.command === 'setFunctionBreakpoints' ? this.#program : document;
    if (!list || (document !== undefined && !document.startsWith('wasmscope:'))) return;
    const kept = this.#all()[list] ?? {};
    const wanted = (args?.breakpoints ?? []).map((breakpoint) => ({
      ...breakpoint,
      anchor: kept[placeOf(breakpoint)],
    }));
    this.#asked.set(request.seq, { list, document, wanted });
    request.arguments = { ...args, breakpoints: wanted };
  }

  /** Keeps the anchors of an answer, and moves what stands in other documents now. */
  receive(response: ProtocolMessage & { request_seq?: number }): void {
    const asked = response.type === 'response' ? this.#asked.get(response.request_seq!) : undefined;
    if (!asked) return;
    this.#asked.delete(response.request_seq!);
    const { list, document, wanted } = asked;
    const answers = (response.body as { breakpoints?: AnsweredBreakpoint[] } | undefined)?.breakpoints ?? [];
    const all = this.#all();
    const kept: Record<string, unknown> = {};
    wanted.forEach((breakpoint, i) => {
      // What is not found in this build may be there again in the next one.
      const anchor = answers[i]?.anchor ?? breakpoint.anchor;
      if (anchor === undefined) return;
      const path = answers[i]?.source?.path;
      if (document === undefined || path === undefined || path === document)
        kept[placeOf(breakpoint)] = anchor;
      else {
        const moved = { line: answers[i].line, column: breakpoint.column && answers[i].column };
        all[path] = { ...all[path], [placeOf(moved)]: anchor };
        moveBreakpoint(document, breakpoint, path, moved);
      }
    });
    if (Object.keys(kept).length > 0) all[list] = kept;
    else delete all[list];
    void this.#memory.update(KEY, all);
  }

  #all(): Anchors {
    return { ...this.#memory.get<Anchors>(KEY) };
  }
}

function placeOf({ name, line, column }: AnchoredBreakpoint): string {
  return name ?? `${line}:${column ?? ''}`;
}

function moveBreakpoint(
  document: string,
  from: AnchoredBreakpoint,
  path: string,
  to: Pick<AnchoredBreakpoint, 'line' | 'column'>,
): void {
  const old = vscode.debug.breakpoints.find(
    (breakpoint): breakpoint is vscode.SourceBreakpoint =>
      breakpoint instanceof vscode.SourceBreakpoint &&
      breakpoint.location.uri.toString() === document &&
      breakpoint.location.range.start.line === from.line! - 1 &&
      (from.column === undefined || breakpoint.location.range.start.character === from.column - 1),
  );
  if (!old) return;
  const { enabled, condition, hitCondition, logMessage } = old;
  const at = new vscode.Location(
    vscode.Uri.parse(path),
    new vscode.Position(to.line! - 1, (to.column ?? 1) - 1),
  );
  vscode.debug.removeBreakpoints([old]);
  vscode.debug.addBreakpoints([
    new vscode.SourceBreakpoint(at, enabled, condition, hitCondition, logMessage),
  ]);
}
