/**
 * What can be read of a binary that is no valid module: its sections by their sizes, and the sections that decode.
 *
 * Sections are walked by id and size alone, also those of a component. For the contents a smaller module is put
 * together of the sections that say what is imported and exported, as many of them as decode.
 */

import { WasmError } from '../../engine/base/errors.ts';
import { ByteReader } from '../../engine/base/reader.ts';
import { ByteWriter } from '../../engine/base/writer.ts';
import { decode, isComponent } from '../../engine/binary/decode.ts';
import { HEADER, SECTION, sectionName } from '../../engine/binary/sections.ts';
import type { Module, Section } from '../../engine/module/module.ts';

/** Section ids of a component. */
const COMPONENT_SECTIONS = [
  'custom',
  'core module',
  'core instance',
  'core type',
  'component',
  'instance',
  'alias',
  'type',
  'canon',
  'start',
  'import',
  'export',
  'value',
];

/** Sections that stand for themselves: none of them needs the code. */
const DECLARATIONS: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.table,
  SECTION.memory,
  SECTION.tag,
  SECTION.global,
  SECTION.export,
];

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
  const title = component ? COMPONENT_SECTIONS[id] : sectionName(id);
  if (id !== SECTION.custom) return title ?? `section ${id}`;
  try {
    return `custom ${JSON.stringify(new ByteReader(bytes, range.start, range.end).name())}`;
  } catch (error) {
    if (error instanceof WasmError) return 'custom';
    throw error;
  }
}

/** A module of those declarations that decode; undefined if there is nothing to decode. */
export function decodeDeclarations(bytes: Uint8Array, sections: readonly Section[]): Module | undefined {
  if (isComponent(bytes)) return undefined;
  let found: Module | undefined;
  const parts: Section[] = [];
  for (const section of sections) {
    if (!DECLARATIONS.includes(section.id)) continue;
    try {
      found = decode(assembled(bytes, [...parts, section]));
      parts.push(section);
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
    }
  }
  return found;
}

function assembled(bytes: Uint8Array, sections: readonly Section[]): Uint8Array {
  const out = new ByteWriter();
  out.bytes(HEADER);
  for (const { offset, range } of sections) out.bytes(bytes.subarray(offset, range.end));
  return out.toBytes();
}
