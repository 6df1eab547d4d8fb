/**
 * What a module's fields are written into: a scratch writer, the map's entries, names, and the sections' items.
 *
 * An item is written relative to its own start, its map entries with it; layout.ts places both. A recording holds
 * what was written; it is not changed any more once its fields are finished, so a later assembly of the same text can
 * place a field's items again, moved. Knows no fields.
 */

import type { Span } from '../base/errors.ts';
import { ByteWriter } from '../base/writer.ts';
import { type Item, Sections } from './layout.ts';
import { Entry, MapBuilder } from './map.ts';
import { SymbolList } from './symbols.ts';

/** What fields come to, one behind the other, with the tokens and positions of the text that they were read from. */
export class Recording {
  readonly out: ByteWriter;
  readonly map = new MapBuilder();
  readonly symbols = new SymbolList();
  /** Maps of local and label names, as the name section has them. */
  readonly names = new ByteWriter(64);

  constructor(capacity: number) {
    this.out = new ByteWriter(capacity);
  }

  /** Gives back the room that was taken in advance: recordings are kept. */
  trim(): void {
    this.map.trim();
    this.symbols.trim();
  }
}

/** How far everything was written, to go back to. */
export interface Mark {
  readonly bytes: number;
  readonly entries: number;
  readonly items: readonly number[];
}

/** One item that was written, and its section. */
export interface SectionItem {
  readonly section: number;
  readonly item: Item;
}

export class Output {
  readonly recording: Recording;
  readonly out: ByteWriter;
  readonly map: MapBuilder;
  readonly sections = new Sections();
  /** Start and end of every function's form, ascending. */
  readonly bounds: number[] = [];
  /** Where items are noted too, while it is set. */
  log: SectionItem[] | undefined;

  constructor(recording: Recording) {
    this.recording = recording;
    this.out = recording.out;
    this.map = recording.map;
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
    const source = this.recording;
    const end = this.out.length;
    const item: Item = { source, start, end, firstEntry, endEntry: this.map.length, moved: 0 };
    this.sections.add(section, item);
    this.log?.push({ section, item });
  }

  /** Takes an item of an earlier recording, whose text stands `moved` characters further now. */
  again({ section, item }: SectionItem, moved: number): void {
    this.sections.add(section, moved === item.moved ? item : { ...item, moved });
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
