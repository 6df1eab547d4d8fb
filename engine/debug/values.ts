/**
 * Values for people, and back: how the debugger shows a value, and what a user may type for one.
 *
 * Integers stand in decimal with their bits beside, floats exactly with NaN payloads, as the text format writes them.
 * Typed values are the text format's literals. Knows no frames and no expressions.
 */

import { usage } from '../base/errors.ts';
import { parseFloat32, parseFloat64, parseInt32, parseInt64 } from '../base/numbers.ts';
import {
  F32,
  F64,
  FUNCREF,
  HEAP,
  heapOf,
  I32,
  I64,
  isNullable,
  isRef,
  typeName,
  V128,
  type ValType,
} from '../isa/types.ts';
import type { Module } from '../module/module.ts';
import { FuncInst } from '../runtime/func.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { formatValue, isRefValue, type Ref, type Value } from '../runtime/values.ts';

/** `-1 (0xffffffff, unsigned 4294967295)`, `89 (0x59)`, `1.5`, `nan:0x200001`, `func[3] $add`, `null`. */
export function showValue(value: Value, rename?: Rename): string {
  if (isRefValue(value)) return showRef(value.ref, value.type, rename);
  const text = formatValue(value);
  if (value.type !== I32 && value.type !== I64) return text;
  const hex = `0x${value.bits.toString(16)}`;
  const negative = text.startsWith('-');
  return negative ? `${text} (${hex}, unsigned ${value.bits})` : `${text} (${hex})`;
}

/** What a name of the module becomes before people see it. */
export type Rename = (name: string) => string;

const asItIs: Rename = (name) => name;

/** A reference: a function by its index and its name. */
export function showRef(ref: Ref, type: ValType = FUNCREF, rename?: Rename): string {
  const text = formatValue({ type, ref });
  if (!(ref instanceof FuncInst) || !ref.inst) return text;
  const name = funcName(ref, rename);
  return name === text ? text : `${text} ${name}`;
}

/**
 * A function's name in frames and lists: `$fib` as it was given, `fib` by its export, else `func[3]`. A given name that
 * `rename` makes readable stands without the `$`: `core::fmt::write`.
 */
export function funcName(func: FuncInst, rename?: Rename): string {
  if (!func.inst) return func.host?.name ?? 'host function';
  return funcNameIn(func.inst.module, func.idx, rename);
}

/** The same for a function of a module that is not instantiated. */
export function funcNameIn({ names }: Module, idx: number, rename = asItIs): string {
  const given = names.given('func', idx);
  if (given === undefined) return names.of('func', idx) ?? `func[${idx}]`;
  const readable = rename(given);
  return readable === given ? `$${given}` : readable;
}

/**
 * A literal of the text format as a value of `type`: `-1`, `0xff`, `1_000`, `nan:0x4`, `inf`, `i32x4 1 2 3 4`; `null` or
 * `ref.null` for a reference, and of the functions of `inst` also `func[3]` and `$name`. Numbers from JSON come as
 * numbers. Throws a usage fault; `what` names the value in its message. Whether a reference is of the type is for
 * the caller to check.
 */
export function parseTyped(
  given: string | number,
  type: ValType,
  what: string,
  inst?: Pick<ModuleInst, 'funcs' | 'module'>,
): Value {
  const text = typeof given === 'number' ? numberText(given) : given.trim();
  if (isRef(type)) {
    if (/^(?:\(\s*)?(?:ref\.)?null\b[^)]*\)?$/.test(text) && isNullable(type)) return { type, ref: null };
    const func = inst && funcMeant(inst, text);
    if (func) return { type, ref: func };
    if (heapOf(type) === HEAP.extern) return { type, ref: given };
    const forms = [...(isNullable(type) ? ['null'] : []), ...(inst ? ['func[3]', '$name'] : [])].join(', ');
    return usage(`${what}: expected ${typeName(type)} (${forms}), found ${JSON.stringify(given)}`);
  }
  const bits = parseBits(asTyped(text, type), type);
  if (typeof bits === 'bigint') return { type, bits };
  return usage(`${what}: expected ${expectation(type)}, found ${JSON.stringify(given)}: ${bits.error}`);
}

/** What is shown for a number can be typed for one: without the type before it and the other forms behind it. */
function asTyped(text: string, type: ValType): string {
  const shown = new RegExp(`^(?:${typeName(type)}\\s+)?(.*?)(?:\\s+\\(0x[^()]*\\))?$`, 's').exec(text);
  return shown?.[1] ?? text;
}

function parseBits(text: string, type: ValType): bigint | { error: string } {
  switch (type) {
    case I32: {
      const parsed = parseInt32(text);
      return parsed.ok ? BigInt(parsed.value >>> 0) : { error: parsed.error };
    }
    case I64: {
      const parsed = parseInt64(text);
      return parsed.ok ? BigInt.asUintN(64, parsed.value) : { error: parsed.error };
    }
    case F32: {
      const parsed = parseFloat32(text);
      return parsed.ok ? BigInt(parsed.value >>> 0) : { error: parsed.error };
    }
    case F64: {
      const parsed = parseFloat64(text);
      if (!parsed.ok) return { error: parsed.error };
      return (BigInt(parsed.value.hi >>> 0) << 32n) | BigInt(parsed.value.lo >>> 0);
    }
    case V128:
      return parseLanes(text);
    default:
      return { error: `a ${typeName(type)} cannot be written as one literal` };
  }
}

/** `i16x8 1 2 3 …`, or 128 bits as one number. */
function parseLanes(text: string): bigint | { error: string } {
  if (/^0x[0-9a-f]{1,32}$/i.test(text)) return BigInt(text);
  const [shape, ...lanes] = text.split(/[\s,]+/);
  const parts = /^([if])(8|16|32|64)x(2|4|8|16)$/.exec(shape);
  const width = Number(parts?.[2]);
  const count = Number(parts?.[3]);
  if (!parts || width * count !== 128) return { error: 'a shape expected, as in i32x4 1 2 3 4' };
  if (lanes.length !== count) return { error: `${shape} has ${count} lanes, found ${lanes.length}` };
  const type = parts[1] === 'f' ? (width === 32 ? F32 : F64) : I64;
  let bits = 0n;
  for (const [i, lane] of lanes.entries()) {
    const value = parseBits(lane, type);
    if (typeof value !== 'bigint') return { error: `lane ${i}: ${value.error}` };
    const signed = BigInt.asIntN(64, value);
    const fits = parts[1] === 'f' || width === 64 || signed === BigInt.asIntN(width, value);
    if (!fits && signed !== BigInt.asUintN(width, value))
      return { error: `lane ${i}: constant out of range` };
    bits |= BigInt.asUintN(width, value) << BigInt(i * width);
  }
  return bits;
}

/** The function that a user means by `func[3]`, `ref.func 3`, `$name` or `ref.func $name`. */
function funcMeant(
  { funcs, module }: Pick<ModuleInst, 'funcs' | 'module'>,
  text: string,
): FuncInst | undefined {
  const [, index, name] =
    /^(?:\(\s*)?(?:ref\.func\s+)?(?:func\[)?(?:(\d+)\]?|\$(.+?))\s*\)?$/.exec(text) ?? [];
  if (name !== undefined) return funcs[module.names.find('func', name)[0]];
  return /func/.test(text) && index !== undefined ? funcs[Number(index)] : undefined;
}

const EXPECTED: Readonly<Record<number, string>> = {
  [I32]: 'i32 (a whole number from -2147483648 to 4294967295)',
  [I64]: 'i64 (a whole number from -9223372036854775808 to 18446744073709551615)',
  [F32]: 'f32 (a number, inf or nan)',
  [F64]: 'f64 (a number, inf or nan)',
  [V128]: 'v128 (lanes, as in i32x4 1 2 3 4)',
};

function expectation(type: ValType): string {
  return EXPECTED[type] ?? typeName(type);
}

/** JavaScript writes large and special numbers in ways that the text format does not have. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0';
  return Number.isInteger(value) ? String(BigInt(value)) : String(value);
}
