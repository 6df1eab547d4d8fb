/**
 * Lines of a text: from a position in UTF-16 units to a line and a column and back. Both count from 0 here; what the
 * client counts from is its ClientInfo's business. Lines end with LF, CR LF or CR, as editors have it.
 */

import type { Span } from '../engine/base/errors.ts';

export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

export interface LineTable {
  readonly count: number;
  /** The line and column of a position; positions behind the text are at its end. */
  at(position: number): LineColumn;
  /** The position of a line and column; what is outside is moved to the nearest end. */
  position(line: number, column: number): number;
  /** A whole line without its line break. */
  line(line: number): Span;
}

export function lineTable(text: string): LineTable {
  const starts = [0];
  for (const { index, 0: lineBreak } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + lineBreak.length);

  const line = (wanted: number): Span => {
    const at = Math.min(Math.max(wanted, 0), starts.length - 1);
    let end = at + 1 < starts.length ? starts[at + 1] : text.length;
    while (end > starts[at] && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
    return { start: starts[at], end };
  };

  return {
    count: starts.length,
    line,
    at(position) {
      const bounded = Math.min(Math.max(position, 0), text.length);
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle] <= bounded) low = middle;
        else high = middle - 1;
      }
      return { line: low, column: bounded - starts[low] };
    },
    position(wanted, column) {
      if (wanted < 0) return 0;
      if (wanted >= starts.length) return text.length;
      const { start, end } = line(wanted);
      return Math.min(start + Math.max(column, 0), end);
    },
  };
}
