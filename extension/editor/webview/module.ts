/**
 * The page of the module editor: puts its parts together and keeps them in step. The caret of the grid is what they all
 * follow: path, card, values, tree and text; and each of them can move it.
 *
 * One file, because all that is here is what goes from one part to another. Runs in the webview. It has the bytes in sight and
 * some around them, and asks for everything else.
 */

import './module.css';
import type { ByteInfo } from '../../language/byte-protocol.ts';
import type { SummaryFault } from '../../language/protocol.ts';
import type { Action, ByteRange, Layout, LiveValue, Marks, PageCommand, Told } from '../messages.ts';
import type { ModuleStrings } from '../strings.ts';
import { Blocks } from './blocks.ts';
import { Cards } from './cards.ts';
import { Details } from './details.ts';
import { hex } from './dom.ts';
import { Find } from './find.ts';
import { markFirstFrames } from './first-frames.ts';
import { Frame, type PageName } from './frame.ts';
import { Grid, type Pointed } from './grid.ts';
import { History } from './history.ts';
import { Host } from './host.ts';
import { Hover } from './hover.ts';
import { INSPECTED_BYTES } from './inspector.ts';
import { type MapSection, MINIMAP_PIXELS, Minimap } from './minimap.ts';
import { rangeOf, type Selection, selected } from './selection.ts';
import { filled, forThisKeyboard, pageStrings } from './strings.ts';
import { factsOf, summaryPage } from './summary.ts';
import { Tree } from './tree.ts';
import { WatPane } from './wat.ts';

/** Milliseconds that the caret rests before the text of its function, which may take long, is asked for. */
const REST = 120;
/** Milliseconds without scrolling before what follows from it is worked out. */
const QUIET = 60;
/** Milliseconds within which a key and the command that it stands for are the same wish. */
const TWICE = 600;
/** Below this width, the page has room for bytes only; and the least width of the details beside them. */
const LEAST_WIDTH = 720;
const LEAST_DETAILS = 290;
/** Moves that are farther than this many bytes are jumps: places to come back from. */
const FAR = 1024;

/** What is there again when the page is shown again. */
interface State {
  readonly page: PageName;
  readonly caret: number;
  readonly anchor: number;
  readonly top: number;
}

const root = document.getElementById('page') as HTMLElement;
const strings = forThisKeyboard(pageStrings<ModuleStrings>(root));
const host = new Host();
const history = new History();

let name = '';
let layout: Layout = { perRow: 0, tree: undefined, details: undefined, treeWidth: 220, detailsWidth: 400 };
let marks: Marks = { breakpoints: [] };
let sections: readonly MapSection[] = [];
let matches: readonly number[] = [];
let fault: SummaryFault | undefined;
let page: PageName = 'bytes';
let summaryWanted = true;
/** The card of the caret. */
let caretInfo: ByteInfo | undefined;
/** How often a card was asked for: the values of a stop may come later than those of the next one. */
let cardsAsked = 0;
let restTimer: ReturnType<typeof setTimeout> | undefined;
let followTimer: ReturnType<typeof setTimeout> | undefined;
/** Where the move came from: the tree marks what was chosen in it, and not the first field of that. */
let movedByTree = false;
let drawnSight: ByteRange = { start: 0, end: 0 };
let headerOffset = -1;
let findOpened = Number.NEGATIVE_INFINITY;
let headerTimer: ReturnType<typeof setTimeout> | undefined;
let stateTimer: ReturnType<typeof setTimeout> | undefined;

const blocks = new Blocks(
  { bytes: (range) => host.ask('bytes', range), leaves: (range) => host.ask('leaves', range) },
  (range) => {
    grid.arrived(range);
    markFirstFrames(blocks, grid.sight);
    if (range.start <= grid.selection.caret && grid.selection.caret < range.end) showValues();
  },
);

const grid: Grid = new Grid(blocks, strings, {
  selected: (selection) => moved(selection, false),
  pointed: (at) => pointed(at),
  glyphs: (row) => void toggleInRow(row),
  scrolled: (sight) => scrolled(sight),
  entered: (offset) => void selectField(offset),
  copyLarge: () => command('module.copyAs'),
});

const cards = new Cards((range) => host.ask('cards', range));

const goTo = (start: number, end: number) => jump({ start, end });
const openLink = (url: string) => host.tell({ type: 'openLink', url });
const hover = new Hover(
  strings,
  { goTo, openLink },
  { at: (offset) => cards.get(offset), ask: infoOf, live },
);
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

const frame = new Frame(
  root,
  strings,
  {
    act,
    command,
    layout: setLayout,
    page: showPage,
    crumb: (step) => jump(step),
  },
  {
    tree: tree.element,
    grid: grid.element,
    minimap: minimap.element,
    find: find.element,
    details: details.element,
    hover: hover.element,
  },
);

watchWindow();
host.listen(receive);

function receive(message: Told): void {
  switch (message.type) {
    case 'opened':
      opened(message);
      host.tell({ type: 'shown' });
      return;
    case 'failed':
      failed(message);
      host.tell({ type: 'shown' });
      return;
    case 'changed':
      changed(message.size, message.changed);
      return;
    case 'marks': {
      // Also while nothing runs: then only the breakpoints are others.
      const hasValues = message.marks.current !== undefined || marks.current !== undefined;
      marks = message.marks;
      grid.marks = marks;
      if (message.reveal && marks.current) jump(marks.current);
      else if (hasValues) showCard(grid.selection.caret);
      drawMinimap();
      return;
    }
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
  frame.name = name;
  layout = message.layout;
  blocks.reset(message.size);
  blocks.put(0, message.head);
  if (message.leaves) blocks.putFields(message.leaves);
  cards.reset(message.size);
  root.removeAttribute('aria-busy');
  applyLayout();
  const at = state && state.caret < message.size ? state : undefined;
  grid.select(at ? { anchor: at.anchor, caret: at.caret } : { anchor: 0, caret: 0 }, 'stay');
  if (at) grid.topOffset = at.top;
  showPage(state?.page ?? message.page);
  history.jumped(grid.selection.caret);
  moved(grid.selection, true);
  markFirstFrames(blocks, grid.sight);
  void tree.load().catch(() => undefined);
  void showSummary();
}

/** There is nothing to show but why. */
function failed({ name: file, message }: Extract<Told, { type: 'failed' }>): void {
  name = file;
  frame.name = file;
  root.removeAttribute('aria-busy');
  applyLayout();
  showPage('bytes');
  frame.showFault(message, undefined);
}

function changed(size: number, range: ByteRange): void {
  host.dropAll();
  blocks.reset(size, range.start);
  cards.reset(size);
  hover.hide();
  caretInfo = undefined;
  headerOffset = -1;
  wat.reset();
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
  frame.place =
    end - start > 1
      ? `${hex(start)} · ${filled(strings.selected, filled(strings.manyBytes, end - start))}`
      : `${hex(caret)} (${caret})`;
  showValues();
  showCard(caret);
  saveState();
  updateHistory();
}

/** All about a byte: what is in sight is at hand. */
async function infoOf(offset: number): Promise<ByteInfo> {
  return cards.get(offset) ?? host.ask('info', { offset });
}

function showCard(caret: number): void {
  const asked = ++cardsAsked;
  if (blocks.size === 0) {
    details.showProblem(strings.emptyFile);
    return;
  }
  const follow = !movedByTree;
  clearTimeout(followTimer);
  clearTimeout(restTimer);
  cards.near(caret);
  const known = cards.get(caret);
  if (known) {
    showInfo(known, asked, follow);
    return;
  }
  host.ask('info', { offset: caret }).then(
    (info) => {
      if (asked === cardsAsked) showInfo(info, asked, follow);
    },
    (error) => {
      if (asked === cardsAsked) details.showProblem(messageOf(error));
    },
  );
}

function showInfo(info: ByteInfo, asked: number, follow: boolean): void {
  const caret = info.offset;
  caretInfo = info;
  const inner = info.path.slice(1).reverse();
  const ranges = inner.filter((step, i) => i === 0 || !isSame(step, inner[i - 1]));
  grid.outlines = [
    { start: info.start, end: info.end },
    ...ranges.filter((step) => !isSame(step, info)),
  ].slice(0, 4);
  showCrumbs();
  const isStopped = marks.current !== undefined;
  // The card that is shown stays until there are the values of another stop.
  if (!isStopped || details.offset !== caret) details.showCard(info, []);
  if (isStopped) {
    live(caret).then((values) => {
      if (asked === cardsAsked) details.showCard(info, values);
    });
  }
  // A caret that moves on waits neither for the tree nor for the text.
  if (follow) followTimer = setTimeout(() => void tree.follow(info.treePath).catch(() => undefined), QUIET);
  if (wat.has(caret)) wat.follow(info.instruction?.start ?? caret);
  else restTimer = setTimeout(() => void showWat(info), REST);
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
    if (caretInfo && caretInfo.offset === caret) frame.showPath(caretInfo.path, false);
    headerOffset = -1;
    return;
  }
  if (offset === headerOffset || offset >= blocks.size) return;
  headerOffset = offset;
  clearTimeout(headerTimer);
  headerTimer = setTimeout(() => {
    infoOf(offset).then(
      (info) => {
        if (headerOffset === offset) frame.showPath(info.path, true);
      },
      () => undefined,
    );
  }, QUIET);
}

function scrolled(sight: ByteRange): void {
  drawnSight = sight;
  cards.see(sight);
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

/** Goes somewhere. If that is far away, or `far` is said, it is a place to come back from. */
function jump(range: ByteRange, far = false): void {
  const from = grid.selection.caret;
  const { start } = range;
  if (page !== 'bytes') showPage('bytes');
  const isFar = far || Math.abs(start - from) > FAR || start < drawnSight.start || start >= drawnSight.end;
  if (isFar) history.jumped(start);
  grid.select(selected(start, Math.min(range.end, blocks.size)), 'third');
  moved(grid.selection, false);
}

function act(action: Action): void {
  switch (action) {
    case 'find':
      if (performance.now() - findOpened > TWICE) openFind();
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
      if (action === 'bytes') grid.focus();
      else frame.focusSummary();
      return;
    case 'selectField':
      void selectField(grid.selection.caret);
      return;
  }
}

function openFind(): void {
  findOpened = performance.now();
  if (page !== 'bytes') showPage('bytes');
  find.open();
}

async function goToDefinition(): Promise<void> {
  try {
    const targets = await host.ask('definition', { offset: grid.selection.caret });
    if (targets.length === 0) {
      frame.say(strings.noDefinition);
      return;
    }
    jump(targets[0], true);
    if (targets.length === 1) return;
    find.show(strings.definitions, {
      ranges: targets.flatMap(({ start, end }) => [start, end]),
      titles: targets.map(({ title: text }) => text),
      more: false,
    });
  } catch (error) {
    frame.say(messageOf(error));
  }
}

async function showReferences(): Promise<void> {
  try {
    const found = await host.ask('references', { offset: grid.selection.caret });
    if (!found.target) {
      frame.say(strings.noReferences);
      return;
    }
    showPage('bytes');
    find.show(filled(strings.referencesTo, found.target.title), found);
  } catch (error) {
    frame.say(messageOf(error));
  }
}

function goInHistory(offset: number | undefined): void {
  if (offset === undefined || offset >= blocks.size) return;
  showPage('bytes');
  grid.select(selected(offset, offset + 1), 'third');
  moved(grid.selection, true);
}

function updateHistory(): void {
  frame.showHistory(history);
}

/** Selects the whole field at a byte; if it is selected already, what it is in. */
async function selectField(offset: number): Promise<void> {
  const info = await infoOf(offset).catch(() => undefined);
  if (!info) return;
  const now = rangeOf(grid.selection);
  const larger = [...info.path].reverse().find(({ start, end }) => end - start > now.end - now.start);
  const range = now.end - now.start > 1 && offset === grid.selection.caret ? (larger ?? info) : info;
  const start = range.start;
  grid.select({ anchor: range.end - 1, caret: start }, 'near');
  moved(grid.selection, false);
}

async function selectInstruction(offset: number): Promise<void> {
  const info = await infoOf(offset).catch(() => undefined);
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
  if (at) cards.near(at.offset);
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
    frame.facts = factsOf(summary, strings);
    showFault(summary.fault);
    if (summary.kind === 'component') setSections(flattened(summary.sections));
    frame.summary = summaryPage(name, answer, strings, {
      goTo: (range) => {
        jump(range);
        grid.focus();
      },
      copy: (text) => host.tell({ type: 'copy', text }),
    });
  } catch (error) {
    frame.facts = '';
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
  drawMinimap();
  const text =
    found && (offset === undefined ? found.message : filled(strings.fault, found.message, hex(offset)));
  const isPlace = at !== undefined && blocks.size > 0;
  const go = () => {
    jump({ start: at!, end: at! + 1 });
    grid.focus();
  };
  frame.showFault(text, isPlace ? go : undefined);
}

function showPage(wanted: PageName): void {
  page = wanted;
  frame.showPage(wanted);
  hover.hide();
  if (wanted === 'bytes') grid.layOut();
  saveState();
}

function setLayout(change: Partial<Layout>): void {
  layout = { ...layout, ...change };
  applyLayout();
  host.tell({ type: 'layout', layout });
}

/**
 * Panes that the user has no wish about: the structure where a grid of sixteen bytes has its room beside all others, the
 * details wherever there is room for anything, somewhat narrower if that makes the room.
 */
function applyLayout(): void {
  const room = root.clientWidth - grid.usualWidth - MINIMAP_PIXELS;
  const details = layout.details ?? root.clientWidth >= LEAST_WIDTH;
  const tree = layout.tree ?? room >= layout.treeWidth + (details ? layout.detailsWidth : 0);
  const beside = room - (tree ? layout.treeWidth : 0);
  const isTight = beside >= LEAST_DETAILS && beside < layout.detailsWidth;
  frame.showLayout({ ...layout, detailsWidth: isTight ? beside : layout.detailsWidth }, { tree, details });
  grid.perRow = layout.perRow;
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

/** The keyboard is here, or not; and keys that are commands of the editor must not be the browser's, too. */
function watchWindow(): void {
  window.addEventListener('focus', () => host.tell({ type: 'focused', focused: true }));
  window.addEventListener('blur', () => {
    hover.hide();
    host.tell({ type: 'focused', focused: false });
  });
  window.addEventListener('keydown', (event) => {
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const isOurs =
      (isCommand && (key === 'f' || key === 'g')) ||
      (event.altKey && (key === 'arrowleft' || key === 'arrowright')) ||
      ['f3', 'f9', 'f12'].includes(key);
    if (isOurs) event.preventDefault();
    // The command comes a moment later, when the first letters have been typed.
    if (isCommand && key === 'f' && !event.shiftKey && !event.altKey) openFind();
    if (key === 'escape') hover.hide();
  });
  new ResizeObserver(applyLayout).observe(root);
  updateHistory();
}

function isSame(a: ByteRange, b: ByteRange): boolean {
  return a.start === b.start && a.end === b.end;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
