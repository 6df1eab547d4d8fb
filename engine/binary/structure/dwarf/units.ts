/**
 * Units: a length, four bytes or twelve, and that many bytes (DWARF 5, 7.2.2 and 7.4). Most of DWARF's sections are made of them.
 */

import type { ByteReader } from '../../../base/reader.ts';
import type { Grammar, Walker } from '../walker.ts';

const LENGTH_OF_64 = 0xffff_ffff;

/** Units, until the section ends. `title` may look at what is behind the length; `wide`: that has twelve bytes. */
export function units(
  w: Walker,
  title: string | ((r: ByteReader, wide: boolean) => string),
  content: Grammar,
): void {
  for (let i = 0; !w.atEnd; i++) {
    const { r } = w;
    const start = r.pos;
    let length = r.f32() >>> 0;
    const wide = length === LENGTH_OF_64;
    if (wide) {
      r.f64Halves();
      length = (r.hi >>> 0) * 2 ** 32 + (r.lo >>> 0);
    }
    const inside = r.pos;
    r.skip(length);
    const end = r.pos;
    r.pos = inside;
    const label = typeof title === 'string' ? title : title(r, wide);
    r.pos = start;
    w.sized('entry', label, end, content, { index: i });
  }
}

/** The unit's length. True if offsets in it have eight bytes. */
export function unitLength(w: Walker): boolean {
  if (w.u32le('unit length', 'size') !== LENGTH_OF_64) return false;
  w.u64le('unit length of 64 bits');
  return true;
}

/** How many items stand in one part. */
const PART = 1024;

/**
 * Items until the bytes end, or until `isEnd` says so in front of one; of many, in parts. `step` moves over an item, `record`
 * makes nodes of one whose end is known.
 */
export function itemsUntil(
  w: Walker,
  isEnd: () => boolean,
  step: Grammar,
  record: (w: Walker, i: number, end: number) => void,
): void {
  const { r } = w;
  if (!w.nodes) {
    while (!r.atEnd && !isEnd()) step(w);
    return;
  }
  const start = r.pos;
  const stepping = w.stepping();
  const bounds = [start];
  let error: unknown;
  try {
    while (!r.atEnd && !isEnd()) {
      step(stepping);
      bounds.push(r.pos);
    }
  } catch (thrown) {
    // The item that cannot be read is read again below, as far as it can be.
    error = thrown;
    bounds.push(r.end);
  }
  r.pos = start;
  const n = bounds.length - 1;
  const run = (inner: Walker, first: number, behind: number): void => {
    for (let i = first; i < behind; i++) record(inner, i, bounds[i + 1]);
  };
  if (n <= PART) run(w, 0, n);
  else {
    for (let first = 0; first < n; first += PART) {
      const behind = Math.min(n, first + PART);
      const part: Grammar = (inner) => run(inner, first, behind);
      w.sized('part', `${first} … ${behind - 1}`, bounds[behind], part, { index: first });
    }
  }
  if (error !== undefined) throw error;
}
