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
  locals: ReadonlyMap<number, NameTable>,
  labels: ReadonlyMap<number, NameMap>,
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
  const inner = annotations?.inner;
  addIndirect(parts, LOCALS, inverted(locals), inner?.get(Sp.Local));
  addIndirect(parts, LABELS, labels, inner?.get(Sp.Label));
  addIndirect(parts, FIELDS, inverted(names.fields), inner?.get(Sp.Field));
  const out = new ByteWriter();
  for (const id of [...parts.keys()].sort((a, b) => a - b)) {
    out.u8(id);
    out.sized(parts.get(id)!.view());
  }
  return out.toBytes();
}

function addIndirect(
  parts: Map<number, ByteWriter>,
  id: number,
  maps: ReadonlyMap<number, NameMap>,
  annotated: ReadonlyMap<number, NameMap> | undefined,
): void {
  const all = new Map(maps);
  for (const [idx, map] of annotated ?? []) all.set(idx, overridden(all.get(idx) ?? new Map(), map));
  const entries = [...all].filter(([, map]) => map.size > 0).sort(([a], [b]) => a - b);
  if (entries.length === 0) return;
  const part = new ByteWriter();
  part.u32(entries.length);
  for (const [idx, map] of entries) {
    part.u32(idx);
    writeMap(part, map);
  }
  parts.set(id, part);
}

/** `(@name …)` goes before an identifier. Ascending by index again. */
function overridden(map: NameMap, annotated: NameMap | undefined): NameMap {
  if (!annotated) return map;
  return new Map([...new Map([...map, ...annotated])].sort(([a], [b]) => a - b));
}

function inverted(tables: ReadonlyMap<number, NameTable>): Map<number, NameMap> {
  return new Map([...tables].map(([idx, table]) => [idx, byIndex(table)]));
}

/** Tables are filled by ascending index, so the map ascends too. */
function byIndex(table: NameTable): NameMap {
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
