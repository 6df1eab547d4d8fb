/**
 * The NameMap of a decoded module: the name section (spec appendix A.5 and its extensions), exports, imports.
 *
 * Nothing is read before the first question, and then only the subsection that is asked for. The name section is
 * a custom section: a malformed one is no fault of the module. Names up to the malformed place of each subsection are
 * used, the rest is not there.
 */

import { WasmError } from '../base/errors.ts';
import { ByteReader } from '../base/reader.ts';
import { utf8Fault } from '../base/utf8.ts';
import type { ByteRange, Module } from './module.ts';
import type { NameMap, NameSpace } from './names.ts';

/** What names are made of. */
export type NameSource = Pick<Module, 'bytes' | 'customs' | 'exports' | 'imports'>;

/** Subsection ids of the name section. */
export const NAME_SUBSECTION = {
  module: 0,
  func: 1,
  local: 2,
  label: 3,
  type: 4,
  table: 5,
  memory: 6,
  global: 7,
  elem: 8,
  data: 9,
  field: 10,
  tag: 11,
} as const;

type Subsection = keyof typeof NAME_SUBSECTION;

/** The names of a module; `source` is referred to, and read on demand. */
export function nameMap(source: NameSource): NameMap {
  return new ModuleNames(source);
}

type Names = ReadonlyMap<number, string>;

/**
 * The names of one subsection, by their places: 40,000 names of C++ are 5 MB, and few of them are ever asked for. A name is read
 * anew each time.
 */
class GivenNames {
  private readonly bytes: Uint8Array;
  /** Where the length in front of each name begins, by index. */
  private readonly places = new Map<number, number>();

  constructor(r: ByteReader) {
    this.bytes = r.bytes;
    if (r.atEnd) return;
    tolerate(() => {
      for (let n = r.u32(); n > 0; n--) {
        const idx = r.u32();
        const place = r.pos;
        const length = r.length();
        if (utf8Fault(r.bytes, r.pos, r.pos + length) >= 0) return;
        r.skip(length);
        this.places.set(idx, place);
      }
    });
  }

  get(idx: number): string | undefined {
    const place = this.places.get(idx);
    return place === undefined ? undefined : new ByteReader(this.bytes, place).name();
  }

  *[Symbol.iterator](): Iterator<readonly [number, string]> {
    for (const idx of this.places.keys()) yield [idx, this.get(idx)!];
  }
}

class ModuleNames implements NameMap {
  private readonly source: NameSource;
  private subsections: ReadonlyMap<number, ByteRange> | undefined;
  private moduleName: string | undefined;
  private readonly flat = new Map<Subsection, GivenNames>();
  private readonly nested = new Map<Subsection, ReadonlyMap<number, Names>>();
  private readonly exported = new Map<NameSpace, Names>();
  private readonly imported = new Map<NameSpace, Names>();
  private readonly reverse = new Map<NameSpace, ReadonlyMap<string, readonly number[]>>();

  constructor(source: NameSource) {
    this.source = source;
  }

  get module(): string | undefined {
    const range = this.ranges().get(NAME_SUBSECTION.module);
    if (range && this.moduleName === undefined) {
      const r = this.reader(range);
      tolerate(() => {
        this.moduleName = r.name();
      });
    }
    return this.moduleName;
  }

  given(space: NameSpace, idx: number): string | undefined {
    return this.givenIn(space).get(idx);
  }

  of(space: NameSpace, idx: number): string | undefined {
    return this.givenIn(space).get(idx) ?? this.exportedIn(space).get(idx) ?? this.importedIn(space).get(idx);
  }

  local(funcIdx: number, localIdx: number): string | undefined {
    return this.nestedIn('local').get(funcIdx)?.get(localIdx);
  }

  label(funcIdx: number, labelIdx: number): string | undefined {
    return this.nestedIn('label').get(funcIdx)?.get(labelIdx);
  }

  field(typeIdx: number, fieldIdx: number): string | undefined {
    return this.nestedIn('field').get(typeIdx)?.get(fieldIdx);
  }

  find(space: NameSpace, name: string): readonly number[] {
    let reverse = this.reverse.get(space);
    if (!reverse) this.reverse.set(space, (reverse = this.reversed(space)));
    return reverse.get(name) ?? [];
  }

  private givenIn(space: NameSpace): GivenNames {
    let names = this.flat.get(space);
    if (!names) this.flat.set(space, (names = new GivenNames(this.subsection(space))));
    return names;
  }

  private nestedIn(what: 'local' | 'label' | 'field'): ReadonlyMap<number, Names> {
    let maps = this.nested.get(what);
    if (!maps) {
      const r = this.subsection(what);
      this.nested.set(what, (maps = readNestedNames(r)));
    }
    return maps;
  }

  private exportedIn(space: NameSpace): Names {
    let names = this.exported.get(space);
    if (!names) {
      const first = new Map<number, string>();
      for (const { kind, idx, name } of this.source.exports) {
        if (kind === space && !first.has(idx)) first.set(idx, name);
      }
      this.exported.set(space, (names = first));
    }
    return names;
  }

  private importedIn(space: NameSpace): Names {
    let names = this.imported.get(space);
    if (!names) {
      const all = new Map<number, string>();
      for (const { kind, idx, module, name } of this.source.imports) {
        if (kind === space) all.set(idx, `${module}.${name}`);
      }
      this.imported.set(space, (names = all));
    }
    return names;
  }

  /** Every name that leads to an index: given, all exports, and imports both with and without their module. */
  private reversed(space: NameSpace): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, number[]>();
    const add = (name: string, idx: number) => {
      const list = found.get(name);
      if (!list) found.set(name, [idx]);
      else if (!list.includes(idx)) list.push(idx);
    };
    for (const [idx, name] of this.givenIn(space)) add(name, idx);
    for (const { kind, idx, name } of this.source.exports) if (kind === space) add(name, idx);
    for (const { kind, idx, module, name } of this.source.imports) {
      if (kind !== space) continue;
      add(name, idx);
      add(`${module}.${name}`, idx);
    }
    return found;
  }

  private reader({ start, end }: ByteRange): ByteReader {
    return new ByteReader(this.source.bytes, start, end);
  }

  private subsection(what: Subsection): ByteReader {
    return this.reader(this.ranges().get(NAME_SUBSECTION[what]) ?? { start: 0, end: 0 });
  }

  /** Where each subsection's content is; of two with one id, the first. */
  private ranges(): ReadonlyMap<number, ByteRange> {
    if (this.subsections) return this.subsections;
    const ranges = new Map<number, ByteRange>();
    const section = this.source.customs.find(({ name }) => name === 'name');
    if (section) {
      const r = this.reader(section.range);
      tolerate(() => {
        while (!r.atEnd) {
          const id = r.u8();
          const size = r.u32();
          const range = { start: r.pos, end: Math.min(r.pos + size, r.end) };
          if (!ranges.has(id)) ranges.set(id, range);
          r.pos = range.end;
        }
      });
    }
    this.subsections = ranges;
    return ranges;
  }
}

function readNestedNames(r: ByteReader): ReadonlyMap<number, Names> {
  const maps = new Map<number, Names>();
  if (r.atEnd) return maps;
  tolerate(() => {
    for (let n = r.u32(); n > 0; n--) {
      const names = new Map<number, string>();
      maps.set(r.u32(), names);
      readNamesInto(r, names);
    }
  });
  return maps;
}

function readNamesInto(r: ByteReader, names: Map<number, string>): void {
  for (let n = r.u32(); n > 0; n--) {
    const idx = r.u32();
    names.set(idx, r.name());
  }
}

/** Runs a reader that may meet malformed bytes; what it read before them stays. */
function tolerate(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
}
