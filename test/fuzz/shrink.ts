/**
 * Makes a module that fails smaller while it still fails: exports, whole bodies, runs of instructions, operands. Works on
 * bytes and knows no types: what does not validate in the host is not tried. So it serves every source of modules.
 */

import { ByteWriter } from '../../engine/base/writer.ts';
import { decode } from '../../engine/binary/decode.ts';
import { writeEntries, writeExport, writeHeader, writeSection } from '../../engine/binary/encode.ts';
import { InstrReader } from '../../engine/binary/instr.ts';
import { SECTION } from '../../engine/binary/sections.ts';
import type { Export, Module } from '../../engine/module/module.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Parts {
  readonly module: Module;
  readonly exports: readonly Export[];
  /** Local declarations and instructions of each body; the last `end` is not among them. */
  readonly bodies: readonly { readonly locals: Uint8Array; readonly instrs: readonly Uint8Array[] }[];
}

/** What may stand for an operand: zeros, nulls, and what fits everywhere. */
const STAND_INS = [
  [0x41, 0],
  [0x42, 0],
  [0x43, 0, 0, 0, 0],
  [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
  [0xd0, 0x6e],
  [0xd0, 0x70],
  [0xd0, 0x6f],
  [0x00],
].map((bytes) => Uint8Array.from(bytes));

/** Instructions that one stand-in replaces at most. */
const LONGEST = 24;

/** The smallest failing module that was found before `milliseconds` were over. */
export function shrink(bytes: Bytes, fails: (bytes: Bytes) => boolean, milliseconds: number): Bytes {
  const end = performance.now() + milliseconds;
  const isOver = () => performance.now() > end;
  let parts = partsOf(bytes);
  const attempt = (smaller: Parts): boolean => {
    const candidate = join(smaller);
    if (!WebAssembly.validate(candidate) || !fails(candidate)) return false;
    parts = smaller;
    return true;
  };
  for (let size = Number.POSITIVE_INFINITY; ; ) {
    dropEach(parts.exports.length, isOver, (at, n) =>
      attempt({ ...parts, exports: parts.exports.toSpliced(at, n) }),
    );
    for (let k = 0; k < parts.bodies.length; k++) empty(k);
    for (let k = 0; k < parts.bodies.length; k++) shrinkBody(k);
    const now = join(parts).length;
    if (now >= size || isOver()) return join(parts);
    size = now;
  }

  function replace(k: number, instrs: readonly Uint8Array[]): boolean {
    return attempt({ ...parts, bodies: parts.bodies.with(k, { ...parts.bodies[k], instrs }) });
  }

  function empty(k: number): void {
    if (parts.bodies[k].instrs.length > 1 && !isOver()) replace(k, [STAND_INS.at(-1)!]);
  }

  function shrinkBody(k: number): void {
    const put = (instrs: readonly Uint8Array[]) => replace(k, instrs);
    const { length } = parts.bodies[k].instrs;
    dropEach(length, isOver, (at, n) => put(parts.bodies[k].instrs.toSpliced(at, n)));
    for (let n = Math.min(LONGEST, parts.bodies[k].instrs.length); n > 0; n--) {
      for (let at = 0; at + n <= parts.bodies[k].instrs.length; at++) {
        if (isOver()) return;
        if (n === 1 && parts.bodies[k].instrs[at][0] >= 0x41 && parts.bodies[k].instrs[at][0] <= 0x44)
          continue;
        for (const standIn of STAND_INS) if (put(parts.bodies[k].instrs.toSpliced(at, n, standIn))) break;
      }
    }
  }
}

/** Tries to drop runs, long ones first. `drop` says whether it could. */
function dropEach(length: number, isOver: () => boolean, drop: (at: number, n: number) => boolean): void {
  for (let n = length; n > 0; n = n > 8 ? n >> 1 : n - 1) {
    for (let at = 0; at + n <= length && !isOver(); ) {
      if (drop(at, n)) length -= n;
      else at += n > 8 ? n >> 1 : 1;
    }
  }
}

function partsOf(bytes: Bytes): Parts {
  const module = decode(bytes);
  const reader = new InstrReader(bytes, true);
  const bodies = module.funcs.flatMap(({ body }) => {
    if (!body) return [];
    const instrs: Uint8Array[] = [];
    reader.startBody(body.codeStart, body.range.end);
    while (reader.next()) instrs.push(bytes.subarray(reader.offset, reader.pos));
    return [{ locals: bytes.subarray(body.range.start, body.codeStart), instrs: instrs.slice(0, -1) }];
  });
  return { module, exports: module.exports, bodies };
}

function join({ module, exports, bodies }: Parts): Bytes {
  const w = new ByteWriter();
  writeHeader(w);
  for (const { id, range } of module.sections) {
    if (id === SECTION.custom) continue;
    if (id === SECTION.export) {
      const entries = exports.map(({ name, kind, idx }) => written((e) => writeExport(e, name, kind, idx)));
      writeEntries(w, id, entries);
    } else if (id === SECTION.code) {
      writeEntries(
        w,
        id,
        bodies.map(({ locals, instrs }) =>
          written((e) => {
            const body = written((inner) => {
              for (const part of [locals, ...instrs, [0x0b]]) inner.bytes(part);
            });
            e.sized(body);
          }),
        ),
      );
    } else {
      writeSection(w, id, module.bytes.subarray(range.start, range.end));
    }
  }
  return w.toBytes();
}

function written(write: (w: ByteWriter) => void): Uint8Array {
  const w = new ByteWriter();
  write(w);
  return w.toBytes();
}
