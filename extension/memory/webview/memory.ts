/**
 * The page of a memory view: a grid of bytes with addresses and text beside it, a caret, and what stands at the caret.
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
import { valuesAt } from './values.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromMemoryPage): void };

/** A browser's own limit is a little above 30 million. */
const MOST_PIXELS = 10_000_000;
const ROW_PIXELS = 20;
/** What eight bytes of a row are wide, in characters, and what a row has beside them. */
const GROUP_CHARACTERS = 33;
const MARGIN_CHARACTERS = 14;

const vscode = acquireVsCodeApi();
const page = document.getElementById('page') as HTMLElement;
const strings = pageStrings<MemoryStrings>(page);
const cache = new ByteCache((offset, count) => vscode.postMessage({ type: 'read', offset, count }));

const title = create('h1', 'title', '');
const goTo = document.createElement('input');
const problem = create('p', 'problem', '');
const scroller = create('div', 'scroller', '');
const sheet = create('div', 'sheet', '');
const grid = create('div', 'grid', '');
const details = create('footer', 'details', '');

let length = 0;
let perRow = 16;
let topRow = 0;
let caret = 0;
/** Set while the page itself moves the scroll bar. */
let placing = false;

interface Row {
  readonly element: HTMLElement;
  readonly address: HTMLElement;
  readonly bytes: readonly HTMLElement[];
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
      grid.focus();
      break;
    case 'problem':
      problem.textContent = message.message;
      break;
    case 'ended':
      document.body.classList.add('ended');
      goTo.disabled = true;
      problem.textContent = strings.ended;
  }
}

function build(): void {
  goTo.type = 'text';
  goTo.placeholder = strings.goTo;
  goTo.setAttribute('aria-label', goTo.placeholder);
  goTo.spellcheck = false;
  goTo.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') vscode.postMessage({ type: 'goTo', text: goTo.value });
    if (event.key === 'Escape') grid.focus();
  });
  problem.setAttribute('role', 'status');
  const header = create('header', 'header', '');
  header.append(title, goTo, problem);
  grid.tabIndex = 0;
  grid.setAttribute('role', 'grid');
  grid.setAttribute('aria-label', strings.memory);
  grid.setAttribute('aria-readonly', 'true');
  grid.addEventListener('keydown', onKey);
  grid.addEventListener('mousedown', onClick);
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
  const groups = Math.floor((scroller.clientWidth / character - MARGIN_CHARACTERS) / GROUP_CHARACTERS);
  const wanted = groups >= 4 ? 32 : groups >= 2 ? 16 : 8;
  const first = topRow * perRow;
  perRow = wanted;
  topRow = Math.min(Math.floor(first / perRow), lastTop());
  const fits = Math.max(1, Math.ceil(scroller.clientHeight / ROW_PIXELS));
  const count = Math.min(fits, totalRows());
  if (rows.length !== count || rows[0]?.bytes.length !== perRow) {
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
  const bytes = Array.from({ length: perRow }, () => create('span', 'byte', ''));
  const texts = Array.from({ length: perRow }, () => create('span', 'char', ''));
  for (const cell of bytes) cell.setAttribute('role', 'gridcell');
  hex.append(...bytes);
  text.append(...texts);
  text.setAttribute('aria-hidden', 'true');
  element.append(address, hex, text);
  return { element, address, bytes, texts };
}

function draw(): void {
  const from = topRow * perRow;
  cache.want(from, Math.min(from + rows.length * perRow, length));
  const digits = Math.max(4, (length - 1).toString(16).length);
  rows.forEach((row, i) => {
    const start = from + i * perRow;
    row.address.textContent = start < length ? start.toString(16).padStart(digits, '0') : '';
    for (let k = 0; k < perRow; k++) drawByte(row.bytes[k], row.texts[k], start + k);
  });
  const end = Math.min(caret + 8, length);
  cache.want(caret, end);
  const bytes: number[] = [];
  for (let at = caret; at < end; at++) {
    const byte = cache.at(at);
    if (byte === undefined) break;
    bytes.push(byte);
  }
  details.replaceChildren(
    ...[[strings.address, `0x${caret.toString(16)} (${caret})`] as const, ...valuesAt(bytes)].map(
      ([name, value]) => {
        const item = create('span', 'value', '');
        item.append(create('span', 'name', name), ` ${value}`);
        return item;
      },
    ),
  );
}

function drawByte(hex: HTMLElement, text: HTMLElement, offset: number): void {
  const byte = offset < length ? cache.at(offset) : undefined;
  hex.textContent = byte === undefined ? (offset < length ? '··' : '  ') : byte.toString(16).padStart(2, '0');
  text.textContent = byte === undefined ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
  const classes = [
    byte === 0 ? 'zero' : '',
    byte !== undefined && cache.isChanged(offset) ? 'changed' : '',
    offset === caret ? 'caret' : '',
  ].join(' ');
  hex.className = `byte ${classes}`;
  text.className = `char ${classes}`;
  hex.dataset.offset = String(offset);
  text.dataset.offset = String(offset);
  if (offset === caret) hex.setAttribute('aria-selected', 'true');
  else hex.removeAttribute('aria-selected');
}

function onKey(event: KeyboardEvent): void {
  const screen = Math.max(1, visibleRows() - 1) * perRow;
  const command = event.ctrlKey || event.metaKey;
  const moves: Record<string, number> = {
    ArrowLeft: caret - 1,
    ArrowRight: caret + 1,
    ArrowUp: caret - perRow,
    ArrowDown: caret + perRow,
    PageUp: caret - screen,
    PageDown: caret + screen,
    Home: command ? 0 : caret - (caret % perRow),
    End: command ? length - 1 : caret - (caret % perRow) + perRow - 1,
  };
  if (Object.hasOwn(moves, event.key)) moveTo(moves[event.key], false);
  else if (command && event.key.toLowerCase() === 'g') goTo.select();
  else return;
  event.preventDefault();
}

function onClick(event: MouseEvent): void {
  const offset = (event.target as HTMLElement).dataset?.offset;
  if (offset !== undefined && Number(offset) < length) moveTo(Number(offset), false);
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

/** Puts the caret on a byte and shows it; `centred` for jumps. */
function moveTo(offset: number, centred: boolean): void {
  if (length === 0) return;
  caret = Math.min(Math.max(offset, 0), length - 1);
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

function create(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
