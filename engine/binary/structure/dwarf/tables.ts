/**
 * DWARF's other sections: strings, addresses, ranges, locations, names (DWARF 5, 7.26 to 7.30; DWARF 4, 2.17 and 2.6).
 */

import { malformed } from '../../../base/errors.ts';
import type { Grammar, Walker } from '../walker.ts';
import { address, expressionOf, offset, sizedExpression, type UnitShape, zeroString } from './forms.ts';
import { dwarfName } from './names.ts';
import { itemsUntil, unitLength } from './units.ts';

/** Texts that end with a zero byte. */
export function strings(w: Walker): void {
  itemsUntil(
    w,
    () => false,
    ({ r }) => {
      r.pos = behindString(r.bytes, r.pos, r.end);
    },
    (inner, i, end) => inner.sized('entry', 'string', end, string, { index: i }),
  );
}

function string(w: Walker): void {
  const { r } = w;
  const hasZero = r.bytes[r.end - 1] === 0;
  w.text('text', hasZero ? r.left - 1 : r.left);
  if (hasZero) w.byte('zero byte');
}

function behindString(bytes: Uint8Array, start: number, end: number): number {
  const zero = bytes.indexOf(0, start);
  return zero < 0 || zero >= end ? end : zero + 1;
}

/** Items of the same size, until the unit ends. */
function column(w: Walker, n: number, item: Grammar): void {
  itemsUntil(
    w,
    () => w.r.left < n,
    ({ r }) => r.skip(n),
    (inner) => item(inner),
  );
}

export function stringOffsets(w: Walker): void {
  const wide = unitLength(w);
  w.u16le('version');
  w.u16le('padding');
  column(w, wide ? 8 : 4, (one) => void offset(one, 'offset of a string', wide, '.debug_str'));
}

/** The head that the tables of DWARF 5 share. */
function tableHead(w: Walker): UnitShape {
  const wide = unitLength(w);
  const version = w.u16le('version');
  const at = w.pos;
  const addressSize = w.byte('address size');
  if (addressSize !== 4 && addressSize !== 8) malformed(at, `malformed address size: ${addressSize}`);
  w.byte('segment selector size');
  return { version, wide, addressSize };
}

export function addresses(w: Walker): void {
  const { addressSize } = tableHead(w);
  column(w, addressSize, (one) => void address(one, 'address', addressSize));
}

/** The ranges of addresses of each unit. */
export function addressRanges(w: Walker): void {
  const start = w.pos;
  const wide = unitLength(w);
  w.u16le('version');
  offset(w, 'offset of the unit', wide, '.debug_info');
  const at = w.pos;
  const size = w.byte('address size');
  if (size !== 4 && size !== 8) malformed(at, `malformed address size: ${size}`);
  w.byte('segment selector size');
  // Pairs stand at multiples of their size, counted from the unit.
  while ((w.pos - start) % (2 * size) !== 0) w.byte('padding');
  column(w, 2 * size, (one) =>
    one.group('entry', 'range', (range) => pair(range, 'address', 'length', size)),
  );
}

function length(w: Walker, size: number): number {
  return size === 8 ? w.u64le('length') : w.u32le('length');
}

function pair(w: Walker, first: string, second: string, size: number): boolean {
  const a = address(w, first, size);
  const b = second === 'length' ? length(w, size) : address(w, second, size);
  return a === 0 && b === 0;
}

/** DWARF 2 to 4: pairs of offsets; two zeros end a list. */
export function ranges(w: Walker): void {
  list(w, 'range list', (one) => {
    let ends = false;
    one.group('entry', 'range', (range) => {
      ends = pair(range, 'begin', 'end', 4);
    });
    return ends;
  });
}

/** DWARF 2 to 4: pairs of offsets, each with an expression; two zeros end a list, the highest address sets the base. */
export function locations(w: Walker): void {
  const unit: UnitShape = { version: 4, wide: false, addressSize: 4 };
  list(w, 'location list', (one) => {
    let ends = false;
    one.group('entry', 'location', (location) => {
      const begin = address(location, 'begin', 4);
      const end = address(location, 'end', 4);
      ends = begin === 0 && end === 0;
      if (ends || begin === 0xffff_ffff) return;
      const n = location.u16le('length');
      expressionOf(location, 'expression', n, unit);
    });
    return ends;
  });
}

/** Lists of entries, each with an end of its own. `entry` says if it was the last. */
export function list(w: Walker, what: string, entry: (w: Walker) => boolean): void {
  const whole = (one: Walker): void => {
    while (!one.atEnd && !entry(one));
  };
  itemsUntil(
    w,
    () => false,
    whole,
    (inner, i, end) =>
      inner.sized(
        'entry',
        what,
        end,
        (one) =>
          itemsUntil(
            one,
            () => false,
            (item) => void entry(item),
            (item) => void entry(item),
          ),
        { index: i },
      ),
  );
}

/** Operands of the entries of range lists (RLE) and location lists (LLE): u LEB128, a address, x length and expression. */
const RANGE_ENTRIES: readonly string[] = ['', 'u', 'uu', 'uu', 'uu', 'a', 'aa', 'au'];
const LOCATION_ENTRIES: readonly string[] = ['', 'u', 'uux', 'uux', 'uux', 'x', 'a', 'aax', 'aux'];

export function rangeLists(w: Walker): void {
  lists(w, 'RLE', 'range list', RANGE_ENTRIES);
}

export function locationLists(w: Walker): void {
  lists(w, 'LLE', 'location list', LOCATION_ENTRIES);
}

/** DWARF 5: a head, places of lists, lists. */
function lists(w: Walker, names: 'RLE' | 'LLE', what: string, operands: readonly string[]): void {
  const unit = tableHead(w);
  const n = w.u32le('count of offsets', 'count');
  if (n * (unit.wide ? 8 : 4) > w.r.left) w.r.unexpectedEnd();
  w.items(n, (items) => void offset(items, `offset of a ${what}`, unit.wide));
  list(w, what, (one) => {
    const code = one.r.peek();
    const letters = operands[code];
    if (letters === undefined) malformed(one.pos, `malformed entry of a ${what}: ${dwarfName(names, code)}`);
    if (letters === '') {
      one.byte(dwarfName(names, code));
      return code === 0;
    }
    one.group('entry', dwarfName(names, code), (entry) => {
      entry.byte('kind of entry');
      for (const letter of letters) {
        if (letter === 'u') entry.u64('operand');
        else if (letter === 'a') address(entry, 'address', unit.addressSize);
        else sizedExpression(entry, 'expression', unit);
      }
    });
    return false;
  });
}

/** Names with the places of their entries, of one unit. GNU's have a byte that says what they are. */
export function publicNames(w: Walker, isGnu: boolean): void {
  const wide = unitLength(w);
  w.u16le('version');
  offset(w, 'offset of the unit', wide, '.debug_info');
  offset(w, 'length of the unit', wide);
  list(w, 'names', (one) => {
    let ends = false;
    one.group('entry', 'name', (name) => {
      ends = offset(name, 'offset of the entry', wide) === 0;
      if (ends) return;
      if (isGnu) name.byte('kind', 'flags');
      zeroString(name, 'name');
    });
    return ends;
  });
}
