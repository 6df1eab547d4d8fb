/**
 * The view "Instantiation" under Run and Debug: what is instantiated when a component starts, in which order, what is linked to
 * what; while it is debugged what of that is done, and what goes on.
 *
 * The debug adapter gives the plan while a program is debugged, the language server that of the component in the active editor
 * otherwise (docs/protocol.md, `wasmscope/instantiation`). Where a node is to stop is a breakpoint of VS Code's own.
 */

import * as vscode from 'vscode';
import { programUri } from '../files/program-uri.ts';
import type {
  InstantiationLink,
  InstantiationNode,
  InstantiationPlace,
  ScriptRange,
} from '../language/protocol.ts';
import type { LanguageService } from '../language/service.ts';

const VIEW = 'wasmscope.instantiation';
const SHOWN = 'wasmscope.hasInstantiation';
/** How long typing, or a program that runs on, must pause before the plan is asked for again, in milliseconds. */
const QUIET = 200;

/** Where something is: in a text, or at a byte. */
interface Place {
  readonly uri: vscode.Uri;
  readonly range?: vscode.Range;
  readonly offset?: number;
}

/** A row of the view. */
type Row =
  | { readonly kind: 'node'; readonly node: Node; readonly parent?: Row }
  | { readonly kind: 'start'; readonly node: Node; readonly parent: Row }
  | { readonly kind: 'link'; readonly link: InstantiationLink; readonly parent: Row };

type Node = InstantiationNode & {
  readonly place: Place;
  readonly startPlace?: Place;
  readonly sourcePlace?: Place;
  readonly children: readonly Node[];
};

/** The parts of protocol messages that are read. */
interface ProtocolMessage {
  readonly type?: string;
  readonly event?: string;
}

const TOLD: ReadonlySet<string> = new Set([
  'initialized',
  'stopped',
  'continued',
  'thread',
  'wasmscope/instantiated',
]);

export function registerInstantiation(language: LanguageService, debugType: string): vscode.Disposable[] {
  const plan = new InstantiationView(language, debugType);
  const command = (name: string, run: (row: Row) => void | Promise<void>) =>
    vscode.commands.registerCommand(`${VIEW}.${name}`, run);
  const soon = () => plan.refreshSoon();
  // What brought the extension up may be a component that is open already.
  soon();
  return [
    plan,
    command('open', (row) => plan.open(row)),
    command('openSource', (row) => plan.openSource(row)),
    command('stop', (row) => plan.stopAt(row)),
    command('doNotStop', (row) => plan.doNotStopAt(row)),
    vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
      createDebugAdapterTracker: () => ({
        onDidSendMessage: ({ type, event }: ProtocolMessage) => {
          if (type === 'event' && event !== undefined && TOLD.has(event)) soon();
        },
      }),
    }),
    vscode.debug.onDidChangeActiveDebugSession(soon),
    vscode.debug.onDidChangeActiveStackItem(soon),
    vscode.debug.onDidTerminateDebugSession(soon),
    vscode.debug.onDidChangeBreakpoints(() => plan.redraw()),
    vscode.window.tabGroups.onDidChangeTabs(soon),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.languageId === 'wat') soon();
    }),
  ];
}

class InstantiationView implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #language: LanguageService;
  readonly #debugType: string;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #view: vscode.TreeView<Row>;
  #root: Row | undefined;
  #nodes: ReadonlyMap<string, Row> = new Map();
  /** What the plan is of, and what goes on of it: a change of that is shown. */
  #shown = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(language: LanguageService, debugType: string) {
    this.#language = language;
    this.#debugType = debugType;
    this.#view = vscode.window.createTreeView(VIEW, { treeDataProvider: this, showCollapseAll: true });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(this.#view, this.#changed).dispose();
  }

  refreshSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(), QUIET);
  }

  redraw(): void {
    this.#changed.fire(undefined);
  }

  getChildren(row?: Row): Row[] {
    if (!row) return this.#root ? [this.#root] : [];
    if (row.kind === 'start') return [];
    const links = row.kind === 'link' ? (row.link.links ?? []) : row.node.links;
    const linked = links.map((link): Row => ({ kind: 'link', link, parent: row }));
    if (row.kind === 'link') return linked;
    const { node } = row;
    const start: Row[] = node.start ? [{ kind: 'start', node, parent: row }] : [];
    return [...start, ...linked, ...node.children.map(({ id }) => this.#nodes.get(id)!)];
  }

  getParent(row: Row): Row | undefined {
    return row.parent;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    switch (row.kind) {
      case 'node':
        return this.#nodeItem(row, row.node);
      case 'start':
        return this.#startItem(row, row.node);
      case 'link':
        return this.#linkItem(row, row.link);
    }
  }

  #nodeItem(row: Row, node: Node): vscode.TreeItem {
    const { id, kind, name, of, number, children } = node;
    const item = new vscode.TreeItem(number === undefined ? name : `${number}. ${name}`);
    item.id = id === '' ? 'component' : id;
    const isInner = kind === 'component';
    const hasMore = children.length > 0 || node.links.length > 0 || node.start !== undefined;
    item.collapsibleState = !hasMore
      ? vscode.TreeItemCollapsibleState.None
      : isInner && children.length > 0
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed;
    const stops = this.#breakpointAt(node) !== undefined;
    item.description = [
      id === '' ? this.#progress() : of === undefined ? '' : vscode.l10n.t('of {0}', of),
      node.start ? vscode.l10n.t('start {0}', node.start.name) : '',
      node.isOpen ? '…' : '',
    ]
      .filter(Boolean)
      .join(', ');
    item.iconPath = iconOf(node, stops);
    item.tooltip = tooltipOf(node, stops);
    const canStop = node.place.range !== undefined || nameFor(node, this.#nodes) !== undefined;
    const stopping = stops ? 'stops' : canStop ? 'canStop' : '';
    item.contextValue = ['node', id === '' ? '' : stopping, node.sourcePlace && 'hasSource']
      .filter(Boolean)
      .join(' ');
    item.command = openCommand(row);
    item.accessibilityInformation = { label: `${item.label} ${item.description}, ${stateText(node)}` };
    return item;
  }

  #startItem(row: Row, { start }: Node): vscode.TreeItem {
    const item = new vscode.TreeItem(vscode.l10n.t('start function {0}', start!.name));
    item.iconPath = new vscode.ThemeIcon('run');
    item.contextValue = 'start';
    item.command = openCommand(row);
    return item;
  }

  #linkItem(row: Row, { name, to, items, links, target }: InstantiationLink): vscode.TreeItem {
    const item = new vscode.TreeItem(name === '' ? '""' : name);
    const what = items && items.length > 0 ? `: ${items.join(', ')}` : '';
    item.description = `← ${to}${what}`;
    item.tooltip = vscode.l10n.t('{0} is given {1}', name === '' ? '""' : name, `${to}${what}`);
    item.iconPath = new vscode.ThemeIcon(target === undefined && !links ? 'plug' : 'link');
    if (links) item.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
    if (target !== undefined) item.command = openCommand(row);
    return item;
  }

  /** How many core instances of all are there, while a program is debugged. */
  #progress(): string {
    const all = [...this.#nodes.values()].flatMap((row) => (row.kind === 'node' ? row.node : []));
    const cores = all.filter(({ kind }) => kind === 'core instance');
    const made = cores.filter(({ state }) => state !== undefined).length;
    if (all.every(({ state }) => state === undefined)) {
      return cores.length === 1
        ? vscode.l10n.t('1 core instance')
        : vscode.l10n.t('{0} core instances', cores.length);
    }
    return vscode.l10n.t('{0} of {1} core instances', made, cores.length);
  }

  /** Where a row leads: a link to what is given. */
  async open(row: Row): Promise<void> {
    const place = this.#placeOf(row);
    if (place) await show(place);
  }

  /** Goes to the module or the component that a node is an instance of. */
  async openSource(row: Row): Promise<void> {
    if (row.kind === 'node' && row.node.sourcePlace) await show(row.node.sourcePlace);
  }

  /** In a text a breakpoint in its line, else one on its name. */
  stopAt(row: Row): void {
    if (row.kind !== 'node') return;
    const { range, uri } = row.node.place;
    const name = nameFor(row.node, this.#nodes);
    if (range) {
      const at = new vscode.Location(uri, new vscode.Position(range.start.line, 0));
      vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(at)]);
    } else if (name) vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint(`instantiate ${name}`)]);
  }

  doNotStopAt(row: Row): void {
    const breakpoint = row.kind === 'node' ? this.#breakpointAt(row.node) : undefined;
    if (breakpoint) vscode.debug.removeBreakpoints([breakpoint]);
  }

  #breakpointAt(node: Node): vscode.Breakpoint | undefined {
    if (node.id === '') return undefined;
    const { uri, range } = node.place;
    const names = [node.name, node.name.replace(/^\$/, ''), `#${node.number}`];
    return vscode.debug.breakpoints.find((breakpoint) => {
      if (breakpoint instanceof vscode.FunctionBreakpoint) {
        const [, name] = /^instantiate\s+(\S+)$/.exec(breakpoint.functionName.trim()) ?? [];
        return name !== undefined && names.includes(name);
      }
      if (!(breakpoint instanceof vscode.SourceBreakpoint) || !range) return false;
      const { location } = breakpoint;
      return location.uri.toString() === uri.toString() && location.range.start.line === range.start.line;
    });
  }

  #placeOf(row: Row): Place | undefined {
    if (row.kind === 'node') return row.node.place;
    if (row.kind === 'start') return row.node.startPlace;
    const target = row.link.target === undefined ? undefined : this.#nodes.get(row.link.target);
    return target && this.#placeOf(target);
  }

  async #refresh(): Promise<void> {
    const asked = ++this.#asked;
    const root = await this.#find().catch(() => undefined);
    if (asked !== this.#asked) return;
    const nodes = new Map<string, Row>();
    const rowOf = (node: Node, parent?: Row): Row => {
      const row: Row = { kind: 'node', node, parent };
      nodes.set(node.id, row);
      for (const child of node.children) rowOf(child, row);
      return row;
    };
    this.#root = root && rowOf(root);
    this.#nodes = nodes;
    void vscode.commands.executeCommand('setContext', SHOWN, root !== undefined);
    this.#changed.fire(undefined);
    await this.#reveal();
  }

  /** What goes on is shown, when that is something else than before. VS Code begins with the view closed: this opens it. */
  async #reveal(): Promise<void> {
    const current = [...this.#nodes.values()].findLast(
      (row) => row.kind === 'node' && row.node.state === 'current',
    );
    const shown = current?.kind === 'node' ? `${current.node.place.uri.toString()}#${current.node.id}` : '';
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (!current) return;
    await Promise.resolve(this.#view.reveal(current, { select: true, focus: false })).catch(() => undefined);
  }

  /** Of the program that is debugged, else of what the active editor shows. */
  async #find(): Promise<Node | undefined> {
    const session = vscode.debug.activeDebugSession;
    if (session?.type === this.#debugType) {
      const threadId = vscode.debug.activeStackItem?.threadId;
      const { root } = await session.customRequest('wasmscope/instantiation', { threadId });
      const program = programUri(session.configuration.program, session.workspaceFolder?.uri);
      return root && program ? nodeOf(root, program) : undefined;
    }
    const uri = activeProgram();
    if (!uri) return undefined;
    const { root } = await this.#language.instantiationOf(uri);
    return root ? nodeOf(root, uri) : undefined;
  }
}

/** The file of the active editor, if it may be a component. */
function activeProgram(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputCustom && input.viewType === 'wasmscope.module') return input.uri;
  if (
    input instanceof vscode.TabInputText &&
    /\.wat$/i.test(input.uri.path) &&
    input.uri.scheme !== 'wasmscope'
  ) {
    return input.uri;
  }
  return undefined;
}

function nodeOf(node: InstantiationNode, uri: vscode.Uri): Node {
  const { start, source, children } = node;
  return {
    ...node,
    place: placeIn(uri, node),
    startPlace: start && placeIn(uri, start),
    sourcePlace: source && placeIn(uri, source),
    children: children.map((child) => nodeOf(child, uri)),
  };
}

async function show({ uri, range, offset }: Place): Promise<void> {
  if (range) await vscode.window.showTextDocument(uri, { selection: range, preserveFocus: true });
  else if (offset !== undefined) await vscode.commands.executeCommand('wasmscope.module.show', uri, offset);
}

/** The adapter gives places of its protocol, the language server ranges. */
function placeIn(uri: vscode.Uri, { offset, range, location }: InstantiationPlace): Place {
  if (range) return { uri, offset, range: rangeOf(range) };
  if (!location) return { uri, offset };
  const { line, column, endLine, endColumn } = location;
  return { uri, offset, range: new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1) };
}

function rangeOf({ start, end }: ScriptRange): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

function openCommand(row: Row): vscode.Command {
  return { command: `${VIEW}.open`, title: vscode.l10n.t('Open'), arguments: [row] };
}

/** What a breakpoint calls a node; undefined for one that has no name of its own. */
function nameFor({ name, number }: Node, nodes: ReadonlyMap<string, Row>): string | undefined {
  const all = [...nodes.values()].filter((row) => row.kind === 'node' && row.node.name === name);
  if (all.length === 1 && name.startsWith('$')) return name;
  return number === undefined ? undefined : `#${number}`;
}

function stateText({ state }: InstantiationNode): string {
  if (state === 'done') return vscode.l10n.t('done');
  return state === 'current' ? vscode.l10n.t('goes on') : vscode.l10n.t('to come');
}

function iconOf({ state, kind }: Node, stops: boolean): vscode.ThemeIcon {
  if (state === 'current') {
    return new vscode.ThemeIcon(
      'debug-stackframe',
      new vscode.ThemeColor('debugIcon.breakpointCurrentStackframeForeground'),
    );
  }
  if (stops)
    return new vscode.ThemeIcon('debug-breakpoint', new vscode.ThemeColor('debugIcon.breakpointForeground'));
  if (state === 'done') return new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed'));
  return new vscode.ThemeIcon(kind === 'component' ? 'package' : 'circle-large-outline');
}

function tooltipOf(node: Node, stops: boolean): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  const { kind, number, name, of, start } = node;
  const code = (inner: string): string => `\`${inner.replaceAll('`', "'")}\``;
  if (kind === 'core instance') {
    text.appendMarkdown(
      vscode.l10n.t('Core instance {0}: {1}, an instance of {2}', `${number}`, code(name), code(of ?? '')),
    );
  } else if (kind === 'start') text.appendMarkdown(vscode.l10n.t('A start definition'));
  else
    text.appendMarkdown(
      of === undefined ? code(name) : vscode.l10n.t('{0}, an instance of {1}', code(name), code(of)),
    );
  if (start)
    text.appendMarkdown(`\n\n${vscode.l10n.t('Its start function {0} runs then', code(start.name))}`);
  text.appendMarkdown(`\n\n${stateText(node)}`);
  if (stops) text.appendMarkdown(`\n\n${vscode.l10n.t('The program stops when this is instantiated')}`);
  return text;
}
