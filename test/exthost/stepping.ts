// Steps inside VS Code, measured: with an extension's own requests, as fast as they can be asked, and with the command
// behind F11, until the call stack and the Variables view have their answers. The programs stand in `launches.json`,
// which the benchmark writes into the workspace.
import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import { SUITE_MARK } from './result.ts';

const STEPS = 200;
const WARM_UP = 30;
/** VS Code waits before it looks at variables while somebody steps: these take half a second each. */
const STEPS_BY_KEY = 15;

type Message = DebugProtocol.ProtocolMessage & { command?: string; event?: string; success?: boolean };

/** Tells of messages of the session, in the order in which VS Code gets them. */
class Messages implements vscode.Disposable {
  session: vscode.DebugSession | undefined;
  readonly #tracker: vscode.Disposable;
  #waiting: { readonly what: string; resolve(): void }[] = [];

  constructor() {
    this.#tracker = vscode.debug.registerDebugAdapterTrackerFactory('wasmscope', {
      createDebugAdapterTracker: (session) => {
        this.session = session;
        return { onDidSendMessage: (message: Message) => this.#note(message) };
      },
    });
  }

  /** Resolves at the next event of this name, or the next answer to this command. */
  next(what: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ what, resolve });
    });
  }

  request<R>(command: string, args: object): Promise<R> {
    return this.session!.customRequest(command, args) as Promise<R>;
  }

  dispose(): void {
    this.#tracker.dispose();
  }

  #note({ command, event }: Message): void {
    const come = this.#waiting.filter(({ what }) => what === (event ?? command));
    this.#waiting = this.#waiting.filter((waiting) => !come.includes(waiting));
    for (const { resolve } of come) resolve();
  }
}

describe('stepping', function () {
  this.timeout(300_000);

  it('is measured', async () => {
    const [folder] = vscode.workspace.workspaceFolders!;
    const file = vscode.Uri.joinPath(folder.uri, 'launches.json');
    const launches: Record<string, object> = JSON.parse(
      new TextDecoder().decode(await vscode.workspace.fs.readFile(file)),
    );
    for (const [name, launch] of Object.entries(launches)) {
      const messages = new Messages();
      const stopped = messages.next('stopped');
      const full = { type: 'wasmscope', request: 'launch', name, stopOnEntry: true, ...launch };
      if (!(await vscode.debug.startDebugging(folder, full))) throw new Error(`${name} did not start`);
      await stopped;
      await vscode.commands.executeCommand('workbench.view.debug');
      figures(`${name} requests`, await byRequests(messages));
      const { stack, variables } = await byKey(messages);
      figures(`${name} stack`, stack);
      figures(`${name} variables`, variables);
      await vscode.debug.stopDebugging();
      messages.dispose();
    }
  });
});

async function byRequests(messages: Messages): Promise<number[]> {
  const times: number[] = [];
  for (let step = 0; step < WARM_UP + STEPS; step++) {
    const began = performance.now();
    const stopped = messages.next('stopped');
    await messages.request('stepIn', { threadId: 1 });
    await stopped;
    await messages.request('threads', {});
    const { stackFrames } = await messages.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
      threadId: 1,
      startFrame: 0,
      levels: 20,
    });
    const frameId = stackFrames[0].id;
    const { scopes } = await messages.request<DebugProtocol.ScopesResponse['body']>('scopes', { frameId });
    for (const { variablesReference } of scopes) await messages.request('variables', { variablesReference });
    if (step >= WARM_UP) times.push(performance.now() - began);
  }
  return times;
}

async function byKey(messages: Messages): Promise<{ stack: number[]; variables: number[] }> {
  const stack: number[] = [];
  const variables: number[] = [];
  for (let step = 0; step < STEPS_BY_KEY; step++) {
    const began = performance.now();
    const stopped = messages.next('stopped');
    void vscode.commands.executeCommand('workbench.action.debug.stepInto');
    await stopped;
    const shown = messages.next('variables');
    await messages.next('stackTrace');
    stack.push(performance.now() - began);
    await shown;
    variables.push(performance.now() - began);
  }
  return { stack, variables };
}

function figures(what: string, times: readonly number[]): void {
  console.log(`${SUITE_MARK}figures ${what}: ${times.map((time) => time.toFixed(2)).join(' ')}`);
}
