/**
 * The grid of bytes: offsets, bytes in hexadecimal, and their text. Only the rows in sight exist.
 *
 * Rows that stay in sight are moved, and only those that come into sight are written. What is behind the bytes is painted
 * (paint.ts). A jump to bytes that are not there yet leaves the rows as they are until the bytes have come, so nothing is
 * ever blank. The keyboard's place is the caret; the grid is one stop of the Tab key. One file, because what it keeps
 * belongs together: scrolling, rows, caret, pointer.
 */

import './grid.css';
import type { ByteRange, Marks } from '../messages.ts';
import type { ModuleStrings } from '../strings.ts';
import { BLOCK, type Blocks, type Field } from './blocks.ts';
import { type Colours, readColours, watchTheme } from './colours.ts';
import { element, hex, setAttribute } from './dom.ts';
import { paint } from './paint.ts';
import {
  type Columns,
  columnAt,
  columnsOf,
  digitsOf,
  fitting,
  HEX,
  textOf,
  usualWidth,
  type Zone,
} from './rows.ts';
import { barOf, barPixels, clampTop, type Extent, revealing, rowsInSight, topOf } from './scrolling.ts';
import { movedTo, moveOf, rangeOf, type Selection, selected } from './selection.ts';
import { filled } from './strings.ts';

/** How long a jump waits for its bytes before it shows that they are missing, in milliseconds. */
const PATIENCE = 1000;
/** Positions that are kept while their bytes are on their way. */
const MOST_AWAITED = 30;
/** How long a position stays the same before it has come to rest, in milliseconds. */
const REST = 50;
/** Blocks that are read ahead of what is in sight. */
const AHEAD = 4;
/** A position that changes by more rows than this in a frame is passed by, not looked at. */
const HURRY = 200;
/** About the width of a scroll bar. */
const SCROLL_BAR = 16;
/** By index of tones; the style sheet has their colours. */
const TONES = ['frame', 'length', 'opcode', 'index', 'type', 'number', 'flags', 'text', 'data', 'malformed'];
const NO_TONE = TONES.length;

/** Flags of a cell, above its tone. */
const MATCH = 16;
const CURRENT = 32;
const BREAKPOINT = 64;
const FAULT = 128;

/** Where the pointer is. */
export interface Pointed {
  readonly offset: number;
  readonly zone: Zone;
  /** In the window. */
  readonly x: number;
  readonly y: number;
  /** The lower edge of the row, in the window. */
  readonly below: number;
}

export interface GridEvents {
  /** The user moved: `jump` is true where it is a place to come back from. */
  selected(selection: Selection): void;
  /** Undefined: beside the bytes, or no more. */
  pointed(at: Pointed | undefined): void;
  /** Clicked beside the offsets of a row. */
  glyphs(row: ByteRange): void;
  /** Another part of the file is in sight. */
  scrolled(sight: ByteRange): void;
  /** More is to be copied than the page has. */
  copyLarge(): void;
  /** The user wants to know more of a byte: double click, Enter. */
  entered(offset: number): void;
}

interface Row {
  readonly element: HTMLElement;
  readonly offset: Text;
  readonly cells: readonly HTMLElement[];
  readonly bytes: readonly Text[];
  readonly text: Text;
  readonly codes: Int32Array;
  readonly values: Int16Array;
  /** The number of the row that is shown; -1 is none. */
  number: number;
  first: number;
}

export class Grid {
  readonly element = element('div', { class: 'grid', tabindex: '0', role: 'grid' });
  readonly #blocks: Blocks;
  readonly #events: GridEvents;
  readonly #strings: ModuleStrings;
  readonly #bar = element('div', { class: 'bar' });
  readonly #sheet = element('div', { class: 'sheet', role: 'presentation' });
  readonly #head = element('div', { class: 'columns', role: 'row', 'aria-rowindex': '1' });
  readonly #window = element('div', { class: 'rows', role: 'rowgroup' });
  readonly #layer = element('div', { class: 'layer', role: 'presentation' });
  readonly #canvas = element('canvas', { 'aria-hidden': 'true' });
  #rows: Row[] = [];
  #columns: Columns = columnsOf({ character: 8, perRow: 16, digits: 4 });
  #colours: Colours = readColours();
  #extent: Extent = { rows: 0, rowPixels: 20, viewPixels: 0 };
  #perRowWanted = 0;
  /** The position that is wanted, and the one that is drawn. */
  #top = 0;
  #shownTop = 0;
  /** Positions that were wanted and whose bytes have not come yet, the latest last. */
  #awaited: readonly number[] = [];
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #base = 0;
  /** Where the page itself has put the scroll bar. */
  #barAt = 0;
  #selection: Selection = { anchor: 0, caret: 0 };
  #outlines: readonly ByteRange[] = [];
  #hovered: ByteRange | undefined;
  #matches: readonly number[] = [];
  #matchCodes = new Set<number>();
  #currentMatch: ByteRange | undefined;
  #marks: Marks = { breakpoints: [] };
  #sections: readonly (ByteRange & { readonly name: string })[] = [];
  #fault: ByteRange | undefined;
  #frame = 0;
  #stale = true;
  #lastTop = 0;
  #waitingSince = 0;
  #dragging = false;
  #active: HTMLElement | undefined;

  constructor(blocks: Blocks, strings: ModuleStrings, events: GridEvents) {
    this.#blocks = blocks;
    this.#events = events;
    this.#strings = strings;
    this.element.setAttribute('aria-label', strings.bytes);
    this.element.setAttribute('aria-multiselectable', 'true');
    this.element.setAttribute('aria-readonly', 'true');
    this.element.dataset.vscodeContext = JSON.stringify({
      webviewSection: 'bytes',
      preventDefaultContextMenuItems: true,
    });
    this.#window.append(this.#canvas, this.#layer);
    this.#sheet.append(this.#head, this.#window);
    this.#bar.append(this.#sheet);
    this.element.append(this.#bar);
    this.element.addEventListener('scroll', () => this.#onScroll());
    this.element.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('copy', (event) => this.#onCopy(event));
    this.#window.addEventListener('pointerdown', (event) => this.#onDown(event));
    this.#window.addEventListener('pointermove', (event) => this.#onMove(event));
    this.#window.addEventListener('pointerup', () => {
      this.#dragging = false;
    });
    this.#window.addEventListener('pointerleave', () => this.#events.pointed(undefined));
    this.#window.addEventListener('dblclick', (event) => {
      const at = this.#at(event);
      if (at) this.#events.entered(at.offset);
    });
    new ResizeObserver(() => this.layOut()).observe(this.element);
    watchTheme(() => {
      this.#colours = readColours();
      this.redraw();
    });
  }

  get columns(): Columns {
    return this.#columns;
  }

  get colours(): Colours {
    return this.#colours;
  }

  get selection(): Selection {
    return this.#selection;
  }

  /** The bytes in sight. */
  get sight(): ByteRange {
    return this.#sightAt(this.#top);
  }

  #sightAt(top: number): ByteRange {
    const { first, last } = rowsInSight(top, this.#extent);
    const { perRow } = this.#columns;
    return { start: first * perRow, end: Math.min(last * perRow, this.#blocks.size) };
  }

  /** What a row of sixteen bytes needs, with the scroll bar. */
  get usualWidth(): number {
    return usualWidth(this.#measure(), digitsOf(this.#blocks.size)) + SCROLL_BAR;
  }

  /** 0: as many bytes in a row as fit. */
  set perRow(wanted: number) {
    this.#perRowWanted = wanted;
    this.layOut();
  }

  set sections(sections: readonly (ByteRange & { readonly name: string })[]) {
    this.#sections = sections;
    this.#schedule();
  }

  /** The current field first, then what it is in. */
  set outlines(outlines: readonly ByteRange[]) {
    this.#outlines = outlines;
    this.#schedule();
  }

  set hovered(range: ByteRange | undefined) {
    this.#hovered = range;
    this.#schedule();
  }

  set fault(range: ByteRange | undefined) {
    this.#fault = range;
    this.redraw();
  }

  set marks(marks: Marks) {
    this.#marks = marks;
    this.redraw();
  }

  setMatches(ranges: readonly number[], current: ByteRange | undefined): void {
    this.#matches = ranges;
    this.#currentMatch = current;
    this.redraw();
  }

  /** Puts caret and selection somewhere and shows them; does not tell. */
  select(selection: Selection, reveal: 'near' | 'third' | 'stay'): void {
    this.#selection = selection;
    if (reveal !== 'stay') {
      const row = Math.floor(selection.caret / this.#columns.perRow);
      this.#scrollTo(revealing(row, this.#top, this.#extent, reveal));
    }
    this.redraw();
  }

  /** Selects bytes, and tells. */
  goTo(range: ByteRange, reveal: 'near' | 'third'): void {
    this.select(selected(range.start, range.end), reveal);
    this.#events.selected(this.#selection);
  }

  /** Shows the row of a byte somewhere in the upper third, without selecting it. */
  reveal(offset: number): void {
    const row = Math.floor(offset / this.#columns.perRow);
    this.#scrollTo(revealing(row, this.#top, this.#extent, 'third'));
  }

  /** Scrolls so that a byte is in the middle. */
  centre(offset: number): void {
    const { rowPixels, viewPixels } = this.#extent;
    const row = Math.floor(offset / this.#columns.perRow);
    this.#scrollTo(row * rowPixels - Math.floor(viewPixels / 2));
  }

  /** A position that a page kept: the first byte in sight. */
  get topOffset(): number {
    return Math.floor(this.#top / this.#extent.rowPixels) * this.#columns.perRow;
  }

  set topOffset(offset: number) {
    this.#scrollTo(Math.floor(offset / this.#columns.perRow) * this.#extent.rowPixels);
  }

  /** Everything may look different. */
  redraw(): void {
    this.#stale = true;
    this.#schedule();
  }

  /** Bytes or fields of a range have come. */
  arrived({ start, end }: ByteRange): void {
    const isIn = (sight: ByteRange) => start < sight.end && end > sight.start;
    if (isIn(this.#sightAt(this.#shownTop)) || isIn(this.sight)) this.redraw();
    // While the position changes with every frame, bytes come for one that has been passed: better that than nothing.
    const there = this.#awaited.findLast((top) => {
      const sight = this.#sightAt(top);
      return this.#blocks.has(sight.start, sight.end);
    });
    if (there === undefined) return;
    const waiting = this.#awaited.slice(this.#awaited.lastIndexOf(there) + 1);
    this.#stale = true;
    this.#render(there);
    this.#awaited = waiting;
  }

  focus(): void {
    this.element.focus({ preventScroll: true });
  }

  /** Chooses the columns, makes the rows that fit, and draws. */
  layOut(): void {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth === 0 || clientHeight === 0) return;
    const character = this.#measure();
    const { size } = this.#blocks;
    const digits = digitsOf(size);
    const perRow = this.#perRowWanted || fitting(clientWidth, character, digits);
    const topByte = this.topOffset;
    const rowPixels = Math.round(Number.parseFloat(getComputedStyle(this.element).fontSize) * 1.6);
    const columns = columnsOf({ character, perRow, digits });
    const isOther = perRow !== this.#columns.perRow || columns.width !== this.#columns.width;
    this.#columns = columns;
    this.element.style.setProperty('--row', `${rowPixels}px`);
    const viewPixels = Math.max(rowPixels, clientHeight - this.#head.offsetHeight);
    this.#extent = { rows: Math.ceil(size / perRow), rowPixels, viewPixels };
    const count = Math.min(Math.ceil(viewPixels / rowPixels) + 1, this.#extent.rows);
    if (isOther || this.#rows.length !== count) this.#build(count);
    setAttribute(this.element, 'aria-rowcount', String(this.#extent.rows + 1));
    setAttribute(this.element, 'aria-colcount', String(perRow + 1));
    this.#bar.style.height = `${barPixels(this.#extent) + this.#head.offsetHeight}px`;
    this.#bar.style.minWidth = `${columns.width}px`;
    this.#sheet.style.height = `${clientHeight}px`;
    this.#window.style.height = `${viewPixels}px`;
    const scale = window.devicePixelRatio;
    this.#canvas.width = Math.ceil(Math.max(columns.width, 1) * scale);
    this.#canvas.height = Math.ceil(viewPixels * scale);
    this.#canvas.style.width = `${columns.width}px`;
    this.#canvas.style.height = `${viewPixels}px`;
    this.#top = clampTop(Math.floor(topByte / perRow) * rowPixels, this.#extent);
    this.#placeBar();
    this.#stale = true;
    this.#draw();
  }

  #measure(): number {
    const sample = element('span', { class: 'sample' }, ['0'.repeat(100)]);
    this.#layer.append(sample);
    const { width } = sample.getBoundingClientRect();
    sample.remove();
    return width / 100 || 8;
  }

  #build(count: number): void {
    const { perRow, bytes, text, offset, width, cell } = this.#columns;
    const head = element('span', { role: 'columnheader', class: 'offset' }, [this.#strings.offset]);
    head.style.left = `${offset}px`;
    const names = bytes.map((left, i) => {
      const name = element('span', { role: 'columnheader', class: 'byte' }, [HEX[i]]);
      place(name, left, cell);
      return name;
    });
    const textHead = element('span', { role: 'columnheader', class: 'text' }, [this.#strings.text]);
    textHead.style.left = `${text}px`;
    this.#head.replaceChildren(head, ...names, textHead);
    this.#head.style.width = `${width}px`;
    this.#rows = Array.from({ length: count }, (_, n) => this.#createRow(n, perRow));
    this.#layer.replaceChildren(...this.#rows.map((row) => row.element));
    this.#active = undefined;
  }

  #createRow(n: number, perRow: number): Row {
    const { bytes, text, offset, cell } = this.#columns;
    const offsetText = document.createTextNode('');
    const head = element('span', { role: 'rowheader', class: 'offset' }, [offsetText]);
    head.style.left = `${offset}px`;
    const texts = bytes.map(() => document.createTextNode(''));
    const cells = bytes.map((left, i) => {
      const made = element('span', { role: 'gridcell', class: 'byte', id: `byte-${n}-${i}` }, [texts[i]]);
      place(made, left, cell);
      return made;
    });
    const rowText = document.createTextNode('');
    const textCell = element('span', { role: 'gridcell', class: 'text' }, [rowText]);
    textCell.style.left = `${text}px`;
    const row = element('div', { role: 'row', class: 'row' }, [head, ...cells, textCell]);
    return {
      element: row,
      offset: offsetText,
      cells,
      bytes: texts,
      text: rowText,
      codes: new Int32Array(perRow).fill(NO_TONE),
      values: new Int16Array(perRow).fill(-1),
      number: -1,
      first: -1,
    };
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Draws the position that is wanted, if its bytes are there; else it stays as it is until some have come. */
  #draw(): void {
    if (this.#frame !== 0) cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#rows.length === 0) return;
    const sight = this.sight;
    this.#want(sight);
    if (this.#blocks.has(sight.start, sight.end) || !this.#isPatient()) this.#render(this.#top);
    else this.#awaited = [...this.#awaited.slice(-MOST_AWAITED), this.#top];
  }

  #render(top: number): void {
    const { rowPixels } = this.#extent;
    const { perRow } = this.#columns;
    const { first, last } = rowsInSight(top, this.#extent);
    const sight = this.#sightAt(top);
    this.#shownTop = top;
    this.#waitingSince = 0;
    this.#awaited = [];
    if (Math.abs(first * rowPixels - this.#base) > 100_000) {
      this.#base = first * rowPixels;
      this.#stale = true;
    }
    this.#findMarks(sight);
    for (let number = first; number < last; number++) {
      const row = this.#rows[number % this.#rows.length];
      if (row.number !== number || this.#stale) this.#write(row, number, perRow);
    }
    // There is a row more than may be in sight; and at the end of a file there are some.
    for (const row of this.#rows) {
      const isUnused = row.number < first || row.number >= last;
      if (row.element.hidden !== isUnused) row.element.hidden = isUnused;
    }
    this.#layer.style.transform = `translateY(${this.#base - top}px)`;
    this.#stale = false;
    this.#showActive();
    paint(
      this.#canvas,
      {
        columns: this.#columns,
        rowPixels,
        shift: top - first * rowPixels,
        firstRow: first,
        lastRow: last,
        size: this.#blocks.size,
        sections: this.#sections,
        selection: rangeOf(this.#selection),
        outlines: this.#outlines,
        hovered: this.#hovered,
        matches: this.#matches,
        currentMatch: this.#currentMatch,
        marks: this.#marks,
        faults: this.#fault ? [this.#fault] : [],
      },
      this.#colours,
    );
    this.#events.scrolled(sight);
  }

  /** Asks for what is in sight and around it; of a file that flies by, for what will be in sight next. */
  #want({ start, end }: ByteRange): void {
    const by = this.#top - this.#lastTop;
    this.#lastTop = this.#top;
    const { rowPixels } = this.#extent;
    if (Math.abs(by) <= HURRY * rowPixels) {
      this.#blocks.want(start, end, AHEAD);
      return;
    }
    const next = clampTop(this.#top + by, this.#extent) - this.#top;
    const bytes = Math.round(next / rowPixels) * this.#columns.perRow;
    this.#blocks.wantInPassing({ start, end }, { start: start + bytes, end: end + bytes });
    // When it has come to rest there is more to ask for.
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => this.#schedule(), REST);
  }

  /** True while bytes that were asked for may still come in time. */
  #isPatient(): boolean {
    const now = performance.now();
    if (this.#waitingSince === 0) {
      this.#waitingSince = now;
      setTimeout(() => this.#schedule(), PATIENCE);
    }
    return this.#rows[0].number >= 0 && now - this.#waitingSince < PATIENCE;
  }

  /** Which bytes in sight are matches: only few are, so they are kept apart. */
  #findMarks(sight: ByteRange): void {
    this.#matchCodes.clear();
    for (let i = 0; i < this.#matches.length; i += 2) {
      if (this.#matches[i] >= sight.end) break;
      const to = Math.min(this.#matches[i + 1], sight.end);
      for (let at = Math.max(this.#matches[i], sight.start); at < to; at++) this.#matchCodes.add(at);
    }
  }

  #write(row: Row, number: number, perRow: number): void {
    const start = number * perRow;
    const { rowPixels } = this.#extent;
    if (row.number !== number) {
      row.element.style.top = `${number * rowPixels - this.#base}px`;
      row.element.setAttribute('aria-rowindex', String(number + 2));
      row.offset.data = start.toString(16).padStart(digitsOf(this.#blocks.size), '0');
      row.number = number;
    } else row.element.style.top = `${number * rowPixels - this.#base}px`;
    row.first = start;
    const bytes = this.#blocks.bytesFrom(start);
    const fields = this.#blocks.fieldsAround(start);
    const leaves = fields?.leaves;
    const at = fields ? start - fields.start : 0;
    const { start: from, end: to } = rangeOf(this.#selection);
    const current = this.#marks.current;
    for (let i = 0; i < perRow; i++) {
      const offset = start + i;
      const value = bytes && i < bytes.length ? bytes[i] : offset < this.#blocks.size ? 256 : -2;
      if (row.values[i] !== value) {
        row.values[i] = value;
        row.bytes[i].data = value === 256 ? '··' : value < 0 ? '' : HEX[value];
      }
      const field = fields?.of[at + i] ?? -1;
      let code = field >= 0 ? leaves!.tones[field] : NO_TONE;
      if (field >= 0 && leaves!.faults[field] >= 0) code |= FAULT;
      if (value === 0) code |= 256;
      if (this.#matchCodes.has(offset)) code |= MATCH;
      if (current && offset >= current.start && offset < current.end) code |= CURRENT;
      if (offset >= from && offset < to) code |= 512;
      if (this.#marks.breakpoints.length && this.#marks.breakpoints.some((b) => b.offset === offset)) {
        code |= BREAKPOINT;
      }
      if (row.codes[i] !== code) setCode(row, i, code);
    }
    const text = bytes ? textOf(bytes.subarray(0, perRow)) : '';
    if (row.text.data !== text) row.text.data = text;
  }

  /** The cell with the caret is the grid's active descendant, and says what it is. */
  #showActive(): void {
    const { caret } = this.#selection;
    const { perRow } = this.#columns;
    const number = Math.floor(caret / perRow);
    const row = this.#rows[number % this.#rows.length];
    const cell = row.number === number ? row.cells[caret % perRow] : undefined;
    if (this.#active !== cell) this.#active?.removeAttribute('aria-label');
    this.#active = cell;
    setAttribute(this.element, 'aria-activedescendant', cell?.id);
    if (!cell) return;
    const field = this.#blocks.fieldAt(caret);
    const value = this.#blocks.byteAt(caret);
    const what = field ? [field.instruction, field.label, field.fault].filter(Boolean).join(', ') : '';
    const label = filled(this.#strings.byteAt, value === undefined ? '' : HEX[value], hex(caret), what);
    setAttribute(cell, 'aria-label', label);
  }

  #scrollTo(top: number): void {
    this.#top = clampTop(top, this.#extent);
    this.#placeBar();
    this.#schedule();
  }

  #placeBar(): void {
    const wanted = Math.round(barOf(this.#top, this.#extent));
    if (Math.round(this.element.scrollTop) !== wanted) this.element.scrollTop = wanted;
    this.#barAt = this.element.scrollTop;
  }

  #onScroll(): void {
    const { scrollTop } = this.element;
    if (Math.abs(scrollTop - this.#barAt) < 1) return;
    this.#barAt = scrollTop;
    this.#top = topOf(scrollTop, this.#extent);
    this.#draw();
  }

  /** Wheels move by pixels of rows, whatever the scale of the scroll bar is. */
  #onWheel(event: WheelEvent): void {
    if (event.deltaY === 0 || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const { rowPixels, viewPixels } = this.#extent;
    const unit = event.deltaMode === 1 ? rowPixels : event.deltaMode === 2 ? viewPixels : 1;
    this.#scrollTo(this.#top + event.deltaY * unit);
  }

  #onKey(event: KeyboardEvent): void {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 'a') {
      this.#selection = { anchor: 0, caret: Math.max(0, this.#blocks.size - 1) };
      this.redraw();
      // VS Code makes its own of the key: it selects the texts of the page.
      const undo = () => window.getSelection()?.removeAllRanges();
      document.addEventListener('selectionchange', undo, { once: true });
      this.#events.selected(this.#selection);
    } else if (event.key === 'Enter') this.#events.entered(this.#selection.caret);
    else {
      if (event.altKey) return;
      const grid = {
        perRow: this.#columns.perRow,
        pageRows: Math.max(1, Math.floor(this.#extent.viewPixels / this.#extent.rowPixels) - 1),
        size: this.#blocks.size,
        fieldAt: (offset: number): Field | undefined => this.#blocks.fieldAt(offset),
      };
      const to = moveOf({ key: event.key, command }, this.#selection.caret, grid);
      if (to === undefined) {
        this.#scrollByKey(event, command);
        return;
      }
      this.select(movedTo(this.#selection, to, this.#blocks.size, event.shiftKey), 'near');
      this.#events.selected(this.#selection);
    }
    event.preventDefault();
  }

  /** Ctrl with up and down scrolls, as it does in the text editor. */
  #scrollByKey(event: KeyboardEvent, command: boolean): void {
    const rows = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (rows === 0) return;
    if (command) this.#scrollTo(this.#top + rows * this.#extent.rowPixels);
    event.preventDefault();
  }

  #onCopy(event: ClipboardEvent): void {
    const { start, end } = rangeOf(this.#selection);
    const bytes = this.#blocks.known(start, Math.min(end, start + BLOCK));
    event.preventDefault();
    // More than the page knows is copied by the command, which has all bytes.
    if (bytes.length < end - start) this.#events.copyLarge();
    else event.clipboardData?.setData('text/plain', Array.from(bytes, (byte) => HEX[byte]).join(' '));
  }

  #onDown(event: PointerEvent): void {
    const at = this.#at(event);
    if (!at) return;
    const { perRow } = this.#columns;
    if (event.button !== 0) {
      const { start, end } = rangeOf(this.#selection);
      if (at.offset >= start && at.offset < end) return;
    }
    if (at.zone === 'glyphs' && event.button === 0) {
      this.#events.glyphs({ start: at.offset, end: at.offset + perRow });
      return;
    }
    this.#dragging = event.button === 0;
    if (this.#dragging) this.#window.setPointerCapture(event.pointerId);
    this.select(movedTo(this.#selection, at.offset, this.#blocks.size, event.shiftKey), 'stay');
    this.#events.selected(this.#selection);
  }

  #onMove(event: PointerEvent): void {
    const at = this.#at(event);
    if (this.#dragging && (event.buttons & 1) === 0) this.#dragging = false;
    if (!this.#dragging) {
      this.#events.pointed(at?.zone === 'glyphs' ? undefined : at);
      return;
    }
    if (!at || at.offset === this.#selection.caret) return;
    this.select(movedTo(this.#selection, at.offset, this.#blocks.size, true), 'near');
    this.#events.selected(this.#selection);
  }

  #at(event: MouseEvent): Pointed | undefined {
    const box = this.#window.getBoundingClientRect();
    const { rowPixels } = this.#extent;
    const y = event.clientY - box.top + this.#shownTop;
    const row = Math.min(Math.max(Math.floor(y / rowPixels), 0), this.#extent.rows - 1);
    const { column, zone } = columnAt(event.clientX - box.left, this.#columns);
    const offset = row * this.#columns.perRow + column;
    if (row < 0) return undefined;
    if (offset >= this.#blocks.size && !this.#dragging) return undefined;
    const below = box.top + (row + 1) * rowPixels - this.#shownTop;
    const last = Math.max(this.#blocks.size - 1, 0);
    return { offset: Math.min(offset, last), zone, x: event.clientX, y: event.clientY, below };
  }
}

function setCode(row: Row, i: number, code: number): void {
  const cell = row.cells[i];
  const was = row.codes[i];
  row.codes[i] = code;
  const tone = code & 15;
  let name = tone < TONES.length ? `byte ${TONES[tone]}` : 'byte';
  if (code & 256) name += ' zero';
  if (code & MATCH) name += ' match';
  if (code & CURRENT) name += ' current';
  if (code & BREAKPOINT) name += ' breakpoint';
  if (code & FAULT) name += ' fault';
  cell.className = name;
  if ((was ^ code) & 512) {
    if (code & 512) cell.setAttribute('aria-selected', 'true');
    else cell.removeAttribute('aria-selected');
  }
}

function place(target: HTMLElement, left: number, width: number): void {
  target.style.left = `${left}px`;
  target.style.width = `${width}px`;
}
