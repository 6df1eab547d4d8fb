/**
 * A module with the bodies of some of its functions only: the others are `unreachable`, with the same type, locals and
 * index. So the text of a module of 30 MB can be made and read in parts, none of them larger than a string may be.
 *
 * Everything else is copied. The contents of data segments may be left out, which makes parts behind the first small.
 */

import { ByteWriter } from '../../engine/base/writer.ts';
import * as write from '../../engine/binary/encode.ts';
import { SECTION } from '../../engine/binary/sections.ts';
import type { ByteRange, Module } from '../../engine/module/module.ts';

export interface Part {
  readonly keeps: (funcIdx: number) => boolean;
  /** Whether data segments keep their bytes and custom sections stay; the name section always does. */
  readonly whole: boolean;
}

/** The bytes of the module with these parts of it. */
export function reduced(module: Module, { keeps, whole }: Part): Uint8Array {
  const w = new ByteWriter(1 << 16);
  const copy = ({ start, end }: ByteRange) => module.bytes.subarray(start, end);
  write.writeHeader(w);
  let custom = 0;
  for (const { id, range } of module.sections) {
    if (id === SECTION.custom) {
      const { name, range } = module.customs[custom++];
      if (whole || name === 'name') write.writeCustom(w, name, copy(range));
    } else if (id === SECTION.code) {
      write.writeCode(w, bodies(module, keeps));
    } else if (id === SECTION.data && !whole) {
      const empty = new Uint8Array();
      const entries = module.datas.map(({ mode, memIdx, at }) =>
        written((out) => write.writeData(out, mode, memIdx, at && copy(at), empty)),
      );
      write.writeEntries(w, id, entries);
    } else write.writeSection(w, id, copy(range));
  }
  return w.toBytes();
}

const UNREACHABLE = [0x00, 0x0b];

function bodies({ bytes, funcs }: Module, keeps: (funcIdx: number) => boolean): Uint8Array[] {
  const out: Uint8Array[] = [];
  funcs.forEach(({ body }, idx) => {
    if (!body) return;
    const { range, codeStart } = body;
    const isKept = keeps(idx);
    const locals = bytes.subarray(range.start, codeStart);
    out.push(isKept ? bytes.subarray(range.start, range.end) : Uint8Array.from([...locals, ...UNREACHABLE]));
  });
  return out;
}

function written(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter();
  write(out);
  return out.toBytes();
}
