/**
 * Debugging information entries (DWARF 5, 7.5): units, and the tree of entries in each. How an entry's attributes are written
 * stands in the abbreviations of the same file.
 */

import { malformed } from '../../../base/errors.ts';
import { ByteReader } from '../../../base/reader.ts';
import { tryDecodeUtf8 } from '../../../base/utf8.ts';
import type { ByteRange } from '../../../module/module.ts';
import { faultOf, Walker } from '../walker.ts';
import { FORM, formValue, offset, type UnitShape } from './forms.ts';
import { dwarfCode, dwarfName } from './names.ts';
import { itemsUntil, unitLength } from './units.ts';

/** The content of another debugging section of the same file. */
export type Sibling = (name: string) => ByteRange | undefined;

interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Attribute, form, attribute, form … */
  readonly attributes: readonly number[];
}

type Abbreviations = ReadonlyMap<number, Abbreviation>;

interface Unit extends UnitShape {
  readonly abbreviations: Abbreviations;
  readonly strings: ByteRange | undefined;
  /** Where the unit's offsets of strings begin, which names are indices into (DWARF 5). */
  readonly stringOffsets: number | undefined;
}

/** Entries in entries, beyond which they stand side by side. Real ones have a dozen. */
const MAX_DEPTH = 64;

const UNIT_TYPE = { compile: 1, type: 2, partial: 3, skeleton: 4, splitCompile: 5, splitType: 6 } as const;

/** A unit of .debug_info, or with `isType` of DWARF 4's .debug_types. */
export function infoUnit(w: Walker, sibling: Sibling, isType: boolean): void {
  const wide = unitLength(w);
  const version = w.u16le('version');
  if (version < 2 || version > 5) malformed(w.pos - 2, `unknown version of DWARF: ${version}`);
  let unitType: number = isType ? UNIT_TYPE.type : UNIT_TYPE.compile;
  let addressSize = 0;
  let abbreviationsAt = 0;
  if (version >= 5) {
    unitType = w.byte('unit type', 'flags');
    addressSize = w.byte('address size');
    abbreviationsAt = offset(w, 'offset of the abbreviations', wide, '.debug_abbrev');
  } else {
    abbreviationsAt = offset(w, 'offset of the abbreviations', wide, '.debug_abbrev');
    addressSize = w.byte('address size');
  }
  if (unitType === UNIT_TYPE.skeleton || unitType === UNIT_TYPE.splitCompile) w.u64le('id of the split unit');
  if (unitType === UNIT_TYPE.type || unitType === UNIT_TYPE.splitType) {
    w.u64le('type signature');
    offset(w, 'offset of the type', wide);
  }
  const abbreviations = readAbbreviations(w.r.bytes, sibling('.debug_abbrev'), abbreviationsAt);
  const strings = sibling('.debug_str');
  const unit: Unit = { version, wide, addressSize, abbreviations, strings, stringOffsets: undefined };
  entries(w, { ...unit, stringOffsets: stringOffsetsOf(w, unit, sibling('.debug_str_offsets')) }, 0);
}

const STR_OFFSETS_BASE = dwarfCode('AT', 'str_offsets_base');

/** What the unit's first entry says, or what is so for a split one. */
function stringOffsetsOf({ r }: Walker, unit: Unit, section: ByteRange | undefined): number | undefined {
  if (!section || unit.wide) return undefined;
  const own = new ByteReader(r.bytes, r.pos, r.end);
  let base = 8;
  faultOf(() => {
    const { attributes = [] } = unit.abbreviations.get(own.u32()) ?? {};
    const at = attributes.findIndex((attribute, i) => i % 2 === 0 && attribute === STR_OFFSETS_BASE);
    if (at < 0) return;
    values(new Walker(own, undefined), unit, attributes.slice(0, at));
    base = own.f32() >>> 0;
  });
  return section.start + base;
}

/** The abbreviations at a place of .debug_abbrev, as far as they can be read. */
function readAbbreviations(bytes: Uint8Array, section: ByteRange | undefined, at: number): Abbreviations {
  const found = new Map<number, Abbreviation>();
  if (!section || at > section.end - section.start) return found;
  const r = new ByteReader(bytes, section.start + at, section.end);
  faultOf(() => {
    for (let code = r.u32(); code !== 0; code = r.u32()) {
      const tag = r.u32();
      const hasChildren = r.u8() !== 0;
      const attributes: number[] = [];
      for (;;) {
        const attribute = r.u32();
        const form = r.u32();
        if (attribute === 0 && form === 0) break;
        attributes.push(attribute, form);
        if (form === FORM.implicitConst) r.s64();
      }
      if (!found.has(code)) found.set(code, { tag, hasChildren, attributes });
    }
  });
  return found;
}

/** Entries side by side, and the zero byte behind the last of them if there is one. */
function entries(w: Walker, unit: Unit, depth: number): void {
  const { r } = w;
  if (!w.nodes) {
    skipEntries(w, unit);
    return;
  }
  // So deep, what is in entries stands beside them, with the zero bytes behind it.
  const isFlat = depth === MAX_DEPTH;
  const step = (one: Walker): void => {
    if (isFlat && r.peek() === 0) r.pos++;
    else skipEntry(one, unit, !isFlat);
  };
  itemsUntil(
    w,
    () => !isFlat && r.peek() === 0,
    step,
    (inner, _, end) => {
      if (inner.r.peek() === 0) inner.byte('end of the entries');
      else inner.sized('entry', title(inner, unit), end, (one) => entry(one, unit, depth));
    },
  );
  if (!r.atEnd) w.byte('end of the entries');
  // Units may be filled up with zeros.
  while (depth === 0 && !r.atEnd && r.peek() === 0) w.byte('padding');
}

function entry(w: Walker, unit: Unit, depth: number): void {
  const abbreviation = head(w, unit);
  values(w, unit, abbreviation.attributes);
  if (abbreviation.hasChildren && depth < MAX_DEPTH) entries(w, unit, depth + 1);
}

function head(w: Walker, unit: Unit): Abbreviation {
  const start = w.pos;
  const code = w.u32('abbreviation code');
  const abbreviation = unit.abbreviations.get(code);
  if (!abbreviation) malformed(start, `unknown abbreviation: ${code}`);
  return abbreviation;
}

/** The values of attributes, which are given with their forms. */
function values(w: Walker, unit: Unit, attributes: readonly number[]): void {
  for (let i = 0; i < attributes.length; i += 2) {
    const attribute = attributes[i];
    const label = w.nodes ? dwarfName('AT', attribute) : '';
    formValue(w, attributes[i + 1], label, unit, LOCATIONS.has(attribute));
  }
}

/** Attributes whose blocks are expressions (before DWARF 4, and in .debug_types). */
const LOCATIONS: ReadonlySet<number> = new Set(
  ['location', 'frame_base', 'data_member_location', 'vtable_elem_location', 'string_length', 'return_addr',
   'static_link', 'use_location', 'segment', 'data_location', 'call_value', 'call_target', 'call_data_value',
   'call_data_location', 'GNU_call_site_value', 'GNU_call_site_target', 'allocated', 'associated'].map((name) =>
    dwarfCode('AT', name),
  ),
); // biome-ignore format: a list of words

/** Steps over all entries on this level and below, and the zero byte behind them. */
function skipEntries(w: Walker, unit: Unit): void {
  let depth = 1;
  while (!w.atEnd && depth > 0) {
    if (w.r.peek() === 0) {
      w.r.pos++;
      depth--;
      continue;
    }
    const abbreviation = head(w, unit);
    values(w, unit, abbreviation.attributes);
    if (abbreviation.hasChildren) depth++;
  }
}

/** Steps over one entry; `withChildren`: and over what is in it. */
function skipEntry(w: Walker, unit: Unit, withChildren: boolean): void {
  const abbreviation = head(w, unit);
  values(w, unit, abbreviation.attributes);
  if (abbreviation.hasChildren && withChildren) skipEntries(w, unit);
}

/** `DW_TAG_subprogram "main"`: the tag, and the name where there is one. */
function title({ r }: Walker, unit: Unit): string {
  const own = new ByteReader(r.bytes, r.pos, r.end);
  let text = 'entry';
  faultOf(() => {
    const abbreviation = unit.abbreviations.get(own.u32());
    if (!abbreviation) return;
    text = dwarfName('TAG', abbreviation.tag);
    const name = nameIn(own, unit, abbreviation);
    if (name) text += ` ${JSON.stringify(name)}`;
  });
  return text;
}

const NAME = dwarfCode('AT', 'name');

function nameIn(own: ByteReader, unit: Unit, { attributes }: Abbreviation): string | undefined {
  const at = attributes.findIndex((attribute, i) => i % 2 === 0 && attribute === NAME);
  if (at < 0) return undefined;
  const form = attributes[at + 1];
  values(new Walker(own, undefined), unit, attributes.slice(0, at));
  if (form === FORM.string) return textAt(own.bytes, own.pos, own.end);
  const { strings, stringOffsets } = unit;
  if (!strings || unit.wide) return undefined;
  if (form === FORM.strp) return textAt(own.bytes, strings.start + (own.f32() >>> 0), strings.end);
  const index = STRING_INDICES[form]?.(own);
  if (index === undefined || stringOffsets === undefined) return undefined;
  const offsets = new ByteReader(own.bytes, stringOffsets + 4 * index);
  return textAt(own.bytes, strings.start + (offsets.f32() >>> 0), strings.end);
}

const STRING_INDICES: Readonly<Record<number, (r: ByteReader) => number>> = {
  [FORM.strx]: (r) => r.u32(),
  [FORM.strx1]: (r) => r.u8(),
  [FORM.strx2]: (r) => r.u8() | (r.u8() << 8),
  [FORM.strx3]: (r) => r.u8() | (r.u8() << 8) | (r.u8() << 16),
  [FORM.strx4]: (r) => r.f32() >>> 0,
};

function textAt(bytes: Uint8Array, start: number, limit: number): string | undefined {
  const zero = bytes.indexOf(0, start);
  const end = zero < 0 ? limit : Math.min(zero, limit, start + SHOWN);
  return start < end ? tryDecodeUtf8(bytes.subarray(start, end)) : undefined;
}

const SHOWN = 200;
