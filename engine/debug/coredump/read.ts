/**
 * Reads core dumps, ours and those of others (format.ts). Malformed ones are refused with the offset.
 */

import { malformed } from '../../base/errors.ts';
import { ByteReader } from '../../base/reader.ts';
import { decode } from '../../binary/decode.ts';
import { InstrReader } from '../../binary/instr.ts';
import { Op } from '../../isa/op.gen.ts';
import { F32, F64, I32, I64, V128 } from '../../isa/types.ts';
import type { ByteRange, CustomSection, Module } from '../../module/module.ts';
import type { Value } from '../../runtime/values.ts';
import {
  CORE,
  CORE_INSTANCES,
  CORE_MODULES,
  CORE_STACK,
  type CoreDump,
  type CoreFrame,
  type CoreInstance,
  type CoreModule,
  type CoreThread,
  type Fingerprint,
  MISSING,
  OWN_MODULES,
  OWN_TRAP,
} from './format.ts';

/** Whether bytes are a core dump: a module with a custom section `core`. Says no for what cannot be read. */
export function isCoreDump(bytes: Uint8Array): boolean {
  try {
    const reader = new ByteReader(bytes);
    if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[4] !== 1) return false;
    reader.pos = 8;
    while (!reader.atEnd) {
      const id = reader.u8();
      const size = reader.u32();
      const end = reader.pos + size;
      if (id === 0 && reader.name() === CORE && bytes[reader.pos] === 0) return true;
      reader.pos = end;
    }
  } catch {
    // Not even sections.
  }
  return false;
}

/** Throws a malformed WasmError. */
export function readCoreDump(bytes: Uint8Array): CoreDump {
  const module = decode(bytes);
  const of = (name: string): CustomSection[] => module.customs.filter((custom) => custom.name === name);
  const one = <T>(name: string, read: (r: ByteReader) => T, otherwise: T): T => {
    const [first] = of(name);
    return first ? whole(bytes, first.range, read) : otherwise;
  };
  const name = one(CORE, named, '');
  const prints = one(OWN_MODULES, (r) => many(r, readPrint), []);
  const modules = one(CORE_MODULES, (r) => many(r, named), []).map(
    (its, i): CoreModule => ({ name: its, print: prints[i] }),
  );
  const instances = one(CORE_INSTANCES, (r) => many(r, readInstance), []);
  const isOld = modules.length === 0 && instances.length === 0;
  // Before there were modules and instances in the format, everything was of one.
  const only = { module: 0, memories: indices(module.memories), globals: indices(module.globals) };
  return {
    name,
    modules: isOld ? [{ name }] : modules,
    instances: isOld ? [only] : instances,
    threads: of(CORE_STACK).map(({ range }) => whole(bytes, range, readThread)),
    memories: module.memories.map(({ type }, idx) => ({ type, parts: partsOf(module, idx) })),
    globals: module.globals.map(({ init }) => init && constant(module, init)),
    trap: one(OWN_TRAP, (r) => ({ thread: r.u32(), message: r.name() }), undefined),
  };
}

function indices(list: readonly unknown[]): number[] {
  return list.map((_, i) => i);
}

function whole<T>(bytes: Uint8Array, { start, end }: ByteRange, read: (r: ByteReader) => T): T {
  const reader = new ByteReader(bytes, start, end);
  const result = read(reader);
  if (!reader.atEnd) malformed(reader.pos, 'section size mismatch');
  return result;
}

function many<T>(r: ByteReader, read: (r: ByteReader) => T): T[] {
  return Array.from({ length: r.count() }, () => read(r));
}

/** Every entry begins with a zero. */
function zero(r: ByteReader): void {
  const at = r.pos;
  const byte = r.u8();
  if (byte !== 0) malformed(at, `unexpected byte 0x${byte.toString(16)} in a core dump: 0x00 expected`);
}

function named(r: ByteReader): string {
  zero(r);
  return r.name();
}

function readPrint(r: ByteReader): Fingerprint {
  return { length: r.u32(), hash: r.u32() };
}

function readInstance(r: ByteReader): CoreInstance {
  zero(r);
  return { module: r.u32(), memories: many(r, (it) => it.u32()), globals: many(r, (it) => it.u32()) };
}

function readThread(r: ByteReader): CoreThread {
  const name = named(r);
  return { name, frames: many(r, readFrame) };
}

function readFrame(r: ByteReader): CoreFrame {
  zero(r);
  const [instance, func, offset] = [r.u32(), r.u32(), r.u32()];
  return { instance, func, offset, locals: many(r, readValue), stack: many(r, readValue) };
}

function readValue(r: ByteReader): Value | undefined {
  const at = r.pos;
  const tag = r.u8();
  switch (tag) {
    case MISSING:
      return undefined;
    case 0x7f:
      return { type: I32, bits: BigInt.asUintN(32, BigInt(r.s32())) };
    case 0x7e:
      return { type: I64, bits: BigInt.asUintN(64, r.s64()) };
    case 0x7d:
      return { type: F32, bits: littleEndian(r.take(4)) };
    case 0x7c:
      return { type: F64, bits: littleEndian(r.take(8)) };
    default:
      return malformed(at, `unknown kind of value 0x${tag.toString(16)} in a core dump`);
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

function partsOf(module: Module, memory: number): { at: number; bytes: Uint8Array }[] {
  return module.datas.flatMap((segment) => {
    if (segment.mode !== 'active' || segment.memIdx !== memory || !segment.at) return [];
    const at = constant(module, segment.at);
    if (!at || !('bits' in at)) return [];
    return [{ at: Number(at.bits), bytes: module.bytes.subarray(segment.bytes.start, segment.bytes.end) }];
  });
}

/** The number that an expression gives; undefined for a reference. */
function constant({ bytes }: Module, { start, end }: ByteRange): Value | undefined {
  const reader = new InstrReader(bytes);
  reader.startExpr(start, end);
  if (!reader.next()) return undefined;
  const long = (): bigint => (BigInt(reader.hi >>> 0) << 32n) | BigInt(reader.lo >>> 0);
  switch (reader.code) {
    case Op.i32_const:
      return { type: I32, bits: BigInt(reader.lo >>> 0) };
    case Op.i64_const:
      return { type: I64, bits: long() };
    case Op.f32_const:
      return { type: F32, bits: BigInt(reader.lo >>> 0) };
    case Op.f64_const:
      return { type: F64, bits: long() };
    case Op.v128_const:
      return { type: V128, bits: littleEndian(reader.lanes) };
    default:
      return undefined;
  }
}
