/**
 * A treemap: rectangles whose areas are as the sizes of items, as square as can be ("squarified", Bruls, Huizing, van
 * Wijk 2000). Knows no drawing.
 */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A box for each size, in the order given, which should be the largest first. Sizes of zero get empty boxes. */
export function treemap(sizes: readonly number[], area: Box): Box[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const boxes: Box[] = [];
  if (total <= 0) return sizes.map(() => ({ ...area, width: 0, height: 0 }));
  const scale = (area.width * area.height) / total;
  let free = area;
  for (let i = 0; i < sizes.length; ) {
    const side = Math.min(free.width, free.height);
    let count = 1;
    let sum = sizes[i] * scale;
    let worst = ratio(sum, sum, sum, side);
    while (i + count < sizes.length) {
      const next = sizes[i + count] * scale;
      const now = ratio(sizes[i] * scale, next, sum + next, side);
      if (now > worst) break;
      worst = now;
      sum += next;
      count++;
    }
    free = strip(sizes.slice(i, i + count), scale, sum, free, boxes);
    i += count;
  }
  return boxes;
}

/** How long the worst box of a strip is, by its largest and smallest area, against how broad it is. */
function ratio(largest: number, smallest: number, sum: number, side: number): number {
  if (smallest <= 0 || side <= 0) return Number.POSITIVE_INFINITY;
  return Math.max((side * side * largest) / (sum * sum), (sum * sum) / (side * side * smallest));
}

/** Lays a strip along the shorter side; what is left over is the answer. */
function strip(sizes: readonly number[], scale: number, sum: number, free: Box, boxes: Box[]): Box {
  const { x, y, width, height } = free;
  const upright = width >= height;
  const side = upright ? height : width;
  const thick = side > 0 ? sum / side : 0;
  let at = 0;
  for (const size of sizes) {
    const length = thick > 0 ? (size * scale) / thick : 0;
    boxes.push(
      upright
        ? { x, y: y + at, width: thick, height: length }
        : { x: x + at, y, width: length, height: thick },
    );
    at += length;
  }
  return upright
    ? { x: x + thick, y, width: Math.max(0, width - thick), height }
    : { x, y: y + thick, width, height: Math.max(0, height - thick) };
}
