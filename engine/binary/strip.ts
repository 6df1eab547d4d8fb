/**
 * A binary without some of its custom sections; all else stays as it is, byte for byte. In components the modules and
 * components in it are stripped too.
 *
 * Sections are framed by id and size; what is in them is not looked at.
 */

import { malformed } from '../base/errors.ts';
import { ByteReader } from '../base/reader.ts';
import { ByteWriter } from '../base/writer.ts';
import { isComponent } from './decode.ts';
import { COMPONENT_FILES, HEADER, SECTION } from './sections.ts';

/** What a strip took away. */
export interface Stripped {
  readonly bytes: Uint8Array;
  /** Names of the sections that are gone, in the order of the file. */
  readonly removed: readonly string[];
}

/** Throws a malformed WasmError if the bytes are no module or component, or a section reaches over the end. */
export function strip(bytes: Uint8Array, isUnwanted: (name: string) => boolean): Stripped {
  const removed: string[] = [];
  return { bytes: stripFile(bytes, 0, bytes.length, isUnwanted, removed), removed };
}

function stripFile(
  bytes: Uint8Array,
  start: number,
  end: number,
  isUnwanted: (name: string) => boolean,
  removed: string[],
): Uint8Array {
  const r = new ByteReader(bytes, start, end);
  const own = r.take(8);
  const component = isComponent(own);
  if (!component && HEADER.some((byte, i) => byte !== own[i])) {
    const isMagic = HEADER.slice(0, 4).every((byte, i) => byte === own[i]);
    if (!isMagic) malformed(start, 'magic header not detected');
    malformed(start + 4, 'unknown binary version');
  }
  const out = new ByteWriter();
  out.bytes(own);
  while (!r.atEnd) {
    const at = r.pos;
    const id = r.u8();
    const size = r.length();
    const content = r.pos;
    r.skip(size);
    if (id === SECTION.custom) {
      const name = new ByteReader(bytes, content, r.pos).name();
      if (isUnwanted(name)) {
        removed.push(name);
        continue;
      }
    } else if (component && COMPONENT_FILES.has(id)) {
      const inner = stripFile(bytes, content, r.pos, isUnwanted, removed);
      // What has not changed keeps its size as it was written.
      if (inner.length < size) {
        out.u8(id);
        out.u32(inner.length);
        out.bytes(inner);
        continue;
      }
    }
    out.bytes(bytes.subarray(at, r.pos));
  }
  return out.toBytes();
}
