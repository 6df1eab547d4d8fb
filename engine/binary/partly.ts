/**
 * What can be decoded of a module that is malformed: all sections that are well-formed by themselves, without the code.
 *
 * Made of those sections and of a function body for each function that does nothing, so its index spaces, names and
 * segments are those of the file. Its offsets are its own, and its bodies mean nothing.
 */

import { WasmError } from '../base/errors.ts';
import { ByteReader } from '../base/reader.ts';
import { ByteWriter } from '../base/writer.ts';
import type { Module } from '../module/module.ts';
import { decode } from './decode.ts';
import { HEADER, SECTION, SECTION_ORDER } from './sections.ts';

/** A section as it stands in the file. */
export interface Framed {
  readonly id: number;
  /** Offset of its id, and behind it. */
  readonly start: number;
  readonly end: number;
}

/** Left out: the code, and what only repeats what another section says. */
const LEFT_OUT: ReadonlySet<number> = new Set([SECTION.code, SECTION.dataCount, SECTION.start]);

/** The module of those sections that decode; undefined if there is none. Of two sections of one kind the first counts. */
export function decodePartly(bytes: Uint8Array, sections: readonly Framed[]): Module | undefined {
  let found: Module | undefined;
  const kept: Framed[] = [];
  for (const section of firstOfEach(bytes, sections)) {
    try {
      found = decode(assembled(bytes, [...kept, section]));
      kept.push(section);
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      // Without the imports, all other indices would lead to others.
      if (section.id === SECTION.import) break;
    }
  }
  return found;
}

/** In the order that a module has them, and the names last. */
function firstOfEach(bytes: Uint8Array, sections: readonly Framed[]): Framed[] {
  const first = new Map<number, Framed>();
  for (const section of sections) {
    const { id } = section;
    if (LEFT_OUT.has(id) || id > SECTION.tag || first.has(id)) continue;
    if (id !== SECTION.custom || isNames(bytes, section)) first.set(id, section);
  }
  return [...first.values()].sort((a, b) => placeOf(a.id) - placeOf(b.id));
}

function isNames(bytes: Uint8Array, section: Framed): boolean {
  try {
    return contentOf(bytes, section).name() === 'name';
  } catch (error) {
    if (error instanceof WasmError) return false;
    throw error;
  }
}

/** What is behind id and size. Throws a malformed fault if there is no size. */
function contentOf(bytes: Uint8Array, { start, end }: Framed): ByteReader {
  const r = new ByteReader(bytes, start + 1, end);
  r.u32();
  return r;
}

function placeOf(id: number): number {
  return id === SECTION.custom ? SECTION_ORDER.length : SECTION_ORDER.indexOf(id);
}

function assembled(bytes: Uint8Array, sections: readonly Framed[]): Uint8Array {
  const out = new ByteWriter();
  out.bytes(HEADER);
  const before = (id: number) => placeOf(id) < placeOf(SECTION.code);
  for (const section of sections.filter(({ id }) => before(id))) copy(out, bytes, section);
  const functions = sections.find(({ id }) => id === SECTION.function);
  if (functions) writeBodies(out, contentOf(bytes, functions).count());
  for (const section of sections.filter(({ id }) => !before(id))) copy(out, bytes, section);
  return out.toBytes();
}

function copy(out: ByteWriter, bytes: Uint8Array, { start, end }: Framed): void {
  out.bytes(bytes.subarray(start, end));
}

/** A code section of `n` bodies: no locals, `end`. */
function writeBodies(out: ByteWriter, n: number): void {
  const content = new ByteWriter();
  content.u32(n);
  for (let i = 0; i < n; i++) content.bytes([2, 0, 0x0b]);
  out.u8(SECTION.code);
  const body = content.toBytes();
  out.u32(body.length);
  out.bytes(body);
}
