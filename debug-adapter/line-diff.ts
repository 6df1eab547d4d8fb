/**
 * Which lines of one text are which of another: for breakpoints in a file that was edited while it is being debugged.
 *
 * Lines that both texts have at their begin and end are the same; between them the longest common sequence is. Where that
 * would take too long, nothing in between is the same.
 */

export interface LineMap {
  /** The line of the other text, counted from 0; undefined for one that is not in it. */
  toOld(line: number): number | undefined;
  toNew(line: number): number | undefined;
}

/** Cells of the table that is made at the most: 10 MB for lines in the middle. */
const MOST_CELLS = 5_000_000;

export function lineMap(before: string, after: string): LineMap {
  const a = linesOf(before);
  const b = linesOf(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const toNew = new Map<number, number>();
  const toOld = new Map<number, number>();
  const same = (i: number, j: number): void => {
    toNew.set(i, j);
    toOld.set(j, i);
  };
  for (let i = 0; i < start; i++) same(i, i);
  for (let i = 1; i <= end; i++) same(a.length - i, b.length - i);
  const inner = commonLines(a.slice(start, a.length - end), b.slice(start, b.length - end));
  for (const [i, j] of inner) same(start + i, start + j);
  return { toOld: (line) => toOld.get(line), toNew: (line) => toNew.get(line) };
}

/** The pairs of a longest common sequence, ascending. */
function commonLines(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length === 0 || b.length === 0 || a.length * b.length > MOST_CELLS) return [];
  const width = b.length + 1;
  // Lengths of the longest common sequences behind each pair of places.
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      longest[at] =
        a[i] === b[j] ? longest[at + width + 1] + 1 : Math.max(longest[at + width], longest[at + 1]);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const at = i * width + j;
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (longest[at + width] >= longest[at + 1]) i++;
    else j++;
  }
  return pairs;
}

function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}
