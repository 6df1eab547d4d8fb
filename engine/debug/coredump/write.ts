/**
 * Writes core dumps (format.ts) of a program that stands still: every thread's frames with locals and operands, and the
 * memories and globals of the instances.
 *
 * Long runs of zeros are left out of the data. Frames of host functions have no place in the format and are left out, too.
 */

import { usage } from '../../base/errors.ts';
import { ByteWriter } from '../../base/writer.ts';
import { writeMemoryType } from '../../binary/types.ts';
import type { Frame, WasmFrame } from '../../exec/frame.ts';
import { Op } from '../../isa/op.gen.ts';
import { F32, F64, HEAP, heapOf, I32, I64, isRef, V128, type ValType } from '../../isa/types.ts';
import type { Module } from '../../module/module.ts';
import type { GlobalInst } from '../../runtime/global.ts';
import type { MemInst } from '../../runtime/memory.ts';
import type { ModuleInst } from '../../runtime/module-inst.ts';
import { isRefValue, type Value } from '../../runtime/values.ts';
import {
  CORE,
  CORE_INSTANCES,
  CORE_MODULES,
  CORE_STACK,
  type CoreTrap,
  fingerprint,
  MISSING,
  OWN_MODULES,
  OWN_TRAP,
} from './format.ts';

/** What is to be dumped. */
export interface Dumped {
  readonly name: string;
  readonly modules: readonly { readonly module: Module; readonly name: string }[];
  readonly instances: readonly ModuleInst[];
  readonly threads: readonly { readonly name: string; readonly frames: readonly Frame[] }[];
  readonly trap?: CoreTrap;
}

/** More is not written: nobody could open it. */
const MOST_BYTES = 2 ** 30;
/** Zeros are left out in blocks of this many bytes; of more, where there would be too many pieces. */
const BLOCK = 4096;
const MOST_PARTS = 50_000;

/** The types of numbers in frames (Coredump.md, "Thread(s) and stack frames"). */
const TAGS: ReadonlyMap<ValType, number> = new Map([
  [I32, 0x7f],
  [I64, 0x7e],
  [F32, 0x7d],
  [F64, 0x7c],
]);

/** The bytes of a core dump. Throws a usage fault when it would be too large. */
export function writeCoreDump({ name, modules, instances, threads, trap }: Dumped): Uint8Array {
  const memories = [...new Set(instances.flatMap(({ mems }) => mems))];
  const globals = [...new Set(instances.flatMap((inst) => inst.globals))];
  const parts = memories.map(partsOf);
  const total = parts.flat().reduce((sum, { length }) => sum + length, 0);
  if (total > MOST_BYTES) usage(`the memories have ${total} bytes of data: a core dump takes ${MOST_BYTES}`);
  const out = new ByteWriter(total + (1 << 16));
  out.bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  custom(out, CORE, () => {
    out.u8(0);
    out.name(name);
  });
  if (memories.length > 0)
    section(out, 5, memories.length, () => memories.forEach((memory) => void writeMemory(out, memory)));
  if (globals.length > 0)
    section(out, 6, globals.length, () => globals.forEach((global) => void writeGlobal(out, global)));
  const pieces = parts.flatMap((list, memory) => list.map((part) => ({ ...part, memory })));
  if (pieces.length > 0) {
    section(out, 11, pieces.length, () => {
      for (const { memory, at, length } of pieces) writeData(out, memories[memory], memory, at, length);
    });
  }
  custom(out, CORE_MODULES, () => {
    out.u32(modules.length);
    for (const module of modules) {
      out.u8(0);
      out.name(module.name);
    }
  });
  custom(out, OWN_MODULES, () => {
    out.u32(modules.length);
    for (const { module } of modules) {
      const { length, hash } = fingerprint(module.bytes);
      out.u32(length);
      out.u32(hash);
    }
  });
  custom(out, CORE_INSTANCES, () => {
    out.u32(instances.length);
    for (const inst of instances) {
      out.u8(0);
      out.u32(modules.findIndex(({ module }) => module === inst.module));
      list(
        out,
        inst.mems.map((memory) => memories.indexOf(memory)),
      );
      list(
        out,
        inst.globals.map((global) => globals.indexOf(global)),
      );
    }
  });
  for (const thread of threads) custom(out, CORE_STACK, () => writeThread(out, thread, instances));
  if (trap) {
    custom(out, OWN_TRAP, () => {
      out.u32(trap.thread);
      out.name(trap.message);
    });
  }
  return out.toBytes();
}

function writeThread(
  out: ByteWriter,
  { name, frames }: Dumped['threads'][number],
  instances: readonly ModuleInst[],
): void {
  const shown = frames.filter(
    (frame): frame is WasmFrame => frame.kind === 'wasm' && instances.includes(frame.func.inst!),
  );
  out.u8(0);
  out.name(name);
  out.u32(shown.length);
  for (const frame of shown) {
    const { inst, idx } = frame.func;
    out.u8(0);
    out.u32(instances.indexOf(inst!));
    out.u32(idx);
    out.u32(frame.offset - inst!.module.funcs[idx].body!.range.start);
    out.u32(frame.localTypes.length);
    for (let i = 0; i < frame.localTypes.length; i++) {
      writeValue(out, frame.missing?.locals.has(i) ? undefined : frame.local(i));
    }
    out.u32(frame.operandCount);
    for (let i = 0; i < frame.operandCount; i++) {
      writeValue(out, frame.missing?.operands.has(i) ? undefined : frame.operand(i));
    }
  }
}

/** What nobody knows, and what has no form in the format, is missing. */
function writeValue(out: ByteWriter, value: Value | undefined): void {
  const tag = value && TAGS.get(value.type);
  if (!value || tag === undefined || isRefValue(value)) {
    out.u8(MISSING);
    return;
  }
  out.u8(tag);
  writeNumber(out, value.type, value.bits);
}

function writeNumber(out: ByteWriter, type: ValType, bits: bigint): void {
  if (type === I32) out.s32(Number(BigInt.asIntN(32, bits)));
  else if (type === I64) out.s64(BigInt.asIntN(64, bits));
  else littleEndian(out, bits, type === F32 ? 4 : type === F64 ? 8 : 16);
}

function littleEndian(out: ByteWriter, bits: bigint, count: number): void {
  for (let i = 0; i < count; i++) out.u8(Number((bits >> BigInt(8 * i)) & 0xffn));
}

function writeMemory(out: ByteWriter, memory: MemInst): void {
  const { type, pages } = memory;
  writeMemoryType(out, { ...type, limits: { ...type.limits, min: pages } });
}

/** As an immutable global with a constant. What a reference refers to is not in the dump. */
function writeGlobal(out: ByteWriter, { value, type: { type } }: GlobalInst): void {
  if (isRefValue(value) || isRef(type)) {
    const heap = topOf(type);
    out.bytes([heap, 0, Op.ref_null, heap, Op.end]);
    return;
  }
  const [code, ...more] = CONSTANTS.get(type)!;
  out.bytes([TAGS.get(type) ?? 0x7b, 0, code, ...more]);
  writeNumber(out, type, value.bits);
  out.u8(Op.end);
}

const CONSTANTS: ReadonlyMap<ValType, readonly number[]> = new Map([
  [I32, [Op.i32_const]],
  [I64, [Op.i64_const]],
  [F32, [Op.f32_const]],
  [F64, [Op.f64_const]],
  // v128.const is 0xfd 12.
  [V128, [0xfd, 0x0c]],
]);

/** The abstract type that holds references of a type. */
function topOf(type: ValType): number {
  const heap = heapOf(type);
  if (heap === HEAP.func || heap === HEAP.nofunc) return HEAP.func;
  if (heap === HEAP.extern || heap === HEAP.noextern) return HEAP.extern;
  return heap === HEAP.exn || heap === HEAP.noexn ? HEAP.exn : HEAP.any;
}

function writeData(out: ByteWriter, memory: MemInst, idx: number, at: number, length: number): void {
  if (idx === 0) out.u8(0);
  else {
    out.u8(2);
    out.u32(idx);
  }
  out.u8(memory.type.is64 ? Op.i64_const : Op.i32_const);
  if (memory.type.is64) out.s64(BigInt(at));
  else out.s32(at | 0);
  out.u8(Op.end);
  out.sized(memory.bytes.subarray(at, at + length));
}

/** What of a memory is not zero, in blocks. */
function partsOf(memory: MemInst): { at: number; length: number }[] {
  memory.refresh();
  const { bytes } = memory;
  for (let block = BLOCK; ; block *= 4) {
    const parts: { at: number; length: number }[] = [];
    for (let at = 0; at < bytes.length; at += block) {
      const end = Math.min(at + block, bytes.length);
      if (isZero(bytes, at, end)) continue;
      const last = parts.at(-1);
      if (last && last.at + last.length === at) last.length += end - at;
      else parts.push({ at, length: end - at });
    }
    if (parts.length <= MOST_PARTS) return parts;
  }
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}

function list(out: ByteWriter, items: readonly number[]): void {
  out.u32(items.length);
  for (const item of items) out.u32(item);
}

function section(out: ByteWriter, id: number, count: number, content: () => void): void {
  out.u8(id);
  const mark = out.begin();
  out.u32(count);
  content();
  out.endFixed(mark);
}

function custom(out: ByteWriter, name: string, content: () => void): void {
  out.u8(0);
  const mark = out.begin();
  out.name(name);
  content();
  out.endFixed(mark);
}
