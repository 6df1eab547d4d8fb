/**
 * The index of names, `.debug_names` (DWARF 5, 6.1.1.4): lists of units, a table of hashes, abbreviations, and for each name the
 * entries that have it.
 */

import { malformed } from '../../../base/errors.ts';
import { ByteReader } from '../../../base/reader.ts';
import type { Grammar, Walker } from '../walker.ts';
import { faultOf } from '../walker.ts';
import { formValue, offset, type UnitShape } from './forms.ts';
import { dwarfName } from './names.ts';
import { list } from './tables.ts';
import { unitLength } from './units.ts';

interface Abbreviation {
  readonly tag: number;
  /** Pairs of attribute and form. */
  readonly attributes: readonly number[];
}

/** One index, from its length on. */
export function nameIndex(w: Walker): void {
  const wide = unitLength(w);
  const unit: UnitShape = { version: w.u16le('version'), wide, addressSize: 4 };
  w.u16le('padding');
  const compileUnits = w.u32le('count of compile units', 'count');
  const typeUnits = w.u32le('count of type units', 'count');
  const foreignUnits = w.u32le('count of foreign type units', 'count');
  const buckets = w.u32le('count of buckets', 'count');
  const names = w.u32le('count of names', 'count');
  const abbreviationSize = w.u32le('size of the abbreviations', 'size');
  w.text('augmentation', w.u32le('size of the augmentation', 'size'));
  const size = wide ? 8 : 4;
  const place = (label: string, role?: '.debug_info' | '.debug_str'): Grammar => {
    return (one) => void offset(one, label, wide, role);
  };
  column(w, 'compile units', compileUnits, size, place('offset of a unit', '.debug_info'));
  column(w, 'type units', typeUnits, size, place('offset of a unit', '.debug_info'));
  column(w, 'foreign type units', foreignUnits, 8, (one) => void one.u64le('signature'));
  column(w, 'buckets', buckets, 4, (one) => void one.u32le('first name of the bucket'));
  // Without buckets there are no hashes.
  column(w, 'hashes', buckets === 0 ? 0 : names, 4, (one) => void one.u32le('hash'));
  column(w, 'names', names, size, place('offset of a string', '.debug_str'));
  column(w, 'places of entries', names, size, place('offset of an entry'));
  if (abbreviationSize > w.r.left) w.r.unexpectedEnd();
  const { bytes } = w.r;
  const known = abbreviationsIn(new ByteReader(bytes, w.pos, w.pos + abbreviationSize));
  w.sized('entry', 'abbreviations', w.pos + abbreviationSize, abbreviations);
  w.sized('entry', 'entries', w.r.end, (entries) => {
    list(entries, 'entries of a name', (one) => entry(one, known, unit));
  });
}

/** `n` items of `size` bytes each. */
function column(w: Walker, label: string, n: number, size: number, item: Grammar): void {
  if (n * size > w.r.left) w.r.unexpectedEnd();
  w.sized('entry', label, w.pos + n * size, (all) => all.items(n, item));
}

function abbreviations(w: Walker): void {
  while (w.r.peek() !== 0) w.group('entry', 'abbreviation', abbreviation);
  w.byte('end of the abbreviations');
  while (!w.atEnd) w.byte('padding');
}

function abbreviation(w: Walker): void {
  w.u32('code');
  w.u32('tag');
  for (;;) {
    const attribute = w.u32('index attribute');
    const form = w.u32('form');
    if (attribute === 0 && form === 0) return;
  }
}

/** What can be read of them. */
function abbreviationsIn(r: ByteReader): ReadonlyMap<number, Abbreviation> {
  const known = new Map<number, Abbreviation>();
  faultOf(() => {
    for (let code = r.u32(); code !== 0; code = r.u32()) {
      const tag = r.u32();
      const attributes: number[] = [];
      for (;;) {
        const attribute = r.u32();
        const form = r.u32();
        if (attribute === 0 && form === 0) break;
        attributes.push(attribute, form);
      }
      known.set(code, { tag, attributes });
    }
  });
  return known;
}

/** True behind the last entry of a name. */
function entry(w: Walker, known: ReadonlyMap<number, Abbreviation>, unit: UnitShape): boolean {
  const { r } = w;
  const start = r.pos;
  const code = r.u32();
  r.pos = start;
  if (code === 0) {
    w.u32('end of the entries');
    return true;
  }
  const abbreviation = known.get(code);
  if (!abbreviation) malformed(start, `malformed abbreviation code: ${code}`);
  const { tag, attributes } = abbreviation;
  w.group('entry', dwarfName('TAG', tag), (one) => {
    one.u32('abbreviation code');
    for (let i = 0; i < attributes.length; i += 2) {
      formValue(one, attributes[i + 1], dwarfName('IDX', attributes[i]), unit, false);
    }
  });
  return false;
}
