/**
 * What a module's fields are written into: one scratch writer, the map's entries, and the sections' items.
 *
 * An item is written relative to its own start, its map entries with it; layout.ts places both. Knows no fields.
 */

import type { Span } from '../base/errors.ts';
import { ByteWriter } from '../base/writer.ts';
import { Sections } from './layout.ts';
import { Entry, MapBuilder } from './map.ts';

/** How far everything was written, to go back to. */
export interface Mark {
  readonly bytes: number;
  readonly entries: number;
  readonly items: readonly number[];
}

export class Output {
  readonly out: ByteWriter;
  readonly map = new MapBuilder();
  readonly sections = new Sections();

  constructor(capacity: number) {
    this.out = new ByteWriter(capacity);
  }

  /** Writes one item of a section, with one entry of the map in front. */
  simple(section: number, span: Span, write: () => void): void {
    const start = this.out.length;
    const entry = this.map.length;
    this.map.add(Entry.Item, start, span.start, span.end);
    write();
    this.item(section, start, entry);
  }

  /** Ends an item that began at `start` in the bytes and at `firstEntry` in the map. */
  item(section: number, start: number, firstEntry: number): void {
    this.sections.add(section, { start, end: this.out.length, firstEntry, endEntry: this.map.length });
  }

  mark(): Mark {
    return {
      bytes: this.out.length,
      entries: this.map.length,
      items: this.sections.items.map((items) => items.length),
    };
  }

  /** Forgets what was written behind the mark. */
  back({ bytes, entries, items }: Mark): void {
    this.out.length = bytes;
    this.map.length = entries;
    this.sections.items.forEach((list, i) => {
      list.length = Math.min(list.length, items[i]);
    });
  }
}
