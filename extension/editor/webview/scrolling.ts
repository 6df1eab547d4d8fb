/**
 * Where a long list of rows is scrolled to, in numbers.
 *
 * Positions are pixels of a list as tall as all its rows. A browser lays out no more than some 30 million pixels, so the
 * element with the scroll bar is at most `MOST_PIXELS` tall, and the bar stands for the whole list at a scale. Knows no
 * document.
 */

export const MOST_PIXELS = 10_000_000;

export interface Extent {
  readonly rows: number;
  readonly rowPixels: number;
  /** The height of what is in sight. */
  readonly viewPixels: number;
}

/** How tall the element is that the scroll bar moves. */
export function barPixels({ rows, rowPixels, viewPixels }: Extent): number {
  return Math.max(Math.min(rows * rowPixels, MOST_PIXELS), viewPixels);
}

/** The lowest position: the last row is the last in sight. */
export function lastTop({ rows, rowPixels, viewPixels }: Extent): number {
  return Math.max(0, rows * rowPixels - viewPixels);
}

export function clampTop(top: number, extent: Extent): number {
  return Math.min(Math.max(top, 0), lastTop(extent));
}

/** Where the scroll bar has to be for a position. */
export function barOf(top: number, extent: Extent): number {
  const bar = barPixels(extent) - extent.viewPixels;
  const most = lastTop(extent);
  return most > 0 ? (top / most) * bar : 0;
}

/** The position that a place of the scroll bar means. */
export function topOf(bar: number, extent: Extent): number {
  const most = barPixels(extent) - extent.viewPixels;
  return most > 0 ? clampTop((bar / most) * lastTop(extent), extent) : 0;
}

/** The rows in sight, also those that are so in part; `last` is exclusive. */
export function rowsInSight(top: number, extent: Extent): { readonly first: number; readonly last: number } {
  const first = Math.floor(top / extent.rowPixels);
  const last = Math.ceil((top + extent.viewPixels) / extent.rowPixels);
  return { first, last: Math.min(last, extent.rows) };
}

/** The position at which a row is in sight: the nearest one, or for a jump with the row at a third of the height. */
export function revealing(row: number, top: number, extent: Extent, jump: 'near' | 'third'): number {
  const { rowPixels, viewPixels } = extent;
  const y = row * rowPixels;
  if (y >= top && y + rowPixels <= top + viewPixels) return top;
  if (jump === 'third') return clampTop(y - Math.floor(viewPixels / 3 / rowPixels) * rowPixels, extent);
  return clampTop(y < top ? y : y + rowPixels - viewPixels, extent);
}
