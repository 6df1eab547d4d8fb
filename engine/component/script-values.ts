/**
 * Values of scripts as values of components: arguments are made, and results held against what a script expects.
 *
 * A script writes values with their types; the function's own types decide, so a value of another kind is a wrong command.
 */

import { bitsOfF32, f32OfBits, f64OfHalves, halvesOfBigInt } from '../base/numbers.ts';
import { Failure } from '../exec/script-values.ts';
import { F32 } from '../isa/types.ts';
import type { ResultPattern, ScriptValue } from '../text/script.ts';
import type { ComponentPattern } from '../text/script-component.ts';
import { casesOf } from './abi.ts';
import { typeText, type ValType } from './types.ts';
import { type CaseValue, type ComponentValue, isBytes } from './values.ts';

/** An argument. Throws a Failure if it is no value of the type. */
export function argumentOf(value: ScriptValue, type: ValType): ComponentValue {
  return expectedValue(value, type);
}

/** Whether a result is the expected one. */
export function resultMatches(value: ComponentValue, pattern: ResultPattern, type: ValType): boolean {
  if (pattern.kind === 'either') return pattern.of.some((one) => resultMatches(value, one, type));
  if (pattern.kind === 'nan') return typeof value === 'number' && Number.isNaN(value);
  return same(value, expectedValue(pattern, type));
}

function expectedValue(pattern: ResultPattern, type: ValType): ComponentValue {
  if (pattern.kind === 'num') return floatOf(pattern.type, pattern.bits, type);
  if (pattern.kind !== 'component') return wrong(pattern.kind, type);
  const { value } = pattern;
  switch (type.kind) {
    case 'prim':
      return primOf(value, type);
    case 'list': {
      if (value.type !== 'list') return wrong(value.type, type);
      const items = value.items.map((item) => expectedValue(item, type.element));
      return isBytes(type) ? Uint8Array.from(items as number[]) : items;
    }
    case 'map':
      if (value.type !== 'list') return wrong(value.type, type);
      return value.items.map((item) => expectedValue(item, { kind: 'tuple', types: [type.key, type.value] }));
    case 'tuple':
      if (value.type !== 'tuple' || value.items.length !== type.types.length) return wrong(value.type, type);
      return value.items.map((item, i) => expectedValue(item, type.types[i]));
    case 'record':
      if (value.type !== 'record') return wrong(value.type, type);
      return type.fields.map((field) => {
        const given = value.fields.find(({ name }) => name === field.label);
        return given ? expectedValue(given.value, field.type) : wrong(`no field ${field.label}`, type);
      });
    case 'flags': {
      if (value.type !== 'flags') return wrong(value.type, type);
      const bits = value.labels.map((label) => 2 ** indexOf(type.labels, label, type));
      return bits.reduce((sum, bit) => sum + bit, 0);
    }
    case 'enum':
      return value.type === 'enum'
        ? { case: indexOf(type.labels, value.label, type) }
        : wrong(value.type, type);
    case 'variant':
    case 'option':
    case 'result':
      return caseOf(value, type);
    default:
      return wrong(value.type, type);
  }
}

function floatOf(core: number, bits: bigint, type: ValType): number {
  const prim = type.kind === 'prim' ? type.prim : undefined;
  if (core === F32 && prim === 'f32') return f32OfBits(Number(BigInt.asIntN(32, bits)));
  if (core === F32 || prim !== 'f64') return wrong('a number of core code', type);
  const { lo, hi } = halvesOfBigInt(bits);
  return f64OfHalves(lo, hi);
}

function primOf(value: ComponentPattern, type: Extract<ValType, { kind: 'prim' }>): ComponentValue {
  if (value.type !== type.prim) return wrong(value.type, type);
  switch (value.type) {
    case 'bool':
    case 'char':
    case 'string':
      return value.value;
    case 's64':
    case 'u64':
      return value.value;
    default:
      return Number((value as { value: bigint }).value);
  }
}

function caseOf(
  value: ComponentPattern,
  type: Extract<ValType, { kind: 'variant' | 'option' | 'result' }>,
): CaseValue {
  if (value.type !== type.kind) return wrong(value.type, type);
  const number =
    value.type === 'variant'
      ? casesOf(type).findIndex(({ label }) => label === value.label)
      : Number(value.type === 'option' ? value.value !== undefined : !(value as { isOk: boolean }).isOk);
  const one = casesOf(type)[number] ?? wrong('another case', type);
  const payload = (value as { value?: ResultPattern }).value;
  if ((payload === undefined) !== (one.type === undefined)) return wrong(`case ${one.label}`, type);
  return payload ? { case: number, payload: expectedValue(payload, one.type!) } : { case: number };
}

function indexOf(labels: readonly string[], label: string, type: ValType): number {
  const i = labels.indexOf(label);
  return i < 0 ? wrong(label, type) : i;
}

function wrong(what: string, type: ValType): never {
  throw new Failure(`${what} given where the function has ${typeText(type)}`);
}

/** Floats are the same by their bits, but all NaNs are one. */
function same(a: ComponentValue | undefined, b: ComponentValue | undefined): boolean {
  if (typeof a === 'number') return Object.is(a, b) || (typeof b === 'number' && sameFloat(a, b));
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  if ('length' in a && 'length' in b) {
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
    return true;
  }
  const [x, y] = [a as CaseValue, b as CaseValue];
  return x.case === y.case && same(x.payload, y.payload);
}

function sameFloat(a: number, b: number): boolean {
  return Math.fround(a) === a && Math.fround(b) === b && bitsOfF32(a) === bitsOfF32(b);
}
