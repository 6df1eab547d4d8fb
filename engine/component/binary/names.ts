/**
 * The names of a component (Binary.md, Name Section): the custom section `component-name`, by sort and index.
 *
 * Read on the first question. A malformed one is no fault: names up to the malformed place are used.
 */

import { WasmError } from '../../base/errors.ts';
import { ByteReader } from '../../base/reader.ts';
import type { ComponentCustom, ComponentNames, Sort } from '../model.ts';
import { COMPONENT_SORTS, CORE_SORTS } from './codes.ts';

export const NAME_SECTION = 'component-name';

/** The names that the first name section gives. */
export function componentNames(bytes: Uint8Array, customs: readonly ComponentCustom[]): ComponentNames {
  let read: SectionNames | undefined;
  const names = () => (read ??= readNames(bytes, customs));
  return {
    get component() {
      return names().component;
    },
    of: (sort, idx) => names().sorts.get(sort)?.get(idx),
  };
}

interface SectionNames {
  component?: string;
  readonly sorts: Map<Sort, Map<number, string>>;
}

function readNames(bytes: Uint8Array, customs: readonly ComponentCustom[]): SectionNames {
  const names: SectionNames = { sorts: new Map() };
  const section = customs.find(({ name }) => name === NAME_SECTION);
  if (!section) return names;
  try {
    const r = new ByteReader(bytes, section.range.start, section.range.end);
    while (!r.atEnd) readSubsection(r, names);
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
  return names;
}

function readSubsection(outer: ByteReader, names: SectionNames): void {
  const id = outer.u8();
  const size = outer.length();
  const r = new ByteReader(outer.bytes, outer.pos, outer.pos + size);
  outer.skip(size);
  if (id === 0) names.component = r.name();
  if (id !== 1) return;
  const sort = readSort(r);
  if (sort === undefined) return;
  const map = names.sorts.get(sort) ?? new Map<number, string>();
  names.sorts.set(sort, map);
  for (let n = r.count(); n > 0; n--) map.set(r.u32(), r.name());
}

function readSort(r: ByteReader): Sort | undefined {
  const byte = r.u8();
  if (byte !== 0) return COMPONENT_SORTS.get(byte);
  const core = CORE_SORTS.get(r.u8());
  return core && `core ${core}`;
}
