/**
 * The sections of any binary, by id and size alone, and what people call them; also those of a component.
 */

import { WasmError } from '../../engine/base/errors.ts';
import { ByteReader } from '../../engine/base/reader.ts';
import { isComponent } from '../../engine/binary/decode.ts';
import { componentSectionName, HEADER, SECTION, sectionName } from '../../engine/binary/sections.ts';
import type { Section } from '../../engine/module/module.ts';

/** The sections up to the first whose size is wrong; that one ends with the file. */
export function walkSections(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  if (!HEADER.every((byte, i) => i >= 4 || bytes[i] === byte)) return sections;
  const r = new ByteReader(bytes, Math.min(HEADER.length, bytes.length), bytes.length);
  while (!r.atEnd) {
    const offset = r.pos;
    const id = r.u8();
    let size: number;
    try {
      size = r.u32();
    } catch (error) {
      if (error instanceof WasmError) break;
      throw error;
    }
    const range = { start: r.pos, end: Math.min(r.pos + size, bytes.length) };
    sections.push({ id, offset, range });
    r.pos = range.end;
  }
  return sections;
}

/** What people call a section: by its id, and a custom one by its name. */
export function sectionTitle(bytes: Uint8Array, { id, range }: Section): string {
  const component = isComponent(bytes);
  const title = component ? componentSectionName(id) : sectionName(id);
  if (id !== SECTION.custom) return title ?? `section ${id}`;
  try {
    return `custom ${JSON.stringify(new ByteReader(bytes, range.start, range.end).name())}`;
  } catch (error) {
    if (error instanceof WasmError) return 'custom';
    throw error;
  }
}
