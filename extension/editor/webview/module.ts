/**
 * The page of the module editor: puts its parts together and keeps them in step. The caret of the grid is what they all
 * follow: path, card, values, tree and text; and each of them can move it.
 *
 * Runs in the webview. It has the bytes in sight and some around them, and asks for everything else.
 */

import './module.css';
import type { ByteInfo } from '../../language/byte-protocol.ts';
import type { SummaryFault } from '../../language/protocol.ts';
import type { Action, ByteRange, Layout, LiveValue, Marks, PageCommand, Told } from '../messages.ts';
import type { ModuleStrings } from '../strings.ts';
import { Blocks } from './blocks.ts';
import { Details } from './details.ts';
import { button, element, hex, iconButton, setAttribute } from './dom.ts';
import { Find } from './find.ts';
import { Grid, type Pointed } from './grid.ts';
import { History } from './history.ts';
import { Host } from './host.ts';
import { Hover } from './hover.ts';
import { icon } from './icons.ts';
import { INSPECTED_BYTES } from './inspector.ts';
import { type MapSection, Minimap } from './minimap.ts';
import { Sash } from './sash.ts';
import { rangeOf, type Selection, selected } from './selection.ts';
import { filled, pageStrings } from './strings.ts';
import { factsOf, summaryPage } from './summary.ts';
import { Tree } from './tree.ts';
import { WatPane } from './wat.ts';

/** Milliseconds that the caret rests before the text of its function, which may take long, is asked for. */
const REST = 120;
/** Milliseconds without scrolling before what follows from it is worked out. */
const QUIET = 60;
/** Moves that are farther than this many bytes are jumps: places to come back from. */
const FAR = 1024;

/** What is there again when the page is shown again. */
interface State {
  readonly page: 'bytes' | 'summary';
  readonly caret: number;
  readonly anchor: number;
  readonly top: number;
}

const root = document.getElementById('page') as HTMLElement;
const strings = pageStrings<ModuleStrings>(root);
const host = new Host();
const history = new History();

let name = '';
let layout: Layout = { perRow: 0, tree: true, details: true, treeWidth: 240, detailsWidth: 380 };
let marks: Marks = { breakpoints: [] };
let sections: readonly MapSection[] = [];
let matches: readonly number[] = [];
let fault: SummaryFault | undefined;
let page: 'bytes' | 'summary' = 'bytes';
let summaryWanted = true;
/** The card of the caret. */
let caretInfo: ByteInfo | undefined;
let restTimer: ReturnType<typeof setTimeout> | undefined;
/** Where the move came from: the tree marks what was chosen in it, and not the first field of that. */
let movedByTree = false;
let drawnSight: ByteRange = { start: 0, end: 0 };
let headerOffset = -1;
let headerTimer: ReturnType<typeof setTimeout> | undefined;
let stateTimer: ReturnType<typeof setTimeout> | undefined;

const blocks = new Blocks(
  { bytes: (range) => host.ask('bytes', range), leaves: (range) => host.ask('leaves', range) },
  (range) => {
    grid.arrived(range);
    if (range.start <= grid.selection.caret && grid.selection.caret < range.end) showValues();
  },
);

const grid: Grid = new Grid(blocks, strings, {
  selected: (selection) => moved(selection, false),
  pointed: (at) => pointed(at),
  glyphs: (row) => void toggleInRow(row),
  scrolled: (sight) => scrolled(sight),
  entered: (offset) => void selectField(offset),
});

const goTo = (start: number, end: number) => jump({ start, end });
const openLink = (url: string) => host.tell({ type: 'openLink', url });
const hover = new Hover(strings, { goTo, openLink }, async (offset) => ({
  info: await host.ask('info', { offset }),
  live: await live(offset),
}));
const wat = new WatPane(strings, {
  chosen: (offset) => void selectInstruction(offset),
  open: (uri, line) => host.tell({ type: 'openDocument', uri, line }),
});
const details = new Details(strings, { goTo, openLink }, wat.element);
const tree = new Tree(
  strings,
  {
    tree: (path) => host.ask('tree', { path }),
    names: (text) => host.ask('find', { name: text }),
  },
  {
    chosen: (range) => {
      movedByTree = true;
      jump(range);
      movedByTree = false;
    },
    loaded: ({ children }) => {
      setSections(children.filter(({ kind }) => kind === 'section' || kind === 'header'));
    },
  },
);
const find = new Find(strings, {
  find: (query, signal) => host.ask('find', query, signal),
  caret: () => rangeOf(grid.selection).start,
  matched: (ranges, current, go) => {
    matches = ranges;
    grid.setMatches(ranges, current);
    if (current && go) jump(current);
    drawMinimap();
  },
  closed: () => grid.focus(),
});
const minimap = new Minimap((offset) => grid.centre(offset));

const title = element('h1', {}, ['']);
const facts = element('span', { class: 'facts' });
const tabs = {
  bytes: tab('bytes', strings.bytesPage),
  summary: tab('summary', strings.summaryPage),
};
const backButton = iconButton(icon('back'), strings.back, () => act('back'));
const forwardButton = iconButton(icon('forward'), strings.forward, () => act('forward'));
const perRow = element(
  'select',
  { class: 'per-row', title: strings.perRow, 'aria-label': strings.perRow },
  [0, 8, 16, 32].map((n) =>
    element('option', { value: String(n) }, [n === 0 ? strings.perRowFit : String(n)]),
  ),
);
const treeButton = iconButton(icon('tree'), strings.toggleTree, () => setLayout({ tree: !layout.tree }));
const detailsButton = iconButton(icon('details'), strings.toggleDetails, () =>
  setLayout({ details: !layout.details }),
);
const banner = element('div', { class: 'banner', role: 'alert', hidden: '' });
const crumbs = element('nav', { class: 'crumbs', 'aria-label': strings.path });
const place = element('span', { class: 'place' });
const status = element('div', { class: 'message', role: 'status' });
const bytesPanel = element('section', { class: 'panel bytes', role: 'tabpanel', id: 'panel-bytes' });
const summaryPanel = element('section', {
  class: 'panel summary',
  role: 'tabpanel',
  id: 'panel-summary',
  tabindex: '0',
});

build();
host.listen(receive);

function receive(message: Told): void {
  switch (message.type) {
    case 'opened':
      opened(message);
      return;
    case 'changed':
      changed(message.size, message.changed);
      return;
    case 'marks':
      marks = message.marks;
      grid.marks = marks;
      if (message.reveal && marks.current) jump(marks.current);
      else void showCard(grid.selection.caret);
      drawMinimap();
      return;
    case 'goTo':
      showPage('bytes');
      jump(message);
      grid.focus();
      return;
    case 'compared':
      summaryWanted = true;
      void showSummary();
      return;
    case 'do':
      act(message.action);
  }
}

function opened(message: Extract<Told, { type: 'opened' }>): void {
  const state = host.state as State | undefined;
  name = message.name;
  title.textContent = name;
  layout = message.layout;
  perRow.value = String(layout.perRow);
  blocks.reset(message.size);
  blocks.put(0, message.head);
  root.removeAttribute('aria-busy');
  applyLayout();
  grid.perRow = layout.perRow;
  const at = state && state.caret < message.size ? state : undefined;
  grid.select(at ? { anchor: at.anchor, caret: at.caret } : { anchor: 0, caret: 0 }, 'stay');
  if (at) grid.topOffset = at.top;
  showPage(state?.page ?? message.page);
  history.jumped(grid.selection.caret);
  moved(grid.selection, true);
  void tree.load().catch(() => undefined);
  void showSummary();
}

function changed(size: number, range: ByteRange): void {
  host.dropAll();
  blocks.reset(size, range.start);
  hover.hide();
  caretInfo = undefined;
  headerOffset = -1;
  wat.clear();
  grid.layOut();
  const caret = Math.min(grid.selection.caret, Math.max(0, size - 1));
  grid.select({ anchor: caret, caret }, 'stay');
  moved(grid.selection, true);
  void tree.load().catch(() => undefined);
  find.again();
  summaryWanted = true;
  void showSummary();
}

/** The caret is somewhere else: everything else follows. */
function moved(selection: Selection, silently: boolean): void {
  const { start, end } = rangeOf(selection);
  const { caret } = selection;
  if (!silently) history.moved(caret);
  host.tell({ type: 'selected', start, end, caret });
  place.textContent =
    end - start > 1
      ? `${hex(start)} · ${filled(strings.selected, filled(strings.manyBytes, end - start))}`
      : `${hex(caret)} (${caret})`;
  showValues();
  void showCard(caret);
  saveState();
  updateHistory();
}

async function showCard(caret: number): Promise<void> {
  if (blocks.size === 0) {
    details.showProblem(strings.emptyFile);
    return;
  }
  const follow = !movedByTree;
  try {
    const [info, values] = await Promise.all([host.ask('info', { offset: caret }), live(caret)]);
    if (grid.selection.caret !== caret) return;
    caretInfo = info;
    const inner = info.path.slice(1).reverse();
    const ranges = inner.filter((step, i) => i === 0 || !isSame(step, inner[i - 1]));
    grid.outlines = [
      { start: info.start, end: info.end },
      ...ranges.filter((step) => !isSame(step, info)),
    ].slice(0, 4);
    details.showCard(info, values);
    showCrumbs();
    if (follow) void tree.follow(info.treePath).catch(() => undefined);
    clearTimeout(restTimer);
    if (wat.has(caret)) wat.follow(info.instruction?.start ?? caret);
    else restTimer = setTimeout(() => void showWat(info), REST);
  } catch (error) {
    if (grid.selection.caret === caret) details.showProblem(messageOf(error));
  }
}

/** The program's values at a byte, while it is stopped in this module. */
async function live(offset: number): Promise<readonly LiveValue[]> {
  return marks.current ? host.ask('live', { offset }).catch(() => []) : [];
}

async function showWat(info: ByteInfo): Promise<void> {
  if (!info.path.some(({ kind }) => kind === 'func')) {
    wat.clear();
    return;
  }
  const found = await host.ask('wat', { offset: info.offset }).catch(() => null);
  if (caretInfo !== info) return;
  if (found) wat.show(found, info.instruction?.start ?? info.offset);
  else wat.clear();
}

function showValues(): void {
  const { start } = rangeOf(grid.selection);
  details.showValues(blocks.known(start, start + INSPECTED_BYTES));
}

/** Where the caret is; when it is out of sight, where the first row in sight is. */
function showCrumbs(): void {
  const { caret } = grid.selection;
  const inSight = caret >= drawnSight.start && caret < drawnSight.end;
  const offset = inSight ? caret : drawnSight.start;
  if (inSight) {
    if (caretInfo && caretInfo.offset === caret) setCrumbs(caretInfo, false);
    headerOffset = -1;
    return;
  }
  if (offset === headerOffset || offset >= blocks.size) return;
  headerOffset = offset;
  clearTimeout(headerTimer);
  headerTimer = setTimeout(() => {
    host.ask('info', { offset }).then(
      (info) => {
        if (headerOffset === offset) setCrumbs(info, true);
      },
      () => undefined,
    );
  }, QUIET);
}

function setCrumbs({ path }: ByteInfo, isElsewhere: boolean): void {
  crumbs.classList.toggle('elsewhere', isElsewhere);
  crumbs.replaceChildren(
    ...path.flatMap(({ title: text, start, end }, i) => [
      ...(i > 0 ? [element('span', { class: 'separator', 'aria-hidden': 'true' }, ['›'])] : []),
      button(text, { class: 'crumb' }, () => jump({ start, end })),
    ]),
  );
}

function scrolled(sight: ByteRange): void {
  drawnSight = sight;
  hover.scrolled();
  showCrumbs();
  drawMinimap();
  saveState();
}

function drawMinimap(): void {
  minimap.draw(
    {
      size: blocks.size,
      sections,
      sight: drawnSight,
      caret: grid.selection.caret,
      matches,
      breakpoints: marks.breakpoints.map(({ offset }) => offset),
      current: marks.current?.start,
      fault: fault?.offset,
    },
    grid.colours,
  );
}

/** Goes somewhere from where one may want to come back. */
function jump(range: ByteRange): void {
  const from = grid.selection.caret;
  if (page !== 'bytes') showPage('bytes');
  grid.select(selected(range.start, Math.min(range.end, blocks.size)), 'third');
  if (Math.abs(range.start - from) > FAR || range.start < drawnSight.start || range.start >= drawnSight.end) {
    history.jumped(range.start);
  }
  moved(grid.selection, false);
}

function act(action: Action): void {
  switch (action) {
    case 'find':
      showPage('bytes');
      find.open();
      return;
    case 'findNext':
      find.step(1);
      return;
    case 'findPrevious':
      find.step(-1);
      return;
    case 'definition':
      void goToDefinition();
      return;
    case 'references':
      void showReferences();
      return;
    case 'back':
      goInHistory(history.back());
      return;
    case 'forward':
      goInHistory(history.forward());
      return;
    case 'bytes':
    case 'summary':
      showPage(action);
      (action === 'bytes' ? grid : summaryPanel).focus();
      return;
    case 'selectField':
      void selectField(grid.selection.caret);
      return;
  }
}

async function goToDefinition(): Promise<void> {
  try {
    const targets = await host.ask('definition', { offset: grid.selection.caret });
    if (targets.length === 0) {
      say(strings.noDefinition);
      return;
    }
    history.jumped(grid.selection.caret);
    jump(targets[0]);
    history.jumped(targets[0].start);
    updateHistory();
    if (targets.length === 1) return;
    find.show(strings.definitions, {
      ranges: targets.flatMap(({ start, end }) => [start, end]),
      titles: targets.map(({ title: text }) => text),
      more: false,
    });
  } catch (error) {
    say(messageOf(error));
  }
}

async function showReferences(): Promise<void> {
  try {
    const found = await host.ask('references', { offset: grid.selection.caret });
    if (!found.target) {
      say(strings.noReferences);
      return;
    }
    showPage('bytes');
    find.show(filled(strings.referencesTo, found.target.title), found);
  } catch (error) {
    say(messageOf(error));
  }
}

function goInHistory(offset: number | undefined): void {
  if (offset === undefined || offset >= blocks.size) return;
  showPage('bytes');
  grid.select(selected(offset, offset + 1), 'third');
  moved(grid.selection, true);
}

function updateHistory(): void {
  backButton.disabled = !history.canGoBack;
  forwardButton.disabled = !history.canGoForward;
}

/** Selects the whole field at a byte; if it is selected already, what it is in. */
async function selectField(offset: number): Promise<void> {
  const info = await host.ask('info', { offset }).catch(() => undefined);
  if (!info) return;
  const now = rangeOf(grid.selection);
  const larger = [...info.path].reverse().find(({ start, end }) => end - start > now.end - now.start);
  const range = now.end - now.start > 1 && offset === grid.selection.caret ? (larger ?? info) : info;
  const start = range.start;
  grid.select({ anchor: range.end - 1, caret: start }, 'near');
  moved(grid.selection, false);
}

async function selectInstruction(offset: number): Promise<void> {
  const info = await host.ask('info', { offset }).catch(() => undefined);
  const { start, end } = info?.instruction ?? info ?? { start: offset, end: offset + 1 };
  jump({ start, end });
}

/** A click beside the offsets: at the first instruction of the row, or where a breakpoint is. */
async function toggleInRow(row: ByteRange): Promise<void> {
  const set = marks.breakpoints.find(({ offset }) => offset >= row.start && offset < row.end);
  let offset = set?.offset;
  for (let at = row.start; offset === undefined && at < Math.min(row.end, blocks.size); at++) {
    const field = blocks.fieldAt(at);
    if (field?.instruction !== undefined && field.label === 'opcode' && field.start === at) offset = at;
  }
  if (offset === undefined) return;
  grid.select(selected(offset, offset + 1), 'stay');
  moved(grid.selection, false);
  command('module.toggleBreakpoint');
}

function pointed(at: Pointed | undefined): void {
  const field = at && blocks.fieldAt(at.offset);
  grid.hovered = at && (field ?? { start: at.offset, end: at.offset + 1 });
  hover.point(at);
}

async function showSummary(): Promise<void> {
  if (!summaryWanted) return;
  summaryWanted = false;
  try {
    const answer = await host.ask('summary', {});
    const { summary } = answer;
    facts.textContent = factsOf(summary, strings);
    showFault(summary.fault);
    if (summary.kind === 'component') setSections(flattened(summary.sections));
    summaryPanel.replaceChildren(
      summaryPage(name, answer, strings, {
        goTo: (range) => {
          jump(range);
          grid.focus();
        },
        copy: (text) => host.tell({ type: 'copy', text }),
      }),
    );
  } catch (error) {
    facts.textContent = '';
    showFault({ message: messageOf(error) });
  }
}

function flattened(
  all: readonly (MapSection & { readonly sections?: readonly MapSection[] })[],
): MapSection[] {
  return all.flatMap((section) =>
    section.sections && section.sections.length > 0 ? flattened(section.sections) : [section],
  );
}

function setSections(
  all: readonly (ByteRange & { readonly title?: string; readonly name?: string })[],
): void {
  sections = all.map((section) => ({
    name: section.name ?? section.title ?? '',
    start: section.start,
    end: section.end,
  }));
  grid.sections = sections;
  drawMinimap();
}

function showFault(found: SummaryFault | undefined): void {
  fault = found;
  const { offset } = found ?? {};
  const at = offset === undefined ? undefined : Math.min(offset, Math.max(0, blocks.size - 1));
  grid.fault = at === undefined || blocks.size === 0 ? undefined : { start: at, end: at + 1 };
  banner.hidden = found === undefined;
  drawMinimap();
  if (!found) return;
  const text = offset === undefined ? found.message : filled(strings.fault, found.message, hex(offset));
  banner.replaceChildren(
    element('span', { class: 'text' }, [text]),
    ...(at === undefined || blocks.size === 0
      ? []
      : [
          button(strings.goToFault, { class: 'secondary' }, () => {
            jump({ start: at, end: at + 1 });
            grid.focus();
          }),
        ]),
  );
}

function showPage(wanted: 'bytes' | 'summary'): void {
  page = wanted;
  for (const one of ['bytes', 'summary'] as const) {
    setAttribute(tabs[one], 'aria-selected', String(one === wanted));
    tabs[one].tabIndex = one === wanted ? 0 : -1;
  }
  bytesPanel.hidden = wanted !== 'bytes';
  summaryPanel.hidden = wanted !== 'summary';
  hover.hide();
  if (wanted === 'bytes') grid.layOut();
  saveState();
}

function tab(which: 'bytes' | 'summary', label: string): HTMLButtonElement {
  const made = button(label, { role: 'tab', class: 'tab', 'aria-controls': `panel-${which}` }, () =>
    showPage(which),
  );
  made.addEventListener('keydown', ({ key }) => {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    const other = which === 'bytes' ? 'summary' : 'bytes';
    showPage(other);
    tabs[other].focus();
  });
  return made;
}

function setLayout(change: Partial<Layout>): void {
  layout = { ...layout, ...change };
  applyLayout();
  host.tell({ type: 'layout', layout });
}

function applyLayout(): void {
  bytesPanel.classList.toggle('no-tree', !layout.tree);
  bytesPanel.classList.toggle('no-details', !layout.details);
  bytesPanel.style.setProperty('--tree', `${layout.treeWidth}px`);
  bytesPanel.style.setProperty('--details', `${layout.detailsWidth}px`);
  setAttribute(treeButton, 'aria-pressed', String(layout.tree));
  setAttribute(detailsButton, 'aria-pressed', String(layout.details));
  grid.layOut();
}

function saveState(): void {
  clearTimeout(stateTimer);
  stateTimer = setTimeout(() => {
    const { anchor, caret } = grid.selection;
    host.state = { page, caret, anchor, top: grid.topOffset } satisfies State;
  }, QUIET);
}

function command(which: PageCommand): void {
  host.tell({ type: 'command', command: which });
}

function say(text: string): void {
  status.textContent = text;
  status.classList.add('shown');
  setTimeout(() => status.classList.remove('shown'), 4000);
}

function build(): void {
  perRow.addEventListener('change', () => {
    setLayout({ perRow: Number(perRow.value) });
    grid.perRow = layout.perRow;
  });
  const header = element('header', { class: 'top' }, [
    element('div', { class: 'who' }, [title, facts]),
    element('div', { class: 'actions' }, [
      button(strings.debug, { class: 'primary' }, () => command('debug')),
      button(strings.run, { class: 'secondary' }, () => command('run')),
      button(strings.openAsWat, { class: 'secondary' }, () => command('openAsWat')),
    ]),
  ]);
  const tools = element('div', { class: 'tools' }, [
    element('div', { class: 'tabs', role: 'tablist', 'aria-label': strings.pages }, [
      tabs.bytes,
      tabs.summary,
    ]),
    element('div', { class: 'buttons' }, [
      backButton,
      forwardButton,
      iconButton(icon('goTo'), strings.goTo, () => command('module.goTo')),
      iconButton(icon('search'), strings.find, () => act('find')),
      iconButton(icon('copy'), strings.copyAs, () => command('module.copyAs')),
      perRow,
      treeButton,
      detailsButton,
    ]),
  ]);
  const treeSash = new Sash(
    strings.resizeTree,
    1,
    () => layout.treeWidth,
    (treeWidth) => setLayout({ treeWidth }),
  );
  const detailsSash = new Sash(
    strings.resizeDetails,
    -1,
    () => layout.detailsWidth,
    (detailsWidth) => setLayout({ detailsWidth }),
  );
  const centre = element('div', { class: 'centre' }, [
    element('div', { class: 'path' }, [crumbs, place]),
    find.element,
    element('div', { class: 'body' }, [grid.element, minimap.element]),
    status,
  ]);
  bytesPanel.setAttribute('aria-label', strings.bytesPage);
  summaryPanel.setAttribute('aria-label', strings.summaryPage);
  bytesPanel.append(tree.element, treeSash.element, centre, detailsSash.element, details.element);
  root.append(header, banner, tools, bytesPanel, summaryPanel, hover.element);
  window.addEventListener('focus', () => host.tell({ type: 'focused', focused: true }));
  window.addEventListener('blur', () => {
    hover.hide();
    host.tell({ type: 'focused', focused: false });
  });
  // Keys that are commands of the editor must not be the browser's, too.
  window.addEventListener('keydown', (event) => {
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const ours =
      (isCommand && (key === 'f' || key === 'g')) ||
      (event.altKey && (key === 'arrowleft' || key === 'arrowright')) ||
      ['f3', 'f9', 'f12'].includes(key);
    if (ours) event.preventDefault();
    if (key === 'escape') hover.hide();
  });
  updateHistory();
}

function isSame(a: ByteRange, b: ByteRange): boolean {
  return a.start === b.start && a.end === b.end;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
