/**
 * The name section (spec appendix A.5) from the `$names` of a text, so that a debugger shows them.
 *
 * `(@name "x")` says what a `$name` cannot, and goes before it. Includes the extended subsections: labels, types, tables, memories, globals, segments, fields, tags.
 */

import { ByteWriter } from '../base/writer.ts';
import type { Names, NameTable } from './names.ts';
import { Sp } from './symbols.ts';

/** Subsections in the order of their ids: id and index space. */
const SUBSECTIONS = [
  [1, Sp.Func],
  [4, Sp.Type],
  [5, Sp.Table],
  [6, Sp.Memory],
  [7, Sp.Global],
  [8, Sp.Elem],
  [9, Sp.Data],
  [11, Sp.Tag],
] as const;

const LOCALS = 2;
const LABELS = 3;
const FIELDS = 10;

/** Names by index: an index space, or a space inside of one item. */
type NameMap = ReadonlyMap<number, string>;

/** The section's content behind `name`; empty if nothing has a name. */
export function writeNames(
  moduleName: string | undefined,
  names: Names,
  locals: readonly InnerNames[],
  labels: readonly InnerNames[],
): Uint8Array {
  const parts = new Map<number, ByteWriter>();
  const { annotations } = names;
  const title = annotations?.moduleName ?? moduleName;
  if (title !== undefined) {
    const part = new ByteWriter();
    part.name(title);
    parts.set(0, part);
  }
  for (const [id, space] of SUBSECTIONS) {
    const map = overridden(byIndex(names.tables[space]), annotations?.names.get(space));
    if (map.size > 0) parts.set(id, writeMap(new ByteWriter(), map));
  }
  addIndirect(parts, LOCALS, locals);
  addIndirect(parts, LABELS, labels);
  addIndirect(parts, FIELDS, fieldNames(names));
  const out = new ByteWriter();
  for (const id of [...parts.keys()].sort((a, b) => a - b)) {
    out.u8(id);
    out.sized(parts.get(id)!.view());
  }
  return out.toBytes();
}

/** The names of one item's locals, labels or fields, as `writeNameMap` writes them. */
export interface InnerNames {
  readonly idx: number;
  readonly names: Uint8Array;
}

function addIndirect(parts: Map<number, ByteWriter>, id: number, inner: readonly InnerNames[]): void {
  if (inner.length === 0) return;
  const part = new ByteWriter();
  part.u32(inner.length);
  for (const { idx, names } of [...inner].sort((a, b) => a.idx - b.idx)) {
    part.u32(idx);
    part.bytes(names);
  }
  parts.set(id, part);
}

function fieldNames({ fields, annotations }: Names): InnerNames[] {
  const annotated = annotations?.inner.get(Sp.Field);
  const out: InnerNames[] = [];
  for (const typeIdx of new Set([...fields.keys(), ...(annotated?.keys() ?? [])])) {
    const part = new ByteWriter();
    writeNameMap(part, byIndex(fields.get(typeIdx) ?? new Map()), annotated?.get(typeIdx));
    if (part.length > 0) out.push({ idx: typeIdx, names: part.view() });
  }
  return out;
}

/** Writes names by index, those of annotations before others; nothing if there are none. */
export function writeNameMap(out: ByteWriter, map: NameMap, annotated?: NameMap): void {
  const all = overridden(map, annotated);
  if (all.size > 0) writeMap(out, all);
}

/** `(@name …)` goes before an identifier. Ascending by index again. */
function overridden(map: NameMap, annotated: NameMap | undefined): NameMap {
  if (!annotated) return map;
  return new Map([...new Map([...map, ...annotated])].sort(([a], [b]) => a - b));
}

/** Tables are filled by ascending index, so the map ascends too. */
export function byIndex(table: NameTable): NameMap {
  const out = new Map<number, string>();
  for (const [name, idx] of table) out.set(idx, name);
  return out;
}

function writeMap(out: ByteWriter, map: NameMap): ByteWriter {
  out.u32(map.size);
  for (const [idx, name] of map) {
    out.u32(idx);
    out.name(name);
  }
  return out;
}
