/**
 * Places what was assembled: items become sections, sections a module (spec 5.5).
 *
 * Every item was written to one scratch writer, relative to its own start, with its entries of the map. Placing
 * copies bytes and shifts entries, so an item can be kept from an earlier assembly. Knows no types and no names.
 */

import { ByteWriter } from '../base/writer.ts';
import { writeCustom } from '../binary/encode.ts';
import { HEADER, SECTION, SECTION_ORDER } from '../binary/sections.ts';
import type { Place, PlacedSection } from './annotations.ts';
import { Entry, MapBuilder, type TextMap } from './map.ts';

/** One entry of a section: ranges of the scratch bytes and of the scratch map. */
export interface Item {
  readonly source: { readonly out: ByteWriter; readonly map: MapBuilder };
  readonly start: number;
  readonly end: number;
  readonly firstEntry: number;
  readonly endEntry: number;
  /** How much further its text stands now than the map's entries say. */
  readonly moved: number;
}

/** Items by section, in the order in which they will stand. */
export class Sections {
  readonly items: Item[][] = Array.from({ length: 14 }, () => []);

  add(section: number, item: Item): void {
    this.items[section].push(item);
  }
}

/** How many entries of the map are placed between two points where the work can be interrupted. */
const CHUNK = 50_000;

/**
 * Lays the module out, in steps. `nameSection` is the content of the custom section behind its name; empty for none. `customs`
 * stand where they say, those for one place in their order.
 */
export function* layOut(
  { sections, bounds }: { sections: Sections; bounds: readonly number[] },
  nameSection: Uint8Array,
  customs: readonly PlacedSection[] = [],
): Generator<void, { bytes: Uint8Array<ArrayBuffer>; map: TextMap }> {
  let content = nameSection.length + 256;
  let entries = 0;
  for (const [id, items] of sections.items.entries()) {
    for (const { start, end, firstEntry, endEntry } of items) {
      content += end - start + 5;
      entries += endEntry - firstEntry + (id === SECTION.code ? 1 : 0);
    }
  }
  const out = new ByteWriter(content);
  const map = new MapBuilder(entries);
  for (const bound of bounds) map.bounds.push(bound);
  out.bytes(HEADER);
  const place = (here: (place: Place) => boolean) => {
    for (const section of customs) if (here(section.place)) placeCustom(out, map, section);
  };
  const beside = (side: string, id: number) => {
    if (customs.length > 0) place((at) => typeof at === 'object' && at.side === side && at.section === id);
  };
  place((at) => at === 'first');
  let pause = CHUNK;
  for (const [i, id] of SECTION_ORDER.entries()) {
    if (i > 0) beside('after', SECTION_ORDER[i - 1]);
    beside('before', id);
    const items = sections.items[id];
    if (items.length === 0) continue;
    const isVector = id !== SECTION.start && id !== SECTION.dataCount;
    const isSized = id === SECTION.code;
    let size = isVector ? lebLength(items.length) : 0;
    for (const item of items) {
      const length = item.end - item.start;
      size += length + (isSized ? lebLength(length) : 0);
    }
    out.u8(id);
    out.u32(size);
    if (isVector) out.u32(items.length);
    for (const { source, start, end, firstEntry, endEntry, moved } of items) {
      if (isSized) {
        const { starts, ends } = source.map;
        map.add(Entry.Item, out.length, starts[firstEntry] + moved, ends[firstEntry] + moved);
        out.u32(end - start);
      }
      map.append(source.map, firstEntry, endEntry, out.length - start, moved);
      out.bytes(source.out.view().subarray(start, end));
      if (map.length > pause) {
        pause = map.length + CHUNK;
        yield;
      }
    }
  }
  beside('after', SECTION.data);
  if (nameSection.length > 0) writeCustom(out, 'name', nameSection);
  place((at) => at === 'last');
  return { bytes: out.toBytes(), map: map.finish() };
}

function placeCustom(out: ByteWriter, map: MapBuilder, { name, content, span }: PlacedSection): void {
  if (span) map.add(Entry.Item, out.length, span.start, span.end);
  writeCustom(out, name, content);
}

function lebLength(value: number): number {
  let n = 1;
  while (value >= 0x80) {
    value >>>= 7;
    n++;
  }
  return n;
}
