/**
 * Byte offsets in front of the lines of a printed text, as comments: `(;0x2a;) i32.add`.
 *
 * The text means the same as before, and the map goes with it. Lines are the printer's own, which end with LF.
 */

import type { Printed } from './print.ts';

/**
 * The text with the offset of each line's first instruction in front of it; lines without one are moved in, so that
 * code stays aligned. `size` is the module's, in bytes: it decides how many digits an offset has.
 */
export function withOffsets({ text, map }: Printed, size: number): Printed {
  const digits = Math.max(4, size.toString(16).length);
  const width = digits + '(;0x;) '.length;
  const blank = ' '.repeat(width);
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineOf = (position: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const first = new Map<number, { offset: number; start: number }>();
  for (const { offset, span } of map.instructions()) {
    const line = lineOf(span.start);
    const known = first.get(line);
    if (!known || span.start < known.start) first.set(line, { offset, start: span.start });
  }
  const lines = starts.map((start, i) => {
    const line = text.slice(start, i + 1 < starts.length ? starts[i + 1] : text.length);
    const found = first.get(i);
    if (found) return `(;0x${found.offset.toString(16).padStart(digits, '0')};) ${line}`;
    return line === '' ? line : blank + line;
  });
  return { text: lines.join(''), map: map.moved((position) => position + width * (lineOf(position) + 1)) };
}
