/**
 * The view "Watchpoints" under Run and Debug: places of memory, globals and table slots at which programs stop when they are
 * written, changed or read. VS Code sets data breakpoints only from its own views; these come from the memory view and
 * from expressions, are kept per workspace, and go to every session by `wasmscope/setWatchpoints` (docs/protocol.md).
 *
 * What they watch is a text of the adapter's (a data id): nothing here knows what it means.
 */

import * as vscode from 'vscode';

const VIEW = 'wasmscope.watchpoints';
const KEY = 'watchpoints';

type Access = 'change' | 'write' | 'read' | 'readWrite';

interface Watchpoint {
  readonly dataId: string;
  readonly access: Access;
  readonly enabled: boolean;
  readonly condition?: string;
  /** The session that it is for: a local of one call means nothing to others. */
  readonly session?: string;
}

/** What the adapter says about what somebody wants to watch. */
interface Info {
  readonly dataId: string | null;
  readonly description: string;
  readonly canPersist?: boolean;
}

/** What became of a watchpoint in a session. */
interface State {
  readonly id?: number;
  readonly verified: boolean;
  readonly message?: string;
}

/** What is read of a protocol message. */
interface ProtocolEvent {
  readonly type?: string;
  readonly event?: string;
  readonly body?: { readonly reason?: string; readonly breakpoint?: State };
}

/** Bytes of a memory that are to be watched: `memory[0]`, as `memoryReference` says it. */
export interface WatchedRange {
  readonly session: vscode.DebugSession;
  readonly memoryReference: string;
  readonly offset: number;
  readonly count: number;
}

export function registerWatchpoints(memory: vscode.Memento, debugType: string): vscode.Disposable[] {
  const points = new Watchpoints(memory, debugType);
  const view = vscode.window.createTreeView(VIEW, {
    treeDataProvider: points,
    manageCheckboxStateManually: true,
  });
  const command = (name: string, run: (given: never) => void | Promise<void>) =>
    vscode.commands.registerCommand(`wasmscope.watchpoints.${name}`, run);
  return [
    points,
    view,
    view.onDidChangeCheckboxState(({ items }) => points.check(items)),
    command('add', (given?: WatchedRange) => points.add(given)),
    command('remove', (point: Watchpoint) => points.remove(point)),
    command('removeAll', () => points.removeAll()),
    command('editCondition', (point: Watchpoint) => points.editCondition(point)),
    command('changeAccess', (point: Watchpoint) => points.changeAccess(point)),
    vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
      createDebugAdapterTracker: (session) => ({
        onDidSendMessage: ({ type, event, body }: ProtocolEvent) => {
          if (type !== 'event') return;
          // Before the program is loaded, so that nothing of it is missed.
          if (event === 'initialized') points.started(session);
          if (event === 'breakpoint' && body?.breakpoint) {
            points.heard(session, body.breakpoint, body.reason === 'removed');
          }
        },
      }),
    }),
    vscode.debug.onDidTerminateDebugSession((session) => points.ended(session)),
    vscode.debug.onDidChangeActiveDebugSession(() => points.refresh()),
  ];
}

class Watchpoints implements vscode.TreeDataProvider<Watchpoint>, vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #debugType: string;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #sessions = new Map<string, vscode.DebugSession>();
  /** What each session made of the points that are on, by data id. */
  readonly #states = new Map<string, Map<string, State>>();
  #points: readonly Watchpoint[];

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(memory: vscode.Memento, debugType: string) {
    this.#memory = memory;
    this.#debugType = debugType;
    this.#points = memory.get<Watchpoint[]>(KEY) ?? [];
    this.#show();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  getChildren(parent?: Watchpoint): Watchpoint[] {
    return parent ? [] : [...this.#points];
  }

  getTreeItem(point: Watchpoint): vscode.TreeItem {
    const state = this.#stateOf(point);
    const item = new vscode.TreeItem(point.dataId);
    const condition = point.condition === undefined ? '' : vscode.l10n.t(', when {0}', point.condition);
    item.description = `${accessLabel(point.access)}${condition}`;
    item.contextValue = 'watchpoint';
    item.checkboxState = point.enabled
      ? vscode.TreeItemCheckboxState.Checked
      : vscode.TreeItemCheckboxState.Unchecked;
    item.tooltip = state?.message ?? item.description;
    const isUnset = state && !state.verified;
    item.iconPath = new vscode.ThemeIcon(
      isUnset ? 'debug-breakpoint-data-unverified' : 'debug-breakpoint-data',
      new vscode.ThemeColor(
        isUnset ? 'debugIcon.breakpointUnverifiedForeground' : 'debugIcon.breakpointForeground',
      ),
    );
    return item;
  }

  started(session: vscode.DebugSession): void {
    this.#sessions.set(session.id, session);
    if (this.#points.length > 0) void this.#send(session);
  }

  ended(session: vscode.DebugSession): void {
    this.#sessions.delete(session.id);
    this.#states.delete(session.id);
    const left = this.#points.filter((point) => point.session !== session.id);
    if (left.length < this.#points.length) void this.#set(left);
    this.refresh();
  }

  /** A session says that a data breakpoint is not what it was. */
  heard(session: vscode.DebugSession, state: State, isRemoved: boolean): void {
    const states = this.#states.get(session.id);
    const [dataId] = [...(states ?? [])].find(([, { id }]) => id !== undefined && id === state.id) ?? [];
    if (!states || dataId === undefined) return;
    states.set(dataId, state);
    if (isRemoved) void this.#set(this.#points.filter((point) => point.dataId !== dataId));
    else this.refresh();
  }

  /** Asks what to watch, if nothing is given, and which accesses stop. */
  async add(given: WatchedRange | undefined): Promise<void> {
    const session = given?.session ?? vscode.debug.activeDebugSession;
    if (session?.type !== this.#debugType) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Stop a WebAssembly program first.'));
      return;
    }
    const info: Info | undefined = given
      ? { dataId: rangeOf(given), description: '', canPersist: true }
      : await this.#asked(session);
    if (!info || info.dataId === null) {
      if (info) void vscode.window.showErrorMessage(info.description);
      return;
    }
    const { dataId } = info;
    const access = await askAccess(dataId);
    if (!access) return;
    const others = this.#points.filter((point) => point.dataId !== dataId);
    const of = info.canPersist ? undefined : session.id;
    await this.#set([...others, { dataId, access, enabled: true, session: of }]);
    await vscode.commands.executeCommand(`${VIEW}.focus`);
  }

  async remove(removed: Watchpoint): Promise<void> {
    await this.#set(this.#points.filter(({ dataId }) => dataId !== removed.dataId));
  }

  async removeAll(): Promise<void> {
    await this.#set([]);
  }

  async check(items: readonly (readonly [Watchpoint, vscode.TreeItemCheckboxState])[]): Promise<void> {
    const enabled = new Map(
      items.map(([{ dataId }, state]) => [dataId, state === vscode.TreeItemCheckboxState.Checked]),
    );
    await this.#set(
      this.#points.map((point) => ({ ...point, enabled: enabled.get(point.dataId) ?? point.enabled })),
    );
  }

  async editCondition(point: Watchpoint): Promise<void> {
    const condition = await vscode.window.showInputBox({
      title: vscode.l10n.t('Condition of {0}', point.dataId),
      prompt: vscode.l10n.t('An expression: the program stops where it is not 0. Empty: always'),
      value: point.condition,
    });
    if (condition !== undefined) await this.#replace({ ...point, condition: condition.trim() || undefined });
  }

  async changeAccess(point: Watchpoint): Promise<void> {
    const access = await askAccess(point.dataId);
    if (access) await this.#replace({ ...point, access });
  }

  #replace(changed: Watchpoint): Promise<void> {
    return this.#set(this.#points.map((point) => (point.dataId === changed.dataId ? changed : point)));
  }

  async #set(points: readonly Watchpoint[]): Promise<void> {
    this.#points = points;
    this.#show();
    const kept = points.filter(({ session }) => session === undefined);
    await this.#memory.update(KEY, kept);
    await Promise.all([...this.#sessions.values()].map((session) => this.#send(session)));
  }

  /** The view is there while there is something in it, and while a program of ours is debugged. */
  #show(): void {
    void vscode.commands.executeCommand('setContext', 'wasmscope.hasWatchpoints', this.#points.length > 0);
    this.refresh();
  }

  async #send(session: vscode.DebugSession): Promise<void> {
    const wanted = this.#points.filter(
      (point) => point.enabled && (point.session ?? session.id) === session.id,
    );
    const breakpoints = wanted.map(({ dataId, access, condition }) => ({
      dataId,
      accessType: access,
      condition,
    }));
    try {
      const answer: { breakpoints: State[] } = await session.customRequest('wasmscope/setWatchpoints', {
        breakpoints,
      });
      this.#states.set(session.id, new Map(wanted.map(({ dataId }, i) => [dataId, answer.breakpoints[i]])));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#states.set(
        session.id,
        new Map(wanted.map(({ dataId }) => [dataId, { verified: false, message }])),
      );
    }
    this.refresh();
  }

  async #asked(session: vscode.DebugSession): Promise<Info | undefined> {
    const name = await askExpression();
    if (!name) return undefined;
    const item = vscode.debug.activeStackItem;
    const frameId = item instanceof vscode.DebugStackFrame ? item.frameId : undefined;
    try {
      return await session.customRequest('dataBreakpointInfo', { name, frameId });
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** What the session in front made of it; before the program is loaded it has not been looked at. */
  #stateOf({ dataId, enabled }: Watchpoint): State | undefined {
    const session = vscode.debug.activeDebugSession;
    const state = session && this.#states.get(session.id)?.get(dataId);
    return enabled ? state : undefined;
  }
}

/** A range of a memory as a data id says it. */
function rangeOf({ memoryReference, offset, count }: WatchedRange): string {
  return `${memoryReference}[0x${offset.toString(16)}..+${count}]`;
}

function askExpression(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Add Watchpoint'),
    prompt: vscode.l10n.t('Bytes of a memory, a global, or a slot of a table'),
    placeHolder: 'mem[0x100].i32   mem[$p..+16]   $global   table[0][3]',
  });
}

async function askAccess(title: string): Promise<Access | undefined> {
  const accesses: readonly Access[] = ['change', 'write', 'read', 'readWrite'];
  const items = accesses.map((access) => ({ label: accessLabel(access), access }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Stop at {0}', title),
    placeHolder: vscode.l10n.t('Which accesses stop the program'),
  });
  return chosen?.access;
}

function accessLabel(access: Access): string {
  switch (access) {
    case 'change':
      return vscode.l10n.t('when it changes');
    case 'write':
      return vscode.l10n.t('when it is written');
    case 'read':
      return vscode.l10n.t('when it is read');
    case 'readWrite':
      return vscode.l10n.t('when it is read or written');
  }
}
