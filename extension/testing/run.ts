/**
 * Running and debugging the tests of `.wast` files: a debug session a file, which reports what becomes of each command
 * by the event `wasmscope/verdict`.
 *
 * A script's commands build on those before them. So a file runs as a whole, and only the wanted ones are reported; one
 * alone runs with those before it, quietly. What the session did not come to is reported as skipped, or as an error if
 * the session broke.
 */

import * as vscode from 'vscode';
import { DEBUG_TYPE } from '../debug/register.ts';

/** What `wasmscope/verdict` says; lines and columns count from 1. */
interface Verdict {
  readonly line: number;
  readonly column: number;
  readonly ok: boolean;
  readonly message?: string;
  readonly expected?: string;
  readonly got?: string;
}

/** How many sessions were started: the same file may run twice at a time. */
let started = 0;

/** Runs what a request asks for, file by file. */
export async function runTests(
  controller: vscode.TestController,
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
  debugging: boolean,
  resolve: (file: vscode.TestItem) => Promise<void>,
): Promise<void> {
  const run = controller.createTestRun(request);
  try {
    const wanted: vscode.TestItem[] = [];
    for (const item of request.include ?? items(controller.items)) {
      if (!item.parent && item.children.size === 0) await resolve(item);
      wanted.push(...assertions(item, request.exclude));
    }
    const files = new Map<string, vscode.TestItem[]>();
    for (const item of wanted) {
      const file = item.uri!.toString();
      files.set(file, [...(files.get(file) ?? []), item]);
    }
    for (const [file, tests] of files) {
      if (token.isCancellationRequested) break;
      await runFile(run, vscode.Uri.parse(file), tests, token, debugging);
    }
  } finally {
    run.end();
  }
}

async function runFile(
  run: vscode.TestRun,
  uri: vscode.Uri,
  tests: readonly vscode.TestItem[],
  token: vscode.CancellationToken,
  debugging: boolean,
): Promise<void> {
  const waiting = new Map(tests.map((test) => [place(test.range!.start), test]));
  for (const test of tests) run.started(test);
  const program = uri.scheme === 'file' ? uri.fsPath : uri.toString();
  const name = vscode.workspace.asRelativePath(uri);
  const config: vscode.DebugConfiguration = {
    type: DEBUG_TYPE,
    request: 'launch',
    name,
    program,
    verdicts: true,
    testSession: ++started,
    ...(tests.length === 1 && { line: tests[0].range!.start.line + 1 }),
    internalConsoleOptions: debugging ? 'openOnSessionStart' : 'neverOpen',
    ...(!debugging && { suppressMultipleSessionWarning: true }),
  };
  const options: vscode.DebugSessionOptions = {
    noDebug: !debugging,
    testRun: run,
    ...(!debugging && {
      suppressDebugToolbar: true,
      suppressDebugStatusbar: true,
      suppressDebugView: true,
    }),
  };

  let session: vscode.DebugSession | undefined;
  let began = Date.now();
  /** Without a session, VS Code would end all there are. */
  const stop = () => session && void vscode.debug.stopDebugging(session);
  const isOurs = ({ configuration }: vscode.DebugSession) => configuration.testSession === config.testSession;
  await new Promise<void>((done) => {
    const subscriptions: vscode.Disposable[] = [
      vscode.debug.onDidStartDebugSession((ours) => {
        if (!isOurs(ours)) return;
        session = ours;
        began = Date.now();
        if (token.isCancellationRequested) stop();
      }),
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session: from, event, body }) => {
        if (event !== 'wasmscope/verdict' || !isOurs(from)) return;
        const verdict = body as Verdict;
        const key = place(new vscode.Position(verdict.line - 1, verdict.column - 1));
        const test = waiting.get(key);
        if (!test) return;
        waiting.delete(key);
        const now = Date.now();
        report(run, test, verdict, now - began);
        began = now;
      }),
      vscode.debug.onDidTerminateDebugSession((ended) => {
        if (isOurs(ended)) end();
      }),
      token.onCancellationRequested(() => stop()),
    ];
    const end = () => {
      for (const subscription of subscriptions) subscription.dispose();
      done();
    };
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    vscode.debug.startDebugging(folder, config, options).then(
      (started) => {
        if (!started) end();
      },
      (error: Error) => {
        for (const test of waiting.values()) run.errored(test, new vscode.TestMessage(error.message));
        waiting.clear();
        end();
      },
    );
  });
  for (const test of waiting.values()) run.skipped(test);
}

function report(run: vscode.TestRun, test: vscode.TestItem, verdict: Verdict, milliseconds: number): void {
  const { ok, message = '', expected, got } = verdict;
  if (ok) {
    run.passed(test, milliseconds);
    return;
  }
  const told =
    expected !== undefined && got !== undefined
      ? vscode.TestMessage.diff(message, expected, got)
      : new vscode.TestMessage(message);
  told.location = new vscode.Location(test.uri!, test.range!);
  run.failed(test, told, milliseconds);
}

function place({ line, character }: vscode.Position): string {
  return `${line}:${character}`;
}

/** The assertions at and below an item, without the excluded ones. */
function assertions(
  item: vscode.TestItem,
  excluded: readonly vscode.TestItem[] | undefined,
): vscode.TestItem[] {
  if (excluded?.includes(item)) return [];
  const below = items(item.children);
  if (below.length === 0) return item.parent && item.range ? [item] : [];
  return below.flatMap((child) => assertions(child, excluded));
}

function items(collection: vscode.TestItemCollection): vscode.TestItem[] {
  return [...collection].map(([, item]) => item);
}
