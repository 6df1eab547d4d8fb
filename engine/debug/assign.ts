/**
 * Numbers that a user types for places in memory, and whether a value fits a type. Typed and checked before anything
 * is written, so a refused value changes nothing.
 *
 * Knows instances and no frames; which place is meant is inspect.ts's business.
 */

import { usage } from '../base/errors.ts';
import { F32, F64, I32, I64, V128, type ValType } from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import type { MemInst } from '../runtime/memory.ts';
import type { Store } from '../runtime/store.ts';
import { fitsType, isRefValue, type Value } from '../runtime/values.ts';
import { typeText } from './ref-values.ts';
import { parseTyped, showValue } from './values.ts';

/** How many bytes a view of memory writes, and as what its value is read. */
const VIEWS: Readonly<Record<string, readonly [bytes: number, type: ValType]>> = {
  i8: [1, I64],
  u8: [1, I64],
  i16: [2, I64],
  u16: [2, I64],
  i32: [4, I32],
  u32: [4, I32],
  i64: [8, I64],
  u64: [8, I64],
  f32: [4, F32],
  f64: [8, F64],
  v128: [16, V128],
};

/** Writes a number at an address, as `view` (`i32`, `u8`, `f64` …) reads it. Gives how many bytes it has. */
export function writeNumber(memory: MemInst, address: bigint, view: string, text: string): number {
  const [size, type] = VIEWS[view] ?? usage(`unknown type ${view}`);
  const length = memory.bytes.length;
  if (address < 0n || address + BigInt(size) > BigInt(length)) {
    usage(`out of bounds memory access: address ${address} + ${size} bytes, memory is ${length} bytes`);
  }
  const value = parseTyped(text, type, view);
  let bits = isRefValue(value) ? 0n : value.bits;
  if (size < 4) checkNarrow(BigInt.asIntN(64, bits), size, view, text);
  for (let i = 0; i < size; i++, bits >>= 8n) memory.bytes[Number(address) + i] = Number(bits & 0xffn);
  return size;
}

/** Throws a usage fault unless a value is of a type, which is one of `module`. */
export function mustFit({ canon }: Store, module: Module, type: ValType, value: Value, what: string): void {
  if (fitsType(canon, canon.typeOf(module, type), value)) return;
  usage(`${what}: type mismatch: ${typeText(module, type)} expected, found ${showValue(value)}`);
}

/** Either signedness is accepted, as the text format does for i32. */
function checkNarrow(value: bigint, size: number, view: string, text: string): void {
  const width = BigInt(size * 8);
  const [least, most] = [-(1n << (width - 1n)), (1n << width) - 1n];
  if (value >= least && value <= most) return;
  usage(`expected ${view} (a whole number from ${least} to ${most}), found ${JSON.stringify(text)}`);
}
