/**
 * Values (spec 4.2.1): a type and exact bits, or a reference; how they become JavaScript values and text.
 *
 * Bits are unsigned BigInts, so signalling NaNs and all 64 bits survive. This is the slow, exact form of values for
 * the edges (arguments, results, inspection); running code keeps them in slots. Conversions follow the WebAssembly
 * JavaScript API (ToJSValue, ToWebAssemblyValue).
 */

import { usage } from '../base/errors.ts';
import {
  bitsOfF32,
  f32OfBits,
  f64OfHalves,
  halvesOfBigInt,
  halvesOfF64,
  printFloat32,
  printFloat64,
} from '../base/numbers.ts';
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, isRef, typeName, V128, type ValType } from '../isa/types.ts';
import type { TypeCanon } from '../valid/canon.ts';
import type { FuncInst } from './func.ts';
import { refFits } from './heap.ts';
import { refFromJS, refToJS } from './js-ref.ts';
import { formatRef } from './ref-text.ts';

/**
 * A reference: `null` is the null reference of every type; a `FuncInst` for function types; a `StructInst`, an
 * `ArrayInst` or an i31's number (heap.ts); the host's own value, whatever it is, for extern types and `any`.
 */
export type Ref = unknown;

export interface NumValue {
  readonly type: ValType;
  /** Exact bits, unsigned: 32, 64 or 128 of them. */
  readonly bits: bigint;
}

export interface RefValue {
  readonly type: ValType;
  readonly ref: Ref;
}

export type Value = NumValue | RefValue;

export function isRefValue(value: Value): value is RefValue {
  return isRef(value.type);
}

/** An i32 of a number, modulo 2^32. */
export function i32(n: number): NumValue {
  return { type: I32, bits: BigInt(n >>> 0) };
}

/** An i64 of a BigInt, modulo 2^64. */
export function i64(n: bigint): NumValue {
  return { type: I64, bits: BigInt.asUintN(64, n) };
}

/** An f32 of a number, rounded. */
export function f32(n: number): NumValue {
  return { type: F32, bits: BigInt(bitsOfF32(n) >>> 0) };
}

export function f64(n: number): NumValue {
  const { lo, hi } = halvesOfF64(n);
  return { type: F64, bits: (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0) };
}

export function funcRef(func: FuncInst | null): RefValue {
  return { type: FUNCREF, ref: func };
}

export function externRef(value: unknown): RefValue {
  return { type: EXTERNREF, ref: value };
}

/** The default value of a defaultable type (spec 4.2.1): zero, or null. */
export function defaultValue(type: ValType): Value {
  return isRef(type) ? { type, ref: null } : { type, bits: 0n };
}

/** The value as the JS API gives it to JavaScript. A v128 has no such form and throws. */
export function toJS(value: Value): unknown {
  if (isRefValue(value)) return refToJS(value.type, value.ref);
  switch (value.type) {
    case I32:
      return Number(BigInt.asIntN(32, value.bits));
    case I64:
      return BigInt.asIntN(64, value.bits);
    case F32:
      return f32OfBits(Number(value.bits));
    case F64: {
      const { lo, hi } = halvesOfBigInt(value.bits);
      return f64OfHalves(lo, hi);
    }
    default:
      throw new TypeError(`a ${typeName(value.type)} has no JavaScript value`);
  }
}

/**
 * A JavaScript value as a value of `type`, converted as the JS API does it. Throws a TypeError where that does (a
 * number for an i64, a BigInt for an i32, something that is no function of this store for a funcref). A concrete
 * reference type is canonical, and needs the `canon` of its store.
 */
export function fromJS(type: ValType, value: unknown, canon?: TypeCanon): Value {
  switch (type) {
    case I32:
      return i32(Number(notBigInt(value)));
    case I64:
      return i64(toBigInt(value));
    case F32:
      return f32(Number(notBigInt(value)));
    case F64:
      return f64(Number(notBigInt(value)));
    case V128:
      throw new TypeError('a v128 has no JavaScript value');
    default:
      return { type, ref: refFromJS(type, value, canon) };
  }
}

/**
 * The value as people read it: integers in decimal (signed), floats exactly, NaN payloads included; references as
 * `func[3]`, `null`, `(ref $point) {x: 1}`, `i31 5`, or the host's value; a vector as `i32x4` and its lanes.
 */
export function formatValue(value: Value): string {
  if (isRefValue(value)) return formatRef(value.ref, value.type, formatValue);
  switch (value.type) {
    case I32:
      return String(BigInt.asIntN(32, value.bits));
    case I64:
      return String(BigInt.asIntN(64, value.bits));
    case F32:
      return printFloat32(Number(BigInt.asIntN(32, value.bits)));
    case F64: {
      const { lo, hi } = halvesOfBigInt(value.bits);
      return printFloat64(lo, hi);
    }
    default:
      return formatLanes(value.bits, 'i32x4');
  }
}

/** How a v128 is cut into lanes. */
export type LaneShape = 'i8x16' | 'i16x8' | 'i32x4' | 'i64x2' | 'f32x4' | 'f64x2';

const LANE_SHAPES: readonly LaneShape[] = ['i8x16', 'i16x8', 'i32x4', 'i64x2', 'f32x4', 'f64x2'];

/**
 * A v128 by its lanes, lane 0 first, as `v128.const` takes them: `f32x4 1 2 nan -0`. Integers are hexadecimal in
 * full width for i32x4 and signed decimal otherwise.
 */
export function formatLanes(bits: bigint, shape: LaneShape): string {
  return `${shape} ${lanesOf(bits, shape).join(' ')}`;
}

/** The lanes of a v128 as people read them, lane 0 first. */
export function lanesOf(bits: bigint, shape: LaneShape): string[] {
  const count = Number(shape.slice(shape.indexOf('x') + 1));
  const width = 128 / count;
  return Array.from({ length: count }, (_, k) => {
    const lane = BigInt.asUintN(width, bits >> BigInt(k * width));
    if (shape.startsWith('f')) return formatValue({ type: width === 32 ? F32 : F64, bits: lane });
    return shape === 'i32x4' ? hex(lane, 8) : String(BigInt.asIntN(width, lane));
  });
}

/** A v128 in four words of `words` from `at`, the low one first, as exact bits. */
export function readVector(words: Int32Array, at: number): bigint {
  let bits = 0n;
  for (let k = 3; k >= 0; k--) bits = (bits << 32n) | BigInt(words[at + k] >>> 0);
  return bits;
}

/** Writes the 128 bits into four words. */
export function writeVector(words: Int32Array, at: number, bits: bigint): void {
  for (let k = 0; k < 4; k++) words[at + k] = Number(BigInt.asIntN(32, bits >> BigInt(32 * k)));
}

/**
 * More ways to read the same value: an integer in hexadecimal, and unsigned where that differs; the bits of a float;
 * a vector by its other lanes. Empty for references.
 */
export function otherForms(value: Value): string[] {
  if (isRefValue(value)) return [];
  switch (value.type) {
    case I32:
    case I64: {
      const bits = value.type === I32 ? 32 : 64;
      const forms = [hex(value.bits, 0)];
      if (BigInt.asIntN(bits, value.bits) < 0n) forms.push(`${value.bits} unsigned`);
      return forms;
    }
    case F32:
      return [hex(value.bits, 8)];
    case F64:
      return [hex(value.bits, 16)];
    default:
      return LANE_SHAPES.filter((shape) => shape !== 'i32x4').map((shape) => formatLanes(value.bits, shape));
  }
}

function hex(bits: bigint, digits: number): string {
  return `0x${bits.toString(16).padStart(digits, '0')}`;
}

function notBigInt(value: unknown): unknown {
  if (typeof value === 'bigint') throw new TypeError('a BigInt cannot stand for an i32, f32 or f64');
  return value;
}

function toBigInt(value: unknown): bigint {
  if (typeof value === 'number') throw new TypeError('an i64 must be a BigInt');
  return BigInt(value as bigint | boolean | string);
}

/** Throws a usage fault unless `args` fit the canonical `types` in number and type. */
export function checkArgs(types: readonly ValType[], args: readonly Value[], canon: TypeCanon): void {
  if (types.length !== args.length) {
    usage(`wrong number of arguments: ${types.length} wanted, ${args.length} given`);
  }
  types.forEach((type, i) => {
    if (fitsType(canon, type, args[i])) return;
    const given = isRefValue(args[i]) ? formatValue(args[i]) : typeName(args[i].type);
    usage(`argument ${i}: ${typeName(type)} wanted, ${given} given`);
  });
}

/** Is a value of the canonical type `type`? References are looked at, whatever type they come with. */
export function fitsType(canon: TypeCanon, type: ValType, value: Value): boolean {
  if (!isRef(type)) return type === value.type;
  return isRefValue(value) && refFits(canon, type, value.ref);
}
