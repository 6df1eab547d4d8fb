/**
 * What is drawn behind the bytes of the grid, on one canvas: sections, matches, the selection, the current instruction,
 * breakpoints, faults, and the outlines of the current field and its parents.
 *
 * The text above it is elements of the page (grid.ts). One canvas is drawn faster than a thousand styles are.
 */

import type { ByteRange, Marks } from '../messages.ts';
import type { Colours } from './colours.ts';
import { type Columns, firstRangeAt, GLYPHS, spanIn } from './rows.ts';

/** What is to be seen; rows are numbered from the start of the file. */
export interface Picture {
  readonly columns: Columns;
  readonly rowPixels: number;
  /** Pixels of the first row that are scrolled away. */
  readonly shift: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly size: number;
  readonly sections: readonly (ByteRange & { readonly name: string })[];
  readonly selection: ByteRange;
  /** The current field first, then what it is in, outwards. */
  readonly outlines: readonly ByteRange[];
  readonly hovered: ByteRange | undefined;
  readonly matches: readonly number[];
  readonly currentMatch: ByteRange | undefined;
  readonly marks: Marks;
  readonly faults: readonly ByteRange[];
}

export function paint(canvas: HTMLCanvasElement, picture: Picture, colours: Colours): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const scale = window.devicePixelRatio;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, canvas.width / scale, canvas.height / scale);
  context.translate(0, -picture.shift);
  const brush = new Brush(context, picture);
  paintSections(brush, picture, colours);
  if (picture.hovered) brush.fill(picture.hovered, colours.hover);
  paintMatches(brush, picture, colours);
  brush.fill(picture.selection, colours.selection);
  brush.outline(picture.selection, colours.selectionBorder, 3);
  for (const fault of picture.faults) brush.outline(fault, colours.error, 2);
  paintMarks(brush, context, picture, colours);
  const [field, ...parents] = picture.outlines;
  for (const parent of parents) brush.outline(parent, colours.parent, 1);
  if (field) brush.outline(field, colours.field, 1.5);
}

/** A band of the section's colour on the left, and a line where one begins. */
function paintSections(brush: Brush, { sections }: Picture, colours: Colours): void {
  for (const section of sections) brush.band(section, colours.section(section.name));
}

function paintMatches(brush: Brush, { matches, currentMatch }: Picture, colours: Colours): void {
  const { start, end } = brush.sight;
  for (let i = firstRangeAt(matches, start); 2 * i < matches.length; i++) {
    const match = { start: matches[2 * i], end: matches[2 * i + 1] };
    if (match.start >= end) break;
    brush.fill(match, colours.match);
    brush.outline(match, colours.matchBorder, 1);
  }
  if (!currentMatch) return;
  brush.fill(currentMatch, colours.currentMatch);
  brush.outline(currentMatch, colours.currentMatchBorder, 1);
}

function paintMarks(
  brush: Brush,
  context: CanvasRenderingContext2D,
  { marks, columns, rowPixels }: Picture,
  colours: Colours,
): void {
  if (marks.current) {
    brush.fill(marks.current, colours.current);
    brush.outline(marks.current, colours.currentBorder, 1.5);
    const y = brush.rowOf(marks.current.start);
    if (y !== undefined) arrow(context, GLYPHS / 2, y + rowPixels / 2, colours.currentBorder);
  }
  for (const { offset, enabled } of marks.breakpoints) {
    const y = brush.rowOf(offset);
    if (y === undefined) continue;
    const colour = enabled ? colours.breakpoint : colours.disabledBreakpoint;
    const column = offset % columns.perRow;
    const isCurrent = marks.current !== undefined && brush.rowOf(marks.current.start) === y;
    dot(
      context,
      GLYPHS / 2 - (isCurrent ? 2 : 0),
      y + rowPixels / 2,
      isCurrent ? 2.5 : rowPixels / 3.6,
      colour,
      enabled,
    );
    dot(context, columns.bytes[column] + 3, y + 4, 2.5, colour, enabled);
    brush.outline({ start: offset, end: offset + 1 }, colour, 1);
  }
}

class Brush {
  readonly sight: ByteRange;
  readonly #context: CanvasRenderingContext2D;
  readonly #picture: Picture;

  constructor(context: CanvasRenderingContext2D, picture: Picture) {
    this.#context = context;
    this.#picture = picture;
    const { perRow } = picture.columns;
    this.sight = { start: picture.firstRow * perRow, end: Math.min(picture.lastRow * perRow, picture.size) };
  }

  /** The upper edge of the row that has a byte; undefined if it is out of sight. */
  rowOf(offset: number): number | undefined {
    if (offset < this.sight.start || offset >= this.sight.end) return undefined;
    const row = Math.floor(offset / this.#picture.columns.perRow);
    return (row - this.#picture.firstRow) * this.#picture.rowPixels;
  }

  fill(range: ByteRange, colour: string): void {
    this.#context.fillStyle = colour;
    const { bytes, cell, text, character } = this.#picture.columns;
    this.#rows(range, (y, from, to) => {
      const { rowPixels } = this.#picture;
      this.#context.fillRect(bytes[from], y, bytes[to] + cell - bytes[from], rowPixels);
      this.#context.fillRect(text + from * character, y, (to - from + 1) * character, rowPixels);
    });
  }

  /** The outline of all bytes together, of the bytes and of their text. */
  outline(range: ByteRange, colour: string, width: number): void {
    if (colour === 'transparent') return;
    const { columns, rowPixels } = this.#picture;
    const { bytes, cell, text, character, perRow } = columns;
    const context = this.#context;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    const inset = width / 2;
    this.#rows(range, (y, from, to, row) => {
      const span = spanIn(row * perRow, perRow, range.start, range.end)!;
      for (const inText of [false, true]) {
        const left = (i: number) => (inText ? text + i * character : bytes[i]);
        const right = (i: number) => (inText ? text + (i + 1) * character : bytes[i] + cell);
        const top = y + inset;
        const bottom = y + rowPixels - inset;
        if (span.top) line(context, left(span.top[0]), top, right(span.top[1]), top);
        if (span.bottom) line(context, left(span.bottom[0]), bottom, right(span.bottom[1]), bottom);
        if (span.left) line(context, left(from) + inset, y, left(from) + inset, y + rowPixels);
        if (span.right) line(context, right(to) - inset, y, right(to) - inset, y + rowPixels);
      }
    });
    context.stroke();
  }

  /** A band beside the offsets, and a line above the first byte. */
  band(range: ByteRange, colour: string): void {
    const { columns, rowPixels, firstRow } = this.#picture;
    const context = this.#context;
    context.fillStyle = colour;
    this.#rows(range, (y, from, _, row) => {
      context.fillRect(columns.bytes[0] - 9, y, 3, rowPixels);
      const isFirst = row * columns.perRow + from === range.start;
      if (isFirst && row >= firstRow) context.fillRect(columns.bytes[from], y + 2, 2, rowPixels - 4);
    });
  }

  #rows({ start, end }: ByteRange, draw: (y: number, from: number, to: number, row: number) => void): void {
    const { columns, rowPixels, firstRow } = this.#picture;
    const { perRow } = columns;
    const first = Math.max(start, this.sight.start);
    const last = Math.min(end, this.sight.end) - 1;
    if (first > last) return;
    for (let row = Math.floor(first / perRow); row <= Math.floor(last / perRow); row++) {
      const from = Math.max(first - row * perRow, 0);
      const to = Math.min(last - row * perRow, perRow - 1);
      draw((row - firstRow) * rowPixels, from, to, row);
    }
  }
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
}

function dot(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
  filled: boolean,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  if (filled) {
    context.fillStyle = colour;
    context.fill();
  } else {
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.stroke();
  }
}

function arrow(context: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  context.beginPath();
  context.moveTo(x - 7, y - 5);
  context.lineTo(x + 1, y - 5);
  context.lineTo(x + 7, y);
  context.lineTo(x + 1, y + 5);
  context.lineTo(x - 7, y + 5);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
}
