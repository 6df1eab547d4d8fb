/**
 * The outermost structure of DWARF's sections (DWARF 5, chapter 7): units with their headers, abbreviations, strings.
 *
 * What is inside of a unit is one leaf of bytes that says so: what it means depends on other sections, and is not the
 * tree's to know.
 */

import type { Grammar, Walker } from './walker.ts';

/** What is in the section with this name, which begins with `.debug_`. */
export function debugGrammar(name: string): Grammar {
  return Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : (w) => w.bytes('content, not taken apart');
}

const SECTIONS: Readonly<Record<string, Grammar>> = {
  '.debug_info': (w) => units(w, 'unit', infoUnit),
  '.debug_types': (w) => units(w, 'type unit', infoUnit),
  '.debug_line': (w) =>
    units(w, 'line table', (unit) => versioned(unit, 'header and line program, not taken apart')),
  '.debug_aranges': (w) =>
    units(w, 'address ranges of a unit', (unit) => versioned(unit, 'address ranges, not taken apart')),
  '.debug_pubnames': (w) =>
    units(w, 'public names of a unit', (unit) => versioned(unit, 'names, not taken apart')),
  '.debug_pubtypes': (w) =>
    units(w, 'public types of a unit', (unit) => versioned(unit, 'names, not taken apart')),
  '.debug_rnglists': (w) => units(w, 'range lists', (unit) => versioned(unit, 'lists, not taken apart')),
  '.debug_loclists': (w) => units(w, 'location lists', (unit) => versioned(unit, 'lists, not taken apart')),
  '.debug_addr': (w) => units(w, 'addresses', (unit) => versioned(unit, 'addresses, not taken apart')),
  '.debug_str_offsets': (w) =>
    units(w, 'offsets of strings', (unit) => versioned(unit, 'offsets, not taken apart')),
  '.debug_str': strings,
  '.debug_line_str': strings,
  '.debug_abbrev': abbreviations,
};

const LENGTH_OF_64 = 0xffff_ffff;

/** A length, four bytes or twelve, and a unit of that many bytes, until the section ends. */
function units(w: Walker, title: string, content: Grammar): void {
  for (let i = 0; !w.atEnd; i++) {
    const { r } = w;
    const start = r.pos;
    let length = r.f32() >>> 0;
    if (length === LENGTH_OF_64) {
      r.f64Halves();
      length = (r.hi >>> 0) * 2 ** 32 + (r.lo >>> 0);
    }
    r.skip(length);
    const end = r.pos;
    r.pos = start;
    w.sized('entry', title, end, content, { index: i });
  }
}

/** The unit's length. True if offsets in it have eight bytes. */
function unitLength(w: Walker): boolean {
  if (w.u32le('unit length', 'size') !== LENGTH_OF_64) return false;
  w.u64le('unit length of 64 bits');
  return true;
}

function versioned(w: Walker, rest: string): void {
  unitLength(w);
  w.u16le('version');
  w.bytes(rest);
}

function infoUnit(w: Walker): void {
  const wide = unitLength(w);
  const offset = (label: string): void => {
    if (wide) w.u64le(label);
    else w.u32le(label);
  };
  const version = w.u16le('version');
  if (version >= 5) {
    w.byte('unit type');
    w.byte('address size');
    offset('offset of the abbreviations');
  } else {
    offset('offset of the abbreviations');
    w.byte('address size');
  }
  w.bytes('entries, not taken apart');
}

/** Texts that end with a zero byte. */
function strings(w: Walker): void {
  const { r } = w;
  for (let i = 0; !w.atEnd; ) {
    // One part holds many: a section has hundreds of thousands.
    const first = i;
    const start = r.pos;
    let end = start;
    for (; i < first + PART && end < r.end; i++) end = behindString(r.bytes, end, r.end);
    r.pos = end;
    w.within('part', `strings ${first} … ${i - 1}`, start, end, {}, (part) => {
      for (let k = first; !part.atEnd; k++) {
        const behind = behindString(part.r.bytes, part.pos, part.r.end);
        part.group(
          'entry',
          'string',
          (one) => {
            const hasZero = part.r.bytes[behind - 1] === 0;
            const n = behind - one.pos;
            one.text('text', hasZero ? n - 1 : n);
            if (hasZero) one.byte('zero byte');
          },
          k,
        );
      }
    });
  }
}

const PART = 1024;

function behindString(bytes: Uint8Array, start: number, end: number): number {
  const zero = bytes.indexOf(0, start);
  return zero < 0 || zero >= end ? end : zero + 1;
}

/** Abbreviations (DWARF 5, 7.5.3): code, tag, children, pairs of attribute and form. A code of zero ends a unit's. */
function abbreviations(w: Walker): void {
  for (let i = 0; !w.atEnd; i++) {
    if (w.r.peek() === 0) w.byte('end of the abbreviations of a unit');
    else w.group('entry', 'abbreviation', abbreviation, i);
  }
}

const IMPLICIT_CONST = 0x21;

function abbreviation(w: Walker): void {
  w.u32('code');
  w.u32('tag');
  w.byte('has children');
  for (;;) {
    const attribute = w.u32('attribute');
    const form = w.u32('form');
    if (attribute === 0 && form === 0) return;
    if (form === IMPLICIT_CONST) w.s64('value');
  }
}
