/**
 * The page of a memory view: a grid of bytes or numbers with addresses and text beside it, a caret and a selection, and what
 * stands at the caret. What is typed into a cell is written.
 *
 * Only the rows in sight exist. A memory of 4 GiB has more rows than a browser can scroll, so the scroll bar stands
 * for the whole memory at a scale, and wheel and keys move by rows. Bytes that the last change made different are
 * highlighted. Runs in the webview; everything shown is text.
 */

import './memory.css';
import { pageStrings } from '../../editor/webview/strings.ts';
import type { FromMemoryPage, ToMemoryPage } from '../messages.ts';
import type { MemoryStrings } from '../strings.ts';
import { ByteCache } from './cache.ts';
import { CELL_KINDS, type CellKind, FORMATS, parsePattern } from './cells.ts';
import { valuesAt } from './values.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromMemoryPage): void };

/** A browser's own limit is a little above 30 million. */
const MOST_PIXELS = 10_000_000;
const ROW_PIXELS = 20;
/** What eight bytes of a row take as text, in characters, and what a row has beside them. */
const TEXT_CHARACTERS = 9;
const MARGIN_CHARACTERS = 14;

/** Keys that begin a value. */
const FIRST_KEYS = { hex: /^[\da-f]$/i, number: /^[\d+-]$/ };
const MOST_COPIED = 1 << 16;

const vscode = acquireVsCodeApi();
const page = document.getElementById('page') as HTMLElement;
const strings = pageStrings<MemoryStrings>(page);
const cache = new ByteCache((offset, count) => vscode.postMessage({ type: 'read', offset, count }));

const title = create('h1', 'title', '');
const goTo = input(strings.goTo);
const follow = button(strings.follow, strings.followTitle);
const finder = input(strings.find);
const kinds = document.createElement('select');
const watch = button(strings.watch, strings.watchTitle);
const problem = create('p', 'problem', '');
const scroller = create('div', 'scroller', '');
const sheet = create('div', 'sheet', '');
const grid = create('div', 'grid', '');
const details = create('footer', 'details', '');

let length = 0;
let perRow = 16;
let topRow = 0;
let caret = 0;
/** Where the selection began; it goes to the caret. */
let anchor = 0;
let kind: CellKind = 'hex';
/** The field in which a cell is edited. */
let editing: HTMLInputElement | undefined;
/** Set while the page itself moves the scroll bar. */
let placing = false;

interface Row {
  readonly element: HTMLElement;
  readonly address: HTMLElement;
  readonly cells: readonly HTMLElement[];
  readonly texts: readonly HTMLElement[];
}

let rows: Row[] = [];

build();
window.addEventListener('message', ({ data }: MessageEvent<ToMemoryPage>) => receive(data));
vscode.postMessage({ type: 'ready' });

function receive(message: ToMemoryPage): void {
  switch (message.type) {
    case 'memory':
      title.textContent = message.name;
      length = message.length;
      cache.invalidate();
      problem.textContent = '';
      layOut();
      break;
    case 'bytes':
      cache.put(message.offset, message.bytes);
      draw();
      break;
    case 'goTo':
      problem.textContent = '';
      moveTo(message.offset, true);
      if (!message.quiet) grid.focus();
      break;
    case 'found':
      problem.textContent = '';
      moveTo(message.offset + message.count - 1, true);
      select(message.offset, message.offset + message.count - 1);
      break;
    case 'problem':
      problem.textContent = message.message;
      break;
    case 'ended':
      document.body.classList.add('ended');
      for (const control of [goTo, follow, finder, watch]) control.disabled = true;
      endEditing();
      problem.textContent = strings.ended;
  }
}

function build(): void {
  onEnter(goTo, () => {
    vscode.postMessage({ type: 'goTo', text: goTo.value });
    if (isFollowing()) vscode.postMessage({ type: 'follow', text: goTo.value });
  });
  follow.setAttribute('aria-pressed', 'false');
  follow.addEventListener('click', () => {
    follow.setAttribute('aria-pressed', String(!isFollowing()));
    vscode.postMessage({ type: 'follow', text: isFollowing() ? goTo.value : undefined });
  });
  onEnter(finder, () => {
    problem.textContent = '';
    const pattern = parsePattern(finder.value);
    if (pattern.length > 0) vscode.postMessage({ type: 'find', pattern, from: selection().from + 1 });
  });
  kinds.setAttribute('aria-label', strings.cells);
  kinds.append(...CELL_KINDS.map((name) => new Option(name, name)));
  kinds.addEventListener('change', () => {
    kind = kinds.value as CellKind;
    endEditing();
    layOut();
    grid.focus();
  });
  watch.addEventListener('click', () => {
    const { from, to } = selection();
    vscode.postMessage({ type: 'watch', offset: from, count: to - from + 1 });
  });
  problem.setAttribute('role', 'status');
  const header = create('header', 'header', '');
  header.append(title, goTo, follow, finder, kinds, watch, problem);
  grid.tabIndex = 0;
  grid.setAttribute('role', 'grid');
  grid.setAttribute('aria-label', strings.memory);
  grid.addEventListener('keydown', onKey);
  grid.addEventListener('mousedown', onClick);
  grid.addEventListener('mousemove', onDrag);
  grid.addEventListener('dblclick', () => edit(undefined));
  details.setAttribute('aria-live', 'polite');
  sheet.append(grid);
  scroller.append(sheet);
  scroller.addEventListener('scroll', onScroll);
  scroller.addEventListener('wheel', onWheel, { passive: false });
  page.removeAttribute('aria-busy');
  page.append(header, scroller, details);
  new ResizeObserver(layOut).observe(scroller);
}

/** Chooses how many bytes a row has, makes the rows that fit, and draws. */
function layOut(): void {
  const character = widthOfCharacter();
  const { size, width } = FORMATS[kind];
  // Eight bytes as cells, with a space behind each and one behind all.
  const group = (8 / size) * (width + 1) + 1 + TEXT_CHARACTERS;
  const groups = Math.floor((scroller.clientWidth / character - MARGIN_CHARACTERS) / group);
  const wanted = groups >= 4 ? 32 : groups >= 2 ? 16 : 8;
  const first = topRow * perRow;
  perRow = wanted;
  topRow = Math.min(Math.floor(first / perRow), lastTop());
  const fits = Math.max(1, Math.ceil(scroller.clientHeight / ROW_PIXELS));
  const count = Math.min(fits, totalRows());
  if (rows.length !== count || rows[0]?.cells.length !== perRow / size || grid.dataset.kind !== kind) {
    grid.dataset.kind = kind;
    grid.style.setProperty('--cell', `${width + 1}ch`);
    rows = Array.from({ length: count }, createRow);
    grid.replaceChildren(...rows.map(({ element }) => element));
  }
  sheet.style.height = `${Math.min(totalRows() * ROW_PIXELS, MOST_PIXELS)}px`;
  grid.style.height = `${scroller.clientHeight}px`;
  placeScrollBar();
  draw();
}

function createRow(): Row {
  const element = create('div', 'row', '');
  element.setAttribute('role', 'row');
  const address = create('span', 'address', '');
  address.setAttribute('role', 'rowheader');
  const hex = create('span', 'bytes', '');
  const text = create('span', 'text', '');
  const cells = Array.from({ length: perRow / FORMATS[kind].size }, () => create('span', 'byte', ''));
  const texts = Array.from({ length: perRow }, () => create('span', 'char', ''));
  for (const cell of cells) cell.setAttribute('role', 'gridcell');
  hex.append(...cells);
  text.append(...texts);
  text.setAttribute('aria-hidden', 'true');
  element.append(address, hex, text);
  return { element, address, cells, texts };
}

function draw(): void {
  const from = topRow * perRow;
  cache.want(from, Math.min(from + rows.length * perRow, length));
  const digits = Math.max(4, (length - 1).toString(16).length);
  rows.forEach((row, i) => {
    const start = from + i * perRow;
    row.address.textContent = start < length ? start.toString(16).padStart(digits, '0') : '';
    const { size } = FORMATS[kind];
    for (const [k, cell] of row.cells.entries()) drawCell(cell, start + k * size, size);
    for (const [k, text] of row.texts.entries()) drawText(text, start + k);
  });
  const end = Math.min(caret + 8, length);
  cache.want(caret, end);
  const bytes: number[] = [];
  for (let at = caret; at < end; at++) {
    const byte = cache.at(at);
    if (byte === undefined) break;
    bytes.push(byte);
  }
  const chosen = selection();
  const facts: (readonly [string, string])[] = [[strings.address, `0x${caret.toString(16)} (${caret})`]];
  if (chosen.to - chosen.from >= FORMATS[kind].size) {
    const range = `0x${chosen.from.toString(16)}..+${chosen.to - chosen.from + 1}`;
    facts.push([strings.selected, range]);
  }
  details.replaceChildren(
    ...[...facts, ...valuesAt(bytes)].map(([name, value]) => {
      const item = create('span', 'value', '');
      item.append(create('span', 'name', name), ` ${value}`);
      return item;
    }),
  );
}

/** The bytes of a cell, as far as they are known and there. */
function bytesOf(offset: number, size: number): number[] {
  const bytes: number[] = [];
  for (let at = offset; at < Math.min(offset + size, length); at++) {
    const byte = cache.at(at);
    if (byte !== undefined) bytes.push(byte);
  }
  return bytes;
}

function shown(offset: number, size: number): string {
  const bytes = bytesOf(offset, size);
  if (bytes.length === size) return FORMATS[kind].show(new DataView(Uint8Array.from(bytes).buffer));
  return offset < length ? '··' : '';
}

function drawCell(cell: HTMLElement, offset: number, size: number): void {
  cell.dataset.offset = String(offset);
  if (editing?.parentElement === cell) return;
  const bytes = bytesOf(offset, size);
  cell.textContent = shown(offset, size);
  const isCaret = caret >= offset && caret < offset + size;
  cell.className = classesOf('byte', offset, size, bytes);
  if (isCaret) cell.setAttribute('aria-selected', 'true');
  else cell.removeAttribute('aria-selected');
}

function drawText(text: HTMLElement, offset: number): void {
  const [byte] = bytesOf(offset, 1);
  text.textContent = byte === undefined ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
  text.className = classesOf('char', offset, 1, byte === undefined ? [] : [byte]);
  text.dataset.offset = String(offset);
}

function classesOf(base: string, offset: number, size: number, bytes: readonly number[]): string {
  const { from, to } = selection();
  const classes = [base];
  if (bytes.length === size && bytes.every((byte) => byte === 0)) classes.push('zero');
  if (bytes.some((_, k) => cache.isChanged(offset + k))) classes.push('changed');
  if (to > from && offset + size > from && offset <= to) classes.push('selected');
  if (caret >= offset && caret < offset + size) classes.push('caret');
  return classes.join(' ');
}

/** The selected bytes: without a selection those of the cell at the caret. */
function selection(): { readonly from: number; readonly to: number } {
  const { size } = FORMATS[kind];
  const cell = (offset: number) => offset - (offset % size);
  const [low, high] = anchor <= caret ? [anchor, caret] : [caret, anchor];
  const from = size === 1 ? low : cell(low);
  const to = size === 1 ? high : cell(high) + size - 1;
  return { from, to: Math.min(to, Math.max(length - 1, 0)) };
}

function select(from: number, to: number): void {
  anchor = from;
  caret = to;
  draw();
}

/** Opens a field on the cell at the caret, with what was typed, or with its value. */
function edit(typed: string | undefined): void {
  endEditing();
  const { size } = FORMATS[kind];
  const offset = caret - (caret % size);
  const cell = grid.querySelector<HTMLElement>(`.byte[data-offset="${offset}"]`);
  if (!cell || document.body.classList.contains('ended') || bytesOf(offset, size).length < size) return;
  const field = document.createElement('input');
  field.className = 'edit';
  field.setAttribute('aria-label', `0x${offset.toString(16)}`);
  field.spellcheck = false;
  field.value = typed ?? shown(offset, size);
  field.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Escape') endEditing();
    if (event.key === 'Enter') commit(offset, field.value);
  });
  field.addEventListener('input', () => {
    // Two digits are a byte: the next one can be typed at once.
    if (kind === 'hex' && /^[\da-f]{2}$/i.test(field.value)) commit(offset, field.value);
  });
  field.addEventListener('blur', () => endEditing());
  editing = field;
  cell.replaceChildren(field);
  field.focus();
  if (typed === undefined) field.select();
}

function commit(offset: number, text: string): void {
  const bytes = FORMATS[kind].read(text);
  problem.textContent = bytes ? '' : strings.badValue;
  if (!bytes) return;
  endEditing();
  vscode.postMessage({ type: 'write', offset, bytes });
  moveTo(offset + bytes.length, false);
}

function endEditing(): void {
  if (!editing) return;
  const field = editing;
  editing = undefined;
  const hadFocus = document.activeElement === field;
  field.remove();
  if (hadFocus) grid.focus();
  draw();
}

function onKey(event: KeyboardEvent): void {
  const { size } = FORMATS[kind];
  const screen = Math.max(1, visibleRows() - 1) * perRow;
  const command = event.ctrlKey || event.metaKey;
  const moves: Record<string, number> = {
    ArrowLeft: caret - size,
    ArrowRight: caret + size,
    ArrowUp: caret - perRow,
    ArrowDown: caret + perRow,
    PageUp: caret - screen,
    PageDown: caret + screen,
    Home: command ? 0 : caret - (caret % perRow),
    End: command ? length - 1 : caret - (caret % perRow) + perRow - size,
  };
  if (Object.hasOwn(moves, event.key)) moveTo(moves[event.key], false, event.shiftKey);
  else if (command && event.key.toLowerCase() === 'g') goTo.select();
  else if (command && event.key.toLowerCase() === 'f') finder.select();
  else if (command && event.key.toLowerCase() === 'a') select(0, length - 1);
  else if (command && event.key.toLowerCase() === 'c') copy();
  else if (event.key === 'Enter' || event.key === 'F2') edit(undefined);
  else if (!command && !event.altKey && FIRST_KEYS[kind === 'hex' ? 'hex' : 'number'].test(event.key)) {
    edit(event.key);
  } else return;
  event.preventDefault();
}

/** The selected bytes in hexadecimal. */
function copy(): void {
  const { from, to } = selection();
  const bytes = bytesOf(from, Math.min(to - from + 1, MOST_COPIED));
  const text = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  void navigator.clipboard.writeText(text);
}

function onClick(event: MouseEvent): void {
  const offset = offsetUnder(event);
  if (offset !== undefined) moveTo(offset, false, event.shiftKey);
}

function onDrag(event: MouseEvent): void {
  const offset = (event.buttons & 1) === 1 ? offsetUnder(event) : undefined;
  if (offset !== undefined && offset !== caret) moveTo(offset, false, true);
}

function offsetUnder(event: MouseEvent): number | undefined {
  const offset = (event.target as HTMLElement).dataset?.offset;
  return offset !== undefined && Number(offset) < length ? Number(offset) : undefined;
}

function onWheel(event: WheelEvent): void {
  if (event.deltaY === 0 || event.ctrlKey) return;
  event.preventDefault();
  const pixels = event.deltaMode === 1 ? event.deltaY * ROW_PIXELS : event.deltaY;
  const moved = Math.sign(pixels) * Math.max(1, Math.round(Math.abs(pixels) / ROW_PIXELS));
  topRow = Math.min(Math.max(topRow + moved, 0), lastTop());
  placeScrollBar();
  draw();
}

function onScroll(): void {
  if (placing) {
    placing = false;
    return;
  }
  const most = scroller.scrollHeight - scroller.clientHeight;
  topRow = most > 0 ? Math.round((scroller.scrollTop / most) * lastTop()) : 0;
  draw();
}

/** Puts the caret on a byte and shows it; `centred` for jumps, `extend` keeps where the selection began. */
function moveTo(offset: number, centred: boolean, extend = false): void {
  if (length === 0) return;
  endEditing();
  caret = Math.min(Math.max(offset, 0), length - 1);
  if (!extend) anchor = caret;
  const row = Math.floor(caret / perRow);
  const visible = visibleRows();
  if (row < topRow || row >= topRow + visible) {
    const jump = centred ? row - Math.floor(visible / 3) : row < topRow ? row : row - visible + 1;
    topRow = Math.min(Math.max(jump, 0), lastTop());
  }
  placeScrollBar();
  draw();
}

function placeScrollBar(): void {
  const most = scroller.scrollHeight - scroller.clientHeight;
  const last = lastTop();
  const wanted = last > 0 ? Math.round((topRow / last) * most) : 0;
  if (Math.round(scroller.scrollTop) === wanted) return;
  placing = true;
  scroller.scrollTop = wanted;
}

function totalRows(): number {
  return Math.ceil(length / perRow);
}

/** Rows that are in sight as a whole. */
function visibleRows(): number {
  return Math.max(1, Math.floor(scroller.clientHeight / ROW_PIXELS));
}

function lastTop(): number {
  return Math.max(0, totalRows() - visibleRows());
}

function widthOfCharacter(): number {
  const sample = create('span', 'byte', '0'.repeat(10));
  sample.style.position = 'absolute';
  sample.style.width = 'auto';
  grid.append(sample);
  const { width } = sample.getBoundingClientRect();
  sample.remove();
  return width / 10 || 8;
}

function isFollowing(): boolean {
  return follow.getAttribute('aria-pressed') === 'true';
}

function onEnter(field: HTMLInputElement, run: () => void): void {
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') run();
    if (event.key === 'Escape') grid.focus();
  });
}

function input(label: string): HTMLInputElement {
  const made = document.createElement('input');
  made.type = 'text';
  made.placeholder = label;
  made.title = label;
  made.setAttribute('aria-label', label);
  made.spellcheck = false;
  return made;
}

function button(label: string, title: string): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = label;
  made.title = title;
  return made;
}

function create(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
