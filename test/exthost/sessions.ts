// Debug sessions as tests want them: start, wait for the next stop, read frames and values, run to the end.
import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';

export interface Stop {
  readonly reason: string;
  readonly frames: readonly DebugProtocol.StackFrame[];
}

type Waiting = { readonly event: string; resolve(body: unknown): void };

export class Sessions implements vscode.Disposable {
  readonly #tracker: vscode.Disposable;
  #session: vscode.DebugSession | undefined;
  #waiting: Waiting[] = [];
  #events: { event: string; body: unknown }[] = [];
  #output = '';

  constructor() {
    this.#tracker = vscode.debug.registerDebugAdapterTrackerFactory('wasmscope', {
      createDebugAdapterTracker: (session) => {
        this.#session = session;
        // One that is being stopped still sends what nobody waits for any more.
        return { onDidSendMessage: (message) => session === this.#session && this.#note(message) };
      },
    });
  }

  /** What the session printed to the Debug Console. */
  get output(): string {
    return this.#output;
  }

  /** Starts a session, and is back when the program runs. */
  async begin(config: object): Promise<void> {
    this.#forget();
    const folder = vscode.workspace.workspaceFolders?.[0];
    const full = { type: 'wasmscope', request: 'launch', name: 'test', ...config };
    if (!(await vscode.debug.startDebugging(folder, full))) throw new Error('the session did not start');
    await this.#next('configured');
  }

  /** Starts a session and waits for its first stop. */
  async launch(config: object): Promise<Stop> {
    await this.begin(config);
    return this.#nextStop();
  }

  /** The same with a breakpoint on a line (from 0) of a document. */
  async stopAt(uri: vscode.Uri, line: number, config: object): Promise<Stop> {
    vscode.debug.addBreakpoints([
      new vscode.SourceBreakpoint(new vscode.Location(uri, new vscode.Position(line, 0))),
    ]);
    return this.launch(config);
  }

  /** Waits until the next request of VS Code's own is answered. */
  async answered(command: string): Promise<void> {
    await this.#next(`answer to ${command}`);
  }

  async pause(): Promise<Stop> {
    await this.#request('pause', { threadId: 1 });
    return this.#nextStop();
  }

  /** Goes on to the end, and gives what was printed. */
  async toEnd(): Promise<string> {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    // The program can end before VS Code has passed the answer on, which counts as a failed request.
    this.#request('continue', { threadId: 1 }).catch(() => undefined);
    await this.#next('terminated');
    return this.#output;
  }

  /** Whether a session with this configuration is refused; the reason is in `output`. */
  async refused(config: object): Promise<boolean> {
    this.#forget();
    const full = { type: 'wasmscope', request: 'launch', name: 'test', ...config };
    // VS Code shows a dialog about it, which it refuses to do in tests.
    vscode.debug
      .startDebugging(vscode.workspace.workspaceFolders?.[0], full)
      .then(undefined, () => undefined);
    const body = (await this.#next('refused')) as { command: string };
    return body.command === 'launch';
  }

  /** The variables of a frame: name and value, by scope; scopes without any are left out. */
  async variables(frameId: number): Promise<Record<string, Record<string, string>>> {
    const shown: Record<string, Record<string, string>> = {};
    const { scopes } = await this.#request<DebugProtocol.ScopesResponse['body']>('scopes', { frameId });
    for (const { name, variablesReference } of scopes) {
      const { variables } = await this.#request<DebugProtocol.VariablesResponse['body']>('variables', {
        variablesReference,
        // The row above the operands says what the next instruction will do.
        ...(name === 'Value stack' && { filter: 'indexed' }),
      });
      if (variables.length) shown[name] = Object.fromEntries(variables.map((v) => [v.name, v.value]));
    }
    return shown;
  }

  async stop(): Promise<void> {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    // One that ends by itself meanwhile is no failure.
    await vscode.debug.stopDebugging().then(undefined, () => undefined);
  }

  dispose(): void {
    this.#tracker.dispose();
  }

  #forget(): void {
    this.#session = undefined;
    this.#events = [];
    this.#output = '';
  }

  async #nextStop(): Promise<Stop> {
    const { reason } = (await this.#next('stopped')) as { reason: string };
    const { stackFrames } = await this.#request<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
      threadId: 1,
    });
    return { reason, frames: stackFrames };
  }

  async #request<R>(command: string, args: object): Promise<R> {
    if (!this.#session) throw new Error(`no session for ${command}`);
    return this.#session.customRequest(command, args);
  }

  #next(event: string): Promise<unknown> {
    const at = this.#events.findIndex((seen) => seen.event === event);
    if (at >= 0) return Promise.resolve(this.#events.splice(at, 1)[0].body);
    return new Promise((resolve) => {
      this.#waiting.push({ event, resolve });
    });
  }

  #note(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === 'response') {
      const { success, command } = message as DebugProtocol.Response;
      if (!success) this.#arrived('refused', { command });
      if (command === 'configurationDone') this.#arrived('configured', undefined);
      if (success) this.#arrived(`answer to ${command}`, undefined);
    }
    if (message.type !== 'event') return;
    const { event, body } = message as DebugProtocol.Event;
    if (event === 'output') this.#output += body.output;
    this.#arrived(event, body);
  }

  #arrived(event: string, body: unknown): void {
    const at = this.#waiting.findIndex((waiting) => waiting.event === event);
    if (at >= 0) this.#waiting.splice(at, 1)[0].resolve(body);
    else this.#events.push({ event, body });
  }
}
