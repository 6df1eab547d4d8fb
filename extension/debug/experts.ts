/**
 * Commands for experts on a stopped program: force a function to return, go on from a trap, write a core dump. Each asks for what
 * it needs and hands it to the adapter, which says what is wrong with it (docs/protocol.md).
 */

import * as vscode from 'vscode';

/** The context of an entry of the Call Stack, as VS Code gives it to a command. */
interface CallStackEntry {
  readonly frameId?: string;
}

export function registerExpertCommands(debugType: string): vscode.Disposable[] {
  const command = (name: string, run: (session: vscode.DebugSession, frameId: number) => Promise<void>) =>
    vscode.commands.registerCommand(name, async (entry?: CallStackEntry) => {
      const session = vscode.debug.activeDebugSession;
      const frameId = session?.type === debugType ? await frameOf(session, entry) : undefined;
      if (!session || frameId === undefined) {
        void vscode.window.showErrorMessage(vscode.l10n.t('Stop a WebAssembly program first.'));
        return;
      }
      try {
        await run(session, frameId);
      } catch (error) {
        void vscode.window.showErrorMessage((error as Error).message);
      }
    });
  return [
    command('wasmscope.forceReturn', async (session, frameId) => {
      const values = await askValues(session, frameId, 'function');
      if (values) await session.customRequest('wasmscope/forceReturn', { frameId, values });
    }),
    command('wasmscope.ignoreTrap', async (session, frameId) => {
      const values = await askValues(session, frameId, 'instruction');
      if (values) await session.customRequest('wasmscope/ignoreTrap', { values });
    }),
    command('wasmscope.writeCoreDump', async (session) => {
      const { data } = await session.customRequest('wasmscope/coreDump', {});
      const saveLabel = vscode.l10n.t('Write Core Dump');
      const uri = await vscode.window.showSaveDialog({ saveLabel, defaultUri: dumpBeside(session) });
      if (!uri) return;
      const bytes = Uint8Array.from(atob(data as string), (char) => char.charCodeAt(0));
      await vscode.workspace.fs.writeFile(uri, bytes);
    }),
  ];
}

/** The frame that a command is about: the entry's of the Call Stack, else the one that is shown. */
async function frameOf(
  session: vscode.DebugSession,
  entry: CallStackEntry | undefined,
): Promise<number | undefined> {
  // VS Code's own id of a frame: `stackframe:thread:SESSION:THREAD:INDEX:SOURCE`.
  const [, thread, index] = /^stackframe:thread:[^:]*:(\d+):(\d+):/.exec(entry?.frameId ?? '') ?? [];
  if (index !== undefined) {
    const args = { threadId: Number(thread), startFrame: Number(index), levels: 1 };
    const { stackFrames } = await session.customRequest('stackTrace', args);
    return (stackFrames as { id: number }[])[0]?.id;
  }
  const item = vscode.debug.activeStackItem;
  return item instanceof vscode.DebugStackFrame ? item.frameId : undefined;
}

/** A value for each type; undefined when the user turns away. */
async function askValues(
  session: vscode.DebugSession,
  frameId: number,
  of: 'function' | 'instruction',
): Promise<string[] | undefined> {
  const { types } = (await session.customRequest('wasmscope/forcedTypes', { frameId, of })) as {
    types: readonly string[];
  };
  const values: string[] = [];
  for (const [i, type] of types.entries()) {
    const value = await vscode.window.showInputBox({
      title: vscode.l10n.t('Result {0} of {1}', i + 1, types.length),
      prompt: vscode.l10n.t('{0}: a literal or an expression', type),
      ignoreFocusOut: true,
    });
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** `program.coredump` beside the program, where that is a file. */
function dumpBeside({ configuration, workspaceFolder }: vscode.DebugSession): vscode.Uri | undefined {
  const { program } = configuration as { program?: unknown };
  if (typeof program !== 'string') return workspaceFolder?.uri;
  const isUri = /^[A-Za-z][A-Za-z0-9+.-]+:/.test(program);
  const uri = isUri ? vscode.Uri.parse(program) : vscode.Uri.file(program);
  return uri.scheme === 'untitled' ? undefined : uri.with({ path: `${uri.path}.coredump` });
}
