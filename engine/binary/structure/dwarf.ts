/**
 * DWARF's sections, which are custom sections whose names begin with `.debug_` (DWARF 5, chapter 7; 2 to 4 where they differ).
 *
 * How one is read may depend on another of the same file: `sibling` gives their contents.
 */

import { frames } from './dwarf/frame.ts';
import { infoUnit, type Sibling } from './dwarf/info.ts';
import { lineUnit } from './dwarf/line.ts';
import { macros, oldMacros } from './dwarf/macro.ts';
import { nameIndex } from './dwarf/name-index.ts';
import {
  addresses,
  addressRanges,
  locationLists,
  locations,
  publicNames,
  rangeLists,
  ranges,
  stringOffsets,
  strings,
} from './dwarf/tables.ts';
import { units } from './dwarf/units.ts';
import type { Grammar, Walker } from './walker.ts';

/** What is in the section with this name; undefined for one that is not known. */
export function debugGrammar(name: string, sibling: Sibling): Grammar | undefined {
  // Split units stand in files of their own, in sections of the same kinds.
  if (name.endsWith(SPLIT)) {
    return debugGrammar(name.slice(0, -SPLIT.length), (other) => sibling(`${other}${SPLIT}`));
  }
  switch (name) {
    case '.debug_info':
      return (w) => units(w, 'unit', (unit) => infoUnit(unit, sibling, false));
    case '.debug_types':
      return (w) => units(w, 'type unit', (unit) => infoUnit(unit, sibling, true));
    default:
      return Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined;
  }
}

const SPLIT = '.dwo';

const SECTIONS: Readonly<Record<string, Grammar>> = {
  '.debug_line': (w) => units(w, 'line table', lineUnit),
  '.debug_aranges': (w) => units(w, 'address ranges of a unit', addressRanges),
  '.debug_pubnames': (w) => units(w, 'public names of a unit', (unit) => publicNames(unit, false)),
  '.debug_pubtypes': (w) => units(w, 'public types of a unit', (unit) => publicNames(unit, false)),
  '.debug_gnu_pubnames': (w) => units(w, 'public names of a unit', (unit) => publicNames(unit, true)),
  '.debug_gnu_pubtypes': (w) => units(w, 'public types of a unit', (unit) => publicNames(unit, true)),
  '.debug_ranges': ranges,
  '.debug_loc': locations,
  '.debug_rnglists': (w) => units(w, 'range lists', rangeLists),
  '.debug_loclists': (w) => units(w, 'location lists', locationLists),
  '.debug_addr': (w) => units(w, 'addresses', addresses),
  '.debug_str_offsets': (w) => units(w, 'offsets of strings', stringOffsets),
  '.debug_names': (w) => units(w, 'index of names', nameIndex),
  '.debug_frame': frames,
  '.debug_macro': macros,
  '.debug_macinfo': oldMacros,
  '.debug_str': strings,
  '.debug_line_str': strings,
  '.debug_abbrev': abbreviations,
};

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
  w.byte('has children', 'flags');
  for (;;) {
    const attribute = w.u32('attribute');
    const form = w.u32('form');
    if (attribute === 0 && form === 0) return;
    if (form === IMPLICIT_CONST) w.s64('value');
  }
}
