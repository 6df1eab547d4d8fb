/**
 * Where things stand in the grid, in numbers and characters: columns of a row, and which byte is under a point.
 *
 * All widths are CSS pixels. Pure.
 */

export interface Metrics {
  /** The width of a character of the grid's font. */
  readonly character: number;
  readonly perRow: number;
  /** Hexadecimal digits of an offset. */
  readonly digits: number;
}

export interface Columns {
  readonly perRow: number;
  /** Where the offset begins, right of the glyphs. */
  readonly offset: number;
  /** Where each byte begins, and how wide it is. */
  readonly bytes: readonly number[];
  readonly cell: number;
  readonly text: number;
  readonly character: number;
  readonly width: number;
}

/** Room for breakpoints, left of the offsets. */
export const GLYPHS = 22;

export function digitsOf(size: number): number {
  return Math.max(6, (Math.max(size, 1) - 1).toString(16).length);
}

export function columnsOf({ character, perRow, digits }: Metrics): Columns {
  const cell = Math.round(character * 2.75);
  const gap = Math.round(character);
  const left = Math.round(GLYPHS + (digits + 2) * character);
  const bytes = Array.from({ length: perRow }, (_, i) => left + i * cell + Math.floor(i / 8) * gap);
  const text = Math.round(bytes[perRow - 1] + cell + 1.5 * character);
  return {
    perRow,
    offset: GLYPHS,
    bytes,
    cell,
    text,
    character,
    width: text + perRow * character + character,
  };
}

/** The width of 16 bytes in a row, with what is beside them. */
export function usualWidth(character: number, digits: number): number {
  return columnsOf({ character, perRow: 16, digits }).width;
}

/** The most bytes a row of this width can have: 8, 16 or 32. */
export function fitting(width: number, character: number, digits: number): number {
  const fits = [32, 16].find((perRow) => columnsOf({ character, perRow, digits }).width <= width);
  return fits ?? 8;
}

export type Zone = 'glyphs' | 'bytes' | 'text';

/** The column under a point, the nearest one beside the bytes; the zone says what was pointed at. */
export function columnAt(x: number, columns: Columns): { readonly column: number; readonly zone: Zone } {
  const { bytes, cell, text, character, perRow } = columns;
  if (x < GLYPHS) return { column: 0, zone: 'glyphs' };
  if (x >= text - character / 2) {
    const column = Math.floor((x - text) / character);
    return { column: Math.min(Math.max(column, 0), perRow - 1), zone: 'text' };
  }
  let column = 0;
  while (column + 1 < perRow && x >= bytes[column + 1]) column++;
  return { column: Math.min(column, perRow - 1), zone: x < bytes[perRow - 1] + cell ? 'bytes' : 'text' };
}

/** A byte as one character: what is no printable ASCII is a dot. */
export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
  return text;
}

export const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

export interface Span {
  /** Columns, both included. */
  readonly from: number;
  readonly to: number;
  /** The edges that are edges of the whole range: parts of the row above and below that do not belong to it. */
  readonly top: readonly [number, number] | undefined;
  readonly bottom: readonly [number, number] | undefined;
  readonly left: boolean;
  readonly right: boolean;
}

/** The part of `[start, end)` in the row that begins at `row`, with the edges of its outline; undefined if it has none. */
export function spanIn(row: number, perRow: number, start: number, end: number): Span | undefined {
  const from = Math.max(start - row, 0);
  const to = Math.min(end - row, perRow) - 1;
  if (from > to || from >= perRow || to < 0) return undefined;
  // A byte above belongs to the range from its start on: above, the bytes in front of that are an edge.
  const lastAbove = Math.min(to, start + perRow - row - 1);
  const firstBelow = Math.max(from, end - perRow - row);
  return {
    from,
    to,
    top: lastAbove >= from ? [from, lastAbove] : undefined,
    bottom: firstBelow <= to ? [firstBelow, to] : undefined,
    left: row + from === start || from === 0,
    right: row + to + 1 === end || to === perRow - 1,
  };
}

/** The index of the first range that ends behind `offset`, in starts and ends that follow each other, ascending. */
export function firstRangeAt(ranges: readonly number[], offset: number): number {
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[2 * middle + 1] <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
